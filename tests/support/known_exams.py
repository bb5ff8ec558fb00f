"""Made-up questions in the layouts of further well-known sets of exams, sums and knowledge."""

import json
from pathlib import Path
from typing import Any

from data_rows import Row
from known_forms import (
    MC,
    MULTI,
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
from layout_rows import THINGS, Expected, gold_of, options_of, question_of, write_json, write_lines


def _no_header(folder: Path) -> Path:
    rows = [
        ["oq"[i % 2], f"It was so {i}. I", *(f"took the {o} home." for o in options_of(i)), str(gold_of(i))]
        for i in range(N)
    ]
    path = folder / "rows.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return path


def _exams() -> dict[str, Any]:
    def asked(i: int) -> Row:
        return {
            "qid": str(i % 10 + 1),
            "qtext": question_of(i),
            "ra": str(1 + gold_of(i)),
            "answers": [{"aid": n, "atext": o} for n, o in enumerate(options_of(i), 1)],
        }

    return {
        "version": "1.0",
        "language": "es",
        "exams": {
            f"paper_{e}": {
                "name": f"paper_{e}",
                "year": str(2013 + e),
                "category": ("biology", "nursing")[e % 2],
                "data": [asked(10 * e + j) for j in range(10)],
            }
            for e in range(4)
        },
    }


def _tasks_with_options_in_the_text(folder: Path) -> Path:
    (folder / "tasks").mkdir()
    for task, n in (("dates", 4), ("shuffles", 3)):
        examples = [
            {
                "input": f"{question_of(i)}\nOptions:\n"
                + "\n".join(f"({x}) {o}" for x, o in zip("ABCD", options_of(i, n), strict=False)),
                "target": f"({letter(i, n)})",
            }
            for i in range(N)
            if (i % 2 == 0) == (task == "dates")
        ]
        write_json(folder / "tasks" / f"{task}.json", {"canary": "do not train", "examples": examples})
    return folder / "tasks"


def _exam_in_chinese() -> dict[str, Any]:
    return {
        "keywords": "2010_MCQs",
        "example": [
            {
                "year": "2010",
                "category": "",
                "question": f"{i}. {question_of(i)}\n"
                + "\n".join(f"{x}．{o}" for x, o in zip("ABCD", options_of(i), strict=True)),
                "answer": [letter(i)],
                "analysis": f"It is {letter(i + 1)}, one may think.",
                "index": i,
                "score": 4,
            }
            for i in range(N)
        ],
    }


def _lesson(number: int) -> Row:
    def asked(i: int) -> Row:
        texts = [{"idStructural": f"{x}.", "rawText": o} for x, o in zip("abcd", options_of(i), strict=True)]
        return {
            "answerChoices": dict(zip("abcd", texts, strict=True)),
            "question": question_of(i),
            "correctAnswer": letter(i).lower(),
            "questionType": "Multiple Choice",
        }

    at = range(4 * number, 4 * number + (1 if number % 3 == 2 else 4))
    return {"lesson_id": f"L_{number:04d}", "questions": {f"NDQ_{i:06d}": asked(i) for i in at}}


def _chat_with_letters(i: int) -> Row:
    listed = "\n".join(f"{x}. {o}" for x, o in zip("ABCD", options_of(i), strict=True))
    return {
        "messages": [
            {"role": "system", "content": "You answer questions."},
            {"role": "user", "content": f"{question_of(i)}\n{listed}"},
            {"role": "assistant", "content": f"The answer is {letter(i)}."},
        ]
    }


EXAMS: dict[str, Known] = {
    "no header, indices from 0": Known(
        _no_header, Expected(N, MC), lambda i: f"took the {right_option(i)} home."
    ),
    "papers of exams": Known(document(_exams), Expected(N, MC, {"biology", "nursing"}, 4), of(4)),
    "tasks with options in the text": Known(
        _tasks_with_options_in_the_text,
        Expected(N, MC, {"dates", "shuffles"}),
        lambda i: right_option(i, 3 if i % 2 else 4),
    ),
    "full-width stops": Known(document(_exam_in_chinese), Expected(N, MC), of(4)),
    "lessons of a textbook": Known(
        document(lambda: [_lesson(v) for v in range(N // 4)]),
        Expected(31, MC, {"Multiple Choice"}, 31),
        of(4),
    ),
    "the label beside an empty answer": Known(
        lines(
            lambda i: {
                "passage": f"The passage {i // 4}.",
                "question": question_of(i),
                "options": [f"({x}){o}" for x, o in zip("ABCD", options_of(i), strict=True)],
                "label": letter(i),
                "answer": None,
                "other": None,
            }
        ),
        Expected(N, MC, groups=10),
        of(4),
    ),
    "options in one text, spaced brackets": Known(
        document(
            lambda: [
                {
                    "Problem": question_of(i),
                    "Rationale": f"so the answer is {letter(i + 1, 5).lower()}",
                    "options": " , ".join(
                        f"{x} ) {o}" for x, o in zip("abcde", options_of(i, 5), strict=True)
                    ),
                    "correct": letter(i, 5).lower(),
                    "annotated_formula": "add(n0,n1)",
                    "linear_formula": "add(n0,n1)|",
                    "category": ("gain", "general")[i % 2],
                }
                for i in range(N)
            ]
        ),
        Expected(N, MC, {"gain", "general"}),
        of(5),
    ),
    "letters and their indices": Known(
        lines(
            lambda i: {
                "question_id": 70 + i,
                "question": question_of(i),
                "options": options_of(i, 8),
                "answer": letter(i, 8),
                "answer_index": gold_of(i, 8),
                "cot_content": "",
                "category": ("business", "law")[i % 2],
                "src": "x",
            }
        ),
        Expected(N, MC, {"business", "law"}),
        of(8),
    ),
    "an index column without a name": Known(
        table(
            lambda i: {
                "": i,
                "Question": question_of(i),
                **dict(zip("ABCD", options_of(i), strict=True)),
                "Answer": letter(i),
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "options marked by a key": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "options": [{"key": x, "value": o} for x, o in zip("ABCD", options_of(i), strict=True)],
                "answer": right_option(i),
                "answer_idx": letter(i),
                "meta_info": "step1",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "upper case names by id": Known(
        document(
            lambda: {
                f"216{i:04d}": {
                    "QUESTION": question_of(i),
                    "CONTEXTS": ["It was measured.", "It was found."],
                    "LABELS": ["BACKGROUND", "RESULTS"],
                    "MESHES": ["Aged", "Humans"],
                    "YEAR": "2011",
                    "reasoning_required_pred": "yes",
                    "reasoning_free_pred": "yes",
                    "final_decision": ("yes", "no", "maybe")[gold_of(i, 3)],
                    "LONG_ANSWER": "It was found to be so in most cases.",
                }
                for i in range(N)
            }
        ),
        Expected(N, MC),
        lambda i: ("yes", "no", "maybe")[gold_of(i, 3)],
    ),
    "letters of several": Known(
        lines(
            lambda i: {
                "id": i,
                "question": question_of(i),
                **dict(zip("ABCDE", options_of(i, 5), strict=True)),
                "answer": "".join(sorted({letter(i, 5), letter(i + 1, 5)})),
            }
        ),
        Expected(N, MULTI),
        lambda i: {right_option(i, 5), options_of(i, 5)[gold_of(i + 1, 5)]},
    ),
    "a chat that ends in a letter": Known(
        lambda folder: write_lines(folder / "rows.jsonl", [_chat_with_letters(i) for i in range(N)]),
        Expected(N, MC),
        of(4),
    ),
    "the question in two languages": Known(
        lines(
            lambda i: {
                "question_zh": f"在第 {i} 个片段里，从房子里搬出来的是什么？",
                "question_en": question_of(i),
                "options": options_of(i),
                "gold": gold_of(i),
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "options numbered, the answer their number": Known(
        table(
            lambda i: {
                "qno": i,
                "Question Text": question_of(i),
                **named(i, "Option {}"),
                "Correct Option": f"Option {1 + gold_of(i)}",
            }
        ),
        Expected(N, MC),
        of(4),
    ),
    "questions by level": Known(
        document(
            lambda: {
                level: {
                    str(i): {
                        "question": question_of(i),
                        "choices": json.dumps(options_of(i)),
                        "answer": f"{letter(i)}: {right_option(i)}",
                        "thing": THINGS[i % 8],
                    }
                    for i in range(N)
                    if (i % 2 == 0) == (level == "easy")
                }
                for level in ("easy", "hard")
            }
        ),
        Expected(N, MC, {"easy", "hard"}),
        of(4),
    ),
}
