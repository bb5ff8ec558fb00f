"""Opens a data file as bytes or text: plain, compressed, or a member of an archive."""

import bz2
import codecs
import gzip
import io
import json
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple, cast

from tst_harness.dataset.archives import ARCHIVES, BROKEN, is_archive, members_of, open_member
from tst_harness.errors import DataError, EngineUnavailable

SUFFIXES = (".jsonl", ".json", ".ndjson", ".yaml", ".yml", ".csv", ".tsv", ".parquet", ".arrow", ".xlsx")
_TRUNCATED = (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_ABOUT = frozenset(
    f"{name}.json"
    for name in (
        "dataset_info",
        "dataset_infos",
        "dataset_dict",
        "state",
        "metadata",
        "meta",
        "config",
        "package",
        "package-lock",
        "croissant",
    )
)
"""Names of files in a folder that are about its data."""
_START = 1 << 12
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,80}?)\s*</title>", re.IGNORECASE)
_SETTINGS = (".yaml", ".yml")
"""Files in a folder that are settings where any other kind is there, too."""
READABLE = (*SUFFIXES, *(a + b for a in SUFFIXES for b in _COMPRESSED), *ARCHIVES)
"""How the name of a file ends that can be read."""


class DataFile(NamedTuple):
    """A file to read and the name that messages and reports call it by.

    `member` is the file's name in the archive at `path`. `part` is the sheet of a workbook, or the key of
    a JSON document, that is read alone. `records` are the rows themselves, where they are in memory already;
    `path` is then not read.
    """

    path: Path
    name: str
    member: str | None = None
    records: Sequence[Mapping[str, Any]] | None = None
    part: str | None = None

    @property
    def suffix(self) -> str:
        """The suffix that says how the rows are written, in lower case, compression aside."""
        path = PurePosixPath((self.member or self.path.name).lower())
        return PurePosixPath(path.stem).suffix if path.suffix in _COMPRESSED else path.suffix

    @property
    def stem(self) -> str:
        """The file's own name without its suffixes, or that of the part of it."""
        if self.part is not None:
            return self.part
        path = PurePosixPath(self.member or self.path.name)
        return PurePosixPath(path.stem).stem if path.suffix.lower() in _COMPRESSED else path.stem

    def is_empty(self) -> bool:
        """Whether the file has no byte."""
        return self.member is None and self.path.stat().st_size == 0


