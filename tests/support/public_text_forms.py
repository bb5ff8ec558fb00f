"""Made-up rows in the exact columns of public sets of texts, and what should be recognised in them."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]

THINGS = ("chair", "lamp", "sofa", "table", "door", "plant", "stove", "mirror")
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


def sentence_of(i: int) -> str:
    return f"The {THINGS[i % 8]} in the {_PLACES[i % 5]} was seen {i} times."


def question_of(i: int) -> str:
    return f"What stands beside the {THINGS[i % 8]} in the {_PLACES[i % 5]} of house {i}?"


def options_of(i: int, n: int = 4) -> list[str]:
    return random.Random(i).sample(THINGS, n)


def rows_of(row: Callable[[int], Row]) -> list[Row]:
    return [row(i) for i in range(ROWS)]


def lettered(i: int, names: str, n: int = 4) -> Row:
    return {names.format(letter): option for letter, option in zip("abcd", options_of(i, n), strict=False)}


TEXT_FORMS: dict[str, Form] = {
    "snli": Form(
        rows_of(
            lambda i: {
                "premise": sentence_of(i // 3),
                "hypothesis": f"{sentence_of(i)} Nobody saw it.",
                "label": (0, 1, 2, -1)[i % 4 if i % 16 == 3 else i % 3],
            }
        ),
        asked={"question": "hypothesis"},
        text="hypothesis",
        answer="label",
        group="premise",
    ),
    "snli_jsonl": Form(
        rows_of(
            lambda i: {
                "annotator_labels": ["neutral"],
                "captionID": f"{i}.jpg#0",
                "gold_label": "-" if i == 7 else ("neutral", "entailment", "contradiction")[i % 3],
                "pairID": f"{i}.jpg#0r1n",
                "sentence1": sentence_of(i // 3),
                "sentence2": f"{sentence_of(i)} Nobody saw it.",
            }
        ),
        asked={"question": "sentence2"},
        text="sentence2",
        answer="gold_label",
        id="pairID",
        group="sentence1",
    ),
    "anli": Form(
        rows_of(
            lambda i: {
                "uid": f"u{i}",
                "premise": sentence_of(i // 2),
                "hypothesis": f"{sentence_of(i)} Nobody saw it.",
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
        rows_of(
            lambda i: {"question": question_of(i), "answer": i % 3 == 0, "passage": sentence_of(i // 2) * 3}
        ),
        text="question",
        answer="answer",
        group="passage",
    ),
    "arc": Form(
        rows_of(
            lambda i: {
                "id": f"Mercury_{i}",
                "question": question_of(i),
                "choices": {"text": options_of(i), "label": list("1234" if i % 10 == 0 else "ABCD")},
                "answerKey": ("1234" if i % 10 == 0 else "ABCD")[i % 4],
            }
        ),
        text="question",
        answer="answerKey",
        options="choices",
        id="id",
    ),
    "commonsense_qa": Form(
        rows_of(
            lambda i: {
                "id": f"{i:032x}",
                "question": question_of(i),
                "question_concept": THINGS[i % 8],
                "choices": {"label": list("ABCDE"), "text": options_of(i, 5)},
                "answerKey": "ABCDE"[i % 5],
            }
        ),
        text="question",
        answer="answerKey",
        options="choices",
        id="id",
    ),
    "openbookqa": Form(
        rows_of(
            lambda i: {
                "id": f"7-{i}",
                "question_stem": question_of(i),
                "choices": {"text": options_of(i), "label": list("ABCD")},
                "answerKey": "ABCD"[i % 4],
            }
        ),
        text="question_stem",
        answer="answerKey",
        options="choices",
        id="id",
    ),
    "hellaswag": Form(
        rows_of(
            lambda i: {
                "ind": i,
                "activity_label": ("Baking", "Sailing", "Running")[i % 3],
                "ctx_a": sentence_of(i),
                "ctx_b": "he",
                "ctx": f"{sentence_of(i)} He",
                "endings": [f"{option} falls {i}." for option in options_of(i)],
                "source_id": f"activitynet~{i // 2}",
                "split": "val",
                "split_type": ("indomain", "zeroshot")[i % 2],
                "label": str(i % 4),
            }
        ),
        text="ctx",
        answer="label",
        options="endings",
        group="source_id",
        id="ind",
    ),
    "piqa": Form(
        rows_of(
            lambda i: {
                "goal": f"To move the {THINGS[i % 8]}, number {i},",
                "sol1": options_of(i)[0],
                "sol2": options_of(i)[1],
                "label": i % 2,
            }
        ),
        text="goal",
        answer="label",
        options=("sol1", "sol2"),
    ),
    "winogrande": Form(
        rows_of(
            lambda i: {
                "qID": f"Q{i}",
                "sentence": f"{sentence_of(i)} The _ was big.",
                "option1": options_of(i)[0],
                "option2": options_of(i)[1],
                "answer": "12"[i % 2],
            }
        ),
        text="sentence",
        answer="answer",
        options=("option1", "option2"),
        id="qID",
    ),
    "medmcqa": Form(
        rows_of(
            lambda i: {
                "id": f"uuid-{i}",
                "question": question_of(i),
                **lettered(i, "op{}"),
                "cop": i % 4,
                "choice_type": "single",
                "exp": f"As is known, {sentence_of(i)}",
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
        rows_of(
            lambda i: {
                "question": question_of(i),
                **{f"distractor{n}": option for n, option in enumerate(options_of(i)[1:], 1)},
                "correct_answer": options_of(i)[0],
                "support": sentence_of(i),
            }
        ),
        text="question",
        answer="correct_answer",
        options=("distractor1", "distractor2", "distractor3", "correct_answer"),
    ),
    "mmlu": Form(
        rows_of(
            lambda i: {
                "question": question_of(i),
                "subject": ("astronomy", "virology")[i % 2],
                "choices": options_of(i),
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
        rows_of(
            lambda i: {
                "question": question_of(i),
                "mc1_targets": {"choices": options_of(i), "labels": [1, 0, 0, 0]},
                "mc2_targets": {"choices": options_of(i), "labels": [1, 1, 0, 0]},
            }
        ),
        text="question",
        answer="mc1_targets",
        options="mc1_targets",
    ),
    "medqa": Form(
        rows_of(
            lambda i: {
                "question": question_of(i),
                "answer": options_of(i)[i % 4],
                "options": dict(zip("ABCD", options_of(i), strict=True)),
                "meta_info": ("step1", "step2&3")[i % 2],
                "answer_idx": "ABCD"[i % 4],
            }
        ),
        text="question",
        answer="answer",
        options="options",
    ),
    "sst2_with_label_text": Form(
        rows_of(
            lambda i: {"text": sentence_of(i), "label": i % 2, "label_text": ("negative", "positive")[i % 2]}
        ),
        text="text",
        answer="label_text",
    ),
    "list_of_objects": Form(
        rows_of(
            lambda i: {
                "id": i,
                "question": question_of(i),
                "choices": json.dumps(
                    [{"label": x, "text": o} for x, o in zip("ABCD", options_of(i), strict=True)]
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
