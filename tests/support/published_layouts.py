"""Small made-up question files in further layouts, each met in the files of a real benchmark."""

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow
from data_rows import Row
from layout_rows import (
    LETTERS,
    THINGS,
    Expected,
    gold_of,
    options_of,
    plain,
    question_of,
    write_json,
    write_lines,
)
from pyarrow import parquet

N = 30


def _asked(i: int, n: int = 4) -> Row:
    return {"question": question_of(i), "options": options_of(i, n), "answer": LETTERS[gold_of(i, n)]}


def _accepted_texts(folder: Path) -> Path:
    rows = [
        {
            "questionId": i,
            "question": question_of(i),
            "image": f"documents/{i // 3}.png",
            "answers": [f"{i} Main Street", f"{i} Main St."][: 1 + i % 2],
        }
        for i in range(N)
    ]
    return write_json(folder / "accepted.json", {"dataset_name": "docs", "data": rows})


def _paragraphs(folder: Path) -> Path:
    def asked(i: int) -> Row:
        accepted = [{"text": f"the {THINGS[i % 8]} {i}", "answer_start": 5}] * (i % 4)
        return {"question": question_of(i), "id": f"5a{i}", "answers": accepted}

    articles = [
        {
            "title": f"Town {t}",
            "paragraphs": [
                {"context": f"Part {p} of {t}. ", "qas": [asked(8 * t + 4 * p + j) for j in range(4)]}
                for p in range(2)
            ],
        }
        for t in range(4)
    ]
    return write_json(folder / "paragraphs.json", {"version": "2.0", "data": articles})


def _questions_as_keys(folder: Path) -> Path:
    for picture in range(10):
        asked = {
            question_of(3 * picture + j): {
                "answerTexts": options_of(3 * picture + j),
                "correctAnswer": gold_of(3 * picture + j),
                "questionId": f"{picture}-{j}",
            }
            for j in range(3)
        }
        content = {"questions": asked, "imageName": f"{picture}.png"}
        (folder / "diagrams").mkdir(exist_ok=True)
        write_json(folder / "diagrams" / f"{picture}.json", content)
    return folder / "diagrams"


def _side_by_side(folder: Path) -> Path:
    (folder / "articles").mkdir()
    for article in range(10):
        at = range(3 * article, 3 * article + 3)
        content = {
            "article": f"The long story {article}.",
            "id": f"high{article}.txt",
            "questions": [question_of(i) for i in at],
            "options": [options_of(i) for i in at],
            "answers": [LETTERS[gold_of(i)] for i in at],
        }
        write_json(folder / "articles" / f"{article}.json", content)
    return folder / "articles"


def _no_header(folder: Path) -> Path:
    path = folder / "astronomy_test.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = ([question_of(i), *options_of(i), LETTERS[gold_of(i)]] for i in range(N))
        csv.writer(stream).writerows(rows)
    return path


def _answer_a_line(folder: Path) -> Path:
    (folder / "valid-labels.lst").write_text("".join(f"{gold_of(i, 2)}\n" for i in range(N)))
    rows = [
        {"goal": f"To move it {i},"} | dict(zip(("sol1", "sol2"), options_of(i, 2), strict=True))
        for i in range(N)
    ]
    return write_lines(folder / "valid.jsonl", rows)


