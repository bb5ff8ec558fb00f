"""One gate as it was parsed, and what is wrong with it where it names what there is not."""

import keyword
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from tst_harness.errors import HarnessError
from tst_harness.suggestions import did_you_mean

Operator = Literal["<=", "<", ">=", ">"]
_MOST_NAMED = 12


class GateError(HarnessError):
    """A gate that cannot be parsed, names what does not exist, or cannot be judged."""


@dataclass(frozen=True)
class GateRule:
    """One gate.

    Attributes
    ----------
    text
        As it was written.
    benchmark
        None where it is implied.
    analysis, type, metric
        Which figure of the report; `type` is None for all questions, and the name of the model of `models`.
    above
        The value v of `share(s > v)`, in [0, 1); None for other metrics.
    operator
        What the figure must be to the limit.
    limit
        A number, or what is added to the reference's figure where the gate is `on_reference`.
    places
        Where in `text` each name stands, from 0.
    """

    text: str = field(compare=False)
    benchmark: str | None
    analysis: str
    type: str | None
    metric: str
    above: float | None
    operator: Operator
    limit: float
    on_reference: bool
    places: dict[str, int] = field(compare=False, repr=False)

    @property
    def upper(self) -> bool:
        """Whether the limit is the most that is allowed, rather than the least."""
        return self.operator in ("<=", "<")

    @property
    def strict(self) -> bool:
        """Whether the limit itself is not allowed."""
        return self.operator in ("<", ">")

    def of(self, benchmark: str) -> "GateRule":
        """The same rule with its benchmark named."""
        if self.benchmark is not None:
            return self
        is_name = benchmark.isidentifier() and not keyword.iskeyword(benchmark)
        prefix = f"{benchmark}." if is_name else f'"{benchmark}".'
        places = {part: place + len(prefix) for part, place in self.places.items()}
        return replace(
            self, text=f"{prefix}{self.text}", benchmark=benchmark, places={"benchmark": 0, **places}
        )

    def error(self, part: str, problem: str) -> GateError:
        """The error that this part of the rule ("benchmark", "type", ...) gives rise to."""
        return GateError(located(self.text, self.places[part], problem))

    def check_benchmark(self, known: Collection[str]) -> None:
        """Check that the rule's benchmark is one of those known.

        Raises
        ------
        GateError
            It is not, or the rule names none.
        """
        if self.benchmark is None:
            raise self.error(
                "analysis", f"the gate names no benchmark; start it with one, as in `vsi.{self.text}`"
            )
        if self.benchmark not in known:
            raise self.error(
                "benchmark", f"there is no benchmark {self.benchmark!r}{suggestion(self.benchmark, known)}"
            )

    def check_type(self, known: Collection[str]) -> None:
        """Check that the rule's type, if it names one, is one of those known.

        Raises
        ------
        GateError
            It is not.
        """
        if self.type is not None and self.type not in known:
            raise self.error("type", f"there is no question type {self.type!r}{suggestion(self.type, known)}")


def suggestion(name: str, known: Collection[str]) -> str:
    """Return the end of a sentence on an unknown name: the likeliest one, and what there is."""
    shown = sorted(known)[:_MOST_NAMED]
    more = f" and {len(known) - len(shown)} more" if len(known) > len(shown) else ""
    there = f"there {'is' if len(known) == 1 else 'are'} {', '.join(shown) or 'none'}{more}"
    return f"{did_you_mean(name, known)} ({there})"


def located(text: str, place: int, problem: str) -> str:
    """Return a sentence on what is wrong at a place of a gate's text, counted from 0."""
    rest = text[place:].strip()
    where = f"at {rest!r}, character {place + 1}" if rest else "at its end"
    return f"{text!r}: {where}: {problem}"
