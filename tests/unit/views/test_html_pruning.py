from typing import Any

import pytest
from html_pages import data_of
from snapshots import make_report

from tst_harness.views.html.charts import RandomRemovals, Step
from tst_harness.views.html.pruning import ControlTable, Left, Removed, pruning_page

HOSTILE = "<script>alert(1)</script>"
STEPS = [Step(0, 0.6, (0.5, 0.7), 0.25), Step(2, 0.4, (0.3, 0.5), 0.25)]
REMOVED = [Removed("a", "route", 1, 0.99, 0.74), Removed(HOSTILE, "room_size", 2, 0.9, 0.6)]


@pytest.fixture
def left() -> Left:
    overall = make_report()[0].diagnostics["forest"].overall
    assert overall is not None
    return Left(overall, make_report()[0].diagnostics["forest"].types)


def page_of(left: Left, **changes: Any) -> str:
    fields: dict[str, Any] = {"steps": STEPS, "removed": REMOVED, **changes}
    return pruning_page("demo", HOSTILE, ["forest"], ["It fell."], left, left, **fields)


def test_what_was_removed_is_listed_in_its_order(left: Left) -> None:
    data = data_of(page_of(left))
    [view] = data["views"]
    assert data["questions"]["id"] == ["a", HOSTILE]
    assert view["order"] == ["place", 1]
    assert view["data"]["place"] == [1, 2]
    assert view["data"]["rank_score"] == [0.74, 0.6]


def test_the_random_control_and_others_stand_beside_it(left: Left) -> None:
    random = RandomRemovals(2, 0.55, 0.5, 0.6)
    table = ControlTable(("removed", "random"), [("pruned (2)", "55.0 ± 1.0")], ["what it means"])
    page = page_of(left, random=random, controls=table)
    assert "<dt>random removals</dt><dd>55.0%</dd>" in page
    assert "<td>55.0 ± 1.0</td>" in page
    assert "what it means" in page
    assert "random removals" not in page_of(left)


def test_content_is_text(left: Left) -> None:
    page = page_of(left)
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;, pruned</h1>" in page


def test_a_pruning_that_removed_nothing(left: Left) -> None:
    page = page_of(left, steps=STEPS[:1], removed=[])
    assert "There are no questions to list." in page
    assert 'id="data"' not in page
