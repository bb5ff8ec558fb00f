"""Names tell what they hold."""

import ast
from pathlib import Path

import pytest

import tst_harness

SAY_NOTHING = {"asked", "found", "gone", "one", "said", "thing", "told"}
ROOT = Path(tst_harness.__file__).parent


def names_of_functions(source: str) -> set[str]:
    """The parameters and local names in a module."""
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    nodes = [node for function in functions for node in ast.walk(function)]
    parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
    # Fields of a class within a function are no locals, and there are none.
    return parameters | {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_names_say_something(path: Path) -> None:
    assert names_of_functions(path.read_text("utf-8")) & SAY_NOTHING == set()


def test_every_kind_of_name_is_seen() -> None:
    source = "def f(a):\n    b = [c for c in a]\n    for d in b:\n        return lambda e: (g := e)\n"
    assert names_of_functions(source) == set("abcdeg")
