import random

import numpy as np
import pytest
from forest_builders import Asked, pick, questions_of

from tst_harness.checks.cue_rules import SCREENING_PARTS, cue_rules
from tst_harness.checks.cue_wording import option_sentence
from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.reading import Reading

WORDS = ("lamp", "door", "sofa", "tree", "wall", "roof", "road", "lake")


def planted(rng: random.Random, n: int, share: float) -> list[Asked]:
    """Questions of four options, one of which ends with a full stop and is often right."""
    rows = []
    for i in range(n):
        options, marked = rng.sample(WORDS, 4), rng.randrange(4)
        options[marked] = options[marked][:-1] + "."
        gold = marked if rng.random() < share else rng.randrange(4)
        rows.append(pick(f"What is near {rng.choice(WORDS)} {i}?", gold, tuple(options)))
    return rows


def sentences(rows: list[Asked]) -> list[str]:
    model = Reading.of(questions_of(rows)).choices["pick"]
    numbers = np.arange(len(rows))
    answers = np.array([row.answer for row in rows])
    return cue_rules(model, numbers, answers, numbers % 5)[0]


def test_a_cue_is_said_in_words() -> None:
    assert sentences(planted(random.Random(0), 500, 0.5))[0] == (
        "an option that ends with a punctuation mark is right {} of the time"
    )


def test_of_draws_hardly_a_rule_is_looked_at() -> None:
    rng = random.Random(1)
    assert sum(len(sentences(planted(rng, 200, 0.0))) for _ in range(5)) <= 1


def test_rules_are_tested_where_they_were_not_looked_for() -> None:
    rows = planted(random.Random(2), 500, 0.5)
    numbers = np.arange(len(rows))
    model = Reading.of(questions_of(rows)).choices["pick"]
    _, _, (_, question, _, _) = cue_rules(model, numbers, np.array([row.answer for row in rows]), numbers % 5)
    assert (question % 5 >= SCREENING_PARTS).all()


@pytest.mark.parametrize(
    ("said", "key", "sentence"),
    [
        (None, ("place", 1), "an option that is the 2nd is right {} of the time"),
        (None, ("compared", "characters", "most"), "the longest option is right {} of the time"),
        (None, ("word", "red"), "an option with the word `red` is right {} of the time"),
        (
            ("says", "why"),
            ("signs", "\x02b"),
            "when the question says `why`, an option that begins with `b` is right {} of the time",
        ),
        (
            ("length", 0),
            ("signs", "b\x03"),
            "when the question is among the shortest, an option that ends with `b` is right {} of the time",
        ),
        (
            ("last word", "an"),
            ("trait", "vowel"),
            "when the question's last word is `an`, an option that begins with a vowel is right "
            "{} of the time",
        ),
    ],
)
def test_sentences_say_what_to_look_at(said: Key | None, key: Key, sentence: str) -> None:
    assert option_sentence(said, key, True) == sentence


def test_what_speaks_against_an_option_is_said_too() -> None:
    assert option_sentence(None, ("trait", "capital"), False) == (
        "an option other than one that begins with a capital letter is right {} of the time"
    )
