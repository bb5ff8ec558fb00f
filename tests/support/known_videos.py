"""Made-up questions in the layouts of further well-known sets of pictures, videos and scenes."""

from pathlib import Path

from data_rows import Row
from known_forms import (
    MC,
    Known,
    N,
    document,
    letter,
    lines,
    named,
    of,
    right_option,
    table,
)
from layout_rows import THINGS, Expected, gold_of, options_of, question_of, write_json

_SIDES = ("left", "middle", "right")
_YES = ("yes", "no")


def _template(i: int) -> Row:
    return {
        "video_id": f"{i // 4:08d}",
        "question_id": i,
        "type": ('["Audio", "Counting"]', '["Audio-Visual", "Location"]')[i % 2],
        "question_content": (f"How many play in clip {i}?", f"Where is the <LL> <Object> of clip {i}?")[
            i % 2
        ],
        "templ_values": ("[]", f'["loudest", "{THINGS[i % 8]}"]')[i % 2],
        "question_deleted": 0,
        "answer": (("one", "two", "three"), _SIDES)[i % 2][gold_of(i, 3)],
    }


def _tasks(folder: Path) -> Path:
    (folder / "json").mkdir()
    for task in ("action_count", "object_shuffle"):
        rows = [
            {
                "video": f"v{i // 2}.mp4",
                "question": question_of(i),
                "candidates": options_of(i),
                "answer": right_option(i),
            }
            for i in range(N)
            if (i % 2 == 0) == (task == "action_count")
        ]
        write_json(folder / "json" / f"{task}.json", rows)
    return folder / "json"


VIDEOS: dict[str, Known] = {
    "questions with placeholders": Known(
        document(lambda: [_template(i) for i in range(N)]),
        Expected(N, MC, {_template(0)["type"], _template(1)["type"]}, 10),
        lambda i: (("one", "two", "three"), _SIDES)[i % 2][gold_of(i, 3)],
    ),
    "files of tasks": Known(_tasks, Expected(N, MC, {"action_count", "object_shuffle"}, 20), of(4)),
    "names of types by number": Known(
        document(
            lambda: {
                "question_type": {"Scene Understanding": 1, "Instance Identity": 2},
                "questions": [
                    {
                        **{f"choice_{x}": o for x, o in zip("abcd", options_of(i), strict=True)},
                        "answer": letter(i),
                        "data_id": f"{i // 2:07d}",
                        "data_type": "image",
                        "question": question_of(i),
                        "question_id": str(101669 + i),
                        "question_type_id": 1 + i % 2,
                    }
                    for i in range(N)
                ],
            }
        ),
        Expected(N, MC, {"1", "2"}, N // 2),
        of(4),
    ),
    "choice and direct answers": Known(
        document(
            lambda: [
                {
                    "split": "val",
                    "image_id": i // 2,
                    "question_id": f"a{i}",
                    "question": question_of(i),
                    "choices": options_of(i),
                    "correct_choice_idx": gold_of(i),
                    "direct_answers": [right_option(i)] * 9 + ["thing"],
                    "difficult_direct_answer": False,
                    "rationales": ["It is.", "One sees it.", "So."],
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC, groups=20),
        of(4),
    ),
    "numbered correct choice": Known(
        document(
            lambda: [
                {
                    "video_id": f"v{i // 2}",
                    "question": f"At the start, {question_of(i)}",
                    "question_wo_referring_query": question_of(i),
                    "candidates": options_of(i, 5),
                    "correct_choice": gold_of(i, 5),
                    "position": [20, 30],
                    "topic_category": "KH",
                    "question_category": ("S2E", "T3O")[i % 2],
                    "level": "L1-Perception",
                    "id": f"v{i // 2}_{i % 2}",
                    "video_path": f"v{i // 2}.mp4",
                    "subtitle_path": "s.json",
                    "duration_group": 15,
                    "starting_timestamp_for_subtitles": 0,
                    "duration": 10.5,
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC, {"S2E", "T3O"}, 20),
        of(5),
    ),
    "choices in the answer's language": Known(
        lines(
            lambda i: {
                "question_id": f"mp3d_{i}",
                "question": question_of(i),
                "objects": [{"bbox": [1, 2, 3, 4], "name": "lamp"}],
                "answer": gold_of(i),
                "answer_options": options_of(i),
                "relation": ("left", "close")[i % 2],
                "data_source": "mp3d",
                "image": "/9j/" + "A" * 300,
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "statements of two pictures": Known(
        lines(
            lambda i: {
                "sentence": f"There is one lamp in picture {i}.",
                "label": ("True", "False")[gold_of(i, 2)],
                "identifier": f"test1-{i // 4}-0-{i % 4}",
                "directory": 5,
                "synset": "lamp",
                "left_url": "u",
                "writer": "a",
                "validation": {"b": "True"},
            }
        ),
        Expected(N, MC),
        lambda i: ("True", "False")[gold_of(i, 2)],
    ),
    "a caption and its foil": Known(
        document(
            lambda: {
                f"x_{i}": {
                    "dataset": "toy",
                    "dataset_idx": i,
                    "image_file": f"{i}.jpg",
                    "linguistic_phenomena": "counting",
                    "caption": f"There are lamps in picture {i}.",
                    "classes": "lamp",
                    "foil": f"There are doors in picture {i}.",
                    "classes_foil": "door",
                    "mturk": {"foil": 0, "caption": 3, "other": 0},
                }
                for i in range(N)
            }
        ),
        Expected(N, MC),
        lambda i: f"There are lamps in picture {i}.",
    ),
    "answer as text and place": Known(
        lines(
            lambda i: {
                "movie_name": f"m{i // 4}",
                "videoID": f"v{i // 2}",
                "question": question_of(i),
                "choices": options_of(i, 5),
                "answer_key": right_option(i, 5),
                "answer_key_position": gold_of(i, 5),
                "question_category": ("Theme", "Plot")[i % 2],
                "hard_split": "False",
                "visual_reliance": "False",
            }
        ),
        Expected(N, MC, {"Theme", "Plot"}, 20),
        of(5),
    ),
    "columns numbered from 0, the answer a text": Known(
        table(
            lambda i: {
                "video_id": f"v{i // 2}",
                "frame_count": 30,
                "question": question_of(i),
                "answer": right_option(i, 5),
                "qid": i,
                "type": ("CW", "TN")[i % 2],
                **named(i, "a{}", 5, first=0),
            }
        ),
        Expected(N, MC, {"CW", "TN"}, 20),
        of(5),
    ),
}
