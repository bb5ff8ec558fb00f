"""What trainers make of questions: tokens, batches in their order, learning rates, and a saved adapter."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import LoRASettings, TstTrainingDatum
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS, check_adapter_files
from tst_harness.errors import DataError, EngineError, OutOfMemory

LARGEST_NORM = 1.0
"""That gradients of an adapter are clipped to."""
_MEGABATCH = 8


@dataclass(frozen=True)
class Example:
    """Token ids of a prompt and its answer."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """Both, in order."""
        return self.prompt + self.answer

    @property
    def shown(self) -> tuple[int, ...]:
        """What the network is run on: nothing is predicted from the last token."""
        return self.ids[:-1]

    @property
    def positions(self) -> range:
        """Where the answer's tokens are predicted: each by the token before it."""
        return range(len(self.prompt) - 1, len(self.prompt) + len(self.answer) - 1)


def encode(encoder: PromptEncoder, training_data: Sequence[TstTrainingDatum]) -> tuple[list[Example], int]:
    """Return n questions as tokens, and how many of them were shortened.

    Raises
    ------
    DataError
        There are none, or one is too long and may not be shortened.
    """
    if not training_data:
        raise DataError(
            "there is no question to train on; use fewer folds (--tst-folds) or a larger --tst-limit"
        )
    encoded = [
        encoder.prompt(datum.instruction, datum.metadata.get("question"), training=True)
        for datum in training_data
    ]
    examples = [
        Example(prompt.ids, encoder.answer(datum.response))
        for prompt, datum in zip(encoded, training_data, strict=True)
    ]
    return examples, sum(prompt.truncated for prompt in encoded)


def lora_config(lora: LoRASettings) -> Any:
    """Return the settings as peft has them: adapters on all linear layers but the output head."""
    from peft import LoraConfig

    return LoraConfig(
        r=lora.lora_rank,
        lora_alpha=lora.lora_alpha,
        lora_dropout=lora.lora_dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def learning_rate_share(step: int, total: int, warmup: int) -> float:
    """Return the share of the learning rate at an update: a line from 0 to 1, then half a cosine to 0.

    It is the schedule of `transformers.get_cosine_schedule_with_warmup`, and so of LLaMA-Factory.

    Parameters
    ----------
    step
        The update, from 0.
    total, warmup
        Numbers of updates, of all and of those before the rate is whole.
    """
    if step < warmup:
        return step / max(1, warmup)
    return max(0.0, 0.5 * (1.0 + math.cos(math.pi * (step - warmup) / max(1, total - warmup))))


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Yield the questions of each update of an epoch: of like length, in random order.

    Lengths are sorted among a few batches' worth of randomly drawn questions, not among all, so that a
    batch is not always made of the same questions.
    """
    order = rng.sample(range(len(examples)), len(examples))
    made = []
    for start in range(0, len(order), size * _MEGABATCH):
        near = sorted(order[start : start + size * _MEGABATCH], key=lambda at: len(examples[at].ids))
        made += [near[at : at + size] for at in range(0, len(near), size)]
    rng.shuffle(made)
    for batch in made:
        yield [examples[at] for at in batch]


def diverged(fold_id: str, loss: float, step: int, total: int, rate: float) -> EngineError:
    """Return what is raised where the loss is no number any more."""
    return EngineError(
        f"the loss of {fold_id or 'the adapter'} is {loss} at step {step} of {total}: the training diverged; "
        f"use a lower learning rate than {rate} (--tst-lora learning_rate=...)"
    )


def no_memory(fold_id: str, device: str) -> OutOfMemory:
    """Return what is raised where one question at once is too much."""
    return OutOfMemory(
        f"training {fold_id or 'the adapter'} runs out of memory on {device} with one question at once; "
        "shorten the questions (--tst-lora max_seq_length=...), use a smaller model (--tst-model), or free "
        "memory"
    )


def save_adapter(adapted: Any, output_dir: Path, name: str = "default") -> None:
    """Save an adapter, its weights last, so that a folder with weights holds a whole adapter."""
    work = output_dir / ".saving"
    try:
        adapted.save_pretrained(str(work), selected_adapters=[name], save_embedding_layers=False)
        saved = work if name == "default" else work / name
        check_adapter_files(saved)
        for file in (CONFIG, WEIGHTS):
            (saved / file).replace(output_dir / file)
    except OSError as error:
        raise EngineError(
            f"{output_dir}: the adapter cannot be saved ({error.strerror}); free some space or choose "
            "another folder"
        ) from None
    finally:
        rmtree(work, ignore_errors=True)
