"""Where the data cannot be had, the bundled sample stands in and says so, unless that is refused."""

from pathlib import Path

import pytest
from projects import assert_no_crash, module, progress, read_json

# The columns of the bundled sample, of which one type is enough.
HUB = f'HubDataset("owner/Rooms", revision="{"0" * 40}", file="test*.parquet")'
SAMPLED = module(
    "rooms",
    HUB,
    'id="id", text="question", options="options", answer="ground_truth", type="question_type"',
    "".join(
        f'Number("{name}"),'
        for name in (
            "object_counting",
            "object_size_estimation",
            "room_size_estimation",
            "object_abs_distance",
        )
    )
    + "".join(
        f'Choice("{name}"),'
        for name in (
            "object_rel_direction_easy",
            "object_rel_direction_medium",
            "object_rel_direction_hard",
            "object_rel_distance",
            "obj_appearance_order",
            "route_planning",
        )
    ),
    "bundled_sample=True,",
)
NOT_SAMPLED = module("other", HUB)
REPORT = Path("reports/rooms.json")


@pytest.fixture(autouse=True)
def no_network_and_no_cache(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(pytester.path / "hub"))
    monkeypatch.delenv("TST_DATA_DIR", raising=False)


def test_the_sample_is_named_in_header_progress_title_and_report(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_rooms=SAMPLED)
    result = pytester.runpytest_subprocess("--tst-folds=2")
    result.assert_outcomes(passed=3)
    asked = "owner/Rooms at 0000000: the Hub cannot be reached"
    result.stdout.fnmatch_lines(
        [
            "tst: data from the Hub, else a bundled sample; 2 folds; seed 42",
            f"tst: rooms from *sample.jsonl (bundled SAMPLE) instead of {asked} *",
            "  rooms (bundled SAMPLE) forest fold *",
            "rooms: bundled SAMPLE, not Rooms-Bench | forest",
            f"stands in for {asked}*",
            "* sample questions *",
        ]
    )
    source = read_json(REPORT)["source"]
    assert source["kind"] == "sample"
    assert source["substituted_for"].startswith(asked)


def test_the_sample_can_be_refused_and_other_benchmarks_are_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_rooms=SAMPLED, test_other=NOT_SAMPLED)
    refused = pytester.runpytest_subprocess("--tst-folds=2", "--tst-require-real", "test_rooms.py")
    refused.assert_outcomes(failed=3)
    assert refused.ret == pytest.ExitCode.TESTS_FAILED
    refused.stdout.fnmatch_lines(
        ["rooms: cannot load owner/Rooms at 0000000: *--tst-data DIR*--tst-require-real*"]
    )
    assert_no_crash(refused)
    skipped = pytester.runpytest_subprocess("--tst-folds=2", "-rs", "test_other.py")
    skipped.assert_outcomes(skipped=3)
    skipped.stdout.fnmatch_lines(["SKIPPED * other: cannot load owner/Rooms at 0000000: *"])
    assert not progress(skipped)
    assert not Path("reports").exists()
