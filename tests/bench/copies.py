"""False alarms where questions are copies of each other: what the documentation says of `independent`.

Usage: copies.py [SETS]
"""

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

import tst_harness

_WORDS = "amber birch cedar delta ember fjord grove heron inlet jetty kiosk lilac".split()  # noqa: SIM905
Rows = list[dict[str, object]]


def _question(rng: np.random.Generator, number: int, text: str | None = None) -> dict[str, object]:
    options = rng.permutation(_WORDS)[:4].tolist()
    said = text or f"{' '.join(rng.choice(_WORDS, 6))} number {number}?"
    return {"question": said, "options": options, "answer": "ABCD"[rng.integers(4)]}


def copies(rng: np.random.Generator) -> Rows:
    """60 random questions, each five times."""
    return [row for number in range(60) for row in [_question(rng, number)] * 5]


def near_copies(rng: np.random.Generator) -> Rows:
    """60 random questions of many words, each five times with one word more."""
    rows = []
    for number in range(60):
        text = f"{' '.join(rng.choice(_WORDS, 14))} number {number} of them"
        row = _question(rng, number, text)
        rows += [{**row, "question": f"{text} {word}?"} for word in ("now", "here", "today", "then", "there")]
    return rows


def templates(rng: np.random.Generator) -> Rows:
    """300 questions of five templates with other slots."""
    frames = [f"which {' '.join(rng.choice(_WORDS, 4))} is beside the {{}}?" for _ in range(5)]
    slots = [f"{first} {second}" for first in _WORDS for second in _WORDS]
    return [
        _question(rng, number, frames[number % 5].format(slots[rng.integers(len(slots))]))
        for number in range(300)
    ]


def distinct(rng: np.random.Generator) -> Rows:
    """300 random questions."""
    return [_question(rng, number) for number in range(300)]


def main(sets: int) -> None:
    """Print how many sets have a false shortcut, and how many call their positions uneven."""
    warnings.simplefilter("ignore")
    cases: list[Callable[[np.random.Generator], Rows]] = [copies, near_copies, templates, distinct]
    print(f"{'':12}  sets  with a shortcut  rules  positions uneven  units")
    for make in cases:
        found, rules, uneven, units = 0, 0, 0, []
        for number in range(sets):
            rows = make(np.random.default_rng(number))
            frame = pd.DataFrame(rows).assign(id=[f"q{place}" for place in range(len(rows))])
            report = tst_harness.audit(frame, name="set", progress=False).content
            shortcuts = report.diagnostics["forest"].shortcuts
            found, rules = found + bool(shortcuts), rules + len(shortcuts)
            assert report.checks is not None
            positions = report.checks.positions
            uneven += positions is not None and positions.overall.p_value < 0.05
            counted = getattr(report, "independent", None)
            units.append(len(rows) if counted is None else counted.units)
        mean = np.mean(units)
        print(
            f"{make.__name__:12}  {sets:4}  {found:15}  {rules / sets:5.1f}  {uneven:16}  {mean:5.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
