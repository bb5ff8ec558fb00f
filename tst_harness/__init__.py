"""tst-harness: pytest for benchmark bias.

A benchmark module declares a test set and inherits its tests; nothing heavier than pydantic is
imported until one of them runs.
"""

from tst_harness.data.declarations import (
    Benchmark,
    BundledSample,
    Choice,
    Columns,
    HubDataset,
    InText,
    LocalFile,
    NotScored,
    Number,
    Prompts,
)
from tst_harness.stress_test import StressTest

__version__ = "0.1.0"

__all__ = [
    "Benchmark",
    "BundledSample",
    "Choice",
    "Columns",
    "HubDataset",
    "InText",
    "LocalFile",
    "NotScored",
    "Number",
    "Prompts",
    "StressTest",
    "__version__",
]
