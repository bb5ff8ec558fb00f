"""Answers that are none of their options: the right ones beside wrong ones, or options written otherwise."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError

Row = dict[str, Any]
THINGS = ("lamp", "chair", "table", "window", "door", "carpet", "mirror", "shelf", "clock", "bottle")
COLOURS = ("red", "blue", "green", "black", "white", "yellow")


def row(rng: random.Random, make: Callable[[list[str], int], Row]) -> Row:
    options = rng.sample([f"{colour} {thing}" for colour in COLOURS for thing in THINGS], 4)
    return {"question": f"What stands next to the {rng.choice(THINGS)}?"} | make(options, rng.randrange(4))


def written(folder: Path, make: Callable[[list[str], int], Row]) -> Path:
    rng = random.Random(0)
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row(rng, make)) + "\n" for _ in range(60)))
    return path


def test_a_right_text_beside_wrong_ones_is_one_more_option(tmp_path: Path) -> None:
    path = written(tmp_path, lambda options, gold: {"options": options[1:], "answer": options[0]})
    frame = propose(str(path), "toy", {}).dataset.frame
    assert {len(options) for options in frame["options"]} == {4}


@pytest.mark.parametrize(
    "make",
    [
        lambda options, gold: {"options": options, "answer": options[gold].split()[0]},
        lambda options, gold: {"options": [f"{text} 2" for text in options], "answer": options[gold]},
    ],
    ids=["the first word", "more in the options"],
)
def test_an_option_in_other_words_is_no_further_option(
    tmp_path: Path, make: Callable[[list[str], int], Row]
) -> None:
    with pytest.raises(DataError, match="60 of 60 rows are faulty"):
        propose(str(written(tmp_path, make)), "toy", {})


@pytest.mark.parametrize("key", ["correct_idx", "answer_key"])
def test_an_explanation_is_no_option_where_another_column_names_one(tmp_path: Path, key: str) -> None:
    def make(options: list[str], gold: int) -> Row:
        answer = gold if key == "correct_idx" else "ABCD"[gold]
        return {"options": options, "answer": "Since nothing else is near it.", key: answer}

    proposal = propose(str(written(tmp_path, make)), "toy", {})
    assert proposal.benchmark.columns.answer == key
    assert {len(options) for options in proposal.dataset.frame["options"]} == {4}


def test_ids_of_options_are_no_further_option(tmp_path: Path) -> None:
    def make(options: list[str], gold: int) -> Row:
        offered = [{"id": f"opt_{place}", "text": text} for place, text in enumerate(options)]
        return {"options": offered, "answer": f"opt_{gold}"}

    frame = propose(str(written(tmp_path, make)), "toy", {}).dataset.frame
    assert {len(options) for options in frame["options"]} == {4}
    assert frame["answer"].nunique() == 4


def test_letters_in_a_list_that_is_written_as_text_are_no_more_options(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        lambda options, gold: {
            "options": options,
            "answer": str(["A", "C"] if gold == 0 else ["ABCD"[gold]]),
        },
    )
    frame = propose(str(path), "toy", {}).dataset.frame
    assert {len(options) for options in frame["options"]} == {4}
    assert set(frame["format"]) == {"multi"}
