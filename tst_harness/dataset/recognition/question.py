"""Which column holds the questions.

The wrong one would silently measure something else, so where two can be it and neither is clearly better,
the user is asked.
"""

from collections.abc import Collection, Iterable

from tst_harness.dataset.answers import text_of
from tst_harness.dataset.names import named_for, named_like, numbered
from tst_harness.dataset.placeholders import placeholders, words_for
from tst_harness.dataset.recognition.asked import Asked, ambiguous, existing, unrecognised
from tst_harness.dataset.recognition.options import find_options
from tst_harness.dataset.recognition.pairs import text_pair
from tst_harness.dataset.recognition.sheet import Column, Sheet, tell_the_same

_LEAST_FILLED = 0.5
_NEARLY_ALL = 0.95
_CLEARLY_MORE = 1.5
_MANY_MORE = 10
_RELATIONS = frozenset(["entailment", "neutral", "contradiction", "not_entailment"])


def find_question(sheet: Sheet, given: Asked, guesses: list[str]) -> str | None:
    """The column of the questions: named for them, and prose; None where the options are all there is.

    Of several the one with clearly more different texts is taken, and said so in `guesses`.

    Raises
    ------
    DataError
        Two columns can be it, or none; the sentence names the flag that says which.
    """
    if given.question is not None:
        return existing(sheet, given.question, "question") if given.question else None
    named = []
    for tier in named_for("question", sheet.columns):
        candidates = _columns(sheet, tier)
        prose = [column for column in candidates if column.is_prose]
        if len(prose) == 1:
            return _asking_more(sheet, prose[0], guesses)
        if prose:
            return _hypothesis(sheet, prose, guesses) or _most_telling(sheet, prose, guesses)
        named += candidates
    if len(named) == 1:
        return named[0].name
    if not named and text_pair(sheet) is not None:
        return None
    like = [column for column in _columns(sheet, named_like("question", sheet.columns)) if column.is_prose]
    if len(like) == 1:
        if variants := _variants(sheet, like[0].name):
            raise ambiguous(sheet, [like[0], *variants], "question", ", as wordings of one")
        guesses.append(f"the question is {like[0].name!r}, by its name; --question for another column")
        return like[0].name
    if like:
        first, *others = like
        if not all(tell_the_same(first, other) for other in others):
            raise ambiguous(sheet, like, "question")
        guesses.append(
            f"the question is {first.name!r}, which {others[0].name!r} says again; --question "
            f"{others[0].name} for the other"
        )
        return first.name
    if not like and not named and (beside := _beside_options(sheet, given, guesses)):
        return beside[0]
    objects = next((name for tier in named_for("question", sheet.columns) for name in tier), None)
    caption = sheet.columns.get("caption")
    if objects is None and caption is not None and caption.is_prose:
        guesses.append(
            "the question is 'caption', as of statements on pictures; --question for another column"
        )
        return "caption"
    nested = f" ({objects!r} holds lists or objects, not text)" * bool(objects and not named)
    raise unrecognised(sheet, "question", nested)


def find_slots(sheet: Sheet, question: str | None, answer: str, taken: Collection[str]) -> str | None:
    """The column whose lists have a word for each placeholder of the questions; None where there is none.

    Words that are the answers are none, as those for the <mask> of a cloze.
    """
    texts = sheet.columns[question] if question is not None else None
    if texts is None or not any(placeholders(texts.values[p]) for p in texts.at):
        return None
    types = {name for tier in named_for("type", sheet.columns) for name in tier}
    for name, column in sheet.columns.items():
        if name in (*taken, *types, question):
            continue
        words = {p: words_for(column.values[p]) for p in texts.at}
        fit = sum(len(words[p]) == placeholders(texts.values[p]) for p in texts.at)
        answered = sum(text_of(sheet.columns[answer].values[p]) in words[p] for p in texts.at)
        if fit >= _NEARLY_ALL * len(texts.at) and answered < _LEAST_FILLED * len(texts.at):
            return name
    return None


def _columns(sheet: Sheet, names: Iterable[str]) -> list[Column]:
    return [column for column in sheet.filled(names, _LEAST_FILLED) if column.is_scalar]


def _asking_more(sheet: Sheet, column: Column, guesses: list[str]) -> str:
    """The question, or the only other one by its name where it has many texts and the first has but a few."""
    like = [other for other in _columns(sheet, named_like("question", sheet.columns)) if other.is_prose]
    if len(like) != 1 or len(like[0].distinct) < _MANY_MORE * len(column.distinct):
        return column.name
    guesses.append(
        f"the question is {like[0].name!r}, {len(like[0].distinct):,} different texts where "
        f"{column.name!r} has {len(column.distinct):,}; --question {column.name} for the other"
    )
    return like[0].name


def _variants(sheet: Sheet, name: str) -> list[Column]:
    """Other columns of prose whose names end as that of a question does, as `original_question`."""
    _, _, ending = name.rpartition("_")
    alike = [other for other in sheet.columns if other != name and other.endswith(f"_{ending}")]
    return [column for column in _columns(sheet, alike) if column.is_prose]


def _beside_options(sheet: Sheet, given: Asked, guesses: list[str]) -> tuple[str | None] | None:
    """The only column of prose beside the options, or none where they go on from the parts of a text."""
    options = find_options(sheet, given, None, []).columns
    prose = [name for name, column in sheet.columns.items() if column.is_prose and name not in options]
    if not options or not prose:
        return None
    if len(prose) == 1:
        guesses.append(
            f"the question is {prose[0]!r}, the only text beside the options; --question for another column"
        )
        return (prose[0],)
    parts = next((run for run in numbered(sheet.columns) if {*prose} <= {*run, *options}), None)
    if parts is None:
        return None
    guesses.append(
        f"there is no question: the options go on from a text in {', '.join(map(repr, parts))}, which is "
        "withheld; --question for a column that asks"
    )
    return (None,)


def _hypothesis(sheet: Sheet, prose: list[Column], guesses: list[str]) -> str | None:
    """Of a premise and a hypothesis, the latter; of two texts the second, where nothing has more of them."""
    names = {column.name.casefold(): column.name for column in prose}
    if set(names) == {"premise", "hypothesis"}:
        return names["hypothesis"]
    pair = next((run for run in numbered(names) if len(run) == len(names) == 2), None)
    if pair is None:
        return None
    first, second = (names[name] for name in pair)
    if not any(_relates(column) for column in sheet.columns.values()):
        guesses.append(
            f"the question is {second!r}, with {first!r} withheld, as the second of two texts that are "
            f"compared; --question {first} for the other"
        )
    return second


def _relates(column: Column) -> bool:
    """Whether a column says how two texts relate."""
    return column.is_scalar and not _RELATIONS.isdisjoint(str(value).casefold() for value in column.sample)


def _most_telling(sheet: Sheet, prose: list[Column], guesses: list[str]) -> str:
    first, second, *_ = sorted(prose, key=lambda column: -len(column.distinct))
    if len(first.distinct) < _CLEARLY_MORE * len(second.distinct):
        raise ambiguous(sheet, prose, "question")
    guesses.append(
        f"the question is {first.name!r}, {len(first.distinct):,} different texts where {second.name!r} has "
        f"{len(second.distinct):,}; --question {second.name} for the other"
    )
    return first.name
