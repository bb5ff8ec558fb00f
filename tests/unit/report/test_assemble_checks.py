"""What a report says beyond the scores, from made-up records."""

from typing import Any

import numpy as np
import pytest
from record_builders import (
    RUN,
    TYPES,
    make_folds,
    make_held_out,
    make_llm_folds,
    make_llm_origin,
    make_origin,
    make_zero_shot,
    units,
)

from tst_harness.analysis.records import CheckRecord, FoldRecord, HeldOut
from tst_harness.checks.copying import CopyTest
from tst_harness.checks.duplicates import DuplicateCluster, DuplicatesReport, TypeDuplicates
from tst_harness.checks.kept_together import KeptTogether
from tst_harness.checks.order import OrderTest
from tst_harness.checks.positions import PositionBalance, PositionCounts, PositionsReport
from tst_harness.errors import ReportError
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.records import Record
from tst_harness.report.schema import Report, Settings
from tst_harness.views.checks import check_lines, context_lines, spread_lines

IDS = [str(place) for place in range(60)]
AGAIN = make_held_out(IDS, seed=9)
BOTH = Settings(folds=3, seed=42, repeats=1, split="both")


def make_test(p_value: float, **changes: Any) -> CopyTest:
    return CopyTest(**{"n": 20, "score": 0.5, "chance": 0.25, "p_value": p_value, **changes})


def make_duplicates(**changes: Any) -> DuplicatesReport:
    fields: dict[str, Any] = {
        "least_similarity": 0.8,
        "questions": 20,
        "exact": 18,
        "clusters": 4,
        "across_groups": 3,
        "across_folds": 2,
        "copying": make_test(0.001),
        "types": {
            name: TypeDuplicates(n=20, questions=20, exact=18, clusters=4, copying=make_test(p_value))
            for name, p_value in zip(TYPES, (0.001, 0.5, 0.9), strict=True)
        },
        "largest": [
            DuplicateCluster(
                size=12,
                groups=3,
                types=["route"],
                similarity=0.9,
                same_answer=0.5,
                text="Which way is it to the door of the room?",
                ids=["1", "4"],
            )
        ],
        "kept_together": KeptTogether(
            clusters=3, questions=8, clusters_apart=1, questions_apart=12, types=["pick", "route"]
        ),
    }
    return DuplicatesReport(**{**fields, **changes})


ORDER: Any = {"order": "position", "score": 0.05, "by_group": False, "p_value": 0.01}
BALANCE: Any = {
    "n": 40,
    "counts": [PositionCounts(options=4, counts=[16, 8, 8, 8])],
    "best": "A",
    "best_score": 0.4,
    "chance": 0.25,
    "same_options": False,
}
POSITIONS = PositionsReport(
    overall=PositionBalance(p_value=0.04, **BALANCE),
    types={"route": PositionBalance(p_value=0.4, **BALANCE)},
)


def make_check(name: str, findings: dict[str, Any], **changes: Any) -> CheckRecord:
    origin = make_origin(diagnostic=name, diagnostic_settings={}, **changes)
    return CheckRecord(key=f"{name}-key", origin=origin, seconds=0.5, findings=findings)


def make_duplicate_check(again: HeldOut, as_before: list[str] | None = None) -> CheckRecord:
    findings = {
        "duplicates": make_duplicates().model_dump(),
        "again": again.model_dump(),
        "as_before": as_before or [],
    }
    return make_check("duplicates", findings)


def make_checks() -> list[CheckRecord]:
    order = [
        OrderTest(**{**dict(make_test(0.2)), **ORDER, "type": None, "by_group": None}),
        OrderTest(**{**dict(make_test(0.01)), **ORDER, "type": "route"}),
    ]
    return [
        make_duplicate_check(AGAIN),
        make_check("order", {"order": [test.model_dump() for test in order]}),
        make_check("positions", {"positions": POSITIONS.model_dump()}),
        make_check("opposite_answers", {"opposite_answers": None}),
    ]


