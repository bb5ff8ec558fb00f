"""What `audit` and `init` share: from a file or a Hub dataset to a benchmark module and its text."""

import argparse
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from tst_harness.benchmark.declarations import (
    AnswerForm,
    Benchmark,
    Choice,
    Columns,
    HubDataset,
    LocalFile,
    NotScored,
    Number,
)
from tst_harness.dataset.provenance import InvalidRow
from tst_harness.errors import DataError

if TYPE_CHECKING:
    from tst_harness.dataset.loading import Dataset
    from tst_harness.dataset.recognition.sheet import Sheet

_ROLES = {
    "question": "the questions",
    "answer": "the gold answers",
    "type": "the question types ('' for none)",
    "group": "what questions share outside the text: a scene, an image, a video ('' for none)",
    "id": "the ids ('' to derive them from the content)",
}
_ARTICLES = ("a", "an", "the")
_SHORTEST_NAME = 4


@dataclass(frozen=True)
class Proposal:
    """A module that declares the benchmark that a file amounts to.

    Attributes
    ----------
    name
        Of the benchmark.
    text
        The module.
    invalid
        How many rows are invalid, in words; None where all are valid.
    """

    name: str
    text: str
    invalid: str | None

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write a project of this module alone, and return its ini file and the module."""
        ini, module = folder / "pytest.ini", folder / f"test_{self.name}.py"
        ini.write_text("[pytest]\n", encoding="utf-8")
        module.write_text(self.text, encoding="utf-8")
        return ini, module


def add_arguments(parser: argparse.ArgumentParser, metavar: str = "FILE", also: str = "") -> None:
    """Declare the data, which may be `also` something else, and the flags that settle what columns mean."""
    parser.add_argument(
        "data",
        metavar=metavar,
        help=f"{also}JSON Lines, JSON, CSV, TSV or Parquet; or a dataset on the Hugging Face Hub: "
        "OWNER/NAME[@REVISION][:FILE]",
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
        "--answers", choices=get_args(AnswerForm), help="how answers refer to options, if ambiguous"
    )
    parser.add_argument(
        "--format", choices=["mc", "num"], help="answers without options are labels (mc) or numbers (num)"
    )
    parser.add_argument("--name", help="name of the benchmark (default: the file name)")
    parser.add_argument("--tst-data", metavar="DIR", help="look for a Hub dataset in DIR/<folder> first")
    parser.add_argument(
        "--tst-skip-invalid", action="store_true", help="skip rows that cannot be read, and count them"
    )


def propose(arguments: argparse.Namespace, keep_invalid: bool) -> Proposal:
    """Recognise the columns and say so, find templates in the questions, and write the module.

    Raises
    ------
    HarnessError
        The data cannot be had or read, what its columns mean is ambiguous, or, unless `keep_invalid`, a
        row is invalid for more than the lack of a label.
    """
    from tst_harness.cli.module_text import module_text
    from tst_harness.dataset.loading import load
    from tst_harness.dataset.recognition import Asked, read_sheet, recognise
    from tst_harness.dataset.sources import resolve

    folder = arguments.tst_data or os.environ.get("TST_DATA_DIR")
    data_dir = Path(folder) if folder else None
    source = _source(arguments.data)
    name = name_of(arguments)
    # Only the name and the source matter for finding the files.
    sought = Benchmark(name, source, Columns(text="question", answer="answer"), [Number(name)])
    resolved = resolve(sought, data_dir, require_real=True)
    asked = Asked(
        **{role: getattr(arguments, role) for role in (*_ROLES, "answers", "format")},
        options=_names(arguments.options),
    )
    sheet = read_sheet(resolved.files, resolved.location)
    recognised = recognise(sheet, source, name, asked)
    _say(recognised.lines)
    dataset = load(recognised.benchmark, data_dir, require_real=True, skip_invalid=True)
    unlabelled = all(_lacks_label(row, sheet, recognised.benchmark) for row in dataset.source.skipped)
    if not (keep_invalid or unlabelled):
        load(recognised.benchmark, data_dir, require_real=True)
    benchmark = _with_patterns(dataset)
    n = len(dataset.frame)
    types = len(benchmark.scored_types)
    about = f"{name}: {n:,} questions in {types} type{'s' * (types > 1)}, as tst-harness recognised them."
    return Proposal(name, module_text(benchmark, about, _comments(benchmark)), _invalid(dataset))


def _lacks_label(row: InvalidRow, sheet: "Sheet", benchmark: Benchmark) -> bool:
    """Whether all that is wrong with a row is that nobody gave it a label, as NLI sets say with "-" or -1."""
    from tst_harness.dataset.answers import text_of
    from tst_harness.dataset.recognition.labels import says_something

    answer = benchmark.columns.answer
    labelled = any(isinstance(declared, Choice) and declared.labels for declared in benchmark.question_types)
    text = (text_of(sheet.columns[answer].values[row.row - 1]) or "").strip()
    return labelled and row.field == answer and (text.startswith("-") or not says_something(text))


def _say(lines: list[str]) -> None:
    """Print lines, whatever the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _names(values: list[str] | None) -> tuple[str, ...] | None:
    if values is None:
        return None
    return tuple(name for names in values for name in names.split(","))


