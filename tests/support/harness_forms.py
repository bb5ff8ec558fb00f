"""The made-up answers of `result_forms` as more harnesses log them: questions in prompts, nested fields."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
from pyarrow import parquet
from result_forms import LETTERS, PAIRS, Row, text_of, write_lines


def prompt_of(row: Row, *, letters: bool = True, examples: int = 2) -> str:
    """A prompt with examples before the question; the options by letter, or none of them."""
    parts = []
    for shown in [*(other for other, _ in PAIRS[:examples] if other is not row), row]:
        options = "".join(f"\n{letter}. {text_of(shown, letter)}" for letter in LETTERS) if letters else ""
        parts.append(f"Question:{shown['question']}{options}\nAnswer:")
    return "Answer by a letter.\n\n" + " B\n\n".join(parts)


def write_json(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def lm_eval_arguments(folder: Path) -> Path:
    """No id and no question in `doc`: only the prompt says what is asked."""
    rows = [
        {
            "doc_id": 100 + number,
            "doc": {"scene": "s"},
            "target": row["answer"],
            "arguments": {"gen_args_0": {"arg_0": prompt_of(row), "arg_1": {"until": ["\n"]}}},
            "resps": [[f" {answer}"]],
            "filtered_resps": [answer],
            "filter": "none",
            "metrics": ["exact_match"],
            "exact_match": float(row["answer"] == answer),
        }
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_lines(folder / "samples_arguments.jsonl", rows)


def lm_eval_continuations(folder: Path) -> Path:
    """The options are nowhere but in what their likelihoods were asked for."""
    rows = [
        {
            "doc_id": 0,
            "doc": {},
            "target": LETTERS.index(row["answer"]),
            "arguments": [[prompt_of(row, letters=False), f" {option}"] for option in row["options"]],
            "filtered_resps": [[-1.0 if letter == answer else -3.0, False] for letter in LETTERS],
            "filter": "none",
            "metrics": ["acc"],
            "acc": float(row["answer"] == answer),
        }
        for row, answer in PAIRS
    ]
    return write_lines(folder / "samples_continuations.jsonl", rows)


def opencompass(folder: Path) -> Path:
    rows = {
        str(number): {
            "origin_prompt": [{"role": "HUMAN", "prompt": prompt_of(row)}],
            "prediction": f"The answer is ({answer}).",
            "gold": row["answer"],
        }
        for number, (row, answer) in enumerate(PAIRS)
    }
    return write_json(folder / "predictions.json", rows)


def opencompass_perplexity(folder: Path) -> Path:
    rows = {
        str(number): {
            "in-context examples": "",
            "origin_prompt": prompt_of(row),
            **{f"label: {letter}": {"testing input": "", "prompt": "", "PPL": 1.5} for letter in LETTERS},
            "prediction": answer,
            "gold": row["answer"],
        }
        for number, (row, answer) in enumerate(PAIRS)
    }
    return write_json(folder / "bowls_ppl.json", rows)


def opencompass_details(folder: Path) -> Path:
    details = {
        str(number): {
            "prompt": prompt_of(row),
            "origin_prediction": f"I think {answer}.",
            "predictions": answer,
            "references": row["answer"],
            "correct": row["answer"] == answer,
        }
        for number, (row, answer) in enumerate(PAIRS)
    }
    return write_json(folder / "predictions.json", {"accuracy": 60.0, "details": {"type": "GEN", **details}})


def _table(folder: Path, rows: list[Row]) -> Path:
    path = folder / "details_bowls.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


def lighteval_likelihoods(folder: Path) -> Path:
    rows = [
        {
            "example": prompt_of(row, examples=0),
            "full_prompt": prompt_of(row),
            "predictions": [-1.25 if letter == answer else -2.5 for letter in LETTERS],
            "choices": [f" {letter}" for letter in LETTERS],
            "gold": [],
            "gold_index": [LETTERS.index(row["answer"])],
            "metrics": {"acc": int(row["answer"] == answer)},
        }
        for row, answer in PAIRS
    ]
    return _table(folder, rows)


def lighteval_generated(folder: Path) -> Path:
    """Lists as text, as lighteval writes them where their kinds differ."""
    rows = [
        {
            "example": row["question"],
            "full_prompt": prompt_of(row),
            "predictions": repr([f"Answer: {answer}"]),
            "choices": "[]",
            "gold": repr([row["answer"]]),
            "gold_index": "[]",
            "metrics": json.dumps({"extractive_match": float(row["answer"] == answer)}),
        }
        for row, answer in PAIRS
    ]
    return _table(folder, rows)


def lighteval_nested(folder: Path) -> Path:
    rows = [
        {
            "doc": {
                "query": prompt_of(row, examples=0),
                "choices": list(LETTERS),
                "gold_index": LETTERS.index(row["answer"]),
                "id": str(number),
            },
            "model_response": {"input": prompt_of(row), "text": [f"({answer})"], "logprobs": []},
            "metric": {"em": float(row["answer"] == answer)},
        }
        for number, (row, answer) in enumerate(reversed(PAIRS))
    ]
    return _table(folder, rows)


def helm(folder: Path) -> Path:
    def state(number: int, row: Row, answer: str, *, perturbed: bool = False) -> Row:
        # The options are put to the model in an order of its own.
        order = LETTERS[::-1]
        return {
            "instance": {
                "id": f"id{number}",
                "input": {"text": row["question"]},
                "references": [
                    {
                        "output": {"text": text_of(row, letter)},
                        "tags": ["correct"] if letter == row["answer"] else [],
                    }
                    for letter in order
                ],
                **({"perturbation": {"name": "misspelling"}} if perturbed else {}),
            },
            "train_trial_index": 0,
            "output_mapping": {LETTERS[place]: text_of(row, letter) for place, letter in enumerate(order)},
            "request": {"prompt": "...", "model": "toy"},
            "result": {
                "success": True,
                "completions": [{"text": f" {LETTERS[order.index(answer)]}", "logprob": -1.0}],
            },
        }

    states = [state(number, *pair) for number, pair in enumerate(PAIRS)]
    states.insert(1, state(0, PAIRS[0][0], "A", perturbed=True))
    return write_json(folder / "scenario_state.json", {"adapter_spec": {}, "request_states": states})


def evalscope_reviews(folder: Path) -> Path:
    rows = [
        {
            "index": number,
            "input": f"**User**: \n{prompt_of(row)}",
            "target": row["answer"],
            "sample_score": {
                "score": {
                    "value": {"acc": float(row["answer"] == answer)},
                    "extracted_prediction": answer,
                    "prediction": f"ANSWER: {answer}",
                    "main_score_name": "acc",
                },
                "sample_id": number,
                "group_id": number,
                "sample_metadata": {},
            },
        }
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_lines(folder / "bowls_default.jsonl", rows)


def evalscope_predictions(folder: Path) -> Path:
    rows = [
        {
            "index": number,
            "model": "toy",
            "model_output": {
                "choices": [
                    {"message": {"role": "assistant", "content": f"ANSWER: {answer}"}, "stop_reason": "stop"}
                ]
            },
            "messages": [
                {"role": "system", "content": "You look at bowls."},
                {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt_of(row)}]},
                {"role": "assistant", "content": f"ANSWER: {answer}"},
            ],
        }
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_lines(folder / "bowls_default.jsonl", rows)


def evalscope_choices(folder: Path) -> Path:
    rows = [
        {
            "index": number,
            "raw_input": row,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": f"({answer})"},
                    "review": {
                        "gold": row["answer"],
                        "pred": answer,
                        "result": float(row["answer"] == answer),
                    },
                }
            ],
        }
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_lines(folder / "bowls_review.jsonl", rows)


def vlmevalkit_circular(folder: Path) -> Path:
    """Each question again with its options rotated, as in tables that are judged all together."""
    book = openpyxl.Workbook()
    book.active.append(["index", "question", *LETTERS, "answer", "prediction", "hit", "log", "category"])
    for turn in range(len(LETTERS)):
        for number, (row, answer) in enumerate(PAIRS):
            options = row["options"][turn:] + row["options"][:turn]
            right, chosen = (
                LETTERS[options.index(text_of(row, letter))] for letter in (row["answer"], answer)
            )
            index = 1_000_000 * turn + number
            hit, log = int(right == chosen), "matched exactly"
            book.active.append([index, row["question"], *options, right, chosen, hit, log, "bowl"])
    book.save(folder / "model_bowls_openai_result.xlsx")
    return folder / "model_bowls_openai_result.xlsx"


def lmms_eval_document(folder: Path) -> Path:
    """One document with settings beside the log."""
    logs = [
        {
            "doc_id": number,
            "doc": {"question": row["question"], "options": row["options"]},
            "target": row["answer"],
            "resps": [[answer.lower()]],
            "filtered_resps": [answer],
            "bowls_acc": float(row["answer"] == answer),
        }
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_json(
        folder / "predictions.json", {"args": {"model": "toy"}, "model_configs": {}, "logs": logs}
    )


HARNESS_FORMS: dict[str, Callable[[Path], Path]] = {
    form.__name__: form
    for form in (
        lm_eval_arguments,
        lm_eval_continuations,
        opencompass,
        opencompass_perplexity,
        opencompass_details,
        lighteval_likelihoods,
        lighteval_generated,
        lighteval_nested,
        helm,
        evalscope_reviews,
        evalscope_predictions,
        evalscope_choices,
        vlmevalkit_circular,
        lmms_eval_document,
    )
}
