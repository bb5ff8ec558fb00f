"""The script for a GPU machine runs as it is, on a CPU with a tiny network."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tst_harness.diagnostics.llm.utils.models import ModelSource

DATA = os.environ.get("TST_DATA_DIR")
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.skipif(not DATA, reason="TST_DATA_DIR is not set, so there is no VSI-Bench to run on")
def test_it_prints_what_training_and_answering_took(tiny: ModelSource) -> None:
    command = [sys.executable, "tests/bench/gpu.py", "--data", str(DATA), "--tokenizer", str(tiny.folder())]
    command += ["--shape", "tiny", "--limit", "60", "--without-graphs", "50"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    told = [line.partition(":")[0] for line in lines if " tokens in " in line and "tokens/s" in line]
    assert told == ["training", "inference", "zero_shot", "training"]
    [adapters] = [line for line in lines if line.startswith("adapters in one pass: ")]
    assert adapters.endswith("; memory not returned: 0 bytes")
