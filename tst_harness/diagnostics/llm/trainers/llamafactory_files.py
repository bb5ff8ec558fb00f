"""What LLaMA-Factory is handed: dataset_info.json, the questions as text and as tokens, and the YAML."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tst_harness.diagnostics.llm.data.models import LoRASettings, TstTrainingDatum

CONFIG_FILE = "config.yaml"
ADAPTER_FOLDER = "adapter"
_DATASET, _QUESTIONS, _TOKENS = "tst", "questions.jsonl", "tokens"
_NOT_LEARNED = -100
"""The label of a token whose loss does not count, in torch and all that is built on it."""


@dataclass(frozen=True)
class Row:
    """Token ids of a prompt and of its answer."""

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """Of both."""
        return self.prompt + self.answer


@dataclass(frozen=True)
class Job:
    """A training, as LLaMA-Factory is told of it.

    Attributes
    ----------
    model
        The folder of the base model.
    lora
        Settings.
    template
        One of LLaMA-Factory's own; None for the tokens as they are.
    cutoff
        Tokens that no question comes up to, in any template.
    cuda
        Train on the CUDA device in bfloat16; else on the CPU in float32.
    seed
        Of everything random.
    """

    model: Path
    lora: LoRASettings
    template: str | None
    cutoff: int
    cuda: bool
    seed: int

    def steps(self, questions: int) -> int:
        """Number of updates of the weights."""
        batches = math.ceil(questions / self.lora.batch_size)
        return self.lora.num_epochs * math.ceil(batches / self.lora.gradient_accumulation_steps)


def write_job(work: Path, job: Job, training_data: Sequence[TstTrainingDatum], rows: Sequence[Row]) -> None:
    """Write all that a training needs into a folder.

    Parameters
    ----------
    work
        An empty folder.
    job
        What to train.
    training_data, rows
        The same n questions, as text and as tokens.
    """
    columns = {"prompt": "instruction", "response": "response"}
    info = {_DATASET: {"file_name": _QUESTIONS, "columns": columns}}
    (work / "dataset_info.json").write_text(json.dumps(info, indent=2), "utf-8")
    with (work / _QUESTIONS).open("w", encoding="utf-8") as stream:
        for one in training_data:
            stream.write(one.model_dump_json(include={"instruction", "response"}) + "\n")
    config = _settings(work, job, len(rows))
    if job.template is None:
        # Rows that are found here are taken as they are, and the dataset's text is no longer read: no
        # template, no cutting, no end of text added, and "<image>" in a question is text like any other.
        _write_tokens(work / _TOKENS, rows)
        config["tokenized_path"] = str(work / _TOKENS)
    # OmegaConf, which reads it, takes a scalar of JSON for one of YAML, 1e-05 included.
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in config.items()]
    (work / CONFIG_FILE).write_text("".join(lines), "utf-8")


def _settings(work: Path, job: Job, questions: int) -> dict[str, Any]:
    """Return the settings under LLaMA-Factory's names."""
    lora = job.lora
    return {
        "model_name_or_path": str(job.model),
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_target": "all",
        "lora_rank": lora.lora_rank,
        "lora_alpha": lora.lora_alpha,
        "lora_dropout": lora.lora_dropout,
        "dataset": _DATASET,
        "dataset_dir": str(work),
        # One is asked for even where there is nothing left for it to do.
        "template": job.template or "empty",
        "cutoff_len": job.cutoff,
        "output_dir": str(work / ADAPTER_FOLDER),
        "per_device_train_batch_size": lora.batch_size,
        "gradient_accumulation_steps": lora.gradient_accumulation_steps,
        "num_train_epochs": lora.num_epochs,
        "learning_rate": lora.learning_rate,
        "lr_scheduler_type": "cosine",
        # Newer versions of transformers have no name of its own for a share of the steps.
        "warmup_steps": lora.warmup_steps(job.steps(questions)),
        "optim": "adamw_torch",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "seed": job.seed,
        "use_cpu": not job.cuda,
        "bf16": job.cuda,
        # Changes no result: a device's memory is dear, and here it would take a third more time.
        "disable_gradient_checkpointing": not job.cuda,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
    }


def _write_tokens(folder: Path, rows: Sequence[Row]) -> None:
    """Write a dataset that `datasets.load_from_disk` reads, with the loss on the answers alone."""
    import pyarrow as pa

    folder.mkdir()
    labels = [(_NOT_LEARNED,) * len(row.prompt) + row.answer for row in rows]
    table = pa.table(
        {
            "input_ids": pa.array([row.ids for row in rows], pa.list_(pa.int32())),
            "attention_mask": pa.array([[1] * len(row.ids) for row in rows], pa.list_(pa.int8())),
            "labels": pa.array(labels, pa.list_(pa.int32())),
        }
    )
    with pa.OSFile(str(folder / "data.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    state: dict[str, Any] = {
        "_data_files": [{"filename": "data.arrow"}],
        "_fingerprint": _DATASET,
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": None,
    }
    (folder / "state.json").write_text(json.dumps(state), "utf-8")
    (folder / "dataset_info.json").write_text("{}", "utf-8")
