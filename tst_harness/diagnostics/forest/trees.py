"""LightGBM without scikit-learn, which takes longer to import and is for an interface that is not used."""

from typing import TYPE_CHECKING

from tst_harness._imports import import_alone

if TYPE_CHECKING:
    import lightgbm as lightgbm
else:
    lightgbm = import_alone("lightgbm", without=("sklearn", "dask", "matplotlib"))
