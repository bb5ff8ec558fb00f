import re
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hand_models import CountModel, TallerModel, all_rows, choice_rows, number_rows

from tst_harness.core import BiasModel, FoldResult, ModelEvaluator, run_cross_validation
from tst_harness.diagnostics.features.leaks import LeakCheck, other_rows, with_answers_of
from tst_harness.diagnostics.features.protocols import identified, select
from tst_harness.errors import HarnessError, LeakError


class Silent(ModelEvaluator):
    """Only the check is of interest."""

    def train_and_evaluate_fold(
        self,
        model: BiasModel,
        train_df: pd.DataFrame,
        test_df: pd.DataFrame,
        target_col: str,
        fold_id: int,
        seed: int,
    ) -> FoldResult:
        return FoldResult(fold_id, 0.5, len(train_df), len(test_df))


def check(model: BiasModel, rows: pd.DataFrame | None = None, **settings: Any) -> None:
    rows = all_rows() if rows is None else rows
    run_cross_validation(model, Silent(), rows, verbose=False, **settings)


class ReadsItsAnswer(TallerModel):
    """The win rate of the gold option."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["win_0", "gold_win"]

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        df = super().add_features(df)
        gold = df["ground_truth"] == "A"
        return df.assign(gold_win=df["win_0"].where(gold, df["win_1"]))


class DerivesFromItsAnswer(TallerModel):
    """A column of select_rows that is a feature later on."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["win_0", "gold"]

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        golds = zip(rows["options"], rows["ground_truth"], strict=True)
        return rows.assign(gold=[options["AB".index(letter)][3:] for options, letter in golds])


class EncodesTargets(CountModel):
    """The mean answer of an object over all its questions, held out or not."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["object_mean"]

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        return rows.assign(object_mean=rows.groupby("object")["ground_truth"].transform("mean"))


class EncodesTargetsOfTraining(EncodesTargets):
    """The same for the questions trained on, and nothing for those held out."""

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        super().fit_feature_maps(train_df)
        self.trained_on = set(train_df["id"])

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        df = super().add_features(df)
        return df.assign(object_mean=df["object_mean"].where(df["id"].isin(self.trained_on), 0.0))


class SelectsByAnswer(CountModel):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        middle = rows.groupby("object")["ground_truth"].transform("median")
        return rows[rows["ground_truth"] <= middle]


class FitsOnEncodedTargets(EncodesTargets):
    """The maps learn from a column that mixes in held-out answers; the features are those maps."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["shift"]

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        super().fit_feature_maps(train_df)
        self.shift = train_df.groupby("object")["object_mean"].max()

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        df = super().add_features(df)
        return df.assign(shift=df["object"].map(self.shift))


class ReadsOtherColumn(CountModel):
    """The answer again, in another column of the data."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["gt_val"]


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (ReadsItsAnswer(), "'gold_win'"),
        (DerivesFromItsAnswer(), "'gold'"),
        (EncodesTargets(), "'object_mean'"),
        (EncodesTargetsOfTraining(), "'object_mean'"),
        (FitsOnEncodedTargets(), "'shift'"),
        (ReadsOtherColumn(), "'gt_val'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_feature_that_reads_held_out_answers_is_named(model: BiasModel, columns: str) -> None:
    rows = all_rows().assign(gt_val=lambda df: df["ground_truth"])
    with pytest.raises(LeakError) as caught:
        check(model, rows)
    message = str(caught.value)
    assert message.startswith(
        f"{model.name}: the feature column(s) {columns} change when the answers of held"
    )
    assert re.search(r"for example for the question '[qn]\d+'", message)
    assert "or run with allow_leak=True, which" in message
    check(model, rows, allow_leak=True)


def test_a_feature_named_after_the_target_is_a_leak() -> None:
    model = CountModel()
    model.feature_cols = ["object", "ground_truth"]
    with pytest.raises(LeakError, match="the feature column\\(s\\) 'ground_truth' change"):
        check(model)


def test_selecting_by_held_out_answers_is_a_leak() -> None:
    with pytest.raises(LeakError, match="count: select_rows keeps or drops the question 'n"):
        check(SelectsByAnswer())


class NormalisesTargets(CountModel):
    """Divides each answer by the mean over all questions about its object."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["object"]

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        mean = rows.groupby("object")["ground_truth"].transform("mean")
        return rows.assign(ground_truth=rows["ground_truth"] / mean)


def test_targets_of_training_that_read_held_out_answers_are_a_leak() -> None:
    with pytest.raises(LeakError, match=r"the answer in 'ground_truth' to the question 'n.* is trained on"):
        check(NormalisesTargets())


class SelectsInOrderOfAnswers(CountModel):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return super().select_rows(df).sort_values("ground_truth")


class MissingForUnseen(CountModel):
    """Missing values stay where they are."""

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        df = super().add_features(df)
        return df.assign(mean=df["mean"].where(df["object"] != "lamp"))


class CentresOnAll(CountModel):
    """A helper column, used for no feature, reads all answers."""

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        return rows.assign(centred=rows["ground_truth"] - rows["ground_truth"].mean())


