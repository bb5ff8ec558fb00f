"""Reads texts with a block a question: it, a line for each lettered option, and the letter of the answer.

The answer's line is a letter alone, before the question or at the end, or "Answer: B". The line before the
options is the question; what stands above it is its context.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from tst_harness.dataset.letters import letter_place, lettered
from tst_harness.dataset.opening import DataFile, open_text
from tst_harness.dataset.parts import Record
from tst_harness.dataset.unreadable import UNREADABLE

_ANSWER = re.compile(r"(?:(?:correct\s+)?answer\s*[:：]\s*)?[(\[]?([A-Za-z])[)\].]?", re.IGNORECASE)
_LEAST_OPTIONS = 2
_PEEKED = 3


def holds_blocks(file: DataFile) -> bool:
    """Whether the first blocks of a text are questions."""
    read = [record for _, record in zip(range(_PEEKED), text_blocks(file), strict=False)]
    return bool(read) and all(UNREADABLE not in record for record in read)


def text_blocks(file: DataFile) -> Iterator[Record]:
    """The questions of a text, a block each, and records for the blocks that are none.

    Raises
    ------
    DataError
        It is not UTF-8.
    """
    with open_text(file) as text:
        numbered = ((number, line.strip()) for number, line in enumerate(text, 1))
        for filled, block in groupby(numbered, key=lambda pair: bool(pair[1])):
            if filled:
                (first, line), *rest = block
                record = _question([line, *(line for _, line in rest)])
                yield record or {
                    UNREADABLE: f"line {first}: begins no question with a line for each option and its answer"
                }


def _question(lines: list[str]) -> Record | None:
    options = [place for place, line in enumerate(lines) if lettered(line) and not _answers(line)]
    carried = [read for place in options if (read := lettered(lines[place])) is not None]
    in_order = [letter_place(letter) for letter, _ in carried] == list(range(len(carried)))
    if len(options) < _LEAST_OPTIONS or not in_order or options[-1] - options[0] >= len(options):
        return None
    above, below = lines[: options[0]], lines[options[-1] + 1 :]
    answers = [match[1] for line in (*above[:1], *below) if (match := _ANSWER.fullmatch(line))]
    if len(answers) != 1:
        return None
    above = above[_answers(above[0]) :] if above else above
    if not above:
        return None
    texts = {"question": above[-1], "options": [text for _, text in carried], "answer": answers[0].upper()}
    return texts | ({"context": "\n".join(above[:-1])} if above[1:] else {})


def _answers(line: str) -> bool:
    return _ANSWER.fullmatch(line) is not None
