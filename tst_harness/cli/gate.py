"""Check rules on a report: exit status 0 if all pass, 1 if one fails, 6 if the report is incomplete."""

import argparse
from pathlib import Path

from tst_harness.analysis.names import MODELS
from tst_harness.cli.summary import declare_markdown, write_summary
from tst_harness.engine.results import ExitStatus, gates_fail
from tst_harness.gates.expression import parse_gate
from tst_harness.gates.rule import suggestion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "report", type=Path, metavar="REPORT.json", help="a report with its samples beside it"
    )
    parser.add_argument("rules", nargs="+", metavar="RULE", help='such as "forest.score <= 0.45"')
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FILE",
        help="the reference for rules that name one (default: references/<report> beside the report)",
    )
    parser.add_argument(
        "--inconclusive",
        choices=["fail", "warn", "pass"],
        default="warn",
        help="how to treat a rule that neither passes nor fails significantly (default: warn)",
    )
    declare_markdown(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the verdicts.

    Raises
    ------
    HarnessError
        A file cannot be read, or a rule cannot be judged.
    """
    from tst_harness.errors import ReportError
    from tst_harness.gates.judge import Gate, judge
    from tst_harness.gates.reference import read_reference, read_snapshot, reference_path
    from tst_harness.report.files import read_report
    from tst_harness.report.names import run_name
    from tst_harness.views.gates import gate_lines
    from tst_harness.views.markdown import is_wanted

    snapshot = read_snapshot(arguments.report)
    benchmark = snapshot.about.benchmark
    gates = [Gate(benchmark, parse_gate(text).of(benchmark), "option") for text in arguments.rules]
    models = () if snapshot.models is None else (MODELS,)
    there = (*snapshot.about.diagnostics, *snapshot.incomplete, *models)
    for gate in gates:
        gate.rule.check_benchmark([benchmark])
        if gate.rule.analysis not in there:
            problem = f"{arguments.report} has no {gate.rule.analysis}{suggestion('', there)}"
            raise gate.rule.error("analysis", problem)
    reference = arguments.reference or reference_path(run_name(snapshot.about), arguments.report.parent)
    judged = judge(gates, {benchmark: snapshot}, lambda _: read_reference(reference))
    if judged.problems:
        raise ReportError("; ".join(judged.problems))
    for line in gate_lines(judged.gates):
        print(line.text)
    if is_wanted(arguments.markdown):
        write_summary(read_report(arguments.report), judged.gates, arguments.markdown)
    verdicts: set[str] = {gate.verdict for gate in judged.gates}
    if gates_fail(verdicts, arguments.inconclusive):
        return ExitStatus.FAILED
    return ExitStatus.INCOMPLETE if snapshot.incomplete or "not judged" in verdicts else ExitStatus.OK
