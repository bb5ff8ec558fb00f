"""Archives of files: zip, and tar with the usual compressions."""

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

BROKEN = (zipfile.BadZipFile, tarfile.TarError)
"""What a truncated or corrupt archive raises, besides what its compression does."""


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
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            return sorted(archive.namelist())
    with tarfile.open(path) as archive:
        return sorted(member.name.removeprefix("./") for member in archive if member.isfile())


@contextmanager
def open_member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open a file in an archive for reading."""
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            yield stream
        return
    with tarfile.open(path) as tape:
        member = next(member for member in tape if member.name.removeprefix("./") == name)
        regular = tape.extractfile(member)
        assert regular is not None
        with regular:
            yield regular
