"""`tst-harness report` of what `tst-harness prune` left."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from html_pages import data_of
from projects import module, questions, write_rows

from tst_harness.analysis.figures import percent
from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.pruning.files import read_pruning


@pytest.fixture(autouse=True)
def forget_the_module() -> Iterator[None]:
    """The module that is collected in this process has the name of others."""
    sys.modules.pop("test_toy", None)
    yield
    sys.modules.pop("test_toy", None)


def test_the_curve_stands_beside_random_removals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(Path("toy.jsonl"), questions())
    Path("benchmarks").mkdir()
    Path("benchmarks/test_toy.py").write_text(module(), encoding="utf-8")
    asked = ["--budget", "10", "--batch", "5", "--min-per-type", "20", "--output", "out"]
    assert main(["prune", "toy", *asked]) == ExitStatus.OK
    capsys.readouterr()
    assert main(["report", "out/pruning.json"]) == ExitStatus.OK
    assert capsys.readouterr().out == "page: out/pruning.html\n"
    page = Path("out/pruning.html").read_text("utf-8")
    report = read_pruning(Path("out/pruning.json"))
    assert report.controls is not None
    random = report.controls.removals[0].random_control
    assert random is not None
    assert f"<dt>random removals</dt><dd>{percent(random.score.random.mean)}%</dd>" in page
    assert "10 of 100 questions removed" in page
    assert page.count('<tr><td class="figure">') == len(report.iterations)
    shown = data_of(page)["questions"]
    texts = {str(row["id"]): (row["question"], row["options"], row["answer"]) for row in questions()}
    assert shown["id"] == report.removed
    for id_, text, options, answer in zip(
        shown["id"], shown["text"], shown["options"], shown["answer"], strict=True
    ):
        assert (text, options, answer) == texts[id_]


def test_texts_are_left_out_where_they_may_not_be_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(Path("toy.jsonl"), questions())
    Path("benchmarks").mkdir()
    Path("benchmarks/test_toy.py").write_text(module(more="redistributable=False,"), encoding="utf-8")
    assert main(["prune", "toy", "--budget=10", "--no-controls", "--output=out"]) == ExitStatus.OK
    assert main(["report", "out/pruning.json"]) == ExitStatus.OK
    page = Path("out/pruning.html").read_text("utf-8")
    assert data_of(page)["questions"]["text"] is None
    assert "are not shown, as the benchmark's terms require" in page
    assert "What colour" not in Path("out/pruning.questions.jsonl").read_text("utf-8")
