"""The options of the llm diagnostic, and the settings that they amount to."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import pytest

from tst_harness.analysis.names import LLM
from tst_harness.errors import HarnessError

if TYPE_CHECKING:
    from tst_harness.diagnostics.llm.config import LLMConfig

_LLM_OPTIONS = ("model", "trainer", "predictor", "lora", "adapters_per", "on_failure", "template_mismatch")


def add_llm_options(parser: pytest.Parser) -> None:
    """Declare the options of the model, its training and its engines."""
    group = parser.getgroup("tst-llm", "tst-harness: the llm diagnostic")
    group.addoption(
        "--tst-model",
        metavar="NAME[@REVISION]",
        help="smollm2, a local folder or an id on the Hugging Face hub (ini: tst_model; default: smollm2 on "
        "a CPU, Qwen/Qwen2-7B-Instruct on CUDA)",
    )
    group.addoption(
        "--tst-trainer",
        choices=["joint", "peft", "llamafactory"],
        help="how adapters are trained: joint (several in one pass), peft (one after the other) or "
        "llamafactory (ini: tst_trainer; default: joint)",
    )
    group.addoption(
        "--tst-predictor",
        choices=["auto", "transformers", "vllm", "ray"],
        help="what runs inference (ini: tst_predictor; default: auto, which depends on the devices)",
    )
    group.addoption(
        "--tst-lora",
        metavar="KEY=VALUE,...",
        help="settings of the training, such as r=8,lr=2e-4,epochs=2, or recipe=early_stopping for few "
        "questions (ini: tst_lora)",
    )
    group.addoption(
        "--tst-adapters-per",
        choices=["format", "fold"],
        help="train an adapter for each answer format of a fold, as in the paper (default), or one per fold",
    )
    group.addoption(
        "--tst-keep-adapters", action="store_true", help="leave the adapters of finished folds on disk"
    )
    group.addoption(
        "--tst-on-failure",
        choices=["no_credit", "chance"],
        help="credit for an answer that names no option or number (default: no_credit)",
    )
    group.addoption(
        "--tst-template-mismatch",
        choices=["paper"],
        help="prompt without the chat template after training with it, as the published runs did",
    )


def llm_config_of(config: pytest.Config, value: Callable[[str, object], object]) -> "LLMConfig":
    """Return what a session asks of the language model.

    Parameters
    ----------
    config
        Of the session.
    value
        Returns an option or its ini key by its name, or a default.

    Raises
    ------
    pytest.UsageError
        A value makes no sense, or there is one and no llm diagnostic.
    """
    from tst_harness.diagnostics.llm.config import LLMConfig

    named = config.getoption("tst_diagnostic") or config.getini("tst_diagnostic")
    if LLM not in str(named).split(","):
        for name in _LLM_OPTIONS:
            if config.getoption(f"tst_{name}"):
                option = f"--tst-{name.replace('_', '-')}"
                raise pytest.UsageError(f"{option} is for the llm diagnostic; add --tst-diagnostic llm")
    model, _, revision = str(value("model", "")).partition("@")
    given = {
        "model_name": model or None,
        "revision": revision or None,
        "trainer": value("trainer", "joint"),
        "predictor": value("predictor", "auto"),
        "adapters_per": config.getoption("tst_adapters_per") or "format",
        "keep_adapters": config.getoption("tst_keep_adapters"),
        "on_failure": config.getoption("tst_on_failure") or "no_credit",
        "template_mismatch": config.getoption("tst_template_mismatch"),
    }
    try:
        return LLMConfig.of({**given, **dict(_lora(str(value("lora", ""))))})
    except HarnessError as error:
        raise pytest.UsageError(f"--tst-{str(error).removeprefix('llm_config: ')}") from None


def _lora(text: str) -> Iterable[tuple[str, float | int | str]]:
    """Yield the settings in "lora_rank=8,learning_rate=2e-4", or with the short names."""
    from tst_harness.diagnostics.llm.data.models import LoRASettings
    from tst_harness.diagnostics.llm.settings import OTHER_NAMES

    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        field = LoRASettings.model_fields.get(OTHER_NAMES.get(name, name))
        if not equals or field is None:
            known = ", ".join(LoRASettings.model_fields)
            raise pytest.UsageError(f"--tst-lora: {part!r} is no KEY=VALUE with a key among {known}")
        if field.annotation not in (float, int):
            yield name, number
            continue
        try:
            yield name, float(number) if field.annotation is float else int(number)
        except ValueError:
            raise pytest.UsageError(f"--tst-lora: {number!r} is no number that {name} can have") from None
