"""The session's side of the work: gathers what the tests of all processes left, and makes the reports."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tst_harness.errors import HarnessError
from tst_harness.options import Options
from tst_harness.results import CHECKS, LLM, PROPERTY, Result, ungrouped

if TYPE_CHECKING:
    from tst_harness.reports.schema import Report


class Written(NamedTuple):
    """A report, and where it and its samples lie."""

    report: "Report"
    path: Path
    samples: Path


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is an xdist worker, whose results another process gathers."""
    return hasattr(config, "workerinput")


def share_cores(config: pytest.Config) -> None:
    """Give an xdist worker its share of the cores, unless the user said otherwise."""
    workers = int(getattr(config, "workerinput")["workercount"])  # noqa: B009 - xdist sets it
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))


def result_of(report: pytest.CollectReport | pytest.TestReport) -> Result | None:
    """The result that a test report carries, if any."""
    for name, value in getattr(report, "user_properties", ()):
        if name == PROPERTY:
            return Result.model_validate(value)
    return None


class Gathering:
    """Results of a session, and the reports made of them."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._results: dict[str, dict[tuple[str, str, int | None, int | None], Result]] = {}
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()
        self.written: list[Written] = []
        self.problems: list[str] = []

    def add(self, result: Result) -> None:
        """Take a result; a rerun of the same test replaces it."""
        place = (result.diagnostic, result.unit, result.repeat, result.fold)
        self._results.setdefault(result.benchmark, {})[place] = result

    def finish(self) -> None:
        """Write the report of every benchmark whose folds are all there; say what is missing of others."""
        for benchmark, results in sorted(self._results.items()):
            try:
                self._report(benchmark, list(results.values()))
            except HarnessError as error:
                self.problems.append(f"{benchmark}: {error}")

    def _report(self, benchmark: str, results: list[Result]) -> None:
        from tst_harness.reports.assemble import assemble
        from tst_harness.reports.files import write_report, write_samples
        from tst_harness.reports.held_out import samples_frame
        from tst_harness.reports.records import ZERO_SHOT, fold_name
        from tst_harness.reports.schema import RunReport
        from tst_harness.reports.store import RecordStore

        expected = {(r, f) for r in range(self._options.repeats) for f in range(self._options.folds)}
        done = {(one.diagnostic, one.repeat, one.fold) for one in results}
        diagnostics = sorted({one.diagnostic for one in results} - {CHECKS})
        if not diagnostics:
            return  # Checks alone are kept for a report with scores, and replace none.
        missing = [
            f"{name} {fold_name(*unit)}"
            for name in diagnostics
            for unit in sorted(expected)
            if (name, *unit) not in done
        ]
        total = len(expected) * len(diagnostics)
        if any(ungrouped(name) == LLM for name in diagnostics):
            total += 1
            if not any(one.unit == "zero_shot" for one in results):
                missing.append(f"{LLM} {ZERO_SHOT}")
        if missing:
            self.problems.append(
                f"{benchmark}: no report, since {len(missing)} of {total} folds left no record "
                f"({', '.join(missing)}); the others are kept, so run the whole benchmark to compute those "
                "alone"
            )
            return
        store = RecordStore(self._options.report_dir)
        records = [store.load(one.path, one.digest) for one in results]
        cached = {record.key for record, one in zip(records, results, strict=True) if one.cached}
        run = RunReport(
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - self._clock, 3),
            command=[Path(sys.argv[0]).name, *map(_without_folder, sys.argv[1:])],
        )
        report = assemble(records, dict.fromkeys(diagnostics, expected), run, cached)
        samples = write_samples(benchmark, samples_frame(records), self._options.report_dir)
        path = write_report(report, self._options.report_dir)
        self.written.append(Written(report, _shown(path), _shown(samples)))


def progress_line(result: Result) -> str:
    """One line for the terminal when a test of a benchmark is done."""
    if result.fold is None:
        what = result.unit.replace("_", "-")
    else:
        again = f"repeat {result.repeat} " if result.repeat else ""
        what = f"{again}fold {result.fold}"
    name = f"{result.benchmark} (bundled SAMPLE)" if result.sample else result.benchmark
    taken = "cached" if result.cached else f"{result.seconds:.1f} s"
    subject = what if result.unit == CHECKS else f"{result.diagnostic} {what}"
    return f"  {name} {subject}: {result.summary} ({taken})"


def _without_folder(argument: str) -> str:
    """The argument without a folder of this machine: an absolute path is cut to what is known elsewhere."""
    option, equals, value = argument.rpartition("=")
    path = Path(value)
    if not path.is_absolute():
        return argument
    return f"{option}{equals}{_shown(path) if path.is_relative_to(Path.cwd()) else path.name}"


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
