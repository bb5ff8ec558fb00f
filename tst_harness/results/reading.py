"""A model's results: read, matched with the questions, and scored by the benchmark's own metric."""

import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.figures import counted
from tst_harness.analysis.metrics import relative_accuracy
from tst_harness.analysis.scoring import LETTERS, option_letter
from tst_harness.analysis.texts import text_scores
from tst_harness.errors import DataError
from tst_harness.results.answers import chosen_option, chosen_options, given_number, in_the_end, without_lead
from tst_harness.results.fields import Fields
from tst_harness.results.harnesses import NoAnswerError, fields_of
from tst_harness.results.key import AnswerKey
from tst_harness.results.logs import Log, Source, read_log
from tst_harness.results.matching import match
from tst_harness.results.option_order import below_luck, check_options, with_options, without_rotations

LEAST_SHARE = 0.9
"""Of the questions must have an answer, unless it is said to go on without."""
_SAME = 1e-9
_ANY_LETTER = tuple(LETTERS)
"""In place of options that are left out of a report."""


@dataclass(frozen=True)
class Results:
    """What a model answered to n questions; NaN and None where a question has no answer.

    Attributes
    ----------
    name
        Of the model.
    file, form, matched_by
        What the results were read from, what it was recognised as, and how its records were matched.
    score
        (n,) by the benchmark's own metric where there is a prediction, else the file's own, in [0, 1].
    own_score
        (n,) the file's own; NaN where it has none.
    prediction
        n letters, numbers or texts; "" where an answer names nothing.
    double, unknown, unread
        Records of a question that has one already, of no question, and answers that name no option or number.
    notes
        What else a reader should know.
    """

    name: str
    file: str
    form: str
    matched_by: str
    score: FloatArray
    own_score: FloatArray
    prediction: list[str | None]
    double: int
    unknown: int
    unread: int
    notes: tuple[str, ...]

    @property
    def answered(self) -> int:
        """How many questions have a score."""
        return int(np.isfinite(self.score).sum())

    @property
    def differing(self) -> IntArray:
        """The questions whose own score is another."""
        both = np.isfinite(self.score) & np.isfinite(self.own_score)
        with np.errstate(invalid="ignore"):
            differ: IntArray = np.flatnonzero(both & (np.abs(self.score - self.own_score) > _SAME))
        return differ

    def lines(self) -> list[str]:
        """What was recognised, in sentences."""
        n = len(self.score)
        counts = [
            f"{count:,} {what}"
            for count, what in (
                (n - self.answered, "missing"),
                (self.double, "double"),
                (self.unknown, "of no question"),
                (self.unread, "without a readable answer"),
            )
            if count
        ]
        lines = [
            f"{self.name}: {self.file}, {self.form}; {self.answered:,} of {n:,} questions by "
            f"{self.matched_by}{''.join(f', {text}' for text in counts)}"
        ]
        if len(differ := self.differing):
            both = np.isfinite(self.score) & np.isfinite(self.own_score)
            lines.append(
                f"- its own score is {100 * self.own_score[both].mean():.1f}% and that by the benchmark's "
                f"metric {100 * self.score[both].mean():.1f}%: they differ on "
                f"{counted(len(differ), 'question')}"
            )
        return [*lines, *(f"- {note}" for note in self.notes)]


