"""The options of a session, their ini keys, and what they do to a report."""

import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from projects import (
    CHECKS,
    REPORT,
    SAMPLES,
    UNITS,
    failure,
    module,
    progress,
    questions,
    read_json,
    run,
    settled,
    write_project,
    write_rows,
)

from tst_harness.report.sample_files import read_samples

HUB = f'HubDataset("owner/Toy", revision="{"0" * 40}", file="test.jsonl"'


def settings() -> Any:
    return read_json(REPORT)["settings"]


@pytest.fixture
def data(pytester: pytest.Pytester) -> Path:
    """A data directory with the file of a Hub dataset, and the module that declares it."""
    folder = pytester.mkdir("data")
    (folder / "toy").mkdir()
    write_rows(folder / "toy" / "test.jsonl", questions())
    pytester.makepyfile(test_toy=module(source=HUB + ")"))
    return folder


def test_data_are_taken_from_the_option_or_the_environment(
    pytester: pytest.Pytester, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TST_DATA_DIR", str(pytester.path / "nowhere"))
    result = run(pytester, "--tst-data=data")
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(
        [
            f"tst: data from {data}, else the Hub, *",
            "tst: toy from toy/test.jsonl (file)",
            "*| file toy/test.jsonl",
        ]
    )
    from_option = settled()
    assert read_json(REPORT)["source"]["kind"] == "file"
    monkeypatch.setenv("TST_DATA_DIR", str(data))
    assert set(progress(run(pytester)).values()) == {"cached"}
    assert settled() == from_option


def test_the_data_directory_may_have_another_format(pytester: pytest.Pytester, data: Path) -> None:
    result = run(pytester, "--tst-data=data")
    first = settled()
    lines = (data / "toy" / "test.jsonl").read_text(encoding="utf-8").splitlines()
    (data / "toy" / "test.json").write_text(f"[{','.join(lines)}]", encoding="utf-8")
    (data / "toy" / "test.jsonl").unlink()
    result = run(pytester, "--tst-data=data")
    result.stdout.fnmatch_lines(["tst: toy from toy/test.json (file)"])
    assert settled() == first.replace("test.jsonl", "test.json")


@pytest.mark.parametrize(("field", "digits"), [("row_order", 40), ("content", 64)])
def test_other_data_than_declared_are_refused(
    pytester: pytest.Pytester, data: Path, field: str, digits: int
) -> None:
    declared = "f" * digits
    pytester.makepyfile(test_toy=module(source=f'{HUB}, {field}="{declared}")'))
    sentence = failure(run(pytester, "--tst-data=data", "-k", "fold0"))
    assert sentence.startswith(f"toy: toy/test.jsonl: its {field} fingerprint is ")
    assert f"where the declaration says {declared}" in sentence
    found = sentence.partition("fingerprint is ")[2].partition(" ")[0]
    pytester.makepyfile(test_toy=module(source=f'{HUB}, {field}="{found}")'))
    run(pytester, "--tst-data=data").assert_outcomes(passed=UNITS)
    assert read_json(REPORT)["source"]["fingerprint"][field] == found


def test_folds_seed_repeats_and_groups(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-folds=2", "--tst-seed=7", "--tst-repeats=2", "--tst-split=grouped")
    result.assert_outcomes(passed=4 + len(CHECKS))
    result.stdout.fnmatch_lines(["tst: * 2 grouped folds; seed 7; 2 repeats"])
    assert list(progress(result)) == [
        *("forest fold 0", "forest fold 1", "forest repeat 1 fold 0", "forest repeat 1 fold 1"),
        *CHECKS,
    ]
    expected = {"folds": 2, "seed": 7, "repeats": 2, "split": "grouped", "allow_leak": False, "limit": None}
    expected |= {"vectors": None}
    assert read_json(Path("reports/toy-grouped-repeats2.json"))["settings"] == expected
    samples = read_samples(Path("reports/toy-grouped-repeats2.samples.jsonl"))
    assert len(samples) == 200
    folds_of_room = defaultdict(set)
    for row in samples.itertuples():
        folds_of_room[row.repeat, int(str(row.id)) % 20].add(row.fold)
    assert len(folds_of_room) == 40
    assert all(len(folds) == 1 for folds in folds_of_room.values())


def test_another_seed_gives_other_folds(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester, "--tst-folds=2")
    first = read_samples(SAMPLES)["fold"].tolist()
    run(pytester, "--tst-folds=2", "--tst-seed=0")
    assert settings()["seed"] == 0
    assert read_samples(SAMPLES)["fold"].tolist() != first


def test_ini_keys_are_defaults_of_the_options(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makeini("[pytest]\ntst_folds = 2\ntst_seed = 7\ntst_repeats = 2\ntst_report = results/audit")
    run(pytester, "--tst-seed=8")
    found = read_json(Path("results/audit/toy-repeats2.json"))["settings"]
    assert (found["folds"], found["seed"], found["repeats"]) == (2, 8, 2)
    assert not Path("reports").exists()


def test_a_report_folder_is_taken_from_where_the_command_is_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester)
    pytester.makeini("[pytest]\ntst_folds = 2")
    below = pytester.mkdir("below")
    shutil.move("toy.jsonl", below)
    monkeypatch.chdir(below)
    result = run(pytester, "--tst-report=here", "..")
    result.assert_outcomes(passed=2 + len(CHECKS))
    result.stdout.fnmatch_lines(["report: here/toy.json", "samples: here/toy.samples.jsonl"])
    assert (below / "here" / "toy.json").exists()
    run(pytester, "..")
    assert (pytester.path / "reports" / "toy.json").exists()


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--tst-folds=1", "--tst-folds: *2*'1'"),
        ("--tst-folds=five", "--tst-folds: *'five'"),
        ("--tst-seed=-1", "--tst-seed: *'-1'"),
        ("--tst-repeats=0", "--tst-repeats: *'0'"),
        ("--tst-data=nowhere", "--tst-data: * 'nowhere'"),
    ],
)
def test_a_bad_option_is_a_usage_error(pytester: pytest.Pytester, option: str, problem: str) -> None:
    write_project(pytester)
    result = run(pytester, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {problem}"])
    assert "collected" not in result.stdout.str()
    assert not Path("reports").exists()


def test_a_bad_ini_value_is_a_usage_error(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makeini("[pytest]\ntst_folds = 0")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *tst*folds: *'0'"])


def test_intervals_for_other_questions_are_named_and_kept(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-interval", "population")
    result.assert_outcomes(passed=UNITS + 1)
    text = " ".join(result.stdout.str().split())
    assert "intervals for other questions take 20 runs of the forest on halves of the questions" in text
    assert re.search(
        r"other questions of the kind, 20 units with a forest trained on them: score \[\d+\.\d, \d+\.\d\], "
        r"gain \[[-+]?\d+\.\d, \d+\.\d\] \(95%, from 20 halves diagnosed anew\); "
        r"all other intervals are of this test set",
        text,
    )
    kept = read_json(REPORT)["checks"]["population"]
    again = run(pytester, "--tst-interval", "population")
    assert "cached" in progress(again)["population"]
    assert read_json(REPORT)["checks"]["population"] == kept
