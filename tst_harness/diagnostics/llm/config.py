"""The settings of the LLM diagnostic in one place."""

from collections.abc import Mapping
from typing import Any, Literal

from tst_harness.dataset.provenance import FailurePolicy
from tst_harness.diagnostics.llm.data.encoding import TemplateMismatch, TooLong
from tst_harness.diagnostics.llm.data.models import LoRASettings
from tst_harness.diagnostics.llm.settings import read_settings

AdaptersPer = Literal["format", "fold"]


class LLMConfig(LoRASettings):
    """Settings of the LLM diagnostic: those of the training, and these.

    Attributes
    ----------
    model_name, revision
        As for `find_model`; None for the default of this machine.
    trainer, predictor
        The engines; "auto" goes by the devices there are.
    too_long, template_mismatch
        As for `PromptEncoder`.
    adapters_per
        Whether each answer format of a fold has an adapter of its own, as in the paper, or one serves both.
    keep_adapters
        Leave the adapters of finished folds on disk.
    on_failure
        What an answer without a letter or number counts: nothing, or as much as chance.
    """

    model_name: str | None = None
    revision: str | None = None
    trainer: Literal["joint", "peft", "llamafactory"] = "joint"
    predictor: Literal["auto", "transformers", "vllm", "ray"] = "auto"
    too_long: TooLong = "truncate"
    template_mismatch: TemplateMismatch | None = None
    adapters_per: AdaptersPer = "format"
    keep_adapters: bool = False
    on_failure: FailurePolicy = "no_credit"

    @classmethod
    def of(cls, settings: "Mapping[str, Any] | LLMConfig") -> "LLMConfig":
        """Read a plain dict of settings.

        Parameters
        ----------
        settings
            The fields by name, or by one of `OTHER_NAMES`.

        Raises
        ------
        DataError
            A name is not known or given twice, or a value makes no sense.
        """
        return settings if isinstance(settings, LLMConfig) else read_settings(cls, settings, "llm_config")
