"""Prediction with vLLM, for real: against transformers, with adapters, and what is left when it is done."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from tst_harness.diagnostics.llm.data.conversion import instruction_of
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import LLMPredictionResult, TstTestInstance
from tst_harness.diagnostics.llm.predictors.base import Request
from tst_harness.diagnostics.llm.predictors.transformers import TransformersPredictor
from tst_harness.diagnostics.llm.predictors.vllm import VLLMPredictor, create_vllm_predictor
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.errors import EngineError
from tst_harness.processes.supervisor import is_running

pytest.importorskip("vllm", reason="vLLM is not installed: pip install 'tst-harness[vllm]'")

COLOURS = ("red", "green", "blue", "white")
MakeAdapter = Callable[[str, int], Path]


@pytest.fixture(scope="module")
def predictor(smollm2: ModelSource) -> Iterator[VLLMPredictor]:
    predictor = create_vllm_predictor(
        encoder=PromptEncoder(smollm2), dtype="float32", gpu_memory_utilization=0.2
    )
    yield predictor
    predictor.reset()


@pytest.fixture(scope="module")
def make_adapter(smollm2: ModelSource, tmp_path_factory: pytest.TempPathFactory) -> MakeAdapter:
    """Adapters that change what the model says, without a training."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    def make(name: str, rank: int) -> Path:
        torch.manual_seed(sum(map(ord, name)))
        network = AutoModelForCausalLM.from_pretrained(str(smollm2.folder()), dtype=torch.float32)
        adapted = get_peft_model(
            network, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear")
        )
        for key, weight in adapted.named_parameters():
            if "lora_B" in key:
                torch.nn.init.normal_(weight, std=0.02)
        folder = tmp_path_factory.mktemp("adapters") / name
        adapted.save_pretrained(str(folder))
        return folder

    return make


@pytest.fixture(scope="module")
def first(make_adapter: MakeAdapter) -> Path:
    return make_adapter("first", 8)


@pytest.fixture(scope="module")
def second(make_adapter: MakeAdapter) -> Path:
    return make_adapter("second", 4)


def instances(n: int = 6) -> list[TstTestInstance]:
    """Multiple choice with different numbers of options, and numbers, in turns."""
    made = []
    for place in range(n):
        options = COLOURS[: 2 + place % 3] if place % 3 else None
        text = "What colour is the lamp " + "by the wall " * (place % 4) + f"in room {place}?"
        instruction = instruction_of(text, options)
        made.append(TstTestInstance(instance_id=f"q{place}", instruction=instruction, options=options))
    return made


def probabilities(results: Sequence[LLMPredictionResult]) -> np.ndarray:
    return np.array([p for one in results for p in one.option_probabilities or ()])


def texts(results: Sequence[LLMPredictionResult]) -> list[str]:
    return [one.raw_output or "" for one in results if one.option_probabilities is None]


def test_it_says_what_transformers_says_with_and_without_an_adapter(
    predictor: VLLMPredictor, first: Path
) -> None:
    asked = instances()
    reference = TransformersPredictor(predictor.encoder, "cpu")
    seen = []
    for adapter in (None, first):
        for one in (predictor, reference):
            one.unload_adapter() if adapter is None else one.load_adapter(adapter)
        results, expected = predictor.predict(asked), reference.predict(asked)
        assert [one.instance_id for one in results] == [one.instance_id for one in asked]
        for question, result in zip(asked, results, strict=True):
            assert (result.option_probabilities is None) == (question.options is None)
            assert sum(result.option_probabilities or (1.0,)) == pytest.approx(1.0)
        np.testing.assert_allclose(probabilities(results), probabilities(expected), atol=1e-3)
        np.testing.assert_allclose(
            [one.letter_mass or 0.0 for one in results],
            [one.letter_mass or 0.0 for one in expected],
            atol=1e-3,
        )
        assert texts(results) == texts(expected)
        np.testing.assert_allclose(
            [one.confidence for one in results], [one.confidence for one in expected], atol=1e-3
        )
        seen.append(probabilities(results))
    assert np.abs(seen[0] - seen[1]).max() > 0.01
    usage = predictor.take_usage()
    assert usage.tokens == 2 * sum(len(predictor.encoder.prompt(one.instruction).ids) for one in asked)
    assert usage.peak_memory is None or usage.peak_memory > 100_000_000


def test_adapters_are_swapped_on_one_engine(
    predictor: VLLMPredictor, first: Path, second: Path, tmp_path: Path
) -> None:
    asked = [one for one in instances() if one.options]
    moved = tmp_path / "moved"
    shutil.copytree(first, moved)
    predictor.unload_adapter()
    base = probabilities(predictor.predict(asked))
    engine = predictor.engine_pid
    seen = {}
    for name, folder in (("first", first), ("second", second), ("again", first), ("moved", moved)):
        predictor.load_adapter(folder)
        seen[name] = probabilities(predictor.predict(asked))
    # A fold's adapter may be written where that of the fold before was.
    shutil.rmtree(moved)
    shutil.copytree(second, moved, copy_function=shutil.copyfile)
    predictor.load_adapter(moved)
    seen["overwritten"] = probabilities(predictor.predict(asked))
    predictor.unload_adapter()
    np.testing.assert_allclose(probabilities(predictor.predict(asked)), base, atol=1e-5)
    assert predictor.engine_pid == engine
    for name in ("again", "moved"):
        np.testing.assert_allclose(seen[name], seen["first"], atol=1e-5)
    np.testing.assert_allclose(seen["overwritten"], seen["second"], atol=1e-5)
    for one, other in (("first", "second"), ("first", None), ("second", None)):
        assert np.abs(seen[one] - (seen[other] if other else base)).max() > 0.01


def test_memory_is_given_back_and_it_predicts_again(
    predictor: VLLMPredictor, make_adapter: MakeAdapter
) -> None:
    """After an error, after `release`, and with an adapter of a larger rank than it was started for."""
    asked = [one for one in instances() if one.options]
    predictor.ensure_loaded()
    failed = predictor.engine_pid
    assert failed is not None
    too_long = Request(tuple(range(5, 2000)), (5,))
    with pytest.raises(EngineError, match=r"vLLM failed in reply: .*maximum context length is 1024 tokens"):
        predictor.reply([too_long])
    assert not predictor.is_loaded
    assert not is_running(failed)

    larger = make_adapter("larger", 12)
    predictor.load_adapter(larger)
    results = predictor.predict(asked)
    reference = TransformersPredictor(predictor.encoder, "cpu")
    reference.load_adapter(larger)
    np.testing.assert_allclose(probabilities(results), probabilities(reference.predict(asked)), atol=1e-3)

    process = predictor.engine_pid
    assert process is not None
    predictor.release()
    assert not predictor.is_loaded
    assert predictor.current_adapter_path == larger
    if predictor.engine_pid is None:
        assert not is_running(process)
    # What the engine took before it ended is not forgotten.
    assert predictor.take_usage().peak_memory is not None
    predictor.release()
