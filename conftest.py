"""Repository set-up for pytest."""

from importlib.util import find_spec

import pytest

pytest_plugins = ["pytester"]


def pytest_configure(config: pytest.Config) -> None:
    """Let warnings of engines be warnings, where they are installed: each release of one has others."""
    if find_spec("torch"):
        config.addinivalue_line("filterwarnings", "default")
