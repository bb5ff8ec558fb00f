"""The LLM diagnostic as a library: the snippets of its issue, the example, and many folds in a row."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sample_generator import generate

from tst_harness.core import BiasModel
from tst_harness.core.protocols import Format
from tst_harness.diagnostics.features.cross_validation import run_cross_validation
from tst_harness.diagnostics.llm.evaluators import create_llm_evaluator
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.llm import (
    TstTestInstance,
    TstTrainingDatum,
    frame_test_instances,
    frame_training_data,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "llm_diagnostic.py"


class LeftOrRight(BiasModel):
    name = "left or right"
    format: Format = "mc"

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = df[df["question_type"] == "object_rel_direction_easy"]
        return rows.assign(gt_idx=["AB".index(letter) for letter in rows["ground_truth"]])


class Counting(BiasModel):
    name = "counting"
    format: Format = "num"

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        rows = df[df["question_type"] == "object_counting"]
        return rows.assign(gt_idx=pd.to_numeric(rows["ground_truth"]))


def sample(scenes: int = 20) -> pd.DataFrame:
    return pd.DataFrame(generate(strength=1.0, scenes=scenes))


def questions(n: int) -> tuple[list[TstTrainingDatum], list[TstTestInstance]]:
    """Some to train on and four to ask."""
    rows = LeftOrRight().select_rows(sample(n + 4))
    train = frame_training_data(rows.iloc[:n], "gt_idx", "mc")
    return train, frame_test_instances(rows.iloc[n:], "gt_idx", "mc")


def installed(*modules: str) -> None:
    extras = {"vllm": "vllm", "llamafactory": "llamafactory"}
    for module in modules:
        extra = extras.get(module, "llm")
        pytest.importorskip(module, reason=f"{module} is not installed: pip install 'tst-harness[{extra}]'")


def test_the_snippets_with_vllm_and_llamafactory(smollm2: ModelSource, tmp_path: Path) -> None:
    installed("vllm", "llamafactory")
    from tst_harness.llm import (
        create_llamafactory_trainer,
        create_trainable_predictor,
        create_vllm_predictor,
    )

    training_data, test_instances = questions(8)
    output_dir = tmp_path / "adapter"

    predictor = create_vllm_predictor("smollm2")
    trainer = create_llamafactory_trainer("smollm2")
    trainable = create_trainable_predictor(predictor, trainer)
    with trainable:
        adapter_info = trainable.train(training_data, output_dir)
        predictions = trainable.predict(test_instances)
        zero_shot = trainable.zero_shot(test_instances)

    assert adapter_info.adapter_path == output_dir
    assert adapter_info.training_size == 8
    assert (output_dir / "adapter_model.safetensors").is_file()
    assert trainable.history[0].check.largest_change > 1e-4
    assert [one.instance_id for one in predictions] == [one.instance_id for one in test_instances]
    trained, untrained = (
        [one.option_probabilities for one in results] for results in (predictions, zero_shot)
    )
    assert trained != untrained
    assert trainable.settings["trainer"]["engine"] == "llamafactory"
    assert trainable.settings["predictor"]["engine"] == "vllm"


def test_the_snippets_with_what_fits_this_machine(tiny: ModelSource) -> None:
    installed("transformers", "peft")
    from tst_harness.llm import (
        create_auto_predictor,
        create_peft_trainer,
        create_trainable_predictor,
    )

    predictor = create_auto_predictor(str(tiny.folder()), prefer_multi_gpu=True)

    trainable = create_trainable_predictor(
        predictor, create_peft_trainer(str(tiny.folder()), lr=1e-2, epochs=4)
    )
    bias_model, dataset = LeftOrRight(), sample()

    evaluator = create_llm_evaluator(trainable_predictor=trainable)
    mean_score, std_score, count = run_cross_validation(
        model=bias_model, evaluator=evaluator, df=dataset, target_col="gt_idx", n_splits=5
    )

    assert count == 20
    assert mean_score == pytest.approx(sum(fold.score for fold in evaluator.results) / 5)
    assert 0.0 <= std_score <= 0.5
    for fold in evaluator.results:
        assert fold.metadata["adapter_check"]["passed"]
        # A network of random weights says no letters; after four epochs it has learnt that it should.
        assert fold.metadata["parse_failures"] < fold.metadata["zero_shot_parse_failures"]
        assert fold.metadata["mean_s_delta"] > 0.0
    trainable.close()


def test_a_plain_dict_is_enough_for_numbers_too(tiny: ModelSource, tmp_path: Path) -> None:
    installed("transformers", "peft")
    evaluator = create_llm_evaluator(
        llm_config={
            "model_name": str(tiny.folder()),
            "predictor": "transformers",
            "learning_rate": 1e-2,
            "num_epochs": 20,
        },
        use_legacy=True,
    )
    _, _, count = run_cross_validation(Counting(), evaluator, sample(), "gt_idx", n_splits=2, verbose=False)
    assert count == 20
    for fold in evaluator.results:
        assert fold.metadata["parse_failures"] < fold.metadata["zero_shot_parse_failures"]


def test_ten_folds_leave_no_growth_in_memory_or_on_disk(
    tiny: ModelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed("transformers", "peft")
    from tst_harness.llm import (
        create_peft_trainer,
        create_trainable_predictor,
        create_transformers_predictor,
    )

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    training_data, test_instances = questions(8)
    predictor = create_transformers_predictor(str(tiny.folder()), device="cpu")
    trainer = create_peft_trainer(str(tiny.folder()), device="cpu", lr=1e-2)
    trainable = create_trainable_predictor(predictor, trainer, keep_adapters=False)
    modules, memory = [], []
    for fold in range(12):
        trainable.train(training_data, fold_id=f"fold {fold}", seed=fold)
        assert len(list(tmp_path.iterdir())) == 1
        trainable.predict(test_instances)
        trainable.discard()
        assert list(tmp_path.iterdir()) == []
        gc.collect()
        modules.append(live_modules())
        memory.append(resident_memory())
    assert len(trainable.history) == 12
    # What a fold left of an adapter or a network would show as modules of torch.
    assert len(set(modules)) == 1
    # The network has 13 MB and the allocator its moods; ten networks left behind would be 130 MB.
    assert memory[-1] - memory[1] < 40e6
    trainable.close()
    gc.collect()
    assert live_modules() < modules[0]


def live_modules() -> int:
    import torch

    return sum(issubclass(type(one), torch.nn.Module) for one in gc.get_objects())


def resident_memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_the_example_runs(smollm2: ModelSource) -> None:
    installed("transformers", "peft")
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "--questions", "6", "--folds", "2"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    out = done.stdout
    assert "trained on 2 questions" in out
    assert "6 questions, 2 folds: accuracy" in out
    for name in ("zero_shot", "delta", "mean_s", "mean_s_zero_shot", "mean_s_delta"):
        assert f"{name} " in out
