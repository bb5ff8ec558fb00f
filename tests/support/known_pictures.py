"""Made-up questions in the layouts of well-known sets of pictures and videos, with what each amounts to."""

from pathlib import Path
from typing import Any

import pyarrow
from data_rows import Row
from known_forms import (
    MC,
    NUM,
    OPEN,
    Known,
    N,
    document,
    letter,
    lines,
    named,
    of,
    right_option,
    table,
    thing,
)
from layout_rows import (
    LETTERS,
    THINGS,
    Expected,
    gold_of,
    lettered,
    options_of,
    question_of,
    write_json,
    write_lines,
)
from pyarrow import parquet


def _misspelt(i: int) -> Row:
    of_type = ('["Audio", "Counting"]', '["Visual", "Location"]')[i % 2]
    return {
        "video_id": f"{i // 2:08d}",
        "question_id": i,
        "type": of_type,
        "question_content": f"Where is the <Object> in clip {i}?",
        "templ_values": f'["{THINGS[i % 8]}"]',
        "question_deleted": 0,
        "anser": _HANDS[gold_of(i, 2)],
    }


_HANDS = ("left", "right")


def _answers_by_id(folder: Path) -> Path:
    write_json(folder / "subset_answers.json", {f"u{i}": gold_of(i, 5) for i in range(N)})
    rows = [
        {"q_uid": f"u{i}", "drive_id": "x", "question": question_of(i), **named(i, "option {}", 5, first=0)}
        for i in range(N)
    ]
    return write_json(folder / "questions.json", rows)


def _tasks_in_folders(folder: Path) -> Path:
    for task, n in (("Art_Style", 2), ("Counting", 4)):
        at = [i for i in range(N) if (i % 2 == 1) == (n == 4)]
        (folder / "tasks" / task).mkdir(parents=True)
        rows = [
            {
                "idx": f"val_{task}_{i}",
                "sub_task": task,
                "question": question_of(i),
                "image_1": {"bytes": b"\x01", "path": None},
                "choices": options_of(i, n),
                "answer": f"({letter(i, n)})",
                "prompt": f"{question_of(i)}\nSelect from the following choices.\n",
                "explanation": "",
            }
            for i in at
        ]
        parquet.write_table(
            pyarrow.Table.from_pylist(rows), folder / "tasks" / task / "val-00000-of-00001.parquet"
        )
    return folder / "tasks"


def _of_a_number(i: int) -> str:
    return right_option(i, 4 if i % 2 else 2)


def _by_video(v: int) -> Row:
    return {
        "key": f"v{v}",
        "type": "cartoon",
        "qa": [
            {
                "uid": str(i),
                "question": lettered(i, stop=") ").replace("\n", "\n("),
                "answer": letter(i),
                "question_type": ["entity recognition", "reasoning"][: 1 + i % 2],
            }
            for i in (2 * v, 2 * v + 1)
        ],
    }


def _by_video_and_skill() -> dict[str, Any]:
    def asked(i: int) -> Row:
        return {"question": lettered(i, 3), "answer": f"{letter(i, 3)}. {right_option(i, 3)}"}

    return {
        str(v): {
            skill: [asked(4 * v + 2 * place + j) for j in range(2)]
            for place, skill in enumerate(("action", "speed"))
        }
        for v in range(10)
    }


def _nothing_to_choose(i: int) -> Row:
    offered = dict.fromkeys("ABCDE", "") if i % 2 else dict(zip("ABCDE", options_of(i, 5), strict=True))
    return {
        "id": f"val_{i}",
        "video": f"v{i // 2}.mp4",
        "question_type": ("multiple-choice", "open-ended")[i % 2],
        "metadata": {"subject": "Art", "rationale": "It is."},
        "question": question_of(i),
        "choices": offered,
        "answer": thing(i) if i % 2 else letter(i, 5),
    }


def _two_files(folder: Path) -> Path:
    answers = [{"answer": thing(i), "type": i % 4, "question_id": f"v_{i}"} for i in range(N)]
    rows = [
        {"video_name": f"{i // 2}", "question": question_of(i), "question_id": f"v_{i}"} for i in range(N)
    ]
    write_json(folder / "val_a.json", answers)
    return write_json(folder / "val_q.json", rows)


