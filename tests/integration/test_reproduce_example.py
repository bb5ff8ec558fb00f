"""The example that prints the paper's table: its hand-written models learn, and see no held-out answers."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from runpy import run_path
from typing import Any

import pandas as pd
import pytest

import tst_harness

EXAMPLE = Path(__file__).parents[2] / "examples" / "reproduce_paper.py"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of the example, where no data can be had."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("TST_DATA_DIR", raising=False)
    spec = spec_from_file_location("reproduce_paper", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Where the source of its classes is looked for.
    monkeypatch.setitem(sys.modules, "reproduce_paper", module)
    spec.loader.exec_module(module)
    return vars(module)


def test_its_models_find_what_is_planted_in_the_sample(
    example: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    benchmark = run_path(str(example["MODULES"] / "test_vsi.py"))["TestVSI"].benchmark
    models = example["models_of"](benchmark)
    report = tst_harness.audit(benchmark, models=models, folds=2, progress=False)
    features = report.content.diagnostics["features"].overall
    assert features is not None
    assert features.n == report.content.source.questions
    assert features.gain_interval[0] > 0.0


def test_options_are_read_without_their_letters(example: dict[str, Any]) -> None:
    columns = tst_harness.Columns(text="q", options="o", answer="a", type="t")
    rows = pd.DataFrame(
        {
            "q": ["Is the cup left?"] * 3,
            "o": [["A. left", "B. right"], ["A. right", "B. left"], ["(A) up"]],
            "a": ["A", "(B)", "A"],
            "t": ["side"] * 3,
        }
    )
    model = example["Options"]("side", columns, r"the (\w+)")
    selected = model.select_rows(rows)
    assert selected["texts"].tolist() == [["left", "right"], ["right", "left"], ["up"]]
    model.fit_feature_maps(selected.iloc[:2])
    added = model.add_features(selected.drop(columns="a"))
    # Left was right twice of two, right never; what was not seen is at chance, and a missing option at 0.
    assert added["right_0"].tolist() == pytest.approx([4 / 6, 2 / 6, 1.0])
    assert added["right_1"].tolist() == pytest.approx([2 / 6, 4 / 6, 0.0])


def test_numbers_about_unknown_things_get_what_is_usual(example: dict[str, Any]) -> None:
    columns = tst_harness.Columns(text="q", answer="a", type="t")
    rows = pd.DataFrame(
        {"q": ["How many cups?", "How many cups?", "How many mugs?"], "a": ["2", "4", "9"], "t": ["n"] * 3}
    )
    model = example["Counts"]("n", columns, r"many (\w+)")
    selected = model.select_rows(rows)
    model.fit_feature_maps(selected.iloc[:2])
    added = model.add_features(selected.drop(columns="a"))
    assert added["mean"].tolist() == [3.0, 3.0, 3.0]
    assert added["seen"].tolist() == [2.0, 2.0, 0.0]


def test_a_sample_is_not_shown_as_the_benchmark(
    example: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["reproduce_paper.py", "--limit", "100"])
    with pytest.raises(SystemExit) as refused:
        example["main"]()
    assert refused.value.code == 1
    shown = capsys.readouterr()
    assert "the data of VSI-Bench cannot be had" in shown.err
    # Before anything is measured, so that nobody waits for it.
    assert shown.out == ""
