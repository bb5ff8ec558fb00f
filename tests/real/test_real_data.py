"""The command of the README on the real test sets, where TST_DATA_DIR has them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not os.environ.get("TST_DATA_DIR"), reason="TST_DATA_DIR is not set, so there are no real data to audit"
)


WITHOUT_PATTERNS = """
import runpy

from tst_harness import StressTest

[declared] = [
    one
    for one in runpy.run_path({module!r}).values()
    if isinstance(one, type) and issubclass(one, StressTest) and one is not StressTest
]
types = tuple(one.model_copy(update={{"pattern": None}}) for one in declared.benchmark.question_types)


class TestWithoutPatterns(StressTest):
    benchmark = declared.benchmark.model_copy(update={{"question_types": types}})


del declared
"""


def audit(benchmark: str, folder: Path, *options: str, module: str | Path = "benchmarks/") -> dict[str, Any]:
    command = [sys.executable, "-m", "pytest", str(module), "-q", "--tst-require-real"]
    if module == "benchmarks/":
        command += ["-k", benchmark]
    done = subprocess.run(
        [*command, "--tst-report", str(folder), *options], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [path] = folder.glob(f"{benchmark}*.json")
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


def overall(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = report["diagnostics"]["forest"]["overall"]
    return found


def test_vsi_bench_on_random_folds(tmp_path: Path) -> None:
    report = audit("vsi", tmp_path)
    assert report["source"]["kind"] == "file"
    assert report["source"]["questions"] == 5130
    assert overall(report)["n"] == 5130
    # Within a point of the figure in the README.
    assert overall(report)["score"] > 0.60
    assert set(report["diagnostics"]["forest"]["types"]) == {
        "obj_appearance_order",
        "object_abs_distance",
        "object_counting",
        "object_rel_direction_easy",
        "object_rel_direction_hard",
        "object_rel_direction_medium",
        "object_rel_distance",
        "object_size_estimation",
        "room_size_estimation",
        "route_planning",
    }
    with (tmp_path / "vsi.samples.jsonl").open(encoding="utf-8") as lines:
        assert sum(1 for _ in lines) == 5130


def test_vsi_bench_grouped_by_scene(tmp_path: Path) -> None:
    report = audit("vsi", tmp_path, "--tst-split=grouped")
    assert report["settings"]["split"] == "grouped"
    assert overall(report)["score"] > 0.425


def test_vsi_bench_with_permuted_answers_has_no_gain(tmp_path: Path) -> None:
    report = audit("vsi", tmp_path, "--tst-null")
    assert report["null_control"]
    # One-sided: a forest that overfits noise may well score less than the best constant.
    low, _ = overall(report)["gain_interval"]
    assert low <= 0.0, "the harness finds something where nothing is"
    assert not report["diagnostics"]["forest"]["shortcuts"]


def test_cv_bench(tmp_path: Path) -> None:
    assert overall(audit("cvb", tmp_path))["score"] > 0.79


def test_mmmu_leaves_its_open_questions_out(tmp_path: Path) -> None:
    report = audit("mmmu", tmp_path)
    assert overall(report)["n"] == report["source"]["questions"] == 845
    assert report["source"]["not_scored"] == {"open": 53}
    left_out = [fault["id"] for fault in report["source"]["faults"] if not fault["scored"]]
    assert left_out == ["validation_Biology_27", "validation_Electronics_13"]


@pytest.mark.parametrize("name", ["vsi", "cvb"])
def test_templates_found_in_the_questions_serve_as_well_as_patterns(name: str, tmp_path: Path) -> None:
    gain = overall(audit(name, tmp_path / "declared"))["gain"]
    module = tmp_path / "test_without_patterns.py"
    module.write_text(WITHOUT_PATTERNS.format(module=str(ROOT / f"benchmarks/test_{name}.py")))
    found = audit(name, tmp_path / "found", module=module)
    assert overall(found)["gain"] >= 0.9 * gain
