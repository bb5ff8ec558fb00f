"""Gates judged: each rule of a session beside what is known of its figure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from tst_harness.analysis.names import MODELS
from tst_harness.errors import HarnessError
from tst_harness.gates.comparison import ALPHA, ONE_RUN, Paired, compare_runs
from tst_harness.gates.rule import GateError, GateRule, suggestion
from tst_harness.gates.snapshot import Snapshot, differences
from tst_harness.report.schema import GateReport
from tst_harness.results.bias import Bias
from tst_harness.results.evidence import Answers, ModelFigures
from tst_harness.stats.bounds import Evidence, detectable, upper
from tst_harness.stats.metrics import Metric
from tst_harness.stats.resampling import FloatArray, holm
from tst_harness.stats.samples import Samples, resampled


class Gate(NamedTuple):
    """A rule on a benchmark, where it was declared, and why it is not judged where it is known not to be."""

    benchmark: str
    rule: GateRule
    declared: Literal["benchmark", "ini", "option"]
    reason: str | None = None


class Judged(NamedTuple):
    """Gates with their verdicts, in their order, and a sentence on each that could not be judged at all."""

    gates: list[GateReport]
    problems: list[str]


class _Found(NamedTuple):
    evidence: Evidence
    paired: Paired | None


def judge(
    gates: Sequence[Gate], snapshots: Mapping[str, Snapshot], reference: Callable[[str], Snapshot]
) -> Judged:
    """Return the verdicts of a session's gates, corrected for how many are judged.

    A rule passes where a one-sided 95% bound is on the right side of its limit and fails where the opposite
    bound is on the wrong side. Both kinds of claims are corrected by Holm's method, each kind for itself.

    Parameters
    ----------
    gates
        Those of all benchmarks.
    snapshots
        Of each benchmark that has a report.
    reference
        Returns the reference of a benchmark.
    """
    evidence = _EvidenceOf(snapshots, reference)
    results: list[_Found | str] = []
    problems: list[str] = []
    for gate in gates:
        try:
            results.append(gate.reason or evidence(gate))
        except HarnessError as error:
            results.append(f"refused: {error}")
            problems.append(f"gate {gate.rule.text}: {error}")
    tested = [
        (gate.rule, each) for gate, each in zip(gates, results, strict=True) if isinstance(each, _Found)
    ]
    claims = np.array([_p_values(rule, each.evidence) for rule, each in tested]).reshape(-1, 2)
    adjusted = np.column_stack([holm(claims[:, 0]), holm(claims[:, 1])])
    levels = np.column_stack([holm_levels(claims[:, 0]), holm_levels(claims[:, 1])])
    verdicts = iter(zip(adjusted.tolist(), levels.tolist(), strict=True))
    return Judged(
        [
            GateReport(rule=gate.rule.text, declared=gate.declared, verdict="not judged", reason=each)
            if isinstance(each, str)
            else _report(gate, each, *next(verdicts))
            for gate, each in zip(gates, results, strict=True)
        ],
        problems,
    )


def holm_levels(p_values: FloatArray) -> FloatArray:
    """Return the level at which each p-value is rejected by Holm's method, or is not, shape (n,)."""
    order = np.argsort(p_values, kind="stable")
    steps = ALPHA / np.arange(len(p_values), 0, -1)
    kept = np.flatnonzero(p_values[order] >= steps)
    if len(kept):
        steps[kept[0] :] = steps[kept[0]]
    levels = np.empty(len(p_values))
    levels[order] = steps
    return levels


