"""Reads the records of a results file, whatever harness wrote it, and says what it was recognised as."""

import json
import zipfile
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from tst_harness.dataset.json_stream import pieces
from tst_harness.dataset.lines import is_lines
from tst_harness.dataset.opening import DataFile, not_json, open_bytes, open_text
from tst_harness.dataset.tables import batches
from tst_harness.dataset.unreadable import UNREADABLE
from tst_harness.errors import DataError
from tst_harness.results.fields import KEY, VALUE
from tst_harness.results.harnesses import harness_of, requests_of_helm

Source: TypeAlias = (
    "Path | str | pd.DataFrame | pd.Series[Any] | Iterable[Mapping[str, Any]] | Mapping[str, Any]"
)
"""A file, a table with a row a question, records, or answers by id."""

_PICKLES = (".pkl", ".pickle")
_TABLES = {".csv": "CSV", ".tsv": "TSV", ".xlsx": "Excel", ".parquet": "Parquet"}
_JSON = (".json", ".jsonl", ".ndjson")

_WITHOUT_SAMPLES = "is a log of inspect_ai without samples; give the whole log"
_SUMMARIES = (
    ({"eval", "plan"}, _WITHOUT_SAMPLES),
    ({"eval", "status"}, _WITHOUT_SAMPLES),
    (
        {"accuracy"},
        "has OpenCompass's accuracy and no answers; give the file of the same name in the folder predictions",
    ),
    (
        {"results", "config_general"},
        "has lighteval's scores of tasks and no answers; run it with --save-details and give the details, a "
        ".parquet file",
    ),
    (
        {"results", "configs"},
        "has the scores of tasks and no answers; run lm-eval or lmms-eval with --log_samples and give the "
        "samples_*.jsonl",
    ),
)
"""What documents hold that have no answers, and what to give instead."""
_WITHOUT_QUESTIONS = (
    (
        {"instance_id", "predicted_text"},
        "does not say what was asked; give HELM's scenario_state.json of the run",
    ),
    ({"instance_id", "stats"}, "has no answers; give HELM's scenario_state.json of the run"),
)


@dataclass(frozen=True)
class Entry:
    """A record of a file, and where it stands: "log.jsonl line 3"."""

    place: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Log:
    """The records of a file, at least one.

    Attributes
    ----------
    name
        What messages call the file.
    form
        What it was recognised as, in words.
    entries
        Its records, in order.
    notes
        What a reader should know of the file as a whole.
    """

    name: str
    form: str
    entries: list[Entry]
    notes: tuple[str, ...] = ()


def read_log(source: Source, name: str) -> Log:
    """Read a results file, or take records that are in memory.

    Parameters
    ----------
    source
        The file or the records.
    name
        What records in memory are called in messages.

    Raises
    ------
    DataError
        The file cannot be read, is empty or of a kind that is not read; one sentence says why.
    """
    if isinstance(source, str | Path):
        return _of_file(Path(source))
    if isinstance(source, pd.Series):
        return _log(name, "answers by id", _by_id(name, source.items()))
    if isinstance(source, pd.DataFrame):
        if not isinstance(source.index, pd.RangeIndex) and source.index.name not in source.columns:
            source = source.reset_index()
        cells = source.astype(object).where(source.notna(), None)
        columns = [str(column) for column in source.columns]
        rows = [dict(zip(columns, row, strict=True)) for row in cells.itertuples(index=False, name=None)]
        return _log(name, "table", [Entry(f"{name} row {at}", row) for at, row in enumerate(rows, 1)])
    if isinstance(source, Mapping):
        return _log(name, "records by id", _by_id(name, source.items()))
    entries = []
    for at, row in enumerate(source, 1):
        if not isinstance(row, Mapping):
            raise DataError(
                f"{name} record {at}: is no dict but of type {type(row).__name__}; give each an id and a "
                "prediction"
            )
        entries.append(Entry(f"{name} record {at}", dict(row)))
    return _log(name, "records", entries)


def _of_file(path: Path) -> Log:
    file = DataFile(path, path.name)
    if file.suffix in _PICKLES:
        raise DataError(
            f"{file.name}: is a pickle, which may run any program when it is read; VLMEvalKit writes the "
            "same table as .xlsx or .tsv, give that"
        )
    try:
        if not path.is_file():
            raise DataError(f"{path}: is not a file; correct the path")
        if file.is_empty():
            raise DataError(f"{file.name}: is empty, it has no answers")
        if file.suffix == ".eval":
            return _inspect_archive(path)
        if file.suffix in _JSON:
            return _of_lines(file) if is_lines(file) else _of_document(file)
        if file.suffix in _TABLES:
            rows = [row for batch in batches(file, None) for row in batch.records]
            lost = next((row[UNREADABLE] for row in rows if UNREADABLE in row), None)
            if lost is not None:
                raise DataError(f"{file.name} {lost}")
            form = _TABLES[file.suffix]
            return _log(
                file.name, form, [Entry(f"{file.name} row {at}", row) for at, row in enumerate(rows, 1)]
            )
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}; correct the path") from None
    known = ", ".join([*_JSON, *_TABLES, ".eval"])
    raise DataError(f"{file.name}: cannot read results from {file.suffix!r} files, only from {known}")


