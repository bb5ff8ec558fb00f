"""The forest diagnostic (TsT-RF): what can be learnt from the questions on a CPU in seconds."""

import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from tst_harness.analysis.diagnostic import FloatArray, FoldTask, IntArray, Prediction, Questions
from tst_harness.diagnostics.forest import settings
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.evidence import inner_parts
from tst_harness.diagnostics.forest.forms import ragged
from tst_harness.diagnostics.forest.memory import Memory
from tst_harness.diagnostics.forest.multi import MultiModel
from tst_harness.diagnostics.forest.permutation import TypePrediction, subset
from tst_harness.diagnostics.forest.pooled import Pooled, blended
from tst_harness.diagnostics.forest.reading import Reading
from tst_harness.diagnostics.forest.vectors import VectorTable, table_folder
from tst_harness.errors import HarnessError
from tst_harness.processes.machine import cores


class ForestDiagnostic:
    """Tree ensembles on facts derived from the declarations: TsT-RF (arXiv 2511.04655, section 3).

    What depends on the texts alone is computed once and kept for the following folds.

    Parameters
    ----------
    importances
        Predict again with features permuted.
    memory
        Where predictions are kept that may be asked for again; of one benchmark's questions.
    vectors
        The package with the table of word vectors that texts are read with, too.

    Raises
    ------
    EngineUnavailable
        The package is not installed.
    """

    name = "forest"

    def __init__(
        self, importances: bool = True, memory: Memory | None = None, vectors: VectorTable | None = None
    ) -> None:
        if vectors is not None:
            table_folder(vectors)
        self._vectors: VectorTable | None = vectors
        self._most_permuted = settings.MOST_PERMUTED_QUESTIONS if importances else 0
        self._memory = memory
        self._questions: Questions | None = None
        self._reading: Reading | None = None

    def reading(self, questions: Questions) -> Reading:
        """What the texts say, kept until other questions are asked about."""
        if self._reading is None or questions is not self._questions:
            self._questions, self._reading = questions, Reading.of(questions, self._vectors)
        return self._reading

    def without_importances(self, questions: Questions) -> "ForestDiagnostic":
        """The same, for predictions alone; what the texts say is shared."""
        self.reading(questions)
        other = copy(self)
        other._most_permuted = 0
        return other

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of both ensembles, and the table of word vectors, if any."""
        return settings.as_dict() | ({} if self._vectors is None else {"vectors": self._vectors})

    @property
    def versions(self) -> dict[str, str]:
        """LightGBM grows the trees; regex knows the scripts."""
        packages = ["lightgbm", "numpy", "regex", "scipy"]
        packages += [] if self._vectors is None else [self._vectors, "tokenizers"]
        return {name: version(name) for name in packages}

    def predict(self, task: FoldTask) -> Prediction:
        """Predict each type from the training questions of that type and of those related to it.

        Of choices without a declared pattern, the reading of all such types together counts too.

        Raises
        ------
        HarnessError
            A type has held-out questions and none to learn from.
        """
        reading = self.reading(task.questions)
        parts = inner_parts(task.units, task.seed) if task.parts is None else task.parts
        work = {name: _work(name, rows, task, parts) for name, rows in reading.rows.items()}
        offering: dict[str, ChoiceModel | MultiModel] = {**reading.choices, **reading.multis}
        sums = {
            name: model.sums(work[name].train, work[name].answers, work[name].parts)
            for name, model in offering.items()
        }
        wanted = [name for name, work_item in work.items() if len(work_item.held_out)]
        choices = any(name in reading.choices for name in wanted)
        related = reading.related.evidence(sums) if choices else {}
        texts = reading.texts(sums, wanted)

        def seed_of(name: str) -> int:
            # LightGBM takes seeds below 2 ** 31.
            return (task.seed + zlib.crc32(name.encode())) % 2**31

        def predict_type(name: str) -> TypePrediction:
            seed = seed_of(name)
            evidence = related.get(name, [])
            own_texts = {family: own[name] for family, own in texts.items() if name in own}

            def predict() -> TypePrediction:
                arguments = (*work[name], seed)
                if name in reading.choices:
                    return reading.choices[name].predict(
                        *arguments, sums[name], evidence, own_texts, self._most_permuted
                    )
                if name in reading.opens:
                    return reading.opens[name].predict(*arguments, task.accepted, self._most_permuted)
                if name in reading.multis:
                    return reading.multis[name].predict(
                        *arguments, sums[name], own_texts, self._most_permuted
                    )
                return reading.numbers[name].predict(*arguments, self._most_permuted)

            return self._recall(task.seed, name, [*work[name], *evidence, *own_texts.values()], predict)

        pooled = reading.pooled
        free = [] if pooled is None else [name for name in wanted if name in pooled.types]
        held_out = {name: reading.rows[name][work[name].held_out] for name in wanted}

        def predict_pooled(pooled: Pooled) -> tuple[TypePrediction, IntArray]:
            own, own_texts = _work("all types", pooled.rows, task, parts), pooled.texts(texts)
            rows, seed = pooled.rows[own.held_out], seed_of("")
            taken = np.zeros(len(rows), dtype=bool)
            for name in free if self._most_permuted else ():
                drawn = subset(len(held_out[name]), self._most_permuted, seed_of(name))
                taken[np.searchsorted(rows, held_out[name][drawn])] = True
            text = pooled.model.sums(own.train, own.answers, own.parts)

            def predict() -> TypePrediction:
                return pooled.model.predict(*own, seed, text, [], own_texts, self._most_permuted, taken)

            return self._recall(task.seed, None, [*own, *own_texts.values(), taken], predict), rows

        # Types run side by side, so a matrix product is not to be split over the same cores again.
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(_threads()) as pool:
            together = pool.submit(predict_pooled, pooled) if pooled is not None and free else None
            predictions = dict(zip(wanted, pool.map(predict_type, wanted), strict=True))
            if together is not None:
                others, rows = together.result()
                for name in free:
                    at = np.searchsorted(rows, held_out[name])
                    predictions[name] = blended(predictions[name], others, at, len(work[name].train))
        number_of = np.full(len(task.questions.frame), -1, dtype=np.int64)
        number_of[task.held_out] = np.arange(len(task.held_out))
        positions = {name: number_of[rows] for name, rows in held_out.items()}
        return _join(positions, predictions, len(task.held_out))

    def _recall(
        self,
        seed: int,
        name: str | None,
        arrays: Sequence[npt.NDArray[Any] | None],
        predict: Callable[[], TypePrediction],
    ) -> TypePrediction:
        if self._memory is None:
            return predict()
        return self._memory.recall((seed, name), [each for each in arrays if each is not None], predict)


class _Work(NamedTuple):
    """A fold's share of one type: question numbers within the type, answers and inner parts."""

    train: IntArray
    answers: FloatArray
    parts: IntArray
    held_out: IntArray


