import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tst_harness.views.html.charts import (
    RandomRemovals,
    Row,
    Step,
    histogram,
    removal_chart,
    score_chart,
    ticks,
)

shares = st.floats(0, 1)
intervals = st.tuples(shares, shares).map(lambda ends: (min(ends), max(ends)))
# What XML cannot hold is no matter: a page is HTML.
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1)
beside = st.lists(st.none() | shares, max_size=3).map(tuple)
rows = st.builds(Row, names, shares, st.none() | intervals, st.none() | shares, st.none() | shares, beside)
steps = st.lists(st.tuples(shares, intervals, shares), min_size=1, max_size=5).flatmap(
    lambda scores: st.lists(st.integers(1, 900), min_size=len(scores), max_size=len(scores)).map(
        lambda removed: [Step(sum(removed[1 : n + 1]), *one) for n, one in enumerate(scores)]
    )
)


def drawn(chart: str) -> Element:
    """A chart, which has a label and no picture without a place in the view box."""
    root = ElementTree.fromstring(chart)
    assert root.get("role") == "img"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for x, y in places(root):
        assert 0 <= x <= width
        assert 0 <= y <= height
    return root


def places(root: Element) -> Iterator[tuple[float, float]]:
    """The points that a chart is drawn through."""
    for one in root.iter():
        for x, y in (("x1", "y1"), ("x2", "y2"), ("cx", "cy"), ("x", "y")):
            if x in one.attrib:
                yield float(one.attrib[x]), float(one.attrib[y])
        for point in one.get("points", "").split():
            x, y = point.split(",")
            yield float(x), float(y)
        for x, y in re.findall(r"translate\((\S+) (\S+)\)", one.get("transform", "")):
            yield float(x), float(y)


def all_of(root: Element, name: str) -> list[Element]:
    return [one for one in root.iter() if name in one.get("class", "").split()]


def value_of(root: Element, tick: str) -> dict[str, float]:
    """Where a tick of an axis stands."""
    [found] = [one for one in all_of(root, "tick") if one.text == tick]
    return {axis: float(found.attrib[axis]) for axis in "xy"}


@given(st.lists(rows, min_size=1, max_size=4))
def test_scores_stand_in_their_row_where_the_axis_says(given: list[Row]) -> None:
    root = drawn(score_chart(given, "label"))
    start, end = (value_of(root, tick)["x"] for tick in ("0%", "100%"))
    assert start < end

    def at(score: float) -> object:
        return pytest.approx(start + (end - start) * score, abs=0.06)

    lines = [one for one in root if "data-row" in one.attrib]
    assert [line.get("data-row") for line in lines] == [str(place) for place in range(len(given))]
    pitch = float(root.attrib["data-pitch"])
    for place, (row, line) in enumerate(zip(given, lines, strict=True)):
        assert all(pitch * place < y < pitch * (place + 1) for _, y in places(line))
        [score] = all_of(line, "score")
        assert float(score.attrib["cx"]) == at(row.score)
        assert [float(one.attrib["x1"]) for one in all_of(line, "baseline")] == (
            [] if row.blind_baseline is None else [at(row.blind_baseline)]
        )
        assert [(float(one.attrib["x1"]), float(one.attrib["x2"])) for one in all_of(line, "interval")] == (
            [] if row.interval is None else [tuple(map(at, row.interval))]
        )
        zero_shot = [x for one in all_of(line, "zero-shot") for x, _ in places(one)]
        assert zero_shot == ([] if row.zero_shot is None else [at(row.zero_shot)])


@given(names)
def test_a_name_is_text_and_cut_only_where_it_is_long(name: str) -> None:
    assume(name == name.strip())
    root = drawn(score_chart([Row(name, 0.5)], name))
    [line] = [one for one in root if "data-row" in one.attrib]
    shown = line[0].text
    assert shown is not None
    assert root.get("aria-label") == name
    assert shown == name or (name.startswith(shown.removesuffix("…")) and shown.endswith("…"))
    assert len(shown) <= 32
    assert shown == name or len(name) > 15


