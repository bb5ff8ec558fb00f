"""A predictor and a trainer as one: train, put the adapter on, check it, predict, clean up."""

import logging
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tst_harness.diagnostics.llm.data.models import (
    LLMPredictionResult,
    LoRAAdapterInfo,
    TstTestInstance,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.predictors.base import LLMPredictor, RepliesTogether
from tst_harness.diagnostics.llm.trainable.adapters import (
    AdapterAhead,
    Answers,
    TrainedAdapter,
    data_digest,
)
from tst_harness.diagnostics.llm.trainable.check import check_adapter
from tst_harness.diagnostics.llm.trainable.together import HeldOut, answer_together
from tst_harness.diagnostics.llm.trainable.written import Written
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer, ProgressCallback, TrainingJob
from tst_harness.diagnostics.llm.utils.memory import clear
from tst_harness.errors import HarnessError

_NOISE = 512 << 20
"""Bytes by which a device's free memory may differ from one training to the next without a reason."""
_LOG = logging.getLogger("tst_harness")


class TrainableLLMPredictor:
    """A predictor that can be trained: the two are composed, each keeps its own work.

    Only one of them holds the model at a time. A predictor that is used through this class has at most the
    adapter trained last, or the one that `load_adapter` was given.

    Parameters
    ----------
    predictor, trainer
        Of the same base model.
    keep_adapters
        Leave adapters on disk. Otherwise an adapter is deleted when the next one is trained, by
        `discard`, `reset` or `close`, or at the latest when the process ends.

    Attributes
    ----------
    history
        All adapters trained, in order.

    Raises
    ------
    HarnessError
        They have different base models.
    """

    def __init__(self, predictor: LLMPredictor, trainer: LLMTrainer, keep_adapters: bool = True) -> None:
        self.predictor = predictor
        self.trainer = trainer
        self.keep_adapters = keep_adapters
        self.history: list[TrainedAdapter] = []
        self._removal: weakref.finalize[..., Any] | None = None
        self._free: int | None = None
        if predictor.model_name != trainer.model_name:
            raise HarnessError(
                f"the predictor answers with {predictor.model_name} and the trainer trains "
                f"{trainer.model_name}; give both the same model"
            )

    @property
    def _one_network(self) -> bool:
        """Whether both work on the same network in this process, so that there is no memory to hand over."""
        return self.predictor.in_process and self.trainer.in_process

    @property
    def answers_together(self) -> bool:
        """Whether `answer_ahead` takes less time than one adapter after the other."""
        return self._one_network and isinstance(self.predictor, RepliesTogether)

    @property
    def current_adapter_path(self) -> Path | None:
        """The adapter in use; None for the base model alone."""
        return self.predictor.current_adapter_path

    @property
    def settings(self) -> dict[str, Any]:
        """All that decides a prediction but the data and the seed, in plain types."""
        return {
            "model": self.predictor.model_name,
            "revision": self.predictor.encoder.model.revision,
            "trainer": {"engine": self.trainer.engine, **self.trainer.settings},
            "predictor": {"engine": self.predictor.engine, **self.predictor.settings},
        }

    @property
    def versions(self) -> dict[str, str]:
        """The libraries of both; a trainer's in an environment of its own may have others."""
        merged = dict(self.predictor.versions)
        for name, version in self.trainer.versions.items():
            same = merged.get(name, version) == version
            merged[name if same else f"{name} (trainer)"] = version
        return merged

    def on_progress(self, callback: ProgressCallback) -> None:
        """Have a callback told of the progress of each training, and of each long answering."""
        self.trainer.callbacks.append(callback)
        self.predictor.callbacks.append(callback)

    def cancel(self) -> None:
        """Stop the training at its next step; `train` then raises `TrainingCancelled`."""
        self.trainer.cancel()

    def train(
        self,
        training_data: Sequence[TstTrainingDatum],
        output_dir: Path | str | None = None,
        *,
        fold_id: str = "",
        seed: int = 42,
    ) -> LoRAAdapterInfo:
        """Train an adapter, put it on the predictor, and check that it changes the model's answers.

        The adapter before it is taken off, and deleted unless adapters are kept. After a failure the
        predictor answers with the base model alone and nothing that was trained is left on disk.

        Parameters
        ----------
        training_data
            n questions, at least one.
        output_dir
            The folder of the adapter; None makes one among the temporary files. Of a folder that was there,
            only what training wrote is ever deleted.
        fold_id, seed
            As for `LLMTrainer.train`.

        Returns
        -------
        What was trained. What the check measured is in the last entry of `history`; what predicting took
        (`LLMPredictor.take_usage`) counts from here on, the check left out.

        Raises
        ------
        DataError, EngineUnavailable, TrainingCancelled
            As for `LLMTrainer.train`.
        EngineError
            An engine fails, or the adapter changes nothing.
        HarnessError
            Predictor and trainer have different revisions of the model.
        """
        self.discard()
        self._check_revisions()
        folder = Path(tempfile.mkdtemp(prefix="tst-adapter-") if output_dir is None else output_dir)
        wrote = Written(folder, fresh=output_dir is None)
        try:
            if not self._one_network:
                self.predictor.release()
            missing = self._missing_memory(fold_id)
            try:
                info = self.trainer.train(training_data, folder, fold_id=fold_id, seed=seed)
            finally:
                self.trainer.release()
        except BaseException:
            self.predictor.unload_adapter()
            wrote.remove()
            raise
        return self.adopt(AdapterAhead(info, wrote, missing), training_data)

    def train_ahead(self, jobs: Sequence[TrainingJob]) -> "list[AdapterAhead | HarnessError]":
        """Train k adapters in one pass, each to be used later by `adopt`; the one in use is taken off.

        Parameters
        ----------
        jobs
            k adapters; their folders must be new and empty.

        Returns
        -------
        k adapters in the order of `jobs` or, where one alone failed, its error.

        Raises
        ------
        HarnessError
            As for `train`, where it is the fault of no adapter alone. Nothing is left on disk.
        """
        self.discard()
        self._check_revisions()
        if not self._one_network:
            self.predictor.release()
        missing = self._missing_memory(jobs[0].fold_id)
        wrote = [Written(job.output_dir, fresh=True) for job in jobs]
        try:
            trained = self.trainer.train_together(jobs)
        except BaseException:
            for own in wrote:
                own.remove()
            raise
        finally:
            self.trainer.release()
        ahead: list[AdapterAhead | HarnessError] = []
        for result, own in zip(trained, wrote, strict=True):
            if isinstance(result, HarnessError):
                own.remove()
                ahead.append(result)
                continue
            if not self.keep_adapters:
                own.settle()
                weakref.finalize(self, own.remove)
            ahead.append(AdapterAhead(result, own, missing))
        return ahead

    def answer_ahead(self, held_out: Sequence[HeldOut]) -> "list[Answers | HarnessError]":
        """Answer the questions of k adapters in one pass, and check each; only where `answers_together`.

        Their files are deleted afterwards unless adapters are kept.

        Returns
        -------
        k results in the order of `held_out`: the answers or, where an adapter failed its check, the error.

        Raises
        ------
        HarnessError
            As for `predict`. The adapters can still be used by `adopt`.
        """
        self.discard()
        answered = answer_together(self.predictor, held_out)
        for own, answers in zip(held_out, answered, strict=True):
            if isinstance(answers, Answers):
                self.history.append(answers.adapter)
            if not isinstance(answers, Answers) or not self.keep_adapters:
                own.ahead.wrote.remove()
        return answered

    def adopt(self, ahead: "AdapterAhead", training_data: Sequence[TstTrainingDatum]) -> LoRAAdapterInfo:
        """Put an adapter that was trained on the predictor, and check that it changes the model's answers.

        Raises
        ------
        EngineError
            It changes nothing; it is deleted then.
        """
        self.discard()
        info, wrote = ahead.info, ahead.wrote
        try:
            check = check_adapter(self.predictor, info, training_data)
        except BaseException:
            self.predictor.unload_adapter()
            wrote.remove()
            raise
        if not self.keep_adapters:
            wrote.settle()
            self._removal = weakref.finalize(self, wrote.remove)
        self.history.append(
            TrainedAdapter(info, check, data_digest(training_data), ahead.memory_not_returned)
        )
        return info

    def predict(self, instances: Sequence[TstTestInstance]) -> list[LLMPredictionResult]:
        """Answer questions with the current adapter; see `LLMPredictor.predict`."""
        return self.predictor.predict(instances)

    def zero_shot(self, instances: Sequence[TstTestInstance]) -> list[LLMPredictionResult]:
        """Answer questions with the base model alone; the adapter is put back afterwards."""
        adapter = self.predictor.current_adapter_path
        self.predictor.unload_adapter()
        try:
            return self.predictor.predict(instances)
        finally:
            if adapter is not None:
                self.predictor.load_adapter(adapter)

    def load_adapter(self, path: Path | str) -> None:
        """Use an adapter trained before; see `LLMPredictor.load_adapter`."""
        self.predictor.load_adapter(path)

    def unload_adapter(self) -> None:
        """Use the base model alone again."""
        self.predictor.unload_adapter()

    def discard(self) -> None:
        """Be done with a fold: take the adapter off, and delete what was trained unless adapters are kept."""
        self.predictor.unload_adapter()
        if self._removal is not None:
            self._removal()
            self._removal = None

    def reset(self) -> None:
        """Discard the adapter and give back all memory; training and predicting load the model again."""
        self.discard()
        self.predictor.reset()
        self.trainer.release()

    def close(self) -> None:
        """Give back everything; the same as `reset`, for the end."""
        self.reset()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _missing_memory(self, fold_id: str) -> int:
        """Return how much less of the device's memory is free than before an earlier training.

        Where it is less, everything is given back and loaded again; what is missing then is told.
        """
        free = self.trainer.free_memory()
        # Before the first training, the predictor may have held nothing yet.
        if free is None or not self.history:
            return 0
        if self._free is not None and self._free - free > _NOISE:
            self.predictor.reset()
            clear()
            free = self.trainer.free_memory() or 0
        missing = 0 if self._free is None else self._free - free
        self._free = max(free, self._free or 0)
        if missing <= _NOISE:
            return 0
        _LOG.warning(
            "%s: %.1f GiB of the device's memory that an earlier training had are not free any more; end the "
            "program that took them, or run the rest in a new session",
            *(fold_id or "training", missing / 2**30),
        )
        return missing

    def _check_revisions(self) -> None:
        # Only now, since a revision may have to be fetched, and nothing is before it is needed.
        predicts, trains = self.predictor.encoder.model, self.trainer.encoder.model
        if predicts is not trains and predicts.revision != trains.revision:
            raise HarnessError(
                f"the predictor has {predicts.name} at revision {predicts.revision} and the trainer at "
                f"{trains.revision}; give both the same revision"
            )


def create_trainable_predictor(
    predictor: LLMPredictor, trainer: LLMTrainer, keep_adapters: bool = True
) -> TrainableLLMPredictor:
    """Make a predictor and a trainer one; see `TrainableLLMPredictor`."""
    return TrainableLLMPredictor(predictor, trainer, keep_adapters)
