"""What is said of a value that cannot be used."""

_LONGEST_QUOTE = 80


class Invalid(str):
    """Why a value cannot be used: the end of a sentence whose beginning names the row."""

    __slots__ = ()


def quoted(value: object) -> str:
    """A value as a message quotes it: its middle is left out where it is long."""
    text = repr(value)
    if len(text) <= _LONGEST_QUOTE:
        return text
    half = _LONGEST_QUOTE // 2
    return f"{text[:half]} [...] {text[-half:]}"
