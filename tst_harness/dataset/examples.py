"""A few questions as they were read, to be looked at before a long run."""

from collections.abc import Hashable, Iterator, Mapping

from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set

SHOWN = 3
_LONGEST_TEXT, _LONGEST_OPTION, _MOST_OPTIONS = 70, 24, 6


def example_lines(dataset: Dataset) -> list[str]:
    """Return a heading, and a line each for the first question of the file, the middle and the last one.

    A line has the question, and its options with the right ones in brackets, or its answer: short.
    """
    frame = dataset.frame.sort_values("position")
    places = sorted({0, len(frame) // 2, len(frame) - 1})
    lines = [_line(dataset, row) for row in frame.iloc[places].to_dict("records")]
    return [
        f"{'the questions' if len(lines) == len(frame) else 'questions'} as they were read, [right]:",
        *lines,
    ]


def _line(dataset: Dataset, row: Mapping[Hashable, object]) -> str:
    answer = float(str(row["answer"]))
    text = _short(str(row["text"]), _LONGEST_TEXT)
    if row["format"] == "num":
        return f'  "{text}" [{answer:g}]'
    if row["format"] == "open":
        return f'  "{text}" [{_short(dataset.accepted[int(answer)][0], _LONGEST_OPTION)}]'
    right = {int(answer)} if row["format"] == "mc" else set(option_set(answer))
    options = row["options"]
    assert isinstance(options, tuple)
    return f'  "{text}" {" | ".join(_options(options, right))}'


def _options(options: tuple[str, ...], right: set[int]) -> Iterator[str]:
    """The first options, and the right ones."""
    skipped = False
    for place, option in enumerate(options):
        short = _short(option, _LONGEST_OPTION)
        if place in right:
            yield f"[{short}]"
        elif place < _MOST_OPTIONS:
            yield short
        elif not skipped:
            skipped = True
            yield "..."


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 3].rstrip()}..."
