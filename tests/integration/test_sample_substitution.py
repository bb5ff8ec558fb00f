"""Where the data cannot be had, the bundled sample stands in and says so, unless that is refused."""

from pathlib import Path

import pytest
from projects import failure, module, read_json

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus

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
REPORT = Path("reports/rooms-sample.json")


@pytest.fixture(autouse=True)
def no_network_and_no_cache(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(pytester.path / "hub"))
    monkeypatch.delenv("TST_DATA_DIR", raising=False)


def test_the_sample_stands_in_where_it_fits_and_is_named_everywhere(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_rooms=SAMPLED, test_other=NOT_SAMPLED)
    result = pytester.runpytest_subprocess("--tst-folds=2", "-rs", "-p", "no:randomly")
    result.assert_outcomes(passed=7, skipped=7)
    assert result.ret == ExitStatus.INCOMPLETE
    asked = "owner/Rooms at 0000000: the Hub cannot be reached"
    result.stdout.fnmatch_lines(
        [
            "tst: data from the Hub, else a bundled sample; 2 folds; seed 42",
            "tst: other: cannot load owner/Rooms at 0000000: *",
            f"tst: rooms from *sample.jsonl (bundled SAMPLE) instead of {asked} *",
            "  rooms (bundled SAMPLE) forest fold *",
            "rooms: bundled SAMPLE, not Rooms-Bench | forest",
            f"stands in for {asked}*",
            "* sample questions *",
            "SKIPPED * other: cannot load owner/Rooms at 0000000: *",
            "bundled SAMPLE: found: *",
            "no verdict: other: cannot load owner/Rooms at 0000000: *",
        ]
    )
    source = read_json(REPORT)["source"]
    assert source["kind"] == "sample"
    assert source["substituted_for"].startswith(asked)
    assert not Path("reports/other.json").exists()


def test_the_sample_can_be_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_rooms=SAMPLED)
    result = pytester.runpytest_subprocess("--tst-folds=2", "--tst-require-real", "-k", "fold0")
    sentence = failure(result)
    assert sentence.startswith("rooms: cannot load owner/Rooms at 0000000: ")
    assert sentence.endswith(
        "or leave out --tst-require-real to use the bundled sample, or run `tst-harness fetch rooms` where "
        "the network reaches the Hub"
    )
    assert not Path("reports").exists()


@pytest.mark.parametrize(("unjudged", "status"), [("warn", ExitStatus.OK), ("fail", ExitStatus.INCOMPLETE)])
def test_a_gate_on_data_that_cannot_be_had_is_not_judged(
    pytester: pytest.Pytester, unjudged: str, status: ExitStatus
) -> None:
    gates = 'gates=["forest.score <= 0.99"],'
    pytester.makepyfile(test_rooms=SAMPLED.replace("bundled_sample=True,", f"bundled_sample=True, {gates}"))
    option = f"--tst-unjudged={unjudged}"
    result = pytester.runpytest_inprocess(option, "--tst-no-html", "-p", "no:randomly")
    assert result.ret == status
    result.stdout.fnmatch_lines(
        [
            "not judged    rooms.forest.score <= 0.99",
            "              the bundled sample stands in for the data of rooms",
        ]
    )
    assert main(["gate", str(REPORT), "forest.score <= 0.99"]) == ExitStatus.INCOMPLETE
