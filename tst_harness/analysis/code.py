"""Digests of the code that decides a result: a record made by other code is not used again."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path


def code_digest(modules: Iterable[str]) -> str:
    """Return a digest of the sources of modules, SHA-256 in hexadecimal digits.

    Parameters
    ----------
    modules
        By their full names; a package stands for all modules in it.

    Raises
    ------
    ModuleNotFoundError
        There is no such module.
    """
    return _digest(tuple(sorted(set(modules))))


@cache
def _digest(modules: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for name, path in sorted({source for module in modules for source in sources(module)}):
        digest.update(f"{name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources(module: str) -> Iterator[tuple[str, Path]]:
    """Yield the names and files of a module and, where it is a package, of all modules in it.

    Raises
    ------
    ModuleNotFoundError
        There is no such module, or it has no source.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no source of the module {module!r} can be found")
    if spec.submodule_search_locations is None:
        yield module, Path(spec.origin)
        return
    folder = Path(spec.origin).parent
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        yield ".".join([module, *(part for part in parts if part != "__init__")]), path


def imported_modules(module: str, within: str) -> set[str]:
    """Return a module and all that it imports, at any depth and anywhere in its text, below a package.

    Parameters
    ----------
    module
        Where to begin; a package stands for all modules in it.
    within
        The name that those begin with which are looked at.
    """
    seen: set[str] = set()
    waiting = [name for name, _ in sources(module)]
    while waiting:
        name = waiting.pop()
        if name in seen or not name.startswith(within):
            continue
        seen.add(name)
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        waiting += _imports(Path(spec.origin).read_text("utf-8"))
    return seen


def _imports(source: str) -> Iterator[str]:
    """Yield the modules that a source imports when it runs, not those for its annotations alone."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if name.startswith("tst_harness.") and _is_module(name):
                    yield name


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
