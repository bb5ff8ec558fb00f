"""Blind runs against servers that are slow, rude or dying: what is asked again, kept and written."""

import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from blind_runs import OUTPUT, QUESTIONS, SECRET, blind, kind, lines, prepare, question_of
from result_forms import ROWS
from served_models import Answer, Request, Sent, completion, served

from tst_harness.engine.results import ExitStatus
from tst_harness.results import served as client

openai = pytest.importorskip("openai")
BUSY = {"error": {"message": "busy"}}
IDS = {row["question"]: row["id"] for row in ROWS}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)
    # As in life, with seconds for what takes minutes there.
    monkeypatch.setattr(openai._base_client, "INITIAL_RETRY_DELAY", 0.002)
    monkeypatch.setattr(openai._base_client, "MAX_RETRY_DELAY", 0.02)


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """All that was printed and written so far."""

    def everything() -> str:
        printed = capsys.readouterr()
        files = (path.read_text() for path in tmp_path.rglob("*") if path.is_file())
        return "\n".join([printed.out, printed.err, *files])

    return everything


def first_time(answer: Answer) -> Any:
    """Misbehave when a question comes for the first time, and be kind from then on."""
    seen: Counter[str] = Counter()

    def behaviour(request: Request, number: int) -> Answer:
        question = question_of(request)
        seen[question] += 1
        # Not with all questions, so that a run takes a second.
        early = seen[question] == 1 and QUESTIONS.index(question) % 5 == 0
        return answer if early else kind(request, number)

    return behaviour


