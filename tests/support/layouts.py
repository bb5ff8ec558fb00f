"""Small made-up question files in the layouts in which benchmarks are published."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data_rows import Row
from layout_rows import (
    LETTERS,
    THINGS,
    Expected,
    gold_of,
    lettered,
    options_of,
    plain,
    question_of,
    write_json,
    write_lines,
)
from lettered_layouts import bare_letters, lettered_parts, letters_inside, written_otherwise


def _by_id(folder: Path) -> Path:
    rows = {
        str(100 + i): {
            "clip": f"c{i // 3}.mp4",
            "question": question_of(i),
            "choices": dict(zip(LETTERS, options_of(i), strict=False)),
            "answer": LETTERS[gold_of(i)],
        }
        for i in range(24)
    }
    return write_json(folder / "by_id.json", rows)


def _nested(folder: Path) -> Path:
    nested: dict[str, Any] = {}
    for i in range(24):
        answer = f"{LETTERS[gold_of(i, 3)]}. {options_of(i, 3)[gold_of(i, 3)]}"
        skills = nested.setdefault(f"v{i // 4}", {})
        skills.setdefault(("action", "order")[i % 2], []).append(
            {"question": lettered(i, 3), "answer": answer}
        )
    return write_json(folder / "nested.json", nested)


def _yes_no(i: int) -> Row:
    text = f"Is there a {THINGS[i % 8]} in the image?"
    return {"question_id": i, "image": f"im{i // 6}.jpg", "text": text, "label": ("yes", "no")[i % 2]}


def _lines_named_json(folder: Path) -> Path:
    return write_lines(folder / "lines.json", [_yes_no(i) for i in range(36)])


def _labels(folder: Path) -> Path:
    rows = [
        {
            "category": ("VD", "VS")[i // 20],
            "set_id": str(i // 4),
            "question": f"Is the {THINGS[i // 5]} heavier than the {THINGS[i % 7]}?",
            "gt_answer": str((i + i // 4) % 2),
            "filename": f"f{i // 2}.png" if i % 5 else None,
        }
        for i in range(40)
    ]
    return write_json(folder / "labels.json", rows)


def _faulty(folder: Path) -> Path:
    rows = [plain(i, answer=options_of(i)[gold_of(i)], video=f"v{i // 2}.mp4") for i in range(30)]
    rows[3]["options"] = ["", *rows[3]["options"][1:]]
    rows[8]["options"] = [rows[8]["answer"], rows[8]["answer"], "piano", "drill"]
    rows[15]["options"] = [rows[15]["answer"]]
    rows[21]["answer"] = "umbrella"
    return write_json(folder / "faulty.json", rows)


def _formats(folder: Path) -> Path:
    rows = [plain(i, subject=("counting", "logic")[i % 2]) for i in range(40)]
    for i in range(1, 40, 3):
        rows[i] |= {"options": [], "answer": str(i % 9)}
    for i in range(5, 40, 10):
        rows[i] |= {"options": [], "answer": "3:2"}
    return write_lines(folder / "formats.jsonl", rows)


def _captions(folder: Path) -> Path:
    rows = {
        str(i): {
            "filename": f"{i}.jpg",
            "caption": f"A {THINGS[i % 8]} in room {i}.",
            "negative_caption": f"A {THINGS[(i + 3) % 8]} in room {i}.",
        }
        for i in range(30)
    }
    return write_json(folder / "captions.json", rows)


def _pictures(folder: Path) -> Path:
    path = folder / "pictures.tsv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, delimiter="\t")
        table.writerow(["index", "question", "A", "B", "C", "D", "answer", "category", "image"])
        for i in range(30):
            n = 2 + i % 3
            cells = [*options_of(i, n), "", ""][:4]
            kind = ("coarse", "fine")[i % 2]
            table.writerow(
                [i, question_of(i), *cells, LETTERS[gold_of(i, n)], kind, "iVBORw0KGgo" + "A" * 400]
            )
    return path


def _text_and_label(folder: Path) -> Path:
    rows = []
    for i in range(24):
        labels = list("1234" if i % 8 == 3 else "ABCD")
        choices = {"text": options_of(i), "label": labels}
        rows.append(
            {
                "id": f"Q{i}",
                "question": {"stem": question_of(i)},
                "choices": choices,
                "answerKey": labels[gold_of(i)],
            }
        )
    return write_lines(folder / "text_and_label.jsonl", rows)


def _ten_answers(folder: Path) -> Path:
    rows = []
    for i in range(40):
        answers = [{"answer": THINGS[i % 4] if j < 7 else "grey", "answer_id": j} for j in range(10)]
        rows.append(
            {
                "question_id": 500 + i,
                "image_id": 90 + i // 3,
                "question": question_of(i),
                "answer_type": "other",
                "multiple_choice_answer": THINGS[i % 4],
                "answers": answers,
            }
        )
    return write_json(folder / "ten.json", {"info": {"version": "1.0"}, "questions": rows})


def _several_right(folder: Path) -> Path:
    rows = [plain(i, answer=",".join(LETTERS[: 1 + i % 3])) for i in range(24)]
    return write_lines(folder / "several.jsonl", rows)


def _folder(folder: Path) -> Path:
    path = folder / "tasks"
    path.mkdir()
    for task in ("count", "order"):
        write_json(path / f"{task}.json", [plain(i, id=f"{task}{i}") for i in range(15)])
    return path


def _own_answers(folder: Path) -> Path:
    write_json(folder / "answers.json", {f"u{i}": gold_of(i, 5) for i in range(20)})
    rows = [
        {"q_uid": f"u{i}", "question": question_of(i)}
        | {f"option {place}": option for place, option in enumerate(options_of(i, 5))}
        for i in range(20)
    ]
    return write_json(folder / "questions.json", rows)


def _compressed(folder: Path) -> Path:
    path = folder / "rows.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(plain(i)) + "\n" for i in range(20))
    return path


def _zipped(folder: Path) -> Path:
    path = folder / "rows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        stream = io.StringIO("".join(json.dumps(plain(i)) + "\n" for i in range(20)))
        archive.writestr("data/rows.jsonl", stream.getvalue())
        archive.writestr("__MACOSX/._rows.jsonl", "junk")
    return path


def _conversations(folder: Path) -> Path:
    rows = []
    for i in range(20):
        prompt = lettered(i) + "\nAnswer with the option's letter from the given choices directly."
        talk = [
            {"from": "human", "value": "<image>\n" + prompt},
            {"from": "gpt", "value": LETTERS[gold_of(i)]},
        ]
        rows.append({"id": f"s{i}", "conversations": talk})
    return write_json(folder / "conversations.json", rows)


def _numbers(folder: Path) -> Path:
    forms = ["{},5", "{} cm", "{}%", "{}/2", "{}.2e3", "{}-9", "N/A", "{},200", "about {}", "-{}"]
    path = folder / "numbers.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        table = csv.writer(stream, lineterminator="\r\n")
        table.writerow(["ID", "Question", "Answer"])
        for i in range(30):
            table.writerow([f"{i}.0", f"How long is the {THINGS[i % 8]}?", forms[i % 10].format(1 + i % 7)])
    return path


def _kept_back(folder: Path) -> Path:
    rows = []
    for v in range(20):
        qa = [
            {
                "uid": f"{v}-{j}",
                "question": lettered(v + j),
                "answer": "NA" if v % 5 < 3 else LETTERS[gold_of(v)],
            }
            for j in range(3)
        ]
        rows.append({"key": f"k{v}", "video_path": f"{v}.mp4", "video_info": {"fps": 30}, "qa": qa})
    return write_lines(folder / "kept_back.jsonl", rows)


def _responses(folder: Path) -> Path:
    rows = [
        {
            "id": i,
            "prompt": question_of(i),
            "chosen": f"{THINGS[i % 8]} and more",
            "rejected": f"no {THINGS[i % 8]}",
            "chosen_model": "m1",
            "rejected_model": "m2",
            "subset": ("easy", "hard")[i % 2],
        }
        for i in range(40)
    ]
    return write_lines(folder / "responses.jsonl", rows)


def _premises(folder: Path) -> Path:
    rows = [
        {
            "premise": f"A {THINGS[i % 8]} stands in room {i % 6}.",
            "hypothesis": f"There is a {THINGS[i % 8]} {('indoors', 'outdoors', 'here')[i % 3]}.",
            "label": -1 if i % 20 == 9 else i * i % 3 if i % 7 else 2,
        }
        for i in range(60)
    ]
    return write_lines(folder / "premises.jsonl", rows)


def _few_groups(folder: Path) -> Path:
    rows = [
        plain(i, answer=gold_of(i), video_id=None if i % 10 == 3 else "v0" if i < 25 else f"v{1 + i % 2}")
        for i in range(40)
    ]
    return write_lines(folder / "few_groups.jsonl", rows)


def _two_in_a_row(folder: Path) -> Path:
    rows = []
    for i in range(20):
        video = f"p{i // 2}.mp4"
        basic = {"video": video, "question": f"Is there a {THINGS[i % 8]}?\n", "answer": "Yes\n"}
        other = {"video": video, "question": f"Is there a {THINGS[(i + 3) % 8]}?\n", "answer": "No"}
        rows.append({"basic": basic, "hallucination": other, "type": ("subject", "relation")[i % 2]})
    return write_json(folder / "two.json", rows)


def _folder_of_records(folder: Path) -> Path:
    path = folder / "records"
    path.mkdir()
    for task, n in (("count", 6), ("shape&trend", 4)):
        rows = {
            str(i): {
                "question": question_of(i),
                "options": options_of(i, n),
                "answer": gold_of(i, n),
                "motion_type": task,
            }
            for i in range(15)
        }
        write_json(path / f"{task}.json", rows)
    return path


LAYOUTS: dict[str, tuple[Callable[[Path], Path], Expected]] = {
    "records by id": (_by_id, Expected(24, {"mc"}, groups=8)),
    "nested by video and skill": (_nested, Expected(24, {"mc"}, {"action", "order"}, 6)),
    "lines named json": (_lines_named_json, Expected(36, {"mc"}, groups=6)),
    "labels 0 and 1": (_labels, Expected(40, {"mc"}, {"VD", "VS"}, 10)),
    "faulty rows": (_faulty, Expected(26, {"mc"}, groups=15, left_out=4)),
    "several formats": (
        _formats,
        Expected(
            40,
            {"mc", "num", "open"},
            {"counting (mc)", "counting (num)", "logic (mc)", "logic (num)", "logic (open)"},
        ),
    ),
    "caption pairs": (_captions, Expected(30, {"mc"})),
    "pictures in base64": (_pictures, Expected(30, {"mc"}, {"coarse", "fine"})),
    "options as text and label": (_text_and_label, Expected(24, {"mc"})),
    "ten answers each": (_ten_answers, Expected(40, {"open"}, {"other"}, 14)),
    "several right options": (_several_right, Expected(24, {"multi"})),
    "a folder of tasks": (_folder, Expected(30, {"mc"}, {"count", "order"})),
    "answers of their own": (_own_answers, Expected(20, {"mc"})),
    "compressed": (_compressed, Expected(20, {"mc"})),
    "zipped": (_zipped, Expected(20, {"mc"})),
    "conversations": (_conversations, Expected(20, {"mc"})),
    "odd numbers": (_numbers, Expected(24, {"num"}, left_out=6)),
    "lettered parts": (lettered_parts, Expected(20, {"mc"})),
    "answers kept back": (_kept_back, Expected(24, {"mc"}, groups=8, kept_back=36)),
    "pairs of responses": (_responses, Expected(40, {"mc"}, {"easy", "hard"})),
    "letters in the options": (letters_inside, Expected(28, {"mc"}, kept_back=1, left_out=1)),
    "bare letters": (bare_letters, Expected(30, {"mc"})),
    "letters written otherwise": (written_otherwise, Expected(30, {"mc"})),
    "premise and hypothesis": (_premises, Expected(57, {"mc"}, groups=24, kept_back=3)),
    "few groups": (_few_groups, Expected(40, {"mc"}, groups=7)),
    "two questions in a row": (_two_in_a_row, Expected(40, {"mc"}, {"subject", "relation"}, 10)),
    "a folder of records": (_folder_of_records, Expected(30, {"mc"}, {"count", "shape&trend"})),
}
