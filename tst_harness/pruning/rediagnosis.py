"""Diagnoses of fewer and fewer questions of a benchmark, on folds that stay put."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.scoring import Scored
from tst_harness.diagnostics.features.cross_validation import Fold
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.experiment import Prepared
from tst_harness.engine.results import FOREST
from tst_harness.errors import HarnessError
from tst_harness.pruning.schema import BenchmarkScores
from tst_harness.report.held_out import Questions, canonical_order
from tst_harness.report.scores import score_questions

_KNOWN = ["id", "type", "format", "group"]


class Rediagnosis:
    """Scores what is left of a benchmark, question by question.

    A question stays in the fold, and in the inner part of the training questions, that it has in the full
    benchmark; what the texts say is that of the full benchmark, too. So a type in a fold whose training
    questions lost none and have the same related ones is predicted as before, and is not computed again.

    Parameters
    ----------
    prepared
        The benchmark. Folds keep groups whole where all folds of its options do.
    diagnostic
        "forest" or "llm".
    trainable
        What "llm" trains.
    zero_shot
        Ask a language model without training as well, all questions of the benchmark once.

    Attributes
    ----------
    prepared, diagnostic
        As given.
    runner
        The diagnostic, with its settings and versions.
    repeats
        How many there are.
    """

    def __init__(
        self,
        prepared: Prepared,
        diagnostic: str,
        trainable: TrainableLLMPredictor | None = None,
        zero_shot: bool = True,
    ) -> None:
        self.diagnostic = diagnostic
        self.prepared = prepared
        self.runner = prepared.rediagnosing(diagnostic, trainable)
        self.repeats = prepared.options.repeats
        folds = prepared.folds(prepared.options.grouped is True)
        self._folds = [_with_parts(fold) for fold in folds] if diagnostic == FOREST else folds
        self._ask_zero_shot = self.runner.zero_shot if zero_shot else None
        self._zero_shot: Scored | None = None

    @property
    def fold_of(self) -> IntArray:
        """(repeats, n) the fold that holds each row of the benchmark out."""
        folds = np.empty((self.repeats, len(self.prepared.dataset.frame)), dtype=np.int64)
        for fold in self._folds:
            folds[fold.repeat, fold.held_out] = fold.fold
        return folds

    def scores(self, kept: IntArray) -> pd.DataFrame:
        """Diagnose some rows of the benchmark alone.

        Parameters
        ----------
        kept
            (n,) distinct row numbers of `prepared.dataset.frame`.

        Returns
        -------
        n rows in the order of `kept`, index 0 .. n-1: `id`, `type`, `format`, `group`; `s`, `correct` and
        `chance`, means over repeats; `failed`, the number of repeats without an answer; with several repeats
        also `s_sd`, the standard deviation of s over them; of a language model also `s_zero_shot` and
        `correct_zero_shot`.

        Raises
        ------
        HarnessError
            A type has held-out questions and none left to learn from, or an engine fails.
        """
        frame = self.prepared.dataset.frame
        place = np.full(len(frame), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        by_repeat = {name: np.empty((self.repeats, len(kept))) for name in ("s", "correct", "chance")}
        failed = np.zeros(len(kept), dtype=np.int64)
        ids = frame["id"].to_numpy()
        for fold in self._folds:
            left = restricted(fold, place >= 0)
            if not len(left.held_out):
                continue
            try:
                rows, scored, account = self.runner.score(left)
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
        if self._ask_zero_shot is not None:
            if self._zero_shot is None:
                self._zero_shot = self._ask_zero_shot().scored
            table["s_zero_shot"] = self._zero_shot.s[kept]
            table["correct_zero_shot"] = self._zero_shot.correct[kept]
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


def benchmark_scores(scores: pd.DataFrame, diagnostic: str, seed: int) -> BenchmarkScores:
    """Return the scores that a diagnosis amounts to, with intervals as in the report of a benchmark.

    Parameters
    ----------
    scores
        From `Rediagnosis.scores`, or some of its rows.
    diagnostic
        Named in messages.
    seed
        Of the resamples.
    """
    # The order of the rows would otherwise decide the last digit of a sum.
    ordered = scores.iloc[canonical_order(scores["id"].tolist())]
    has_zero_shot = "s_zero_shot" in ordered
    questions = Questions(
        **{name: ordered[name].to_numpy(dtype=object) for name in _KNOWN},
        score=ordered["correct"].to_numpy(),
        soft_score=ordered["s"].to_numpy(),
        baseline=ordered["chance"].to_numpy(),
        zero_shot=ordered["correct_zero_shot"].to_numpy() if has_zero_shot else None,
        soft_zero_shot=ordered["s_zero_shot"].to_numpy() if has_zero_shot else None,
        failures=ordered["failed"].to_numpy(),
    )
    overall, types = score_questions(questions, diagnostic, {}, seed)
    return BenchmarkScores(overall=overall, types=types)


def _with_parts(fold: Fold) -> Fold:
    from tst_harness.diagnostics.forest.evidence import inner_parts

    return replace(fold, parts=inner_parts(fold.units, fold.seed))
