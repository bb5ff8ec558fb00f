"""Measures lists of removed questions: by the diagnostic, by another one, and against random removals."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.independent import independent
from tst_harness.analysis.names import LLM
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.subset import shares_of
from tst_harness.pruning.controls import (
    SCORE_LIMITS,
    SEEDS,
    Arm,
    counts_by_type,
    differences,
    random_control,
    random_removal,
    rest_of,
)
from tst_harness.pruning.controls_schema import Controls, OtherDiagnostic, RandomControl, Removal
from tst_harness.pruning.overlap import overlap
from tst_harness.pruning.rediagnosis import Rediagnosis, benchmark_scores
from tst_harness.pruning.schema import BenchmarkScores
from tst_harness.pruning.vision import Results, vision_report


class RemovedList(NamedTuple):
    """Removed questions: what they are called, and their row numbers."""

    name: str
    rows: IntArray


class Scorer:
    """A diagnostic that remembers what it scored.

    Parameters
    ----------
    rediagnosis
        The diagnostic.
    limit
        How many questions are diagnosed, a stratified, seeded subset of those given; None for all.
    on_diagnosis
        Is called after each diagnosis.
    """

    def __init__(
        self,
        rediagnosis: Rediagnosis,
        limit: int | None = None,
        on_diagnosis: Callable[[], None] | None = None,
    ) -> None:
        self.diagnostic = rediagnosis.diagnostic
        self.limit = limit
        self._on_diagnosis = on_diagnosis
        self._rediagnosis = rediagnosis
        self._known: dict[bytes, pd.DataFrame] = {}

    def arm(self, rows: IntArray) -> Arm:
        """Each question's score and gain.

        Raises
        ------
        HarnessError
            The limit is too small for the question types, or the diagnostic fails.
        """
        diagnosed = self.subset(rows)
        scores = self._scores(diagnosed)
        score, blind_baseline = (
            scores["score"].to_numpy(np.float64),
            scores["blind_baseline"].to_numpy(np.float64),
        )
        return Arm(diagnosed, np.column_stack([score, score - blind_baseline]))

    def summary(self, rows: IntArray) -> BenchmarkScores:
        """The scores with their intervals; raises as `arm`."""
        experiment = self._rediagnosis.experiment
        types = experiment.dataset.benchmark.question_types
        return benchmark_scores(
            self._scores(self.subset(rows)), self.diagnostic, experiment.settings.seed, types
        )

    def _scores(self, rows: IntArray) -> pd.DataFrame:
        key = rows.tobytes()
        if key not in self._known:
            self._known[key] = self._rediagnosis.scores(rows)
            if self._on_diagnosis is not None:
                self._on_diagnosis()
        return self._known[key]

    def subset(self, rows: IntArray) -> IntArray:
        """Those of some rows that are diagnosed.

        Raises
        ------
        DataError
            The limit is too small for the question types.
        """
        if self.limit is None:
            return rows
        options = self._rediagnosis.experiment.settings
        frame = self._rediagnosis.experiment.dataset.frame.iloc[rows]
        sizes = Counter(frame["type"])
        if self.limit >= len(rows):
            return rows
        shares = shares_of(sizes, self.limit, options.folds, option="--judge-limit")
        others = {name: size - shares[name] for name, size in sizes.items()}
        # Drawn as random removals are, so that what is left can be learnt from.
        drawn = random_removal(frame, others, options.seed, self.folds[:, rows])
        return rows[rest_of(frame, drawn)]

    @property
    def folds(self) -> IntArray:
        """(repeats, n) the fold of each row."""
        return self._rediagnosis.fold_of


class Measurement:
    """Measures lists of removed questions of one benchmark, all of them alike.

    Parameters
    ----------
    dataset
        The benchmark.
    seed
        Of random removals and resamples.
    scorer
        The diagnostic that scores what is left.
    judge
        Another diagnostic; None for none.
    results
        A model's results on the benchmark; None for none.
    seeds
        Random removals for each list.
    """

    def __init__(
        self,
        dataset: Dataset,
        seed: int,
        scorer: Scorer,
        judge: Scorer | None = None,
        results: Results | None = None,
        seeds: int = SEEDS,
    ) -> None:
        self._dataset = dataset
        self._seed = seed
        self._groups = independent(dataset).codes()
        self._everything = np.arange(len(dataset.frame), dtype=np.int64)
        self._scorer = scorer
        self._judge = judge
        self._results = results
        self._seeds = seeds

    def diagnoses(self, lists: int) -> int:
        """At most how many diagnoses that number of lists takes."""
        scorers = [self._scorer, *([] if self._judge is None else [self._judge])]
        return sum(1 + lists * (1 + self._seeds * (scorer.diagnostic != LLM)) for scorer in scorers)

    def controls(self, lists: Sequence[RemovedList]) -> Controls:
        """Measure lists.

        Parameters
        ----------
        lists
            At least one; each leaves something of each type.

        Raises
        ------
        HarnessError
            What is left of a type cannot be learnt from, or a diagnostic fails.
        """
        before = self._scorer.summary(self._everything)
        return Controls(
            diagnostic=self._scorer.diagnostic,
            before=before.overall,
            before_types=before.types,
            removals=[self.removal(removed) for removed in lists],
            overlap=[overlap(self._dataset.frame, *pair) for pair in combinations(lists, 2)],
        )

    def removal(self, removed: RemovedList) -> Removal:
        """Measure one list; raises as `controls`."""
        frame = self._dataset.frame
        rest = rest_of(frame, removed.rows)
        scores = self._scorer.summary(rest)
        return Removal(
            name=removed.name,
            removed=counts_by_type(frame, removed.rows),
            overall=scores.overall,
            types=scores.types,
            random_control=self._random(self._scorer, removed.rows),
            other_diagnostic=None if self._judge is None else self._judged(self._judge, removed.rows),
            vision=None
            if self._results is None
            else vision_report(
                self._dataset,
                removed.rows,
                self._results,
                seed=self._seed,
                folds=self._scorer.folds,
                seeds=self._seeds,
            ),
        )

    def _random(self, scorer: Scorer, removed: IntArray) -> RandomControl | None:
        if scorer.diagnostic == LLM:
            # It would train every fold anew for each of them.
            return None
        frame = self._dataset.frame
        rest = scorer.arm(rest_of(frame, removed))
        return random_control(
            frame,
            removed,
            rest,
            scorer.arm,
            self._groups,
            seed=self._seed,
            folds=scorer.folds,
            seeds=self._seeds,
        )

    def _judged(self, judge: Scorer, removed: IntArray) -> OtherDiagnostic:
        rest = rest_of(self._dataset.frame, removed)
        before, after = judge.arm(self._everything), judge.arm(rest)
        (score, *score_ends), (gain, *gain_ends) = differences(
            after, [before], self._groups, SCORE_LIMITS, seed=self._seed
        ).tolist()
        return OtherDiagnostic(
            diagnostic=judge.diagnostic,
            limit=judge.limit,
            before=judge.summary(self._everything).overall,
            after=judge.summary(rest).overall,
            score_change=score,
            score_change_interval=(score_ends[0], score_ends[1]),
            gain_change=gain,
            gain_change_interval=(gain_ends[0], gain_ends[1]),
            random_control=self._random(judge, removed),
        )