def files_at(path: Path, name: str) -> tuple[DataFile, ...]:
    """The data files that a path amounts to: itself, the members of an archive, or those of a folder.

    Hidden files and those of other kinds are passed over; the order is that of the names.

    Raises
    ------
    DataError
        There is none, or the archive cannot be read.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DataError(
            f"{name}: is no regular file but a pipe or a device; write what it yields into a file"
        )
    if path.is_dir():
        inside = [file.relative_to(path).as_posix() for file in sorted(path.rglob("*")) if file.is_file()]
        named = readable(inside) or [
            member
            for member in inside
            if member.endswith(".txt") and holds_rows(DataFile(path / member, member))
        ]
        files = [file for member in named for file in files_at(path / member, f"{name.rstrip('/')}/{member}")]
    elif is_archive(path.name):
        try:
            members = readable(members_of(path))
        except (*BROKEN, *_TRUNCATED, OSError) as error:
            with path.open("rb") as stream:
                _check_start(DataFile(path, name), stream.read(_START))
            kind = "zip" if path.suffix.lower() == ".zip" else "tar"
            raise DataError(f"{name}: is no {kind} archive, or a truncated one ({_reason(error)})") from None
        files = [DataFile(path, f"{name}/{member}", member) for member in members if not is_archive(member)]
    else:
        return (DataFile(path, name),)
    if not files:
        raise DataError(f"{name}: has no file that can be read in it: {', '.join(SUFFIXES)}")
    return tuple(files)


def readable(names: Iterable[str]) -> list[str]:
    """Of files in a folder those that hold rows, without what is about them, as settings and caches are."""
    paths = [PurePosixPath(name) for name in names if is_readable(name)]
    paths = [path for path in paths if path.name.lower() not in _ABOUT] or paths
    paths = [path for path in paths if not fnmatch(path.name, "cache-*.arrow")]
    paths = [path for path in paths if path.suffix.lower() not in _SETTINGS] or paths
    return list(map(str, paths))


def begins_as_json(file: DataFile) -> bool:
    """Whether a file may hold JSON, whatever it is called."""
    return _start(file).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def holds_tabs(file: DataFile) -> bool:
    """Whether a file may hold a table whose cells tabs part, whatever it is called."""
    first = _start(file).partition(b"\n")[0]
    return b"\t" in first.strip() and b"\0" not in first


def holds_rows(file: DataFile) -> bool:
    """Whether a file of text may hold JSON or a table."""
    return begins_as_json(file) or holds_tabs(file)


def check_is_data(file: DataFile) -> None:
    """Raise DataError where a file is a pointer to another one, or a web page."""
    _check_start(file, _start(file))


def _check_start(file: DataFile, start: bytes) -> None:
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"version https://git-lfs"):
        raise DataError(
            f"{file.name}: is a Git LFS pointer, which stands for the file itself; get that with "
            "`git lfs pull`, or download it from the page of the dataset"
        )
    if start[:15].lower().startswith((b"<!doctype html", b"<html")):
        title = _TITLE.search(start.decode("utf-8", "replace"))
        called = f" ({' '.join(title[1].split())!r})" if title else ""
        raise DataError(
            f"{file.name}: is a web page{called}, as a server sends where there is no such file or a login "
            "is needed; download the file itself"
        )


def _start(file: DataFile) -> bytes:
    try:
        with open_bytes(file) as stream:
            return stream.read(_START)
    except OSError:
        return b""


def is_readable(name: str) -> bool:
    """Whether a file of this name, with forward slashes, can be read."""
    parts = PurePosixPath(name).parts
    return name.lower().endswith(READABLE) and not any(part.startswith((".", "__MACOSX")) for part in parts)


@contextmanager
def open_bytes(file: DataFile) -> Iterator[IO[bytes]]:
    """Open a file for reading what it holds, decompressed.

    Raises
    ------
    DataError
        The compressed file is truncated or corrupt.
    """
    try:
        if file.member is not None:
            with open_member(file.path, file.member) as member:
                yield _decompressed(file, member, file.member)
        else:
            with file.path.open("rb") as stream:
                yield _decompressed(file, stream, file.path.name)
    except (*BROKEN, *_TRUNCATED) as error:
        if file.member is None:
            with file.path.open("rb") as stream:
                _check_start(file, stream.read(_START))
        raise DataError(f"{file.name}: is truncated or corrupt ({_reason(error)})") from None


def _reason(error: Exception) -> str:
    """Why a file cannot be opened, in a line: of an archive every compression that was tried has one."""
    return str(error).partition("\n")[0].rstrip(":")


@contextmanager
def open_seekable(file: DataFile) -> Iterator[IO[bytes]]:
    """As `open_bytes`; what is compressed is held in memory."""
    with open_bytes(file) as stream:
        plain = file.member is None and stream.seekable() and isinstance(stream, io.BufferedReader)
        yield stream if plain else io.BytesIO(stream.read())


@contextmanager
def open_text(file: DataFile, encoding: str = "utf-8-sig", errors: str = "strict") -> Iterator[IO[str]]:
    """Open a file as text: UTF-8 with or without a byte order mark unless told otherwise, or UTF-16 with one.

    Raises
    ------
    DataError
        It is not UTF-8; the message names the line.
    """
    try:
        with open_bytes(file) as stream:
            buffered = io.BufferedReader(stream)  # type: ignore[type-var]
            start = buffered.peek(2)[:2]
            marked = start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            encoding, errors = ("utf-16", "strict") if marked else (encoding, errors)
            with io.TextIOWrapper(buffered, encoding=encoding, errors=errors, newline="") as text:
                yield text
    except UnicodeDecodeError as error:
        raise _first_not_utf8(file, error) from None


def _decompressed(file: DataFile, stream: IO[bytes], name: str) -> IO[bytes]:
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == ".gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=stream))
    if suffix == ".bz2":
        return bz2.BZ2File(stream)
    if suffix == ".xz":
        return lzma.LZMAFile(stream)
    return _zstandard(file, stream) if suffix == ".zst" else stream


def _zstandard(file: DataFile, stream: IO[bytes]) -> IO[bytes]:
    try:
        import zstandard
    except ImportError:
        raise EngineUnavailable(
            f"{file.name}: reading Zstandard needs a package that is not installed: "
            "pip install 'tst-harness[files]'"
        ) from None
    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return io.BufferedReader(reader)  # the bare reader has no lines


def _first_not_utf8(file: DataFile, error: UnicodeDecodeError) -> DataError:
    with open_bytes(file) as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode()
            except UnicodeDecodeError as first:
                return not_utf8(file, number, first)
    return not_utf8(file, 1, error)


def not_json(place: str, error: ValueError | RecursionError) -> DataError:
    """The error that says where a text is no JSON, and why."""
    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return DataError(f"{place}: is not valid JSON ({reason}), the file is truncated or corrupt")


def not_utf8(file: DataFile, line: int, error: UnicodeDecodeError) -> DataError:
    """What is said of a line with bytes that are no text."""
    byte = error.object[error.start]
    return DataError(f"{file.name} line {line}: is not UTF-8 (byte 0x{byte:02x}); save the file as UTF-8")
