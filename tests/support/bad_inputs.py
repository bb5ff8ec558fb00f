"""Bad inputs made from good ones: files of questions, reports and samples, and options."""

import copy
import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, Any]
ODD_VALUES: dict[str, Any] = {
    "nothing": None,
    "blank": "   ",
    "surrogate": "half \ud800 pair",
    "zero byte": "a\0b",
    "control": "\x1b[31mred\x07",
    "right to left": "\u202eabc",
    "long": "x" * 5_000,
    "formula": "=cmd|' /C calc'!A0",
    "markup": "<script>alert(1)</script>",
    "true": True,
    "infinity": float("inf"),
    "not a number": float("nan"),
    "huge": 10**400,
    "float": 1e308,
    "negative": -1,
    "empty list": [],
    "list of lists": [[1, [2]], [3]],
    "object": {"a": {"b": [None]}},
    "path": "../../x",
    "braces": "{0} {name} %s %d",
}
COLUMNS = ("id", "question", "options", "answer", "kind", "scene")


def good_rows(n: int = 24) -> list[Row]:
    words = ["oak", "elm", "ash", "fir", "yew", "bay"]
    return [
        {
            "id": f"q{number}",
            "question": f"Which tree stands in garden {number}?",
            "options": [words[(number + step) % 6] for step in range(3)],
            "answer": "ABC"[number * 7 % 3],
            "kind": "tree" if number % 2 else "bush",
            "scene": f"s{number // 2}",
        }
        for number in range(n)
    ]


class BadFile(NamedTuple):
    """A file of questions: its name, and what is in it."""

    label: str
    name: str
    content: bytes


def bad_files() -> Iterator[BadFile]:
    """Yield some hundred files, most of them wrong in one place."""
    for column in COLUMNS:
        for label, value in ODD_VALUES.items():
            for rows_changed in ("one", "all"):
                rows = good_rows()
                for row in rows[3:4] if rows_changed == "one" else rows:
                    row[column] = copy.deepcopy(value)
                yield BadFile(f"{column} {label} {rows_changed}", "rows.jsonl", _lines(rows))
        rows = [{name: value for name, value in row.items() if name != column} for row in good_rows()]
        yield BadFile(f"no {column}", "rows.jsonl", _lines(rows))
        rows[5][column] = good_rows()[5][column]
        yield BadFile(f"{column} in one row", "rows.jsonl", _lines(rows))
    yield from _bad_texts()
    yield from _bad_tables()


