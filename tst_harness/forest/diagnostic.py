"""The forest diagnostic (TsT-RF): what can be learnt from the questions on a CPU in seconds."""

import os
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import numpy as np

from tst_harness.core.diagnostic import FloatArray, FoldTask, IntArray, Prediction, Questions
from tst_harness.data.declarations import Number
from tst_harness.forest import settings
from tst_harness.forest.choice import ChoiceModel
from tst_harness.forest.forms import make_forms, ragged
from tst_harness.forest.number import NumberModel
from tst_harness.forest.permutation import TypePrediction


class ForestDiagnostic:
    """Tree ensembles on facts derived from the declarations: TsT-RF (arXiv 2511.04655, section 3).

    What depends on the texts alone is computed once and kept for the following folds.
    """

    name = "forest"

    def __init__(self) -> None:
        self._questions: Questions | None = None
        self._rows: dict[str, IntArray] = {}
        self._models: dict[str, ChoiceModel | NumberModel] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of both ensembles."""
        return settings.as_dict()

    @property
    def versions(self) -> dict[str, str]:
        """LightGBM grows the trees."""
        return {name: version(name) for name in ("lightgbm", "numpy", "scipy")}

    def predict(self, task: FoldTask) -> Prediction:
        """Predict each type from the training questions of that type."""
        if task.questions is not self._questions:
            self._read(task.questions)
        number_of = np.full(len(task.questions.frame), -1, dtype=np.int64)
        with ThreadPoolExecutor(_threads()) as pool:
            found = dict(
                zip(
                    self._rows, pool.map(lambda name: self._predict_type(name, task), self._rows), strict=True
                )
            )
        number_of[task.held_out] = np.arange(len(task.held_out))
        return _join({name: number_of[self._held(name, task)] for name in found}, found, len(task.held_out))

    def _read(self, questions: Questions) -> None:
        frame = questions.frame
        self._rows, self._models = {}, {}
        for declared in questions.benchmark.question_types:
            rows = np.flatnonzero(frame["type"].to_numpy() == declared.name)
            if not len(rows):
                continue
            texts, options = frame["text"].to_numpy()[rows], frame["options"].to_numpy()[rows]
            forms = make_forms(texts, options, declared.regex)
            self._rows[declared.name] = rows
            if isinstance(declared, Number):
                self._models[declared.name] = NumberModel(forms, declared.inclusive)
            else:
                self._models[declared.name] = ChoiceModel(forms)
        self._questions = questions

    def _held(self, name: str, task: FoldTask) -> IntArray:
        return np.intersect1d(self._rows[name], task.held_out, assume_unique=True)

    def _predict_type(self, name: str, task: FoldTask) -> TypePrediction | None:
        rows = self._rows[name]
        train, at, _ = np.intersect1d(task.train, rows, assume_unique=True, return_indices=True)
        held_out = self._held(name, task)
        if not len(held_out):
            return None
        return self._models[name].predict(
            np.searchsorted(rows, train),
            task.answers[at],
            task.units[at],
            np.searchsorted(rows, held_out),
            # LightGBM takes seeds below 2 ** 31.
            (task.seed + zlib.crc32(name.encode())) % 2**31,
        )


def _join(
    positions: Mapping[str, IntArray], found: Mapping[str, TypePrediction | None], n: int
) -> Prediction:
    """Put the predictions of the types into the order of the held-out questions."""
    parts = [(positions[name], one) for name, one in found.items() if one is not None]
    counts = np.zeros(n, dtype=np.int64)
    for position, one in parts:
        counts[position] = one.counts
    starts = np.cumsum(counts) - counts
    values = np.empty(int(counts.sum()))
    sampled = np.zeros(n, dtype=bool)
    for position, one in parts:
        values[ragged(starts[position], one.counts)] = one.values
        sampled[position[one.sampled]] = True
    sampled_counts = np.where(sampled, counts, 0)
    sampled_starts = np.cumsum(sampled_counts) - sampled_counts
    unpermuted = values[np.repeat(sampled, counts)]
    permuted: dict[str, FloatArray] = {}
    for position, one in parts:
        at = position[one.sampled]
        cells = ragged(sampled_starts[at], sampled_counts[at])
        for family, changed in one.permuted.items():
            permuted.setdefault(family, unpermuted.copy())[cells] = changed
    return Prediction(values, counts, permuted, np.flatnonzero(sampled))


def _threads() -> int:
    """Threads for the types of a fold: OMP_NUM_THREADS where set, else the cores this process may use."""
    declared = os.environ.get("OMP_NUM_THREADS", "")
    return int(declared) if declared.isdigit() and int(declared) else len(os.sched_getaffinity(0))
