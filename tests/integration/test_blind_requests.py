"""Blind runs: what a request is sent without, and answers that are cut before they say anything."""

from pathlib import Path

import pytest
from blind_runs import blind, gold, lines, prepare
from result_forms import ROWS
from served_models import Answer, Request, Sent, completion, served

from tst_harness.engine.results import ExitStatus

pytest.importorskip("openai")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)


# OpenAI's models that think forbid (403) what others call a bad request.
@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_server_is_asked_without_what_it_does_not_know(status: int) -> None:
    def rude(request: Request, number: int) -> Answer:
        for name in ("logprobs", "max_tokens", "temperature"):
            if name in request:
                return Sent(status, {"error": {"message": f"{name} is not supported", "code": status}})
        return 200, completion(f"The answer is ({gold(request)}).")

    with served(rude) as (url, requests):
        assert blind(url) == ExitStatus.OK
    responses = {line["id"]: line["response"] for line in lines()}
    assert responses == {row["id"]: f"The answer is ({row['answer']})." for row in ROWS}
    assert {line["probabilities"] for line in lines()} == {None}
    assert requests[-1]["max_completion_tokens"] == 32


def test_a_server_that_tells_few_probabilities_is_asked_for_no_more() -> None:
    def few(request: Request, number: int) -> Answer:
        if request["top_logprobs"] > 5:
            return Sent(400, {"error": {"message": "top_logprobs must be at most 5", "code": 400}})
        return 200, completion("I would say", {gold(request): 0.8, "I": 0.2})

    with served(few) as (url, _):
        assert blind(url) == ExitStatus.OK
    assert {line["id"]: line["prediction"] for line in lines()} == {row["id"]: row["answer"] for row in ROWS}
    assert None not in [line["probabilities"] for line in lines()]


@pytest.mark.parametrize("said", [None, "", "<think>\nPerhaps it is A. Or"])
def test_a_model_that_is_cut_while_it_thinks_stops_the_run(
    said: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = completion(said, {"Perhaps": 0.6, "A": 0.4})
    reply["choices"][0]["finish_reason"] = "length"
    with served(lambda request, number: (200, reply)) as (url, requests):
        assert blind(url, "--at-a-time", "1") == ExitStatus.USAGE
    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith("tst-harness blind: the model was still thinking after 32 tokens; turn its ")
    assert len(requests) == 2
    assert lines() == []


def test_an_answer_that_is_cut_after_it_was_given_counts() -> None:
    def wordy(request: Request, number: int) -> Answer:
        reply = completion(f"{gold(request)}. It is there, since")
        reply["choices"][0]["finish_reason"] = "length"
        return 200, reply

    with served(wordy) as (url, _):
        assert blind(url) == ExitStatus.OK
    assert [line["response"][0] for line in sorted(lines(), key=lambda line: str(line["id"]))] == [
        row["answer"] for row in sorted(ROWS, key=lambda row: str(row["id"]))
    ]
