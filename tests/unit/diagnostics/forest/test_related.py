import numpy as np
from forest_builders import forms_of
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.diagnostics.forest.evidence import PARTS, TrainingSums
from tst_harness.diagnostics.forest.forms import Forms
from tst_harness.diagnostics.forest.related import Related

PATTERN = r"by the (?P<here>\w+) and facing the (?P<there>\w+), where is the (?P<sought>\w+)"
THINGS = ("sofa", "stove", "tv")


def directions(n: int, seed: int) -> Forms:
    """Questions about the same three things in changing roles."""
    draw = np.random.default_rng(seed)
    texts = []
    for _ in range(n):
        here, there, sought = (THINGS[i] for i in draw.permutation(3))
        texts.append(f"by the {here} and facing the {there}, where is the {sought}?")
    return forms_of(texts, [("left", "right")] * n, PATTERN)


def evidence(forms: Forms, parts: FloatArray, residuals: FloatArray) -> FloatArray:
    rows, counts = forms.rows(forms.form_of)
    sums = TrainingSums.of(rows, np.repeat(parts, counts).astype(np.int64), residuals, forms.n_rows)
    related = Related.of({"direction": forms})
    return np.stack(related.evidence({"direction": sums})["direction"])


@given(st.integers(0, 2**32 - 1), st.integers(0, PARTS - 1))
def test_what_is_said_of_a_part_does_not_depend_on_its_answers(seed: int, part: int) -> None:
    forms = directions(20, seed)
    draw = np.random.default_rng(seed)
    parts, residuals = draw.integers(PARTS, size=20), draw.normal(size=40)
    changed = np.where(np.repeat(parts, 2) == part, 3.0 - residuals, residuals)
    before, after = (evidence(forms, parts.astype(np.float64), answers) for answers in (residuals, changed))
    np.testing.assert_allclose(before[:, :, part], after[:, :, part], atol=1e-9)
    assert not np.allclose(before[:, :, PARTS], after[:, :, PARTS]) or part not in parts


def test_questions_that_share_nothing_are_not_related() -> None:
    forms = forms_of(
        ["by the a and facing the b, where is the c", "by the d and facing the e, where is the f"],
        [("left", "right")] * 2,
        PATTERN,
    )
    related = Related.of({"direction": forms})
    assert len(related.row) == 0
    none = np.empty(0, dtype=np.int64)
    assert related.evidence({"direction": TrainingSums.of(none, none, np.empty(0), forms.n_rows)}) == {}


def test_an_answer_with_two_roles_exchanged_tells_of_the_question() -> None:
    """Where the sought and the faced thing change places, left becomes right."""
    texts, targets = [], []
    for i in range(40):
        here, there, sought = f"h{i}", f"t{i}", f"s{i}"
        side = i % 2
        texts += [
            f"by the {here} and facing the {there}, where is the {sought}?",
            f"by the {here} and facing the {sought}, where is the {there}?",
        ]
        targets += [side, 1 - side]
    forms = forms_of(texts, [("left", "right")] * len(texts), PATTERN)
    parts = np.arange(len(texts)) % PARTS
    residuals = np.array([[0.5, -0.5] if target == 0 else [-0.5, 0.5] for target in targets]).ravel()
    told, known = evidence(forms, parts.astype(np.float64), residuals)
    for question, target in enumerate(targets):
        column = parts[question]
        assert told[2 * question : 2 * question + 2, column].argmax() == target
        assert known[2 * question, column] > 0
