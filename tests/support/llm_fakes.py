"""A predictor and a trainer without an engine: their model knows nothing but how often an answer was right.

Tokens are the codes of characters. The base model finds all of them equally likely; an adapter adds
log(times seen in training + 1) to the logit of an answer's first token. So what it says after training can be
computed by hand: of options A and B, of which A was right 3 times and B never, A has the probability 4/5.
"""

import json
import math
import struct
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.data.encoding import Encoded, PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.predictors.base import LETTERS, LLMPredictor, Reply, Request
from tst_harness.diagnostics.llm.trainers.base import LLMTrainer, TrainingJob
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.errors import EngineError, HarnessError

TOKENS = 128
SILENT = "SILENT"
"""A question with this word gets no answer: the letters have no probability, and no number is said."""


class FakeModel(ModelSource):
    def __init__(self, name: str = "fake", revision: str = "1") -> None:
        self.name = name
        self._revision = revision

    @property
    def revision(self) -> str:
        return self._revision

    def folder(self) -> Path:
        raise AssertionError("no fake has files")


class FakeEncoder(PromptEncoder):
    def prompt(self, instruction: str, question: object = None, *, training: bool = False) -> Encoded:
        return Encoded(tuple(instruction.encode("ascii")))

    def answer(self, response: str) -> tuple[int, ...]:
        return tuple(response.encode("ascii"))

    def letters(self, n: int) -> list[tuple[int, ...]]:
        return [(ord(letter),) for letter in LETTERS[:n]]


class FakePredictor(LLMPredictor):
    """Says single digits for numbers: the one with the highest logit, the smallest of several."""

    engine = "fake-predictor"

    def __init__(self, encoder: PromptEncoder, log: list[str], deaf: bool = False) -> None:
        super().__init__(encoder)
        self.log = log
        self.deaf = deaf
        """Ignores its adapter, as an engine may."""
        self.fails = False
        self._loaded = False

    @property
    def is_loaded(self) -> bool:
        return self._loaded

    @property
    def settings(self) -> dict[str, Any]:
        return {"deaf": self.deaf}

    @property
    def versions(self) -> dict[str, str]:
        return {"torch": "2", "fake": "1"}

    def ensure_loaded(self) -> None:
        if not self._loaded:
            self.log.append("predictor loads")
            self._loaded = True

    def release(self) -> None:
        self.log.append("predictor released")
        self._loaded = False

    def _peak_memory(self) -> int | None:
        return None

    def _reply(self, requests: Sequence[Request]) -> list[Reply]:
        if self.fails:
            raise EngineError("the engine died")
        logits = [0.0] * TOKENS
        if self._adapter is not None and not self.deaf:
            logits = read_weights(self._adapter)
        self.log.append(f"predictor replies {'without' if self._adapter is None else 'with'} an adapter")
        total = math.log(sum(map(math.exp, logits)))
        digits = range(ord("0"), ord("9") + 1)
        best = max(digits, key=logits.__getitem__)
        replies = []
        for one in requests:
            silent = SILENT in bytes(one.prompt).decode("ascii")
            if one.candidates:
                offset = 100.0 if silent else total
                replies.append(Reply(tuple(logits[token] - offset for token in one.candidates)))
            else:
                text = "I cannot tell." if silent else f"{chr(best)}."
                replies.append(Reply(text=text, mean_logprob=logits[best] - total))
        return replies


class FakeTrainer(LLMTrainer):
    engine = "fake-trainer"

    def __init__(self, encoder: PromptEncoder, log: list[str], learns: bool = True) -> None:
        super().__init__(encoder, LoRASettings())
        self.log = log
        self.learns = learns
        self.fails_after: int | None = None
        """Breaks down once it wrote this many bytes of the weights."""
        self.diverges: str | None = None
        """The end of the name of the fold whose training fails."""
        self.seeds: list[int] = []
        self.seen: list[list[TstTrainingDatum]] = []
        self.passes: list[list[str]] = []
        """Of each training of several adapters, what they are for."""

    @property
    def settings(self) -> dict[str, Any]:
        return {"learns": self.learns}

    @property
    def versions(self) -> dict[str, str]:
        return {"torch": "1"}

    def release(self) -> None:
        self.log.append("trainer released")

    def _train_together(self, jobs: Sequence[TrainingJob]) -> list[LoRAAdapterInfo | HarnessError]:
        self.passes.append([job.fold_id for job in jobs])
        return super()._train_together(jobs)

    def _train(
        self, training_data: Sequence[TstTrainingDatum], output_dir: Path, fold_id: str, seed: int
    ) -> LoRAAdapterInfo:
        if self.diverges is not None and fold_id.endswith(self.diverges):
            raise EngineError(f"{fold_id} diverged")
        self.log.append("trainer trains")
        self.seeds.append(seed)
        self.seen.append(list(training_data))
        output_dir.mkdir(parents=True, exist_ok=True)
        logits = [0.0] * TOKENS
        if self.learns:
            for token, times in Counter(
                self.encoder.answer(one.response)[0] for one in training_data
            ).items():
                logits[token] = math.log(times + 1)
        self._report(TrainingProgress(fold_id=fold_id, step=1, total_steps=2, loss=1.0, seconds=0.5))
        write_adapter(output_dir, logits, self.fails_after)
        self._report(TrainingProgress(fold_id=fold_id, step=2, total_steps=2, loss=0.5, seconds=1.0))
        return LoRAAdapterInfo(
            fold_id=fold_id,
            adapter_path=output_dir,
            training_size=len(training_data),
            model_name=self.model_name,
            training_config=self.settings,
        )


def write_adapter(folder: Path, logits: Sequence[float], fails_after: int | None = None) -> None:
    """Write one tensor in peft's layout."""
    (folder / CONFIG).write_text(json.dumps({"peft_type": "LORA", "r": 1}), "utf-8")
    data = struct.pack(f"<{len(logits)}d", *logits)
    tensor = {"dtype": "F64", "shape": [len(logits), 1], "data_offsets": [0, len(data)]}
    header = json.dumps({"base_model.model.lm_head.lora_B.weight": tensor}).encode()
    whole = struct.pack("<Q", len(header)) + header + data
    (folder / WEIGHTS).write_bytes(whole[:fails_after])
    if fails_after is not None:
        raise EngineError("the disk is full")


def read_weights(folder: Path) -> list[float]:
    whole = (folder / WEIGHTS).read_bytes()
    start = 8 + struct.unpack("<Q", whole[:8])[0]
    return list(struct.unpack(f"<{TOKENS}d", whole[start:]))


def questions(answers: str) -> list[TstTrainingDatum]:
    """One training question for each character: a letter or a digit."""
    return [
        TstTrainingDatum(instruction=f"Question {place}?", response=answer)
        for place, answer in enumerate(answers)
    ]
