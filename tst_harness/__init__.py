"""tst-harness: pytest for benchmark bias.

Nothing is imported before it is used: each session of pytest imports the package, since the plugin is in it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tst_harness.api.audit import audit
    from tst_harness.api.compare import Comparison, compare
    from tst_harness.api.prune import prune
    from tst_harness.api.report import Report, read_report
    from tst_harness.benchmark.declarations import (
        Benchmark,
        BundledSample,
        Choice,
        Columns,
        HubDataset,
        InText,
        LocalFile,
        Multi,
        NotScored,
        Number,
        Open,
        Prompts,
    )
    from tst_harness.benchmark.pruning import PruningSettings
    from tst_harness.integrations.pytest.stress_test import StressTest

__version__ = "0.1.0"

__all__ = [
    "Benchmark",
    "BundledSample",
    "Choice",
    "Columns",
    "Comparison",
    "HubDataset",
    "InText",
    "LocalFile",
    "Multi",
    "NotScored",
    "Number",
    "Open",
    "Prompts",
    "PruningSettings",
    "Report",
    "StressTest",
    "__version__",
    "audit",
    "compare",
    "prune",
    "read_report",
]

_DECLARATIONS = "tst_harness.benchmark.declarations"
_HOMES = {
    "Comparison": "tst_harness.api.compare",
    "PruningSettings": "tst_harness.benchmark.pruning",
    "Report": "tst_harness.api.report",
    "StressTest": "tst_harness.integrations.pytest.stress_test",
    "audit": "tst_harness.api.audit",
    "compare": "tst_harness.api.compare",
    "prune": "tst_harness.api.prune",
    "read_report": "tst_harness.api.report",
}
"""Modules of names that are not in `_DECLARATIONS`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Not kept here: who imports a module anew, as a pytest inside a test of pytest does, gets what is in it.
    return getattr(import_module(_HOMES.get(name, _DECLARATIONS)), name)
