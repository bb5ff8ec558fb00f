"""From the results of models to their part of the report."""

from collections.abc import Collection, Mapping

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray
from tst_harness.results.bias import Bias
from tst_harness.results.evidence import Answers, Figure, ModelFigures
from tst_harness.results.leaderboard import leaderboard
from tst_harness.results.reading import Results
from tst_harness.results.schema import (
    Change,
    Falls,
    Leaderboard,
    Lean,
    ModelReport,
    ModelScore,
    ModelsReport,
    Read,
)
from tst_harness.stats.resampling import holm

NOT_GIVEN_AWAY = "not given away"
PRUNED = "pruned"


def models_report(
    bias: Bias,
    results: Mapping[str, Results],
    blind: Mapping[str, Results],
    *,
    removed: Collection[str] | None = None,
    seed: int,
) -> ModelsReport:
    """Return how models score beside the bias.

    Parameters
    ----------
    bias
        The questions; results are in its order.
    results
        Of each model.
    blind
        Of the same models without what they should look at, where that is known.
    removed
        The ids that a pruning removes; None without one.
    seed
        Of the resamples.
    """
    figures = {
        name: ModelFigures(bias, answers_of(own, blind.get(name)), seed) for name, own in results.items()
    }
    leans = {name: own.lean() for name, own in figures.items()}
    falls = {name: own.falls() for name, own in figures.items()}
    lean_p = _adjusted({name: lean for name, lean in leans.items() if lean is not None})
    falls_p = _adjusted({name: fall[0] for name, fall in falls.items() if fall is not None})
    reports = {}
    for name, own in figures.items():
        score, lean, fall, without, seeing = own.score(), leans[name], falls[name], own.blind(), own.seeing()
        quarters = own.seeing_quarters()
        reports[name] = ModelReport(
            read=_read(results[name]),
            n=own.n,
            score=score.point,
            interval=score.interval,
            quarters=[_score(quarter) for quarter in own.quarters()],
            lean=None
            if lean is None
            else Lean(n=lean.n, difference=lean.point, interval=lean.interval, p_value=lean_p[name]),
            falls=None
            if fall is None
            else Falls(
                n=fall[0].n,
                share=fall[1],
                others=fall[2],
                difference=fall[0].point,
                interval=fall[0].interval,
                p_value=falls_p[name],
            ),
            blind=None if without is None else _score(without),
            seeing=None if seeing is None else _change(seeing),
            seeing_quarters=None if quarters is None else [_change(quarter) for quarter in quarters],
        )
    return ModelsReport(
        diagnostic=bias.diagnostic,
        questions=len(bias.excess),
        models=reports,
        leaderboard=_leaderboard(bias, results, removed, seed),
    )


def answers_of(results: Results, blind: Results | None = None) -> Answers:
    """Return what figures are computed from."""
    return Answers(results.score, results.prediction, None if blind is None else blind.score)


def _adjusted(figures: Mapping[str, Figure]) -> dict[str, float]:
    p_values = holm(np.array([figure.p_value for figure in figures.values()]))
    return dict(zip(figures, p_values.tolist(), strict=True))


def _score(figure: Figure) -> ModelScore:
    return ModelScore(score=figure.point, interval=figure.interval)


def _change(figure: Figure) -> Change:
    return Change(difference=figure.point, interval=figure.interval)


def _read(results: Results) -> Read:
    own = results.own_score[np.isfinite(results.own_score)]
    return Read(
        file=results.file,
        form=results.form,
        matched_by=results.matched_by,
        missing=len(results.score) - results.answered,
        double=results.double,
        unknown=results.unknown,
        unread=results.unread,
        own_score=float(own.mean()) if len(own) else None,
        differing=len(results.differing),
        notes=list(results.notes),
    )


def _leaderboard(
    bias: Bias, results: Mapping[str, Results], removed: Collection[str] | None, seed: int
) -> Leaderboard | None:
    common = np.flatnonzero(np.isfinite(np.array([own.score for own in results.values()])).all(axis=0))
    if len(results) < 2 or not len(common):
        return None
    parts = {NOT_GIVEN_AWAY: 1.0 - bias.given_away(common)}
    if removed is not None:
        kept = ~bias.samples["id"].isin(list(removed)).to_numpy()[common]
        parts[PRUNED] = kept.astype(np.float64)
    scores: dict[str, FloatArray] = {name: own.score[common] for name, own in results.items()}
    parts = {name: part for name, part in parts.items() if part.any()}
    return leaderboard(scores, np.unique(bias.group[common], return_inverse=True)[1], parts, seed)
