import re
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tst_harness.core import FeatureBasedBiasModel, RandomForestEvaluator
from tst_harness.core.protocols import Format
from tst_harness.errors import DataError, HarnessError


class Plain(FeatureBasedBiasModel):
    """Its features are columns of the data."""

    name = "plain"

    def __init__(self, format_: Format, *features: str) -> None:
        self.format = format_
        self.feature_cols = list(features)

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return df

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        pass

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        return df.copy()


def frame(n: int = 60, **columns: Any) -> pd.DataFrame:
    colours = ["red", "green", "blue"]
    return pd.DataFrame(
        {
            "colour": [colours[row % 3] for row in range(n)],
            "size": [float(row % 3) for row in range(n)],
            "answer": ["ABC"[row % 3] for row in range(n)],
            "amount": [10.0 * (row % 3) + 1 for row in range(n)],
        }
        | columns
    )


def evaluate(
    model: Any, train: pd.DataFrame, test: pd.DataFrame, target: str = "answer", seed: int = 0
) -> Any:
    return RandomForestEvaluator().train_and_evaluate_fold(model, train, test, target, 3, seed)


@pytest.mark.parametrize("feature", ["colour", "size"])
@pytest.mark.parametrize(("format_", "target"), [("mc", "answer"), ("num", "amount")])
def test_a_forest_learns_from_words_and_numbers(feature: str, format_: Format, target: str) -> None:
    rows = frame().assign(noise=np.random.default_rng(0).random(60))
    result = evaluate(Plain(format_, feature, "noise"), rows.iloc[:45], rows.iloc[45:], target)
    assert (result.fold_id, result.train_size, result.test_size) == (3, 45, 15)
    assert result.score == 1.0
    importances = result.metadata["feature_importances"]
    assert importances[feature] > 0.7 > importances["noise"]
    assert sum(importances.values()) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_result() -> None:
    rng = np.random.default_rng(0)
    rows = frame(x=rng.random(60), y=rng.random(60))
    first, second, other = (
        evaluate(Plain("mc", "x", "y"), rows.iloc[:40], rows.iloc[40:], seed=seed) for seed in (1, 1, 2)
    )
    assert first == second
    assert first.metadata != other.metadata


def test_a_missing_number_can_be_learnt_from() -> None:
    rows = frame(size=[np.nan if row % 3 == 0 else float(row % 3) for row in range(60)])
    assert evaluate(Plain("mc", "size"), rows.iloc[:45], rows.iloc[45:]).score == 1.0


def test_words_not_seen_in_training_are_one_category() -> None:
    rows = frame()
    mauve, teal = (
        evaluate(Plain("mc", "colour"), rows.iloc[:45], rows.iloc[45:].assign(colour=colour))
        for colour in ("mauve", "teal")
    )
    assert mauve == teal
    assert mauve.score == pytest.approx(1 / 3)


def test_a_type_of_column_that_is_neither_is_taken_as_words() -> None:
    rows = frame()
    rows["kind"] = rows["colour"].astype("category")
    rows["mixed"] = pd.Series([1 if row % 3 else "none" for row in range(60)], dtype=object)
    rows["flag"] = rows["size"] > 1
    assert evaluate(Plain("mc", "kind", "mixed", "flag"), rows.iloc[:45], rows.iloc[45:]).score == 1.0


def test_numbers_are_scored_by_mean_relative_accuracy() -> None:
    rows = frame(amount=[10.0] * 40 + [12.5] * 20)
    assert evaluate(Plain("num", "size"), rows.iloc[:40], rows.iloc[40:], "amount").score == pytest.approx(
        0.6
    )


def test_a_repeated_feature_counts_once_and_a_dropped_target_is_found() -> None:
    class Bare(Plain):
        def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
            return df[["size"]].copy()

    rows = frame()
    result = evaluate(Bare("mc", "size", "size"), rows.iloc[:45], rows.iloc[45:])
    assert result.score == 1.0
    assert list(result.metadata["feature_importances"]) == ["size"]


class Sorting(Plain):
    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        return df.sort_values("colour")[["size"]]


def test_features_in_another_order_are_put_back() -> None:
    rows = frame()
    assert evaluate(Sorting("mc", "size"), rows.iloc[:45], rows.iloc[45:]).score == 1.0


class Shortening(Plain):
    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        return df.iloc[1:]


@pytest.mark.parametrize(
    ("model", "columns", "target", "message"),
    [
        (Plain("mc", "size", "weight"), {}, "answer", "plain: add_features adds no column 'weight'"),
        (Shortening("mc", "size"), {}, "answer", "plain: add_features returns 44 rows for 45"),
        (
            Plain("mc", "colour", "size"),
            {"size": [np.inf] * 60},
            "answer",
            "plain: the feature column 'size' holds a number that is infinite or beyond 3.4e38",
        ),
        (Plain("mc", "size"), {"size": [1e39] * 60}, "answer", "infinite or beyond 3.4e38"),
        (
            Plain("num", "size"),
            {"amount": ["7"] * 59 + ["many"]},
            "amount",
            "plain: 'amount' holds 'many' for the question '59', which is not a finite number",
        ),
    ],
)
def test_what_cannot_be_learnt_from_is_named(
    model: FeatureBasedBiasModel, columns: dict[str, Any], target: str, message: str
) -> None:
    rows = frame(**columns)
    with pytest.raises(DataError, match=re.escape(message)):
        evaluate(model, rows.iloc[:45], rows.iloc[45:], target)


def test_a_forest_needs_features() -> None:
    with pytest.raises(HarnessError, match="plain: there are no features for a random forest to learn from"):
        evaluate(Plain("mc"), frame(), frame())


def test_importing_the_framework_imports_no_sklearn() -> None:
    code = "import sys, tst_harness.core; sys.exit(bool({'sklearn', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