AGAIN: dict[str, Sent] = {
    "429": Sent(429, BUSY, headers={}),
    "429 that says when": Sent(429, BUSY, headers={"retry-after": "0.1"}),
    "500": Sent(500, b"", headers={}),
    "503 that says when": Sent(503, BUSY, headers={"retry-after": "0.1"}),
    "408": Sent(408, BUSY, headers={}),
    "hangs up": Sent(0),
    "hangs before a word": Sent(200, completion("A"), share=0.0, hangs=2.0),
    "hangs in the middle": Sent(200, completion("A"), share=0.5, hangs=2.0),
    "half a body": Sent(200, completion("A"), share=0.5),
    "trickles": Sent(200, completion("A"), trickles=0.05),
    "no gzip": Sent(200, b"not packed", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("answer", AGAIN.values(), ids=AGAIN)
def test_a_question_that_a_server_fails_at_is_asked_again(
    answer: Sent, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if answer.hangs or answer.trickles:
        monkeypatch.setattr(client, "Server", partial(client.Server, timeout=0.5))
    with served(first_time(answer)) as (url, requests):
        assert blind(url) == ExitStatus.OK
    times = Counter(map(question_of, requests))
    counts = [times[question] for question in QUESTIONS]
    # A busy machine may be too slow for half a second, too.
    assert counts == [2, 1, 1, 1, 1] * 8 or (answer.hangs + answer.trickles and min(counts[::5]) >= 2)
    assert {line["id"]: line["prediction"] for line in lines()} == {row["id"]: row["answer"] for row in ROWS}
    assert SECRET not in written()


@pytest.mark.parametrize("headers", [{"retry-after": "0.4"}, {"retry-after-ms": "400"}])
def test_a_server_that_says_when_is_waited_for(headers: dict[str, str]) -> None:
    with served(first_time(Sent(429, BUSY, headers=headers))) as (url, requests):
        assert blind(url) == ExitStatus.OK
    came = [request["time"] for request in requests if question_of(request) == QUESTIONS[0]]
    assert came[1] - came[0] >= 0.4


def test_slow_answers_are_waited_for_side_by_side() -> None:
    def slow(request: Request, number: int) -> Answer:
        time.sleep(0.1)
        return kind(request, number)

    with served(slow) as (url, requests):
        assert blind(url, "--at-a-time", "20") == ExitStatus.OK
    assert len(requests) == len(lines()) == 40
    assert requests.most_open > 10


def odd(**changes: Any) -> dict[str, Any]:
    """A completion with other fields."""
    reply = completion("B", {"A": 0.9, "B": 0.1})
    choice = reply["choices"][0]
    for name, value in changes.items():
        holder = next(part for part in (choice["message"], choice, reply) if name in part)
        holder[name] = value
    return reply


ODD: dict[str, tuple[dict[str, Any], str, bool]] = {
    "no probabilities": (odd(logprobs=None), "B", False),
    "empty probabilities": (odd(logprobs={"content": []}), "B", False),
    "null for them": (odd(logprobs={"content": None}), "B", False),
    "no alternatives": (odd(logprobs={"content": [{"token": "A", "logprob": 0.0}]}), "B", False),
    "other tokens": (odd(logprobs=completion("", {"The": 1.0})["choices"][0]["logprobs"]), "B", False),
    "no numbers": (
        odd(logprobs={"content": [{"top_logprobs": [{"token": "A", "logprob": None}]}]}),
        "B",
        False,
    ),
    "impossible": (
        odd(logprobs={"content": [{"top_logprobs": [{"token": "A", "logprob": 9e9}]}]}),
        "A",
        True,
    ),
    "no text": (odd(content=None), "A", True),
    "text in parts": (odd(content=[{"type": "text", "text": "B"}], logprobs=None), "B", False),
    "no usage": (odd(usage=None), "A", True),
    "usage of another kind": (odd(usage={"total": "many"}), "A", True),
    "usage in words": (odd(usage={"total_tokens": "many"}), "A", True),
}


@pytest.mark.parametrize(("reply", "prediction", "by_probability"), ODD.values(), ids=ODD)
def test_what_of_an_answer_is_there_is_taken(
    reply: dict[str, Any], prediction: str, by_probability: bool
) -> None:
    with served(lambda request, number: (200, reply)) as (url, requests):
        assert blind(url) == ExitStatus.OK
    assert len(requests) == 40
    assert {line["prediction"] for line in lines()} == {prediction}
    assert {line["probabilities"] is not None for line in lines()} == {by_probability}


NO_ANSWERS: dict[str, tuple[Answer, str]] = {
    "a page": (Sent(200, b"<html>hello</html>", {"Content-Type": "text/html"}), "<html>hello</html>"),
    "a page that is called JSON": (Sent(200, b"<html>hello</html>"), "<html>hello</html>"),
    "half of JSON": (Sent(200, b'{"choices": [{'), '{"choices": [{'),
    "not UTF-8": (Sent(200, b'{"choices": "\xff'), "\ufffd"),
    "nothing": (Sent(200, b""), "an empty body"),
    "a list": (Sent(200, [1]), "[1]"),
    "a number": (Sent(200, 3), "3"),
    "null": (Sent(200, None), "null"),
    "an error with 200": (Sent(200, {"error": {"message": "no credit"}}), "no credit"),
    "no choices": (Sent(200, {"choices": []}), '"choices": []'),
    "choices of another kind": (Sent(200, {"choices": {"text": "A"}}), "choices"),
    "no message": (Sent(200, {"choices": [{"text": "A"}]}), "text"),
}


@pytest.mark.parametrize(("answer", "excerpt"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_completion_is_shown_in_one_sentence(
    answer: Answer, excerpt: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(lambda request, number: answer) as (url, requests):
        assert blind(url, "--at-a-time", "1") == ExitStatus.USAGE
    [sentence] = capsys.readouterr().err.splitlines()
    assert "what the server answers is no chat completion (" in sentence
    assert excerpt in sentence
    assert "): check --base-url, 2 questions in a row; 0 of 40 are answered and kept" in sentence
    assert len(requests) == 2


def test_what_is_not_answered_is_asked_again_by_the_same_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = set(QUESTIONS[5:7])

    def partly(request: Request, number: int) -> Answer:
        if question_of(request) in broken:
            return 200, {"choices": [], "id": "x"}
        return kind(request, number)

    with served(partly) as (url, requests):
        assert blind(url) == ExitStatus.INCOMPLETE
        assert len(lines()) == 38
        error = capsys.readouterr().err
        assert "not answered: q05: what the server answers is no chat completion (" in error
        assert "not answered: 2 questions; the same command asks again" in error
        # As after a kill: the last line is cut.
        content = OUTPUT.read_text()
        OUTPUT.write_text(content[:-20])
        broken.clear()
        before = len(requests)
        assert blind(url) == ExitStatus.OK
        assert len(requests) - before == 3
        assert "3 questions to ask, 37 are answered already" in capsys.readouterr().out
        assert len({line["id"] for line in lines()}) == len(lines()) == 40
        assert blind(url) == ExitStatus.OK
        assert len(requests) - before == 3


def test_questions_that_a_server_refuses_do_not_keep_it_from_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def strict(request: Request, number: int) -> Answer:
        if question_of(request) in QUESTIONS[:6]:
            return Sent((400, 422)[number % 2], {"error": {"message": "the prompt is too long"}})
        return kind(request, number)

    with served(strict) as (url, _):
        # Nobody knows yet whether it answers anything.
        assert blind(url, "--at-a-time", "2") == ExitStatus.USAGE
        assert blind(url, "--at-a-time", "8") == ExitStatus.INCOMPLETE
        assert len(lines()) == 34
        assert blind(url, "--at-a-time", "1") == ExitStatus.INCOMPLETE
    error = capsys.readouterr().err
    assert "the server refuses the question (Error code: 4" in error
    assert "not answered: 6 questions; the same command asks again" in error


def test_a_server_that_dies_stops_the_run_and_keeps_what_it_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def dying(request: Request, number: int) -> Answer:
        return kind(request, number) if number < 10 else Sent(0)

    with served(dying) as (url, requests):
        assert blind(url, "--at-a-time", "2") == ExitStatus.USAGE
    error = capsys.readouterr().err
    assert "the server does not answer (Connection error" in error
    assert "3 questions in a row; 10 of 40 are answered and kept" in error
    assert len(error.strip().splitlines()) == 1
    assert len(lines()) == 10
    assert len(requests) <= 10 + 5 * 6
    assert blind(url, "--at-a-time", "2") == ExitStatus.USAGE  # Nobody listens there any more.
    assert "refused" in capsys.readouterr().err
    with served(kind) as (url, again):
        assert blind(url) == ExitStatus.OK
    assert len(again) == 30


def test_what_is_on_its_way_when_a_run_stops_is_kept() -> None:
    """An answer that comes while others fail has been paid for."""

    def late(request: Request, number: int) -> Answer:
        if question_of(request) == QUESTIONS[0]:
            time.sleep(0.4)
            return kind(request, number)
        return Sent(200, b"no")

    with served(late) as (url, _):
        assert blind(url, "--at-a-time", "3") == ExitStatus.USAGE
    assert [line["id"] for line in lines()] == ["q00"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_is_not_asked_again(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with served(lambda request, number: (status, {"error": {"message": f"no, not with {SECRET}"}})) as (
        url,
        requests,
    ):
        assert blind(url, "--at-a-time", "1") == ExitStatus.USAGE
    assert len(requests) == 1
    error = capsys.readouterr().err
    assert "check --base-url, --model and the key in OPENAI_API_KEY" in error
    assert SECRET not in error
    assert "***" in error


def test_a_wait_of_an_hour_is_left_to_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    with served(lambda request, number: Sent(429, BUSY, headers={"retry-after": "3600"})) as (url, requests):
        assert blind(url, "--at-a-time", "1") == ExitStatus.USAGE
    assert len(requests) == 2
    assert "the server does not answer (Error code: 429" in capsys.readouterr().err


def test_a_key_that_a_server_repeats_is_not_written(written: Any) -> None:
    def parrot(request: Request, number: int) -> Answer:
        return 200, completion(f"A. Your key is {request['headers']['authorization']}")

    with served(parrot) as (url, requests):
        assert blind(url) == ExitStatus.OK
    assert {request["headers"]["authorization"] for request in requests} == {f"Bearer {SECRET}"}
    everything = written()
    assert SECRET not in everything
    assert "Bearer ***" in everything


@pytest.mark.parametrize("key", ["sk-not\nso-secret", "sk-schlüssel-so-secret"])
def test_a_key_that_cannot_be_sent_is_not_shown(
    key: str, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with served(kind) as (url, requests):
        assert blind(url) == ExitStatus.USAGE
    assert requests == []
    everything = written()
    assert "the key in OPENAI_API_KEY has characters that cannot be sent; set it again" in everything
    assert "so-secret" not in everything


def test_blanks_around_a_key_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {SECRET}\n")
    with served(kind) as (url, requests):
        assert blind(url) == ExitStatus.OK
    assert {request["headers"]["authorization"] for request in requests} == {f"Bearer {SECRET}"}


def test_an_address_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert blind("localhost:1/v1", "--at-a-time", "1") == ExitStatus.USAGE
    [sentence] = capsys.readouterr().err.splitlines()
    assert "--base-url localhost:1/v1 does not begin with http:// or https://" in sentence
