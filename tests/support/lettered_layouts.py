"""Small made-up question files whose options and answers are letters in one way or another."""

from pathlib import Path

from layout_rows import LETTERS, gold_of, lettered, options_of, plain, question_of, write_lines


def lettered_parts(folder: Path) -> Path:
    rows = []
    for i in range(20):
        stem = question_of(i) if i % 4 else f"See (a) and (b); (a) has a hole, (b) none. {question_of(i)}"
        options = ", ".join(
            f"{x}: p(a)>{i},(a);p(b)>{o},(b)" if i % 4 == 0 else f"{x}: {o}"
            for x, o in zip(LETTERS, options_of(i), strict=False)
        )
        rows.append({"index": i, "question": f"{stem}\nOptions: {options}", "answer": LETTERS[gold_of(i)]})
    return write_lines(folder / "parts.jsonl", rows)


def letters_inside(folder: Path) -> Path:
    rows = [
        plain(i, options=[f"({x}){o}" for x, o in zip(LETTERS, options_of(i), strict=False)])
        for i in range(30)
    ]
    rows[7] |= {"options": rows[7]["options"][:3], "answer": "D"}
    rows[11]["answer"] = None
    return write_lines(folder / "letters_inside.jsonl", rows)


def bare_letters(folder: Path) -> Path:
    rows = [
        {
            "index": i,
            "question": lettered(i, stop=" " if i % 10 == 4 else ". "),
            "answer": [LETTERS[gold_of(i)]],
        }
        for i in range(30)
    ]
    return write_lines(folder / "bare_letters.jsonl", rows)


def written_otherwise(folder: Path) -> Path:
    rows = []
    for i in range(30):
        x = LETTERS[gold_of(i)]
        wide = chr(ord(x) + 0xFEE0)
        rows.append(plain(i, answer=[x, x.lower() + ".", wide, f"{x}\uff0e", f" {x} ", f"({x})"][i % 6]))
    return write_lines(folder / "written_otherwise.jsonl", rows)
