"""A blind run: what is asked, kept, resumed and said. How servers misbehave is in `test_blind_servers`."""

import re
from pathlib import Path

import pytest
from blind_runs import OUTPUT, QUESTIONS, SECRET, blind, gold, kind, lines, prepare, question_of
from result_forms import ROWS, write_lines
from served_models import Answer, Request, asked, completion, served

import tst_harness
from tst_harness.analysis.figures import percent
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.report.files import read_report
from tst_harness.views.card import card
from tst_harness.views.markdown import markdown

pytest.importorskip("openai")
RIGHT = [row["answer"] for row in ROWS]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(tmp_path, monkeypatch)


def test_every_question_is_asked_once_and_read_by_probability(capsys: pytest.CaptureFixture[str]) -> None:
    with served(kind) as (url, requests):
        assert blind(url, "--at-a-time", "3") == ExitStatus.OK
    assert sorted(gold(request) for request in requests) == sorted(RIGHT)
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
    baseline = read_report(report).diagnostics["forest"].overall
    assert baseline is not None
    for row in section.figures.values():
        assert row["blind_baseline"] == pytest.approx(baseline.blind_baseline)
        assert row["gain"] == pytest.approx(1.0 - baseline.blind_baseline)
    printed = capsys.readouterr().out
    shown = f"{percent(baseline.blind_baseline)}  100.0 ["
    for name in section.figures:
        assert re.search(rf"^{name} +40 +{re.escape(shown)}", printed, re.MULTILINE)
    assert_everywhere(report, ["other", "toy/one"])
    results = ["models", str(report), f"--results=toy={OUTPUT}", f"--blind=toy={OUTPUT}"]
    assert main(results) == ExitStatus.OK
    assert_everywhere(report, ["other", "toy/one"])
    assert "seeing adds +0.0 points [0.0, 0.0]" in " ".join(capsys.readouterr().out.split())
    write_lines(Path("bowls.jsonl"), ROWS[:30])
    OUTPUT.unlink()
    with served(kind) as (url, requests):
        assert blind(url, "--report", str(report)) == ExitStatus.USAGE
        assert "is of other questions than those to ask" in capsys.readouterr().err
        assert blind(url, "--report", "reports/none.json") == ExitStatus.USAGE
        assert "reports/none.json does not exist" in capsys.readouterr().err
    # Nothing is paid for a row that has no place.
    assert requests == []


def assert_everywhere(report: Path, names: list[str]) -> None:
    """The rows are in the Markdown, on the card, on the page and in Python, once each."""
    read = tst_harness.read_report(report)
    page = report.with_suffix(".html").read_text("utf-8")
    assert page == read.html()
    for name in names:
        assert markdown([read.content], [], []).count(f"\n| {name} | 40 |") == 1
        assert card(read.content, "badge.svg").count(f"\n| {name} | 40 |") == 1
        assert page.count(f'<th scope="row">{name}</th>') == 1
        assert f"{name}, zero-shot" in page
        assert f"{name}, zero-shot" in str(read)
        assert f">{name}</td>" in read._repr_html_()


def test_a_report_of_some_questions_gets_the_score_of_those(capsys: pytest.CaptureFixture[str]) -> None:
    report = tst_harness.audit("bowls.jsonl", type="kind", limit=20, progress=False).save("reports")
    asked = {sample["id"] for sample in tst_harness.read_report(report).samples().to_dict("records")}

    def partly(request: Request, number: int) -> Answer:
        known = ROWS[QUESTIONS.index(question_of(request))]["id"] in asked
        return kind(request, number) if known else (200, completion("none"))

    with served(partly) as (url, requests):
        assert blind(url, "--report", str(report)) == ExitStatus.OK
    assert len(requests) == 40
    row = read_report(report).sections["blind"].figures["toy/one"]
    assert (row["n"], row["score"], row["by_probability"]) == (20, 1.0, 20)


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
        OUTPUT.unlink()
        assert blind(url.removeprefix("http://")) == ExitStatus.USAGE
        assert "does not begin with http:// or https://; write it in full" in capsys.readouterr().err
        assert blind(url, "--markdown", "summary.md") == ExitStatus.USAGE
        assert "--markdown writes a report; name it with --report" in capsys.readouterr().err
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
