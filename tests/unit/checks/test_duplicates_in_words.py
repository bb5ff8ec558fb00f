"""What is said of duplicates where questions have groups, and where they have none."""

import numpy as np
import pandas as pd
import pytest

from tst_harness import Benchmark, Choice, Columns, LocalFile
from tst_harness.analysis.near_duplicates import find_clusters
from tst_harness.checks.duplicates import duplicates_report
from tst_harness.checks.duplicates_check import DUPLICATES
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.provenance import Fingerprint, SourceReport

N = 20


def twins(groups: list[str]) -> Dataset:
    """Ten questions, each asked twice."""
    ids = [f"q{number}" for number in range(N)]
    texts = [f"what is the colour of the {number // 2} thing on table {number // 2}" for number in range(N)]
    frame = pd.DataFrame({"id": ids, "group": groups, "text": texts, "type": "pick", "format": "mc"})
    frame["answer"], frame["options"], frame["position"] = 0.0, [("oak", "elm")] * N, np.arange(N)
    fingerprint = Fingerprint(content="", row_order="")
    source = SourceReport(
        kind="file", location="d.csv", rows=N, questions=N, groups=len(set(groups)), fingerprint=fingerprint
    )
    group = "image" if len(set(groups)) < N else None
    columns = Columns(id="id", text="q", options="options", answer="answer", group=group)
    return Dataset(Benchmark("demo", LocalFile("d.csv"), columns, [Choice("pick")]), frame, source)


@pytest.mark.parametrize(
    ("groups", "across"),
    [([f"q{number}" for number in range(N)], False), ([f"image {number % 5}" for number in range(N)], True)],
    ids=["none", "images"],
)
def test_groups_are_told_of_where_there_are_any(groups: list[str], across: bool) -> None:
    dataset = twins(groups)
    part = duplicates_report(dataset, find_clusters(dataset.frame), np.arange(N) % 2, seed=0)
    assert (part.across_groups is not None) == across
    first, *_ = DUPLICATES.sentences({"duplicates": part})
    assert ("across groups" in first) == across
    assert "across folds" in first
