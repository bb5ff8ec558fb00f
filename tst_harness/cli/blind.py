"""Ask a served model every question without its picture: what it scores blind."""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.activity import far, said
from tst_harness.analysis.figures import counted
from tst_harness.benchmark.declarations import FaultPolicy
from tst_harness.cli import proposal
from tst_harness.cli.proposal import declare_folder
from tst_harness.cli.summary import declare_markdown, write_summary
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import HarnessError
from tst_harness.integrations.pytest.declared import collect
from tst_harness.report.paths import shown

if TYPE_CHECKING:
    from tst_harness.api.report import Report
    from tst_harness.dataset.loading import Dataset
    from tst_harness.results.zero_shot import BlindReport

_AT_A_TIME = 8
_MOST_FAILURES = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the benchmark and the server."""
    proposal.add_arguments(
        parser, "NAME|FILE", "the name of a declared benchmark; or a file to be recognised, as by audit: "
    )
    declare_folder(parser)
    parser.add_argument(
        "--base-url", required=True, metavar="URL", help="of the server, such as http://localhost:8000/v1"
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="what the server calls the model")
    parser.add_argument(
        "--at-a-time", type=int, default=_AT_A_TIME, metavar="N", help=f"requests (default: {_AT_A_TIME})"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where the answers go, for `models --blind` (default: reports/BENCHMARK.MODEL.blind.jsonl)",
    )
    parser.add_argument(
        "--report", type=Path, metavar="REPORT.json", help="a report that gets a zero-shot row of the model"
    )
    declare_markdown(parser)
    parser.epilog = "The key is read from the environment, OPENAI_API_KEY, and written nowhere."


def run(arguments: argparse.Namespace) -> int:
    """Say how many tokens it takes, ask what is not answered yet, and print the score.

    Raises
    ------
    HarnessError
        The benchmark cannot be read, or the server refuses; what is answered is kept.
    """
    from tst_harness.results.blind import BlindRun
    from tst_harness.results.served import Server

    if arguments.at_a_time < 1:
        raise HarnessError(f"--at-a-time {arguments.at_a_time} asks nothing; use 1 or more")
    if arguments.markdown is not None and arguments.report is None:
        raise HarnessError("--markdown writes a report; name it with --report REPORT.json")
    dataset = _loaded(arguments)
    benchmark = dataset.benchmark
    if arguments.report is not None:
        # Before anything is paid for.
        _report_of(dataset, arguments.report)
    output = (
        arguments.output or Path("reports") / f"{benchmark.name}.{_file_name(arguments.model)}.blind.jsonl"
    )
    blind = BlindRun(dataset, arguments.model, output)
    prompts, answers = blind.tokens
    done = f", {len(blind.answered):,} are answered already" if blind.answered else ""
    print(
        f"{benchmark.name}: {counted(len(blind.left), 'question')} to ask{done}; about {prompts:,} tokens "
        f"of prompts and at most {answers:,} of answers",
        flush=True,
    )
    server = Server(arguments.base_url, arguments.model)
    try:
        failures = blind.ask(server, arguments.at_a_time, _Line(benchmark.name, len(blind.left)).step)
    except KeyboardInterrupt:
        print("\nstopped; the same command continues", file=sys.stderr)
        return ExitStatus.INCOMPLETE
    finally:
        server.close()
    for failure in failures[:_MOST_FAILURES]:
        print(f"not answered: {failure}", file=sys.stderr)
    if failures:
        unanswered = f"not answered: {counted(len(failures), 'question')}; the same command asks again"
        print(unanswered, file=sys.stderr)
        return ExitStatus.INCOMPLETE
    _tell(dataset, output, arguments)
    print(f"answers: {shown(output)}")
    return ExitStatus.OK


def _loaded(arguments: argparse.Namespace) -> "Dataset":
    """Return the questions of the benchmark that is named, or that a file amounts to."""
    from tst_harness.dataset.loading import load

    faults: FaultPolicy = "stop" if arguments.strict else "report"
    if not proposal.is_name(arguments.data):
        folder = arguments.tst_data or os.environ.get("TST_DATA_DIR")
        # Again, since types follow from templates that are found in the questions.
        return load(proposal.recognised(arguments).benchmark, Path(folder) if folder else None, faults=faults)
    passed_on = [f"--tst-data={arguments.tst_data}"] if arguments.tst_data else []
    declared = collect(arguments.benchmarks, passed_on)
    options = declared.options
    assert options is not None
    return load(declared.named(arguments.data), options.data_dir, options.require_real, faults)


def _report_of(dataset: "Dataset", path: Path) -> "Report":
    """Return the report that is to get a row.

    Raises
    ------
    HarnessError
        It cannot be read, is not complete, or is of other questions.
    """
    from tst_harness.api.models import complete_diagnostic
    from tst_harness.api.report import read_report

    report = read_report(path)
    complete_diagnostic(report.content)
    if report.content.source.fingerprint.content != dataset.source.fingerprint.content:
        raise HarnessError(f"{path} is of other questions than those to ask; leave out --report")
    return report


def _tell(dataset: "Dataset", output: Path, arguments: argparse.Namespace) -> None:
    """Print the score, and put it into the report where there is one."""
    from tst_harness.results.zero_shot import blind_report, blind_sentences

    path: Path | None = arguments.report
    report = None if path is None else _report_of(dataset, path)
    baseline = None if report is None else _baseline(report)
    row = blind_report(dataset, output, arguments.model, baseline)
    if report is not None and path is not None:
        _put(row, report, path, arguments)
    for line in blind_sentences({arguments.model: row}):
        print(line)


def _put(row: "BlindReport", report: "Report", path: Path, arguments: argparse.Namespace) -> None:
    """Write the report again with a row in it, and its page, and print all such rows."""
    from tst_harness.report.files import canonical_json, write_atomically
    from tst_harness.report.schema import Section
    from tst_harness.results.zero_shot import BLIND, blind_sentences
    from tst_harness.views.html import write_page
    from tst_harness.views.zero_shot import zero_shot_lines, zero_shot_of

    rows = dict(sorted({**zero_shot_of(report.content), arguments.model: row}.items()))
    figures = {name: each.model_dump(mode="json") for name, each in rows.items()}
    section = Section(figures=figures, sentences=list(blind_sentences(rows)))
    sections = {**report.content.sections, BLIND: section}
    report.content = report.content.model_copy(update={"sections": sections})
    write_atomically(path, canonical_json(report.content.model_dump(mode="json"), indent=2))
    page = write_page(report.html(), path.with_suffix(".html"))
    write_summary(report.content, report.content.gates, arguments.markdown)
    lines = zero_shot_lines(rows, min(shutil.get_terminal_size().columns, 100))
    print("\n".join([*lines, "", f"report: {shown(path)}", f"page: {shown(page)}"]))


def _baseline(report: "Report") -> dict[str, float]:
    """The blind baseline of each question."""
    from tst_harness.api.models import complete_diagnostic
    from tst_harness.stats.samples import Samples

    held_out = Samples.of(report.samples(), complete_diagnostic(report.content))
    return dict(zip(held_out.id.tolist(), held_out.mean("blind_baseline").tolist(), strict=True))


def _file_name(model: str) -> str:
    return re.sub(r"[^\w.-]+", "-", model)


class _Line:
    """A line on the terminal that counts answers."""

    def __init__(self, name: str, questions: int) -> None:
        self._name = name
        self._questions = questions
        self._done = 0

    def step(self) -> None:
        """Count an answer."""
        self._done += 1
        far(f"{self._done:,} of {self._questions:,} answered")
        if sys.stderr.isatty():
            said()
            end = "\r\x1b[2K" if self._done == self._questions else ""
            text = f"  {self._name}: {self._done:,} of {self._questions:,} answered"
            print(f"\r\x1b[2K{text}{end}", end="", file=sys.stderr, flush=True)
