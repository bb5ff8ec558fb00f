"""Every layout, from its file to the numbers: `init` and then pytest give what an audit gives."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from known_layouts import KNOWN
from layouts import LAYOUTS
from plain_baselines import plain_baselines
from projects import settled
from published_layouts import PUBLISHED
from sample_layouts import SAMPLES

import tst_harness
from tst_harness.cli import main
from tst_harness.dataset.sources import SAMPLE
from tst_harness.engine.proposal import propose
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
def test_init_and_pytest_give_the_numbers_of_the_audit_and_the_baselines_on_each_layout(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    layouts: tuple[str, ...],
    diagnostic: str,
    report_of: Callable[[str], Path],
) -> None:
    monkeypatch.delenv("TST_DATA_DIR", raising=False)
    expected, paths = {}, {}
    for number, layout in enumerate(layouts):
        folder, name = pytester.path / f"layout{number}", f"layout{number}"
        folder.mkdir()
        path = BUILDS[layout](folder).relative_to(pytester.path).as_posix()
        assert main(["init", path, "--name", name]) == ExitStatus.OK
        paths[layout] = path
        expected[layout] = (name, audited(path, "python", name, diagnostics=(diagnostic,)))
    result = pytester.runpytest_subprocess(
        *ALONE, f"--tst-folds={FOLDS}", f"--tst-diagnostic={diagnostic}", "-q", "."
    )
    assert result.ret == pytest.ExitCode.OK
    by_pytest = {layout: settled(report_of(name)) for layout, (name, _) in expected.items()}
    assert {layout: report == by_pytest[layout] for layout, (_, report) in expected.items()} == dict.fromkeys(
        expected, True
    )
    for layout, (name, _) in expected.items():
        report = tst_harness.read_report(report_of(name))
        types = report.types().set_index("type")
        if layout in OPTIONS:
            assert types["chance"].tolist() == pytest.approx([1 / OPTIONS[layout]] * len(types)), layout
        check_baselines(paths[layout], name, report)


def check_baselines(path: str, name: str, report: tst_harness.Report) -> None:
    """Compare the blind baselines of each type with those that their definitions give."""
    types = report.types().set_index("type")
    expected = plain_baselines(propose(path, name, {}).dataset, report.samples())
    assert types["blind_baseline"].to_dict() == pytest.approx(expected), path


@pytest.mark.skipif("TST_SHAPES_DIR" not in os.environ, reason="TST_SHAPES_DIR names a folder of layouts")
def test_init_and_pytest_give_the_numbers_of_the_audit_on_a_folder_of_layouts(
    pytester: pytest.Pytester,
) -> None:
    expected, paths = {}, {}
    for path in sorted(Path(os.environ["TST_SHAPES_DIR"]).iterdir()):
        if path.suffix in (".md", ".py") or "answers.json" in path.name or path.name.startswith("16"):
            continue
        name = f"shape{path.name[:2]}"
        assert main(["init", path.as_posix(), "--name", name]) == ExitStatus.OK
        paths[name] = str(path)
        expected[name] = audited(path, "python", name, diagnostics=WORDS)
    assert (
        pytester.runpytest_subprocess(*ALONE, f"--tst-folds={FOLDS}", "--tst-diagnostic=words", "-q", ".").ret
        == pytest.ExitCode.OK
    )
    assert {name: settled(of_words(name)) == report for name, report in expected.items()} == (
        dict.fromkeys(expected, True)
    )
    for name, place in paths.items():
        check_baselines(place, name, tst_harness.read_report(of_words(name)))


SAMPLE_ROWS: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
QUESTIONS = 90
"""How many of the sample's questions are read in each layout."""


@pytest.fixture(scope="module")
def sample_as_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of the sample as a list of rows."""
    folder = tmp_path_factory.mktemp("rows")
    (folder / "rows.json").write_text(json.dumps(SAMPLE_ROWS))
    return report_of(str(folder / "rows.json"), folder, {})


@pytest.mark.parametrize("layout", SAMPLES)
def test_the_sample_gives_the_same_report_in_each_layout(
    tmp_path: Path, sample_as_rows: dict[str, Any], layout: str
) -> None:
    path, columns = SAMPLES[layout](SAMPLE_ROWS, tmp_path)
    report = report_of(path, tmp_path, columns)
    for part, value in report.items():
        assert value == sample_as_rows[part], part


def report_of(path: str, folder: Path, columns: dict[str, str | None]) -> dict[str, Any]:
    """The report of the sample at a path, without where its rows stood and how their columns are called."""
    settings: dict[str, Any] = {"group": "scene_name", "type": "question_type", "limit": QUESTIONS} | columns
    report: dict[str, Any] = json.loads(audited(path, str(folder / "reports"), "sample", **settings))
    source = report["source"]
    del source["location"], source["fingerprint"]["row_order"]
    for fault in source["faults"]:
        del fault["field"], fault["row"]
    return report