def kept_together(report: Report) -> KeptTogether:
    assert report.checks is not None
    assert report.checks.duplicates is not None
    assert report.checks.duplicates.kept_together is not None
    return report.checks.duplicates.kept_together


def assembled(*records: Record) -> Report:
    folds = [record for record in records if isinstance(record, FoldRecord)]
    names = {fold.origin.diagnostic for fold in folds}
    expected = {name: units([one for one in folds if one.origin.diagnostic == name]) for name in names}
    return assemble(records, expected, RUN)


def scores(*records: Record) -> dict[str, float]:
    mean = samples_frame(records).groupby("id")["score"].mean()
    return {str(id): float(score) for id, score in mean.items()}


def test_checks_are_no_diagnostic() -> None:
    report = assembled(*make_folds(IDS), *make_checks())
    assert set(report.diagnostics) == {"forest"}
    assert report.checks is not None
    assert report.checks.positions == POSITIONS
    assert report.checks.opposite_answers is None
    assert report.sections == {}
    assert Report.model_validate_json(report.model_dump_json()) == report


@pytest.mark.parametrize("place", range(4))
def test_each_check_stands_alone(place: int) -> None:
    record = make_checks()[place]
    report = assembled(*make_folds(IDS), record)
    assert report.checks is not None
    others = {name for name, part in report.checks if part is None}
    assert others >= {"duplicates", "order", "positions", "opposite_answers"} - {record.origin.diagnostic}
    assert (list(check_lines(report.checks)) == []) == (record.origin.diagnostic == "opposite_answers")


def test_the_score_kept_together_is_paired_with_the_forests() -> None:
    folds = make_folds(IDS)
    comparison = kept_together(assembled(*folds, *make_checks())).comparison
    assert comparison is not None
    together = dict(zip(AGAIN.id, AGAIN.score, strict=True))
    differences = [together[id] - score for id, score in scores(*folds).items()]
    overall = comparison.overall
    assert overall.difference == pytest.approx(np.mean(differences))
    assert overall.difference_interval[0] < overall.difference < overall.difference_interval[1]
    assert overall.n == sum(paired.n for paired in comparison.types.values()) == 60


def test_types_with_few_duplicates_keep_their_scores() -> None:
    folds = make_folds(IDS)
    again = make_held_out(IDS[:20], seed=9)
    report = assembled(*folds, make_duplicate_check(again, as_before=IDS[20:]))
    comparison = kept_together(report).comparison
    assert comparison is not None
    before = scores(*folds)
    differences = [score - before[id] for id, score in zip(again.id, again.score, strict=True)]
    assert comparison.overall.n == 60
    assert comparison.overall.difference == pytest.approx(sum(differences) / 60)


def test_without_a_whole_forest_there_is_no_comparison() -> None:
    folds = make_folds(IDS)
    report = assemble([*folds[:-1], *make_checks()], {"forest": units(folds)}, RUN)
    assert kept_together(report).comparison is None
    assert report.checks is not None
    [line] = [line for line in check_lines(report.checks) if "duplicates in the same fold" in line]
    assert "the forest is incomplete" in line


def test_scores_of_other_questions_are_refused() -> None:
    with pytest.raises(
        ReportError, match="question 60 is held out on some folds of duplicates and not on others"
    ):
        assembled(*make_folds(IDS), make_duplicate_check(make_held_out([*IDS, "60"])))
    with pytest.raises(ReportError, match="question 60 is held out on some folds of duplicates"):
        assembled(*make_folds(IDS), make_duplicate_check(AGAIN, as_before=["60"]))


def test_checks_of_other_data_or_twice_are_refused() -> None:
    other = make_check("order", {"order": []}, null_control=True)
    with pytest.raises(ReportError, match=r"null_control is False in .* of forest and True in the check"):
        assembled(*make_folds(IDS), other)
    with pytest.raises(ReportError, match="the check duplicates has two records"):
        assembled(*make_folds(IDS), *make_checks(), *make_checks())


