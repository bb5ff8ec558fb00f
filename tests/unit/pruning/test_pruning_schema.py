"""The published schema of a pruning; to publish a change of the models, run this file as a program."""

import json
from pathlib import Path

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.benchmark.pruning import PruningSettings
from tst_harness.pruning import schema
from tst_harness.pruning.schema import BenchmarkScores, Iteration, PruningReport, Removed, pruning_json_schema
from tst_harness.report.files import canonical_json
from tst_harness.report.schema import (
    Fingerprint,
    OverallScores,
    RunReport,
    Settings,
    SourceReport,
    TypeScores,
)

RUN = RunReport(started="2026-01-31T12:00:00+00:00", seconds=1.5, command=["tst-harness", "prune"])
SOURCE = SourceReport(
    kind="file",
    location="demo.jsonl",
    rows=60,
    questions=60,
    groups=12,
    fingerprint=Fingerprint(content="c" * 64, row_order="r" * 40),
)
PUBLISHED = Path(schema.__file__).with_name("pruning.schema.json")

fraction = st.floats(0, 1)
interval = st.tuples(fraction, fraction).map(lambda ends: (min(ends), max(ends)))
scores = {
    "n": st.integers(1, 10**6),
    **dict.fromkeys(("score", "mean_s", "blind_baseline"), fraction),
    **dict.fromkeys(("interval", "mean_s_interval", "gain_interval"), interval),
    "gain": st.floats(-1, 1),
}
macro = {
    **dict.fromkeys(("macro_score", "macro_blind_baseline", "macro_gain"), fraction),
    **dict.fromkeys(("macro_interval", "macro_gain_interval"), interval),
}
overall = st.builds(OverallScores, **scores, **macro)
types = st.dictionaries(
    st.sampled_from(["route", "size"]),
    st.builds(TypeScores, **scores, format=st.just("mc"), metric=st.just("acc")),
)
removed = st.builds(
    Removed, id=st.text(max_size=5), type=st.just("route"), s=fraction, rank_score=st.floats(-1, 1)
)
iterations = st.builds(
    Iteration, overall=overall, types=types, n=st.integers(1, 99), removed=st.lists(removed, max_size=3)
)
reports = st.builds(
    lambda found, asked: PruningReport(
        key="k" * 32,
        benchmark="demo",
        title="Demo-Bench",
        source=SOURCE,
        null_control=False,
        settings=asked,
        ranked_by=asked.ranked_by,
        diagnosis=Settings(folds=5, seed=42, repeats=1, split="random"),
        versions={"tst-harness": "0.1.0"},
        iterations=found,
        stopped="budget",
        removed=[one.id for iteration in found for one in iteration.removed],
        kept=["1", "2"],
        before=BenchmarkScores(overall=found[0].overall, types=found[0].types),
        after=BenchmarkScores(overall=found[-1].overall, types=found[-1].types),
        run=RUN,
    ),
    st.lists(iterations, min_size=1, max_size=2),
    st.one_of(
        st.builds(PruningSettings, budget=st.integers(1, 9), tau=st.none() | st.floats(-1, 1)),
        st.builds(PruningSettings, fraction=st.floats(0.01, 0.99), rank=st.sampled_from(["raw", "lower"])),
        st.just(PruningSettings(budgets={"mc": 3, "num": 0})),
    ),
)


def published() -> str:
    return canonical_json(pruning_json_schema(), indent=2)


def test_the_published_schema_is_that_of_the_models() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == published()


@settings(max_examples=25, deadline=None)
@given(reports)
def test_a_report_is_read_back_as_it_was_written(report: PruningReport) -> None:
    written = json.loads(canonical_json(report.model_dump(mode="json")))
    jsonschema.validate(written, json.loads(PUBLISHED.read_text(encoding="utf-8")))
    assert PruningReport.model_validate(written) == report


if __name__ == "__main__":
    PUBLISHED.write_text(published(), encoding="utf-8")
