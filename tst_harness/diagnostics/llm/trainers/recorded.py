"""Training steps recorded as graphs: one for each of a few widths, and one for the update."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tst_harness.diagnostics.llm.trainers.examples import Example
from tst_harness.diagnostics.llm.trainers.updates import Updates
from tst_harness.diagnostics.llm.trainers.widths import choose_widths, fitting
from tst_harness.diagnostics.llm.utils.graphs import Recorder, Work
from tst_harness.diagnostics.llm.utils.lora_stack import LoRAStack
from tst_harness.diagnostics.llm.utils.memory import clear, is_out_of_memory
from tst_harness.diagnostics.llm.utils.networks import Network
from tst_harness.diagnostics.llm.utils.packing import FixedPacking

Batch = Mapping[int, Sequence[Example]]
"""Questions of each adapter."""
_TOLERANCE = 1e-2
"""By which a recorded step may differ, relatively: in bfloat16 numbers have three digits."""


class CannotRecordError(Exception):
    """Why steps are not recorded."""


def split(update: Batch, size: int) -> Iterator[Batch]:
    """Yield an update as batches of so many questions of each adapter at most."""
    for start in range(0, max(map(len, update.values())), size):
        yield {
            place: examples[start : start + size]
            for place, examples in update.items()
            if start < len(examples)
        }


class _Width:
    """The tensors that a graph reads and writes: a packed row of so many tokens at most.

    Attributes
    ----------
    losses
        float32, (k,): of each adapter the loss, its share of an update weighed in.
    """

    def __init__(self, tokens: int, answers: int, adapters: int, device: str) -> None:
        import torch

        def zeros(*shape: int) -> Any:
            return torch.zeros(*shape, dtype=torch.long, device=device)

        self.tokens = tokens
        self._answers, self._adapters = answers, adapters
        self.row, self.places, self.pieces, self.owners = (zeros(tokens) for _ in range(4))
        self.wanted, self.answers = zeros(answers), zeros(answers)
        self.shares = torch.zeros(adapters, answers, device=device)
        self.losses = torch.zeros(adapters, device=device)

    def fill(self, batch: Batch, tokens: Mapping[int, int]) -> None:
        """Take the questions of a batch.

        Parameters
        ----------
        batch
            At most `self.tokens` tokens, and as many answer tokens as there is room for.
        tokens
            How many answer tokens an adapter has in the whole update.
        """
        import torch

        row: list[int] = []
        places: list[int] = []
        pieces: list[int] = []
        owners: list[int] = []
        wanted: list[int] = []
        answers: list[int] = []
        shares = torch.zeros(self._adapters, self._answers)
        for adapter, examples in batch.items():
            for example in examples:
                shown, start = example.shown, len(row)
                pieces += [start] * len(shown)
                row += shown
                places += range(len(shown))
                owners += [adapter] * len(shown)
                begun = len(answers)
                wanted += [start + position for position in example.positions]
                answers += example.answer
                shares[adapter, begun : len(answers)] = 1.0 / tokens[adapter]
        # What is left over is one more sequence, of no adapter.
        left = self.tokens - len(row)
        rows = (row, places, pieces, owners)
        for tensor, numbers, filler in zip(
            (self.row, self.places, self.pieces, self.owners), rows, (0, 0, -1, -1), strict=True
        ):
            tensor.copy_(torch.tensor([*numbers, *[filler] * left]))
        room = self._answers - len(answers)
        self.wanted.copy_(torch.tensor([*wanted, *[0] * room]))
        self.answers.copy_(torch.tensor([*answers, *[0] * room]))
        self.shares.copy_(shares)


class RecordedSteps:
    """Updates of k adapters whose work on the device is recorded: launching its kernels takes no time then.

    Parameters
    ----------
    network, stack, updates
        What is trained. The stack is in use with the weights of peft's adapters, and no update was made.
    recorder
        What records and replays.
    plan
        The updates to come, of every adapter.
    size
        Questions of an adapter in a batch.

    Raises
    ------
    CannotRecordError
        The network cannot be recorded, or what was recorded does something else.
    """

    def __init__(
        self,
        network: Network,
        stack: LoRAStack,
        updates: Updates,
        recorder: Recorder,
        plan: Sequence[Batch],
        size: int,
    ) -> None:
        if not network.packable:
            raise CannotRecordError("the network cannot run several sequences in one row")
        self._network, self._stack, self._updates, self._recorder = network, stack, updates, recorder
        self._size = size
        batches = [(update, batch) for update in plan for batch in split(update, size)]
        self._widths = choose_widths([_tokens(batch) for _, batch in batches])
        room = max(_answers(batch) for _, batch in batches)
        self._buffers: dict[int, _Width] = {}
        self._replays: dict[int, Work] = {}
        try:
            for width in self._widths:
                buffers = _Width(width, room, len(stack.weights), network.device)
                self._buffers[width] = buffers
                update, batch = max(
                    (pair for pair in batches if fitting(self._widths, _tokens(pair[1])) == width),
                    key=lambda pair: _tokens(pair[1]),
                )
                buffers.fill(batch, _answers_of_each(update))
                self._replays[width] = self._recorded(partial(self._step, buffers), buffers)
            self._replay_update = self._recorded_update()
        except CannotRecordError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise
            reason = (str(error).strip().splitlines() or [""])[0]
            raise CannotRecordError(f"{type(error).__name__}: {reason}") from None
        finally:
            stack.gradients.zero_()

    def accumulate(self, update: Batch) -> dict[int, float]:
        """Add up the gradients of an update, and return the loss of each of its adapters.

        Where one of them is no number, the gradients of all adapters are spoiled.
        """
        tokens, totals = _answers_of_each(update), dict.fromkeys(update, 0.0)
        for batch in split(update, self._size):
            width = fitting(self._widths, _tokens(batch))
            assert (
                width is not None
            )  # The widest holds every batch of the plan, and fewer adapters need less.
            buffers = self._buffers[width]
            buffers.fill(batch, tokens)
            self._replays[width]()
            self._network.padding += width - _tokens(batch)
            losses = buffers.losses.tolist()
            for place in batch:
                totals[place] += losses[place]
        return totals

    def apply(self) -> None:
        """Clip the gradients and update the weights."""
        self._replay_update()

    def _step(self, buffers: _Width) -> None:
        """Add the gradients of the batch in some buffers, and write its losses there."""
        import torch

        packing = FixedPacking(buffers.pieces, buffers.places)
        device = torch.device(self._network.device).type
        # What autocast keeps of one pass would be read by the next.
        autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda", cache_enabled=False)
        with self._stack.told_by(buffers.owners), autocast:
            logits = self._network.run_row(buffers.row, buffers.places, buffers.wanted, packing)
        each = torch.nn.functional.cross_entropy(logits, buffers.answers, reduction="none")
        losses = (buffers.shares * each).sum(1)
        losses.sum().backward()
        buffers.losses.copy_(losses.detach())

    def _recorded(self, step: Work, buffers: _Width) -> Work:
        """Record a step, and check that it does the same as without."""

        def outcome(run: Work) -> list[float]:
            self._stack.gradients.zero_()
            with self._same_random_numbers():
                run()
            norms = self._stack.gradients.norm(dim=1)
            return [*buffers.losses.tolist(), *norms.tolist()]

        expected = outcome(lambda: self._recorder.warm_up(step))
        replay = self._recorder.record(step)
        buffers.losses.zero_()
        _check(expected, outcome(replay), f"a step of {buffers.tokens} tokens")
        return replay

    def _recorded_update(self) -> Work:
        """Record the update, and check on the gradients of the last step that it does the same as without."""
        gradients = self._stack.gradients.clone()

        def outcome(run: Work) -> list[float]:
            self._stack.gradients.copy_(gradients)
            run()
            changed: list[float] = self._stack.weights.norm(dim=1).tolist()
            self._stack.load()
            self._updates.forget()
            return changed

        self._updates.set_rates(dict.fromkeys(range(len(gradients)), 1e-2))
        expected = outcome(lambda: self._recorder.warm_up(self._updates.apply))
        replay = self._recorder.record(self._updates.apply)
        _check(expected, outcome(replay), "the update of the weights")
        return replay

    def _same_random_numbers(self) -> Any:
        import torch

        device = torch.device(self._network.device)
        return torch.random.fork_rng(devices=[] if device.type == "cpu" else [device])


def record_steps(
    network: Network,
    stack: LoRAStack,
    updates: Updates,
    recorder: Recorder,
    plan: Sequence[Batch],
    size: int,
) -> RecordedSteps | str:
    """Return recorded steps, as `RecordedSteps`, or why there are none.

    The error is gone when this returns, and with it the memory that it kept.
    """
    try:
        return RecordedSteps(network, stack, updates, recorder, plan, size)
    except CannotRecordError as error:
        reason = str(error)
    stack.load()
    updates.forget()
    clear()
    return reason


def _check(expected: Sequence[float], outcome: Sequence[float], what: str) -> None:
    """Compare what was done without a graph, and with.

    Raises
    ------
    CannotRecordError
        They differ.
    """
    for before, after in zip(expected, outcome, strict=True):
        if not math.isclose(before, after, rel_tol=_TOLERANCE, abs_tol=1e-6):
            raise CannotRecordError(
                f"{what} that was recorded gives {after:.6g} where it gives {before:.6g} without"
            )


def _tokens(batch: Batch) -> int:
    """How many tokens the network is run on."""
    return sum(len(example.ids) - 1 for examples in batch.values() for example in examples)


def _answers(batch: Batch) -> int:
    return sum(_answers_of_each(batch).values())


def _answers_of_each(batch: Batch) -> dict[int, int]:
    return {place: sum(len(example.answer) for example in examples) for place, examples in batch.items()}
