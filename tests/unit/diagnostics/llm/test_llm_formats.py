"""What a language model is taught and asked of open questions and of several right options."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from data_rows import load_rows
from llm_fakes import FakeEncoder, FakeModel, FakePredictor, FakeTrainer

from tst_harness.analysis.blind_baseline import accepted_by_answer
from tst_harness.analysis.diagnostic import FoldTask, Questions
from tst_harness.analysis.scoring import score
from tst_harness.benchmark.declarations import Columns, Multi, Open, Prompts
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.llm.data.conversion import test_instances as instances_of
from tst_harness.diagnostics.llm.data.conversion import training_data
from tst_harness.diagnostics.llm.diagnostic import LLMDiagnostic
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor

COLUMNS = Columns(id="id", text="question", answer="answer", options="options", type="kind")


def dataset(folder: Path) -> Dataset:
    rows = [
        {"id": f"{kind}{number}", "kind": kind, "question": f"What of {number}?"}
        | (
            {"options": ["x", "y", "z"], "answer": ["A", "C"]}
            if kind == "all"
            else {"answer": ["7", "7", "8"]}
        )
        for number in range(5)
        for kind in ("all", "name")
    ]
    return load_rows(folder, rows, columns=COLUMNS, question_types=[Multi("all"), Open("name")])


def task(loaded: Dataset) -> FoldTask:
    train, held_out = np.arange(2, 10), np.array([0, 5])
    train = np.setdiff1d(train, held_out)
    answers = loaded.frame["answer"].to_numpy()[train]
    accepted = accepted_by_answer(loaded, train)
    return FoldTask(Questions.of(loaded), train, held_out, answers, train, 1, "fold", accepted=accepted)


def test_a_model_is_taught_a_text_and_judges_each_option(tmp_path: Path) -> None:
    loaded = dataset(tmp_path)
    fold = task(loaded)
    data = training_data(fold.questions, fold.train[-1:], fold.answers[-1:], fold.accepted)
    assert [(one.instruction, one.response) for one in data] == [
        ("What of 4?\nAnswer with a word or a short phrase only.", "7")
    ]
    data = training_data(fold.questions, fold.train[:1], fold.answers[:1], fold.accepted)
    assert [one.response for one in data] == ["A", "B", "A"]
    assert data[1].instruction == (
        "What of 2?\nOne or more answers are right. Is this one of them: y\nA. yes\nB. no\n"
        "Answer with the letter of the correct option only."
    )


def test_a_benchmark_may_have_its_own_wording(tmp_path: Path) -> None:
    loaded = dataset(tmp_path)
    prompts = Prompts(open="Say: {question}", multi="{question} | {option}? | {options}")
    asked = replace(loaded, benchmark=loaded.benchmark.model_copy(update={"prompts": prompts}))
    instances = instances_of(Questions.of(asked), np.array([0, 5]))
    assert [one.instruction for one in instances] == [
        *(f"What of 0? | {option}? | A. yes\nB. no" for option in "xyz"),
        "Say: What of 0?",
    ]


def test_instances_hold_no_answer_and_say_what_is_asked_for(tmp_path: Path) -> None:
    fold = task(dataset(tmp_path))
    instances = instances_of(fold.questions, fold.held_out)
    assert [one.instance_id for one in instances] == ["all0", "all0", "all0", "name0"]
    assert [one.answer for one in instances] == ["number", "number", "number", "text"]
    assert all(one.ground_truth is None for one in instances)


def test_what_the_model_says_is_scored_by_the_type(tmp_path: Path) -> None:
    loaded = dataset(tmp_path)
    fold = task(loaded)
    encoder = FakeEncoder(FakeModel())
    log: list[str] = []
    with TrainableLLMPredictor(FakePredictor(encoder, log), FakeTrainer(encoder, log)) as trainable:
        predicted = LLMDiagnostic(trainable).predict(fold)
        zero_shot = LLMDiagnostic(trainable).zero_shot(fold.questions)
    assert predicted.texts == ("7.",)
    assert predicted.counts.tolist() == [3, 1]
    account = predicted.account
    assert account is not None
    assert [adapter.format for adapter in account.adapters] == ["open", "multi"]
    assert account.inference.questions == 2
    scored = score(loaded, predicted, fold.train, fold.held_out)
    assert scored.score.tolist()[1] == 1.0
    assert scored.prediction[1] == "7."
    assert str(scored.prediction[0]).count(", ") == 1
    assert len(zero_shot.counts) == 10
