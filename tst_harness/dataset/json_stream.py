"""Reads a JSON document piece by piece, so that a large one is never in memory as a whole."""

import json
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from tst_harness.errors import DataError

_BLOCK = 1 << 20
_BLANKS = " \t\r\n\ufeff"
_DECODER = json.JSONDecoder()


class Piece(NamedTuple):
    """An item of the document's list, or of a list that is a member of its object, or such a member.

    `key` is the member's, None in a document that is a list; `in_list` tells an item of a list.
    """

    key: str | None
    in_list: bool
    value: Any


def pieces(text: IO[str], name: str) -> Iterator[Piece]:
    """The pieces of a document, in order.

    Raises
    ------
    DataError
        It is not valid JSON; the message names the line.
    """
    return _Document(text, name).pieces()


def concatenated(text: IO[str], name: str) -> Iterator[Piece]:
    """The pieces of several documents one after another, maybe with commas between: as if of one list.

    The items of lists among them are items of it.

    Raises
    ------
    DataError
        As `pieces` does.
    """
    return _Document(text, name).concatenated()


def pieces_of(value: object) -> Iterator[Piece]:
    """The pieces of a document that is in memory already."""
    if isinstance(value, list):
        yield from (Piece(None, in_list=True, value=item) for item in value)
    elif isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, list) and member:
                yield from (Piece(str(key), in_list=True, value=item) for item in member)
            else:
                yield Piece(str(key), in_list=False, value=member)
    else:
        yield Piece(None, in_list=False, value=value)


class ExtraDataError(DataError):
    """Another document begins where one ended."""


class _Document:
    def __init__(self, text: IO[str], name: str) -> None:
        self._text = text
        self._name = name
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._line = 1

    def pieces(self) -> Iterator[Piece]:
        first = self._peek()
        if first == "[":
            yield from self.concatenated()
        elif first == "{":
            yield from self._members()
        elif first:
            yield Piece(None, in_list=False, value=self._value())
        if rest := self._peek():
            error = self._invalid("Extra data", self._line)
            raise ExtraDataError(str(error)) if rest in "{[," else error

    def concatenated(self) -> Iterator[Piece]:
        while mark := self._peek():
            if mark == "[":
                yield from self._items(None)
            elif mark == "{":
                yield Piece(None, in_list=True, value=self._value())
            else:
                raise self._invalid("Extra data", self._line)
            if self._peek() == ",":
                self._at += 1

    def _members(self) -> Iterator[Piece]:
        for _ in self._inside("}"):
            key = self._value()
            if not isinstance(key, str) or self._peek() != ":":
                raise self._invalid("Expecting a property name and ':'", self._line)
            self._at += 1
            if self._peek() == "[":
                yield from self._items(key)
            else:
                yield Piece(key, in_list=False, value=self._value())

    def _items(self, key: str | None) -> Iterator[Piece]:
        empty = True
        for _ in self._inside("]"):
            empty = False
            yield Piece(key, in_list=True, value=self._value())
        if empty and key is not None:
            yield Piece(key, in_list=False, value=[])

    def _inside(self, end: str) -> Iterator[None]:
        """Step over the brackets and commas around the entries of a list or an object."""
        self._at += 1
        if self._peek() == end:
            self._at += 1
            return
        while True:
            yield
            mark = self._peek()
            self._at += 1
            if mark == end:
                return
            if mark != ",":
                raise self._invalid("Expecting ',' delimiter", self._line)

    def _peek(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            while self._at < len(self._buffer):
                mark = self._buffer[self._at]
                if mark not in _BLANKS:
                    return mark
                self._at += 1
            if not self._more():
                return ""

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except RecursionError:
                raise self._invalid("nested too deep", self._line) from None
            except json.JSONDecodeError as error:
                if not self._more():
                    line = self._line + self._buffer.count("\n", 0, error.pos)
                    raise self._invalid(error.msg, line) from None
                continue
            if end < len(self._buffer) or not self._more():  # a number may go on in the next block
                self._at = end
                return value

    def _more(self) -> bool:
        if self._ended:
            return False
        block = self._text.read(max(_BLOCK, len(self._buffer) - self._at))
        self._ended = not block
        self._line += self._buffer.count("\n", 0, self._at)
        self._buffer = self._buffer[self._at :] + block
        self._at = 0
        return True

    def _invalid(self, reason: str, line: int) -> DataError:
        return DataError(
            f"{self._name}: is not valid JSON ({reason}: line {line}), the file is truncated or corrupt"
        )
