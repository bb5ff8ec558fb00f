import random
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hand_models import CountModel, TallerModel, all_rows, choice_rows, number_rows
from hypothesis import given
from hypothesis import strategies as st

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.core import (
    BiasModel,
    FeatureBasedBiasModel,
    FoldResult,
    ModelEvaluator,
    RandomForestEvaluator,
    run_cross_validation,
)
from tst_harness.dataset.loading import Dataset
from tst_harness.diagnostics.features.cross_validation import Fold, dataset_folds, make_folds, run_folds
from tst_harness.errors import DataError, HarnessError, NoGroupedFolds

MODELS: list[Callable[[], BiasModel]] = [TallerModel, CountModel]


class Recorder(ModelEvaluator):
    """Scores each fold by a function of its number, and remembers what it was handed."""

    def __init__(self, score: Callable[[int], float] = float) -> None:
        self.score = score
        self.calls: list[dict[str, Any]] = []

    def train_and_evaluate_fold(
        self,
        model: BiasModel,
        train_df: pd.DataFrame,
        test_df: pd.DataFrame,
        target_col: str,
        fold_id: int,
        seed: int,
    ) -> FoldResult:
        self.calls.append({"train": train_df, "test": test_df, "target": target_col, "seed": seed})
        return FoldResult(fold_id, self.score(fold_id), len(train_df), len(test_df))


@given(
    st.lists(st.text(max_size=5), min_size=4, max_size=40, unique=True),
    st.integers(2, 4),
    st.integers(0, 50),
    st.integers(1, 3),
)
def test_the_folds_of_a_repeat_partition_the_questions(
    ids: list[str], k: int, seed: int, repeats: int
) -> None:
    folds = make_folds(ids, ["one"] * len(ids), None, k, seed, repeats)
    assert [(one.repeat, one.fold) for one in folds] == [(r, f) for r in range(repeats) for f in range(k)]
    assert len({one.seed for one in folds}) == len(folds)
    for repeat in range(repeats):
        held_out = np.concatenate([one.held_out for one in folds if one.repeat == repeat])
        assert sorted(held_out.tolist()) == list(range(len(ids)))
    for one in folds:
        assert sorted([*one.train.tolist(), *one.held_out.tolist()]) == list(range(len(ids)))
        assert one.units.tolist() == one.train.tolist()


@given(st.randoms(use_true_random=False))
def test_shuffled_questions_have_the_same_folds_and_units(shuffle: random.Random) -> None:
    ids = [f"q{number}" for number in range(30)]
    groups = [f"g{number % 7}" for number in range(30)]
    order = list(range(30))
    shuffle.shuffle(order)
    folds = make_folds(ids, [0] * 30, groups, k=3)
    again = make_folds([ids[row] for row in order], [0] * 30, [groups[row] for row in order], k=3)
    for one, other in zip(folds, again, strict=True):
        assert {ids[row] for row in one.held_out} == {ids[order[row]] for row in other.held_out}
        units = dict(zip(one.train.tolist(), one.units.tolist(), strict=True))
        assert {order[row]: unit for row, unit in zip(other.train, other.units, strict=True)} == units
        assert one.seed == other.seed


def test_units_are_the_groups_that_no_split_may_part() -> None:
    groups = ["b", "a", "c"] * 4
    for fold in make_folds([str(number) for number in range(12)], [0] * 12, groups, k=3):
        assert [groups[row] for row in fold.train] == ["abc"[unit] for unit in fold.units]


@pytest.mark.parametrize(
    ("ids", "repeats", "message"),
    [(["a", "b", "a"], 1, "the id 'a' occurs more than once"), (["a", "b"], 0, "0 repeats leave nothing")],
)
def test_what_cannot_be_split_is_refused(ids: list[str], repeats: int, message: str) -> None:
    with pytest.raises(DataError, match=message):
        make_folds(ids, [0] * len(ids), k=2, repeats=repeats)


def test_the_fold_loop_tells_of_each_result_before_the_next() -> None:
    folds = make_folds(["a", "b", "c"], [0, 0, 0], k=3)
    told: list[str] = []

    def evaluate(fold: Fold) -> int:
        told.append(f"run {fold.fold}")
        return fold.fold * 10

    assert run_folds(folds, evaluate, lambda fold, result: told.append(f"{fold.fold} gave {result}")) == [
        0,
        10,
        20,
    ]
    assert told == ["run 0", "0 gave 0", "run 1", "1 gave 10", "run 2", "2 gave 20"]
    assert run_folds(folds[1:2], evaluate) == [10]


