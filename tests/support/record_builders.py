"""Records to build reports from: real in form, made up in content."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tst_harness.analysis.accounts import AdapterAccount, InferenceAccount, LLMAccount
from tst_harness.analysis.records import FoldRecord, HeldOut, Origin, ZeroShotRecord
from tst_harness.checks.shortcuts import ShortcutRecord
from tst_harness.diagnostics.llm.data.models import AdapterCheck
from tst_harness.report.schema import Fingerprint, Format, RunReport, Settings, Shortcut, SourceReport

TYPES: dict[str, Format] = {"room_size": "num", "route": "mc", "rel_distance": "mc"}
RUN = RunReport(started="2026-01-31T12:00:00+00:00", seconds=1.5, command=["pytest", "benchmarks/"])


def make_source(**changes: Any) -> SourceReport:
    fields: dict[str, Any] = {
        "kind": "file",
        "location": "data/demo.jsonl",
        "rows": 60,
        "questions": 60,
        "groups": 12,
        "fingerprint": Fingerprint(content="c" * 64, row_order="r" * 40),
    }
    return SourceReport(**{**fields, **changes})


def make_origin(**changes: Any) -> Origin:
    fields: dict[str, Any] = {
        "benchmark": "demo",
        "title": "Demo-Bench",
        "source": make_source(),
        "settings": Settings(folds=3, seed=42, repeats=1, split="random"),
        "null_control": False,
        "diagnostic": "forest",
        "diagnostic_settings": {"trees": 100, "nested": {"depth": 8}},
        "versions": {"tst-harness": "0.1.0"},
    }
    return Origin(**{**fields, **changes})


def make_held_out(ids: Sequence[str], seed: int = 0, **columns: list[Any]) -> HeldOut:
    rng = np.random.default_rng([seed, len(ids)])
    names = list(TYPES)
    types = [names[place % len(names)] for place in range(len(ids))]
    made: dict[str, Any] = {
        "id": list(ids),
        "type": types,
        "format": [TYPES[name] for name in types],
        "group": [f"scene{place % 12}" for place in range(len(ids))],
        "s": rng.random(len(ids)).tolist(),
        "score": rng.integers(0, 2, len(ids)).astype(float).tolist(),
        "blind_baseline": [0.25] * len(ids),
        "most_frequent": [0.0] * len(ids),
        "prediction": ["A" if TYPES[name] == "mc" else 2.5 for name in types],
        "probabilities": [[0.5, 0.25, 0.125, 0.125] if TYPES[name] == "mc" else None for name in types],
    }
    return HeldOut(**{**made, **columns})


def make_fold(
    repeat: int = 0,
    fold: int = 0,
    origin: Origin | None = None,
    held_out: HeldOut | None = None,
    **changes: Any,
) -> FoldRecord:
    origin = origin or make_origin()
    fields: dict[str, Any] = {
        "key": f"{origin.diagnostic}-{repeat}-{fold}",
        "origin": origin,
        "repeat": repeat,
        "fold": fold,
        "n_train": 40,
        "seconds": 0.25,
        "held_out": held_out or make_held_out([str(20 * fold + place) for place in range(20)]),
        "importances": {"route": {"text": 0.125}},
    }
    return FoldRecord(**{**fields, **changes})


def make_folds(
    ids: Sequence[str], folds: int = 3, repeats: int = 1, origin: Origin | None = None, seed: int = 0
) -> list[FoldRecord]:
    """Return every fold of every repeat, each question held out once in a repeat."""
    whole = make_held_out(ids, seed)
    origin = origin or make_origin(settings=Settings(folds=folds, seed=42, repeats=repeats, split="random"))
    records = []
    for repeat in range(repeats):
        dealt = np.random.default_rng([seed, repeat]).permutation(len(ids))
        for fold in range(folds):
            places = dealt[fold::folds]
            columns = {name: [column[place] for place in places] for name, column in whole}
            records.append(make_fold(repeat, fold, origin, HeldOut(**columns)))
    return records


def make_adapter(**changes: Any) -> AdapterAccount:
    fields: dict[str, Any] = {
        "format": "mc",
        "training_size": 40,
        "tokens": 1_000,
        "seconds": 2.5,
        "final_loss": 0.75,
        "truncated": 0,
        "peak_memory": 2 * 1024**3,
        "check": AdapterCheck(prompts=8, largest_change=0.5, passed=True),
    }
    return AdapterAccount(**{**fields, **changes})


def make_inference(**changes: Any) -> InferenceAccount:
    fields: dict[str, Any] = {"questions": 20, "tokens": 500, "seconds": 1.25}
    return InferenceAccount(**{**fields, **changes})


def make_account(**inference: Any) -> LLMAccount:
    """Return the account of a fold with an adapter for each format."""
    return LLMAccount(
        adapters=[make_adapter(format="num", tokens=10), make_adapter()],
        inference=make_inference(**inference),
    )


def make_llm_origin(**changes: Any) -> Origin:
    fields: dict[str, Any] = {
        "diagnostic": "llm",
        "diagnostic_settings": {
            "model": "smollm2",
            "revision": "0123456789abcdef",
            "trainer": {"engine": "peft", "r": 8},
            "predictor": {"engine": "transformers"},
        },
        "versions": {"tst-harness": "0.1.0", "torch": "2.6.0"},
    }
    return make_origin(**{**fields, **changes})


def make_llm_folds(
    ids: Sequence[str], folds: int = 3, repeats: int = 1, seed: int = 1, **origin: Any
) -> list[FoldRecord]:
    made = make_llm_origin(
        **{"settings": Settings(folds=folds, seed=42, repeats=repeats, split="random"), **origin}
    )
    records = make_folds(ids, folds, repeats, made, seed)
    return [record.model_copy(update={"llm": make_account()}) for record in records]


def make_zero_shot(
    ids: Sequence[str], origin: Origin | None = None, seed: int = 2, **changes: Any
) -> ZeroShotRecord:
    columns = make_held_out(ids, seed).model_dump(include={"id", "s", "score", "prediction"})
    origin = origin or make_llm_origin()
    fields: dict[str, Any] = {
        "key": f"{origin.diagnostic}-zero-shot",
        "origin": origin,
        "seconds": 1.5,
        "llm": LLMAccount(inference=make_inference(questions=len(ids), tokens=1_500, seconds=4.0)),
    }
    return ZeroShotRecord(**{**fields, **columns, **changes})


def units(folds: Sequence[FoldRecord]) -> set[tuple[int, int]]:
    return {(record.repeat, record.fold) for record in folds}


def make_shortcut(**changes: Any) -> Shortcut:
    fields: dict[str, Any] = {
        "type": "route",
        "text": "when `left` is an option it is right",
        "support": 48,
        "score": 0.71,
        "blind_baseline": 0.25,
        "p_value": 0.002,
    }
    return Shortcut(**{**fields, **changes})


def make_shortcuts(
    *shortcuts: Shortcut, origin: Origin | None = None, rules_tried: int = 100
) -> ShortcutRecord:
    origin = (origin or make_origin()).model_copy(update={"diagnostic": "shortcuts"})
    return ShortcutRecord(
        key="shortcuts",
        origin=origin,
        seconds=0.1,
        shortcuts=list(shortcuts) or [make_shortcut()],
        rules_tried=rules_tried,
    )
