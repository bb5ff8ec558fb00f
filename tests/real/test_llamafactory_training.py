"""The real LLaMA-Factory: a few steps of training SmolLM2, and the tokens that it trains on."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import (
    LoRAAdapterInfo,
    LoRASettings,
    TrainingProgress,
    TstTrainingDatum,
)
from tst_harness.diagnostics.llm.trainers.examples import learning_rate_share
from tst_harness.diagnostics.llm.trainers.llamafactory import LlamaFactoryTrainer, create_llamafactory_trainer
from tst_harness.diagnostics.llm.trainers.llamafactory_files import Job, Row, write_job
from tst_harness.diagnostics.llm.trainers.llamafactory_run import Run, find_installation
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS, check_adapter_files
from tst_harness.diagnostics.llm.utils.models import ModelSource, find_model

pytestmark = pytest.mark.skipif(
    find_spec("llamafactory") is None,
    reason="LLaMA-Factory is not installed; pip install 'tst-harness[llamafactory]'",
)
COLOURS = ("red", "green", "blue", "white")
CUTOFF = 96
READ = """
import json, sys
from llamafactory.data import SFTDataCollatorWith4DAttentionMask, get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
from omegaconf import OmegaConf
found = []
for config in sys.argv[1:]:
    model, data, training, _, _ = get_train_args(OmegaConf.to_container(OmegaConf.load(config)))
    loaded = load_tokenizer(model)
    template = get_template_and_fix_tokenizer(loaded["tokenizer"], data)
    rows = get_dataset(template, model, data, training, stage="sft", **loaded)["train_dataset"]
    collate = SFTDataCollatorWith4DAttentionMask(template=template, pad_to_multiple_of=8, **loaded)
    batch = collate([dict(row) for row in rows])
    found.append({name: batch[name].tolist() for name in ("input_ids", "attention_mask", "labels")})
