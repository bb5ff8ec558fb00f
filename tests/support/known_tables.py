"""Made-up questions in the columns of tables that people put on the Hub."""

import json
from pathlib import Path

from data_rows import Row
from known_forms import MC, MULTI, OPEN, Known, N, letter, lines, named, of, right_option, table, thing
from layout_rows import Expected, gold_of, options_of, question_of, write_json
from pyarrow import Table, parquet

_PICTURE = {"bytes": b"\x89PNG", "path": None}


def _choices_or_none(i: int) -> Row:
    choices = None if i % 3 == 0 else options_of(i)
    return {
        "unique_id": f"{i:032x}",
        "original_dataset": ("toy", "play")[i // 3 % 2],
        "question": question_of(i),
        "choices": choices,
        "choice_index_correct": None if choices is None else gold_of(i),
        "explanation_correct": None,
        "answer_correct": thing(i) if choices is None else right_option(i),
    }


def _one_or_several(i: int) -> Row:
    right = [gold_of(i)] if i % 3 else sorted({gold_of(i), gold_of(i + 1)})
    return {
        "id": f"an{i:07d}",
        "type": "single_choice" if i % 3 else "multiple_choice",
        "categories": ["Basics", "Art"][: 1 + i % 2],
        "tags": [],
        "difficulty": "easy",
        "question": question_of(i),
        "options": options_of(i),
        "correct_answers": right,
        "explanation": "It is so.",
        "references": [{"title": "t", "url": "u"}],
    }


def _right_of_several(i: int) -> object:
    if i % 3:
        return right_option(i)
    return {right_option(i), options_of(i)[gold_of(i + 1)]}


def _parquet_rows(folder: Path, rows: list[Row]) -> Path:
    parquet.write_table(Table.from_pylist(rows), folder / "rows.parquet")
    return folder / "rows.parquet"


def _letters(i: int, names: str, n: int = 4) -> Row:
    return {names.format(x): o for x, o in zip("ABCDEF", options_of(i, n), strict=False)}


TABLES: dict[str, Known] = {
    "the place and the text of the right choice": Known(
        lines(_choices_or_none),
        Expected(N, MC | OPEN, {"rows (mc)", "rows (open)"}),
        lambda i: right_option(i) if i % 3 else {thing(i)},
    ),
    "one or several right indices": Known(
        lines(_one_or_several),
        Expected(N, MC | MULTI, {"single_choice", "multiple_choice"}),
        _right_of_several,
    ),
    "answers by letter": Known(
        table(
            lambda i: {
                "question": question_of(i),
                **{name.lower(): o for name, o in _letters(i, "answer_{}").items()},
                "correct_answer": letter(i).lower(),
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "an instruction in each row": Known(
        table(
            lambda i: {
                "Instruction": "Choose the right option and give the reason for it.",
                "Question": question_of(i),
                **_letters(i, "{}"),
                "Correct Answer": letter(i),
                "Explanation": f"Since {i} is {letter(i + 1)}.",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "all in one struct": Known(
        lambda folder: _parquet_rows(
            folder,
            [
                {
                    "subject_name": ("anatomy", "ethics")[i % 2],
                    "data": {
                        "Correct Answer": right_option(i),
                        "Correct Option": letter(i),
                        "Options": dict(zip("ABCD", options_of(i), strict=True)),
                        "Question": question_of(i),
                    },
                    "id": f"{i:08x}",
                }
                for i in range(N)
            ],
        ),
        Expected(N, MC, {"anatomy", "ethics"}),
        of(4),
    ),
    "right choices in a list": Known(
        lines(
            lambda i: {
                "correct_choices": [right_option(i)],
                "choices": options_of(i),
                "question": question_of(i),
                "quality": 0.5 + i / 100,
                "original_dataset": ("toy", "play")[i % 2],
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "a picture a list and an index": Known(
        lambda folder: _parquet_rows(
            folder,
            [
                {
                    "images": [_PICTURE],
                    "question": question_of(i),
                    "choices": options_of(i, 3),
                    "answer_idx": gold_of(i, 3),
                    "datatype": ("real", "made")[i % 2],
                }
                for i in range(N)
            ],
        ),
        Expected(N, MC),
        of(3),
    ),
    "choices in columns and in a list": Known(
        table(
            lambda i: {
                "file_name": f"{i // 2}.png",
                "Question Type": ("Text", "Figure")[i % 2],
                "problem": question_of(i),
                **_letters(i, "Choice {}"),
                "answer": letter(i),
                "ground_truth": right_option(i),
                "Note": "",
                "ID": f"p{i}",
                "choices": json.dumps(options_of(i)),
            }
        ),
        Expected(N, MC, {"Text", "Figure"}, 20),
        of(4),
    ),
    "an index and the right text": Known(
        lambda folder: _parquet_rows(
            folder,
            [
                {
                    "image": _PICTURE,
                    "question": question_of(i),
                    "choices": options_of(i),
                    "answer": gold_of(i),
                    "correct_answer": right_option(i),
                }
                for i in range(N)
            ],
        ),
        Expected(N, MC),
        of(4),
    ),
    "one choice by name": Known(
        lines(
            lambda i: {
                "index": i,
                "video_index": f"v{i // 2}",
                "question": question_of(i),
                "answer": right_option(i),
                "eval_method": "exact",
                "option": options_of(i),
                "task_type": ("find", "read")[i % 2],
                "task": "needle",
                "duration": 60,
                "meta": {"data_source": "toy", "fps": 2.0},
            }
        ),
        Expected(N, MC, {"find", "read"}, 20),
        of(4),
    ),
    "options in the question and in a list": Known(
        lines(
            lambda i: {
                "question": f"{question_of(i)} "
                + " ".join(f"{x}. {o}" for x, o in zip("ABCD", options_of(i), strict=True)),
                "choices": options_of(i),
                "answer": letter(i),
                "task": ("rotate", "move")[i % 2],
            }
        ),
        Expected(N, MC, {"rotate", "move"}),
        of(4),
    ),
    "a text of lettered choices and a label": Known(
        table(
            lambda i: {
                "question": question_of(i),
                "choices": "\n".join(f"{x}) {o}" for x, o in zip("ABCD", options_of(i), strict=True)),
                "label": gold_of(i),
                "description": f"It is of {i}.",
                "id": f"c{i}",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "options from 1 with a text of the right one's number": Known(
        table(
            lambda i: {
                "SrNo": i + 1,
                "Question": question_of(i),
                **named(i, "Choice{}"),
                "CorrectChoice": f"Choice{1 + gold_of(i)}",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "splits under keys": Known(
        lambda folder: write_json(
            folder / "all.json",
            {
                part: [
                    {"question": question_of(i), "options": options_of(i), "answer": letter(i)}
                    for i in range(N)
                    if (i % 2 == 0) == (part == "dev")
                ]
                for part in ("dev", "test")
            },
        ),
        Expected(N // 2, MC),
        of(4),
    ),
    "a mark for each option": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "options": options_of(i),
                "answer": [int(place == gold_of(i)) for place in range(4)],
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "several marks": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "options": options_of(i),
                "answer": [place in (gold_of(i), gold_of(i + 1)) for place in range(4)],
            }
        ),
        Expected(N, MULTI),
        lambda i: {right_option(i), options_of(i)[gold_of(i + 1)]},
    ),
    "tagged answers": Known(
        lines(
            lambda i: {
                "problem": question_of(i),
                "options": options_of(i),
                "solution": f"<think>It may be {letter(i + 1)}.</think>\n<answer> {letter(i)} </answer>",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "options parted by commas": Known(
        table(lambda i: {"q": question_of(i), "choices": ", ".join(options_of(i)), "a": right_option(i)}),
        Expected(N, MC),
        of(4),
    ),
    "answers with their marks": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "answers": [
                    {"answer_id": 10 * i + n, "answer": o, "correct": n == gold_of(i)}
                    for n, o in enumerate(options_of(i))
                ],
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "numbered options": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "options": [f"{n}. {o}" for n, o in enumerate(options_of(i), 1)],
                "answer": 1 + gold_of(i),
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "a letter and a text without a stop": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "options": options_of(i),
                "answer": f"{letter(i)} {right_option(i)}",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
}
