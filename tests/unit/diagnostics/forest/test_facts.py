from collections.abc import Sequence

import numpy as np
import pytest
from forest_builders import facts_of, forms_of

from tst_harness.diagnostics.forest.facts import choice_facts, list_items, number_facts
from tst_harness.diagnostics.forest.families import Family
from tst_harness.diagnostics.forest.forms import Forms


def twice(text: str, options: tuple[str, ...], pattern: str | None = None) -> Forms:
    """Two questions alike, so that every fact about them can recur."""
    return forms_of([text, text], [options, options], pattern)


def names(families: Sequence[Family]) -> set[str]:
    return {family.name for family in families}


def test_an_option_is_a_fact_with_its_position_and_its_rivals() -> None:
    families = choice_facts(twice("Which?", ("sofa", "old tv", "sofa")))
    assert facts_of(families, "option", 1) == {("old tv",): 1}
    assert facts_of(families, "position", 1) == {(1, 3): 1}
    assert set(facts_of(families, "rivals", 1)) == {("old tv", "sofa")}
    assert facts_of(families, "rivals", 0) == {("sofa", "old tv"): 1}
    assert facts_of(families, "words", 1) == {("old",): 1, ("tv",): 1}


def test_words_of_an_option_have_no_plural_s() -> None:
    families = choice_facts(twice("Which?", ("table lamps", "lamp")))
    assert set(facts_of(families, "words", 0)) == {("table",), ("lamp",)}


def test_a_list_is_its_places_and_what_precedes_what() -> None:
    families = choice_facts(twice("What order?", ("sofa, tv, bed", "bed, tv, sofa")))
    assert set(facts_of(families, "place in list", 1)) == {("bed", 0), ("tv", 1), ("sofa", 2)}
    assert set(facts_of(families, "order in list", 0)) == {("sofa", "tv"), ("sofa", "bed"), ("tv", "bed")}
    assert not facts_of(families, "words", 0)


def test_an_endless_list_has_no_more_pairs_than_a_long_one() -> None:
    option = ", ".join(f"item {i}" for i in range(3000))
    families = choice_facts(twice("What order?", (option, "none")))
    assert len(facts_of(families, "place in list", 0)) < 100
    assert len(facts_of(families, "order in list", 0)) < 1000


def test_slots_are_facts_with_the_option_alone_and_in_pairs() -> None:
    pattern = r"by the (?P<here>\w+) and facing the (?P<there>\w+)"
    families = choice_facts(twice("by the sofa and facing the TV", ("left", "right"), pattern))
    assert set(facts_of(families, "option and slot", 0)) == {
        ("left", "here", "sofa"),
        ("left", "there", "tv"),
    }
    assert set(facts_of(families, "option and mention", 1)) == {("right", "sofa"), ("right", "tv")}
    assert set(facts_of(families, "option and slots", 0)) == {("left", "here", "sofa", "there", "tv")}


def test_the_mirror_image_of_a_fact_is_minus_one() -> None:
    pattern = r"(?P<here>\w+) to (?P<there>\w+)"
    families = choice_facts(forms_of(["sofa to tv", "tv to sofa"], [("left", "right")] * 2, pattern))
    one, mirrored = (facts_of(families, "option and slot order", row) for row in (0, 2))
    assert one == {("left", "here", "there", "sofa"): 1, ("left", "here", "there", "tv"): -1}
    assert mirrored == {key: -value for key, value in one.items()}


def test_numbers_are_described_by_their_place_in_the_set() -> None:
    families = choice_facts(twice("How many?", ("3", "7", "5")))
    assert set(facts_of(families, "number in set", 2)) == {
        ("rank", 1, 3),
        ("above lowest", 2.0, 3),
        ("span", 2.0, 2.0, 3),
    }
    assert "number in set" not in names(choice_facts(twice("How many?", ("3", "seven", "5"))))


@pytest.mark.parametrize("options", [("sofa", "tv"), ("3", "7"), ("a, b", "b, a")])
def test_a_fact_of_one_question_only_is_dropped(options: tuple[str, ...]) -> None:
    assert choice_facts(forms_of(["Which?"], [options])) == []


def test_a_fact_that_recurs_in_another_question_is_kept_and_the_others_are_not() -> None:
    families = choice_facts(forms_of(["Which?", "Where?"], [("sofa", "tv"), ("bed", "sofa")]))
    options = next(family for family in families if family.name == "option")
    assert options.keys == [("sofa",)]
    assert options.matrix.toarray().ravel().tolist() == [1, 0, 0, 1]
    assert "rivals" not in names(families)


def test_options_that_repeat_within_a_question_do_not_count_as_two_questions() -> None:
    families = choice_facts(forms_of(["Which?"], [("sofa", "sofa")]))
    assert "option" not in names(families)


def test_the_words_of_a_question_are_used_only_without_a_pattern() -> None:
    texts = ["Is the red one here?", "Is the red one there?", "Is a blue one here?", "Is it gone by now?"]
    options = [("yes", "no")] * 4
    words = facts_of(choice_facts(forms_of(texts, options)), "option and word", 0)
    assert words == {("yes", "the"): 1, ("yes", "red"): 1, ("yes", "here"): 1}
    assert "option and word" not in names(choice_facts(forms_of(texts, options, r"(?P<x>red)")))
    assert set(facts_of(number_facts(forms_of(texts)), "words", 1)) == {("the",), ("red",)}
    assert "words" not in names(number_facts(forms_of(texts, pattern=r"(?P<x>red)")))


def test_the_facts_of_a_number_are_its_slots_alone_and_in_pairs_of_any_order() -> None:
    pattern = r"between the (?P<one>\w+) and the (?P<other>\w+)"
    forms = forms_of(
        ["between the sofa and the tv", "between the tv and the sofa", "between the sofa and the bed"],
        pattern=pattern,
    )
    families = number_facts(forms)
    assert facts_of(families, "slot", 2) == {("one", "sofa"): 1}
    assert facts_of(families, "mention", 2) == {("sofa",): 1}
    assert (
        facts_of(families, "pair of slots", 0)
        == facts_of(families, "pair of slots", 1)
        == {("sofa", "tv"): 1}
    )
    assert facts_of(families, "pair of slots", 2) == {}


def test_facts_do_not_depend_on_what_type_or_slots_are_called() -> None:
    """There is no code for any one question type: other names give the same matrices."""
    texts, options = ["a1 b2", "a2 b1", "a1 b1"], [("left", "right")] * 3
    found = [
        choice_facts(forms_of(texts, options, pattern))
        for pattern in (r"a(?P<here>.) b(?P<there>.)", r"a(?P<x>.) b(?P<y>.)")
    ]
    assert names(found[0]) == names(found[1])
    for one, other in zip(*found, strict=True):
        assert np.array_equal(one.matrix.toarray(), other.matrix.toarray())


def test_a_slot_as_long_as_a_sentence_is_no_context() -> None:
    families = choice_facts(twice("say " + "very " * 20 + "long", ("yes", "no"), r"say (?P<what>.+)"))
    assert names(families) == {"option", "position", "rivals", "words", "length"}


@pytest.mark.parametrize(
    ("option", "items"),
    [
        ("sofa", ["sofa"]),
        ("sofa, tv ,bed", ["sofa", "tv", "bed"]),
        ("sofa,", ["sofa"]),
        (",", [","]),
        ("", [""]),
    ],
)
def test_a_list_is_parted_at_its_commas(option: str, items: list[str]) -> None:
    assert list_items(option) == items
