from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_builders import (
    RUN,
    make_fold,
    make_folds,
    make_held_out,
    make_origin,
    make_shortcut,
    make_shortcuts,
    make_source,
    units,
)

from tst_harness.analysis.records import FoldRecord, HeldOut
from tst_harness.errors import ReportError
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.records import Record
from tst_harness.report.schema import Fingerprint, OverallScores, Report, Settings

IDS = [str(number) for number in range(60)]


def report_of(folds: list[FoldRecord], *others: Record) -> Report:
    return assemble([*folds, *others], {"forest": units(folds)}, RUN)


def overall_of(report: Report) -> OverallScores:
    overall = report.diagnostics["forest"].overall
    assert overall is not None
    return overall


def test_a_report_says_where_it_comes_from() -> None:
    folds = make_folds(IDS)
    report = assemble(folds, {"forest": units(folds)}, RUN, cached={folds[1].key})
    origin = folds[0].origin
    assert (report.benchmark, report.title, report.source) == (origin.benchmark, origin.title, origin.source)
    assert (report.settings, report.versions, report.run) == (origin.settings, origin.versions, RUN)
    found = report.diagnostics["forest"]
    assert found.complete
    assert found.settings == origin.diagnostic_settings
    assert [fold.cached for fold in found.folds] == [False, True, False]
    assert [(fold.repeat, fold.fold, fold.n) for fold in found.folds] == [(0, 0, 20), (0, 1, 20), (0, 2, 20)]


def test_scores_are_means_over_questions() -> None:
    folds = make_folds(IDS)
    whole = make_held_out(IDS)
    found = report_of(folds).diagnostics["forest"]
    assert found.overall is not None
    assert found.overall.n == 60
    assert found.overall.score == pytest.approx(np.mean(whole.score))
    assert found.overall.mean_s == pytest.approx(np.mean(whole.s))
    assert found.overall.blind_baseline == pytest.approx(0.25)
    assert found.overall.gain == pytest.approx(np.mean(whole.score) - 0.25)
    assert found.overall.macro_score == pytest.approx(np.mean([kind.score for kind in found.types.values()]))
    assert found.overall.macro_gain == pytest.approx(found.overall.macro_score - 0.25)
    for name, scores in found.types.items():
        correct = [right for right, kind in zip(whole.score, whole.type, strict=True) if kind == name]
        assert scores.n == 20
        assert scores.score == pytest.approx(np.mean(correct))
        assert scores.metric == {"mc": "acc", "num": "mra"}[scores.format]


def test_repeats_are_averaged_for_each_question() -> None:
    first, second = make_folds(IDS, repeats=1), make_folds(IDS, repeats=1, seed=1)
    origin = make_origin(settings=Settings(folds=3, seed=42, repeats=2, split="random"))
    both = [
        fold.model_copy(update={"repeat": repeat, "origin": origin, "key": f"{repeat}-{fold.fold}"})
        for repeat, folds in enumerate([first, second])
        for fold in folds
    ]
    overall = overall_of(report_of(both))
    assert overall.n == 60
    assert overall.score == pytest.approx(
        (overall_of(report_of(first)).score + overall_of(report_of(second)).score) / 2
    )


@given(st.randoms(use_true_random=False), st.integers(1, 3), st.lists(st.text(), min_size=6, unique=True))
@settings(max_examples=25, deadline=None)
def test_the_order_of_records_and_questions_does_not_matter(
    random: Any, repeats: int, ids: list[str]
) -> None:
    folds = make_folds(ids, repeats=repeats)
    llm = make_origin(diagnostic="llm", settings=folds[0].origin.settings)
    records: list[Record] = [
        *folds,
        *make_folds(ids, repeats=repeats, origin=llm, seed=1),
        make_shortcuts(make_shortcut(), make_shortcut(text="other", support=90), origin=folds[0].origin),
    ]
    expected = {"forest": units(folds), "llm": units(folds)}
    shuffled: list[Record] = []
    for record in random.sample(records, len(records)):
        if isinstance(record, FoldRecord):
            places = random.sample(range(len(record.held_out.id)), len(record.held_out.id))
            columns = {name: [column[place] for place in places] for name, column in record.held_out}
            record = record.model_copy(update={"held_out": HeldOut(**columns)})
        shuffled.append(record)
    report, other = assemble(records, expected, RUN), assemble(shuffled, expected, RUN)
    assert report.diagnostics["forest"].overall == other.diagnostics["forest"].overall
    assert report.diagnostics["llm"].types == other.diagnostics["llm"].types
    assert report.diagnostics["forest"].shortcuts == other.diagnostics["forest"].shortcuts
    assert samples_frame(records).equals(samples_frame(shuffled))
    for found in report.diagnostics.values():
        for scores in (found.overall, *found.types.values()):
            assert scores is not None
            assert 0.0 <= scores.interval[0] <= scores.score <= scores.interval[1] <= 1.0
            assert scores.mean_s_interval[0] <= scores.mean_s <= scores.mean_s_interval[1]
            assert scores.gain_interval[0] <= scores.gain <= scores.gain_interval[1]


