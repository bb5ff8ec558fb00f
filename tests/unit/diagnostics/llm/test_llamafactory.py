"""The LLaMA-Factory trainer against one that is played: a package of the same name, first on the path.

It is run as LLaMA-Factory is, in a process group of its own, and does what a test has it do.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from llm_fakes import FakeEncoder, questions, write_adapter

from tst_harness.diagnostics.llm.data.encoding import Encoded
from tst_harness.diagnostics.llm.data.models import LoRASettings, TrainingProgress, TstTrainingDatum
from tst_harness.diagnostics.llm.trainers import llamafactory_run
from tst_harness.diagnostics.llm.trainers.llamafactory import (
    LlamaFactoryConfig,
    LlamaFactoryTrainer,
    create_llamafactory_trainer,
)
from tst_harness.diagnostics.llm.trainers.llamafactory_files import Job, Row, write_job
from tst_harness.diagnostics.llm.trainers.llamafactory_run import find_installation, visible_device
from tst_harness.diagnostics.llm.utils.adapters import CONFIG, WEIGHTS, check_adapter_files
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.errors import DataError, EngineError, EngineUnavailable, TrainingCancelled

ROWS = [Row((7, 8, 9), (1, 2)), Row((5,), (3, 2))]
PRELUDE = """
import json, os, shutil, subprocess, sys, time
from pathlib import Path
assert sys.argv[1:] == ["train", "config.yaml"], sys.argv
lines = Path("config.yaml").read_text("utf-8").splitlines()
settings = {key: json.loads(value) for key, _, value in (line.partition(": ") for line in lines)}
stage = Path(os.environ["STAGE"])
adapter = Path(settings["output_dir"])
adapter.mkdir()

def entry(step, loss, total=20):
    return json.dumps({"current_steps": step, "total_steps": total, "loss": loss}) + "\\n"

def log(text):
    with (adapter / "trainer_log.jsonl").open("a") as stream:
        stream.write(text)

def wait_for(name):
    while not (stage / name).exists():
        time.sleep(0.01)

def save():
    shutil.copytree(stage / "trained", adapter, dirs_exist_ok=True)
    (adapter / "tokenizer.json").write_text("{}")
    (adapter / "training_args.bin").write_text("")

"""


class Folder(ModelSource):
    name = "played"
    revision = "1"

    def __init__(self, path: Path) -> None:
        self.path = path

    def folder(self) -> Path:
        return self.path


class ShorteningEncoder(FakeEncoder):
    def prompt(self, instruction: str, question: object = None, *, training: bool = False) -> Encoded:
        return Encoded(super().prompt(instruction).ids[:5], truncated=True)


Play = Callable[[str], LlamaFactoryTrainer]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Have LLaMA-Factory do what a script says, and return a trainer that runs it."""
    site = tmp_path / "site"
    (site / "llamafactory").mkdir(parents=True)
    (site / "llamafactory" / "__init__.py").touch()
    (site / "llamafactory-0.9.played.dist-info").mkdir()
    (site / "llamafactory-0.9.played.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: llamafactory\nVersion: 0.9.played\n", "utf-8"
    )
    (tmp_path / "trained").mkdir()
    write_adapter(tmp_path / "trained", [1.0, 2.0])
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("STAGE", str(tmp_path))
    monkeypatch.setattr(llamafactory_run, "_LOOK_EVERY", 0.02)

    def played(script: str) -> LlamaFactoryTrainer:
        (site / "llamafactory" / "cli.py").write_text(PRELUDE + script, "utf-8")
        config = LlamaFactoryConfig(device="cpu", num_epochs=2)
        return LlamaFactoryTrainer(config, FakeEncoder(Folder(tmp_path)))

    return played


