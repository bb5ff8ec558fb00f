import random

import numpy as np
import pytest
from forest_builders import Asked, pick, questions_of

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.checks.cue_rules import SCREENING_PARTS, cue_rules, general_rules
from tst_harness.checks.cue_wording import option_sentence
from tst_harness.checks.rules import Application
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.reading import Reading
from tst_harness.diagnostics.forest.surface import TRAITS

WORDS = ("lamp", "door", "sofa", "tree", "wall", "roof", "road", "lake")


def planted(rng: random.Random, n: int, share: float, mark: str = ".") -> list[Asked]:
    """Questions of four options, one of which ends with a mark and is often right."""
    rows = []
    for i in range(n):
        options, marked = rng.sample(WORDS, 4), rng.randrange(4)
        options[marked] = options[marked][:-1] + mark
        gold = marked if rng.random() < share else rng.randrange(4)
        rows.append(pick(f"What is near {rng.choice(WORDS)} {i}?", gold, tuple(options)))
    return rows


def told(rows: list[Asked]) -> tuple[ChoiceModel, IntArray, FloatArray]:
    """The model of the questions, their numbers, and their answers."""
    model = Reading.of(questions_of(rows)).choices["pick"]
    return model, np.arange(len(rows)), np.array([row.answer for row in rows])


def screened(rows: list[Asked]) -> tuple[list[str], list[Application]]:
    model, numbers, answers = told(rows)
    return cue_rules(model, numbers, answers, numbers % 5)


def test_a_cue_is_said_in_words() -> None:
    texts, _ = screened(planted(random.Random(0), 500, 0.5, "x"))
    assert texts[0] == "an option that has `x` in it is right {} of the time"


def test_of_draws_hardly_a_rule_is_looked_at() -> None:
    rng = random.Random(1)
    assert sum(len(screened(planted(rng, 200, 0.0))[0]) for _ in range(5)) <= 1


def test_rules_apply_to_all_questions() -> None:
    texts, parts = screened(planted(random.Random(2), 500, 0.5, "x"))
    _, questions, _, _ = parts[texts.index("an option that has `x` in it is right {} of the time")]
    assert questions.tolist() == list(range(500))


def test_a_rule_that_is_hardly_tested_is_none() -> None:
    model, numbers, answers = told(planted(random.Random(2), 500, 0.5, "x"))
    untested = np.where(numbers < 9, SCREENING_PARTS, 0)
    assert cue_rules(model, numbers, answers, untested) == ([], [])


def test_general_cues_are_tested_on_all_questions_and_in_both_directions() -> None:
    rows = planted(random.Random(0), 500, 0.5)
    texts, parts = general_rules(*told(rows))
    for_it = texts.index("an option that ends with a punctuation mark is right {} of the time")
    against = texts.index(texts[for_it].replace("that ends", "that does not end"))
    _, questions, right, chance = parts[for_it]
    assert questions.tolist() == list(range(500))
    assert right.mean() > 0.5
    assert set(chance) == {0.25}
    np.testing.assert_array_equal(parts[against][2], 1.0 - right)
    np.testing.assert_array_equal(parts[against][3], 1.0 - chance)


def test_a_general_cue_is_not_screened_as_well() -> None:
    texts, _ = screened(planted(random.Random(0), 500, 0.5))
    assert not any("punctuation" in text for text in texts)


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
            ("length", 0, None, 6),
            ("signs", "b\x03"),
            "when the question has at most 6 different words, an option that ends with `b` is right {} of "
            "the time",
        ),
        (
            ("length", 1, 7, 9),
            ("place", 0),
            "when the question has 7 to 9 different words, an option that is the 1st is right {} of the time",
        ),
        (
            ("length", 3, 14, None),
            ("place", 0),
            "when the question has 14 different words or more, an option that is the 1st is right {} of the "
            "time",
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


@pytest.mark.parametrize(
    ("key", "which"),
    [
        (("trait", "capital"), "that does not begin with a capital letter"),
        (("trait", "margin"), "that does not begin or end with a space"),
        (("word", "red"), "without the word `red`"),
        (("pair", "red", "big"), "without the words `red` and `big`"),
        (("compared", "characters", "most"), "that is not the longest"),
        (("compared", "repeated words", "most"), "that does not repeat the most words"),
        (("compared", "number", "odd"), "that does not alone differ from the others in its number"),
        (("out of order", "number", "rising"), "that does not stand out of the order of size of the others"),
        (("signs", "\x02a\nb\x03"), "that does not consist of `a<line break>b`"),
    ],
)
def test_what_speaks_against_an_option_is_said_too(key: Key, which: str) -> None:
    assert option_sentence(None, key, False) == f"an option {which} is right {{}} of the time"


def test_every_trait_has_a_negation() -> None:
    for trait, told in TRAITS.items():
        against = option_sentence(None, ("trait", trait), False)
        assert " not " in against
        assert told.split()[-1] in against


def test_signs_that_nobody_sees_have_names() -> None:
    said = option_sentence(None, ("signs", "a\N{NO-BREAK SPACE}\t"), True)
    assert said == "an option that has `a<no-break space><tab>` in it is right {} of the time"
