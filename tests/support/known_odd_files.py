"""Made-up files of less usual kinds, and folders with more in them than questions; what each amounts to."""

import json
from pathlib import Path

from data_rows import Row
from known_forms import MC, NUM, OPEN, Known, N, document, letter, lines, right_option, thing
from layout_rows import (
    LETTERS,
    Expected,
    bare,
    gold_of,
    options_of,
    plain,
    question_of,
    write_json,
    write_lines,
)


def _files_of_one_question(folder: Path) -> Path:
    for i in range(N):
        figure = folder / "figures" / str(2400 + i)
        figure.mkdir(parents=True)
        problem = {"id": i, "problem_text": question_of(i), "choices": options_of(i), "answer": letter(i)}
        write_json(figure / "data.json", problem)
        write_json(figure / "logic_form.json", {"text_logic_form": ["Find(x)"], "points": {"P": [1, 2]}})
    return folder / "figures"


def _predictions_beside(folder: Path) -> Path:
    (folder / "set").mkdir()
    write_lines(folder / "set" / "questions.jsonl", [plain(i) for i in range(N)])
    predicted = [{"id": f"q{i}", "prediction": LETTERS[i % 4]} for i in range(N)]
    write_lines(folder / "set" / "predictions.jsonl", predicted)
    return folder / "set"


def _elements(folder: Path) -> Path:
    items = "".join(
        f'<item id="{i}" most-plausible-alternative="{1 + gold_of(i, 2)}"><p>{question_of(i)}</p>'
        + "".join(f"<a{n}>{option}</a{n}>" for n, option in enumerate(options_of(i, 2), 1))
        + "</item>\n"
        for i in range(N)
    )
    path = folder / "rows.xml"
    path.write_text(f'<?xml version="1.0"?>\n<corpus version="1.0">\n{items}</corpus>\n', encoding="utf-8")
    return path


def _blocks(folder: Path) -> Path:
    def block(i: int) -> str:
        options = [f"{x}.{option}" for x, option in zip(LETTERS, options_of(i), strict=False)]
        return "\n".join([letter(i).lower(), f"What happened in {i}.", question_of(i), *options])

    path = folder / "rows.txt"
    path.write_text("\n\n".join(map(block, range(N))) + "\n", encoding="utf-8")
    return path


def _windows(folder: Path) -> Path:
    header = ["id", "question", "first_option", "second_option", "third_option", "fourth_option", "answer"]
    rows = [[str(i), question_of(i), *options_of(i), letter(i)] for i in range(N)]
    text = "# caf\u00e9\n" + "".join(",".join(row) + "\n" for row in (header, *rows))
    path = folder / "rows.csv"
    path.write_bytes(text.encode("cp1252"))
    return path


def _responses(i: int) -> Row:
    return {
        "id": str(i),
        "prompt": question_of(i),
        "chosen": [f"a right reply to {i}"],
        "rejected": [f"a wrong reply {k} to {i}" for k in range(3)],
        "num_correct": 1,
    }


def _scored(i: int) -> list[Row]:
    return [{"text": f"not {thing(i)}", "score": -1}, {"text": thing(i), "score": 3}]


ODD_FILES: dict[str, Known] = {
    "files of one question beside others": Known(_files_of_one_question, Expected(N, MC), right_option),
    "predictions beside": Known(_predictions_beside, Expected(N, MC), right_option),
    "xml": Known(_elements, Expected(N, MC), lambda i: right_option(i, 2)),
    "blocks of a text": Known(_blocks, Expected(N, MC), right_option),
    "a table of Western Windows": Known(_windows, Expected(N, MC), right_option),
    "lists of responses": Known(lines(_responses), Expected(N, MC), lambda i: f"a right reply to {i}"),
    "texts with scores": Known(
        lines(lambda i: bare(i, answers=_scored(i))), Expected(N, OPEN), lambda i: {thing(i)}
    ),
    "a number beside its spelling": Known(
        lines(
            lambda i: {
                "problem_text": question_of(i),
                "answer_latex": f"{i}\\frac12",
                "answer_number": f"{i}.5",
                "unit": "nm",
            }
        ),
        Expected(N, NUM),
        lambda i: i + 0.5,
    ),
    "one turn": Known(
        lines(lambda i: {"question_id": f"x{i}", "turns": [question_of(i)], "ground_truth": thing(i)}),
        Expected(N, OPEN),
        lambda i: {thing(i)},
    ),
    "json in json": Known(
        document(lambda: json.dumps([plain(i) for i in range(N)])), Expected(N, MC), right_option
    ),
    "versions of a problem": Known(
        lines(lambda i: plain(i, problem_index=str(i // 4), image=f"{i}.png")),
        Expected(N, MC, groups=10),
        right_option,
    ),
}
