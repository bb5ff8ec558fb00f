"""Archives of files: zip, and tar with the usual compressions."""

import io
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

BROKEN = (zipfile.BadZipFile, tarfile.TarError)
"""What a truncated or corrupt archive raises, besides what its compression does."""
_TEXTS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".yaml", ".yml")
_SMALL = 1 << 16


def is_archive(name: str) -> bool:
    """Whether a file of this name is an archive."""
    return name.lower().endswith(ARCHIVES)


def members_of(path: Path) -> list[str]:
    """The names of the files in an archive, in the order of the names.

    Raises
    ------
    OSError, EOFError, or one of BROKEN
        It is none, or a truncated or corrupt one.
    """
    if _is_zip(path):
        with zipfile.ZipFile(path) as archive:
            return sorted(archive.namelist())
    with tarfile.open(path) as tape:
        return sorted(_name(member) for member in tape if member.isfile())


@contextmanager
def open_member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open a file in an archive for reading."""
    text = None if _is_zip(path) else _small_texts(path, path.stat().st_mtime_ns).get(name)
    if text is not None:
        yield io.BytesIO(text)
    elif _is_zip(path):
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            yield stream
    else:
        with tarfile.open(path) as tape:
            regular = tape.extractfile(next(member for member in tape if _name(member) == name))
            assert regular is not None
            with regular:
                yield regular


@lru_cache(maxsize=2)
def _small_texts(path: Path, changed: int) -> dict[str, bytes]:
    """What small texts a tar archive holds, since finding one of many means reading all of it each time.

    Those of an archive that was changed at another time, in nanoseconds, are read again.
    """
    del changed
    texts: dict[str, bytes] = {}
    with tarfile.open(path) as tape:
        for member in tape:
            small = member.isfile() and member.size <= _SMALL and member.name.lower().endswith(_TEXTS)
            stream = tape.extractfile(member) if small else None
            if stream is not None:
                texts[_name(member)] = stream.read()
    return texts


def _is_zip(path: Path) -> bool:
    return path.name.lower().endswith(".zip")


def _name(member: tarfile.TarInfo) -> str:
    return member.name.removeprefix("./")
