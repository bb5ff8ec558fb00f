"""Imports of what takes long: not before they are needed, and without a search for garbage in between."""

import atexit
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import Any

_IMPORTING = RLock()
_FROZEN: list[bool] = []
_BLAS_THREADS = "OPENBLAS_NUM_THREADS"


@contextmanager
def heavy_imports() -> Iterator[None]:
    """Import large libraries without stopping to look for garbage, of which they make next to none.

    Modules are one tangle of references. Each search goes through all that was imported before, and the last
    one, when the process ends, takes it apart piece by piece; a process that imported this much leaves that
    to the operating system. What cleans up by `close`, `with` or `atexit` still does.
    """
    # One thread at a time, or the first to be done would end the pause of the other.
    with _IMPORTING:
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                _count_as_old()
                gc.enable()
        _leave_the_rest_at_exit()


@contextmanager
def one_thread_of_blas() -> Iterator[None]:
    """Import numpy without threads of its BLAS, for a process beside others that compute.

    Before they are first needed they wait busily for a tenth of a second, on the others' cores.
    """
    asked = os.environ.get(_BLAS_THREADS)
    os.environ.setdefault(_BLAS_THREADS, "1")
    try:
        yield
    finally:
        if asked is None:
            del os.environ[_BLAS_THREADS]


def import_alone(name: str, without: Iterable[str]) -> ModuleType:
    """Import a package as if some that it can do without were not installed.

    Other modules of the process that import it get a complete one of their own. Where it is imported already,
    or all of the others are, there is nothing to save, and it is imported as usual.

    Parameters
    ----------
    name
        Of the package. Not one that imports a module of its own later, when a function of it is called.
    without
        Packages for which it handles `ImportError`.
    """
    with _IMPORTING:
        hidden = [package for package in without if package not in sys.modules]
        if name in sys.modules or not hidden:
            return import_module(name)
        sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: not to be found.
        try:
            return import_module(name)
        finally:
            own = [module for module in sys.modules if f"{module}.".startswith(f"{name}.")]
            for module in (*hidden, *own):
                del sys.modules[module]


def search_once_more() -> None:
    """Look for garbage a last time in a session that imported large libraries.

    pytest then does so several times, for what fixtures and plugins leave behind at the end. What was just
    seen to be no garbage is left out, until `search_as_before`. Not before the summary: hypothesis asks then,
    with `gc.get_referrers`, whether generators of random numbers are in use.
    """
    if _leave_the_rest_at_exit.cache_info().currsize:
        gc.collect()
        gc.freeze()
        _FROZEN.append(True)


def search_as_before() -> None:
    """Take back what `search_once_more` left out, where it left anything out."""
    if _FROZEN:
        _FROZEN.clear()
        gc.unfreeze()


def on_first_use(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package that imports a module when a name of it is first asked for.

    Parameters
    ----------
    package
        Its `__name__`.
    homes
        The module of each name.
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(import_module(package), name, value)
        return value

    return find


def _count_as_old() -> None:
    """Move all objects to the oldest generation, so that they are not gone through again as new ones."""
    if gc.get_freeze_count() == 0:  # Somebody else's would be unfrozen too.
        gc.freeze()
        gc.unfreeze()


@cache
def _leave_the_rest_at_exit() -> None:
    # Not before: what is frozen is hidden from `gc.get_referrers`, which others rely on.
    atexit.register(_leave_the_rest)


def _leave_the_rest() -> None:
    # With torch comes triton, whose bindings call what is left a leak, on many lines.
    if "torch" not in sys.modules:
        gc.freeze()
