"""After an audit the terminal says what was found, and two files hold all of it."""

import json
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from projects import CHECKS, FOLDS, REPORT, SAMPLES, UNITS, progress, read_json, run, write_project

from tst_harness.report.files import read_report
from tst_harness.report.sample_files import read_samples
from tst_harness.report.schema import FoldScores, Scores

DIAGNOSTIC_KEYS = {"complete", "overall", "types", "folds", "shortcuts"}
OVERALL_KEYS = {
    *("n", "score", "mean_s", "interval", "blind_baseline", "gain", "gain_interval", "macro_score"),
}
TYPE_KEYS = {"format", "metric", "n", "score", "mean_s", "interval", "blind_baseline", "gain"}
SHORTCUT_KEYS = {"type", "text", "support", "score", "blind_baseline", "p_value"}
SAMPLE_KEYS = {
    *("diagnostic", "id", "type", "format", "fold", "repeat", "s", "score", "blind_baseline", "prediction"),
}


def test_the_terminal_tells_the_whole_story_in_order(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = run(pytester)
    result.assert_outcomes(passed=UNITS)
    assert result.ret == pytest.ExitCode.OK
    assert list(progress(result)) == [
        *(f"forest fold {fold}" for fold in range(FOLDS)),
        *CHECKS,
    ]
    result.stdout.fnmatch_lines(
        [
            "tst: toy from toy.jsonl (file)",
            "  toy forest fold 0: *% of 20 held-out questions (*)",
            "toy: Toy-Bench | forest | file toy.jsonl",
            "question type *fmt *n *baseline *held-out ?95%? *gain ?95%?",
            "count *num *40 *constant *",
            "pick *mc *60 *majority 86.7 86.7 *0.0 ?0.0, 0.0?",
            "weighted mean *100 *",
            "macro mean *",
            "*the text alone is worth +* points*",
            "the most frequent answer of the training folds scores more than chance: pick",
            "  86.7% (chance 33.3%)",
            "strongest shortcuts (*",
            "- pick: the option `red` is right *",
            f"report: {REPORT}",
            f"samples: {SAMPLES}",
            "found: a text-only model scores * on 100 questions; guessing scores *",
        ]
    )


def test_the_files_are_valid_and_have_the_agreed_keys(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    content = read_json(REPORT)
    jsonschema.validate(
        content, json.loads(files("tst_harness.report").joinpath("report.schema.json").read_text())
    )
    assert read_report(REPORT).benchmark == "toy"
    assert content["schema_version"] == 2
    assert content["source"]["kind"] == "file"
    assert content["null_control"] is False
    found = content["diagnostics"]["forest"]
    assert found["complete"] is True
    assert found.keys() >= DIAGNOSTIC_KEYS
    assert found["overall"].keys() >= OVERALL_KEYS
    assert set(found["types"]) == {"pick", "count"}
    assert all(scores.keys() >= TYPE_KEYS for scores in found["types"].values())
    assert all(shortcut.keys() >= SHORTCUT_KEYS for shortcut in found["shortcuts"])
    assert found["shortcuts"]
    lines = SAMPLES.read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line).keys() >= SAMPLE_KEYS for line in lines)


def test_the_samples_add_up_to_the_report(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    run(pytester)
    found = read_report(REPORT).diagnostics["forest"]
    samples = read_samples(SAMPLES)
    assert found.overall is not None
    parts: list[tuple[Scores | FoldScores, pd.DataFrame]] = [
        (found.overall, samples),
        *((scores, samples[samples["type"] == name]) for name, scores in found.types.items()),
        *((scores, samples[samples["fold"] == scores.fold]) for scores in found.folds),
    ]
    for scores, part in parts:
        assert scores.n == len(part)
        assert scores.score == pytest.approx(part["score"].mean())
        assert scores.mean_s == pytest.approx(part["s"].mean())
    assert found.overall.blind_baseline == pytest.approx(samples["blind_baseline"].mean())
    assert samples["id"].tolist() == [str(number) for number in range(100)]


def test_a_report_names_no_folder_of_this_machine(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester)
    (pytester.path / "out").mkdir()
    options = [f"--tst-report={pytester.path / 'out'}", "--rootdir", str(pytester.path.parent)]
    arguments = [str(pytester.path / "test_toy.py"), *options]
    monkeypatch.setattr(sys, "argv", [str(Path(sys.prefix) / "bin" / "pytest"), *arguments])
    run(pytester, *arguments)
    command = ["pytest", "test_toy.py", "--tst-report=out", "--rootdir", pytester.path.parent.name]
    assert read_json(Path("out/toy.json"))["run"]["command"] == command
    for file in ("toy.json", "toy.samples.jsonl"):
        text = (pytester.path / "out" / file).read_text(encoding="utf-8")
        for folder in (pytester.path, Path(sys.prefix), Path.home()):
            assert str(folder) not in text
