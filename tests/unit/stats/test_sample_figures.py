from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from snapshots import IDS, make_report, make_snapshot

from tst_harness.errors import ReportError
from tst_harness.report.schema import OverallScores
from tst_harness.stats.bounds import upper
from tst_harness.stats.metrics import HELD_OUT_METRICS, ZERO_SHOT_METRICS, Metric
from tst_harness.stats.samples import Samples, figures, resampled

EVERY = [Metric(name, 0.9 if name == "share" else None) for name in (*HELD_OUT_METRICS, *ZERO_SHOT_METRICS)]


def sample(id: str, s: float, repeat: int = 0, **changes: object) -> dict[str, object]:
    fields = {"score": float(s > 0.5), "blind_baseline": 0.25, "prediction": "A", "s_zero_shot": np.nan}
    place = {
        "diagnostic": "forest",
        "id": id,
        "type": "pick",
        "format": "mc",
        "group": id,
        "repeat": repeat,
        "s": s,
    }
    return {**place, **fields, "zero_shot": np.nan, **changes}


def test_figures_by_hand() -> None:
    rows = [
        sample(f"{n:02d}", n / 20, repeat, prediction="" if n < 2 and repeat else "A")
        for repeat in (0, 1)
        for n in range(20)
    ]
    runs = Samples.of(pd.DataFrame(rows), "forest")
    assert runs.repeats == 2
    for metric, expected in (
        (Metric("score"), [0.45, 0.45]),
        (Metric("gain"), [0.2, 0.2]),
        (Metric("mean_s"), [0.475, 0.475]),
        (Metric("share", 0.9), [0.05, 0.05]),
        (Metric("parse_failures"), [0.0, 0.1]),
        (Metric("s95"), [0.9, 0.9]),
    ):
        np.testing.assert_allclose(figures(runs, metric), expected, err_msg=str(metric))


@pytest.mark.parametrize("repeats", [1, 3])
def test_figures_are_those_of_the_report(repeats: int) -> None:
    report, samples = make_report(repeats, llm=True)
    for name, found in report.diagnostics.items():
        runs = Samples.of(samples, name)
        trained = ZERO_SHOT_METRICS if name == "llm" else ()
        for kind, scores in [(None, found.overall), *found.types.items()]:
            assert scores is not None
            for metric in ("score", "mean_s", "gain", *trained):
                expected = getattr(scores, metric)
                if metric == "parse_failures":
                    expected /= scores.n * repeats
                assert figures(runs, Metric(metric), kind).mean() == pytest.approx(expected), (name, metric)


@pytest.mark.parametrize("metric", ["score", "mean_s", "gain", "delta", "mean_s_delta"])
def test_intervals_are_those_of_the_report(metric: str) -> None:
    report, samples = make_report(2, llm=True)
    overall = report.diagnostics["llm"].overall
    assert isinstance(overall, OverallScores)
    evidence = resampled(Samples.of(samples, "llm"), Metric(metric), seed=report.settings.seed)
    interval = {"score": "interval", "mean_s": "mean_s_interval"}.get(metric, f"{metric}_interval")
    found = evidence[None]
    bounds = replace(found, share=False)
    assert (bounds.lower(0.025), upper(bounds, 0.025)) == pytest.approx(getattr(overall, interval), abs=1e-12)


def test_shares_are_those_of_right_answers() -> None:
    rows = [
        sample(f"{kind}{n}", 0.4 + n / 10, score=correct, type=kind)
        for n in range(4)
        for kind, correct in (("pick", float(n > 1)), ("count", n / 3))
    ]
    runs = Samples.of(pd.DataFrame(rows), "forest")
    shares = {
        (str(metric), kind)
        for metric in (Metric("score"), Metric("gain"), Metric("mean_s"), Metric("share", 0.5))
        for kind, found in resampled(runs, metric, seed=1).items()
        if found.share
    }
    assert shares == {("score", "pick"), *(("share(s > 0.5)", kind) for kind in ("pick", "count", None))}
    assert not any(found.share for found in resampled(runs, Metric("score"), seed=1, minus=runs).values())


def test_bounds_of_a_percentile_are_those_of_order_statistics() -> None:
    """Of 200 independent questions the 184th and the 196th largest s(x), by the binomial distribution."""
    rows = [sample(f"{n:03d}", n / 200) for n in range(1, 201)]
    found = resampled(Samples.of(pd.DataFrame(rows), "forest"), Metric("s95"), seed=1)[None]
    exact = (binom.ppf(0.05, 200, 0.95) / 200, (binom.ppf(0.95, 200, 0.95) + 1) / 200)
    assert (found.lower(0.05), upper(found, 0.05)) == pytest.approx(exact, abs=0.0051)
    assert upper(found, 0.05) == exact[1]


def test_few_questions_do_not_tell_a_percentile() -> None:
    rows = [sample(f"{n}", 0.2) for n in range(20)]
    found = resampled(Samples.of(pd.DataFrame(rows), "forest"), Metric("s95"), seed=1)[None]
    assert (found.lower(0.05), upper(found, 0.05)) == (0.2, 1.0)


@pytest.mark.parametrize("metric", EVERY, ids=str)
@pytest.mark.parametrize("repeats", [1, 2])
def test_a_difference_from_itself_is_nothing(metric: Metric, repeats: int) -> None:
    runs = Samples.of(make_snapshot(repeats, llm=True).samples, "llm")
    for found in resampled(runs, metric, seed=1, minus=runs).values():
        assert found.point == 0.0
        assert (found.resamples == 0.0).all()
        assert found.limits[0] == -found.limits[1]


@pytest.mark.parametrize("kind", [None, "route"])
def test_a_resampled_percentile_is_that_of_the_questions_drawn(kind: str | None) -> None:
    runs = Samples.of(make_snapshot(2).samples, "forest")
    found = resampled(runs, Metric("s95"), seed=1)[kind]
    own = runs.s if kind is None else runs.s[:, runs.type == kind]
    assert found.point == pytest.approx(np.quantile(own, 0.95, axis=1, method="inverted_cdf").mean())
    means = {round((one + other) / 2, 12) for one in own[0] for other in own[1]}
    assert {round(value, 12) for value in found.resamples.tolist()} <= means
    assert found.resamples.std() > 0.0


def test_rows_may_come_in_any_order() -> None:
    samples = make_snapshot(2).samples
    shuffled = samples.sample(frac=1.0, random_state=1)
    one, other = (Samples.of(rows, "forest") for rows in (samples, shuffled))
    for metric in (Metric("score"), Metric("s95")):
        np.testing.assert_array_equal(
            resampled(one, metric, seed=1)[None].resamples, resampled(other, metric, seed=1)[None].resamples
        )


def test_some_questions_and_repeats_alone() -> None:
    runs = Samples.of(make_snapshot(3).samples, "forest")
    few = runs.only(IDS[5:20], 2)
    assert few.id.tolist() == IDS[5:20]
    assert few.s.shape == (2, 15)
    places = [runs.id.tolist().index(id) for id in few.id]
    np.testing.assert_array_equal(few.score, runs.score[:2, places])
    assert sorted(set(few.group)) == list(range(len(set(few.group))))


def test_a_question_that_is_not_in_every_repeat_is_refused() -> None:
    samples = make_snapshot(2).samples
    for wrong in (samples.iloc[1:], pd.concat([samples, samples.iloc[:1]])):
        with pytest.raises(ReportError, match="every question once in every repeat"):
            Samples.of(wrong, "forest")
    with pytest.raises(ReportError, match="no samples of llm"):
        Samples.of(samples, "llm")
