"""The published schema; to publish a change of the models, run this file as a program."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError
from record_builders import RUN, make_folds, make_llm_folds, make_shortcuts, make_zero_shot, units

from tst_harness.report import schema
from tst_harness.report.assemble import assemble
from tst_harness.report.files import canonical_json
from tst_harness.report.records import Record
from tst_harness.report.schema import (
    FoldScores,
    OverallScores,
    Sample,
    Scores,
    TypeScores,
    report_json_schema,
)

PUBLISHED = Path(schema.__file__).with_name("report.schema.json")
SCORES: dict[str, Any] = {
    "n": 10,
    "score": 0.5,
    "mean_s": 0.5,
    "interval": (0.4, 0.6),
    "mean_s_interval": (0.4, 0.6),
    "blind_baseline": 0.25,
    "gain": 0.25,
    "gain_interval": (0.1, 0.3),
}


def published() -> str:
    return canonical_json(report_json_schema(), indent=2)


def test_the_published_schema_is_that_of_the_models() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == published()


@pytest.mark.parametrize("missing", [0, 1])
def test_a_report_satisfies_the_published_schema(missing: int) -> None:
    folds = make_folds([str(n) for n in range(60)])
    llm = make_llm_folds([str(n) for n in range(60)])
    zero_shot = make_zero_shot([str(n) for n in range(60)])
    records: list[Record] = [*folds[missing:], make_shortcuts(), *llm, *[zero_shot][missing:]]
    report = assemble(records, {"forest": units(folds), "llm": units(llm)}, RUN)
    assert [found.complete for found in report.diagnostics.values()] == [not missing] * 2
    written = json.loads(canonical_json(report.model_dump(mode="json")))
    jsonschema.validate(written, json.loads(PUBLISHED.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "change",
    [
        {"score": 1.01},
        {"score": -0.01},
        {"score": float("nan")},
        {"gain": -1.5},
        {"interval": (0.6, 0.4)},
        {"unknown": 1},
    ],
)
def test_scores_refuse_what_makes_no_sense(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(change))):
        Scores(**{**SCORES, **change})


def test_the_keys_others_build_on_are_there() -> None:
    promised = {"n", "score", "mean_s", "interval", "blind_baseline", "gain", "gain_interval", "macro_score"}
    assert promised <= set(OverallScores.model_fields)
    assert set(Sample.model_fields) == {
        *("diagnostic", "id", "type", "format", "fold", "repeat", "s", "score", "blind_baseline"),
        *("prediction", "group", "probabilities", "s_zero_shot", "zero_shot", "s_delta"),
    }
    for name in ("zero_shot", "delta", "delta_interval"):
        assert {name, f"mean_s_{name}"} <= set(TypeScores.model_fields) & set(OverallScores.model_fields)
    assert {"repeat", "fold", "score"} <= set(FoldScores.model_fields)


if __name__ == "__main__":
    PUBLISHED.write_text(published(), encoding="utf-8")
