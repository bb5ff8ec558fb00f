"""Measures the llm diagnostic as a whole on a GPU machine without network, in under nine minutes.

    python tests/bench/gpu.py --data FOLDER --tokenizer FOLDER [--shape 7b]

It makes a model of random weights in the shape of Qwen2 (the arithmetic is that of the real one), or takes a
folder with `--model`, runs the command on VSI-Bench, and prints what it took: tokens a second of training and
answering, the share of the device's peak, memory, and the time of the whole. On CUDA, 500 questions are run
once more without CUDA graphs, to compare. It needs the package with the extra `llm`,
`FOLDER/vsi_bench/test.jsonl`, and a folder with any tokenizer of transformers (that of the small model does).
On a CPU it is tried with `--shape tiny --limit 60`; `--without-graphs 60` tries the second run there, too.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SHAPES: Mapping[str, Mapping[str, int]] = {
    "7b": {
        "hidden_size": 3584,
        "intermediate_size": 18944,
        "num_hidden_layers": 28,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "vocab_size": 152064,
    },
    "1.5b": {
        "hidden_size": 1536,
        "intermediate_size": 8960,
        "num_hidden_layers": 28,
        "num_attention_heads": 12,
        "num_key_value_heads": 2,
        "vocab_size": 151936,
    },
    "tiny": {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "vocab_size": 49152,
    },
}
_SECONDS = 520
"""Of all runs at most."""
_WITHOUT_GRAPHS = 500
_REPOSITORY = Path(__file__).parents[2]


def make_model(shape: str, tokenizer: Path, folder: Path) -> None:
    """Save a network of random weights in bfloat16, with a tokenizer."""
    import torch
    from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        network = Qwen2ForCausalLM(Qwen2Config(**SHAPES[shape], rope_theta=1e6))
    torch.set_default_dtype(torch.float32)
    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(str(tokenizer)).save_pretrained(folder)


def run(
    model: Path, data: Path, folder: Path, options: list[str], most: float
) -> tuple[dict[str, Any], float]:
    """Run the command; return its report and the seconds from the prompt to the end, at most so many."""
    asked = [f"--tst-model={model}", f"--tst-data={data}", f"--tst-report={folder}", "--tst-no-html"]
    command = [sys.executable, "-m", "pytest", "benchmarks", "-k", "vsi", "-p", "no:randomly", *asked]
    command += ["--tst-diagnostic", "llm", "--tst-require-real", "--tst-predictor", "transformers", *options]
    paths = os.pathsep.join([str(_REPOSITORY), str(Path(__file__).parent)])
    # No network is to be missed.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": paths}
    started = time.perf_counter()
    try:
        done = subprocess.run(command, cwd=_REPOSITORY, env=environment, timeout=most)
    except subprocess.TimeoutExpired:
        sys.exit(f"the command took longer than {most:.0f} s; give a smaller --limit")
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        sys.exit(f"the command failed with status {done.returncode}: {shlex.join(command)}")
    # Its name tells of a limit.
    [written] = folder.glob("vsi*.json")
    report: dict[str, Any] = json.loads(written.read_text("utf-8"))
    return report["diagnostics"]["llm"]["llm"], seconds


def main() -> None:
    """Make a model, run the command on it, and print what that took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="holds vsi_bench/test.jsonl")
    parser.add_argument("--tokenizer", type=Path, help="folder with a tokenizer, for a model that is made")
    parser.add_argument("--model", type=Path, help="folder with a model, in place of one that is made")
    parser.add_argument("--shape", choices=SHAPES, default="7b")
    parser.add_argument("--limit", type=int, help="questions; all of them by default")
    parser.add_argument("--together", default="auto", help="folds in one pass")
    parser.add_argument(
        "--without-graphs",
        type=int,
        help=f"questions of the second run, 0 for none; by default {_WITHOUT_GRAPHS} on CUDA, 0 on a CPU",
    )
    asked = parser.parse_args()
    if asked.model is None and asked.tokenizer is None:
        parser.error("give --tokenizer FOLDER, or --model FOLDER")
    import torch

    without_graphs = asked.without_graphs
    if without_graphs is None:
        without_graphs = _WITHOUT_GRAPHS if torch.cuda.is_available() else 0
    with tempfile.TemporaryDirectory() as work:
        model = asked.model
        if model is None:
            model = Path(work) / "model"
            make_model(asked.shape, asked.tokenizer, model)
        options = ["--tst-folds-together", asked.together, "--tst-lora", "lr=1e-3"]
        limit = [] if asked.limit is None else ["--tst-limit", str(asked.limit)]
        where = (model.resolve(), asked.data.resolve())
        llm, seconds = run(*where, Path(work) / "reports", [*options, *limit], _SECONDS)
        print(f"from the prompt to the report: {seconds:.0f} s")
        tell(llm, ("training", "inference", "zero_shot"))
        together = max(adapter["together"] for adapter in llm["adapters"])
        missing = max(adapter["memory_not_returned"] for adapter in llm["adapters"])
        print(f"adapters in one pass: {together}; memory not returned: {missing} bytes")
        for reason in {adapter["without_graphs"] for adapter in llm["adapters"]} - {None}:
            print(f"WITHOUT CUDA GRAPHS: {reason}")
        if not without_graphs:
            return
        left = max(1.0, _SECONDS - seconds)
        options += ["-p", "no_graphs", "--tst-limit", str(min(without_graphs, asked.limit or without_graphs))]
        llm, _ = run(*where, Path(work) / "without", options, left)
        print("without CUDA graphs")
        tell(llm, ("training",))


def tell(llm: dict[str, Any], phases: Sequence[str]) -> None:
    """Print what some phases of a report took."""
    for name in phases:
        cost = llm[name]
        pace = cost["tokens"] / max(cost["seconds"], 1e-9)
        share = (cost["seconds_at_peak"] or 0.0) / max(cost["seconds"], 1e-9)
        padding = (cost["padding"] or 0) / max(cost["tokens"] + (cost["padding"] or 0), 1)
        memory = "unknown" if cost["peak_memory"] is None else f"{cost['peak_memory'] / 2**30:.1f} GiB"
        print(
            f"{name}: {cost['tokens']:,} tokens in {cost['seconds']:.1f} s, {pace:,.0f} tokens/s, "
            f"{share:.0%} of the peak, {padding:.1%} padding, memory {memory}, batch halved "
            f"{cost['batch_halved']} times"
        )


if __name__ == "__main__":
    main()
