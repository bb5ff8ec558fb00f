from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue, ValidationError

from tst_harness.diagnostics.llm.data.models import (
    AdapterCheck,
    LLMPredictionResult,
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTestInstance,
    TstTrainingDatum,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SOME_TEXT = TEXT.filter(bool)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
FRACTION = st.floats(0, 1)
COUNT = st.integers(0, 2**62)


def mappings() -> st.SearchStrategy[dict[str, JsonValue]]:
    leaves = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | FINITE | TEXT
    values: st.SearchStrategy[JsonValue] = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=5,
    )
    return st.dictionaries(TEXT, values, max_size=3)


def probabilities() -> st.SearchStrategy[tuple[float, ...] | None]:
    weights = st.lists(st.floats(0.01, 1), min_size=2, max_size=6)
    return st.none() | weights.map(lambda drawn: tuple(one / sum(drawn) for one in drawn))


DATA = st.builds(TstTrainingDatum, instruction=SOME_TEXT, response=SOME_TEXT, metadata=mappings())
INSTANCES = st.builds(
    TstTestInstance,
    instance_id=TEXT,
    instruction=SOME_TEXT,
    ground_truth=st.none() | TEXT,
    options=st.none() | st.lists(TEXT, min_size=2, max_size=5).map(tuple),
    metadata=mappings(),
)
RESULTS = st.builds(
    LLMPredictionResult,
    instance_id=TEXT,
    prediction=st.none() | TEXT,
    confidence=FRACTION,
    raw_output=TEXT,
    option_probabilities=probabilities(),
    letter_mass=st.none() | FRACTION,
    truncated=st.booleans(),
)
ADAPTERS = st.builds(
    LoRAAdapterInfo,
    fold_id=TEXT,
    adapter_path=st.sampled_from([Path("adapters/fold 0"), Path("/tmp/ä/b")]),
    training_size=COUNT,
    model_name=TEXT,
    training_config=mappings(),
    tokens=COUNT,
    seconds=FINITE,
    final_loss=st.none() | FINITE,
    truncated=COUNT,
    peak_memory=st.none() | COUNT,
)
PROGRESS = st.builds(
    TrainingProgress,
    fold_id=TEXT,
    step=st.integers(0, 10),
    total_steps=st.integers(10, 20),
    loss=st.none() | FINITE,
    seconds=st.floats(0, 1e6),
)
CHECKS = st.builds(AdapterCheck, prompts=COUNT, largest_change=FRACTION, passed=st.booleans())
SETTINGS = st.builds(
    LoRASettings,
    lora_rank=st.integers(1, 64),
    lora_dropout=st.floats(0, 0.9),
    learning_rate=st.floats(1e-9, 1.0),
)
MODELS = st.one_of(DATA, INSTANCES, RESULTS, ADAPTERS, PROGRESS, CHECKS, SETTINGS)


@given(MODELS)
def test_a_model_survives_json(model: BaseModel) -> None:
    assert type(model).model_validate_json(model.model_dump_json()) == model


@given(MODELS, TEXT)
def test_an_extra_key_is_named(model: BaseModel, name: str) -> None:
    key = f"extra {name}"
    with pytest.raises(ValidationError) as caught:
        type(model).model_validate(model.model_dump() | {key: 1})
    assert [error["loc"] for error in caught.value.errors()] == [(key,)]


@given(MODELS, st.data())
def test_a_wrong_type_is_named(model: BaseModel, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(type(model).model_fields)))
    with pytest.raises(ValidationError) as caught:
        type(model).model_validate(model.model_dump() | {field: object()})
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


REFUSED: list[tuple[type[BaseModel], dict[str, Any], str]] = [
    (TstTrainingDatum, {"instruction": "", "response": "A"}, "instruction"),
    (TstTrainingDatum, {"instruction": "Q", "response": 3}, "response"),
    (TstTrainingDatum, {"instruction": "Q", "response": "A", "metadata": {"x": Path()}}, "metadata"),
    (TstTestInstance, {"instance_id": 1, "instruction": "Q"}, "instance_id"),
    (TstTestInstance, {"instance_id": "1", "instruction": "Q", "options": ("red",)}, "options"),
    (
        LLMPredictionResult,
        {
            "instance_id": "1",
            "prediction": "A",
            "confidence": 0.5,
            "raw_output": "A",
            "option_probabilities": (0.5, 0.4),
        },
        "option_probabilities",
    ),
    (
        LLMPredictionResult,
        {"instance_id": "1", "prediction": "A", "confidence": 1.5, "raw_output": "A"},
        "confidence",
    ),
    (
        LoRAAdapterInfo,
        {
            "fold_id": "",
            "adapter_path": Path(),
            "training_size": "3",
            "model_name": "m",
            "training_config": {},
        },
        "training_size",
    ),
    (LoRASettings, {"lora_rank": "8"}, "lora_rank"),
    (LoRASettings, {"learning_rate": float("nan")}, "learning_rate"),
]


@pytest.mark.parametrize(("model", "fields", "field"), REFUSED)
def test_a_value_that_makes_no_sense_is_refused(
    model: type[BaseModel], fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(fields)
    assert {error["loc"][0] for error in caught.value.errors()} == {field}


def test_a_step_beyond_the_last_is_refused() -> None:
    with pytest.raises(ValidationError, match="step 3 is beyond the last, 2"):
        TrainingProgress(fold_id="", step=3, total_steps=2, loss=None, seconds=1.0)


def test_a_model_cannot_be_changed() -> None:
    datum = TstTrainingDatum(instruction="Q", response="A")
    with pytest.raises(ValidationError, match="frozen"):
        datum.response = "B"