@pytest.mark.parametrize("name", ["<b>", "a & b", "$b_$", '"quoted"', "مرحبا", "椅子" * 8, "x" * 32])
def test_a_name_that_fits_is_whole(name: str) -> None:
    [line] = [one for one in drawn(score_chart([Row(name, 0.5)], "")) if "data-row" in one.attrib]
    assert line[0].text == name


@pytest.mark.parametrize(("name", "shown"), [("x" * 33, "x" * 31 + "…"), ("椅" * 17, "椅" * 15 + "…")])
def test_a_name_that_does_not_fit_is_cut(name: str, shown: str) -> None:
    [line] = [one for one in drawn(score_chart([Row(name, 0.5)], "")) if "data-row" in one.attrib]
    assert line[0].text == shown


@given(steps, st.none() | st.tuples(shares, shares, shares).map(sorted))
def test_the_curve_goes_right_with_removals_and_up_with_scores(
    given: list[Step], range_: list[float] | None
) -> None:
    random = None if range_ is None else RandomRemovals(given[-1].removed, range_[1], range_[0], range_[2])
    root = drawn(removal_chart(given, random, "label"))
    low, high = (value_of(root, tick)["y"] for tick in ("0%", "100%"))
    assert high < low  # y is measured from the top
    [curve], [band], [baseline] = (all_of(root, name) for name in ("curve", "band", "dashed"))
    for line, scores in (
        (curve, [step.score for step in given]),
        (baseline, [step.blind_baseline for step in given]),
        (band, [step.interval[0] for step in given] + [step.interval[1] for step in reversed(given)]),
    ):
        assert [y for _, y in places(line)] == pytest.approx(
            [low + (high - low) * score for score in scores], abs=0.06
        )
    across = [x for x, _ in places(curve)]
    assert across == sorted(across)
    assert across[0] == value_of(root, "0")["x"]
    assert [x for x, _ in places(band)] == [*across, *reversed(across)]
    if random is None:
        assert all_of(root, "random") == []
    else:
        [(x, y)] = places(all_of(root, "zero-shot")[0])
        assert x == across[-1]
        assert y == pytest.approx(low + (high - low) * random.mean, abs=0.06)


def test_thousands_are_told_apart() -> None:
    chart = removal_chart([Step(0, 0.6, (0.5, 0.7), 0.3), Step(2500, 0.4, (0.3, 0.5), 0.3)], None, "label")
    assert [one.text for one in all_of(drawn(chart), "middle")][:3] == ["0", "500", "1,000"]


@given(st.integers(1, 10**9))
def test_ticks_are_few_round_and_evenly_spread_to_the_end(largest: int) -> None:
    found = ticks(largest)
    [step] = {after - before for before, after in pairwise(found)}
    assert re.fullmatch("[125]0*", str(step))
    assert found[0] == 0
    assert found[-1] <= largest < found[-1] + step
    assert len(found) <= 9
    # In steps of the next smaller round number there would be too many.
    assert step == 1 or largest // (step * 2 // 5 if str(step)[0] == "5" else step // 2) >= 9


@given(st.lists(shares))
def test_bars_are_as_high_as_their_counts(values: list[float]) -> None:
    root = drawn(histogram(np.array(values, dtype=float), "label"))
    bins = [one for one in root if "data-bin" in one.attrib]
    counts = [int(one.attrib["data-count"]) for one in bins]
    assert len(bins) == 10
    assert sum(counts) == len(values)
    tallest = max([1, *counts])
    for count, one in zip(counts, bins, strict=True):
        [hit] = all_of(one, "hit")
        heights = [float(bar.attrib["height"]) for bar in all_of(one, "bar")]
        whole = float(hit.attrib["height"])
        assert heights == ([pytest.approx(whole * count / tallest, abs=0.06)] if count else [])
    across = [float(all_of(one, "hit")[0].attrib["x"]) for one in bins]
    assert across == sorted(across)


def test_one_belongs_to_the_last_bar() -> None:
    root = drawn(histogram(np.array([0.05, 0.06, 0.95, 1.0]), 'a "label" & more'))
    assert [one.get("data-count") for one in root if "data-bin" in one.attrib] == ["2", *"00000000", "2"]
    assert root.get("aria-label") == 'a "label" & more'
