"""What was probably meant by a name that is not known."""

import difflib
import re
from collections.abc import Iterable

_CHOICES = re.compile(r"invalid choice: (?P<given>'[^']*'|\S+) \(choose from (?P<known>.*?)\)")


def did_you_mean(name: str, known: Iterable[str], alike: float = 0.6) -> str:
    """Return the end of a sentence, "; did you mean 'score'?", or "" where nothing known is like the name.

    `alike` is the least similarity, from 0 to 1 (`difflib.get_close_matches`).
    """
    by_letters = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), by_letters, n=1, cutoff=alike)
    if not close:
        return ""
    meant = by_letters[close[0]]
    return f"; did you mean {meant if meant.startswith('-') else repr(meant)}?"


def choice_meant(complaint: str) -> str:
    """Return `did_you_mean` of what argparse says of a value that is none of the choices, else ""."""
    match = _CHOICES.search(complaint)
    if match is None:
        return ""
    return did_you_mean(match["given"].strip("'"), [each.strip(" '") for each in match["known"].split(",")])
