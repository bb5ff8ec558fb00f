"""The LLM diagnostic (TsT-LLM): an adapter trained on the other folds answers the held-out one."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tst_harness.analysis.accounts import AdapterAccount, InferenceAccount, LLMAccount
from tst_harness.analysis.diagnostic import FoldTask, IntArray, Prediction, Questions
from tst_harness.diagnostics.llm.config import AdaptersPer
from tst_harness.diagnostics.llm.data.conversion import (
    prompts_per_question,
    test_instances,
    training_data,
)
from tst_harness.diagnostics.llm.data.models import (
    LLMPredictionResult,
    TstTestInstance,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.predictors.base import Usage
from tst_harness.diagnostics.llm.trainable.adapters import AdapterAhead, Answers, data_digest
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.diagnostics.llm.trainable.together import HeldOut
from tst_harness.diagnostics.llm.trainers.base import TrainingJob
from tst_harness.errors import DataError, HarnessError

_Part = Literal["mc", "num", "open", "multi", "both"]
_Key = tuple[str, int, str, bytes]
"""Of an adapter: name, seed, digest of what it was trained on, and the rows of its questions.

Folds of other data have the same names.
"""
_LOG = logging.getLogger("tst_harness")


@dataclass(frozen=True)
class LLMPrediction(Prediction):
    """A prediction with what it took."""

    account: LLMAccount | None = None


class LLMDiagnostic:
    """Fine-tunes a language model on the training questions (arXiv 2511.04655, section 3).

    Parameters
    ----------
    trainable
        What is trained and predicts; its adapter of one fold is gone before the next.
    adapters_per
        "format": each format has an adapter of its own, as in the paper; "fold": one for all.
    """

    name = "llm"

    def __init__(self, trainable: TrainableLLMPredictor, adapters_per: AdaptersPer = "format") -> None:
        self._trainable = trainable
        self._adapters_per = adapters_per
        self._ahead: dict[_Key, AdapterAhead | Answers | HarnessError] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """The model, its revision, how it is prompted and trained, and by which engines."""
        encoder = self._trainable.predictor.encoder
        return {**encoder.settings, **self._trainable.settings, "adapters_per": self._adapters_per}

    @property
    def versions(self) -> dict[str, str]:
        """Those of the engines."""
        return self._trainable.versions

    def predict(self, task: FoldTask) -> LLMPrediction:
        """Train on the fold's training questions and answer the held-out ones, one format after the other.

        Raises
        ------
        DataError
            A format has held-out questions and none to train on.
        EngineUnavailable, EngineError, SourceUnavailable
            An engine is not installed or fails, or the model cannot be had.
        """
        accounts: list[AdapterAccount] = []
        answered: dict[int, list[LLMPredictionResult]] = {}
        usage = _Usage()
        self.prepare([task])
        for part, train, held_out in self._parts(task):
            if not len(train):
                raise DataError(
                    f"{len(held_out)} question(s) of the format {part} are held out and none is left to "
                    "train on; use more folds (--tst-folds) or use --tst-split random"
                )
            data = training_data(task.questions, task.train[train], task.answers[train], task.accepted)
            name = _adapter_name(task, part)
            ahead = self._ahead.pop(_key(task, name, data, held_out), None)
            if isinstance(ahead, HarnessError):
                raise ahead
            if not isinstance(ahead, Answers):
                ahead = self._answer(ahead, data, name, task, held_out)
            results = _by_question(ahead.results, task.questions, task.held_out[held_out])
            answered.update(zip(held_out.tolist(), results, strict=True))
            usage.add(results, ahead.usage)
            info, trained = ahead.adapter.info, ahead.adapter
            accounts.append(
                AdapterAccount(
                    format=part,
                    training_size=info.training_size,
                    tokens=info.tokens,
                    seconds=round(info.seconds, 3),
                    final_loss=info.final_loss,
                    truncated=info.truncated,
                    peak_memory=info.peak_memory,
                    batch_size=info.batch_size,
                    batch_halved=info.batch_halved,
                    together=info.together,
                    memory_not_returned=trained.memory_not_returned,
                    padding=info.padding,
                    seconds_at_peak=info.seconds_at_peak,
                    epochs=info.epochs,
                    learning_rate=info.learning_rate,
                    without_graphs=info.without_graphs,
                    check=trained.check,
                )
            )
        ordered = [answered[place] for place in range(len(task.held_out))]
        formats = task.questions.frame["format"].to_numpy()[task.held_out]
        return _prediction(ordered, formats, LLMAccount(adapters=accounts, inference=usage.account()))

    def prepare(self, tasks: Sequence[FoldTask]) -> None:
        """Train the adapters of some folds in one pass, for `predict` to use, where that saves time.

        Where predictor and trainer share the network, the held-out questions of all of them are answered in
        one pass as well. An adapter that fails alone fails its fold, when that is predicted.

        Parameters
        ----------
        tasks
            Folds; those that were trained ahead before are left alone.

        Raises
        ------
        EngineUnavailable, EngineError, SourceUnavailable
            As for `predict`, where it is the fault of no adapter alone.
        """
        if not self._trainable.trainer.trains_together:
            return
        jobs: dict[_Key, TrainingJob] = {}
        instances: dict[_Key, list[TstTestInstance]] = {}
        for task in tasks:
            for part, train, held_out in self._parts(task):
                if not len(train):
                    continue
                rows, answers = task.train[train], task.answers[train]
                data = training_data(task.questions, rows, answers, task.accepted)
                name = _adapter_name(task, part)
                key = _key(task, name, data, held_out)
                if key not in self._ahead:
                    folder = Path(tempfile.mkdtemp(prefix="tst-adapter-"))
                    units = np.repeat(task.units[train], prompts_per_question(task.questions, rows))
                    jobs[key] = TrainingJob(data, folder, name, task.seed, units.tolist())
                    instances[key] = test_instances(task.questions, task.held_out[held_out])
        if not jobs:
            return
        trained = dict(zip(jobs, self._trainable.train_ahead(list(jobs.values())), strict=True))
        self._ahead.update(trained)
        adapters = {
            key: HeldOut(ahead, jobs[key].training_data, instances[key])
            for key, ahead in trained.items()
            if isinstance(ahead, AdapterAhead)
        }
        if not adapters or not self._trainable.answers_together:
            return
        try:
            answered = self._trainable.answer_ahead(list(adapters.values()))
        except HarnessError as error:
            # Each fold then asks on its own, so that the one at fault fails alone.
            _LOG.info("the folds cannot be answered in one pass: %s", error)
            return
        self._ahead.update(zip(adapters, answered, strict=True))

    def _answer(
        self,
        ahead: AdapterAhead | None,
        data: Sequence[TstTrainingDatum],
        name: str,
        task: FoldTask,
        held_out: IntArray,
    ) -> Answers:
        """Answer held-out questions with an adapter that was trained ahead, or is now."""
        try:
            if ahead is None:
                self._trainable.train(data, fold_id=name, seed=task.seed)
            else:
                self._trainable.adopt(ahead, data)
            results = self._trainable.predict(test_instances(task.questions, task.held_out[held_out]))
        finally:
            self._trainable.discard()
        return Answers(self._trainable.history[-1], results, self._trainable.predictor.take_usage())

    def zero_shot(self, questions: Questions) -> LLMPrediction:
        """Answer all questions, in their order, with the base model alone.

        Raises
        ------
        EngineUnavailable, EngineError, SourceUnavailable
            As for `predict`.
        """
        rows = np.arange(len(questions.frame))
        results = _by_question(self._trainable.zero_shot(test_instances(questions, rows)), questions, rows)
        usage = _Usage()
        usage.add(results, self._trainable.predictor.take_usage())
        formats = questions.frame["format"].to_numpy()
        return _prediction(results, formats, LLMAccount(inference=usage.account()))

    def _parts(self, task: FoldTask) -> Iterator[tuple[_Part, IntArray, IntArray]]:
        """Yield what has an adapter of its own: positions in `task.train` and in `task.held_out`."""
        formats = task.questions.frame["format"].to_numpy()
        train, held_out = formats[task.train], formats[task.held_out]
        if self._adapters_per == "fold":
            yield "both", np.arange(len(train)), np.arange(len(held_out))
            return
        parts: tuple[_Part, ...] = ("mc", "num", "open", "multi")
        for part in parts:
            if (held_out == part).any():
                yield part, np.flatnonzero(train == part), np.flatnonzero(held_out == part)


def _adapter_name(task: FoldTask, part: _Part) -> str:
    return f"{task.name} {part}".strip()


def _key(task: FoldTask, name: str, data: Sequence[TstTrainingDatum], held_out: IntArray) -> _Key:
    return (name, task.seed, data_digest(data), task.held_out[held_out].tobytes())


class _Usage:
    """Adds up what answering took."""

    def __init__(self) -> None:
        self._results: list[list[LLMPredictionResult]] = []
        self._tokens = 0
        self._seconds = 0.0
        self._peaks: list[int] = []
        self._halved = 0
        self._padding: list[int | None] = []
        self._at_peak: list[float | None] = []

    def add(self, results: Sequence[list[LLMPredictionResult]], usage: Usage) -> None:
        self._results += results
        self._tokens += usage.tokens
        self._seconds += usage.seconds
        self._peaks += [] if usage.peak_memory is None else [usage.peak_memory]
        self._halved += usage.batch_halved
        self._padding.append(usage.padding)
        self._at_peak.append(usage.seconds_at_peak)

    def account(self) -> InferenceAccount:
        return InferenceAccount(
            questions=len(self._results),
            failed=[results[0].instance_id for results in self._results if _failed(results)],
            truncated=sum(any(result.truncated for result in results) for results in self._results),
            tokens=self._tokens,
            seconds=round(self._seconds, 3),
            peak_memory=max(self._peaks, default=None),
            batch_halved=self._halved,
            padding=None if None in self._padding else sum(filter(None, self._padding)),
            seconds_at_peak=None if None in self._at_peak else sum(filter(None, self._at_peak)),
        )


def _by_question(
    results: Sequence[LLMPredictionResult], questions: Questions, rows: IntArray
) -> list[list[LLMPredictionResult]]:
    """Return the results of each question: one, or one for each option (multi)."""
    each = iter(results)
    return [list(islice(each, count)) for count in prompts_per_question(questions, rows)]


def _failed(results: Sequence[LLMPredictionResult]) -> bool:
    return any(result.prediction is None for result in results)


def _prediction(
    answered: Sequence[Sequence[LLMPredictionResult]],
    formats: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    account: LLMAccount,
) -> LLMPrediction:
    texts: dict[str, int] = {}
    values: list[Sequence[float]] = []
    for results, format_ in zip(answered, formats, strict=True):
        [first, *_] = results
        if format_ == "multi":
            values.append(
                [result.option_probabilities[0] for result in results if result.option_probabilities]
            )
        elif format_ == "open":
            values.append([float(texts.setdefault(first.prediction or "", len(texts)))])
        else:
            values.append(first.option_probabilities or (float(first.prediction or 0.0),))
    failed = [place for place, results in enumerate(answered) if _failed(results)]
    return LLMPrediction(
        values=np.array([value for some in values for value in some], dtype=np.float64),
        counts=np.array([len(some) for some in values], dtype=np.int64),
        failed=np.array(failed, dtype=np.int64),
        texts=tuple(texts),
        account=account,
    )
