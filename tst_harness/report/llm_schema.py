"""What a report says of a language model, as validated models."""

from pydantic import ConfigDict

from tst_harness.analysis.accounts import AdapterAccount
from tst_harness.analysis.ranges import Count, Seconds
from tst_harness.benchmark.model import Model


class Cost(Model):
    """What a phase took, summed over folds: `seconds` of wall time.

    `peak_memory` in bytes is the most of any fold, null where none knew it. `batch_halved` counts how often
    memory ran out and smaller batches were tried, which changes no result but by rounding and dropout.
    `padding` counts tokens of padding beside `tokens`. `seconds_at_peak` is what the tokens would have taken
    where the device did nothing but multiply by the model's weights, at the speed of a large matrix product
    that was measured on it; its share of `seconds` is how much of the device was used. On a CPU, what prompts
    begin with in common is counted in each and computed once for a batch, so the share may pass 1. Both are
    null where an engine does not tell. As all timings, these were measured when a record was made and may
    differ between runs.
    """

    tokens: Count
    seconds: Seconds
    peak_memory: Count | None
    batch_halved: Count = 0
    padding: Count | None = None
    seconds_at_peak: Seconds | None = None


class AnsweringCost(Cost):
    """Predicting: what it took, and how many of `questions` had no answer or were shortened to fit."""

    questions: Count
    parse_failures: Count
    truncated: Count


class AdapterReport(AdapterAccount):
    """The adapter of one fold, or of one answer format of it."""

    repeat: Count
    fold: Count


class LLMReport(Model):
    """The language model of a diagnostic, and what its training and its answers took.

    `trainer` and `predictor` are names of engines, and `versions` those of the libraries that records name.
    `adapters_checked`: every adapter was seen to change the model's answers. `inference` is that of held-out
    questions, over repeats; `zero_shot` that of all questions once, without an adapter, and is null where it
    left no record.
    """

    model_config = ConfigDict(protected_namespaces=())

    model: str | None
    model_revision: str | None
    trainer: str | None
    predictor: str | None
    versions: dict[str, str]
    adapters: list[AdapterReport]
    adapters_checked: bool
    training: Cost
    inference: AnsweringCost
    zero_shot: AnsweringCost | None
