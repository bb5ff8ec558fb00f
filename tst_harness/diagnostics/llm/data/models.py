"""What crosses between the parts of the LLM diagnostic, and to and from files."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, model_validator

from tst_harness.analysis.accounts import AdapterCheck as AdapterCheck
from tst_harness.benchmark.model import Model

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
_ROUNDING = 1e-6
_EARLY_STOPPING_EPOCHS = 6


def _add_up(probabilities: tuple[float, ...] | None) -> tuple[float, ...] | None:
    if probabilities is not None and abs(sum(probabilities) - 1.0) > _ROUNDING:
        raise ValueError(f"add up to {sum(probabilities)}, not to 1")
    return probabilities


class LLMModel(Model):
    """Refuses a value of another type, an integer's text in place of an integer included."""

    model_config = ConfigDict(strict=True, protected_namespaces=())


class TstTrainingDatum(LLMModel):
    """One training question, as the model is shown it, and the answer that it is to learn.

    Attributes
    ----------
    instruction
        The user's turn: the question, its options, and how to answer.
    response
        The assistant's turn: a letter or a number.
    metadata
        Anything in plain types. `question`, where there, is the part of `instruction` that may be
        shortened when the whole is too long for the model.
    """

    instruction: str = Field(min_length=1)
    response: str = Field(min_length=1)
    metadata: dict[str, JsonValue] = Field(default_factory=dict)


class TstTestInstance(LLMModel):
    """One question to answer. The prompt is made of `instruction` alone, which never holds the answer.

    Attributes
    ----------
    instance_id
        The question's id.
    instruction
        As for training.
    ground_truth
        The gold answer in the form of a training response, for callers that score; no predictor reads it.
    options
        The texts of the options, lettered A, B, ... in this order; None asks for a number or a text.
    answer
        Which of the two, where there are no options.
    metadata
        As for training.
    """

    instance_id: str
    instruction: str = Field(min_length=1)
    ground_truth: str | None = None
    options: tuple[str, ...] | None = Field(default=None, min_length=2)
    answer: Literal["number", "text"] = "number"
    metadata: dict[str, JsonValue] = Field(default_factory=dict)


class LLMPredictionResult(LLMModel):
    """What a model answered.

    Attributes
    ----------
    instance_id
        The question's id.
    prediction
        The letter of the most probable option, the number as text, or the first line of the text. None where
        there is no answer: the options' letters have next to no probability, the text holds no number, or
        there is no text.
    confidence
        The probability of that option among the options; for a number that of the generated tokens,
        geometric mean.
    raw_output
        The text generated; for multiple choice, where none is, the letter. None where it was not kept.
    option_probabilities
        Of each option in order, adding up to 1; None for a number.
    letter_mass
        How much of the model's probability at the answer position is on the options' letters at all.
    truncated
        Whether the question was shortened to fit.
    """

    instance_id: str
    prediction: str | None
    confidence: Probability
    raw_output: str | None = None
    option_probabilities: Annotated[tuple[Probability, ...] | None, AfterValidator(_add_up)] = None
    letter_mass: Probability | None = None
    truncated: bool = False


