"""tst-harness: pytest for benchmark bias.

A benchmark module declares a test set and inherits its tests; nothing heavier than pydantic is
imported until one of them runs.
"""

from typing import TYPE_CHECKING

from tst_harness._imports import on_first_use
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

if TYPE_CHECKING:
    from tst_harness.api.audit import audit
    from tst_harness.api.compare import Comparison, compare
    from tst_harness.api.prune import prune
    from tst_harness.api.report import Report, read_report

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

# They need numpy and more, which a module that only declares a benchmark does not.
__getattr__ = on_first_use(
    __name__,
    {
        "Comparison": "tst_harness.api.compare",
        "Report": "tst_harness.api.report",
        "audit": "tst_harness.api.audit",
        "compare": "tst_harness.api.compare",
        "prune": "tst_harness.api.prune",
        "read_report": "tst_harness.api.report",
    },
)
