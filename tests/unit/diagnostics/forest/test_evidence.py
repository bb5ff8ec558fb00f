from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from forest_builders import family_of
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.evidence import (
    PARTS,
    TrainingSums,
    inner_parts,
    lifts,
    ridge_scores,
    solve_ridge,
    within_form,
)
from tst_harness.diagnostics.forest.families import Family

SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Toy:
    """Training questions of a made-up type: forms of three options, each with random facts."""

    families: list[Family]
    row_form: IntArray
    rows: IntArray
    parts: IntArray
    residuals: FloatArray

    @classmethod
    def drawn(cls, seed: int) -> "Toy":
        draw = np.random.default_rng(seed)
        forms, n = int(draw.integers(1, 6)), int(draw.integers(1, 30))
        cells = draw.choice([-1.0, 0.0, 1.0], p=[0.1, 0.6, 0.3], size=(2, 3 * forms, 4))
        asked = draw.integers(forms, size=n)
        return cls(
            families=[family_of(matrix) for matrix in cells],
            row_form=np.repeat(np.arange(forms), 3),
            rows=(3 * asked[:, None] + np.arange(3)).ravel(),
            parts=np.repeat(draw.integers(PARTS, size=n), 3),
            residuals=draw.normal(size=3 * n),
        )

    def evidence(self, residuals: FloatArray, conditional: bool) -> FloatArray:
        """(n_features, n_rows, PARTS + 1) all that the answers tell of each row."""
        sums = TrainingSums.of(self.rows, self.parts, residuals, len(self.row_form))
        found = [values for family in self.families for values in lifts(family, sums)]
        found += ridge_scores(self.families, sums, self.row_form, conditional)
        return np.stack(found)


def test_a_column_leaves_out_its_part_and_the_last_leaves_out_none() -> None:
    sums = TrainingSums.of(np.array([0, 0, 1, 0]), np.array([0, 3, 3, 3]), np.array([1.0, 2.0, 4.0, 8.0]), 3)
    assert sums.count.tolist() == [[2, 3, 3, 1, 3, 3], [1, 1, 1, 0, 1, 1], [0] * 6]
    assert sums.residual.tolist() == [[10, 11, 11, 1, 11, 11], [4, 4, 4, 0, 4, 4], [0] * 6]


@given(SEEDS, st.integers(0, PARTS - 1), st.booleans())
def test_what_is_said_of_a_part_does_not_depend_on_its_answers(
    seed: int, part: int, conditional: bool
) -> None:
    toy = Toy.drawn(seed)
    inside = toy.parts == part
    changed = np.where(inside, 1.0 - 3.0 * toy.residuals, toy.residuals)
    before, after = (toy.evidence(answers, conditional) for answers in (toy.residuals, changed))
    np.testing.assert_allclose(before[:, :, part], after[:, :, part], rtol=0, atol=1e-9)


def test_what_is_said_of_the_other_parts_does_depend_on_them() -> None:
    """The law above is not kept by ignoring the answers."""
    toy = Toy.drawn(3)
    part = int(toy.parts[0])
    changed = np.where(toy.parts == part, toy.residuals + 1.0, toy.residuals)
    before, after = (toy.evidence(answers, False) for answers in (toy.residuals, changed))
    for column in set(range(PARTS + 1)) - {part}:
        assert not np.allclose(before[:, :, column], after[:, :, column])


@given(SEEDS, st.booleans())
def test_evidence_is_finite(seed: int, conditional: bool) -> None:
    toy = Toy.drawn(seed)
    assert np.isfinite(toy.evidence(toy.residuals, conditional)).all()


def test_the_lift_of_a_fact_is_its_shrunken_mean() -> None:
    family = family_of([[1], [1], [0]])
    sums = TrainingSums.of(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 3]), np.array([1.0, 0.5, 0.0, 9.0]), 3)
    light, strong = (values[:, PARTS] for values in lifts(family, sums))
    assert light.tolist() == pytest.approx([1.5 / 4, 1.5 / 4, 0])
    assert strong.tolist() == pytest.approx([1.5 / 13, 1.5 / 13, 0])


@given(SEEDS, st.integers(0, PARTS - 1))
def test_centred_sums_of_a_part_do_not_depend_on_its_answers_either(seed: int, part: int) -> None:
    toy = Toy.drawn(seed)
    changed = np.where(toy.parts == part, 9.0, toy.residuals)
    before, after = (
        TrainingSums.of(toy.rows, toy.parts, residuals, len(toy.row_form)).centred()
        for residuals in (toy.residuals, changed)
    )
    np.testing.assert_allclose(before.residual[:, part], after.residual[:, part], atol=1e-9)
    np.testing.assert_allclose(before.residual.sum(axis=0), 0, atol=1e-9)


def test_a_fact_of_every_question_has_no_lift_once_centred() -> None:
    rows = np.zeros(4, dtype=np.int64)
    sums = TrainingSums.of(rows, np.arange(4), np.array([7.0, 8.0, 9.0, 30.0]), 1).centred()
    assert sums.residual.ravel() == pytest.approx(0)


