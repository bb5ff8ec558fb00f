"""The card and the badge of a report."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from snapshots import make_report

from tst_harness.analysis.figures import percent
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import ReportError
from tst_harness.report.files import write_report
from tst_harness.views.card import badge, card


def test_a_card_says_what_was_measured_and_how() -> None:
    report, _ = make_report(repeats=2)
    overall = report.diagnostics["forest"].overall
    assert overall is not None
    text = card(report, "demo.svg")
    assert f"A text-only model scores {percent(overall.score)}% on 60 questions" in text
    assert "![text only " in text
    assert "(demo.svg)" in text
    assert "3 folds, seed 42, 2 repeats" in text
    assert f"content `{report.source.fingerprint.content[:12]}`" in text
    assert "null control" not in text


def test_a_card_of_the_strongest_diagnostic_and_of_a_control() -> None:
    report, _ = make_report(llm=True)
    scores = {name: found.overall.score for name, found in report.diagnostics.items() if found.overall}
    strongest = max(scores, key=lambda name: scores[name])
    assert f"the diagnostic `{strongest}`" in card(report, "b.svg")
    assert "**A null control" in card(report.model_copy(update={"null_control": True}), "b.svg")


def test_a_title_cannot_break_out_of_the_card() -> None:
    report, _ = make_report()
    text = card(report.model_copy(update={"title": "A [link](x)\n# head <b>"}), "b.svg")
    assert "\n# head" not in text
    assert "<b>" not in text.replace("\\<b\\>", "")


def test_a_badge_is_an_image_with_both_figures() -> None:
    report, _ = make_report()
    overall = report.diagnostics["forest"].overall
    assert overall is not None
    image = ElementTree.fromstring(badge(report))
    texts = [element.text for element in image.iter() if element.tag.endswith("text")]
    assert texts == [
        "text only",
        f"{percent(overall.score)} | guessing {percent(overall.blind_baseline)}",
    ]


def test_an_incomplete_report_has_no_card() -> None:
    report, _ = make_report(missing=1)
    with pytest.raises(ReportError, match="no diagnostic of demo is complete"):
        card(report, "b.svg")


def test_the_command_writes_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, _ = make_report()
    path = write_report(report, tmp_path)
    assert main(["report", str(path), "--card", str(tmp_path / "card.md")]) == ExitStatus.OK
    assert (tmp_path / "card.md").read_text("utf-8") == card(report, "card.svg")
    assert (tmp_path / "card.svg").read_text("utf-8") == badge(report)
    assert capsys.readouterr().out.startswith("card: ")


@pytest.mark.parametrize("arguments", [lambda path: [path, "--card"], lambda path: ["--card", path]])
def test_the_command_names_the_card_after_the_report(
    tmp_path: Path, arguments: Callable[[str], list[str]]
) -> None:
    report, _ = make_report()
    path = write_report(report, tmp_path)
    assert main(["report", *arguments(str(path))]) == ExitStatus.OK
    assert (tmp_path / "demo.card.md").read_text("utf-8") == card(report, "demo.card.svg")
    assert (tmp_path / "demo.card.svg").read_text("utf-8") == badge(report)


def test_a_report_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--card"]) == ExitStatus.USAGE
    assert "no report is named; write one after the command" in capsys.readouterr().err
