"""A blind run against a server that is kind, rude, slow to start, or dies."""

import json
from pathlib import Path
from typing import Any

import pytest
from result_forms import LETTERS, ROWS, write_lines
from served_models import Answer, Request, asked, completion, served

import tst_harness
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.report.files import read_report

openai = pytest.importorskip("openai")
SECRET = "sk-a-secret-of-mine"
RIGHT = {row["question"]: row["answer"] for row in ROWS}
_QUESTIONS = [row["question"] for row in ROWS]


def gold(request: Request) -> str:
    """The right answer to what is asked."""
    return next(str(RIGHT[question]) for question in _QUESTIONS if question + "\n" in asked(request))


def kind(request: Request, number: int) -> Answer:
    """Tells the probabilities of letters, and says something else."""
    letter = gold(request)
    others = [other for other in LETTERS if other != letter]
    return 200, completion(
        "I would say", {f" {letter}": 0.5, "(" + others[0]: 0.2, "The": 0.2, others[1]: 0.1}
    )


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    write_lines(tmp_path / "bowls.jsonl", ROWS)


def blind(url: str, *more: str) -> int:
    return main(["blind", "bowls.jsonl", "--type", "kind", "--base-url", url, "--model", "toy/one", *more])


OUTPUT = Path("reports/bowls.toy-one.blind.jsonl")


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in OUTPUT.read_text().splitlines()]


def test_every_question_is_asked_once_and_read_by_probability(capsys: pytest.CaptureFixture[str]) -> None:
    with served(kind) as (url, requests):
        assert blind(url, "--at-a-time", "3") == ExitStatus.OK
    assert sorted(gold(request) for request in requests) == sorted(RIGHT.values())
    assert requests.most_open <= 3
    assert all("image" not in asked(request) for request in requests)
    assert {request["headers"]["authorization"] for request in requests} == {f"Bearer {SECRET}"}
    printed = capsys.readouterr()
    assert "bowls: 40 questions to ask; about " in printed.out
    assert "toy/one, zero-shot and without picture, scores 100.0% [" in printed.out
    assert "(n = 40, 40 by the probabilities of the options, 840 tokens)" in printed.out
    assert sorted(line["id"] for line in lines()) == [row["id"] for row in ROWS]
    first = next(line for line in lines() if line["id"] == "q00")
    assert sorted(first["probabilities"], reverse=True)[:2] == [0.625, 0.25]
    everything = printed.out + printed.err + "".join(path.read_text() for path in Path().rglob("*.json*"))
    assert SECRET not in everything


def test_the_run_is_a_row_of_the_report_and_a_file_for_models(capsys: pytest.CaptureFixture[str]) -> None:
    report = tst_harness.audit("bowls.jsonl", type="kind", progress=False).save("reports")
    with served(kind) as (url, _):
        assert blind(url, "--report", str(report)) == ExitStatus.OK
        assert (
            main(
                [
                    "blind",
                    "bowls.jsonl",
                    "--type=kind",
                    f"--base-url={url}",
                    "--model=other",
                    "--report",
                    str(report),
                ]
            )
            == ExitStatus.OK
        )
    section = read_report(report).sections["blind"]
    assert list(section.figures) == ["other", "toy/one"]
    assert section.figures["other"]["score"] == 1.0
    assert len(section.sentences) == 2
    results = ["models", str(report), f"--results=toy={OUTPUT}", f"--blind=toy={OUTPUT}"]
    assert main(results) == ExitStatus.OK
    assert "seeing adds +0.0 points [0.0, 0.0]" in " ".join(capsys.readouterr().out.split())
    write_lines(Path("bowls.jsonl"), ROWS[:30])
    OUTPUT.unlink()
    with served(kind) as (url, _):
        assert blind(url, "--report", str(report)) == ExitStatus.USAGE
    assert "is of other questions than those that were asked" in capsys.readouterr().err


