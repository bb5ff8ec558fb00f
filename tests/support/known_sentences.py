"""Made-up questions in the layouts of further well-known sets of documents, sentences and preferences."""

from pathlib import Path

from known_forms import (
    MC,
    Known,
    N,
    document,
    lines,
    named,
    of,
    table,
)
from layout_rows import THINGS, Expected, gold_of, options_of, question_of, write_lines

_RELATIONS = ("entailment", "neutral", "contradiction")


def _annotations_by_id(folder: Path) -> Path:
    labels = [
        {"id": i + 1, "type": "discriminative-existence", "truth": ("yes", "no")[gold_of(i, 2)]}
        for i in range(N)
    ]
    rows = [{"id": i + 1, "image": f"{i // 4}.jpg", "query": question_of(i)} for i in range(N)]
    write_lines(folder / "annotations.jsonl", labels)
    return write_lines(folder / "query.jsonl", rows)


SENTENCES: dict[str, Known] = {
    "facts beside a yes or no": Known(
        document(
            lambda: [
                {
                    "qid": f"{i:020x}",
                    "term": "Lamp",
                    "description": "thing that shines",
                    "question": question_of(i),
                    "answer": bool(gold_of(i, 2)),
                    "facts": ["It shines.", "It is on."],
                    "decomposition": ["What is it?", "Is #1 so?"],
                    "evidence": [[["a"], "no_evidence"]],
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC),
        lambda i: ("False", "True")[gold_of(i, 2)],
    ),
    "claims": Known(
        lines(
            lambda i: {
                "id": 91198 + i,
                "verifiable": "VERIFIABLE",
                "label": ("SUPPORTS", "REFUTES", "NOT ENOUGH INFO")[gold_of(i, 3)],
                "claim": f"The lamp was seen in clip {i}.",
                "evidence": [[[1, 2, "Lamp", 0]]],
            }
        ),
        Expected(N, MC),
        lambda i: ("SUPPORTS", "REFUTES", "NOT ENOUGH INFO")[gold_of(i, 3)],
    ),
    "cause or effect": Known(
        lines(
            lambda i: {
                "premise": f"The lamp broke in house {i}.",
                **named(i, "choice{}", 2),
                "question": ("cause", "effect")[i % 2],
                "idx": i,
                "label": gold_of(i, 2),
            }
        ),
        Expected(N, MC, {"cause", "effect"}),
        of(2),
    ),
    "a word in two sentences": Known(
        lines(
            lambda i: {
                "word": THINGS[i % 8],
                "sentence1": f"It was the day {i // 2}.",
                "sentence2": f"He took a {THINGS[i % 8]} on day {i}.",
                "idx": i,
                "label": bool(gold_of(i, 2)),
                "start1": 11,
                "end1": 15,
                "start2": 10,
                "end2": 14,
                "version": 1.1,
            }
        ),
        Expected(N, MC, groups=20),
        lambda i: ("False", "True")[gold_of(i, 2)],
    ),
    "relations by their first letters": Known(
        lines(
            lambda i: {
                "uid": f"u{i}",
                "model_label": "c",
                "emturk": True,
                "genre": "wiki",
                "context": f"The town {i // 4} is old.",
                "hypothesis": f"The town is far {i}.",
                "label": "enc"[gold_of(i, 3)],
                "reason": f"it says so {i}",
            }
        ),
        Expected(N, MC, groups=10),
        lambda i: "enc"[gold_of(i, 3)],
    ),
    "minimal pairs": Known(
        lines(
            lambda i: {
                "sentence_good": f"Who has he seen with lamp {i}?",
                "sentence_bad": f"Who has with lamp he seen {i}?",
                "field": "syntax",
                "linguistics_term": "island_effects",
                "UID": "adjunct_island",
                "simple_LM_method": True,
                "pairID": str(i),
            }
        ),
        Expected(N, MC),
        lambda i: f"Who has he seen with lamp {i}?",
    ),
    "a right answer and a made-up one": Known(
        lines(
            lambda i: {
                "knowledge": "It was in the town.",
                "question": question_of(i),
                "right_answer": f"The {THINGS[i % 8]}",
                "hallucinated_answer": f"It was the {THINGS[(i + 1) % 8]} that was seen",
            }
        ),
        Expected(N, MC),
        lambda i: f"The {THINGS[i % 8]}",
    ),
    "answers by the id of the query": Known(
        _annotations_by_id,
        Expected(N, MC, {"discriminative-existence"}, 10),
        lambda i: ("yes", "no")[gold_of(i, 2)],
    ),
    "options called answers": Known(
        document(
            lambda: [
                {
                    "context": f"Text {i // 4} says so.",
                    "question": question_of(i),
                    "answers": options_of(i),
                    "label": gold_of(i),
                    "id_string": f"val_{i}",
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC, groups=10),
        of(4),
    ),
    "candidates and the place of the right one": Known(
        lines(
            lambda i: {
                "id": i,
                "question_category": i % 6,
                "question_propmt": f"{question_of(i)} I",
                "candidate_answers": options_of(i),
                "correct_answer_idx": gold_of(i),
            }
        ),
        Expected(N, MC, {"0", "1", "2", "3", "4", "5"}),
        of(4),
    ),
    "relations in a table": Known(
        table(
            lambda i: {
                "pairID": f"{i}.jpg#0r",
                "gold_label": _RELATIONS[gold_of(i, 3)],
                "Sentence1": f"A man is out {i // 4}.",
                "Sentence2": f"A man has a lamp {i}.",
                "Explanation_1": "It is so.",
                "WorkerId": "A1",
            }
        ),
        Expected(N, MC, groups=10),
        lambda i: _RELATIONS[gold_of(i, 3)],
    ),
    "string questions of a figure": Known(
        document(
            lambda: {
                "qa_pairs": [
                    {
                        "color1_name": "Navy",
                        "question_string": question_of(i),
                        "answer": gold_of(i, 2),
                        "question_id": i % 4,
                        "image_index": i // 4,
                    }
                    for i in range(N)
                ],
                "total_distinct_colors": 30,
            }
        ),
        Expected(N, MC, groups=10),
        lambda i: str(gold_of(i, 2)),
    ),
}
