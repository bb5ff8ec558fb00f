"""The base of every pydantic model here: immutable, no extra keys, no NaN."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen, refuses keys it does not know and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
