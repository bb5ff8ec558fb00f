"""The house: imports go down its floors and never up."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tst_harness

FLOORS = [
    "llm",
    "core",
    "cli",
    "api",
    "integrations",
    "views",
    "pruning",
    "gates",
    "engine",
    "report",
    "checks",
    "diagnostics",
    "analysis",
    "stats",
    "dataset",
    "benchmark",
    "processes",
    "errors",
    "_model",
    "_imports",
]
ROOT = Path(tst_harness.__file__).parent
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def floor_of(parts: tuple[str, ...]) -> int:
    return FLOORS.index(parts[0].removesuffix(".py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down(path: Path) -> None:
    own = floor_of(path.relative_to(ROOT).parts)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "tst_harness" and len(parts) > 1:
            assert floor_of((parts[1],)) >= own, f"imports {name} from a floor above"
