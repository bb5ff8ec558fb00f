"""Typed JSON Lines: a pydantic model a line, written whole or appended, read as a stream."""

import os
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Generic, Self, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, from_json

from tst_harness.errors import DataError

Model = TypeVar("Model", bound=BaseModel)

_BLOCK = 1 << 16


class TruncatedFileError(DataError):
    """A file whose last line was cut short, as a crash leaves it; the lines before it are whole."""


class PydanticJSONLinesWriter(Generic[Model]):
    """Writes models to a file, to be used in a `with` statement.

    Parameters
    ----------
    path
        The file; its folder is made where it does not exist.
    append
        Add lines to what the file holds, each handed to the system before the next. A last line that a
        crash cut short is cut off first, with a warning. Without it the file is written under another
        name and takes its place at the end of the `with` statement; after an exception there the file is
        as it was.
    """

    def __init__(self, path: Path | str, append: bool = False) -> None:
        self.path = Path(path)
        self.append = append
        self._target = self.path
        self._stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.append:
                self._stream = self.path.open("a+b")
                _repair(self._stream, self.path)
            else:
                self._target = self.path.parent / f".{uuid4().hex}.tmp"
                self._stream = self._target.open("xb")
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        stream, self._stream = self._stream, None
        assert stream is not None, "left without having been entered"
        try:
            try:
                with stream:
                    stream.flush()
                    os.fsync(stream.fileno())
                if error is None and not self.append:
                    self._target.replace(self.path)
            finally:
                if not self.append:
                    self._target.unlink(missing_ok=True)
        except OSError as failure:
            if error is None:
                raise self._unwritable(failure) from failure

    def write(self, model: Model) -> None:
        """Write one model.

        Raises
        ------
        DataError
            It cannot be written; the message says why.
        """
        self.write_batch((model,))

    def write_batch(self, models: Iterable[Model]) -> None:
        """Write models in their order, each as it comes.

        Raises
        ------
        DataError
            One cannot be written; those before it are.
        """
        if self._stream is None:
            raise DataError(f"{self.path} is not open; write to it inside a `with` statement")
        try:
            for model in models:
                self._stream.write(_line(model))
                if self.append:
                    self._stream.flush()
        except OSError as error:
            raise self._unwritable(error) from error
        except PydanticSerializationError as error:
            raise DataError(
                f"{self.path}: a {type(model).__name__} cannot be written as JSON ({error})"
            ) from None

    def _unwritable(self, error: OSError) -> DataError:
        return DataError(
            f"{self.path} cannot be written ({error.strerror or error}); free some space there or choose "
            "another, writable folder"
        )


class PydanticJSONLinesReader(Generic[Model]):
    """Reads models from a file, a line at a time, from the start whenever it is iterated.

    Parameters
    ----------
    path
        The file.
    model
        What each line holds.
    allow_truncated
        End quietly before a last line that was cut short, and say so in `truncated`.

    Attributes
    ----------
    truncated
        Whether the last iteration that came to an end found such a line.
    """

    def __init__(self, path: Path | str, model: type[Model], allow_truncated: bool = False) -> None:
        self.path = Path(path)
        self.model = model
        self.allow_truncated = allow_truncated
        self.truncated = False

    def __iter__(self) -> Iterator[Model]:
        """Read the models one by one.

        Raises
        ------
        DataError
            The file cannot be read, or a line is not JSON or not such a model; the message has its number.
        TruncatedFileError
            The last line has no end and is not JSON; all others have been yielded.
        """
        self.truncated = False
        try:
            with self.path.open("rb") as stream:
                for number, line in enumerate(stream, 1):
                    model = self._read(line, number) if line.strip() else None
                    if model is not None:
                        yield model
        except OSError as error:
            raise DataError(
                f"{self.path} cannot be read ({error.strerror or error}); correct the path or write it again"
            ) from error

    def batches(self, n: int) -> Iterator[list[Model]]:
        """Read lists of n models, the last one shorter; raises as iterating does, after the whole lines."""
        if n < 1:
            raise ValueError(f"a batch of {n} holds nothing; ask for 1 or more")
        batch: list[Model] = []
        try:
            for model in self:
                batch.append(model)
                if len(batch) == n:
                    yield batch
                    batch = []
        except DataError:
            if batch:
                yield batch
            raise
        if batch:
            yield batch

    def read_all(self) -> list[Model]:
        """Read every model; raises as iterating does."""
        return list(self)

    def _read(self, line: bytes, number: int) -> Model | None:
        """Return the model of a line; None for a truncated one that is allowed."""
        try:
            return self.model.model_validate_json(line.removesuffix(b"\n"))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
        if problems[0]["type"] != "json_invalid":
            what = "; ".join(_sentence(problem["loc"], problem["msg"]) for problem in problems)
            raise DataError(
                f"{self.path} line {number}: is no valid {self.model.__name__}: {what}; correct the line "
                "or write the file again"
            )
        if line.endswith(b"\n"):
            reason = problems[0]["msg"].partition(" at line")[0]
            raise DataError(f"{self.path} line {number}: is corrupt ({reason}); write the file again")
        if not self.allow_truncated:
            raise TruncatedFileError(
                f"{self.path} line {number}: is the last and cut short, as a crash leaves it; the lines "
                "before it are whole: write the rest again"
            )
        self.truncated = True
        return None


def _line(model: BaseModel) -> bytes:
    return model.model_dump_json().encode() + b"\n"


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    field = ".".join(str(part) for part in location)
    return f"{field}: {message}" if field else message


def _repair(stream: BinaryIO, path: Path) -> None:
    """End the last line of a file: with a newline where it is whole, else by cutting it off."""
    end = stream.seek(0, os.SEEK_END)
    start, last = end, b""
    while start > 0 and b"\n" not in last:
        stream.seek(max(0, start - _BLOCK))
        last = stream.read(start - stream.tell()) + last
        start -= min(start, _BLOCK)
    last = last[last.rfind(b"\n") + 1 :]
    if not last:
        return
    try:
        from_json(last)
    except ValueError:
        stream.truncate(end - len(last))
        warnings.warn(
            f"{path}: its last line was cut short, as a crash leaves it; its {len(last)} bytes were removed",
            RuntimeWarning,
            stacklevel=3,
        )
    else:
        stream.write(b"\n")
