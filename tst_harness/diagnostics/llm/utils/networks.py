"""Base models in this process's memory, each loaded once and shared by the trainer and the predictor."""

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS
from tst_harness.diagnostics.llm.utils.installed import require
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack, Span
from tst_harness.diagnostics.llm.utils.memory import is_out_of_memory
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.diagnostics.llm.utils.packing import is_packable, packed
from tst_harness.errors import OutOfMemory


class Network:
    """A causal language model of transformers, with at most one LoRA adapter on it.

    Attributes
    ----------
    model
        The network. Its weights are in float32 on a CPU and in bfloat16 on CUDA.
    device
        "cpu", "cuda" or "cuda:1".
    """

    def __init__(self, folder: Path, device: str) -> None:
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging

        logging.disable_progress_bar()  # A bar a fold would bury what a user is to read.
        dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
        self.device = device
        self.model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=dtype).to(device)
        self.model.eval().requires_grad_(False)
        self._adapted: Any = None
        self._adapter: tuple[Path, int] | None = None

    def use_adapter(self, path: Path | None) -> None:
        """Put an adapter on in place of another, or take it off."""
        # A folder may have been written again since it was last read.
        wanted = None if path is None else (path, (path / WEIGHTS).stat().st_mtime_ns)
        if wanted == self._adapter:
            return
        if self._adapted is not None:
            self._adapted.unload()
            self._adapted, self._adapter = None, None
        if path is not None:
            from peft import PeftModel

            self._adapted = PeftModel.from_pretrained(self.model, str(path)).eval()
            self._adapter = wanted

    @cached_property
    def packs(self) -> bool:
        """Whether prompts are run without padding: on a CPU, where the network can."""
        return self.device == "cpu" and is_packable(self.model)

    def logits(
        self,
        prompts: Sequence[Sequence[int]],
        positions: Sequence[Sequence[int]],
        stack: LoRAStack | None = None,
        owners: Sequence[int] = (),
    ) -> Any:
        """Return the logits at some positions of each prompt.

        Where the network does not pack, prompts are padded on the right and not masked: what is causal does
        not see what follows it. The output head is evaluated at those positions alone.

        Parameters
        ----------
        prompts
            n token sequences.
        positions
            For each prompt the positions wanted, at least one.
        stack
            Adapters that are in use.
        owners
            For each prompt its adapter in the stack; prompts of one adapter stand together.

        Returns
        -------
        float32, (positions in all, vocabulary), in order.
        """
        import torch

        lengths = [len(prompt) for prompt in prompts]
        if not self.packs:
            lengths = [max(lengths)] * len(prompts)
        starts = list(accumulate(lengths, initial=0))
        if stack is not None:
            stack.spans = _spans(owners, starts)
        if self.packs:
            each = zip(starts, positions, strict=False)
            wanted = [start + place for start, places in each for place in places]
            with packed(self.model, lengths):
                logits = self.model(
                    input_ids=torch.tensor([[token for prompt in prompts for token in prompt]]),
                    position_ids=torch.tensor([[place for length in lengths for place in range(length)]]),
                    logits_to_keep=torch.tensor(wanted),
                    use_cache=False,
                ).logits
            return logits[0].float()
        padded = torch.zeros(len(prompts), lengths[0], dtype=torch.long)
        for row, prompt in enumerate(prompts):
            padded[row, : len(prompt)] = torch.tensor(prompt)
        union = sorted({position for places in positions for position in places})
        column = {position: place for place, position in enumerate(union)}
        logits = self.model(
            input_ids=padded.to(self.device),
            logits_to_keep=torch.tensor(union, device=self.device),
            use_cache=False,
        ).logits
        rows = [row for row, places in enumerate(positions) for _ in places]
        columns = [column[position] for places in positions for position in places]
        return logits[rows, columns].float()


def _spans(owners: Sequence[int], starts: Sequence[int]) -> list[Span]:
    """Return the tokens of each adapter, of the owners of prompts and where each begins and the last ends."""
    spans = []
    for owner, group in groupby(range(len(owners)), key=owners.__getitem__):
        rows = list(group)
        spans.append(Span(owner, starts[rows[0]], starts[rows[-1] + 1]))
    return spans


_LOADED: WeakValueDictionary[tuple[str, str], Network] = WeakValueDictionary()


def shared_network(source: ModelSource, device: str) -> Network:
    """Return the network of a model on a device: the one in memory while anybody holds it, else a new one.

    Raises
    ------
    EngineUnavailable
        torch, transformers or peft is not installed.
    SourceUnavailable
        The model cannot be had from here.
    OutOfMemory
        It does not fit on the device.
    """
    require("torch", "transformers", "peft")
    folder = source.folder()
    network = _LOADED.get((str(folder), device))
    if network is None:
        try:
            network = _LOADED[str(folder), device] = Network(folder, device)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"{source.name} does not fit in the memory of {device}; use a smaller model (--tst-model), "
                "or free memory"
            ) from None
    return network


def default_device() -> str:
    """Return "cuda" where torch finds a device, else "cpu"."""
    require("torch", "transformers", "peft")
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
