"""The report of a diagnostic that trains a language model: its zero-shot score, its gain, its account."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from record_builders import (
    RUN,
    make_account,
    make_adapter,
    make_folds,
    make_held_out,
    make_inference,
    make_llm_folds,
    make_llm_origin,
    make_zero_shot,
    units,
)

from tst_harness.analysis.accounts import LLMAccount
from tst_harness.analysis.records import FoldRecord, HeldOut, ZeroShotRecord
from tst_harness.diagnostics.llm.data.models import AdapterCheck
from tst_harness.errors import ReportError
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.records import Record
from tst_harness.report.schema import DiagnosticReport, OverallScores, Scores

IDS = [str(number) for number in range(60)]


def diagnostic_of(folds: Sequence[FoldRecord], *others: Record) -> DiagnosticReport:
    return assemble([*folds, *others], {"llm": units(folds)}, RUN).diagnostics["llm"]


def overall_of(found: DiagnosticReport) -> OverallScores:
    assert found.overall is not None
    return found.overall


def held_out_again(folds: Sequence[FoldRecord]) -> ZeroShotRecord:
    """Return zero-shot answers that score as the folds' answers do."""
    columns: dict[str, Any] = {
        name: [value for fold in folds for value in getattr(fold.held_out, name)]
        for name in ("id", "s", "score", "prediction")
    }
    return make_zero_shot(columns["id"], **columns)


def with_account(fold: FoldRecord, account: LLMAccount | None) -> FoldRecord:
    return fold.model_copy(update={"llm": account})


def without_answers(fold: FoldRecord, failing: Collection[str]) -> FoldRecord:
    held_out = fold.held_out
    predicted = zip(held_out.id, held_out.prediction, strict=True)
    predictions = ["" if id in failing else text for id, text in predicted]
    changed = fold.model_copy(update={"held_out": held_out.model_copy(update={"prediction": predictions})})
    return with_account(changed, make_account(failed=[id for id in held_out.id if id in failing]))


def test_zero_shot_scores_are_means_over_questions() -> None:
    zero_shot, whole = make_zero_shot(IDS), make_held_out(IDS, seed=1)
    found = diagnostic_of(make_llm_folds(IDS), zero_shot)
    overall = overall_of(found)
    assert overall.zero_shot == pytest.approx(np.mean(zero_shot.score))
    assert overall.delta == pytest.approx(np.mean(whole.score) - np.mean(zero_shot.score))
    assert overall.mean_s_zero_shot == pytest.approx(np.mean(zero_shot.s))
    assert overall.mean_s_delta == pytest.approx(np.mean(whole.s) - np.mean(zero_shot.s))
    assert overall.macro_zero_shot == pytest.approx(
        np.mean([kind.zero_shot for kind in found.types.values()])
    )
    kinds = dict(zip(whole.id, whole.type, strict=True))
    for name, scores in found.types.items():
        before = [right for id, right in zip(zero_shot.id, zero_shot.score, strict=True) if kinds[id] == name]
        assert scores.zero_shot == pytest.approx(np.mean(before))


