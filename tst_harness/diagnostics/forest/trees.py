"""LightGBM without scikit-learn, which takes longer to import and is for an interface that is not used."""

import sys
from collections.abc import Iterable
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING

_IMPORTING = RLock()


def _import_alone(name: str, without: Iterable[str]) -> ModuleType:
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


if TYPE_CHECKING:
    import lightgbm as lightgbm
else:
    lightgbm = _import_alone("lightgbm", without=("sklearn", "dask", "matplotlib"))
