from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from data_rows import write_rows
from layout_rows import plain
from sample_generator import write

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, IntArray, Questions
from tst_harness.analysis.scoring import score
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Multi
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.sample import benchmark
from tst_harness.diagnostics.words.analysis import WORDS
from tst_harness.diagnostics.words.diagnostic import WordsDiagnostic
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.settings import Settings


def prepared(path: Path) -> Experiment:
    declared = benchmark()
    source = LocalFile(str(path))
    named = Benchmark(
        name="planted", source=source, columns=declared.columns, question_types=declared.question_types
    )
    return Experiment(named, Settings())


@pytest.fixture
def planted(tmp_path: Path) -> Experiment:
    write(tmp_path / "planted.jsonl")
    return prepared(tmp_path / "planted.jsonl")


def held_out(found: Experiment) -> tuple[FloatArray, FloatArray]:
    """What the first fold scores, and what chance does."""
    fold = found.folds("random")[0]
    _, scored, _ = WORDS.score(found, fold, "random")
    return scored.score, scored.blind_baseline


def test_planted_shortcuts_are_found(planted: Experiment) -> None:
    correct, chance = held_out(planted)
    assert correct.mean() > chance.mean() + 0.08


def test_where_answers_are_permuted_nothing_is_found(tmp_path: Path) -> None:
    write(tmp_path / "planted.jsonl", times=4)
    asked = prepared(tmp_path / "planted.jsonl")
    null = Experiment(asked.dataset.benchmark, Settings(null_control=True))
    correct, chance = held_out(null)
    # 480 questions: the standard error of the difference is about 2 points.
    assert abs(correct.mean() - chance.mean()) < 0.07


def task_of(dataset: Dataset, train: IntArray, held_out: IntArray) -> FoldTask:
    answers = dataset.frame["answer"].to_numpy(dtype=np.float64)[train]
    return FoldTask(Questions.of(dataset), train, held_out, answers, np.arange(len(train)), seed=1)


def test_the_answers_of_each_type_come_from_that_type(planted: Experiment) -> None:
    dataset = planted.dataset
    fold = planted.folds("random")[0]
    task = task_of(dataset, fold.train, fold.held_out)
    found = WordsDiagnostic().predict(task)
    score(dataset, found, fold.train, fold.held_out)
    kinds = dataset.frame["format"].to_numpy()
    changed = np.where(kinds[fold.train] == "num", task.answers * 7 + 1, task.answers)
    other = WordsDiagnostic().predict(replace(task, answers=changed))
    choices = np.repeat(kinds[fold.held_out] == "mc", found.counts)
    assert np.array_equal(found.values[choices], other.values[choices])
    assert not np.array_equal(found.values[~choices], other.values[~choices])


def test_a_diagnosis_is_the_same_again(planted: Experiment) -> None:
    fold = planted.folds("random")[0]
    task = task_of(planted.dataset, fold.train, fold.held_out)
    once, again = WordsDiagnostic(), WordsDiagnostic()
    first = once.predict(task).values
    assert np.array_equal(first, once.predict(task).values)
    assert np.array_equal(first, again.predict(task).values)


def test_questions_without_words_are_predicted(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = [f"{n},?,{'ABC'[n % 3]},!,?,-" for n in range(30)]
    path.write_text("\n".join(["id,question,answer,a,b,c", *rows]), encoding="utf-8")
    columns = Columns(id="id", text="question", answer="answer", options=("a", "b", "c"))
    declared = Benchmark(
        name="mute", source=LocalFile(str(path)), columns=columns, question_types=[Choice("pick")]
    )
    dataset = load(declared)
    found = WordsDiagnostic().predict(task_of(dataset, np.arange(20), np.arange(20, 30)))
    score(dataset, found, np.arange(20), np.arange(20, 30))
    assert found.values.reshape(10, 3) == pytest.approx(1 / 3, abs=0.2)


@pytest.mark.parametrize("others", ["ABCD", "ABC"])
def test_where_every_option_is_right_that_is_what_is_said(tmp_path: Path, others: str) -> None:
    rows = [plain(i, answer=list("ABCD" if i % 5 else others)) for i in range(40)]
    write_rows(tmp_path / "rows.jsonl", rows)
    columns = Columns(id="id", text="question", options="options", answer="answer")
    declared = Benchmark("toy", LocalFile(str(tmp_path / "rows.jsonl")), columns, [Multi("toy")])
    scores, _ = held_out(Experiment(declared, Settings()))
    assert scores.mean() >= 0.5
