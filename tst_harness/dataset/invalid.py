"""What is said of a value that cannot be used."""

from typing import Literal

FaultKind = Literal[
    "one option",
    "no options",
    "empty option",
    "options alike",
    "option within another",
    "letters out of order",
    "answer names no option",
    "answer names several options",
    "missing answer",
    "range",
    "not a number",
    "another unit",
    "missing id",
    "duplicate id",
    "no text",
    "answer in the question",
    "mojibake",
    "HTML",
    "unknown type",
    "unreadable",
]

_LONGEST_QUOTE = 80


class Invalid(str):
    """Why a value cannot be used: the end of a sentence whose beginning names the row; and its kind."""

    __slots__ = ("kind",)
    kind: FaultKind

    def __new__(cls, problem: str, kind: FaultKind = "unreadable") -> "Invalid":
        """A problem of a kind."""
        invalid = super().__new__(cls, problem)
        invalid.kind = kind
        return invalid


def quoted(value: object) -> str:
    """A value as a message quotes it: its middle is left out where it is long."""
    text = repr(value)
    if len(text) <= _LONGEST_QUOTE:
        return text
    half = _LONGEST_QUOTE // 2
    return f"{text[:half]} [...] {text[-half:]}"
