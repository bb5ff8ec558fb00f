"""A report as Python has it: DataFrames, files, a page, and a few lines for a terminal and a notebook."""

from pathlib import Path

import pandas as pd
import pytest
from snapshots import make_report

from tst_harness.api.compare import compare
from tst_harness.api.report import Report, read_report
from tst_harness.errors import ReportError


def make(repeats: int = 1, *, llm: bool = False) -> Report:
    content, samples = make_report(repeats, llm=llm)
    lines = [
        {"id": id, "text": f"What is {id}?", "options": None, "answer": "A", "shortcuts": []}
        for id in dict.fromkeys(samples["id"])
    ]
    return Report(content, samples, lines)


def test_scores_are_rows_of_a_frame() -> None:
    report = make(llm=True)
    assert report.overall.index.tolist() == list(report.content.diagnostics)
    for name, diagnostic in report.content.diagnostics.items():
        overall, row = diagnostic.overall, report.overall.loc[name]
        assert overall is not None
        assert (row["n"], row["score"], row["gain"]) == (overall.n, overall.score, overall.gain)
        assert (row["score_low"], row["score_high"]) == overall.interval
        assert (row["gain_low"], row["gain_high"]) == overall.gain_interval
        assert (row["macro_low"], row["macro_high"]) == overall.macro_interval
    types = report.types()
    own = types[types["diagnostic"] == "forest"]
    assert own["gain"].is_monotonic_decreasing
    scores = report.content.diagnostics["forest"].types
    assert dict(zip(own["type"], own["score"], strict=True)) == {
        name: scores[name].score for name in own["type"]
    }


def test_samples_are_a_copy() -> None:
    report = make(2)
    samples = report.samples()
    samples["s"] = 0.0
    assert report.samples()["s"].sum() > 0.0
    assert set(samples["repeat"]) == {0, 1}


def test_shortcuts_have_their_columns_even_where_there_are_none() -> None:
    expected = ["type", "text", "support", "score", "blind_baseline", "most_frequent", "p_value"]
    assert make().shortcuts().columns.tolist() == expected


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    report = make(2, llm=True)
    path = report.save(tmp_path / "reports")
    again = read_report(path)
    assert again.content.samples is not None
    assert again.content.model_copy(update={"samples": None}) == report.content
    pd.testing.assert_frame_equal(again.samples(), report.samples())
    assert [
        {name: line[name] for name in report.questions[0]} for line in again.questions
    ] == report.questions
    assert path.with_suffix(".html").read_text("utf-8") == report.html() == again.html()


def test_a_few_lines_say_what_was_found() -> None:
    report = make()
    overall = report.content.diagnostics["forest"].overall
    assert overall is not None
    assert repr(report).startswith(f"<Report of demo: forest {100 * overall.score:.1f}% [")
    heading, sentence = str(report).splitlines()
    assert heading.startswith("demo: Demo-Bench | forest")
    assert sentence.startswith(f"A text-only model scores {100 * overall.score:.1f}% on ")


def test_a_notebook_shows_tables_and_runs_no_script() -> None:
    shown = make(llm=True)._repr_html_()
    assert shown.count("<table>") == 2
    assert "weighted mean" in shown
    assert "<script" not in shown
    assert "<style" not in shown


def test_reports_are_compared_whether_read_or_made(tmp_path: Path) -> None:
    report = make(2)
    comparison = compare(report, report.save(tmp_path))
    assert not comparison.significant
    assert not comparison.changes
    row = comparison.overall.loc["forest"]
    assert (row["difference"], row["before"]) == (0.0, row["after"])
    assert row["low"] <= 0.0 <= row["high"]
    assert set(comparison.types()["type"]) == set(report.types()["type"])
    assert "does not score significantly higher" in str(comparison)
    assert comparison.html().startswith("<!doctype html>")


def test_reports_without_a_diagnostic_in_common_are_refused() -> None:
    forest = make()
    other = Report(
        forest.content.model_copy(update={"diagnostics": {"words": forest.content.diagnostics["forest"]}}),
        forest.samples().assign(diagnostic="words"),
    )
    with pytest.raises(ReportError, match="share no diagnostic"):
        compare(forest, other)