@given(st.randoms(use_true_random=False), st.integers(1, 3), st.lists(st.text(), min_size=6, unique=True))
@settings(max_examples=25, deadline=None)
def test_delta_is_a_difference_and_the_order_of_records_and_questions_does_not_matter(
    random: Any, repeats: int, ids: list[str]
) -> None:
    folds = make_llm_folds(ids, repeats=repeats)
    zero_shot = make_zero_shot(ids, folds[0].origin)
    forest = make_folds(
        ids, repeats=repeats, origin=folds[0].origin.model_copy(update={"diagnostic": "forest"})
    )
    places = random.sample(range(len(ids)), len(ids))
    columns = {
        name: [getattr(zero_shot, name)[place] for place in places]
        for name in ("id", "s", "score", "prediction")
    }
    records: list[Record] = [*folds, zero_shot, *forest]
    shuffled = random.sample([*folds, zero_shot.model_copy(update=columns), *forest], len(records))
    expected = {"llm": units(folds), "forest": units(folds)}
    report = assemble(records, expected, RUN)
    assert assemble(shuffled, expected, RUN) == report
    assert samples_frame(shuffled).equals(samples_frame(records))
    found = report.diagnostics["llm"]
    for scores in (overall_of(found), *found.types.values()):
        for whole, prefix in (("score", ""), ("mean_s", "mean_s_")):
            score, before, delta = (
                getattr(scores, name) for name in (whole, f"{prefix}zero_shot", f"{prefix}delta")
            )
            assert delta == pytest.approx(score - before, abs=1e-12)
            low, high = getattr(scores, f"{prefix}delta_interval")
            assert -1.0 <= low <= delta <= high <= 1.0
            low, high = getattr(scores, f"{prefix}zero_shot_interval")
            assert 0.0 <= low <= before <= high <= 1.0


def test_the_gain_over_zero_shot_is_paired_by_question() -> None:
    folds = make_llm_folds(IDS)
    overall = overall_of(diagnostic_of(folds, held_out_again(folds)))
    low, high = overall.interval
    assert low < high
    assert (overall.delta, overall.delta_interval, overall.mean_s_delta_interval) == (
        0.0,
        (0.0, 0.0),
        (0.0, 0.0),
    )


def test_zero_shot_does_not_change_the_other_scores() -> None:
    folds = make_llm_folds(IDS)
    trained = overall_of(diagnostic_of(folds, make_zero_shot(IDS)))
    plain = overall_of(diagnostic_of([with_account(fold, None) for fold in folds]))
    assert trained.model_dump(include={"score", "interval", "gain_interval", "macro_gain_interval"}) == (
        plain.model_dump(include={"score", "interval", "gain_interval", "macro_gain_interval"})
    )
    asked = {name for name in OverallScores.model_fields if "zero_shot" in name or "delta" in name}
    assert len(asked) == 12
    assert {getattr(plain, name) for name in asked} == {None}
    assert plain.parse_failures is None


def test_zero_shot_answers_count_once_whatever_the_repeats() -> None:
    zero_shot = make_zero_shot(IDS)
    repeated = make_llm_folds(IDS, repeats=3)
    origin = repeated[0].origin
    overall = overall_of(diagnostic_of(repeated, zero_shot.model_copy(update={"origin": origin})))
    assert overall.zero_shot == pytest.approx(np.mean(zero_shot.score))


def test_without_zero_shot_there_is_no_score() -> None:
    folds = make_llm_folds(IDS)
    found = diagnostic_of(folds)
    assert (found.complete, found.missing, found.overall, found.types) == (False, ["zero-shot"], None, {})
    assert found.llm is not None
    assert found.llm.zero_shot is None
    found = assemble(folds[1:], {"llm": units(folds)}, RUN).diagnostics["llm"]
    assert found.missing == ["repeat 0 fold 0", "zero-shot"]


def test_without_every_fold_there_is_no_score_for_all_the_zero_shot_answers() -> None:
    folds, zero_shot = make_llm_folds(IDS), make_zero_shot(IDS)
    found = assemble([zero_shot, *folds[1:]], {"llm": units(folds)}, RUN).diagnostics["llm"]
    assert (found.missing, found.overall) == (["repeat 0 fold 0"], None)
    found = assemble([zero_shot], {"llm": units(folds)}, RUN).diagnostics["llm"]
    assert len(found.missing) == 3
    assert found.llm is not None
    assert not found.llm.adapters_checked


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (IDS[:-1], "question 59 of llm is held out and was not asked zero-shot"),
        ([*IDS, "60"], "question 60 of llm was asked zero-shot and is never held out"),
        ([*IDS, "7"], "question 7 of llm was asked twice zero-shot"),
    ],
)
def test_other_questions_than_those_held_out_are_refused(asked: list[str], complaint: str) -> None:
    with pytest.raises(ReportError, match=complaint):
        diagnostic_of(make_llm_folds(IDS), make_zero_shot(asked))


