"""Bad inputs, made from good ones, are refused in a sentence or read for what they are.

A sample of them is tried in every run; `tox -e fuzz` tries all.
"""

import os
import random
from pathlib import Path

import pytest
from bad_inputs import BadFile, BadReport, bad_files, bad_reports, good_rows
from limited_commands import refused

import tst_harness

EVERYTHING = bool(os.environ.get("TST_FUZZ"))
FILES = {bad.label: bad for bad in bad_files()}
_CHOSEN = 40
RULE = "forest.score <= 0.99"


def some(names: list[str]) -> list[str]:
    return names if EVERYTHING else sorted(random.Random(0).sample(names, min(_CHOSEN, len(names))))


@pytest.mark.parametrize("label", some(list(FILES)))
def test_a_bad_file_is_refused_or_read(label: str, tmp_path: Path) -> None:
    bad: BadFile = FILES[label]
    path = tmp_path / bad.name
    path.write_bytes(bad.content)
    said = refused("init", str(path), "-o", str(tmp_path / "test_it.py"))
    assert said.count("\n") <= 6, said


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    tst_harness.audit(good_rows(), name="trees", progress=False).save(folder)
    return folder


def test_a_bad_report_is_refused(reports: Path, tmp_path: Path) -> None:
    good = [(reports / name).read_text("utf-8") for name in ("trees.json", "trees.samples.jsonl")]
    write(BadReport("unchanged", *good), tmp_path)
    assert refused("gate", str(tmp_path / "trees.json"), RULE) == ""
    bads = list(bad_reports(reports, "trees"))
    labels = some([bad.label for bad in bads])
    accepted = []
    for bad in bads:
        if bad.label in labels and accepts(bad, tmp_path):
            accepted.append(bad.label)
    assert not accepted, "; ".join(accepted)


def write(bad: BadReport, folder: Path) -> None:
    (folder / "trees.json").write_text(bad.report, "utf-8")
    (folder / "trees.samples.jsonl").write_text(bad.samples, "utf-8")


def accepts(bad: BadReport, folder: Path) -> bool:
    write(bad, folder)
    return not refused("gate", str(folder / "trees.json"), RULE)