def _annotations_beside(folder: Path) -> Path:
    annotations = [
        {
            "question_id": 500 + i,
            "image_id": i // 2,
            "answer_type": ("number", "other")[i % 2],
            "answers": [{"answer": THINGS[i % 4] if j < 7 else "grey", "answer_id": j} for j in range(10)],
        }
        for i in range(N)
    ]
    rows = [{"question_id": 500 + i, "image_id": i // 2, "question": question_of(i)} for i in range(N)]
    about = {"info": {"year": 2019}, "task_type": "Open-Ended", "license": {"name": "none"}}
    write_json(folder / "val_annotations.json", about | {"annotations": annotations})
    return write_json(folder / "OpenEnded_val_questions.json", about | {"questions": rows})


def _options_in_the_question(folder: Path) -> Path:
    rows: list[Row] = []
    for i in range(N):
        choices = [{"text": o, "label": x} for x, o in zip(LETTERS, options_of(i), strict=False)]
        asked = {"stem": question_of(i), "question_concept": THINGS[i % 8], "choices": choices}
        rows.append({"id": f"m{i}", "question": asked, "answerKey": LETTERS[gold_of(i)]})
    return write_lines(folder / "stems.jsonl", rows)


def _options_with_programs(folder: Path) -> Path:
    rows = []
    for i in range(N):
        choices = [
            {"choice_id": n, "choice": f"The {o}.", "choice_program": [{"f": "Equal", "value": [o]}]}
            for n, o in enumerate(options_of(i))
        ]
        answer = f"The {options_of(i)[gold_of(i)]}."
        rows.append(
            {"question_id": f"I{i}", "question": question_of(i), "choices": choices, "answer": answer}
        )
    return write_json(folder / "programs.json", rows)


def _marked_options(folder: Path) -> Path:
    rows = []
    for video in range(15):
        questions = []
        for j in range(2):
            marks = [("wrong", "correct")[(video + n * j + n // 2) % 2] for n in range(3)]
            choices = [
                {"choice_id": n, "choice": f"The {o} moves", "program": ["x"], "answer": mark}
                for n, (o, mark) in enumerate(zip(options_of(video + j), [*marks, "correct"], strict=True))
            ]
            questions.append({"question_id": j, "question": question_of(2 * video + j), "choices": choices})
        rows.append({"scene_index": video, "video_filename": f"v{video}.mp4", "questions": questions})
    return write_json(folder / "marked.json", rows)


def _options_as_keys(folder: Path) -> Path:
    rows = [
        {
            "question": question_of(i),
            "mc1_targets": {f"It is a {o}": int(n == 0) for n, o in enumerate(options_of(i))},
            "mc2_targets": {f"It is a {o}": int(n < 2) for n, o in enumerate(options_of(i))},
        }
        for i in range(N)
    ]
    return write_json(folder / "targets.json", rows)


def _wrong_options_alone(folder: Path) -> Path:
    rows = []
    for v in range(15):
        pairs = []
        for i in (2 * v, 2 * v + 1):
            right, *wrong = (f"A {option}." for option in options_of(i))
            pairs.append({"question": question_of(i), "answer": right, "multiple_choices": wrong, "qa_id": i})
        rows.append({"image_id": v, "filename": f"v{v}.jpg", "qa_pairs": pairs})
    return write_json(folder / "telling.json", {"dataset": "toy", "split": "all", "images": rows})


def _wrong_answers_listed(folder: Path) -> Path:
    path = folder / "truths.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["Type", "Question", "Best Answer", "Correct Answers", "Incorrect Answers"])
        for i in range(N):
            right, *wrong = (f"A {option} it is" for option in options_of(i))
            kind = ("plain", "adversarial")[i % 2]
            table.writerow([kind, question_of(i), right, f"{right}; that one", "; ".join(wrong)])
    return path


def _options_in_a_cell(folder: Path) -> Path:
    path = folder / "pairs.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["Index", "Question", "Options", "Correct Answer"])
        for i in range(N):
            first, second = options_of(i, 2)
            table.writerow([i, question_of(i), f"(a) {first} (b) {second}", f"({'ab'[gold_of(i, 2)]})"])
    return path


def _questions_of_a_video(folder: Path) -> Path:
    rows = [
        {
            "video_id": f"v{v}",
            "duration_category": "short",
            "questions": [
                _asked(3 * v + j) | {"question_id": f"{v}-{j}", "task_type": ("count", "read")[j % 2]}
                for j in range(3)
            ],
        }
        for v in range(10)
    ]
    return write_json(folder / "videos.json", rows)


def _metadata_beside(folder: Path) -> Path:
    rows = {
        f"video_{v}": {
            "metadata": {"split": "valid", "frame_rate": 30.0, "resolution": [1, 2]},
            "mc_question": [
                {"id": j, "question": question_of(3 * v + j), "options": options_of(3 * v + j, 3)}
                | {"answer_id": gold_of(3 * v + j, 3), "tag": ["motion"]}
                for j in range(3)
            ],
        }
        for v in range(10)
    }
    return write_json(folder / "metadata.json", rows)


def _folder_of_captions(folder: Path) -> Path:
    path = folder / "captions"
    path.mkdir()
    for task in ("swap", "add"):
        rows = {
            str(i): {
                "filename": f"{i}.jpg",
                "caption": f"A {THINGS[i % 8]} in room {i}.",
                "negative_caption": f"A {THINGS[(i + 3) % 8]} in room {i}.",
            }
            for i in range(15)
        }
        write_json(path / f"{task}.json", rows)
    return path


def _sentence_and_query(folder: Path) -> Path:
    rows = [
        {
            "sentence": f"There are {i} lamps in the left image.",
            "query": f"row of lamps {i // 2}",
            "label": ("True", "False")[gold_of(i, 2)],
        }
        for i in range(N)
    ]
    return write_lines(folder / "sentences.json", rows)


def _two_sentences(folder: Path) -> Path:
    relations = ("neutral", "entailment", "contradiction")
    rows = [
        {
            "pairID": f"p{i}",
            "sentence1": f"A man is out {i // 3}.",
            "sentence2": f"Somebody has it {i}.",
            "gold_label": relations[gold_of(i, 3)],
        }
        for i in range(N)
    ]
    return write_lines(folder / "relations.jsonl", rows)


def _empty_list_as_text(folder: Path) -> Path:
    rows = [
        plain(i, options=str(options_of(i)), answer=LETTERS[gold_of(i)], question_type="choice")
        if i % 3
        else plain(i, options="[]", answer=str(7 * i), question_type="open")
        for i in range(N)
    ]
    path = folder / "exam.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def _numbers_and_texts(folder: Path) -> Path:
    rows = [
        {
            "imgname": f"{i // 2}.png",
            "query": question_of(i),
            "label": (str(i), f"the {THINGS[i % 8]} {i}")[i % 2],
        }
        for i in range(N)
    ]
    return write_json(folder / "charts.json", rows)


PUBLISHED: dict[str, tuple[Callable[[Path], Path], Expected]] = {
    "accepted texts": (_accepted_texts, Expected(30, {"open"}, groups=10)),
    "questions of paragraphs": (_paragraphs, Expected(24, {"open"}, groups=8, kept_back=8)),
    "questions as keys": (_questions_as_keys, Expected(30, {"mc"}, groups=10)),
    "lists side by side": (_side_by_side, Expected(30, {"mc"}, groups=10)),
    "no header": (_no_header, Expected(30, {"mc"})),
    "an answer a line": (_answer_a_line, Expected(30, {"mc"})),
    "annotations beside": (_annotations_beside, Expected(30, {"open"}, {"number", "other"}, 15)),
    "options in the question's object": (_options_in_the_question, Expected(30, {"mc"})),
    "options with programs": (_options_with_programs, Expected(30, {"mc"})),
    "options marked as right": (_marked_options, Expected(30, {"multi"}, groups=15)),
    "options as keys": (_options_as_keys, Expected(30, {"mc"})),
    "wrong options alone": (_wrong_options_alone, Expected(30, {"mc"}, groups=15)),
    "wrong answers in a cell": (_wrong_answers_listed, Expected(30, {"mc"}, {"plain", "adversarial"})),
    "options in a cell": (_options_in_a_cell, Expected(30, {"mc"})),
    "questions of a video": (_questions_of_a_video, Expected(30, {"mc"}, {"count", "read"}, 10)),
    "metadata beside": (_metadata_beside, Expected(30, {"mc"}, groups=10)),
    "a folder of captions": (_folder_of_captions, Expected(30, {"mc"}, {"swap", "add"}, 15)),
    "sentence and query": (_sentence_and_query, Expected(30, {"mc"})),
    "two sentences": (_two_sentences, Expected(30, {"mc"}, groups=10)),
    "an empty list as text": (_empty_list_as_text, Expected(30, {"mc", "num"}, {"choice", "open"})),
    "numbers and texts": (
        _numbers_and_texts,
        Expected(30, {"num", "open"}, {"charts (num)", "charts (open)"}, 15),
    ),
}