class LoRAAdapterInfo(LLMModel):
    """A trained LoRA adapter.

    Attributes
    ----------
    fold_id
        The fold that it was trained for, and its format where each has its own: "repeat 0 fold 3 mc".
    adapter_path
        The folder, in peft's format.
    training_size
        Number of questions trained on.
    model_name
        The base model.
    training_config
        All that decides the result, in plain types.
    tokens
        Tokens trained on, over all epochs and the learning rates that were tried, padding left out.
    seconds
        From the call to the saved adapter.
    final_loss
        Mean loss of an answer token in the last tenth of the steps.
    truncated
        Number of questions shortened to fit.
    peak_memory
        Bytes at most on the device while training; on a CPU of the process; None where unknown.
    batch_size
        Questions at most that were on the device together; fewer than asked for where memory ran out.
    batch_halved
        How often it did; the questions of an update of the weights stayed the same.
    together
        Number of adapters trained in one pass, this one among them.
    padding
        Tokens of padding beside `tokens`; None where unknown.
    seconds_at_peak
        What the tokens would have taken at the speed of a large matrix product; None where unknown.
    epochs, learning_rate
        What early stopping chose; None where that was settled before.
    without_graphs
        Why a CUDA device was not given recorded work; None where it was, and on a CPU.
    """

    fold_id: str
    adapter_path: Path
    training_size: int
    model_name: str
    training_config: dict[str, JsonValue]
    tokens: int = 0
    seconds: float = 0.0
    final_loss: float | None = None
    truncated: int = 0
    peak_memory: int | None = None
    batch_size: int | None = None
    batch_halved: int = 0
    together: int = 1
    padding: int | None = None
    seconds_at_peak: float | None = None
    epochs: int | None = None
    learning_rate: float | None = None
    without_graphs: str | None = None


class TrainingProgress(LLMModel):
    """Where training or answering is: updates or questions done, the loss of the last update, seconds.

    It begins with step 0, before the model is loaded.
    """

    fold_id: str
    step: int = Field(ge=0)
    total_steps: int = Field(ge=1)
    loss: float | None
    seconds: float = Field(ge=0.0)
    unit: Literal["step", "question"] = "step"

    @model_validator(mode="after")
    def _within(self) -> "TrainingProgress":
        if self.step > self.total_steps:
            raise ValueError(f"step {self.step} is beyond the last, {self.total_steps}")
        return self


class LoRASettings(LLMModel):
    """Settings of a training run; the defaults are the paper's (arXiv 2511.04655, section 3 and appendix).

    Attributes
    ----------
    lora_rank, lora_alpha, lora_dropout
        Of the adapter, on all linear layers but the output head.
    num_epochs
        Times that each question is trained on.
    batch_size, gradient_accumulation_steps
        Questions on the device together, and batches to an update of the weights.
    learning_rate, warmup_ratio
        Of AdamW. The rate rises from 0 over the first share `warmup_ratio` of the updates, and then follows
        half a cosine to 0.
    max_seq_length
        Tokens at most of prompt and answer together.
    recipe
        "paper" trains `num_epochs` epochs on all training questions. "early_stopping" holds a fifth of them
        back, groups kept whole, trains on the others for `num_epochs` epochs at most (6 unless it is given),
        and takes the weights with the lowest loss on that fifth; with fewer than 1,000 questions to train on
        it also tries five times the learning rate.
    """

    lora_rank: int = Field(default=8, ge=1)
    lora_alpha: int = Field(default=16, ge=1)
    lora_dropout: float = Field(default=0.1, ge=0.0, lt=1.0)
    num_epochs: int = Field(default=1, ge=1)
    batch_size: int = Field(default=4, ge=1)
    gradient_accumulation_steps: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=2e-4, gt=0.0)
    warmup_ratio: float = Field(default=0.1, ge=0.0, lt=1.0)
    max_seq_length: int = Field(default=1024, ge=16)
    recipe: Literal["paper", "early_stopping"] = "paper"

    @model_validator(mode="before")
    @classmethod
    def _most_epochs(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and given.get("recipe") == "early_stopping":
            return {"num_epochs": _EARLY_STOPPING_EPOCHS, **given}
        return given

    @property
    def lora(self) -> "LoRASettings":
        """These settings alone, of a configuration that has more."""
        return LoRASettings(**{name: getattr(self, name) for name in LoRASettings.model_fields})

    @property
    def effective_batch_size(self) -> int:
        """Questions of an adapter to an update of its weights."""
        return self.batch_size * self.gradient_accumulation_steps

    def warmup_steps(self, total: int) -> int:
        """Return how many of all updates of the weights warm the learning rate up."""
        # The first update after a warm-up is the first that learns at the whole rate: one is left for it.
        return min(math.ceil(total * self.warmup_ratio), total - 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings of the training in plain types."""
        return self.model_dump(mode="json", include=set(LoRASettings.model_fields))
