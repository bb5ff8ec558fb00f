"""Comparisons of several diagnostics, outside pytest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from snapshots import make_report

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.report.files import write_report, write_samples
from tst_harness.stats.measures import Metric, Runs, resampled

SCORE = Metric("score")


def write(samples: pd.DataFrame, folder: Path) -> Runs:
    report, _ = make_report(llm=True)
    write_samples("demo", samples, folder)
    write_report(report, folder)
    return Runs.of(samples, "forest")


def test_claims_about_several_diagnostics_are_corrected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, samples = make_report(llm=True)
    group = samples["group"].astype("category").cat.codes
    before = samples.assign(correct=0.5)
    after = samples.assign(correct=0.5 + 0.03 * np.where(group % 3 == 0, -1.0, 1.0) + 0.007)
    old, new = write(before, tmp_path / "before"), write(after, tmp_path / "after")
    [alone] = [found for name, found in resampled(new, SCORE, seed=42, minus=old).items() if name is None]
    assert 0.025 < alone.p_above(0.0, at_least=False) < 0.05
    reports = [str(tmp_path / name / "demo.json") for name in ("before", "after")]
    assert main(["compare", *reports]) == ExitStatus.OK
    out = capsys.readouterr().out
    assert out.count("does not score significantly higher") == 2
