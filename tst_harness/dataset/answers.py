"""What a cell says: the options of a question, its gold answer, a number.

A parser returns what it read or an `Invalid`: the end of a sentence whose beginning names the row.
"""

import re
import unicodedata
from collections.abc import Sequence

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.invalid import Invalid as Invalid
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.letters import LETTER, letter_place, lettered
from tst_harness.dataset.literals import read_literal
from tst_harness.dataset.names import holds_several
from tst_harness.dataset.nested import mark_of, nested_options
from tst_harness.dataset.numbers import parse_number as parse_number
from tst_harness.dataset.option_texts import folded, option_of_text, truth_of
from tst_harness.dataset.reading import Value, scalar_text

FORMS: tuple[AnswerForm, ...] = ("letter", "index", "index1", "text")

_CALLED = "option|opt|answer|ans|choice|candidate|ending|sol|model|response|output|assistant"
_SAID = rf"(?:(?:the\s+)?(?:correct\s+)?(?:{_CALLED})(?:\s+is)?[\s_:]*)?"
_BETTER = rf"(?:\s*>+\s*[{LETTER}]|\s+(?:is\s+better|wins))?"
_LETTER = re.compile(
    rf"[<*`]*{_SAID}[(\[<*`]{{0,2}}([{LETTER}])[)\]>*`]{{0,2}}[.:)、]?[>*`]*{_BETTER}", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:[(\[]?(\d{1,2})[)\].:]\s+|([①-⑳])[.:)]?\s*)(\S.*)", re.DOTALL | re.ASCII)
_CIRCLED = re.compile("[①-⑳]")
_BULLET = re.compile(r"[-*•]\s+(?=\S)")
_INTEGER = re.compile(rf"{_SAID}[(\[]?(\d{{1,9}})(?:\.0+)?[)\]]?[.:)]?", re.ASCII | re.IGNORECASE)
_SPACED_MARK = re.compile(r"(?<![A-Za-z])([A-Za-z]) (?=[).:] )")
_WITHHELD = frozenset(["", "?", "-", "--", "...", "na", "n/a", "hidden", "withheld", "masked", "todo"])
_BRACKETS = (("[", "]"), ("<", ">"), ("{", "}"), ("(", ")"))
_NOTHING = frozenset(
    ["none", "null", "nan", "unknown", "tbd", "tba", "private", "redacted", "not available", "not released"]
)
_UNDECIDED = frozenset(["tie", "tie (bothbad)", "draw", "both bad", "a=b", "b=a"])
"""Of two responses neither is better, so neither is the right option."""

_NO_OPTION = ("-", "--", "\u2013", "\u2014", "/", "_", "N/A")
"""What stands in columns of options for the lack of them, where it stands in all."""
_MOST_LETTERED = 26
_LEAST_OPTIONS = 2
_SEPARATORS = ("\n", "|", ";")
_LOOSE = (",", "/")
_BETWEEN = re.compile(
    r"<\s*/?\s*\w{1,9}\s*/?\s*>|\[\s*[A-Za-z]{2,9}\s*\]|([|#~&$%*=+@^:;/])\1+|\t|\\n|[~•¦→]"
)
"""What stands between the options of a text and hardly in them: a tag, a sign repeated, a tabulator."""
_ITEM = re.compile(r"<(li|option|td|p)\b[^<>]*>\s*(.*?)\s*</\1\s*>", re.DOTALL | re.IGNORECASE)
_MOST_ENCODED = 3
"""How many times over a list may be written as text."""

Answer = tuple[Value, tuple[str, ...]]