def gone(process: int) -> bool:
    """Whether a process has ended, be it that nobody has asked how yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(what: Callable[[], bool]) -> None:
    for _ in range(3000):
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within 30 seconds")


# Settings.


def test_settings_of_lora_and_of_the_run_are_told_apart(tmp_path: Path) -> None:
    trainer = create_llamafactory_trainer(
        model_name=str(tmp_path), lora_rank=4, learning_rate=1e-3, python="lf", template="qwen"
    )
    assert trainer.lora == LoRASettings(lora_rank=4, learning_rate=1e-3)
    assert (trainer.config.model_name, trainer.config.lora_rank) == (str(tmp_path), 4)
    assert trainer.config.python == Path("lf")
    assert trainer.settings == {
        "engine": "llamafactory",
        "template": "qwen",
        **LoRASettings(lora_rank=4, learning_rate=1e-3).as_dict(),
    }
    assert trainer.model_name == tmp_path.name


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rank": 8}, "no setting 'rank'; the known ones are lora_rank, lora_alpha"),
        ({"lora_rank": 0}, "'lora_rank': Input should be greater than or equal to 1, not 0"),
        ({"lr": "fast"}, "'lr': Input should be a valid number, not 'fast'"),
        ({"device": "tpu"}, "'device': String should match pattern"),
        ({"lora": LoRASettings()}, "no setting 'lora'"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as error:
        create_llamafactory_trainer("smollm2", **settings)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_the_encoder_is_of_the_same_model(tmp_path: Path) -> None:
    encoder = FakeEncoder(Folder(tmp_path))
    assert LlamaFactoryTrainer(LlamaFactoryConfig(), encoder).model_name == "played"
    assert LlamaFactoryTrainer(LlamaFactoryConfig(model_name="played"), encoder).model_name == "played"
    with pytest.raises(DataError, match="set to another, and its encoder to played"):
        LlamaFactoryTrainer(LlamaFactoryConfig(model_name="another"), encoder)


# What is handed over.


def job(folder: Path, **changes: Any) -> Job:
    given: dict[str, Any] = {
        "model": folder,
        "lora": LoRASettings(batch_size=4, gradient_accumulation_steps=2, num_epochs=3),
        "template": None,
        "cutoff": 2048,
        "cuda": False,
        "seed": 7,
    }
    return Job(**{**given, **changes})


def read_config(work: Path) -> dict[str, Any]:
    yaml: Any = pytest.importorskip("yaml")
    config: dict[str, Any] = yaml.safe_load((work / "config.yaml").read_text("utf-8"))
    return config


def read_tokens(work: Path) -> dict[str, list[list[int]]]:
    import pyarrow as pa

    state = json.loads((work / "tokens" / "state.json").read_text("utf-8"))
    with pa.OSFile(str(work / "tokens" / state["_data_files"][0]["filename"]), "rb") as file:
        table: dict[str, list[list[int]]] = pa.ipc.open_stream(file).read_all().to_pydict()
    return table


def test_yaml_dataset_info_and_questions(tmp_path: Path) -> None:
    work = tmp_path / "wörk 😀: #1"
    work.mkdir()
    data = [
        TstTrainingDatum(instruction='Who said "é"?\nA. he', response="A", metadata={"question": "Who?"}),
        TstTrainingDatum(instruction="How many <image>?", response="4"),
    ]
    write_job(work, job(tmp_path), data, ROWS)
    assert read_config(work) == {
        "model_name_or_path": str(tmp_path),
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_target": "all",
        "lora_rank": 8,
        "lora_alpha": 16,
        "lora_dropout": 0.1,
        "dataset": "tst",
        "dataset_dir": str(work),
        "template": "empty",
        "cutoff_len": 2048,
        "output_dir": str(work / "adapter"),
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "num_train_epochs": 3,
        "learning_rate": 2e-4,
        "lr_scheduler_type": "cosine",
        "warmup_steps": 1,
        "optim": "adamw_torch",
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "seed": 7,
        "use_cpu": True,
        "bf16": False,
        "disable_gradient_checkpointing": True,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "tokenized_path": str(work / "tokens"),
    }
    info = json.loads((work / "dataset_info.json").read_text("utf-8"))
    assert info == {
        "tst": {
            "file_name": "questions.jsonl",
            "columns": {"prompt": "instruction", "response": "response"},
        }
    }
    lines = (work / "questions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"instruction": one.instruction, "response": one.response} for one in data
    ]


def test_tokens_are_handed_over_with_the_loss_on_the_answers_alone(tmp_path: Path) -> None:
    write_job(tmp_path, job(tmp_path), questions("AB"), ROWS)
    assert read_tokens(tmp_path) == {
        "input_ids": [[7, 8, 9, 1, 2], [5, 3, 2]],
        "attention_mask": [[1] * 5, [1] * 3],
        "labels": [[-100, -100, -100, 1, 2], [-100, 3, 2]],
    }


def test_a_template_of_its_own_is_given_the_text(tmp_path: Path) -> None:
    write_job(tmp_path, job(tmp_path, template="qwen", cuda=True), questions("AB"), ROWS)
    config = read_config(tmp_path)
    assert config["template"] == "qwen"
    assert (config["use_cpu"], config["bf16"]) == (False, True)
    assert "tokenized_path" not in config
    assert not (tmp_path / "tokens").exists()


@pytest.mark.parametrize(
    ("questions", "batch", "accumulation", "epochs", "steps"),
    [(8, 4, 1, 1, 2), (9, 4, 1, 1, 3), (9, 4, 2, 1, 2), (9, 4, 4, 2, 2), (1, 4, 1, 3, 3)],
)
def test_steps(questions: int, batch: int, accumulation: int, epochs: int, steps: int) -> None:
    lora = LoRASettings(batch_size=batch, gradient_accumulation_steps=accumulation, num_epochs=epochs)
    assert job(Path(), lora=lora).steps(questions) == steps


def test_its_own_template_and_a_shortened_question_do_not_go_together(tmp_path: Path) -> None:
    encoder = ShorteningEncoder(Folder(tmp_path))
    trainer = LlamaFactoryTrainer(LlamaFactoryConfig(template="qwen"), encoder)
    with pytest.raises(DataError, match=r"2 questions are longer than max_seq_length=1024.*'qwen'"):
        trainer.train(questions("AB"), tmp_path / "fold")


def test_nothing_to_train_on(play: Play, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no question to train on"):
        play("").train([], tmp_path / "fold")


# The run.


def test_an_adapter_its_progress_and_what_it_took(play: Play, tmp_path: Path) -> None:
    trainer = play(
        # What is read first ends within a line; the rest comes once the first step was reported.
        "log(entry(1, 3.0) + entry(2, 2.5)[:20]); wait_for('reported')\n"
        "log(entry(2, 2.5)[20:])\n"
        "log(''.join(entry(step, 22 - step) for step in range(3, 21)))\n"
        "log(json.dumps({'current_steps': 20, 'total_steps': 20, 'epoch': 2.0}) + '\\n')\n"
        "save()\n"
    )
    seen: list[TrainingProgress] = []
    trainer.callbacks.append(seen.append)
    trainer.callbacks.append(lambda _: (tmp_path / "reported").touch())
    info = trainer.train(questions("AAB"), tmp_path / "fold", fold_id="fold 1 mc", seed=3)
    assert [one.step for one in seen] == list(range(1, 21))
    assert [one.loss for one in seen] == [3.0, 2.5, *range(19, 1, -1)]
    assert {one.total_steps for one in seen} == {20}
    assert {one.fold_id for one in seen} == {"fold 1 mc"}
    check_adapter_files(info.adapter_path)
    assert sorted(path.name for path in (tmp_path / "fold").iterdir()) == [CONFIG, WEIGHTS]
    assert info.adapter_path == tmp_path / "fold"
    assert info.training_size == 3
    assert info.model_name == "played"
    assert info.tokens == 2 * 3 * len("Question 0?A")
    assert info.final_loss == (3 + 2) / 2
    assert info.training_config == {**trainer.settings, "seed": 3, "revision": "1"}
    assert trainer.versions["llamafactory"] == "0.9.played"
    if sys.platform == "linux":
        assert info.peak_memory is not None
        assert info.peak_memory > 1 << 20


def test_a_short_training_is_not_missed(play: Play, tmp_path: Path) -> None:
    trainer = play("log(entry(1, 1.5, 1)); save()")
    seen: list[TrainingProgress] = []
    trainer.callbacks.append(seen.append)
    assert trainer.train(questions("A"), tmp_path / "fold").final_loss == 1.5
    assert [one.step for one in seen] == [1]


def test_it_trains_as_configured_whatever_is_around(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_TORCHRUN", "1")
    monkeypatch.setenv("WORLD_SIZE", "8")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    trainer = play(
        "import importlib.util\n"
        "found = importlib.util.find_spec('torchaudio').origin\n"
        "(stage / 'around.json').write_text(json.dumps([dict(os.environ), found, os.getcwd()]))\n"
        "save()\n"
    )
    trainer.train(questions("A"), tmp_path / "fold")
    environ, torchaudio, work = json.loads((tmp_path / "around.json").read_text("utf-8"))
    assert not {"FORCE_TORCHRUN", "WORLD_SIZE"} & set(environ)
    assert environ["DISABLE_VERSION_CHECK"] == "1"
    assert environ["HF_HUB_OFFLINE"] == "1"
    assert environ["CUDA_VISIBLE_DEVICES"] == ""
    # What LLaMA-Factory caches goes with the rest.
    assert Path(environ["HF_DATASETS_CACHE"]).is_relative_to(work)
    assert not Path(work).exists()
    assert Path(torchaudio).is_relative_to(work) == (find_spec("torchaudio") is None)


def test_torchaudio_where_it_is_installed_is_left_alone(play: Play, tmp_path: Path) -> None:
    trainer = play("import torchaudio; (stage / 'whose').write_text(torchaudio.whose); save()")
    (tmp_path / "site" / "torchaudio.py").write_text("whose = 'its own'", "utf-8")
    trainer.train(questions("A"), tmp_path / "fold")
    assert (tmp_path / "whose").read_text("utf-8") == "its own"


def fails(trainer: LlamaFactoryTrainer, folder: Path) -> str:
    """Train where an adapter of before lies, and return the one error there is."""
    folder.mkdir()
    write_adapter(folder, [0.0])
    with pytest.raises(EngineError) as error:
        trainer.train(questions("AB"), folder, fold_id="fold 2 num")
    assert error.value.__cause__ is None
    assert list(folder.iterdir()) == []
    return str(error.value)


def test_a_failure_ends_with_the_last_it_said(play: Play, tmp_path: Path) -> None:
    trainer = play(
        "log(entry(1, 3.0)); save()\n"
        "print(*(f'line {number}' for number in range(100)), sep='\\n')\n"
        "raise MemoryError('no room for 5 GiB')\n"
    )
    message = fails(trainer, tmp_path / "fold")
    assert message.startswith(
        "LLaMA-Factory, training fold 2 num, failed with exit code 1; the last it said:\n"
    )
    assert message.endswith("MemoryError: no room for 5 GiB")
    assert "line 99" in message
    assert "line 80" not in message


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("os.kill(os.getpid(), 9)", "was killed, as when memory runs out"),
        ("os.kill(os.getpid(), 15)", "ended by signal 15"),
        ("print('all done')", "left no whole adapter; the last it said:\n  all done"),
        ("save(); os.truncate(adapter / 'adapter_model.safetensors', 50)", "left no whole adapter"),
        (
            "log(entry(3, float('nan'))); save(); time.sleep(99)",
            "is nan at step 3 of 20: the training diverged",
        ),
        ("log('{\"current_steps\": \\n'); time.sleep(99)", "to trainer_log.jsonl, which is no JSON"),
        ("log('7\\n'); time.sleep(99)", "wrote b'7' to trainer_log.jsonl"),
    ],
)
def test_other_ways_to_fail(play: Play, tmp_path: Path, script: str, message: str) -> None:
    assert message in fails(play(script), tmp_path / "fold")


SHORT_OF_MEMORY = """
batch, accumulation = settings["per_device_train_batch_size"], settings["gradient_accumulation_steps"]
with (stage / "tried").open("a") as stream:
    stream.write(f"{batch}x{accumulation} ")
