"""Where a benchmark's rows may come from, as a benchmark module declares it."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from tst_harness.benchmark.declaration import Declaration, not_blank

_DIGEST_LENGTH = {"row_order": 40, "content": 64}


class _Fingerprinted(Declaration):
    """A source whose data can be pinned by fingerprint; a load that does not match is an error.

    `row_order` is the SHA-1 of the ids, joined by commas, in file order; `content` the SHA-256 of the
    validated questions. A report states both.
    """

    row_order: str | None = None
    content: str | None = None

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)

    @field_validator("row_order", "content")
    @classmethod
    def _digest(cls, value: str | None, info: ValidationInfo) -> str | None:
        length = _DIGEST_LENGTH[str(info.field_name)]
        if value is not None and not re.fullmatch(f"[0-9a-f]{{{length}}}", value):
            raise ValueError(f"{value!r} is not a fingerprint, which has {length} lower-case hex digits")
        return value


class HubDataset(_Fingerprinted):
    """Files of a Hugging Face dataset repository at a pinned revision.

    Parameters
    ----------
    repo
        "owner/name".
    revision
        The commit, 40 hex digits: a branch or a tag can move.
    file
        A file name, or a pattern such as "test*.parquet"; several files are read in name order.
    folder
        The benchmark's folder in the directory that `--tst-data` names; by default the repository's
        name in lower case with underscores ("VSI-Bench": "vsi_bench").
    row_order, content
        Fingerprints that the data must have.
    """

    kind: Literal["hub"] = "hub"
    repo: str
    revision: str
    file: str
    folder: str

    def __init__(
        self,
        repo: str,
        revision: str,
        file: str = "test*.parquet",
        folder: str | None = None,
        row_order: str | None = None,
        content: str | None = None,
        **fields: Any,
    ) -> None:
        if folder is None:
            folder = str(repo).rpartition("/")[2].lower().replace("-", "_")
        super().__init__(
            repo=repo,
            revision=revision,
            file=file,
            folder=folder,
            row_order=row_order,
            content=content,
            **fields,
        )

    @field_validator("repo")
    @classmethod
    def _owner_and_name(cls, repo: str) -> str:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo):
            raise ValueError(f"{repo!r} is not of the form owner/name")
        return repo

    @field_validator("revision")
    @classmethod
    def _pinned(cls, revision: str) -> str:
        if not re.fullmatch("[0-9a-f]{40}", revision):
            raise ValueError(f"{revision!r} is not a commit of 40 hex digits; a branch or a tag can move")
        return revision

    @field_validator("file", "folder")
    @classmethod
    def _inside(cls, value: str) -> str:
        if not value.strip() or value.startswith("/") or "\\" in value or ".." in value.split("/"):
            raise ValueError(f"{value!r} is not a relative path with forward slashes that stays inside")
        return value


class LocalFile(_Fingerprinted):
    """A file of questions, a folder of them, or a pattern such as "data/test*.parquet".

    A relative path starts at the folder of the module that declares it; where that has no such file, at the
    working directory, then at the directory that `--tst-data` names. Where a fingerprint is declared the file
    is one that is had from elsewhere: without it the benchmark is skipped, as one whose Hub cannot be
    reached.

    Parameters
    ----------
    path
        JSON Lines, JSON, CSV, TSV, Parquet or Excel, plain, compressed or in a zip archive.
    answers
        The file of the answers, where they have their own: by id, or rows with the id and the answer.
    row_order, content
        Fingerprints that the data must have.
    """

    kind: Literal["file"] = "file"
    path: str
    answers: str | None = None
    folder: str | None = Field(default=None, exclude=True, repr=False)
    """Of the module, as the class that declares the benchmark knows it."""

    def __init__(
        self,
        path: str,
        answers: str | None = None,
        row_order: str | None = None,
        content: str | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(path=path, answers=answers, row_order=row_order, content=content, **fields)

    @field_validator("path", "answers")
    @classmethod
    def _named(cls, path: str | None) -> str | None:
        return None if path is None else not_blank(path)


class BundledSample(Declaration):
    """A sample that comes with the harness: `tst_harness.dataset.sample`.

    `questions` are "scenes", in VSI-Bench's form, or made-up ones with "open" answers or with several right
    options ("multi").
    """

    kind: Literal["sample"] = "sample"
    questions: Literal["scenes", "open", "multi"] = "scenes"

    def __init__(self, questions: Literal["scenes", "open", "multi"] = "scenes", **fields: Any) -> None:
        super().__init__(questions=questions, **fields)


Source = Annotated[HubDataset | LocalFile | BundledSample, Field(discriminator="kind")]
