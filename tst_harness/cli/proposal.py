"""What `audit` and `init` share: from a file or a Hub dataset to a benchmark module and its text."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tst_harness.benchmark.declarations import Benchmark, Choice, LocalFile, NotScored
from tst_harness.errors import DataError

if TYPE_CHECKING:
    from tst_harness.dataset.loading import Dataset
    from tst_harness.engine.proposal import Proposed

_ROLES = {
    "question": "the questions",
    "answer": "the gold answers",
    "type": "the question types ('' for none)",
    "group": "what questions share outside the text: a scene, an image, a video ('' for none)",
    "id": "the ids ('' to derive them from the content)",
}


@dataclass(frozen=True)
class Proposal:
    """A module that declares the benchmark that a file amounts to.

    Attributes
    ----------
    name
        Of the benchmark.
    text
        The module.
    faulty
        How many rows cannot be scored, in words; None where all can.
    """

    name: str
    text: str
    faulty: str | None

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write a project of this module alone, and return its ini file and the module."""
        module = folder / f"test_{self.name}.py"
        module.write_text(self.text, encoding="utf-8")
        return write_ini(folder), module


def write_ini(folder: Path) -> Path:
    """Write the ini file of a project in which nothing is set."""
    ini = folder / "pytest.ini"
    ini.write_text("[pytest]\n", encoding="utf-8")
    return ini


def add_arguments(parser: argparse.ArgumentParser, metavar: str = "FILE", also: str = "") -> None:
    """Declare the data, which may be `also` something else, and the flags that settle what columns mean."""
    parser.add_argument(
        "data",
        metavar=metavar,
        help=f"{also}JSON Lines, JSON, YAML, CSV, TSV, Parquet, Arrow or Excel, also compressed; a folder "
        "or an archive of them; or a dataset on the Hugging Face Hub: OWNER/NAME[@REVISION]"
        "[:FILE or :CONFIGURATION/SPLIT]",
    )
    for role, what in _ROLES.items():
        parser.add_argument(f"--{role}", metavar="COLUMN", help=f"the column of {what}")
    parser.add_argument(
        "--options",
        metavar="COLUMNS",
        action="append",
        help="the column of the options, or one column per option, separated by commas; the question column "
        "if options are part of its text ('' for none)",
    )
    parser.add_argument(
        "--answers",
        metavar="FORM|FILE",
        help="how answers refer to options, if ambiguous: letter, index (from 0), index1 or text; or "
        "the file of the answers, if they have their own",
    )
    parser.add_argument(
        "--format",
        choices=["mc", "num", "open", "multi"],
        help="questions with options have one right option (mc) or several (multi); answers without options "
        "are labels (mc), numbers (num) or texts (open)",
    )
    parser.add_argument(
        "--labels",
        metavar="LABELS",
        help="the labels of questions without options, separated by commas (default: those that occur)",
    )
    parser.add_argument("--name", help="name of the benchmark (default: the file name)")
    parser.add_argument("--tst-data", metavar="DIR", help="look for a Hub dataset in DIR/<folder> first")
    parser.add_argument("--strict", action="store_true", help="stop at the first row that cannot be scored")


def declare_folder(parser: argparse.ArgumentParser) -> None:
    """Declare the argument that says where the modules are."""
    parser.add_argument(
        "--benchmarks",
        type=Path,
        metavar="DIR",
        default=Path("benchmarks"),
        help="where the benchmark modules are (default: benchmarks)",
    )


def propose(arguments: argparse.Namespace, folder: Path | None = None, *, fixed: bool = True) -> Proposal:
    """Recognise the columns and say so, find templates in the questions, and write the module.

    Parameters
    ----------
    arguments
        As they were parsed.
    folder
        Where the module is to lie, at which the paths of files then start; None for the working directory.
    fixed
        Whether the module declares the fingerprint of the data, so that it takes no others.

    Raises
    ------
    HarnessError
        As `tst_harness.engine.proposal.propose` does.
    """
    from tst_harness.cli.module_text import module_text

    benchmark, dataset = recognised(arguments)
    if not fixed:
        free = benchmark.source.model_copy(update={"row_order": None, "content": None})
        benchmark = benchmark.model_copy(update={"source": free})
    if folder is not None and isinstance(source := benchmark.source, LocalFile):
        paths = {
            "path": _from(folder, source.path),
            "answers": source.answers and _from(folder, source.answers),
        }
        benchmark = benchmark.model_copy(update={"source": source.model_copy(update=paths)})
    n = len(dataset.frame)
    types = len(benchmark.scored_types)
    counted = f"{n:,} questions in {types} type{'s' * (types > 1)}"
    about = f"{benchmark.name}: {counted}, as tst-harness recognised them."
    return Proposal(benchmark.name, module_text(benchmark, about, _comments(benchmark)), _faulty(dataset))


def _from(folder: Path, path: str) -> str:
    """A path that starts at a folder, as it is written in a module."""
    return path if Path(path).is_absolute() else Path(os.path.relpath(path, folder)).as_posix()


def recognised(arguments: argparse.Namespace) -> "Proposed":
    """Recognise the columns and say so, and find templates in the questions.

    Raises
    ------
    HarnessError
        As `tst_harness.engine.proposal.propose` does.
    """
    from tst_harness.engine.proposal import propose as propose_benchmark

    folder = arguments.tst_data or os.environ.get("TST_DATA_DIR")
    given = {role: getattr(arguments, role) for role in (*_ROLES, "format")}
    return propose_benchmark(
        arguments.data,
        name_of(arguments),
        {**given, "options": _names(arguments.options), "labels": arguments.labels},
        Path(folder) if folder else None,
        answers=arguments.answers,
        faults="stop" if arguments.strict else "report",
        show=_say,
    )


def is_name(data: str) -> bool:
    """Whether data are the name of a declared benchmark, rather than a file or a dataset on the Hub."""
    from tst_harness.dataset.opening import READABLE

    path = Path(data)
    return "/" not in data and not path.is_file() and not path.name.lower().endswith(READABLE)


def _say(lines: list[str]) -> None:
    """Print lines, whatever the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _names(values: list[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    columns = tuple(name for names in values for name in names.split(","))
    if len(columns) > 1 and not all(name.strip() for name in columns):
        raise DataError(f"--options {','.join(columns)!r} has a column without a name; '' alone means none")
    return columns


def name_of(arguments: argparse.Namespace) -> str:
    """Return the name of the benchmark: as given, or that of its file."""
    from tst_harness.engine.proposal import name_for

    return name_for(arguments.data) if arguments.name is None else str(arguments.name)


def _comments(benchmark: Benchmark) -> list[str]:
    """What a person should decide."""
    types = benchmark.question_types
    comments = []
    if any(declared.pattern for declared in types):
        comments.append("Patterns were found in the questions: rename their slots and check what they miss.")
    if any(isinstance(declared, Choice) and (declared.labels or ())[:1] == ("0",) for declared in types):
        comments.append("Labels are codes from 0: replace them by what they stand for, in this order.")
    if any(isinstance(declared, NotScored) for declared in types):
        comments.append("Types with free-text answers are not scored.")
    return comments


def _faulty(dataset: "Dataset") -> str | None:
    left_out = dataset.source.left_out
    if not left_out:
        return None
    first = left_out[0]
    where = f"row {first.row}, field {first.field!r}: " if first.field else ""
    return f"faulty rows: {len(left_out):,} of {dataset.source.rows:,}, the first: {where}{first.problem}"
