import numpy as np
from forest_builders import OBJECTS, Asked, pick, questions_of

from tst_harness.diagnostics.forest.reading import Reading

PATTERN = r"near the (?P<slot1>.+?) and far from the (?P<slot2>.+?)\?"
THINGS = ("old sofa", "stove", "tv", "bed", "lamp", "door")


def asked() -> list[Asked]:
    pairs = [(one, other) for one in THINGS for other in THINGS if one != other]
    return [pick(f"What is near the {one} and far from the {other}?", 0) for one, other in pairs]


def test_a_type_without_a_pattern_is_read_by_the_templates_found() -> None:
    found = Reading.of(questions_of(asked())).choices["pick"].forms
    declared = Reading.of(questions_of(asked(), pick_pattern=PATTERN)).choices["pick"].forms
    assert [list(slots.values()) for slots in found.slots] == [
        list(slots.values()) for slots in declared.slots
    ]
    assert set(found.slots[0]) == {"is near the ...", "far from the ..."}
    assert set(found.wording) == {"What is near the ... and far from the ...?"}


def test_a_declared_pattern_is_kept_to() -> None:
    reading = Reading.of(questions_of(asked(), pick_pattern="near the (?P<object>old sofa|bed)"))
    slots = reading.choices["pick"].forms.slots
    assert {tuple(one.items()) for one in slots} == {(), (("object", "old sofa"),), (("object", "bed"),)}


def test_wordings_and_the_words_of_long_values_are_facts() -> None:
    rows = asked() + [
        pick(f"Has the {one} in the {other} corner fallen over?", 1) for one in THINGS for other in OBJECTS
    ]
    model = Reading.of(questions_of(rows)).choices["pick"]
    facts = {family.name: family.keys for family in model.facts}
    assert {key[1] for key in facts["option and wording"]} == set(model.forms.wording)
    assert ("tv", "sofa") in facts["option and word"]
    assert ("tv", "near") not in facts["option and word"]


def test_where_the_order_of_rows_changes_the_slots_do_not() -> None:
    rows = asked()
    order = np.random.default_rng(0).permutation(len(rows))
    slots = Reading.of(questions_of(rows)).choices["pick"].forms.slots
    shuffled = Reading.of(questions_of([rows[i] for i in order])).choices["pick"].forms.slots
    assert shuffled == [slots[i] for i in order]
