"""Blind runs of made-up bowls against a local server."""

import json
from pathlib import Path
from typing import Any

import pytest
from result_forms import LETTERS, ROWS, write_lines
from served_models import Answer, Request, asked, completion

from tst_harness.cli import main

SECRET = "sk-a-secret-of-mine"
OUTPUT = Path("reports/bowls.toy-one.blind.jsonl")
QUESTIONS: list[str] = [row["question"] for row in ROWS]
_RIGHT = {row["question"]: row["answer"] for row in ROWS}


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go to a folder with the questions, a key and no proxy."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    write_lines(folder / "bowls.jsonl", ROWS)


def question_of(request: Request) -> str:
    """Which question is asked."""
    return next(question for question in QUESTIONS if question + "\n" in asked(request))


def gold(request: Request) -> str:
    """The right answer to what is asked."""
    return str(_RIGHT[question_of(request)])


def kind(request: Request, number: int) -> Answer:
    """Tell the probabilities of letters, and say something else."""
    letter = gold(request)
    others = [other for other in LETTERS if other != letter]
    return 200, completion(
        "I would say", {f" {letter}": 0.5, "(" + others[0]: 0.2, "The": 0.2, others[1]: 0.1}
    )


def blind(url: str, *more: str) -> int:
    """Run the command."""
    return main(["blind", "bowls.jsonl", "--type", "kind", "--base-url", url, "--model", "toy/one", *more])


def lines() -> list[dict[str, Any]]:
    """What is kept of the answers."""
    return [json.loads(line) for line in OUTPUT.read_text().splitlines()]