class _EvidenceOf:
    """Finds what is known of the figure that a gate is about; gates on the same figures share the work."""

    def __init__(self, snapshots: Mapping[str, Snapshot], reference: Callable[[str], Snapshot]) -> None:
        self._snapshots = snapshots
        self._reference = reference
        self._runs: dict[tuple[str, str], Samples] = {}
        self._absolute: dict[tuple[str, str, Metric], Mapping[str | None, Evidence]] = {}
        self._paired: dict[tuple[str, str, Metric], Mapping[str | None, Paired]] = {}

    def __call__(self, gate: Gate) -> _Found | str:
        rule = gate.rule
        snapshot = self._snapshots.get(gate.benchmark)
        if snapshot is None:
            return "there is no report"
        if rule.analysis == MODELS:
            return self._of_model(gate, snapshot)
        if snapshot.about.source.substituted_for is not None:
            return f"the bundled sample stands in for the data of {gate.benchmark}"
        if rule.analysis in snapshot.incomplete:
            return f"{rule.analysis} is incomplete"
        if rule.analysis not in snapshot.about.diagnostics:
            return f"{rule.analysis} did not run"
        rule.check_type(snapshot.about.diagnostics[rule.analysis].types)
        metric, place = Metric(rule.metric, rule.above), (gate.benchmark, rule.analysis)
        if place not in self._runs:
            self._runs[place] = Samples.of(snapshot.samples, rule.analysis)
        runs, key, settings = self._runs[place], (*place, metric), snapshot.about.settings
        if not rule.on_reference:
            if key not in self._absolute:
                self._absolute[key] = resampled(runs, metric, seed=settings.seed)
            return _Found(self._absolute[key][rule.type], None)
        if key not in self._paired:
            old = Samples.of(self._checked_reference(gate, snapshot).samples, rule.analysis)
            self._paired[key] = compare_runs(runs, old, metric, folds=settings.folds, seed=settings.seed)
        paired = self._paired[key][rule.type]
        return _Found(paired.evidence, paired)

    def _of_model(self, gate: Gate, snapshot: Snapshot) -> _Found | str:
        """Return what is known of a model's figure beside the bias."""
        rule, models = gate.rule, snapshot.models
        if models is None:
            return f"there are no results of models: tst-harness models {gate.benchmark}.json --results ..."
        if rule.on_reference:
            raise rule.error("metric", "results of models have no reference; compare with a number")
        names = sorted(set(models.answers["model"]))
        if rule.type is None:
            raise rule.error("metric", f"the gate names no model; write `models.{names[0]}.{rule.metric}`")
        if rule.type not in names:
            raise rule.error("type", f"there is no model {rule.type!r}{suggestion(rule.type, names)}")
        bias = Bias.of(snapshot.samples, models.diagnostic)
        own = models.answers[models.answers["model"] == rule.type].set_index("id").loc[bias.samples["id"]]
        blind = own["blind"].to_numpy(dtype=np.float64)
        answers = Answers(
            own["score"].to_numpy(dtype=np.float64),
            own["prediction"].tolist(),
            None if np.isnan(blind).all() else blind,
        )
        figures = ModelFigures(bias, answers, snapshot.about.settings.seed)
        falls = figures.falls() if rule.metric == "falls" else None
        figure = {
            "score": figures.score,
            "lean": figures.lean,
            "falls": lambda: None if falls is None else falls[0],
            "seeing": figures.seeing,
        }[rule.metric]()
        if figure is None:
            return f"the results of {rule.type} tell nothing of {rule.metric}"
        return _Found(figure.evidence, None)

    def _checked_reference(self, gate: Gate, snapshot: Snapshot) -> Snapshot:
        reference = self._reference(gate.benchmark)
        diagnostic = gate.rule.analysis
        for change in differences(reference, snapshot, [diagnostic]):
            if change.decisive and change.diagnostic in (None, diagnostic):
                raise GateError(
                    f"the reference of {gate.benchmark} is of another run, since {change.name} was "
                    f"{change.old} and is {change.new}: undo that, or make a new reference with "
                    f"--tst-reference-update and review it"
                )
        return reference


def _p_values(rule: GateRule, evidence: Evidence) -> tuple[float, float]:
    """Return the p-values of the claims that the figure meets the rule, and that it does not."""
    limit = rule.limit
    if not rule.upper:
        evidence, limit = evidence.negated(), -limit
    return (
        evidence.negated().p_above(-limit, at_least=not rule.strict),
        evidence.p_above(limit, at_least=rule.strict),
    )


def _report(gate: Gate, result: _Found, p_values: Sequence[float], levels: Sequence[float]) -> GateReport:
    rule, evidence, paired = gate.rule, result.evidence, result.paired
    (p_pass, p_fail), (level_pass, level_fail) = p_values, levels
    low, high = (level_fail, level_pass) if rule.upper else (level_pass, level_fail)
    return GateReport(
        rule=rule.text,
        declared=gate.declared,
        verdict="pass" if p_pass < ALPHA else "fail" if p_fail < ALPHA else "inconclusive",
        value=evidence.point,
        reference=None if paired is None else paired.old,
        limit=rule.limit,
        interval=(evidence.lower(low), upper(evidence, high)),
        p_pass=p_pass,
        p_fail=p_fail,
        runs=None if paired is None else paired.runs,
        smallest_effect=detectable(evidence, level_fail),
        note=ONE_RUN if paired is not None and paired.runs is None else None,
    )
