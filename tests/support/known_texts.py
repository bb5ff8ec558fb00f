"""Made-up questions in the layouts of well-known sets of texts, with what each file amounts to."""

from data_rows import Row
from known_forms import (
    BOTH,
    MC,
    NUM,
    OPEN,
    Known,
    N,
    document,
    lines,
    of,
    right_option,
    table,
    thing,
)
from layout_rows import THINGS, Expected, gold_of, options_of, question_of


def _counted(i: int) -> Row:
    """An answer with a member for each kind, of which one is filled."""
    blank = {"day": "", "month": "", "year": ""}
    kinds: list[Row] = [
        {"number": str(i), "date": blank, "spans": []},
        {"number": "", "date": blank, "spans": [thing(i)]},
        {"number": "", "date": {"day": "3", "month": "May", "year": str(1900 + i)}, "spans": []},
        {"number": "", "date": blank, "spans": ["one", f"two {i}"]},
    ]
    return kinds[i % 4] | {"hit_id": "x7"}


def _counted_right(i: int) -> object:
    return (float(i), {thing(i)}, {f"3 May {1900 + i}"}, {f"one, two {i}"})[i % 4]


def _story(i: int) -> Row:
    return {f"InputSentence{n}": f"Line {n} of the story is told." for n in range(1, 5)} | {
        f"RandomFifthSentenceQuiz{n}": f"He took the {o} to house {i}."
        for n, o in enumerate(options_of(i, 2), 1)
    }


TEXTS: dict[str, Known] = {
    "answer by kind": Known(
        document(
            lambda: {
                f"game_{p}": {
                    "passage": f"The game {p} was long.",
                    "qa_pairs": [
                        {"question": question_of(i), "query_id": f"i{i}", "answer": _counted(i)}
                        for i in range(4 * p, 4 * p + 4)
                    ],
                }
                for p in range(10)
            }
        ),
        Expected(N, NUM | OPEN, BOTH, 10),
        _counted_right,
    ),
    "spans of answers": Known(
        lines(
            lambda i: {
                "passage": f"The game {i // 4} was long.",
                "question": question_of(i),
                "answers_spans": {
                    "spans": [str(i)] if i % 2 else [thing(i), THINGS[i % 8]],
                    "types": ["number"] if i % 2 else ["span", "span"],
                },
            }
        ),
        Expected(N, NUM | OPEN, BOTH, 10),
        lambda i: float(i) if i % 2 else {thing(i), THINGS[i % 8]},
    ),
    "result after hashes": Known(
        lines(
            lambda i: {
                "question": question_of(i),
                "answer": f"It is {i}*2=<<{i}*2>> {2 * i}.\n#### {2 * i:,}",
            }
        ),
        Expected(N, NUM),
        lambda i: 2.0 * i,
    ),
    "result in a box": Known(
        lines(
            lambda i: {
                "problem": question_of(i),
                "level": f"Level {i % 5}",
                "type": ("Algebra", "Geometry")[i % 2],
                "solution": f"So $x={i}$, and the result is $\\boxed{{\\frac{{{i}}}{{7}}}}$ as was asked.",
            }
        ),
        Expected(N, OPEN, {"Algebra", "Geometry"}),
        lambda i: {f"\\frac{{{i}}}{{7}}"},
    ),
    "two observations": Known(
        lines(
            lambda i: {
                "obs1": "It was a day in the house.",
                "obs2": f"She was glad about number {i}.",
                **{f"hyp{n}": f"She saw a {o} in house {i}." for n, o in enumerate(options_of(i, 2), 1)},
                "label": 1 + gold_of(i, 2),
            }
        ),
        Expected(N, MC),
        lambda i: f"She saw a {right_option(i, 2)} in house {i}.",
    ),
    "end of a story": Known(
        table(lambda i: _story(i) | {"AnswerRightEnding": 1 + gold_of(i, 2)}),
        Expected(N, MC),
        lambda i: f"He took the {right_option(i, 2)} to house {i}.",
    ),
    "right answer and wrong ones": Known(
        table(
            lambda i: {
                "question": question_of(i),
                "right_answer": options_of(i, 5)[0],
                **{f"wrong{n}": options_of(i, 5)[n] for n in range(1, 5)},
            }
        ),
        Expected(N, MC),
        lambda i: options_of(i)[0],
    ),
    "incorrect answers": Known(
        table(
            lambda i: {
                "Pre-Revision Question": f"Once it was {i}?",
                "Pre-Revision Correct Answer": "a lamp",
                "Question": question_of(i),
                "Correct Answer": options_of(i)[0],
                **{f"Incorrect Answer {n}": options_of(i)[n] for n in range(1, 4)},
                "Explanation": "It is so.",
                "High-level domain": ("Chemistry", "Physics")[i % 2],
                "Record ID": f"rec{i}",
            }
        ),
        Expected(N, MC, {"Chemistry", "Physics"}),
        lambda i: options_of(i)[0],
    ),
    "aliases": Known(
        document(
            lambda: {
                "Data": [
                    {
                        "Question": question_of(i),
                        "QuestionId": f"t{i}",
                        "Answer": {
                            "Aliases": [thing(i), f"{THINGS[i % 8]} no {i}"],
                            "NormalizedAliases": [f"{THINGS[i % 8]} {i}"],
                            "Value": thing(i),
                        },
                    }
                    for i in range(N)
                ],
                "Domain": "Web",
                "Version": 1.0,
            }
        ),
        Expected(N, OPEN),
        lambda i: {thing(i), f"{THINGS[i % 8]} no {i}"},
    ),
    "list of texts": Known(
        lines(lambda i: {"question": f"what is in clip {i}", "answer": [thing(i), f"no {i}"][: 1 + i % 2]}),
        Expected(N, OPEN),
        lambda i: {thing(i), f"no {i}"} if i % 2 else {thing(i)},
    ),
    "texts and where they start": Known(
        lines(
            lambda i: {
                "id": f"5{i}",
                "title": f"Town {i // 8}",
                "context": f"Part {i // 4} of the town.",
                "question": question_of(i),
                "answers": {"text": [thing(i)] * (i % 4), "answer_start": [5] * (i % 4)},
            }
        ),
        Expected(30, OPEN, groups=10, kept_back=10),
        lambda i: {thing(i)},
    ),
    "digits from 1 as text": Known(
        lines(
            lambda i: {
                "context": f"It was done {i}.",
                "question": question_of(i),
                **{f"answer{x}": o for x, o in zip("ABC", options_of(i, 3), strict=True)},
                "label": "123"[gold_of(i, 3)],
            }
        ),
        Expected(N, MC),
        of(3),
    ),
}
