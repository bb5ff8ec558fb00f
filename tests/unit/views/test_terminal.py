from pathlib import Path
from typing import Any

import pytest
from record_builders import (
    RUN,
    make_folds,
    make_held_out,
    make_origin,
    make_shortcut,
    make_shortcuts,
    make_source,
    units,
)

from tst_harness.analysis.records import HeldOut
from tst_harness.report.assemble import assemble
from tst_harness.report.schema import Fault, Report
from tst_harness.views.terminal import summary_lines, wrap

IDS = [str(number) for number in range(60)]
PATHS = (Path("reports/demo.json"), Path("reports/demo.samples.jsonl"))


def report_with(missing: int = 0, shortcuts: int = 1, rules_tried: int = 100, **origin: Any) -> Report:
    made = make_origin(**origin)
    folds = make_folds(IDS, origin=made)
    rules = [
        make_shortcut(text=f"rule {number} is right", support=50 - number) for number in range(shortcuts)
    ]
    record = make_shortcuts(origin=made, rules_tried=rules_tried)
    record = record.model_copy(update={"shortcuts": rules})
    return assemble([*folds[missing:], record], {"forest": units(folds)}, RUN)


def text_of(report: Report, **options: Any) -> str:
    return "\n".join(line.text for line in summary_lines(report, *PATHS, **options))


def test_a_table_has_a_row_for_each_type_by_gain_and_both_means() -> None:
    report = report_with()
    lines = text_of(report).splitlines()
    types = report.diagnostics["forest"].types
    by_gain = sorted(types, key=lambda name: -types[name].gain)
    starts = [line.split()[0] for line in lines if line and line.split()[0] in {*types, "weighted", "macro"}]
    assert starts == [*by_gain, "weighted", "macro"]
    row = next(line for line in lines if line.startswith("room_size"))
    assert row.split()[:5] == ["room_size", "num", "20", "constant", "25.0"]
    scores = types["room_size"]
    assert f"{100 * scores.score:.1f} [{100 * scores.interval[0]:.1f}, {100 * scores.interval[1]:.1f}]" in row
    assert "chance 25.0" in next(line for line in lines if line.startswith("route"))


def test_the_page_is_named_where_there_is_one() -> None:
    assert "\npage: reports/demo.html" in text_of(report_with(), page_path=Path("reports/demo.html"))
    assert "page: " not in text_of(report_with())


def test_the_files_are_named() -> None:
    assert text_of(report_with()).endswith(f"report: {PATHS[0]}\nsamples: {PATHS[1]}")


def test_a_real_source_is_named_in_the_title() -> None:
    title = text_of(report_with()).splitlines()[1]
    assert title == "demo: Demo-Bench | forest | file data/demo.jsonl"


def test_the_sample_and_the_null_control_stand_in_the_title() -> None:
    source = make_source(
        kind="sample", substituted_for="demo.jsonl, which is not cached and cannot be fetched"
    )
    lines = summary_lines(report_with(source=source, null_control=True), *PATHS)
    title = lines[1].text
    assert title.startswith("demo: bundled SAMPLE, not Demo-Bench | forest | NULL CONTROL")
    assert (lines[2].text, lines[2].markup) == (f"stands in for {source.substituted_for}", {"yellow": True})


@pytest.mark.parametrize(
    ("scores", "chance", "verdict"),
    [
        (
            [1.0] * 60,
            0.25,
            "; the text alone is worth +75.0 points [48.5, 75.0], significantly above zero.",
        ),
        ([0.0] * 60, 0.5, ", significantly less than guessing: -50.0 points [-50.0, -23.5]."),
        ([1.0, 0.0] * 30, 0.52, ", not significantly less than guessing: -2.0 points ["),
        ([1.0, 0.0] * 30, 0.5, "; the text alone is worth 0.0 points ["),
    ],
)
def test_a_sentence_says_what_it_means(scores: list[float], chance: float, verdict: str) -> None:
    fold = make_folds(IDS, folds=1)[0]
    columns: dict[str, Any] = {"type": ["route"] * 60, "format": ["mc"] * 60}
    held_out = make_held_out(IDS, score=scores, blind_baseline=[chance] * 60, **columns)
    report = assemble([fold.model_copy(update={"held_out": held_out})], {"forest": {(0, 0)}}, RUN)
    text = " ".join(text_of(report).split())
    share = 100 * sum(scores) / 60
    scored = f"A text-only model scores {share:.1f}% on 60 questions (chance: {100 * chance:.1f}%)"
    assert f"{scored}{verdict}" in text


