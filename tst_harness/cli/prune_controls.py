"""What `prune` measures a removal against, and the files that it leaves for others."""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.activity import doing, far
from tst_harness.analysis.names import FOREST, LLM, WORDS
from tst_harness.errors import HarnessError
from tst_harness.report.paths import shown

if TYPE_CHECKING:
    from tst_harness.engine.experiment import Experiment
    from tst_harness.pruning.controls_schema import Controls
    from tst_harness.pruning.measure import RemovedList
    from tst_harness.pruning.schema import PruningReport

COMPARISON = "comparison.json"
DATA_CARD = "data_card.md"

_NONE = "none"
_SIZES = ("budget", "fraction", "budgets", "until_chance", "tau")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    controls = parser.add_argument_group("controls")
    controls.add_argument(
        "--compare",
        nargs="+",
        type=Path,
        default=[],
        metavar="LIST",
        help="measure lists of removed ids (text, one id per line; a JSON list; JSON Lines with id) in the "
        "same way; without a size nothing is pruned",
    )
    controls.add_argument(
        "--judge",
        choices=[WORDS, FOREST, LLM, _NONE],
        help="another diagnostic that scores the remaining questions (default: words, a bag-of-words model, "
        "for forest; forest for llm)",
    )
    controls.add_argument(
        "--judge-limit",
        type=int,
        metavar="N",
        help="let it score a stratified, seeded subset of N questions before and after",
    )
    controls.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="a model's results with the image, in any form that `tst-harness models` reads",
    )
    controls.add_argument(
        "--results-blind", type=Path, metavar="FILE", help="the same model's results without the image"
    )
    controls.add_argument("--percent", action="store_true", help="the scores in these files are per cent")
    controls.add_argument(
        "--allow-missing",
        action="store_true",
        help="go on where less than nine tenths of the questions have results",
    )
    controls.add_argument(
        "--no-controls", action="store_true", help="skip random removals and the other diagnostic"
    )
    export = parser.add_argument_group("the pruned benchmark")
    export.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="write the benchmark's rows to FILE.jsonl or FILE.parquet, in their order and with all columns",
    )
    export.add_argument(
        "--export-as",
        choices=["column", "split"],
        default="column",
        help="all rows with a column `pruned`, or those that are kept (default: column)",
    )


def prunes(arguments: argparse.Namespace) -> bool:
    """Whether anything is pruned, and not only compared.

    Raises
    ------
    HarnessError
        Arguments that contradict each other.
    """
    sized = any(getattr(arguments, name) is not None for name in _SIZES)
    if arguments.export is not None and arguments.compare and not sized:
        raise HarnessError(
            "--export writes a pruned benchmark; say how much to prune, for example with --budget N"
        )
    given = [
        f"--{name.replace('_', '-')}"
        for name in ("compare", "judge", "judge_limit", "results")
        if getattr(arguments, name)
    ]
    if arguments.no_controls and given:
        raise HarnessError(f"--no-controls contradicts {given[0]}; give only one of them")
    if arguments.results_blind is not None and arguments.results is None:
        raise HarnessError("--results-blind needs the results with the image, too: --results FILE")
    if arguments.results is None and (arguments.percent or arguments.allow_missing):
        option = "--percent" if arguments.percent else "--allow-missing"
        raise HarnessError(f"{option} is about a model's results; give them with --results FILE")
    if arguments.judge_limit is not None and arguments.judge_limit < 1:
        raise HarnessError(f"--judge-limit {arguments.judge_limit} leaves nothing to judge; use 1 or more")
    return sized or not arguments.compare


def judge_of(arguments: argparse.Namespace, diagnostic: str) -> str | None:
    """The diagnostic that judges what another one leaves.

    Raises
    ------
    HarnessError
        It is the same.
    """
    from tst_harness.pruning.rediagnosis import other_diagnostic

    judge: str = arguments.judge or other_diagnostic(diagnostic)
    if judge == diagnostic:
        raise HarnessError(f"--judge {judge} is also what ranks the questions; choose another one, or none")
    return None if judge == _NONE or arguments.no_controls else judge


