"""Logs of harnesses that are told by what they hold, whatever they are called."""

import json
from pathlib import Path
from typing import Any

import pytest
from harness_forms import HARNESS_FORMS, prompt_of, write_json
from result_forms import ANSWERS, LETTERS, PAIRS, RIGHT, ROWS, key_of, write_lines

from tst_harness.errors import DataError
from tst_harness.results.prompts import Prompts, order_of_options, words_of
from tst_harness.results.reading import Results, read_results

IN_PROMPT = "the question in the prompt"
BY_TEXT = "text and options"
RECOGNISED = {
    "lm_eval_arguments": ("sample log of lm-evaluation-harness", IN_PROMPT),
    "lm_eval_continuations": ("sample log of lm-evaluation-harness", IN_PROMPT),
    "opencompass": ("predictions of OpenCompass", IN_PROMPT),
    "opencompass_perplexity": ("predictions of OpenCompass", IN_PROMPT),
    "opencompass_details": ("details of OpenCompass", IN_PROMPT),
    "lighteval_likelihoods": ("details of lighteval", IN_PROMPT),
    "lighteval_generated": ("details of lighteval", BY_TEXT),
    "lighteval_nested": ("details of lighteval", IN_PROMPT),
    "helm": ("scenario state of HELM", BY_TEXT),
    "evalscope_reviews": ("reviews of evalscope", IN_PROMPT),
    "evalscope_predictions": ("predictions of evalscope", IN_PROMPT),
    "evalscope_choices": ("reviews of evalscope", "the id in 'doc.id'"),
    "vlmevalkit_circular": ("result table of VLMEvalKit (Excel)", BY_TEXT),
    "lmms_eval_document": ("sample log of lmms-eval", BY_TEXT),
}


def read(path: Path, folder: Path) -> Results:
    return read_results("toy", path, key_of(folder))


