"""What is in a data file beside others: the sheets of a workbook, the splits of a JSON document."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tst_harness.dataset.json_stream import ExtraDataError, pieces
from tst_harness.dataset.names import Role, named_for, named_like, option_series
from tst_harness.dataset.opening import DataFile, check_is_data, files_at, open_seekable, open_text
from tst_harness.errors import DataError, EngineUnavailable

WORKBOOK = ".xlsx"
SPLIT = re.compile(r"(?:^|[/_\s-])(train(?:ing)?|validation|valid|val|dev|test)(?=[/._\s-]|$)", re.IGNORECASE)
_USUAL = {"training": "train", "valid": "validation", "val": "validation", "dev": "validation"}
_HEAD = 1 << 16
_FIRST_ROWS = 5


def split_named(name: str) -> tuple[str, str] | None:
    """The split that a name tells, "train", "validation" or "test", and the word in it; None without."""
    match = SPLIT.search(name)
    return None if match is None else (_USUAL.get(match[1].lower(), match[1].lower()), match[1])


def data_files(path: Path, name: str) -> tuple[DataFile, ...]:
    """As `files_at`, with the sheets of a workbook that read as questions, and the splits of a JSON document.

    Raises
    ------
    DataError
        There is no file, or an archive or a workbook cannot be read.
    """
    return tuple(part for file in files_at(path, name) for part in (question_parts(file) or (file,)))


def question_parts(file: DataFile) -> tuple[DataFile, ...]:
    """The parts of a file that read as questions; none where the file is one table."""
    if file.suffix == ".json":
        return parts_in(file)
    if file.suffix != WORKBOOK:
        return ()
    with workbook(file) as book:
        sheets = {sheet.title: _columns(sheet) for sheet in book.worksheets}
    if len(sheets) < 2:
        return ()
    likely: Sequence[Callable[[list[str]], bool]] = (_asks_and_answers, _asks, lambda names: len(names) > 1)
    chosen = next(
        (titles for test in likely if (titles := [t for t in sheets if test(sheets[t])])), list(sheets)
    )
    return tuple(_part(file, title) for title in chosen)


def parts_in(file: DataFile) -> tuple[DataFile, ...]:
    """All sheets of a workbook, or the splits of a JSON document where there are several."""
    if file.suffix == WORKBOOK:
        with workbook(file) as book:
            return tuple(_part(file, sheet.title) for sheet in book.worksheets)
    if file.suffix != ".json" or not _may_have_splits(file):
        return ()
    try:
        with open_text(file) as text:
            rows = (piece for piece in pieces(text, file.name) if isinstance(piece.value, dict))
            keys = dict.fromkeys(piece.key for piece in rows if piece.key)
    except ExtraDataError:
        return ()
    splits = [key for key in keys if SPLIT.fullmatch(key)]
    return tuple(_part(file, key) for key in splits) if len(splits) > 1 else ()


def sheets_left(files: Iterable[DataFile]) -> Iterator[str]:
    """Which sheets of workbooks are read where others are not, in words."""
    chosen: dict[DataFile, list[str]] = {}
    for file in files:
        if file.part is not None and file.suffix == WORKBOOK:
            book = file._replace(name=file.name.removesuffix(f"/{file.part}"), part=None)
            chosen.setdefault(book, []).append(file.part)
    for book, titles in chosen.items():
        others = [part.part for part in parts_in(book) if part.part not in titles]
        if others:
            yield (
                f"of {book.name} the sheet {_listed(titles)} is read, not {_listed(others)}; name "
                f"{book.name}/{others[0]} for another"
            )


def _listed(titles: Iterable[str | None]) -> str:
    return " and ".join(map(repr, titles))


@contextmanager
def workbook(file: DataFile) -> Iterator[Any]:
    """Open an Excel file with openpyxl, as values without formulas.

    Raises
    ------
    DataError
        It is none, or a truncated one.
    EngineUnavailable
        openpyxl is not installed.
    """
    try:
        import openpyxl  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise EngineUnavailable(
            f"{file.name}: reading Excel needs a package that is not installed: "
            "pip install 'tst-harness[files]'"
        ) from None
    from zipfile import BadZipFile

    with open_seekable(file) as stream:
        try:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        except (BadZipFile, KeyError, ValueError) as error:
            check_is_data(file)
            raise DataError(f"{file.name}: is no Excel file, or a truncated one ({error})") from None
        yield book


def _part(file: DataFile, part: str) -> DataFile:
    return file._replace(name=f"{file.name}/{part}", part=part)


def _columns(sheet: Any) -> list[str]:
    """The names of the columns of a sheet: its first row with several cells."""
    for row in sheet.iter_rows(max_row=_FIRST_ROWS, values_only=True):
        names = [str(cell) for cell in row if cell is not None]
        if len(names) > 1:
            return names
    return []


def _asks(names: list[str]) -> bool:
    return _names(names, "question")


def _asks_and_answers(names: list[str]) -> bool:
    return (_asks(names) or bool(option_series(names))) and _names(names, "answer")


def _names(columns: Iterable[str], role: Role) -> bool:
    columns = list(columns)
    return next(named_for(role, columns)) != [] or named_like(role, columns) != []


def _may_have_splits(file: DataFile) -> bool:
    """Whether a file begins as an object in which a split is a key."""
    with open_text(file) as text:
        head = text.read(_HEAD)
    keys = re.findall(r'"([^"\n]{1,40})"\s*:\s*[\[{]', head)
    return head.lstrip().startswith("{") and any(map(SPLIT.fullmatch, keys))
