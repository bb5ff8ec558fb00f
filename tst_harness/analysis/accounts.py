"""What a unit of work of the LLM diagnostic cost and how it went, for records and reports."""

from typing import Literal

from pydantic import ConfigDict, Field

from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.benchmark.model import Model


class AdapterCheck(Model):
    """Whether an adapter changes what the model says: the largest change of a probability on some prompts."""

    model_config = ConfigDict(strict=True)

    prompts: Count
    largest_change: Fraction
    passed: bool


class AdapterAccount(Model):
    """One adapter: `format` says what it was trained on, both where one serves all.

    `tokens` counts those trained on, over all epochs; `seconds` is wall time from the call to the saved
    adapter, of a pass that trained several this one's share by its tokens; `together` counts those adapters;
    `peak_memory` in bytes; `truncated` counts the questions shortened to fit. `batch_halved` counts
    how often memory ran out and training began anew with fewer questions on the device at once, `batch_size`
    at last; those of an update of the weights stayed as many. `memory_not_returned`, in bytes, is what was
    free on the device before an earlier training and not before this one, 0 where that is next to nothing.
    `padding` counts tokens of padding beside `tokens`; `seconds_at_peak` is what `tokens` would have taken
    where the device did nothing but multiply by the model's weights, at the speed of a large matrix product
    that was measured on it. Both are null where unknown. `epochs` and `learning_rate` are what early stopping
    chose, null where both were settled before. `without_graphs` is why training on CUDA launched its work
    step by step, which takes longer, and did not replay recorded graphs; null elsewhere.
    """

    format: Literal["mc", "num", "open", "multi", "both"]
    training_size: Count
    tokens: Count
    seconds: float
    final_loss: float | None
    truncated: Count
    peak_memory: Count | None
    batch_size: Count | None = None
    batch_halved: Count = 0
    together: Count = 1
    memory_not_returned: int = 0
    padding: Count | None = None
    seconds_at_peak: float | None = None
    epochs: Count | None = None
    learning_rate: float | None = None
    without_graphs: str | None = None
    check: AdapterCheck


class InferenceAccount(Model):
    """Predicting some questions.

    `failed` has the ids of those without an answer: no letter had probability, or no number was found.
    `batch_halved` counts how often memory ran out and smaller batches were tried; `padding` and
    `seconds_at_peak` are as for an adapter, of the prompts.
    """

    questions: Count
    failed: list[str] = Field(default_factory=list)
    truncated: Count = 0
    tokens: Count
    seconds: float
    peak_memory: Count | None = None
    batch_halved: Count = 0
    padding: Count | None = None
    seconds_at_peak: float | None = None


class LLMAccount(Model):
    """A fold, or the zero-shot pass, which has no adapter."""

    adapters: list[AdapterAccount] = Field(default_factory=list)
    inference: InferenceAccount