def text_of(value: Value) -> str | None:
    """A scalar, or the lone one of a list, as text; None where it is missing, blank or another list."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, tuple):
        return None
    text = str(value)
    return text if text.strip() else None


def is_kept_back(answer: Value) -> bool:
    """Whether an answer tells none: null, "", "NA", "?", "-", "hidden", and "tie" of two responses."""
    if isinstance(answer, tuple) and len(answer) > 1:
        return False
    return answer in (None, ()) or _said(answer) in _WITHHELD | _NOTHING | _UNDECIDED


def is_unanswered(answer: Value, options: tuple[str, ...] | None) -> bool:
    """Whether an answer is kept back, rather than an option that is called "None" or "NA"."""
    if not is_kept_back(answer):
        return False
    text = (text_of(answer) or "").strip().casefold()
    return not text or text not in [option.casefold() for option in options or ()]


def _said(answer: Value) -> str:
    """An answer as it is compared with words for none: without case and the brackets around it."""
    text = (text_of(answer) or "").strip().casefold()
    text = text[1:-1].strip() if (text[:1], text[-1:]) in _BRACKETS else text
    return text.replace("_", " ")


def is_withheld(text: str) -> bool:
    """As `is_kept_back`, of what can be no label, as "none" can be."""
    return _said(text) in _WITHHELD


def parse_options(value: Value) -> tuple[str, ...] | Invalid:
    """The options of a question, without their letters where every option carries its own.

    `value` is a list, or a list written as text, in JSON or in Python, be it several times over, or lettered
    as in "(a) x (b) y", or parted by line breaks, bars, semicolons, commas, slashes or a mark that says
    nothing else, as "###" or "<sep>"; a list with nothing but a list in it is that list. Blanks at its end
    mean fewer options.
    """
    if isinstance(value, str) and value.strip():
        read = written_list(value)
        if isinstance(read, Invalid):
            return read
        lettered = split_options(_SPACED_MARK.sub(r"\1", read)) if isinstance(read, str) else None
        if isinstance(lettered, tuple) and not lettered[0]:
            read = lettered[1]
        elif isinstance(read, str):
            read = _parted(read)
        value = read
    if value is None or value == "" or value in _NO_OPTION:
        return Invalid("there are no options", "no options")
    if not isinstance(value, tuple):
        return Invalid("is not a list of options")
    options = tuple("" if option is None else option.strip() for option in value)
    if len(set(options)) == 1 and options[0] in _NO_OPTION:
        return Invalid("there are no options", "no options")
    while options and not options[-1]:
        options = options[:-1]
    options = _without_letters(options)
    while len(options) > _LEAST_OPTIONS and not options[-1]:
        options = options[:-1]
    if len(options) < _LEAST_OPTIONS:
        if options:
            return Invalid("has one option where at least two are needed", "one option")
        return Invalid("has no options where at least two are needed", "no options")
    if "" in options:
        return Invalid(f"option {options.index('') + 1} of {len(options)} is empty", "empty option")
    return options


def parse_option_cells(values: Sequence[Value], columns: Sequence[str]) -> tuple[str, ...] | Invalid:
    """The options of a question with a column an option; trailing blanks mean fewer options.

    A column may hold a list of several; one that is named for several may list them, parted by semicolons.
    """
    cells: list[str | None] = []
    for value, column in zip(values, columns, strict=True):
        if isinstance(value, str) and holds_several(column):
            read = written_list(value)
            value = read if isinstance(read, tuple) else tuple(value.split(";"))
        cells += value if isinstance(value, tuple) else [text_of(value)]
    return parse_options(tuple(cells))


def empty_last_option(value: Value) -> Invalid | None:
    """What is wrong with a list of options that ends in blanks, if that is a fault; None for other lists."""
    read = written_list(value) if isinstance(value, str) else value
    if not isinstance(read, tuple) or not read:
        return None
    texts = _without_letters(tuple((option or "").strip() for option in read))
    if texts[-1]:
        return None
    return Invalid(f"option {texts.index('') + 1} of {len(texts)} is empty", "empty option")


def written_list(text: str) -> Value | Invalid:
    """A list that is written as text, in JSON or in Python; the text itself where it is none."""
    nested = nested_options(text)
    if nested is not None:
        return nested.options
    read: object = text
    for _ in range(_MOST_ENCODED):
        if isinstance(read, str):
            read = read_literal(read)
        elif isinstance(read, list | tuple) and len(read) == 1 and isinstance(read[0], list | tuple):
            read = read[0]
    if not isinstance(read, list | tuple):
        return text
    if all(_is_tokens(item) for item in read):
        return tuple(" ".join(_words_of(item)) for item in read)
    if any(isinstance(item, list | tuple | dict) for item in read):
        return Invalid("is a list of lists or of objects, not of options")
    return tuple(None if item is None else scalar_text(item) for item in read)


def is_loosely_parted(value: Value) -> bool:
    """Whether what parts the options of a text may as well be of a text of another kind, as a comma."""
    return isinstance(value, str) and _parted(value, loosely=False) != _parted(value)


def _parted(text: str, loosely: bool = True) -> Value:
    items = tuple(item[2] for item in _ITEM.finditer(text))
    if len(items) > 1:
        return items
    loosely = loosely and not text.lstrip().startswith(("{", "["))
    marks = {match[0] for match in _BETWEEN.finditer(text.strip())} if loosely else ()
    first, *others = _SEPARATORS
    for between in (first, *(marks if len(marks) == 1 else ()), *others, *(_LOOSE if loosely else ())):
        parts = tuple(part.strip() for part in text.strip().split(between))
        if len(parts) > 1 and all(parts):
            return parts
    return text


def _is_tokens(item: object) -> bool:
    """Whether an option is written as the list of the words of a sentence, its stop among them."""
    return isinstance(item, list) and len(item) > 1 and item[-1] in (".", "?", "!")


def _words_of(tokens: object) -> list[str]:
    if isinstance(tokens, list):
        return [word for token in tokens for word in _words_of(token)]
    return [scalar_text(tokens)]


def _without_letters(options: tuple[str, ...]) -> tuple[str, ...]:
    numbered = [_NUMBERED.fullmatch(option) for option in options]
    bullets = list(map(_BULLET.match, options))
    if options and all(bullets):
        return tuple(
            option[bullet.end() :] for option, bullet in zip(options, bullets, strict=True) if bullet
        )
    numbers = [int(_plain(match[1] or match[2])) for match in numbered if match is not None]
    if options and numbers == list(range(1, len(options) + 1)):
        return tuple(match[3] for match in numbered if match)
    bare = []
    for place, carried in enumerate(map(lettered, options)):
        if carried is None or letter_place(carried[0]) != place:
            return options
        bare.append(carried[1])
    # Options may be nothing but letters, as of points in an image.
    return tuple(bare) if any(bare) else options


def letters_out_of_order(options: Sequence[str]) -> Invalid | None:
    """What is wrong with options that carry letters, but not A, B, C, ... in this order."""
    letters = [_plain(carried[0]).upper() for carried in map(lettered, options) if carried is not None]
    places = list(map(letter_place, letters))
    n = len(options)
    if len(letters) < n or places == list(range(n)) or not 1 < n < _MOST_LETTERED:
        return None
    if not set(places) <= set(range(n + 1)):
        return None  # as of names: "J. Smith"
    if len(set(places)) < n - 1:
        return None  # as of quantities: "A: 2 N", "A: 3 N"
    return Invalid(f"its options carry the letters {', '.join(letters)}", "letters out of order")


def label_named(answer: Value, labels: tuple[str, ...]) -> str | None:
    """The label that an answer is, case and a stop aside, or that means the same as yes or no does."""
    text = text_of(answer) or ""
    known = list(map(folded, labels))
    if folded(text) in known:
        return labels[known.index(folded(text))]
    truth, meant = truth_of(text), list(map(truth_of, labels))
    if truth is not None and len(labels) == 2 and set(meant) == {True, False}:
        return labels[meant.index(truth)]
    return None


def marked_options(answer: Value, options: tuple[str, ...]) -> list[int] | None:
    """The indices of the right options where an answer is a list of a mark for each; None where it is not.

    Marks beyond the last option mark none.
    """
    if isinstance(answer, str) and answer.startswith("["):
        answer = written_list(answer)
    if not isinstance(answer, tuple) or len(answer) < len(options):
        return None
    marks = list(map(mark_of, answer))
    if None in marks or any(marks[len(options) :]):
        return None
    return [index for index, mark in enumerate(marks) if mark]


def option_named(answer: Value, options: tuple[str, ...], form: AnswerForm) -> int:
    """The index of the option that an answer names when read in this form; -1 where it names none."""
    if form == "text":
        return option_of_text(text_of(answer) or "", options)
    marked = marked_options(answer, options)
    if marked is not None:
        return marked[0] if form == "index" and len(marked) == 1 else -1
    text = (text_of(answer) or "").strip()
    if form == "letter":
        letter = letter_of(answer)
        index = letter_place(letter[1]) if letter else -1
    else:
        number = _INTEGER.fullmatch(_plain(text))
        index = int(number[1]) - (form == "index1") if number else -1
        index = -1 if form == "index" and _CIRCLED.fullmatch(text) else index
    return index if index < len(options) else -1


def _plain(text: str) -> str:
    """A text with full-width signs as the usual ones."""
    return unicodedata.normalize("NFKC", text).strip()


def letter_of(answer: Value) -> re.Match[str] | None:
    """The match of an answer that is a letter, which is its first group; None for anything else."""
    return _LETTER.fullmatch(_plain(text_of(answer) or ""))


def problem_of(answer: Value, options: tuple[str, ...], form: AnswerForm) -> Invalid:
    """Why an answer names no option."""
    times = list(map(folded, options)).count(folded(text_of(answer) or ""))
    if form == "text" and times > 1:
        return Invalid(
            f"the answer {quoted(answer)} is {times} of the options, so which one is meant cannot be told",
            "options alike",
        )
    kind = {"letter": "a letter", "index": "an index from 0", "index1": "an index from 1", "text": "text"}
    problem = f"the answer {quoted(answer)}, read as {kind[form]}, names none of the {len(options)} options"
    for other in FORMS:
        if other != form and option_named(answer, options, other) >= 0:
            return Invalid(
                f"{problem}, but one read as {kind[other]}; write all answers of the type alike",
                "answer names no option",
            )
    return Invalid(problem, "answer names no option")
