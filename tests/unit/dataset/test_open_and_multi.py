"""Open answers, several right options, and types of several formats, from rows to questions."""

from pathlib import Path
from typing import Any

import pytest
from data_rows import Row, load_rows

from tst_harness.benchmark.declarations import Choice, Columns, Multi, Number, Open
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set
from tst_harness.errors import DataError

COLUMNS = Columns(id="id", text="question", answer="answer", options="options", type="kind")


def row(id_: str, kind: str, answer: Any, options: Any = None) -> Row:
    return {"id": id_, "kind": kind, "question": f"What is {id_}?", "options": options, "answer": answer}


def load(folder: Path, rows: list[Row], *types: Any, skip: bool = False) -> Dataset:
    return load_rows(folder, rows, columns=COLUMNS, question_types=types, skip=skip)


def accepted(dataset: Dataset) -> list[tuple[str, ...]]:
    return [dataset.accepted[int(answer)] for answer in dataset.frame["answer"]]


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        ("a cat", ("a cat",)),
        (3, ("3",)),
        (["cat", "kitten"], ("cat", "kitten")),
        (["dog", "cat", "cat"], ("cat", "cat", "dog")),
        ('["cat", "kitten"]', ("cat", "kitten")),
        ("['cat', 'kitten']", ("cat", "kitten")),
        ('[{"answer": "cat", "answer_id": 1}, {"answer": "kitten"}]', ("cat", "kitten")),
        ([{"answer": "cat"}, {"answer": "kitten"}], ("cat", "kitten")),
        ("[sic] a cat", ("[sic] a cat",)),
    ],
)
def test_an_open_answer_is_a_text_or_a_list_of_them(
    tmp_path: Path, answer: Any, texts: tuple[str, ...]
) -> None:
    dataset = load(tmp_path, [row("a", "name", answer)], Open("name"))
    assert accepted(dataset) == [texts]
    assert dataset.frame["format"].tolist() == ["open"]
    assert dataset.frame["options"].tolist() == [None]


def test_equal_accepted_texts_are_one_answer_in_any_order(tmp_path: Path) -> None:
    rows = [row("a", "name", ["x", "y"]), row("b", "name", ["y", "x"]), row("c", "name", "x")]
    assert load(tmp_path, rows, Open("name")).frame["answer"].tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("answer", [" ", None, [], "?", "hidden"])
def test_an_open_answer_that_is_not_told_is_kept_back(tmp_path: Path, answer: Any) -> None:
    dataset = load(tmp_path, [row("a", "name", "cat"), row("b", "name", answer)], Open("name"))
    assert accepted(dataset) == [("cat",)]
    assert dataset.source.kept_back == 1
    assert not dataset.source.faults


@pytest.mark.parametrize("answer", ["None", "unknown"])
def test_none_is_an_answer_of_an_open_question(tmp_path: Path, answer: str) -> None:
    dataset = load(tmp_path, [row("a", "name", "cat"), row("b", "name", answer)], Open("name"))
    assert sorted(accepted(dataset)) == sorted([("cat",), (answer,)])
    assert dataset.source.kept_back == 0


@pytest.mark.parametrize(
    ("answer", "declared", "problem"),
    [
        (["", " "], Open("name"), "the answer is missing"),
        (["cat", "cat"], Open("name", metric="vqa"), "has 2 accepted answers where the metric vqa needs"),
    ],
)
def test_an_open_answer_that_cannot_be_scored(
    tmp_path: Path, answer: Any, declared: Open, problem: str
) -> None:
    good = ["cat", "cat", "cat"]
    with pytest.raises(DataError, match=problem):
        load(tmp_path, [row("a", "name", good), row("b", "name", answer)], declared)


OPTIONS = ["oak", "steel", "salt, pepper", "glass"]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([["A", "C"], ["B"]], [[0, 2], [1]]),
        (["A, C", "B"], [[0, 2], [1]]),
        (["AC", "B"], [[0, 2], [1]]),
        (["A and C", "B"], [[0, 2], [1]]),
        (['["A", "C"]', '["B"]'], [[0, 2], [1]]),
        ([[0, 2], [3]], [[0, 2], [3]]),
        ([[1, 4], [2]], [[0, 3], [1]]),
        ([["oak", "salt, pepper"], ["steel"]], [[0, 2], [1]]),
        (["oak; glass", "salt, pepper"], [[0, 3], [2]]),
    ],
)
def test_several_right_options_are_named_in_many_ways(
    tmp_path: Path, answers: list[Any], expected: list[list[int]]
) -> None:
    rows = [row(str(place), "all", answer, OPTIONS) for place, answer in enumerate(answers)]
    dataset = load(tmp_path, rows, Multi("all"))
    assert [option_set(answer) for answer in dataset.frame["answer"]] == expected


def test_a_part_that_names_no_option_is_told(tmp_path: Path) -> None:
    rows = [row("a", "all", ["A", "E"], OPTIONS), row("b", "all", ["B"], OPTIONS)]
    with pytest.raises(DataError, match="the answer 'E', read as a letter, names none of the 4 options"):
        load(tmp_path, rows, Multi("all"))


def test_a_type_of_several_formats_is_split_by_format(tmp_path: Path) -> None:
    rows = [
        row("a", "count", "B", ["two", "three"]),
        row("b", "count", 4),
        row("c", "count", "a dozen"),
        row("d", "count", ["A", "B"], ["two", "three"]),
        row("e", "color", "red"),
    ]
    types = [Choice("count"), Number("count"), Open("count"), Multi("count"), Open("color")]
    dataset = load(tmp_path, rows, *types)
    assert dict(zip(dataset.frame["id"], dataset.frame["type"], strict=True)) == {
        "a": "count (mc)",
        "b": "count (num)",
        "c": "count (open)",
        "d": "count (multi)",
        "e": "color",
    }


def test_a_row_of_no_declared_format_is_told(tmp_path: Path) -> None:
    rows = [row("a", "count", 3), row("b", "count", "A", ["x", "y"]), row("c", "count", "many")]
    with pytest.raises(DataError, match=r"\(id 'c'\).*no options, which fits none of its type's formats"):
        load(tmp_path, rows, Multi("count"), Number("count"))


def test_a_file_of_one_type_and_two_formats_needs_no_type_column(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer", options="options")
    rows = [row("a", "", 3), row("b", "", "A", ["x", "y"])]
    dataset = load_rows(tmp_path, rows, columns=columns, question_types=[Choice("all"), Number("all")])
    assert dataset.frame["type"].tolist() == ["all (num)", "all (mc)"]