@pytest.mark.parametrize(
    "model",
    [TallerModel(), CountModel(), SelectsInOrderOfAnswers(), MissingForUnseen(), CentresOnAll()],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("group_col", [None, "scene"])
def test_statistics_of_the_training_folds_are_no_leak(model: BiasModel, group_col: str | None) -> None:
    check(model, group_col=group_col, n_splits=2)


def test_rows_whose_index_repeats_are_told_apart_by_their_ids() -> None:
    rows = pd.concat([choice_rows(), number_rows()])
    check(CountModel(), rows)
    with pytest.raises(LeakError, match="'object_mean'"):
        check(EncodesTargets(), rows)


def test_answers_that_are_all_equal_leave_nothing_to_check() -> None:
    check(EncodesTargets(), number_rows().assign(ground_truth="4"))


class Random(CountModel):
    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        df = super().add_features(df)
        return df.assign(overall=np.random.default_rng().random(len(df)))


def test_an_unseeded_feature_is_not_called_a_leak() -> None:
    with pytest.raises(
        HarnessError, match=r"'overall' differ between two runs over the same rows; seed"
    ) as it:
        check(Random())
    assert not isinstance(it.value, LeakError)


class Strict(CountModel):
    """Knows its own questions' answers, and fails for others."""

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        if rows.loc[rows["id"] == "n0", "ground_truth"].item() != 5:
            raise RuntimeError("n0 is 5")
        return rows


class Broken(CountModel):
    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        raise KeyError("material")


def test_a_model_that_fails_on_permuted_answers_cannot_be_checked() -> None:
    rows = number_rows()
    rows.loc[0, "ground_truth"] = "5"
    with pytest.raises(LeakError, match=r"fails with held-out answers permuted \(RuntimeError: n0 is 5\)"):
        check(Strict(), rows)
    with pytest.raises(KeyError, match="material"):
        check(Broken())


class FromGold(CountModel):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = df[df["question_type"] == "count"]
        return super().select_rows(rows.assign(ground_truth=rows["gold"]))


def test_answers_in_a_column_of_an_unknown_name_cannot_be_checked() -> None:
    rows = number_rows().rename(columns={"ground_truth": "gold"})
    with pytest.raises(LeakError, match="count: no column of the data is known to hold the answers"):
        check(FromGold(), rows)
    with pytest.raises(
        LeakError, match="'ground_truth' comes from a column that is not known to hold answers"
    ):
        check(FromGold(), rows.assign(answer=np.arange(len(rows))))
    with pytest.raises(LeakError, match="'ground_truth' comes from a column"):
        check(FromGold(), rows.assign(answer=np.arange(len(rows))), target_col="ground_truth")


def test_the_model_is_left_fitted_on_the_training_questions() -> None:
    model = CountModel()
    frame, id_col = identified(all_rows())
    selection = select(model, frame, id_col)
    train, held_out = np.arange(0, 100), np.arange(100, 120)
    LeakCheck(model, selection, "ground_truth", ["ground_truth"]).check_fold(train, held_out, seed=0)
    assert model.means is not None
    found = model.means
    model.fit_feature_maps(selection.rows.iloc[train])
    pd.testing.assert_frame_equal(found, model.means)


def test_a_permutation_moves_held_out_answers_alone_and_keeps_them_valid() -> None:
    rows = choice_rows(40)
    rows["options"] = [
        options[:2] if place % 2 else [*options, "C. rug"] for place, options in enumerate(rows["options"])
    ]
    golds = ["ABC".index(letter) for letter in rows["ground_truth"]]
    rows.loc[0, "ground_truth"], golds[0] = "C", 2
    rows["gt_idx"] = golds
    rows["gt_option"] = [options[gold] for options, gold in zip(rows["options"], golds, strict=True)]
    rows["gt_val"] = [option[3:] for option in rows["gt_option"]]
    columns = ["ground_truth", "gt_idx", "gt_option", "gt_val"]
    held_out = np.arange(0, 30)
    found = with_answers_of(rows, columns, held_out, other_rows(rows, held_out, seed=0))
    pd.testing.assert_frame_equal(found.iloc[30:], rows.iloc[30:])
    pd.testing.assert_frame_equal(found.drop(columns=columns), rows.drop(columns=columns))
    assert found.dtypes.equals(rows.dtypes)
    for row in found.iloc[:30].to_dict(orient="records"):
        gold = row["gt_idx"]
        assert row["ground_truth"] == "ABC"[gold]
        assert row["gt_option"] == row["options"][gold]
        assert row["gt_val"] == row["gt_option"][3:]
    assert Counter(found["ground_truth"]) == Counter(rows["ground_truth"])
    assert (found["ground_truth"] != rows["ground_truth"]).any()


@pytest.mark.parametrize("written", [tuple, np.array, str], ids=["tuple", "array", "text"])
def test_options_may_be_written_as_files_have_them(written: Any) -> None:
    rows = pd.DataFrame(
        {
            "id": ["a", "b"],
            "choices": [written(["one", "two"]), written(["red", "blue"])],
            "answer": ["one", "blue"],
        }
    )
    found = with_answers_of(rows, ["answer"], np.arange(2), np.array([1, 0]))
    assert found["answer"].tolist() == ["two", "red"]
