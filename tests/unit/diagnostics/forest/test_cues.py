import random

import numpy as np
import pytest
from forest_builders import forms_of

from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.cues import Cues
from tst_harness.diagnostics.forest.families import Key
from tst_harness.diagnostics.forest.screening import LEAST_Z, z_scores
from tst_harness.diagnostics.forest.surface import facts_of_text, tokens, traits

SYLLABLES = ("ba", "de", "ki", "lo", "mu")


def cues_of(texts: list[str], options: list[tuple[str, ...]]) -> Cues:
    return Cues.of(forms_of(texts, options))


def held(cues: Cues, key: Key, said: Key | None = None) -> list[int]:
    """The rows that have a cue."""
    for cue in range(cues.matrix.shape[1]):
        if cues.keys[cue] == (said, key):
            return sorted(cues.matrix[:, [cue]].nonzero()[0].tolist())
    return []


def nonsense(rng: random.Random, words: int) -> str:
    return " ".join("".join(rng.choices(SYLLABLES, k=3)) for _ in range(words))


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (("a red", "A red", "a blue"), ("trait", "capital")),
        (("one  two", "one three", "two four"), ("trait", "spaces")),
        (("one.", "two", "six"), ("trait", "final sign")),
        (("caf\N{LATIN SMALL LETTER E WITH ACUTE}", "bar", "pub"), ("trait", "accent")),
        (("one (two)", "two", "three"), ("trait", "bracket")),
        (("a big big dog", "a big dog", "a dog"), ("trait", "repeats")),
        (("the longest of all", "short", "tiny one"), ("compared", "characters", "most")),
        (("zebra", "ant", "bee", "cow"), ("out of order", "alphabetical order", "rising")),
        (("ant", "cow", "bee"), ("compared", "alphabetical order", "least")),
        (("a\N{NO-BREAK SPACE}b", "b c", "c d"), ("trait", "invisible")),
        (("a\N{ZERO WIDTH SPACE}b", "b c", "c d"), ("trait", "invisible")),
        (("l\N{CYRILLIC SMALL LETTER A}mp", "sofa", "door"), ("trait", "scripts")),
        (("**lamp**", "sofa", "door"), ("trait", "markup")),
        (("5", "4", "9"), ("compared", "distance from the mean", "least")),
    ],
)
def test_what_sets_an_option_apart_is_a_cue(options: tuple[str, ...], key: Key) -> None:
    cues = cues_of([f"Which, {i}?" for i in range(10)], [options] * 10)
    n, place = len(options), 1 if key == ("trait", "capital") else 0
    assert held(cues, key) == [n * i + place for i in range(10)]


@pytest.mark.parametrize("text", ["がく", "सड़क", "한국", "й"])
def test_marks_that_a_script_writes_letters_with_are_no_accents(text: str) -> None:
    assert not traits(text)["accent"]


@pytest.mark.parametrize(
    ("text", "options", "key"),
    [
        ("Item {}, which word is blue?", ("rue", "red", "tan"), ("told", "ending")),
        ("Big or what, {}?", ("bee", "ant", "cow"), ("told", "first letter")),
        (
            "The lamp, the sofa, the door, {}?",
            ("lamp", "door", "sofa"),
            ("compared", "place in the question", "least"),
        ),
        (
            "Near 50, not {}?",
            ("48", "70", "90"),
            ("compared", "distance from the numbers in the question", "least"),
        ),
        ("It is 7 by day, so {}?", ("14", "9", "30"), ("told", "double of the first number")),
        ("It is 7 by day, so {}?", ("3.5", "9", "30"), ("told", "half of the first number")),
        ("How many words has this question, {}?", ("7", "9", "30"), ("told", "number of words")),
    ],
)
def test_what_the_question_has_to_do_with_an_option_is_a_cue(
    text: str, options: tuple[str, ...], key: Key
) -> None:
    cues = cues_of([text.format("abcdefghij"[i]) for i in range(10)], [options] * 10)
    assert held(cues, key) == [len(options) * i for i in range(10)]


def test_options_that_share_a_word_are_told_from_those_that_do_not() -> None:
    cues = cues_of([f"Which, {i}?" for i in range(10)], [("red lamp", "red door", "sofa")] * 10)
    assert held(cues, ("told", "word of another option")) == [3 * i + at for i in range(10) for at in (0, 1)]


@pytest.mark.parametrize("text", ["\N{ZERO WIDTH JOINER}", "a b", "\N{IDEOGRAPHIC SPACE}"])
def test_signs_that_belong_to_a_script_are_not_invisible(text: str) -> None:
    assert not traits(text)["invisible"]


def test_case_and_spaces_do_not_make_words_differ() -> None:
    assert tokens("Red  RED red") == ("red",)


def test_words_keep_their_combining_marks() -> None:
    assert tokens("हिन्दी में") == ("हिन्दी", "में")


@pytest.mark.parametrize("text", ["可能红", "たぶん", "ฮฬฐ"])
def test_scripts_without_spaces_are_read_in_runs(text: str) -> None:
    assert {text[:1], text[:2], text[:3]} <= set(tokens(text))
    assert ("word", text[:2]) in facts_of_text(text)


def test_what_the_question_says_is_crossed_with_what_an_option_is() -> None:
    texts = [f"{'perhaps' if i % 2 else 'surely'} {i}?" for i in range(40)]
    cues = cues_of(texts, [("warm", "cold")] * 40)
    assert held(cues, ("word", "warm"), ("says", "perhaps")) == [2 * i for i in range(40) if i % 2]


def test_a_number_of_the_question_is_seen_among_the_options() -> None:
    texts = [f"What are {i + 2} and {i + 9}?" for i in range(12)]
    options: list[tuple[str, ...]] = [(str(2 * i + 11), str(i + 2), "0") for i in range(12)]
    cues = cues_of(texts, options)
    assert held(cues, ("told", "sum of the numbers")) == [3 * i for i in range(12)]
    assert held(cues, ("told", "first number")) == [3 * i + 1 for i in range(12)]


def test_options_that_are_one_letter_or_empty_are_read() -> None:
    assert cues_of([f"{i}" for i in range(12)], [("", "a", " ", "?")] * 12).matrix.shape[0] == 48


def test_where_the_gold_option_is_a_draw_hardly_a_cue_goes_beyond_the_threshold() -> None:
    rng = random.Random(0)
    texts = [nonsense(rng, 5) for _ in range(300)]
    model = ChoiceModel(forms_of(texts, [tuple(nonsense(rng, 3) for _ in range(4)) for _ in texts]))
    numbers, parts = np.arange(300), np.arange(300) % 5
    beyond = tried = 0
    for seed in range(20):
        gold = np.random.default_rng(seed).integers(0, 4, 300).astype(np.float64)
        sums = model.sums(numbers, gold, parts)
        z = z_scores(model.cues, sums.residual[:, -1:], np.ones(1))
        beyond += int((np.abs(z) > LEAST_Z).sum())
        tried += len(z)
        assert abs(z.std() - 1.0) < 0.15
    assert beyond <= 1e-4 * tried
