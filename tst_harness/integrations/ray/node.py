"""What a machine of a Ray cluster does for a session: says what decides a fold, and computes it."""

import platform
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from tst_harness.analysis.code import code_digest
from tst_harness.analysis.units import Unit
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.llm.build import build_trainable
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.session import Session, compute_unit
from tst_harness.engine.settings import Settings
from tst_harness.errors import EngineError, HarnessError
from tst_harness.registry import analyses
from tst_harness.report.files import canonical_json


class Order(NamedTuple):
    """What the units of a benchmark have in common.

    Attributes
    ----------
    code
        `code_digest` of each diagnostic where the session runs.
    content
        In a list a reference to a pair of its settings and the dataset: so Ray hands them over once, to who
        asks for them.
    """

    code: dict[str, str]
    content: list[Any]


def plan(order: Order, units: Sequence[Unit]) -> list[tuple[str, str]]:
    """Return of each unit its key and its origin, as JSON: both depend on the engines that are here.

    Raises
    ------
    HarnessError
        What is installed here is not what the session has, or a unit cannot be computed.
    """
    _check_code(order.code)
    experiment = _experiment(order.content[0])
    return [(experiment.key(unit), experiment.origin(unit).model_dump_json()) for unit in units]


def compute(order: Order, units: Sequence[Unit]) -> list[str | HarnessError]:
    """Compute units of one analysis, what they have in common at once.

    Returns
    -------
    Of each unit its record as JSON or, where it alone cannot be computed, the error.

    Raises
    ------
    HarnessError
        As for `plan`.
    """
    _check_code(order.code)
    experiment = _experiment(order.content[0])
    # An analysis of another package need not have it.
    prepare = getattr(analyses()[units[0].analysis], "prepare", None)
    if len(units) > 1 and prepare is not None:
        prepare(experiment, units)
    computed: list[str | HarnessError] = []
    for unit in units:
        try:
            computed.append(canonical_json(compute_unit(experiment, unit).model_dump(mode="json")))
        except HarnessError as error:
            computed.append(error)
    return computed


@cache
def _experiment(reference: Any) -> Experiment:
    """Return what a process keeps of a benchmark between its units."""
    import ray

    content: tuple[Settings, Dataset] = ray.get(reference)
    settings, dataset = content
    session = Session(
        settings, loaded={dataset.benchmark.name: dataset}, trainable=lambda: _trainable(settings.llm)
    )
    return session.experiment(dataset.benchmark)


@cache
def _trainable(config: LLMConfig) -> TrainableLLMPredictor:
    """Return what a process trains, its network kept from one unit to the next."""
    return build_trainable(config)


def _check_code(code: Mapping[str, str]) -> None:
    for diagnostic, digest in code.items():
        if code_digest(analyses()[diagnostic].code) != digest:
            raise EngineError(
                f"the machine {platform.node()} of the Ray cluster has another version of tst-harness "
                "than this one; install the same on all of them"
            )
