"""The language of gates: rules on the figures of a report, parsed and checked before anything runs.

    [BENCHMARK.]DIAGNOSTIC[.TYPE].METRIC  <= < >= >  NUMBER | baseline [+ or - NUMBER]

A name with other characters than letters, digits and underscores is put into quotes.
"""

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, NoReturn

from tst_harness.errors import HarnessError

DIAGNOSTICS = ("forest", "features", "llm")
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
OF_TRAINED = ("delta", "soft_delta", "parse_failures")

Operator = Literal["<=", "<", ">=", ">"]

_NAME = re.compile(r"\w+")
_QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_OPERATORS: tuple[Operator, ...] = ("<=", ">=", "<", ">")
_BASELINE = "baseline"
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
        return GateError(_located(self.text, self.places[part], problem))


def parse_gate(text: str) -> GateRule:
    """Return the rule that a text states.

    Raises
    ------
    GateError
        It states none, or one that every or no report meets; the message points at the place.
    """
    return _Parser(text).rule()


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


def check_declared(texts: Iterable[str], benchmark: str, types: Collection[str]) -> None:
    """Check the gates that a benchmark declares for itself.

    Parameters
    ----------
    texts
        The rules; a benchmark that one names must be this one.
    benchmark
        Its name.
    types
        The names of its types; empty where they are not declared.

    Raises
    ------
    GateError
        One cannot be parsed or names another benchmark or a type that is not declared.
    """
    for text in texts:
        rule = parse_gate(text)
        if rule.benchmark not in (None, benchmark):
            raise rule.error(
                "benchmark", f"the gate stands in the benchmark {benchmark!r} and names another one"
            )
        if types:
            check_type(rule, types)


def suggestion(name: str, known: Collection[str]) -> str:
    """Return the end of a sentence on an unknown name: the likeliest one, and what there is."""
    close = difflib.get_close_matches(name, known, n=1)
    shown = sorted(known)[:_MOST_NAMED]
    more = f" and {len(known) - len(shown)} more" if len(known) > len(shown) else ""
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"{meant} (there {'is' if len(known) == 1 else 'are'} {', '.join(shown) or 'none'}{more})"


def _located(text: str, place: int, problem: str) -> str:
    rest = text[place:].strip()
    where = f"at {rest!r}, character {place + 1}" if rest else "at its end"
    return f"{text!r}: {where}: {problem}"


