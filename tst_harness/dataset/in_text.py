"""Takes a question's text and the options that stand in it apart.

Options are a run of lettered items from A on: "(A) x (B) y", "A: x, B: y", "A)xB)y", or an item a line. Where
there are no letters, they are items that are numbered from 0 or 1 on, else a list at the end. All items of a
run are written alike and parted alike, by which an option's own "B:" is told from the item B. What follows
the last one, as "Answer with the option's letter.", is part of none.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from string import ascii_uppercase
from typing import Literal, NamedTuple

from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.letters import OTHER_LETTERS, alphabet_of, letter_place

_LETTERED = re.compile(
    rf"(?P<bracket>[(（\[])(?P<inside>[A-ZＡ-Ｚ{OTHER_LETTERS}])[)）\]]"
    rf"|(?:(?<![A-Za-z0-9_(（\[])(?=[A-ZＡ-Ｚ])|(?<![\w(（])(?=[{OTHER_LETTERS}][.)．）])"
    r"|(?<=(?-i:[a-z0-9]))(?=(?-i:[A-Z])[.):．：）、]\S))"
    r"(?P<before>\w)(?P<mark>[.:)．：）、])"
    r"|^[ \t]*(?P<bare>[A-Z])(?P<space>[ \t]+)(?=\S)",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBERED = re.compile(
    r"(?P<bracket>[(（\[])(?P<inside>\d{1,2})[)）\]]|(?<![\w.,(（])(?P<before>\d{1,2})(?P<mark>[.:)．：）、])(?=\s|[^\W\d])"
    r"|(?P<bare>[①-⑳])",
)
_INSTRUCTION = re.compile(
    r"[\s.;,]*\b(?:please\s+|you\s+(?:must|should)\s+|now\s+)?"
    r"(?:answer|respond|reply|select|choose|pick|give|provide|output|return|write)\b"
    r"[^.\n]{0,120}\b(?:letters?|options?|choices?|answers?|directly|only)\b[^\n]*\Z",
    re.IGNORECASE,
)
_CUE = re.compile(r"\s*\n\s*(?:the\s+)?(?:best\s+)?answer(?:\s+is)?\s*[:：]?\s*\Z", re.IGNORECASE)
_GOES_ON = re.compile(r"[:{\[(,=\\]\s*\n|\n[ \t]+\S|\n\w+ = |\n\w+\([^\n]*\)\s*$")
"""Of the lines of code or of a formula."""
_BULLET = re.compile(r"^[ \t]*[-*•][ \t]+(\S[^\n]*)$", re.MULTILINE)
_BULLETED = re.compile(r"(?:^[ \t]*[-*•][ \t]+\S[^\n]*(?:\n+|\Z)){2,}\Z", re.MULTILINE)
_UNLIKE_OPTIONS = re.compile(r"[\n?？؟]|^[(（\[]?\w[.:)\]．：）、]")
"""Of further sentences, and of options that have letters, if not from A on."""
_CAPTION = re.compile(r"(?:^|\s)([^\W\d_]{2,})\s*\Z")
_MARKS = str.maketrans("．：）、（", ".:).(")
_HEADING = re.compile(r"(?:options|choices|answers|alternatives|选项|選項)\s*[:：]", re.IGNORECASE)
_LAST_HEADING = re.compile(rf"(?:answer\s+)?{_HEADING.pattern}$", re.IGNORECASE)
_LONGEST_HEADING = 40
_BLANKS = " \t\r\u00a0\u3000"
_LEAD = ":?!.：？！。"
_SEPARATORS = ",;，；"
_ASKS = "?？؟"
_END = re.compile(r"[?？؟.!。]+")
"""Of a sentence that ends with a letter, as "Which is nearer, (A) or (B)?"."""
_LINE, _SEPARATED, _SPACED, _GLUED = 1, 2, 3, 4
"""How items are parted: a line each, by commas or semicolons, by spaces, by nothing; the clearest first."""
_LEAST_GLUED = 3
_LEAST_MISPLACED = 3


OptionNotation = Literal["letters", "doubtful letters", "numbers from 0", "numbers from 1", "a list"]
"""Doubtful are letters in square brackets, or with nothing before them, which may be something else."""


class _Item(NamedTuple):
    """A letter that may begin an option: where its mark starts and ends, and how it is written and parted.

    `style` is the mark and the letters' case; `level` is how it is parted from what stands before it.
    """

    letter: int
    start: int
    end: int
    style: str
    level: int


def split_options(text: str) -> tuple[str, tuple[str, ...]] | Invalid:
    """Return the question and its options, at least two, without their letters.

    Of several runs, that after the last heading ("Options:") counts, else the clearest parted, else the
    last. A heading is no part of the question.
    """
    run = _run_of(text, _LETTERED)
    if isinstance(run, Invalid):
        return run
    run = run or _numbered_run(text)
    if not run and (listed := _listed(text)) is not None:
        return listed
    if not run:
        return Invalid(
            "there are no options from A on in the text, as in `A: x, B: y` or `(A) x (B) y`", "no options"
        )
    ends = [*(item.start for item in run[1:]), len(text)]
    parts = [text[item.end : end] for item, end in zip(run, ends, strict=True)]
    head, *written = _without_captions([text[: run[0].start], *parts])
    if _begins_a_line(written[-1]) and not any(map(_begins_a_line, written[:-1])):
        written[-1] = ""  # what stands on the lines after an empty option is not its text
    options = [option.strip() for option in written]
    if _END.fullmatch(options[-1]):
        return Invalid("the letters in the text stand for what it is about", "no options")
    parting = {option[-1:] for option in options[:-1]}
    options[:-1] = [option.rstrip(_SEPARATORS).rstrip() for option in options[:-1]]
    options[-1] = _without_instruction(options)
    if parting.issubset(_SEPARATORS):
        # Where each option ends in one, the last does by habit, which would tell it from the others.
        options[-1] = options[-1].rstrip("".join(parting)).rstrip() or options[-1]
    return _without_heading(head), tuple(options)


def notation_of_options(text: str) -> OptionNotation | None:
    """How the options of a text are told apart; None where it has none, or they are out of order."""
    run = _run_of(text, _LETTERED)
    if isinstance(run, Invalid):
        return None
    if run:
        doubtful = run[0].style[0] == "[" or any(item.level == _GLUED for item in run)
        return "doubtful letters" if doubtful else "letters"
    if run := _numbered_run(text):
        return "numbers from 1" if run[0].letter == 0 else "numbers from 0"
    return None if _listed(text) is None else "a list"


def _listed(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The text and the options of a list at its end: a line with a bullet each, or parted below a heading."""
    text = _CUE.sub("", text.rstrip())
    bulleted = _BULLETED.search(text)
    if bulleted is not None:
        options = tuple(match[1].strip() for match in _BULLET.finditer(bulleted[0]))
        return _without_heading(text[: bulleted.start()]), options
    heading = next(reversed(list(_HEADING.finditer(text))), None)
    parts = tuple(map(str.strip, re.split("[,;|]", text[heading.end() :].rstrip(". ")))) if heading else ()
    if heading is None or len(parts) < 2 or not all(parts) or any(map(_UNLIKE_OPTIONS.search, parts)):
        return None
    return _without_heading(text[: heading.end()]), parts


