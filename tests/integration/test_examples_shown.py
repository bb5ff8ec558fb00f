"""Questions as they were read, before a long run of a declared benchmark."""

import subprocess
import sys

import pytest
from projects import run, write_project

from tst_harness.integrations.pytest import examples

HEADING = "toy: questions as they were read, [[]right]:"
LONG_FROM_100 = "from tst_harness.integrations.pytest import examples\n\nexamples._MANY = 100\n"
AUDIT = f"{LONG_FROM_100}\nfrom tst_harness.cli import main\n\nmain(['audit', 'toy.jsonl', '--tst-no-html'])"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project in which a run of 100 questions takes long, in other processes too."""
    write_project(pytester)
    monkeypatch.setattr(examples, "_MANY", 100)
    pytester.makeconftest(LONG_FROM_100)
    return pytester


@pytest.mark.parametrize("options", [(), ("-v",), ("-n2",)], ids=["one process", "verbose", "two workers"])
def test_three_questions_are_shown_before_the_first_fold(
    project: pytest.Pytester, options: tuple[str, ...]
) -> None:
    output = run(project, *options).stdout
    output.fnmatch_lines(
        [
            f"  {HEADING}",
            '    "What colour is the * by the wall?" *[[]red[]]*',
            '    "What colour is the * by the wall?" * | *',
            '    "How many *(s) are in the room?" [[][0-9][]]',
            "  toy forest fold *",
        ]
    )
    assert output.str().count("as they were read") == 1


def test_a_run_that_is_done_shows_none(project: pytest.Pytester) -> None:
    run(project)
    run(project).stdout.no_fnmatch_line(f"*{HEADING}")


def test_a_short_run_shows_none(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester).stdout.no_fnmatch_line(f"*{HEADING}")


@pytest.mark.parametrize("option", ["--tst-texts=omit", "--tst-null", "-q"])
def test_what_is_not_to_be_shown_is_not(project: pytest.Pytester, option: str) -> None:
    run(project, option).stdout.no_fnmatch_line(f"*{HEADING}")


def test_a_junit_file_does_not_have_them(project: pytest.Pytester) -> None:
    run(project, "--junitxml=junit.xml").stdout.fnmatch_lines([f"*{HEADING}"])
    assert "as they were read" not in (project.path / "junit.xml").read_text("utf-8")


def test_audit_shows_them_once(project: pytest.Pytester) -> None:
    done = subprocess.run([sys.executable, "-c", AUDIT], capture_output=True, text=True, check=False)
    assert "forest fold 4" in done.stdout
    assert done.stdout.count("as they were read") == 1
