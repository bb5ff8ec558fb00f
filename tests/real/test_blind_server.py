"""A blind run against vLLM's own server on a CPU."""

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tst_harness.cli import main
from tst_harness.diagnostics.llm.utils.models import ModelSource
from tst_harness.engine.results import ExitStatus

pytest.importorskip("vllm", reason="vLLM is not installed: pip install 'tst-harness[vllm]'")
pytest.importorskip("openai", reason="openai is not installed: pip install 'tst-harness[blind]'")

_rng = random.Random(1)
ROWS = [
    {
        "id": f"q{number:02d}",
        "question": f"Which of these is in bowl {number}?",
        "options": _rng.sample(("apple", "pear", "plum", "fig", "lemon"), 4),
        "answer": _rng.choice("ABCD"),
        "kind": "bowl",
    }
    for number in range(40)
]


def write_rows(folder: Path) -> None:
    lines = [json.dumps(row) + "\n" for row in ROWS]
    (folder / "bowls.jsonl").write_text("".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def url(smollm2: ModelSource, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(smollm2.folder())]
    options = ["--served-model-name=smollm2", f"--port={port}", "--host=127.0.0.1", "--max-model-len=1024"]
    environment = {"VLLM_CPU_KVCACHE_SPACE": "1"} | os.environ
    with log.open("w") as stream:
        server = subprocess.Popen(
            [*command, *options, "--dtype=float32", "--enforce-eager"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        assert server.stdout is not None
        try:
            for line in server.stdout:
                stream.write(line)
                if "Application startup complete" in line:
                    break
            else:
                stream.flush()
                pytest.fail(f"vLLM's server did not start:\n{log.read_text()[-3000:]}")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.communicate()


def test_a_blind_run_reads_probabilities_and_is_resumed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path)
    command = ["blind", "bowls.jsonl", "--type", "kind", "--base-url", url, "--model", "smollm2"]
    assert main(command) == ExitStatus.OK
    printed = capsys.readouterr().out
    assert "(n = 40, 40 by the probabilities of the options, " in printed
    output = tmp_path / "reports" / "bowls.smollm2.blind.jsonl"
    answers = [json.loads(line) for line in output.read_text().splitlines()]
    assert sorted(answer["id"] for answer in answers) == [row["id"] for row in ROWS]
    assert all(sum(answer["probabilities"]) == pytest.approx(1.0, abs=1e-4) for answer in answers)
    assert all(answer["tokens"] > 10 for answer in answers)
    output.write_text("".join(json.dumps(answer) + "\n" for answer in answers[:30]))
    assert main(command) == ExitStatus.OK
    assert "10 questions to ask, 30 are answered already" in capsys.readouterr().out
    again = {answer["id"]: answer for answer in map(json.loads, output.read_text().splitlines())}
    assert all(again[answer["id"]]["prediction"] == answer["prediction"] for answer in answers)


def test_a_model_that_is_not_served_is_named(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path)
    assert (
        main(["blind", "bowls.jsonl", "--type=kind", f"--base-url={url}", "--model=no"]) == ExitStatus.USAGE
    )
    assert "the server refuses all questions" in capsys.readouterr().err