def test_an_incomplete_diagnostic_shows_what_is_missing_and_no_score() -> None:
    report = report_with(missing=1)
    text = " ".join(text_of(report).split())
    assert "1 of 3 folds left no record (repeat 0 fold 0); run the same command again" in text
    assert "weighted mean" not in text
    assert any(line.markup == {"red": True} for line in summary_lines(report, *PATHS))


def test_the_strongest_shortcuts_are_sentences() -> None:
    text = text_of(report_with(shortcuts=10))
    assert "strongest shortcuts (8 of 10 that beat the blind baseline, 100 rules tried):" in text
    figures = "n = 50, chance 25.0%, worth +38.3 points of the whole score over chance, p = 0.0020"
    assert f"- route: rule 0 is right ({figures})" in " ".join(text.split())
    assert text.count("- route: rule") == 8
    assert text_of(report_with(shortcuts=10), verbose=True).count("- route: rule") == 10


def test_no_shortcut_among_those_tried_is_said() -> None:
    assert "none of 100 rules tried beats the blind baseline" in text_of(report_with(shortcuts=0))
    assert "rules tried" not in text_of(report_with(shortcuts=0, rules_tried=0))


def test_skipped_rows_are_counted_and_named() -> None:
    skipped = [
        Fault(row=number, id=str(number), field="answer", problem="names no option") for number in range(7)
    ]
    report = report_with(source=make_source(rows=67, faults=skipped), notes=["a note"])
    text = text_of(report)
    assert text.split("\n")[1].startswith("7 of 67 rows (10.4%) are faulty and left out")
    assert "- row 4 (id 4), answer: names no option" in text
    assert "and 2 more, named in the report" in text
    assert "note: a note" in text
    assert "- row 6 (id 6)" in text_of(report, verbose=True)


def test_verbose_shows_the_folds() -> None:
    assert "repeat 0 fold 2: " not in text_of(report_with())
    assert "repeat 0 fold 2: " in text_of(report_with(), verbose=True)


@pytest.mark.parametrize("width", range(20, 60))
def test_figures_are_not_torn_apart(width: int) -> None:
    text = "it scores 56.9% of the time [51.2, 60.0], that is -8.7 [-9.7, -7.7] (n = 62, p < 0.0001) and more"
    lines = [line.text for line in wrap(text, width, indent="  ")]
    assert " ".join(line.strip() for line in lines) == text
    assert max(map(len, lines)) <= width
    for whole in ("[51.2, 60.0]", "[-9.7, -7.7]", "n = 62", "p < 0.0001"):
        assert sum(whole in line for line in lines) == 1


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    long = "the_direction_of_a_very_distant_object_among_several"
    fold = make_folds(IDS, folds=1)[0]
    whole = make_held_out(IDS, score=[1.0] * 60)
    named = HeldOut(**{**dict(whole), "type": [name.replace("route", long) for name in whole.type]})
    origin = make_origin(title="A benchmark with quite a long name " * 3, notes=["A long note. " * 20])
    record = fold.model_copy(update={"held_out": named, "origin": origin})
    shortcut = make_shortcut(type=long, text="when the middle one of the numbers is taken it is right")
    report = assemble([record, make_shortcuts(shortcut, origin=origin)], {"forest": {(0, 0)}}, RUN)
    lines = [line.text for line in summary_lines(report, *PATHS, width=width, verbose=True)]
    assert max(map(len, lines)) <= width
    row = next(line for line in lines if line.startswith("the_dir"))
    assert (".." in row) == (width == 80)
    assert row.split()[0].endswith("eral")
