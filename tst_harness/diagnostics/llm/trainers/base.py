"""What every trainer has in common."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTrainingDatum,
)
from tst_harness.errors import DataError, EngineError, HarnessError, TrainingCancelled

ProgressCallback = Callable[[TrainingProgress], None]


@dataclass(frozen=True)
class TrainingJob:
    """One adapter to be trained: `training_data` into `output_dir`; the rest is as for `LLMTrainer.train`.

    `units` has an integer for each question, equal for those that early stopping must not part: those of a
    group. Without any, each question is by itself.
    """

    training_data: Sequence[TstTrainingDatum]
    output_dir: Path
    fold_id: str = ""
    seed: int = 42
    units: Sequence[int] = ()


class LLMTrainer(ABC):
    """Trains LoRA adapters of one base model.

    Attributes
    ----------
    encoder
        Turns instructions into tokens; the same as for prediction.
    lora
        Settings of the training.
    callbacks
        Called after each step that is reported, with where the training is.
    """

    engine: str
    """The name of the engine in reports: "joint", "peft" or "llamafactory"."""
    trains_together = False
    """Whether `train_together` takes less time than one adapter after the other."""
    stops_early = False
    """Whether it knows the recipe "early_stopping"."""
    in_process = False
    """Whether it uses the network that `shared_network` has in this process."""

    def __init__(self, encoder: PromptEncoder, lora: LoRASettings | None = None) -> None:
        self.encoder = encoder
        self.lora = LoRASettings() if lora is None else lora
        if self.lora.recipe == "early_stopping" and not self.stops_early:
            raise DataError(
                f"the trainer {self.engine} has no early stopping; leave out recipe=early_stopping, or use "
                "--tst-trainer joint"
            )
        self.callbacks: list[ProgressCallback] = []
        self._cancelled = threading.Event()

    @property
    def model_name(self) -> str:
        """The base model, as it was asked for."""
        return self.encoder.model.name

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """All that decides an adapter but the data and the seed, in plain types."""

    @property
    @abstractmethod
    def versions(self) -> dict[str, str]:
        """The libraries whose version may change an adapter."""

    def train(
        self,
        training_data: Sequence[TstTrainingDatum],
        output_dir: Path | str,
        *,
        fold_id: str = "",
        seed: int = 42,
    ) -> LoRAAdapterInfo:
        """Train an adapter and leave it in a folder.

        Parameters
        ----------
        training_data
            n questions, at least one.
        output_dir
            The folder of the adapter; made where it does not exist. After a failure it holds no adapter.
        fold_id
            Named in messages and in the result.
        seed
            Of the order of the questions, the adapter's first weights and dropout.

        Raises
        ------
        DataError
            There is nothing to train on, or a question is too long and may not be shortened.
        EngineUnavailable
            The engine is not installed.
        EngineError
            It fails.
        TrainingCancelled
            `cancel` was called, from a callback or another thread.
        """
        self._cancelled.clear()
        return self._train(training_data, Path(output_dir), fold_id, seed)

    def train_together(self, jobs: Sequence[TrainingJob]) -> list[LoRAAdapterInfo | HarnessError]:
        """Train k adapters, each as `train` would; one after the other where the engine knows no better.

        Returns
        -------
        k results in the order of `jobs`: what was trained or, where that one adapter failed, the error.

        Raises
        ------
        HarnessError
            As for `train`, where it is the fault of no adapter alone.
        """
        self._cancelled.clear()
        return self._train_together(jobs)

    def cancel(self) -> None:
        """Stop the training at its next step; `train` then raises `TrainingCancelled`."""
        self._cancelled.set()

    def release(self) -> None:  # noqa: B027 - a trainer that keeps nothing has nothing to give back
        """Give back what is held between trainings."""

    def free_memory(self) -> int | None:
        """Bytes free on the device; None before the first training, and where that is not known from here."""
        return None

    def _train_together(self, jobs: Sequence[TrainingJob]) -> list[LoRAAdapterInfo | HarnessError]:
        """Train; see `train_together`."""
        trained: list[LoRAAdapterInfo | HarnessError] = []
        for job in jobs:
            try:
                trained.append(self._train(job.training_data, job.output_dir, job.fold_id, job.seed))
            except (EngineError, DataError) as error:
                trained.append(error)
        return trained

    @abstractmethod
    def _train(
        self, training_data: Sequence[TstTrainingDatum], output_dir: Path, fold_id: str, seed: int
    ) -> LoRAAdapterInfo:
        """Train; see `train`."""

    def _report(self, progress: TrainingProgress) -> None:
        """Tell the callbacks; stop where one of them, or another thread, cancelled.

        Raises
        ------
        TrainingCancelled
            It is to stop.
        """
        for callback in self.callbacks:
            callback(progress)
        if self._cancelled.is_set():
            raise TrainingCancelled(
                f"the training of {progress.fold_id or 'the adapter'} was cancelled at step {progress.step} "
                f"of {progress.total_steps}; run it again to start over"
            )
