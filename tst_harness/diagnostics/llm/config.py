"""The settings of the LLM diagnostic in one place."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from tst_harness._model import Model
from tst_harness.dataset.provenance import FailurePolicy
from tst_harness.diagnostics.llm.data.encoding import TemplateMismatch, TooLong
from tst_harness.diagnostics.llm.data.models import LoRASettings
from tst_harness.errors import HarnessError

AdaptersPer = Literal["format", "fold"]

_TST_NAMES = {
    "model_name": "model",
    "learning_rate": "lr",
    "num_epochs": "epochs",
    "train_batch_size": "batch_size",
    "lora_rank": "r",
    "lora_alpha": "alpha",
    "lora_dropout": "dropout",
    "max_seq_length": "cutoff",
}
"""The names of the TsT code release, and what they are called here."""


class LLMConfig(Model):
    """What the LLM diagnostic is asked for.

    Attributes
    ----------
    model, revision
        As for `find_model`; None for the default of this machine.
    trainer, predictor
        The engines; "auto" goes by the devices there are.
    lora
        Settings of the training.
    too_long, template_mismatch
        As for `PromptEncoder`.
    adapters_per
        Whether each answer format of a fold has an adapter of its own, as in the paper, or one serves both.
    keep_adapters
        Leave the adapters of finished folds on disk.
    on_failure
        What an answer without a letter or number counts: nothing, or as much as chance.
    """

    model: str | None = None
    revision: str | None = None
    trainer: Literal["peft", "llamafactory"] = "peft"
    predictor: Literal["auto", "transformers", "vllm", "ray"] = "auto"
    lora: LoRASettings = Field(default_factory=LoRASettings)
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
            The fields by name, those of `LoRASettings` among them without nesting, or under the names of
            the TsT code release: `model_name`, `learning_rate`, `num_epochs`, `train_batch_size`,
            `lora_rank`, `lora_alpha`, `lora_dropout`, `max_seq_length`.

        Raises
        ------
        HarnessError
            A key is not known or says what another says, or a value makes no sense.
        """
        if isinstance(settings, LLMConfig):
            return settings
        own = [name for name in cls.model_fields if name != "lora"]
        lora = list(LoRASettings.model_fields)
        given: dict[str, str] = {}
        read: dict[str, Any] = {"lora": {}}
        for key, value in settings.items():
            name = _TST_NAMES.get(key, key)
            if name not in own and name not in lora:
                known = ", ".join([*own, *lora, *_TST_NAMES])
                raise HarnessError(f"llm_config: there is no setting {key!r}; the known ones are {known}")
            if name in given:
                raise HarnessError(f"llm_config: {given[name]!r} and {key!r} are the same setting; give one")
            given[name] = key
            (read["lora"] if name in lora else read)[name] = value
        try:
            return cls.model_validate(read)
        except ValidationError as error:
            first = error.errors()[0]
            key = given[str(first["loc"][-1])]
            raise HarnessError(f"llm_config: {key!r}: {first['msg']}, not {first['input']!r}") from None
