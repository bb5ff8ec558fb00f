"""Prune a benchmark: repeatedly remove the most exploitable questions and diagnose the rest."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from tst_harness.activity import doing
from tst_harness.analysis.names import FOREST, LLM
from tst_harness.analysis.units import BOTH
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.benchmark.pruning import Allocation, PruningSettings, Rank
from tst_harness.cli import proposal, prune_controls
from tst_harness.cli.proposal import declare_folder
from tst_harness.engine.results import ExitStatus
from tst_harness.engine.settings import Settings
from tst_harness.errors import HarnessError
from tst_harness.integrations.pytest.declared import Declared, collect
from tst_harness.report.paths import shown

PASSES_ON = True
"""Arguments that are not declared here are pytest's: --tst-folds, --tst-seed, --tst-split grouped, ..."""

_SETTINGS = tuple(PruningSettings.model_fields)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments; those of `PruningSettings` have its names."""
    proposal.add_arguments(
        parser, "NAME|FILE", "the name of a declared benchmark; or a file to be recognised, as by audit: "
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help="folder for the results (default: reports/NAME.pruned)"
    )
    declare_folder(parser)
    parser.add_argument(
        "--fresh", action="store_true", help="start over, even if the output folder holds a pruning"
    )
    parser.add_argument(
        "--diagnostic",
        choices=["forest", "llm"],
        help="the diagnostic that ranks questions (default: forest)",
    )
    size = parser.add_argument_group("how many questions to remove, and when to stop")
    size.add_argument("--budget", type=int, metavar="N", help="number of questions to remove")
    size.add_argument("--fraction", type=float, metavar="X", help="the share to remove, between 0 and 1")
    size.add_argument(
        "--budgets", type=_budgets, metavar="NAME=N,...", help="by format (mc, num) or by question type"
    )
    size.add_argument(
        "--until-chance",
        action="store_true",
        default=None,
        help="stop when the remaining gain over the blind baseline is not significant",
    )
    size.add_argument(
        "--tau", type=float, metavar="X", help="never remove a question with a rank score of X or less"
    )
    size.add_argument(
        "--force",
        action="store_true",
        default=None,
        help="remove questions even where the diagnostic finds no significant gain",
    )
    size.add_argument(
        "--min-per-type", type=int, metavar="N", help="questions that each type keeps (default: 10)"
    )
    size.add_argument(
        "--min-per-answer", type=int, metavar="N", help="questions of each answer in a type (default: 0)"
    )
    which = parser.add_argument_group("which questions to remove")
    which.add_argument(
        "--allocation",
        choices=get_args(Allocation),
        help="what the budget is split over, in proportion to size (default: format)",
    )
    which.add_argument(
        "--rank",
        choices=get_args(Rank),
        help="s(x) minus the blind baseline (excess, the default), s(x) alone (raw, as in the paper), minus "
        "zero-shot (gain, the default of llm), or its lower bound over repeats minus the blind baseline "
        "(lower)",
    )
    which.add_argument(
        "--batch",
        type=int,
        metavar="N",
        help="questions removed per format or type between diagnoses (default: 50)",
    )
    prune_controls.add_arguments(parser)
    parser.epilog = "Other arguments are those of pytest: --tst-folds 10, --tst-split grouped, ..."


def run(arguments: argparse.Namespace) -> int:
    """Prune, print each type before and after, and say where the results are."""
    from tst_harness.engine.session import Session
    from tst_harness.pruning.loop import prune_experiment
    from tst_harness.views.progress import follow_pruning, progress_bar
    from tst_harness.views.pruning import summary_lines

    settings_given = {
        name: getattr(arguments, name) for name in _SETTINGS if getattr(arguments, name) is not None
    }
    prunes = prune_controls.prunes(arguments)
    if prunes and not settings_given.keys() & {"budget", "fraction", "budgets", "until_chance", "tau"}:
        raise HarnessError(
            "nothing says when to stop; give --budget, --fraction, --budgets, --until-chance or --tau"
        )
    with _declared(arguments) as (benchmark, options):
        [diagnostic, *others] = options.diagnostics
        if others and others != [arguments.judge]:
            raise HarnessError("a pruning uses a single diagnostic; choose it with --diagnostic")
        if options.split == BOTH:
            raise HarnessError("a pruning uses a single split, random or grouped; leave out both")
        if options.ray is not None:
            raise HarnessError("a pruning cannot be sent to a Ray cluster; leave out --tst-ray")
        settings = PruningSettings(**{**settings_given, "diagnostic": diagnostic}) if prunes else None
        prune_controls.judge_of(arguments, diagnostic)  # Refused before any data are read.
        if expectation := options.expectation():
            print(f"note: {expectation}", flush=True)
        output = arguments.output or options.report_dir / f"{benchmark.name}.pruned"
        try:
            with Session(options) as session:
                experiment = session.experiment(benchmark)
                plan = prune_controls.ControlPlan(arguments, experiment, diagnostic)
                for line in plan.recognised:
                    print(line, flush=True)
                if settings is None:
                    lines = plan.compare(output)
                else:
                    name = f"{benchmark.name}: pruning"
                    with doing(name), progress_bar(name, "questions", sys.stderr.isatty()) as bar:
                        fresh = arguments.fresh or options.fresh
                        report = prune_experiment(experiment, settings, output, fresh, follow_pruning(bar))
                    lines = [text for text, _ in summary_lines(report)]
                    lines += plan.complete(report, output)
                    lines.append(f"report, removed and kept ids: {shown(output)}")
        except KeyboardInterrupt:
            print("\nstopped; the same command continues", file=sys.stderr)
            return ExitStatus.INCOMPLETE
    print("\n".join(lines))
    return ExitStatus.OK


@contextmanager
def _declared(arguments: argparse.Namespace) -> Iterator[tuple[Benchmark, Settings]]:
    """Yield the benchmark that is named, or that a file amounts to, and the options."""
    passed_on = list(arguments.passed_on)
    if arguments.judge == LLM and arguments.diagnostic != LLM:
        # Its options make sense only where it is among the diagnostics.
        passed_on.append(f"--tst-diagnostic={arguments.diagnostic or FOREST},{LLM}")
    elif arguments.diagnostic is not None:
        passed_on.append(f"--tst-diagnostic={arguments.diagnostic}")
    if arguments.tst_data:
        passed_on.append(f"--tst-data={arguments.tst_data}")
    if arguments.strict:
        passed_on.append("--tst-faults=stop")
    if proposal.is_name(arguments.data):
        declared = collect(arguments.benchmarks, passed_on)
        yield declared.named(arguments.data), _options(declared)
        return
    proposed = proposal.propose(arguments)
    with tempfile.TemporaryDirectory(prefix="tst-prune-") as folder:
        proposed.write(Path(folder))
        declared = collect(Path(folder), ["--tst-report=reports", *passed_on])
        yield declared.named(proposed.name), _options(declared)


def _options(declared: Declared) -> Settings:
    assert declared.options is not None
    return declared.options


def _budgets(text: str) -> dict[str, int]:
    """Read "mc=100,num=100"."""
    budgets = {}
    for part in text.split(","):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or not number.isdecimal() or name in budgets:
            raise argparse.ArgumentTypeError(f"{part!r} is no NAME=N with a name of its own")
        budgets[name] = int(number)
    return budgets
