"""Which gates a session has: gathered while tests are collected, and checked before any fold."""

import shlex
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tst_harness._model import Model
from tst_harness.analysis.names import FEATURES, FOREST
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.engine.results import shown
from tst_harness.engine.settings import Settings
from tst_harness.gates.expression import parse_gate
from tst_harness.gates.rules import GateError, GateRule, check_benchmark, check_type

if TYPE_CHECKING:
    from tst_harness.gates.judge import Gate

NODE = "gates"
"""What the report is called by which a worker tells that a gate is wrong."""
_OUTPUT = "tst_gates"

_Declared = Literal["benchmark", "ini", "option"]


class Collected(Model):
    """A collected benchmark: its own gates, its types (none where they are not declared), whether it runs.

    `models` is whether feature models are declared for it, and `grouped` as `Settings.grouped_of` says.
    """

    gates: tuple[str, ...]
    types: tuple[str, ...]
    models: bool
    grouped: bool | Literal["both"]
    selected: bool


class GatePlan:
    """The gates of a session: those that benchmarks declare, of the ini file, and of the command line."""

    def __init__(self, config: pytest.Config, options: Settings) -> None:
        self._config = config
        self._options = options
        self._collected: dict[str, Collected] = {}

    def collect(
        self, collected: Iterable[Benchmark], modelled: Collection[str], selected: Iterable[Benchmark]
    ) -> None:
        """Take the benchmarks that were collected, with models by name, and those whose tests will run."""
        running = {benchmark.name for benchmark in selected}
        for benchmark in collected:
            self._collected[benchmark.name] = Collected(
                gates=benchmark.gates,
                types=tuple(declared.name for declared in benchmark.question_types),
                models=benchmark.name in modelled,
                grouped=self._options.grouped_of(benchmark),
                selected=benchmark.name in running,
            )

    def give(self) -> None:
        """Hand what was collected to the process that started this worker."""
        output: dict[str, Any] = getattr(self._config, "workeroutput")  # noqa: B009 - xdist sets it
        output[_OUTPUT] = {name: found.model_dump(mode="json") for name, found in self._collected.items()}

    def take(self, output: Mapping[str, Any]) -> None:
        """Take what a worker collected."""
        for name, found in output.get(_OUTPUT, {}).items():
            self._collected[name] = Collected.model_validate(found)

    def check(self) -> None:
        """Check every gate against what was collected, and the baselines that gates need.

        Raises
        ------
        HarnessError
            A gate names a benchmark, type or models that are not there, or its baseline is missing or of
            another run.
        """
        for benchmark, rule, declared in self._rules():
            try:
                if benchmark not in self._collected:
                    if declared == "option" or not self._files_named():
                        check_benchmark(rule, self._collected)
                    continue
                found = self._collected[benchmark]
                if found.types:
                    check_type(rule, found.types)
                if rule.diagnostic == FEATURES and not found.models:
                    raise rule.error("diagnostic", f"no class declares `models` for {benchmark}")
            except GateError as error:
                where = {"option": "--tst-gate", "ini": "tst_gates", "benchmark": benchmark}[declared]
                raise GateError(f"{where}: {error}") from None
            if rule.on_baseline and self._reason(benchmark, rule) is None:
                self._check_baseline(benchmark, rule)

    def gates(self) -> list["Gate"]:
        """Return every gate of the session, with the reason for those that are not judged."""
        rules = self._rules()
        if not rules:
            return []
        from tst_harness.gates.judge import Gate

        return [
            Gate(benchmark, rule, declared, self._reason(benchmark, rule))
            for benchmark, rule, declared in rules
        ]

    def _rules(self) -> list[tuple[str, GateRule, _Declared]]:
        """Return the gates by benchmark, each once."""
        options = self._options
        found: dict[tuple[str, GateRule], _Declared] = {}
        for name, collected in sorted(self._collected.items()):
            for text in collected.gates:
                found.setdefault((name, parse_gate(text).of(name)), "benchmark")
        asked: list[tuple[_Declared, Collection[str]]] = [
            # The project's other tests have nothing to do with its gates.
            ("ini", options.ini_gates if self._collected else ()),
            ("option", options.gates),
        ]
        for declared, texts in asked:
            for rule in map(parse_gate, texts):
                found.setdefault((str(rule.benchmark), rule), declared)
        return [(benchmark, rule, declared) for (benchmark, rule), declared in found.items()]

    def _reason(self, benchmark: str, rule: GateRule) -> str | None:
        options = self._options
        if benchmark not in self._collected:
            return f"{benchmark} is not collected"
        if not self._collected[benchmark].selected:
            return f"no test of {benchmark} is selected"
        ran = {*options.diagnostics, *([FEATURES] if FOREST in options.diagnostics else [])}
        if rule.diagnostic not in ran:
            return f"this session does not run {rule.diagnostic}; --tst-diagnostic does"
        if rule.on_baseline and options.baseline_update:
            return "the baseline is being written"
        return None

    def _files_named(self) -> bool:
        """Whether the command line names files or single tests."""
        here = self._config.invocation_params.dir
        return any("::" in arg or (here / arg).is_file() for arg in self._config.args)

    def _check_baseline(self, benchmark: str, rule: GateRule) -> None:
        # Reading one imports pandas, and collecting alone is to stay light.
        if self._config.option.collectonly:
            return
        from tst_harness.gates.reference import baseline_path, read_baseline

        options = self._options
        path = baseline_path(benchmark, options.report_dir)
        if not path.exists():
            raise GateError(
                f"{rule.text!r} needs a baseline and there is none at {shown(path)}: make one with "
                f"`{self._update_command()}`"
            )
        about = read_baseline(path).about
        if rule.diagnostic not in about.diagnostics:
            raise GateError(
                f"{rule.text!r} needs a baseline of {rule.diagnostic} and {shown(path)} has none: make one "
                f"with `{self._update_command()}`"
            )
        was = {**dict(about.settings), "null_control": about.null_control}
        asked = {name: getattr(options, name, was[name]) for name in was}
        asked["grouped"] = self._collected[benchmark].grouped
        for name, now in asked.items():
            if was[name] != now:
                raise GateError(
                    f"{rule.text!r} needs a baseline of this run, and in {shown(path)} {name} is "
                    f"{was[name]}, not {now}: undo that, or make a new one with `{self._update_command()}`"
                )

    def _update_command(self) -> str:
        asked: Iterable[str] = map(str, self._config.invocation_params.args)
        if hasattr(self._config, "workerinput"):
            asked = getattr(self._config, "workerinput")["mainargv"][1:]  # noqa: B009 - xdist sets it
        return shlex.join(["pytest", *asked, "--tst-baseline-update"])