def test_a_mirrored_fact_tells_the_opposite() -> None:
    sums = TrainingSums.of(np.array([0, 1]), np.array([0, 1]), np.array([1.0, -1.0]), 3)
    light = lifts(family_of([[1], [-1], [-1]]), sums)[0][:, PARTS]
    assert light.tolist() == pytest.approx([2 / 3, -2 / 3, -2 / 3])


def test_rows_with_several_facts_have_the_extremes_too() -> None:
    family = family_of([[1, 1], [1, 0], [0, 0]])
    sums = TrainingSums.of(np.array([0, 1]), np.array([0, 1]), np.array([-2.0, 8.0]), 3)
    *_, lowest, highest = (values[:, PARTS] for values in lifts(family, sums))
    assert lowest.tolist() == pytest.approx([-2 / 11, 6 / 12, 0])
    assert highest.tolist() == pytest.approx([6 / 12, 6 / 12, 0])


@pytest.mark.parametrize("conditional", [True, False])
def test_the_ridge_of_columns_that_repeat_each_other_is_finite(conditional: bool) -> None:
    cells = [[1, 1, 0], [0, 0, 0], [1, 1, 0]]
    families = [family_of(cells), family_of(cells)]
    sums = TrainingSums.of(np.array([0, 1, 2]), np.array([0, 1, 2]), np.array([0.7, -0.7, 0.3]), 3)
    for scores in ridge_scores(families, sums, np.zeros(3, dtype=np.int64), conditional):
        assert np.isfinite(scores).all()
        assert scores[0, PARTS] == pytest.approx(scores[2, PARTS])


def test_the_ridge_of_no_answers_is_zero() -> None:
    none = np.empty(0, dtype=np.int64)
    sums = TrainingSums.of(none, none, np.empty(0), 2)
    for scores in ridge_scores([family_of([[1], [0]])], sums, np.array([0, 0]), True):
        assert not scores.any()


def ridge_by_hand(cells: Sequence[Sequence[float]], residuals: FloatArray, penalty: float) -> FloatArray:
    design = np.array(cells, dtype=np.float64)
    design = design / np.sqrt(np.count_nonzero(design) / np.count_nonzero(design.any(axis=1)))
    normal = design.T @ design + penalty * np.eye(design.shape[1])
    scores: FloatArray = design @ np.linalg.solve(normal, design.T @ residuals)
    return scores


def test_the_ridge_is_the_ridge() -> None:
    draw = np.random.default_rng(0)
    cells = draw.choice([-1.0, 0.0, 1.0], size=(12, 5)).tolist()
    residuals = draw.normal(size=12)
    rows = np.arange(12)
    sums = TrainingSums.of(rows, rows % PARTS, residuals, 12)
    found = ridge_scores([family_of(cells)], sums, rows, conditional=False)
    for scores, penalty in zip(found, (2.0, 10.0, 50.0), strict=True):
        np.testing.assert_allclose(scores[:, PARTS], ridge_by_hand(cells, residuals, penalty), atol=1e-6)


@given(SEEDS, st.integers(1, 8), st.booleans())
def test_penalties_are_solved_together_as_each_alone(seed: int, steps: int, conditional: bool) -> None:
    toy = Toy.drawn(seed)
    sums = TrainingSums.of(toy.rows, toy.parts, toy.residuals, len(toy.row_form))

    def solve(*penalties: float) -> list[FloatArray]:
        design = toy.families[0].matrix
        return solve_ridge(design, sums, toy.row_form, penalties, steps, conditional)

    penalties = (2.0, 10.0, 50.0)
    alone = [scores for penalty in penalties for scores in solve(penalty)]
    np.testing.assert_allclose(solve(*penalties), alone, atol=1e-6)


def test_values_within_a_form_are_less_their_mean() -> None:
    values = np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 2.0]])
    assert within_form(values, np.array([0, 0, 1])).tolist() == [[-1, 0], [1, 0], [0, 0]]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), SEEDS)
def test_values_within_a_form_add_up_to_zero(sizes: list[int], seed: int) -> None:
    row_form = np.repeat(np.arange(len(sizes)), sizes)
    centred = within_form(np.random.default_rng(seed).normal(size=(len(row_form), 2)), row_form)
    for form in range(len(sizes)):
        np.testing.assert_allclose(centred[row_form == form].sum(axis=0), 0, atol=1e-12)


@given(st.lists(st.integers(0, 40), max_size=60), SEEDS)
def test_a_unit_is_in_one_part_and_parts_have_equally_many_units(units: list[int], seed: int) -> None:
    parts = inner_parts(np.array(units, dtype=np.int64), seed)
    part_of = dict(zip(units, parts.tolist(), strict=True))
    assert [part_of[unit] for unit in units] == parts.tolist()
    sizes = np.bincount(list(part_of.values()), minlength=PARTS)
    assert len(sizes) == PARTS
    assert sizes.max() - sizes.min() <= 1
