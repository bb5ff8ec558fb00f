"""Made-up questions in the layouts of further well-known sets whose answers are texts."""

from pathlib import Path

from data_rows import Row
from known_forms import (
    MC,
    OPEN,
    Known,
    N,
    document,
    letter,
    lines,
    right_option,
    table,
    thing,
)
from layout_rows import THINGS, Expected, options_of, question_of, write_json

_YES = ("yes", "no")


def _scenes(folder: Path) -> Path:
    about = {"info": {"version": "1.0"}, "license": {"name": "none"}, "data_type": "scannet"}
    questions = [
        {
            "scene_id": f"scene{i // 4:04d}_00",
            "situation": f"I am facing the {THINGS[i % 8]}.",
            "alternative_situation": ["I stand by the door.", "I sit."],
            "question": question_of(i),
            "question_id": 220602000000 + i,
        }
        for i in range(N)
    ]
    annotations = [
        {
            "scene_id": f"scene{i // 4:04d}_00",
            "question_type": "other",
            "answer_type": "other",
            "question_id": 220602000000 + i,
            "answers": [{"answer": thing(i), "answer_confidence": "yes", "answer_id": 1}],
            "rotation": {"_x": 0, "_w": 1.0},
            "position": {"x": 0.5, "y": 1.0},
        }
        for i in range(N)
    ]
    write_json(folder / "v1_balanced_annotations_test.json", about | {"annotations": annotations})
    return write_json(folder / "v1_balanced_questions_test.json", about | {"questions": questions})


def _scene_graph(i: int) -> Row:
    return {
        "semantic": [{"operation": "select", "dependencies": [], "argument": f"lamp ({i})"}],
        "entailed": [str(i + 1)],
        "equivalent": [str(i)],
        "question": question_of(i),
        "imageId": f"n{i // 4}",
        "isBalanced": True,
        "groups": {"global": "color", "local": f"10-{i}"},
        "answer": thing(i),
        "semanticStr": f"select: lamp ({i})",
        "annotations": {"answer": {}, "question": {}, "fullAnswer": {}},
        "types": {"detailed": "chooseAttr", "semantic": "attr", "structural": ("choose", "query")[i % 2]},
        "fullAnswer": f"It is {thing(i)}.",
    }


def _prompted(i: int) -> Row:
    asked = question_of(i)
    if i % 2:
        return {
            "question": f"{asked}\n\nAnswer Choices:\n"
            + "\n".join(f"{x}. {o}" for x, o in zip("ABCDE", options_of(i, 5), strict=True)),
            "answer": letter(i, 5),
            "answer_type": "multipleChoice",
        }
    return {"question": asked, "answer": thing(i), "answer_type": "exactMatch"}


def _two_answers(i: int) -> Row:
    return {
        "document_id": f"d{i // 4}",
        "set": "test",
        "question": question_of(i),
        "answer1": thing(i).capitalize(),
        "answer2": f"Some {THINGS[i % 8]}, no {i}",
        "question_tokenized": question_of(i).lower().replace("?", " ?"),
        "answer1_tokenized": thing(i),
        "answer2_tokenized": f"some {THINGS[i % 8]} , no {i}",
    }


def _document_of_a_story(i: int) -> Row:
    return {
        "document": {"id": f"d{i // 4}", "kind": "movie", "summary": {"text": "A long story. " * 20}},
        "question": {"text": question_of(i), "tokens": question_of(i).split()},
        "answers": [{"text": thing(i), "tokens": ["x"]}, {"text": f"no {i}", "tokens": ["no"]}],
    }


def _conversation_of_turns(c: int) -> Row:
    at = range(4 * c, 4 * c + 4)
    return {
        "source": "news",
        "id": f"c{c}",
        "filename": f"{c}.story",
        "story": f"It was a long day in town {c}.",
        "questions": [{"input_text": question_of(i), "turn_id": n} for n, i in enumerate(at, 1)],
        "answers": [
            {"span_start": 0, "span_text": f"so {thing(i)} was", "input_text": thing(i), "turn_id": n}
            for n, i in enumerate(at, 1)
        ],
        "name": f"{c}.story",
    }


