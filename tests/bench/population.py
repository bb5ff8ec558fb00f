"""How often intervals hold what other sets of a kind score on average: `tox -e calibration`.

Sets of 300 made-up questions: nothing planted; the longest option right more often than by chance; the same
in some scenes alone, so that questions of a scene are alike; templates whose slot tells the answer. The truth
is the mean over all sets of a kind.
"""

import argparse
import random
from collections.abc import Callable

import numpy as np
from verdicts import CUES, LETTERS, OPTIONS, WORDS, longest, rows_of

import tst_harness

QUESTIONS = 300
OF_A_SCENE = 6
COLOURS = ("red", "green", "blue", "white")
THINGS = [f"{start}{end}" for start in ("ba", "do", "ki", "lu", "me", "no", "pa", "ra") for end in WORDS[:4]]

Row = dict[str, object]


def nothing(seed: int) -> list[Row]:
    return rows_of(QUESTIONS, 0.0, seed)


def cue(seed: int) -> list[Row]:
    """The longest option is right in 35%."""
    return rows_of(QUESTIONS, 0.1, len(CUES) * seed + CUES.index(longest))


def scenes(seed: int) -> list[Row]:
    """In three of ten scenes the longest option is always right, in the others as often as any."""
    rng = random.Random(f"scenes {seed}")
    rows: list[Row] = []
    for scene in range(QUESTIONS // OF_A_SCENE):
        is_planted = rng.random() < 0.3
        for _ in range(OF_A_SCENE):
            options, place = [rng.sample(WORDS, 3) for _ in range(OPTIONS)], rng.randrange(OPTIONS)
            longest(rng, [], options, place)
            right = place if is_planted else rng.randrange(OPTIONS)
            text = f"{' '.join(rng.sample(WORDS, 5))} {len(rows)}?"
            rows.append(_row(rng, text, [" ".join(option) for option in options], right, scene=f"s{scene}"))
    return rows


def templates(seed: int) -> list[Row]:
    """Three templates; a thing has its own colour in 47%."""
    rng, own = random.Random(f"templates {seed}"), random.Random("colours")
    colour_of = {thing: own.choice(COLOURS) for thing in THINGS}
    rows: list[Row] = []
    for number in range(QUESTIONS):
        thing = rng.choice(THINGS)
        text = rng.choice(
            ("What colour is the {}?", "Which colour has the {}?", "Name the colour of the {}.")
        )
        answer = colour_of[thing] if rng.random() < 0.3 else rng.choice(COLOURS)
        options = rng.sample(COLOURS, len(COLOURS))
        rows.append(_row(rng, text.format(thing), options, options.index(answer), scene=f"s{number}"))
    return rows


def _row(rng: random.Random, text: str, options: list[str], right: int, scene: str) -> Row:
    return {
        "id": f"q{rng.getrandbits(40)}",
        "question": text,
        "options": options,
        "answer": LETTERS[right],
        "scene": scene,
    }


KINDS: dict[str, tuple[Callable[[int], list[Row]], str]] = {
    "nothing planted": (nothing, ""),
    "a cue of 10 points": (cue, ""),
    "scenes of their own": (scenes, "scene"),
    "templates": (templates, "scene"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=40, help="of each kind")
    settings = parser.parse_args()
    print("| sets of 300 | sets | figure | of this test set | of other questions | width, times |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for name, (make, group) in KINDS.items():
        figures, intervals = [], []
        for seed in range(settings.sets):
            report = tst_harness.audit(
                make(seed), group=group, name="kind", interval="population", progress=False
            ).content
            overall, checks = report.diagnostics["forest"].overall, report.checks
            assert overall is not None
            assert checks is not None
            assert checks.population is not None
            other = checks.population.overall
            assert other is not None
            figures.append((overall.score, overall.gain))
            intervals.append(
                ((overall.interval, overall.gain_interval), (other.interval, other.gain_interval))
            )
        truth = np.mean(figures, axis=0)
        ends = np.array(intervals)  # set, kind of interval, figure, end
        held = ((ends[..., 0] <= truth) & (truth <= ends[..., 1])).mean(axis=0)
        widths = np.median(
            (ends[:, 1, :, 1] - ends[:, 1, :, 0]) / (ends[:, 0, :, 1] - ends[:, 0, :, 0]), axis=0
        )
        for figure, (own, others), width in zip(("score", "gain"), held.T, widths, strict=True):
            held_by = f"{100 * own:.1f}% | {100 * others:.1f}%"
            print(f"| {name} | {settings.sets} | {figure} | {held_by} | {width:.2f} |", flush=True)


if __name__ == "__main__":
    main()
