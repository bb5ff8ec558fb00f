"""The hand-written feature models of a benchmark, run together as a diagnostic of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tst_harness.analysis.blind_baseline import accepted_of, most_frequent_scores
from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.analysis.scoring import Scored, blind_baseline, inclusive_rules, option_letter
from tst_harness.analysis.texts import text_scores
from tst_harness.benchmark.declarations import Open
from tst_harness.dataset.loading import Dataset, answer_donors
from tst_harness.dataset.several_options import option_set
from tst_harness.diagnostics.features.cross_validation import Fold
from tst_harness.diagnostics.features.evaluators import predict_fold
from tst_harness.diagnostics.features.fresh import pristine
from tst_harness.diagnostics.features.leaks import LeakCheck, with_answers_of, withheld
from tst_harness.diagnostics.features.protocols import (
    FeatureBasedBiasModel,
    Selection,
    check_model,
    identified,
    select,
)
from tst_harness.diagnostics.features.telling import usual_columns
from tst_harness.errors import HarnessError


@dataclass(frozen=True)
class _Selected:
    model: FeatureBasedBiasModel
    selection: Selection
    target: str
    # (n,) the row of the dataset that each selected row is.
    at: IntArray
    check: LeakCheck | None


class FeatureModels:
    """Each model with the questions that it selects, as a random forest on its features sees them.

    Parameters
    ----------
    models
        Against the TsT protocols.
    dataset
        The questions, for ids, types and the blind baseline.
    rows
        The same questions in the same order, with the columns that the models know. In the column of the
        answers an open question gets the accepted text that is given most often, one with several right
        options their letters, as in "A, C".
    allow_leak
        Leave out the check that no feature reads held-out answers, and withhold nothing.
    sources
        The files that the rows are from.

    Attributes
    ----------
    withheld
        Columns that the models are not handed, since they tell the answers.

    Raises
    ------
    HarnessError
        A model is none, selects nothing, or selects a question that another one selects.
    """

    def __init__(
        self,
        models: Sequence[FeatureBasedBiasModel],
        dataset: Dataset,
        rows: pd.DataFrame,
        allow_leak: bool = False,
        sources: Sequence[Path] = (),
    ) -> None:
        self._dataset = dataset
        answers = dataset.benchmark.columns.named("answer")
        self.withheld: list[str] = []
        rows = _with_labels(rows, dataset)
        if not allow_leak:
            targets = [getattr(model, "target_col_override", None) for model in models]
            known = [name for name in (*answers, *targets) if isinstance(name, str)]
            rows, self.withheld = withheld(rows, known, _readable(dataset, rows))
        place = pd.Series(np.arange(len(rows)), index=rows.index)
        frame, id_col = identified(rows)
        taken: dict[int, str] = {}
        self._selected = []
        for model in models:
            check_model(model)
            if not allow_leak:
                pristine(model)
            selection = select(model, frame, id_col)
            at = place.loc[frame.index[selection.at]].to_numpy(dtype=np.int64)
            twice = next((row for row in at.tolist() if row in taken), None)
            if twice is not None:
                raise HarnessError(
                    f"{model.name}: selects the question {dataset.frame['id'].iloc[twice]!r}, which "
                    f"{taken[twice]} selects too; let each question belong to one model"
                )
            taken.update(dict.fromkeys(at.tolist(), model.name))
            target = getattr(model, "target_col_override", None) or answers[0]
            check = None if allow_leak else LeakCheck(model, selection, target, (target, *answers), sources)
            self._selected.append(_Selected(model, selection, target, at, check))

    @property
    def uncovered(self) -> int:
        """How many questions no model selects."""
        return len(self._dataset.frame) - sum(len(selected.at) for selected in self._selected)

    def score(self, fold: Fold) -> tuple[IntArray, Scored]:
        """Score the held-out questions that a model selects; rows of the dataset, and their scores.

        Raises
        ------
        LeakError
            A feature reads held-out answers.
        HarnessError
            No held-out question is selected, or a model has none to learn from.
        """
        rows, s, correct, predicted = [], [], [], list[str | float]()
        importances: dict[str, dict[str, float]] = {}
        rules = inclusive_rules(self._dataset.benchmark)
        types = self._dataset.frame["type"].to_numpy()
        for selected in self._selected:
            train, held_out = (
                np.flatnonzero(np.isin(selected.at, part)) for part in (fold.train, fold.held_out)
            )
            if not len(held_out):
                continue
            if not len(train):
                raise HarnessError(
                    f"{selected.model.name}: a fold leaves it nothing to learn from; use more folds"
                )
            if selected.check is not None:
                selected.check.check_fold(train, held_out, fold.seed)
            trained, tested = (selected.selection.rows.iloc[part].copy() for part in (train, held_out))
            prediction = predict_fold(selected.model, trained, tested, selected.target, fold.seed)
            rows.append(selected.at[held_out])
            if selected.model.format == "open":
                accuracy = self._text_scores(rows[-1], prediction.predicted.tolist())
                correct.append(accuracy)
                s.append(accuracy)
            elif selected.model.metric == "acc":
                correct.append(prediction.correct())
                s.append(prediction.gold_probability)
            else:
                inclusive = np.array([rules.get(name, False) for name in types[rows[-1]]])
                accuracy = np.where(
                    inclusive, prediction.relative_accuracy(True), prediction.relative_accuracy()
                )
                correct.append(accuracy)
                s.append(accuracy)
            predicted += prediction.predicted.tolist()
            kinds = set(types[rows[-1]])
            if len(kinds) == 1:
                importances[kinds.pop()] = prediction.importances
        if not rows:
            raise HarnessError("none of the models selects a held-out question of this fold")
        at = np.concatenate(rows)
        order = np.argsort(at)
        baseline = blind_baseline(self._dataset, fold.train, at)
        scored = Scored(
            np.concatenate(s)[order],
            np.concatenate(correct)[order],
            baseline[order],
            most_frequent_scores(self._dataset, fold.train, at[order]),
            [predicted[i] for i in order],
            [None] * len(order),
            importances,
        )
        return at[order], scored

    def _text_scores(self, at: IntArray, text: list[str]) -> FloatArray:
        """(n,) what texts score on the open questions in the rows `at`, each by the metric of its type."""
        scores = np.zeros(len(at))
        types = self._dataset.frame["type"].to_numpy()[at]
        for declared in self._dataset.benchmark.scored_types:
            here = np.flatnonzero(types == declared.name)
            if isinstance(declared, Open) and len(here):
                accepted = accepted_of(self._dataset, at[here])
                scores[here] = text_scores(declared.metric, [text[row] for row in here], accepted)
        return scores


def _with_labels(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """The rows with one text for the answer of each question that may have several."""
    formats = dataset.frame["format"].to_numpy()
    answers = dataset.frame["answer"].to_numpy(dtype=np.float64)
    name = dataset.benchmark.columns.named("answer")[0]
    several = np.isin(formats, ("open", "multi"))
    if not several.any() or name not in rows.columns:
        return rows
    labels = rows[name].astype(object).tolist()
    for row in np.flatnonzero(several).tolist():
        if formats[row] == "open":
            labels[row] = dataset.accepted[int(answers[row])][0]
        else:
            labels[row] = ", ".join(map(option_letter, option_set(answers[row])))
    return rows.assign(**{name: pd.Series(labels, index=rows.index, dtype=object)})


def _readable(dataset: Dataset, rows: pd.DataFrame) -> list[str]:
    """Columns that a model may read: what the declaration names, its answers apart, and the ids."""
    columns = dataset.benchmark.columns
    names = [name for role in ("id", "text", "options", "type", "group") for name in columns.named(role)]
    return [*{name.partition(".")[0] for name in names}, *usual_columns(rows), "id", "idx", "question_id"]


def permuted_rows(rows: pd.DataFrame, dataset: Dataset, seed: int) -> pd.DataFrame:
    """The negative control for models that read rows: the answers that all diagnostics get in it."""
    everything = np.arange(len(rows))
    donors = answer_donors(dataset, seed)
    return with_answers_of(rows, dataset.benchmark.columns.named("answer"), everything, donors)
