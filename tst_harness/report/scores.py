"""From the samples of a diagnostic to its scores, each with an interval."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tst_harness.analysis.records import OpenAnswers
from tst_harness.errors import ReportError
from tst_harness.report.schema import OverallScores, TypeScores
from tst_harness.stats.intervals import group_bootstrap
from tst_harness.stats.metrics import LEARNT
from tst_harness.stats.resampling import FloatArray
from tst_harness.stats.samples import Samples

_INTERVALS = {
    "score": "interval",
    "mean_s": "mean_s_interval",
    "blind_baseline": None,
    "gain": "gain_interval",
    "zero_shot": "zero_shot_interval",
    "delta": "delta_interval",
    "mean_s_zero_shot": "mean_s_zero_shot_interval",
    "mean_s_delta": "mean_s_delta_interval",
}
_METRICS = {"mc": "acc", "num": "mra", "multi": "subset_acc"}
_OVER_ZERO_SHOT = ("delta", "mean_s_delta")


def score_samples(
    samples: Samples,
    diagnostic: str,
    importances: Mapping[str, dict[str, float]],
    seed: int,
    opens: Mapping[str, OpenAnswers],
    guesses: Mapping[str, tuple[float, float]] | None = None,
) -> tuple[OverallScores, dict[str, TypeScores]]:
    """Return the scores over all questions and those of each type.

    All of them come from the same resamples of the groups, so that differences are paired by question.

    Parameters
    ----------
    samples
        At least one question.
    diagnostic
        Named in messages.
    importances
        Of each type that has any.
    seed
        Of the resamples.
    opens
        Of each open type, over all folds.
    guesses
        What chance and the most frequent training answer score on each mc type.

    Raises
    ------
    ReportError
        If a type has questions of several formats.
    """
    types, names = pd.factorize(samples.type, sort=True)
    columns = _columns(samples)
    limits = {name: (-1.0 if name in _OVER_ZERO_SHOT else 0.0, 1.0) for name in columns}
    baseline = columns["blind_baseline"]
    limits["gain"] = (-float(baseline.max()), 1.0 - float(baseline.min()))
    estimates = group_bootstrap(
        np.column_stack(list(columns.values())),
        samples.group,
        types,
        np.array(list(limits.values())),
        seed=seed,
        learnt=[name in LEARNT for name in columns],
    )
    counts = np.bincount(types)
    formats = _formats(samples, diagnostic)
    has_zero_shot = samples.has_zero_shot
    failures = np.bincount(types, weights=samples.failed.sum(axis=0))
    overall = OverallScores.model_validate(
        {
            **_fields(columns, estimates.overall),
            **{
                f"macro_{name}": value
                for name, value in _fields(columns, estimates.macro).items()
                if not name.startswith("mean_s")
            },
            "n": len(types),
            "parse_failures": int(failures.sum()) if has_zero_shot else None,
        }
    )
    return overall, {
        name: TypeScores.model_validate(
            {
                **_fields(columns, estimates.types[code]),
                "n": int(counts[code]),
                "parse_failures": int(failures[code]) if has_zero_shot else None,
                "format": formats[name],
                "metric": opens[name].metric if name in opens else _METRICS[formats[name]],
                **dict(zip(("chance", "most_frequent"), (guesses or {}).get(name, ()), strict=False)),
                "seen_answers": _seen(opens.get(name)),
                "importances": importances.get(name, {}),
            }
        )
        for code, name in enumerate(names)
    }


def _seen(answers: OpenAnswers | None) -> float | None:
    return answers.seen / answers.questions if answers is not None and answers.questions else None


def _columns(samples: Samples) -> dict[str, FloatArray]:
    score, s, baseline = (samples.mean(name) for name in ("score", "s", "blind_baseline"))
    columns = {"score": score, "mean_s": s, "blind_baseline": baseline, "gain": score - baseline}
    if samples.has_zero_shot:
        columns |= {
            "zero_shot": samples.zero_shot,
            "delta": score - samples.zero_shot,
            "mean_s_zero_shot": samples.s_zero_shot,
            "mean_s_delta": s - samples.s_zero_shot,
        }
    return columns


def _fields(columns: Mapping[str, FloatArray], estimates: FloatArray) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, (mean, low, high) in zip(columns, estimates.tolist(), strict=True):
        fields[name] = mean
        if (interval := _INTERVALS[name]) is not None:
            fields[interval] = (low, high)
    return fields


def _formats(samples: Samples, diagnostic: str) -> dict[str, str]:
    pairs = pd.DataFrame({"type": samples.type, "format": samples.format}).drop_duplicates()
    both = pairs["type"].duplicated()
    if both.any():
        raise ReportError(
            f"type {pairs['type'][both].iloc[0]} of {diagnostic} holds questions of several formats: remove "
            "its records and run it again"
        )
    return dict(zip(pairs["type"], pairs["format"], strict=True))
