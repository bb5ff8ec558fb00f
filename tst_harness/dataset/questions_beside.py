"""Which files of a folder hold the questions, where others beside them are something else, as predictions."""

import glob
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tst_harness.dataset.names import named_for, option_series
from tst_harness.dataset.opening import DataFile, readable
from tst_harness.dataset.own_answers import tells_answers
from tst_harness.dataset.tables import batches
from tst_harness.errors import HarnessError

_PREDICTIONS = re.compile(
    r"(?:.*[\W_])?(?:preds?|predictions?|predicted(?:[\W_].*)?|model[\W_](?:answer|output|response)s?|raw_output)",
    re.IGNORECASE,
)
_MOST_KINDS = 200
_MOST_TOLD = 3


class Chosen(NamedTuple):
    """The file of a folder that is read, or a pattern of several, and the names of those that are not."""

    pattern: str
    left_out: tuple[str, ...]

    def told(self, folder: str) -> str:
        """What was read, in words."""
        first = ", ".join(self.left_out[:_MOST_TOLD])
        more = len(self.left_out) - _MOST_TOLD
        others = first if more <= 0 else f"{first} and {more:,} more"
        return f"of {folder} the questions in {self.pattern} are read, not {others}; name a file for another"


def questions_of(folder: Path) -> Chosen | None:
    """The files of a folder that hold questions, where others hold none, or predictions of their answers.

    None where all files are alike in that, or no pattern tells them from the others.
    """
    inside = [file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file()]
    names = readable(inside)
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(re.sub(r"\d+", "*", PurePosixPath(name).name), []).append(name)
    if not 1 < len(kinds) <= _MOST_KINDS:
        return None
    columns = {kind: _columns(DataFile(folder / members[0], members[0])) for kind, members in kinds.items()}
    asking = [kind for kind in kinds if _asks(columns[kind])]
    files = [name for kind in asking for name in kinds[kind]]
    if not files or len(asking) == len(kinds):
        return None
    if len(files) > 1 and not all(tells_answers(columns[kind]) for kind in asking):
        return None  # The answers may be among the others.
    for pattern in _patterns(asking, files):
        matches = sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207
        if readable(matches) == sorted(files):
            return Chosen(pattern, tuple(name for name in names if name not in files))
    return None


def _patterns(asking: list[str], files: list[str]) -> Iterator[str]:
    if len(files) == 1:
        yield glob.escape(files[0])
    if len(asking) == 1:
        yield asking[0]
        yield f"**/{asking[0]}"


def _columns(file: DataFile) -> list[str]:
    """The columns of the first rows of a file, none where it has no rows."""
    try:
        batch = next(batches(file, None))
    except (HarnessError, StopIteration):
        return []
    return list(dict.fromkeys([*batch.columns, *(name for record in batch.records for name in record)]))


def _asks(columns: list[str]) -> bool:
    offers = any(tier for tier in named_for("options", columns)) or bool(option_series(columns))
    return (offers or any(tier for tier in named_for("question", columns))) and not any(
        map(_PREDICTIONS.fullmatch, columns)
    )
