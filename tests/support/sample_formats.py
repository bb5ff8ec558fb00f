"""Generates questions with open answers and with several right options, with shortcuts planted in them.

As in `generator`: at strength 0 no text tells anything of its answer, and what is asked, and with which
options, is drawn before and apart from the answer.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from sample_generator import STRENGTH, Draws, Row, check_strength
from sample_inventory import THINGS, Thing

SampleFormat = Literal["open", "multi"]

SEED = 0
SCENES = 120

_MATERIALS = ("oak", "steel", "wicker", "plastic", "glass", "brass")
_COLOURS = ("red", "dark green", "white", "blue", "black", "yellow")
_LABELS = ("handle with care", "made in Lisbon", "this side up", "keep away from heat", "property of room 12")
_ANNOTATORS = 10
_LEAST_AGREEMENT = 6
_OFFERED = 4


def _habit(thing: Thing, values: Sequence[str], shift: int) -> str:
    """What a thing usually has; another `shift` gives other habits."""
    return values[(THINGS.index(thing) * shift + shift) % len(values)]


def _material(draws: Draws, things: Sequence[Thing]) -> tuple[str, str, Sequence[str]]:
    thing = things[0]
    return f"What is the {thing.name} in this room made of?", _habit(thing, _MATERIALS, 1), _MATERIALS


def _colour(draws: Draws, things: Sequence[Thing]) -> tuple[str, str, Sequence[str]]:
    thing = things[0]
    return f"What color is the {thing.name}?", _habit(thing, _COLOURS, 5), _COLOURS


def _label(draws: Draws, things: Sequence[Thing]) -> tuple[str, str, Sequence[str]]:
    thing = things[0]
    return f"What does the label on the {thing.name} say?", _habit(thing, _LABELS, 2), _LABELS


_OPEN: dict[str, Callable[[Draws, Sequence[Thing]], tuple[str, str, Sequence[str]]]] = {
    "material": _material,
    "color": _colour,
    "label": _label,
}


def _open_row(name: str, draws: Draws, strength: float) -> Row:
    text, usual, values = _OPEN[name](draws, draws.shuffled(THINGS))
    planted = draws.chance() < strength
    free = values[draws.below(len(values))]
    answer = usual if planted else free
    accepted: str | list[str] = answer
    if name == "color":
        agree = _LEAST_AGREEMENT + draws.below(_ANNOTATORS - _LEAST_AGREEMENT + 1)
        others = [values[draws.below(len(values))] for _ in range(_ANNOTATORS - agree)]
        accepted = draws.shuffled([answer] * agree + others)
    elif name == "material":
        accepted = draws.shuffled([answer, f"{answer[0].upper()}{answer[1:]}."])[0]
    return {
        "question": text,
        "answer": accepted,
        "planted": "what an object usually is like" if planted else None,
    }


def _multi_row(name: str, draws: Draws, strength: float) -> Row:
    things = draws.shuffled(THINGS)
    offered, other = things[:_OFFERED], things[_OFFERED]
    if name == "side":
        text = "Which of these objects stand to the left of the door?"
        usual = [place for place, thing in enumerate(offered) if thing.bearing[0] == "left"]
    else:
        text = f"Which of these objects does the video show before the {other.name}?"
        usual = [place for place, thing in enumerate(offered) if thing.entrance < other.entrance]
    planted = draws.chance() < strength and bool(usual)
    free = draws.shuffled(range(_OFFERED))[: 1 + draws.below(_OFFERED - 1)]
    letters = "ABCD"
    return {
        "question": text,
        "options": [thing.name for thing in offered],
        "answer": [letters[place] for place in sorted(usual if planted else free)],
        "planted": "where an object usually is" if planted else None,
    }


def generate_format(
    format_: SampleFormat, strength: float = STRENGTH, seed: int = SEED, scenes: int = SCENES
) -> list[Row]:
    """The rows of a sample of one format: one question of each of its types about each scene.

    Parameters
    ----------
    format_
        "open": types `material` (a text), `color` (those of ten annotators) and `label` (a text of several
        words). "multi": types `side` and `order`, with four options of which one to four are right.
    strength
        The chance, from 0 to 1, that a shortcut decides the answer of a question. All other answers are
        drawn uniformly, apart from the text.
    seed, scenes
        As for `generate`.

    Raises
    ------
    ValueError
        The strength is outside [0, 1].
    """
    check_strength(strength)
    make, names = (_open_row, tuple(_OPEN)) if format_ == "open" else (_multi_row, ("side", "order"))
    rows: list[Row] = []
    for scene in range(scenes):
        for name in names:
            draws = Draws(f"{seed}/{format_}/{scene}/{name}")
            about = {"id": len(rows), "scene": f"room_{scene:04d}", "type": name}
            rows.append(about | make(name, draws, strength))
    return rows
