"""The end of a session: which reports there are, how gates judge them, and the files that are written."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tst_harness.analysis.figures import counted
from tst_harness.analysis.units import Unit
from tst_harness.engine.results import ExitStatus, gates_fail
from tst_harness.engine.session import Session
from tst_harness.errors import HarnessError, IncompleteError
from tst_harness.report.paths import shown

if TYPE_CHECKING:
    from tst_harness.engine.assembled import Assembled
    from tst_harness.gates.plan import GatePlan
    from tst_harness.gates.snapshot import About, Snapshot
    from tst_harness.report.folder import Listed
    from tst_harness.report.schema import GateReport, Report


class Written(NamedTuple):
    """A report, and where it, its samples and its page lie; None where no page was asked for."""

    report: "Report"
    path: Path
    samples: Path
    page: Path | None = None


class UpdatedReference(NamedTuple):
    """A reference that was written: where, what stood there before, if anything, and what does now."""

    path: Path
    old: "About | None"
    new: "About"


class Closing:
    """What a session comes to.

    Parameters
    ----------
    session
        Whose results are all taken.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._settings = session.settings
        self._assembled: dict[str, Assembled] = {}
        self._snapshots: dict[str, Snapshot] = {}
        self.written: list[Written] = []
        self.missing: list[str] = []
        self.problems: list[str] = []
        self.unwritten: list[str] = []
        self.gates: list[GateReport] = []
        self.refused: list[str] = []
        self._is_unjudged = False
        self.unjudged: list[str] = []
        self.references: list[UpdatedReference] = []
        self.listed: list[Listed] = []
        self.index: Path | None = None

    def finish(
        self, plan: "GatePlan", unfinished: Mapping[str, Sequence[Unit]], unjudged: Iterable[str] = ()
    ) -> None:
        """Write the report of every benchmark whose units are all there; say what is missing of others.

        The gates of all reports are judged first, since their verdicts depend on how many there are.

        Parameters
        ----------
        plan
            The gates.
        unfinished
            Folds that were to run and did not, of benchmarks without any result, by what these are called.
        unjudged
            Why diagnostics could not run: too few questions, or data, an engine or a model that cannot be
            had. Each reason begins with the name of its benchmark.
        """
        self.unjudged = list(unjudged)
        self._is_unjudged = bool(self.unjudged)
        for name in self._session.begun():
            try:
                self._assemble(name)
            except IncompleteError as error:
                self.missing.append(str(error))
            except HarnessError as error:
                self.problems.append(f"{name}: {error}")
        for called, units in unfinished.items():
            folds = ", ".join(map(str, units))
            were = f"{counted(len(units), 'fold')} {'was' if len(units) == 1 else 'were'}"
            self.missing.append(
                f"{called}: {were} not finished ({folds}), so there is no report; run it again"
            )
        gates = self._judge(plan)
        for name, assembled in self._assembled.items():
            report = assembled.report.model_copy(update={"gates": gates.get(name, [])})
            try:
                self._write(assembled._replace(report=report))
            except HarnessError as error:
                self.problems.append(f"{name}: {error}")
        if self.written:
            try:
                self._list()
            except HarnessError as error:
                self.unwritten.append(str(error))

    @property
    def status(self) -> ExitStatus:
        """How the session ended, as far as reports and gates go."""
        verdicts: set[str] = {gate.verdict for gate in self.gates}
        problems = self.problems or self.unwritten or self.refused
        if problems or gates_fail(verdicts, self._settings.inconclusive):
            return ExitStatus.FAILED
        unjudged = self._is_unjudged and self._settings.unjudged == "fail"
        return ExitStatus.INCOMPLETE if self.missing or unjudged else ExitStatus.OK

    @property
    def judged(self) -> set[str]:
        """The benchmarks with a verdict."""
        return {report.benchmark for report, *_ in self.written if report.verdict is not None}

    def without_verdict(self, failures: Iterable[str]) -> list[str]:
        """Why benchmarks have no verdict, each reason beginning with the name of one.

        Parameters
        ----------
        failures
            What tests failed with, in sentences that begin with the names of benchmarks.
        """
        reasons = dict.fromkeys([*self.unjudged, *self.missing, *self.problems, *failures])
        return [reason for reason in reasons if not self.has_verdict(reason)]

    def has_verdict(self, reason: str) -> bool:
        """Whether the benchmark that a reason begins with has a verdict."""
        return reason.partition(": ")[0] in self.judged

    def _assemble(self, name: str) -> None:
        from tst_harness.gates.snapshot import snapshot

        assembled = self._session.assemble(name)
        self._assembled[name] = assembled
        self._snapshots[name] = snapshot(assembled.report, assembled.samples)

    def _judge(self, plan: "GatePlan") -> "dict[str, list[GateReport]]":
        """Judge all gates and return those of each benchmark."""
        gates = plan.gates()
        if not gates:
            return {}
        from tst_harness.gates.judge import judge
        from tst_harness.gates.reference import read_reference, reference_path
        from tst_harness.report.names import run_name

        judged = judge(
            gates,
            self._snapshots,
            lambda benchmark: read_reference(
                reference_path(run_name(self._snapshots[benchmark].about), self._settings.report_dir)
            ),
        )
        self.gates, self.refused = judged
        # A gate of the project may be on what this session leaves out; one of the command line is asked for.
        self._is_unjudged |= any(
            verdict.verdict == "not judged"
            and (gate.reason is None or (gate.declared == "option" and not self._settings.reference_update))
            for gate, verdict in zip(gates, judged.gates, strict=True)
        )
        by_benchmark: dict[str, list[GateReport]] = {}
        for gate, verdict in zip(gates, judged.gates, strict=True):
            by_benchmark.setdefault(gate.benchmark, []).append(verdict)
        return by_benchmark

    def _write(self, assembled: "Assembled") -> None:
        from tst_harness.gates.reference import update_reference
        from tst_harness.report.files import write_report
        from tst_harness.report.names import run_name
        from tst_harness.report.questions import write_questions
        from tst_harness.report.sample_files import write_samples

        report, folder = assembled.report, self._settings.report_dir
        name = run_name(report)
        samples = write_samples(name, assembled.samples, folder)
        write_questions(name, assembled.asked, folder)
        path = write_report(report, folder)
        self.written.append(Written(report, shown(path), shown(samples), self._write_page(name, assembled)))
        if self._settings.reference_update:
            snapshot = self._snapshots[report.benchmark]
            path, before = update_reference(snapshot, folder)
            self.references.append(UpdatedReference(shown(path), before, snapshot.about))

    def _list(self) -> None:
        """List all reports of the folder where pages are asked for, or where other runs left any."""
        from tst_harness.report.folder import reports_of
        from tst_harness.views.html.index import write_index

        folder = self._settings.report_dir
        if self._settings.html:
            path, listing = write_index(folder)
            self.index = shown(path)
        else:
            listing = reports_of(folder)
        if len(listing.reports) > len(self.written):
            self.listed = listing.reports

    def _write_page(self, name: str, assembled: "Assembled") -> Path | None:
        """Write the page of a report where one is asked for, else remove that of an older one.

        The report stands without.
        """
        path = self._settings.report_dir / f"{name}.html"
        if not self._settings.html:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        from tst_harness.views.html import write_page
        from tst_harness.views.html.report import report_page

        page = report_page(*assembled)
        try:
            return shown(write_page(page, path))
        except HarnessError as error:
            self.problems.append(f"{name}: {error}")
            return None


def import_reports(pages: bool) -> None:
    """Import what makes and shows reports, and their pages where there will be any."""
    for name in (
        "tst_harness.report.assemble",
        "tst_harness.gates.snapshot",
        "tst_harness.views.terminal",
        *["tst_harness.views.html.report"] * pages,
    ):
        import_module(name)
