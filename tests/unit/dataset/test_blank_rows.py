"""A blank row in a table changes nothing that is recognised."""

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tst_harness.engine.proposal import propose

Row = dict[str, Any]

_THINGS = ("stove", "fridge", "table", "sofa", "lamp", "chair", "bed", "desk", "plant", "clock")
_ROWS = 40


def with_wrong_answers(number: int, things: list[str], question: str) -> Row:
    wrong = {f"wrong{place}": things[place] for place in range(1, 5)}
    return {"id": number, "question": question, "right_answer": things[0], **wrong}


def with_letters(number: int, things: list[str], question: str) -> Row:
    options = dict(zip("ABCD", things[:4], strict=True))
    kind = random.Random(number).choice(["near", "far"])
    return {"id": number, "scene": f"s{number // 4}", "kind": kind, "question": question} | {
        **options,
        "answer": "ABCD"[number * 7 % 4],
    }


def with_numbers(number: int, things: list[str], question: str) -> Row:
    text = f"How many {things[0]}s are in room {number}?"
    return {"n": number, "question": text, "scene": f"s{number // 4}", "answer": number * 7 % 9 + 1}


def with_labels(number: int, things: list[str], question: str) -> Row:
    return {"id": number, "question": question, "answer": ["yes", "no"][number * 7 % 3 % 2]}


def with_a_list(number: int, things: list[str], question: str) -> Row:
    return {"id": number, "question": question, "options": json.dumps(things[:4]), "answer": things[1]}


FORMS: list[Callable[[int, list[str], str], Row]] = [
    with_wrong_answers,
    with_letters,
    with_numbers,
    with_labels,
    with_a_list,
]


def rows_of(form: Callable[[int, list[str], str], Row]) -> list[Row]:
    drawn = (random.Random(number).sample(_THINGS, 6) for number in range(_ROWS))
    return [
        form(number, things, f"Which object is closest to the {things[5]} in room {number}?")
        for number, things in enumerate(drawn)
    ]


def write(path: Path, rows: list[Row]) -> None:
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in [list(rows[0]), *(list(row.values()) for row in rows)]:
            book.worksheets[0].append(row)
        book.save(path)
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]), delimiter=";" if "semicolon" in path.name else ",")
        table.writeheader()
        table.writerows(rows)


def recognised(path: Path) -> list[str]:
    lines: list[str] = []
    roles = ("question", "options", "answer", "type", "group", "id", "format")
    propose(str(path), "toy", dict.fromkeys(roles), show=lines.extend)
    return lines


@pytest.mark.parametrize("name", ["t.csv", "semicolon.csv", "t.xlsx"])
@pytest.mark.parametrize("form", FORMS)
def test_it_changes_nothing(tmp_path: Path, name: str, form: Callable[[int, list[str], str], Row]) -> None:
    rows, path = rows_of(form), tmp_path / name
    write(path, rows)
    plain = recognised(path)
    for blank in (None, " "):
        for place in (0, _ROWS // 2, _ROWS):
            write(path, [*rows[:place], dict.fromkeys(rows[0], blank), *rows[place:]])
            assert recognised(path) == plain


def test_lines_without_cells_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write(path, rows_of(with_letters))
    plain = recognised(path)
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:5], "", "   ", *lines[5:], "", ""]), "utf-8")
    assert recognised(path) == plain


def test_a_row_with_an_id_alone_is_one_faulty_row(tmp_path: Path) -> None:
    path, rows = tmp_path / "t.csv", rows_of(with_wrong_answers)
    write(path, rows)
    plain = recognised(path)
    write(path, [*rows[:9], dict.fromkeys(rows[0]) | {"id": 999}, *rows[9:]])
    lines = [line.replace("; 1 blank)", ")") for line in recognised(path)]
    assert "answers are kept back in 1 of 41 rows" in lines
    columns = [line for line in plain[1:] if not line.startswith(("  ", "questions as"))]
    assert set(columns) <= set(lines)


def test_right_and_wrong_answers_are_the_options(tmp_path: Path) -> None:
    path = tmp_path / "semicolon.csv"
    write(path, rows_of(with_wrong_answers))
    lines = recognised(path)
    assert any(line.startswith("options: 'wrong1', 'wrong2', 'wrong3', 'wrong4', 'right_") for line in lines)
    assert "answer: 'right_answer' (the text of an option)" in lines
