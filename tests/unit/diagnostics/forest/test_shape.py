import numpy as np
import numpy.typing as npt
import pytest
from forest_builders import forms_of

from tst_harness.diagnostics.forest.shape import COLUMNS, choice_shape


def shape_of(text: str, *options: str) -> dict[tuple[str, str], list[float]]:
    """Each column of the shape of one question's options."""
    shape = choice_shape(forms_of([text], [options]))
    assert shape.shape == (len(options), len(COLUMNS))
    return {name: shape[:, i].tolist() for i, name in enumerate(COLUMNS)}


def test_every_column_has_a_name_of_its_own() -> None:
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_text_options_have_places_lengths_and_likeness_and_no_numbers() -> None:
    shape = shape_of("Which?", "red lamp", "lamp", "sofa")
    assert shape["position", "place"] == [0, 1, 2]
    assert shape["position", "options"] == [3, 3, 3]
    assert shape["length", "characters"] == [8, 4, 4]
    assert shape["length", "shorter options"] == [2, 0, 0]
    assert shape["length", "equally long options"] == [1, 2, 2]
    assert shape["likeness to other options", "mean"] == [0.25, 0.25, 0]
    assert shape["likeness to other options", "most"] == [0.5, 0.5, 0]
    assert all(np.isnan(values).all() for (family, _), values in shape.items() if family == "number in set")


def test_the_surface_is_read_as_it_is_written() -> None:
    shape = shape_of(
        "Which?", "Red LAMP!", "lamp  post", "a sofa 12", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    )
    assert shape["surface", "capital letters"] == [5, 0, 0, 0]
    assert shape["surface", "words"] == [2, 2, 3, 1]
    assert shape["surface", "digits"] == [0, 0, 2, 0]
    assert shape["surface", "capital"] == [1, 0, 0, 0]
    assert shape["surface", "final sign"] == [1, 0, 0, 0]
    assert shape["surface", "spaces"] == [0, 1, 0, 0]
    assert shape["surface", "accent"] == [0, 0, 0, 1]


def test_of_many_distinct_questions_the_surface_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tst_harness.diagnostics.forest.shape.MOST_READ_FORMS", 0)
    shape = shape_of("Which?", "red lamp", "lamp")
    assert all(np.isnan(values).all() for (family, _), values in shape.items() if family == "surface")


def test_numbers_have_a_place_in_their_set() -> None:
    shape = shape_of("How many?", "3", "9", "5 m", "3")
    assert shape["number in set", "value"] == [3, 9, 5, 3]
    assert shape["number in set", "rank"] == [0, 3, 2, 0]
    assert shape["number in set", "minus median"] == [-1, 5, 1, -1]
    assert shape["number in set", "above lowest"] == [0, 6, 2, 0]
    assert shape["number in set", "below highest"] == [6, 0, 4, 6]
    assert shape["number in set", "mean distance"] == [2, 4, 2, 2]


def test_options_are_sought_in_the_question() -> None:
    shape = shape_of("Is the tv or the sofa near?", "sofa", "tv", "bed")
    assert shape["mention in question", "where"] == [17, 7, -1]
    assert shape["mention in question", "rank"] == [2, 1, 0]
    assert np.isnan(shape["mention in question", "items in question order"]).all()


def test_words_that_an_option_shares_with_the_question_count_by_their_rarity() -> None:
    texts = ["Which heavy lamp is lit?", "Which lamp?", "Which?"]
    shape = choice_shape(forms_of(texts, [("lamps", "heavy lamp", "a sofa"), ("x", "y"), ("x", "y")]))
    shared = dict(zip(COLUMNS, shape[:3].T.tolist(), strict=True))
    lamp, heavy = np.log(4 / 2), np.log(4 / 1)
    rarer = shared["mention in question", "words, the rarer the more"]
    assert rarer == pytest.approx([lamp, lamp + heavy, 0])
    assert shared["mention in question", "share of words, the rarer the more"] == pytest.approx([1, 1, 0])


def test_lists_are_compared_with_the_order_in_the_question_and_place_by_place() -> None:
    shape = shape_of("Order of sofa, tv, bed?", "sofa, tv, bed", "bed, tv, sofa", "sofa, bed, tv")
    assert shape["mention in question", "items in question order"] == [2, 0, 1]
    assert shape["likeness to other options", "most"] == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    assert shape["likeness to other options", "mean"] == pytest.approx([1 / 3, 1 / 6, 1 / 6])


def test_a_single_option_is_like_no_other() -> None:
    shape = shape_of("Which?", "sofa")
    assert shape["position", "options"] == [1]
    assert np.isnan(shape["likeness to other options", "mean"]).all()


def test_options_alike_have_the_same_shape_but_for_their_place() -> None:
    shape = shape_of("Which?", "sofa", "sofa")
    assert shape.pop(("position", "place")) == [0, 1]
    for values in shape.values():
        np.testing.assert_array_equal(values[0], values[1])
    assert shape["likeness to other options", "most"] == [1, 1]


@pytest.mark.parametrize(
    "options",
    [
        ("word " * 20_000, "other " * 20_000),
        ("(.*)[", "\\d+?"),
        ("漢字", "ñandú \U0001f600"),
        (".", "?"),
        ("9" * 400, "1"),
        ("", ""),
    ],
)
def test_any_options_have_a_shape_that_fits_float32(options: tuple[str, ...]) -> None:
    shape: npt.NDArray[np.float32] = choice_shape(forms_of(["Which?"], [options])).astype(np.float32)
    assert not np.isinf(shape).any()
