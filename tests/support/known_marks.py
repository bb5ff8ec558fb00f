"""Made-up questions whose right options are marked, or whose lists NumPy printed."""

from typing import Any

from data_rows import Row
from known_forms import MC, MULTI, Known, N, document, letter, lines, named, of, right_option, table
from layout_rows import Expected, gold_of, options_of, question_of


def _marks(i: int, right: Any = 1, wrong: Any = 0) -> list[Any]:
    return [right if place == gold_of(i) else wrong for place in range(4)]


def _marked(i: int, names: str, keys: str = "1234", right: Any = 1, wrong: Any = 0) -> Row:
    return {names.format(key): mark for key, mark in zip(keys, _marks(i, right, wrong), strict=True)}


def _asked(i: int, **more: Any) -> Row:
    return {"id": f"q{i}", "question": question_of(i)} | more


def _printed(texts: list[str], between: str = " ") -> str:
    return f"[{between.join(map(repr, texts))}]"


def _lids(i: int) -> list[str]:
    return [f"{option}'s lid" for option in options_of(i)]


def _array(texts: list[str]) -> str:
    return f"array({texts!r}, dtype=object)"


def _scene(s: int) -> Row:
    """Two questions of a scene, of which the second has a mark for each option."""
    judged = [
        {"choice_id": place, "choice": option, "program": ["x"], "answer": mark}
        for place, (option, mark) in enumerate(
            zip(options_of(2 * s + 1), _marks(2 * s + 1, "correct", "wrong"), strict=True)
        )
    ]
    return {
        "scene_index": 100 + s,
        "video_filename": f"video_{100 + s}.mp4",
        "questions": [
            {"question_id": 0, "question": question_of(2 * s), "question_type": "descriptive"}
            | {"program": ["x"], "answer": ("metal", "rubber", "cube")[s % 3]},
            {"question_id": 1, "question": question_of(2 * s + 1), "question_type": "predictive"}
            | {"program": ["x"], "choices": judged},
        ],
    }


MARKS: dict[str, Known] = {
    "a list of marks": Known(
        lines(lambda i: _asked(i, options=options_of(i), labels=_marks(i))), Expected(N, MC), of(4)
    ),
    "a list of marks as text": Known(
        table(lambda i: _asked(i, options=str(options_of(i)), label=str(_marks(i)))), Expected(N, MC), of(4)
    ),
    "marks as NumPy prints them": Known(
        table(lambda i: _asked(i, options=_printed(options_of(i)), label=str(_marks(i)).replace(",", ""))),
        Expected(N, MC),
        of(4),
    ),
    "a column of marks an option": Known(
        table(lambda i: _asked(i, **named(i, "option_{}"), **_marked(i, "label_{}"))), Expected(N, MC), of(4)
    ),
    "true and false beside each letter": Known(
        table(
            lambda i: _asked(
                i,
                **dict(zip("abcd", options_of(i), strict=True)),
                **_marked(i, "{}_is_correct", "abcd", "True", "False"),
            )
        ),
        Expected(N, MC),
        of(4),
    ),
    "columns of marks beside a list": Known(
        lines(lambda i: _asked(i, options=options_of(i), **_marked(i, "correct_{}", "0123", True, False))),
        Expected(N, MC),
        of(4),
    ),
    "several columns are marked": Known(
        table(lambda i: _asked(i, **named(i, "option_{}"), **_marked(i, "label_{}")) | {"label_2": 1}),
        Expected(N, MULTI),
        lambda i: {options_of(i)[1], right_option(i)},
    ),
    "choices and labels of a column of any name": Known(
        lines(lambda i: _asked(i, targets={"choices": options_of(i), "labels": _marks(i)})),
        Expected(N, MC),
        of(4),
    ),
    "choices that are judged beside open questions": Known(
        document(lambda: [_scene(s) for s in range(N // 2)]),
        Expected(N, MC, {"descriptive", "predictive"}, N // 2),
        lambda i: right_option(i) if i % 2 else ("metal", "rubber", "cube")[i // 2 % 3],
    ),
    "texts as NumPy prints them": Known(
        table(
            lambda i: _asked(
                i, options=_printed([f"{o}'s lid" for o in options_of(i)], "\n "), answer=letter(i)
            )
        ),
        Expected(N, MC),
        lambda i: f"{right_option(i)}'s lid",
    ),
    "arrays as pandas prints them": Known(
        table(
            lambda i: {
                "id": i,
                "question": question_of(i),
                "choices": f"{{'text': {_array(options_of(i))}, 'label': {_array(list('ABCD'))}}}",
                "answerKey": letter(i),
            }
        ),
        Expected(N, MC),
        of(4),
    ),
}
