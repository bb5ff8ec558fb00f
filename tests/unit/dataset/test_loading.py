import dataclasses
import hashlib
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from data_rows import Row, count, declare, load_rows, pick, refusal, write_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import Choice, Columns, LocalFile, Number
from tst_harness.dataset.loading import Dataset, load, permute_answers
from tst_harness.errors import DataError

ROWS = [pick(10, "A"), pick(9, "C"), count(2, "1,200"), count(1, 3.5)]

several = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def questions(dataset: Dataset) -> list[tuple[Any, ...]]:
    """Everything about the questions but their position in the file."""
    return list(dataset.frame.drop(columns="position").itertuples(index=False, name=None))


def test_a_dataset_holds_the_questions_in_id_order(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path, ROWS)
    options = ("sofa", "stove", "tv")
    assert questions(dataset) == [
        ("1", "count", "num", "How many, 1?", None, 3.5, "scene 1"),
        ("2", "count", "num", "How many, 2?", None, 1200.0, "scene 2"),
        ("9", "pick", "mc", "Which one, 9?", options, 2.0, "scene 9"),
        ("10", "pick", "mc", "Which one, 10?", options, 0.0, "scene 10"),
    ]
    assert dataset.frame["position"].tolist() == [3, 2, 1, 0]
    assert [str(dataset.frame[name].dtype) for name in ("answer", "position")] == ["float64", "int64"]
    assert dataset.source.rows == dataset.source.questions == dataset.source.groups == 4
    assert dataset.source.fingerprint.row_order == hashlib.sha1(b"10,9,2,1").hexdigest()
    assert dataset.source.kind == "file"


def test_ids_that_are_not_all_integers_sort_as_text(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path, [pick("10"), pick("9"), pick("x1")])
    assert dataset.frame["id"].tolist() == ["10", "9", "x1"]


@pytest.mark.parametrize("file", ["r.json", "r.csv", "r.tsv", "r.parquet"])
def test_every_format_loads_the_same_questions(tmp_path: Path, file: str) -> None:
    rows = [row | {"answer": str(row["answer"])} for row in ROWS]
    expected = load_rows(tmp_path, rows)
    found = load_rows(tmp_path, rows, file=file)
    assert found.source.fingerprint == expected.source.fingerprint
    assert questions(found) == questions(expected)


@several
@given(order=st.permutations(range(8)), seed=st.integers(0, 5))
def test_row_order_changes_nothing_but_positions(tmp_path: Path, order: list[int], seed: int) -> None:
    draws = random.Random(seed)
    rows = [pick(n, draws.choice("ABC")) for n in range(4)] + [count(n, draws.random()) for n in range(4, 8)]
    expected = load_rows(tmp_path, rows)
    found = load_rows(tmp_path, [rows[place] for place in order])
    assert questions(found) == questions(expected)
    assert found.source.fingerprint.content == expected.source.fingerprint.content
    assert questions(permute_answers(found, seed)) == questions(permute_answers(expected, seed))


@several
@given(order=st.permutations(range(11)))
def test_skipping_does_not_depend_on_row_order(tmp_path: Path, order: list[int]) -> None:
    rows = [pick(1), pick(2, "Z"), pick(3, "B"), pick(3, "C"), count(5, "x"), count(6), pick("")]
    rows += [count(n) for n in range(10, 14)]
    expected = load_rows(tmp_path, rows, skip=True)
    found = load_rows(tmp_path, [rows[place] for place in order], skip=True)
    assert questions(found) == questions(expected)
    assert {(row.id, row.field) for row in found.source.left_out} == {
        ("2", "answer"),
        ("3", "id"),
        ("5", "answer"),
        ("", "id"),
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("answer", "B"),
        ("question", "Which other?"),
        ("options", ["sofa", "stove", "tv!"]),
        ("scene", "elsewhere"),
        ("id", 77),
    ],
)
def test_the_content_fingerprint_covers_every_field(tmp_path: Path, field: str, value: object) -> None:
    before = load_rows(tmp_path, ROWS).source.fingerprint
    after = load_rows(tmp_path, [ROWS[0] | {field: value}, *ROWS[1:]]).source.fingerprint
    assert before.content != after.content
    assert (before.row_order == after.row_order) == (field != "id")


