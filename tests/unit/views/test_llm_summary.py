"""What the terminal says of a language model that was trained on the other folds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from record_builders import (
    RUN,
    make_account,
    make_adapter,
    make_folds,
    make_held_out,
    make_inference,
    make_llm_folds,
    make_llm_origin,
    make_source,
    make_zero_shot,
    units,
)

from tst_harness.analysis.accounts import LLMAccount
from tst_harness.analysis.records import FoldRecord
from tst_harness.report.assemble import assemble
from tst_harness.report.records import Record
from tst_harness.report.schema import Report, Settings
from tst_harness.views.terminal import summary_lines

IDS = [str(number) for number in range(60)]
PATHS = (Path("reports/demo.json"), Path("reports/demo.samples.jsonl"))
ONES, ZEROS, HALF = [1.0] * 60, [0.0] * 60, [1.0, 0.0] * 30


def report_of(folds: Sequence[FoldRecord], *others: Record) -> Report:
    return assemble([*folds, *others], {"llm": units(folds)}, RUN)


def report_with(**origin: Any) -> Report:
    folds = make_llm_folds(IDS, **origin)
    return report_of(folds, make_zero_shot(IDS, folds[0].origin))


def report_scoring(trained: list[float], before: list[float], chance: float, **columns: Any) -> Report:
    fold = make_llm_folds(IDS, folds=1)[0]
    whole = {"type": ["route"] * 60, "format": ["mc"] * 60, **columns}
    held_out = make_held_out(IDS, score=trained, blind_baseline=[chance] * 60, **whole)
    made = fold.model_copy(update={"held_out": held_out})
    return report_of([made], make_zero_shot(IDS, fold.origin, score=before))


def lines_of(report: Report, **options: Any) -> list[str]:
    return [line.text for line in summary_lines(report, *PATHS, **options)]


def running_text(report: Report) -> str:
    return " ".join(" ".join(lines_of(report)).split())


def test_a_table_compares_with_zero_shot_by_delta() -> None:
    report = report_with()
    lines = lines_of(report)
    types, overall = report.diagnostics["llm"].types, report.diagnostics["llm"].overall
    assert overall is not None
    heading = next(line for line in lines if line.startswith("question type"))
    assert " ".join(heading.split()) == "question type fmt n zero-shot held-out [95%] delta [95%]"
    by_delta = sorted(types, key=lambda name: -(types[name].delta or 0.0))
    starts = [line.split()[0] for line in lines if line and line.split()[0] in {*types, "weighted", "macro"}]
    assert starts == [*by_delta, "weighted", "macro"]
    row = next(line for line in lines if line.startswith("room_size"))
    scores = types["room_size"]
    assert scores.zero_shot is not None
    assert scores.delta_interval is not None
    assert row.split()[:4] == ["room_size", "num", "20", f"{100 * scores.zero_shot:.1f}"]
    assert row.endswith(f"[{100 * scores.delta_interval[0]:.1f}, {100 * scores.delta_interval[1]:.1f}]")
    assert overall.macro_zero_shot is not None
    assert f" {100 * overall.macro_zero_shot:.1f} " in next(
        line for line in lines if line.startswith("macro")
    )


@pytest.mark.parametrize(
    ("trained", "before", "chance", "said"),
    [
        (
            *(ONES, ZEROS, 0.25),
            "the model scores 100.0% on 60 questions from the text alone (chance: 25.0%); zero-shot, it "
            "scores 0.0%. The gain over zero-shot is +100.0 points [47.1, 100.0], significantly above zero;"
            " the gain over chance is +75.0 points [48.5, 75.0], significantly above zero. So training "
            "finds shortcuts: answers can be learned from the text alone. Of the gain over zero-shot, 25.0 "
            "points only bring the model up to chance.",
        ),
        (
            *(ONES, HALF, 0.25),
            "So training finds shortcuts: answers can be learned from the text alone. model:",
        ),
        (
            *(HALF, ZEROS, 0.5),
            " zero. So training taught the model how to answer, but not to beat chance: it "
            "finds no shortcut, which does not prove that there is none.",
        ),
        (
            *(ONES, ONES, 0.25),
            "The gain over zero-shot is 0.0 points [0.0, 0.0], exactly zero; the gain over chance is "
            "+75.0 points [48.5, 75.0], significantly above zero. So the model beats chance, but training "
            "adds nothing significant: it may have known before what it uses.",
        ),
        (
            *(ZEROS, ONES, 0.5),
            "The gain over zero-shot is -100.0 points [-100.0, -47.1], significantly below zero; the gain "
            "over chance is -50.0 points [-50.0, -23.5], significantly below zero. So the model finds no "
            "shortcut, which does not prove that there is none.",
        ),
    ],
)
def test_a_gain_is_judged_against_zero_shot_and_chance(
    trained: list[float], before: list[float], chance: float, said: str
) -> None:
    text = running_text(report_scoring(trained, before, chance))
    assert (
        f"After LoRA training on the other folds, the model scores {100 * sum(trained) / 60:.1f}% on 60 "
        "questions"
    ) in text
    assert said in text


def test_numbers_are_compared_with_the_best_constant() -> None:
    whole = make_held_out(IDS)
    columns = {"type": whole.type, "format": whole.format}
    text = running_text(report_scoring(ONES, HALF, 0.25, **columns))
    assert "the model scores 100.0% on 60 questions from the text alone" in text
    assert "(chance and the best constant answers: 25.0%); zero-shot" in text


def test_a_subset_is_named_in_the_title_and_the_report() -> None:
    source = make_source(rows=5130, questions=5130)
    report = report_with(
        source=source, settings=Settings(folds=3, seed=42, repeats=1, split="random", limit=60)
    )
    title = " ".join(lines_of(report)[1:3])
    assert title.startswith("demo: Demo-Bench | llm | 60 of 5,130 questions | file data/demo.jsonl")
    assert report.settings.limit == 60
    for limit in (None, 5130, 6000):
        every = report_with(
            source=source, settings=Settings(folds=3, seed=42, repeats=1, split="random", limit=limit)
        )
        assert lines_of(every)[1] == "demo: Demo-Bench | llm | file data/demo.jsonl"


def test_the_model_and_what_it_took_are_told() -> None:
    lines = lines_of(report_with(), width=200)
    start = next(place for place, line in enumerate(lines) if line.startswith("model: "))
    assert lines[start : start + 4] == [
        "model: smollm2 at 0123456789ab | trainer peft | predictor transformers",
        "training: 3,030 tokens in 15.0 s (202 a second), peak memory 2.0 GiB; "
        "6 of 6 adapters change the model's answers",
        "inference: held-out 1,500 tokens in 3.8 s (400 a second); "
        "zero-shot 1,500 tokens in 4.0 s (375 a second)",
        "answers that could not be parsed: held-out 0 of 60, zero-shot 0 of 60",
    ]
    assert "shortened" not in " ".join(lines)


def test_how_much_of_the_device_was_used_is_told_where_it_is_known() -> None:
    account = LLMAccount(
        adapters=[make_adapter(tokens=900, seconds=2.0, padding=100, seconds_at_peak=0.25)],
        inference=make_inference(tokens=500, seconds=2.0, padding=0),
    )
    folds = [fold.model_copy(update={"llm": account}) for fold in make_llm_folds(IDS)]
    text = running_text(report_of(folds, make_zero_shot(IDS, folds[0].origin)))
    assert "2,700 tokens in 6.0 s (450 a second, 12.5% of the device's peak, 10.0% padding)" in text
    assert "held-out 1,500 tokens in 6.0 s (250 a second, 0.0% padding)" in text


def test_answers_that_failed_and_questions_cut_short_are_counted() -> None:
    fold = make_llm_folds(IDS, folds=1)[0]
    fold = fold.model_copy(update={"llm": make_account(questions=60, failed=IDS[:3], truncated=2)})
    lost = LLMAccount(inference=make_inference(questions=60, failed=IDS[:27]))
    text = running_text(report_of([fold], make_zero_shot(IDS, fold.origin, llm=lost)))
    assert "answers that could not be parsed: held-out 3 of 60, zero-shot 27 of 60" in text
    assert "questions truncated to the maximum length: training 0, held-out 2, zero-shot 0" in text


def test_that_memory_ran_out_is_told() -> None:
    fold = make_llm_folds(IDS, folds=1)[0]
    assert "out of memory" not in running_text(report_of([fold], make_zero_shot(IDS, fold.origin)))
    fold = fold.model_copy(update={"llm": make_account(questions=60, batch_halved=2)})
    text = running_text(report_of([fold], make_zero_shot(IDS, fold.origin)))
    assert "out of memory, batch size halved: training 0, held-out 2, zero-shot 0 times" in text


def test_memory_that_did_not_come_back_is_told() -> None:
    fold = make_llm_folds(IDS, folds=1)[0]
    account = LLMAccount(
        adapters=[make_adapter(memory_not_returned=3 << 30)], inference=make_inference(questions=60)
    )
    less, zero_shot = fold.model_copy(update={"llm": account}), make_zero_shot(IDS, fold.origin)
    text = running_text(report_of([less], zero_shot))
    assert "GPU memory not freed between folds: at most 3.0 GiB" in text
    assert "not freed" not in running_text(report_of([fold], zero_shot))


def test_what_settings_do_not_name_is_unknown() -> None:
    text = running_text(report_with(diagnostic_settings={}))
    assert "model: unknown | trainer unknown | predictor unknown" in text


@pytest.mark.parametrize(
    ("done", "said"),
    [
        (slice(None), "the zero-shot answers left no record (zero-shot); run the same command again"),
        (
            slice(1, None),
            "1 of 3 folds and the zero-shot answers left no record (repeat 0 fold 0, zero-shot)",
        ),
    ],
)
def test_without_zero_shot_it_says_what_is_missing(done: slice, said: str) -> None:
    folds = make_llm_folds(IDS)
    text = running_text(assemble(folds[done], {"llm": units(folds)}, RUN))
    assert f"incomplete, so no score: {said}" in text
    assert "After LoRA training" not in text


@pytest.mark.parametrize("width", [80, 120])
def test_nothing_of_a_model_is_wider_than_the_terminal(width: int) -> None:
    long = "the_direction_of_a_very_distant_object_among_several"
    settings = {
        **make_llm_origin().diagnostic_settings,
        "model": "somebody/" + "a-model-with-a-long-name" * 4,
    }
    fold = make_llm_folds(IDS, folds=1, diagnostic_settings=settings)[0]
    whole = make_held_out(IDS, score=ONES)
    named = make_held_out(
        IDS, score=ONES, type=[name.replace("route", long) for name in whole.type], format=whole.format
    )
    fold = fold.model_copy(update={"held_out": named})
    report = report_of([fold], make_zero_shot(IDS, fold.origin, score=ZEROS))
    lines = lines_of(report, width=width, verbose=True)
    assert max(map(len, lines)) <= width
    assert any(line.startswith("the_dir") for line in lines)


def test_a_diagnostic_that_scores_significantly_more_is_told_beside_the_model() -> None:
    llm, forest = make_llm_folds(IDS, folds=1)[0], make_folds(IDS, folds=1)[0]
    columns: dict[str, Any] = {"type": ["route"] * 60, "format": ["mc"] * 60, "blind_baseline": [0.5] * 60}
    weak = llm.model_copy(update={"held_out": make_held_out(IDS, score=HALF, **columns)})
    zero_shot = make_zero_shot(IDS, llm.origin, score=ZEROS)
    for score, told in ((ONES, True), (HALF, False), (ZEROS, False)):
        other = forest.model_copy(update={"held_out": make_held_out(IDS, score=score, **columns)})
        records: list[Record] = [weak, other, zero_shot]
        report = assemble(records, {"llm": units([weak]), "forest": units([other])}, RUN)
        assert set(report.diagnostics["llm"].beaten_by) == ({"forest"} if told else set())
        assert not report.diagnostics["forest"].beaten_by
        text = running_text(report)
        assert ("forest scores more on the same 60 questions: 100.0%, +50.0 points [" in text) is told


def test_what_early_stopping_chose_is_told() -> None:
    account = LLMAccount(
        adapters=[make_adapter(epochs=3, learning_rate=1e-3), make_adapter(format="num")],
        inference=make_inference(),
    )
    folds = [fold.model_copy(update={"llm": account}) for fold in make_llm_folds(IDS)]
    text = running_text(report_of(folds, make_zero_shot(IDS, folds[0].origin)))
    assert "early stopping chose: 3 of 6 adapters, epoch 3 at a learning rate of 0.001" in text
    assert "early stopping" not in running_text(report_with())


def test_why_there_were_no_graphs_is_told_once() -> None:
    adapters = [make_adapter(without_graphs="RuntimeError: no"), make_adapter(format="num")]
    account = LLMAccount(adapters=adapters, inference=make_inference())
    folds = [fold.model_copy(update={"llm": account}) for fold in make_llm_folds(IDS)]
    text = running_text(report_of(folds, make_zero_shot(IDS, folds[0].origin)))
    assert text.count("trained without CUDA graphs, which takes longer: RuntimeError: no") == 1
    assert "CUDA graphs" not in running_text(report_with())
