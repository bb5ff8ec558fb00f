"""The feature table of one question type in one fold: rows to learn from and rows to predict."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tst_harness.analysis.diagnostic import FloatArray, IntArray
from tst_harness.diagnostics.forest.evidence import PARTS, TrainingSums, lifts, ridge_scores, within_form
from tst_harness.diagnostics.forest.families import Family

Table = npt.NDArray[np.float32]

OPTION = "option"
COMBINED = "all facts together"
RELATED = "related questions"
CUES = "cues"
WORDING = "wording"
VECTORS = "word vectors"


@dataclass(frozen=True, eq=False)
class Features:
    """A feature table and the family of each of its columns.

    Attributes
    ----------
    train, held_out
        (n, n_features) float32, NaN where a feature does not apply.
    families
        n_features names.
    """

    train: Table
    held_out: Table
    families: list[str]


def assemble(
    families: list[Family],
    sums: TrainingSums,
    evidence: list[tuple[str, FloatArray]],
    row_form: IntArray,
    train: tuple[IntArray, IntArray],
    held_out: IntArray,
    shape: FloatArray,
    shape_families: list[str],
    conditional: bool,
) -> Features:
    """Describe training rows by the other inner parts and held-out rows by all of them.

    Parameters
    ----------
    evidence
        Families with (n_rows, PARTS + 1) what else the training answers say; the first columns of the table.
    train
        Rows and their inner parts.
    held_out
        Rows.
    shape
        (n_rows, m) features that no answer enters.
    """
    rows = np.concatenate([train[0], held_out])
    columns = np.concatenate([train[1], np.full(len(held_out), PARTS)])
    table: list[FloatArray] = [values[rows, columns] for _, values in evidence]
    table += [shape[rows, i] for i in range(shape.shape[1])]
    names = [*(name for name, _ in evidence), *shape_families]
    for family in families:
        scores = lifts(family, sums)
        if conditional:
            scores.append(within_form(scores[1], row_form))
        table += [values[rows, columns] for values in scores]
        names += [family.name] * len(scores)
    if families:
        scores = ridge_scores(families, sums, row_form, conditional)
        if conditional:
            scores += [behind_best(values, row_form) for values in scores]
        table += [values[rows, columns] for values in scores]
        names += [COMBINED] * len(scores)
    stacked = (
        np.column_stack(table).astype(np.float32) if table else np.zeros((len(rows), 0), dtype=np.float32)
    )
    return Features(stacked[: len(train[0])], stacked[len(train[0]) :], names)


def behind_best(values: FloatArray, row_form: IntArray) -> FloatArray:
    """Values less the highest of the same form: 0 for the option that the ridge would choose."""
    starts = np.flatnonzero(np.diff(row_form, prepend=-1))
    best = np.maximum.reduceat(values, starts, axis=0)
    behind: FloatArray = values - np.repeat(best, np.diff(np.append(starts, len(row_form))), axis=0)
    return behind


def with_behind(family: str, scores: FloatArray, row_form: IntArray) -> list[tuple[str, FloatArray]]:
    """Scores as evidence: as they are, and how far each is behind the best of its form."""
    return [(family, scores), (family, behind_best(scores, row_form))]
