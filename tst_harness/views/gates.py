"""What a user sees of gates, of a comparison and of a new reference."""

from collections.abc import Sequence

from tst_harness.analysis.figures import interval, p_value, percent, signed
from tst_harness.gates.comparison import ALPHA, ONE_RUN, ComparedDiagnostic, Paired
from tst_harness.gates.snapshot import About, Change, changes
from tst_harness.report.schema import GateReport
from tst_harness.views.tables import aligned
from tst_harness.views.terminal import Line, wrap

COLOURS = {"fail": "red", "not judged": "yellow", "inconclusive": "yellow", "pass": "green"}
_VERDICT = 14
_HEADINGS = ("question type", "n", "before", "after", "difference [90%]")


def gate_lines(gates: Sequence[GateReport], width: int = 80, *, warn: bool = True) -> list[Line]:
    """Return a block on the gates of a session; with `warn`, inconclusive ones are yellow."""
    if not gates:
        return []
    judged = sum(gate.verdict != "not judged" for gate in gates)
    level = f" (percent; one-sided 95% bounds, Holm-corrected for {judged})" if judged else ""
    lines = [Line("", {}), Line(f"gates{level}:", {"bold": True})]
    notes: dict[str, None] = {}
    for gate in gates:
        coloured = warn or gate.verdict != "inconclusive"
        markup = {COLOURS[gate.verdict]: True} if coloured else {}
        indent = " " * _VERDICT
        lines += wrap(f"{gate.verdict:{_VERDICT}}{gate.rule}", width, indent, **markup)
        lines += wrap(indent + gate_sentence(gate), width, indent)
        notes |= dict.fromkeys([gate.note] if gate.note else [])
    for note in notes:
        lines += wrap(f"note: {note}", width)
    return [*lines, Line("", {})]


def gates_line(gates: Sequence[GateReport]) -> list[Line]:
    """Return one line, however long, on how many gates pass, and which do not; none without gates."""
    parts = []
    for verdict in ("fail", "not judged", "inconclusive"):
        own = [gate for gate in gates if gate.verdict == verdict]
        if own:
            rules = (f"{gate.rule}: {gate.reason}" if gate.reason else gate.rule for gate in own)
            parts.append(f"{len(own)} {verdict} ({'; '.join(rules)})")
    passed = sum(gate.verdict == "pass" for gate in gates)
    if passed:
        parts.append(f"{passed} pass")
    worst = next((verdict for verdict in COLOURS if any(gate.verdict == verdict for gate in gates)), "pass")
    return [Line(f"gates: {', '.join(parts)}", {"bold": True, COLOURS[worst]: True})] if parts else []


def gate_sentence(gate: GateReport) -> str:
    """Return where the figure lies beside its limit, and the least failure that would be found."""
    if gate.value is None or gate.limit is None:
        return gate.reason or ""
    where = "includes" if gate.verdict == "inconclusive" else f"lies {_side(gate)}"
    if gate.reference is None:
        figure = f"{percent(gate.value)} {interval(gate.interval)} {where} the limit of {percent(gate.limit)}"
    else:
        figure = (
            f"{signed(gate.value)} {interval(gate.interval)} from the reference {percent(gate.reference)} "
            f"{where} the limit of {signed(gate.limit)}"
        )
    if gate.smallest_effect is None:
        return f"{figure}; of a single group nothing can be told"
    least = percent(gate.smallest_effect)
    if least == percent(0.0):
        return figure
    return f"{figure}; a failure by {least} points is found with a power of 80%"


def _side(gate: GateReport) -> str:
    return "below" if (gate.value or 0.0) < (gate.limit or 0.0) else "above"


def change_lines(differences: Sequence[Change], width: int = 80) -> list[Line]:
    """Return everything in which two runs differ."""
    lines: list[Line] = []
    for change in differences:
        lines += wrap(f"- {change}", width, "  ", **({"yellow": True} if change.decisive else {}))
    return lines


def comparison_lines(compared: ComparedDiagnostic, width: int = 80) -> list[Line]:
    """Return a table of score differences by type, and whether the second run scores significantly higher.

    Parameters
    ----------
    compared
        The differences of one diagnostic.
    width
        In columns.
    """
    pairs = compared.pairs
    names = sorted((name for name in pairs if name is not None), key=lambda name: -pairs[name].evidence.point)
    rows = [_HEADINGS, *(_cells(name, pairs[name]) for name in names), _cells("all questions", pairs[None])]
    whole = pairs[None]
    return [
        Line(f"{compared.name}, {units(whole)}", {"bold": True}),
        *(Line(text, {}) for text in aligned(rows, width, right=(1, 2, 3))),
        *wrap(comparison_sentence(compared), width, red=compared.outcome == "higher"),
        *(wrap(f"note: {ONE_RUN}", width) if whole.runs is None else ()),
    ]


def units(paired: Paired) -> str:
    """Return what was paired: questions of one run each, or runs."""
    return "paired by question" if paired.runs is None else f"{paired.runs} pairs of runs"


def comparison_sentence(compared: ComparedDiagnostic) -> str:
    """Say whether the second of two runs scores significantly higher over all questions, or lower.

    The p-value is that of a higher score, so it is left out where the score is significantly lower.
    """
    points, trained = f"{difference(compared.pairs[None])} points", compared.trained
    if compared.in_one_group:
        return f"Cannot tell: all questions are of a single group, so the difference, {points}, may be luck."
    if compared.outcome == "cannot tell":
        return (
            f"Cannot tell: the second run's folds trained on {trained.after:,.0f} questions and the first's "
            f"on {trained.before:,.0f}, and a learner with more questions learns more. So the difference, "
            f"{points}, is not of the questions alone: compare runs on about as many questions."
        )
    if compared.outcome == "lower":
        return f"The second run scores significantly lower: {points}."
    outcome = "scores" if compared.outcome == "higher" else "does not score"
    return f"The second run {outcome} significantly higher: {points}, {p_value(compared.p_more)}."


def reference_lines(path: str, old: About | None, new: About, width: int = 80) -> list[Line]:
    """Return what a new reference changed."""
    if old is None:
        return [Line(f"new reference: {path}", {"bold": True}), *_scores(None, new, width)]
    if old == new:
        return [Line(f"reference unchanged: {path}", {"bold": True})]
    return [
        Line(f"reference updated: {path}", {"bold": True}),
        *change_lines(changes(old, new), width),
        *_scores(old, new, width),
    ]


def _scores(old: About | None, new: About, width: int) -> list[Line]:
    lines: list[Line] = []
    for name, diagnostic in new.diagnostics.items():
        before = None if old is None else old.diagnostics.get(name)
        for kind, now in [*diagnostic.types.items(), ("all questions", diagnostic.overall)]:
            was = None
            if before is not None:
                was = before.overall if kind == "all questions" else before.types.get(kind)
            if old is not None and was is not None and was == now:
                continue
            shown = f"- {name} {kind}: score {percent(now.score)} of {now.n:,}"
            if was is not None:
                shown += f", was {percent(was.score)} of {was.n:,}"
            lines += wrap(shown, width, "  ")
    return lines


def _cells(name: str, paired: Paired) -> tuple[str, ...]:
    return name, str(paired.n), percent(paired.old), percent(paired.new), difference(paired)


def difference(paired: Paired) -> str:
    """Return a difference of scores with the bounds of both claims, one-sided 95% each."""
    return f"{signed(paired.evidence.point)} {interval(paired.bounds(ALPHA))}"
