"""What the command makes of arguments that make no sense."""

import pytest

from tst_harness import __version__
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["gat"],
        ["gate", "reports/toy.json"],
        ["gate", "--inconclusive=no", "a.json", "r"],
        ["compare", "-x"],
    ],
)
def test_wrong_arguments_end_as_a_wrong_gate_does(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == ExitStatus.USAGE
    assert "error: " in capsys.readouterr().err


def test_the_option_that_may_be_meant_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["compare", "a.json", "b.json", "--htm", "page.html"])
    assert "--htm page.html; did you mean --html?" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == ExitStatus.OK
    assert capsys.readouterr().out == f"tst-harness {__version__}\n"


def test_a_command_that_is_stopped_says_so_in_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("tst_harness.cli.models.run", stopped)
    assert main(["models", "a.json", "--results", "a=b.csv"]) == ExitStatus.INTERRUPTED
    assert capsys.readouterr().err == "tst-harness models: stopped\n"
