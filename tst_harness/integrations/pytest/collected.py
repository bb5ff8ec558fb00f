"""Which of the collected tests are of a benchmark; light, since every session asks."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tst_harness.benchmark.declarations import Benchmark
    from tst_harness.integrations.pytest.stress_test import StressTest

_STRESS_TEST = "tst_harness.integrations.pytest.stress_test"


def benchmarks_of(items: Iterable[pytest.Item]) -> "list[Benchmark]":
    """The benchmarks that tests are of, each once."""
    by_name = {item.cls.benchmark.name: item.cls.benchmark for item in reversed(list(benchmark_tests(items)))}
    return list(reversed(by_name.values()))


def benchmark_tests(items: Iterable[pytest.Item]) -> Iterator[Any]:
    """The tests that are of a benchmark."""
    return (item for item in items if benchmark_class(item.parent) is not None)


def benchmark_class(node: Any) -> "type[StressTest] | None":
    """The class that a node is, where it declares a benchmark."""
    module = sys.modules.get(_STRESS_TEST)
    if module is None or not isinstance(node, pytest.Class) or not issubclass(node.obj, module.StressTest):
        return None
    cls: type[StressTest] = node.obj
    return cls
