"""Whether the gold options are spread evenly over their positions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import chdtrc

from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.independent import independent
from tst_harness.analysis.protocol import Experiment
from tst_harness.analysis.ranges import Count, Fraction
from tst_harness.analysis.scoring import LETTERS
from tst_harness.benchmark.model import Model
from tst_harness.checks.check import SIGNIFICANCE
from tst_harness.dataset.loading import Dataset
from tst_harness.stats.resampling import holm

_LEAST_EXPECTED = 5.0
_DRAWS = 9_999
_CELLS = 4_000_000


class PositionCounts(Model):
    """How often each place holds the gold option, among the questions with as many options."""

    options: Count
    counts: list[Count]


class PositionBalance(Model):
    """Where the gold options stand.

    `best_score` is had by always choosing the option `best`, and `chance` is the mean of 1/options.
    `p_value` is of Pearson's chi-square against places that are equally likely. `same_options`: the options
    are the same in the same order, so that the counts are those of answers and not of places.
    """

    n: Count
    counts: list[PositionCounts]
    best: str
    best_score: Fraction
    chance: Fraction
    p_value: Fraction
    same_options: bool


class PositionsReport(Model):
    """Where the gold options of multiple-choice questions stand."""

    overall: PositionBalance
    types: dict[str, PositionBalance]


@dataclass(frozen=True)
class Balance:
    """How often each position holds the gold option.

    Attributes
    ----------
    n
        Number of questions.
    counts
        Number of options to how often each position is gold.
    best, best_score
        The position that is right most often when always chosen, from 0, and its accuracy.
    chance
        The mean of 1 / options.
    p_value
        Of the counts under equally likely positions: Pearson's chi-square, summed over numbers of options.
        Where units have several questions, by 9,999 draws in each of which all positions of a unit are moved
        on alike, which keeps how its questions depend on each other; else by as many draws where fewer than 5
        are expected somewhere.
    same_options
        Whether all questions have the same options in the same order, as where the options are yes and no:
        then the counts are those of the answers, and no shuffling evens them out.
    """

    n: int
    counts: dict[int, list[int]]
    best: int
    best_score: float
    chance: float
    p_value: float
    same_options: bool


def findings(experiment: Experiment) -> dict[str, Any]:
    """Test where the gold options stand."""
    positions = positions_report(balances(experiment.dataset, experiment.settings.seed))
    if positions is None:
        drawn = experiment.dataset.benchmark.columns.order_is_drawn
        summary = "not tested: the order of options was drawn here" if drawn else "no multiple choice"
        return {"summary": summary, "positions": None}
    uneven = sum(balance.p_value < SIGNIFICANCE for balance in positions.types.values())
    return {
        "summary": f"uneven types: {uneven} of {len(positions.types)}",
        "positions": positions.model_dump(),
    }


def positions_report(balances: Mapping[str, Balance]) -> PositionsReport | None:
    """Return the tests for the report, those of types corrected; None where there is no multiple choice."""
    if not balances:
        return None
    names = [name for name in balances if name]
    adjusted = holm(np.array([balances[name].p_value for name in names]))
    return PositionsReport(
        overall=_reported(balances[""], balances[""].p_value),
        types={name: _reported(balances[name], p) for name, p in zip(names, adjusted.tolist(), strict=True)},
    )


def _reported(balance: Balance, p_value: float) -> PositionBalance:
    return PositionBalance(
        n=balance.n,
        counts=[PositionCounts(options=k, counts=counts) for k, counts in sorted(balance.counts.items())],
        best=LETTERS[balance.best] if balance.best < len(LETTERS) else str(balance.best),
        best_score=balance.best_score,
        chance=balance.chance,
        p_value=p_value,
        same_options=balance.same_options,
    )


def balances(dataset: Dataset, seed: int) -> dict[str, Balance]:
    """Test the positions of every multiple-choice type, and of all of them together under "".

    Of options whose order was drawn here, nothing is tested.

    Parameters
    ----------
    dataset
        The questions.
    seed
        Of the draws.
    """
    frame = dataset.frame[dataset.frame["format"].to_numpy() == "mc"]
    if frame.empty or dataset.benchmark.columns.order_is_drawn:
        return {}
    types, answers = frame["type"].to_numpy().astype(str), frame["answer"].to_numpy().astype(np.int64)
    options = frame["options"].tolist()
    units = independent(dataset).codes()[frame.index.to_numpy()]
    lengths = np.array([len(row) for row in options])
    by_type = {}
    for number, name in enumerate(["", *np.unique(types).tolist()]):
        at = np.flatnonzero(types == name) if name else np.arange(len(frame))
        alike = len({options[row] for row in at}) == 1
        by_type[name] = _balance(
            answers[at], lengths[at], units[at], alike, np.random.default_rng([seed, number])
        )
    return by_type


def _balance(
    gold: IntArray, lengths: IntArray, units: IntArray, same_options: bool, rng: np.random.Generator
) -> Balance:
    counts = {int(k): np.bincount(gold[lengths == k], minlength=int(k)) for k in np.unique(lengths)}
    totals = np.bincount(gold)
    return Balance(
        n=len(gold),
        counts={k: of.tolist() for k, of in counts.items()},
        best=int(totals.argmax()),
        best_score=float(totals.max() / len(gold)),
        chance=float((1.0 / lengths).mean()),
        p_value=_even_p_value(counts, rng)
        if len(np.unique(units)) == len(units)
        else _even_units_p_value(gold, lengths, units, rng),
        same_options=same_options,
    )


def _even_units_p_value(
    gold: IntArray, lengths: IntArray, units: IntArray, rng: np.random.Generator
) -> float:
    observed, drawn = 0.0, np.zeros(_DRAWS)
    for k in np.unique(lengths).tolist():
        own = lengths == k
        unit = np.unique(units[own], return_inverse=True)[1]
        n, n_units = int(own.sum()), int(unit.max()) + 1
        held = np.zeros((n_units, k))
        np.add.at(held, (unit, gold[own]), 1.0)
        observed += float(k * (held.sum(axis=0) ** 2).sum() / n - n)
        step = max(1, _CELLS // n_units)
        for start in range(0, _DRAWS, step):
            shift = rng.integers(k, size=(min(step, _DRAWS - start), n_units))
            counts = sum((shift == by).astype(np.float64) @ np.roll(held, by, axis=1) for by in range(k))
            drawn[start : start + step] += k * (np.asarray(counts) ** 2).sum(axis=1) / n - n
    return float((1 + (drawn >= observed - 1e-9).sum()) / (1 + _DRAWS))


def _even_p_value(counts: dict[int, IntArray], rng: np.random.Generator) -> float:
    statistic = sum(
        float((k * (of.astype(float) ** 2) / of.sum()).sum() - of.sum()) for k, of in counts.items()
    )
    if min(of.sum() / k for k, of in counts.items()) >= _LEAST_EXPECTED:
        return float(chdtrc(sum(k - 1 for k in counts), statistic))
    drawn = np.zeros(_DRAWS)
    for k, of in counts.items():
        n = int(of.sum())
        rows = rng.multinomial(n, np.full(k, 1.0 / k), size=_DRAWS)
        drawn += (k * rows.astype(np.float64) ** 2 / n).sum(axis=1) - n
    return float((1 + (drawn >= statistic - 1e-9).sum()) / (1 + _DRAWS))
