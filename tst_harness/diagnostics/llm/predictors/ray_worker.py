"""One vLLM engine, as an actor of Ray."""

import os
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tst_harness.diagnostics.llm.predictors.base import Reply, Request
from tst_harness.diagnostics.llm.predictors.vllm_engine import VLLMEngine
from tst_harness.diagnostics.llm.utils.models import find_model

Adapter = tuple[str, list[Any]]
"""Its key, and in a list a reference to its files by name; so Ray hands the files to who asks for them."""


class Place(NamedTuple):
    """Where a worker runs."""

    machine: str
    pid: int


def here() -> Place:
    """Return this machine and process."""
    return Place(os.uname().nodename, os.getpid())


class RayWorker:
    """One engine, which is told all that it must know with each chunk, so that another can take its place.

    Parameters
    ----------
    model, revision
        As for `find_model`, on the worker's machine.
    arguments
        Those of `VLLMEngine` but the model's folder.
    """

    def __init__(self, model: str, revision: str | None, arguments: dict[str, Any]) -> None:
        self._model, self._revision, self._arguments = model, revision, arguments

    # Not in the constructor, whose errors Ray does not hand back as they are.
    @cached_property
    def _engine(self) -> VLLMEngine:
        return VLLMEngine(str(find_model(self._model, self._revision).folder()), **self._arguments)

    def load(self) -> Place:
        """Load the model, or have its engine wake; return where."""
        self._engine.wake()
        return here()

    def reply(
        self, number: int, chunk: list[Request], adapter: Adapter | None
    ) -> tuple[int, Place, list[Reply]]:
        """Reply to a chunk; return its number and where that was done, too."""
        return number, here(), self._reply(chunk, adapter)

    def _reply(self, chunk: list[Request], adapter: Adapter | None) -> list[Reply]:
        if adapter is None:
            return self._engine.reply(chunk, None)
        key, files = adapter
        with tempfile.TemporaryDirectory(prefix="tst-adapter-") as folder:
            if not self._engine.has(key):
                import ray

                for name, content in ray.get(files[0]).items():
                    Path(folder, name).write_bytes(content)
            return self._engine.reply(chunk, folder, key)

    def peak_memory(self) -> int | None:
        """See `VLLMEngine.peak_memory`."""
        return self._engine.peak_memory()

    def sleep(self) -> bool:
        """See `VLLMEngine.sleep`."""
        return self._engine.sleep()