def test_samples_are_in_canonical_order() -> None:
    folds = make_folds(["10", "9", "-1", "100", "2", "11"], folds=2, repeats=2)
    llm = make_folds(["b", "a", "10", "9"], folds=2, origin=make_origin(diagnostic="llm"))
    frame = samples_frame([*llm, *reversed(folds)])
    natural = ["-1", "2", "9", "10", "11", "100"]
    assert frame["id"].tolist() == [*natural, *natural, "10", "9", "a", "b"]
    assert frame["repeat"].tolist() == [0] * 6 + [1] * 6 + [0] * 4
    assert frame["diagnostic"].tolist() == ["forest"] * 12 + ["llm"] * 4


def test_samples_of_no_fold_are_an_empty_table() -> None:
    assert len(samples_frame([make_shortcuts()])) == 0


def test_without_every_fold_there_is_no_score() -> None:
    folds = make_folds(IDS, repeats=2)
    shortcuts = make_shortcuts(origin=folds[0].origin)
    found = assemble([*folds[2:], shortcuts], {"forest": units(folds)}, RUN).diagnostics["forest"]
    assert not found.complete
    assert found.missing == ["repeat 0 fold 0", "repeat 0 fold 1"]
    assert (found.overall, found.types) == (None, {})
    assert len(found.folds) == 4


def test_a_diagnostic_without_any_record_is_incomplete() -> None:
    folds = make_folds(IDS)
    report = assemble(folds, {"forest": units(folds), "llm": {(0, 1), (0, 0)}}, RUN)
    assert report.diagnostics["forest"].complete
    assert report.diagnostics["llm"].missing == ["repeat 0 fold 0", "repeat 0 fold 1"]


def test_importances_are_weighted_by_questions() -> None:
    types = ["route"] * 3 + ["rel_distance"]
    formats = ["mc"] * 4
    first = make_held_out(["0", "1", "2", "3"], type=types, format=formats)
    second = make_held_out(["4", "5"], type=["route", "rel_distance"], format=["mc", "mc"])
    folds = [
        make_fold(0, 0, held_out=first, importances={"route": {"text": 0.4, "rank": 0.1}}),
        make_fold(0, 1, held_out=second, importances={"route": {"text": 0.0}, "absent": {"text": 1.0}}),
    ]
    importances = report_of(folds).diagnostics["forest"].types["route"].importances
    assert importances == {"rank": pytest.approx(0.075), "text": pytest.approx(0.3)}


def test_shortcuts_keep_the_order_of_their_record_to_which_questions_refer() -> None:
    weak = make_shortcut(text="weak", support=10)
    strong = make_shortcut(text="strong", support=100, p_value=0.04)
    folds = make_folds(IDS)
    found = report_of(folds, make_shortcuts(weak, strong, rules_tried=7)).diagnostics["forest"]
    assert [rule.text for rule in found.shortcuts] == ["weak", "strong"]
    assert found.rules_tried == 7


def test_versions_and_notes_of_all_records_stand_in_the_report() -> None:
    folds = make_folds(IDS)
    later = make_origin(versions={"tst-harness": "0.2.0"}, notes=["trained on a CPU"])
    folds[2] = folds[2].model_copy(update={"origin": later})
    report = report_of(folds)
    assert report.versions == {"tst-harness": "0.1.0, 0.2.0"}
    assert report.diagnostics["forest"].notes == ["trained on a CPU"]


