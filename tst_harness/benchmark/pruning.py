"""What decides which questions a pruning removes."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tst_harness.benchmark.declaration import Declaration

Allocation = Literal["global", "format", "type"]
Rank = Literal["excess", "raw", "gain", "lower"]

FORMATS = ("mc", "num", "open", "multi")


class PruningSettings(Declaration):
    """How many questions go, which ones, and when to stop.

    Attributes
    ----------
    budget, fraction, budgets
        How many questions to remove: in all, as a share of all, or for each format ("mc", "num", "open",
        "multi") or type by name; at most one of the three. Without any, all that the floors allow.
    until_chance
        Stop when the interval of the gain of what is left over the baseline includes 0.
    tau
        Remove no question that ranks at or below it, and stop when there is no other.
    allocation
        What shares a budget in proportion to its number of questions: formats, types, or nothing ("global").
        None is "format", or what `budgets` names.
    rank
        What questions are ranked by. "excess": s(x) minus the blind baseline, which is 1 / options, or for
        numbers what the best constant answer scores on the type; "raw": s(x) alone, as in the paper; "gain":
        s(x) minus that of the same model without training; "lower": the lower 95% bound of s(x) over repeats,
        minus the blind baseline. None is "gain" for the language model and "excess" for the forest.
    batch
        Questions of each format or type that are removed between two diagnoses.
    min_per_type, min_per_answer
        How many questions each type keeps, and each answer in each type: a number, or the place of the gold
        option.
    diagnostic
        What scores the questions.
    force
        Remove questions even where the first diagnosis finds no significant gain, overall or of any type.
    """

    budget: Annotated[int, Field(ge=1)] | None = None
    budgets: dict[str, Annotated[int, Field(ge=0)]] | None = None
    fraction: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    until_chance: bool = False
    tau: float | None = None
    allocation: Allocation | None = None
    rank: Rank | None = None
    batch: Annotated[int, Field(ge=1)] = 50
    min_per_type: Annotated[int, Field(ge=2)] = 10
    min_per_answer: Annotated[int, Field(ge=0)] = 0
    diagnostic: Literal["forest", "llm"] = "forest"
    force: bool = False

    @model_validator(mode="after")
    def _says_when_to_stop(self) -> Self:
        sizes = [name for name in ("budget", "budgets", "fraction") if getattr(self, name) is not None]
        if len(sizes) > 1:
            raise ValueError(f"{' and '.join(sizes)} both say how many questions to remove; leave one out")
        if not self.has_size and not self.until_chance and self.tau is None:
            raise ValueError(
                "nothing says when to stop; give a budget, a fraction, budgets, until_chance or tau"
            )
        if self.budgets is not None:
            if not sum(self.budgets.values()):
                raise ValueError("budgets: there is no question to remove in them")
            if self.allocation is not None:
                raise ValueError("allocation: budgets say it already; leave one out")
        if self.rank == "gain" and self.diagnostic != "llm":
            raise ValueError(
                "rank: gain is over the answers without training, which the forest has none of; use excess"
            )
        return self

    @property
    def has_size(self) -> bool:
        """Whether it says how many questions to remove."""
        return any(size is not None for size in (self.budget, self.budgets, self.fraction))

    @property
    def strata(self) -> Allocation:
        """What has a budget of its own."""
        if self.budgets is None:
            return self.allocation or "format"
        return "format" if set(self.budgets) <= set(FORMATS) else "type"

    @property
    def ranked_by(self) -> Rank:
        """What questions are ranked by."""
        return self.rank or ("gain" if self.diagnostic == "llm" else "excess")
