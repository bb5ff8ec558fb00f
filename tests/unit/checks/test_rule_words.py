"""What rules say: whole words, and no condition that always holds."""

from typing import Any

import pytest

from tst_harness.checks.rules import choice_sentence
from tst_harness.diagnostics.forest.facts import stems, whole_words


def test_a_stem_stands_for_the_word_that_is_written_most() -> None:
    whole = whole_words(["two tomatoes", "tomatoes", "this is", "lamps", "lamp", "lamp", "s"])
    told = [whole[stem] for stem in stems("tomatoes this is lamps s")]
    assert told == [
        "tomatoes",
        "this",
        "is",
        "lamp",
        "s",
    ]


@pytest.mark.parametrize(
    ("family", "key", "sentence"),
    [
        ("words", ("thi",), "an option with the word `this` is right {} of the time"),
        ("words", ("red",), "an option with the word `red` is right {} of the time"),
        ("option", ("maybe",), "when `maybe` is an option, it is right {} of the time"),
        ("option", ("neutral",), "the option `neutral` is right {} of the time"),
        (
            "option and word",
            ("neutral", "man"),
            "when the question says `man`, `neutral` is right {} of the time",
        ),
        (
            "option and word",
            ("maybe", "man"),
            "when `maybe` is an option and the question says `man`, it is right {} of the time",
        ),
        (
            "rivals",
            ("neutral", "maybe"),
            "when `neutral` and `maybe` are options, the former is right {} of the time",
        ),
    ],
)
def test_an_option_that_is_always_there_is_no_condition(family: str, key: Any, sentence: str) -> None:
    assert choice_sentence(family, key, {"neutral"}, {"thi": "this"}) == sentence
