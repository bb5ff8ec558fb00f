import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from control_builders import Row, load_rows, refused, rows_of, write_jsonl
from harness_forms import HARNESS_FORMS
from result_forms import FORMS, RIGHT, dataset_of
from result_forms import ROWS as BOWLS

import tst_harness
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile
from tst_harness.dataset.loading import Dataset, load
from tst_harness.pruning.vision import Results, vision_report
from tst_harness.results.key import AnswerKey
from tst_harness.results.reading import read_results

ROWS = rows_of(picks=3, counts=3)
SCORES = {"p0": 1.0, "p1": 0.0, "p2": 1.0, "c0": 0.3, "c1": 0.0, "c2": 0.9}
"""What each of the questions scores."""


def sample(number: int, row: Row, metrics: dict[str, Any], **changes: Any) -> Row:
    """A line of a sample log of lmms-eval."""
    logged = {"doc_id": number, "input": "<image>", "target": str(row["answer"]), "filtered_resps": ["A"]}
    return logged | {"doc_hash": "d1", "prompt_hash": "p1", "submission": {"answer": 1}} | metrics | changes


def metric_with_all(row: Row) -> dict[str, Any]:
    name = "accuracy" if row["kind"] == "pick" else "MRA:.5:.95:.05"
    return {"toy_score": {**row, "prediction": "A", name: SCORES[row["id"]]}}


def metrics_by_category(row: Row) -> dict[str, Any]:
    one = {"question_id": row["id"], "score": SCORES[row["id"]]}
    return {row["kind"]: one, "average": one}


def read(path: Path, text: str, dataset: Dataset) -> dict[str, float]:
    """The file's own score of each question."""
    path.write_text(text, encoding="utf-8")
    found = read_results(path.stem, path, AnswerKey.of_dataset(dataset))
    return dict(zip(dataset.frame["id"], found.own_score.tolist(), strict=True))


def lines(records: list[Row]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def logged(metrics: Any, **changes: Any) -> str:
    return lines([sample(number, row, metrics(row), **changes) for number, row in enumerate(ROWS)])


@pytest.mark.parametrize("form", [*FORMS, *HARNESS_FORMS])
def test_pruning_and_models_read_the_same(form: str, tmp_path: Path) -> None:
    dataset, path = dataset_of(tmp_path), {**FORMS, **HARNESS_FORMS}[form](tmp_path)
    models = read_results(path.stem, path, AnswerKey.of_dataset(dataset))
    pruned = Results.read(path, None, dataset)
    assert pruned.values[:, 0].tolist() == models.score.tolist() == RIGHT
    assert pruned.recognised == models.lines()


def test_a_prediction_is_scored_by_the_metric_of_the_benchmark_also_by_a_pruning(tmp_path: Path) -> None:
    dataset, path = load_rows(tmp_path, ROWS), tmp_path / "r.jsonl"
    path.write_text(lines([{"id": row["id"], "prediction": row["answer"], "score": 0} for row in ROWS]))
    results = Results.read(path, path, dataset)
    assert results.values.tolist() == [[1.0, 1.0, 0.0]] * 6
    assert (
        results.recognised.count(
            "- its own score is 0.0% and that by the benchmark's metric 100.0%: they differ on 6 questions"
        )
        == 2
    )


def test_a_pruning_gives_the_score_and_the_interval_of_models(tmp_path: Path) -> None:
    """Copies count as one in both."""
    rows = [{**row, "id": f"{row['id']}{again}"} for row in BOWLS for again in "ab"]
    path = write_jsonl(tmp_path / "twice.jsonl", rows)
    answers = write_jsonl(
        tmp_path / "r.jsonl",
        [
            {"id": row["id"], "prediction": row["answer"] if number % 3 else "A"}
            for number, row in enumerate(rows)
        ],
    )
    columns = Columns(id="id", text="question", options="options", answer="answer", type="kind")
    benchmark = Benchmark("twice", LocalFile(str(path)), columns, [Choice("bowl")])
    report = tst_harness.audit(benchmark, progress=False)
    assert report.content.independent is not None
    assert report.content.independent.units == len(BOWLS)
    model = report.models({"toy": answers}).content.models["toy"]
    dataset = load(benchmark)
    pruned = vision_report(dataset, np.arange(4), Results.read(answers, None, dataset), seed=42, seeds=2)
    assert pruned.vision.before == model.score
    assert pruned.vision.before_interval == model.interval


def test_a_pruning_is_told_of_per_cent_and_of_missing_questions(tmp_path: Path) -> None:
    dataset, path = load_rows(tmp_path, ROWS), tmp_path / "r.csv"
    path.write_text("id,score\n" + "".join(f"{id_},{100 * score}\n" for id_, score in SCORES.items()))
    assert refused(Results.read, path, None, dataset).endswith(
        "where scores are per cent, say so with --percent"
    )
    seen = Results.read(path, None, dataset, percent=True)
    assert dict(zip(dataset.frame["id"], seen.values[:, 0].tolist(), strict=True)) == SCORES
    path.write_text("id,score\np0,1\nc1,0.5\n")
    assert "has 2 of the 6 questions of toy" in refused(Results.read, path, None, dataset)
    few = Results.read(path, None, dataset, allow_missing=True)
    assert "4 missing" in few.recognised[0]
    places = {id_: row for row, id_ in enumerate(dataset.frame["id"])}
    vision = vision_report(dataset, np.array([places["p0"]]), few, seed=1, seeds=2).vision
    assert (vision.before, vision.after) == (0.75, 0.5)
    removed = np.array([places["p0"], places["c1"]])
    call = partial(vision_report, seed=1)
    removed = np.array([places["p0"], places["c1"]])
    assert "has results of no question that is left" in refused(call, dataset, removed, few)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("r.csv", "id,score\n" + "".join(f"{id_},{score}\n" for id_, score in SCORES.items())),
        ("r.csv", "score,note,id\n" + "".join(f'{s},"a, b",{id_}\n' for id_, s in SCORES.items())),
        ("r.tsv", "id\tscore\n" + "".join(f"{id_}\t{score}\n" for id_, score in SCORES.items())),
        ("r.jsonl", lines([{"id": id_, "score": s, "more": 7} for id_, s in reversed(SCORES.items())])),
        ("r.jsonl", logged(metric_with_all)),
        ("r.jsonl", logged(metrics_by_category)),
        ("r.jsonl", logged(lambda row: {"acc": SCORES[row["id"]]})),
        ("r.jsonl", logged(lambda row: {"acc": SCORES[row["id"]]}, target="")),
        ("r.jsonl", logged(lambda row: {"acc": SCORES[row["id"]], "doc": row}, doc_id=0)),
    ],
)
def test_every_form_is_read(tmp_path: Path, file: str, text: str) -> None:
    assert read(tmp_path / file, text, load_rows(tmp_path, ROWS)) == SCORES


