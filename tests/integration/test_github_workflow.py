"""`init --github`: the workflow gates the module, and its command runs as it stands."""

import re
import shlex
from pathlib import Path

import pytest
from projects import questions, write_rows

from tst_harness.cli import main
from tst_harness.cli.workflow import WORKFLOW
from tst_harness.engine.results import ExitStatus

SETTLED = ["--question", "question", "--type", "kind", "--group", "room"]


def test_the_gate_of_the_workflow_passes_with_its_reference(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    assert main(["init", "toy.jsonl", *SETTLED, "--github"]) == ExitStatus.OK
    assert "commit test_toy.py, .github/workflows/benchmark-bias.yml" in capsys.readouterr().out
    assert Path("reports/references/toy.json").exists()
    workflow = WORKFLOW.read_text("utf-8")
    [command] = re.findall(r"- run: >-\n\s+pytest (.*?)\n\s+- name", workflow, re.DOTALL)
    result = pytester.runpytest_subprocess(*shlex.split(command))
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines(["pass          toy.forest.score <= reference + 0.02"])
    assert Path("reports/summary.md").read_text("utf-8").startswith("## Benchmark bias")


def test_a_workflow_is_not_overwritten(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    WORKFLOW.parent.mkdir(parents=True)
    WORKFLOW.write_text("mine", "utf-8")
    assert main(["init", "toy.jsonl", *SETTLED, "--github"]) == ExitStatus.USAGE
    assert "benchmark-bias.yml already; remove it" in capsys.readouterr().err
    assert WORKFLOW.read_text("utf-8") == "mine"
    assert not Path("test_toy.py").exists()