def _run_of(text: str, pattern: re.Pattern[str]) -> list[_Item] | Invalid:
    items = list(_items(text, pattern))
    return _run(_after_heading(text, items)) or _run(items)


def _numbered_run(text: str) -> list[_Item]:
    """The items that are numbered from 0 or 1 on at the end of a text; none where a question comes after."""
    run = _run_of(text, _NUMBERED)
    if isinstance(run, Invalid) or not run:
        return []
    before = [item for item in _items(text, _NUMBERED) if item.start < run[0].start]
    if before and before[-1].letter == -1 and before[-1].style == run[0].style:
        run = [before[-1], *run] if text[before[-1].end : run[0].start].strip() else run
    asks_first = any(sign in text[: run[0].start] for sign in _ASKS)
    return run if asks_first or not any(sign in text[run[-1].end :] for sign in _ASKS) else []


def _without_captions(texts: list[str]) -> list[str]:
    """The parts of a text without the word that stands before each letter, as "Option" in "Option A: x"."""
    words = {match[1] if (match := _CAPTION.search(text)) else "" for text in texts[:-1]}
    if len(words) > 1 or "" in words:
        return texts
    return [*(_CAPTION.sub("", text) for text in texts[:-1]), texts[-1]]


def _begins_a_line(option: str) -> bool:
    return "\n" in option[: len(option) - len(option.lstrip())] and bool(option.strip())


def _without_instruction(options: list[str]) -> str:
    """The last option without what follows it: further lines where no other has any, unless they go on."""
    *others, last = options
    if "\n" in last and not any("\n" in option for option in others) and not _GOES_ON.search(last):
        last = last.partition("\n")[0].rstrip()
    bare = _INSTRUCTION.sub("", _CUE.sub("", last))
    return bare or last


