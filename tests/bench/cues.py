"""Made-up test sets with one cue each: how much of it the forest finds, and how it is named: `tox -e cues`.

Following a cue is right in 45% of the questions. Of four options that is 20 points over chance; of open
questions and of those with several right options it is printed how many points over the blind baseline can
be had. Of each set the answers are also permuted over the questions: what is then found or named is a false
alarm.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from cue_sets import KINDS, Question
from forest_runs import forest_runs
from format_cues import MULTI_KINDS, OPEN_KINDS, with_cue

from tst_harness import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.analysis.diagnostic import Questions
from tst_harness.checks.shortcut_rules import rules_of
from tst_harness.checks.shortcuts import significant_shortcuts
from tst_harness.dataset.loading import Dataset, load
from tst_harness.diagnostics.forest.reading import Reading

FOLLOWED = 0.45


def written(make: Callable[..., Question], path: Path, n: int, seed: int) -> Dataset:
    """Write a set and load it."""
    rng, rows = random.Random(f"{path.stem} {seed}"), []
    numeric = False
    for i in range(n):
        question = make(rng)
        while question.options and len(set(question.options)) < len(question.options):
            question = make(rng)
        follows = rng.random() < FOLLOWED
        row: dict[str, object] = {"id": i, "question": question.text}
        if question.options is None:
            numeric = True
            row["answer"] = question.cue if follows else rng.randint(1, 80)
        else:
            others = [option for option in range(len(question.options)) if option != question.cue]
            row["options"] = question.options
            row["answer"] = "ABCD"[int(question.cue) if follows else rng.choice(others)]
        rows.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join(rows), encoding="utf-8")
    columns = Columns(id="id", text="question", answer="answer", options=None if numeric else "options")
    types = [Number("made_up")] if numeric else [Choice("made_up")]
    return load(Benchmark(name="made_up", source=LocalFile(str(path)), columns=columns, question_types=types))


def named(dataset: Dataset, seed: int) -> list[str]:
    """The sentences of the rules that beat chance, the strongest first."""
    units = np.arange(len(dataset.frame))
    rules = rules_of(dataset, Reading.of(Questions.of(dataset)), units, seed)
    return [one.text for one in significant_shortcuts(dataset, rules).shortcuts]


def gain(dataset: Dataset, seed: int) -> tuple[float, float, float]:
    """Points over the blind baseline, their standard error, and the blind baseline."""
    runs = forest_runs(dataset, [seed], folds=5)
    more = 100.0 * (runs.score - runs.blind_baseline)[0]
    error = float(more.std(ddof=1) / np.sqrt(len(more)))
    return float(more.mean()), error, 100.0 * float(runs.blind_baseline.mean())


def permuted(dataset: Dataset, seed: int) -> Dataset:
    """The same questions with the answers of others."""
    order = np.random.default_rng(seed).permutation(len(dataset.frame))
    return replace(dataset, frame=dataset.frame.assign(answer=dataset.frame["answer"].to_numpy()[order]))


def main() -> None:
    """Print a row for each kind of cue."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=1)
    kinds = [*KINDS, *OPEN_KINDS, *MULTI_KINDS]
    parser.add_argument("--kinds", nargs="*", choices=kinds, default=kinds)
    options = parser.parse_args()
    print("| cue | seed | gain | can be had | with answers permuted | named then | the strongest sentence |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for kind in options.kinds:
            for seed in range(options.seeds):
                path = Path(folder) / f"{kind}.jsonl"
                if kind in KINDS:
                    dataset, most = written(KINDS[kind], path, options.questions, seed), None
                else:
                    dataset, most = with_cue(kind, path, options.questions, seed)
                nothing = permuted(dataset, seed)
                (more, _, baseline), (null, error, _) = gain(dataset, seed), gain(nothing, seed)
                possible = "" if most is None else f"{100.0 * most - baseline:.1f}"
                false_alarms = len(named(nothing, seed))
                sentence = next(iter(named(dataset, seed)), "")
                null_gain = f"{null:.1f} ± {error:.1f}"
                cells = (kind, seed, f"{more:.1f}", possible, null_gain, false_alarms, sentence)
                print("|", " | ".join(map(str, cells)), "|", flush=True)


if __name__ == "__main__":
    main()
