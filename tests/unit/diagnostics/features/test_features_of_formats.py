"""Hand-written models of open questions and of several right options."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted_formats import planted
from sample_formats import SampleFormat

from tst_harness.core import FeatureBasedBiasModel
from tst_harness.core.protocols import Format
from tst_harness.dataset.raw import raw_rows
from tst_harness.diagnostics.features.models import FeatureModels


class LastWords(FeatureBasedBiasModel):
    """Its feature is the question itself, without its number."""

    def __init__(self, type_: str, format_: Format) -> None:
        self.feature_cols = ["asked"]
        self.name = type_
        self.format = format_
        self.answers: set[str] = set()

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return df[df["type"] == self.name].copy()

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        self.answers = set(train_df["answer"])

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        offered = df["options"].map(str) if "options" in df.columns else ""
        return df.assign(asked=df["question"] + offered)


def scored(
    folder: Path, format_: SampleFormat, type_: str, strength: float, *, checked: bool = False
) -> tuple[float, float, LastWords, list[str | float]]:
    experiment = planted(folder, format_, strength)
    model = LastWords(type_, format_)
    models = FeatureModels([model], experiment.dataset, raw_rows(experiment.dataset), allow_leak=not checked)
    parts = [models.score(fold)[1] for fold in experiment.folds("random")]
    said = [text for part in parts for text in part.prediction]
    score, chance = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("score", "blind_baseline")
    )
    return float(score.mean()), float(chance.mean()), model, said


@pytest.mark.parametrize("type_", ["material", "color", "label"])
def test_a_text_is_predicted_and_scored_by_the_metric_of_its_type(tmp_path: Path, type_: str) -> None:
    score, chance, model, said = scored(tmp_path, "open", type_, 1.0)
    assert score > chance + 0.3
    assert all(isinstance(answer, str) for answer in model.answers)
    assert {*said} <= model.answers


def test_where_nothing_is_planted_a_text_is_no_better_than_the_best_constant(tmp_path: Path) -> None:
    score, chance, *_ = scored(tmp_path, "open", "material", 0.0)
    assert abs(score - chance) < 0.15


def test_a_set_of_right_options_is_predicted_as_one(tmp_path: Path) -> None:
    _, _, model, said = scored(tmp_path, "multi", "side", 1.0, checked=True)
    assert {*said} <= model.answers
    assert all(set(answer) <= set("ABCD, ") for answer in model.answers)