log(entry(1, 3.0))
if batch > {allowed}:
    print("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.")
    sys.exit(1)
log(entry(2, 1.0))
save()
"""


def test_out_of_memory_halves_the_batch_and_keeps_the_update(play: Play, tmp_path: Path) -> None:
    trainer = play(SHORT_OF_MEMORY.replace("{allowed}", "1"))
    info = trainer.train(questions("ABCDE"), tmp_path / "fold")
    assert (tmp_path / "tried").read_text("utf-8").split() == ["4x1", "2x2", "1x4"]
    assert (info.batch_halved, info.batch_size) == (2, 1)
    assert info.final_loss == 1.0, "of the training that was finished alone"
    assert info.training_config["batch_size"] == 4
    check_adapter_files(info.adapter_path)


def test_out_of_memory_with_one_question_at_once_is_an_error(play: Play, tmp_path: Path) -> None:
    message = fails(play(SHORT_OF_MEMORY.replace("{allowed}", "0")), tmp_path / "fold")
    assert (tmp_path / "tried").read_text("utf-8").split() == ["4x1", "2x2", "1x4"]
    assert message.startswith("LLaMA-Factory, training fold 2 num, ran out of memory; ")
    assert "--tst-model" in message
    assert "CUDA out of memory" in message


def test_a_folder_that_cannot_be_written(play: Play, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        EngineError, match=r"file/fold: the adapter cannot be written there \(Not a directory\)"
    ):
        play("save()").train(questions("A"), tmp_path / "file" / "fold")


HANG = (
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(999)'])\n"
    "(stage / 'pids.part').write_text(f'{os.getpid()} {child.pid}')\n"
    "(stage / 'pids.part').rename(stage / 'pids')\n"
)


def test_cancelling_at_a_step_ends_the_whole_group(play: Play, tmp_path: Path) -> None:
    trainer = play(HANG + "log(entry(4, 1.0)); time.sleep(999)")
    trainer.callbacks.append(lambda _: trainer.cancel())
    with pytest.raises(TrainingCancelled, match="fold 3 was cancelled at step 4 of 20"):
        trainer.train(questions("AB"), tmp_path / "fold", fold_id="fold 3")
    pids = [int(pid) for pid in (tmp_path / "pids").read_text("utf-8").split()]
    assert len(pids) == 2
    wait_until(lambda: all(map(gone, pids)))
    assert list((tmp_path / "fold").iterdir()) == []


def test_cancelling_before_the_first_step(play: Play, tmp_path: Path) -> None:
    trainer = play(HANG + "time.sleep(999)")

    def cancel() -> None:
        wait_until((tmp_path / "pids").exists)
        trainer.cancel()

    other = threading.Thread(target=cancel)
    other.start()
    with pytest.raises(TrainingCancelled, match="at step 0 of 2"):
        trainer.train(questions("AB"), tmp_path / "fold")
    other.join()
    wait_until(lambda: all(gone(int(pid)) for pid in (tmp_path / "pids").read_text("utf-8").split()))


def test_an_error_of_a_callback_ends_the_training(play: Play, tmp_path: Path) -> None:
    trainer = play(HANG + "log(entry(1, 1.0)); time.sleep(999)")

    def broken(_: TrainingProgress) -> None:
        raise ZeroDivisionError

    trainer.callbacks.append(broken)
    with pytest.raises(ZeroDivisionError):
        trainer.train(questions("A"), tmp_path / "fold")
    wait_until(lambda: all(gone(int(pid)) for pid in (tmp_path / "pids").read_text("utf-8").split()))
    assert list((tmp_path / "fold").iterdir()) == []


def test_what_it_leaves_behind_ends_with_it(play: Play, tmp_path: Path) -> None:
    play(HANG + "save()").train(questions("A"), tmp_path / "fold")
    wait_until(lambda: all(gone(int(pid)) for pid in (tmp_path / "pids").read_text("utf-8").split()))


def test_it_and_what_it_started_die_with_a_parent_that_is_killed(play: Play, tmp_path: Path) -> None:
    play(HANG + "time.sleep(999)\n")
    work = tmp_path / "work"
    work.mkdir()
    write_job(work, job(tmp_path), questions("AB"), ROWS)
    parent = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import sys, time; from pathlib import Path\n"
            "from tst_harness.diagnostics.llm.trainers.llamafactory_run import Run, find_installation\n"
            "with Run(find_installation(None), Path(sys.argv[1]), 'cpu'):\n"
            "    time.sleep(999)\n",
            str(work),
        ]
    )
    wait_until((tmp_path / "pids").exists)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text("utf-8").split()]
    assert not any(map(gone, pids))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: all(map(gone, pids)))


# The environment and the device.


def stand_in(path: Path, says: str) -> Path:
    path.write_text(f"#!/bin/sh\n{says}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_not_installed(tmp_path: Path) -> None:
    python = stand_in(
        tmp_path / "python",
        """echo '{"versions": {"torch": "2", "llamafactory": null}, "torchaudio": true}'""",
    )
    with pytest.raises(EngineUnavailable) as error:
        LlamaFactoryTrainer(LlamaFactoryConfig(python=python), FakeEncoder(Folder(tmp_path))).train(
            questions("A"), tmp_path / "fold"
        )
    assert "pip install 'tst-harness[llamafactory]'" in str(error.value)
    assert str(python) in str(error.value)
    assert not (tmp_path / "fold").exists()


@pytest.mark.parametrize("says", ["exit 1", "echo hello"])
def test_no_interpreter(tmp_path: Path, says: str) -> None:
    for path in (stand_in(tmp_path / "python", says), tmp_path / "nothing", tmp_path):
        with pytest.raises(EngineUnavailable, match="is no Python interpreter"):
            find_installation(path)


def test_the_folder_of_an_environment(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    answer = json.dumps({"versions": {"llamafactory": "1", "peft": None}, "torchaudio": True})
    python = stand_in(tmp_path / "bin" / "python", f"echo '{answer}'")
    found = find_installation(tmp_path)
    assert found.python == str(python)
    assert found.versions == {"llamafactory": "1"}


@pytest.mark.parametrize(
    ("named", "device", "visible"),
    [
        (None, "cpu", ""),
        (None, "cuda", "0"),
        (None, "cuda:1", "1"),
        ("3,5", "cuda", "3"),
        ("3, GPU-a1", "cuda:1", "GPU-a1"),
        ("3,5", "cpu", ""),
    ],
)
def test_the_process_sees_one_device(
    monkeypatch: pytest.MonkeyPatch, named: str | None, device: str, visible: str
) -> None:
    monkeypatch.setattr(llamafactory_run, "cuda_devices", lambda: 2)
    if named is None:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    else:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert visible_device(device) == visible


def test_a_device_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llamafactory_run, "cuda_devices", lambda: 2)
    with pytest.raises(EngineError, match="cuda:2: there are 2 CUDA devices here"):
        visible_device("cuda:2")
