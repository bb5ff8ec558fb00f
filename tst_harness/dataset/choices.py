"""Which options the answers of a type name, all read in one form."""

from collections import Counter
from collections.abc import Mapping

from tst_harness.benchmark.declarations import AnswerForm
from tst_harness.dataset.answers import FORMS, Answer, letter_of, option_named
from tst_harness.dataset.letters import alphabet_of


class AmbiguousAnswers(Exception):  # noqa: N818
    """Two forms fit the answers of a type equally well and name different options."""

    def __init__(self, position: int, forms: tuple[AnswerForm, AnswerForm]) -> None:
        super().__init__(position, forms)
        self.position = position
        self.forms = forms


def read_choices(
    rows: Mapping[int, Answer], declared: AnswerForm | None
) -> tuple[AnswerForm, dict[int, int]]:
    """Read the answers of one type in the form that names an option in most of its rows.

    Parameters
    ----------
    rows
        By position: the answer and the options of every row of the type, in any order.
    declared
        The form, where the declaration says it.

    Returns
    -------
    The form, and by position the index of the gold option, -1 where the answer names none.

    Raises
    ------
    AmbiguousAnswers
        With the first position where two equally good readings differ.
    """
    counts = Counter(rows.values())
    forms = (declared,) if declared else FORMS
    readings = {form: {answer: option_named(*answer, form) for answer in counts} for form in forms}
    if "letter" in readings:
        readings["letter"] = _of_one_script(readings["letter"])
    fits = {
        form: sum(times for answer, times in counts.items() if readings[form][answer] >= 0) for form in forms
    }
    best, *others = [form for form in forms if fits[form] == max(fits.values())]
    for other in others:
        differ = [p for p, answer in rows.items() if readings[best][answer] != readings[other][answer]]
        if differ:
            raise AmbiguousAnswers(min(differ), (best, other))
    return best, {position: readings[best][answer] for position, answer in rows.items()}


def _of_one_script(read: dict[Answer, int]) -> dict[Answer, int]:
    """The readings of letters, where those of other scripts than the Latin name none beside Latin ones.

    They may be there for the Latin letter that they look like, as the Cyrillic В for B.
    """
    latin = {answer: not alphabet_of(letter[1]) for answer in read if (letter := letter_of(answer[0]))}
    if len(set(latin.values())) < 2:
        return read
    return {answer: index if latin.get(answer, True) else -1 for answer, index in read.items()}
