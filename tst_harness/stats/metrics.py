"""What a figure can be of: the metrics of held-out questions, with their ranges."""

from typing import NamedTuple

SHARE = "share"
S95 = "s95"

METRICS: dict[str, tuple[float, float]] = {
    "score": (0.0, 1.0),
    "mean_s": (0.0, 1.0),
    "gain": (-1.0, 1.0),
    "delta": (-1.0, 1.0),
    "mean_s_delta": (-1.0, 1.0),
    S95: (0.0, 1.0),
    SHARE: (0.0, 1.0),
    "parse_failures": (0.0, 1.0),
    "lean": (-1.0, 1.0),
    "falls": (-1.0, 1.0),
    "seeing": (-1.0, 1.0),
}
"""The range of each metric.

`gain` is over the blind baseline (chance or the best constant), `delta` over zero-shot, `mean_s` is the mean
of s(x) and `mean_s_delta` its gain over zero-shot; `s95` is the 95th percentile of s(x) and `share(s > 0.9)`
the share of the questions with a higher s(x); `parse_failures` is the share of questions without an answer.
`lean`, `falls` and `seeing` are differences that a model's results show beside the bias.
"""
ZERO_SHOT_METRICS = ("delta", "mean_s_delta", "parse_failures")
"""Metrics of a model that is also asked before it is trained."""
MODEL_METRICS = ("lean", "falls", "seeing")
"""Metrics of a model whose results are put beside a report."""
HELD_OUT_METRICS = tuple(name for name in METRICS if name not in (*ZERO_SHOT_METRICS, *MODEL_METRICS))
"""Metrics of every diagnostic."""
LEARNT = ("gain",)
"""Metrics that are zero where nothing was learnt, by what was learnt alone.

A gain over zero-shot is not among them: it varies with the answers before training as well.
"""


class Metric(NamedTuple):
    """What is computed in each repeat, and averaged over repeats: a mean over questions, or `s95`.

    So its expectation does not depend on the number of repeats. `above` is that of `share`.
    """

    name: str
    above: float | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """The range of the figure."""
        return METRICS[self.name]

    def __str__(self) -> str:
        return self.name if self.above is None else f"{self.name}(s > {self.above:g})"