def test_both_schemes_are_compared_question_by_question() -> None:
    random = make_folds(IDS, origin=make_origin(settings=BOTH), seed=1)
    grouped = make_folds(IDS, origin=make_origin(settings=BOTH, diagnostic="forest_grouped"), seed=2)
    report = assembled(*random, *grouped)
    [context] = report.context
    assert context.diagnostic == "forest"
    one, other = scores(*random), scores(*grouped)
    assert context.overall.score == pytest.approx(np.mean(list(one.values())))
    assert context.overall.difference == pytest.approx(np.mean([one[id] - other[id] for id in one]))
    lines = list(context_lines(report, verbose=True))
    assert lines[0].startswith("shared context, forest: random folds ")
    assert len(lines) == 1 + len(TYPES)
    assert assembled(*random).context == []


def test_zero_shot_answers_serve_both_schemes() -> None:
    random = make_llm_folds(IDS, settings=BOTH)
    grouped = make_llm_folds(IDS, settings=BOTH, diagnostic="llm_grouped", seed=3)
    zero_shot = make_zero_shot(IDS, make_llm_origin(settings=BOTH))
    report = assembled(*random, *grouped, zero_shot)
    for name in ("llm", "llm_grouped"):
        assert report.diagnostics[name].complete
    found = report.diagnostics["llm_grouped"].overall
    assert found is not None
    assert found.zero_shot == pytest.approx(np.mean(zero_shot.score))
    samples = samples_frame([*random, *grouped, zero_shot])
    assert not samples["s_zero_shot"].isna().any()
    assert [context.diagnostic for context in report.context] == ["llm"]


def test_luck_alone_is_never_far_from_the_shares_of_random_scores() -> None:
    ids = [str(place) for place in range(900)]
    records = []
    for repeat in range(3):
        for fold in make_folds(ids, folds=2, repeats=1, seed=repeat):
            origin = make_origin(settings=Settings(folds=2, seed=42, repeats=3, split="random"))
            update = {"repeat": repeat, "origin": origin, "key": f"{repeat}-{fold.fold}"}
            records.append(fold.model_copy(update=update))
    spread = assembled(*records).diagnostics["forest"].spread
    assert spread is not None
    assert spread.overall.always == pytest.approx(spread.overall.always_expected, abs=0.04)
    assert spread.overall.never == pytest.approx(spread.overall.never_expected, abs=0.04)
    assert spread.overall.always + spread.overall.sometimes + spread.overall.never == pytest.approx(1.0)
    assert spread.overall.mean_sd == pytest.approx(0.26, abs=0.03)
    assert spread.overall.score_sd is not None
    assert 0.0 < spread.overall.score_sd < 0.05


def test_equal_repeats_are_steadier_than_luck() -> None:
    records = make_folds(IDS, repeats=2)
    spread = assembled(*records).diagnostics["forest"].spread
    assert spread is not None
    assert spread.overall.sometimes == spread.overall.mean_sd == spread.overall.score_sd == 0.0
    assert spread.overall.always > spread.overall.always_expected
    assert len(list(spread_lines(spread, verbose=True))) == 2 + len(TYPES)
    assert assembled(*make_folds(IDS)).diagnostics["forest"].spread is None


def test_what_matters_is_said_and_all_of_it_on_demand() -> None:
    report = assembled(*make_folds(IDS), *make_checks())
    assert report.checks is not None
    few, all_of_it = list(check_lines(report.checks)), list(check_lines(report.checks, verbose=True))
    assert few == [line for line in all_of_it if line in few]
    assert any(line.startswith("- room_size: scores 50.0% (n = 20") for line in few)
    assert not any(line.startswith("- rel_distance: ") for line in few)
    assert any(line.startswith("- 12 copies, 50.0% with the same answer, first id 1: ") for line in all_of_it)
    assert "file order leaks answers" in "\n".join(few)
    assert any(line.endswith("answers rarely repeat") for line in few)
    assert any(
        "gold options are unevenly distributed, A is right in " in line
        and "options, not in " in line
        and "; always answering A scores 40.0%" in line
        for line in few
    )
    assert "1 of 4 clusters, with 12 questions, is too large for one fold and still split" in "\n".join(few)
