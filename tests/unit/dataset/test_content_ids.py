import random
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row, load_rows, pick
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import Choice, Columns
from tst_harness.dataset.content_ids import content_ids
from tst_harness.dataset.loading import Dataset

COLUMNS = Columns(text="question", answer="answer", options="options", group="scene")


def same(text: str, answer: str, scene: str = "s") -> Row:
    return pick(0, answer, question=text, scene=scene)


ROWS = [same("p", "A"), same("p", "B"), same("p", "B"), same("q", "C"), same("q", "C", "t"), same("r", "A")]


def loaded(folder: Path, rows: list[Row], **changes: Any) -> Dataset:
    return load_rows(folder, rows, columns=COLUMNS, question_types=[Choice("pick")], **changes)


def questions(dataset: Dataset) -> list[tuple[Any, ...]]:
    return list(dataset.frame.drop(columns="position").itertuples(index=False, name=None))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(ROWS))))
def test_row_order_does_not_change_a_question_s_id(tmp_path: Path, order: list[int]) -> None:
    expected = loaded(tmp_path, ROWS)
    found = loaded(tmp_path, [ROWS[place] for place in order])
    assert questions(found) == questions(expected)
    assert found.source.fingerprint.content == expected.source.fingerprint.content


def test_ids_are_made_of_text_options_and_group(tmp_path: Path) -> None:
    ids = loaded(tmp_path, ROWS).frame["id"].tolist()
    assert sorted(id_.partition("-")[2] for id_ in ids) == ["", "", "", "", "2", "3"]
    assert len({id_.partition("-")[0] for id_ in ids}) == 4
    assert {len(id_.partition("-")[0]) for id_ in ids} == {12}


@pytest.mark.parametrize("file", ["rows.json", "rows.csv", "rows.parquet"])
def test_ids_are_the_same_from_every_format(tmp_path: Path, file: str) -> None:
    assert questions(loaded(tmp_path, ROWS, file=file)) == questions(loaded(tmp_path, ROWS))


def test_another_answer_does_not_change_an_id(tmp_path: Path) -> None:
    ids = loaded(tmp_path, ROWS[3:]).frame["id"].tolist()
    assert loaded(tmp_path, [row | {"answer": "B"} for row in ROWS[3:]]).frame["id"].tolist() == ids


def test_the_number_of_a_row_among_equals_does_not_tell_its_answer() -> None:
    rng = random.Random(0)
    seen = [f"question {number // 2}" for number in range(2_000)]
    answers = ["AB"[number % 2] for number in range(2_000)]
    order = rng.sample(range(2_000), 2_000)
    ids = content_ids([seen[i] for i in order], [(seen[i], answers[i]) for i in order])
    second = [answers[i] for i, id_ in zip(order, ids, strict=True) if id_.endswith("-2")]
    assert len(second) == 1_000
    assert 430 < second.count("A") < 570


def test_an_invalid_row_is_named_by_the_id_it_would_have(tmp_path: Path) -> None:
    rows = [*ROWS, same("z", "Z")]
    [skipped] = loaded(tmp_path, rows, skip=True).source.left_out
    assert skipped.row == 7
    assert len(skipped.id) == 12
