"""The accepted texts of an open question."""

from collections import Counter

from tst_harness.benchmark.declarations import Open
from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.literals import read_literal
from tst_harness.dataset.reading import Value, scalar_text

_LEAST_ANNOTATORS = 3


def accepted_texts(value: Value, declared: Open) -> tuple[str, ...] | Invalid:
    """Return the accepted texts of a question, repeats included, the most frequent first.

    Parameters
    ----------
    value
        A text; a list of texts; or a list written as text, in JSON or in Python, also of objects with a
        key "answer", as VQA has it.
    declared
        The type.
    """
    items = value if isinstance(value, tuple) else _listed(value)
    texts = tuple(text for item in items if item is not None and (text := str(item).strip()))
    if not texts:
        return Invalid("the answer is missing")
    if declared.metric == "vqa" and len(texts) < _LEAST_ANNOTATORS:
        return Invalid(
            f"has {len(texts)} accepted answer{'s' * (len(texts) > 1)} where the metric vqa needs those of "
            "at least 3 annotators; declare metric='exact' or 'anls'"
        )
    times = Counter(texts)
    return tuple(sorted(texts, key=lambda text: (-times[text], text)))


def _listed(value: Value) -> tuple[str | None, ...]:
    if value is None:
        return ()
    read: object = value
    if isinstance(value, str) and value.lstrip().startswith("["):
        read = read_literal(value)
    if not isinstance(read, list):
        return (scalar_text(value),)
    items = [item.get("answer") if isinstance(item, dict) else item for item in read]
    if any(isinstance(item, list | dict) for item in items):
        return (scalar_text(value),)
    return tuple(None if item is None else scalar_text(item) for item in items)