def _of_lines(file: DataFile) -> Log:
    entries = []
    with open_bytes(file) as stream:
        for number, line in enumerate(stream, 1):
            place = f"{file.name} line {number}"
            if not line.strip():
                continue
            try:
                record = json.loads(line.removeprefix(BOM_UTF8).decode())
            except (ValueError, RecursionError) as error:
                raise not_json(place, error) from None
            entries.append(Entry(place, _checked(record, place)))
    return _log(file.name, "JSON Lines", entries)


def _checked(record: Any, place: str) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise DataError(f"{place}: is not a JSON object; give a file with the columns id and prediction")
    return record


def _of_document(file: DataFile) -> Log:
    members: dict[str, Any] = {}
    lists: dict[str | None, list[Any]] = {}
    with open_text(file) as text:
        for piece in pieces(text, file.name):
            if piece.in_list:
                lists.setdefault(piece.key, []).append(piece.value)
            elif piece.key is not None:
                members[piece.key] = piece.value
    if "samples" in lists and "eval" in members:
        return _inspect_log(file.name, lists["samples"], members)
    if "request_states" in lists.keys() | members.keys():
        return _helm_log(file.name, lists.get("request_states", []))
    if isinstance(members.get("details"), dict):
        # OpenCompass has these beside the accuracy.
        details = [(key, row) for key, row in members["details"].items() if isinstance(row, dict)]
        return _log(file.name, "records by id", _by_id(file.name, details))
    for holds, sentence in _SUMMARIES:
        if holds <= members.keys() | lists.keys():
            raise DataError(f"{file.name}: {sentence}")
    if None in lists and lists[None] and isinstance(lists[None][0], dict):
        first = lists[None][0]
        for holds, sentence in _WITHOUT_QUESTIONS:
            if holds <= first.keys():
                raise DataError(f"{file.name}: {sentence}")
    tables = {key: rows for key, rows in lists.items() if all(isinstance(row, dict) for row in rows)}
    if tables:
        key, rows = max(tables.items(), key=lambda item: len(item[1]))
        where = file.name if key is None else f"{file.name} {key}"
        return _log(file.name, "JSON list", [Entry(f"{where} {at}", row) for at, row in enumerate(rows, 1)])
    if None in lists:
        raise DataError(f"{file.name}: is not a list of JSON objects; give each an id and a prediction")
    entries = _by_id(file.name, [*members.items(), *((str(key), rows) for key, rows in lists.items())])
    return _log(file.name, "records by id", entries)


def _by_id(name: str, items: Iterable[tuple[Any, Any]]) -> list[Entry]:
    def record(value: Any) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        return {"correct" if isinstance(value, bool) else VALUE: value}

    return [Entry(f"{name} {key!r}", {KEY: str(key), **record(value)}) for key, value in items]


def _inspect_archive(path: Path) -> Log:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            header = next((name for name in ("header.json", "results.json") if name in names), None)
            members = {} if header is None else json.loads(archive.read(header))
            # A sample that was logged again is a second member of the same name, of which the last counts.
            logged = sorted(
                {name for name in names if name.startswith("samples/") and name.endswith(".json")}
            )
            samples = [json.loads(archive.read(name)) for name in logged]
    except (zipfile.BadZipFile, ValueError) as error:
        raise DataError(f"{path.name}: is no log of inspect_ai, or a truncated one ({error})") from None
    except NotImplementedError:
        raise DataError(
            f"{path.name}: is compressed in a way that Python cannot read; convert it with "
            "`inspect log convert --to json`"
        ) from None
    if not samples:
        raise DataError(f"{path.name}: {_WITHOUT_SAMPLES}")
    return _inspect_log(path.name, samples, members)


def _inspect_log(name: str, samples: Iterable[Any], header: Mapping[str, Any]) -> Log:
    status = header.get("status")
    notes = () if status in (None, "success") else (f"the log's status is {status!r}, not 'success'",)
    entries = [
        Entry(f"{name} sample {at}", _checked(sample, f"{name} sample {at}"))
        for at, sample in enumerate(samples, 1)
    ]
    return _log(name, "log of inspect_ai", entries, notes)


def _helm_log(name: str, states: list[Any]) -> Log:
    requests = list(requests_of_helm(states))
    notes: tuple[str, ...] = ()
    if len(requests) < len(states):
        notes = (f"{len(states) - len(requests):,} requests are perturbed or calibrations, and left out",)
    return _log(name, "JSON", [Entry(f"{name} request {at}", state) for at, state in requests], notes)


def _log(name: str, form: str, entries: list[Entry], notes: tuple[str, ...] = ()) -> Log:
    if not entries:
        raise DataError(f"{name}: is empty, it has no answers")
    return Log(name, harness_of(entries[0].record, form), entries, notes)