FREE_ANSWERS: dict[str, Known] = {
    "annotations of scenes": Known(_scenes, Expected(N, OPEN, {"other"}, 10), lambda i: {thing(i)}),
    "programs beside the question": Known(
        document(lambda: {f"{2000 + i}": _scene_graph(i) for i in range(N)}),
        Expected(N, OPEN, {"choose", "query"}, 10),
        lambda i: {thing(i)},
    ),
    "ten texts": Known(
        document(
            lambda: {
                "dataset_type": "val",
                "dataset_name": "toy",
                "data": [
                    {
                        "question": question_of(i),
                        "image_id": f"00{i // 2}",
                        "image_classes": ["Lamp", "Box"],
                        "flickr_original_url": "u",
                        "image_width": 640,
                        "answers": [thing(i)] * 9 + ["thing"],
                        "question_tokens": question_of(i).split(),
                        "question_id": 34602 + i,
                        "set_name": "val",
                    }
                    for i in range(N)
                ],
            }
        ),
        Expected(N, OPEN, groups=20),
        lambda i: {thing(i), "thing"},
    ),
    "ten texts with their confidence": Known(
        document(
            lambda: [
                {
                    "image": f"val_{i}.jpg",
                    "question": question_of(i),
                    "answers": [{"answer_confidence": "yes", "answer": thing(i)}] * 9
                    + [{"answer_confidence": "maybe", "answer": "thing"}],
                    "answer_type": ("other", "number")[i % 2],
                    "answerable": 1,
                }
                for i in range(N)
            ]
        ),
        Expected(N, OPEN, {"other", "number"}),
        lambda i: {thing(i), "thing"},
    ),
    "further answers beside": Known(
        table(
            lambda i: {
                "video": 4010069381 + i // 2,
                "frame_count": 369,
                "width": 640,
                "height": 480,
                "question": question_of(i),
                "answer": thing(i),
                "qid": i % 2,
                "type": ("CW", "DL")[i % 2],
                "additional_ref_answer": f"some {THINGS[i % 8]} {i}" if i % 2 else "",
            }
        ),
        Expected(N, OPEN, {"CW", "DL"}, 20),
        lambda i: {thing(i)},
    ),
    "capabilities in lists": Known(
        document(
            lambda: {
                f"v1_{i}": {
                    "imagename": f"v1_{i}.png",
                    "imagesource": "u",
                    "question": question_of(i),
                    "answer": thing(i),
                    "capability": ["ocr", "math"][: 1 + i % 2],
                }
                for i in range(N)
            }
        ),
        Expected(N, OPEN, {"ocr", "ocr, math"}),
        lambda i: {thing(i)},
    ),
    "letters and texts by kind": Known(
        lines(
            lambda i: (
                {"id": f"{i:024x}", "image": "", **_prompted(i)}
                | {"rationale": "It is.", "raw_subject": "Art", "category": ("Math", "Physics")[i // 2 % 2]}
            )
        ),
        Expected(N, MC | OPEN, {"exactMatch", "multipleChoice"}),
        lambda i: right_option(i, 5) if i % 2 else {thing(i)},
    ),
    "metadata as text": Known(
        table(
            lambda i: {
                "metadata": str({"topic": "Art", "answer_type": "Place", "urls": ["u", "v"]}),
                "problem": question_of(i),
                "answer": thing(i),
            }
        ),
        Expected(N, OPEN),
        lambda i: {thing(i)},
    ),
    "two accepted answers in columns": Known(
        table(_two_answers),
        Expected(N, OPEN, groups=10),
        lambda i: {thing(i).capitalize(), f"Some {THINGS[i % 8]}, no {i}"},
    ),
    "a document, a question and answers": Known(
        lines(_document_of_a_story), Expected(N, OPEN, groups=10), lambda i: {thing(i), f"no {i}"}
    ),
    "turns of a conversation": Known(
        document(lambda: {"version": "1.0", "data": [_conversation_of_turns(c) for c in range(N // 4)]}),
        Expected(N, OPEN, groups=10),
        lambda i: {thing(i)},
    ),
    "utterances": Known(
        table(
            lambda i: {
                "id": f"nu-{i}",
                "utterance": question_of(i),
                "context": f"csv/{i // 4}.csv",
                "targetValue": thing(i),
            },
            "\t",
        ),
        Expected(N, OPEN, groups=10),
        lambda i: {thing(i)},
    ),
    "names with a hyphen": Known(
        document(
            lambda: [
                {
                    "question_id": f"{i:016x}",
                    "question": question_of(i),
                    "table_id": f"List_{i // 4}",
                    "answer-text": thing(i),
                    "question_postag": "WP VBZ",
                }
                for i in range(N)
            ]
        ),
        Expected(N, OPEN, groups=10),
        lambda i: {thing(i)},
    ),
    "questions of a graph": Known(
        document(
            lambda: [
                {
                    "_id": f"{i:024x}",
                    "answer": thing(i) if i % 3 else "yes",
                    "question": question_of(i),
                    "supporting_facts": [["Town", 0]],
                    "context": [["Town", ["It is old.", "It is far."]]],
                    "type": ("bridge", "comparison")[i % 2],
                    "level": "hard",
                }
                for i in range(N)
            ]
        ),
        Expected(N, OPEN, {"bridge", "comparison"}),
        lambda i: {thing(i)} if i % 3 else {"yes"},
    ),
}
