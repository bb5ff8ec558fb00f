"""The record store: a JSON file for each record, under a folder for each benchmark.

Any process on any worker writes here and any other reads; nothing is locked, because a file appears
whole and under a name that says what it holds. It begins with the digest of the rest, so that a record
that was damaged is told from one that another session computed again.
"""

import hashlib
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter

from tst_harness.analysis.records import RECORD_VERSION
from tst_harness.errors import ReportError
from tst_harness.report.files import (
    DamagedFileError,
    canonical_json,
    check_writable,
    parse_versioned,
    read_text,
    write_atomically,
)
from tst_harness.report.records import Record

RECORDS = ".records"
"""Where records lie, in the folder of the reports."""

_KEY_DIGITS = 32
_SEAL = re.compile(r'\{"digest":"(?P<digest>[0-9a-f]{64})",')
_RECORD: TypeAdapter[Record] = TypeAdapter(
    Annotated[Record, Field(discriminator="kind")], config=ConfigDict(defer_build=True)
)


def record_key(**parts: Any) -> str:
    """Return the key of a unit of work: 32 hexadecimal digits, a hash of everything that decides it.

    Parameters
    ----------
    **parts
        Values of plain types (str, int, float, bool, None, lists and dicts of them); their order does not
        matter.

    Raises
    ------
    TypeError
        If a value is not of a plain type.
    ValueError
        If a number is NaN or infinite.
    """
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:_KEY_DIGITS]


class RecordStore:
    """Records under `root`, as `<root>/<benchmark>/<key>.json`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, benchmark: str, key: str) -> Path:
        """Return where the record of a key lies, whether it is there or not."""
        return self.root / benchmark / f"{key}.json"

    def check_writable(self, benchmark: str) -> None:
        """Check that records can be written, before they are computed.

        Raises
        ------
        ReportError
            If they cannot.
        """
        check_writable(self.root / benchmark)

    def write(self, record: Record) -> tuple[Path, str]:
        """Write a record and return its path and the SHA-256 digest that its file carries.

        Raises
        ------
        ReportError
            If it cannot be written.
        """
        path = self.path(record.origin.benchmark, record.key)
        text = canonical_json(record.model_dump(mode="json"))
        digest = _digest(text)
        write_atomically(path, f'{{"digest":"{digest}",{text[1:]}')
        return path, digest

    def read(self, benchmark: str, key: str) -> Record | None:
        """Return the record of a key, or None where there is none that can be trusted.

        What is damaged is renamed to `<name>.corrupt`, with a warning, so that it is computed again.

        Raises
        ------
        ReportError
            If the file is there and the system refuses to read or rename it.
        """
        path = self.path(benchmark, key)
        if not path.exists():
            return None
        try:
            return _read(path)[0]
        except DamagedFileError as error:
            _set_aside(path, error)
            return None

    def load(self, path: Path, digest: str | None = None) -> Record:
        """Return the record in a file that must be there.

        Parameters
        ----------
        path
            What `write` returned, or from the root of the store.
        digest
            What `write` returned; where the file has another by now, there is a warning. Its key decides what
            a record says, timings apart, so one that another session wrote is as good.

        Raises
        ------
        DamagedFileError
            If it cannot be trusted; it is renamed to `<name>.corrupt`, with a warning.
        ReportError
            If it does not exist or cannot be read.
        """
        path = self.root / path
        try:
            record, found_digest = _read(path)
        except DamagedFileError as error:
            _set_aside(path, error)
            raise
        if digest not in (None, found_digest):
            _warn(f"another session on {path.parent} wrote some of its records again")
        return record

    def files(self) -> list[Path]:
        """Return the files of all records, by benchmark and key."""
        return sorted(self.root.glob("*/*.json"))

    def leftovers(self) -> list[Path]:
        """Return what is no record: damaged and set aside, or begun by a process that was killed."""
        return sorted([*self.root.glob("*/*.corrupt"), *self.root.glob("*/.*.tmp")])

    def records(self) -> Iterator[tuple[Path, Record | str]]:
        """Yield every record, or the sentence that says what is wrong with it; nothing is set aside."""
        for path in self.files():
            try:
                yield path, _read(path)[0]
            except ReportError as error:
                yield path, str(error)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> tuple[Record, str]:
    """Return the record in a file and its digest."""
    text = read_text(path)
    seal = _SEAL.match(text)
    content = text if seal is None else "{" + text[seal.end() :]
    record = parse_versioned(_RECORD, path, content, "record_version", RECORD_VERSION)
    if seal is None or _digest(content) != seal["digest"]:
        raise DamagedFileError(
            f"{path} is not as it was written, since its digest is another: it was edited or damaged; run "
            "the benchmark again"
        )
    if (record.origin.benchmark, record.key) != (path.parent.name, path.stem):
        raise DamagedFileError(f"{path} holds another record, {record.key} of {record.origin.benchmark}")
    return record, seal["digest"]


def _set_aside(path: Path, error: DamagedFileError) -> None:
    aside = path.with_name(path.name + ".corrupt")
    try:
        path.replace(aside)
    except FileNotFoundError:
        pass  # Another worker was first.
    except OSError as problem:
        raise ReportError(
            f"{error}; remove it, because it cannot be renamed ({problem.strerror})"
        ) from problem
    _warn(f"{error}; it was set aside as {aside.name}")


def _warn(text: str) -> None:
    """Warn of what is dealt with: no error, even where a project makes errors of its tests' warnings."""
    try:
        warnings.warn(text, stacklevel=4)
    except UserWarning:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(text, stacklevel=4)
