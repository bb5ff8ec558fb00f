import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from forest_builders import Asked, count, counts, pick, picks, questions_of, task_of

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, Prediction
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.errors import HarnessError

DIGEST = """
import hashlib
from forest_builders import counts, picks, task_of
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic

found = ForestDiagnostic().predict(task_of(picks(120) + counts(120)))
values = [found.values, *(found.permuted[family] for family in sorted(found.permuted))]
print(hashlib.sha256(b"".join(one.tobytes() for one in values)).hexdigest())
"""


def predict(rows: Sequence[Asked], held_out: Sequence[int] | None = None) -> tuple[FoldTask, Prediction]:
    task = task_of(rows, held_out)
    found = ForestDiagnostic().predict(task)
    check(task, found)
    return task, found


def check(task: FoldTask, found: Prediction) -> None:
    """The prediction is one for the held-out questions: probabilities of every option, or a number."""
    held = task.questions.frame.iloc[task.held_out]
    assert found.counts.tolist() == [len(options) if options else 1 for options in held["options"]]
    assert len(found.values) == found.counts.sum()
    assert np.isfinite(found.values).all()
    for values, form in zip(by_question(found), held["format"], strict=True):
        if form == "mc":
            assert (values >= 0).all()
            assert values.sum() == pytest.approx(1.0)
    assert (np.diff(found.sampled) > 0).all()
    for permuted in found.permuted.values():
        assert len(permuted) == found.counts[found.sampled].sum()
        assert np.isfinite(permuted).all()


def by_question(found: Prediction) -> list[FloatArray]:
    ends = np.cumsum(found.counts)
    return [found.values[end - n : end] for end, n in zip(ends, found.counts, strict=True)]


def same(one: Prediction, other: Prediction) -> bool:
    return (
        np.array_equal(one.values, other.values)
        and np.array_equal(one.counts, other.counts)
        and np.array_equal(one.sampled, other.sampled)
        and one.permuted.keys() == other.permuted.keys()
        and all(np.array_equal(one.permuted[family], other.permuted[family]) for family in one.permuted)
    )


@pytest.mark.parametrize("n", [2, 3, 4, 6, 12, 60])
@pytest.mark.parametrize("rows", [picks, counts])
def test_a_type_of_any_size_is_predicted(n: int, rows: type) -> None:
    predict(rows(n))


@pytest.mark.parametrize("answers", [[4.0], [0.0], [0.0, 3.0], [-3.0, -1.0], [-5.0, 0.0, 5.0], [1e-9, 1e9]])
def test_numbers_may_be_equal_negative_or_zero(answers: list[float]) -> None:
    _, found = predict(counts(40, answers))
    assert min(answers) <= found.values.min() <= found.values.max() <= max(answers)


def test_where_every_number_is_the_same_it_is_said() -> None:
    _, found = predict(counts(30, [4.0]))
    assert set(found.values) == {4.0}


def test_where_the_answer_is_always_the_same_option_it_is_chosen() -> None:
    _, found = predict([pick(f"Which, {i % 4}?", 2) for i in range(40)])
    assert all(values.argmax() == 2 for values in by_question(found))


def test_option_counts_may_differ_between_questions() -> None:
    rows = [pick(f"Which, {i % 4}?", i % 2, tuple(f"thing {j}" for j in range(2 + i % 9))) for i in range(60)]
    _, found = predict(rows)
    assert set(found.counts.tolist()) == set(range(2, 11))


@pytest.mark.parametrize(
    "options",
    [
        ("sofa", "sofa", "sofa"),
        ("(.*)[a-z]+", "[", "\\", "$^"),
        ("漢字", "ñandú", "\U0001f600", "naïve"),
        (".", "?"),
        ("3", "3.5 m", "-2"),
        ("9" * 450, "9" * 45, "1"),
        ("12,345", "1,234"),
        ("word " * 3_000, "other " * 3_000),
    ],
)
def test_any_text_is_predicted(options: tuple[str, ...]) -> None:
    predict([pick(f"\\d+ [which] ({i % 3}? ñ 漢", i % len(options), options) for i in range(40)])


def test_options_alike_in_all_but_place_are_told_apart_by_their_place_alone() -> None:
    _, found = predict([pick("Which?", 1, ("sofa", "sofa")) for _ in range(60)])
    assert all(values[1] > 0.9 for values in by_question(found))


def test_more_questions_than_are_read_sign_by_sign_are_predicted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MOST_READ_FORMS", 1)
    predict(picks(60) + [count(f"How many of {i} lamps?", i % 3 + 1) for i in range(60)])


def test_questions_of_one_form_are_predicted_alike() -> None:
    _, found = predict(picks(40))
    frame_rows = {
        row: values.tobytes() for row, values in zip(range(0, 40, 5), by_question(found), strict=True)
    }
    assert frame_rows[0] == frame_rows[10] == frame_rows[20]


