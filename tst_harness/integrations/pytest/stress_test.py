"""The tests that every benchmark module inherits."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.benchmark.pruning import PruningSettings

if TYPE_CHECKING:
    import pytest

    from tst_harness.diagnostics.features.protocols import FeatureBasedBiasModel

RunFold = Callable[[Benchmark, Sequence["FeatureBasedBiasModel"]], None]
DescribeShortcuts = Callable[[Benchmark], None]
AskZeroShot = Callable[[Benchmark], None]
RunChecks = Callable[[Benchmark], None]
RunPruning = Callable[[Benchmark, PruningSettings], None]


class StressTest:
    """The Test-set Stress-Test of one benchmark (arXiv 2511.04655).

    A subclass declares `benchmark`, `models` where it has feature models written by hand, and `pruning`
    where it is to be pruned; its name starts with `Test`, as pytest asks. Each test leaves a record, or the
    files of the pruning, and the session makes the report from the records. The tests do not judge the
    benchmark: they fail when it cannot be diagnosed.
    """

    benchmark: ClassVar[Benchmark]
    models: ClassVar[Sequence["FeatureBasedBiasModel"]] = ()
    pruning: ClassVar[PruningSettings | None] = None

    def test_zero_shot(self, ask_zero_shot: AskZeroShot) -> None:
        """Answer all questions with the language model before it is trained."""
        ask_zero_shot(self.benchmark)

    def test_fold(self, run_fold: RunFold) -> None:
        """Learn from the other folds and score this one."""
        run_fold(self.benchmark, self.models)

    def test_shortcuts(self, describe_shortcuts: DescribeShortcuts) -> None:
        """Find the rules that beat chance on the whole benchmark."""
        describe_shortcuts(self.benchmark)

    def test_checks(self, run_checks: RunChecks) -> None:
        """Find duplicates, and what order and answer positions give away."""
        run_checks(self.benchmark)

    def test_pruned(self, run_pruning: RunPruning) -> None:
        """Remove the most exploitable questions; there is no such test without `pruning`."""
        assert self.pruning is not None
        run_pruning(self.benchmark, self.pruning)


def benchmark_of(item: "pytest.Item") -> Benchmark | None:
    """Return the benchmark that a test is of; None for a test of anything else."""
    cls = getattr(item, "cls", None)
    return cls.benchmark if isinstance(cls, type) and issubclass(cls, StressTest) else None
