from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import Prediction
from tst_harness.analysis.metrics import TOLERANCES
from tst_harness.analysis.scoring import Scored, inclusive_rules, score
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.provenance import Fingerprint, SourceReport
from tst_harness.errors import HarnessError

Row = tuple[str, int, float]
"""Type, number of options (0 for num) and answer."""


def dataset_of(rows: Sequence[Row]) -> Dataset:
    benchmark = Benchmark(
        name="toy",
        source=LocalFile("toy.jsonl"),
        columns=Columns(id="id", text="text", answer="answer", options="options", type="type"),
        question_types=[Choice("pick"), Number("count"), Number("size", inclusive=True)],
    )
    options = [tuple(f"option {i}" for i in range(number)) or None for _, number, _ in rows]
    frame = pd.DataFrame(
        {
            "type": pd.Series([name for name, _, _ in rows], dtype=object),
            "format": ["mc" if number else "num" for _, number, _ in rows],
            "options": pd.Series(options, dtype=object),
            "answer": np.array([answer for _, _, answer in rows], dtype=np.float64),
        }
    )
    report = SourceReport(
        kind="file",
        location="toy.jsonl",
        rows=len(rows),
        questions=len(rows),
        groups=len(rows),
        fingerprint=Fingerprint(content="", row_order=""),
    )
    return Dataset(benchmark, frame, report)


def predicted(values: Sequence[Sequence[float]]) -> Prediction:
    counts = np.array([len(one) for one in values], dtype=np.int64)
    return Prediction(np.array([value for one in values for value in one], dtype=np.float64), counts)


def scored(train: Sequence[Row], held_out: Sequence[Row], prediction: Prediction) -> Scored:
    rows = [*train, *held_out]
    return score(dataset_of(rows), prediction, np.arange(len(train)), np.arange(len(train), len(rows)))


def test_a_choice_is_scored_by_the_probability_of_its_gold_option() -> None:
    found = scored([], [("pick", 3, 1), ("pick", 2, 0)], predicted([[0.2, 0.5, 0.3], [0.1, 0.9]]))
    assert found.s.tolist() == [0.5, 0.1]
    assert found.score.tolist() == [1, 0]
    assert found.blind_baseline.tolist() == pytest.approx([1 / 3, 1 / 2])
    assert found.prediction == ["B", "B"]


def test_probabilities_are_kept_of_choices_that_have_an_answer() -> None:
    prediction = predicted([[0.123456789, 0.876543211], [0.25, 0.75], [2.0]])
    rows = [("count", 0, 2.0), ("pick", 2, 0), ("pick", 2, 1), ("count", 0, 2.0)]
    found = scored(rows[:1], rows[1:], replace(prediction, failed=np.array([1])))
    assert found.probabilities == [[0.123457, 0.876543], None, None]


def test_ties_share_the_credit() -> None:
    rows = [("pick", 3, 0), ("pick", 3, 2), ("pick", 3, 1), ("pick", 4, 3)]
    found = scored([], rows, predicted([[0.4, 0.4, 0.2]] + [[0.4, 0.2, 0.4]] * 2 + [[0.25] * 4]))
    assert found.score.tolist() == [0.5, 0.5, 0, 0.25]
    assert found.prediction == ["A", "A", "A", "A"]


def test_options_after_the_letters_are_named_by_their_index() -> None:
    values = [0.0] * 27 + [1.0]
    found = scored([], [("pick", 28, 27)] * 2, predicted([values, [0.0] * 25 + [1.0] + [0.0] * 2]))
    assert found.prediction == ["27", "Z"]
    assert found.score.tolist() == [1, 0]


def test_a_number_is_scored_by_its_relative_accuracy() -> None:
    found = scored([("count", 0, 9)], [("count", 0, 10), ("count", 0, 10)], predicted([[10.0], [8.8]]))
    assert found.s.tolist() == found.score.tolist() == [1.0, 0.8]
    assert found.prediction == [10.0, 8.8]


def test_the_baseline_is_the_best_constant_of_the_training_questions_of_the_type() -> None:
    train = [("count", 0, 2.0)] * 3 + [("count", 0, 100.0)] + [("size", 0, 50.0)] * 9 + [("pick", 2, 1)] * 9
    held_out = [("count", 0, 2.0)] + [("count", 0, 100.0)] * 5
    found = scored(train, held_out, predicted([[2.0]] * 6))
    assert found.blind_baseline.tolist() == [1, 0, 0, 0, 0, 0]


def test_the_baseline_does_not_read_the_held_out_answers() -> None:
    train = [("count", 0, 2.0), ("count", 0, 2.0)]
    for held_out in (3.0, 80.0):
        found = scored(train, [("count", 0, held_out)] * 9, predicted([[2.0]] * 9))
        assert found.blind_baseline.tolist() == found.score.tolist()


