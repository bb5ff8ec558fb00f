"""A dataset on the Hub as a user names it."""

from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import errors

from tst_harness.dataset.hub_id import hub_dataset
from tst_harness.errors import DataError, HarnessError, SourceUnavailable

REVISION = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """Stands for the Hub: `files` are what the repository has."""

    def __init__(self, *files: str, error: Exception | None = None) -> None:
        self.files = files
        self.error = error
        self.asked: list[tuple[str, str]] = []

    def dataset_info(self, repo: str, *, revision: str, timeout: float) -> Any:
        self.asked.append((repo, revision))
        if self.error is not None:
            raise self.error
        return SimpleNamespace(
            sha=REVISION, siblings=[SimpleNamespace(rfilename=name) for name in self.files]
        )


def put(monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> FakeHub:
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    return hub


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["README.md", "questions.jsonl"], "questions.jsonl"),
        (["data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"], "data/test-*.parquet"),
        (["test-00000-of-00002.parquet", "test-00001-of-00002.parquet"], "test-*.parquet"),
    ],
)
def test_the_only_file_or_the_test_split_is_taken_at_the_commit_of_main(
    monkeypatch: pytest.MonkeyPatch, files: list[str], expected: str
) -> None:
    hub = put(monkeypatch, FakeHub(*files))
    found = hub_dataset("owner/Toy-Bench")
    assert (found.repo, found.revision, found.file) == ("owner/Toy-Bench", REVISION, expected)
    assert hub.asked == [("owner/Toy-Bench", "main")]


def test_a_revision_and_a_file_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = put(monkeypatch, FakeHub("a.csv", "b.csv"))
    assert hub_dataset("owner/toy@v1.0:b.csv").file == "b.csv"
    assert hub.asked == [("owner/toy", "v1.0")]


def test_a_commit_and_a_file_need_no_look_at_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = put(monkeypatch, FakeHub())
    assert hub_dataset(f"owner/toy@{REVISION}:test*.parquet").file == "test*.parquet"
    assert hub.asked == []


@pytest.mark.parametrize(
    ("named", "hub", "kind", "message"),
    [
        (
            "owner/toy",
            FakeHub("easy.csv", "hard.csv"),
            DataError,
            "the Hugging Face dataset owner/toy has 2 files; say which, as in owner/toy:easy.csv (easy.csv, "
            "hard.csv)",
        ),
        (
            "owner/toy",
            FakeHub("README.md"),
            DataError,
            "the Hugging Face dataset owner/toy has no file that can be read: .jsonl, .json, .ndjson, .yaml, "
            ".yml, .csv, .tsv, .parquet, .arrow, .xlsx",
        ),
        (
            "owner/toy",
            FakeHub(error=ConnectionError("Name or service not known")),
            SourceUnavailable,
            "there is no file 'owner/toy' here, and the Hugging Face Hub cannot be reached "
            "(ConnectionError); run this where it can be, or name a file",
        ),
        (
            "owner/toy",
            FakeHub(error=errors.GatedRepoError.__new__(errors.GatedRepoError, "refused")),
            SourceUnavailable,
            "the Hugging Face dataset owner/toy asks for its terms to be accepted: accept them on its page, "
            "then run `hf auth login`",
        ),
        (
            "owner/toy",
            FakeHub(error=errors.RepositoryNotFoundError.__new__(errors.RepositoryNotFoundError, "refused")),
            DataError,
            "there is no file 'owner/toy' here, and no Hugging Face dataset of this name, or it is private: "
            "run `hf auth login`",
        ),
        (
            "owner/toy@v9",
            FakeHub(error=errors.RevisionNotFoundError.__new__(errors.RevisionNotFoundError, "refused")),
            DataError,
            "the Hugging Face dataset owner/toy has no revision 'v9'",
        ),
        (
            "my questions",
            FakeHub(),
            DataError,
            "there is no file 'my questions', and it is no Hub dataset OWNER/NAME[@REVISION][:FILE]",
        ),
    ],
)
def test_what_cannot_be_had_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, named: str, hub: FakeHub, kind: type[HarnessError], message: str
) -> None:
    put(monkeypatch, hub)
    with pytest.raises(kind) as caught:
        hub_dataset(named)
    assert str(caught.value) == message
