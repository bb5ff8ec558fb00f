"""The text of a benchmark module, as a person would have written and ruff would have formatted it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tst_harness.benchmark.declarations import (
    AnyType,
    Benchmark,
    Choice,
    Columns,
    HubDataset,
    InText,
    LocalFile,
    Multi,
    Open,
)

_WIDTH = 110
_INDENT = " " * 4
_FIELD = _INDENT * 2
_MODULE = '''\
"""{about}"""

{imports}


class Test{name}(StressTest):
    """{about}"""

    benchmark = Benchmark(
        name={benchmark},
        source={source},
        columns={columns},
        question_types=[
{types}
        ],
{faults}    )
'''


def module_text(benchmark: Benchmark, about: str, comments: Sequence[str] = ()) -> str:
    """Return a module that declares a benchmark.

    Parameters
    ----------
    benchmark
        Its source is a `LocalFile` or a `HubDataset`.
    about
        One line for the docstrings, without quotes.
    comments
        Lines for whoever edits the types.
    """
    source, types = benchmark.source, benchmark.question_types
    assert isinstance(source, LocalFile | HubDataset)
    calls = {"Benchmark", "Columns", "StressTest", *(type(part).__name__ for part in (source, *types))}
    if isinstance(benchmark.columns.options, InText):
        calls.add("InText")
    imports = f"from tst_harness import {', '.join(sorted(calls))}"
    if len(imports) > _WIDTH:
        imports = _group("from tst_harness import (", sorted(calls), ")", "", exploded=True)
    inner = _INDENT * 3
    return _MODULE.format(
        about=about,
        imports=imports,
        name="".join(part.title() for part in benchmark.name.split("_")),
        benchmark=_text(benchmark.name),
        source=_source(source),
        columns=_columns(benchmark.columns),
        types="\n".join(
            [*(f"{inner}# {line}" for line in comments), *(f"{inner}{_type(each, inner)}," for each in types)]
        ),
        faults="" if benchmark.faults is None else f"{_FIELD}faults={_text(benchmark.faults)},\n",
    )


def _source(source: LocalFile | HubDataset) -> str:
    pins = [
        f"{name}={_text(value)}"
        for name in ("answers", "row_order", "content")
        if (value := getattr(source, name, None))
    ]
    if isinstance(source, LocalFile):
        return _group("LocalFile(", [_text(source.path), *pins], ")", _FIELD, before="source=")
    known = [f"{name}={_text(getattr(source, name))}" for name in ("revision", "file", "folder")]
    return _group("HubDataset(", [_text(source.repo), *known, *pins], ")", _FIELD, exploded=True)


def _columns(columns: Columns) -> str:
    items = []
    for role in ("id", "text", "slots", "options", "answer", "type", "group"):
        value = getattr(columns, role)
        if isinstance(value, InText):
            items.append(f"{role}=InText()")
        elif isinstance(value, tuple):
            items.append(_group(f"{role}=(", map(_text, value), ")", _FIELD + _INDENT))
        elif value is not None:
            items.append(f"{role}={_text(value)}")
    if columns.blank_text and columns.text is not None:
        items.append("blank_text=True")
    return _group("Columns(", items, ")", _FIELD, exploded=True)


def _type(declared: AnyType, indent: str) -> str:
    inner = indent + _INDENT
    items = [_text(declared.column_name)]
    if declared.pattern is not None:
        items.append(_pattern(declared.pattern, inner))
    if isinstance(declared, Choice | Multi) and declared.answers is not None:
        items.append(f"answers={_text(declared.answers)}")
    if isinstance(declared, Choice) and declared.labels is not None:
        items.append(_group("labels=(", map(_text, declared.labels), ")", inner))
    if isinstance(declared, Open) and declared.metric != "exact":
        items.append(f"metric={_text(declared.metric)}")
    return _group(f"{type(declared).__name__}(", items, ")", indent)


def _group(
    opening: str, items: Iterable[str], closing: str, indent: str, exploded: bool = False, before: str = ""
) -> str:
    """Return a call or tuple: on one line where it and a comma fit after `before`, else an item a line."""
    items = list(items)
    flat = f"{opening}{', '.join(items)}{closing}"
    if not exploded and "\n" not in flat and len(f"{indent}{before}{flat},") <= _WIDTH:
        return flat
    return "\n".join([opening, *(f"{indent}{_INDENT}{item}," for item in items), f"{indent}{closing}"])


def _text(text: str) -> str:
    """A string literal; nothing of the text can end it, and what cannot be seen is escaped."""
    written = repr(text)
    if written[0] == "'" and text.count('"') <= text.count("'"):
        return '"' + written[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    return written


def _pattern(pattern: str, indent: str) -> str:
    """A regular expression: one raw string where it fits, else several, one below the other."""
    if len(f"{indent}{_raw(pattern)},") <= _WIDTH:
        return _raw(pattern)
    return f"\n{indent}".join(map(_raw, _pieces(pattern, _WIDTH - len(f"{indent}r'',"))))


def _raw(pattern: str) -> str:
    """A regular expression as a string literal, a raw one where that can say it."""
    for quote in "\"'":
        if pattern.isprintable() and re.fullmatch(rf"(?:[^{quote}\\]|\\.)*", pattern):
            return f"r{quote}{pattern}{quote}"
    return _text(pattern)


def _pieces(pattern: str, width: int) -> Iterator[str]:
    """Cut a pattern before its alternatives, then after its last space that fits."""
    for alternative in re.split(r"(?=(?<!\\)\|)", pattern):
        rest = alternative
        while len(rest) > width:
            cut = rest.rfind(" ", 0, width) + 1 or width
            while cut > 1 and rest[:cut].endswith("\\"):  # a raw string cannot end with one
                cut -= 1
            yield rest[:cut]
            rest = rest[cut:]
        yield rest
