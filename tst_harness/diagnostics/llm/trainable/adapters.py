"""Adapters that were trained: in use, waiting, or done with their questions."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tst_harness.diagnostics.llm.data.models import (
    AdapterCheck,
    LLMPredictionResult,
    LoRAAdapterInfo,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.predictors.base import Usage
from tst_harness.diagnostics.llm.trainable.written import Written


@dataclass(frozen=True)
class TrainedAdapter:
    """An adapter that was trained and passed its check.

    Attributes
    ----------
    info
        What was trained, for how long, and where it is.
    check
        How much it changes what the model says.
    data_digest
        SHA-256 of the training data in their order.
    memory_not_returned
        Bytes free on the device before an earlier training and not before this one; 0 for next to nothing.
    """

    info: LoRAAdapterInfo
    check: AdapterCheck
    data_digest: str
    memory_not_returned: int = 0


@dataclass(frozen=True)
class AdapterAhead:
    """An adapter that was trained and is not in use yet, with its files and what memory was missing."""

    info: LoRAAdapterInfo
    wrote: Written
    memory_not_returned: int = 0


@dataclass(frozen=True)
class Answers:
    """What an adapter answered, in the order of the questions, and what that took, its check left out."""

    adapter: TrainedAdapter
    results: Sequence[LLMPredictionResult]
    usage: Usage


def data_digest(data: Sequence[TstTrainingDatum]) -> str:
    """Return the SHA-256 of training data in their order."""
    digest = hashlib.sha256()
    for datum in data:
        digest.update(datum.model_dump_json().encode() + b"\n")
    return digest.hexdigest()