def test_the_source_is_that_of_a_fresh_record() -> None:
    folds = make_folds(IDS)
    moved = make_origin(source=make_source(location="elsewhere.jsonl"))
    folds[2] = folds[2].model_copy(update={"origin": moved})
    cached = {record.key for record in folds[:2]}
    assert assemble(folds, {"forest": units(folds)}, RUN, cached).source.location == "elsewhere.jsonl"


def test_no_record_is_no_report() -> None:
    with pytest.raises(ReportError, match="no fold of the benchmark left a record"):
        assemble([], {"forest": {(0, 0)}}, RUN)


other_data = make_source(fingerprint=Fingerprint(content="d" * 64, row_order="r" * 40))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"source": other_data}, r"source\.fingerprint\.content is 'ccc.*ddd"),
        ({"settings": Settings(folds=3, seed=7, repeats=1, split="random")}, r"settings\.seed is 42 .* 7"),
        ({"null_control": True}, "null_control is False in repeat 0 fold 0 of forest and True in repeat 0"),
        ({"benchmark": "other"}, "benchmark is 'demo'"),
        ({"diagnostic_settings": {"trees": 100, "nested": {"depth": 9}}}, r"nested\.depth is 8 .* 9"),
    ],
)
def test_records_that_differ_in_what_decides_scores_are_refused(
    changes: dict[str, Any], complaint: str
) -> None:
    folds = make_folds(IDS)
    folds[2] = folds[2].model_copy(update={"origin": make_origin(**changes)})
    with pytest.raises(ReportError, match=complaint):
        report_of(folds)


def test_another_row_order_of_the_same_data_is_no_difference() -> None:
    folds = make_folds(IDS)
    shuffled = make_source(fingerprint=Fingerprint(content="c" * 64, row_order="s" * 40))
    folds[2] = folds[2].model_copy(update={"origin": make_origin(source=shuffled)})
    assert report_of(folds).diagnostics["forest"].complete


def test_a_question_held_out_twice_is_refused() -> None:
    folds = [make_fold(0, 0), make_fold(0, 1, held_out=make_held_out(["30", "7", "31"]))]
    with pytest.raises(
        ReportError, match="question 7 is held out twice in repeat 0 of forest, in folds 0 and 1"
    ):
        report_of(folds)


@pytest.mark.parametrize("lacking", [0, 1])
def test_a_question_missing_in_a_repeat_is_refused(lacking: int) -> None:
    ids = [IDS, IDS[:-1]]
    folds = [make_fold(repeat, 0, held_out=make_held_out(ids[repeat ^ lacking])) for repeat in (0, 1)]
    with pytest.raises(ReportError, match=f"question 59 .* repeat {lacking} and not in repeat {1 - lacking}"):
        report_of(folds)


def test_a_question_that_changes_between_repeats_is_refused() -> None:
    moved = make_held_out(IDS, group=["elsewhere"] * 60)
    folds = [make_fold(0, 0, held_out=make_held_out(IDS)), make_fold(1, 0, held_out=moved)]
    with pytest.raises(ReportError, match="question 0 of forest has group 'scene0' in one repeat"):
        report_of(folds)


def test_a_type_of_two_formats_is_refused() -> None:
    held_out = make_held_out(["1", "2"], type=["route", "route"], format=["mc", "num"])
    with pytest.raises(ReportError, match="type route of forest holds questions of several formats"):
        report_of([make_fold(held_out=held_out)])


def test_a_fold_that_was_not_expected_is_refused() -> None:
    with pytest.raises(ReportError, match="repeat 0 fold 9 of forest has a record but is no fold"):
        assemble([make_fold(0, 9)], {"forest": {(0, 0)}}, RUN)


def test_two_records_of_a_fold_are_refused() -> None:
    with pytest.raises(ReportError, match="repeat 0 fold 0 of forest has two records"):
        report_of([make_fold(), make_fold(key="other")])
    folds = make_folds(IDS)
    with pytest.raises(ReportError, match="the shortcuts of forest have two records"):
        report_of(folds, make_shortcuts(), make_shortcuts())
