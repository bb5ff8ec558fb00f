from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t
from snapshots import IDS, make_snapshot, shifted

from tst_harness.errors import ReportError
from tst_harness.gates.comparison import compare_runs, student
from tst_harness.stats.bounds import Student
from tst_harness.stats.metrics import Metric
from tst_harness.stats.samples import Samples

SCORE = Metric("score")
RANGE = (-1.0, 1.0)


def runs(repeats: int = 1, seed: int = 0) -> Samples:
    return Samples.of(make_snapshot(repeats, seed=seed).samples, "forest")


@pytest.mark.parametrize("repeats", [1, 4])
def test_equal_runs_differ_by_exactly_nothing(repeats: int) -> None:
    same = runs(repeats)
    for paired in compare_runs(same, same, SCORE, folds=5, seed=1).values():
        assert paired.new == paired.old
        assert paired.evidence == Student(0.0, 0.0, 1, RANGE)
        assert paired.evidence.p_above(0.0, at_least=True) == 0.0
        assert paired.runs == (repeats if repeats > 1 else None)


def test_runs_are_the_unit_where_there_are_several() -> None:
    found = make_snapshot(3)
    new = Samples.of(shifted(found, "score", [0.5, 0.7, 0.6]).samples, "forest")
    old = Samples.of(shifted(found, "score", [0.4, 0.4, 0.4]).samples, "forest")
    paired = compare_runs(new, old, SCORE, folds=5, seed=1)[None]
    assert (paired.n, paired.runs) == (60, 3)
    assert (paired.new, paired.old) == pytest.approx((0.6, 0.4))
    error = 0.1 * (1 / 3 + 1 / 4) ** 0.5
    assert paired.evidence.standard_error == pytest.approx(error)
    assert paired.evidence.lower(0.05) == pytest.approx(0.2 - t.ppf(0.95, 2) * error)


def test_questions_are_resampled_where_there_is_one_run() -> None:
    new, old = runs(seed=1), runs(seed=2)
    paired = compare_runs(new, old, SCORE, folds=3, seed=1)
    difference = (new.score - old.score)[0]
    assert paired[None].runs is None
    assert paired[None].evidence.point == pytest.approx(difference.mean())
    assert paired["route"].evidence.point == pytest.approx(difference[new.type == "route"].mean())
    assert paired[None].evidence.lower(0.05) < difference.mean()


def test_runs_that_all_differ_alike_are_not_known_exactly() -> None:
    """On few questions the differences of two or three runs are often equal by chance."""
    old = runs(2)
    flipped = np.zeros((2, 60), bool)
    flipped[0, :3] = flipped[1, 3:6] = True
    new = replace(old, score=np.where(flipped, 1.0, 0.5))
    old = replace(old, score=np.full((2, 60), 0.5))
    paired = compare_runs(new, old, SCORE, folds=5, seed=1)[None]
    assert paired.evidence.point == pytest.approx(0.025)
    assert paired.evidence.standard_error is not None
    assert paired.evidence.standard_error > 0.005
    assert paired.runs == 2


def test_a_difference_and_its_opposite_mirror_each_other() -> None:
    for repeats in (1, 3):
        new, old = runs(repeats, seed=1), runs(repeats, seed=2)
        one, other = (compare_runs(*pair, SCORE, folds=3, seed=1)[None] for pair in ((new, old), (old, new)))
        assert one.evidence.point == pytest.approx(-other.evidence.point)
        lower, upper = one.evidence.lower(0.05), other.evidence.negated().lower(0.05)
        assert lower == pytest.approx(upper, abs=1e-9)


def test_other_questions_or_repeats_are_refused() -> None:
    few = runs().only(IDS[:30], 1)
    for other in (few, runs(2)):
        with pytest.raises(ReportError, match="do not have the same questions"):
            compare_runs(runs(), other, SCORE, folds=3, seed=1)


def test_runs_that_share_questions_are_rarely_told_apart_where_nothing_differs() -> None:
    """What the runs of a repeat share is not in their spread, so that an uncorrected test is too sure."""
    rng = np.random.default_rng(0)
    folds, repeats, trials = 5, 5, 4_000
    shared = rng.normal(0.0, 0.4, (trials, 1))
    differences = 0.01 * (shared + rng.normal(0.0, 1.0, (trials, repeats)))
    corrected = [student(row, folds, RANGE).p_above(0.0, at_least=False) < 0.05 for row in differences]
    alone = (
        t.sf(differences.mean(axis=1) / (differences.std(axis=1, ddof=1) / repeats**0.5), repeats - 1) < 0.05
    )
    assert np.mean(alone) > 0.07
    assert np.mean(corrected) < 0.05
