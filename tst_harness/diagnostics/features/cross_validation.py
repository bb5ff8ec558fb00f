"""The one splitter and the one fold loop, and cross-validation of a user's own model."""

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.folds import Fold as Fold
from tst_harness.analysis.folds import answer_strata, assign_folds, pooled_strata
from tst_harness.arguments import says_arguments
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.features.evaluators import finite_numbers
from tst_harness.diagnostics.features.fresh import pristine
from tst_harness.diagnostics.features.leaks import LeakCheck, withheld, withheld_note
from tst_harness.diagnostics.features.protocols import (
    BiasModel,
    FoldResult,
    ModelEvaluator,
    Selection,
    check_model,
    has_features,
    identified,
    select,
    texts,
)
from tst_harness.diagnostics.features.telling import usual_columns
from tst_harness.errors import DataError, HarnessError, NoGroupedFolds
from tst_harness.suggestions import did_you_mean

T = TypeVar("T")


def make_folds(
    ids: Sequence[str],
    strata: Sequence[Any] | npt.NDArray[Any],
    groups: Sequence[str] | None = None,
    k: int = 5,
    seed: int = 42,
    repeats: int = 1,
) -> list[Fold]:
    """Split questions into folds, as a pure function of their ids.

    Parameters
    ----------
    ids
        n distinct ids.
    strata
        n labels; every fold gets its share of each.
    groups
        n names of groups to be kept whole, where they are.
    k
        Number of folds.
    seed
        Of the assignment; a fold's own is `seed + 1000 * repeat + fold`.
    repeats
        Number of assignments.

    Returns
    -------
    k folds for each repeat.

    Raises
    ------
    DataError
        An id occurs twice, or there are fewer questions, or groups, than folds.
    """
    if repeats < 1:
        raise DataError(f"{repeats} repeats leave nothing to do; use --tst-repeats 1 or more")
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise DataError(
            f"the id {twice!r} occurs more than once, and folds are assigned by it; make ids distinct"
        )
    units = np.arange(len(ids), dtype=np.int64)
    if groups is not None:
        units = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    folds = []
    for repeat in range(repeats):
        assigned = assign_folds(ids, strata, groups=groups, k=k, seed=seed, repeat=repeat)
        for fold in range(k):
            train = np.flatnonzero(assigned != fold)
            held_out = np.flatnonzero(assigned == fold)
            folds.append(Fold(repeat, fold, train, held_out, units[train], seed + 1000 * repeat + fold))
    return folds


def run_folds(
    folds: Sequence[Fold], evaluate: Callable[[Fold], T], done: Callable[[Fold, T], None] | None = None
) -> list[T]:
    """Evaluate folds one after the other.

    Parameters
    ----------
    folds
        What to evaluate.
    evaluate
        Makes a result of a fold.
    done
        Is told of each result as soon as there is one.

    Returns
    -------
    The results, in the order of `folds`.
    """
    results = []
    for fold in folds:
        result = evaluate(fold)
        if done is not None:
            done(fold, result)
        results.append(result)
    return results


def dataset_folds(dataset: Dataset, *, k: int, seed: int, repeats: int, grouped: bool) -> list[Fold]:
    """Split the questions of a benchmark, stratified by type; small types of a format are one stratum.

    Not by answer as well: folds with equal shares of each answer tell the training questions the shares
    of the held-out ones, and on the bundled sample at strength 0 that alone was worth 1.1 points.

    Parameters
    ----------
    dataset
        The questions.
    k, seed, repeats
        As for `make_folds`. Fewer groups than k make as many folds as groups; the others hold out nothing.
    grouped
        Keep the declared groups whole, if any; else each question is one of its own.

    Raises
    ------
    NoGroupedFolds
        All questions are in one group, or one of many groups holds most of them.
    DataError
        There are fewer questions than folds.
    """
    benchmark, frame = dataset.benchmark, dataset.frame
    groups = frame["group"].tolist() if grouped and benchmark.columns.group is not None else None
    made = k if groups is None else min(k, len(set(groups)))
    if made < 2 <= k:
        raise NoGroupedFolds(f"{benchmark.name}: all questions are in one group, so no folds keep it whole")
    strata = pooled_strata(frame["type"].to_numpy(), frame["format"].to_numpy(), k)
    try:
        folds = make_folds(frame["id"].tolist(), strata, groups, made, seed, repeats)
    except DataError as error:
        raise type(error)(f"{benchmark.name}: {error}") from None
    if made == k:
        return folds
    everything = np.arange(len(frame))
    units = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1].astype(np.int64)
    padded = []
    for repeat in range(repeats):
        padded += folds[repeat * made : (repeat + 1) * made]
        padded += [
            Fold(repeat, fold, everything, everything[:0], units, seed + 1000 * repeat + fold)
            for fold in range(made, k)
        ]
    return padded


