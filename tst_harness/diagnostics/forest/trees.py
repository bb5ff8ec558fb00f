"""LightGBM without scikit-learn, which takes longer to import and is for an interface that is not used."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tst_harness._imports import import_alone
from tst_harness.analysis.diagnostic import FloatArray

if TYPE_CHECKING:
    import lightgbm as lightgbm
else:
    lightgbm = import_alone("lightgbm", without=("sklearn", "dask", "matplotlib"))

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
