"""What a model keeps of the tables that it was handed, or finds beside the answers, gives it nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hand_models import CountModel, TallerModel, all_rows, number_rows
from remembering_models import (
    InAttribute,
    InCache,
    InClass,
    NeverReset,
    ReadsColumn,
    ReadsFile,
    ReadsObject,
    ReadsSolution,
)

from tst_harness.core import BiasModel, RandomForestEvaluator, run_cross_validation
from tst_harness.diagnostics.features.leaks import withheld
from tst_harness.errors import LeakError


def random_rows(n: int = 60) -> pd.DataFrame:
    """Answers that nothing tells."""
    answers = np.random.default_rng(0).integers(1, 30, n)
    return number_rows(n).assign(ground_truth=answers.astype(str))


def score(model: BiasModel, rows: pd.DataFrame, **settings: Any) -> float:
    return run_cross_validation(model, RandomForestEvaluator(), rows, n_splits=2, verbose=False, **settings)[
        0
    ]


@pytest.mark.parametrize("kind", [InAttribute, InClass, InCache])
def test_answers_kept_from_the_first_table_are_a_leak(kind: type[CountModel]) -> None:
    for _ in range(2):  # What another model of the kind kept does not matter.
        with pytest.raises(LeakError, match="the feature column\\(s\\) 'known' change when the answers"):
            score(kind(), random_rows())
    assert score(kind(), random_rows(), allow_leak=True) > 0.5


def test_a_model_is_as_it_was_at_first_when_it_is_used_again() -> None:
    model = InAttribute()
    for _ in range(2):
        with pytest.raises(LeakError, match="'known' change"):
            score(model, random_rows())


def test_maps_that_are_never_reset_are_a_leak() -> None:
    with pytest.raises(LeakError, match="'known' differ from those of a fresh copy of the model"):
        score(NeverReset(), random_rows())


def test_a_file_with_the_answers_is_named(tmp_path: Path) -> None:
    rows = random_rows()
    path = tmp_path / "gold.json"
    path.write_text(json.dumps(dict(zip(rows["id"], rows["ground_truth"], strict=True))), "utf-8")
    with pytest.raises(LeakError, match=r"count: reads the file 'gold\.json', which has the answers"):
        score(ReadsFile(path), rows)
    path.write_text(json.dumps({name: len(name) for name in rows["id"]}), "utf-8")
    assert score(ReadsFile(path), rows) < 0.5


@pytest.mark.parametrize(
    ("model", "column"), [(ReadsColumn, "expert"), (ReadsSolution, "solution"), (ReadsObject, "meta")]
)
def test_what_else_tells_the_answers_is_named_and_withheld(model: type[CountModel], column: str) -> None:
    rows = random_rows()
    told: dict[str, Any] = {
        "expert": rows["ground_truth"].astype(float),
        "solution": [f"We count 1, 2 and so on: {answer}." for answer in rows["ground_truth"]],
        "meta": [{"review": {"by": 3, "value": int(answer)}} for answer in rows["ground_truth"]],
    }
    rows = rows.assign(**{column: told[column]})
    with pytest.warns(UserWarning, match=f"withheld from count, .* '{column}"):
        honest = score(model(), rows)
    assert honest < 0.4
    assert score(model(), rows, allow_leak=True) > 0.5


def test_an_honest_model_is_handed_all_that_it_had() -> None:
    for model in (TallerModel(), CountModel()):
        score(model, all_rows())
    frame, told = withheld(all_rows(), ["ground_truth"], ["id", "question", "options"])
    assert told == []
    pd.testing.assert_frame_equal(frame, all_rows())


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("place", lambda row: "ABC".index(row["answer"]) + 1),
        ("said", lambda row: row["options"]["ABC".index(row["answer"])].upper()),
        ("why", lambda row: f"Not A. So it must be ({row['answer']})"),
        ("code", lambda row: {"A": "x17", "B": "k2", "C": "zz"}[row["answer"]]),
        ("turns", lambda row: [{"from": "human", "value": "?"}, {"from": "gpt", "value": row["answer"]}]),
        ("raw", lambda row: json.dumps({"gold": row["answer"]})),
    ],
)
def test_every_way_to_tell_an_answer_is_seen(name: str, cell: Any) -> None:
    rng = np.random.default_rng(0)
    words = ["oak", "elm", "ash", "fir", "yew"]
    rows = [
        {
            "id": f"q{number}",
            "options": rng.permutation(words)[:3].tolist(),
            "answer": "ABC"[rng.integers(3)],
            "scene": f"s{number // 2}",
            "difficulty": int(rng.integers(3)),
        }
        for number in range(90)
    ]
    frame = pd.DataFrame([row | {name: cell(row)} for row in rows])
    kept, told = withheld(frame, ["answer"], ["id", "options"])
    assert [path.partition(".")[0] for path in told] == [name]
    assert list(kept.columns) == ["id", "options", "answer", "scene", "difficulty"]


def test_of_an_object_that_is_needed_the_answer_alone_is_withheld() -> None:
    rows = random_rows()
    objects: Any = [
        {"q": question, "a": [answer]}
        for question, answer in zip(rows["question"], rows["ground_truth"], strict=True)
    ]
    kept, told = withheld(rows.assign(item=objects), ["ground_truth"], ["id", "question", "item"])
    assert told == ["item.a.0"]
    assert kept["item"].tolist() == [{"q": question, "a": [None]} for question in rows["question"]]