print(json.dumps(found))
"""
"""Has LLaMA-Factory read and batch the data of a configuration as its own training does."""


def toy_questions() -> list[TstTrainingDatum]:
    """Twenty-four questions whose answer is the colour that the question names, or the number."""
    choices = [
        TstTrainingDatum(
            instruction=f"The ball of {name} is {COLOURS[place % 4]}. Which colour is it?\n"
            + "\n".join(f"{letter}. {colour}" for letter, colour in zip("ABCD", COLOURS, strict=True)),
            response="ABCD"[place % 4],
        )
        for place, name in enumerate(["Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal"] * 2)
    ]
    numbers = [
        TstTrainingDatum(instruction=f"There are {n} chairs. How many chairs are there?", response=str(n))
        for n in range(2, 10)
    ]
    return choices + numbers


def awkward_questions() -> list[TstTrainingDatum]:
    """Questions that templates, tokenizers and cutting may get wrong."""
    long = "Where was the cup before it was put on the table next to the window? " * 12
    return [
        TstTrainingDatum(instruction="Is <image> shown? <video>\nA. yes\nB. no", response="A"),
        TstTrainingDatum(instruction="Say {{content}} <|im_end|> twice ", response="  B "),
        TstTrainingDatum(instruction="Wie groß ist das Zimmer, 房间, in m²?", response="12.5"),
        TstTrainingDatum(instruction=f"{long}\nA. here\nB. there", response="B", metadata={"question": long}),
    ]


@pytest.fixture(scope="module")
def encoder() -> PromptEncoder:
    return PromptEncoder(find_model("smollm2"), max_seq_length=CUTOFF)


def batched(encoder: PromptEncoder, work: Path, template: str | None) -> tuple[list[Row], Run, Path]:
    """Write a training on the awkward questions, and what runs it."""
    data = awkward_questions() if template is None else toy_questions()
    rows = [
        Row(
            encoder.prompt(one.instruction, one.metadata.get("question"), training=True).ids,
            encoder.answer(one.response),
        )
        for one in data
    ]
    work.mkdir()
    job = Job(encoder.model.folder(), LoRASettings(), template, 2 * CUTOFF, cuda=False, seed=1)
    write_job(work, job, data, rows)
    return rows, Run(find_installation(None), work, "cpu"), work / "config.yaml"


def test_it_trains_on_the_tokens_of_prediction(encoder: PromptEncoder, tmp_path: Path) -> None:
    ours, run, first = batched(encoder, tmp_path / "tokens", None)
    theirs, _, second = batched(encoder, tmp_path / "text", "chatml")
    installation = find_installation(None)
    read = subprocess.run(
        [installation.python, "-c", READ, str(first), str(second)],
        env=run.environment,
        capture_output=True,
        text=True,
    )
    assert read.returncode == 0, read.stderr
    tokens, text = json.loads(read.stdout.splitlines()[-1])

    assert max(len(row.ids) for row in ours) > CUTOFF - 16
    assert len(tokens["input_ids"]) == len(ours)
    for row, ids, attention, labels in zip(
        ours, tokens["input_ids"], tokens["attention_mask"], tokens["labels"], strict=True
    ):
        length = len(row.ids)
        padding = len(ids) - length
        assert tuple(ids[:length]) == row.ids
        assert attention == [1] * length + [0] * padding
        assert labels == [-100] * len(row.prompt) + list(row.answer) + [-100] * padding

    # Its own template, from the text: dataset_info.json and the questions are as it wants them.
    assert len(text["labels"]) == len(theirs)
    for row, ids, labels in zip(theirs, text["input_ids"], text["labels"], strict=True):
        learned = [token for token in labels if token != -100]
        assert tuple(learned[: len(row.answer)]) == row.answer
        assert encoder.tokenizer.decode(row.answer[:-1]) in encoder.tokenizer.decode(ids)


Trained = tuple[LlamaFactoryTrainer, LoRAAdapterInfo, list[TrainingProgress]]


@pytest.fixture(scope="module")
def trained(encoder: PromptEncoder, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    trainer = create_llamafactory_trainer(encoder=encoder, device="cpu", lr=1e-3, cutoff=CUTOFF)
    seen: list[TrainingProgress] = []
    trainer.callbacks.append(seen.append)
    folder = tmp_path_factory.mktemp("fold")
    return trainer, trainer.train(toy_questions(), folder, fold_id="fold 1 mc", seed=5), seen


def test_its_adapter_and_its_progress(trained: Trained) -> None:
    trainer, info, seen = trained
    check_adapter_files(info.adapter_path)
    assert sorted(path.name for path in info.adapter_path.iterdir()) == [CONFIG, WEIGHTS]
    assert [(one.step, one.total_steps) for one in seen] == [(step, 6) for step in range(1, 7)]
    losses = [one.loss for one in seen if one.loss is not None]
    assert len(losses) == 6
    assert info.final_loss == losses[-1] < losses[0]
    assert info.training_size == 24
    assert info.tokens == sum(
        len(trainer.encoder.prompt(one.instruction, training=True).ids)
        + len(trainer.encoder.answer(one.response))
        for one in toy_questions()
    )
    assert set(trainer.versions) == {"llamafactory", "torch", "transformers", "peft"}
    if sys.platform == "linux":
        # At least the weights of the model.
        assert info.peak_memory is not None
        assert info.peak_memory > 4 * 134_000_000


def test_peft_loads_it_on_all_linear_layers_but_the_output_head(trained: Trained) -> None:
    import torch
    from peft import LoraConfig, PeftModel, get_peft_model
    from transformers import AutoModelForCausalLM

    trainer, info, _ = trained

    def shapes(model: Any) -> dict[str, torch.Size]:
        return {name: one.shape for name, one in model.named_parameters() if "lora_" in name}

    base = AutoModelForCausalLM.from_pretrained(trainer.encoder.model.folder(), dtype=torch.float32)
    loaded = PeftModel.from_pretrained(base, str(info.adapter_path))
    adapted = shapes(loaded)
    changed = [bool(one.abs().max() > 0) for name, one in loaded.named_parameters() if "lora_B" in name]
    assert len(changed) == 7 * 30
    assert all(changed)
    expected = get_peft_model(
        loaded.unload(), LoraConfig(r=8, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    assert adapted == shapes(expected)
    assert not any("lm_head" in name for name in adapted)


def test_its_learning_rates_are_those_of_peft(encoder: PromptEncoder, tmp_path: Path) -> None:
    rows, run, _ = batched(encoder, tmp_path / "work", "chatml")
    with run:
        entries = [entry for new in run.looks() for entry in new if "lr" in entry]
    run.check("LLaMA-Factory")
    lora = LoRASettings()
    steps = len(rows) // lora.batch_size
    rates = [
        lora.learning_rate * learning_rate_share(step, steps, lora.warmup_steps(steps))
        for step in range(steps)
    ]
    assert steps == 6
    assert [entry["lr"] for entry in entries] == pytest.approx(rates)


def test_half_a_batch_and_twice_the_accumulation_is_the_same_training(
    tiny: ModelSource, tmp_path: Path
) -> None:
    """It is what is tried where memory runs out."""
    import numpy as np
    from safetensors.numpy import load_file

    for batch, accumulation in ((4, 1), (2, 2)):
        trainer = create_llamafactory_trainer(
            encoder=PromptEncoder(tiny, max_seq_length=CUTOFF),
            device="cpu",
            dropout=0.0,
            cutoff=CUTOFF,
            lr=1e-3,
            batch_size=batch,
            gradient_accumulation_steps=accumulation,
        )
        # Answers of different lengths, so that a mean of means would be another loss.
        trainer.train(toy_questions()[6:20], tmp_path / str(batch))
    one, other = (load_file(tmp_path / name / WEIGHTS) for name in ("4", "2"))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=1e-5, err_msg=name)
