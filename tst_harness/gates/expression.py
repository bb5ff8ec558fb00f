"""The language of gates, which is a part of Python's own grammar.

    [BENCHMARK.]ANALYSIS[.TYPE].METRIC  <= < >= >  NUMBER | reference [+ or - NUMBER]

A type whose name is no Python name stands in brackets: `forest["left, right"].score <= 0.45`.
"""

import ast
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple, NoReturn

from tst_harness.analysis.names import MODELS, STACK
from tst_harness.gates.rule import GateError, GateRule, Operator, located, suggestion
from tst_harness.registry import analyses
from tst_harness.stats.metrics import HELD_OUT_METRICS, METRICS, MODEL_METRICS, SHARE, ZERO_SHOT_METRICS

REFERENCE = "reference"

_OPERATORS: Mapping[type[ast.cmpop], Operator] = {ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">"}
_FORMER_REFERENCE = "baseline"
_EXAMPLE = "`vsi.forest.score <= 0.45`"


def metrics_of_analyses() -> dict[str, tuple[str, ...]]:
    """Return the metrics that a gate may be on, of every diagnostic, the stack among them, and of models."""
    of_diagnostics = {
        name: (*HELD_OUT_METRICS, *(ZERO_SHOT_METRICS if hasattr(analysis, "zero_shot") else ()))
        for name, analysis in analyses().items()
        if analysis.kind == "diagnostic"
    }
    return {**of_diagnostics, STACK: HELD_OUT_METRICS, MODELS: ("score", *MODEL_METRICS)}


def parse_gate(text: str, metrics: Mapping[str, Collection[str]] | None = None) -> GateRule:
    """Return the rule that a text states.

    Parameters
    ----------
    text
        The gate.
    metrics
        Of each analysis that there is; by default of those that are registered.

    Raises
    ------
    GateError
        It states none, or one that every or no report meets; the message points at the place.
    """
    return _Parser(text.strip(), metrics_of_analyses() if metrics is None else metrics).rule()


class _Name(NamedTuple):
    name: str
    place: int
    in_brackets: bool = False