class ControlPlan:
    """What is measured beside a pruning, or without one; all files are read, and refused, at once.

    Parameters
    ----------
    arguments
        Those of the command.
    experiment
        The benchmark.
    diagnostic
        What chooses the questions.

    Attributes
    ----------
    recognised
        What a model's results were recognised as, in sentences.

    Raises
    ------
    HarnessError
        A list, results or the export make no sense.
    """

    def __init__(self, arguments: argparse.Namespace, experiment: "Experiment", diagnostic: str) -> None:
        import numpy as np

        from tst_harness.pruning.export import Export
        from tst_harness.pruning.lists import read_list
        from tst_harness.pruning.measure import Measurement, RemovedList, Scorer
        from tst_harness.pruning.rediagnosis import Rediagnosis
        from tst_harness.pruning.vision import Results

        dataset, settings = experiment.dataset, experiment.settings
        name = dataset.benchmark.name
        self._experiment = experiment
        self._controlled = not arguments.no_controls
        self._lists = [
            RemovedList(path.name, read_list(path, dataset.frame, name)) for path in arguments.compare
        ]
        results = None
        if arguments.results is not None:
            results = Results.read(
                arguments.results,
                arguments.results_blind,
                dataset,
                percent=arguments.percent,
                allow_missing=arguments.allow_missing,
            )
        self.recognised = [] if results is None else results.recognised
        self._export = None
        if arguments.export is not None:
            if settings.null_control or settings.limit is not None:
                raise HarnessError(
                    "--export needs the whole benchmark with its own answers; leave out --tst-null "
                    "and --tst-limit"
                )
            self._export = Export(
                arguments.export, arguments.export_as, dataset, settings.data_dir, settings.require_real
            )
        self._name = name
        self._rediagnosis = Rediagnosis(experiment, diagnostic)
        judge = None
        if (other := judge_of(arguments, diagnostic)) is not None:
            rediagnosis = Rediagnosis(experiment, other, zero_shot=False)
            judge = Scorer(rediagnosis, arguments.judge_limit, self._count)
            judge.subset(np.arange(len(dataset.frame)))
        scorer = Scorer(self._rediagnosis, on_diagnosis=self._count)
        self._measurement = Measurement(dataset, settings.seed, scorer, judge, results)

    def compare(self, output: Path) -> list[str]:
        """Measure the lists alone, write `comparison.json`, and return what there is to say."""
        from tst_harness.pruning.controls_schema import Comparison
        from tst_harness.report.files import canonical_json, write_atomically
        from tst_harness.report.schema import RunReport
        from tst_harness.views.pruning import title
        from tst_harness.views.pruning_controls import control_lines

        started, clock = datetime.now(UTC), time.perf_counter()
        controls = self._measured(self._lists)
        origin = self._rediagnosis.origin
        comparison = Comparison(
            benchmark=origin.benchmark,
            title=origin.title,
            source=origin.source,
            null_control=origin.null_control,
            diagnosis=origin.settings,
            diagnostic_settings=origin.diagnostic_settings,
            versions=origin.versions,
            controls=controls,
            run=RunReport(
                started=started.isoformat(timespec="seconds"),
                seconds=round(time.perf_counter() - clock, 3),
                command=sys.argv,
            ),
        )
        path = output / COMPARISON
        write_atomically(path, canonical_json(comparison.model_dump(mode="json"), indent=2))
        heading = title(comparison, "lists of removed questions", controls.diagnostic)
        return ["", heading, *control_lines(controls), f"comparison: {shown(path)}"]

    def complete(self, report: "PruningReport", output: Path) -> list[str]:
        """Measure a pruning beside the lists, write the files for others, and return what there is to say."""
        from tst_harness.pruning.files import write_pruning
        from tst_harness.pruning.lists import IdPlaces
        from tst_harness.pruning.luck import change_by_luck
        from tst_harness.pruning.measure import RemovedList
        from tst_harness.report.files import write_atomically
        from tst_harness.views.data_card import data_card
        from tst_harness.views.pruning_controls import PRUNED, control_lines

        lines = []
        places = IdPlaces(report.benchmark, self._experiment.dataset.frame["id"].tolist())
        removed = RemovedList(PRUNED, places.rows([("removed", id_) for id_ in report.removed]))
        lists = [removed, *self._lists] if report.removed else self._lists
        if self._controlled and lists:
            controls = self._measured(lists)
            with doing(f"{self._name}: the same pruning with answers permuted"):
                controls = controls.model_copy(update={"by_luck": change_by_luck(self._experiment, report)})
            report = report.model_copy(update={"controls": controls})
            write_pruning(output, report)
            lines += control_lines(controls)
        write_atomically(output / DATA_CARD, data_card(report))
        if self._export is not None:
            rows = self._export.write(removed.rows)
            lines.append(f"export: {shown(self._export.path)}, {rows:,} rows")
        return lines

    def _measured(self, lists: "list[RemovedList]") -> "Controls":
        from tst_harness.views.progress import progress_bar

        total = self._measurement.diagnoses(len(lists))
        name = f"{self._name}: controls"
        with doing(name), progress_bar(name, "diagnoses", sys.stderr.isatty(), total) as self._bar:
            return self._measurement.controls(lists)

    def _count(self) -> None:
        self._bar.update()
        far(f"{self._bar.n} of {self._bar.total} diagnoses")
