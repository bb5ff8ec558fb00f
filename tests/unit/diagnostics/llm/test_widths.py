"""Few widths, and what the batches take with them."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tst_harness.diagnostics.llm.trainers.widths import MOST, choose_widths, fitting


def cost(widths: list[int], tokens: list[int]) -> int:
    """Tokens of all batches with their padding, and four batches more of each width."""
    return sum(fitting(widths, size) or 10**9 for size in tokens) + 4 * sum(widths)


@given(st.lists(st.integers(1, 130), min_size=1, max_size=60))
def test_no_other_widths_take_less(tokens: list[int]) -> None:
    widths = choose_widths(tokens)
    assert widths == sorted(set(widths), reverse=True)
    assert len(widths) <= MOST
    assert all(width % 16 == 0 for width in widths)
    possible = range(16, 145, 16)
    least = min(
        cost(list(chosen)[::-1], tokens)
        for count in range(1, 5)
        for chosen in combinations(possible, count)
        if chosen[-1] >= max(tokens)
    )
    assert cost(widths, tokens) <= least


def test_many_batches_have_more_widths_and_less_padding() -> None:
    few, many = ([1000 + 7 * (place * 37 % 200) for place in range(count)] for count in (30, 3000))
    assert len(choose_widths(few)) < len(choose_widths(many)) == MOST
    for tokens, most in ((few, 0.25), (many, 0.05)):
        widths = choose_widths(tokens)
        padding = sum((fitting(widths, size) or 0) - size for size in tokens)
        assert padding / sum(tokens) < most


def test_the_smallest_that_holds() -> None:
    widths = [160, 96, 32]
    assert [fitting(widths, size) for size in (1, 32, 33, 160)] == [32, 32, 96, 160]
    assert fitting(widths, 161) is None
    assert fitting([], 1) is None