def _source(data: str) -> LocalFile | HubDataset:
    from tst_harness.dataset.hub_id import hub_dataset
    from tst_harness.dataset.reading import SUFFIXES

    path = Path(data)
    if path.is_file():
        here = Path.cwd()
        inside = path.is_absolute() and path.is_relative_to(here)
        return LocalFile((path.relative_to(here) if inside else path).as_posix())
    if path.is_dir():
        raise DataError(f"{data}: is a folder; name a file in it")
    if path.suffix.lower() in SUFFIXES and ":" not in data:
        raise DataError(f"there is no file {data!r}")
    return hub_dataset(data)


def name_of(arguments: argparse.Namespace) -> str:
    """What the benchmark is called: as asked, or as its file."""
    if arguments.name is not None:
        return str(arguments.name)
    stem = arguments.data.partition(":")[0].partition("@")[0]
    stem = Path(stem if not Path(arguments.data).is_file() else arguments.data).stem
    return re.sub("[^a-z0-9]+", "_", stem.lower()).strip("_") or "questions"


def _with_patterns(dataset: "Dataset") -> Benchmark:
    """The benchmark with its content pinned, and a pattern for each type that templates were found for."""
    frame, benchmark = dataset.frame, dataset.benchmark
    texts = {str(name): rows["text"].tolist() for name, rows in frame.groupby("type", sort=False)}
    types = [
        declared.model_copy(update={"pattern": _pattern(texts[declared.name])})
        if declared.name in texts
        else declared
        for declared in benchmark.question_types
    ]
    source = benchmark.source.model_copy(update={"content": dataset.source.fingerprint.content})
    return benchmark.model_copy(update={"question_types": tuple(types), "source": source})


def _pattern(texts: list[str]) -> str | None:
    """The template of a type's questions, its slots named after the words before them.

    None where they have none, or several: those the forest tells apart better than one pattern can.
    """
    from tst_harness.diagnostics.forest.templates import find_templates

    templates = find_templates(texts)
    if len(templates) != 1:
        return None
    [template] = templates
    pattern = template.pattern
    named: set[str] = set()
    for slot, around in template.slots.items():
        name = _identifier(around.partition("...")[0]) or slot
        name = name if name not in named else f"{name}_{slot.removeprefix('slot')}"
        named.add(name)
        pattern = pattern.replace(f"(?P<{slot}>", f"(?P<{name}>")
    return pattern


def _identifier(words: str) -> str:
    """The last two words of several, joined; "" where they say too little."""
    kept = [word for word in re.findall("[a-z]+", words.lower()) if word not in _ARTICLES]
    name = "_".join(kept[-2:])
    return name if len(name) >= _SHORTEST_NAME else ""


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


def _invalid(dataset: "Dataset") -> str | None:
    skipped = dataset.source.skipped
    if not skipped:
        return None
    first = skipped[0]
    return (
        f"invalid rows: {len(skipped):,} of {dataset.source.rows:,}, the first: row {first.row}, field "
        f"{first.field!r}: {first.problem}"
    )
