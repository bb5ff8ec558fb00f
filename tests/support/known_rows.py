"""Made-up questions in rows that name little or number much, with what each file amounts to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from data_rows import Row
from known_forms import MC, OPEN, Build, Known, N, document, letter, lines, of, table, thing
from layout_rows import Expected, gold_of, options_of, question_of, write_lines

_HALF = N // 2


def _yes(i: int) -> str:
    return ("Yes", "No")[gold_of(i, 2)]


def _things(i: int) -> set[str]:
    return {thing(i)}


def _numbered(v: int, names: str, answer: Callable[[int], Any], **more: Callable[[int], Any]) -> Row:
    """A row with two questions; "{}" in the names stands for "question" and "answer"."""
    row: Row = {"video": f"v{v}.mp4"}
    for number, i in enumerate((2 * v, 2 * v + 1), 1):
        row |= {f"{names.format('question')}{number}": question_of(i)}
        row |= {f"{names.format('answer')}{number}": answer(i)}
        row |= {f"{name}_{number}": value(i) for name, value in more.items()}
    return row


def _written(name: str, row: Callable[[int], str]) -> Build:
    def write(folder: Path) -> Path:
        (folder / name).write_text("".join(f"{row(i)}\n" for i in range(N)), encoding="utf-8")
        return folder / name

    return write


def _by_video(rows: Callable[[int], Any]) -> dict[str, Any]:
    return {f"v{v}.mp4": [rows(2 * v), rows(2 * v + 1)] for v in range(_HALF)}


def _text_per_picture(folder: Path, inner: str) -> Path:
    for place, task in enumerate(("colour", "count")):
        (folder / "data" / task / inner).mkdir(parents=True)
        for picture in range(10):
            asked = (20 * place + 2 * picture + j for j in range(2))
            rows = (
                f'Is the "lamp" in picture {i}? Answer yes or no.\t{("Yes", "No")[i % 2]}\n' for i in asked
            )
            (folder / "data" / task / inner / f"{picture:04d}.txt").write_text("".join(rows))
            (folder / "data" / task / f"{picture:04d}.jpg").write_bytes(b"\xff\xd8")
    return folder / "data"


_PER_PICTURE = Expected(N, MC, {"colour", "count"}, 20)

ROWS: dict[str, Known] = {
    "two questions and answers in a row": Known(
        document(lambda: [_numbered(v, "{}", _yes) for v in range(_HALF)]), Expected(N, MC, groups=20), _yes
    ),
    "two questions and answers in a row of a table": Known(
        table(lambda v: _numbered(v, "{} ", thing)), Expected(2 * N, OPEN, groups=N), _things
    ),
    "two questions with options in a row": Known(
        lines(lambda v: _numbered(v, "{}_", letter, options=options_of)),
        Expected(2 * N, MC, groups=N),
        of(4),
    ),
    "q1, a1, q2, a2": Known(
        lines(
            lambda v: {
                "clip": f"c{v}",
                "Q1": question_of(2 * v),
                "A1": thing(2 * v),
                "Q2": question_of(2 * v + 1),
                "A2": thing(2 * v + 1),
            }
        ),
        Expected(2 * N, OPEN, groups=N),
        _things,
    ),
    "pairs by video": Known(
        document(lambda: _by_video(lambda i: [question_of(i), _yes(i)])), Expected(N, MC, groups=20), _yes
    ),
    "objects by video": Known(
        document(lambda: _by_video(lambda i: {"question": question_of(i), "answer": thing(i)})),
        Expected(N, OPEN, groups=20),
        _things,
    ),
    "answers by question by video": Known(
        document(
            lambda: {f"v{v}": {question_of(i): _yes(i) for i in (2 * v, 2 * v + 1)} for v in range(_HALF)}
        ),
        Expected(N, MC, groups=20),
        _yes,
    ),
    "a list of pairs": Known(
        document(lambda: [[question_of(i), thing(i)] for i in range(N)]), Expected(N, OPEN), _things
    ),
    "a list of a picture, a question, options and an answer": Known(
        document(lambda: [[f"im{i // 2}.jpg", question_of(i), options_of(i), letter(i)] for i in range(N)]),
        Expected(N, MC, groups=20),
        of(4),
    ),
    "pairs, one a line": Known(
        lambda folder: write_lines(
            folder / "rows.jsonl",
            [[question_of(i), _yes(i)] for i in range(N)],
        ),
        Expected(N, MC),
        _yes,
    ),
    "pairs inside a record": Known(
        lines(lambda v: {"video": f"v{v}", "qa": [[question_of(i), _yes(i)] for i in (2 * v, 2 * v + 1)]}),
        Expected(2 * N, MC, groups=N),
        _yes,
    ),
    "a table of id, question and answer without a header": Known(
        _written("rows.tsv", lambda i: f"q{i}\t{question_of(i)}\t{thing(i)}"), Expected(N, OPEN), _things
    ),
    "a table of picture, question and answer without a header": Known(
        _written("rows.csv", lambda i: f"im{i // 2}.png,{question_of(i)},{_yes(i)}"),
        Expected(N, MC, groups=20),
        _yes,
    ),
    "a text of questions and answers": Known(
        _written("rows.txt", lambda i: f"{question_of(i)}\t{_yes(i)}"), Expected(N, MC), _yes
    ),
    "a text per picture in folders of tasks": Known(
        lambda folder: _text_per_picture(folder, ""), _PER_PICTURE, lambda i: ("Yes", "No")[i % 2]
    ),
    "a text per picture in folders in folders": Known(
        lambda folder: _text_per_picture(folder, "qa"), _PER_PICTURE, lambda i: ("Yes", "No")[i % 2]
    ),
}
