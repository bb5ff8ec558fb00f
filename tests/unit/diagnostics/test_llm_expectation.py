"""A model that is too small says so before it is trained."""

from pathlib import Path

import pytest

from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.expectation import FINDS_LITTLE
from tst_harness.engine.settings import Settings
from tst_harness.processes import devices


def settings(diagnostics: tuple[str, ...], model: str | None) -> Settings:
    return Settings(diagnostics=diagnostics, llm=LLMConfig(model_name=model))


def test_the_small_model_is_warned_of() -> None:
    assert settings(("llm",), "smollm2").expectation() == FINDS_LITTLE
    assert settings(("forest", "llm"), "smollm2").expectation() == FINDS_LITTLE


def test_it_is_the_default_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert settings(("llm",), None).expectation() == FINDS_LITTLE
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert devices.cuda_devices() == 1
    assert settings(("llm",), None).expectation() is None


def test_others_are_not(tmp_path: Path) -> None:
    assert settings(("forest",), "smollm2").expectation() is None
    assert settings(("llm",), str(tmp_path)).expectation() is None
    assert settings(("llm",), "owner/model").expectation() is None
    assert settings(("llm",), "./nowhere").expectation() is None