def dataset(types: list[str], groups: list[str] | None = None) -> Dataset:
    """As many questions as types; the type `count` is num, the others mc."""
    group = "scene" if groups else None
    columns = Columns(id="id", text="text", answer="answer", options="options", type="type", group=group)
    benchmark = Benchmark(
        name="toy",
        source=LocalFile("toy.jsonl"),
        columns=columns,
        question_types=[Choice("pick"), Choice("absent"), Number("count")],
    )
    ids = [f"q{number:03}" for number in range(len(types))]
    frame = pd.DataFrame(
        {
            "id": ids,
            "type": types,
            "format": ["num" if one == "count" else "mc" for one in types],
            "answer": np.arange(len(types), dtype=np.float64) % 4,
            "group": groups or ids,
        }
    )
    return Dataset(benchmark, frame, cast(Any, SimpleNamespace()))


def test_every_fold_of_a_benchmark_has_its_share_of_every_type() -> None:
    types = ["pick"] * 23 + ["count"] * 12
    folds = dataset_folds(dataset(types), k=5, seed=42, repeats=2, grouped=False)
    assert len(folds) == 10
    for fold in folds:
        held_out = [types[row] for row in fold.held_out]
        assert held_out.count("pick") in (4, 5)
        assert held_out.count("count") in (2, 3)


def test_small_types_of_a_format_share_their_folds() -> None:
    questions = dataset(["pick"] * 20 + ["absent"] * 3 + ["count"] * 4)
    folds = dataset_folds(questions, k=5, seed=42, repeats=1, grouped=False)
    assert [len(fold.held_out) for fold in folds] in ([6, 6, 5, 5, 5], [5, 5, 5, 6, 6], [5, 6, 6, 5, 5])
    kinds = questions.frame["type"].to_numpy()
    assert max(list(kinds[fold.held_out]).count("absent") for fold in folds) == 1


def test_as_many_folds_as_groups_where_these_are_fewer() -> None:
    groups = [f"scene {number % 3}" for number in range(20)]
    folds = dataset_folds(dataset(["pick"] * 20, groups), k=5, seed=42, repeats=2, grouped=True)
    assert [(fold.repeat, fold.fold) for fold in folds] == [(r, f) for r in range(2) for f in range(5)]
    for repeat in (folds[:5], folds[5:]):
        assert sorted(len(fold.held_out) for fold in repeat) == [0, 0, 6, 7, 7]
        assert sorted(np.concatenate([fold.held_out for fold in repeat])) == list(range(20))


def test_one_group_makes_no_grouped_folds() -> None:
    questions = dataset(["pick"] * 9, ["hall"] * 9)
    with pytest.raises(NoGroupedFolds, match="toy: all questions are in one group, so no folds keep it"):
        dataset_folds(questions, k=5, seed=42, repeats=1, grouped=True)


def test_without_a_declared_group_each_question_is_one_of_its_own() -> None:
    questions = dataset(["pick"] * 20)
    grouped, random = (
        dataset_folds(questions, k=5, seed=42, repeats=1, grouped=grouped) for grouped in (True, False)
    )
    assert [fold.held_out.tolist() for fold in grouped] == [fold.held_out.tolist() for fold in random]


def test_what_the_splitter_refuses_names_the_benchmark() -> None:
    groups = ["big"] * 12 + [f"scene {number}" for number in range(8)]
    with pytest.raises(NoGroupedFolds, match="toy: the group 'big' holds 12 of the 20"):
        dataset_folds(dataset(["pick"] * 20, groups), k=5, seed=42, repeats=1, grouped=True)


@pytest.mark.parametrize("model", MODELS)
def test_hand_written_models_satisfy_the_protocols(model: Callable[[], BiasModel]) -> None:
    assert isinstance(model(), BiasModel)
    assert isinstance(model(), FeatureBasedBiasModel)


def test_a_subclass_inherits_task_metric_and_override() -> None:
    model = TallerModel()
    assert (model.task, model.metric, model.target_col_override) == ("clf", "acc", None)
    model.format = "num"
    assert (model.task, model.metric) == ("reg", "mra")


