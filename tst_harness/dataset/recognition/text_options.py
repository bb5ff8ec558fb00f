"""Options in the texts of questions: whether the answers name them, and how."""

from collections import Counter

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import FORMS, text_of
from tst_harness.dataset.in_text import OptionNotation, notation_of_options, split_options
from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.names import named_for
from tst_harness.dataset.recognition.lost_options import are_letters
from tst_harness.dataset.recognition.option_places import Options, names_them
from tst_harness.dataset.recognition.sheet import Column, Sheet, example
from tst_harness.errors import DataError

_MOST_MISPLACED = 0.5
_NUMBERED: dict[OptionNotation, AnswerForm] = {"numbers from 0": "index", "numbers from 1": "index1"}


def are_options(sheet: Sheet, texts: Column, rows: dict[int, Options]) -> bool:
    """Whether what the texts of some rows list are options: letters are, and what the answers name."""
    notations = Counter(notation_of_options(text_of(texts.values[p]) or "") for p in rows)
    read = sum(options is not None for options in rows.values())
    if 2 * notations["a list"] > read:
        return names_them(sheet, rows, forms=("text",))
    return 2 * notations["letters"] >= read or names_them(sheet, rows, forms=FORMS)


def form_of_numbers(texts: Column) -> AnswerForm | None:
    """How answers count the options of texts in which these are numbered; None where they are not."""
    notations = Counter(notation_of_options(text_of(text) or "") for text in texts.sample)
    numbered = {form: notations[notation] for notation, form in _NUMBERED.items() if notations[notation]}
    return max(numbered, key=lambda form: numbered[form], default=None)


def check_order(sheet: Sheet, texts: Column) -> None:
    """Raise DataError where answers are letters, and most of the texts have those of options out of order."""
    named = [name for tier in named_for("answer", sheet.columns) for name in tier]
    if not any(are_letters(sheet.columns[name].sample) for name in named if sheet.columns[name].filled):
        return
    readings = {p: split_options(text_of(texts.values[p]) or "") for p in texts.at}
    lettered = {
        p: read
        for p, read in readings.items()
        if not isinstance(read, Invalid) or read.kind == "letters out of order"
    }
    misplaced = [p for p, read in lettered.items() if isinstance(read, Invalid)]
    if len(misplaced) > _MOST_MISPLACED * len(texts.at):
        first = misplaced[0]
        raise DataError(
            f"{sheet.name} row {first + 1}, field {texts.name!r}: {lettered[first]} in "
            f"{example(texts.values[first])}, as in {len(misplaced):,} of {len(texts.at):,} rows; put the "
            "options in the order of their letters, or name other columns of them with --options"
        )
