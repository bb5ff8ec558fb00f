"""Gates: rules on the figures of a report, checked before anything runs."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from tst_harness.errors import HarnessError

DIAGNOSTICS = ("forest", "features", "llm")


def is_diagnostic(name: str) -> bool:
    """Whether there is a diagnostic of this name, here or in another package."""
    if name in DIAGNOSTICS:
        return True
    from tst_harness.analysis.registry import analyses

    registered = analyses().get(name)
    return registered is not None and registered.kind == "diagnostic"


TRAINED = "llm"
"""The diagnostic that is also asked before it is trained."""

SHARE = "share"
METRICS: dict[str, tuple[float, float]] = {
    "score": (0.0, 1.0),
    "soft_score": (0.0, 1.0),
    "gain": (-1.0, 1.0),
    "delta": (-1.0, 1.0),
    "soft_delta": (-1.0, 1.0),
    "s95": (0.0, 1.0),
    SHARE: (0.0, 1.0),
    "parse_failures": (0.0, 1.0),
}
"""The range of each metric.

`gain` is over the baseline answers (chance or the best constant), `delta` over zero-shot, `soft_` is of s(x)
instead of the score; `s95` is the 95th percentile of s(x) and `share(s > 0.9)` the share of the questions
with a higher s(x); `parse_failures` is the share of questions without an answer.
"""
LEARNT = ("gain",)
"""Metrics that are zero where nothing was learnt, by what was learnt alone.

A gain over zero-shot is not among them: it varies with the answers before training as well.
"""
OF_TRAINED = ("delta", "soft_delta", "parse_failures")

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
    diagnostic, type, metric
        Which figure of the report; `type` is None for all questions.
    above
        The value v of `share(s > v)`, in [0, 1]; None for other metrics.
    operator
        What the figure must be to the limit.
    limit
        A number, or what is added to the baseline's figure where the gate is `on_baseline`.
    places
        Where in `text` each name stands, from 0.
    """

    text: str = field(compare=False)
    benchmark: str | None
    diagnostic: str
    type: str | None
    metric: str
    above: float | None
    operator: Operator
    limit: float
    on_baseline: bool
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
        prefix = f"{benchmark}."
        places = {part: place + len(prefix) for part, place in self.places.items()}
        return replace(
            self, text=f"{prefix}{self.text}", benchmark=benchmark, places={"benchmark": 0, **places}
        )

    def error(self, part: str, problem: str) -> GateError:
        """The error that this part of the rule ("benchmark", "type", ...) gives rise to."""
        return GateError(located(self.text, self.places[part], problem))


def check_benchmark(rule: GateRule, known: Collection[str]) -> None:
    """Check that a rule's benchmark is one of those known.

    Raises
    ------
    GateError
        It is not, or the rule names none.
    """
    if rule.benchmark is None:
        raise rule.error(
            "diagnostic", f"the gate names no benchmark; start it with one, as in `vsi.{rule.text}`"
        )
    if rule.benchmark not in known:
        raise rule.error(
            "benchmark", f"there is no benchmark {rule.benchmark!r}{suggestion(rule.benchmark, known)}"
        )


def check_type(rule: GateRule, known: Collection[str]) -> None:
    """Check that a rule's type is one of those known.

    Raises
    ------
    GateError
        It is not.
    """
    if rule.type is not None and rule.type not in known:
        raise rule.error("type", f"there is no question type {rule.type!r}{suggestion(rule.type, known)}")


def suggestion(name: str, known: Collection[str]) -> str:
    """Return the end of a sentence on an unknown name: the likeliest one, and what there is."""
    close = difflib.get_close_matches(name, known, n=1)
    shown = sorted(known)[:_MOST_NAMED]
    more = f" and {len(known) - len(shown)} more" if len(known) > len(shown) else ""
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{meant} (there {'is' if len(known) == 1 else 'are'} {', '.join(shown) or 'none'}{more})"


def located(text: str, place: int, problem: str) -> str:
    """Return a sentence on the rule `text`, and on what is wrong from `place` on."""
    rest = text[place:].strip()
    where = f"at {rest!r}, character {place + 1}" if rest else "at its end"
    return f"{text!r}: {where}: {problem}"