def refused(path: Path, folder: Path) -> str:
    """The sentence that reading ends with."""
    with pytest.raises(DataError) as caught:
        read(path, folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("form", HARNESS_FORMS)
def test_every_harness_says_the_same(form: str, tmp_path: Path) -> None:
    results = read(HARNESS_FORMS[form](tmp_path), tmp_path)
    assert (results.form, results.matched_by) == RECOGNISED[form]
    assert results.answered == 40
    assert results.prediction == ANSWERS
    assert results.score.tolist() == RIGHT
    assert list(results.differing) == []


@pytest.mark.parametrize("form", HARNESS_FORMS)
def test_the_name_of_a_file_says_nothing(form: str, tmp_path: Path) -> None:
    path = HARNESS_FORMS[form](tmp_path)
    other = path.rename(path.with_stem("1"))
    if other.suffix == ".jsonl":
        other = other.rename(other.with_suffix(".json"))
    assert read(other, tmp_path).score.tolist() == RIGHT


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    assert read(HARNESS_FORMS["helm"](tmp_path), tmp_path).notes == (
        "1 requests are perturbed or calibrations, and left out",
    )
    assert read(HARNESS_FORMS["vlmevalkit_circular"](tmp_path), tmp_path).notes == (
        "120 records ask again with the options in another order, and are left out",
    )


def test_letters_of_another_order_in_the_prompt_are_refused(tmp_path: Path) -> None:
    rows = {
        str(number): {
            "origin_prompt": prompt_of({**row, "options": row["options"][::-1]}),
            "prediction": LETTERS[3 - LETTERS.index(answer)],
            "gold": LETTERS[3 - LETTERS.index(row["answer"])],
        }
        for number, (row, answer) in enumerate(PAIRS)
    }
    sentence = refused(write_json(tmp_path / "turned.json", rows), tmp_path)
    assert "are in another order there than in bowls, as in 40 of 40 records" in sentence


def test_ids_that_are_numbers_are_not_trusted_against_the_prompt(tmp_path: Path) -> None:
    numbered = [{**row, "id": str(number)} for number, row in enumerate(ROWS)]
    rows = {
        str(number): {"origin_prompt": prompt_of(row), "prediction": answer}
        for number, (row, answer) in enumerate(reversed(PAIRS))
    }
    path = write_json(tmp_path / "reversed.json", rows)
    results = read_results("toy", path, key_of(tmp_path, numbered))
    assert results.matched_by == "the question in the prompt"
    right = {row["question"]: float(row["answer"] == answer) for row, answer in PAIRS}
    assert results.score.tolist() == [right[text or ""] for text in key_of(tmp_path, numbered).text]


def test_row_numbers_of_another_order_are_not_trusted_against_the_prompt(tmp_path: Path) -> None:
    alike = [{**row, "question": "What is there?"} for row in ROWS[:9]] + ROWS[9:]
    for row in alike[:9]:
        row["options"] = ROWS[0]["options"]
    key = key_of(tmp_path, alike)

    def rows(order: range) -> list[dict[str, Any]]:
        return [
            {
                "idx": number,
                "origin_prompt": prompt_of(alike[place], examples=0),
                "prediction": ANSWERS[place],
            }
            for number, place in enumerate(order)
        ]

    assert read_results("toy", rows(range(40)), key).matched_by == "the row number in 'idx'"
    with pytest.raises(DataError, match="has 31 of the 40 questions"):
        read_results("toy", rows(range(39, -1, -1)), key)


def test_samples_that_are_asked_again_are_averaged(tmp_path: Path) -> None:
    lines = HARNESS_FORMS["evalscope_reviews"](tmp_path).read_text().splitlines()
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        for turn in range(2):
            row = json.loads(line)
            row["index"] = row["sample_score"]["sample_id"] = 2 * number + turn
            row["sample_score"]["group_id"] = number
            if turn:
                row["sample_score"]["score"] |= {"extracted_prediction": "", "prediction": "I do not know"}
            rows.append(row)
    results = read(write_lines(tmp_path / "again.jsonl", rows), tmp_path)
    assert results.score.tolist() == [right / 2 for right in RIGHT]
    assert results.unread == 40


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            [{"instance_id": "id1", "predicted_text": " B", "stats": {}}],
            "does not say what was asked; give HELM's scenario_state.json of the run",
        ),
        (
            [{"instance_id": "id1", "train_trial_index": 0, "stats": []}],
            "has no answers; give HELM's scenario_state.json of the run",
        ),
        (
            {"config_general": {}, "results": {"all": {"em": 0.5}}, "versions": {}},
            "has lighteval's scores of tasks and no answers; run it with --save-details and give the "
            "details, a .parquet file",
        ),
        (
            {"results": {"bowls": {"acc": 0.5}}, "configs": {"bowls": {}}, "n-shot": {}},
            "has the scores of tasks and no answers; run lm-eval or lmms-eval with --log_samples and give "
            "the samples_*.jsonl",
        ),
        ({"request_states": []}, "is empty, it has no answers"),
        (
            {"version": 2, "status": "success", "eval": {"task": "bowls"}, "samples": []},
            "is a log of inspect_ai without samples; give the whole log",
        ),
        (
            {"accuracy": 55.0},
            "has OpenCompass's accuracy and no answers; give the file of the same name in the folder "
            "predictions",
        ),
        (
            {"request_states": [{"instance": {"id": "1"}, "request": {}, "reference_index": 1}]},
            "asks for the likelihood of each option by itself, which is not read; run HELM with "
            "multiple_choice_joint, or give a file with the columns id and prediction",
        ),
    ],
)
def test_files_without_answers_get_a_sentence_that_says_what_to_give(
    content: Any, sentence: str, tmp_path: Path
) -> None:
    said = refused(write_json(tmp_path / "r.json", content), tmp_path)
    assert said.startswith("r.json")
    assert said.endswith(sentence)


def test_a_table_of_accuracies_has_no_answers(tmp_path: Path) -> None:
    (tmp_path / "acc.csv").write_text("split,Overall\nnone,0.5\n")
    assert refused(tmp_path / "acc.csv", tmp_path).endswith(
        "(its fields are 'split', 'Overall'); give a file with the columns id and prediction"
    )


def test_the_last_question_of_a_prompt_is_asked(tmp_path: Path) -> None:
    prompts = Prompts(key_of(tmp_path))
    assert prompts.row("What is in bowl 7?\nA\nWHAT IS in\n bowl  31 ?\nAnswer:") == 31
    assert prompts.row("<image>What is in bowl 3?") == 3
    assert prompts.row("What is in bowl 99?") is None
    assert prompts.row("") is None


def test_questions_that_are_alike_are_told_apart_by_their_options(tmp_path: Path) -> None:
    rows = [{**row, "question": "What is there?"} for row in ROWS[:2]]
    rows[1]["options"] = rows[0]["options"][::-1]
    key = key_of(tmp_path, rows)
    prompts = Prompts(key)
    for row, number in ((rows[0], 0), (rows[1], 1)):
        assert key.id[number] == row["id"]
        assert prompts.row(prompt_of(row, examples=0)) == number
    assert prompts.row("What is there?") is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("A. red B. dark red", ("red", "dark red")),
        ("(A) dark red\n(B) red", ("dark red", "red")),
        ("red, dark red", None),
        ("A. red B. blue", None),
    ],
)
def test_the_order_of_lettered_options(text: str, order: tuple[str, ...] | None) -> None:
    assert order_of_options(words_of(text), ("red", "dark red")) == order


def test_characters_without_blanks_are_words_of_their_own() -> None:
    assert words_of("红色 red？蓝") == ("红", "色", "red", "蓝")
