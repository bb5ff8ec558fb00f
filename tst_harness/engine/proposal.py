"""The benchmark that a file or a Hub dataset amounts to, though nobody declared it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from tst_harness.activity import doing
from tst_harness.analysis.figures import counted
from tst_harness.benchmark.declarations import (
    AnswerForm,
    Benchmark,
    Columns,
    FaultPolicy,
    HubDataset,
    LocalFile,
    Number,
)
from tst_harness.dataset.examples import example_lines
from tst_harness.dataset.hub_id import hub_dataset
from tst_harness.dataset.inside import data_files, sheets_left
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.opening import DataFile, is_readable
from tst_harness.dataset.own_answers import answers_beside, tells_answers
from tst_harness.dataset.questions_beside import questions_of
from tst_harness.dataset.recognition import Asked, Recognised, read_sheet, recognise
from tst_harness.dataset.recognition.sheet import Sheet, with_own_answers
from tst_harness.dataset.sources import resolve, split_of
from tst_harness.dataset.table_text import encodings_told
from tst_harness.diagnostics.forest.templates import find_templates
from tst_harness.errors import DataError, NoAnswers
from tst_harness.suggestions import did_you_mean

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
    given: Mapping[str, Any],
    data_dir: Path | None = None,
    *,
    answers: str | None = None,
    faults: FaultPolicy = "report",
    show: Callable[[list[str]], None] | None = None,
) -> Proposed:
    """Recognise what the columns of a file mean, and find templates in its questions.

    Parameters
    ----------
    data
        A file, a folder, or a dataset on the Hub: OWNER/NAME[@REVISION][:FILE or :CONFIGURATION/SPLIT].
    name
        Of the benchmark.
    given
        What the user settled: fields of `dataset.recognition.Asked` but `answers`; None where they are to be
        recognised. `labels` may be parted by commas.
    data_dir
        Where a Hub dataset is looked for first.
    answers
        How answers refer to options, if ambiguous, or the file of the answers, if they have their own.
    faults
        Whether rows that cannot be scored are left out ("report") or are an error ("stop").
    show
        Is given what was recognised, in lines.

    Raises
    ------
    HarnessError
        The data cannot be had or read, what its columns mean is ambiguous, or a row cannot be scored and
        `faults` is "stop".
    """
    is_form = answers in get_args(AnswerForm)
    source = source_of(data, None if is_form else answers)
    given = {**given, "labels": _labels(given.get("labels"))}
    columns = Asked(**given, answers=cast("AnswerForm", answers) if is_form else None)
    try:
        recognised, lines = _recognised(source, name, columns, data_dir)
    except NoAnswers:
        path = Path(data)
        other = split_of(_from_here(path), "validation") if path.exists() else None
        if other is None or (answers is not None and not is_form):
            raise
        recognised, lines = _recognised(LocalFile(other), name, columns, data_dir)
        lines.append(f"guess: the test split has no answers, so {other} is read; name a file for another")
    path = Path(data)
    if isinstance(source, LocalFile) and path.is_dir() and (chosen := questions_of(path)) is not None:
        lines += [f"guess: {chosen.told(data)}"] * source.path.endswith(chosen.pattern)
    if isinstance(source, LocalFile) and path.exists() and _is_validation(source, path):
        lines.append(f"guess: there is no test split, so {source.path} is read; name a file for another")
    if show is not None:
        show(lines)
    with doing(f"reading the questions of {data}"):
        dataset = load(recognised.benchmark, data_dir, require_real=True, faults=faults)
        benchmark = _with_patterns(dataset)
    if show is not None:
        if dataset.source.kept_back:
            kept_back, rows = dataset.source.kept_back, counted(dataset.source.rows, "row")
            show([f"answers are kept back in {kept_back:,} of {rows}"])
        show(example_lines(dataset))
    if dataset.source.left_out:
        benchmark = benchmark.model_copy(update={"faults": "report"})
    return Proposed(benchmark, dataset)


def _recognised(
    source: LocalFile | HubDataset, name: str, columns: Asked, data_dir: Path | None
) -> tuple[Recognised, list[str]]:
    """What the columns of a source are, and the lines that say so."""
    # Only the name and the source matter for finding the files.
    sought = Benchmark(name, source, Columns(text="question", answer="answer"), [Number(name)])
    resolved = resolve(sought, data_dir, require_real=True)
    with doing(f"reading {resolved.location}"):
        sheet = read_sheet(resolved.files, resolved.location)
    if isinstance(source, LocalFile) and columns.answer is None:
        sheet, source, id_ = _with_own_answers(sheet, source, resolved.answers)
        columns = replace(columns, id=columns.id or id_)
    recognised = recognise(sheet, source, name, columns)
    lines = list(recognised.lines)
    lines += [f"guess: {guess}" for guess in (*sheets_left(resolved.files), *encodings_told(resolved.files))]
    if isinstance(source, LocalFile) and source.answers is not None:
        lines.append(f"answers from: {source.answers}")
    return recognised, lines


def _labels(labels: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if labels is None:
        return None
    named = tuple(label.strip() for label in (labels.split(",") if isinstance(labels, str) else labels))
    if len(named) < 2 or not all(named):
        raise DataError("--labels does not name two labels or more, as in --labels no,yes")
    return named


def _is_validation(source: LocalFile, path: Path) -> bool:
    return source.path == split_of(_from_here(path), "validation")


def source_of(data: str, answers: str | None = None) -> LocalFile | HubDataset:
    """Return the source that a path or an id on the Hub names, with the file of its answers.

    Raises
    ------
    DataError
        There is no such file, or the id makes no sense.
    """
    path = Path(data)
    if answers is not None and not any(place.is_file() for place in (Path(answers), *Path(answers).parents)):
        forms = get_args(AnswerForm)
        raise DataError(
            f"--answers {answers} is neither a file nor one of {', '.join(forms)}"
            f"{did_you_mean(answers, forms)}"
        )
    if path.exists():
        path = _from_here(path)
        split = split_of(path, "test") or split_of(path, "validation")
        chosen = questions_of(path) if split is None and path.is_dir() else None
        named = split or (path.as_posix() if chosen is None else f"{path.as_posix()}/{chosen.pattern}")
        return LocalFile(named, answers=answers)
    if any(parent.is_file() for parent in path.parents):
        return LocalFile(_from_here(path).as_posix(), answers=answers)
    if is_readable(data) and ":" not in data:
        there = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        # Files of one kind are alike in their endings.
        raise DataError(f"there is no file {data!r}{did_you_mean(path.name, there, alike=0.8)}")
    if answers is not None:
        raise DataError(
            f"--answers {answers} is a file, which a dataset on the Hub cannot be read with; download that "
            "first, and name its file"
        )
    return hub_dataset(data)


def _from_here(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path


def name_for(data: str) -> str:
    """Return a name for the benchmark in a file: the file's own, in small letters."""
    stem = data.partition(":")[0].partition("@")[0]
    stem = Path(stem if not Path(data).exists() else data).name.partition(".")[0]
    return re.sub("[^a-z0-9]+", "_", stem.lower()).strip("_") or "questions"


def _with_own_answers(
    sheet: Sheet, source: LocalFile, files: tuple[DataFile, ...]
) -> tuple[Sheet, LocalFile, str | tuple[str, ...] | None]:
    """The sheet with the answers of their own file, which is named, or stands beside one that has none.

    Raises
    ------
    DataError
        Several files beside may have them, or the one that is named has other ids.
    """
    if files:
        return _joined(sheet, source, files)
    path = Path(source.path)
    beside = [] if tells_answers(list(sheet.columns)) or not path.is_file() else answers_beside(path)
    if len(beside) > 1:
        names = ", ".join(other.name for other in beside)
        raise DataError(
            f"{sheet.name}: no column tells answers, and several files beside may ({names}); say which with "
            f"--answers {beside[0].as_posix()}"
        )
    if not beside:
        return sheet, source, None
    source = LocalFile(source.path, answers=beside[0].as_posix())
    return _joined(sheet, source, data_files(beside[0], beside[0].as_posix()))


def _joined(
    sheet: Sheet, source: LocalFile, files: tuple[DataFile, ...]
) -> tuple[Sheet, LocalFile, str | tuple[str, ...] | None]:
    joined, id_ = with_own_answers(sheet, read_sheet(files, files[0].name))
    return joined, source, id_


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
