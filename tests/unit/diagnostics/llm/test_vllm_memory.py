"""What the vLLM predictor does without enough memory: its engine is played."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from llm_fakes import FakeEncoder, FakeModel

from tst_harness.diagnostics.llm.predictors import vllm
from tst_harness.diagnostics.llm.predictors.base import Reply, Request
from tst_harness.diagnostics.llm.predictors.vllm import VLLMPredictor, VLLMPredictorConfig
from tst_harness.errors import EngineError, OutOfMemory


class Folder(FakeModel):
    def folder(self) -> Path:
        return Path("somewhere")


class Encoder(FakeEncoder):
    def stop_tokens(self) -> tuple[int, ...]:
        return (0,)


class Engine:
    """In place of the process: runs out of memory at the start or with more questions at once than `room`."""

    room = 1000
    starting_room = 1000
    started: ClassVar[list[int | None]] = []
    ended = 0

    def __init__(self, factory: str, arguments: Mapping[str, Any], label: str) -> None:
        type(self).started.append(arguments["at_once"])
        self.at_once = arguments["at_once"] or 256
        self.pid = 1
        if self.at_once > self.starting_room:
            raise OutOfMemory("vLLM ran out of memory (CUDA out of memory); free some")

    def call(self, method: str, *arguments: Any) -> Any:
        if method == "peak_memory":
            return 7
        assert method == "reply"
        requests: Sequence[Request] = arguments[0]
        if min(self.at_once, len(requests)) > self.room:
            raise OutOfMemory("vLLM ran out of memory (CUDA out of memory); free some")
        return [Reply(text=str(len(one.prompt))) for one in requests]

    def memory(self) -> int | None:
        return 0

    def stop(self) -> None:
        type(self).ended += 1


@pytest.fixture
def predictor(monkeypatch: pytest.MonkeyPatch) -> VLLMPredictor:
    monkeypatch.setattr(vllm, "Child", Engine)
    monkeypatch.setattr(vllm, "require", lambda module: None)
    monkeypatch.setattr(Engine, "started", [])
    monkeypatch.setattr(Engine, "ended", 0)
    return VLLMPredictor(VLLMPredictorConfig(), Encoder(Folder()))


ASKED = [Request((1,) * length) for length in range(1, 21)]
ANSWERS = [str(length) for length in range(1, 21)]


@pytest.mark.parametrize(
    ("room", "started"), [(19, [None, 10]), (4, [None, 10, 5, 2]), (1, [None, 10, 5, 2, 1])]
)
def test_a_batch_too_large_is_asked_again_of_an_engine_that_takes_half(
    predictor: VLLMPredictor, monkeypatch: pytest.MonkeyPatch, room: int, started: list[int | None]
) -> None:
    monkeypatch.setattr(Engine, "room", room)
    assert [one.text for one in predictor.reply(ASKED)] == ANSWERS
    assert Engine.started == started
    assert Engine.ended == len(started) - 1
    # The engine that was found to fit stays.
    assert [one.text for one in predictor.reply(ASKED)] == ANSWERS
    assert Engine.started == started
    assert predictor.take_usage().batch_halved == len(started) - 1
    assert predictor.take_usage().batch_halved == 0


def test_a_start_without_enough_memory_is_tried_again_with_less(
    predictor: VLLMPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "starting_room", 40)
    predictor.ensure_loaded()
    assert Engine.started == [None, 64, 32]
    predictor.forget_usage()
    predictor.reply(ASKED)
    assert predictor.take_usage().batch_halved == 2, "also where it was the adapter's check that found out"


def test_no_memory_at_all_is_an_error(predictor: VLLMPredictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "starting_room", 0)
    with pytest.raises(EngineError, match="ran out of memory"):
        predictor.ensure_loaded()
    assert Engine.started == [None, 64, 32, 16, 8, 4, 2, 1]
    assert not predictor.is_loaded
    monkeypatch.setattr(Engine, "starting_room", 1000)
    monkeypatch.setattr(Engine, "room", 0)
    with pytest.raises(OutOfMemory):
        predictor.reply(ASKED)
    assert not predictor.is_loaded
