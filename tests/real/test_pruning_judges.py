"""What the forest prunes, judged by a language model: real engines and a network of random weights."""

import subprocess
import sys
from pathlib import Path

from llm_projects import environment, write_project

from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.pruning.files import REPORT, read_pruning

_COMMAND = [sys.executable, "-c", "import sys; from tst_harness.cli import main; sys.exit(main())", "prune"]


def test_a_language_model_judges_a_subset(tmp_path: Path, tiny: ModelSource) -> None:
    write_project(tmp_path)
    asked = ["sample", "--benchmarks", ".", "--budget", "20", "--output", "out", "--tst-folds=2"]
    judged = ["--judge", "llm", "--judge-limit", "40", f"--tst-model={tiny.folder()}", "--tst-lora=lr=1e-2"]
    done = subprocess.run(
        [*_COMMAND, *asked, *judged], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "llm on 40 gain" in done.stdout
    controls = read_pruning(tmp_path / "out" / REPORT).controls
    assert controls is not None
    [removal] = controls.removals
    assert removal.random_control is not None
    judge = removal.other_diagnostic
    assert judge is not None
    assert (judge.diagnostic, judge.limit, judge.before.n, judge.after.n) == ("llm", 40, 40, 40)
    assert judge.before.zero_shot is None, "the model is not asked without training"
    assert judge.random_control is None
