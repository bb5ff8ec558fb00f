"""Numbers of a report with their ranges, as pydantic fields."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError(f"the interval's low end {interval[0]} is above its high end {interval[1]}")
    return interval


Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
Difference = Annotated[float, Field(ge=-1.0, le=1.0)]
Interval = Annotated[tuple[Difference, Difference], AfterValidator(_ordered)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0.0)]
