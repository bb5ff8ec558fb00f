"""`tst-harness prune`: what a removal is measured against, and the benchmark that it leaves."""

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from projects import Row, module, questions, read_json, write_rows

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.pruning import controls_schema
from tst_harness.pruning.controls_schema import Comparison
from tst_harness.pruning.files import read_pruning
from tst_harness.views.pruning_controls import control_lines

PRUNED = ("--budget", "10", "--batch", "10", "--min-per-type", "20")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    write_project()
    yield
    sys.modules.pop("test_toy", None)


def write_project(rows: list[Row] | None = None, **changes: str) -> None:
    write_rows(Path("toy.jsonl"), questions() if rows is None else rows)
    Path("benchmarks").mkdir(exist_ok=True)
    Path("benchmarks/test_toy.py").write_text(module(**changes), encoding="utf-8")


def prune(*arguments: str, output: str = "out") -> int:
    """Run the command in this process, which forgets the module that it collected."""
    sys.modules.pop("test_toy", None)
    return main(["prune", "toy", "--output", output, *arguments])


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert prune(*arguments) == ExitStatus.USAGE
    assert not Path("out").exists()
    [sentence] = capsys.readouterr().err.splitlines()
    return sentence.removeprefix("tst-harness prune: ")


def table(out: str) -> list[list[str]]:
    """The names and figures of the rows of the table of controls, as words; no line is too long."""
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    start = next(place for place, line in enumerate(lines) if line.startswith("removed "))
    rows = lines[start + 2 :]
    return [line.split() for line in rows[: next(p for p, line in enumerate(rows) if line[0] == "-")]]


def test_nothing_is_removed_where_nothing_is_found_unless_it_is_forced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng = random.Random(0)
    rows = [{**row, "answer": rng.choice("ABC")} for row in questions() if row["kind"] == "pick"]
    write_project(rows, types='Choice("pick")')
    sentence = refusal(capsys, *PRUNED)
    assert re.fullmatch(
        r"toy: nothing to prune: forest scores [\d.]+%, and its gain of [-+\d.]+ points \[.+\] is not "
        "significant, nor is that of any type; --force removes questions all the same",
        sentence,
    )
    assert prune(*PRUNED, "--force") == ExitStatus.OK
    report = read_pruning(Path("out/pruning.json"))
    assert len(report.removed) == 10
    assert report.controls is not None
    assert report.controls.by_luck is not None
    words = " ".join(capsys.readouterr().out.split())
    assert (
        "with answers permuted, where there is nothing to find, as many removals change the score by" in words
    )
    controls = report.controls
    sentences = {
        by_luck: " ".join(" ".join(control_lines(controls.model_copy(update={"by_luck": by_luck}))).split())
        for by_luck in (0.06, -0.5)
    }
    assert re.search(r"by \+6\.0 points, so none of the \S+ here is luck", sentences[0.06])
    assert re.search(r"by -50\.0 points, so all of the \S+ here may be luck", sentences[-0.5])


