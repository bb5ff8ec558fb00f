"""Comparisons of several diagnostics, outside pytest."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from snapshots import make_report

from tst_harness.api.compare import Comparison, reworded_questions
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.errors import ReportError
from tst_harness.gates.snapshot import snapshot
from tst_harness.report.files import write_report
from tst_harness.report.names import run_name
from tst_harness.report.sample_files import write_samples
from tst_harness.stats.metrics import Metric
from tst_harness.stats.samples import Samples, resampled

SCORE = Metric("score")


def write(samples: pd.DataFrame, folder: Path) -> Samples:
    report, _ = make_report(llm=True)
    write_samples(run_name(report), samples, folder)
    write_report(report, folder)
    return Samples.of(samples, "forest")


def test_claims_about_several_diagnostics_are_corrected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, samples = make_report(llm=True)
    group = samples["group"].astype("category").cat.codes
    before = samples.assign(score=0.5)
    after = samples.assign(score=0.5 + 0.03 * np.where(group % 3 == 0, -1.0, 1.0) + 0.007)
    old, new = write(before, tmp_path / "before"), write(after, tmp_path / "after")
    [alone] = [found for name, found in resampled(new, SCORE, seed=42, minus=old).items() if name is None]
    assert 0.025 < alone.p_above(0.0, at_least=False) < 0.05
    reports = [str(tmp_path / name / "demo-forest-llm.json") for name in ("before", "after")]
    assert main(["compare", *reports]) == ExitStatus.OK
    out = capsys.readouterr().out
    assert out.count("does not score significantly higher") == 2


def test_the_bundled_sample_is_not_compared_with_real_data() -> None:
    report, samples = make_report()
    stand_in = report.source.model_copy(update={"substituted_for": "HubDataset(demo)"})
    sample = snapshot(report.model_copy(update={"source": stand_in}), samples)
    real = snapshot(report, samples)
    for pair in ((sample, real), (real, sample)):
        with pytest.raises(ReportError, match=r"is a run of the bundled sample and .* one of real data"):
            Comparison(*pair, ("a", "b"))
    Comparison(sample, sample, ("a", "b"))


@pytest.mark.parametrize(("share", "refused"), [(1.0, True), (0.5, True), (0.4, False), (0.0, False)])
def test_equal_ids_of_other_questions_are_not_compared(share: float, refused: bool) -> None:
    report, samples = make_report()
    source = report.source.model_copy(
        update={"fingerprint": report.source.fingerprint.model_copy(update={"content": "f" * 64})}
    )
    others = samples["id"].unique()[: int(share * samples["id"].nunique())]
    changed = samples.assign(type=samples["type"].where(~samples["id"].isin(others), "another type"))
    before = snapshot(report, samples)
    after = snapshot(report.model_copy(update={"source": source}), changed)
    if refused:
        with pytest.raises(
            ReportError, match=rf"of other test sets .*{len(others)} differ in type or format"
        ):
            Comparison(before, after, ("a", "b"))
    else:
        assert Comparison(before, after, ("a", "b")).overall.loc["forest", "difference"] == 0


def lines(texts: dict[str, str | None]) -> list[dict[str, object]]:
    return [{"id": id_, "text": text, "options": ["left", "right"]} for id_, text in texts.items()]


def test_questions_with_other_texts_are_not_compared() -> None:
    report, samples = make_report()
    run = snapshot(report, samples)
    ids = samples["id"].unique().tolist()
    before = lines({id_: f"Where is the cup of {id_}?" for id_ in ids})
    after = [*lines(dict.fromkeys(ids[:10], "Who drives?")), *reversed(before[10:])]
    after[-1] |= {"options": ["right", "left"]}
    reworded = reworded_questions(before, after)
    assert reworded == set(ids[:10])
    compared = Comparison(run, run, ("a", "b"), after, reworded)
    assert compared.overall.loc["forest", "n"] == len(ids) - 10
    assert f"forest: 10 of {len(ids)} questions with an id in both have other texts or options" in str(
        compared
    )
    with pytest.raises(
        ReportError, match=rf"share no question of forest, though {len(ids)} have an id in both"
    ):
        Comparison(run, run, ("a", "b"), after, ids)
    assert reworded_questions(lines(dict.fromkeys(ids)), after) == set()
