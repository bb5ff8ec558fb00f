import numpy as np
import pytest
from forest_builders import forms_of

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.diagnostics.forest import families
from tst_harness.diagnostics.forest.families import FactCollector, Key, crossed


def test_facts_of_a_single_question_are_left_out() -> None:
    facts = FactCollector(forms_of(["a", "b", "a", "c"], [("x", "y")] * 4))
    for row, word in [(0, "asked twice"), (2, "once"), (2, "shared"), (4, "shared"), (4, "mirrored")]:
        facts.add("made up", row, (word,))
    facts.add("made up", 5, ("mirrored",), -1.0)
    facts.add("alone", 5, ("once",))
    [family] = facts.families()
    assert (family.name, family.keys) == ("made up", [("asked twice",), ("shared",)])
    assert family.matrix.toarray().tolist() == [[1, 0], [0, 0], [0, 1], [0, 0], [0, 1], [0, 0]]


def test_options_are_crossed_with_the_words_of_their_question() -> None:
    forms = forms_of(["red lamp", "lamp", "door"], [("yes", "no"), ("no", "yes"), ("no", "yes")])
    option_of = np.array([1, 0, 0, 1, 0, -1])
    words = (np.array([0, 2, 3, 4]), np.array([2, 1, 1, 0]), ["door", "lamp", "red"])
    [family] = crossed(forms, "option and word", (option_of, ["no", "yes"]), words)
    assert family.keys == [("no", "lamp"), ("yes", "lamp")]
    assert family.matrix.toarray().tolist() == [[0, 1], [1, 0], [1, 0], [0, 1], [0, 0], [0, 0]]


def test_nothing_is_crossed_where_there_are_no_words() -> None:
    forms = forms_of(["a", "b"], [("x", "y")] * 2)
    none: tuple[IntArray, IntArray, list[str]] = (
        np.zeros(3, dtype=np.int64),
        np.empty(0, dtype=np.int64),
        [],
    )
    assert crossed(forms, "option and word", (np.array([0, 1, 0, 1]), ["x", "y"]), none) == []


@pytest.mark.parametrize(("most", "left"), [(9, ["often", "also"]), (8, ["often"]), (4, [])])
def test_of_too_many_facts_those_of_the_fewest_questions_go(
    monkeypatch: pytest.MonkeyPatch, most: int, left: list[str]
) -> None:
    monkeypatch.setattr(families, "_MOST_HELD", most)
    facts = FactCollector(forms_of([str(i) for i in range(5)]))
    for row in range(5):
        facts.add("made up", row, ("often",))
        if row:
            facts.add("made up", row, ("also",))
        if row > 2:
            facts.add("made up", row, ("seldom",))
    keys: list[Key] = [key for family in facts.families() for key in family.keys]
    assert keys == [(word,) for word in left]