def test_a_metric_may_say_right_or_wrong(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path, ROWS)
    right = {id_: score == 1.0 for id_, score in SCORES.items()}
    flagged = logged(lambda row: {"toy_acc": {"id": row["id"], "is_correct": right[row["id"]]}})
    assert read(tmp_path / "r.jsonl", flagged, dataset) == right
    parsed = logged(
        lambda row: {"acc": {"id": row["id"], "answer": "A", "parsed_pred": "AB"[not right[row["id"]]]}}
    )
    assert read(tmp_path / "r.jsonl", parsed, dataset) == right


def test_rows_that_are_not_scored_may_have_results(tmp_path: Path) -> None:
    rows = [
        {"id": "o1", "kind": "open", "question": "Why?", "options": None, "answer": "", "room": "x"},
        *ROWS,
    ]
    dataset = load_rows(tmp_path, rows)
    text = "id,score\no1,0.5\n" + "".join(f"{id_},{score}\n" for id_, score in SCORES.items())
    assert read(tmp_path / "r.csv", text, dataset) == SCORES
    log = lines([sample(n, row, {"acc": SCORES.get(row["id"], 0.5)}) for n, row in enumerate(rows)])
    assert read(tmp_path / "r.jsonl", log, dataset) == SCORES


def changed(**scores: Any) -> str:
    return lines([{"id": id_, "score": score} for id_, score in (SCORES | scores).items()])


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("r.jsonl", changed(p1=1.5), "r.jsonl line 2: the score 1.5 is not between 0 and 1"),
        ("r.jsonl", changed(p1=float("nan")), "r.jsonl line 2: the score nan is not between 0 and 1"),
        (
            "r.jsonl",
            changed(p1=None),
            "r.jsonl: has 5 of the 6 questions of toy, 'p1' is missing",
        ),
        ("r.jsonl", changed() + changed(p0=0), "r.jsonl: 'p0' has 2 answers that differ ('1', '0'; line 1, "),
        (
            "r.jsonl",
            '{"id": "p0", "score": 1}\n',
            "r.jsonl: has 1 of the 6 questions of toy, 'c0' is missing",
        ),
        (
            "r.jsonl",
            logged(lambda row: {"acc": 1, "f1": 0}, filtered_resps=[]),
            "r.jsonl line 1: has metrics that differ (acc 1, f1 0)",
        ),
        (
            "r.jsonl",
            '{"score": 1}\n',
            "r.jsonl: its 1 records have no id and no text of a question of toy; add a column id",
        ),
        ("r.jsonl", "[1]\n", "r.jsonl: is not a list of JSON objects"),
        ("r.jsonl", '{"id": \n', "r.jsonl line 1: is not valid JSON"),
        ("r.csv", "id,f1\np0,1\n", "r.csv row 1: has neither a prediction, nor a response"),
        ("r.csv", "p0,1\n", "r.csv: is empty"),
        (
            "r.csv",
            "id,score\np0,good\n",
            "r.csv row 1: has neither a prediction, nor a response, nor a score",
        ),
        (
            "r.jsonl",
            logged(lambda row: {"acc": 1}, doc_id=2, target="A"),
            "r.jsonl line 1: its right answer to 'p2' is 'A' and that of toy is 'C', as in",
        ),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, file: str, text: str, said: str) -> None:
    assert refused(read, tmp_path / file, text, load_rows(tmp_path, ROWS)).startswith(said)


def test_results_are_in_the_order_of_the_benchmark(tmp_path: Path) -> None:
    dataset = load_rows(tmp_path, list(reversed(rows_of())))
    path = write_jsonl(tmp_path / "r.jsonl", [{"id": f"p{n}", "score": n / 12} for n in range(12)])
    path.write_text(path.read_text() + lines([{"id": f"c{n}", "score": 0} for n in range(8)]))
    found = Results.read(path, None, dataset).values[:, 0]
    picks = dataset.frame["id"].str.startswith("p").to_numpy()
    assert np.array_equal(found[picks] * 12, [int(id_[1:]) for id_ in dataset.frame["id"][picks]])
