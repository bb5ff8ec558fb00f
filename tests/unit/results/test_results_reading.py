import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from result_forms import ANSWERS, FORMS, LETTERS, PAIRS, RIGHT, ROWS, key_of, text_of, write_lines

from tst_harness.errors import DataError
from tst_harness.results.reading import Results, read_results

RECOGNISED = {
    "lm_eval_generate": "sample log of lm-evaluation-harness; 40 of 40 questions by the id in 'doc.id'",
    "lm_eval_likelihoods": "sample log of lm-evaluation-harness; 40 of 40 questions by the id in 'doc.id'",
    "lmms_eval": "sample log of lmms-eval; 40 of 40 questions by the question in the prompt",
    "vlmevalkit_xlsx": "result table of VLMEvalKit (Excel); 40 of 40 questions by text and options",
    "vlmevalkit_tsv": "result table of VLMEvalKit (TSV); 40 of 40 questions by text and options",
    "inspect_json": "log of inspect_ai; 40 of 40 questions by the id in 'id', 40 double",
    "inspect_archive": "log of inspect_ai; 40 of 40 questions by the id in 'id', 40 double",
    "records_by_id": "records by id; 40 of 40 questions by the id in '$key'",
    "answers_by_id": "records by id; 40 of 40 questions by the id in '$key'",
    "list_of_submissions": "JSON list; 40 of 40 questions by the id in 'id'",
    "scores_csv": "CSV; 40 of 40 questions by the id in 'id'",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    results = read_results("toy", FORMS[form](tmp_path), key_of(tmp_path))
    assert results.score.tolist() == RIGHT
    assert results.lines()[0].endswith(RECOGNISED[form])
    assert list(results.differing) == []
    if form != "scores_csv":
        assert results.prediction == ANSWERS


def test_records_may_be_in_memory(tmp_path: Path) -> None:
    key = key_of(tmp_path)
    rows = [{"id": row["id"], "prediction": answer} for row, answer in PAIRS]
    for source in (rows, pd.DataFrame(rows), {row["id"]: answer for row, answer in PAIRS}):
        assert read_results("toy", source, key).score.tolist() == RIGHT


@pytest.mark.parametrize("collected", [True, False])
def test_garbage_is_collected_as_before(
    collected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turned: list[str] = []
    monkeypatch.setattr("gc.isenabled", lambda: collected)
    monkeypatch.setattr("gc.disable", lambda: turned.append("off"))
    monkeypatch.setattr("gc.enable", lambda: turned.append("on"))
    assert refused(tmp_path / "no.jsonl", tmp_path)
    assert turned == (["off", "on"] if collected else ["off"])


def test_scores_in_per_cent_are_told_and_not_guessed(tmp_path: Path) -> None:
    rows = [{"id": row["id"], "score": 100 * right} for row, right in zip(ROWS, RIGHT, strict=True)]
    key = key_of(tmp_path)
    assert read_results("toy", rows, key, percent=True).score.tolist() == RIGHT
    assert refused(rows, tmp_path).endswith("where scores are per cent, say so with --percent")


def test_both_scores_are_given_where_they_differ(tmp_path: Path) -> None:
    rows = [{"id": row["id"], "prediction": answer, "score": 1} for row, answer in PAIRS]
    results = read_results("toy", rows, key_of(tmp_path))
    assert results.score.tolist() == RIGHT
    assert len(results.differing) == RIGHT.count(0.0)
    assert "its own score is 100.0% and that by the benchmark's metric" in results.lines()[1]


def test_texts_in_another_order_of_options_are_read(tmp_path: Path) -> None:
    rows = [
        {
            "question": row["question"],
            "options": row["options"][::-1],
            "answer": LETTERS[3 - LETTERS.index(row["answer"])],
            "prediction": text_of(row, answer),
        }
        for row, answer in PAIRS
    ]
    assert read_results("toy", rows, key_of(tmp_path)).score.tolist() == RIGHT


def test_epochs_that_differ_are_averaged(tmp_path: Path) -> None:
    rows = [
        {"id": row["id"], "epoch": epoch, "prediction": answer}
        for row in ROWS
        for epoch, answer in enumerate((row["answer"], "E"))
    ]
    results = read_results("toy", rows, key_of(tmp_path))
    assert set(results.score.tolist()) == {0.5}
    assert results.unread == 40


def test_few_missing_are_counted_and_many_stop(tmp_path: Path) -> None:
    rows = [{"id": row["id"], "prediction": answer} for row, answer in PAIRS]
    results = read_results("toy", [*rows[:38], {"id": "x", "prediction": "A"}], key_of(tmp_path))
    assert np.isnan(results.score).sum() == 2
    assert results.lines()[0].endswith("38 of 40 questions by the id in 'id', 2 missing, 1 of no question")
    assert "has 20 of the 40 questions of bowls, 'q01' is missing" in refused(rows[::2], tmp_path)
    half = read_results("toy", rows[::2], key_of(tmp_path), allow_missing=True)
    assert half.answered == 20


def test_records_without_an_answer_are_missing(tmp_path: Path) -> None:
    rows = [{"id": row["id"], "prediction": answer} for row, answer in PAIRS]
    key = key_of(tmp_path)
    silent: list[dict[str, Any]] = [{**row, "prediction": None} for row in rows[:3]]
    results = read_results("toy", pd.DataFrame([*silent, *rows[3:]]), key)
    assert np.isnan(results.score[:3]).all()
    assert results.score[3:].tolist() == RIGHT[3:]
    assert results.lines()[1] == "- 3 records have neither an answer nor a score, and are left out"
    assert "row 1: has neither a prediction" in refused(pd.DataFrame(silent), tmp_path)
    assert "has 20 of the 40 questions" in refused(
        [*({**r, "prediction": None} for r in rows[:20]), *rows[20:]], tmp_path
    )


def test_ids_that_are_row_numbers_of_another_order_are_not_trusted(tmp_path: Path) -> None:
    numbered = [{**row, "id": str(number)} for number, row in enumerate(ROWS)]
    rows = [
        {"index": 39 - number, "question": row["question"], "prediction": answer}
        for number, (row, answer) in enumerate(PAIRS)
    ]
    results = read_results("toy", rows, key_of(tmp_path, numbered))
    assert results.matched_by == "text and options"
    by_id = dict(zip([row["question"] for row in ROWS], RIGHT, strict=True))
    key = key_of(tmp_path, numbered)
    assert results.score.tolist() == [by_id[text or ""] for text in key.text]


def refused(source: Any, folder: Path) -> str:
    """The sentence that reading ends with."""
    with pytest.raises(DataError) as caught:
        read_results("toy", source, key_of(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.jsonl", "", "a.jsonl: is empty, it has no answers"),
        ("a.jsonl", "\n\n", "a.jsonl: is empty, it has no answers"),
        ("a.json", "[]", "a.json: is empty, it has no answers"),
        ("a.jsonl", '{"id": 1', "a.jsonl line 1: is not valid JSON"),
        ("a.jsonl", "[1]\n", "a.jsonl: is not a list of JSON objects"),
        (
            "a.json",
            '{"eval": {}, "plan": {}, "samples": []}',
            "a.json: is a log of inspect_ai without",
        ),
        ("a.csv", "id,text\nq00,x\n", "a.csv row 1: has neither a prediction, nor a response, nor a score"),
        ("a.pkl", "x", "a.pkl: is a pickle"),
        ("a.txt", "x", "a.txt: cannot read results from '.txt' files"),
        ("a.eval", "x", "a.eval: is no log of inspect_ai, or a truncated one"),
    ],
)
def test_files_that_cannot_be_read_get_a_sentence(
    name: str, text: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    assert refused(tmp_path / name, tmp_path).startswith(sentence)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.jsonl", tmp_path).endswith("is not a file; correct the path")


def test_results_of_another_test_set_are_refused(tmp_path: Path) -> None:
    rows = [{"id": f"x{number}", "prediction": "A"} for number in range(40)]
    sentence = refused(write_lines(tmp_path / "other.jsonl", rows), tmp_path)
    assert sentence.startswith(
        "other.jsonl: none of its 40 records is of a question of bowls: its ids are 'x0', "
    )


def test_answers_that_differ_are_refused(tmp_path: Path) -> None:
    rows = [{"id": row["id"], "prediction": answer} for row, answer in PAIRS]
    others = [{"id": "q03", "prediction": letter} for letter in LETTERS]
    sentence = refused(write_lines(tmp_path / "twice.jsonl", [*rows, *others]), tmp_path)
    assert sentence.startswith("twice.jsonl: 'q03' has 5 answers that differ (")
    assert "line 4, line 41" in sentence


def test_letters_of_another_order_of_options_are_refused(tmp_path: Path) -> None:
    def moved(row: dict[str, Any], answer: str) -> dict[str, Any]:
        options = row["options"][1:] + row["options"][:1]
        letter, right = (LETTERS[options.index(text_of(row, each))] for each in (answer, row["answer"]))
        return {"id": row["id"], "options": options, "prediction": letter, "answer": right}

    rows = [moved(*pair) for pair in PAIRS]
    assert "the options of 'q00' are in another order there than in bowls, as in 40 of 40" in refused(
        rows, tmp_path
    )
    for row in rows:
        del row["options"]
    assert "and that of bowls is" in refused(rows, tmp_path)
    spoken = [{"id": row["id"], "prediction": f"B. {row['options'][3]}"} for row in ROWS]
    assert "are in another order there" in refused(spoken, tmp_path)


def test_letters_without_options_that_luck_would_beat_are_told(tmp_path: Path) -> None:
    def lines(turn: int) -> list[str]:
        rows = [
            {"id": row["id"], "prediction": LETTERS[(LETTERS.index(row["answer"]) + turn) % 4]}
            for row in ROWS
        ]
        return read_results("toy", rows, key_of(tmp_path)).lines()

    assert len(lines(0)) == 1
    [note] = lines(1)[1:]
    assert note.startswith(
        "- right in 0.0% of 40 choices, where luck gives 25.0%: its letters may be of another"
    )


def test_a_report_without_texts_needs_scores(tmp_path: Path) -> None:
    key = key_of(tmp_path)
    hidden = type(key)(**{**key.__dict__, "right": [None] * 40, "text": [None] * 40, "options": [None] * 40})
    rows = [{"id": row["id"], "prediction": answer} for row, answer in PAIRS]
    with pytest.raises(DataError, match="since its texts are left out; give scores, or run the audit again"):
        read_results("toy", rows, hidden)
    scored: Results = read_results(
        "toy", [row | {"score": right} for row, right in zip(rows, RIGHT, strict=True)], hidden
    )
    assert scored.score.tolist() == RIGHT
    assert scored.notes == (
        "the report has no right answers, so the file's own scores are taken as they are",
    )


def test_a_document_may_have_its_records_under_a_name(tmp_path: Path) -> None:
    rows = [{"question_id": row["id"], "pred": answer} for row, answer in PAIRS]
    (tmp_path / "r.json").write_text(json.dumps({"model": "toy", "results": rows}))
    assert read_results("toy", tmp_path / "r.json", key_of(tmp_path)).score.tolist() == RIGHT
