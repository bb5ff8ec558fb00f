"""How figures are written for a reader."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tst_harness.analysis.ranges import Interval

_KIBIBYTE = 1024.0
_TOGETHER = re.compile(r"\b[np] [=<] \d|\[[-+.\d]+, [-+.\d]+\]")
NO_BREAK = "\N{NO-BREAK SPACE}"


def unbroken(text: str) -> str:
    """Return a text whose intervals, and figures such as `n = 62` and `p < 0.0001`, stay on one line."""
    return _TOGETHER.sub(lambda figure: figure[0].replace(" ", NO_BREAK), text)


def counted(n: int, noun: str) -> str:
    """Return "1 question" or "1,200 questions"."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def percent(fraction: float | None) -> str:
    """Return "48.1" for 0.481, and "-" where there is no figure."""
    return "-" if fraction is None else f"{100.0 * fraction:.1f}"


def signed(difference: float | None) -> str:
    """Return "+17.9" for 0.179; zero has no sign."""
    if difference is None:
        return "-"
    text = f"{100.0 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def interval(ends: "Interval | None") -> str:
    """Return "[12.0, 23.4]"; nothing where there is none."""
    if ends is None:
        return ""
    low, high = (percent(end).replace("-0.0", "0.0") for end in ends)
    return f"[{low}, {high}]"


def verdict(ends: "Interval") -> str:
    """Say whether the interval of a difference excludes zero, and on which side it lies."""
    low, high = ends
    if low > 0.0:
        return "significantly above zero"
    if high < 0.0:
        return "significantly below zero"
    if low == high:
        return "exactly zero"
    return "not significantly different from zero"


def p_value(p: float) -> str:
    """Return "p = 0.0020", or "p < 0.0001" for anything smaller."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.4f}"


def duration(seconds: float) -> str:
    """Return "12.3 s", "13 min 32 s" or "1 h 05 min"."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min"


def memory(size: int) -> str:
    """Return "1.9 GiB", or MiB where it is less than one."""
    mebibytes = size / _KIBIBYTE**2
    return f"{mebibytes:.0f} MiB" if mebibytes < _KIBIBYTE else f"{mebibytes / _KIBIBYTE:.1f} GiB"