def read_results(
    name: str, source: Source, key: AnswerKey, *, percent: bool = False, allow_missing: bool = False
) -> Results:
    """Read a model's results.

    Parameters
    ----------
    name
        Of the model.
    source
        A file or records; what is read is in the documentation of `tst-harness models`.
    key
        The questions.
    percent
        The file's own scores are per cent.
    allow_missing
        Go on where less than nine tenths of the questions have an answer.

    Raises
    ------
    DataError
        The results cannot be read or are of another test set, a question has answers that differ, or too many
        have none; one sentence says which.
    """
    with _uncollected():
        log = read_log(source, name)
        answered = _answered(log)
    records, notes = _of_one_filter(answered)
    if empty := len(log.entries) - len(answered):
        notes = (*notes, f"{empty:,} records have neither an answer nor a score, and are left out")
    matched = match(log.name, records, key)
    records = with_options(records, matched, key)
    records, matched, repeats = without_rotations(records, matched, key)
    notes = (*notes, *repeats)
    check_options(records, matched, key)
    of_row: dict[int, list[Fields]] = defaultdict(list)
    for record, row in zip(records, matched.rows, strict=True):
        if row is not None:
            of_row[row].append(record)
    if len(of_row) < LEAST_SHARE * len(key) and not allow_missing:
        first = next(key.id[row] for row in range(len(key)) if row not in of_row)
        raise DataError(
            f"{log.name}: has {len(of_row):,} of the {len(key):,} questions of {key.benchmark}, {first!r} is "
            "missing; run the model on all of them, or go on with --allow-missing"
        )
    scored = _Scorer(key, percent)
    score, own = np.full((2, len(key)), np.nan)
    predictions: list[str | None] = [None] * len(key)
    for row, own_records in of_row.items():
        answers = [scored(record, row) for record in own_records]
        _check_agreement(log.name, key.id[row], own_records, answers)
        score[row] = sum(answer.score for answer in answers) / len(answers)
        stated = [answer.own for answer in answers if answer.own is not None]
        if stated:
            own[row] = sum(stated) / len(stated)
        predictions[row] = answers[0].prediction
    if scored.unread and scored.unread == sum(len(several) for several in of_row.values()):
        example = next(record.answer for several in of_row.values() for record in several)
        raise DataError(
            f"{log.name}: none of its {scored.unread:,} answers names an option or a number (the first is "
            f"{example!r}); give letters, the options' texts, or numbers"
        )
    choices = {row: float(score[row]) for row in of_row if key.format[row] == "mc" and predictions[row]}
    return Results(
        name=name,
        file=log.name,
        form=log.form,
        matched_by=matched.by,
        score=score,
        own_score=own,
        prediction=predictions,
        double=sum(len(several) - 1 for several in of_row.values()),
        unknown=matched.rows.count(None),
        unread=scored.unread,
        notes=(*log.notes, *notes, *scored.notes(), *below_luck(choices, key)),
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage: records have no cycles, and looking takes longer than parsing them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _answered(log: Log) -> list[Fields]:
    """Return what the records say that have an answer or a score.

    Raises
    ------
    NoAnswerError
        None has.
    """
    records, errors = [], []
    for entry in log.entries:
        try:
            records.append(fields_of(entry.place, entry.record))
        except NoAnswerError as error:
            errors.append(error)
    if not records:
        raise errors[0]
    return records


def _of_one_filter(records: list[Fields]) -> tuple[list[Fields], tuple[str, ...]]:
    """Return the records of the first filter, where a log has the same answers read by several."""
    filters = list(dict.fromkeys(record.filter for record in records))
    if len(filters) < 2:
        return records, ()
    first, *others = filters
    note = f"answers are read by the filter {first!r}, not by {', '.join(map(repr, others))}"
    return [record for record in records if record.filter == first], (note,)


@dataclass(frozen=True)
class _Scored:
    score: float
    own: float | None
    prediction: str | None


class _Scorer:
    """Scores single records, and counts what could not be read."""

    def __init__(self, key: AnswerKey, percent: bool) -> None:
        self._key = key
        self._percent = percent
        self.unread = 0
        self._ambiguous: dict[str, float] = {}
        self._unscored = 0

    def notes(self) -> list[str]:
        """What a reader should know of the scores."""
        notes = []
        if self._ambiguous:
            named = ", ".join(f"{name} {value:g}" for name, value in self._ambiguous.items())
            notes.append(f"its own metrics differ ({named}), so only that of the benchmark is given")
        if self._unscored:
            notes.append("the report has no right answers, so the file's own scores are taken as they are")
        return notes

    def __call__(self, record: Fields, row: int) -> _Scored:
        has_answer = record.answer is not None or record.choice is not None
        own = self._own(record, needed=not has_answer)
        if not has_answer:
            assert own is not None
            return _Scored(own, own, None)
        prediction, score = self._scored(record, row)
        if score is None:
            self._unscored += 1
            if own is None:
                raise DataError(
                    f"{record.place}: the report of {self._key.benchmark} has no right answers to score "
                    "predictions with, since its texts are left out; give scores, or run the audit again "
                    "with --tst-texts keep"
                )
            return _Scored(own, own, prediction)
        self.unread += prediction == ""
        return _Scored(score, own, prediction)

    def _own(self, record: Fields, needed: bool) -> float | None:
        scores = record.scores
        values = set(scores.values())
        if len(values) != 1:
            if needed and values:
                named = ", ".join(f"{name} {value:g}" for name, value in scores.items())
                raise DataError(
                    f"{record.place}: has metrics that differ ({named}); give a file with the columns id and "
                    "score"
                )
            if needed:
                raise DataError(f"{record.place}: has no score; give a file with the columns id and score")
            if len(values) > 1 and not self._ambiguous:
                self._ambiguous = scores
            return None
        [score] = values
        score = score / 100.0 if self._percent else score
        if 0.0 <= score <= 1.0:
            return score
        if needed:
            raise DataError(
                f"{record.place}: the score {score:g} is not between 0 and 1; where scores are per cent, say "
                "so with --percent"
            )
        return None

    def _scored(self, record: Fields, row: int) -> tuple[str, float | None]:
        """Return the prediction and its score; None where the right answer is not known."""
        format_, right, text = self._key.format[row], self._key.right[row], in_the_end(record.answer or "")
        options = self._key.options[row] or _ANY_LETTER
        if format_ == "mc":
            place = record.choice if record.choice is not None else chosen_option(text, options)
            if place is None and record.prediction is not None and record.response is not None:
                place = chosen_option(in_the_end(record.response), options)
            prediction = "" if place is None else option_letter(place)
            return prediction, None if right is None else float(place == right)
        if format_ == "multi":
            places = chosen_options(without_lead(text), options)
            prediction = "" if places is None else ", ".join(map(option_letter, sorted(places)))
            return prediction, None if right is None else float(places == right)
        if right is None:
            return text, None
        if format_ == "open":
            text = without_lead(text)
            metric = self._key.metric[row]
            assert metric is not None
            assert isinstance(right, tuple)
            return text, float(text_scores(metric, [text], [right])[0])
        number = given_number(text)
        if number is None:
            return "", 0.0
        assert isinstance(right, float)
        return f"{number:g}", _relative_accuracy(number, right, bool(self._key.inclusive[row]))


@lru_cache(maxsize=2**16)
def _relative_accuracy(number: float, right: float, inclusive: bool) -> float:
    """The score of one number, which other models and questions have, too."""
    return float(relative_accuracy(number, right, inclusive))


def _check_agreement(name: str, id_: str, records: Sequence[Fields], answers: Sequence[_Scored]) -> None:
    """Check that several answers to a question agree; those of epochs need not, and are averaged."""
    if len(answers) == 1:
        return
    epochs = [record.epoch for record in records]
    if None not in epochs and len(set(epochs)) == len(epochs):
        return
    given = [
        answer.prediction if answer.prediction is not None else f"{answer.score:g}" for answer in answers
    ]
    if len(set(given)) > 1:
        places = ", ".join(record.place.removeprefix(f"{name} ") for record in records)
        raise DataError(
            f"{name}: {id_!r} has {len(records)} answers that differ ({', '.join(map(repr, given))}; "
            f"{places}); keep one of them"
        )
