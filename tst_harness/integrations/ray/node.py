"""What a machine of a Ray cluster does for a session: says what decides a fold, and computes it."""

import platform
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.llm.build import build_trainable
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.experiment import code_digest
from tst_harness.engine.results import LLM, ungrouped
from tst_harness.engine.session import Audit, Work
from tst_harness.engine.settings import Options
from tst_harness.errors import EngineError
from tst_harness.report.files import canonical_json


class Piece(NamedTuple):
    """A fold of a diagnostic, both from 0, or the answers to all questions without training."""

    diagnostic: str
    repeat: int | None = None
    fold: int | None = None

    def __str__(self) -> str:
        if self.fold is None:
            return f"{self.diagnostic} zero-shot"
        return f"{self.diagnostic} {f'repeat {self.repeat} ' if self.repeat else ''}fold {self.fold}"


class Order(NamedTuple):
    """What the pieces of a benchmark have in common.

    Attributes
    ----------
    code
        `code_digest` of each diagnostic where the session runs.
    content
        In a list a reference to a pair of its options and the dataset: so Ray hands them over once, to who
        asks for them.
    """

    code: dict[str, str]
    content: list[Any]


def plan(order: Order, pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    """Return of each piece its key and its origin, as JSON: both depend on the engines that are here.

    Raises
    ------
    HarnessError
        What is installed here is not what the session has, or a piece cannot be computed.
    """
    _check_code(order.code)
    works = [_work(order, piece) for piece in pieces]
    return [(work.key, work.origin.model_dump_json()) for work in works]


def compute(order: Order, piece: Piece) -> str:
    """Compute a piece; return its record as JSON.

    Raises
    ------
    HarnessError
        As for `plan`.
    """
    _check_code(order.code)
    return canonical_json(_work(order, piece).compute().model_dump(mode="json"))


def _work(order: Order, piece: Piece) -> Work:
    audit, benchmark = _audit(order.content[0])
    trainable = _trainable(audit.options.llm) if ungrouped(piece.diagnostic) == LLM else None
    if piece.repeat is None or piece.fold is None:
        return audit.zero_shot_work(benchmark, trainable)
    return audit.fold_work(benchmark, piece.diagnostic, piece.repeat, piece.fold, trainable=trainable)


@cache
def _audit(reference: Any) -> tuple[Audit, Benchmark]:
    """Return what a process keeps of a benchmark between its pieces."""
    import ray

    content: tuple[Options, Dataset] = ray.get(reference)
    options, dataset = content
    return Audit(options, {dataset.benchmark.name: dataset}), dataset.benchmark


@cache
def _trainable(config: LLMConfig) -> TrainableLLMPredictor:
    """Return what a process trains, its network kept from one piece to the next."""
    return build_trainable(config)


def _check_code(code: Mapping[str, str]) -> None:
    for diagnostic, digest in code.items():
        if code_digest(diagnostic) != digest:
            raise EngineError(
                f"the machine {platform.node()} of the Ray cluster has another version of tst-harness "
                "than this one; install the same on all of them"
            )
