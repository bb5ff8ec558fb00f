"""Made-up questions in the layouts of further well-known sets with numbers among their answers."""

from data_rows import Row
from known_forms import (
    MC,
    NUM,
    OPEN,
    Known,
    N,
    document,
    letter,
    lines,
    named,
    of,
    right_option,
    table,
    thing,
)
from layout_rows import THINGS, Expected, gold_of, lettered, question_of

_YES = ("yes", "no")


def _report_of_a_firm(i: int) -> Row:
    return {
        "pre_text": ["It was a good year.", "It was long."],
        "post_text": ["So it ended."],
        "filename": f"F/{i // 4}/page.pdf",
        "table_ori": [["a", "b"], ["1", "2"]],
        "id": f"F/{i // 4}/page.pdf-{i % 4}",
        "qa": {
            "question": question_of(i),
            "answer": f"{i + 3}.5%",
            "explanation": "",
            "ann_table_rows": [1],
            "steps": [{"op": "divide", "arg1": "3", "res": "1"}],
            "program": "divide(3, 4)",
            "exe_ans": 0.035,
        },
    }


def _tables(t: int) -> Row:
    def asked(i: int) -> Row:
        return {
            "uid": f"q{i}",
            "order": i % 4 + 1,
            "question": question_of(i),
            "answer": i + 0.25 if i % 2 else [thing(i)],
            "derivation": "",
            "answer_type": ("span", "arithmetic")[i % 2],
            "answer_from": "table",
            "rel_paragraphs": [],
            "req_comparison": False,
            "scale": "thousand" if i % 2 else "",
        }

    return {
        "table": {"uid": f"t{t}", "table": [["", "2019"], ["x", "1"]]},
        "paragraphs": [{"uid": f"p{t}", "order": 1, "text": "The table shows it."}],
        "questions": [asked(4 * t + j) for j in range(4)],
    }


def _bare(i: int) -> str:
    return (str(i), ("Yes", "No")[i // 9 % 2], thing(i))[i // 3 % 3]


def _prompted(i: int) -> Row:
    asked = f"{lettered(i, 3)}\nPlease answer directly with only the letter of the option."
    if i % 3 == 0:
        asked = f"{question_of(i)}\nPlease answer directly with a single word or number."
    return {"question": asked, "answer": letter(i, 3) if i % 3 else _bare(i), "image_path": f"{i}.webp"}


NUMBERS: dict[str, Known] = {
    "counts": Known(
        document(
            lambda: [
                {
                    "answer": i % 16,
                    "data_source": "vg",
                    "image": f"VG/{i // 2}.jpg",
                    "image_id": i // 2,
                    "issimple": bool(i % 2),
                    "question": f"How many are in clip {i}?",
                    "question_id": 30090 + i,
                }
                for i in range(N)
            ]
        ),
        Expected(N, NUM, groups=20),
        lambda i: float(i % 16),
    ),
    "words and numbers as answers": Known(
        document(
            lambda: {
                "info": {"split": "val"},
                "questions": [
                    {
                        "image_index": i // 4,
                        "program": [{"inputs": [], "function": "scene", "value_inputs": []}],
                        "question_index": i,
                        "image_filename": f"val_{i // 4}.png",
                        "question_family_index": i % 4,
                        "split": "val",
                        "answer": _YES[i // 2 % 2] if i % 2 else str(i // 2 % 4),
                        "question": question_of(i),
                    }
                    for i in range(N)
                ],
            }
        ),
        Expected(N, MC | NUM, {"rows (mc)", "rows (num)"}, 10),
        lambda i: _YES[i // 2 % 2] if i % 2 else float(i // 2 % 4),
    ),
    "final answers in a list": Known(
        lines(
            lambda i: {
                "id": 1600 + i,
                "question": question_of(i),
                "solution": [f"We see that it is ${i + 3}$, so it is known."],
                "final_answer": [f"{i + 2}"],
                "context": None,
                "is_multiple_answer": False,
                "unit": None,
                "answer_type": "Numerical",
                "error": None,
                "subfield": ("Algebra", "Geometry")[i % 2],
            }
        ),
        Expected(N, NUM),
        lambda i: i + 2.0,
    ),
    "a story and a question": Known(
        document(
            lambda: [
                {
                    "ID": f"chal-{i}",
                    "Body": f"There were {i + 5} lamps. One was broken.",
                    "Question": question_of(i),
                    "Equation": "( 8.0 - 1.0 )",
                    "Answer": i + 0.5,
                    "Type": ("Subtraction", "Addition")[i % 2],
                }
                for i in range(N)
            ]
        ),
        Expected(N, NUM, {"Subtraction", "Addition"}),
        lambda i: i + 0.5,
    ),
    "a question beside a report": Known(
        document(lambda: [_report_of_a_firm(i) for i in range(N)]),
        Expected(N, NUM, groups=10),
        lambda i: i + 3.5,
    ),
    "questions of a table": Known(
        document(lambda: [_tables(t) for t in range(N // 4)]),
        Expected(N, NUM | OPEN, {"span", "arithmetic"}, 10),
        lambda i: i + 0.25 if i % 2 else {thing(i)},
    ),
    "a score of two sentences": Known(
        lines(
            lambda i: {
                "split": "dev",
                "genre": ("captions", "news")[i % 2],
                "dataset": "toy",
                "year": "2012test",
                "sid": f"{i:04d}",
                "score": round(i * 7 % 50 / 10, 2),
                "sentence1": f"A man takes it {i}.",
                "sentence2": f"Somebody takes the {THINGS[i % 8]} {i}.",
            }
        ),
        Expected(N, NUM, {"captions", "news"}),
        lambda i: round(i * 7 % 50 / 10, 2),
    ),
    "options in the text, or free answers": Known(
        lines(_prompted),
        Expected(N, MC | NUM | OPEN, {"rows (mc)", "rows (num)", "rows (open)"}),
        lambda i: right_option(i, 3) if i % 3 else (float(i), {_bare(i)}, {_bare(i)})[i // 3 % 3],
    ),
    "decimals as the numbers of options": Known(
        table(lambda i: {"question": question_of(i), **named(i, "opt{}"), "ans": f"{1 + gold_of(i)}.0"}),
        Expected(N, MC),
        of(4),
    ),
}
