"""What a cell says: the options of a question, its gold answer, a number.

A parser returns what it read or an `Invalid`: the end of a sentence whose beginning names the row.
"""

import ast
import json
import re
import unicodedata
import warnings
from collections.abc import Sequence
from string import ascii_uppercase

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.in_text import split_options
from tst_harness.dataset.invalid import Invalid as Invalid
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.letters import OTHER_LETTERS, letter_place
from tst_harness.dataset.names import holds_several
from tst_harness.dataset.nested import nested_options
from tst_harness.dataset.numbers import parse_number as parse_number
from tst_harness.dataset.reading import Value, scalar_text

FORMS: tuple[AnswerForm, ...] = ("letter", "index", "index1", "text")

_SAID = r"(?:(?:the\s+)?(?:correct\s+)?(?:option|answer|choice)(?:\s+is)?[\s_:]*)?"
_ANY_LETTER = f"[A-Za-zＡ-Ｚ{OTHER_LETTERS}]"
_LETTER = re.compile(rf"{_SAID}[(\[]?({_ANY_LETTER})[)\]]?[.:)、]?", re.IGNORECASE)
_LETTERED = re.compile(rf"(?:[(\[（]({_ANY_LETTER})[)\]）]|({_ANY_LETTER})[.:)．：）、])\s*(.*)", re.DOTALL)
_NUMBERED = re.compile(r"(?:[(\[]?(\d{1,2})[)\].:]\s+|([①-⑳])\s*)(\S.*)", re.DOTALL | re.ASCII)
_SPACED = re.compile(r"([A-Z])\s+(.+)", re.DOTALL)
_INTEGER = re.compile(rf"{_SAID}[(\[]?(\d{{1,9}})(?:\.0+)?[)\]]?[.:)]?", re.ASCII | re.IGNORECASE)
_SPACED_MARK = re.compile(r"(?<![A-Za-z])([A-Za-z]) (?=[).:] )")
_WITHHELD = frozenset(["", "?", "-", "--", "...", "na", "n/a", "hidden", "withheld", "masked", "todo"])
_BRACKETS = (("[", "]"), ("<", ">"), ("{", "}"), ("(", ")"))
_NOTHING = frozenset(
    ["none", "null", "nan", "unknown", "tbd", "tba", "private", "redacted", "not available", "not released"]
)

_MOST_LETTERED = 26
_SEPARATORS = ("\n", "|", ";")
_LOOSE = (",", "/")
_BETWEEN = re.compile(
    r"<\s*/?\s*\w{1,9}\s*/?\s*>|\[\s*[A-Za-z]{2,9}\s*\]|([|#~&$%*=+@^:;/])\1+|\t|\\n|[~•¦→]"
)
"""What stands between the options of a text and hardly in them: a tag, a sign repeated, a tabulator."""
_MOST_ENCODED = 3
"""How many times over a list may be written as text."""
_MARKS = {"0": False, "1": True, "false": False, "true": True}
_YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}

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
    """Whether an answer says that there is one, which is not told: null, "", "NA", "?", "-", "hidden"."""
    if isinstance(answer, tuple) and len(answer) > 1:
        return False
    return answer in (None, ()) or _said(answer) in _WITHHELD | _NOTHING


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
    if value is None or value == "":
        return Invalid("there are no options", "no options")
    if not isinstance(value, tuple):
        return Invalid("is not a list of options")
    options = tuple("" if option is None else option.strip() for option in value)
    while options and not options[-1]:
        options = options[:-1]
    options = _without_letters(options)
    if len(options) < 2:
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
    if not isinstance(read, tuple) or not read or (read[-1] or "").strip():
        return None
    blank = [not (option or "").strip() for option in read].index(True)
    return Invalid(f"option {blank + 1} of {len(read)} is empty", "empty option")


def written_list(text: str) -> Value | Invalid:
    """A list that is written as text, in JSON or in Python; the text itself where it is none."""
    nested = nested_options(text)
    if nested is not None:
        return nested.options
    read: object = text
    for _ in range(_MOST_ENCODED):
        if isinstance(read, str):
            read = _written(read)
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