PICTURES: dict[str, Known] = {
    "misspelt names": Known(
        document(lambda: [_misspelt(i) for i in range(N)]),
        Expected(N, MC, {_misspelt(0)["type"], _misspelt(1)["type"]}, 20),
        lambda i: _HANDS[gold_of(i, 2)],
    ),
    "answers by id in a file": Known(_answers_by_id, Expected(N, MC), of(5)),
    "tasks in folders": Known(_tasks_in_folders, Expected(N, MC, {"Art_Style", "Counting"}), _of_a_number),
    "questions of a key": Known(
        lambda folder: write_lines(folder / "rows.jsonl", [_by_video(v) for v in range(N // 2)]),
        Expected(N, MC, {"entity recognition", "entity recognition, reasoning"}, 20),
        of(4),
    ),
    "by video and skill": Known(
        document(_by_video_and_skill), Expected(N, MC, {"action", "speed"}, 10), of(3)
    ),
    "blank options of open questions": Known(
        document(lambda: [_nothing_to_choose(i) for i in range(N)]),
        Expected(N, MC | OPEN, {"multiple-choice", "open-ended"}, 20),
        lambda i: {thing(i)} if i % 2 else right_option(i, 5),
    ),
    "options as lists of words": Known(
        document(
            lambda: [
                {
                    "movie": f"m{i // 4}",
                    "img_id": f"v{i // 2}",
                    "question_orig": question_of(i),
                    "question": question_of(i).split(),
                    "answer_choices": [["Both", [0, 1], "take", o, "."] for o in options_of(i)],
                    "answer_label": gold_of(i),
                    "rationale_choices": [["a"]],
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC, groups=20),
        lambda i: f"Both 0 1 take {right_option(i)} .",
    ),
    "clips of a programme": Known(
        lines(
            lambda i: {
                **named(i, "a{}", 5, first=0),
                "answer_idx": gold_of(i, 5),
                "q": question_of(i),
                "qid": i,
                "show_name": "x",
                "vid_name": f"s01e{i // 4:02d}",
            }
        ),
        Expected(N, MC, groups=10),
        of(5),
    ),
    "choices with a colon": Known(
        document(
            lambda: [
                {
                    "sample_index": str(i),
                    "problem_version": ("Text", "Vision")[i % 2],
                    "question": f"{question_of(i)}\nChoices:\n"
                    + "\n".join(f"{x}:{10 + i + n}°" for n, x in enumerate("ABCD")),
                    "image": f"images/{i}.png",
                    "answer": letter(i),
                    "question_type": "multi-choice",
                    "question_for_eval": question_of(i),
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC, {"multi-choice"}),
        lambda i: f"{10 + i + gold_of(i)}°",
    ),
    "a Python list as text": Known(
        table(
            lambda i: {
                "id": f"test_{i}",
                "question": question_of(i),
                "options": str(options_of(i, 8)),
                "img_type": "['Photos']",
                "answer": letter(i, 8),
                "subject": ("History", "Art")[i % 2],
            }
        ),
        Expected(N, MC, {"History", "Art"}),
        of(8),
    ),
    "columns of letters, some blank": Known(
        table(
            lambda i: {
                "index": i,
                "question": question_of(i),
                "hint": "" if i % 2 else f"Look at {i}.",
                **{
                    x: o if i % 2 or n < 2 else ""
                    for n, (x, o) in enumerate(zip("ABCD", options_of(i), strict=True))
                },
                "answer": letter(i, 4 if i % 2 else 2),
                "category": ("ocr", "action")[i % 2],
                "comment": "",
            },
            "\t",
        ),
        Expected(N, MC, {"ocr", "action"}),
        _of_a_number,
    ),
    "free answers beside letters alone": Known(
        document(
            lambda: [
                {
                    "id": str(i),
                    "question": question_of(i),
                    "options": list(LETTERS[:5]) if i % 2 else [],
                    "answer": letter(i, 5) if i % 2 else str(i),
                    "level": 1 + i % 5,
                    "subject": ("algebra", "logic")[i // 2 % 2],
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC | NUM, {f"{of} ({kind})" for of in ("algebra", "logic") for kind in ("mc", "num")}),
        lambda i: letter(i, 5) if i % 2 else float(i),
    ),
    "questions and answers apart": Known(
        _two_files, Expected(N, OPEN, {"0", "1", "2", "3"}, 20), lambda i: {thing(i)}
    ),
}
