"""Put models' results beside the bias of a report: whose score leans on the text."""

import argparse
import shutil
from pathlib import Path

from tst_harness.cli.summary import declare_markdown, write_summary
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import DataError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the report, and the results."""
    parser.add_argument("report", type=Path, metavar="REPORT.json", help="a report, its samples beside it")
    parser.add_argument(
        "--results",
        action="append",
        type=_named,
        required=True,
        metavar="NAME=FILE",
        help="a model's answers: a log of lmms-eval, lm-eval, VLMEvalKit (.xlsx, .tsv), inspect_ai, "
        "lighteval, OpenCompass, HELM or evalscope; JSON, JSON Lines or CSV with an id and a prediction, a "
        "response or a score; may be given again",
    )
    parser.add_argument(
        "--blind",
        action="append",
        type=_named,
        default=[],
        metavar="NAME=FILE",
        help="the same model's answers without picture, as of `tst-harness blind`; may be given again",
    )
    parser.add_argument(
        "--percent",
        action="append",
        default=[],
        metavar="NAME",
        help="the scores in this model's files are per cent",
    )
    parser.add_argument(
        "--allow-missing",
        action="store_true",
        help="go on where less than nine tenths of the questions have an answer",
    )
    parser.add_argument(
        "--removed", type=Path, metavar="FILE", help="a pruning list, to rank models without its questions"
    )
    declare_markdown(parser)
    parser.add_argument("--diagnostic", metavar="NAME", help="whose s(x) is meant (default: the forest's)")


def run(arguments: argparse.Namespace) -> int:
    """Say what was recognised, print the table, and write the report again with the models in it.

    Raises
    ------
    HarnessError
        A file cannot be read or written, or results are of another test set.
    """
    from tst_harness.api.models import read_models
    from tst_harness.api.report import Report
    from tst_harness.report.files import canonical_json, read_report, write_atomically
    from tst_harness.report.models import write_answers
    from tst_harness.report.paths import shown
    from tst_harness.report.questions import questions_beside
    from tst_harness.report.sample_files import read_samples_of
    from tst_harness.views.html import write_page
    from tst_harness.views.models import model_lines
    from tst_harness.views.zero_shot import zero_shot_lines, zero_shot_of

    path: Path = arguments.report
    content = read_report(path)
    # Without the answers of models that were read before, which are replaced, so they may be damaged, too.
    report = Report(content, read_samples_of(content, path), questions_beside(path))
    # Not by the door of Python, whose errors name its arguments.
    models = read_models(
        report.content,
        report.samples(),
        report.questions,
        _once(arguments.results, "--results"),
        _once(arguments.blind, "--blind"),
        percent=arguments.percent,
        allow_missing=arguments.allow_missing,
        removed=arguments.removed,
        diagnostic=arguments.diagnostic,
    )
    # All files before the first word, since who reads the words may stop, as `head` does; and the answers
    # before the report that speaks of them.
    report.put(models)
    answers = write_answers(path.stem, models.answers(), path.parent)
    write_atomically(path, canonical_json(report.content.model_dump(mode="json"), indent=2))
    page = write_page(report.html(), path.with_suffix(".html"))
    write_summary(report.content, report.content.gates, arguments.markdown)
    width = min(shutil.get_terminal_size().columns, 100)
    zero_shot = zero_shot_lines(zero_shot_of(report.content), width)
    tables = [*model_lines(models.content, width), *([""] if zero_shot else []), *zero_shot]
    print("\n".join([*models.recognised, "", *tables, ""]))
    print(f"report: {shown(path)}\nanswers: {shown(answers)}\npage: {shown(page)}")
    return ExitStatus.OK


def _named(text: str) -> tuple[str, Path]:
    name, equals, file = text.partition("=")
    if not equals or not name or not file:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, Path(file)


def _once(pairs: list[tuple[str, Path]], option: str) -> dict[str, Path]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(f"{option} {twice}=... is given twice; give each model a name of its own")
    return dict(pairs)
