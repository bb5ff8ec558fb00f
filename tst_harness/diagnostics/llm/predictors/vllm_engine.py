"""vLLM inside the process that calls it: the far end of the vLLM predictor and of the Ray predictor."""

import contextlib
import ctypes
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.predictors.base import MAX_ANSWER_TOKENS, Reply, Request
from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS
from tst_harness.diagnostics.llm.utils.memory import is_out_of_memory, peak_memory, reset_peak
from tst_harness.errors import EngineError, OutOfMemory
from tst_harness.processes.machine import cores

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""The largest ranks of an adapter that vLLM can be started for."""
_ENVIRONMENT = {
    # The engine's core in this process: with it ends all that it holds, and nothing is said between two.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "HF_HUB_OFFLINE": "1",  # The model is a folder.
}
_KEPT = 0.2
"""A sleeping engine that keeps more than this share of its memory has not given it back."""
_TOKENS_EACH = 64
"""Tokens of a step for each question at once: longer questions take their turns, as under vLLM's limits."""
_SETTLING = 10.0
"""Seconds that the device has to show freed memory."""
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # malloc.h


class VLLMEngine:
    """One vLLM engine, and the adapter that is on it.

    Parameters
    ----------
    folder
        Of the model.
    max_seq_length
        Tokens at most of prompt and answer together.
    dtype
        "auto" for float32 on a CPU and bfloat16 elsewhere, as with `TransformersPredictor`.
    gpu_memory_utilization
        The share of the device's memory that vLLM takes; without meaning on a CPU.
    max_lora_rank
        One of `RANKS`: adapters are padded to it, so a larger one than needed costs memory and time.
    stop_tokens
        Tokens that end a generated answer.
    gpus
        Devices that the model is split over.
    at_once
        Questions at most at once; None for vLLM's own limit.

    Raises
    ------
    OutOfMemory
        The device's memory is too small for that many.
    """

    def __init__(
        self,
        folder: str,
        max_seq_length: int,
        dtype: str,
        gpu_memory_utilization: float,
        max_lora_rank: int,
        stop_tokens: Sequence[int],
        gpus: int = 1,
        at_once: int | None = None,
    ) -> None:
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        # Without it, vLLM leaves one thread to itself on a CPU.
        os.environ.setdefault("OMP_NUM_THREADS", str(cores()))
        from vllm import LLM
        from vllm.platforms import current_platform

        cpu = current_platform.is_cpu()
        if cpu:
            _keep_freed_memory()
        # Several devices have a process each, which sleep in step but cannot be measured from here.
        self._can_sleep = gpus == 1 and current_platform.is_sleep_mode_available()
        self._device = "cpu" if cpu else "cuda"
        self._at_first = self._held()
        limits = {}
        if at_once is not None:
            tokens = max(max_seq_length, at_once * _TOKENS_EACH)
            limits = {"max_num_seqs": at_once, "max_num_batched_tokens": tokens}
        with _telling_out_of_memory():
            self._llm = LLM(
                model=folder,
                max_model_len=max_seq_length,
                dtype=("float32" if cpu else "bfloat16") if dtype == "auto" else dtype,
                gpu_memory_utilization=gpu_memory_utilization,
                tensor_parallel_size=gpus,
                distributed_executor_backend="mp" if gpus > 1 else None,
                enable_lora=True,
                max_loras=1,
                max_lora_rank=max_lora_rank,
                enable_sleep_mode=self._can_sleep,
                # Answers are a few tokens long, and graphs and compilation pay in long ones alone.
                enforce_eager=True,
                # What was asked before must not change an answer, not even in its last digit.
                enable_prefix_caching=False,
                disable_log_stats=True,
                seed=0,
                **limits,
            )
        self._stop_tokens = list(stop_tokens)
        self._adapter: tuple[str, Any] | None = None
        self._adapters = 0
        self._asleep = False

    def reply(self, requests: Sequence[Request], adapter: str | None, key: str | None = None) -> list[Reply]:
        """Reply to requests in their order.

        Parameters
        ----------
        requests
            Scored and generated ones in any mixture.
        adapter
            The folder of a LoRA adapter; None for the base model alone.
        key
            What tells the adapter from others; None for its folder and when its weights were written.

        Raises
        ------
        OutOfMemory
            The engine must be ended then: what it was asked is left in its queue.
        """
        with _telling_out_of_memory():
            self.wake()
            lora = None if adapter is None else self._put_on(adapter, key or adapter_key(Path(adapter)))
            outputs = self._llm.generate(
                [{"prompt_token_ids": list(one.prompt)} for one in requests],
                [self._parameters(one) for one in requests],
                lora_request=lora,
                use_tqdm=False,
            )
        return [_reply(one, output.outputs[0]) for one, output in zip(requests, outputs, strict=True)]

    def has(self, key: str) -> bool:
        """Whether the adapter of a key is on, so that its files are not needed."""
        return self._adapter is not None and self._adapter[0] == key

    def sleep(self) -> bool:
        """Give the device's memory back, the weights kept outside of it.

        Returns
        -------
        Whether it came back, as measured; False where vLLM cannot sleep.
        """
        if not self._can_sleep:
            return False
        held = self._held() - self._at_first
        self._take_off()
        self._llm.sleep(level=1)
        self._asleep = True
        deadline = time.monotonic() + _SETTLING
        while self._held() - self._at_first > _KEPT * held:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def wake(self) -> None:
        """Take the memory again."""
        if self._asleep:
            self._llm.wake_up()
            self._asleep = False

    def peak_memory(self) -> int | None:
        """Bytes at most since the last call: of this process on a CPU, else held on the device now."""
        if self._device == "cpu":
            peak = peak_memory("cpu")
            reset_peak("cpu")
            return peak
        return self._held() or None

    def _held(self) -> int:
        """Bytes taken on the device, by whomever."""
        if not self._can_sleep:
            return 0
        free, total = sys.modules["torch"].cuda.mem_get_info()
        return int(total - free)

    def _parameters(self, request: Request) -> Any:
        from vllm import SamplingParams

        if request.candidates:
            return SamplingParams(
                temperature=0.0,
                max_tokens=1,
                logprob_token_ids=list(request.candidates),
                detokenize=False,
            )
        return SamplingParams(
            temperature=0.0,
            max_tokens=MAX_ANSWER_TOKENS,
            logprobs=0,  # Of the tokens said, and of no others.
            stop_token_ids=self._stop_tokens,
        )

    def _put_on(self, folder: str, key: str) -> Any:
        """Return the LoRARequest of an adapter, which has the one place there is.

        Each adapter has an id and a name of its own: under those of another, vLLM would not read its files.
        """
        from vllm.lora.request import LoRARequest

        if self._adapter is None or self._adapter[0] != key:
            self._take_off()
            self._adapters += 1
            request = LoRARequest(f"adapter-{self._adapters}", self._adapters, folder)
            # Here and not with the first request, which would be left in the queue by an error.
            if not self._llm.llm_engine.add_lora(request):
                raise EngineError(f"vLLM did not take the adapter {folder}; train it again")
            self._adapter = key, request
        return self._adapter[1]

    def _take_off(self) -> None:
        if self._adapter is not None:
            self._llm.llm_engine.remove_lora(self._adapter[1].lora_int_id)
            self._adapter = None


def adapter_key(folder: Path) -> str:
    """Return what tells an adapter from others, and from one that was in the same folder before."""
    written = (folder / WEIGHTS).stat()
    return f"{folder}:{written.st_mtime_ns}:{written.st_size}"


@contextlib.contextmanager
def _telling_out_of_memory() -> Iterator[None]:
    """Tell that memory ran out from other errors."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise OutOfMemory(
            f"vLLM ran out of memory ({said}); free some, or use a smaller model (--tst-model)"
        ) from None


def _reply(request: Request, output: Any) -> Reply:
    if request.candidates:
        found = output.logprobs[0]
        return Reply(logprobs=tuple(found[token].logprob for token in request.candidates))
    mean = output.cumulative_logprob / len(output.token_ids)
    return Reply(text=output.text.strip(), mean_logprob=min(0.0, mean))


def _keep_freed_memory() -> None:
    """Have malloc keep what is freed.

    vLLM's LoRA kernels for CPUs copy the adapter for every token of a batch. Taking that much from the
    system and handing it back in each layer takes as long as the arithmetic.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_MAX, 0)
        libc.mallopt(_TRIM_THRESHOLD, -1)