def test_two_zero_shot_records_are_refused() -> None:
    with pytest.raises(ReportError, match="the zero-shot answers of llm have two records"):
        diagnostic_of(make_llm_folds(IDS), make_zero_shot(IDS), make_zero_shot(IDS, key="other"))


def test_zero_shot_answers_of_another_model_are_refused() -> None:
    other = make_llm_origin(diagnostic_settings={"model": "other"})
    with pytest.raises(
        ReportError, match=r"model is 'smollm2' in .* 'other' in the zero-shot answers of llm"
    ):
        diagnostic_of(make_llm_folds(IDS), make_zero_shot(IDS, other))


def test_a_fold_whose_adapter_changes_nothing_is_refused() -> None:
    folds = make_llm_folds(IDS)
    check = AdapterCheck(prompts=8, largest_change=0.0, passed=False)
    account = LLMAccount(
        adapters=[make_adapter(), make_adapter(format="num", check=check)], inference=make_inference()
    )
    folds[1] = with_account(folds[1], account)
    with pytest.raises(ReportError, match=r"adapter \(num\) of repeat 0 fold 1 of llm does not change"):
        diagnostic_of(folds, make_zero_shot(IDS))
    with pytest.raises(ReportError, match="repeat 0 fold 1 of llm does not change"):
        diagnostic_of(folds)


@pytest.mark.parametrize("account", [None, LLMAccount(inference=make_inference())])
def test_a_fold_that_was_not_trained_is_refused(account: LLMAccount | None) -> None:
    folds = make_llm_folds(IDS)
    folds[2] = with_account(folds[2], account)
    with pytest.raises(ReportError, match="repeat 0 fold 2 of llm tells of no trained adapter"):
        diagnostic_of(folds, make_zero_shot(IDS))


def test_the_model_and_its_engines_are_named() -> None:
    found = diagnostic_of(make_llm_folds(IDS), make_zero_shot(IDS)).llm
    assert found is not None
    assert (found.model, found.model_revision) == ("smollm2", "0123456789abcdef")
    assert (found.trainer, found.predictor) == ("peft", "transformers")
    assert found.versions == {"tst-harness": "0.1.0", "torch": "2.6.0"}


def test_settings_of_another_form_name_no_model() -> None:
    origin = make_llm_origin(diagnostic_settings={"model": 7, "trainer": "peft"})
    folds = make_llm_folds(IDS, diagnostic_settings=origin.diagnostic_settings)
    found = diagnostic_of(folds, make_zero_shot(IDS, origin)).llm
    assert found is not None
    assert {found.model, found.model_revision, found.trainer, found.predictor} == {None}


def test_what_training_and_answering_took_is_added_up() -> None:
    folds = make_llm_folds(IDS)
    folds[0] = with_account(
        folds[0],
        LLMAccount(
            adapters=[
                make_adapter(
                    format="both", tokens=7, seconds=0.5, peak_memory=None, truncated=3, batch_halved=2
                )
            ],
            inference=make_inference(tokens=1, seconds=0.25, truncated=2, peak_memory=123, batch_halved=1),
        ),
    )
    found = diagnostic_of(folds, make_zero_shot(IDS)).llm
    assert found is not None
    assert found.training.model_dump() == {
        "tokens": 7 + 2 * 1_010,
        "seconds": 0.5 + 4 * 2.5,
        "peak_memory": 2 * 1024**3,
        "batch_halved": 2,
        "padding": None,
        "seconds_at_peak": None,
    }
    assert found.inference.model_dump() == {
        "tokens": 1 + 2 * 500,
        "seconds": 0.25 + 2 * 1.25,
        "peak_memory": 123,
        "batch_halved": 1,
        "padding": None,
        "seconds_at_peak": None,
        "questions": 60,
        "parse_failures": 0,
        "truncated": 2,
    }
    assert found.zero_shot is not None
    assert (found.zero_shot.tokens, found.zero_shot.seconds, found.zero_shot.peak_memory) == (
        1_500,
        4.0,
        None,
    )
    assert [(one.repeat, one.fold, one.format) for one in found.adapters] == [
        (0, 0, "both"),
        *((0, fold, name) for fold in (1, 2) for name in ("mc", "num")),
    ]
    assert found.adapters[0].truncated == 3
    assert found.adapters_checked


