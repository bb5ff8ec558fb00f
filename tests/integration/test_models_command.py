"""Models beside the bias: from the command line, in Python, in the report, on the page, by gates."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from harness_forms import HARNESS_FORMS
from result_forms import ANSWERS, FORMS, LETTERS, PAIRS, ROWS, text_of, write_lines

import tst_harness
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import DataError, HarnessError
from tst_harness.gates.judge import Gate, judge
from tst_harness.report.files import read_report
from tst_harness.results.schema import ModelsReport
from tst_harness.views.markdown import markdown


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the questions, with what lies beside it."""
    folder = tmp_path_factory.mktemp("audited")
    path = write_lines(folder / "bowls.jsonl", ROWS)
    tst_harness.audit(path, type="kind", progress=False).save(folder / "reports")
    return folder / "reports"


@pytest.fixture
def report(audited: Path, tmp_path: Path) -> Path:
    shutil.copytree(audited, tmp_path / "reports")
    return tmp_path / "reports" / "bowls.json"


def models_of(path: Path) -> ModelsReport:
    return ModelsReport.model_validate(read_report(path).sections["models"].figures)


@pytest.mark.parametrize("form", [*FORMS, *HARNESS_FORMS])
def test_every_form_gives_the_same_figures(
    form: str, report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = {**FORMS, **HARNESS_FORMS}[form](report.parent)
    assert main(["models", str(report), "--results", f"toy={path}"]) == ExitStatus.OK
    printed = capsys.readouterr().out
    assert printed.startswith(f"toy: {path.name}, ")
    toy = models_of(report).models["toy"]
    right = [row["answer"] == answer for row, answer in PAIRS]
    assert (toy.n, toy.score) == (40, sum(right) / 40)
    reference = tst_harness.read_report(report).models({"toy": {r["id"]: a for r, a in PAIRS}}).content
    own = toy.model_dump(exclude={"read", "falls"})
    assert own == reference.models["toy"].model_dump(exclude={"read", "falls"})
    if form != "scores_csv":
        assert toy.falls == reference.models["toy"].falls


def test_a_reader_who_stops_reading_leaves_all_files_written(report: Path) -> None:
    path = FORMS[next(iter(FORMS))](report.parent)
    command = "import sys; from tst_harness.cli import main; sys.exit(main())"
    arguments = ["models", str(report), "--results", f"toy={path}"]
    with subprocess.Popen(
        [sys.executable, "-c", command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
    assert set(models_of(report).models) == {"toy"}
    assert set(tst_harness.read_report(report).models({"toy": path}).answers()["model"]) == {"toy"}
    assert report.with_name("bowls.models.jsonl").exists()
    assert report.with_suffix(".html").exists()


def test_several_models_are_ranked_judged_and_shown(
    report: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    perfect = {row["id"]: row["answer"] for row in ROWS}
    files = {"good": perfect, "poor-1": dict.fromkeys(perfect, "A"), "blind": dict.fromkeys(perfect, "B")}
    for name, answers in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answers))
    (tmp_path / "removed.txt").write_text("q00\nq01\n")
    given = [f"--results={name}={tmp_path / name}.json" for name in ("good", "poor-1")]
    blind = f"--blind=good={tmp_path / 'blind.json'}"
    arguments = ["models", str(report), *given, blind, "--removed", str(tmp_path / "removed.txt")]
    assert main(arguments) == ExitStatus.OK
    printed = capsys.readouterr().out
    lines = [
        line for line in printed.splitlines() if not line.startswith(("report: ", "answers: ", "page: "))
    ]
    assert max(map(len, lines)) <= 100
    assert "good, blind: blind.json, records by id; 40 of 40 questions by the id in '$key'" in lines
    models = models_of(report)
    assert models.models["good"].score == 1.0
    assert models.models["good"].falls is None
    assert models.models["good"].seeing_quarters is not None
    assert models.leaderboard is not None
    assert [place.model for place in models.leaderboard.places] == ["good", "poor-1"]
    assert models.leaderboard.parts["pruned"].questions == 38
    assert models.leaderboard.parts["not given away"].tau == 1.0

    read_back = tst_harness.read_report(report)
    page = report.with_suffix(".html").read_text("utf-8")
    assert page == read_back.html()
    assert 'id="models"' in page
    assert "Score of good by quarter" in page
    assert main(["report", str(report)]) == ExitStatus.OK
    assert report.with_suffix(".html").read_text("utf-8") == page
    assert "### bowls: models beside the bias" in markdown([read_back.content], [], [])

    capsys.readouterr()
    assert main(["gate", str(report), "models.good.score >= 0.5"]) == ExitStatus.OK
    assert main(["gate", str(report), 'bowls.models["poor-1"].score >= 0.9']) == ExitStatus.FAILED
    assert main(["gate", str(report), "models.good.seeing >= 0.1"]) == ExitStatus.OK
    assert main(["gate", str(report), "models.goad.lean <= 0.1"]) == ExitStatus.USAGE
    assert "there is no model 'goad'; did you mean 'good'?" in capsys.readouterr().err
    assert main(["gate", str(report), "models.lean <= 0.1"]) == ExitStatus.USAGE
    assert "the gate names no model" in capsys.readouterr().err
    assert main(["gate", str(report), "models.good.lean <= reference"]) == ExitStatus.USAGE


def test_commands_write_the_markdown_of_models(
    report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, summary = tmp_path / "step.md", tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    given = f"--results=toy={FORMS['scores_csv'](report.parent)}"
    assert main(["models", str(report), given, "--markdown", str(summary)]) == ExitStatus.OK
    table = summary.read_text("utf-8")
    assert table == page.read_text("utf-8")
    assert "### bowls: models beside the bias\n\n| model | n |" in table
    assert table.count("\n| toy | 40 |") == 1
    rule = "models.toy.score >= 0.3"
    assert main(["gate", str(report), rule, "--markdown", str(summary)]) == ExitStatus.OK
    judged = summary.read_text("utf-8")
    assert page.read_text("utf-8") == table + judged
    assert "✅ pass | bowls.models.toy.score \\>= 0.3 |" in judged
    assert "\n| toy | 40 |" in judged
    assert main(["report", str(report), "--card", str(tmp_path / "card.md")]) == ExitStatus.OK
    assert "\n| toy | 40 |" in (tmp_path / "card.md").read_text("utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "none" / "step.md"))
    assert "no summary was written to GITHUB_STEP_SUMMARY" in refused(["models", str(report), given], capsys)
    # What was asked for is there all the same.
    assert set(models_of(report).models) == {"toy"}


def test_python_gives_tables(audited: Path) -> None:
    report = tst_harness.read_report(audited / "bowls.json")
    frame = pd.DataFrame({"id": [row["id"] for row in ROWS], "prediction": ANSWERS})
    models = report.models(
        {"a": frame, "b": frame.assign(prediction="A")}, blind={"a": frame}, removed=["q03"]
    )
    assert list(models.table().index) == ["a", "b"]
    assert models.table().loc["a", "seeing"] == 0.0
    assert set(models.leaderboard()["questions"]) == {"all", "not given away", "pruned"}
    assert len(models.answers()) == 80
    assert str(models) == "\n".join(report.content.sections["models"].sentences)
    assert len(report.models({"a": frame}).leaderboard()) == 0


def gate(report: Path, rule: str) -> str:
    """The reason why a rule is not judged."""
    from tst_harness.gates.expression import parse_gate
    from tst_harness.gates.reference import read_snapshot

    judged = judge(
        [Gate("bowls", parse_gate(rule), "option")], {"bowls": read_snapshot(report)}, _no_reference
    )
    return judged.gates[0].reason or ""


def _no_reference(name: str) -> Any:
    raise HarnessError(f"there is no reference of {name}")


def test_gates_on_models_wait_for_results(report: Path) -> None:
    assert gate(report, "models.toy.lean <= 0.1").startswith("there are no results of models")
    assert (
        main(["models", str(report), f"--results=toy={FORMS['scores_csv'](report.parent)}"]) == ExitStatus.OK
    )
    assert gate(report, "models.toy.falls <= 0.1") == "the results of toy tell nothing of falls"


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command ends with."""
    capsys.readouterr()
    assert main(arguments) == ExitStatus.USAGE
    [line] = capsys.readouterr().err.splitlines()
    return line


def test_what_cannot_be_used_gets_one_sentence(
    report: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def given(rows: list[dict[str, Any]], *more: str) -> str:
        path = write_lines(tmp_path / "r.jsonl", rows)
        return refused(["models", str(report), f"--results=toy={path}", *more], capsys)

    rows = [{"id": row["id"], "prediction": answer} for row, answer in PAIRS]
    assert "r.jsonl: is empty, it has no answers" in given([])
    assert "these are results of another test set" in given(
        [{"id": f"x{n}", "prediction": "A"} for n in range(9)]
    )
    assert "has 20 of the 40 questions of bowls" in given(rows[::2])
    assert "has 2 answers that differ" in given([*rows, {"id": "q00", "prediction": "E"}])
    assert "there are no results of 'other' to go with" in given(
        rows, f"--blind=other={tmp_path / 'r.jsonl'}"
    )
    assert "is given twice" in given(rows, f"--results=toy={tmp_path / 'r.jsonl'}")
    assert "bowls has no llm; there are forest" in given(rows, "--diagnostic", "llm")
    turned = [
        {"id": row["id"], "options": row["options"][::-1], "prediction": LETTERS[3 - LETTERS.index(answer)]}
        for row, answer in PAIRS
    ]
    assert "are in another order there" in given(turned)
    assert "models" not in read_report(report).sections
    path = write_lines(tmp_path / "half.jsonl", rows[::2])
    assert main(["models", str(report), f"--results=toy={path}", "--allow-missing"]) == ExitStatus.OK
    assert models_of(report).models["toy"].read.missing == 20


def test_a_null_control_and_no_results_are_refused(audited: Path, tmp_path: Path) -> None:
    report = tst_harness.read_report(audited / "bowls.json")
    with pytest.raises(DataError, match="there are no results; give at least one model's"):
        report.models({})
    report.content = report.content.model_copy(update={"null_control": True})
    with pytest.raises(HarnessError, match="whose answers are permuted"):
        report.models({"toy": {row["id"]: text_of(row, "A") for row in ROWS}})


def test_damaged_answers_are_replaced(report: Path) -> None:
    given = f"--results=toy={FORMS['scores_csv'](report.parent)}"
    assert main(["models", str(report), given]) == ExitStatus.OK
    answers = report.with_name("bowls.models.jsonl")
    written = answers.read_bytes()
    answers.write_bytes(written[:100])
    assert main(["models", str(report), given]) == ExitStatus.OK
    assert answers.read_bytes() == written
