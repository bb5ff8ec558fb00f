"""What the options of the llm diagnostic accept, and what is said where its engines are missing."""

from importlib.util import find_spec

import pytest
from projects import CHECKS, UNITS, run, write_project

from tst_harness.engine.results import ExitStatus


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ("--tst-diagnostic", "tree"),
            "--tst-diagnostic: there is no diagnostic 'tree'; there are forest, features, llm, words",
        ),
        (("--tst-model", "smollm2"), "--tst-model is for the llm diagnostic; add --tst-diagnostic llm"),
        (
            ("--tst-diagnostic", "llm", "--tst-lora", "rank=8"),
            "--tst-lora: 'rank=8' is no KEY=VALUE with a key among lora_rank, lora_alpha, *",
        ),
        (
            ("--tst-diagnostic", "llm", "--tst-lora", "lr=fast"),
            "--tst-lora: 'fast' is no number that lr can have",
        ),
        (("--tst-limit", "0"), "--tst-limit: Input should be greater than or equal to 1, not '0'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(
    pytester: pytest.Pytester, options: tuple[str, ...], sentence: str
) -> None:
    write_project(pytester)
    result = run(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{sentence}*"])


def test_a_limit_is_stratified_and_said(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-limit", "50")
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(["tst: *; at most 50 questions", "toy: Toy-Bench | *50 of 100 questions*"])
    result.stdout.re_match_lines([r"count +num +20 .*", r"pick +mc +30 .*"])


@pytest.mark.skipif(find_spec("torch") is not None, reason="torch is installed")
def test_a_missing_engine_is_a_skip_that_names_the_extra(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester, "--tst-diagnostic", "llm")
    result.assert_outcomes(skipped=6, passed=len(CHECKS) - 1)
    result.stdout.fnmatch_lines(["tst: note: smollm2 is too small to find much *", "tst: toy from *"])
    result.stdout.fnmatch_lines(["no verdict: toy: *not installed*"])
    assert result.ret == ExitStatus.INCOMPLETE
    assert run(pytester, "--tst-diagnostic", "llm", "--tst-unjudged", "warn").ret == ExitStatus.OK
