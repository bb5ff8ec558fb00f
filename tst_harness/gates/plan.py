"""Which gates a session has: gathered from benchmarks and settings, and checked before anything runs."""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from tst_harness.analysis.names import FOREST, LLM, MODELS, STACK
from tst_harness.analysis.units import Plan, Split
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.benchmark.model import Model
from tst_harness.engine.settings import Settings
from tst_harness.gates.expression import parse_gate
from tst_harness.gates.rule import GateError, GateRule
from tst_harness.registry import analyses
from tst_harness.report.paths import shown

if TYPE_CHECKING:
    from tst_harness.gates.judge import Gate

Declared = Literal["benchmark", "ini", "option"]
"""Where a gate stands: in a benchmark's declaration, in the ini file or on the command line."""


class Collected(Model):
    """A collected benchmark: its own gates, its types (none where they are not declared), whether it runs.

    `models` is whether feature models are declared for it, and `split` as `Settings.split_of` says.
    """

    gates: tuple[str, ...]
    types: tuple[str, ...]
    models: bool
    split: Split | Literal["both"]
    selected: bool


class _Planned(NamedTuple):
    benchmark: str
    rule: GateRule
    declared: Declared


class GatePlan:
    """The gates of a session: those that benchmarks declare, of the ini file, and of the command line.

    Parameters
    ----------
    options
        Of the session.
    update_command
        The command that writes the references of this session, for messages.
    """

    def __init__(self, options: Settings, update_command: str) -> None:
        self._options = options
        self._update_command = update_command
        self.collected: dict[str, Collected] = {}

    def collect(
        self, collected: Iterable[Benchmark], modelled: Collection[str], selected: Iterable[Benchmark]
    ) -> None:
        """Take the benchmarks that were collected, with models by name, and those whose tests will run."""
        running = {benchmark.name for benchmark in selected}
        for benchmark in collected:
            self.collected[benchmark.name] = Collected(
                gates=benchmark.gates,
                types=tuple(declared.name for declared in benchmark.question_types),
                models=benchmark.name in modelled,
                split=self._options.split_of(benchmark),
                selected=benchmark.name in running,
            )

    def check(self, *, may_be_elsewhere: Collection[Declared] = (), references: bool = True) -> None:
        """Check every gate against what was collected, and the references that gates need.

        Parameters
        ----------
        may_be_elsewhere
            The gates of these places may name a benchmark that was not collected.
        references
            Whether references are read, which imports pandas.

        Raises
        ------
        HarnessError
            A gate cannot be parsed, names an analysis, benchmark, type or models that are not there, or its
            reference is missing or of another run.
        """
        for benchmark, rule, declared in self._planned():
            try:
                if benchmark not in self.collected:
                    if declared not in may_be_elsewhere:
                        rule.check_benchmark(self.collected)
                    continue
                collected = self.collected[benchmark]
                if collected.types and rule.analysis != MODELS:
                    rule.check_type(collected.types)
                if (
                    not collected.models
                    and self._runs(rule, models=True)
                    and not self._runs(rule, models=False)
                ):
                    raise rule.error("analysis", f"no class declares `models` for {benchmark}")
            except GateError as error:
                raise _named(declared, benchmark, error) from None
            if references and rule.on_reference and self._reason(benchmark, rule) is None:
                self._check_reference(benchmark, rule)

    def gates(self) -> list["Gate"]:
        """Return every gate of the session, with the reason for those that are not judged."""
        planned = self._planned()
        if not planned:
            return []
        from tst_harness.gates.judge import Gate

        return [
            Gate(benchmark, rule, declared, self._reason(benchmark, rule))
            for benchmark, rule, declared in planned
        ]

    def _planned(self) -> list[_Planned]:
        """Return the gates by benchmark, each once."""
        first: dict[tuple[str, GateRule], Declared] = {}
        for declared, benchmark, text in self._texts():
            try:
                rule = parse_gate(text)
                if declared == "benchmark" and rule.benchmark not in (None, benchmark):
                    problem = f"the gate stands in the benchmark {benchmark!r} and names another one"
                    raise rule.error("benchmark", problem)
            except GateError as error:
                raise _named(declared, benchmark, error) from None
            rule = rule if declared != "benchmark" else rule.of(benchmark)
            first.setdefault((str(rule.benchmark), rule), declared)
        return [_Planned(benchmark, rule, declared) for (benchmark, rule), declared in first.items()]

    def _texts(self) -> Iterator[tuple[Declared, str, str]]:
        """Yield where each gate stands, in which benchmark, if in one, and its text."""
        for name, collected in sorted(self.collected.items()):
            for text in collected.gates:
                yield "benchmark", name, text
        # The project's other tests have nothing to do with its gates.
        for text in self._options.ini_gates if self.collected else ():
            yield "ini", "", text
        for text in self._options.gates:
            yield "option", "", text

    def _reason(self, benchmark: str, rule: GateRule) -> str | None:
        options = self._options
        if benchmark not in self.collected:
            return f"{benchmark} is not collected"
        if not self.collected[benchmark].selected:
            return f"no test of {benchmark} is selected"
        if rule.analysis == MODELS:
            return "results of models are read once there is a report: tst-harness models, then gate"
        if not self._runs(rule, models=True):
            if rule.analysis == STACK:
                return f"the stack takes {FOREST} and {LLM}; --tst-diagnostic={FOREST},{LLM} runs both"
            return f"this session does not run {rule.analysis}; --tst-diagnostic does"
        if rule.on_reference and options.reference_update:
            return "the reference is being written"
        return None

    def _runs(self, rule: GateRule, models: bool) -> bool:
        """Whether what a rule is about has units, of a benchmark with feature models or without."""
        options = self._options
        plan = Plan(options.diagnostics, repeats=options.repeats, folds=options.folds, models=models)
        needed = (FOREST, LLM) if rule.analysis == STACK else (rule.analysis,)
        return all(analyses()[name].units(plan) for name in needed)

    def _check_reference(self, benchmark: str, rule: GateRule) -> None:
        from tst_harness.gates.reference import former_path, read_reference, reference_path

        options = self._options
        # How many questions there are is not known yet: all of them may be below the limit.
        limits = dict.fromkeys((options.limit, None))
        paths = [reference_path(self._run_name(benchmark, limit), options.report_dir) for limit in limits]
        path = next((path for path in paths if path.exists()), paths[0])
        if not path.exists():
            former = former_path(benchmark, options.report_dir)
            instead = f" ({shown(former)} is of an earlier tst-harness)" if former.exists() else ""
            raise GateError(
                f"{rule.text!r} needs a reference and there is none at {shown(path)}{instead}: make one with "
                f"`{self._update_command}`"
            )
        about = read_reference(path).about
        if rule.analysis not in about.diagnostics:
            raise GateError(
                f"{rule.text!r} needs a reference of {rule.analysis} and {shown(path)} has none: make one "
                f"with `{self._update_command}`"
            )
        was = {**dict(about.settings), "null_control": about.null_control}
        now = {name: getattr(options, name, was[name]) for name in was}
        now["split"] = self.collected[benchmark].split
        for name in was:
            if was[name] != now[name]:
                raise GateError(
                    f"{rule.text!r} needs a reference of this run, and in {shown(path)} {name} is "
                    f"{was[name]}, not {now[name]}: undo that, or make a new one with "
                    f"`{self._update_command}`"
                )

    def _run_name(self, benchmark: str, limit: int | None) -> str:
        from tst_harness.report.names import name_of

        options = self._options
        return name_of(
            benchmark,
            options.diagnostics,
            null_control=options.null_control,
            limit=limit,
            split=self.collected[benchmark].split,
            repeats=options.repeats,
            vectors=options.vectors,
            allow_leak=options.allow_leak,
        )


def _named(declared: Declared, benchmark: str, error: GateError) -> GateError:
    """Return an error that says where its gate stands."""
    where = {"option": "--tst-gate", "ini": "tst_gates", "benchmark": benchmark}[declared]
    return GateError(f"{where}: {error}")
