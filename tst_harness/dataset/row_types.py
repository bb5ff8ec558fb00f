"""Which declared type each row has: by its type column, by patterns, and by format."""

from collections.abc import Callable, Mapping, Sequence

from tst_harness.benchmark.declarations import Benchmark, Choice, InText, QuestionType
from tst_harness.dataset.answers import label_named, parse_number, parse_option_cells, parse_options, text_of
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.invalid import Invalid, quoted
from tst_harness.dataset.reading import Table, Value
from tst_harness.suggestions import did_you_mean


def types_of(
    benchmark: Benchmark, table: Table, texts: Sequence[str]
) -> tuple[list[str], dict[int, tuple[str, Invalid]]]:
    """Return the type of each row, "" where it has none, and by position the role and the problem of those.

    Parameters
    ----------
    benchmark
        The declaration.
    table
        Its rows.
    texts
        Of the questions.
    """
    declared = benchmark.question_types
    names = {question_type.column_name for question_type in declared}
    role, read = (
        "type",
        _Memo(
            lambda value: _declared_type(value, names | {question_type.name for question_type in declared})
        ),
    )
    values: Sequence[Value] = table.columns.get("type", ())
    if "type" not in table.columns:
        role, values = "text", texts
        read = _Memo(lambda value: _type_by_pattern(str(value), declared))
        if len(names) == 1:
            read = _Memo(lambda value: declared[0].column_name)
    types: list[str] = []
    problems: dict[int, tuple[str, Invalid]] = {}
    formats = _formats(declared)
    labels = {kind.name: kind.labels or () for kind in declared if isinstance(kind, Choice)}
    for position, value in enumerate(values):
        name = read(value)
        place = role
        if name in formats and not isinstance(name, Invalid):
            answer = table.columns["answer"][position]
            name = _type_by_format(_offers_options(benchmark, table, position), answer, formats[name], labels)
            place = "answer"
        types.append("" if isinstance(name, Invalid) else name)
        if isinstance(name, Invalid):
            problems[position] = (place, name)
    return types, problems


class _Memo(dict[Value, str | Invalid]):
    """What a function returns, computed once for each value."""

    def __init__(self, read: Callable[[Value], str | Invalid]) -> None:
        super().__init__()
        self._read = read

    def __call__(self, value: Value) -> str | Invalid:
        if value not in self:
            self[value] = self._read(value)
        return self[value]


def _formats(declared: Sequence[QuestionType]) -> dict[str, dict[str, str]]:
    """Type by format, for each name that the type column has of several types."""
    formats: dict[str, dict[str, str]] = {}
    for question_type in declared:
        if question_type.column_name != question_type.name:
            formats.setdefault(question_type.column_name, {})[question_type.format] = question_type.name
    return formats


def _offers_options(benchmark: Benchmark, table: Table, position: int) -> bool:
    options = benchmark.columns.options
    if isinstance(options, InText):
        text = text_of(table.columns["text"][position])
        return text is not None and not isinstance(split_options(text), Invalid)
    cells = [values[position] for role, values in table.columns.items() if role.startswith("options")]
    if not cells:
        return False
    read = parse_option_cells(cells, options) if isinstance(options, tuple) else parse_options(cells[0])
    return not (isinstance(read, Invalid) and read.kind == "no options")


def _type_by_format(
    has_options: bool,
    answer: Value,
    formats: Mapping[str, str],
    labels: Mapping[str, tuple[str, ...]],
) -> str | Invalid:
    """Return the type of a row among those that share a name.

    A row with options is multiple choice, of several right options where its answer is a list. Without
    options a label of the type is one, a number is a number, and any other answer is a text.
    """
    is_list = isinstance(answer, tuple) or (text_of(answer) or "").lstrip().startswith("[")
    if has_options:
        order: tuple[str, ...] = ("multi", "mc") if is_list else ("mc", "multi")
    elif label_named(answer, labels.get(formats.get("mc", ""), ())) is not None:
        order = ("mc", "num", "open")
    elif isinstance(parse_number(answer), Invalid):
        order = ("open", "mc")
    else:
        order = ("num", "open", "mc")
    for name in (*order, "none"):
        if name in formats:
            return formats[name]
    has = "options" if has_options else "no options"
    return Invalid(f"has {has}, which fits none of its type's formats ({', '.join(sorted(formats))})")


def type_name(value: Value) -> str:
    """The name of a type that a cell says, "" where it is blank; several joined by commas are one type."""
    if isinstance(value, tuple):
        return ", ".join(name.strip() for name in value if name and name.strip())
    return (text_of(value) or "").strip()


def _declared_type(value: Value, names: set[str]) -> str | Invalid:
    name = type_name(value)
    if name in names:
        return name
    if not name:
        return Invalid("the question type is missing", "unknown type")
    declared = ", ".join(sorted(names))
    return Invalid(
        f"the question type {quoted(name)} is not declared (declared: {declared}){did_you_mean(name, names)}",
        "unknown type",
    )


def _type_by_pattern(text: str, declared: Sequence[QuestionType]) -> str | Invalid:
    names = [
        question_type.name
        for question_type in declared
        if question_type.regex is not None and question_type.regex.search(text)
    ]
    if len(names) == 1:
        return names[0]
    if not names:
        return Invalid("the pattern of no declared question type matches the question")
    return Invalid(f"the patterns of {len(names)} question types match the question: {', '.join(names)}")
