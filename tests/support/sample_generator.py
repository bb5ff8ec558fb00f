"""Generates indoor-scene questions in VSI-Bench's ten types and columns, with shortcuts planted in them.

The instrument that calibrates the harness: at strength 0 no text tells anything of its answer, so every
diagnostic must be at chance; above it each question says in `planted` which shortcut decides its answer.
What is asked, and with which options, is drawn before and apart from the answer, whatever the strength.
"""

import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from sample_inventory import THINGS, Thing

STRENGTH = 0.8
SEED = 0
SCENES = 60

Row = dict[str, Any]

_TURNS = ("Turn Left", "Turn Right", "Turn Back")
_QUADRANTS = ("front-left", "front-right", "back-left", "back-right")
_ROUTE = (
    "You are a robot beginning at the {0} and facing the {1}. You want to navigate to the {2}. "
    "You will perform the following actions (Note: for each [please fill in], choose either 'turn back,' "
    "'turn left,' or 'turn right.'): {3} You have reached the final destination."
)


class _Asked(NamedTuple):
    """A question before it has an answer.

    `planted` is the answer that the shortcut gives; both are None where the type has no shortcut.
    Without it the answer is one of the options, or of the numbers from `low` to `high` by a `step`.
    """

    text: str
    shortcut: str | None
    planted: str | float | None
    options: tuple[str, ...] | None = None
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0


class Draws:
    """Draws of one question, from `random()` alone: the one method that Python promises to keep."""

    def __init__(self, key: str) -> None:
        self._random = random.Random(key).random

    def chance(self) -> float:
        """Draw from 0 to 1."""
        return self._random()

    def below(self, n: int) -> int:
        """Draw one of 0 .. n - 1."""
        return int(self._random() * n)

    def shuffled(self, items: Iterable[Any]) -> list[Any]:
        """Return the items in a drawn order."""
        pool = list(items)
        return [pool.pop(self.below(len(pool))) for _ in range(len(pool))]

    def number(self, low: float, high: float, step: float) -> float:
        """Draw from low to high by a step."""
        steps = round((high - low) / step) + 1
        return round(low + step * self.below(steps), 2)

    def near(self, value: float, step: float) -> float:
        """Within 4% of a value, then rounded to the step."""
        return max(step, round(round(value * (0.96 + 0.08 * self._random()) / step) * step, 2))


def _counting(draws: Draws, things: Sequence[Thing]) -> _Asked:
    thing = things[0]
    text = f"How many {thing.name}(s) are in this room?"
    return _Asked(text, "an object's usual count", thing.number, low=2, high=9)


def _size(draws: Draws, things: Sequence[Thing]) -> _Asked:
    thing = things[0]
    text = (
        "What is the length of the longest dimension (length, width, or height) of the "
        f"{thing.name}, measured in centimeters?"
    )
    return _Asked(text, "an object's usual size", draws.near(thing.size, 1), low=20, high=220)


def _room(draws: Draws, things: Sequence[Thing]) -> _Asked:
    text = (
        "What is the size of this room (in square meters)? \n"
        "If multiple rooms are shown, estimate the size of the combined space."
    )
    return _Asked(text, None, None, low=8.0, high=60.0, step=0.1)


def _distance(draws: Draws, things: Sequence[Thing]) -> _Asked:
    one, other = things[:2]
    text = (
        "Measuring from the closest point of each object, what is the distance between the "
        f"{one.name} and the {other.name} (in meters)?"
    )
    planted = draws.near(one.reach + other.reach, 0.1)
    return _Asked(text, "what two objects are usually apart", planted, low=0.4, high=6.0, step=0.1)


def _direction(draws: Draws, things: Sequence[Thing], level: int) -> _Asked:
    here, facing, sought = (thing.name for thing in things[:3])
    text = f"If I am standing by the {here} and facing the {facing}, is the {sought} to "
    if level == 0:
        text += f"the left or the right of the {facing}?"
    elif level == 1:
        text += (
            "my left, right, or back?\n"
            "An object is to my back if I would have to turn at least 135 degrees in order to face it."
        )
    else:
        text += (
            "my front-left, front-right, back-left, or back-right?\n"
            "The directions refer to the quadrants of a Cartesian plane "
            "(if I am standing at the origin and facing along the positive y-axis)."
        )
    sides = (("left", "right"), ("left", "right", "back"), _QUADRANTS)[level]
    options = tuple(draws.shuffled(sides))
    return _Asked(text, "where an object usually stands", things[2].bearing[level], options)


def _nearest(draws: Draws, things: Sequence[Thing]) -> _Asked:
    candidates = things[:4]
    options = tuple(thing.name for thing in candidates)
    text = (
        "Measuring from the closest point of each object, which of these objects "
        f"({', '.join(options)}) is the closest to the {things[4].name}?"
    )
    nearest = min(candidates, key=lambda thing: thing.nearness)
    return _Asked(text, "an object that is usually near", nearest.name, options)


