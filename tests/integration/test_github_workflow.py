"""`init --github`: the workflow gates the module, and its command runs as it stands."""

import os
import re
import shlex
import textwrap
from pathlib import Path

import pytest
from projects import questions, write_rows

from tst_harness.cli import main
from tst_harness.cli.workflow import WORKFLOW
from tst_harness.engine.results import ExitStatus
from tst_harness.views.markdown import MARK, markdown

GH = """#!/bin/sh
# Comments of others, and once there is one, ours: as the filter of the real program leaves them.
case "$*" in
  *--paginate*) echo "$*" >> asked; if [ -f said ]; then echo 11; fi;;
  *) echo "$*" >> said;;
esac
"""
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
    summary = Path("reports/summary.md").read_text("utf-8")
    assert summary.startswith(f"{MARK}\n## Benchmark bias")
    assert "**toy: found: a text-only model scores" in summary
    assert " from the reference " in summary
    assert "Strongest shortcut: pick: the option \\`red\\` is right 87% of the time (" in summary
    assert "actions/runs" not in summary


def test_a_summary_links_to_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SERVER_URL", "https://host"), ("REPOSITORY", "me/mine"), ("RUN_ID", "7")):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert "[Reports and pages of this run](https://host/me/mine/actions/runs/7)" in markdown([], [], [])


def test_there_is_one_comment_which_later_runs_update(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    assert main(["init", "toy.jsonl", *SETTLED, "--github"]) == ExitStatus.OK
    [script] = re.findall(r"        run: \|\n((?:          .*\n)+)", WORKFLOW.read_text("utf-8"))
    programs = pytester.mkdir("programs")
    (programs / "gh").write_text(GH, "utf-8")
    (programs / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("PULL", "5")
    monkeypatch.setenv("COMMENTS", "repos/me/mine/issues")
    for _ in range(3):
        assert pytester.run("sh", "-ec", textwrap.dedent(script)).ret == 0
    made, *updated = Path("said").read_text("utf-8").splitlines()
    assert made == "pr comment 5 --body-file reports/summary.md"
    assert (
        updated == ["api --silent -X PATCH repos/me/mine/issues/comments/11 -F body=@reports/summary.md"] * 2
    )
    assert f'startswith("{MARK}")' in Path("asked").read_text("utf-8")


def test_a_workflow_is_not_overwritten(pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    WORKFLOW.parent.mkdir(parents=True)
    WORKFLOW.write_text("mine", "utf-8")
    assert main(["init", "toy.jsonl", *SETTLED, "--github"]) == ExitStatus.USAGE
    assert "benchmark-bias.yml already; remove it" in capsys.readouterr().err
    assert WORKFLOW.read_text("utf-8") == "mine"
    assert not Path("test_toy.py").exists()