@says_arguments({"folds=": "n_splits=", "split='random'": "group_col=None"})
def run_cross_validation(
    model: BiasModel,
    evaluator: ModelEvaluator,
    df: pd.DataFrame,
    target_col: str = "ground_truth",
    n_splits: int = 5,
    random_state: int = 42,
    repeats: int = 1,
    verbose: bool = True,
    *,
    group_col: str | None = None,
    allow_leak: bool = False,
) -> tuple[float, float, int]:
    """Cross-validate a model over the questions that it selects.

    The order of the rows does not matter: they are put in that of their ids, from the column `id`,
    else `idx`, else `question_id`, else the index. Folds are stratified by the answer, or its fifth.

    Parameters
    ----------
    model
        A `BiasModel`. One with features is checked for reading held-out answers in every fold, and is not
        handed columns that tell the answers, which a warning names.
    evaluator
        Trains it and scores its predictions.
    df
        All questions.
    target_col
        The column of answers, unless the model overrides it.
    n_splits, random_state, repeats
        Number of folds, seed of their assignment, and number of assignments.
    verbose
        Print a line a fold.
    group_col
        Keep questions with the same value in this column in one fold.
    allow_leak
        Leave out the check.

    Returns
    -------
    The mean score over all folds, weighted by their size; its weighted standard deviation over folds;
    the number of questions.

    Raises
    ------
    LeakError
        The model reads held-out answers.
    DataError
        The model selects no question or fewer than folds, or a column is missing.
    """
    check_model(model)
    frame, id_col = identified(df)
    target = getattr(model, "target_col_override", None) or target_col
    if has_features(model) and not allow_leak:
        pristine(model)
        exempt = [id_col, *usual_columns(frame), *([group_col] if group_col else [])]
        frame, telling = withheld(frame, (target, target_col), exempt)
        if telling:
            warnings.warn(withheld_note(model.name, telling), stacklevel=3)
    selection = select(model, frame, id_col)
    if verbose and target != target_col:
        print(
            f"[{model.name}] predicts {target!r} in place of {target_col!r}: target_col_override", flush=True
        )
    folds = _model_folds(model, selection, target, group_col, n_splits, random_state, repeats)
    check = LeakCheck(model, selection, target, (target, target_col)) if has_features(model) else None

    def evaluate(fold: Fold) -> FoldResult:
        if check is not None and not allow_leak:
            check.check_fold(fold.train, fold.held_out, fold.seed)
        train, held_out = (selection.rows.iloc[rows].copy() for rows in (fold.train, fold.held_out))
        fold_id = fold.repeat * n_splits + fold.fold
        result = evaluator.train_and_evaluate_fold(model, train, held_out, target, fold_id, fold.seed)
        if not np.isfinite(result.score):
            raise HarnessError(f"{model.name}: the score of fold {fold_id} is {result.score}, not a number")
        return result

    def tell(fold: Fold, result: FoldResult) -> None:
        name = f"repeat {fold.repeat} fold {fold.fold}" if repeats > 1 else f"fold {fold.fold}"
        print(
            f"[{model.name}] {name}: {model.metric} {result.score:.3f} "
            f"({len(fold.train)} trained on, {len(fold.held_out)} held out)",
            flush=True,
        )

    results = run_folds(folds, evaluate, tell if verbose else None)
    scores = np.array([result.score for result in results])
    sizes = np.array([len(fold.held_out) for fold in folds])
    mean = float(np.average(scores, weights=sizes))
    deviation = float(np.sqrt(np.average((scores - mean) ** 2, weights=sizes)))
    return mean, deviation, len(selection.ids)


def _model_folds(
    model: BiasModel,
    selection: Selection,
    target: str,
    group_col: str | None,
    k: int,
    seed: int,
    repeats: int,
) -> list[Fold]:
    for name in (target, group_col):
        if name is not None and name not in selection.rows.columns:
            raise DataError(
                f"{model.name}: there is no column {name!r}; the columns are "
                f"{', '.join(map(str, selection.rows.columns))}"
                f"{did_you_mean(name, map(str, selection.rows.columns))}"
            )
    missing = np.flatnonzero(selection.rows[target].isna())
    if len(missing):
        raise DataError(
            f"{model.name}: the column {target!r} has no answer to the question "
            f"{selection.ids[missing[0]]!r}; add it or leave such rows out in select_rows"
        )
    strata = texts(selection.rows[target])
    if model.task == "reg":
        values = finite_numbers(selection.rows[target], selection.ids, f"{model.name}: the column {target!r}")
        same_type = np.full(len(values), "num")
        strata = answer_strata(same_type, same_type, values)
    groups = None if group_col is None else texts(selection.rows[group_col])
    try:
        return make_folds(selection.ids, strata, groups, k, seed, repeats)
    except DataError as error:
        raise DataError(f"{model.name}: {error}") from None
