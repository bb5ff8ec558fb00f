"""Reading and writing reports: whole files or none, and one sentence when something is wrong."""

import errno
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from uuid import uuid4

from pydantic import BaseModel, TypeAdapter, ValidationError

from tst_harness.errors import DataError, ReportError
from tst_harness.json_lines import PydanticJSONLinesReader, PydanticJSONLinesWriter
from tst_harness.report.names import run_name
from tst_harness.report.schema import SCHEMA_VERSION, Report

_T = TypeVar("_T")
ModelT = TypeVar("ModelT", bound=BaseModel)
_REPORT: TypeAdapter[Report] = TypeAdapter(Report)

AUDIT_AGAIN = "run the audit again, which computes only what the record store lacks"
_REMEDIES = {
    errno.ENOSPC: "free some space there or choose another folder",
    errno.EDQUOT: "free some space there or choose another folder",
    errno.EACCES: "make the folder writable or choose another one",
    errno.EPERM: "make the folder writable or choose another one",
    errno.EROFS: "choose a folder on a writable disk",
}


class DamagedFileError(ReportError):
    """A file that is there and cannot be trusted: cut short, edited, or of another version."""


def canonical_json(value: Any, *, indent: int | None = None) -> str:
    """Return `value` as JSON with sorted keys and a newline at the end, the same for equal values.

    Raises
    ------
    ValueError
        If a number is NaN or infinite.
    TypeError
        If something is not of a plain type (str, int, float, bool, None, list, dict).
    """
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
    return text + "\n"


def parse_json(text: str) -> Any:
    """Return the value of strict JSON `text`.

    Raises
    ------
    ValueError
        If it is not JSON, or holds NaN or an infinity, which JSON does not know.
    """
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def write_atomically(path: Path, content: str | Iterable[str]) -> None:
    """Write UTF-8 text so that `path` holds either all of it or what it held before.

    Parameters
    ----------
    path
        The file; its folder is made where it does not exist.
    content
        The text, or its pieces in order.

    Raises
    ------
    ReportError
        If the disk is full, the folder cannot be written, or the text is not Unicode. The temporary file is
        gone then, and an older file at `path` is as it was.
    """
    temporary = path.parent / f".{uuid4().hex}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as stream:
                for piece in [content] if isinstance(content, str) else content:
                    stream.write(piece.encode())
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error
    except UnicodeEncodeError as error:
        raise ReportError(
            f"{path} cannot be written: {error.object[error.start : error.end]!r} is no Unicode text; "
            f"remove it from the benchmark's rows, then run again"
        ) from error


