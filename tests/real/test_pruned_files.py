"""The published list of VSI-Bench-Debiased, and exports of the real test sets that it and others prune."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from tst_harness.dataset.loading import Dataset, load
from tst_harness.integrations.pytest.declared import collect
from tst_harness.pruning.controls import counts_by_type
from tst_harness.pruning.export import Export
from tst_harness.pruning.lists import read_list

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
DATA = Path(os.environ.get("TST_DATA_DIR", ""))

pytestmark = pytest.mark.skipif(
    not os.environ.get("TST_DATA_DIR"), reason="TST_DATA_DIR is not set, so there are no real data to prune"
)


def loaded(name: str) -> Dataset:
    return load(collect(BENCHMARKS).named(name), DATA, require_real=True)


def test_the_debiased_list_is_one_of_vsi_bench() -> None:
    dataset = loaded("vsi")
    removed = read_list(DATA / "vsi_bench/debiased_v1_removed_ids.txt", dataset.frame, "vsi")
    assert len(removed) == 2768
    counts = counts_by_type(dataset.frame, removed)
    assert (counts["object_size_estimation"], counts["object_rel_direction_easy"]) == (600, 5)


@pytest.mark.parametrize("name", ["vsi", "cvb", "mmmu"])
def test_exports_are_the_file_itself(tmp_path: Path, name: str) -> None:
    dataset = loaded(name)
    [file] = (DATA / {"vsi": "vsi_bench", "cvb": "cv_bench", "mmmu": "mmmu"}[name]).glob("*.jsonl")
    rows = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]
    removed = np.arange(0, len(dataset.frame), 3)
    gone = set(dataset.frame["position"].to_numpy()[removed].tolist())
    kept = [row for place, row in enumerate(rows) if place not in gone]
    marked = [{**row, "pruned": place in gone} for place, row in enumerate(rows)]
    # MMMU's open questions have lists of answers, the others texts: no type of Arrow's holds both.
    for target in ("new.jsonl",) if name == "mmmu" else ("new.jsonl", "new.parquet"):
        for form, expected in (("split", kept), ("column", marked)):
            path = tmp_path / form / target
            written = Export(path, "split" if form == "split" else "column", dataset, DATA).write(removed)
            assert written == len(expected)
            if target == "new.parquet":
                assert parquet.read_table(path).to_pylist() == expected
            else:
                assert [json.loads(line) for line in path.read_text("utf-8").split("\n") if line] == expected
