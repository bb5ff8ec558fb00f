"""The text of a benchmark module, as a person would have written and ruff would have formatted it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tst_harness.benchmark.declarations import (
    AnyType,
    Benchmark,
    Choice,
    Columns,
    HubDataset,
    InText,
    LocalFile,
    Multi,
    Open,
)

_WIDTH = 110
_INDENT = " " * 4


class _Group(NamedTuple):
    """A call, tuple or list: on one line where it fits, else an item a line."""

    opening: str
    items: "Sequence[_Node]"
    closing: str
    exploded: bool = False


class _Pattern(NamedTuple):
    """A regular expression: one raw string where it fits, else several, one below the other."""

    text: str


_Node = str | _Group | _Pattern | tuple[str, "str | _Group"]
"""A tuple is a keyword argument."""


def module_text(benchmark: Benchmark, about: str, comments: Sequence[str] = ()) -> str:
    """A module that declares a benchmark.

    Parameters
    ----------
    benchmark
        Its source is a `LocalFile` or a `HubDataset`.
    about
        One line for the docstrings, without quotes.
    comments
        Lines for whoever edits the types.
    """
    source, types = benchmark.source, benchmark.question_types
    assert isinstance(source, LocalFile | HubDataset)
    calls = {
        "Benchmark",
        "Columns",
        "StressTest",
        type(source).__name__,
        *(type(declared).__name__ for declared in types),
    }
    if isinstance(benchmark.columns.options, InText):
        calls.add("InText")
    noted = [f"{_INDENT * 3}# {line}" for line in comments]
    declared = _Group(
        "Benchmark(",
        [
            ("name", _text(benchmark.name)),
            ("source", _source(source)),
            ("columns", _columns(benchmark.columns)),
            ("question_types", _Group("[", [_type(declared) for declared in types], "]", exploded=True)),
            *([] if benchmark.faults is None else [("faults", _text(benchmark.faults))]),
        ],
        ")",
        exploded=True,
    )
    lines = list(_lines("benchmark = ", declared, "", _INDENT))
    at = lines.index(f"{_INDENT * 2}question_types=[") + 1
    name = "".join(part.title() for part in benchmark.name.split("_"))
    docstring = f'"""{about}"""'
    return "\n".join(
        [
            docstring,
            "",
            *_lines("from tst_harness import ", _imports(sorted(calls)), "", ""),
            "",
            "",
            f"class Test{name}(StressTest):",
            f"{_INDENT}{docstring}",
            "",
            *lines[:at],
            *noted,
            *lines[at:],
            "",
        ]
    )


def _imports(names: list[str]) -> _Node:
    flat = ", ".join(names)
    return (
        flat if len(f"from tst_harness import {flat}") <= _WIDTH else _Group("(", names, ")", exploded=True)
    )


def _source(source: LocalFile | HubDataset) -> _Group:
    pins: list[_Node] = [
        (name, _text(value))
        for name in ("answers", "row_order", "content")
        if (value := getattr(source, name, None))
    ]
    if isinstance(source, LocalFile):
        return _Group("LocalFile(", [_text(source.path), *pins], ")")
    known = [
        ("revision", _text(source.revision)),
        ("file", _text(source.file)),
        ("folder", _text(source.folder)),
    ]
    return _Group("HubDataset(", [_text(source.repo), *known, *pins], ")", exploded=True)


def _columns(columns: Columns) -> _Group:
    items: list[_Node] = []
    for role in ("id", "text", "options", "answer", "type", "group"):
        value = getattr(columns, role)
        if isinstance(value, InText):
            items.append((role, "InText()"))
        elif isinstance(value, tuple):
            items.append((role, _tuple(value)))
        elif value is not None:
            items.append((role, _text(value)))
    if columns.blank_text and columns.text is not None:
        items.append(("blank_text", "True"))
    return _Group("Columns(", items, ")", exploded=True)


def _type(declared: AnyType) -> _Group:
    items: list[_Node] = [_text(declared.column_name)]
    if declared.pattern is not None:
        items.append(_Pattern(declared.pattern))
    if isinstance(declared, Choice | Multi) and declared.answers is not None:
        items.append(("answers", _text(declared.answers)))
    if isinstance(declared, Choice) and declared.labels is not None:
        items.append(("labels", _tuple(declared.labels)))
    if isinstance(declared, Open) and declared.metric != "exact":
        items.append(("metric", _text(declared.metric)))
    return _Group(f"{type(declared).__name__}(", items, ")")


def _tuple(texts: Sequence[str]) -> _Group:
    return _Group("(", [_text(text) for text in texts], ")")


def _lines(prefix: str, node: _Node, suffix: str, indent: str) -> Iterator[str]:
    if isinstance(node, tuple) and not isinstance(node, _Group | _Pattern):
        name, node = node
        prefix += f"{name}="
    flat = _flat(node)
    if flat is not None and len(indent + prefix + flat + suffix) <= _WIDTH:
        yield f"{indent}{prefix}{flat}{suffix}"
    elif isinstance(node, _Group):
        yield f"{indent}{prefix}{node.opening}"
        for item in node.items:
            yield from _lines("", item, ",", indent + _INDENT)
        yield f"{indent}{node.closing}{suffix}"
    elif isinstance(node, _Pattern):
        *pieces, last = map(_raw, _pieces(node.text, _WIDTH - len(indent) - len("r'',")))
        yield from (f"{indent}{piece}" for piece in pieces)
        yield f"{indent}{last}{suffix}"
    else:
        yield f"{indent}{prefix}{node}{suffix}"


def _flat(node: _Node) -> str | None:
    """A node on one line; None where it is to be taken apart."""
    if isinstance(node, str):
        return node
    if isinstance(node, _Pattern):
        return _raw(node.text)
    if not isinstance(node, _Group):
        name, value = node
        flat = _flat(value)
        return None if flat is None else f"{name}={flat}"
    items = [_flat(item) for item in node.items]
    if node.exploded or None in items:
        return None
    return node.opening + ", ".join(item for item in items if item is not None) + node.closing


def _text(text: str) -> str:
    """A string literal; nothing of the text can end it, and what cannot be seen is escaped."""
    written = repr(text)
    if written[0] == "'" and text.count('"') <= text.count("'"):
        return '"' + written[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    return written


def _raw(pattern: str) -> str:
    """A regular expression as a string literal, a raw one where that can say it."""
    for quote in "\"'":
        if pattern.isprintable() and re.fullmatch(rf"(?:[^{quote}\\]|\\.)*", pattern):
            return f"r{quote}{pattern}{quote}"
    return _text(pattern)


def _pieces(pattern: str, width: int) -> Iterator[str]:
    """Cut a pattern before its alternatives, then after its last space that fits."""
    for alternative in re.split(r"(?=(?<!\\)\|)", pattern):
        rest = alternative
        while len(rest) > width:
            cut = rest.rfind(" ", 0, width) + 1 or width
            while cut > 1 and rest[:cut].endswith("\\"):  # a raw string cannot end with one
                cut -= 1
            yield rest[:cut]
            rest = rest[cut:]
        yield rest
