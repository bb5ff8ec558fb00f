"""vLLM without enough memory for a batch, for real but for the lack of memory itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tst_harness.diagnostics.llm.data.conversion import instruction_of
from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import TstTestInstance
from tst_harness.diagnostics.llm.predictors import vllm
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.processes.child import Child

pytest.importorskip("vllm", reason="vLLM is not installed: pip install 'tst-harness[vllm]'")

COLOURS = ("red", "green", "blue", "white")
SHORT = """
import torch
from tst_harness.diagnostics.llm.predictors.vllm_engine import VLLMEngine

class Short(VLLMEngine):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        config = self._llm.llm_engine.vllm_config.scheduler_config
        print("limits", config.max_num_seqs, config.max_num_batched_tokens, flush=True)
        if arguments["at_once"] is None:
            self._llm.generate = self.run_out
        else:
            assert (config.max_num_seqs, config.max_num_batched_tokens) == (arguments["at_once"], 1024)

    def run_out(self, *_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
"""


def instances() -> list[TstTestInstance]:
    made = []
    for place in range(6):
        options = COLOURS if place % 3 else None
        text = "What colour is the lamp " + "by the wall " * place + "?"
        instruction = instruction_of(text, options)
        made.append(TstTestInstance(instance_id=f"q{place}", instruction=instruction, options=options))
    return made


def test_an_engine_that_takes_half_at_once_gives_the_same_answers(
    smollm2: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "engine_short_of_memory.py").write_text(SHORT, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    predictor = vllm.create_vllm_predictor(encoder=PromptEncoder(smollm2), dtype="float32")
    try:
        expected = predictor.predict(instances())
        predictor.reset()
        assert predictor.take_usage().batch_halved == 0

        def short(_: str, arguments: Mapping[str, Any], label: str) -> Child:
            return Child("engine_short_of_memory:Short", arguments, label)

        monkeypatch.setattr(vllm, "Child", short)
        found = predictor.predict(instances())
        assert predictor.take_usage().batch_halved == 1
    finally:
        predictor.reset()
    for one, other in zip(expected, found, strict=True):
        assert (one.prediction, one.raw_output) == (other.prediction, other.raw_output)
        np.testing.assert_allclose(
            one.option_probabilities or (), other.option_probabilities or (), rtol=0, atol=1e-5
        )
