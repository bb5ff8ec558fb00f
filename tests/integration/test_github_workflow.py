"""`init --github`: the workflow gates the module, and its command runs as it stands."""

import os
import random
import re
import shlex
import sys
import textwrap
from pathlib import Path

import pytest
from projects import Row, questions, read_json, write_rows

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


STEPS = re.compile(r"        run: \|\n((?:          .*\n)+)")


def made(pytester: pytest.Pytester, rows: list[Row]) -> list[str]:
    """Let the workflow be written, and return the arguments of its run of pytest."""
    write_rows(pytester.path / "toy.jsonl", rows)
    assert main(["init", "toy.jsonl", *SETTLED, "--github"]) == ExitStatus.OK
    [command] = re.findall(r"- run: >-\n\s+pytest (.*?)\n\s+#", WORKFLOW.read_text("utf-8"), re.DOTALL)
    return shlex.split(command)


def scripts() -> tuple[str, str]:
    """The steps that compare and that comment."""
    comparing, commenting = STEPS.findall(WORKFLOW.read_text("utf-8"))
    return textwrap.dedent(comparing), textwrap.dedent(commenting)


def compared(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """How the step that compares ends, and what it adds to the summary."""
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    status = pytester.run("sh", "-ec", scripts()[0]).ret
    return int(status), Path("reports/summary.md").read_text("utf-8").partition("```text\n")[2]


def test_the_workflow_passes_on_the_questions_it_was_made_with(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = made(pytester, questions())
    assert command[command.index("--tst-inconclusive") + 1] == "fail"
    gates = [word for word in command if " <= " in word]
    assert [gate.rpartition(" ")[0] for gate in gates] == ["toy.forest.score <=", "toy.forest.gain <="]
    out = capsys.readouterr().out
    assert f"its gates: {' and '.join(gates)}" in out
    assert (
        "commit test_toy.py, .github/workflows/benchmark-bias.yml, reports/references/toy.json and "
        "reports/.gitignore" in out
    )
    score = read_json(Path("reports/toy.json"))["diagnostics"]["forest"]["overall"]["score"]
    assert score < float(gates[0].split()[-1]) < score + 0.2
    result = pytester.runpytest_subprocess(*command)
    assert result.ret == ExitStatus.OK
    result.stdout.fnmatch_lines([f"pass          {gate}" for gate in gates])
    summary = Path("reports/summary.md").read_text("utf-8")
    assert summary.startswith(f"{MARK}\n## Benchmark bias")
    assert "**toy: found: a text-only model scores" in summary
    assert "Strongest shortcut: pick: the option \\`red\\` is right 87% of the time (" in summary
    assert "actions/runs" not in summary
    status, block = compared(pytester, monkeypatch)
    assert status == ExitStatus.OK
    assert "data, folds, models and versions are the same" in block
    assert block.endswith("\n```\n")


def test_a_change_of_the_questions_is_compared_and_judged(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Before, no colour is the right one more often than the others.
    easy, rng = questions(), random.Random(1)
    rows = [row | {"answer": rng.choice("ABC")} if row["options"] else row for row in easy]
    command = made(pytester, rows)

    def judged(changed: list[Row]) -> tuple[int, int, str]:
        write_rows(pytester.path / "toy.jsonl", changed)
        return int(pytester.runpytest_subprocess(*command).ret), *compared(pytester, monkeypatch)

    few = [row | {"id": f"new {row['id']}"} for row in rows[:10]]
    gates, status, block = judged([*rows, *few])
    assert gates == ExitStatus.OK
    assert status == ExitStatus.OK
    assert "forest: 10 of 110 questions are only after" in block
    assert "does not score significantly higher" in block
    gates, status, block = judged(easy)
    assert gates == ExitStatus.FAILED
    assert status == ExitStatus.FAILED
    assert "The second run scores significantly higher: +" in block
    _, status, block = judged([row | {"id": f"other {row['id']}"} for row in rows])
    assert status == ExitStatus.USAGE
    assert "share no question of forest" in block


def test_reports_are_ignored_and_references_are_not(pytester: pytest.Pytester) -> None:
    made(pytester, questions())
    pytester.run("git", "init", "-q")
    listed = pytester.run("git", "ls-files", "--others", "--exclude-standard", "reports").outlines
    assert listed == ["reports/.gitignore", "reports/references/toy.json"]


def test_without_a_verdict_there_is_no_workflow(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(pytester.path / "toy.jsonl", questions()[:3])
    assert main(["init", "toy.jsonl", *SETTLED, "--github"]) != ExitStatus.OK
    assert (
        "wrote no .github/workflows/benchmark-bias.yml, since test_toy.py has no" in capsys.readouterr().out
    )
    assert not WORKFLOW.exists()


def test_a_summary_links_to_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SERVER_URL", "https://host"), ("REPOSITORY", "me/mine"), ("RUN_ID", "7")):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert "[Reports and pages of this run](https://host/me/mine/actions/runs/7)" in markdown([], [], [])


def test_there_is_one_comment_which_later_runs_update(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(pytester, questions())
    programs = pytester.mkdir("programs")
    (programs / "gh").write_text(GH, "utf-8")
    (programs / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setenv("PULL", "5")
    monkeypatch.setenv("COMMENTS", "repos/me/mine/issues")
    for _ in range(3):
        assert pytester.run("sh", "-ec", scripts()[1]).ret == 0
    first, *updated = Path("said").read_text("utf-8").splitlines()
    assert first == "pr comment 5 --body-file reports/summary.md"
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
