"""Faults of questions that can be scored all the same."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tst_harness.dataset.answers import letters_out_of_order
from tst_harness.dataset.invalid import Invalid, quoted
from tst_harness.dataset.option_texts import compared, folded

_SHORTEST_GOLD = 3
_TAG = re.compile(
    r"</?(?:br|p|div|span|b|i|u|em|strong|sub|sup|ul|ol|li|table|tr|td|th|a|font|h[1-6])"
    r"(?:\s+[\w-]+\s*=[^<>]*)?\s*/?>",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\d.,\s]+")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOJIBAKE = re.compile(
    r"[ÃÂ][\u0080-\u00bf]|â[\u0080\u20ac][\u0080-\u00bf\u2018-\u2122\u0152-\u0178\u0090-\u009f]|\ufffd"
)


def remarks(text: str, options: Sequence[str] | None, gold: int | None) -> Iterator[Invalid]:
    """What is wrong with a question that can be scored.

    Parameters
    ----------
    text
        The question.
    options
        Its own options, None where it has none.
    gold
        The index of the right one, None where there is none or several.
    """
    for part in (text, *(options or ())):
        marked = _markup(part)
        if marked is not None:
            yield Invalid(f"has HTML left in: {quoted(marked)}", "HTML")
            break
    for part in (text, *(options or ())):
        broken = _MOJIBAKE.search(part)
        if broken:
            yield Invalid(f"has signs of a wrong encoding: {quoted(broken[0])}", "mojibake")
            break
    for part in (text, *(options or ())):
        half = _SURROGATE.search(part)
        if half:
            # Named by its number: it can be written to no file.
            yield Invalid(f"has half a surrogate pair, U+{ord(half[0]):04X}, shown as ?", "mojibake")
            break
    if options is None:
        return
    same = [compared(option) for option in options]
    alike = [option for option, times in Counter(same).items() if times > 1 and option]
    if alike:
        place = same.index(alike[0])
        yield Invalid(
            f"has the option {quoted(options[place])} {same.count(alike[0])} times", "options alike"
        )
    lettered = letters_out_of_order(options)
    if lettered is not None:
        yield lettered
    plain = list(map(folded, options))
    inner = _within(plain)
    if inner is not None:
        short, long = (quoted(options[place]) for place in inner)
        yield Invalid(f"the option {short} is the beginning of the option {long}", "option within another")
    if gold is not None and _tells(folded(text), plain, gold):
        yield Invalid(
            f"the answer {quoted(options[gold])} stands in the question, no other option does",
            "answer in the question",
        )


def _markup(text: str) -> str | None:
    """The first tag or entity of HTML; a tag of one letter counts where it is closed or has attributes."""
    for match in _TAG.finditer(text):
        name = match[0].strip("</> ").partition(" ")[0].casefold()
        if len(name) > 1 or "=" in match[0] or f"</{name}>" in text.casefold():
            return match[0]
    entities = (match[0] for match in _ENTITY.finditer(text))
    return next((entity for entity in entities if html.unescape(entity) != entity), None)


def _within(options: Sequence[str]) -> tuple[int, int] | None:
    """The places of an option and of another that goes on where it ends."""
    for short, option in enumerate(options):
        for long, other in enumerate(options):
            if (
                option
                and not _NUMBER.fullmatch(option)
                and len(other) > len(option)
                and other.startswith(option)
                and not other[len(option)].isalnum()
            ):
                return short, long
    return None


def _tells(text: str, options: Sequence[str], gold: int) -> bool:
    right = options[gold]
    if len(right) < _SHORTEST_GOLD or right.replace(".", "").isdigit():
        return False
    return _stands_in(right, text) and not any(
        _stands_in(option, text) for place, option in enumerate(options) if place != gold
    )


def _stands_in(option: str, text: str) -> bool:
    return bool(option) and re.search(rf"(?<!\w){re.escape(option)}(?!\w)", text) is not None
