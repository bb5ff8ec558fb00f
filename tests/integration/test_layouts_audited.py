"""Every layout, from its file to the numbers: `init` and then pytest give what an audit gives."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from known_layouts import KNOWN
from layouts import LAYOUTS
from projects import settled
from published_layouts import PUBLISHED

import tst_harness
from tst_harness.cli import main
from tst_harness.dataset.sources import SAMPLE
from tst_harness.engine.results import ExitStatus

ALONE = ("-p", "no:randomly", "-p", "no:benchmark", "-p", "no:hypothesispytest")
FOLDS = 2


WORDS = ("words",)
"""The diagnostic that takes least."""


def audited(data: Any, folder: str, name: str, **settings: Any) -> str:
    report = tst_harness.audit(data, name=name, folds=FOLDS, progress=False, **settings)
    return settled(report.save(folder))


def of_words(name: str) -> Path:
    """The report of a benchmark that only the words diagnostic ran on."""
    return Path(f"reports/{name}-words.json")


def of_forest(name: str) -> Path:
    """The report of a benchmark that only the forest ran on."""
    return Path(f"reports/{name}.json")


BUILDS = {name: build for name, (build, _) in (LAYOUTS | PUBLISHED).items()} | {
    name: form.build for name, form in KNOWN.items()
}


OPTIONS = {
    "records by id": 4,
    "nested by video and skill": 3,
    "lines named json": 2,
    "labels 0 and 1": 2,
    "faulty rows": 4,
    "caption pairs": 2,
    "options as text and label": 4,
    "a folder of tasks": 4,
    "answers of their own": 5,
    "compressed": 4,
    "zipped": 4,
    "conversations": 4,
    "lettered parts": 4,
    "answers kept back": 4,
    "pairs of responses": 2,
    "letters in the options": 4,
    "bare letters": 4,
    "letters written otherwise": 4,
    "premise and hypothesis": 3,
    "few groups": 4,
    "two questions in a row": 2,
}
"""How many options each question of a layout has, where all have as many."""


@pytest.mark.parametrize(
    ("layouts", "diagnostic", "report_of"),
    [
        (tuple(BUILDS), "words", of_words),
        (
            ("several formats", "several right options", "answers of their own", "accepted texts"),
            "forest",
            of_forest,
        ),
    ],
    ids=["words", "forest"],
)
def test_init_and_pytest_give_the_numbers_of_the_audit_on_each_layout(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    layouts: tuple[str, ...],
    diagnostic: str,
    report_of: Callable[[str], Path],
) -> None:
    monkeypatch.delenv("TST_DATA_DIR", raising=False)
    expected = {}
    for number, layout in enumerate(layouts):
        folder, name = pytester.path / f"layout{number}", f"layout{number}"
        folder.mkdir()
        path = BUILDS[layout](folder).relative_to(pytester.path).as_posix()
        assert main(["init", path, "--name", name]) == ExitStatus.OK
        expected[layout] = (name, audited(path, "python", name, diagnostics=(diagnostic,)))
    result = pytester.runpytest_subprocess(
        *ALONE, f"--tst-folds={FOLDS}", f"--tst-diagnostic={diagnostic}", "-q", "."
    )
    assert result.ret == pytest.ExitCode.OK
    by_pytest = {layout: settled(report_of(name)) for layout, (name, _) in expected.items()}
    assert {layout: report == by_pytest[layout] for layout, (_, report) in expected.items()} == dict.fromkeys(
        expected, True
    )
    for layout in OPTIONS.keys() & expected.keys():
        types = tst_harness.read_report(report_of(expected[layout][0])).types()
        assert types["chance"].tolist() == pytest.approx([1 / OPTIONS[layout]] * len(types)), layout


@pytest.mark.skipif("TST_SHAPES_DIR" not in os.environ, reason="TST_SHAPES_DIR names a folder of layouts")
def test_init_and_pytest_give_the_numbers_of_the_audit_on_a_folder_of_layouts(
    pytester: pytest.Pytester,
) -> None:
    expected = {}
    for path in sorted(Path(os.environ["TST_SHAPES_DIR"]).iterdir()):
        if path.suffix in (".md", ".py") or "answers.json" in path.name or path.name.startswith("16"):
            continue
        name = f"shape{path.name[:2]}"
        assert main(["init", path.as_posix(), "--name", name]) == ExitStatus.OK
        expected[name] = audited(path, "python", name, diagnostics=WORDS)
    assert (
        pytester.runpytest_subprocess(*ALONE, f"--tst-folds={FOLDS}", "--tst-diagnostic=words", "-q", ".").ret
        == pytest.ExitCode.OK
    )
    assert {name: settled(of_words(name)) == report for name, report in expected.items()} == (
        dict.fromkeys(expected, True)
    )


def test_the_sample_gives_the_same_report_in_each_layout(pytester: pytest.Pytester) -> None:
    rows = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
    by_id = {str(row["id"]): {name: value for name, value in row.items() if name != "id"} for row in rows}
    nested: dict[str, Any] = {}
    for row in rows:
        bare = {name: value for name, value in row.items() if name not in ("scene_name", "question_type")}
        nested.setdefault(row["scene_name"], {}).setdefault(row["question_type"], []).append(bare)
    own = {"questions": [{name: row[name] for name in row if name != "ground_truth"} for row in rows]}
    documents: dict[str, tuple[Any, dict[str, str]]] = {
        "rows": (rows, {}),
        "by_id": (by_id, {"id": "$key"}),
        "nested": (nested, {"group": "$key1", "type": "$key2"}),
        "of_videos": ([{"clip": row["scene_name"], "qa": [row]} for row in rows], {}),
        "own_questions": (own, {}),
    }
    answers = [{"id": row["id"], "ground_truth": row["ground_truth"]} for row in rows]
    Path("own_answers.json").write_text(json.dumps(answers))
    reports = {}
    for layout, (document, columns) in documents.items():
        Path(f"{layout}.json").write_text(json.dumps(document))
        settings = {"group": "scene_name", "type": "question_type"} if layout != "of_videos" else {}
        report = audited(f"{layout}.json", layout, "sample", limit=90, **(settings | columns))
        reports[layout] = without_place(json.loads(report))
    for layout, parts in reports.items():
        for part, value in parts.items():
            assert value == reports["rows"][part], (layout, part)


def without_place(report: dict[str, Any]) -> dict[str, Any]:
    """A report without where its rows stood and how their columns are called."""
    source = report["source"]
    del source["location"], source["fingerprint"]["row_order"]
    for fault in source["faults"]:
        del fault["field"], fault["row"]
    return report
