"""Made-up rows in the exact columns of well-known public sets, those of images and videos here."""

from public_text_forms import ROWS as ROWS
from public_text_forms import (
    TEXT_FORMS,
    THINGS,
    Form,
    lettered,
    options_of,
    question_of,
    rows_of,
    sentence_of,
)

_VISUAL_FORMS: dict[str, Form] = {
    "vsi": Form(
        rows_of(
            lambda i: {
                "id": i,
                "dataset": "scannet",
                "scene_name": f"scene{i % 9}",
                "question_type": ("object_counting", "route_planning")[i % 2],
                "question": question_of(i),
                "ground_truth": "ABCD"[i % 3] if i % 2 else str(i % 7),
                "options": [f"{x}. {o}" for x, o in zip("ABCD", options_of(i), strict=True)]
                if i % 2
                else None,
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
    "scienceqa": Form(
        rows_of(
            lambda i: {
                "image": None,
                "question": question_of(i),
                "choices": options_of(i, 2 + i % 3),
                "answer": i % 2,
                "hint": "",
                "task": "closed choice",
                "grade": f"grade{i % 5}",
                "subject": ("natural science", "social science")[i % 2],
                "topic": ("biology", "geography")[i % 2],
                "category": f"cat {i % 6}",
                "skill": f"Compare {i % 9}",
                "lecture": sentence_of(i),
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
        rows_of(
            lambda i: {
                "index": i,
                "question": question_of(i),
                "hint": None,
                "A": options_of(i)[0],
                "B": options_of(i)[1],
                "C": options_of(i)[2] if i % 2 else None,
                "D": options_of(i)[3] if i % 2 else None,
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
        rows_of(
            lambda i: {
                "question_id": i,
                "image": f"COCO_val2014_{i // 4:012d}.jpg",
                "text": f"Is there a {THINGS[i % 8]} in the image?",
                "label": ("yes", "no")[i % 2],
            }
        ),
        text="text",
        answer="label",
        id="question_id",
        group="image",
    ),
    "vqa": Form(
        rows_of(
            lambda i: {
                "question_id": i,
                "image_id": i // 2,
                "question": question_of(i),
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
        formats={"mc": 1, "num": 1, "open": 1},
    ),
    "seed_bench": Form(
        rows_of(
            lambda i: {
                "question_id": str(100 + i),
                "question": question_of(i),
                **lettered(i, "choice_{}"),
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
        rows_of(lambda i: {"question": question_of(i), "options": options_of(i), "answer": str(i % 4)}),
        text="question",
        answer="answer",
        options="options",
    ),
    "mathvista": Form(
        rows_of(
            lambda i: {
                "pid": str(i),
                "question": question_of(i),
                "image": f"images/{i}.jpg",
                "choices": None if i % 2 else options_of(i),
                "unit": None,
                "precision": 1.0 if i % 2 else None,
                "answer": f"{i % 9}.{i % 4}" if i % 2 else options_of(i)[i % 4],
                "question_type": ("multi_choice", "free_form")[i % 2],
                "answer_type": ("text", "float")[i % 2],
                "metadata": {"category": "vqa", "grade": "daily life"},
                "query": f"Hint: answer it. {question_of(i)}",
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
        rows_of(
            lambda i: {
                "video_id": f"{i // 3:03d}",
                "duration": ("short", "long")[i % 2],
                "domain": ("Knowledge", "Sports")[i // 3 % 2],
                "sub_category": f"sub {i // 3 % 4}",
                "url": f"https://example.org/watch?v={i // 3}",
                "videoID": f"vid{i // 3}",
                "question_id": f"{i // 3:03d}-{i % 3}",
                "task_type": ("Counting Problem", "OCR Problems")[i % 2],
                "question": question_of(i),
                "options": [f"{x}. {o}." for x, o in zip("ABCD", options_of(i), strict=True)],
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
        rows_of(
            lambda i: {
                "index": i,
                "question": f"{question_of(i)}\nOptions: "
                + ", ".join(f"{x}: {o}" for x, o in zip("ABCD", options_of(i), strict=True)),
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
}
FORMS = TEXT_FORMS | _VISUAL_FORMS
