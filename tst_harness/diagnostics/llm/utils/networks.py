"""Base models in this process's memory, each loaded once and shared by the trainer and the predictor."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from tst_harness.diagnostics.llm.utils.adapters import WEIGHTS
from tst_harness.diagnostics.llm.utils.installed import require
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack, Span
from tst_harness.diagnostics.llm.utils.memory import is_out_of_memory
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.diagnostics.llm.utils.packing import FixedPacking, Packing, is_packable, packed
from tst_harness.diagnostics.llm.utils.peak import operations_per_token, peak_operations
from tst_harness.errors import OutOfMemory


class Network:
    """A causal language model of transformers, with at most one LoRA adapter on it.

    Attributes
    ----------
    model
        The network. Its weights are in float32 on a CPU and in bfloat16 on CUDA.
    device
        "cpu", "cuda" or "cuda:1".
    packs
        Whether prompts are run without padding: on a CPU, where the network can.
    packable
        Whether the network can run prompts without padding at all.
    padding
        Tokens of padding that prompts had, since whoever counts them set this to 0.
    """

    def __init__(self, folder: Path, device: str) -> None:
        import torch
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging

        logging.disable_progress_bar()  # A bar a fold would bury what a user is to read.
        dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
        self.device = device
        self.padding = 0
        # Before the weights take the device's memory.
        self._peak = peak_operations(device)
        self.model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=dtype).to(device)
        self.model.eval().requires_grad_(False)
        self._operations = operations_per_token(self.model)
        self.packable = is_packable(self.model)
        self.packs = device == "cpu" and self.packable
        self._adapted: Any = None
        self._adapter: tuple[Path, int] | None = None

    def seconds_at_peak(self, tokens: int, training: bool = False) -> float | None:
        """Return how long tokens take where the device does nothing but multiply by the frozen weights.

        In training they are multiplied by twice: forward, and backward for what comes before. None where that
        is not known.
        """
        if self._peak is None or self._operations is None:
            return None
        return (2 if training else 1) * self._operations * tokens / self._peak

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

    @contextmanager
    def adapters(self, paths: Sequence[Path]) -> Iterator[LoRAStack]:
        """Have k adapters on at once, each for prompts of its own; none is on afterwards."""
        from peft import PeftModel

        self.use_adapter(None)
        names = [f"adapter{place}" for place in range(len(paths))]
        adapted = PeftModel.from_pretrained(self.model, str(paths[0]), names[0])
        try:
            for name, path in zip(names[1:], paths[1:], strict=True):
                adapted.load_adapter(str(path), name)
            stack = LoRAStack(adapted.eval(), names)
            with stack.in_use():
                yield stack
        finally:
            adapted.unload()

    def logits(
        self,
        prompts: Sequence[Sequence[int]],
        positions: Sequence[Sequence[int]],
        stack: LoRAStack | None = None,
        owners: Sequence[int | None] = (),
    ) -> Any:
        """Return the logits at some positions of each prompt.

        Where they are not packed, prompts are padded on the right and not masked: what is causal does
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
            For each prompt its adapter in the stack, None for the network alone; prompts of one adapter
            stand together.

        Returns
        -------
        float32, (positions in all, vocabulary), in order.
        """
        import torch

        # A training batch of several adapters has many lengths, so that padding would be most of it.
        if self.packs or (self.packable and stack is not None and torch.is_grad_enabled()):
            return self.run_packed(self.pack(prompts, positions, owners), positions, stack, owners)
        width = max(map(len, prompts))
        self.padding += width * len(prompts) - sum(map(len, prompts))
        if stack is not None:
            stack.spans = spans(owners, [width * row for row in range(1, len(prompts) + 1)])
        padded = torch.zeros(len(prompts), width, dtype=torch.long)
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

    def pack(
        self,
        prompts: Sequence[Sequence[int]],
        positions: Sequence[Sequence[int]],
        owners: Sequence[int | None] = (),
    ) -> Packing:
        """Pack prompts; what those of an owner begin with is there once, save in training.

        Dropout drops other elements of each question, so that there nothing is the same.
        """
        import torch

        shared = 0 if torch.is_grad_enabled() else min(min(places) for places in positions)
        return Packing(prompts, owners, shared)

    def run_packed(
        self,
        packing: Packing,
        positions: Sequence[Sequence[int]],
        stack: LoRAStack | None = None,
        owners: Sequence[int | None] = (),
    ) -> Any:
        """Return the logits at some positions, as `logits` does, of prompts that were packed."""
        import torch

        if stack is not None:
            groups = [owner for owner, _ in groupby(owners)]
            stack.spans = spans(groups, packing.ends)
        wanted = [packing.where(row, place) for row, places in enumerate(positions) for place in places]
        tokens, places, kept = (
            torch.tensor(numbers, device=self.device) for numbers in (packing.tokens, packing.places, wanted)
        )
        return self.run_row(tokens, places, kept, packing)

    def run_row(self, tokens: Any, places: Any, wanted: Any, packing: Packing | FixedPacking) -> Any:
        """Return the logits at some tokens of a packed row.

        Parameters
        ----------
        tokens, places
            (tokens,) int64: the row, and where each token is in its sequence.
        wanted
            (n,) int64: where in the row.
        packing
            Of that row.

        Returns
        -------
        float32, (n, vocabulary).
        """
        with packed(self.model, packing):
            logits = self.model(
                input_ids=tokens[None], position_ids=places[None], logits_to_keep=wanted, use_cache=False
            ).logits
        return logits[0].float()


def spans(owners: Sequence[int | None], ends: Sequence[int]) -> list[Span]:
    """Return the tokens of each adapter.

    Parameters
    ----------
    owners
        The adapters of n parts of a batch, None for none; parts of one adapter stand together.
    ends
        For each part the number of tokens up to its end.
    """
    made: list[Span] = []
    start = 0
    for owner, group in groupby(zip(owners, ends, strict=True), key=lambda part: part[0]):
        stop = max(end for _, end in group)
        if owner is not None:
            made.append(Span(owner, start, stop))
        start = stop
    return made


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