def _appearance(draws: Draws, things: Sequence[Thing]) -> _Asked:
    shown = things[:4]
    names = [thing.name for thing in shown]
    text = (
        "What will be the first-time appearance order of the following categories in the video: "
        f"{', '.join(names)}?"
    )
    entrance = {thing.name: thing.entrance for thing in shown}
    orders: list[list[str]] = []
    while len(orders) < 4:
        order = draws.shuffled(names)
        if order not in orders:
            orders.append(order)

    def out_of_order(order: list[str]) -> int:
        return sum(entrance[one] > entrance[other] for one, other in combinations(order, 2))

    planted = min(orders, key=lambda order: (out_of_order(order), order))
    options = tuple(", ".join(order) for order in orders)
    return _Asked(text, "the usual order of appearance", ", ".join(planted), options)


def _route(draws: Draws, things: Sequence[Thing]) -> _Asked:
    start, facing, *stops = (thing.name for thing in things[:6])
    blanks = 1 + draws.below(3)
    steps = []
    for stop in stops[:blanks]:
        steps += ["[please fill in]", f"Go forward until the {stop}"]
    numbered = " ".join(f"{number}. {step}" for number, step in enumerate(steps, 1)) + "."
    text = _ROUTE.format(start, facing, stops[blanks - 1], numbered)
    routes: list[tuple[str, ...]] = []
    while len(routes) < (3 if blanks == 1 else 4):
        route = tuple(_TURNS[draws.below(len(_TURNS))] for _ in range(blanks))
        if route not in routes:
            routes.append(route)

    def strangeness(route: tuple[str, ...]) -> int:
        return sum(one != other for it in routes for one, other in zip(route, it, strict=True))

    planted = min(routes, key=lambda route: (strangeness(route), [_TURNS.index(turn) for turn in route]))
    options = tuple(", ".join(route) for route in routes)
    return _Asked(text, "the option most like the others", ", ".join(planted), options)


_TYPES: dict[str, Callable[[Draws, Sequence[Thing]], _Asked]] = {
    "object_counting": _counting,
    "object_size_estimation": _size,
    "room_size_estimation": _room,
    "object_abs_distance": _distance,
    "object_rel_direction_easy": partial(_direction, level=0),
    "object_rel_direction_medium": partial(_direction, level=1),
    "object_rel_direction_hard": partial(_direction, level=2),
    "object_rel_distance": _nearest,
    "obj_appearance_order": _appearance,
    "route_planning": _route,
}


def _row(identity: int, scene: str, name: str, draws: Draws, strength: float) -> Row:
    asked = _TYPES[name](draws, draws.shuffled(THINGS))
    planted = draws.chance() < strength and asked.shortcut is not None
    if asked.options is None:
        free: str | float = draws.number(asked.low, asked.high, asked.step)
    else:
        free = asked.options[draws.below(len(asked.options))]
    answer = asked.planted if planted else free
    letters = "ABCD"
    return {
        "id": identity,
        "dataset": "sample",
        "scene_name": scene,
        "question_type": name,
        "question": asked.text,
        "options": asked.options and [f"{letters[i]}. {text}" for i, text in enumerate(asked.options)],
        "ground_truth": (
            f"{answer:g}" if asked.options is None else letters[asked.options.index(str(answer))]
        ),
        "planted": asked.shortcut if planted else None,
    }


def generate(strength: float = STRENGTH, seed: int = SEED, scenes: int = SCENES) -> list[Row]:
    """The rows of a sample: one question of each of the ten types about each scene.

    Parameters
    ----------
    strength
        The chance, from 0 to 1, that a shortcut decides the answer of a question. All other answers
        are drawn uniformly, apart from the text: mc from the options, num from the type's range. The
        questions planted at one strength are planted at every higher one too. Room sizes are never
        planted, as all their questions are alike.
    seed, scenes
        Another seed gives other questions; fewer scenes give the first of them.

    Returns
    -------
    Rows in VSI-Bench's columns, and `planted`: the shortcut that decides the answer, or None.

    Raises
    ------
    ValueError
        The strength is outside [0, 1].
    """
    check_strength(strength)
    rows: list[Row] = []
    for scene in range(scenes):
        for name in _TYPES:
            draws = Draws(f"{seed}/{scene}/{name}")
            rows.append(_row(len(rows), f"room_{scene:04d}", name, draws, strength))
    return rows


def check_strength(strength: float) -> None:
    """Raise ValueError where a strength is not from 0 to 1."""
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength is {strength}, which is not from 0 to 1")


def repeated(rows: Sequence[Row], times: int) -> Iterator[Row]:
    """The same questions over and over, each time with new ids and scene names."""
    for time in range(times):
        for place, row in enumerate(rows):
            yield row | {"id": time * len(rows) + place, "scene_name": f"{row['scene_name']}_{time}"}


def write(
    path: Path, strength: float = STRENGTH, seed: int = SEED, scenes: int = SCENES, times: int = 1
) -> None:
    """Write what `generate` gives as JSONL, `times` over as by `repeated`; the file is whole or absent."""
    rows: Iterable[Row] = generate(strength, seed, scenes)
    if times > 1:
        rows = repeated(list(rows), times)
    write_rows(path, rows)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSONL; the file is whole or absent."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            for row in rows:
                file.write(json.dumps(row) + "\n")
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
