"""Intervals for other questions of the kind, from halves that are diagnosed anew."""

from typing import Any

import numpy as np
import pytest
from check_builders import dataset_of, own_text, pick
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

import tst_harness
from tst_harness.analysis.independent import independent
from tst_harness.analysis.units import POPULATION, Plan
from tst_harness.checks import population
from tst_harness.checks.population import PAIRS, halves, population_report
from tst_harness.checks.population_check import POPULATION_INTERVALS
from tst_harness.stats.samples import Samples
from tst_harness.views.checks import check_lines
from tst_harness.views.html.report import report_page


def samples_of(score: list[float], types: list[str]) -> Samples:
    n = len(score)
    nothing, zeros = np.full(n, np.nan), np.zeros((1, n))
    return Samples(
        id=np.array([str(place) for place in range(n)], dtype=object),
        type=np.array(types, dtype=object),
        format=np.full(n, "mc", dtype=object),
        group=np.arange(n),
        s=np.array([score]),
        score=np.array([score]),
        blind_baseline=zeros + 0.25,
        failed=zeros,
        s_zero_shot=nothing,
        zero_shot=nothing,
    )


def raw_of(pairs: list[Any]) -> dict[str, Any]:
    return {"units": 40, "pairs": pairs, "reason": None}


@given(st.lists(st.integers(0, 12), min_size=2, max_size=80), st.integers(0, 1000))
def test_halves_part_no_unit_and_do_not_depend_on_the_order(units: list[int], seed: int) -> None:
    names = np.array([f"unit {unit}" for unit in units])
    order = np.random.default_rng(seed).permutation(len(names))
    made = list(halves(names, seed))
    assert len(made) == PAIRS
    for half, again in zip(made, halves(names[order], seed), strict=True):
        first, second = set(names[half]), set(names[~half])
        assert not first & second
        assert len(second) - len(first) in (0, 1)
        assert (again == half[order]).all()


def test_copies_are_in_one_half() -> None:
    dataset = dataset_of([pick(place // 3 % 3, own_text(place // 3)) for place in range(90)])
    for half in halves(independent(dataset).names().astype(str), 0):
        assert (half.reshape(-1, 3).sum(axis=1) % 3 == 0).all()


def test_the_interval_is_students_with_a_quarter_of_the_mean_square() -> None:
    pairs = [({"": (0.5 + step, 0.2), "pick": (0.5, 0.2)}, {"": (0.5, 0.2)}) for step in (0.1, -0.1, 0.2)]
    report = population_report(raw_of(pairs), samples_of([1.0, 0.0, 1.0, 0.0], ["pick"] * 4))
    error = np.sqrt((0.01 + 0.01 + 0.04) / 3 / 4)
    assert report.overall is not None
    assert report.overall.interval == pytest.approx(
        (0.5 + t.ppf(0.025, 3) * error, 0.5 - t.ppf(0.025, 3) * error)
    )
    assert report.overall.gain_interval == (0.25, 0.25)
    assert report.types == {}, "of each pair one half lacks the type"


def test_the_interval_of_a_mean_is_as_wide_as_that_of_independent_questions() -> None:
    rng = np.random.default_rng(0)
    ratios = []
    for seed in range(200):
        score = (rng.random(200) < 0.4).astype(float)
        names = np.array([f"{place:03d}" for place in range(200)])
        squares = [(score[half].mean() - score[~half].mean()) ** 2 / 4 for half in halves(names, seed)]
        ratios.append(np.mean(squares) / (score.var(ddof=1) / 200))
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.1)


def test_there_is_no_unit_unless_it_is_wanted() -> None:
    assert POPULATION_INTERVALS.units(Plan(("forest",))) == []
    assert POPULATION_INTERVALS.units(Plan(("words",), interval=POPULATION)) == []
    assert (
        len(POPULATION_INTERVALS.units(Plan(("forest",), splits=("random", "grouped"), interval=POPULATION)))
        == 1
    )


def rows_of(n: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng(n)
    rows = []
    for place in range(n):
        options = [" ".join(map(str, rng.integers(1000, size=3))) for _ in range(4)]
        answer = int(rng.integers(4))
        if rng.random() < 0.7:
            options[answer] += " and more of it"
        rows.append(
            {"id": place, "question": f"{rng.integers(10**9)}?", "options": options, "answer": "ABCD"[answer]}
        )
    return rows


def test_a_report_names_both_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "PAIRS", 3)
    report = tst_harness.audit(rows_of(60), name="longer", interval="population", progress=False)
    checks, overall = report.content.checks, report.content.diagnostics["forest"].overall
    assert checks is not None
    assert checks.population is not None
    assert overall is not None
    other = checks.population.overall
    assert other is not None
    assert other.interval[0] < overall.score < other.interval[1]
    assert other.gain_interval[0] < overall.gain < other.gain_interval[1]
    [line] = [line for line in check_lines(checks) if line.startswith("other questions of the kind")]
    assert "all other intervals are of this test set" in line
    page = report_page(report.content, report.samples(), report.questions)
    assert line.partition(",")[0] in page
    plain = tst_harness.audit(rows_of(60), name="longer", progress=False).content
    assert plain.checks is not None
    assert plain.checks.population is None
    assert plain.diagnostics["forest"].overall == overall


def test_too_few_units_are_told() -> None:
    report = tst_harness.audit(rows_of(12), name="few", interval="population", folds=2, progress=False)
    assert report.content.checks is not None
    assert "no interval, since 12 independent units are too few to be halved; it takes 20" in " ".join(
        check_lines(report.content.checks)
    )


def test_without_the_forest_there_is_none_and_the_report_says_so() -> None:
    report = tst_harness.audit(
        rows_of(40), name="words", diagnostics="words", interval="population", progress=False
    ).content
    assert report.checks is not None
    assert report.checks.population is None
    assert (
        "no interval for other questions, since the forest did not run" in report.diagnostics["words"].notes
    )
