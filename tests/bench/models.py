"""Measures what is said of models: how often intervals hold the truth, and how long 20 models take.

    python tests/bench/models.py [--data DIR] [--cache DIR] [--draws N]

The population is VSI-Bench, or the bundled sample without its data: its groups are drawn with replacement,
and made-up models answer. One sees (right at random, whatever the text says), one reads (the answers of a
forest of another seed), two are mixtures of both, and one knows some types better. The truth is their figure
on the whole population: of lean and score with the chance of each answer to be right, which is known, and of
falls with the population answered very often.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import tst_harness
from tst_harness import Benchmark, Report
from tst_harness.integrations.pytest.declared import collect
from tst_harness.results.bias import Bias
from tst_harness.results.evidence import Answers, Figure, ModelFigures
from tst_harness.results.leaderboard import leaderboard

IntArray = npt.NDArray[np.int64]
_LETTERS = "ABCDEFGHIJ"
_COPIES = 40
"""How often the population is answered for the truth of falls."""
_SEES = 0.6


@dataclass(frozen=True)
class Population:
    """A benchmark's questions beside a forest, the gold letters, and another forest's answers and scores."""

    bias: Bias
    gold: npt.NDArray[np.object_]
    read: npt.NDArray[np.object_]
    read_score: npt.NDArray[np.float64]


def population(report: Report, other: Report) -> Population:
    """Return what two audits with different seeds amount to."""
    bias = Bias.of(report.samples(), "forest")
    ids = bias.samples["id"].tolist()
    gold = {line["id"]: line["answer"] for line in report.questions}
    theirs = other.samples().set_index("id").loc[ids]
    return Population(
        bias,
        np.array([gold[id_] for id_ in ids], dtype=object),
        theirs["prediction"].to_numpy(),
        theirs["score"].to_numpy(dtype=np.float64),
    )


def drawn(people: Population, rng: np.random.Generator, copies: int = 1) -> Population:
    """Return as many groups as there are, drawn with replacement; each is a group of its own."""
    return drawn_rows(people, rng, copies)[0]


def drawn_rows(people: Population, rng: np.random.Generator, copies: int = 1) -> tuple[Population, IntArray]:
    """Return the same and the rows of the population that it has."""
    bias = people.bias
    members = [np.flatnonzero(bias.group == code) for code in range(int(bias.group.max()) + 1)]
    if copies > 1:
        picks = np.repeat(np.arange(len(members)), copies)
    else:
        picks = rng.integers(len(members), size=len(members))
    rows = np.concatenate([members[pick] for pick in picks])
    group = np.repeat(np.arange(len(picks)), [len(members[pick]) for pick in picks])
    moved = replace(
        bias,
        samples=bias.samples.iloc[rows].reset_index(drop=True),
        excess=bias.excess[rows],
        kind=bias.kind[rows],
        group=group,
        answer=bias.answer[rows],
        options=bias.options[rows],
        right=bias.right[rows],
    )
    return Population(moved, people.gold[rows], people.read[rows], people.read_score[rows]), rows


Model = Callable[[Population, np.random.Generator], Answers]


def seer(
    people: Population, rng: np.random.Generator, score: float | npt.NDArray[np.float64] = _SEES
) -> Answers:
    """Right at random, wrong at random."""
    right = rng.random(len(people.gold)) < score
    options = np.maximum(people.bias.options, 2)
    gold = np.array([_LETTERS.index(text) if text in _LETTERS else 0 for text in map(str, people.gold)])
    wrong = (gold + 1 + (rng.random(len(gold)) * (options - 1)).astype(np.int64)) % options
    letters = [_LETTERS[place] for place in np.where(right, gold, wrong).tolist()]
    return Answers(right.astype(np.float64), letters)


def mixture(share: float) -> Model:
    """The other forest's answer to a share of the questions, the seer's to the others."""

    def answers(people: Population, rng: np.random.Generator) -> Answers:
        seen, by_text = seer(people, rng), rng.random(len(people.gold)) < share
        told = [
            str(b) if text else a for a, b, text in zip(seen.prediction, people.read, by_text, strict=True)
        ]
        return Answers(np.where(by_text, people.read_score, seen.score), told)

    return answers


def known(people: Population) -> npt.NDArray[np.float64]:
    """Every second type is known better."""
    codes = pd.factorize(people.bias.samples["type"], sort=True)[0]
    return np.where(codes % 2 == 0, 0.3, 0.8)


def knower(people: Population, rng: np.random.Generator) -> Answers:
    """Better on every second type."""
    return seer(people, rng, known(people))


SHARES = {"seer": 0.0, "quarter": 0.25, "half": 0.5, "reader": 1.0}
MODELS: dict[str, Model] = {name: mixture(share) for name, share in SHARES.items()} | {"knower": knower}


def expected(name: str, people: Population) -> npt.NDArray[np.float64]:
    """The chance of each answer of a model to be right; of a number, its score."""
    if name == "knower":
        return known(people)
    return SHARES[name] * people.read_score + (1.0 - SHARES[name]) * _SEES


def figures(people: Population, answers: Answers) -> Iterator[Figure]:
    """Lean, falls and score."""
    own = ModelFigures(people.bias, answers, seed=0)
    lean, falls = own.lean(), own.falls()
    assert lean is not None
    assert falls is not None
    yield from (lean, falls[0], own.score())


def coverage(people: Population, draws: int) -> None:
    """Print how many intervals hold the truth."""
    print(f"{len(people.gold):,} questions, {len(np.unique(people.bias.group)):,} groups, {draws} draws")
    for name, model in MODELS.items():
        rng = np.random.default_rng(1)
        whole = drawn(people, rng, _COPIES)
        falls = ModelFigures(whole.bias, model(whole, rng), seed=0).falls()
        chances = expected(name, people)
        lean = ModelFigures(people.bias, Answers(chances, [None] * len(chances)), seed=0).lean()
        assert falls is not None
        assert lean is not None
        truth = [lean.point, falls[0].point, float(chances.mean())]
        held, significant = [], []
        for _ in range(draws):
            sample = drawn(people, rng)
            found = list(figures(sample, model(sample, rng)))
            held.append(
                [f.interval[0] <= true <= f.interval[1] for f, true in zip(found, truth, strict=True)]
            )
            significant.append([f.p_value < 0.05 for f in found[:2]])
        shares = ", ".join(
            f"{what} {100 * true:+.1f} held by {100 * share:.1f}%"
            for what, true, share in zip(
                ("lean", "falls", "score"), truth, np.mean(held, axis=0), strict=True
            )
        )
        found_shares = " and ".join(f"{100 * share:.1f}%" for share in np.mean(significant, axis=0))
        print(f"{name:8} {shares}; lean and falls significant in {found_shares}", flush=True)


def rankings(people: Population, draws: int) -> None:
    """Print how many intervals of Kendall's tau hold its mean over draws."""
    n = len(people.gold)
    away = people.bias.given_away(np.arange(n))
    rng = np.random.default_rng(5)
    fields: dict[str, list[npt.NDArray[np.float64]]] = {
        "20 that read more and more": [
            share * people.read_score + (1.0 - share) * _SEES for share in np.linspace(0.0, 0.95, 20)
        ],
        "9 a point apart": [np.full(n, 0.5 + 0.01 * model) for model in range(9)],
        "9 that lean at random": [
            rng.uniform(0.4, 0.7) + rng.uniform(-0.15, 0.15) * (away - 0.5) for _ in range(9)
        ],
        "20 that lean at random, near each other": [
            rng.uniform(0.55, 0.6) + rng.uniform(-0.05, 0.05) * (away - 0.5) for _ in range(20)
        ],
    }
    for name, chances in fields.items():
        rng = np.random.default_rng(1)
        found = []
        for _ in range(draws):
            sample, rows = drawn_rows(people, rng)
            scores = {
                f"model {number:02d}": (rng.random(len(rows)) < chance[rows]).astype(np.float64)
                for number, chance in enumerate(chances)
            }
            part = leaderboard(scores, sample.bias.group, {"hard": 1.0 - away[rows]}, seed=0).parts["hard"]
            found.append((part.tau, *part.tau_interval))
        tau, low, high = np.array(found).T
        held = np.mean((low <= tau.mean()) & (tau.mean() <= high))
        print(
            f"{name}: tau {tau.mean():.2f} held by {100 * held:.1f}%, width {np.mean(high - low):.2f}",
            flush=True,
        )


