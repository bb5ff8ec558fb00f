"""Models that know held-out answers from elsewhere than the row: each keeps or reads them in another way."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from hand_models import CountModel

_seen: dict[str, Any] = {}


class Remembers(CountModel):
    """Its one feature is the answer that it has for an id, wherever it has it from."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["known"]

    def known(self) -> dict[str, Any]:
        raise NotImplementedError

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        return df.assign(known=df["id"].map(self.known()).fillna(0.0))


class InAttribute(Remembers):
    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {}

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        self.answers = self.answers or dict(zip(rows["id"], rows["ground_truth"], strict=True))
        return rows

    def known(self) -> dict[str, Any]:
        return self.answers


class InClass(Remembers):
    answers: ClassVar[dict[str, Any]] = {}

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        if not InClass.answers:
            InClass.answers.update(zip(rows["id"], rows["ground_truth"], strict=True))
        return rows

    def known(self) -> dict[str, Any]:
        return InClass.answers


@lru_cache
def _first(name: str) -> dict[str, Any]:
    return dict(_seen)


class InCache(Remembers):
    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = super().select_rows(df)
        _seen.update(zip(rows["id"], rows["ground_truth"], strict=True))
        _first("answers")
        return rows

    def known(self) -> dict[str, Any]:
        return _first("answers")


class NeverReset(Remembers):
    """What it learnt on one fold serves it on the next."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {}

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        self.answers.update(zip(train_df["id"], train_df["ground_truth"], strict=True))

    def known(self) -> dict[str, Any]:
        return self.answers


class ReadsFile(Remembers):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def known(self) -> dict[str, Any]:
        answers: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return {name: float(answer) for name, answer in answers.items()}


class ReadsColumn(CountModel):
    """The answer in a column of the data; 0 where it is not there."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_cols = ["known"]

    def answer(self, row: dict[Any, Any]) -> Any:
        return row.get("expert", 0)

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        return df.assign(known=[self.answer(row) for row in df.to_dict(orient="records")])


class ReadsSolution(ReadsColumn):
    def answer(self, row: dict[Any, Any]) -> Any:
        return row.get("solution", "0").split()[-1].strip(".")


class ReadsObject(ReadsColumn):
    def answer(self, row: dict[Any, Any]) -> Any:
        return row.get("meta", {"review": {"value": 0}})["review"]["value"]
