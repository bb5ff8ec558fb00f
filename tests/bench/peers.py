"""Learners that any user would try first, beside the forest on the same folds: `tox -e peers`.

A score is a lower bound on what can be exploited, so no peer should be ahead of the forest. Each answers
all multiple-choice questions of a test set. Differences are paired by question, with standard errors over
groups. The sets are those in TST_DATA_DIR and the bundled sample.
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from forest_runs import forest_runs
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from tst_harness import Benchmark, Choice, Columns, LocalFile
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.sample import benchmark as sample
from tst_harness.diagnostics.features.cross_validation import dataset_folds
from tst_harness.integrations.pytest.declared import collect

ROOT = Path(__file__).parents[2]
FOLDS, SEED = 5, 42
MOST_LABELS = 200
"""Distinct options up to which they are classes; the places of the options are the classes of the others."""
SNLI = Benchmark(
    name="snli",
    source=LocalFile("snli/dev.jsonl"),
    columns=Columns(text="hypothesis", answer="label"),
    question_types=[Choice("nli", labels=("entailment", "neutral", "contradiction"))],
)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Peer = Callable[[pd.DataFrame, pd.DataFrame], IntArray]
"""From training questions and held-out ones, without their answers, to the place of each option chosen."""


class Words:
    """TF-IDF of words and pairs of them, and of runs of three to five characters."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._parts = [
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"(?u)\S+"),
            TfidfVectorizer(
                ngram_range=(3, 5), min_df=5, sublinear_tf=True, analyzer="char_wb", max_features=50_000
            ),
        ]
        for part in self._parts:
            part.fit(["a a a a a a", *texts])

    def __call__(self, texts: Sequence[str]) -> sp.csr_matrix:
        """(n_texts, n_features)."""
        return sp.hstack([part.transform(texts) for part in self._parts], format="csr")


def option_rows(frame: pd.DataFrame) -> tuple[list[str], list[str], IntArray]:
    """The question and the option of each row, and how many rows each question has."""
    sizes = np.array([len(options) for options in frame["options"]], dtype=np.int64)
    texts = [text for text, n in zip(frame["text"], sizes, strict=True) for _ in range(n)]
    return texts, [option for options in frame["options"] for option in options], sizes


def best_of(scores: FloatArray, sizes: IntArray) -> IntArray:
    """The place of the highest score of each question."""
    return np.array([part.argmax() for part in np.split(scores, np.cumsum(sizes)[:-1])])


def ranking(make: Callable[[], LogisticRegression | LinearSVC], with_question: bool) -> Peer:
    """A classifier of options, right or wrong, of which the surest is chosen."""

    def choose(train: pd.DataFrame, held_out: pd.DataFrame) -> IntArray:
        (texts, options, sizes), (asked, offered, counts) = option_rows(train), option_rows(held_out)
        right = np.zeros(len(options))
        right[np.cumsum(sizes) - sizes + train["answer"].to_numpy(dtype=np.int64)] = 1.0
        words = Words(options)
        parts, others = [words(options)], [words(offered)]
        if with_question:
            joined = Words([f"{text} {option}" for text, option in zip(texts, options, strict=True)])
            parts.append(joined([f"{text} {option}" for text, option in zip(texts, options, strict=True)]))
            others.append(joined([f"{text} {option}" for text, option in zip(asked, offered, strict=True)]))
        model = make().fit(sp.hstack(parts, format="csr"), right)
        return best_of(model.decision_function(sp.hstack(others, format="csr")), counts)

    return choose