def _work(name: str, rows: IntArray, task: FoldTask, parts: IntArray) -> _Work:
    train, at, _ = np.intersect1d(task.train, rows, assume_unique=True, return_indices=True)
    held_out = np.intersect1d(rows, task.held_out, assume_unique=True)
    if len(held_out) and not len(train):
        raise HarnessError(
            f"{len(held_out)} question(s) of the type {name!r} are held out and none is left to train "
            "on; use more folds (--tst-folds), use --tst-split random, or merge the type with another"
        )
    return _Work(np.searchsorted(rows, train), task.answers[at], parts[at], np.searchsorted(rows, held_out))


def _join(positions: Mapping[str, IntArray], by_type: Mapping[str, TypePrediction], n: int) -> Prediction:
    """Put the predictions of the types into the order of the held-out questions."""
    parts = [(positions[name], prediction) for name, prediction in by_type.items()]
    texts: tuple[str, ...] = ()
    for place, (position, prediction) in enumerate(parts):
        if prediction.texts:
            # Those of one type after those of another.
            permuted = {family: values + len(texts) for family, values in prediction.permuted.items()}
            parts[place] = (
                position,
                replace(prediction, values=prediction.values + len(texts), permuted=permuted),
            )
            texts += prediction.texts
    counts = np.zeros(n, dtype=np.int64)
    for position, prediction in parts:
        counts[position] = prediction.counts
    starts = np.cumsum(counts) - counts
    values = np.empty(int(counts.sum()))
    sampled = np.zeros(n, dtype=bool)
    for position, prediction in parts:
        values[ragged(starts[position], prediction.counts)] = prediction.values
        sampled[position[prediction.sampled]] = True
    sampled_counts = np.where(sampled, counts, 0)
    sampled_starts = np.cumsum(sampled_counts) - sampled_counts
    unpermuted = values[np.repeat(sampled, counts)]
    changed_values: dict[str, FloatArray] = {}
    for position, prediction in parts:
        at = position[prediction.sampled]
        cells = ragged(sampled_starts[at], sampled_counts[at])
        for family, changed in prediction.permuted.items():
            changed_values.setdefault(family, unpermuted.copy())[cells] = changed
    return Prediction(values, counts, changed_values, np.flatnonzero(sampled), texts=texts)


def _threads() -> int:
    """Threads for the types of a fold: OMP_NUM_THREADS where set, else the cores this process may use."""
    declared = os.environ.get("OMP_NUM_THREADS", "")
    if declared.isdecimal() and int(declared):
        return int(declared)
    return cores()
