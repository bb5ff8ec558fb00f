"""The stack of forest and llm: the log-average of two records, and none where these do not agree."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_builders import RUN, make_fold, make_folds, make_held_out, make_llm_folds, make_origin, units

from tst_harness.analysis.records import FoldRecord, HeldOut, Settings
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.schema import Report
from tst_harness.report.stack import stacked
from tst_harness.views.card import strongest
from tst_harness.views.verdict import headline

IDS = [str(number) for number in range(60)]
LETTERS = "ABCDEFGH"


def fold_of(diagnostic: str, shares: list[list[float] | None], golds: list[int], **origin: Any) -> FoldRecord:
    """Return a fold of mc questions with these probabilities."""
    n = len(shares)
    columns: dict[str, Any] = {
        "type": ["route"] * n,
        "format": ["mc"] * n,
        "probabilities": [None if own is None else np.round(own, 6).tolist() for own in shares],
        "s": [0.0 if own is None else own[gold] for own, gold in zip(shares, golds, strict=True)],
        "prediction": ["" if own is None else LETTERS[int(np.argmax(own))] for own in shares],
    }
    held_out = make_held_out([str(place) for place in range(n)], **columns)
    return make_fold(origin=make_origin(diagnostic=diagnostic, **origin), held_out=held_out)


def stack_of(forest: list[list[float] | None], llm: list[list[float] | None], golds: list[int]) -> HeldOut:
    [made] = stacked([fold_of("llm", llm, golds), fold_of("forest", forest, golds)])
    return made.held_out


def test_an_option_gets_the_root_of_both_probabilities() -> None:
    made = stack_of([[0.8, 0.2]], [[0.2, 0.8]], [1])
    assert made.probabilities == [[0.5, 0.5]]
    assert (made.s, made.score, made.prediction) == ([0.5], [0.5], ["A"])
    made = stack_of([[0.9, 0.1], [0.0, 1.0]], [[0.5, 0.5], [0.5, 0.5]], [0, 0])
    assert made.s[0] == pytest.approx(0.75)
    assert made.score == [1.0, 0.0]
    assert made.prediction == ["A", "B"]


def test_one_without_an_answer_finds_all_options_equally_likely() -> None:
    made = stack_of([[0.8, 0.2], None], [None, None], [0, 0])
    assert made.s == pytest.approx([2 / 3, 0.0])
    assert made.score == [1.0, 0.0]
    assert made.prediction == ["A", ""]
    assert made.probabilities[1] is None


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[float], list[float], int]:
    n = draw(st.integers(2, 6))
    weights = st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)
    both = [(np.array(draw(weights)) + 0.0) for _ in range(2)]
    forest, llm = ((own / own.sum()).tolist() for own in both)
    return forest, llm, draw(st.integers(0, n - 1))


@given(st.lists(questions(), min_size=1, max_size=5))
def test_the_score_is_that_of_the_gold_option_though_records_do_not_name_it(
    drawn: list[tuple[list[float], list[float], int]],
) -> None:
    made = stack_of([q[0] for q in drawn], [q[1] for q in drawn], [q[2] for q in drawn])
    for place, (forest, llm, gold) in enumerate(drawn):
        average = np.sqrt(np.round(forest, 6) * np.round(llm, 6))
        average /= average.sum()
        assert made.s[place] == pytest.approx(average[gold], abs=1e-5)
        assert sum(made.probabilities[place] or []) == pytest.approx(1.0, abs=1e-5)
        best = np.flatnonzero(average > average.max() - 1e-5)
        if gold not in best:
            assert made.score[place] == 0.0
        elif len(best) == 1:
            assert made.score[place] == 1.0


def test_the_order_of_the_two_does_not_matter() -> None:
    forest, llm = [[0.7, 0.2, 0.1]], [[0.1, 0.3, 0.6]]
    assert stack_of(forest, llm, [2]) == stack_of(llm, forest, [2])  # type: ignore[arg-type]


def test_there_is_none_where_one_did_not_run_or_ran_on_other_folds() -> None:
    forest, llm = make_folds(IDS), make_llm_folds(IDS, seed=0)
    assert len(stacked([*forest, *llm])) == 3
    assert stacked(forest) == stacked(llm) == []
    assert stacked([*forest, *llm[1:]]) == []
    moved = llm[0].held_out.model_copy(update={"id": llm[0].held_out.id[::-1]})
    assert stacked([*forest, llm[0].model_copy(update={"held_out": moved}), *llm[1:]]) == []
    words = [
        fold.model_copy(update={"origin": fold.origin.model_copy(update={"diagnostic": "words"})})
        for fold in llm
    ]
    assert stacked([*forest, *words]) == []


def test_there_is_none_without_multiple_choice() -> None:
    numbers = make_held_out(
        IDS, type=["room_size"] * 60, format=["num"] * 60, prediction=[1.0] * 60, probabilities=[None] * 60
    )
    records = [make_fold(origin=make_origin(diagnostic=name), held_out=numbers) for name in ("forest", "llm")]
    assert stacked(records) == []


def test_random_and_grouped_folds_have_one_each() -> None:
    both = Settings(folds=3, seed=42, repeats=1, split="both")
    records = [
        record
        for name in ("forest", "forest_grouped", "llm", "llm_grouped")
        for record in make_folds(IDS, origin=make_origin(diagnostic=name, settings=both))
    ]
    by_name = [made.origin.diagnostic for made in stacked(records)]
    assert by_name == ["stack"] * 3 + ["stack_grouped"] * 3


def report_of(repeats: int = 1, **columns: list[Any]) -> Report:
    forest = make_folds(IDS, repeats=repeats)
    llm = [fold.model_copy(update={"llm": None}) for fold in make_llm_folds(IDS, repeats=repeats, seed=0)]
    records = [*forest, *llm]
    if columns:
        changed = []
        for fold in records:
            at = [int(id) for id in fold.held_out.id]
            own = {name: [values[place] for place in at] for name, values in columns.items()}
            held_out = HeldOut.model_validate({**dict(fold.held_out), **own})
            changed.append(fold.model_copy(update={"held_out": held_out}))
        records = changed
    records += stacked(records)
    frame = samples_frame(records)
    assert set(frame["diagnostic"]) == {"forest", "llm", "stack"}
    assert (frame[frame["diagnostic"] == "stack"]["format"] == "mc").all()
    return assemble(records, dict.fromkeys(("forest", "llm", "stack"), units(forest)), RUN)


def test_its_row_has_the_multiple_choice_alone_and_is_no_bound_of_all_questions() -> None:
    """Numbers are a third of the questions, so a score of the others is none of the benchmark."""
    mc = [number % 3 > 0 for number in range(60)]
    shares = [[1.0, 0.0, 0.0, 0.0] if choice else None for choice in mc]
    right = [float(choice) for choice in mc]
    report = report_of(probabilities=shares, s=right, score=right)
    row = report.diagnostics["stack"]
    assert row.overall is not None
    assert (row.overall.n, row.overall.score) == (40, 1.0)
    assert set(row.types) == {"route", "rel_distance"}
    assert row.notes[0].endswith("It has the 40 multiple-choice questions alone, of 60")
    assert strongest(report)[0] == "forest"
    assert "66.7% on 60 questions" in str(headline(report))
    assert report.verdict is not None
    assert all(found.diagnostic != "stack" or found.type for found in report.verdict.findings)


def test_where_all_is_multiple_choice_it_is_a_row_like_any_other() -> None:
    rng = np.random.default_rng(0)
    golds = rng.integers(0, 4, 60)
    shares = [np.full(4, 0.2).tolist() for _ in golds]
    for own, gold in zip(shares, golds, strict=True):
        own[gold] = 0.4
    columns: dict[str, list[Any]] = {
        "type": ["route"] * 60,
        "format": ["mc"] * 60,
        "prediction": [LETTERS[gold] for gold in golds],
        "probabilities": shares,
        "s": [0.4] * 60,
        "score": [1.0] * 60,
    }
    report = report_of(repeats=2, **columns)
    row = report.diagnostics["stack"]
    assert row.overall is not None
    assert row.overall.score == 1.0
    assert row.overall.mean_s == pytest.approx(0.4)
    assert row.overall.gain == report.diagnostics["forest"].overall.gain  # type: ignore[union-attr]
    assert row.spread is not None
    assert not row.notes[0].endswith("60")
    assert report.diagnostics["llm"].beaten_by == {}
