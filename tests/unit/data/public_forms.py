"""Made-up rows in the exact columns of well-known public test sets, and what should be recognised in them."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

_THINGS = ("chair", "lamp", "sofa", "table", "door", "plant", "stove", "mirror")
_PLACES = ("kitchen", "hall", "garden", "attic", "office")
ROWS = 80


@dataclass(frozen=True)
class Form:
    """The rows of one public set, the roles of its columns, and its types by format."""

    rows: list[Row]
    text: str
    answer: str
    options: Any = None
    id: str | None = None
    type: str | None = None
    group: str | None = None
    formats: dict[str, int] = field(default_factory=lambda: {"mc": 1})
    asked: dict[str, Any] = field(default_factory=dict)


def _sentence(i: int) -> str:
    return f"The {_THINGS[i % 8]} in the {_PLACES[i % 5]} was seen {i} times."


def _question(i: int) -> str:
    return f"What stands beside the {_THINGS[i % 8]} in the {_PLACES[i % 5]} of house {i}?"


def _options(i: int, n: int = 4) -> list[str]:
    return random.Random(i).sample(_THINGS, n)


def _rows(row: Callable[[int], Row]) -> list[Row]:
    return [row(i) for i in range(ROWS)]


def _lettered(i: int, names: str, n: int = 4) -> Row:
    return {names.format(letter): option for letter, option in zip("abcd", _options(i, n), strict=False)}


FORMS: dict[str, Form] = {
    "vsi": Form(
        _rows(
            lambda i: {
                "id": i,
                "dataset": "scannet",
                "scene_name": f"scene{i % 9}",
                "question_type": ("object_counting", "route_planning")[i % 2],
                "question": _question(i),
                "ground_truth": "ABCD"[i % 3] if i % 2 else str(i % 7),
                "options": [f"{x}. {o}" for x, o in zip("ABCD", _options(i), strict=True)] if i % 2 else None,
            }
        ),
        text="question",
        answer="ground_truth",
        options="options",
        id="id",
        type="question_type",
        group="scene_name",
        formats={"mc": 1, "num": 1},
    ),
    "snli": Form(
        _rows(
            lambda i: {
                "premise": _sentence(i // 3),
                "hypothesis": f"{_sentence(i)} Nobody saw it.",
                "label": (0, 1, 2, -1)[i % 4 if i % 16 == 3 else i % 3],
            }
        ),
        asked={"question": "hypothesis"},
        text="hypothesis",
        answer="label",
        group="premise",
    ),
    "snli_jsonl": Form(
        _rows(
            lambda i: {
                "annotator_labels": ["neutral"],
                "captionID": f"{i}.jpg#0",
                "gold_label": "-" if i == 7 else ("neutral", "entailment", "contradiction")[i % 3],
                "pairID": f"{i}.jpg#0r1n",
                "sentence1": _sentence(i // 3),
                "sentence2": f"{_sentence(i)} Nobody saw it.",
            }
        ),
        asked={"question": "sentence2"},
        text="sentence2",
        answer="gold_label",
        id="pairID",
        group="sentence1",
    ),
    "anli": Form(
        _rows(
            lambda i: {
                "uid": f"u{i}",
                "premise": _sentence(i // 2),
                "hypothesis": f"{_sentence(i)} Nobody saw it.",
                "label": i % 3,
                "reason": f"since {i}",
            }
        ),
        asked={"question": "hypothesis"},
        text="hypothesis",
        answer="label",
        id="uid",
        group="premise",
    ),
    "boolq": Form(
        _rows(lambda i: {"question": _question(i), "answer": i % 3 == 0, "passage": _sentence(i // 2) * 3}),
        text="question",
        answer="answer",
        group="passage",
    ),
    "arc": Form(
        _rows(
            lambda i: {
                "id": f"Mercury_{i}",
                "question": _question(i),
                "choices": {"text": _options(i), "label": list("1234" if i % 10 == 0 else "ABCD")},
                "answerKey": ("1234" if i % 10 == 0 else "ABCD")[i % 4],
            }
        ),
        text="question",
        answer="answerKey",
        options="choices",
        id="id",
    ),
    "commonsense_qa": Form(
        _rows(
            lambda i: {
                "id": f"{i:032x}",
                "question": _question(i),
                "question_concept": _THINGS[i % 8],
                "choices": {"label": list("ABCDE"), "text": _options(i, 5)},
                "answerKey": "ABCDE"[i % 5],
            }
        ),
        text="question",
        answer="answerKey",
        options="choices",
        id="id",
    ),
    "openbookqa": Form(
        _rows(
            lambda i: {
                "id": f"7-{i}",
                "question_stem": _question(i),
                "choices": {"text": _options(i), "label": list("ABCD")},
                "answerKey": "ABCD"[i % 4],
            }
        ),
        text="question_stem",
        answer="answerKey",
        options="choices",
        id="id",
    ),
    "hellaswag": Form(
        _rows(
            lambda i: {
                "ind": i,
                "activity_label": ("Baking", "Sailing", "Running")[i % 3],
                "ctx_a": _sentence(i),
                "ctx_b": "he",
                "ctx": f"{_sentence(i)} He",
                "endings": [f"{option} falls {i}." for option in _options(i)],
                "source_id": f"activitynet~{i // 2}",
                "split": "val",
                "split_type": ("indomain", "zeroshot")[i % 2],
                "label": str(i % 4),
            }
        ),
        text="ctx",
        answer="label",
        options="endings",
        id="ind",
    ),
    "piqa": Form(
        _rows(
            lambda i: {
                "goal": f"To move the {_THINGS[i % 8]}, number {i},",
                "sol1": _options(i)[0],
                "sol2": _options(i)[1],
                "label": i % 2,
            }
        ),
        text="goal",
        answer="label",
        options=("sol1", "sol2"),
    ),
    "winogrande": Form(
        _rows(
            lambda i: {
                "qID": f"Q{i}",
                "sentence": f"{_sentence(i)} The _ was big.",
                "option1": _options(i)[0],
                "option2": _options(i)[1],
                "answer": "12"[i % 2],
            }
        ),
        text="sentence",
        answer="answer",
        options=("option1", "option2"),
        id="qID",
    ),
    "medmcqa": Form(
        _rows(
            lambda i: {
                "id": f"uuid-{i}",
                "question": _question(i),
                **_lettered(i, "op{}"),
                "cop": i % 4,
                "choice_type": "single",
                "exp": f"As is known, {_sentence(i)}",
                "subject_name": ("Anatomy", "Surgery")[i % 2],
                "topic_name": None,
            }
        ),
        text="question",
        answer="cop",
        options=("opa", "opb", "opc", "opd"),
        id="id",
        type="subject_name",
        formats={"mc": 2},
    ),
    "sciq": Form(
        _rows(
            lambda i: {
                "question": _question(i),
                **{f"distractor{n}": option for n, option in enumerate(_options(i)[1:], 1)},
                "correct_answer": _options(i)[0],
                "support": _sentence(i),
            }
        ),
        text="question",
        answer="correct_answer",
        options=("distractor1", "distractor2", "distractor3", "correct_answer"),
    ),
    "mmlu": Form(
        _rows(
            lambda i: {
                "question": _question(i),
                "subject": ("astronomy", "virology")[i % 2],
                "choices": _options(i),
                "answer": i % 4,
            }
        ),
        text="question",
        answer="answer",
        options="choices",
        type="subject",
        formats={"mc": 2},
    ),
    "truthfulqa_mc1": Form(
        _rows(
            lambda i: {
                "question": _question(i),
                "mc1_targets": {"choices": _options(i), "labels": [1, 0, 0, 0]},
                "mc2_targets": {"choices": _options(i), "labels": [1, 1, 0, 0]},
            }
        ),
        text="question",
        answer="mc1_targets",
        options="mc1_targets",
    ),
    "scienceqa": Form(
        _rows(
            lambda i: {
                "image": None,
                "question": _question(i),
                "choices": _options(i, 2 + i % 3),
                "answer": i % 2,
                "hint": "",
                "task": "closed choice",
                "grade": f"grade{i % 5}",
                "subject": ("natural science", "social science")[i % 2],
                "topic": ("biology", "geography")[i % 2],
                "category": f"cat {i % 6}",
                "skill": f"Compare {i % 9}",
                "lecture": _sentence(i),
                "solution": f"It is so. {i}",
            }
        ),
        text="question",
        answer="answer",
        options="choices",
        type="category",
        formats={"mc": 6},
    ),
    "mmbench": Form(
        _rows(
            lambda i: {
                "index": i,
                "question": _question(i),
                "hint": None,
                "A": _options(i)[0],
                "B": _options(i)[1],
                "C": _options(i)[2] if i % 2 else None,
                "D": _options(i)[3] if i % 2 else None,
                "answer": "AB"[i % 3 == 0],
                "category": ("ocr", "action_recognition")[i % 2],
                "image": f"/9j/{i // 2:040d}",
                "source": "reasoning",
                "l2-category": "coarse perception",
                "comment": None,
                "split": "dev",
            }
        ),
        text="question",
        answer="answer",
        options=("A", "B", "C", "D"),
        id="index",
        type="category",
        group="image",
        formats={"mc": 2},
    ),
    "pope": Form(
        _rows(
            lambda i: {
                "question_id": i,
                "image": f"COCO_val2014_{i // 4:012d}.jpg",
                "text": f"Is there a {_THINGS[i % 8]} in the image?",
                "label": ("yes", "no")[i % 2],
            }
        ),
        text="text",
        answer="label",
        id="question_id",
        group="image",
    ),
    "vqa": Form(
        _rows(
            lambda i: {
                "question_id": i,
                "image_id": i // 2,
                "question": _question(i),
                "question_type": ("is the", "how many", "what is")[i % 3],
                "answer_type": ("yes/no", "number", "other")[i % 3],
                "multiple_choice_answer": (("yes", "no")[i % 2], str(i % 5), f"thing {i}")[i % 3],
            }
        ),
        text="question",
        answer="multiple_choice_answer",
        id="question_id",
        type="question_type",
        group="image_id",
        formats={"mc": 1, "num": 1, "none": 1},
    ),
    "seed_bench": Form(
        _rows(
            lambda i: {
                "question_id": str(100 + i),
                "question": _question(i),
                **_lettered(i, "choice_{}"),
                "answer": "ABCD"[i % 4],
                "data_id": f"{i // 2}_{i % 2}",
                "data_type": "image",
                "question_type_id": 1 + i % 3,
                "segment": [str(i)],
            }
        ),
        text="question",
        answer="answer",
        options=("choice_a", "choice_b", "choice_c", "choice_d"),
        id="question_id",
        type="question_type_id",
        formats={"mc": 3},
    ),
    "ai2d": Form(
        _rows(lambda i: {"question": _question(i), "options": _options(i), "answer": str(i % 4)}),
        text="question",
        answer="answer",
        options="options",
    ),
    "mathvista": Form(
        _rows(
            lambda i: {
                "pid": str(i),
                "question": _question(i),
                "image": f"images/{i}.jpg",
                "choices": None if i % 2 else _options(i),
                "unit": None,
                "precision": 1.0 if i % 2 else None,
                "answer": f"{i % 9}.{i % 4}" if i % 2 else _options(i)[i % 4],
                "question_type": ("multi_choice", "free_form")[i % 2],
                "answer_type": ("text", "float")[i % 2],
                "metadata": {"category": "vqa", "grade": "daily life"},
                "query": f"Hint: answer it. {_question(i)}",
            }
        ),
        text="question",
        answer="answer",
        options="choices",
        id="pid",
        type="question_type",
        formats={"mc": 1, "num": 1},
    ),
    "video_mme": Form(
        _rows(
            lambda i: {
                "video_id": f"{i // 3:03d}",
                "duration": ("short", "long")[i % 2],
                "domain": ("Knowledge", "Sports")[i // 3 % 2],
                "sub_category": f"sub {i // 3 % 4}",
                "url": f"https://example.org/watch?v={i // 3}",
                "videoID": f"vid{i // 3}",
                "question_id": f"{i // 3:03d}-{i % 3}",
                "task_type": ("Counting Problem", "OCR Problems")[i % 2],
                "question": _question(i),
                "options": [f"{x}. {o}." for x, o in zip("ABCD", _options(i), strict=True)],
                "answer": "ABCD"[i % 4],
            }
        ),
        text="question",
        answer="answer",
        options="options",
        id="question_id",
        type="task_type",
        group="video_id",
        formats={"mc": 2},
    ),
    "mmstar": Form(
        _rows(
            lambda i: {
                "index": i,
                "question": f"{_question(i)}\nOptions: "
                + ", ".join(f"{x}: {o}" for x, o in zip("ABCD", _options(i), strict=True)),
                "answer": "ABCD"[i % 4],
                "category": ("math", "coarse perception")[i % 2],
                "l2_category": f"l2 {i % 4}",
                "meta_info": {"source": "MMBench", "split": "val"},
            }
        ),
        text="question",
        answer="answer",
        options="InText",
        id="index",
        type="category",
        formats={"mc": 2},
    ),
    "medqa": Form(
        _rows(
            lambda i: {
                "question": _question(i),
                "answer": _options(i)[i % 4],
                "options": dict(zip("ABCD", _options(i), strict=True)),
                "meta_info": ("step1", "step2&3")[i % 2],
                "answer_idx": "ABCD"[i % 4],
            }
        ),
        text="question",
        answer="answer",
        options="options",
    ),
    "sst2_with_label_text": Form(
        _rows(
            lambda i: {"text": _sentence(i), "label": i % 2, "label_text": ("negative", "positive")[i % 2]}
        ),
        text="text",
        answer="label_text",
    ),
    "list_of_objects": Form(
        _rows(
            lambda i: {
                "id": i,
                "question": _question(i),
                "choices": json.dumps(
                    [{"label": x, "text": o} for x, o in zip("ABCD", _options(i), strict=True)]
                ),
                "answer": "ABCD"[i % 4],
            }
        ),
        text="question",
        answer="answer",
        options="choices",
        id="id",
    ),
}
