"""The base of every pydantic model here: immutable, no extra keys, no NaN.

What validates one is built when it is first used; a process that runs folds uses few of them.
"""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen, refuses keys it does not know and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)
