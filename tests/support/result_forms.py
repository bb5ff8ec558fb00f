"""One made-up model's answers to made-up questions, in every form in which harnesses log them."""

import csv
import json
import random
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.dataset.loading import Dataset, load
from tst_harness.results.key import AnswerKey

Row = dict[str, Any]
LETTERS = "ABCD"
_FRUIT = ("apple", "pear", "plum", "fig", "lemon", "cherry")
_rng = random.Random(5)
ROWS: list[Row] = [
    {
        "id": f"q{number:02d}",
        "question": f"What is in bowl {number}?",
        "options": _rng.sample(_FRUIT, 4),
        "answer": _rng.choice(LETTERS),
        "kind": "bowl",
    }
    for number in range(40)
]
ANSWERS = [row["answer"] if _rng.random() < 0.6 else _rng.choice(LETTERS) for row in ROWS]
RIGHT = [float(row["answer"] == answer) for row, answer in zip(ROWS, ANSWERS, strict=True)]
PAIRS = list(zip(ROWS, ANSWERS, strict=True))


def dataset_of(folder: Path, rows: Sequence[Row] = ROWS) -> Dataset:
    """The questions, loaded."""
    path = write_lines(folder / "bowls.source.jsonl", rows)
    columns = Columns(id="id", text="question", options="options", answer="answer", type="kind")
    return load(Benchmark("bowls", LocalFile(str(path)), columns, [Choice("bowl")]))


def key_of(folder: Path, rows: Sequence[Row] = ROWS) -> AnswerKey:
    """The answer key of the questions."""
    return AnswerKey.of_dataset(dataset_of(folder, rows))


def write_lines(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def text_of(row: Row, letter: str) -> str:
    """The text of an option."""
    return str(row["options"][LETTERS.index(letter)])


def lm_eval_generate(folder: Path) -> Path:
    rows = [
        {
            "doc_id": number,
            "doc": row,
            "target": row["answer"],
            "resps": [[f"It must be ({answer})."]],
            "filtered_resps": [answer],
            "filter": name,
            "metrics": ["exact_match"],
            "exact_match": float(row["answer"] == answer) if name == "strict" else 0.0,
        }
        for name in ("strict", "flexible")
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_lines(folder / "samples_bowls.jsonl", rows)


def lm_eval_likelihoods(folder: Path) -> Path:
    def pairs(answer: str) -> list[list[Any]]:
        return [[f"{-2.5 if letter == answer else -4.0}", "False"] for letter in LETTERS]

    rows = [
        {
            "doc_id": number,
            "doc": {**row, "choices": row["options"]},
            "target": LETTERS.index(row["answer"]),
            "resps": [[pair] for pair in pairs(answer)],
            "filtered_resps": pairs(answer),
            "filter": "none",
            "metrics": ["acc", "acc_norm"],
            "acc": float(row["answer"] == answer),
            "acc_norm": float(row["answer"] == answer),
        }
        for number, (row, answer) in enumerate(PAIRS)
    ]
    return write_lines(folder / "samples_choice.jsonl", rows)


def lmms_eval(folder: Path) -> Path:
    """As today: without the document, so that only the row's number says which question it is."""
    rows = [
        {
            "doc_id": number,
            "input": f"<image>{row['question']} " + " ".join(row["options"]),
            "target": row["answer"],
            "filtered_resps": [f"{answer}. "],
            "doc_hash": "d",
            "bowls_acc": {"category": "bowl", "answer": row["answer"], "parsed_pred": answer},
        }
        for number, (row, answer) in reversed(list(enumerate(PAIRS)))
    ]
    return write_lines(folder / "samples_lmms.jsonl", rows)


def _vlmevalkit() -> list[list[Any]]:
    return [
        ["index", "question", *LETTERS, "answer", "prediction", "hit"],
        *(
            [
                number,
                row["question"],
                *row["options"],
                row["answer"],
                f"{answer}. {text_of(row, answer)}" if number % 2 else answer,
                int(row["answer"] == answer),
            ]
            for number, (row, answer) in enumerate(PAIRS)
        ),
    ]


def vlmevalkit_xlsx(folder: Path) -> Path:
    book = openpyxl.Workbook()
    for row in _vlmevalkit():
        book.active.append(row)
    book.save(folder / "model_bowls.xlsx")
    return folder / "model_bowls.xlsx"


def vlmevalkit_tsv(folder: Path) -> Path:
    with (folder / "model_bowls.tsv").open("w", newline="") as stream:
        csv.writer(stream, delimiter="\t").writerows(_vlmevalkit())
    return folder / "model_bowls.tsv"


def _inspect_samples() -> list[Row]:
    return [
        {
            "id": row["id"],
            "epoch": epoch,
            "input": [{"role": "user", "content": [{"type": "text", "text": row["question"]}]}],
            "choices": row["options"],
            "target": row["answer"],
            "output": {"completion": f"ANSWER: {answer}"},
            "scores": {"choice": {"value": "C" if row["answer"] == answer else "I", "answer": answer}},
        }
        for epoch in (1, 2)
        for row, answer in PAIRS
    ]


def inspect_json(folder: Path) -> Path:
    log = {"version": 2, "status": "success", "eval": {"task": "bowls"}, "samples": _inspect_samples()}
    (folder / "log.json").write_text(json.dumps(log))
    return folder / "log.json"


def inspect_archive(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "log.eval", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": {"task": "bowls"}}))
        for sample in _inspect_samples():
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps({"version": 2, "status": "success"}))
    return folder / "log.eval"


def records_by_id(folder: Path) -> Path:
    records = {
        row["id"]: {
            "answer": text_of(row, row["answer"]),
            "response": f"I see a {text_of(row, answer)} there.",
            "true_false": row["answer"] == answer,
        }
        for row, answer in PAIRS
    }
    (folder / "by_id.json").write_text(json.dumps(records))
    return folder / "by_id.json"


def answers_by_id(folder: Path) -> Path:
    (folder / "plain.json").write_text(json.dumps({row["id"]: answer for row, answer in PAIRS}))
    return folder / "plain.json"


def list_of_submissions(folder: Path) -> Path:
    (folder / "list.json").write_text(json.dumps([{"id": r["id"], "answer": answer} for r, answer in PAIRS]))
    return folder / "list.json"


def scores_csv(folder: Path) -> Path:
    lines = [f"{row['id']},{right}\n" for row, right in zip(ROWS, RIGHT, strict=True)]
    (folder / "scores.csv").write_text("id,score\n" + "".join(lines))
    return folder / "scores.csv"


FORMS: dict[str, Callable[[Path], Path]] = {
    form.__name__: form
    for form in (
        lm_eval_generate,
        lm_eval_likelihoods,
        lmms_eval,
        vlmevalkit_xlsx,
        vlmevalkit_tsv,
        inspect_json,
        inspect_archive,
        records_by_id,
        answers_by_id,
        list_of_submissions,
        scores_csv,
    )
}