def speed(report: Report, people: Population) -> None:
    """Print how long 20 models take once there is a report."""
    ids = people.bias.samples["id"].tolist()
    rng = np.random.default_rng(2)
    results = {}
    for number in range(20):
        answers = mixture(number / 20)(people, rng)
        results[f"model {number:02d}"] = [
            {"id": id_, "prediction": text, "score": score}
            for id_, text, score in zip(ids, answers.prediction, answers.score.tolist(), strict=True)
        ]
    # Of the processor, so that what else a machine does counts for nothing.
    began = time.process_time()
    models = report.models(results)
    print(f"20 models: {time.process_time() - began:.1f} s")
    with TemporaryDirectory() as folder:
        logs = {name: _log(Path(folder) / f"{name}.jsonl", report, rows) for name, rows in results.items()}
        began = time.process_time()
        report.models(logs)
        size = max(path.stat().st_size for path in logs.values())
        print(f"from their logs of {size / 2**20:.1f} MiB: {time.process_time() - began:.1f} s")
    began = time.process_time()
    page = report.html()
    print(f"the page of them: {time.process_time() - began:.1f} s, {len(page) / 2**20:.1f} MiB")
    assert models.content.leaderboard is not None


def _log(path: Path, report: Report, rows: list[dict[str, Any]]) -> Path:
    """Write answers as lmms-eval logs those to VSI-Bench, each question twice."""
    answers = {row["id"]: row for row in rows}
    with path.open("w", encoding="utf-8") as stream:
        for number, line in enumerate(report.questions):
            answer = answers[line["id"]]
            options = [
                f"{letter}. {text}" for letter, text in zip(_LETTERS, line["options"] or (), strict=False)
            ]
            doc = {"id": line["id"], "question": line["text"], "options": options or None}
            record = {
                "doc_id": number,
                "doc": {**doc, "ground_truth": line["answer"]},
                "input": "\n".join([line["text"], *options]),
                "resps": [[answer["prediction"]]],
                "filtered_resps": [answer["prediction"]],
                "vsibench_score": {**doc, "prediction": answer["prediction"], "accuracy": answer["score"]},
            }
            stream.write(json.dumps(record) + "\n")
    return path


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="where VSI-Bench is")
    parser.add_argument("--cache", type=Path, default=Path("reports"))
    parser.add_argument("--draws", type=int, default=200)
    arguments = parser.parse_args()
    source: Benchmark | str = "tst_harness/dataset/sample/sample.jsonl"
    if arguments.data is not None:
        source = collect(Path(__file__).parents[2] / "benchmarks").named("vsi")
    reports = [
        tst_harness.audit(source, seed=seed, data_dir=arguments.data, cache=arguments.cache, progress=False)
        for seed in (42, 7)
    ]
    people = population(*reports)
    speed(reports[0], people)
    coverage(people, arguments.draws)
    rankings(people, arguments.draws)


if __name__ == "__main__":
    main()
