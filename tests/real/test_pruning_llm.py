"""Pruning by the llm diagnostic, with real engines and a network of random weights."""

import subprocess
import sys
from pathlib import Path

from llm_projects import environment, write_project

from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.pruning.files import REPORT, read_pruning
from tst_harness.pruning.schema import PruningReport

_COMMAND = [sys.executable, "-c", "import sys; from tst_harness.cli import main; sys.exit(main())", "prune"]


def prune(project: Path, model: ModelSource, *options: str) -> PruningReport:
    """Prune 40 questions of the sample, which two folds hold out and from which nothing much is learnt."""
    asked = ["sample", "--benchmarks", ".", "--diagnostic", "llm", "--min-per-type", "2", "--output", "out"]
    asked.append("--force")
    passed_on = [f"--tst-model={model.folder()}", "--tst-limit=40", "--tst-folds=2"]
    done = subprocess.run(
        [*_COMMAND, *asked, *passed_on, "--tst-lora=lr=1e-2,dropout=0", "-p", "no:randomly", *options],
        cwd=project,
        env=environment(project),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Gain over zero-shot: " in " ".join(done.stdout.split())
    return read_pruning(project / "out" / REPORT)


def test_two_batches_are_removed_by_their_gain_over_zero_shot(tmp_path: Path, tiny: ModelSource) -> None:
    write_project(tmp_path)
    found = prune(tmp_path, tiny, "--budgets", "mc=4,num=2", "--batch", "3")
    assert found.ranked_by == "gain"
    assert [one.n for one in found.iterations] == [40, 35, 34]
    assert [len(one.removed) for one in found.iterations] == [5, 1, 0]
    assert all(one.overall.delta is not None for one in found.iterations)
    for one in found.iterations:
        gains = [gone.rank_score for gone in one.removed if one.types[gone.type].format == "mc"]
        assert gains == sorted(gains, reverse=True)
    assert {"torch", "transformers", "peft"} <= set(found.versions)
    assert not list((tmp_path / "scratch").rglob("adapter_*")), "adapters of finished folds are gone"
