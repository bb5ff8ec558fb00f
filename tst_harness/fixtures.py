"""Fixtures that the tests of a benchmark module ask for."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tst_harness.data.declarations import Benchmark
from tst_harness.errors import HarnessError, SourceUnavailable
from tst_harness.options import Options, options_of
from tst_harness.results import PROPERTY
from tst_harness.stress_test import DescribeShortcuts, RunFold

if TYPE_CHECKING:
    from tst_harness.audit import Audit
    from tst_harness.core.protocols import FeatureBasedBiasModel
    from tst_harness.results import Result


class PlannedFold(NamedTuple):
    """A fold to run: which diagnostic, which repeat, which fold, both from 0."""

    diagnostic: str
    repeat: int
    fold: int


def planned_folds(options: Options, diagnostics: Sequence[str]) -> dict[str, PlannedFold]:
    """The folds of a benchmark by test id, known without loading data."""
    found = {}
    for diagnostic in diagnostics:
        for repeat in range(options.repeats):
            for fold in range(options.folds):
                again = f"repeat{repeat}-" if options.repeats > 1 else ""
                found[f"{diagnostic}-{again}fold{fold}"] = PlannedFold(diagnostic, repeat, fold)
    return found


@pytest.fixture(scope="session")
def tst_audit(pytestconfig: pytest.Config) -> "Audit":
    """The audit of this process: data, folds and models that tests share."""
    from tst_harness.audit import Audit

    return Audit(options_of(pytestconfig))


@pytest.fixture
def run_fold(request: pytest.FixtureRequest, fold: PlannedFold, tst_audit: "Audit") -> RunFold:
    """Run the fold that the test is parametrised with, and attach where its record is."""

    def run(benchmark: Benchmark, models: Sequence["FeatureBasedBiasModel"] = ()) -> None:
        _attach(request, tst_audit.options, lambda: tst_audit.run_fold(benchmark, *fold, models))

    return run


@pytest.fixture
def describe_shortcuts(request: pytest.FixtureRequest, tst_audit: "Audit") -> DescribeShortcuts:
    """Find a benchmark's shortcuts, and attach where their record is."""
    return lambda benchmark: _attach(
        request, tst_audit.options, lambda: tst_audit.describe_shortcuts(benchmark)
    )


def _attach(request: pytest.FixtureRequest, options: Options, work: "Callable[[], Result]") -> None:
    try:
        result = work()
    except HarnessError as error:
        problem = error
    else:
        request.node.user_properties.append((PROPERTY, result.model_dump(mode="json")))
        return
    # Not in the `except` clause, or pytest would print the sentence twice, as a chain of exceptions.
    if isinstance(problem, SourceUnavailable) and not options.require_real:
        pytest.skip(str(problem))
    pytest.fail(str(problem), pytrace=False)