def test_models_that_a_user_wrote_find_their_shortcuts() -> None:
    mean, deviation, count = run_cross_validation(
        TallerModel(), RandomForestEvaluator(), all_rows(), verbose=False
    )
    assert count == 120
    assert 0.6 < mean < 0.95
    assert 0.0 <= deviation < 0.3
    mean, _, count = run_cross_validation(CountModel(), RandomForestEvaluator(), all_rows(), verbose=False)
    assert count == 120
    assert 0.8 < mean <= 1.0


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_rows_changes_nothing(model: Callable[[], BiasModel]) -> None:
    rows = all_rows()
    expected = run_cross_validation(model(), RandomForestEvaluator(), rows, n_splits=2, verbose=False)
    shuffled = rows.sample(frac=1.0, random_state=3)
    for again in (shuffled, shuffled.reset_index(drop=True)):
        found = run_cross_validation(model(), RandomForestEvaluator(), again, n_splits=2, verbose=False)
        assert found == expected


def test_the_mean_and_deviation_are_weighted_by_the_size_of_folds() -> None:
    rows = choice_rows(11)
    mean, deviation, count = run_cross_validation(
        TallerModel(), Recorder(), rows, n_splits=2, repeats=1, verbose=False
    )
    assert count == 11
    # Folds of 6 and 5 questions with the scores 0 and 1.
    assert mean == pytest.approx(5 / 11)
    assert deviation == pytest.approx(np.sqrt(6 / 11 * (5 / 11) ** 2 + 5 / 11 * (6 / 11) ** 2))


def test_an_evaluator_is_handed_disjoint_rows_and_the_seed_of_the_fold() -> None:
    recorder = Recorder(lambda fold: 0.5)
    run_cross_validation(
        TallerModel(), recorder, all_rows(), n_splits=3, random_state=7, repeats=2, verbose=False
    )
    assert [call["seed"] for call in recorder.calls] == [7, 8, 9, 1007, 1008, 1009]
    for call in recorder.calls:
        train, test = set(call["train"]["id"]), set(call["test"]["id"])
        assert not train & test
        assert train | test == {f"q{number}" for number in range(120)}


def test_answers_are_shared_out_among_the_folds() -> None:
    recorder = Recorder(lambda fold: 0.5)
    run_cross_validation(TallerModel(), recorder, choice_rows(), verbose=False)
    shares = [(call["test"]["ground_truth"] == "A").sum() for call in recorder.calls]
    assert max(shares) - min(shares) <= 1


def test_a_group_column_keeps_its_groups_whole() -> None:
    recorder = Recorder(lambda fold: 0.5)
    run_cross_validation(TallerModel(), recorder, choice_rows(), verbose=False, group_col="scene")
    scenes = [set(call["test"]["scene"]) for call in recorder.calls]
    assert sum(len(one) for one in scenes) == len(set.union(*scenes)) == 40


@pytest.mark.parametrize("name", ["idx", "question_id"])
def test_other_columns_of_ids_do_as_well(name: str) -> None:
    plain, renamed = Recorder(lambda fold: 0.5), Recorder(lambda fold: 0.5)
    run_cross_validation(TallerModel(), plain, choice_rows(), verbose=False)
    run_cross_validation(TallerModel(), renamed, choice_rows().rename(columns={"id": name}), verbose=False)
    for one, other in zip(plain.calls, renamed.calls, strict=True):
        assert set(one["test"]["id"]) == set(other["test"][name])


def test_without_a_column_of_ids_the_index_serves() -> None:
    rows = choice_rows().set_index("id")
    plain, indexed = Recorder(lambda fold: 0.5), Recorder(lambda fold: 0.5)
    run_cross_validation(TallerModel(), plain, choice_rows(), verbose=False)
    run_cross_validation(TallerModel(), indexed, rows, verbose=False)
    for one, other in zip(plain.calls, indexed.calls, strict=True):
        assert set(one["test"]["id"]) == set(other["test"].index)


class Overriding(TallerModel):
    target_col_override = "gt_idx"

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        return rows.assign(gt_idx=["AB".index(letter) for letter in rows["ground_truth"]])


