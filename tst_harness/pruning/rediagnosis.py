"""Diagnoses of fewer and fewer questions of a benchmark, on folds that stay put."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.code import code_digest
from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.folded import DiagnosticAnalysis, Scores, score_fold
from tst_harness.analysis.folds import Fold
from tst_harness.analysis.names import FOREST, LLM, WORDS
from tst_harness.analysis.records import OpenAnswers, Origin
from tst_harness.analysis.scoring import Scored
from tst_harness.analysis.units import BOTH, Unit
from tst_harness.benchmark.declarations import Open, QuestionType
from tst_harness.dataset.order import canonical_order
from tst_harness.diagnostics.llm.analysis import LLMAnalysis
from tst_harness.engine.experiment import Experiment
from tst_harness.errors import HarnessError
from tst_harness.pruning.schema import BenchmarkScores
from tst_harness.registry import analyses
from tst_harness.report.scores import score_samples
from tst_harness.stats.samples import Samples

if TYPE_CHECKING:
    from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
    from tst_harness.diagnostics.forest.vectors import VectorTable

_KNOWN = ["id", "type", "format", "group"]


def other_diagnostic(diagnostic: str) -> str:
    """Return which diagnostic judges by default what another one leaves."""
    return FOREST if diagnostic == LLM else WORDS


class Rediagnosis:
    """Scores what is left of a benchmark, question by question.

    A question stays in the fold, and in the inner part of the training questions, that it has in the full
    benchmark; what the texts say is that of the full benchmark, too. So a type in a fold whose training
    questions lost none and have the same related ones is predicted as before, and is not computed again.

    Parameters
    ----------
    experiment
        The benchmark. Folds keep groups whole where all folds of its settings do.
    diagnostic
        By name, such as "forest" or "llm".
    zero_shot
        Ask a language model without training as well, all questions of the benchmark once.

    Attributes
    ----------
    experiment, diagnostic
        As given.
    repeats
        How many there are.
    """

    def __init__(
        self,
        experiment: Experiment,
        diagnostic: str,
        zero_shot: bool = True,
    ) -> None:
        self.diagnostic = diagnostic
        self.experiment = experiment
        settings = experiment.settings
        self.repeats = settings.repeats
        self._unit = Unit(diagnostic, "random" if settings.split == BOTH else settings.split)
        analysis = analyses()[diagnostic]
        assert isinstance(analysis, DiagnosticAnalysis)
        self._analysis = analysis
        folds = experiment.folds(self._unit.split)
        self._folds = [_with_parts(fold) for fold in folds] if diagnostic == FOREST else folds
        self._forest = _lasting_forest(settings.vectors) if diagnostic == FOREST else None
        self._asks_zero_shot = zero_shot and isinstance(analysis, LLMAnalysis)
        self._zero_shot: Scored | None = None

    @property
    def origin(self) -> Origin:
        """What the diagnoses are about."""
        return self.experiment.origin(self._unit)

    @property
    def code(self) -> list[Any]:
        """What decides the scores beside what the origin says."""
        more = self.experiment.inputs(self.diagnostic).more
        return [code_digest(self._analysis.code), dict(more)]

    def _score(self, fold: Fold) -> Scores:
        if self._forest is not None:
            return score_fold(self._forest, self.experiment, fold, self._unit.split)
        return self._analysis.score(self.experiment, fold, self._unit.split)

    @property
    def fold_of(self) -> IntArray:
        """(repeats, n) the fold that holds each row of the benchmark out."""
        folds = np.empty((self.repeats, len(self.experiment.dataset.frame)), dtype=np.int64)
        for fold in self._folds:
            folds[fold.repeat, fold.held_out] = fold.fold
        return folds

    def scores(self, kept: IntArray) -> pd.DataFrame:
        """Diagnose some rows of the benchmark alone.

        Parameters
        ----------
        kept
            (n,) distinct row numbers of `experiment.dataset.frame`.

        Returns
        -------
        n rows in the order of `kept`, index 0 .. n-1: `id`, `type`, `format`, `group`; `s`, `score` and
        `blind_baseline`, means over repeats; `failed`, the number of repeats without an answer; with several
        repeats also `s_sd`, the standard deviation of s over them; of a language model also `zero_shot` and
        `s_zero_shot`.

        Raises
        ------
        HarnessError
            A type has held-out questions and none left to learn from, or an engine fails.
        """
        frame = self.experiment.dataset.frame
        place = np.full(len(frame), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        by_repeat = {name: np.empty((self.repeats, len(kept))) for name in ("s", "score", "blind_baseline")}
        failed = np.zeros(len(kept), dtype=np.int64)
        ids = frame["id"].to_numpy()
        for fold in self._folds:
            left = restricted(fold, place >= 0)
            if not len(left.held_out):
                continue
            try:
                rows, scored, account = self._score(left)
            except HarnessError as error:
                # Of the same kind: an engine that is not installed skips a test and does not fail it.
                left_of = f"with {len(kept):,} of {len(frame):,} questions left: "
                raise type(error)(f"{left_of * (len(kept) < len(frame))}{error}") from error
            for name, values in by_repeat.items():
                values[fold.repeat, place[rows]] = getattr(scored, name)
            if account is not None:
                failed[place[rows]] += np.isin(ids[rows], account.inference.failed)
        table = frame[_KNOWN].iloc[kept].reset_index(drop=True)
        table = table.assign(
            **{name: values.mean(axis=0) for name, values in by_repeat.items()}, failed=failed
        )
        if self.repeats > 1:
            table["s_sd"] = by_repeat["s"].std(axis=0, ddof=1)
        if self._asks_zero_shot:
            if self._zero_shot is None:
                assert isinstance(self._analysis, LLMAnalysis)
                self._zero_shot = self._analysis.zero_shot(self.experiment).scored
            table["s_zero_shot"] = self._zero_shot.s[kept]
            table["zero_shot"] = self._zero_shot.score[kept]
        return table


def restricted(fold: Fold, keep: npt.NDArray[np.bool_]) -> Fold:
    """Return a fold without the questions that are not kept; `keep` has an entry for each row."""
    left = keep[fold.train]
    return replace(
        fold,
        train=fold.train[left],
        held_out=fold.held_out[keep[fold.held_out]],
        units=fold.units[left],
        parts=None if fold.parts is None else fold.parts[left],
    )


def benchmark_scores(
    scores: pd.DataFrame, diagnostic: str, seed: int, types: Sequence[QuestionType] = ()
) -> BenchmarkScores:
    """Return the scores that a diagnosis amounts to, with intervals as in the report of a benchmark.

    Parameters
    ----------
    scores
        From `Rediagnosis.scores`, or some of its rows.
    diagnostic
        Named in messages.
    seed
        Of the resamples.
    types
        Those that are declared; without them none is an open one.
    """
    # The order of the rows would otherwise decide the last digit of a sum.
    ordered = scores.iloc[canonical_order(scores["id"].tolist())]
    has_zero_shot = "s_zero_shot" in ordered
    nothing = np.full(len(ordered), np.nan)
    samples = Samples(
        **{name: ordered[name].to_numpy(dtype=object) for name in ("id", "type", "format")},
        group=pd.factorize(ordered["group"].to_numpy(), sort=True)[0],
        # Means over repeats, which one run of these scores has, too.
        **{
            name: ordered[name].to_numpy(dtype=np.float64)[None]
            for name in ("s", "score", "blind_baseline", "failed")
        },
        zero_shot=ordered["zero_shot"].to_numpy() if has_zero_shot else nothing,
        s_zero_shot=ordered["s_zero_shot"].to_numpy() if has_zero_shot else nothing,
    )
    opens = {
        declared.name: OpenAnswers(metric=declared.metric, questions=0, seen=0)
        for declared in types
        if isinstance(declared, Open)
    }
    overall, of_types = score_samples(samples, diagnostic, {}, seed, opens)
    return BenchmarkScores(overall=overall, types=of_types)


def _lasting_forest(vectors: "VectorTable | None") -> "ForestDiagnostic":
    """Return a forest without importances, which keeps what is the same in the next diagnosis."""
    from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
    from tst_harness.diagnostics.forest.memory import Memory

    return ForestDiagnostic(importances=False, memory=Memory(), vectors=vectors)


def _with_parts(fold: Fold) -> Fold:
    from tst_harness.diagnostics.forest.evidence import inner_parts

    return replace(fold, parts=inner_parts(fold.units, fold.seed))
