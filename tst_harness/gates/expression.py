"""The language of gates.

    [BENCHMARK.]DIAGNOSTIC[.TYPE].METRIC  <= < >= >  NUMBER | baseline [+ or - NUMBER]

A name with other characters than letters, digits and underscores is put into quotes.
"""

import re
from collections.abc import Collection, Iterable
from typing import NoReturn

from tst_harness.gates.rules import (
    DIAGNOSTICS,
    METRICS,
    OF_TRAINED,
    SHARE,
    TRAINED,
    GateError,
    GateRule,
    Operator,
    check_type,
    is_diagnostic,
    located,
    suggestion,
)

_NAME = re.compile(r"\w+")
_QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'")
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_OPERATORS: tuple[Operator, ...] = ("<=", ">=", "<", ">")
_BASELINE = "baseline"


def parse_gate(text: str) -> GateRule:
    """Return the rule that a text states.

    Raises
    ------
    GateError
        It states none, or one that every or no report meets; the message points at the place.
    """
    return _Parser(text).rule()


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
            percent = "; a share of 45% is written 0.45" if self._text[self._place] == "%" else ""
            self._fail(f"the gate should end here{percent}")
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
            self._fail(
                "a gate is on BENCHMARK.DIAGNOSTIC.METRIC or BENCHMARK.DIAGNOSTIC.TYPE.METRIC, where names "
                "with other characters than letters, digits and _ are put into quotes",
                names[min(len(names) - 1, len(parts))][2],
            )
        fields: dict[str, str | None] = {"benchmark": None, "type": None}
        fields |= {part: name for part, (name, _, _) in zip(parts, names, strict=True)}
        places = {part: place for part, (_, _, place) in zip(parts, names, strict=True)}
        diagnostic = str(fields["diagnostic"])
        if not is_diagnostic(diagnostic):
            problem = f"there is no diagnostic {diagnostic!r}{suggestion(diagnostic, DIAGNOSTICS)}"
            self._fail(problem, places["diagnostic"])
        return fields, places

    def _check_metric(self, fields: dict[str, str | None], places: dict[str, int]) -> None:
        metric, diagnostic = str(fields["metric"]), fields["diagnostic"]
        if metric not in METRICS:
            self._fail(f"there is no metric {metric!r}{suggestion(metric, METRICS)}", places["metric"])
        if metric in OF_TRAINED and diagnostic != TRAINED:
            problem = f"{metric} is a figure of {TRAINED} alone, and this gate is on {diagnostic}"
            self._fail(problem, places["metric"])

    def _above(self) -> float:
        shape = "share is written as in `share(s > 0.9)`"
        if not (self._literal("(") and self._keyword("s") and self._literal(">")):
            self._fail(shape)
        start = self._skip()
        value = self._signed()
        if not 0.0 <= value < 1.0:
            self._fail("s(x) lies from 0 to 1, so v in `share(s > v)` is from 0 to less than 1", start)
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
            what = f"a difference of {metric}" if on_baseline else metric
            self._fail(
                f"{what} lies from {low:g} to {high:g}, so {'every' if at_low else 'no'} report meets this "
                f"gate; a share of 45% is written 0.45",
                start,
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

    def _fail(self, problem: str, place: int | None = None) -> NoReturn:
        raise GateError(located(self._text, self._place if place is None else place, problem))


def _meets(figure: float, operator: Operator, limit: float) -> bool:
    if operator in ("<=", ">="):
        return figure <= limit if operator == "<=" else figure >= limit
    return figure < limit if operator == "<" else figure > limit


def _is_diagnostic(name: tuple[str, bool, int]) -> bool:
    return is_diagnostic(name[0]) and not name[1]