def test_the_rule_of_a_type_says_whether_thresholds_are_included() -> None:
    assert inclusive_rules(dataset_of([]).benchmark) == {"count": False, "size": True}
    rows = [("count", 0, 10.0), ("size", 0, 10.0)]
    found = scored([("count", 0, 9.0), ("size", 0, 9.0)], rows, predicted([[9.0], [9.0]]))
    assert found.s.tolist() == found.blind_baseline.tolist() == [0.8, 0.9]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[0.5, 0.5, 0.0]], "one value for each option"),
        ([[1.0]], "one value for each option"),
        ([[0.5, 0.5], [1.0, 0.0]], "one value for each option"),
        ([], "one value for each option"),
        ([[0.6, 0.6]], "do not add up to 1"),
        ([[0.0, 0.0]], "do not add up to 1"),
        ([[1.5, -0.5]], "negative"),
        ([[np.nan, 1.0]], "do not add up to 1"),
        ([[np.inf, 0.0]], "do not add up to 1"),
    ],
)
def test_probabilities_that_are_none_are_refused(values: list[list[float]], message: str) -> None:
    with pytest.raises(HarnessError, match=message):
        scored([], [("pick", 2, 0)], predicted(values))


def test_values_that_do_not_fit_their_counts_are_refused() -> None:
    prediction = Prediction(np.array([0.5, 0.5, 0.0]), np.array([2]))
    with pytest.raises(HarnessError, match="one value for each option"):
        scored([], [("pick", 2, 0)], prediction)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(HarnessError, match="not finite"):
        scored([("count", 0, 3)], [("count", 0, 3)], predicted([[value]]))


def test_a_number_without_training_questions_has_a_baseline_of_zero() -> None:
    assert scored([("pick", 2, 0)], [("count", 0, 3)], predicted([[3.0]])).blind_baseline == [0.0]


def with_permuted(**families: Sequence[float]) -> Scored:
    """Three held-out questions, the first two of them sampled; `families` are their permuted values."""
    train: list[Row] = [("count", 0, 10.0)]
    rows: list[Row] = [("pick", 2, 1), ("count", 0, 10.0), ("pick", 2, 0)]
    prediction = Prediction(
        np.array([0.25, 0.75, 10.0, 0.5, 0.5]),
        np.array([2, 1, 2]),
        {name: np.array(values, dtype=np.float64) for name, values in families.items()},
        np.array([0, 1]),
    )
    return scored(train, rows, prediction)


def test_an_importance_is_the_drop_of_the_score() -> None:
    found = with_permuted(slot=[0.5, 0.5, 8.8], position=[0.25, 0.75, 10.0], length=[0.0, 1.0, 10.0])
    assert found.importances == {"pick": {"slot": 0.25, "length": -0.25}, "count": {"slot": 0.2}}


def test_a_family_that_does_nothing_has_no_importance() -> None:
    assert with_permuted(slot=[0.25, 0.75, 10.0]).importances == {}
    assert with_permuted().importances == {}


@st.composite
def choices(draw: st.DrawFn) -> tuple[list[Row], list[list[float]]]:
    sizes = draw(st.lists(st.integers(2, 6), min_size=1, max_size=6))
    rows: list[Row] = [("pick", size, draw(st.integers(0, size - 1))) for size in sizes]
    weights = [draw(st.lists(st.integers(0, 5), min_size=size, max_size=size)) for size in sizes]
    return rows, [[one / max(sum(row), 1) if any(row) else 1 / len(row) for one in row] for row in weights]


@given(choices())
def test_scores_of_choices_lie_between_0_and_1(drawn: tuple[list[Row], list[list[float]]]) -> None:
    rows, values = drawn
    found = scored([], rows, predicted(values))
    for one in (found.s, found.score, found.blind_baseline):
        assert ((one >= 0) & (one <= 1)).all()


@given(choices())
def test_all_options_together_are_correct_once(drawn: tuple[list[Row], list[list[float]]]) -> None:
    rows, values = drawn
    _, size, _ = rows[0]
    each = [("pick", size, gold) for gold in range(size)]
    found = scored([], each, predicted([values[0]] * size))
    assert found.score.sum() == pytest.approx(1.0)
    assert found.s.sum() == pytest.approx(1.0)


FINITE = st.floats(-1e300, 1e300)


@given(st.lists(st.tuples(FINITE, FINITE), min_size=1, max_size=6), FINITE)
def test_scores_of_numbers_are_shares_of_the_thresholds(
    pairs: list[tuple[float, float]], trained: float
) -> None:
    held_out = [("count", 0, truth) for truth, _ in pairs]
    found = scored([("count", 0, trained)], held_out, predicted([[said] for _, said in pairs]))
    shares = np.arange(len(TOLERANCES) + 1) / len(TOLERANCES)
    assert np.isin(found.s, shares).all()
    assert np.isin(found.blind_baseline, shares).all()
    assert np.array_equal(found.s, found.score)