def labels(train: pd.DataFrame, held_out: pd.DataFrame) -> IntArray:
    """A classifier of questions; the classes are what the options say, or their places where many differ."""
    several = {option for options in train["options"] for option in options}

    def names(options: Sequence[str]) -> list[str]:
        return list(options) if len(several) <= MOST_LABELS else [str(place) for place in range(len(options))]

    gold = [names(row)[int(at)] for row, at in zip(train["options"], train["answer"], strict=True)]
    words = Words(train["text"].tolist())
    if len(set(gold)) < 2:
        return np.zeros(len(held_out), dtype=np.int64)
    model = LogisticRegression(max_iter=300).fit(words(train["text"].tolist()), gold)
    probability = model.predict_proba(words(held_out["text"].tolist()))
    column = {name: at for at, name in enumerate(model.classes_)}
    return np.array(
        [
            int(np.argmax([row[column[name]] if name in column else 0.0 for name in names(options)]))
            for row, options in zip(probability, held_out["options"], strict=True)
        ]
    )


def majority(train: pd.DataFrame, held_out: pd.DataFrame) -> IntArray:
    """The option, or the place, that is right most often in the training questions of the type."""
    said: Counter[tuple[str, str | int]] = Counter()
    for kind, options, at in zip(train["type"], train["options"], train["answer"], strict=True):
        said.update([(kind, options[int(at)]), (kind, int(at))])

    def times(kind: str, name: str | int) -> int:
        return said[kind, name]

    return np.array(
        [
            int(np.argmax([max(times(kind, option), times(kind, place)) for place, option in enumerate(row)]))
            for kind, row in zip(held_out["type"], held_out["options"], strict=True)
        ]
    )


PEERS: dict[str, Peer] = {
    "logistic regression, pairs": ranking(lambda: LogisticRegression(solver="liblinear"), with_question=True),
    "logistic regression, options alone": ranking(
        lambda: LogisticRegression(solver="liblinear"), with_question=False
    ),
    "logistic regression, labels": labels,
    "linear SVM, pairs": ranking(lambda: LinearSVC(C=0.1), with_question=True),
    "majority": majority,
}


def compare(dataset: Dataset) -> Iterator[tuple[str, int, float, float, float, float]]:
    """Yield each peer's name, questions, score, the forest's score, the difference and its standard error."""
    frame = dataset.frame
    choices = (frame["format"] == "mc").to_numpy()
    runs = forest_runs(dataset, [SEED], folds=FOLDS)
    forest = pd.Series(runs.score[0], index=runs.id)
    group = pd.factorize(frame["group"].to_numpy())[0][choices]
    for name, choose in PEERS.items():
        score = np.zeros(len(frame))
        for fold in dataset_folds(dataset, k=FOLDS, seed=SEED, repeats=1, grouped=False):
            train, held_out = (rows[choices[rows]] for rows in (fold.train, fold.held_out))
            chosen = choose(frame.iloc[train], frame.iloc[held_out].drop(columns="answer"))
            score[held_out] = chosen == frame["answer"].to_numpy()[held_out]
        known = forest.loc[frame["id"][choices]].to_numpy()
        differences = score[choices] - known
        excess = np.bincount(group, weights=differences - differences.mean())
        error = float(np.sqrt((excess**2).sum())) / len(differences)
        yield name, len(differences), score[choices].mean(), known.mean(), differences.mean(), error


def main() -> None:
    """Print a table for each set, in percent; a star marks a peer that is ahead by two standard errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", help="names of sets (default: all at hand)")
    wanted = parser.parse_args().sets
    data = Path(os.environ["TST_DATA_DIR"]) if os.environ.get("TST_DATA_DIR") else None
    declared = collect(ROOT / "benchmarks")
    sets = {"sample": sample()}
    if data is not None:
        sets |= {name: declared.named(name) for name in ("mmmu", "cvb", "vsi", "next_qa")} | {"snli": SNLI}
    print(
        "| set | learner | questions | score | forest | difference |\n| --- | --- | --- | --- | --- | --- |"
    )
    for name in wanted or sets:
        for peer, n, score, forest, difference, error in compare(load(sets[name], data)):
            ahead = " *" if difference > 2.0 * error else ""
            figures = f"{100 * score:.1f} | {100 * forest:.1f} | {100 * difference:+.1f} ± {100 * error:.1f}"
            print(f"| {name} | {peer} | {n:,} | {figures}{ahead} |", flush=True)


if __name__ == "__main__":
    main()
