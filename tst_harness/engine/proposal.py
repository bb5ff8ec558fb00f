"""The benchmark that a file or a Hub dataset amounts to, though nobody declared it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tst_harness.benchmark.declarations import (
    Benchmark,
    Choice,
    Columns,
    HubDataset,
    LocalFile,
    Number,
)
from tst_harness.dataset.answers import text_of
from tst_harness.dataset.hub_id import hub_dataset
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.provenance import InvalidRow
from tst_harness.dataset.reading import SUFFIXES
from tst_harness.dataset.recognition import Asked, read_sheet, recognise
from tst_harness.dataset.recognition.labels import says_something
from tst_harness.dataset.recognition.sheet import Sheet
from tst_harness.dataset.sources import resolve
from tst_harness.diagnostics.forest.templates import find_templates
from tst_harness.errors import DataError

_ARTICLES = ("a", "an", "the")
_SHORTEST_NAME = 4


class Proposed(NamedTuple):
    """A benchmark as it was recognised, and its questions.

    `dataset` was read before patterns were found: its own `benchmark` has none.
    """

    benchmark: Benchmark
    dataset: Dataset


def propose(
    data: str,
    name: str,
    columns: Asked,
    data_dir: Path | None = None,
    *,
    keep_invalid: bool = False,
    show: Callable[[list[str]], None] | None = None,
) -> Proposed:
    """Recognise what the columns of a file mean, and find templates in its questions.

    Parameters
    ----------
    data
        A file, or a dataset on the Hub: OWNER/NAME[@REVISION][:FILE].
    name
        Of the benchmark.
    columns
        What the user settled.
    data_dir
        Where a Hub dataset is looked for first.
    keep_invalid
        Accept invalid rows, which the dataset then leaves out.
    show
        Is given the recognised columns, a line each, before the questions are read.

    Raises
    ------
    HarnessError
        The data cannot be had or read, what its columns mean is ambiguous, or, unless `keep_invalid`, a
        row is invalid for more than the lack of a label.
    """
    source = source_of(data)
    # Only the name and the source matter for finding the files.
    sought = Benchmark(name, source, Columns(text="question", answer="answer"), [Number(name)])
    resolved = resolve(sought, data_dir, require_real=True)
    sheet = read_sheet(resolved.files, resolved.location)
    recognised = recognise(sheet, source, name, columns)
    if show is not None:
        show(recognised.lines)
    dataset = load(recognised.benchmark, data_dir, require_real=True, skip_invalid=True)
    unlabelled = all(_lacks_label(row, sheet, recognised.benchmark) for row in dataset.source.skipped)
    if not (keep_invalid or unlabelled):
        load(recognised.benchmark, data_dir, require_real=True)
    return Proposed(_with_patterns(dataset), dataset)


def source_of(data: str) -> LocalFile | HubDataset:
    """Return the source that a path or an id on the Hub names.

    Raises
    ------
    DataError
        There is no such file, or it is a folder, or the id makes no sense.
    """
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


def name_for(data: str) -> str:
    """Return a name for the benchmark in a file: the file's own, in small letters."""
    stem = data.partition(":")[0].partition("@")[0]
    stem = Path(stem if not Path(data).is_file() else data).stem
    return re.sub("[^a-z0-9]+", "_", stem.lower()).strip("_") or "questions"


def _lacks_label(row: InvalidRow, sheet: Sheet, benchmark: Benchmark) -> bool:
    """Whether all that is wrong with a row is that nobody gave it a label, as NLI sets say with "-" or -1."""
    answer = benchmark.columns.answer
    labelled = any(isinstance(declared, Choice) and declared.labels for declared in benchmark.question_types)
    text = (text_of(sheet.columns[answer].values[row.row - 1]) or "").strip()
    return labelled and row.field == answer and (text.startswith("-") or not says_something(text))


def _with_patterns(dataset: Dataset) -> Benchmark:
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
