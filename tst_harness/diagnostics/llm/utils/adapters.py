"""Checks of an adapter on disk."""

import json
import struct
from pathlib import Path

from tst_harness.errors import EngineError

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"


def check_adapter_files(folder: Path) -> None:
    """Check that a folder holds a LoRA adapter in peft's format, whole.

    The header of a safetensors file says how long the file must be, so one cut short is found without
    reading it all.

    Raises
    ------
    EngineError
        Naming the file and what is wrong.
    """
    if not folder.is_dir():
        raise EngineError(f"{folder}: there is no such adapter folder; train it again")
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        if config.get("peft_type") != "LORA":
            raise EngineError(f"{folder / CONFIG}: is no LoRA adapter's configuration; train it again")
    except FileNotFoundError:
        raise EngineError(f"{folder}: has no {CONFIG}, so it is no adapter; train it again") from None
    except ValueError as error:
        raise EngineError(f"{folder / CONFIG}: is not JSON ({error}); train it again") from None
    _check_weights(folder / WEIGHTS)


def _check_weights(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            length = struct.unpack("<Q", stream.read(8))[0]
            header = json.loads(stream.read(min(length, size)))
    except FileNotFoundError:
        raise EngineError(f"{path.parent}: has no {path.name}; train the adapter again") from None
    except (ValueError, struct.error) as error:
        raise EngineError(f"{path}: is cut short or no safetensors file ({error}); train it again") from None
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    if not ends or size != 8 + length + max(ends):
        raise EngineError(f"{path}: is cut short or holds nothing; train the adapter again")
    if not any("lora_B" in name for name in header):
        raise EngineError(f"{path}: holds no LoRA weights; train the adapter again")