def check_writable(folder: Path) -> None:
    """Make a folder where it does not exist, and check that files can be made in it.

    Raises
    ------
    ReportError
        If they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _unwritable(folder, error) from error


def read_text(path: Path) -> str:
    """Return the UTF-8 text of a file.

    Raises
    ------
    DamagedFileError
        If it is not UTF-8.
    ReportError
        If it does not exist or cannot be read.
    """
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise DamagedFileError(
            f"{path} is not UTF-8 text (byte {error.start}): it was damaged; run the benchmark again"
        ) from error


def describe_validation(error: ValidationError) -> str:
    """Return the first complaint of pydantic as "field.path: problem", and how many more there are."""
    complaints = error.errors(include_url=False, include_input=False)
    where = ".".join(str(step) for step in complaints[0]["loc"]) or "(whole file)"
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return f"{where}: {complaints[0]['msg']}{more}"


def parse_versioned(
    adapter: TypeAdapter[_T],
    path: Path,
    text: str,
    version_key: str,
    version: int,
    remedy: str = "run the benchmark again",
) -> _T:
    """Return what the JSON `text` of `path` says, validated.

    Parameters
    ----------
    adapter
        What it must be.
    path
        Named in the messages.
    text
        The whole file.
    version_key
        The key that holds the version of the file's schema.
    version
        The only version that can be read.
    remedy
        What to do about a file of another version, for the message.

    Raises
    ------
    DamagedFileError
        If the text is not JSON, was written by another version, or has an invalid field.
    """
    try:
        value = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(
            f"{path} is not valid JSON ({error}): it was cut short or edited; run the benchmark again"
        ) from error
    written_by = value.get(version_key) if isinstance(value, dict) else None
    if written_by is None:
        raise DamagedFileError(f"{path} has no {version_key}: it was not written by tst-harness")
    if written_by != version:
        raise DamagedFileError(
            f"{path} is of {version_key.replace('_', ' ')} {written_by!r} and this tst-harness reads version "
            f"{version}: {remedy}"
        )
    try:
        # Strict: a number in quotes is no number. As JSON, in which a list stands for a tuple.
        return adapter.validate_json(json.dumps(value), strict=True)
    except RecursionError as error:
        raise DamagedFileError(f"{path} is nested too deeply: it was not written by tst-harness") from error
    except ValidationError as error:
        raise DamagedFileError(f"{path} is not valid: {describe_validation(error)}") from error


def write_report(report: Report, folder: Path) -> Path:
    """Write `<folder>/<name of the run>.json` and return its path.

    Raises
    ------
    ReportError
        If it cannot be written.
    """
    name = run_name(report)
    path, samples = folder / f"{name}.json", samples_path(name, folder)
    if samples.is_file():
        report = report.model_copy(update={"samples": file_digest(samples)})
    write_atomically(path, canonical_json(report.model_dump(mode="json"), indent=2))
    return path


def samples_path(name: str, folder: Path) -> Path:
    """Return where the samples of a run lie, by its name."""
    return folder / f"{name}.samples.jsonl"


def read_report(path: Path) -> Report:
    """Return the report in a file.

    Raises
    ------
    DamagedFileError
        If it was cut short, is of another schema, or has an invalid field.
    ReportError
        If it does not exist or cannot be read.
    """
    return parse_versioned(_REPORT, path, read_text(path), "schema_version", SCHEMA_VERSION, AUDIT_AGAIN)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    ReportError
        If it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def write_lines(path: Path, model: type[ModelT], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows about questions as JSON Lines, each validated.

    Parameters
    ----------
    path
        The file; its folder is made where it does not exist.
    model
        What each line holds, an `id` among it.
    rows
        The fields of each line.

    Raises
    ------
    ReportError
        If a row is not valid, or the file cannot be written; an older file is as it was then.
    """
    try:
        with PydanticJSONLinesWriter[ModelT](path) as writer:
            writer.write_batch(_validated(path, model, rows))
    except DataError as error:
        raise _report_error(path, error, _unwritable, ReportError) from error


def _validated(path: Path, model: type[ModelT], rows: Iterable[Mapping[str, Any]]) -> Iterator[ModelT]:
    for row in rows:
        try:
            yield model.model_validate(row)
        except ValidationError as error:
            raise ReportError(
                f"{path} cannot be written: question {row.get('id')}: {describe_validation(error)}"
            ) from error


def read_lines(path: Path, model: type[ModelT]) -> Iterator[ModelT]:
    """Read the lines that `write_lines` wrote, one by one.

    Raises
    ------
    DamagedFileError
        If a line is not valid; the message names it.
    ReportError
        If the file does not exist or cannot be read.
    """
    try:
        yield from PydanticJSONLinesReader(path, model)
    except DataError as error:
        raise _report_error(path, error, _unreadable, DamagedFileError) from error


def _report_error(
    path: Path,
    error: DataError,
    about_the_system: Callable[[Path, OSError], ReportError],
    otherwise: type[ReportError],
) -> ReportError:
    cause = error.__cause__
    return about_the_system(path, cause) if isinstance(cause, OSError) else otherwise(str(error))


def _unwritable(path: Path, error: OSError) -> ReportError:
    remedy = _REMEDIES.get(error.errno or 0, "choose another folder")
    return ReportError(f"{path} cannot be written ({_reason(error)}): {remedy}, then run again")


def _unreadable(path: Path, error: OSError) -> ReportError:
    if isinstance(error, FileNotFoundError):
        return ReportError(f"{path} does not exist: run the benchmark first, or correct the path")
    return ReportError(f"{path} cannot be read ({_reason(error)}): make it readable")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
