"""Columns and files that tell the answers: what a model that reads rows could copy them from."""

import contextlib
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.dataset.answers import Invalid, parse_options
from tst_harness.dataset.names import named_for, option_series

_MOST_ROWS = 2_000
_LEAST_ROWS = 10
_AGREEMENT, _MORE_THAN_OTHERS = 0.9, 0.2
"""The share of rows in which a cell gives the answer, and how much less often it gives another row's."""
_DEEPEST, _MOST_ITEMS = 4, 8
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_LETTER = re.compile(r"(?<![A-Za-z])[A-J](?![A-Za-z])")
_LETTERS = "ABCDEFGHIJ"
_MOST_CHARACTERS = 1 << 26
_SAMPLED = 60

Gold = dict[str, str]
"""An answer in the ways that it can be written: as it is, as text, letter, index or place of its option."""


def golds(answers: "pd.Series[Any]", options: "pd.Series[Any] | None") -> list[Gold]:
    """Return each answer in the ways that it can be written."""
    cells = [None] * len(answers) if options is None else options.tolist()
    return [_gold(_plain(answer), _option_texts(cell)) for answer, cell in zip(answers, cells, strict=True)]


def _gold(answer: str, options: list[str]) -> Gold:
    gold = {"answer": answer}
    letter = answer.upper()
    place = options.index(answer) if answer in options else -1
    if place < 0 and len(letter) == 1 and letter in _LETTERS[: len(options)]:
        place = _LETTERS.index(letter)
    if 0 <= place < len(_LETTERS):
        gold |= {
            "option": options[place],
            "letter": _LETTERS[place].lower(),
            "index": str(place),
            "place": str(place + 1),
        }
    return gold


def _option_texts(cell: object) -> list[str]:
    if isinstance(cell, np.ndarray):
        cell = cell.tolist()
    bare = parse_options(
        tuple(cell) if isinstance(cell, list | tuple) else cell if isinstance(cell, str) else None
    )
    return [] if isinstance(bare, Invalid) else [_plain(option) for option in bare]


def telling_columns(
    frame: pd.DataFrame, answers: "pd.Series[Any]", options: str | None, exempt: Collection[str]
) -> list[str]:
    """Return the columns, or what is in their objects, that tell the answers; as `meta.gold` where nested.

    A cell tells the answer where it is the answer, in other words or as the place of an option; where it
    ends with it, as a solution does; or where equal cells go with equal answers. In nine rows of ten it
    does, and hardly more than in seven of ten it gives the answer of another row, too.

    Parameters
    ----------
    frame
        n questions.
    answers
        n of them.
    options
        The column of options, where there is one.
    exempt
        Columns that are not looked at.
    """
    rng = np.random.default_rng(0)
    rows = np.sort(rng.permutation(len(frame))[:_MOST_ROWS])
    frame, answers = frame.iloc[rows], answers.iloc[rows]
    known = golds(answers, None if options is None else frame[options])
    lists = [[]] * len(frame) if options is None else [_option_texts(cell) for cell in frame[options]]
    paths = []
    for name in map(str, frame.columns):
        leaves: dict[str, list[object]] = {}
        for row, cell in enumerate(frame[name].tolist()):
            for path, value in _leaves(cell, name):
                leaves.setdefault(path, [None] * len(frame))[row] = value
        # An item of the options is an option, which may well be the right one of nearly all questions.
        open_paths = [path for path in leaves if path not in exempt and not _is_option(path, exempt)]
        paths += [path for path in open_paths if _tells(leaves[path], known, lists)]
    return paths


def _is_option(path: str, exempt: Collection[str]) -> bool:
    column, _, item = path.rpartition(".")
    return column in exempt and (item.isdigit() or (len(item) == 1 and item.upper() in _LETTERS))


def usual_columns(frame: pd.DataFrame) -> list[str]:
    """Return the columns that hold questions, options and types by their names."""
    names = [name for name in frame.columns if isinstance(name, str)]
    usual = [name for tier in named_for("question", names) for name in tier]
    usual += [name for tier in named_for("options", names) for name in tier if name != "answers"]
    usual += next(iter(named_for("type", names)), [])
    return [*usual, *(name for series in option_series(names) for name in series)]


def without(frame: pd.DataFrame, columns: Sequence[str], kept: Collection[str]) -> pd.DataFrame:
    """Return the frame without columns; what is nested in one that must be kept is None there."""
    frame = frame.copy()
    for path in columns:
        name, _, inner = path.partition(".")
        if path in frame.columns:
            frame = frame.drop(columns=path)
        elif name in kept and name in frame.columns:
            frame[name] = pd.Series(
                [_cut(cell, inner) for cell in frame[name]], index=frame.index, dtype=object
            )
        elif name in frame.columns:
            frame = frame.drop(columns=name)
    return frame


def _cut(cell: Any, path: str) -> Any:
    step, _, inner = path.partition(".")
    if isinstance(cell, dict) and step in cell:
        return {**cell, step: _cut(cell[step], inner) if inner else None}
    if isinstance(cell, list) and step.isdigit() and int(step) < len(cell):
        place = int(step)
        return [*cell[:place], _cut(cell[place], inner) if inner else None, *cell[place + 1 :]]
    return cell