class _Parser:
    """Turns the syntax tree of one gate into its rule."""

    def __init__(self, text: str, analyses: Mapping[str, Collection[str]]) -> None:
        self._text = text
        self._analyses = analyses

    def rule(self) -> GateRule:
        comparison = self._comparison()
        operator = _OPERATORS.get(type(comparison.ops[0]))
        if operator is None or len(comparison.ops) > 1:
            end = self._end(comparison.left)
            place = end + len(self._text[end:]) - len(self._text[end:].lstrip())
            self._fail("one of <=, <, >= and > should stand here, once", place)
        figure, above = comparison.left, None
        if isinstance(figure, ast.Call):
            above = self._above(figure)
            figure = figure.func
        names = self._names(figure)
        fields, places = self._fields(names)
        self._check_metric(fields, places, above)
        on_reference, limit = self._limit(comparison.comparators[0])
        metric = fields["metric"]
        self._check_limit(metric, operator, limit, on_reference, self._start(comparison.comparators[0]))
        return GateRule(
            text=self._text,
            benchmark=fields.get("benchmark"),
            analysis=fields["analysis"],
            type=fields.get("type"),
            metric=metric,
            above=above,
            operator=operator,
            limit=limit,
            on_reference=on_reference,
            places=places,
        )

    def _comparison(self) -> ast.Compare:
        if lines := re.search(r"[\r\n]", self._text):
            self._fail("a gate is one line", lines.start())
        try:
            expression = ast.parse(self._text, mode="eval").body
        except SyntaxError as error:
            self._fail(self._syntax_problem(), min(max((error.offset or 1) - 1, 0), len(self._text)))
        except (ValueError, RecursionError, MemoryError):
            self._fail(self._syntax_problem(), 0)
        if not isinstance(expression, ast.Compare):
            problem = "one of <=, <, >= and > should stand here, once"
            self._fail(self._with_quotes() or problem, self._end(expression))
        return expression

    def _with_quotes(self) -> str | None:
        """Say how a gate on names with other characters is written; None where there are none."""
        names = "|".join(map(re.escape, sorted(self._analyses, key=len, reverse=True)))
        match = re.fullmatch(
            rf"(?:(.+?)\.)?({names})(?:\.(.+?)|\[(.+?)\])?\.(\w+(?:\(.*\))?)\s*([<>]=?[^<>]+)", self._text
        )
        if match is None:
            return None
        benchmark, analysis, dotted, in_brackets, metric, rest = match.groups()
        of_type = (dotted or in_brackets or "").strip("\"'")
        if all(name is None or name.isidentifier() for name in (benchmark, dotted)) and in_brackets is None:
            return None
        start = benchmark if benchmark is None or benchmark.isidentifier() else f'"{benchmark}"'
        figure = f'{analysis}["{of_type}"]' if of_type else analysis
        return (
            "a name with other characters than letters, digits and underscores stands in quotes, that of a "
            f"type in brackets as well: `{'.'.join(filter(None, (start, figure, metric)))} {rest}`"
        )

    def _syntax_problem(self) -> str:
        if self._text.endswith("%"):
            return "a share of 45% is written 0.45"
        if self._text[:1].isdigit():
            name = self._text.partition(".")[0]
            return f'a benchmark whose name begins with a digit is put into quotes: `"{name}".forest.score`'
        return self._with_quotes() or (
            f"a gate is written as in {_EXAMPLE}, and a type with other characters than letters, digits and "
            'underscores in brackets, as in `forest["left, right"].score`'
        )

    def _names(self, figure: ast.expr) -> list[_Name]:
        """Return the names joined by dots, the first first."""
        names: list[_Name] = []
        node = figure
        while True:
            match node:
                case ast.Attribute(value=value):
                    names.append(self._last_name(node))
                    node = value
                case ast.Subscript(value=value, slice=ast.Constant(value=str(name)) as index):
                    names.append(_Name(name, self._start(index), in_brackets=True))
                    node = value
                case ast.Name():
                    return [self._last_name(node), *reversed(names)]
                case ast.Constant(value=str(name)):
                    return [_Name(name, self._start(node)), *reversed(names)]
                case _:
                    problem = f"a name should stand here, as in {_EXAMPLE}"
                    self._fail(self._with_quotes() or problem, self._start(node))

    def _last_name(self, node: ast.expr) -> _Name:
        """Return the name that a node ends with as it is written, which Python normalises."""
        match = re.search(r"\w+$", self._text[: self._end(node)])
        assert match is not None
        return _Name(match[0], match.start())

    def _fields(self, names: list[_Name]) -> tuple[dict[str, str], dict[str, int]]:
        """Tell which name is which."""
        parts = ["analysis", "metric"]
        if len(names) == 3:
            on_type = names[1].in_brackets or (
                # A type that has the name of an analysis is put into brackets.
                names[0].name in self._analyses and names[1].name not in self._analyses
            )
            parts.insert(*((1, "type") if on_type else (0, "benchmark")))
        elif len(names) == 4:
            parts = ["benchmark", "analysis", "type", "metric"]
        misplaced = [name for name, part in zip(names, parts) if name.in_brackets and part != "type"]  # noqa: B905
        if len(names) != len(parts) or misplaced:
            self._fail(
                "a gate is on [BENCHMARK.]ANALYSIS[.TYPE].METRIC",
                misplaced[0].place if misplaced else names[min(len(names) - 1, len(parts))].place,
            )
        fields = {part: name.name for part, name in zip(parts, names, strict=True)}
        places = {part: name.place for part, name in zip(parts, names, strict=True)}
        if (analysis := fields["analysis"]) not in self._analyses:
            problem = f"there is no analysis {analysis!r}{suggestion(analysis, self._analyses)}"
            self._fail(problem, places["analysis"])
        return fields, places

    def _check_metric(self, fields: dict[str, str], places: dict[str, int], above: float | None) -> None:
        metric, own = fields["metric"], self._analyses[fields["analysis"]]
        if metric not in METRICS:
            self._fail(f"there is no metric {metric!r}{suggestion(metric, own)}", places["metric"])
        if metric not in own:
            self._fail(f"{fields['analysis']} has no {metric}{suggestion('', own)}", places["metric"])
        if (metric == SHARE) != (above is not None):
            problem = f"{SHARE} is written as in `share(s > 0.9)`, and no other metric is written like that"
            self._fail(problem, places["metric"])

    def _above(self, call: ast.Call) -> float:
        """Return the v of `share(s > v)`."""
        match call:
            case ast.Call(
                args=[ast.Compare(left=ast.Name(id="s"), ops=[ast.Gt()], comparators=[value])], keywords=[]
            ):
                above = self._number(value)
            case _:
                self._fail("share is written as in `share(s > 0.9)`", self._end(call.func))
        if not 0.0 <= above < 1.0:
            problem = "s(x) lies from 0 to 1, so v in `share(s > v)` is from 0 to less than 1"
            self._fail(problem, self._start(value))
        return above

    def _limit(self, node: ast.expr) -> tuple[bool, float]:
        """Return whether a limit is on the reference, and the number in it."""
        match node:
            case ast.Name(id=name) if name == REFERENCE:
                return True, 0.0
            case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as sign, right=margin) if (
                name == REFERENCE
            ):
                number = self._number(margin)
                return True, number if isinstance(sign, ast.Add) else -number
        return False, self._number(node)

    def _number(self, node: ast.expr) -> float:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self._number(node.operand)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return float(str(node.value))  # An integer may be too large for `float`, and its text is not.
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id == _FORMER_REFERENCE:
                self._fail(
                    "what a gate compares with is called the reference, since a baseline is what needs no "
                    f"model; write `{REFERENCE}`",
                    self._start(part),
                )
        problem = f"a number, `{REFERENCE}`, or `{REFERENCE}` plus or minus a number should stand here"
        raise self._error(problem, self._start(node))

    def _check_limit(
        self, metric: str, operator: Operator, limit: float, on_reference: bool, place: int
    ) -> None:
        low, high = METRICS[metric]
        if on_reference:
            low, high = low - high, high - low
        at_low, at_high = _meets(low, operator, limit), _meets(high, operator, limit)
        if at_low == at_high:
            what = f"a difference of {metric}" if on_reference else metric
            self._fail(
                f"{what} lies from {low:g} to {high:g}, so {'every' if at_low else 'no'} report meets this "
                "gate; a share of 45% is written 0.45",
                place,
            )

    def _start(self, node: ast.expr) -> int:
        return self._characters(node.col_offset)

    def _end(self, node: ast.expr) -> int:
        return self._characters(node.end_col_offset or 0)

    def _characters(self, size: int) -> int:
        """Return how many characters so many bytes of the text are, in which Python counts."""
        return len(self._text.encode()[:size].decode())

    def _fail(self, problem: str, place: int) -> NoReturn:
        raise self._error(problem, place)

    def _error(self, problem: str, place: int) -> GateError:
        return GateError(located(self._text, place, problem))


def _meets(figure: float, operator: Operator, limit: float) -> bool:
    if operator in ("<=", ">="):
        return figure <= limit if operator == "<=" else figure >= limit
    return figure < limit if operator == "<" else figure > limit