def _items(text: str, pattern: re.Pattern[str]) -> Iterator[_Item]:
    for match in pattern.finditer(text):
        letter = unicodedata.normalize("NFKC", match["inside"] or match["before"] or match["bare"])
        style = (match["bracket"] or match["mark"] or " ").translate(_MARKS)
        number = int(letter) - 1 if letter.isdigit() else letter_place(letter)
        marked = match["inside"] or letter != match["bare"]
        level = _LINE if not marked else _level(text, match.start(), number == 0, bool(match["inside"]))
        style += f"{'aA'[letter.isupper()]}{alphabet_of(letter)}"
        yield _Item(number, match.start(), match.end(), style, level)


def _level(text: str, start: int, first: bool, bracketed: bool) -> int:
    before = start
    while before and text[before - 1] in _BLANKS:
        before -= 1
    last = text[before - 1] if before else "\n"
    if last == "\n":
        return _LINE
    if last in _SEPARATORS or (first and last in _LEAD):
        return _SEPARATED
    return _SPACED if before < start or bracketed or not last.isalnum() else _GLUED


def _after_heading(text: str, items: list[_Item]) -> list[_Item]:
    """The items after the last heading that an A follows; none where there is no such heading."""
    starts = [item.start for item in items]
    for heading in reversed(list(_HEADING.finditer(text))):
        place = bisect_left(starts, heading.end())
        first = items[place] if place < len(items) else None
        if first and first.letter == 0 and not text[heading.end() : first.start].strip():
            # No other A can begin these options, and they are all written as the first one is.
            rest = (item for item in items[place + 1 :] if item.letter and item.style == first.style)
            return [first._replace(level=_LINE), *rest]
    return []


def _run(items: list[_Item]) -> list[_Item] | Invalid:
    """The items of the options; none where there are none."""
    run = _ordered_run(items)
    style = run[0].style if isinstance(run, list) and run else None
    for misplaced in _misplaced(items) if isinstance(run, list) else ():
        if style in (None, misplaced[0].style):
            return _out_of_order(misplaced)
    return run


def _misplaced(items: list[_Item]) -> Iterator[list[_Item]]:
    """The items of a style that has each of the first letters once, and not in their order."""
    for style in dict.fromkeys(item.style for item in items):
        alike = [item for item in items if item.style == style and item.level < _GLUED]
        letters = [item.letter for item in alike]
        in_order = list(range(len(letters)))
        if len(letters) >= _LEAST_MISPLACED and letters != in_order and sorted(letters) == in_order:
            yield alike


def _out_of_order(items: list[_Item]) -> Invalid:
    letters = ", ".join(ascii_uppercase[item.letter] for item in items)
    return Invalid(f"the options in the text carry the letters {letters}", "letters out of order")


def _ordered_run(items: list[_Item]) -> list[_Item] | Invalid:
    """The items from A on, in order; none where there are none."""
    for level in (_LINE, _SEPARATED, _SPACED, _GLUED):
        longest: list[_Item] = []
        run: list[_Item] = []
        for style in sorted({item.style for item in items}):
            alike = [item for item in items if item.style == style and item.level <= level]
            last_b = max((place for place, item in enumerate(alike) if item.letter == 1), default=0)
            start = max((place for place in range(last_b) if alike[place].letter == 0), default=None)
            if start is not None and (not run or alike[start].start > run[0].start):
                longest, run = alike[start:], _consecutive(alike[start:])
        if len(longest) > len(run) and (again := _repeated(longest, run)):
            return Invalid(
                f"more than one item of the text begins with {again}, so the options cannot be told",
                "letters out of order",
            )
        if run and level < _SPACED and _is_out_of_order(longest, run):
            return _out_of_order(longest)
        if run and (level < _GLUED or len(run) >= _LEAST_GLUED or run[0].style[0] == ")"):
            return run
    return []


def _repeated(items: list[_Item], run: list[_Item]) -> str | None:
    starts = {item.start for item in run}
    again = (item.letter for item in items if 0 <= item.letter < len(run) and item.start not in starts)
    return next((ascii_uppercase[letter] for letter in again), None)


def _is_out_of_order(result: list[_Item], run: list[_Item]) -> bool:
    """Whether an item is left over whose letter is that of an option, as B in "A. x", "C. y", "B. z"."""
    starts = {item.start for item in run}
    left = [item for item in result if item.start not in starts and item.style[0] != " "]
    return any(item.letter <= len(result) for item in left)


def _consecutive(items: list[_Item]) -> list[_Item]:
    run: list[_Item] = []
    for item in items:
        if item.letter == len(run):
            run.append(item)
    return run


def _without_heading(text: str) -> str:
    text = text.strip()
    heading = _LAST_HEADING.search(text, max(0, len(text) - _LONGEST_HEADING))
    return text[: heading.start()].rstrip() if heading else text
