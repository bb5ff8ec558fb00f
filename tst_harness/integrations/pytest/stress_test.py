"""The tests that every benchmark module inherits."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tst_harness.benchmark.declarations import Benchmark, LocalFile
from tst_harness.benchmark.pruning import PruningSettings

if TYPE_CHECKING:
    import pytest

    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel

Run = Callable[[], None]


class StressTest:
    """The Test-set Stress-Test of one benchmark (arXiv 2511.04655).

    A subclass declares `benchmark`, `models` where it has feature models written by hand, and `pruning`
    where it is to be pruned; its name starts with `Test`, as pytest asks. Each test is a unit of work and
    leaves a record, or the files of the pruning, and the session makes the report from the records. The
    tests do not judge the benchmark: they fail when it cannot be diagnosed.
    """

    benchmark: ClassVar[Benchmark]
    models: ClassVar[Sequence["FeatureBasedBiasModel"]] = ()
    pruning: ClassVar[PruningSettings | None] = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        benchmark, file = (
            cls.__dict__.get("benchmark"),
            getattr(sys.modules.get(cls.__module__), "__file__", None),
        )
        if file is not None and isinstance(benchmark, Benchmark) and isinstance(benchmark.source, LocalFile):
            source = benchmark.source.model_copy(update={"folder": str(Path(file).parent)})
            cls.benchmark = benchmark.model_copy(update={"source": source})

    def test_zero_shot(self, tst_run: Run) -> None:
        """Answer all questions with the language model before it is trained."""
        tst_run()

    def test_fold(self, tst_run: Run) -> None:
        """Learn from the other folds and score this one."""
        tst_run()

    def test_check(self, tst_run: Run) -> None:
        """Find what the whole set gives away: shortcuts, duplicates, order, answer positions."""
        tst_run()

    def test_pruned(self, tst_prune: Run) -> None:
        """Remove the most exploitable questions; there is no such test without `pruning`."""
        tst_prune()


def benchmark_of(item: "pytest.Item") -> Benchmark | None:
    """Return the benchmark that a test is of; None for a test of anything else."""
    cls = getattr(item, "cls", None)
    return cls.benchmark if isinstance(cls, type) and issubclass(cls, StressTest) else None
