"""Made-up prompts with two responses, of which a column says which is better, with what each amounts to."""

from typing import Any

from data_rows import Row
from known_forms import MC, OPEN, Known, N, lines, table
from layout_rows import THINGS, Expected, gold_of, question_of


def _response(i: int, place: int) -> str:
    return f"The {THINGS[(3 * i + place) % 8]} of {i} was carried out."


def _better(i: int) -> str:
    return _response(i, gold_of(i, 2))


def _battle(i: int, **more: Any) -> Row:
    return {"question_id": f"x{i}", "model_a": "one", "model_b": "two", "language": "English"} | more


def _told(i: int, names: str, keys: str, **more: Any) -> Row:
    responses = {names.format(key): _response(i, place) for place, key in enumerate(keys)}
    return {"prompt": question_of(i)} | responses | more


def _talk(i: int, place: int) -> list[Row]:
    asked = {"role": "user", "content": question_of(i)}
    return [asked, {"role": "assistant", "content": _response(i, place)}]


def _winner(i: int) -> str:
    return ("model_a", "model_b")[gold_of(i, 2)]


BATTLES: dict[str, Known] = {
    "a winner of two models": Known(
        lines(lambda i: _battle(i, winner=_winner(i), **_told(i, "response_{}", "ab"))),
        Expected(N, MC),
        _better,
    ),
    "ties among winners": Known(
        lines(
            lambda i: _battle(
                i,
                winner=_winner(i) if i % 4 else ("tie", "tie (bothbad)")[i // 4 % 2],
                **_told(i, "response_{}", "ab"),
            )
        ),
        Expected(30, MC, kept_back=10),
        _better,
    ),
    "a winner of two conversations": Known(
        lines(
            lambda i: _battle(i, winner=_winner(i), conversation_a=_talk(i, 0), conversation_b=_talk(i, 1))
        ),
        Expected(N, MC),
        _better,
    ),
    "a column a winner": Known(
        table(
            lambda i: _battle(
                i,
                **_told(i, "response_{}", "ab"),
                winner_model_a=int(not gold_of(i, 2)),
                winner_model_b=gold_of(i, 2),
                winner_tie=0,
            )
        ),
        Expected(N, MC),
        _better,
    ),
    "A>B": Known(
        lines(lambda i: _told(i, "response_{}", "AB", pair_id=i, label=("A>B", "B>A")[gold_of(i, 2)])),
        Expected(N, MC),
        _better,
    ),
    "[[A]]": Known(
        lines(lambda i: _told(i, "response_{}", "AB", winner=("[[A]]", "[[B]]")[gold_of(i, 2)])),
        Expected(N, MC),
        _better,
    ),
    "preference 1 or 2": Known(
        lines(lambda i: _told(i, "output_{}", "12", preference=1 + gold_of(i, 2))), Expected(N, MC), _better
    ),
    "the better response's number": Known(
        lines(lambda i: _told(i, "response_{}", "01", better_response_id=gold_of(i, 2))),
        Expected(N, MC),
        _better,
    ),
    "responses of models beside the answer": Known(
        lines(lambda i: _told(i, "response_{}", "12", answer=f"a lamp {i}")),
        Expected(N, OPEN),
        lambda i: {f"a lamp {i}"},
    ),
    "chosen and rejected conversations": Known(
        lines(lambda i: {"id": i, "chosen": _talk(i, 0), "rejected": _talk(i, 1), "source": "made up"}),
        Expected(N, MC),
        lambda i: _response(i, 0),
    ),
    "chosen and rejected conversations beside their prompt": Known(
        lines(lambda i: {"prompt": question_of(i), "chosen": _talk(i, 0), "rejected": _talk(i, 1)}),
        Expected(N, MC),
        lambda i: _response(i, 0),
    ),
}
