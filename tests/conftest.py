"""Profiles of hypothesis, named by `--hypothesis-profile`, and models for the real engines."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tst_harness.diagnostics.llm.utils.models import ModelSource, find_model
from tst_harness.errors import EngineUnavailable, SourceUnavailable

# Ray gives its workers a niceness of 15, with which they get next to nothing of cores that others use.
os.environ.setdefault("RAY_worker_niceness", "0")

# A machine that is busy takes its time.
settings.register_profile("depth", deadline=None)
# Where one version of Python has run the tests in depth, on another it is enough that they run.
settings.register_profile("few", max_examples=10, deadline=None)
settings.load_profile("depth")

MOST_SECONDS = 900
"""Many times what the longest test takes, so that one that hangs is named."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.timeout(MOST_SECONDS))


@pytest.fixture(scope="session")
def smollm2() -> ModelSource:
    """SmolLM2-135M-Instruct, a real small model."""
    pytest.importorskip("torch", reason="torch is not installed: pip install 'tst-harness[llm]'")
    model = find_model("smollm2")
    try:
        model.folder()
    except (EngineUnavailable, SourceUnavailable) as error:
        pytest.skip(str(error))
    return model


@pytest.fixture(scope="session")
def tiny(smollm2: ModelSource, tmp_path_factory: pytest.TempPathFactory) -> ModelSource:
    """A network of SmolLM2's kind with random weights, small enough for many trainings, and its tokenizer."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder: Path = tmp_path_factory.mktemp("tiny")
    tokenizer = AutoTokenizer.from_pretrained(str(smollm2.folder()))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tokenizer),
                hidden_size=64,
                intermediate_size=128,
                num_hidden_layers=2,
                # vLLM's attention on a CPU wants heads of at least 32.
                num_attention_heads=2,
                num_key_value_heads=1,
                tie_word_embeddings=True,
                initializer_range=0.2,
                bos_token_id=tokenizer.bos_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
        )
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return find_model(str(folder))
