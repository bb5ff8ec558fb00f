"""forest and llm in one run: a third row, the same from pytest and Python, shown, gated and compared."""

import json
from pathlib import Path
from runpy import run_path

import pandas as pd
import pytest
from llm_fakes import FakeEncoder, FakeModel, FakePredictor, FakeTrainer
from llm_projects import settled
from projects import questions, read_json, write_project

import tst_harness
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.results import ExitStatus

CONFTEST = """
import pytest
from llm_fakes import FakeEncoder, FakeModel, FakePredictor, FakeTrainer
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor


@pytest.fixture(scope="session")
def trainable():
    encoder = FakeEncoder(FakeModel())
    return TrainableLLMPredictor(FakePredictor(encoder, []), FakeTrainer(encoder, []))
"""
ALONE = ("-p", "no:randomly", "-p", "no:hypothesispytest", "--tst-diagnostic=forest,llm", "--tst-split=both")
REPORT = Path("reports/toy-forest-llm-both.json")


def trainable() -> TrainableLLMPredictor:
    encoder = FakeEncoder(FakeModel())
    return TrainableLLMPredictor(FakePredictor(encoder, []), FakeTrainer(encoder, []))


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(pytester)
    pytester.makeconftest(CONFTEST)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "support"))
    return pytester.path


def test_it_is_shown_gated_and_the_same_from_python(pytester: pytest.Pytester, project: Path) -> None:
    gate = ("--tst-html", "--tst-gate", "toy.stack.score >= 0.02")
    result = pytester.runpytest_subprocess(*ALONE, *gate, "--tst-markdown=summary.md")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["toy: Toy-Bench | stack of forest and llm, multiple choice | file *"])
    shown = " ".join(result.stdout.str().split())
    assert "It has the 60 multiple-choice questions alone, of 100" in shown
    report = read_json(REPORT)
    assert set(report["diagnostics"]) == {
        f"{name}{suffix}" for name in ("forest", "llm", "stack") for suffix in ("", "_grouped")
    }
    row = report["diagnostics"]["stack"]
    assert (row["overall"]["n"], set(row["types"])) == (60, {"pick"})
    assert row["overall"]["gain_interval"][0] <= row["overall"]["gain"] <= row["overall"]["gain_interval"][1]
    assert {context["diagnostic"] for context in report["context"]} == {"forest", "llm", "stack"}
    assert report["gates"][0]["verdict"] == "pass"
    lines = [
        json.loads(line) for line in REPORT.with_suffix(".samples.jsonl").read_text("utf-8").splitlines()
    ]
    assert sum(line["diagnostic"] == "stack" for line in lines) == 60
    for text in (Path("summary.md").read_text("utf-8"), REPORT.with_suffix(".html").read_text("utf-8")):
        assert "stack" in text
    audited = tst_harness.audit(
        run_path("test_toy.py")["TestToy"].benchmark,
        diagnostics=("forest", "llm"),
        split="both",
        trainable=trainable,
        progress=False,
    )
    path = audited.save("python")
    assert settled(read_json(path)) == settled(report | {"gates": []})
    ours, theirs = (file.with_suffix(".samples.jsonl").read_bytes() for file in (path, REPORT))
    assert ours == theirs
    assert "stack" in audited.overall.index


def test_where_one_of_the_two_does_not_run_a_gate_says_which_to_add(
    pytester: pytest.Pytester, project: Path
) -> None:
    result = pytester.runpytest_subprocess(
        "-p", "no:randomly", "--tst-no-html", "--tst-gate", "toy.stack.score <= 0.5"
    )
    assert result.ret == ExitStatus.INCOMPLETE
    assert "stack" not in read_json(Path("reports/toy.json"))["diagnostics"]
    shown = " ".join(result.stdout.str().split())
    assert "the stack takes forest and llm; --tst-diagnostic=forest,llm runs both" in shown


def test_two_runs_are_compared_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = pd.DataFrame([row for row in questions() if row["options"]])
    made = [
        tst_harness.audit(
            rows, diagnostics=("forest", "llm"), folds=2, seed=seed, trainable=trainable, progress=False
        )
        for seed in (0, 0)
    ]
    compared = tst_harness.compare(*made)
    assert set(compared.overall.index) == {"forest", "llm", "stack"}
    assert not compared.changes
    row = made[0].content.diagnostics["stack"]
    assert row.overall is not None
    assert row.overall.n == 60
    assert "alone" not in row.notes[0]
