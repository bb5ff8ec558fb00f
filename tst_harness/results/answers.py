"""From what a model said to an answer: the option, the options or the number that is meant."""

import re
from collections.abc import Sequence
from functools import lru_cache

from tst_harness.analysis.scoring import LETTERS
from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import Invalid, option_named
from tst_harness.dataset.numbers import parse_number
from tst_harness.diagnostics.llm.data.numbers import parse_number as number_in
from tst_harness.results.values import spoken, written

_LETTERED = re.compile(r"[(\[]?([A-Z])[)\].:、]+\s+(\S.*)", re.DOTALL)
_STATED = re.compile(
    r"(?:answer|option|choice)\s*(?:is|:|=)?\s*:?\s*[*_\"'`(\[{$\s]*(?:\\boxed\{|\\text\{)?([A-Z])\b(?![\w'’])",
    re.IGNORECASE,
)
_BOXED = re.compile(
    r"(?:\\boxed\{|<answer>)\s*(?:\\text\{)?[(\[]?([A-Z])[)\]]?\s*(?:\}|</answer>|[.:])", re.IGNORECASE
)
_BRACKETED = re.compile(r"[(\[]([A-Z])[)\]]")
_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_THINKING = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:(?:so|thus|therefore|hence),?\s+)?(?:the\s+)?(?:final\s+|correct\s+|best\s+)?"
    r"(?:answer|option|choice)s?\s*(?:is|are|:)[\s:*]*(\S.*)",
    re.IGNORECASE,
)
_FENCED = re.compile(r"```\w*\s*(.*?)\s*```", re.DOTALL)
_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.DOTALL | re.IGNORECASE)
_LEADS_TO_NUMBER = (
    re.compile(r".*\\boxed\{", re.DOTALL),
    re.compile(r".*\banswer(?:\s+is|\s*[:=])", re.DOTALL | re.IGNORECASE),
)
_BLANKS = re.compile(r"\s+")


def in_the_end(text: str) -> str:
    """What was answered in the end: without thoughts before it, tags, and marks of Markdown around it.

    "" where a model was still thinking.
    """
    answer = _THOUGHT.split(text)[-1]
    if _THINKING.match(answer):
        return ""
    tagged: list[str] = _TAGGED.findall(answer)
    answer = _FENCED.sub(r"\1", (tagged[-1] if tagged else answer).strip())
    if answer.startswith("{") and (inner := spoken(written(answer))) is not None:
        answer = inner
    return answer.strip().strip("*_`").strip()


def without_lead(text: str) -> str:
    """An answer without "The answer is" before it and the dot after that."""
    match = _LEAD.fullmatch(text)
    return text if match is None else match[1].rstrip(".").strip(" *_`")


@lru_cache(maxsize=2**16)
def plain(text: str) -> str:
    """A text without what two copies of it differ by: case, blanks and the dot at its end."""
    return _BLANKS.sub(" ", text).strip().rstrip(".").casefold()


@lru_cache(maxsize=2**16)
def chosen_option(text: str, options: tuple[str, ...]) -> int | None:
    """Return the place of the option that an answer names; None where it names none, or several.

    A letter counts before a text, then "B. fan", "the answer is (B)", an option's own text, and the only
    option that occurs in what was said.
    """
    stripped = text.strip()
    forms: tuple[AnswerForm, ...] = ("letter", "text")
    for form in forms:
        place = option_named(stripped, options, form)
        if place >= 0:
            return place
    match = _LETTERED.match(stripped)
    if match is not None and match[1] in LETTERS[: len(options)] and not _BRACKETED.search(match[2]):
        return LETTERS.index(match[1])
    texts = [plain(option) for option in options]
    if texts.count(plain(stripped)) == 1:
        return texts.index(plain(stripped))
    for pattern in (_BOXED, _STATED):
        if places := _lettered(pattern, stripped, options):
            return places[-1]
    # An answer before its reasons, or after them.
    for line in (stripped.partition("\n")[0], stripped.rpartition("\n")[2]):
        place = option_named(line.strip(" *_`"), options, "letter")
        if place >= 0:
            return place
    places = _lettered(_BRACKETED, stripped, options)
    return places[0] if len(set(places)) == 1 else _only_option_in(plain(stripped), texts)


def _lettered(pattern: re.Pattern[str], text: str, options: Sequence[str]) -> list[int]:
    letters = [letter.upper() for letter in pattern.findall(text)]
    return [LETTERS.index(letter) for letter in letters if letter in LETTERS[: len(options)]]


def _only_option_in(text: str, options: Sequence[str]) -> int | None:
    present = [
        place
        for place, option in enumerate(options)
        if option and re.search(rf"(?<!\w){re.escape(option)}(?!\w)", text)
    ]
    # "red" is not meant where "dark red" is said.
    longest = [
        place
        for place in present
        if not any(options[place] in options[other] for other in present if other != place)
    ]
    return longest[0] if len(longest) == 1 else None


def other_order(text: str, options: tuple[str, ...]) -> bool:
    """Whether an answer gives a letter with the text of another option."""
    match = _LETTERED.match(text.strip())
    if match is None or match[1] not in LETTERS[: len(options)]:
        return False
    texts = [plain(option) for option in options]
    named = plain(match[2])
    return texts.count(named) == 1 and texts.index(named) != LETTERS.index(match[1])


def chosen_options(text: str, options: tuple[str, ...]) -> frozenset[int] | None:
    """Return the places of all options that an answer names: "A, C", "AC", or their texts; None for none."""
    stripped = text.strip().strip("()[]. ")
    letters = re.split(r"[\s,;&/]+|\band\b", stripped)
    if len(letters) == 1 and stripped.isupper():
        letters = list(stripped)
    letters = [letter.strip("().").upper() for letter in letters if letter]
    if letters and all(len(letter) == 1 and letter in LETTERS[: len(options)] for letter in letters):
        return frozenset(LETTERS.index(letter) for letter in letters)
    texts = [plain(option) for option in options]
    named = [plain(part) for part in re.split(r"[;\n,]", stripped) if part.strip()]
    if named and all(texts.count(part) == 1 for part in named):
        return frozenset(texts.index(part) for part in named)
    return None


def given_number(text: str) -> float | None:
    """Return the number that an answer is, the one after "the answer is", or the first that was said."""
    number = parse_number(text.strip())
    if not isinstance(number, Invalid):
        return number
    after = [text[match.end() :] for lead in _LEADS_TO_NUMBER if (match := lead.match(text))]
    written = next((shown for part in (*after, text) if (shown := number_in(part)) is not None), None)
    return None if written is None else float(written)