def _written(text: str) -> object:
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of LaTeX in a Python list, whose "\\c" is no escape
                return parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return text


def _without_letters(options: tuple[str, ...]) -> tuple[str, ...]:
    numbered = [_NUMBERED.fullmatch(option) for option in options]
    numbers = [int(_plain(match[1] or match[2])) for match in numbered if match is not None]
    if options and numbers == list(range(1, len(options) + 1)):
        return tuple(match[3] for match in numbered if match)
    bare = []
    for place, match in enumerate(map(_LETTERED.fullmatch, options)):
        if match is None or letter_place(match[1] or match[2]) != place:
            return options
        bare.append(match[3])
    # Options may be nothing but letters, as of points in an image.
    return tuple(bare) if any(bare) else options


def letters_out_of_order(options: Sequence[str]) -> Invalid | None:
    """What is wrong with options that carry letters, but not A, B, C, ... in this order."""
    matches = [_LETTERED.fullmatch(option) for option in options]
    letters = [_plain(match[1] or match[2]).upper() for match in matches if match is not None]
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
    answer_text = folded(text_of(answer) or "")
    known = list(map(folded, labels))
    if answer_text in known:
        return labels[known.index(answer_text)]
    meant = list(map(truth_of, known))
    if truth_of(answer_text) is not None and len(labels) == 2 and set(meant) == {True, False}:
        return labels[meant.index(truth_of(answer_text))]
    return None


def truth_of(text: str) -> bool | None:
    """Whether a word means yes or no, as "Yes.", "true" or "n" do; None for any other text."""
    return _YES_NO.get(folded(text))


def marked_options(answer: Value, options: tuple[str, ...]) -> list[int] | None:
    """The indices of the right options where an answer is a list of a mark for each; None where it is not."""
    if not isinstance(answer, tuple) or len(answer) != len(options):
        return None
    marks = [_MARKS.get((mark or "").casefold()) for mark in answer]
    return None if None in marks else [index for index, mark in enumerate(marks) if mark]


def option_named(answer: Value, options: tuple[str, ...], form: AnswerForm) -> int:
    """The index of the option that an answer names when read in this form; -1 where it names none."""
    if form == "text":
        return _by_text(answer, options)
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
    return index if index < len(options) else -1


def _by_text(answer: Value, options: tuple[str, ...]) -> int:
    text = (text_of(answer) or "").strip()
    if options.count(text) == 1:
        return options.index(text)
    lettered = _LETTERED.fullmatch(text)
    if lettered:
        index = letter_place(lettered[1] or lettered[2])
        if 0 <= index < len(options) and options[index] == lettered[3]:
            return index
    spaced = _SPACED.fullmatch(text)
    if spaced:
        index = ascii_uppercase.index(spaced[1])
        if index < len(options) and options[index] == spaced[2]:
            return index
    known = list(map(folded, options))
    if text and known.count(folded(text)) == 1:
        return known.index(folded(text))
    alike = label_named(text, options) if text and len(set(known)) == len(options) == 2 else None
    return -1 if alike is None else options.index(alike)


def folded(text: str) -> str:
    """Return a text without what is no part of it: case, the width of its spaces, a stop."""
    return " ".join(text.casefold().split()).rstrip(".")


def _plain(text: str) -> str:
    """A text with full-width signs as the usual ones."""
    return unicodedata.normalize("NFKC", text).strip()


def letter_of(answer: Value) -> re.Match[str] | None:
    """The match of an answer that is a letter, which is its first group; None for anything else."""
    return _LETTER.fullmatch(_plain(text_of(answer) or ""))


def problem_of(answer: Value, options: tuple[str, ...], form: AnswerForm) -> Invalid:
    """Why an answer names no option."""
    times = [folded(option) for option in options].count(folded(text_of(answer) or ""))
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
