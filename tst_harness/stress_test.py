"""The tests that every benchmark module inherits."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from tst_harness.data.declarations import Benchmark

if TYPE_CHECKING:
    import pytest

    from tst_harness.core.protocols import FeatureBasedBiasModel

RunFold = Callable[[Benchmark, Sequence["FeatureBasedBiasModel"]], None]
DescribeShortcuts = Callable[[Benchmark], None]
AskZeroShot = Callable[[Benchmark], None]
RunChecks = Callable[[Benchmark], None]


class StressTest:
    """The Test-set Stress-Test of one benchmark (arXiv 2511.04655).

    A subclass declares `benchmark`, and `models` where it has feature models written by hand; its name
    starts with `Test`, as pytest asks. Each test leaves a
    record, and the session makes the report from the records. The tests do not judge the benchmark:
    they fail when it cannot be diagnosed.
    """

    benchmark: ClassVar[Benchmark]
    models: ClassVar[Sequence["FeatureBasedBiasModel"]] = ()

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


def benchmark_of(item: "pytest.Item") -> Benchmark | None:
    """Return the benchmark that a test is of; None for a test of anything else."""
    cls = getattr(item, "cls", None)
    return cls.benchmark if isinstance(cls, type) and issubclass(cls, StressTest) else None
