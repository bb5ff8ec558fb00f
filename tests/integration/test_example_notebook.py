"""The cells of the example notebook run, one after the other, without a kernel."""

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tst_harness.api.report import Report

NOTEBOOK = Path(__file__).parents[2] / "examples" / "audit.ipynb"


def results_of(path: Path) -> list[Any]:
    """What the last line of each code cell is worth; None where it is no expression."""
    names: dict[str, Any] = {}
    results = []
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        result = None
        if isinstance(last := tree.body[-1], ast.Expr):
            tree.body.pop()
            result = ast.Expression(last.value)
        exec(compile(tree, str(path), "exec"), names)
        results.append(None if result is None else eval(compile(result, str(path), "eval"), names))
    return results


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows, report, types, shortcuts, samples, runs, again = results_of(NOTEBOOK)
    assert len(rows) == 5
    assert isinstance(report, Report)
    assert "weighted mean" in report._repr_html_()
    assert types["gain"].is_monotonic_decreasing
    assert len(shortcuts) == len(report.shortcuts()) > 0
    assert samples["s"].is_monotonic_decreasing
    # Shortcuts are planted in the sample; permuted answers have none.
    assert runs.loc[("random folds", "forest"), "gain_low"] > 0.05
    assert runs.loc[("answers permuted", "forest"), "gain_low"] <= 0.0
    assert again.content.model_copy(update={"samples": None}) == report.content
    pd.testing.assert_frame_equal(again.samples(), report.samples(), check_exact=True)


def test_the_notebook_is_stored_without_results() -> None:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
