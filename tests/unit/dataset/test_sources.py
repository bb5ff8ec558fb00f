import os
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from data_rows import pick, write_rows
from huggingface_hub import errors

from tst_harness.benchmark.declarations import (
    Benchmark,
    BundledSample,
    Choice,
    Columns,
    HubDataset,
    LocalFile,
)
from tst_harness.dataset.loading import load
from tst_harness.dataset.sample import benchmark as sample_benchmark
from tst_harness.dataset.sources import SAMPLE, download, resolve
from tst_harness.errors import DataError, HarnessError, SourceUnavailable

REVISION = "0123456789abcdef0123456789abcdef01234567"


def hub(file: str = "test*.parquet", **changes: Any) -> Benchmark:
    fields: dict[str, Any] = {
        "name": "toy",
        "source": HubDataset("owner/Toy-Bench", REVISION, file),
        "columns": Columns(id="id", text="question", answer="answer", options="options"),
        "question_types": [Choice("pick")],
    }
    return Benchmark(**(fields | changes))


class FakeHub:
    """Stands for the Hub: `files` are what the repository has, `cached` what was downloaded before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: list[str] = []
        self.cached: list[str] = []
        self.error: Exception | None = None
        self.asked: list[dict[str, Any]] = []

    def dataset_info(self, repo: str, **settings: Any) -> None:
        self.asked.append({"repo": repo} | settings)
        if self.error is not None:
            raise self.error

    def snapshot_download(self, repo: str, *, local_files_only: bool, **settings: Any) -> str:
        self.asked.append({"repo": repo, "local_files_only": local_files_only} | settings)
        if local_files_only and not self.cached:
            raise errors.LocalEntryNotFoundError("nothing cached")
        root = settings["local_dir"] or self.root
        for name in self.cached if local_files_only else self.files:
            if fnmatch(name, settings["allow_patterns"]):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                write_rows(root / name, [pick(name)])
        return str(root)


@pytest.fixture
def fake_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    fake = FakeHub(tmp_path / "cache")
    fake.root.mkdir()
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: fake)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fake.snapshot_download)
    return fake


@pytest.fixture
def offline(fake_hub: FakeHub) -> FakeHub:
    fake_hub.error = ConnectionError("Name or service not known")
    return fake_hub


def http_error(kind: type[errors.HfHubHTTPError]) -> errors.HfHubHTTPError:
    return kind.__new__(kind, "refused")


def folder(root: Path, *names: str) -> Path:
    (root / "toy_bench").mkdir()
    for name in names:
        write_rows(root / "toy_bench" / name, [pick(name)])
    return root


@pytest.mark.parametrize(
    "name", ["test.parquet", "test.jsonl", "test.json", "test.csv", "test.tsv", "test-00000-of-00001.jsonl"]
)
def test_a_data_directory_comes_first_in_any_format(tmp_path: Path, offline: FakeHub, name: str) -> None:
    found = resolve(hub(), folder(tmp_path, name))
    assert (found.kind, found.location, found.revision) == ("file", f"toy_bench/{name}", None)
    assert found.paths == [tmp_path / "toy_bench" / name]
    assert offline.asked == []


def test_the_declared_file_is_preferred_to_its_stand_ins(tmp_path: Path, offline: FakeHub) -> None:
    found = resolve(hub(), folder(tmp_path, "test.jsonl", "test_3d.parquet", "test_2d.parquet"))
    assert [path.name for path in found.paths] == ["test_2d.parquet", "test_3d.parquet"]
    assert found.location == "toy_bench/test*.parquet"


def test_a_stand_in_with_the_plain_name_is_preferred(tmp_path: Path, offline: FakeHub) -> None:
    found = resolve(hub(), folder(tmp_path, "test.jsonl", "test_pruned.jsonl"))
    assert found.location == "toy_bench/test.jsonl"


def test_a_data_directory_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone' does not exist; correct --tst-data"):
        resolve(hub(bundled_sample=True), tmp_path / "gone")


def test_the_hub_is_asked_for_the_pinned_revision_and_file(tmp_path: Path, fake_hub: FakeHub) -> None:
    fake_hub.files = ["test_3d.parquet", "test_2d.parquet"]
    found = resolve(hub(), folder(tmp_path))
    assert (found.kind, found.location, found.revision) == ("hub", "owner/Toy-Bench/test*.parquet", REVISION)
    assert [file.name for file in found.files] == [
        "owner/Toy-Bench/test_2d.parquet",
        "owner/Toy-Bench/test_3d.parquet",
    ]
    assert {request["revision"] for request in fake_hub.asked} == {REVISION}
    assert fake_hub.asked[1]["allow_patterns"] == "test*.parquet"
    assert fake_hub.asked[1]["repo_type"] == "dataset"


def test_files_of_the_hub_load_as_one_benchmark(fake_hub: FakeHub) -> None:
    fake_hub.files = ["test_3d.parquet", "test_2d.parquet"]
    dataset = load(hub())
    assert dataset.frame["id"].tolist() == ["test_2d.parquet", "test_3d.parquet"]
    assert dataset.source.kind == "hub"
    assert dataset.source.revision == REVISION


def test_a_file_may_lie_in_a_folder_of_the_repository(tmp_path: Path, fake_hub: FakeHub) -> None:
    fake_hub.files = ["data/test-0.parquet", "data/dev-0.parquet"]
    assert [file.name for file in resolve(hub()).files] == ["owner/Toy-Bench/data/test-0.parquet"]
    root = folder(tmp_path)
    (root / "toy_bench" / "data").mkdir()
    write_rows(root / "toy_bench" / "data" / "test-0.parquet", [pick(1)])
    assert resolve(hub(), root).location == "toy_bench/data/test-0.parquet"


@pytest.mark.parametrize("name", ["test.parquet", "data/test.parquet"])
def test_what_is_downloaded_into_a_data_directory_is_found_there(
    tmp_path: Path, fake_hub: FakeHub, name: str
) -> None:
    fake_hub.files = [name]
    root = tmp_path / "data"
    found = download(hub(), root)
    assert found.paths == [root / "toy_bench" / name]
    fake_hub.error = ConnectionError("gone")
    assert resolve(hub(), root).paths == found.paths


def test_a_download_does_not_look_elsewhere_first(tmp_path: Path, fake_hub: FakeHub) -> None:
    fake_hub.files = ["test.parquet"]
    assert download(hub(), folder(tmp_path, "test.jsonl")).paths[0].name == "test.parquet"
    assert download(hub()).paths == [fake_hub.root / "test.parquet"]


def test_a_download_without_a_network_is_refused_in_a_sentence(offline: FakeHub) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        download(hub(bundled_sample=True))
    assert str(caught.value) == (
        "toy: cannot fetch owner/Toy-Bench at 0123456: the Hub cannot be reached (ConnectionError) and its "
        "cache has no complete copy; run the same where the network reaches the Hub"
    )


def test_what_is_not_on_the_hub_cannot_be_downloaded() -> None:
    with pytest.raises(DataError, match="toy: does not come from the Hub, so there is nothing to fetch"):
        download(hub(source=LocalFile("rows.jsonl")))


def test_the_cache_is_used_offline(offline: FakeHub) -> None:
    offline.cached = ["data/test.parquet"]
    found = resolve(hub("data/test.parquet"))
    assert (found.kind, found.revision) == ("hub", REVISION)


def test_the_sample_stands_in_and_says_so(tmp_path: Path, offline: FakeHub) -> None:
    found = resolve(hub(bundled_sample=True), folder(tmp_path))
    assert (found.kind, found.paths) == ("sample", [SAMPLE])
    assert found.substituted_for is not None
    assert found.substituted_for.startswith(
        "owner/Toy-Bench at 0123456: the data directory has no toy_bench/test*.parquet"
    )
    assert "the Hub cannot be reached (ConnectionError)" in found.substituted_for
    assert str(tmp_path) not in found.substituted_for + found.location


def test_a_stand_in_is_not_held_to_the_declared_fingerprint(offline: FakeHub) -> None:
    declared = sample_benchmark()
    source = HubDataset("owner/Toy-Bench", REVISION, row_order="0" * 40, content="0" * 64)
    dataset = load(declared.model_copy(update={"source": source}))
    assert dataset.source.kind == "sample"
    assert dataset.source.substituted_for is not None


def test_the_sample_can_be_refused(offline: FakeHub) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        resolve(hub(bundled_sample=True), require_real=True)
    message = str(caught.value)
    assert message.startswith("toy: cannot load owner/Toy-Bench at 0123456: the Hub cannot be reached")
    assert "--tst-data DIR with the file at DIR/toy_bench/test*.parquet" in message
    assert "leave out --tst-require-real" in message
    assert message.endswith("or run `tst-harness fetch toy` where the network reaches the Hub")
    assert "\n" not in message


def test_without_a_sample_that_fits_nothing_stands_in(offline: FakeHub) -> None:
    with pytest.raises(SourceUnavailable, match="cannot load owner/Toy-Bench") as caught:
        resolve(hub())
    assert "--tst-require-real" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            errors.RevisionNotFoundError,
            f"owner/Toy-Bench has no revision {REVISION}; correct the declaration",
        ),
        (errors.RepositoryNotFoundError, "owner/Toy-Bench does not exist or is private"),
        (errors.GatedRepoError, "owner/Toy-Bench asks for its terms to be accepted"),
    ],
)
def test_what_the_hub_refuses_is_never_replaced_by_the_sample(
    fake_hub: FakeHub, kind: type[errors.HfHubHTTPError], expected: str
) -> None:
    fake_hub.error = http_error(kind)
    with pytest.raises(HarnessError, match=expected):
        resolve(hub(bundled_sample=True))


def test_a_repository_without_the_file_is_an_error(fake_hub: FakeHub) -> None:
    with pytest.raises(DataError, match=r"has no file 'test\*.parquet' at revision 0123"):
        resolve(hub(bundled_sample=True))


def test_without_a_network_it_gives_up_in_seconds(tmp_path: Path) -> None:
    """The real client against a port where nothing listens, in a process of its own."""
    code = (
        "import time; waits = []; time.sleep = waits.append; "
        "from tst_harness.dataset.sources import resolve; from tst_harness.dataset.sample import benchmark; "
        "from tst_harness.benchmark.declarations import HubDataset; "
        f"source = HubDataset('owner/Toy', {REVISION!r}); "
        "print(resolve(benchmark().model_copy(update={'source': source})).substituted_for); "
        "print(sum(waits))"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9"}
    environment |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    *said, waited = run.stdout.splitlines()
    assert "owner/Toy at 0123456: the Hub cannot be reached" in "\n".join(said)
    assert float(waited) < 15


def test_a_local_file_is_taken_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "rows.jsonl", [pick(1)])
    monkeypatch.chdir(tmp_path)
    found = resolve(hub(source=LocalFile("rows.jsonl")))
    assert (found.kind, found.location, found.paths) == ("file", "rows.jsonl", [Path("rows.jsonl")])


def test_a_local_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"toy: there is no file 'gone\.jsonl'"):
        resolve(hub(source=LocalFile("gone.jsonl")))


def test_the_bundled_sample_is_no_substitute_where_it_is_declared() -> None:
    found = resolve(hub(source=BundledSample()), require_real=True)
    assert (found.kind, found.substituted_for) == ("sample", None)
    assert found.location == "tst_harness/data/sample/sample.jsonl"


def test_a_bad_file_of_the_data_directory_is_named_by_its_folder(tmp_path: Path) -> None:
    root = folder(tmp_path, "test.jsonl")
    (root / "toy_bench" / "test.jsonl").write_bytes(b"\xff\n")
    with pytest.raises(DataError, match=r"^toy: toy_bench/test\.jsonl line 1: is not UTF-8"):
        load(hub(), root)
