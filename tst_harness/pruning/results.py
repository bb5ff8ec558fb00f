"""Reads a model's per-question results: `id,score` files, or the sample logs of lmms-eval.

A sample log (`--log_samples`) has a line for each question: `doc_id`, its row number from 0, `target`,
`filtered_resps`, and the metrics, each a number or an object with the score in it, and often with the id.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.analysis.scoring import LETTERS
from tst_harness.dataset.loading import Dataset
from tst_harness.errors import DataError
from tst_harness.pruning.lists import IdPlaces, as_id, json_lines, read_lines

_NO_METRICS = {
    "arguments",
    "doc",
    "doc_hash",
    "doc_id",
    "filter",
    "filtered_resps",
    "id",
    "idx",
    "input",
    "metrics",
    "prompt_hash",
    "question_id",
    "resps",
    "submission",
    "success",
    "target",
    "target_hash",
}
_IDS = ("id", "question_id", "idx")
_SCORES = ("score", "accuracy", "acc", "correct", "is_correct", "exact_match")
_ANSWERS = (("pred_answer", "answer"), ("parsed_pred", "answer"))
_BETTER = "give a file with the columns id and score"


def read_results(path: Path, dataset: Dataset) -> FloatArray:
    """Read the score of each question.

    Parameters
    ----------
    path
        CSV or TSV with the columns `id` and `score`; otherwise JSON Lines with these keys, or a sample log of
        lmms-eval.
    dataset
        The benchmark.

    Returns
    -------
    (n,) scores in [0, 1], in the order of the dataset.

    Raises
    ------
    DataError
        The file cannot be read; a line has no id or no score, or one outside [0, 1]; a question is unknown,
        there twice or missing.
    """
    named, scores = [], []
    for place, record in _records(path):
        named.append((place, _id_of(record, place, dataset)))
        scores.append(_score_of(record, place))
    known = set(dataset.frame["id"])
    lines = [(*at, score) for at, score in zip(named, scores, strict=True) if at[1] in known]
    source = dataset.source
    if len(named) - len(lines) > sum(source.not_scored.values()) + len(source.left_out) + source.kept_back:
        # More than the rows of the file that are no scored questions, so these are other data.
        lines = [(*at, score) for at, score in zip(named, scores, strict=True)]
    rows = IdPlaces(dataset.benchmark.name, dataset.frame["id"].tolist()).rows([line[:2] for line in lines])
    if len(rows) < len(known):
        missing = dataset.frame["id"].drop(dataset.frame.index[rows])
        raise DataError(
            f"{path.name}: has {len(rows):,} of the {len(known):,} questions of {dataset.benchmark.name}, "
            f"{missing.iloc[0]!r} is missing; run the model on all of them"
        )
    of_rows = np.empty(len(known))
    of_rows[rows] = [score for *_, score in lines]
    return of_rows


def _records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from _table(path)
        return
    for place, record in json_lines(path):
        if not isinstance(record, dict):
            raise DataError(f"{place}: is not a JSON object; {_BETTER}")
        yield place, record


def _table(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    text = io.StringIO("\n".join(read_lines(path)))
    reader = csv.DictReader(text, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    lacking = [name for name in ("id", "score") if name not in (reader.fieldnames or ())]
    if lacking:
        raise DataError(f"{path.name}: has no column {' and no column '.join(map(repr, lacking))}; {_BETTER}")
    for row in reader:
        place = f"{path.name} line {reader.line_num}"
        try:
            score = float(row["score"])
        except (TypeError, ValueError):
            raise DataError(f"{place}: the score {row['score']!r} is not a number; correct it") from None
        yield place, {"id": row["id"], "score": score}


def _id_of(record: dict[str, Any], place: str, dataset: Dataset) -> str:
    names = tuple(dict.fromkeys((*dataset.benchmark.columns.named("id"), *_IDS)))
    metrics = [value for value in record.values() if isinstance(value, dict)]
    for holder in (record, *metrics):
        for name in names:
            if (id_ := as_id(holder.get(name))) is not None:
                return id_
    position = record.get("doc_id")
    if not isinstance(position, int):
        raise DataError(f"{place}: has neither an id ({', '.join(names)}) nor a doc_id; {_BETTER}")
    frame = dataset.frame
    rows = np.flatnonzero(frame["position"].to_numpy() == position)
    if not len(rows):
        return f"doc_id {position}"
    question = frame.iloc[int(rows[0])]
    if not _fits(str(record.get("target", "")), question["format"], question["answer"]):
        raise DataError(
            f"{place}: its target is {record['target']!r} where row {position + 1} of "
            f"{dataset.benchmark.name}, which its doc_id means, has another answer; the model was run on "
            f"other data or in another order: {_BETTER}"
        )
    return str(question["id"])


def _fits(target: str, format_: str, answer: float) -> bool:
    """Whether a target can be the answer; one that is neither a letter nor a number can."""
    if format_ in ("open", "multi"):
        return True
    bare = target.strip("(). ").upper()
    if format_ == "mc":
        return len(bare) != 1 or bare not in LETTERS or LETTERS.index(bare) == int(answer)
    try:
        return float(bare) == answer
    except ValueError:
        return True


def _score_of(record: dict[str, Any], place: str) -> float:
    candidates = dict(_candidates(record))
    if not candidates:
        raise DataError(f"{place}: has no score, neither by itself nor in a metric; {_BETTER}")
    if len(set(candidates.values())) > 1:
        named = ", ".join(f"{name} {value:g}" for name, value in candidates.items())
        raise DataError(f"{place}: has metrics that differ ({named}); {_BETTER}")
    [score] = set(candidates.values())
    if not 0.0 <= score <= 1.0:
        raise DataError(f"{place}: the score {score:g} is not between 0 and 1; divide percentages by 100")
    return score


def _candidates(record: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if _is_number(record.get("score")):
        yield "score", float(record["score"])
        return
    for name, value in record.items():
        if name in _NO_METRICS:
            continue
        if _is_number(value):
            yield name, float(value)
        elif isinstance(value, dict):
            for inner, score in _within(value):
                yield f"{name}.{inner}", score


def _within(metric: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in metric.items():
        if _is_number(value) and (name in _SCORES or name.startswith("MRA")):
            yield name, float(value)
            return
    for predicted, gold in _ANSWERS:
        if predicted in metric and gold in metric:
            yield predicted, float(metric[predicted] == metric[gold])
            return


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
