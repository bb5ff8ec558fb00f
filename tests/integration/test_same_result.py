"""The same report however it is run: with or without workers, in another order, from a shuffled file."""

import json
import random

import pytest
from projects import SAMPLES, UNITS, questions, run, settled, write_project, write_rows


@pytest.fixture
def reference(pytester: pytest.Pytester) -> tuple[str, bytes]:
    """The report and the samples of a plain run of the project."""
    write_project(pytester)
    run(pytester).assert_outcomes(passed=UNITS)
    return settled(), SAMPLES.read_bytes()


def test_with_two_workers(pytester: pytest.Pytester, reference: tuple[str, bytes]) -> None:
    result = pytester.runpytest_subprocess("-n2", "--tst-fresh")
    result.assert_outcomes(passed=UNITS)
    assert (settled(), SAMPLES.read_bytes()) == reference


@pytest.mark.parametrize("options", [["-n0"], ["-p", "no:xdist"], ["--tst-verbose", "-v"]], ids=" ".join)
def test_in_one_process(pytester: pytest.Pytester, reference: tuple[str, bytes], options: list[str]) -> None:
    run(pytester, "--tst-fresh", *options).assert_outcomes(passed=UNITS)
    assert (settled(), SAMPLES.read_bytes()) == reference


def test_in_random_order(pytester: pytest.Pytester, reference: tuple[str, bytes]) -> None:
    result = pytester.runpytest_inprocess("--randomly-seed=3", "-p", "no:hypothesispytest", "--tst-fresh")
    result.assert_outcomes(passed=UNITS)
    assert (settled(), SAMPLES.read_bytes()) == reference


def test_from_a_shuffled_file(pytester: pytest.Pytester, reference: tuple[str, bytes]) -> None:
    rows = questions()
    random.Random(1).shuffle(rows)
    write_rows(pytester.path / "toy.jsonl", rows)
    run(pytester, "--tst-fresh").assert_outcomes(passed=UNITS)
    found, expected = (json.loads(report) for report in (settled(), reference[0]))
    # What is about the order itself.
    orders = [report["source"]["fingerprint"].pop("row_order") for report in (found, expected)]
    assert orders[0] != orders[1]
    for report in (found, expected):
        del report["checks"]["order"]
    assert found == expected
    assert SAMPLES.read_bytes() == reference[1]
