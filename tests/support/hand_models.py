"""Questions and models such as a user of the protocols writes."""

from typing import Literal

import numpy as np
import pandas as pd

from tst_harness.core import FeatureBasedBiasModel
from tst_harness.core.protocols import Format

LETTERS = "ABCD"
OBJECTS = ["chair", "table", "stove", "lamp", "sofa", "bed"]


def choice_rows(n: int = 120, seed: int = 0) -> pd.DataFrame:
    """Which is taller: the object that comes later in OBJECTS, four times in five."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        pair = rng.choice(len(OBJECTS), 2, replace=False)
        gold = int(pair[1] > pair[0])
        gold = gold if rng.random() < 0.8 else 1 - gold
        options = [f"{LETTERS[place]}. {OBJECTS[one]}" for place, one in enumerate(pair)]
        rows.append(
            {
                "id": f"q{number}",
                "question_type": "taller",
                "question": f"Which is taller in room {number}?",
                "options": options,
                "ground_truth": LETTERS[gold],
                "scene": f"room {number // 3}",
            }
        )
    return pd.DataFrame(rows)


def number_rows(n: int = 120, seed: int = 0) -> pd.DataFrame:
    """How many there are: near the object's place in OBJECTS, as text, as files have it."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(n):
        one = int(rng.integers(len(OBJECTS)))
        rows.append(
            {
                "id": f"n{number}",
                "question_type": "count",
                "question": f"How many {OBJECTS[one]}(s) are in this room?",
                "options": None,
                "ground_truth": str(2 + 3 * one + int(rng.integers(0, 2))),
                "scene": f"room {number // 3}",
            }
        )
    return pd.DataFrame(rows)


def all_rows() -> pd.DataFrame:
    return pd.concat([choice_rows(), number_rows()], ignore_index=True)


class TallerModel(FeatureBasedBiasModel):
    """Subclasses the protocol; its features are how often each option was right in training."""

    name = "taller"
    format: Format = "mc"

    def __init__(self) -> None:
        self.feature_cols = ["win_0", "win_1", "first"]
        self.wins: dict[str, float] = {}

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = df[df["question_type"] == self.name].copy()
        for place in (0, 1):
            rows[f"option_{place}"] = [options[place][3:] for options in rows["options"]]
        rows["first"] = rows["option_0"]
        return rows

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        gold = [
            row[f"option_{LETTERS.index(row['ground_truth'])}"] for row in train_df.to_dict(orient="records")
        ]
        seen = pd.concat([train_df["option_0"], train_df["option_1"]]).value_counts()
        won = pd.Series(gold).value_counts()
        self.wins = {one: (won.get(one, 0) + 1) / (count + 2) for one, count in seen.items()}

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        df = df.copy()
        for place in (0, 1):
            df[f"win_{place}"] = df[f"option_{place}"].map(self.wins).fillna(0.5)
        return df


class CountModel:
    """Has the protocol's attributes and nothing to do with it otherwise; merges, so loses the index."""

    name = "count"
    format: Format = "num"
    task: Literal["clf", "reg"] = "reg"
    metric: Literal["acc", "mra"] = "mra"
    target_col_override: str | None = None

    def __init__(self) -> None:
        self.feature_cols = ["object", "mean", "overall"]
        self.means: pd.DataFrame | None = None
        self.overall = 0.0

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = df[df["question_type"] == "count"].copy()
        rows["object"] = rows["question"].str.extract(r"How many (.+?)\(s\)")[0]
        rows["ground_truth"] = pd.to_numeric(rows["ground_truth"], errors="coerce")
        return rows.dropna(subset=["object", "ground_truth"])

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        grouped = train_df.groupby("object").agg(mean=("ground_truth", "mean"), seen=("id", "count"))
        self.means = grouped.reset_index()
        self.overall = float(train_df["ground_truth"].mean())

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        assert self.means is not None
        df = df.merge(self.means, on="object", how="left")
        df["overall"] = self.overall
        return df
