"""Tables whose first row is one like the others."""

from pathlib import Path

import pytest
from layout_rows import gold_of, options_of, question_of

from tst_harness.dataset.headers import missing_header
from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError

N = 40
LETTERED = ["$question", "$A", "$B", "$C", "$D", "$answer"]


def rows(*cells: str, lead: tuple[str, ...] = ()) -> list[list[str]]:
    """Rows of some cells, a question, four options and the last cells in turn."""
    return [[*lead, question_of(i), *options_of(i), cells[i % len(cells)]] for i in range(20)]


@pytest.mark.parametrize(
    ("table", "header"),
    [
        (rows("A", "C", "D"), LETTERED),
        (rows("0", "3", "1"), LETTERED),
        (rows("1", "4", "2"), LETTERED),
        (rows("0", "2", lead=("oq",)), ["column1", *LETTERED]),
        (
            [[f"{i}.png", f"Is it {i}?", ("Yes", "No")[i % 2]] for i in range(20)],
            ["$medium", "$question", "$answer"],
        ),
        ([[f"q{i}", f"Is it {i}?", f"a lamp {i}"] for i in range(20)], ["$id", "$question", "$answer"]),
        ([[f"v{i // 2}", f"Is it {i}?", str(i)] for i in range(20)], ["$key", "$question", "$answer"]),
        ([[f"Is it {i}?", f"lamp {i}"] for i in range(20)], ["$question", "$answer"]),
        ([[f"lamp{i}", f"Is it {i}?"] for i in range(20)], ["$answer", "$question"]),
        ([["image", "Is it so?", "reply"], *([f"{i}", f"Is it {i}?", "no"] for i in range(20))], None),
        ([[f"It is {i}.", f"It was {i}."] for i in range(20)], None),
        ([[f"A man {i}.", f"He {i}.", f"{i}.5"] for i in range(20)], ["column1", "column2", "column3"]),
        ([["question", "gold"], *([f"Is it {i}?", ("yes", "no")[i % 2]] for i in range(20))], None),
        ([["Frage", "Antwort"], *([f"Is it {i}?", ("yes", "no")[i % 2]] for i in range(20))], None),
        ([["text", "2019"], *([f"It is {i}.", f"{i}"] for i in range(20))], None),
        ([["a"], ["a"], ["a"]], None),
        ([["a", "a"], ["a", "a"]], None),
    ],
)
def test_a_first_row_like_the_others_is_no_header(table: list[list[str]], header: list[str] | None) -> None:
    assert missing_header(table) == header


def test_two_columns_and_a_0_or_1_are_no_options() -> None:
    table = [[question_of(i), *options_of(i, 2), str(gold_of(i, 2))] for i in range(20)]
    assert missing_header(table) == ["column1", "column2", "column3", "column4"]


def test_columns_without_names_can_be_named_by_their_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    lines = (f"captions\t{i}.5\tA man is out {i}.\tHe is in {i}.\n" for i in range(N))
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(DataError, match="its columns are column1, column2, column3, column4"):
        propose(str(path), "rows", {})
    said: list[str] = []
    frame = propose(
        str(path), "rows", {"question": "column4", "answer": "column2"}, show=said.extend
    ).dataset.frame
    assert (len(frame), set(frame["format"])) == (N, {"num"})
    assert "guess: the file has no header: its first row is a question like the others" in said
