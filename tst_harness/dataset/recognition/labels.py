"""The labels that answers without options are from."""

from collections import Counter
from collections.abc import Collection, Mapping

from tst_harness.dataset.answers import Invalid, is_withheld, parse_number, text_of, written_list
from tst_harness.dataset.option_texts import folded
from tst_harness.dataset.reading import Value

Labels = tuple[str, ...]

_MOST = 20
_LEAST_ANSWERS = 3
"""Answers that there are of a label, on average."""
_NEARLY_ALL = 0.95
_MOST_BESIDE = 2
_LEAST_APART = 0.1
_LEAST_COORDINATES, _MOST_COORDINATES = 2, 6
_ABOUT_AS_OFTEN = 4
"""Times that the most frequent of some labels is there for each of the rarest."""
_PAIRS = (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"))


def shared_labels(answers: Mapping[str, list[Value]], coded: bool) -> dict[str, Labels]:
    """By type, its labels; types whose answers are numbers or free text have none.

    Types that share an answer, directly or through others, have the same labels: a small type need not
    have every one of them.

    Parameters
    ----------
    answers
        By type, those of its questions.
    coded
        Whether consecutive integers are codes of labels, rather than numbers.
    """
    pools = _pools(answers)
    of_pool = {
        pool: labels_of([value for name in pool for value in answers[name]], coded)
        for pool in set(pools.values())
    }
    labels_by_type = {
        name: of_pool[pools[name]] or labels_of(values, coded) for name, values in answers.items()
    }
    return {name: labels for name, labels in labels_by_type.items() if labels is not None}


def labels_of(answers: Collection[Value], coded: bool) -> Labels | None:
    """The labels of answers, in their usual spelling; None where they are numbers, lists or free text."""
    lists = sum(isinstance(value, tuple) and len(value) > 1 for value in answers)
    if lists > (1 - _NEARLY_ALL) * len(answers):
        return None
    spelled = Counter(text for value in answers if (text := _text(value)))
    times: Counter[str] = Counter()
    for text, n in spelled.items():
        times[folded(text)] += n * (says_something(text) and not is_withheld(text))
    labels = sorted(label for label, n in times.items() if n)
    if share_of_numbers(answers) >= _NEARLY_ALL:
        labels = sorted(labels, key=_as_number)
        if not _are_poles(times):
            labels = [label for label in labels if not label.startswith("-")]
        known = labels[:1] == ["-1"] or (_are_codes(labels) and (coded or labels == ["0", "1"]))
    else:
        known = tuple(labels) in _PAIRS or len(answers) >= _LEAST_ANSWERS * len(labels)
        known = known and not _are_of_two_kinds(labels)
    if not (known and 2 <= len(labels) <= _MOST):
        return None
    spellings = {label: [spelling for spelling in spelled if folded(spelling) == label] for label in labels}
    return tuple(
        min(spellings[label], key=lambda spelling: (-spelled[spelling], spelling)) for label in labels
    )


def is_place(value: Value) -> bool:
    """Whether an answer is a list of a few different numbers, as of a point, a box or a moment."""
    read = written_list(value) if isinstance(value, str) else value
    if not isinstance(read, tuple) or not _LEAST_COORDINATES <= len(read) <= _MOST_COORDINATES:
        return False
    numbers = [number for text in read if not isinstance(number := parse_number(text), Invalid)]
    if len(numbers) < len(read):
        return False
    # Several spellings of a number are about the same.
    return max(numbers) - min(numbers) > _LEAST_APART * max(map(abs, numbers))


def _are_of_two_kinds(labels: Collection[str]) -> bool:
    """Whether yes and no, or the like, are beside numbers, or beside more than a word as "maybe" or two."""
    pair = next((pair for pair in _PAIRS if set(pair) <= set(labels)), None)
    others = [label for label in labels if label not in (pair or ())]
    return pair is not None and (
        len(others) > _MOST_BESIDE or (bool(others) and all(map(str.isdigit, others)))
    )


def pair_among(answers: Collection[Value], least: float) -> Labels | None:
    """Yes and no, or the like, where more than a share of the answers are these and as many are not."""
    for pair in _PAIRS:
        words = [value for value in answers if folded(_text(value)) in pair]
        labels = labels_of(words, coded=False) if words else None
        if labels is not None and least < len(words) / len(answers) < 1 - least:
            return labels
    return None


def is_pair(labels: Labels) -> bool:
    """Whether labels are yes and no, or true and false, which are nothing else."""
    return tuple(sorted(map(folded, labels))) in _PAIRS


def share_of_numbers(values: Collection[Value]) -> float:
    """The share of answers that are numbers."""
    kinds: Counter[str] = Counter()
    for value, times in Counter(values).items():
        read = parse_number(value)
        kinds[read.kind if isinstance(read, Invalid) else "number"] += times
    # A range among numbers is a faulty one; where most are ranges, they are bands.
    ranges = kinds["range"] if kinds["range"] <= kinds["number"] else 0
    return (kinds["number"] + ranges) / max(len(values), 1)


def _pools(answers: Mapping[str, list[Value]]) -> dict[str, frozenset[str]]:
    """By type, the types that share an answer with it, directly or through others, and itself."""
    pools = {name: frozenset([name]) for name in answers}
    first: dict[tuple[bool, str], str] = {}
    for name, values in answers.items():
        numeric = share_of_numbers(values) >= _NEARLY_ALL
        for text in filter(says_something, {folded(_text(value)) for value in set(values)}):
            other = first.setdefault((numeric, text), name)
            if pools[other] != pools[name]:
                merged = pools[other] | pools[name]
                pools |= dict.fromkeys(merged, merged)
    return pools


def says_something(text: str) -> bool:
    """Whether a text is more than the dash or question mark that stands for the lack of a label."""
    return any(character.isalnum() for character in text)


def _are_codes(labels: list[str]) -> bool:
    first = labels[0] if labels else ""
    return first in ("0", "1") and labels == [str(int(first) + i) for i in range(len(labels))]


def _are_poles(times: Mapping[str, int]) -> bool:
    """Whether answers are -1 and 1, as of bad and good, maybe with 0 between them, each about as often.

    Else -1 stands for an answer that is kept back.
    """
    counted = {label: n for label, n in times.items() if n}
    return set(counted) | {"0"} == {"-1", "0", "1"} and max(counted.values()) <= _ABOUT_AS_OFTEN * min(
        counted.values()
    )


def _text(value: Value) -> str:
    return (text_of(value) or "").strip()


def _as_number(text: str) -> float:
    number = parse_number(text)
    return 0.0 if isinstance(number, Invalid) else number
