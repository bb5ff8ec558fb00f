"""LoRA training with LLaMA-Factory, in a process and, where wanted, an environment of its own."""

import logging
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder, encoder_for
from tst_harness.diagnostics.llm.data.models import (
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer
from tst_harness.diagnostics.llm.trainers.llamafactory_files import ADAPTER_FOLDER, Job, Row, write_job
from tst_harness.diagnostics.llm.trainers.llamafactory_run import Installation, Run, find_installation
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS, check_adapter_files
from tst_harness.diagnostics.llm.utils.memory import smaller_batch
from tst_harness.errors import DataError, EngineError, OutOfMemory
from tst_harness.processes.devices import cuda_devices

_LOG = logging.getLogger("tst_harness")


class LlamaFactoryConfig(LoRASettings):
    """How LLaMA-Factory trains: the settings of the training, and these.

    Attributes
    ----------
    model_name
        As for `find_model`; None for the default of this machine, or the encoder's where there is one.
    python
        The interpreter, or the folder of the virtual environment, that has LLaMA-Factory; None for this
        one. The versions that it is tied to are not those of vLLM.
    device
        "cpu", in float32; "cuda" or "cuda:1", in bfloat16; None for CUDA where there is a device.
    template
        The name of a template of LLaMA-Factory's own, which prediction does not use. None hands over the
        tokens of the encoder, so that training sees the same as prediction.
    """

    model_name: str | None = None
    python: Annotated[Path | None, Field(strict=False)] = None
    device: Annotated[str | None, Field(pattern=r"^(cpu|cuda(:\d+)?)$")] = None
    template: str | None = Field(default=None, min_length=1)


class LlamaFactoryTrainer(LLMTrainer):
    """Trains by `llamafactory-cli train`, with the optimiser and schedule of `PeftTrainer`.

    Where memory runs out, it trains anew with half the batch and twice the accumulation.

    Parameters
    ----------
    config
        Settings; as an attribute, with the model that is trained.
    encoder
        The model and its tokens; by default those of the settings.

    Raises
    ------
    DataError
        The encoder is of another model than the settings say.
    """

    engine = "llamafactory"

    def __init__(self, config: LlamaFactoryConfig, encoder: PromptEncoder | None = None) -> None:
        what = "the LLaMA-Factory trainer"
        encoder = encoder_for(what, config.model_name, config.max_seq_length, encoder)
        super().__init__(encoder, config.lora)
        self.config = config.model_copy(update={"model_name": config.model_name or encoder.model.name})

    @property
    def settings(self) -> dict[str, Any]:
        """The engine, the template and the settings of LoRA."""
        return {"engine": self.engine, "template": self.config.template, **self.lora.as_dict()}

    @property
    def versions(self) -> dict[str, str]:
        """Of LLaMA-Factory and what it trains with, in its environment."""
        return self._installation.versions

    @cached_property
    def _installation(self) -> Installation:
        return find_installation(self.config.python)

    @property
    def _device(self) -> str:
        return self.config.device or ("cuda" if cuda_devices() else "cpu")

    def _train(
        self, training_data: Sequence[TstTrainingDatum], output_dir: Path, fold_id: str, seed: int
    ) -> LoRAAdapterInfo:
        started = time.perf_counter()
        rows, truncated = self._rows(training_data)
        lora, halved = self.lora, 0
        while True:
            try:
                losses, peak = self._run(training_data, rows, lora, output_dir, fold_id, seed, started)
                break
            except OutOfMemory:
                if lora.batch_size == 1:
                    raise
                lora, halved = _with_smaller_batch(lora), halved + 1
                _LOG.info(
                    "%s: out of memory; training it anew with %d questions at once and as many to an update",
                    *(fold_id or "training", lora.batch_size),
                )
        last = losses[-math.ceil(len(losses) / 10) :]
        return LoRAAdapterInfo(
            fold_id=fold_id,
            adapter_path=output_dir,
            training_size=len(rows),
            model_name=self.model_name,
            training_config={**self.settings, "seed": seed, "revision": self.encoder.model.revision},
            tokens=self.lora.num_epochs * sum(len(row.ids) for row in rows),
            seconds=time.perf_counter() - started,
            final_loss=sum(last) / len(last) if last else None,
            truncated=truncated,
            peak_memory=peak,
            batch_size=lora.batch_size,
            batch_halved=halved,
        )

    def _run(
        self,
        training_data: Sequence[TstTrainingDatum],
        rows: Sequence[Row],
        lora: LoRASettings,
        output_dir: Path,
        fold_id: str,
        seed: int,
        started: float,
    ) -> tuple[list[float], int | None]:
        """Have LLaMA-Factory train and leave the adapter; return the losses and the peak of memory."""
        job = Job(
            model=self.encoder.model.folder(),
            lora=lora,
            template=self.config.template,
            # Where LLaMA-Factory cuts, it cuts the options; so it is given room for any template.
            cutoff=2 * self.encoder.max_seq_length,
            cuda=self._device != "cpu",
            seed=seed,
        )
        installation = self._installation
        with _working_folder(output_dir) as work:
            with _writing(output_dir):
                write_job(work, job, training_data, rows)
                run = Run(installation, work, self._device)
            with run:
                losses = self._follow(run, fold_id, job.steps(len(rows)), started)
            with _writing(output_dir):
                _keep(run, work / ADAPTER_FOLDER, output_dir, fold_id)
        return losses, run.peak_memory

    def _rows(self, training_data: Sequence[TstTrainingDatum]) -> tuple[list[Row], int]:
        """Encode the questions; return also how many were shortened."""
        if not training_data:
            raise DataError(
                "there is no question to train on; use fewer folds (--tst-folds) or a larger --tst-limit"
            )
        prompts = [
            self.encoder.prompt(datum.instruction, datum.metadata.get("question"), training=True)
            for datum in training_data
        ]
        truncated = sum(prompt.truncated for prompt in prompts)
        if truncated and self.config.template is not None:
            raise DataError(
                f"{truncated} questions are longer than max_seq_length={self.encoder.max_seq_length}, and "
                f"LLaMA-Factory's template {self.config.template!r} would not have them shortened as for "
                "prediction; raise max_seq_length or leave out the template"
            )
        rows = [
            Row(prompt.ids, self.encoder.answer(datum.response))
            for prompt, datum in zip(prompts, training_data, strict=True)
        ]
        return rows, truncated

    def _follow(self, run: Run, fold_id: str, steps: int, started: float) -> list[float]:
        """Report each step until the process ends; return their losses."""
        losses: list[float] = []
        step = 0
        for entries in run.looks():
            for entry in entries:
                if "loss" not in entry:
                    continue
                step, steps = int(entry["current_steps"]), int(entry["total_steps"])
                losses.append(self._finite(float(entry["loss"]), fold_id, step, steps))
                self._report(self._progress(fold_id, step, steps, losses, started))
            if self._cancelled.is_set():
                # Cancelled while it loads the model or is within a step.
                self._report(self._progress(fold_id, step, steps, losses, started))
        run.check(f"LLaMA-Factory, training {fold_id or 'an adapter'}")
        return losses

    def _finite(self, loss: float, fold_id: str, step: int, steps: int) -> float:
        if not math.isfinite(loss):
            raise EngineError(
                f"the loss of {fold_id or 'the adapter'} is {loss} at step {step} of {steps}: the training "
                f"diverged; use a lower learning rate than {self.lora.learning_rate} "
                "(--tst-lora learning_rate=...)"
            )
        return loss

    @staticmethod
    def _progress(
        fold_id: str, step: int, steps: int, losses: Sequence[float], started: float
    ) -> TrainingProgress:
        return TrainingProgress(
            fold_id=fold_id,
            step=step,
            total_steps=steps,
            loss=losses[-1] if losses else None,
            seconds=time.perf_counter() - started,
        )


def _with_smaller_batch(lora: LoRASettings) -> LoRASettings:
    """Return the settings with half the batch, or a little less, and as many questions to an update."""
    effective = lora.effective_batch_size
    batch = smaller_batch(lora.batch_size, effective)
    return lora.model_copy(update={"batch_size": batch, "gradient_accumulation_steps": effective // batch})


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say of a failure to write that it is one, and where.

    Raises
    ------
    EngineError
        For an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"{folder}: the adapter cannot be written there ({error.strerror}); free some space or choose "
            "another folder"
        ) from None


@contextmanager
def _working_folder(output_dir: Path) -> Iterator[Path]:
    """Make a folder within that of the adapter, which holds no earlier one, and delete it afterwards."""
    with _writing(output_dir):
        output_dir.mkdir(parents=True, exist_ok=True)
        for name in (WEIGHTS, CONFIG):
            (output_dir / name).unlink(missing_ok=True)
        made = tempfile.TemporaryDirectory(
            prefix=".llamafactory-", dir=output_dir.resolve(), ignore_cleanup_errors=True
        )
    with made as work:
        yield Path(work)


def _keep(run: Run, adapter: Path, output_dir: Path, fold_id: str) -> None:
    """Move an adapter to its place, its weights last, and leave all else to be deleted."""
    try:
        check_adapter_files(adapter)
    except EngineError:
        raise EngineError(
            run.with_last_lines(f"LLaMA-Factory, training {fold_id or 'an adapter'}, left no whole adapter")
        ) from None
    for name in (CONFIG, WEIGHTS):
        (adapter / name).replace(output_dir / name)


def create_llamafactory_trainer(
    model_name: str | None = None, *, encoder: PromptEncoder | None = None, **settings: Any
) -> LlamaFactoryTrainer:
    """Return a trainer with LLaMA-Factory; nothing is started yet.

    Parameters
    ----------
    model_name
        As for `find_model`.
    encoder
        As for `LlamaFactoryTrainer`.
    **settings
        The other fields of `LlamaFactoryConfig`.

    Raises
    ------
    DataError
        A setting is not known, or its value makes no sense.
    """
    named = {"model_name": model_name, **settings}
    return LlamaFactoryTrainer(read_settings(LlamaFactoryConfig, named, "the LLaMA-Factory trainer"), encoder)
