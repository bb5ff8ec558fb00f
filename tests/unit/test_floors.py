"""The house: imports go down its floors and never up, and one way between what lies in a folder.

Every import counts: those within functions and those for types alone, and modules that are named in a string.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import tst_harness

ROOM_ORDER = [
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
    "registry",
    "results",
    "checks",
    "diagnostics",
    "analysis",
    "stats",
    "dataset",
    "benchmark",
    "processes",
    "activity",
    "hub",
    "json_lines",
    "arguments",
    "suggestions",
    "errors",
]

PACKAGE = "tst_harness"
PREFIX = f"{PACKAGE}."
ROOT = Path(tst_harness.__file__).parent
PROJECT = Path(__file__).parents[2]
_NAMED = re.compile(rf"({PACKAGE}(?:\.\w+)+)(?::\w+)?")

Edge = tuple[str, str]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def module_of(name: str) -> str:
    """The module that a dotted name is, or is in."""
    while name not in FILES:
        name = name.rpartition(".")[0]
    return name


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules of this package that a module imports or names, in any place and any way."""
    for node in ast.walk(tree):
        match node:
            # The package itself comes with any module of it.
            case ast.Import(names=names):
                yield from (module_of(alias.name) for alias in names if alias.name.startswith(PREFIX))
            case ast.ImportFrom(module=str(module), names=names) if module.startswith(PACKAGE):
                yield from (module_of(f"{module}.{alias.name}") for alias in names)
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if start.startswith(PREFIX):
                yield module_of(start.rpartition(".")[0])
            case ast.Constant(value=str(text)) if (name := _NAMED.fullmatch(text)) and (
                module := module_of(name[1])
            ) != PACKAGE:
                yield module


EDGES: set[Edge] = {
    (name, target)
    for name, path in FILES.items()
    for target in imported(ast.parse(path.read_text("utf-8")))
    if target != name
}


def floor(module: str) -> int:
    """The place of a module's room, from above; what is the package itself is above all of them."""
    _, _, inner = module.partition(".")
    return ROOM_ORDER.index(inner.split(".")[0]) if inner else -1


def goes_up(edge: Edge) -> bool:
    importer, target = edge
    return floor(target) < floor(importer)


def child(module: str, folder: str) -> str | None:
    """The file or folder in a folder that a module is, or is in; None where it is elsewhere."""
    if module == folder:
        return "__init__"
    inner = module.removeprefix(f"{folder}.")
    return None if inner == module else inner.split(".")[0]


def cycle(folder: str, edges: set[Edge]) -> list[str] | None:
    """Files or folders of a folder that import each other in a circle."""
    graph: dict[str, set[str]] = {}
    for importer, target in edges:
        source, end = child(importer, folder), child(target, folder)
        if source and end and source != end:
            graph.setdefault(source, set()).add(end)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return None


FOLDERS = sorted(name for name, path in FILES.items() if path.name == "__init__.py" and name != PACKAGE)


def test_every_room_has_a_floor() -> None:
    assert {module.split(".")[1] for module in FILES if module != PACKAGE} == set(ROOM_ORDER)


@pytest.mark.parametrize("module", FILES)
def test_imports_go_down(module: str) -> None:
    upward = {edge for edge in EDGES if edge[0] == module and goes_up(edge)}
    assert upward == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_in_a_folder_go_one_way(folder: str) -> None:
    assert cycle(folder, EDGES) is None


def test_imports_are_absolute() -> None:
    relative = {
        name
        for name, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert relative == set()


def test_entry_points_are_modules() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["scripts"], *project["entry-points"].values()]
    named = {value.partition(":")[0] for group in groups for value in group.values()}
    assert named <= set(FILES)


def test_the_documentation_has_the_rooms_in_order() -> None:
    listed = re.findall(
        r"^\| `(\w+)` \|", (PROJECT / "docs/architecture.md").read_text("utf-8"), re.MULTILINE
    )
    assert listed == [room for room in ROOM_ORDER if not room.startswith("_")]


def test_every_way_to_import_is_seen() -> None:
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from tst_harness.report.schema import Report
def later():
    import tst_harness.stats.bounds
    import_module("tst_harness.gates.judge")
    import_module(f"tst_harness.cli.{name}")
    return "tst_harness.cli:main"
from tst_harness.views import terminal
"""
    assert set(imported(ast.parse(source))) == {
        "tst_harness.report.schema",
        "tst_harness.stats.bounds",
        "tst_harness.gates.judge",
        "tst_harness.cli",
        "tst_harness.views.terminal",
    }


def top_level(node: ast.AST) -> set[str]:
    """The packages that a statement imports from."""
    match node:
        case ast.Import(names=names):
            return {alias.name.partition(".")[0] for alias in names}
        case ast.ImportFrom(module=str(module), level=0):
            return {module.partition(".")[0]}
    return set()


def test_only_the_plugin_imports_pytest() -> None:
    importing = {
        name
        for name, path in FILES.items()
        if any("pytest" in top_level(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    }
    assert importing
    assert {name for name in importing if not name.startswith(f"{PACKAGE}.integrations.pytest")} == set()


def distribution(name: str) -> str:
    """The name of what is installed, as a requirement names it."""
    return re.split(r"[^\w-]", name)[0].lower().replace("_", "-")


def test_what_is_imported_at_once_comes_with_a_plain_install() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    installed = packages_distributions()
    needed = {
        distribution(installed[package][0])
        for name, path in FILES.items()
        if not name.startswith(f"{PACKAGE}.diagnostics.llm.")
        for node in ast.parse(path.read_text("utf-8")).body
        for package in top_level(node) & installed.keys() - {PACKAGE}
    }
    # With it, `pytest -n 2` works.
    assert "pytest-xdist" in needed
    assert needed - {distribution(requirement) for requirement in project["dependencies"]} == set()
