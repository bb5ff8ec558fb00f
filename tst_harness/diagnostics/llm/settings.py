"""Settings given by name, read in one way wherever they come from."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from tst_harness.benchmark.model import Model
from tst_harness.errors import DataError

SettingsT = TypeVar("SettingsT", bound=Model)

OTHER_NAMES = {
    "model": "model_name",
    "r": "lora_rank",
    "alpha": "lora_alpha",
    "dropout": "lora_dropout",
    "epochs": "num_epochs",
    "train_batch_size": "batch_size",
    "gradient_accumulation": "gradient_accumulation_steps",
    "lr": "learning_rate",
    "warmup": "warmup_ratio",
    "cutoff": "max_seq_length",
}
"""Short names, and others of the published release, that are read as well; reports have the full ones."""


def read_settings(kind: type[SettingsT], settings: Mapping[str, Any], owner: str) -> SettingsT:
    """Return settings by name, validated.

    Parameters
    ----------
    kind
        What the settings make up.
    settings
        Its fields by name, or by one of `OTHER_NAMES`.
    owner
        Whose settings they are, for messages.

    Raises
    ------
    DataError
        A name is not known or given twice, or a value makes no sense.
    """
    given: dict[str, str] = {}
    for key in settings:
        name = OTHER_NAMES.get(key, key)
        if name not in kind.model_fields:
            known = ", ".join(kind.model_fields)
            raise DataError(f"{owner}: there is no setting {key!r}; the known ones are {known}")
        if name in given:
            raise DataError(f"{owner}: {given[name]!r} and {key!r} are the same setting; give one of them")
        given[name] = key
    try:
        return kind.model_validate({name: settings[key] for name, key in given.items()})
    except ValidationError as error:
        problem = error.errors()[0]
        key = given.get(str(problem["loc"][0]), str(problem["loc"][0]))
        raise DataError(f"{owner}: {key!r}: {problem['msg']}, not {problem['input']!r}") from None
