"""Measures the engines of the llm diagnostic against each other: `tox -e bench`.

One fold of multiple choice of the bundled sample with SmolLM2 on this machine: training with peft and with
LLaMA-Factory, start-up included, each in a process of its own; scoring with transformers and with vLLM; and
whether the engines agree.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from tst_harness.analysis.diagnostic import FoldTask, Questions
from tst_harness.analysis.metrics import relative_accuracy
from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.loading import load
from tst_harness.dataset.sample import benchmark as sample
from tst_harness.dataset.subset import subset
from tst_harness.diagnostics.llm.build import build_encoder, build_predictor, build_trainable, build_trainer
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.data.conversion import test_instances, training_data
from tst_harness.diagnostics.llm.diagnostic import LLMDiagnostic

TRAINERS = ("peft", "llamafactory")
PREDICTORS = ("transformers", "vllm", "ray")


def prepared(benchmark: Benchmark, limit: int) -> tuple[Questions, Any]:
    """Questions and answers of a subset."""
    dataset = subset(load(benchmark), limit, seed=42, at_least=5)
    return Questions.of(dataset), dataset.frame["answer"].to_numpy(dtype=np.float64)


def choices(questions: Questions) -> Any:
    """Row numbers of multiple choice."""
    return np.flatnonzero((questions.frame["format"] == "mc").to_numpy())


def train_once(trainer: str, limit: int, folder: str) -> None:
    """Train on multiple choice and print seconds and tokens; in a process of its own."""
    questions, answers = prepared(sample(), limit)
    rows = choices(questions)
    config = LLMConfig.of({"model": "smollm2", "trainer": trainer})
    info = build_trainer(config, build_encoder(config)).train(
        training_data(questions, rows, answers[rows]), folder
    )
    print(json.dumps({"tokens": info.tokens, "seconds": info.seconds, "loss": info.final_loss}))


def compare_training(limit: int) -> dict[str, Path]:
    """Time each trainer as a whole process."""
    adapters: dict[str, Path] = {}
    seconds: dict[str, float] = {}
    for trainer in TRAINERS:
        adapters[trainer] = Path(tempfile.mkdtemp())
        started = time.perf_counter()
        command = [sys.executable, __file__, "--limit", str(limit), "--train", trainer]
        done = subprocess.run(
            [*command, "--folder", str(adapters[trainer])], capture_output=True, text=True, check=True
        )
        seconds[trainer] = time.perf_counter() - started
        facts = json.loads(done.stdout.splitlines()[-1])
        print(
            f"train {trainer}: {seconds[trainer]:.1f} s with start-up, {facts['tokens']} tokens, "
            f"{facts['tokens'] / facts['seconds']:.0f} tokens/s, loss {facts['loss']:.3f}",
            flush=True,
        )
    print(f"LLaMA-Factory takes {seconds['llamafactory'] / seconds['peft']:.2f} times as long as peft")
    return adapters


def compare_scoring(limit: int, adapter: Path) -> None:
    """Time each predictor on multiple choice, loading left out, and compare their probabilities."""
    questions, _ = prepared(sample(), limit)
    asked = test_instances(questions, choices(questions))
    first: Any = None
    for name in PREDICTORS:
        config = LLMConfig.of({"model": "smollm2", "predictor": name})
        predictor = build_predictor(config, build_encoder(config))
        rates = []
        for path in (None, adapter):
            predictor.unload_adapter()
            if path is not None:
                predictor.load_adapter(path)
            predictor.predict(asked[:4])
            predictor.take_usage()
            results = predictor.predict(asked)
            rates.append(len(asked) / predictor.take_usage().seconds)
        predictor.reset()
        found = np.array([p for one in results for p in one.option_probabilities or ()])
        first = found if first is None else first
        print(
            f"score {name}: {rates[0]:.1f} questions/s without and {rates[1]:.1f} with an adapter; at most "
            f"{np.abs(found - first).max():.1e} from the probabilities of {PREDICTORS[0]}",
            flush=True,
        )


def compare_scores(limit: int) -> None:
    """The same fold through every trainer and predictor: scores with their 95% intervals."""
    questions, answers = prepared(sample(), limit)
    rows = np.arange(len(answers))
    held_out, train = rows[::4], np.setdiff1d(rows, rows[::4])
    mc = (questions.frame["format"] == "mc").to_numpy()[held_out]
    for trainer in TRAINERS:
        for predictor in PREDICTORS if trainer == "peft" else PREDICTORS[:1]:
            config = LLMConfig.of(
                {"model": "smollm2", "trainer": trainer, "predictor": predictor, "lr": 1e-3}
            )
            task = FoldTask(questions, train, held_out, answers[train], train, seed=42)
            with build_trainable(config) as trainable:
                predicted = LLMDiagnostic(trainable).predict(task)
            starts = np.cumsum(predicted.counts) - predicted.counts
            gold = np.where(mc, answers[held_out], 0).astype(int)
            s = predicted.values[starts + gold]
            s[~mc] = relative_accuracy(s[~mc], answers[held_out][~mc])
            half = 1.96 * s.std(ddof=1) / len(s) ** 0.5
            print(
                f"fold {trainer} and {predictor}: soft score {100 * s.mean():.1f} "
                f"[{100 * (s.mean() - half):.1f} {100 * (s.mean() + half):.1f}] of {len(s)}",
                flush=True,
            )


def main() -> None:
    """Measure everything, or train once where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=100, help="questions of the bundled sample")
    parser.add_argument("--train", choices=TRAINERS)
    parser.add_argument("--folder")
    asked = parser.parse_args()
    if asked.train:
        train_once(asked.train, asked.limit, asked.folder)
        return
    adapters = compare_training(asked.limit)
    compare_scoring(asked.limit, adapters["peft"])
    compare_scores(asked.limit)


if __name__ == "__main__":
    main()