def test_predictions_stand_in_the_order_of_the_held_out_questions() -> None:
    rows = [row for pair in zip(picks(40), counts(40), strict=True) for row in pair]
    held = [61, 2, 40, 7, 0]
    _, found = predict(rows, held)
    assert found.counts.tolist() == [1, 3, 3, 1, 3]
    _, ascending = predict(rows, sorted(held))
    place = [sorted(held).index(row) for row in held]
    for values, at in zip(by_question(found), place, strict=True):
        assert np.array_equal(values, by_question(ascending)[at])


def test_the_same_fold_is_predicted_the_same_again_and_after_other_folds() -> None:
    rows = picks(60) + counts(60)
    questions = questions_of(rows)
    task, other = (task_of(rows, held, questions=questions) for held in (range(0, 120, 5), range(1, 120, 5)))
    diagnostic = ForestDiagnostic()
    first = diagnostic.predict(task)
    diagnostic.predict(other)
    assert same(diagnostic.predict(task), first)
    assert same(ForestDiagnostic().predict(task), first)
    assert not same(ForestDiagnostic().predict(replace(task, seed=8)), first)


def test_other_questions_are_read_anew() -> None:
    diagnostic = ForestDiagnostic()
    diagnostic.predict(task_of(picks(40)))
    task = task_of(picks(40, ("left", "right")))
    assert same(diagnostic.predict(task), ForestDiagnostic().predict(task))


@pytest.mark.parametrize("held_out", [[], [0, 1, 2]])
def test_a_type_that_is_not_held_out_is_not_predicted(held_out: list[int]) -> None:
    _, found = predict(picks(30) + counts(5), held_out)
    assert found.counts.tolist() == [3] * len(held_out)


@pytest.mark.parametrize(
    ("rows", "name"),
    [(picks(30) + counts(2), "count"), (counts(30) + picks(2), "pick")],
)
def test_a_type_that_is_held_out_whole_is_an_error_that_names_it(rows: list[Asked], name: str) -> None:
    with pytest.raises(
        HarnessError, match=rf"2 question\(s\) of the type '{name}' are held out and none is left"
    ):
        ForestDiagnostic().predict(task_of(rows, [3, 30, 31]))


def test_answers_of_one_type_do_not_move_the_predictions_of_another() -> None:
    rows = picks(60) + counts(60)
    task = task_of(rows)
    reversed_counts = np.where(task.train >= 60, task.answers[::-1].max() - task.answers, task.answers)
    before = ForestDiagnostic().predict(task)
    after = ForestDiagnostic().predict(replace(task, answers=reversed_counts))
    picked = task.held_out < 60
    for one, other, stays in zip(by_question(before), by_question(after), picked, strict=True):
        assert np.array_equal(one, other) or not stays
    assert not np.array_equal(before.values, after.values)


def test_a_shortcut_in_a_declared_slot_is_found_in_either_format() -> None:
    things = ("lamp", "door", "desk", "rug", "plant", "clock")
    rows = [pick(f"What is near the {things[i % 6]} ({i})?", i % 3) for i in range(120)]
    rows += [count(f"How many {things[i % 6]}s are in {i}?", 2.0 ** (i % 6)) for i in range(120)]
    task = task_of(rows, questions=questions_of(rows, r"near the (?P<x>\w+)", r"many (?P<x>\w+)s"))
    found = by_question(ForestDiagnostic().predict(task))
    for row, values in zip(task.held_out.tolist(), found, strict=True):
        said = values.argmax() if row < 120 else values[0]
        assert said == pytest.approx(rows[row].answer, rel=0.3)


@pytest.mark.parametrize("rows", [picks(60), counts(60)])
def test_the_training_questions_may_be_one_unit(rows: list[Asked]) -> None:
    task = task_of(rows)
    task = replace(task, units=np.zeros_like(task.units))
    check(task, ForestDiagnostic().predict(task))


def test_the_number_of_threads_changes_nothing() -> None:
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", DIGEST],
            env=os.environ | {"OMP_NUM_THREADS": n, "OPENBLAS_NUM_THREADS": n, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in ("1", "2")
    ]
    one, two = (run.communicate()[0] for run in runs)
    assert [run.returncode for run in runs] == [0, 0]
    assert one == two


@pytest.mark.parametrize("declared", ["", "0", "two", "²", "-1"])
def test_a_number_of_threads_that_is_none_is_ignored(declared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", declared)
    predict(picks(10))


def test_the_declared_settings_are_plain_and_name_what_grows_the_trees() -> None:
    diagnostic = ForestDiagnostic()
    assert diagnostic.name == "forest"
    assert set(diagnostic.versions) == {"lightgbm", "numpy", "regex", "scipy"}
    assert set(diagnostic.settings) >= {"choices", "numbers"}
