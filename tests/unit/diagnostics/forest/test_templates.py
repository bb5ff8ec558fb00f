import re
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import Choice
from tst_harness.diagnostics.forest.templates import Template, find_templates

THINGS = ("sofa", "old tv", "stove", "bed", "trash bin", "lamp")
WHERE = [f"Standing by the {a}, where is the {b}?" for a, b in product(THINGS, THINGS) if a != b]
COUNT = [f"How many {a}(s) are in this room?" for a in THINGS] * 5
FREE = ["abacus", "bishop", "candle", "dagger", "engine", "fossil", "garlic", "hammer", "island", "jacket"]


def free_texts(n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(FREE, 9)).capitalize() + "?" for _ in range(n)]


def patterns(found: Sequence[Template]) -> list[str]:
    return [template.pattern for template in found]


def test_what_varies_becomes_a_slot() -> None:
    [found] = find_templates(WHERE)
    assert found.pattern == r"Standing by the (?P<slot1>.+?), where is the (?P<slot2>.+?)\?"
    assert found.wording == "Standing by the ..., where is the ...?"
    assert found.slots == {"slot1": "Standing by the ...", "slot2": "where is the ..."}
    assert found.rows.tolist() == list(range(len(WHERE)))


def test_few_distinct_texts_asked_often_have_a_template() -> None:
    assert patterns(find_templates(COUNT)) == [r"How many (?P<slot1>.+?)\(s\) are in this room\?"]


def test_several_templates_are_told_apart_the_most_frequent_first() -> None:
    size = [f"In centimetres, what would you say is the height of the {a}?" for a in THINGS] * 4
    texts = [*COUNT[:12], *WHERE, *size, *COUNT[12:]]
    found = find_templates(texts)
    assert [len(template.rows) for template in found] == [30, 30, 24]
    assert {texts[row] for row in found[2].rows} == set(size)
    assert sorted(np.concatenate([template.rows for template in found]).tolist()) == list(range(84))


def test_an_optional_remark_makes_a_template_of_its_own() -> None:
    remarked = [text.replace(",", " (marked by the red box),") for text in WHERE]
    found = find_templates(WHERE + remarked)
    matches = [re.search(template.pattern, remarked[0]) for template in found if 30 in template.rows]
    assert [match and match["slot1"] for match in matches] == ["sofa"]


def test_a_slot_that_repeats_another_is_no_slot() -> None:
    texts = [f"Between the {a} and the {b}, is the {a} nearer?" for a, b in product(THINGS, THINGS) if a != b]
    [found] = find_templates(texts)
    assert found.pattern == r"Between the (?P<slot1>.+?) and the (?P<slot2>.+?), is the .+? nearer\?"


def test_a_list_is_one_slot() -> None:
    texts = [f"In what order do {a}, {b}, {c} appear?" for a, b, c in product(THINGS, THINGS, THINGS)]
    assert patterns(find_templates(texts)) == ["In what order do (?P<slot1>.+?) appear\\?"]


def test_slots_may_stand_first_and_last_and_lines_may_break() -> None:
    texts = [f"{a} stands\nin line   with {b}" for a, b in product(THINGS, THINGS) if a != b]
    [found] = find_templates(texts)
    assert found.pattern == r"^(?P<slot1>.+?) stands\s*in line\s*with (?P<slot2>.+?)\s*$"
    match = found.search(texts[0])
    assert match is not None
    assert match.groupdict() == {"slot1": "sofa", "slot2": "old tv"}


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""] * 30,
        ["How big is this room?"] * 50,
        free_texts(300),
        [f"Who wrote {text}" for text in free_texts(300)],
        WHERE[:9],
    ],
)
def test_where_nothing_recurs_there_is_no_template(texts: list[str]) -> None:
    assert find_templates(texts) == []


def test_free_texts_among_templates_are_left_alone() -> None:
    texts = free_texts(100) + WHERE + free_texts(100, seed=1)
    [found] = find_templates(texts)
    assert found.rows.tolist() == list(range(100, 130))


def test_a_text_that_nearly_matches_is_given_up_at_once() -> None:
    constants = " and the ".join(f"(?P<slot{i}>.+?)" for i in range(1, 9))
    template = Template(f"Take the {constants} home", np.empty(0, dtype=np.int64), {})
    assert template.search("Take the cup" + " and the cup" * 300) is None
    assert template.search("Take the cup" + " and the cup" * 7 + " home") is not None


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(60)))
def test_the_order_of_the_texts_does_not_matter(order: list[int]) -> None:
    texts = COUNT + WHERE
    found = find_templates([texts[i] for i in order])
    expected = find_templates(texts)
    assert patterns(found) == patterns(expected)
    assert [sorted(order[row] for row in one.rows) for one in found] == [
        one.rows.tolist() for one in expected
    ]


@settings(max_examples=50, deadline=None)
@given(
    st.text(min_size=1, max_size=12),
    st.text(max_size=12),
    st.lists(st.text(max_size=8), min_size=1, max_size=8),
)
def test_any_texts_give_patterns_that_are_valid_and_match(before: str, after: str, values: list[str]) -> None:
    texts = [f"{before} {a}{after} or {b}." for a, b in product(values, values)] * 4
    seen: list[int] = []
    for template in find_templates(texts):
        regex = Choice("type", template.pattern).regex
        assert regex is not None
        assert set(regex.groupindex) == set(template.slots)
        for row in template.rows:
            assert regex.search(texts[row]) is not None
        seen += template.rows.tolist()
    assert len(seen) == len(set(seen))
