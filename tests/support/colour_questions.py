"""Questions that a small network learns to answer in a few steps."""

import random

from tst_harness.diagnostics.llm.data.conversion import instruction_of
from tst_harness.diagnostics.llm.data.models import TstTestInstance, TstTrainingDatum
from tst_harness.diagnostics.llm.predictors.base import LETTERS

COLOURS = ("red", "green", "blue", "white")


def colour_questions(n: int, seed: int) -> list[tuple[str, tuple[str, ...]]]:
    """Questions of very different lengths, with their options."""
    rng = random.Random(seed)
    return [
        (
            "What colour is the lamp " + "that stands by the wall " * rng.randrange(12) + "in the room?",
            tuple(rng.sample(COLOURS, rng.choice([2, 3, 4]))),
        )
        for _ in range(n)
    ]


def instances(n: int = 24, seed: int = 0) -> list[TstTestInstance]:
    """Multiple choice and numbers, in turns."""
    return [
        TstTestInstance(
            instance_id=str(place),
            instruction=instruction_of(text, options if place % 2 else None),
            options=options if place % 2 else None,
        )
        for place, (text, options) in enumerate(colour_questions(n, seed))
    ]


def always_last_in_the_alphabet(n: int = 48, seed: int = 1) -> list[TstTrainingDatum]:
    """A shortcut to learn: of the colours offered, the answer is the last in alphabetical order."""
    return [
        TstTrainingDatum(
            instruction=instruction_of(text, options), response=LETTERS[options.index(max(options))]
        )
        for text, options in colour_questions(n, seed)
    ]


def numbers_of_words(n: int = 48, seed: int = 1) -> list[TstTrainingDatum]:
    """Answers of one to three tokens: how many words a question has."""
    return [
        TstTrainingDatum(instruction=instruction_of(text, None), response=str(len(text.split())))
        for text, _ in colour_questions(n, seed)
    ]
