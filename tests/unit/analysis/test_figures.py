import pytest

from tst_harness.analysis.figures import (
    counted,
    duration,
    interval,
    memory,
    p_value,
    percent,
    signed,
    verdict,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0.0 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (812.0, "13 min 32 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (7500.0, "2 h 05 min"),
    ],
)
def test_a_duration_is_in_the_units_people_use(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 MiB"), (512 * 1024**2, "512 MiB"), (2 * 1024**3, "2.0 GiB"), (10**11, "93.1 GiB")],
)
def test_memory_is_in_the_units_people_use(size: int, text: str) -> None:
    assert memory(size) == text


def test_fractions_are_shown_as_percentages() -> None:
    assert (percent(0.4812), percent(None)) == ("48.1", "-")
    assert (signed(0.179), signed(-0.2), signed(-0.0001), signed(None)) == ("+17.9", "-20.0", "0.0", "-")
    assert (interval((-0.00001, 0.5)), interval(None)) == ("[0.0, 50.0]", "")
    assert (p_value(0.002), p_value(1e-9)) == ("p = 0.0020", "p < 0.0001")


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.01, 0.2), "significantly above zero"),
        ((0.0, 0.2), "not significantly different from zero"),
        ((-0.2, 0.0), "not significantly different from zero"),
        ((0.0, 0.0), "exactly zero"),
        ((-0.2, -0.01), "significantly below zero"),
    ],
)
def test_a_difference_is_judged_by_its_interval(ends: tuple[float, float], words: str) -> None:
    assert verdict(ends) == words


def test_one_is_not_many() -> None:
    assert [counted(n, "row") for n in (0, 1, 2, 1200)] == ["0 rows", "1 row", "2 rows", "1,200 rows"]
