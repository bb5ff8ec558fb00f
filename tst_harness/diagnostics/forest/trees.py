"""LightGBM without scikit-learn, which takes longer to import and is for an interface that is not used."""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.diagnostic import FloatArray

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

Gradient = Callable[[FloatArray, lightgbm.Dataset], tuple[FloatArray, FloatArray]]
"""From raw scores to the first and second derivatives of the loss."""


def grow(
    params: Mapping[str, Any], data: lightgbm.Dataset, trees: int, gradient: Gradient | None = None
) -> lightgbm.Booster:
    """As `lightgbm.train`, which copies settings and writes the model to a text and reads it back."""
    objective = {} if gradient is None else {"objective": "none"}
    booster = lightgbm.Booster({**params, **objective}, data)
    for _ in range(trees):
        booster.update(fobj=gradient)
    return booster
