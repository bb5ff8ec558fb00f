"""Where a language model's files are: the bundled name, a local folder, or the Hugging Face hub."""

from abc import ABC, abstractmethod
from pathlib import Path


class ModelSource(ABC):
    """A base model, not yet fetched.

    Attributes
    ----------
    name
        As it was asked for.
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
        SourceUnavailable
            It cannot be had from here.
        """


def find_model(name: str, revision: str | None = None) -> ModelSource:
    """Return where the model of a name is.

    Parameters
    ----------
    name
        "smollm2", the path of a folder, or an id on the Hugging Face hub.
    revision
        On the hub; None for the pinned one of a default model, else for the newest.
    """
    raise NotImplementedError