def test_a_pruning_is_measured_against_random_removals_and_by_another_diagnostic(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert prune(*PRUNED) == ExitStatus.OK
    rows = table(capsys.readouterr().out)
    assert rows[0][:4] == ["pruned", "(10)", "forest", "score"]
    assert [row[:2] for row in rows[1:]] == [["forest", "gain"], ["words", "score"], ["words", "gain"]]
    report = read_pruning(Path("out/pruning.json"))
    assert report.controls is not None
    [removal] = report.controls.removals
    assert removal.overall == report.after.overall
    assert report.controls.before == report.before.overall
    assert sum(removal.removed.values()) == 10
    assert removal.random_control is not None
    assert removal.random_control.seeds == 10
    assert removal.other_diagnostic is not None
    assert removal.other_diagnostic.diagnostic == "words"
    assert "Report results on both versions" in Path("out/data_card.md").read_text(encoding="utf-8")


def test_controls_are_the_same_whatever_the_order_of_rows() -> None:
    assert prune(*PRUNED) == ExitStatus.OK
    first = read_pruning(Path("out/pruning.json"))
    write_project(list(reversed(questions())))
    assert prune(*PRUNED, output="again") == ExitStatus.OK
    assert read_pruning(Path("again/pruning.json")).controls == first.controls


def test_without_controls(capsys: pytest.CaptureFixture[str]) -> None:
    assert prune(*PRUNED, "--no-controls") == ExitStatus.OK
    assert "random" not in capsys.readouterr().out
    assert read_pruning(Path("out/pruning.json")).controls is None
    card = Path("out/data_card.md").read_text(encoding="utf-8")
    assert card.startswith("## Toy-Bench, pruned\n\n10 of 100 questions of toy.jsonl ")
    assert "| random" not in card


def test_lists_are_compared_without_a_pruning(capsys: pytest.CaptureFixture[str]) -> None:
    Path("one.txt").write_text("1\n2\n3\n70\n", encoding="utf-8")
    Path("other.json").write_text("[3, 4, 71]", encoding="utf-8")
    assert prune("--compare", "one.txt", "other.json", "--judge-limit", "60") == ExitStatus.OK
    out = capsys.readouterr().out
    assert out.startswith("\ntoy: Toy-Bench | lists of removed questions | forest\nremoved ")
    assert max(map(len, out.splitlines())) <= 80
    assert "one (4)" in out
    assert "words on 60 score" in out
    assert "one.txt and other.json share 1 questions (Jaccard index 0.17)" in " ".join(out.split())
    assert [path.name for path in Path("out").iterdir()] == ["comparison.json"]
    published = Path(controls_schema.__file__).with_name("comparison.schema.json")
    jsonschema.validate(read_json(Path("out/comparison.json")), read_json(published))
    found = Comparison.model_validate_json(Path("out/comparison.json").read_bytes())
    assert [removal.removed for removal in found.controls.removals] == [
        {"count": 1, "pick": 3},
        {"count": 1, "pick": 2},
    ]
    [first, _] = found.controls.removals
    assert first.other_diagnostic is not None
    assert first.other_diagnostic.limit == 60
    assert first.other_diagnostic.after.n == 60
    assert first.overall.n == 96


def test_lists_are_compared_with_a_pruning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("one.txt").write_text("1\n2\n3\n70\n", encoding="utf-8")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert prune(*PRUNED, "--compare", "one.txt", "--judge", "none") == ExitStatus.OK
    said = capsys.readouterr()
    assert [row[:2] for row in table(said.out)] == [
        ["pruned", "(10)"],
        ["forest", "gain"],
        ["one", "(4)"],
        ["forest", "gain"],
    ]
    steps = [int(step) for step in re.findall(r"toy: controls: [^\r]* (\d+)/23 ", said.err)]
    assert steps == sorted(steps)
    assert {*steps} - {0} == {*range(1, 24)}
    controls = read_pruning(Path("out/pruning.json")).controls
    assert controls is not None
    assert [(found.first, found.second) for found in controls.overlap] == [("pruned", "one.txt")]


def results(**scores: float) -> str:
    """Results that are good with the image, and without it for picks alone."""
    return "".join(f"{n},{scores['pick' if n < 60 else 'count']}\n" for n in range(100))


def test_a_models_scores_with_and_without_the_image(capsys: pytest.CaptureFixture[str]) -> None:
    Path("seen.csv").write_text("id,score\n" + results(pick=1.0, count=0.8), encoding="utf-8")
    Path("blind.csv").write_text("id,score\n" + results(pick=0.9, count=0.1), encoding="utf-8")
    asked = ("--results", "seen.csv", "--results-blind", "blind.csv")
    assert prune("--budgets", "pick=10", *asked, "--judge", "none") == ExitStatus.OK
    printed = capsys.readouterr().out
    for name in ("seen", "blind"):
        assert f"{name}: {name}.csv, CSV; 100 of 100 questions by the id in 'id'\n" in printed
    assert [row[:7] for row in table(printed)[2:]] == [
        ["model", "vision", "92.0", "91.1", "91.1", "±", "0.0"],
        ["model", "blind", "58.0", "54.4", "54.4", "±", "0.0"],
        ["model", "gap", "+34.0", "+36.7", "+36.7", "±", "0.0"],
    ]


def exported(path: str) -> list[Any]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def test_the_pruned_benchmark_is_exported(capsys: pytest.CaptureFixture[str]) -> None:
    asked = (*PRUNED, "--no-controls")
    assert prune(*asked, "--export", "new.jsonl") == ExitStatus.OK
    assert "export: new.jsonl, 100 rows" in capsys.readouterr().out
    removed = set(Path("out/removed_ids.txt").read_text(encoding="utf-8").split())
    rows = [{**row, "pruned": str(row["id"]) in removed} for row in questions()]
    assert exported("new.jsonl") == rows
    # The pruning is finished, and the same command again exports it in another way.
    assert prune(*asked, "--export", "kept.jsonl", "--export-as", "split") == ExitStatus.OK
    assert exported("kept.jsonl") == [row for row in questions() if str(row["id"]) not in removed]
    assert read_json(Path("out/pruning.json"))["removed"] == Path("out/removed_ids.txt").read_text().split()


def test_what_is_exported_can_be_audited_again() -> None:
    assert prune(*PRUNED, "--no-controls", "--export", "new.jsonl", "--export-as", "split") == ExitStatus.OK
    write_rows(Path("toy.jsonl"), exported("new.jsonl"))
    assert prune(*PRUNED, "--no-controls", output="next") == ExitStatus.OK
    assert len(read_pruning(Path("next/pruning.json")).kept) == 80


def test_what_makes_no_sense_is_refused_before_anything_is_diagnosed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("one.txt").write_text("1\n1000\n", encoding="utf-8")
    Path("part.csv").write_text("id,score\n1,1\n", encoding="utf-8")

    def said(*arguments: str) -> str:
        return refusal(capsys, *arguments)

    assert said(*PRUNED, "--compare", "one.txt").startswith(
        "one.txt line 2: '1000' is not the id of a scored"
    )
    assert said(*PRUNED, "--results", "part.csv").startswith("part.csv: has 1 of the 100 questions of toy")
    assert said(*PRUNED, "--export", "new.csv").startswith("new.csv: cannot export '.csv' files")
    assert said(*PRUNED, "--export", "toy.jsonl").startswith("toy.jsonl: is the file of toy itself")
    assert said("--compare", "one.txt", "--export", "new.jsonl").startswith(
        "--export writes a pruned benchmark"
    )
    for option in ("--tst-null", "--tst-limit=50"):
        assert said(*PRUNED, "--export", "new.jsonl", option).startswith("--export needs the whole benchmark")
    assert said(*PRUNED, "--results-blind", "part.csv").startswith("--results-blind needs the results with")
    for option in ("--percent", "--allow-missing"):
        assert said(*PRUNED, option) == f"{option} is about a model's results; give them with --results FILE"
    assert said(*PRUNED, "--judge", "forest").startswith("--judge forest is also what ranks the questions")
    assert said(*PRUNED, "--judge-limit", "0").startswith("--judge-limit 0 leaves nothing to judge")
    assert said(*PRUNED, "--no-controls", "--judge", "words").startswith("--no-controls contradicts --judge")
    assert said(*PRUNED, "--judge-limit", "5").endswith("use --judge-limit 10 or more")
    write_project(more="redistributable=False,")
    assert said(*PRUNED, "--export", "new.jsonl").startswith("toy: its terms forbid passing its texts on")