def _lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _bad_texts() -> Iterator[BadFile]:
    good = _lines(good_rows())
    for cut in range(1, 12):
        yield BadFile(f"cut at {cut}", "rows.jsonl", good[: len(good) * cut // 12 + cut])
    for place in range(0, len(good), len(good) // 20):
        for byte in (b"\xff", b"\x00", b'"', b"{", b"\n"):
            yield BadFile(f"{byte!r} at {place}", "rows.jsonl", good[:place] + byte + good[place + 1 :])
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = json.dumps(good_rows()).encode()
    for label, content in {
        "empty": b"",
        "blank lines": b"\n\n\n",
        "number": b"7",
        "null": b"null",
        "text": b'"rows"',
        "deep": deep,
        "deep cell": b'{"id": 1, "question": "q", "answer": "A", "options": ' + deep + b"}\n",
        "twice": good + good,
        "bom": b"\xef\xbb\xbf" + good,
        "utf-16": good.decode().encode("utf-16"),
        "one row": good.split(b"\n")[0],
        "keys twice": good.replace(b'"id"', b'"id": "x", "id"'),
        "list": whole,
    }.items():
        for name in ("rows.jsonl", "rows.json"):
            yield BadFile(f"{label} as {name}", name, content)


def _bad_tables() -> Iterator[BadFile]:
    stream = io.StringIO()
    writer = csv.writer(stream)
    rows = [{**row, "options": json.dumps(row["options"])} for row in good_rows()]
    writer.writerow(COLUMNS)
    writer.writerows([row[name] for name in COLUMNS] for row in rows)
    good = stream.getvalue()
    first, _, rest = good.partition("\n")
    for label, text in {
        "good": good,
        "no header": rest,
        "header alone": first,
        "short row": good + "q99,only\n",
        "long row": good + "q99," + "x," * 40 + "\n",
        "open quote": good + 'q99,"never closed\n',
        "header twice": first.replace("scene", "id") + "\n" + rest,
        "blank header": first.replace("scene", "") + "\n" + rest,
        "long header": first.replace("scene", "n" * 5_000) + "\n" + rest,
        "long cell": good.replace("garden 3", "garden " + "x" * 200_000),
        "zero": good.replace("garden 3", "\0"),
    }.items():
        yield BadFile(f"csv {label}", "rows.csv", text.encode())
    for label, content in {"nothing": b"", "magic alone": b"PAR1", "text": b"not parquet"}.items():
        yield BadFile(f"parquet {label}", "rows.parquet", content)
    for label, make in PARQUET.items():
        stream_of_bytes = io.BytesIO()
        make(stream_of_bytes)
        yield BadFile(f"parquet {label}", "rows.parquet", stream_of_bytes.getvalue())


def _name_twice(stream: io.BytesIO) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pylist(good_rows())
    parquet.write_table(table.rename_columns(["id", "question", "options", "answer", "id", "scene"]), stream)


def _not_utf8(stream: io.BytesIO) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pylist(good_rows())
    raw = pa.array([b"\xff\xfe" + str(number).encode() for number in range(len(table))], pa.binary())
    parquet.write_table(table.set_column(1, "question", raw.view(pa.string())), stream)


PARQUET: dict[str, Callable[[io.BytesIO], None]] = {"name twice": _name_twice, "not utf-8": _not_utf8}


class BadReport(NamedTuple):
    """A report and its samples, changed in one place; `harmless` where nothing that matters is."""

    label: str
    report: str
    samples: str


def bad_reports(folder: Path, name: str) -> Iterator[BadReport]:
    """Yield some hundred changes to the report and the samples of a benchmark in a folder."""
    report = (folder / f"{name}.json").read_text("utf-8")
    samples = (folder / f"{name}.samples.jsonl").read_text("utf-8")
    known = json.loads(report)
    for path in _paths(known):
        value = _at(known, path)
        for label, odd in _other_values(value).items():
            changed = copy.deepcopy(known)
            _at(changed, path[:-1])[path[-1]] = odd
            yield BadReport(f"{'.'.join(map(str, path))} {label}", json.dumps(changed), samples)
    for cut in range(1, 8):
        yield BadReport(f"report cut at {cut}", report[: len(report) * cut // 8], samples)
        yield BadReport(f"samples cut at {cut}", report, samples[: len(samples) * cut // 8])
    lines = samples.splitlines(keepends=True)
    yield BadReport("sample lost", report, "".join(lines[1:]))
    yield BadReport("sample twice", report, "".join([lines[0], *lines]))
    yield BadReport("sample changed", report, samples.replace('"fold":1', '"fold":0', 1))
    yield BadReport("no samples", report, "")
    yield BadReport("deep", "[" * 100_000, samples)
    yield BadReport("deep value", report.replace('"title": ', '"title": ' + "[" * 50_000, 1), samples)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The first leaf of each name: what holds for one fold holds for another."""
    seen: set[tuple[Any, ...]] = set()
    for leaf in _leaves(value, path):
        named = tuple("*" if isinstance(step, int) else step for step in leaf)
        # What a diagnostic writes of itself is free.
        free = leaf[0] in ("run", "versions", "gates") or {"settings", "importances"} & set(leaf[1:])
        if named not in seen and not free:
            seen.add(named)
            yield leaf


def _leaves(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if isinstance(inner, dict | list) and inner:
            yield from _leaves(inner, (*path, key))
        else:
            yield (*path, key)


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _other_values(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"text": "yes"}
    if isinstance(value, int | float):
        return {"text": str(value), "negative": -5, "list": [value]}
    return {"list": [[]], "number": 7} if isinstance(value, str) else {}
