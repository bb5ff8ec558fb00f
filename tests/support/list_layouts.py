"""Small made-up files of questions in lists: several in a record, a list a row, files that have more."""

import json
from collections.abc import Callable
from pathlib import Path

from data_rows import Row
from layout_rows import (
    THINGS,
    Expected,
    gold_of,
    options_of,
    plain,
    question_of,
    write_json,
)


def _scenes_of_frames(folder: Path) -> Path:
    def asked(i: int, answer: str) -> Row:
        return {"Q": question_of(i), "A": answer, "C": None, "tag": [2]}

    def frame(i: int) -> Row:
        lists = {
            "perception": [
                asked(i, f"There is a {THINGS[i % 8]} {i}."),
                asked(i + 1, f"A {THINGS[i % 8]} {i}."),
            ],
            "prediction": [asked(i + 2, ("Yes.", "No.")[i % 2])],
            "planning": [asked(i + 3, f"Keep going past the {THINGS[i % 5]}.")] * (i % 50 > 0),
        }
        return {
            "key_object_infos": {"<c1>": {"Status": "Moving"}},
            "QA": lists,
            "image_paths": {"FRONT": "x.jpg"},
        }

    scenes = {
        f"scene{s}": {
            "scene_description": "Slowly.",
            "key_frames": {f"frame{k}": frame(10 * s + 5 * k) for k in range(2)},
        }
        for s in range(5)
    }
    return write_json(folder / "scenes.json", scenes)


def _moments_beside_the_whole(folder: Path) -> Path:
    (folder / "movies").mkdir()
    for movie in range(10):
        content = {
            "info": {"video_path": f"{movie}.mp4", "fps": 24.0},
            "caption": "A long story of a house." * (movie % 2),
            "global": [
                {"question": question_of(10 * movie + j), "answer": THINGS[(3 * movie + j) % 8]}
                for j in range(3)
            ],
            "breakpoint": [
                {"time": 100 * j, "question": question_of(10 * movie + j), "answer": THINGS[(movie + j) % 8]}
                for j in range(3, 7)
            ],
        }
        write_json(folder / "movies" / f"{movie}.json", content)
    return folder / "movies"


def _lists_below_their_names(folder: Path) -> Path:
    names = ["record_id", "vid_id", "q_body", "q_type", *(f"option{place}" for place in range(4)), "answer"]
    rows = [[i, i // 3, question_of(i), "UARF"[i % 4], *options_of(i), gold_of(i)] for i in range(40)]
    path = folder / "traffic.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [names, *rows]), encoding="utf-8")
    return path


def _options_in_some_files(folder: Path) -> Path:
    (folder / "tasks").mkdir()
    for task in ("plot", "needle"):
        rows = [plain(i, id=f"{task}{i}", question_type=task) for i in range(20)]
        write_json(folder / "tasks" / f"{task}.json", rows)
    story = "The clip begins with a man who carries it out, number"
    rows = [
        {"id": f"s{i}", "question": question_of(i), "answer": f"{story} {i}.", "question_type": "summary"}
        for i in range(10)
    ]
    write_json(folder / "tasks" / "a_summary.json", rows)
    return folder / "tasks"


def _annotations_with_a_word_more(folder: Path) -> Path:
    annotations = [
        {"question_id": 500 + i, "answers": [{"answer": THINGS[i % 3], "answer_id": 1}]} for i in range(30)
    ]
    rows = [{"scene_id": f"s{i // 3}", "question_id": 500 + i, "question": question_of(i)} for i in range(30)]
    write_json(folder / "v1_sqa_annotations_test.json", {"info": "x", "annotations": annotations})
    write_json(folder / "v1_sqa_annotations_train.json", {"info": "x", "annotations": annotations[:3]})
    return write_json(folder / "v1_questions_test.json", {"info": "x", "questions": rows})


LISTS: dict[str, tuple[Callable[[Path], Path], Expected]] = {
    "lists of questions in frames of scenes": (
        _scenes_of_frames,
        Expected(39, {"open", "mc"}, {"perception", "prediction", "planning"}, 5),
    ),
    "two lists of questions in a record": (
        _moments_beside_the_whole,
        Expected(70, {"mc"}, {"global", "breakpoint"}, 10),
    ),
    "a list a line below their names": (
        _lists_below_their_names,
        Expected(40, {"mc"}, {"U", "A", "R", "F"}, 14),
    ),
    "options in some files": (
        _options_in_some_files,
        Expected(50, {"mc", "open"}, {"plot", "needle", "summary"}, 50),
    ),
    "annotations with a word more": (_annotations_with_a_word_more, Expected(30, {"mc"}, None, 10)),
}
