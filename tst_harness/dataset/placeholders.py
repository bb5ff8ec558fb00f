"""Questions with placeholders, as "Where is the <Object>?", and the words that stand for them."""

import re

from tst_harness.dataset.answers import written_list
from tst_harness.dataset.reading import Value

_PLACEHOLDER = re.compile(
    r"<(?!(?:image|img|video|audio|frame|picture|speech|br|p|b|i|u|em|sub|sup|li|ul|ol|div|span|strong)\b)"
    r"[A-Za-z]\w{0,29}>",
    re.IGNORECASE,
)
"""One in angle brackets, but for those of pictures and sounds, which no word can stand for, and of HTML."""


def placeholders(text: Value) -> int:
    """How many placeholders a text has."""
    return len(_PLACEHOLDER.findall(text)) if isinstance(text, str) else 0


def words_for(value: Value) -> tuple[str, ...]:
    """The words that a cell lists; none where it is no list of texts."""
    read = written_list(value) if isinstance(value, str) else value
    return tuple(word for word in read if word is not None) if isinstance(read, tuple) else ()


def filled(text: Value, value: Value) -> Value:
    """A text with the words of a cell for its placeholders; itself where there are not as many."""
    words = words_for(value)
    if not isinstance(text, str) or len(words) != placeholders(text):
        return text
    left = iter(words)
    return _PLACEHOLDER.sub(lambda match: next(left), text)
