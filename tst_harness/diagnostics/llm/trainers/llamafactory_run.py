"""A run of LLaMA-Factory in a process of its own: found, started, followed, ended."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tst_harness.diagnostics.llm.trainers.llamafactory_files import ADAPTER_FOLDER, CONFIG_FILE
from tst_harness.diagnostics.llm.utils.installed import not_installed
from tst_harness.diagnostics.llm.utils.memory import says_out_of_memory
from tst_harness.errors import EngineError, EngineUnavailable, OutOfMemory
from tst_harness.processes.devices import cuda_devices
from tst_harness.processes.supervisor import Supervisor

_OUTPUT = "output.txt"
_TRAINER_LOG = "trainer_log.jsonl"
_LOOK_EVERY = 0.2
_LAST_LINES, _LAST_BYTES = 12, 1 << 14

_PROBE = """
import importlib.metadata, importlib.util, json
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
names = ("llamafactory", "torch", "transformers", "peft")
torchaudio = importlib.util.find_spec("torchaudio") is not None
print(json.dumps({"versions": {name: version(name) for name in names}, "torchaudio": torchaudio}))
"""

# LLaMA-Factory imports torchaudio whatever it trains, and not every environment of torch has it.
_NO_TORCHAUDIO = '"""Stands in for torchaudio, which training on text imports and does not use."""\n'

_OTHER_WAYS = (
    *("FORCE_TORCHRUN", "USE_V1", "USE_MCA", "USE_RAY", "USE_KT", "ALLOW_EXTRA_ARGS"),
    *("LLAMABOARD_ENABLED", "LLAMABOARD_WORKDIR", "ACCELERATE_MIXED_PRECISION", "ACCELERATE_USE_CPU"),
    *("RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"),
)
"""Variables that would have LLaMA-Factory train in another way than its configuration says."""


@dataclass(frozen=True)
class Installation:
    """An environment with LLaMA-Factory.

    Attributes
    ----------
    python
        Its interpreter.
    versions
        Of the libraries that may change an adapter.
    has_torchaudio
        Whether torchaudio can be imported.
    """

    python: str
    versions: dict[str, str]
    has_torchaudio: bool


def find_installation(python: Path | None) -> Installation:
    """Ask an environment for LLaMA-Factory, without importing it.

    Parameters
    ----------
    python
        An interpreter, or the folder of a virtual environment; None for this one.

    Raises
    ------
    EngineUnavailable
        It has none, or is no environment.
    """
    path = Path(sys.executable) if python is None else python.expanduser()
    path = path / "bin" / "python" if path.is_dir() else path
    where = "" if python is None else f" in the environment of {path}"
    try:
        asked = subprocess.run([str(path), "-c", _PROBE], capture_output=True, text=True, check=True)
        answer = json.loads(asked.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError):
        raise EngineUnavailable(
            f"{path}: is no Python interpreter, nor the folder of an environment; name the one that has "
            "LLaMA-Factory, or none for this one"
        ) from None
    versions = {name: version for name, version in answer["versions"].items() if version is not None}
    if "llamafactory" not in versions:
        raise EngineUnavailable(not_installed("llamafactory", where))
    return Installation(str(path), versions, answer["torchaudio"])


def visible_device(device: str) -> str:
    """Return the CUDA_VISIBLE_DEVICES that leaves a process one device: none for "cpu".

    Raises
    ------
    EngineError
        There is no such device.
    """
    if device == "cpu":
        return ""
    index = int(device.partition(":")[2] or 0)
    if index >= cuda_devices():
        raise EngineError(f"{device}: there are {cuda_devices()} CUDA devices here; name another, or the cpu")
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return str(index) if named is None else named.split(",")[index].strip()


class Run:
    """LLaMA-Factory, training as `CONFIG_FILE` in a folder says. Used with `with`, which ends it.

    Parameters
    ----------
    installation
        The environment.
    work
        The folder; the run writes into it alone.
    device
        "cpu", "cuda", "cuda:1".

    Attributes
    ----------
    environment
        The variables that it is started with.
    """

    def __init__(self, installation: Installation, work: Path, device: str) -> None:
        self._work = work
        self._read = 0
        self._peak: int | None = None
        self.environment = self._environ(installation, device)
        self._command = [installation.python, "-u", "-m", "llamafactory.cli", "train", CONFIG_FILE]

    def __enter__(self) -> "Run":
        self._supervisor = Supervisor(tempfile.mkdtemp(prefix="tst-llamafactory-"))
        with (self._work / _OUTPUT).open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._work,
                env={**self.environment, "TMPDIR": self._supervisor.folder},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._supervisor.end()
        self._process.wait()

    @property
    def peak_memory(self) -> int | None:
        """Bytes at most so far: on the CUDA device, else resident (Linux); None where unknown."""
        return self._peak

    def looks(self) -> Iterator[list[dict[str, Any]]]:
        """Look at the trainer's log until the process ends.

        Yields
        ------
        The entries that are new, none or more, several times a second.
        """
        ended = False
        while not ended:
            # What is written before the process ends is read after it is seen to have ended.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LOOK_EVERY)
                ended = True
            self._measure()
            yield self._entries()

    def check(self, what: str) -> None:
        """Check that the process, which has ended, ended well.

        Parameters
        ----------
        what
            What it did, for messages.

        Raises
        ------
        OutOfMemory
            It said that memory ran out.
        EngineError
            It failed in another way. Either message has the last it said.
        """
        code = self._process.wait()
        if code == 0:
            return
        if code > 0 and says_out_of_memory("\n".join(self._last_lines())):
            raise OutOfMemory(
                self.with_last_lines(
                    f"{what}, ran out of memory; shorten the questions (--tst-lora max_seq_length=...), use "
                    "a smaller model (--tst-model), or free memory"
                )
            )
        if code == -signal.SIGKILL:
            how = "was killed, as when memory runs out"
        else:
            how = f"failed with exit code {code}" if code > 0 else f"ended by signal {-code}"
        raise EngineError(self.with_last_lines(f"{what}, {how}"))

    def with_last_lines(self, problem: str) -> str:
        """Put the last lines of what the process said after a problem."""
        last = self._last_lines()
        return "\n  ".join([f"{problem}; the last it said:" if last else problem, *last])

    def _last_lines(self) -> list[str]:
        said = (self._work / _OUTPUT).read_bytes()[-_LAST_BYTES:].decode("utf-8", "replace").splitlines()
        return [line.rstrip() for line in said if line.strip()][-_LAST_LINES:]

    def _entries(self) -> list[dict[str, Any]]:
        path = self._work / ADAPTER_FOLDER / _TRAINER_LOG
        if not path.is_file():
            return []
        with path.open("rb") as stream:
            stream.seek(self._read)
            # A line without an end is still being written; it is read at the next look.
            whole = stream.read().rpartition(b"\n")[0]
        self._read += len(whole) + bool(whole)
        entries = []
        for line in whole.splitlines():
            try:
                entries.append(dict(json.loads(line)))
            except (ValueError, TypeError):
                raise EngineError(
                    self.with_last_lines(
                        f"LLaMA-Factory wrote {line[:80]!r} to {_TRAINER_LOG}, which is no JSON"
                    )
                ) from None
        for entry in entries:
            # Gibibytes on the device, 0 without one.
            if entry.get("vram_allocated"):
                self._peak = max(self._peak or 0, int(entry["vram_allocated"] * (1 << 30)))
        return entries

    def _measure(self) -> None:
        if self.environment["CUDA_VISIBLE_DEVICES"]:
            return
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self._process.pid}/status").read_text("ascii").splitlines():
                if line.startswith("VmHWM:"):
                    self._peak = int(line.split()[1]) * 1024

    def _environ(self, installation: Installation, device: str) -> dict[str, str]:
        environ = {name: value for name, value in os.environ.items() if name not in _OTHER_WAYS}
        # The versions it names are the newest of its release, and it stops at others that serve as well.
        environ["DISABLE_VERSION_CHECK"] = "1"
        environ["HF_HUB_OFFLINE"] = "1"
        environ["HF_DATASETS_CACHE"] = str(self._work / "cache")
        environ["CUDA_VISIBLE_DEVICES"] = visible_device(device)
        environ["RECORD_VRAM"] = "1"
        if not installation.has_torchaudio:
            stubs = self._work / "stubs"
            stubs.mkdir()
            (stubs / "torchaudio.py").write_text(_NO_TORCHAUDIO, "utf-8")
            paths = [str(stubs), environ.get("PYTHONPATH")]
            environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        return environ
