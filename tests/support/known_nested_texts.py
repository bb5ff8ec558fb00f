"""Made-up questions in more layouts of well-known sets of texts: nested, logs, in other languages."""

import json
from pathlib import Path
from typing import Any

from data_rows import Row
from known_forms import MC, MULTI, Known, N, document, labelled, letter, lines, named, of, right_option, table
from layout_rows import Expected, gold_of, options_of, question_of, write_lines


def _articles(folder: Path) -> Path:
    (folder / "articles").mkdir()
    for a in range(10):
        at = range(4 * a, 4 * a + 4)
        content = {
            "answers": [letter(i) for i in at],
            "options": [options_of(i) for i in at],
            "questions": [question_of(i) for i in at],
            "article": f"The story {a}.",
            "id": f"middle{a}.txt",
        }
        (folder / "articles" / f"{a}.txt").write_text(json.dumps(content), encoding="utf-8")
    return folder / "articles"


def _dialogues() -> list[Any]:
    def asked(i: int) -> Row:
        return {"question": question_of(i), "choice": options_of(i, 3), "answer": right_option(i, 3)}

    return [[[f"M: Part {v}."], [asked(4 * v + j) for j in range(4)], f"4-{v}"] for v in range(10)]


def _paragraphs_with_marked_answers(p: int) -> Row:
    def asked(i: int) -> Row:
        answers = [{"text": o, "idx": n, "label": int(n < 2)} for n, o in enumerate(options_of(i))]
        return {"question": question_of(i), "answers": answers, "idx": i}

    return {"id": p, "passage": {"text": f"Text {p}.", "questions": [asked(2 * p), asked(2 * p + 1)]}}


NESTED_TEXTS: dict[str, Known] = {
    "choices beside a stem": Known(
        lines(
            lambda i: {
                "answerKey": letter(i, 5),
                "id": f"{i:032x}",
                "question": {"question_concept": "x", "choices": labelled(i, 5), "stem": question_of(i)},
            }
        ),
        Expected(N, MC),
        of(5),
    ),
    "letters with a bracket": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "options": [f"{x}){o}" for x, o in zip("ABCDE", options_of(i, 5), strict=True)],
                "rationale": f"It is so, hence {letter(i, 5)}",
                "correct": letter(i, 5),
            }
        ),
        Expected(N, MC),
        of(5),
    ),
    "answers about persons": Known(
        lines(
            lambda i: {
                "example_id": i,
                "question_polarity": ("neg", "nonneg")[i % 2],
                "answer_info": {"ans0": ["a", "old"], "ans1": ["b", "young"]},
                "context": f"Two people met {i // 4}.",
                "question": question_of(i),
                **named(i, "ans{}", 3, first=0),
                "label": gold_of(i, 3),
            }
        ),
        Expected(N, MC, groups=10),
        of(3),
    ),
    "endings of a phrase": Known(
        table(
            lambda i: {
                "": i,
                "video-id": f"v{i // 2}",
                "startphrase": f"{question_of(i)} He",
                "sent1": question_of(i),
                "sent2": "He",
                "gold-source": "gold",
                **named(i, "ending{}", first=0),
                "label": gold_of(i),
            }
        ),
        Expected(N, MC, groups=20),
        of(4),
    ),
    "dialogues in lists": Known(document(_dialogues), Expected(N, MC, groups=10), of(3)),
    "marked answers of a passage": Known(
        lambda folder: write_lines(
            folder / "rows.jsonl", [_paragraphs_with_marked_answers(p) for p in range(N // 2)]
        ),
        Expected(N, MULTI, groups=20),
        lambda i: set(options_of(i)[:2]),
    ),
    "scores of targets": Known(
        document(
            lambda: {
                "name": "toy",
                "keywords": ["a b"],
                "examples": [
                    {
                        "input": question_of(i),
                        "target_scores": {o: int(o == right_option(i)) for o in options_of(i)},
                    }
                    for i in range(N)
                ],
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "a decision": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "context": {"contexts": ["a b"], "labels": ["BACKGROUND"]},
                "long_answer": "It was found to be so.",
                "final_decision": ("yes", "no", "maybe")[gold_of(i, 3)],
            }
        ),
        Expected(N, MC),
        lambda i: ("yes", "no", "maybe")[gold_of(i, 3)],
    ),
    "log of a judge": Known(
        lines(
            lambda i: {
                "index": i,
                "prediction": f"ANSWER: {letter(i + 1)}",
                "target": letter(i),
                "sample_score": {"score": {"extracted_prediction": letter(i + 1)}, "group_id": i},
                "choices": options_of(i),
                "input": [{"role": "user", "content": question_of(i)}],
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "log with the document": Known(
        lines(
            lambda i: {
                "doc_id": i,
                "doc": {"question": question_of(i), "choices": options_of(i), "answer": gold_of(i)},
                "target": str(gold_of(i)),
                "resps": [[["-1.0", "False"]]],
                "metrics": ["acc"],
                "acc": float(i % 2),
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "two texts compared": Known(
        lines(
            lambda i: {
                "question1": f"Is it out {i}?",
                "question2": question_of(i),
                "is_duplicate": gold_of(i, 2),
            }
        ),
        Expected(N, MC),
        lambda i: str(gold_of(i, 2)),
    ),
    "names in another language": Known(
        table(
            lambda i: {
                "Nr": i,
                "Frage": question_of(i),
                **dict(zip("ABC", options_of(i, 3), strict=True)),
                "Lösung": letter(i, 3),
            }
        ),
        Expected(N, MC),
        of(3),
    ),
    "a folder of articles in text files": Known(_articles, Expected(N, MC, groups=10), of(4)),
}
