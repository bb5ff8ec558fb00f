"""A command in a report has no folder of this machine and no secret."""

from pathlib import Path

import pytest

from tst_harness.report.paths import command_line, masked


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("--tst-ray=ray://10.0.0.1:10001", "--tst-ray=ray://***"),
        ("ray://user:pass@host:10001", "ray://***"),
        ("https://user:pass@host/data.jsonl", "https://***@host/data.jsonl"),
        ("token=abc", "token=***"),
        ("tst_api_key=abc", "tst_api_key=***"),
        ("hf_abcdefghijklmnop", "***"),
        ("tst_folds=3", "tst_folds=3"),
        ("benchmarks/test_vsi.py", "benchmarks/test_vsi.py"),
    ],
)
def test_secrets_are_masked(argument: str, written: str) -> None:
    assert masked(argument) == written


def test_folders_and_values_of_secret_options_are_left_out(tmp_path: Path) -> None:
    argv = [
        "/usr/bin/pytest",
        str(tmp_path / "rows.jsonl"),
        "--hub-token",
        "abc",
        "-o",
        "secret=1",
        "-k",
        "vsi",
    ]
    assert command_line(argv) == [
        "pytest",
        "rows.jsonl",
        "--hub-token",
        "***",
        "-o",
        "secret=***",
        "-k",
        "vsi",
    ]