@pytest.mark.parametrize("field", ["row_order", "content"])
def test_a_declared_fingerprint_is_checked(tmp_path: Path, field: str) -> None:
    found = getattr(load_rows(tmp_path, ROWS).source.fingerprint, field)
    path = tmp_path / "rows.jsonl"
    load(declare(path, source=LocalFile(str(path), **{field: found})))
    wrong = "0" * len(found)
    with pytest.raises(DataError, match=f"rows.jsonl: its {field} fingerprint is {found} .* says {wrong}"):
        load(declare(path, source=LocalFile(str(path), **{field: wrong})))


def test_without_a_group_each_question_is_its_own(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer", options="options", type="kind")
    assert load_rows(tmp_path, ROWS, columns=columns).frame["group"].tolist() == ["1", "2", "9", "10"]


def test_a_single_type_needs_no_type_column(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer")
    dataset = load_rows(tmp_path, [count(1), count(2)], columns=columns, question_types=[Number("count")])
    assert dataset.frame["type"].tolist() == ["count", "count"]


def test_patterns_tell_the_types_where_no_column_does(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer", options="options")
    types = [Choice("pick", "^Which"), Number("count", "^How many")]
    dataset = load_rows(tmp_path, ROWS, columns=columns, question_types=types)
    assert dataset.frame["type"].tolist() == ["count", "count", "pick", "pick"]


BAD_ROWS: list[tuple[list[Row], str]] = [
    (
        [pick("a"), pick("a", "B")],
        r"row 1 \(id 'a'\), field 'id': the id is also that of \S+rows.jsonl row 2",
    ),
    ([pick("a"), pick("")], r"row 2 \(id ''\), field 'id': the id is missing"),
    ([pick("a"), pick(None)], r"row 2 \(id ''\), field 'id': the id is missing"),
    ([pick("a", question=" ")], r"row 1 \(id 'a'\), field 'question': the question has no text"),
    ([pick("a", question=["x", "y"])], r"field 'question': is a list, not text"),
    (
        [pick("a", kind="other")],
        r"\(id 'a'\), field 'kind': the question type 'other' is not declared \(decl",
    ),
    ([pick("a", kind=None)], r"field 'kind': the question type is missing"),
    ([pick("a", options=None)], r"\(id 'a'\), field 'options': there are no options"),
    ([pick("a", options=["x"])], r"\(id 'a'\), field 'options': has one option where at least two"),
    ([pick("a", options=["x", " ", "y"])], r"\(id 'a'\), field 'options': option 2 of 3 is empty"),
    ([pick("a", options=["x", None])], r"field 'options': option 2 of 2 is empty"),
    ([pick("a", options=["A. x", "B. "])], r"field 'options': option 2 of 2 is empty"),
    ([pick("a", options="sofa or stove")], r"\(id 'a'\), field 'options': is not a list of options"),
    (
        [pick("a", "D"), pick("b")],
        r"row 1 \(id 'a'\), field 'answer': the answer 'D', .* none of the 3 options",
    ),
    ([pick("a", ["A", "B"]), pick("b")], r"\(id 'a'\), field 'answer': the answer .* names 2 of the"),
    ([count("a", "three")], r"row 1 \(id 'a'\), field 'answer': the answer 'three' is not a number"),
    ([count("a", float("inf"))], r"field 'answer': the answer inf is not a finite number"),
    ([count("a", "1e999")], r"field 'answer': the answer '1e999' is not a finite number"),
    ([count("a", [1, 2])], r"field 'answer': the answer is a list, not a number"),
]


@pytest.mark.parametrize(("rows", "expected"), BAD_ROWS, ids=[expected[-40:] for _, expected in BAD_ROWS])
def test_an_invalid_row_stops_the_run_and_can_be_skipped(
    tmp_path: Path, rows: list[Row], expected: str
) -> None:
    good = [pick("good"), count("fine"), count("too")]
    with pytest.raises(DataError, match=expected) as caught:
        load_rows(tmp_path, rows + good)
    message = str(caught.value)
    assert message.startswith(f"toy: {tmp_path / 'rows.jsonl'} row ")
    assert "--tst-faults report" in message
    assert "\n" not in message
    dataset = load_rows(tmp_path, rows + good, skip=True)
    assert {"good", "fine"} <= set(dataset.frame["id"])
    assert len(dataset.frame) + len(dataset.source.left_out) == dataset.source.rows
    first = dataset.source.left_out[0]
    assert f"row {first.row} (id {first.id!r}), field {first.field!r}: {first.problem}" in message


def test_the_message_counts_the_other_invalid_rows(tmp_path: Path) -> None:
    assert "(1 more faulty row)" in refusal(tmp_path, [count("a", "x"), pick("b"), count("c", "y")])
    assert "(2 more faulty rows)" in refusal(tmp_path, [count(n, "x") for n in "abc"])


def test_a_file_without_one_valid_row_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, [count("a", "x")], skip=True)
    assert "1 of 1 rows are faulty" in message
    assert "(id 'a'), field 'answer'" in message


def test_patterns_that_overlap_or_miss_a_question_make_it_invalid(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer")
    types = [Number("one", "How"), Number("two", "many")]
    rows = [count("a"), count("b", question="How?"), count("c", question="What?")]
    message = refusal(tmp_path, rows, columns=columns, question_types=types)
    assert "row 1 (id 'a'), field 'question': the patterns of 2 question types match" in message
    message = refusal(tmp_path, rows[1:], columns=columns, question_types=types)
    assert "row 2 (id 'c'), field 'question': the pattern of no declared question type matches" in message


def test_a_missing_column_stops_the_run_even_when_skipping(tmp_path: Path) -> None:
    message = refusal(tmp_path, [{"id": 1, "question": "x", "kind": "count", "scene": "s"}], skip=True)
    assert (
        "rows.jsonl: there is no column 'answer', declared as columns.answer; its columns are id," in message
    )


def test_nothing_of_this_machine_is_in_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "rows.jsonl", ROWS)
    dataset = load(declare(Path("rows.jsonl")))
    assert dataset.source.location == "rows.jsonl"
    assert str(tmp_path) not in dataset.source.model_dump_json()


def test_permuted_answers_stay_within_type_and_number_of_options(tmp_path: Path) -> None:
    rows = [pick(n, "ABC"[n % 3]) for n in range(40)] + [count(n, n) for n in range(40, 80)]
    rows += [pick(n, "AB"[n % 2], options=["x", "y"]) for n in range(80, 120)]
    dataset = load_rows(tmp_path, rows)
    permuted = permute_answers(dataset, seed=1)

    def by_kind(frame: pd.DataFrame) -> dict[Any, list[float]]:
        kinds = frame["type"] + frame["options"].map(lambda options: str(len(options or ())))
        return {kind: sorted(part) for kind, part in frame["answer"].groupby(kinds)}

    assert by_kind(permuted.frame) == by_kind(dataset.frame)
    assert not permuted.frame["answer"].equals(dataset.frame["answer"])
    assert permuted.frame.drop(columns="answer").equals(dataset.frame.drop(columns="answer"))
    assert permute_answers(dataset, 1).frame.equals(permuted.frame)
    assert not permute_answers(dataset, 2).frame.equals(permuted.frame)


def test_a_dataset_is_frozen(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path, ROWS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.frame = pd.DataFrame()  # type: ignore[misc]