def test_verbose_says_what_is_predicted_and_how_each_fold_went(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder(lambda fold: fold / 4)
    run_cross_validation(Overriding(), recorder, choice_rows(), n_splits=2)
    assert {call["target"] for call in recorder.calls} == {"gt_idx"}
    assert capsys.readouterr().out.splitlines() == [
        "[taller] predicts 'gt_idx' in place of 'ground_truth': target_col_override",
        "[taller] fold 0: acc 0.000 (60 trained on, 60 held out)",
        "[taller] fold 1: acc 0.250 (60 trained on, 60 held out)",
    ]
    run_cross_validation(TallerModel(), recorder, choice_rows(), n_splits=2, repeats=2)
    assert "[taller] repeat 1 fold 0: acc 0.500" in capsys.readouterr().out
    run_cross_validation(TallerModel(), recorder, choice_rows(), n_splits=2, verbose=False)
    assert capsys.readouterr().out == ""


class Resetting(TallerModel):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return super().select_rows(df).reset_index(drop=True)


class Dropping(TallerModel):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return super().select_rows(df).drop(columns="id")


def test_a_selection_keeps_its_ids_or_its_index() -> None:
    recorders = [Recorder(lambda fold: 0.5) for _ in range(3)]
    for model, recorder in zip([TallerModel(), Resetting(), Dropping()], recorders, strict=True):
        run_cross_validation(model, recorder, all_rows().sample(frac=1.0, random_state=1), verbose=False)
    plain, reset, dropped = recorders
    for one, two, three in zip(plain.calls, reset.calls, dropped.calls, strict=True):
        assert set(one["test"]["id"]) == set(two["test"]["id"])
        assert set(one["test"].index) == set(three["test"].index)


class Replacing(TallerModel):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        return rows.assign(id=0).set_index(rows.index + 1000)


def test_a_selection_that_keeps_neither_is_refused() -> None:
    with pytest.raises(DataError, match="taller: select_rows keeps neither the index of the rows nor"):
        run_cross_validation(Replacing(), Recorder(), all_rows(), verbose=False)


class NoFrame(TallerModel):
    def select_rows(self, df: pd.DataFrame) -> Any:
        return None


class NoMetric:
    name = "bare"
    format = "mc"
    task = "clf"

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return df


class OpenEnded(TallerModel):
    format = cast(Any, "oe")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (NoFrame(), "taller: select_rows returns a NoneType where a DataFrame is needed"),
        (NoMetric(), "NoMetric has no 'metric'; a BiasModel needs 'name', 'format', 'task', 'metric', 'sel"),
        (OpenEnded(), "OpenEnded has the format 'oe' where mc, num, open or multi is known"),
    ],
)
def test_what_is_no_model_is_refused(model: Any, message: str) -> None:
    with pytest.raises(HarnessError, match=re.escape(message)):
        run_cross_validation(model, Recorder(), choice_rows(), verbose=False)


@pytest.mark.parametrize(
    ("model", "rows", "settings", "message"),
    [
        (TallerModel(), number_rows(), {}, "taller: select_rows selects none of the 120 rows"),
        (TallerModel(), choice_rows(4), {}, "taller: there are 4 questions for 5 folds"),
        (
            TallerModel(),
            choice_rows(),
            {"target_col": "gold"},
            "no column 'gold'; the columns are id, questi",
        ),
        (TallerModel(), choice_rows(), {"group_col": "video"}, "taller: there is no column 'video'"),
        (TallerModel(), choice_rows().assign(id="x"), {}, "taller: the id 'x' occurs more than once"),
        (CountModel(), number_rows(), {"target_col": "question"}, "'question' holds 'How many"),
        (
            TallerModel(),
            choice_rows().assign(gold=lambda df: df["ground_truth"].where(df["id"] != "q7")),
            {"target_col": "gold"},
            "taller: the column 'gold' has no answer to the question 'q7'",
        ),
    ],
)
def test_data_that_cannot_be_used_say_why(
    model: BiasModel, rows: pd.DataFrame, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        run_cross_validation(model, Recorder(), rows, verbose=False, **settings)


def test_a_class_with_fewer_questions_than_folds_is_fine() -> None:
    rows = choice_rows(40)
    rows.loc[rows["id"] != "q3", "ground_truth"] = "A"
    rows.loc[rows["id"] == "q3", "ground_truth"] = "B"
    mean, _, count = run_cross_validation(TallerModel(), RandomForestEvaluator(), rows, verbose=False)
    assert (mean, count) == (39 / 40, 40)


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(HarnessError, match="taller: the score of fold 0 is nan"):
        run_cross_validation(TallerModel(), Recorder(lambda fold: np.nan), choice_rows(), verbose=False)
