"""Datasets on the Hub, asked for by the Hub's own client over HTTP."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from layout_rows import plain
from projects import read_json
from pyarrow import Table, parquet
from served_hub import COMMIT, served_hub

REPO = "owner/Toy-Bench"
ROWS = 30
COMMAND = "import sys; from tst_harness.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two configurations, one with two splits of which one has two shards."""
    root = tmp_path / "repository"
    parts = {
        "easy/test-00000-of-00002.parquet": range(15),
        "easy/test-00001-of-00002.parquet": range(15, ROWS),
        "easy/train-00000-of-00001.parquet": range(100, 120),
        "hard/test-00000-of-00001.parquet": range(200, 220),
    }
    for name, numbers in parts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = {"bytes": b"\x89PNG", "path": None}
        parquet.write_table(Table.from_pylist([plain(i, image=image) for i in numbers]), path)
    (root / "README.md").write_text("A made-up set.\n", encoding="utf-8")
    return root


def command(folder: Path, address: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command whose Hub is at an address, with a cache of its own."""
    hub = {"HF_ENDPOINT": address, "HF_HOME": str(folder / "hub"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    unset = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TST_"))}
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=folder,
        env=unset | hub,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("named", "n"),
    [("easy/test", ROWS), ("hard", 20), ("easy:train", 20)],
)
def test_a_configuration_and_a_split_are_read_from_the_hub(
    tmp_path: Path, repository: Path, named: str, n: int
) -> None:
    with served_hub(REPO, repository) as (address, requests):
        done = command(
            tmp_path,
            address,
            "audit",
            f"{REPO}:{named}",
            "--tst-folds=2",
            "--tst-diagnostic=words",
            "--report=r",
        )
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = (tmp_path / "r").glob("*.json")
    source = read_json(path)["source"]
    assert (source["kind"], source["questions"], source["revision"]) == ("hub", n, COMMIT)
    assert not [asked for asked in requests if asked.endswith("README.md")]


def test_what_is_asked_for_and_is_not_there_is_said(tmp_path: Path, repository: Path) -> None:
    with served_hub(REPO, repository) as (address, _):
        several = command(tmp_path, address, "audit", REPO)
        nothing = command(tmp_path, address, "audit", f"{REPO}:medium/test")
        nowhere = command(tmp_path, address, "audit", "owner/other")
    assert "has 3 files; say which, as in owner/Toy-Bench:easy/test-*.parquet" in several.stderr
    assert "medium" in nothing.stderr
    assert "no Hugging Face dataset of this name" in nowhere.stderr
    assert {several.returncode, nothing.returncode, nowhere.returncode} == {4}


def test_what_was_read_once_is_read_again_without_the_hub(tmp_path: Path, repository: Path) -> None:
    with served_hub(REPO, repository) as (address, _):
        first = command(tmp_path, address, "init", f"{REPO}:hard/test")
    assert first.returncode == 0, first.stdout + first.stderr
    again = command(
        tmp_path, "http://127.0.0.1:9", "audit", f"{REPO}@{COMMIT}:hard/test-*.parquet", "--tst-folds=2"
    )
    assert again.returncode == 0, again.stdout + again.stderr