def _leaves(cell: object, path: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    if isinstance(cell, np.ndarray):
        cell = cell.tolist()
    if isinstance(cell, str) and cell[:1] in ("{", "["):
        with contextlib.suppress(ValueError, RecursionError):
            cell = json.loads(cell)
    if depth >= _DEEPEST or not isinstance(cell, dict | list):
        yield path, cell
        return
    items = cell.items() if isinstance(cell, dict) else enumerate(cell[:_MOST_ITEMS])
    for key, value in items:
        yield from _leaves(value, f"{path}.{key}", depth + 1)


def _plain(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, int | float | np.number):
        return f"{float(value):.9g}"
    text = " ".join(str(value).casefold().split()).strip(" .")
    return f"{float(text):.9g}" if _NUMBER.fullmatch(text) else text


def _tells(cells: Sequence[object], known: Sequence[Gold], options: Sequence[list[str]]) -> bool:
    rows = [row for row, cell in enumerate(cells) if cell is not None and cell == cell and str(cell).strip()]
    if len(rows) < max(_LEAST_ROWS, len(cells) // 2):
        return False
    readers: list[Callable[[int], str | None]] = [lambda row: _plain(cells[row])]
    if any(isinstance(cells[row], str) for row in rows):
        readers += [
            lambda row: _last(_NUMBER, cells[row]),
            lambda row: _last(_LETTER, cells[row]),
            lambda row: _last_option(cells[row], options[row]),
        ]
    others = np.roll(np.random.default_rng(1).permutation(len(rows)), 1)
    donors = dict(zip(np.sort(others).tolist(), others.tolist(), strict=True))
    for read in readers:
        values = [read(row) for row in rows]
        for way in ("answer", "option", "letter", "index", "place"):
            own = [known[row].get(way) for row in rows]
            given = [own[donors[place]] for place in range(len(rows))]
            right, by_chance = _agreement(values, own), _agreement(values, given)
            if right >= _AGREEMENT and right - by_chance >= _MORE_THAN_OTHERS:
                return True
    return _goes_with([_plain(cells[row]) for row in rows], [known[row]["answer"] for row in rows])


def _agreement(values: Sequence[str | None], answers: Sequence[str | None]) -> float:
    pairs = zip(values, answers, strict=True)
    return float(np.mean([value is not None and value == answer for value, answer in pairs]))


def _goes_with(values: list[str], answers: list[str]) -> bool:
    """Whether other rows with an equal cell give the answer."""
    table = pd.DataFrame({"value": values, "answer": answers})
    pairs = table.groupby(["value", "answer"])["answer"].transform("size") - 1
    others = table.groupby("value")["value"].transform("size") - 1
    commonest = float(table["answer"].value_counts(normalize=True).iloc[0])
    right = float(((pairs > others / 2) & (others >= 2)).mean())
    return right >= _AGREEMENT and right - commonest >= _MORE_THAN_OTHERS


def _last(pattern: re.Pattern[str], cell: object) -> str | None:
    matches = pattern.findall(str(cell))
    return _plain(matches[-1]) if matches else None


def _last_option(cell: object, options: list[str]) -> str | None:
    text = " ".join(str(cell).casefold().split())
    place, option = max(((text.rfind(option), option) for option in options if option), default=(-1, ""))
    return option if place >= 0 else None


def tells_answers(path: Path, ids: Sequence[str], known: Sequence[Gold]) -> bool:
    """Whether a file names questions, and their answers beside them.

    Parameters
    ----------
    path
        Of a file of text.
    ids, known
        Of n questions.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            text = stream.read(_MOST_CHARACTERS)
    except OSError:
        return False
    lines = text.splitlines()
    step = max(1, len(ids) // _SAMPLED)
    sampled = list(range(0, len(ids), step))
    pieces = lines if len(lines) > len(sampled) else re.split(r"(?<=[\w\"'}\]])\s*[,;]\s*", text)
    beside: dict[str, str] = {}
    wanted = {ids[row] for row in sampled}
    for piece in pieces:
        for token in re.findall(r"[^\s\"',;:{}\[\]()=]+", piece):
            if token in wanted:
                beside.setdefault(token, piece)
    rows = [row for row in sampled if ids[row] in beside]
    if 2 * len(rows) < len(sampled) or len(rows) < 2:
        return False

    def share(other: int) -> float:
        right = 0
        for place, row in enumerate(rows):
            piece = beside[ids[row]].casefold().replace(ids[row].casefold(), " ", 1)
            words = {_plain(word) for word in re.findall(r"[\w.+-]+", piece)}
            answer = known[rows[(place + other) % len(rows)]]
            options = [answer[way] for way in ("answer", "option", "letter") if way in answer]
            right += any(option in words or (" " in option and option in piece) for option in options)
        return right / len(rows)

    others = float(np.mean([share(other) for other in range(1, min(8, len(rows)))]))
    return share(0) >= _AGREEMENT and share(0) - others >= _MORE_THAN_OTHERS
