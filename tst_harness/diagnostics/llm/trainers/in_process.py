"""What trainers with torch and peft in this process have in common: the network, its device, its account."""

import math
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import LoRAAdapterInfo, LoRASettings
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer, TrainingJob
from tst_harness.diagnostics.llm.trainers.examples import Example
from tst_harness.diagnostics.llm.utils.memory import empty_cache, free_memory, peak_memory
from tst_harness.diagnostics.llm.utils.networks import Network, default_device, shared_network


class InProcessTrainer(LLMTrainer):
    """Trains the network that `shared_network` has in this process.

    Parameters
    ----------
    encoder
        The model and its tokens.
    lora
        Settings; the paper's by default.
    device
        "cpu", "cuda", "cuda:1"; None for CUDA where torch finds a device.
    """

    in_process = True

    def __init__(
        self, encoder: PromptEncoder, lora: LoRASettings | None = None, device: str | None = None
    ) -> None:
        super().__init__(encoder, lora)
        self._device = device
        self._network: Network | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The engine and the settings of LoRA."""
        return {"engine": self.engine, **self.lora.as_dict()}

    @property
    def versions(self) -> dict[str, str]:
        """Of torch, transformers and peft."""
        return {name: version(name) for name in ("torch", "transformers", "peft")}

    def free_memory(self) -> int | None:
        """Bytes free on the CUDA device; None before the first training, and for a CPU."""
        return None if self._device is None else free_memory(self._device)

    def release(self) -> None:
        """Let go of the base model, which is freed when the predictor does not hold it either."""
        self._network = None
        empty_cache()

    def _load(self) -> str:
        """Load the network, without an adapter in use, and return its device."""
        self._device = self._device or default_device()
        self._network = self._network or shared_network(self.encoder.model, self._device)
        self._network.use_adapter(None)
        return self._device

    def _info(
        self,
        job: TrainingJob,
        examples: Sequence[Example],
        losses: Sequence[float],
        tokens: int,
        **account: Any,
    ) -> LoRAAdapterInfo:
        """Return what is told of an adapter; `account` has the fields of what its training took."""
        assert self._network is not None
        last = losses[-math.ceil(len(losses) / 10) :]
        return LoRAAdapterInfo(
            fold_id=job.fold_id,
            adapter_path=job.output_dir,
            training_size=len(examples),
            model_name=self.model_name,
            training_config={**self.settings, "seed": job.seed, "revision": self.encoder.model.revision},
            tokens=tokens,
            seconds_at_peak=self._network.seconds_at_peak(tokens, training=True),
            final_loss=sum(last) / len(last),
            peak_memory=peak_memory(str(self._device)),
            **account,
        )
