"""The paper's table of TsT-RF beside ours: a forest on features written by hand, and the forest diagnostic.

    TST_DATA_DIR=data python examples/reproduce_paper.py

Data are looked for first. The table takes some minutes on two cores, with a bar of what is being measured;
`--limit 500` is a quick look. The published figures are those of the paper's method (Brown et al., arXiv
2511.04655); its feature models are not copied here. `Counts` and `Options` show how such models are written:
they learn from training questions which answers were right, and never see a held-out one. `tst_harness.audit`
takes models of your own alike.
"""

import argparse
import re
from collections import Counter, defaultdict
from pathlib import Path
from runpy import run_path
from typing import Any

import pandas as pd

import tst_harness
from tst_harness.api.audit import data_folder
from tst_harness.core import FeatureBasedBiasModel
from tst_harness.core.protocols import Format
from tst_harness.dataset.sources import resolve
from tst_harness.errors import HarnessError

MODULES = Path(__file__).parents[1] / "benchmarks"
TABLE = [
    ("VSI-Bench", "test_vsi.py", "TestVSI", {"random": 43.0, "grouped": 38.8}),
    ("CV-Bench", "test_cvb.py", "TestCVB", {"random": 56.1, "grouped": 55.7}),
]
"""Benchmark, its module and class, and the published scores in percent by how folds are made."""
_PLACES = 6
_PRIOR = 4.0


class Counts(FeatureBasedBiasModel):
    """A numeric type: what the answers to questions about the same things were."""

    format: Format = "num"

    def __init__(self, name: str, columns: Any, pattern: str | None) -> None:
        self.name, self._columns, self._pattern = name, columns, re.compile(pattern or "$^")
        self.feature_cols = ["mean", "low", "high", "seen"]

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return the questions of the type, and what each is about."""
        rows: pd.DataFrame = df[df[self._columns.type] == self.name]
        return rows.assign(about=[self._about(text) for text in rows[self._columns.text]])

    def _about(self, text: str) -> str:
        match = self._pattern.search(text)
        return " ".join(sorted(match.groups())) if match else ""

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        """Learn the answers about each thing."""
        answers = train_df[self._columns.answer].astype(float)
        self._usual = {"mean": answers.mean(), "low": answers.quantile(0.25), "high": answers.quantile(0.75)}
        alike = answers.groupby(train_df["about"])
        self._known = pd.DataFrame(
            {
                "mean": alike.mean(),
                "low": alike.quantile(0.25),
                "high": alike.quantile(0.75),
                "seen": alike.size(),
            }
        )

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return their mean and quartiles, and how many there are."""
        known = self._known.reindex(df["about"]).fillna({**self._usual, "seen": 0.0})
        return df.assign(**{name: known[name].to_numpy() for name in self.feature_cols})


class Options(FeatureBasedBiasModel):
    """A type of choice: how often each option was right, in all questions and about the same things."""

    format: Format = "mc"

    def __init__(self, name: str, columns: Any, pattern: str | None) -> None:
        self.name, self._columns, self._pattern = name, columns, re.compile(pattern or "$^")
        self.feature_cols = [f"{kind}_{place}" for kind in ("right", "here") for place in range(_PLACES)]

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return the questions of the type, with the options as they are without letters."""
        rows: pd.DataFrame = df[df[self._columns.type] == self.name]
        texts = [
            [re.sub(r"^\(?[A-Z][.)]\s*", "", str(text)) for text in each]
            for each in rows[self._columns.options]
        ]
        about = [self._about(text) for text in rows[self._columns.text]]
        return rows.assign(
            texts=pd.Series(texts, index=rows.index), about=pd.Series(about, index=rows.index, dtype=object)
        )

    def _about(self, text: str) -> tuple[tuple[str, str], ...]:
        match = self._pattern.search(text)
        return tuple(match.groupdict().items()) if match else ()

    def fit_feature_maps(self, train_df: pd.DataFrame) -> None:
        """Count how often each option was offered, and how often it was right."""
        self._offered, self._right = Counter[Any](), Counter[Any]()
        letters = train_df[self._columns.answer].str.strip("()")
        for texts, about, letter in zip(train_df["texts"], train_df["about"], letters, strict=True):
            for place, text in enumerate(texts):
                for key in ((text,), *((text, thing) for thing in about)):
                    self._offered[key] += 1
                    self._right[key] += place == ord(letter) - ord("A")

    def add_features(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return the two shares of each option; 0 where there are fewer options."""
        columns: dict[str, list[float]] = defaultdict(list)
        for texts, about in zip(df["texts"], df["about"], strict=True):
            for place in range(_PLACES):
                text = texts[place] if place < len(texts) else None
                columns[f"right_{place}"].append(self._share((text,), len(texts)))
                shares = [self._share((text, thing), len(texts)) for thing in about]
                columns[f"here_{place}"].append(sum(shares) / len(shares) if shares else 0.0)
        return df.assign(**columns)

    def _share(self, key: tuple[Any, ...], options: int) -> float:
        if key[0] is None:
            return 0.0
        return (self._right[key] + _PRIOR / options) / (self._offered[key] + _PRIOR)


def models_of(benchmark: tst_harness.Benchmark) -> list[FeatureBasedBiasModel]:
    """Return a model for each type of a benchmark."""
    return [
        (Counts if kind.format == "num" else Options)(kind.name, benchmark.columns, kind.pattern)
        for kind in benchmark.question_types
    ]


def main() -> None:
    """Print the table, the lines of a benchmark as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--limit", type=int, help="diagnose a subset of that many questions")
    limit = parser.parse_args().limit
    benchmarks = {}
    for title, module, name, _ in TABLE:
        benchmarks[title] = run_path(str(MODULES / module))[name].benchmark
        try:
            missing = resolve(benchmarks[title], data_folder(None)).substituted_for
        except HarnessError as error:
            missing = str(error)
        if missing is not None:
            remedy = f"get them with `tst-harness fetch {benchmarks[title].name}`, or set TST_DATA_DIR"
            parser.exit(1, f"the data of {title} cannot be had: {missing}; {remedy}\n")
    print(f"{'benchmark':10} {'folds':8} {'paper':>6} {'features here':>22} {'forest here':>22}", flush=True)
    for title, _, _, published in TABLE:
        benchmark = benchmarks[title]
        figures = tst_harness.audit(benchmark, split="both", limit=limit, models=models_of(benchmark)).overall
        for split, score in published.items():
            ending = "_grouped" if split == "grouped" else ""
            cells = [
                f"{100 * row.score:.1f} [{100 * row.score_low:.1f}, {100 * row.score_high:.1f}]"
                for row in (figures.loc[f"features{ending}"], figures.loc[f"forest{ending}"])
            ]
            print(f"{title:10} {split:8} {score:6.1f} {cells[0]:>22} {cells[1]:>22}", flush=True)


if __name__ == "__main__":
    main()
