"""What the page's script is given: the questions column by column, compressed."""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from tst_harness.report.schema import Shortcut
from tst_harness.stats.samples import Samples
from tst_harness.views.html.rendering import typeset

Lines = Iterable[Mapping[str, Any]]
"""The fields of a `QuestionLine` each."""

MOST_LISTED = 200_000
"""A page of more questions would open too slowly, so it lists none."""

SCORE_DIGITS = 4
"""Of the scores in a page."""
# The highest takes three times as long and saves 2%.
_LEVEL = 6


def packed(value: Any) -> str:
    """Return a value as JSON, compressed (gzip) and in Base64, the same for equal values."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode("utf-8", "replace"), _LEVEL, mtime=0)).decode("ascii")


def column(name: str, label: str, kind: str = "score") -> dict[str, str]:
    """Return a column of the table of questions; `kind` is "text", "number", "score" or "change"."""
    return {"name": name, "label": label, "kind": kind}


def question_columns(samples: pd.DataFrame, lines: Lines, shortcuts: Sequence[Shortcut]) -> dict[str, Any]:
    """Return the questions by column, each at the same place in every column.

    Parameters
    ----------
    samples
        As from `read_samples`.
    lines
        Those of other questions than the samples have are passed over.
    shortcuts
        What the places in the lines are of.
    """
    first = samples.drop_duplicates("id")
    types = sorted(set(first["type"]))
    codes = {name: code for code, name in enumerate(types)}
    known = {line["id"]: line for line in lines}
    listed = [known.get(id, {}) for id in first["id"]]
    applies = [[place for place in line.get("shortcuts", ()) if place < len(shortcuts)] for line in listed]
    last = max(map(max, filter(None, applies)), default=-1)
    return {
        "types": types,
        "shortcuts": [typeset(rule.text) for rule in shortcuts[: last + 1]],
        "shortcut_types": [rule.type for rule in shortcuts[: last + 1]],
        "id": first["id"].tolist(),
        "type": [codes[name] for name in first["type"]],
        "group": first["group"].tolist(),
        "applies": applies,
        **texts_of(first["id"], lines),
    }


def texts_of(ids: Iterable[str], lines: Lines) -> dict[str, list[Any] | None]:
    """Return the texts, options and answers of questions by column; None where no text is known."""
    known = {line["id"]: line for line in lines}
    listed = [known.get(id, {}) for id in ids]
    quoted = any(line.get("text") is not None for line in listed)
    return {
        name: [line.get(name) for line in listed] if quoted else None
        for name in ("text", "options", "answer")
    }


def diagnosed(samples: pd.DataFrame, diagnostic: str, ids: Sequence[str]) -> dict[str, Any]:
    """Return a diagnostic's results by column, scores as means over repeats.

    Folds and predictions are those of the first repeat.

    Parameters
    ----------
    samples
        As from `read_samples`, or of a reference.
    diagnostic
        One that has samples.
    ids
        Of all questions. `at` in what is returned says which of them the entries are of.
    """
    held_out = Samples.of(samples, diagnostic)
    own = samples[samples["diagnostic"] == diagnostic]
    first = own[own["repeat"] == own["repeat"].min()].set_index("id").loc[held_out.id.tolist()]
    place = {id: at for at, id in enumerate(ids)}
    columns = {
        "at": [place[id] for id in held_out.id],
        "fold": first["fold"].tolist(),
        "s": held_out.mean("s").round(SCORE_DIGITS).tolist(),
        "blind_baseline": held_out.mean("blind_baseline").round(SCORE_DIGITS).tolist(),
        "predicted": [_plain(value) for value in first["prediction"]],
    }
    if held_out.has_zero_shot:
        columns["zero_shot"] = held_out.s_zero_shot.round(SCORE_DIGITS).tolist()
    if "probabilities" in own:
        shown = (
            first["probabilities"]
            if held_out.repeats == 1
            else _mean_probabilities(own).loc[held_out.id.tolist()]
        )
        columns["probabilities"] = [
            None if row is None else [round(value, SCORE_DIGITS) for value in row] for row in shown
        ]
    return columns


def _mean_probabilities(own: pd.DataFrame) -> "pd.Series[Any]":
    means = {}
    for id, rows in own.groupby("id", sort=False)["probabilities"]:
        known = [row for row in rows if row is not None]
        means[id] = [sum(values) / len(known) for values in zip(*known, strict=True)] if known else None
    return pd.Series(means, dtype=object)


def _plain(value: str | float) -> str | float:
    return round(value, SCORE_DIGITS) if isinstance(value, float) else value