class _Parser:
    """Reads a rule from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._place = 0

    def rule(self) -> GateRule:
        names = self._path()
        fields, places = self._named(names)
        above = self._above() if fields["metric"] == SHARE else None
        self._check_metric(fields, places)
        operator = self._operator()
        start = self._skip()
        on_baseline = self._keyword(_BASELINE)
        limit = self._margin() if on_baseline else self._signed()
        if self._skip() < len(self._text):
            self._fail("the gate should end here")
        self._check_limit(str(fields["metric"]), operator, limit, on_baseline, start)
        return GateRule(
            text=self._text,
            benchmark=fields["benchmark"],
            diagnostic=str(fields["diagnostic"]),
            type=fields["type"],
            metric=str(fields["metric"]),
            above=above,
            operator=operator,
            limit=limit,
            on_baseline=on_baseline,
            places=places,
        )

    def _path(self) -> list[tuple[str, bool, int]]:
        """Read names joined by dots: each with whether it was quoted, and its place."""
        names = [self._name()]
        while self._literal("."):
            names.append(self._name())
        return names

    def _named(self, names: list[tuple[str, bool, int]]) -> tuple[dict[str, str | None], dict[str, int]]:
        """Tell which name is which."""
        parts = ["diagnostic", "metric"]
        if len(names) == 3:
            # A type that has the name of a diagnostic is put into quotes.
            on_type = _is_diagnostic(names[0]) and not _is_diagnostic(names[1])
            parts.insert(*((1, "type") if on_type else (0, "benchmark")))
        elif len(names) == 4:
            parts = ["benchmark", "diagnostic", "type", "metric"]
        if len(names) != len(parts):
            self._place = names[min(len(names) - 1, len(parts))][2]
            self._fail(
                "a gate is on BENCHMARK.DIAGNOSTIC.METRIC or BENCHMARK.DIAGNOSTIC.TYPE.METRIC, where names "
                "with other characters than letters, digits and _ are put into quotes"
            )
        fields: dict[str, str | None] = {"benchmark": None, "type": None}
        fields |= {part: name for part, (name, _, _) in zip(parts, names, strict=True)}
        places = {part: place for part, (_, _, place) in zip(parts, names, strict=True)}
        diagnostic = str(fields["diagnostic"])
        if diagnostic not in DIAGNOSTICS:
            self._place = places["diagnostic"]
            self._fail(f"there is no diagnostic {diagnostic!r}{suggestion(diagnostic, DIAGNOSTICS)}")
        return fields, places

    def _check_metric(self, fields: dict[str, str | None], places: dict[str, int]) -> None:
        metric, diagnostic = str(fields["metric"]), fields["diagnostic"]
        if metric not in METRICS:
            self._place = places["metric"]
            self._fail(f"there is no metric {metric!r}{suggestion(metric, METRICS)}")
        if metric in OF_TRAINED and diagnostic != TRAINED:
            self._place = places["metric"]
            self._fail(f"{metric} is a figure of {TRAINED} alone, and this gate is on {diagnostic}")

    def _above(self) -> float:
        shape = "share is written as in `share(s > 0.9)`"
        if not (self._literal("(") and self._keyword("s") and self._literal(">")):
            self._fail(shape)
        start = self._skip()
        value = self._signed()
        if not 0.0 <= value <= 1.0:
            self._place = start
            self._fail("s(x) lies from 0 to 1")
        if not self._literal(")"):
            self._fail(shape)
        return value

    def _operator(self) -> Operator:
        found = next((operator for operator in _OPERATORS if self._literal(operator)), None)
        if found is None:
            self._fail("one of <=, <, >= and > should stand here")
        return found

    def _margin(self) -> float:
        if self._literal("+"):
            return self._number()
        return -self._number() if self._literal("-") else 0.0

    def _signed(self) -> float:
        return -self._number() if self._literal("-") else self._number()

    def _number(self) -> float:
        found = _NUMBER.match(self._text, self._skip())
        if found is None:
            self._fail(f"a number or `{_BASELINE}` should stand here")
        self._place = found.end()
        return float(found[0])

    def _check_limit(
        self, metric: str, operator: Operator, limit: float, on_baseline: bool, start: int
    ) -> None:
        low, high = METRICS[metric]
        if on_baseline:
            low, high = low - high, high - low
        at_low, at_high = _meets(low, operator, limit), _meets(high, operator, limit)
        if at_low == at_high:
            self._place = start
            what = f"a difference of {metric}" if on_baseline else metric
            self._fail(
                f"{what} lies from {low:g} to {high:g}, so {'every' if at_low else 'no'} report meets this "
                f"gate; a share of 45% is written 0.45"
            )

    def _name(self) -> tuple[str, bool, int]:
        start = self._skip()
        found = _QUOTED.match(self._text, start) or _NAME.match(self._text, start)
        if found is None:
            self._fail("a name should stand here, in quotes where it has other characters than \\w")
        self._place = found.end()
        quoted = found.re is _QUOTED
        return (found[1] or found[2] if quoted else found[0]), quoted, start

    def _keyword(self, word: str) -> bool:
        found = _NAME.match(self._text, self._skip())
        if found is None or found[0] != word:
            return False
        self._place = found.end()
        return True

    def _literal(self, literal: str) -> bool:
        start = self._skip()
        if not self._text.startswith(literal, start):
            return False
        self._place = start + len(literal)
        return True

    def _skip(self) -> int:
        while self._place < len(self._text) and self._text[self._place].isspace():
            self._place += 1
        return self._place

    def _fail(self, problem: str) -> NoReturn:
        raise GateError(_located(self._text, self._place, problem))


def _meets(figure: float, operator: Operator, limit: float) -> bool:
    if operator in ("<=", ">="):
        return figure <= limit if operator == "<=" else figure >= limit
    return figure < limit if operator == "<" else figure > limit


def _is_diagnostic(name: tuple[str, bool, int]) -> bool:
    return name[0] in DIAGNOSTICS and not name[1]