def test_padding_and_the_use_of_the_device_are_added_up_where_all_tell_of_them() -> None:
    known = {"padding": 30, "seconds_at_peak": 0.5}
    account = LLMAccount(
        adapters=[make_adapter(**known), make_adapter(format="num", **known)],
        inference=make_inference(padding=0, seconds_at_peak=0.25),
    )
    folds = [with_account(fold, account) for fold in make_llm_folds(IDS)]
    found = diagnostic_of(folds, make_zero_shot(IDS)).llm
    assert found is not None
    assert (found.training.padding, found.training.seconds_at_peak) == (180, 3.0)
    assert (found.inference.padding, found.inference.seconds_at_peak) == (0, 0.75)
    folds[1] = with_account(folds[1], make_account(padding=1))
    found = diagnostic_of(folds, make_zero_shot(IDS)).llm
    assert found is not None
    assert (found.training.padding, found.training.seconds_at_peak) == (None, None)
    assert (found.inference.padding, found.inference.seconds_at_peak) == (1, None)


def test_answers_that_failed_are_counted_by_type_and_over_repeats() -> None:
    whole = make_held_out(IDS)
    failing = {id for id, kind in zip(IDS, whole.type, strict=True) if kind == "route"} - {"1"} | {"0"}
    folds = [
        fold if fold.repeat else without_answers(fold, failing) for fold in make_llm_folds(IDS, repeats=2)
    ]
    lost = LLMAccount(inference=make_inference(questions=60, failed=["0", "5", "6"]))
    found = diagnostic_of(folds, make_zero_shot(IDS, folds[0].origin, llm=lost))
    assert overall_of(found).parse_failures == 20
    assert {name: scores.parse_failures for name, scores in found.types.items()} == {
        "rel_distance": 0,
        "room_size": 1,
        "route": 19,
    }
    assert found.llm is not None
    assert found.llm.inference.parse_failures == 20
    assert found.llm.zero_shot is not None
    assert found.llm.zero_shot.parse_failures == 3


def test_a_diagnostic_without_a_model_says_nothing_of_one() -> None:
    folds = make_folds(IDS)
    found = assemble(folds, {"forest": units(folds)}, RUN).diagnostics["forest"]
    assert found.llm is None
    scores: list[Scores] = [overall_of(found), *found.types.values()]
    assert {one.zero_shot for one in scores} == {one.parse_failures for one in scores} == {None}


def test_samples_hold_the_gain_of_each_question() -> None:
    folds, zero_shot = make_llm_folds(IDS), make_zero_shot(IDS)
    frame = samples_frame([*folds, zero_shot, *make_folds(IDS)])
    llm, forest = (frame[frame["diagnostic"] == name] for name in ("llm", "forest"))
    assert llm["s_zero_shot"].tolist() == zero_shot.s
    np.testing.assert_array_equal(llm["s_delta"], llm["s"] - llm["s_zero_shot"])
    assert forest[["s_zero_shot", "s_delta"]].isna().all(axis=None)
    assert samples_frame(folds)["s_delta"].isna().all()


def test_a_prediction_that_failed_is_empty_in_the_samples() -> None:
    fold = make_llm_folds(IDS, folds=1)[0]
    columns = {**dict(fold.held_out), "prediction": ["", *fold.held_out.prediction[1:]]}
    frame = samples_frame([fold.model_copy(update={"held_out": HeldOut(**columns)}), make_zero_shot(IDS)])
    assert frame["prediction"].tolist().count("") == 1
