"""pytest, the command line and Python: three doors to the same numbers, to the last digit."""

import json
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import pandas as pd
import pytest
from projects import UNITS, questions, settled, write_rows

import tst_harness
from tst_harness.cli import main
from tst_harness.dataset.sources import SAMPLE
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import DataError, HarnessError
from tst_harness.pruning.files import read_pruning

ALONE = ("-p", "no:randomly", "-p", "no:benchmark", "-p", "no:hypothesispytest")


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]


def audited(data: Any, folder: str, **settings: Any) -> str:
    """The report of an audit from Python, as it is compared."""
    return settled(tst_harness.audit(data, progress=False, **settings).save(folder))


def command(pytester: pytest.Pytester, *flags: str) -> None:
    source = "import sys; from tst_harness.cli import main; sys.exit(main())"
    arguments = ("audit", "sample.jsonl", *flags, "--report", "command")
    assert pytester.run(sys.executable, "-c", source, *arguments).ret == ExitStatus.OK


def is_declared(value: object) -> bool:
    return (
        isinstance(value, type) and issubclass(value, tst_harness.StressTest) and "benchmark" in vars(value)
    )


@pytest.fixture(autouse=True)
def sample(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TST_DATA_DIR", raising=False)
    path = pytester.path / "sample.jsonl"
    path.write_bytes(SAMPLE.read_bytes())
    return path


def test_all_doors_lead_to_the_same_report(pytester: pytest.Pytester) -> None:
    flags = ("--group", "scene_name", "--id", "id")
    assert main(["init", "sample.jsonl", *flags]) == ExitStatus.OK
    assert pytester.runpytest_subprocess("test_sample.py", *ALONE).ret == pytest.ExitCode.OK
    by_pytest = settled(Path("reports/sample.json"))
    command(pytester, *flags)
    assert settled(Path("command/sample.json")) == by_pytest
    [declared] = [value for value in run_path("test_sample.py").values() if is_declared(value)]
    assert audited(declared.benchmark, "declared") == by_pytest
    columns: dict[str, Any] = {"group": "scene_name", "id": "id"}
    assert audited("sample.jsonl", "path", **columns) == by_pytest
    assert audited(rows(), "dicts", name="sample", **columns) == by_pytest
    assert audited(pd.DataFrame(rows()), "frame", name="sample", **columns) == by_pytest
    for folder in ("command", "declared", "path", "dicts", "frame"):
        for name in ("sample.samples.jsonl", "sample.questions.jsonl"):
            assert Path(folder, name).read_bytes() == Path("reports", name).read_bytes()
    report = tst_harness.read_report("reports/sample.json")
    assert tst_harness.audit("sample.jsonl", progress=False, **columns).overall.equals(report.overall)


def test_a_dataset_of_the_hubs_library_gives_the_same_numbers() -> None:
    datasets = pytest.importorskip("datasets")
    plain = [{**row, "ground_truth": str(row["ground_truth"])} for row in rows()]
    by_rows, by_dataset = (
        tst_harness.audit(data, progress=False) for data in (plain, datasets.Dataset.from_list(plain))
    )
    pd.testing.assert_frame_equal(by_dataset.samples(), by_rows.samples(), check_exact=True)
    pd.testing.assert_frame_equal(by_dataset.types(), by_rows.types(), check_exact=True)


def test_both_splits_and_repeats_are_the_same_by_command_and_from_python(pytester: pytest.Pytester) -> None:
    flags = ("--group", "scene_name", "--tst-split=both", "--tst-repeats=2", "--tst-limit=200")
    command(pytester, *flags)
    settings: dict[str, Any] = {"split": "both", "repeats": 2, "limit": 200, "group": "scene_name"}
    report = tst_harness.audit("sample.jsonl", progress=False, **settings)
    assert settled(report.save("python")) == settled(Path("command/sample-limit200-both-repeats2.json"))
    assert set(report.overall.index) == {"forest", "forest_grouped"}


def test_a_pruning_with_its_controls_is_the_same_by_command_and_from_python() -> None:
    write_rows(Path("toy.jsonl"), questions())
    flags = ["--type", "kind", "--group", "room", "--id", "id", "--budget", "20", "--batch", "10"]
    assert main(["prune", "toy.jsonl", *flags, "--output", "command"]) == ExitStatus.OK
    report = tst_harness.prune(
        questions(),
        "python",
        name="toy",
        type="kind",
        group="room",
        id="id",
        progress=False,
        budget=20,
        batch=10,
    )
    command = read_pruning(Path("command/pruning.json"))
    assert len(report.removed) == 20
    assert report.controls is not None
    assert report.model_copy(update={"run": command.run}) == command
    assert read_pruning(Path("python/pruning.json")) == report
    with pytest.raises(HarnessError, match="judge='forest' is also what ranks"):
        tst_harness.prune("toy.jsonl", budget=20, judge="forest")
    with pytest.raises(HarnessError, match="budget"):
        tst_harness.prune("toy.jsonl", budget=0)


def test_a_benchmark_settles_its_columns_itself() -> None:
    benchmark = tst_harness.Benchmark(
        name="sample",
        source=tst_harness.LocalFile("sample.jsonl"),
        columns=tst_harness.Columns(text="question", answer="ground_truth"),
        question_types=[tst_harness.Number("object_counting")],
    )
    with pytest.raises(DataError, match="a Benchmark declares its name and columns"):
        tst_harness.audit(benchmark, question="question")


def test_finished_folds_are_read_back_where_a_cache_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    first, again = (tst_harness.audit("sample.jsonl", cache="reports") for _ in range(2))
    assert not any(fold.cached for fold in first.content.diagnostics["forest"].folds)
    assert all(fold.cached for fold in again.content.diagnostics["forest"].folds)
    assert first.samples().equals(again.samples())
    shown = capsys.readouterr()
    assert "answer: 'ground_truth'" in shown.out
    assert f"{UNITS}/{UNITS}" in shown.err


def test_without_a_cache_nothing_is_left_behind(pytester: pytest.Pytester) -> None:
    before = sorted(path.name for path in pytester.path.iterdir())
    tst_harness.audit("sample.jsonl", limit=100, progress=False)
    assert sorted(path.name for path in pytester.path.iterdir()) == before


@pytest.mark.parametrize(
    ("data", "settings", "message"),
    [
        ([{"prompt": "a b?", "query": "c d?", "answer": "x"}] * 20, {}, "say which with question='"),
        ("missing.jsonl", {}, "there is no file 'missing.jsonl'"),
        ("sample.jsonl", {"folds": 1}, "folds: Input should be greater than or equal to 2, not 1"),
        ("sample.jsonl", {"diagnostics": "tree"}, "there is no diagnostic 'tree'"),
        ("sample.jsonl", {"answer": "gold"}, "there is no column 'gold', named by answer"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_in_the_words_of_the_call(
    data: Any, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(HarnessError) as raised:
        tst_harness.audit(data, progress=False, **settings)
    assert message in str(raised.value)
    assert "--" not in str(raised.value)