def test_a_rude_server_is_asked_again_and_without_what_it_does_not_know() -> None:
    def rude(request: Request, number: int) -> Answer:
        for name in ("logprobs", "max_tokens", "temperature"):
            if name in request:
                return 400, {"error": {"message": f"{name} is not supported", "code": 400}}
        if number % 3 == 0:
            return (429, 500, 503)[number % 9 // 3], {"error": {"message": "busy"}}
        return 200, completion(f"The answer is ({gold(request)}).")

    with served(rude) as (url, requests):
        assert blind(url) == ExitStatus.OK
    assert all(line["prediction"].startswith("The answer is (") for line in lines())
    assert {line["probabilities"] for line in lines()} == {None}
    assert requests[-1]["max_completion_tokens"] == 32


def test_what_is_not_answered_is_asked_again_by_the_same_command(capsys: pytest.CaptureFixture[str]) -> None:
    broken = set(_QUESTIONS[5:7])

    def partly(request: Request, number: int) -> Answer:
        if any(question + "\n" in asked(request) for question in broken):
            return 200, {"choices": [], "id": "x"}
        return kind(request, number)

    with served(partly) as (url, requests):
        assert blind(url) == ExitStatus.INCOMPLETE
        assert len(lines()) == 38
        assert "2 questions are not answered; the same command asks them again" in capsys.readouterr().err
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


def test_a_server_that_dies_stops_the_run_and_keeps_what_it_answered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai._base_client.BaseClient, "_calculate_retry_timeout", lambda *_: 0.001)

    def dying(request: Request, number: int) -> Answer:
        return kind(request, number) if number < 10 else (0, b"")

    with served(dying) as (url, requests):
        assert blind(url, "--at-a-time", "2") == ExitStatus.USAGE
    error = capsys.readouterr().err
    assert "the server does not answer (" in error
    assert "3 questions in a row; 10 of 40 are answered and kept" in error
    assert len(error.strip().splitlines()) == 1
    assert len(lines()) == 10
    assert len(requests) <= 10 + 5 * 6
    assert blind(url, "--at-a-time", "2") == ExitStatus.USAGE  # Nobody listens there any more.
    with served(kind) as (url, again):
        assert blind(url) == ExitStatus.OK
    assert len(again) == 30


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_server_that_refuses_is_not_asked_again(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    def refuses(request: Request, number: int) -> Answer:
        return status, {"error": {"message": f"no, not with {SECRET}", "code": "no"}}

    with served(refuses) as (url, requests):
        assert blind(url, "--at-a-time", "1") == ExitStatus.USAGE
    assert len(requests) == 1
    error = capsys.readouterr().err
    assert "check --base-url, --model and the key in OPENAI_API_KEY" in error
    assert SECRET not in error
    assert "***" in error


def test_what_is_no_protocol_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    with served(lambda request, number: (200, b"<html>hello</html>")) as (url, _):
        assert blind(url, "--at-a-time", "1") == ExitStatus.USAGE
    assert "the server does not answer (" in capsys.readouterr().err


def test_a_file_of_another_run_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with served(kind) as (url, requests):
        assert blind(url) == ExitStatus.OK
        assert (
            main(
                [
                    "blind",
                    "bowls.jsonl",
                    "--type=kind",
                    f"--base-url={url}",
                    "--model=b",
                    f"--output={OUTPUT}",
                ]
            )
            == ExitStatus.USAGE
        )
        assert "is of another model, other questions or other prompts" in capsys.readouterr().err
        OUTPUT.write_text('{"id": 3}\n')
        assert blind(url) == ExitStatus.USAGE
        assert "is no answer of a blind run; choose another file" in capsys.readouterr().err
        assert blind(url, "--at-a-time", "0") == ExitStatus.USAGE
        assert len(requests) == 40


def test_numbers_open_answers_and_several_options_are_asked_in_their_own_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tst_harness.benchmark.declarations import Benchmark, Columns, LocalFile, Multi, Number, Open
    from tst_harness.dataset.loading import load
    from tst_harness.results.blind import BlindRun
    from tst_harness.results.key import AnswerKey
    from tst_harness.results.reading import read_results
    from tst_harness.results.served import Server

    rows = [
        {"id": "n", "q": "How many?", "kind": "num", "options": None, "answer": 4},
        {"id": "o", "q": "Which colour?", "kind": "open", "options": None, "answer": "deep red"},
        {
            "id": "m",
            "q": "Which are round?",
            "kind": "multi",
            "options": ["cup", "box", "ball"],
            "answer": "A, C",
        },
    ]
    source = LocalFile(str(write_lines(tmp_path / "mixed.jsonl", rows)))
    columns = Columns(id="id", text="q", options="options", answer="answer", type="kind")
    kinds = (Number("num"), Open("open", metric="exact"), Multi("multi"))
    dataset = load(Benchmark("mixed", source, columns, kinds))

    def answers(request: Request, number: int) -> Answer:
        text = asked(request)
        if "How many" in text:
            return 200, completion("There are four.")
        if "colour" in text:
            return 200, completion("Deep red")
        return 200, completion("A" if "box" not in text else "B")

    run = BlindRun(dataset, "toy", tmp_path / "out.jsonl")
    with served(answers) as (url, requests):
        server = Server(url, "toy")
        assert run.ask(server, 2) == []
        server.close()
    assert len(requests) == 5
    results = read_results("toy", tmp_path / "out.jsonl", AnswerKey.of_dataset(dataset))
    assert results.score.tolist() == [1.0, 1.0, 1.0]
