"""What the results of models say beside the bias, in words."""

from collections.abc import Iterator

from tst_harness.results.schema import Leaderboard, ModelReport, ModelsReport

_SIGNIFICANT = 0.05
_MOST_SWAPS = 5
_PARTS = {
    "not given away": "on the half of the questions that the text gives away least",
    "pruned": "on what the pruning leaves",
}


def sentences_of(report: ModelsReport) -> Iterator[str]:
    """Yield a sentence or two on each model, and on the ranking."""
    for name, model in report.models.items():
        yield from _model(name, model)
    if report.leaderboard is not None:
        yield from _ranking(report.leaderboard)


def _model(name: str, model: ModelReport) -> Iterator[str]:
    lean, falls, seeing = model.lean, model.falls, model.seeing
    if lean is None:
        yield f"{name}: no lean can be told, since no two questions of a kind differ in s(x)"
    else:
        points = f"{100 * lean.difference:+.1f} points {_ends(lean.interval)}"
        where = f"where the text gives more away, {_p(lean.p_value)}"
        if lean.p_value >= _SIGNIFICANT:
            yield f"{name}: no lean on the text is seen: {points} {where}"
        elif lean.difference > 0.0:
            yield f"{name} leans on the text: its score is {points} higher {where}"
        else:
            yield f"{name} does not lean on the text: its score is {points}, so lower, {where}"
    if falls is not None:
        shares = (
            f"of {falls.n:,} questions that both get wrong, {100 * falls.share:.1f}% have the text's answer, "
            f"where each other wrong option gets {100 * falls.others:.1f}% "
            f"({100 * falls.difference:+.1f} {_ends(falls.interval)}, {_p(falls.p_value)})"
        )
        if falls.p_value >= _SIGNIFICANT:
            yield f"- no falls for the text's wrong answers are seen: {shares}"
        else:
            verb = "falls for" if falls.difference > 0.0 else "avoids"
            yield f"- it {verb} the text's wrong answers: {shares}"
    if seeing is not None and model.blind is not None and model.seeing_quarters is not None:
        added = ", ".join(f"{100 * quarter.difference:+.1f}" for quarter in model.seeing_quarters)
        yield (
            f"- without seeing it scores {100 * model.blind.score:.1f}% {_ends(model.blind.interval)}; "
            f"seeing adds {100 * seeing.difference:+.1f} points {_ends(seeing.interval)}, by quarter {added}"
        )


def _ranking(board: Leaderboard) -> Iterator[str]:
    for name, ranking in board.parts.items():
        low, high = ranking.tau_interval
        yield (
            f"ranking {_PARTS[name]} (n = {ranking.questions:,}): Kendall's tau with that on all "
            f"{board.questions:,} is {ranking.tau:.2f} [{low:.2f}, {high:.2f}]"
        )
        for swap in ranking.swaps[:_MOST_SWAPS]:
            yield (
                f"- {swap.above} and {swap.below} change places, as in {100 * swap.share:.0f}% of resamples, "
                f"{_p(swap.p_value)}"
            )
        if len(ranking.swaps) > _MOST_SWAPS:
            yield f"- and {len(ranking.swaps) - _MOST_SWAPS:,} more pairs change places"


def _ends(interval: tuple[float, float]) -> str:
    low, high = (f"{100 * end:.1f}".replace("-0.0", "0.0") for end in interval)
    return f"[{low}, {high}]"


def _p(value: float) -> str:
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.4f}"
