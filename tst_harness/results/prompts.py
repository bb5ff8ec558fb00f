"""Which question a prompt asks, wherever it stands there, and in which order the options are listed."""

import re
from collections import defaultdict
from collections.abc import Sequence

from tst_harness.analysis.scoring import LETTERS
from tst_harness.results.key import AnswerKey

Words = tuple[str, ...]

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
"""A word, or a character of a script without blanks between words."""
_HEAD = 4


def words_of(text: str) -> Words:
    """The words of a text in lower case, without what stands between them."""
    return tuple(_WORD.findall(text.casefold()))


class Prompts:
    """Finds the questions of a benchmark in prompts.

    Parameters
    ----------
    key
        The questions.
    """

    def __init__(self, key: AnswerKey) -> None:
        self._rows: dict[Words, list[int]] = defaultdict(list)
        for row, text in enumerate(key.text):
            if words := words_of(text or ""):
                self._rows[words].append(row)
        lengths: dict[Words, set[int]] = defaultdict(set)
        for words in self._rows:
            lengths[words[:_HEAD]].add(len(words))
        self._lengths = lengths
        self._options = key.options

    def row(self, prompt: str) -> int | None:
        """Return the row of the question that stands last in a prompt; None where it is of several or none.

        Questions that are alike are told apart by their options, which have to follow.
        """
        words = words_of(prompt)
        end, length = 0, 0
        for start in range(len(words)):
            for width in range(1, _HEAD + 1):
                for size in self._lengths.get(words[start : start + width], ()):
                    last = start + size
                    # Examples come before the question.
                    if (last, size) > (end, length) and words[start:last] in self._rows:
                        end, length = last, size
        rows = self._rows.get(words[end - length : end], [])
        if len(rows) < 2:
            return rows[0] if rows else None
        orders = {row: order_of_options(words[end:], self._options[row] or ()) for row in rows}
        listed = [row for row in rows if orders[row] is not None]
        same = [row for row in listed if orders[row] == self._options[row]]
        chosen = same or listed
        return chosen[0] if len(chosen) == 1 else None


def order_of_options(words: Words, options: Sequence[str]) -> tuple[str, ...] | None:
    """Return options as they are lettered in a text that follows a question; None where not all are.

    Parameters
    ----------
    words
        Of the text.
    options
        Of the question, in the order of the benchmark.
    """
    parts = {option: words_of(option) for option in options}
    listed: list[str] = []
    start = 0
    for letter in LETTERS[: len(options)]:
        follows: tuple[int, str] | None = None
        while start < len(words) and follows is None:
            if words[start] == letter.casefold():
                fitting = [
                    (len(part), option)
                    for option, part in parts.items()
                    if part and option not in listed and words[start + 1 : start + 1 + len(part)] == part
                ]
                follows = max(fitting, default=None)
            start += 1
        if follows is None:
            return None
        listed.append(follows[1])
        start += follows[0]
    return tuple(listed) if len(listed) == len(options) > 0 else None
