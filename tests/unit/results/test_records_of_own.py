"""Records that no harness wrote, as people and servers have them: names of their own, nested answers."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from result_forms import ANSWERS, LETTERS, PAIRS, RIGHT, ROWS, key_of, text_of

from tst_harness.errors import DataError
from tst_harness.results.logs import Source
from tst_harness.results.reading import read_results


def records(**fields: Any) -> list[dict[str, Any]]:
    """A record a question: fields are values, or made from the row and the answer."""
    return [
        {name: value(row, answer) if callable(value) else value for name, value in fields.items()}
        for row, answer in PAIRS
    ]


def id_of(row: dict[str, Any], answer: str) -> str:
    return str(row["id"])


def said(row: dict[str, Any], answer: str) -> str:
    return answer


def gold(row: dict[str, Any], answer: str) -> str:
    return str(row["answer"])


def question_of(row: dict[str, Any], answer: str) -> str:
    return f"Look. {row['question']}"


def in_json(row: dict[str, Any], answer: str) -> str:
    return json.dumps({"reason": "It is in there.", "answer": answer})


def message(row: dict[str, Any], answer: str) -> dict[str, Any]:
    return {"role": "assistant", "content": answer}


IDS = [row["id"] for row in ROWS]
SOURCES: dict[str, Source] = {
    "names in capitals": records(ID=id_of, Prediction=said),
    "a prediction beside the right answer": records(id=id_of, answer=gold, model_prediction=said),
    "a submission": records(question_id=id_of, answer=said),
    "LLaMA-Factory": records(id=id_of, prompt=question_of, predict=said, label=gold),
    "LLaVA": records(question_id=id_of, prompt="What?", text=said, answer_id="x", model_id="m"),
    "a conversation": records(
        id=id_of, messages=lambda row, answer: [{"role": "user", "content": "?"}, message(row, answer)]
    ),
    "a batch": records(
        custom_id=id_of,
        response=lambda row, answer: {"body": {"choices": [{"message": message(row, answer)}]}},
    ),
    "completions": records(id=id_of, choices=lambda row, answer: [{"message": message(row, answer)}]),
    "an object": records(id=id_of, prediction=lambda row, answer: {"answer": answer}),
    "JSON": records(id=id_of, response=in_json),
    "JSON in a fence": records(id=id_of, response=lambda row, a: f"```json\n{in_json(row, a)}\n```"),
    "reasons after it": records(id=id_of, response=lambda row, a: f"{a}\n\nSince (A) and (B) are there."),
    "reasons before it": records(id=id_of, response=lambda row, a: f"Both A and B are there.\n**{a}.**"),
    "thoughts": records(id=id_of, response=lambda row, a: f"<think>(A)? (B)?</think>\n{text_of(row, a)}"),
    "a table by its index": pd.DataFrame({"prediction": ANSWERS}, index=pd.Index(IDS, name="id")),
    "a table by an index without a name": pd.DataFrame({"prediction": ANSWERS}, index=pd.Index(IDS)),
    "a series": pd.Series(ANSWERS, index=IDS),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_what_was_answered_is_found(source: Source, tmp_path: Path) -> None:
    results = read_results("toy", source, key_of(tmp_path))
    assert results.prediction == ANSWERS
    assert results.score.tolist() == RIGHT


def test_right_and_wrong_by_id_are_scores(tmp_path: Path) -> None:
    right = {row["id"]: row["answer"] == answer for row, answer in PAIRS}
    assert read_results("toy", right, key_of(tmp_path)).score.tolist() == RIGHT


def test_an_unscored_log_of_inspect_ai_is_scored_and_a_sample_that_failed_has_no_answer(
    tmp_path: Path,
) -> None:
    samples = records(
        id=id_of,
        epoch=1,
        input=question_of,
        target=gold,
        output=lambda row, a: {"completion": f"ANSWER: {a}"},
    )
    samples[3] |= {"error": {"message": "no"}, "output": {"completion": ""}}
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"version": 2, "status": "error", "eval": {}, "samples": samples}))
    results = read_results("toy", path, key_of(tmp_path))
    assert results.form == "log of inspect_ai"
    assert results.answered == 39
    assert results.prediction == [None if place == 3 else answer for place, answer in enumerate(ANSWERS)]


REFUSED: dict[str, tuple[Any, str]] = {
    "right answers alone": (records(id=id_of, question="What?", answer=gold), "has neither a prediction"),
    "right answers with a type": (records(id=id_of, answer=gold, kind="bowl"), "has neither a prediction"),
    "places": (
        records(id=id_of, prediction=lambda row, answer: LETTERS.index(answer)),
        "none of its 40 answers names an option or a number (the first is ",
    ),
    "lists": ([["q00", "A"]], "toy record 1: is no dict but of type list; give each an id"),
    "texts": (["A", "B"], "toy record 1: is no dict but of type str; give each an id"),
}


@pytest.mark.parametrize(("source", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_says_no_answer_is_refused(source: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_results("toy", source, key_of(tmp_path))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
