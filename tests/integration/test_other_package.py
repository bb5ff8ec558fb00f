"""A diagnostic and a check of another package: found, run, resumed, reported, gated and shown."""

from pathlib import Path

import pytest
from projects import CHECKS, FOLDS, progress, read_json, write_project

PACKAGE = """
from tst_harness.analysis.folded import SCORING, DiagnosticAnalysis


class First:
    name, settings, versions = "first", {}, {}

    def predict(self, task):
        import numpy as np

        from tst_harness.analysis.diagnostic import Prediction

        options = task.questions.frame["options"].to_numpy()[task.held_out]
        counts = np.array([len(row) if row else 1 for row in options])
        values = np.concatenate([[1.0, *[0.0] * (count - 1)] if row else [2.0]
                                 for row, count in zip(options, counts)])
        return Prediction(values, counts)


class FirstOption(DiagnosticAnalysis):
    name = "first"
    code = (*SCORING, "other_package")

    def diagnostic(self, experiment):
        return First()


class Lengths:
    name, kind, code, needs_gpu = "lengths", "check", ("other_package",), False

    def units(self, plan):
        from tst_harness.analysis.units import Unit

        return [Unit(self.name, plan.splits[0])]

    def inputs(self, experiment):
        from tst_harness.analysis.protocol import Inputs

        return Inputs({"unit": "characters"})

    def compute(self, experiment, unit):
        from tst_harness.analysis.records import CheckRecord

        longest = int(experiment.questions.frame["text"].str.len().max())
        return CheckRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            seconds=0.0,
            findings={"longest": longest},
        )

    def summarise(self, records):
        return records[0].findings

    def sentences(self, section):
        yield f"the longest question has {section['longest']} characters"


FIRST, LENGTHS = FirstOption(), Lengths()
"""
ENTRY_POINTS = """
[tst_harness.analyses]
first = other_package:FIRST
lengths = other_package:LENGTHS
"""
ASKED = ("-p", "no:randomly", "--tst-no-html", "--tst-diagnostic=first")


@pytest.fixture(autouse=True)
def installed(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the search path with the package, as an installer leaves it."""
    site = pytester.mkdir("site")
    (site / "other_package.py").write_text(PACKAGE, "utf-8")
    metadata = site / "other_package-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other-package\nVersion: 1.0\n", "utf-8")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(site))
    return site


def test_both_are_run_reported_resumed_and_shown(pytester: pytest.Pytester, installed: Path) -> None:
    write_project(pytester)
    result = pytester.runpytest_subprocess(*ASKED)
    result.assert_outcomes(passed=FOLDS + len(CHECKS))
    report = read_json(Path("reports/toy-first.json"))
    assert set(report["diagnostics"]) == {"first"}
    assert 0.0 < report["diagnostics"]["first"]["overall"]["score"] < 1.0
    longest = report["sections"]["lengths"]["figures"]["longest"]
    result.stdout.fnmatch_lines(
        ["toy: Toy-Bench | first | *", f"lengths: the longest question has {longest} characters"]
    )
    (installed / "other_package.py").write_text(f"{PACKAGE}\n# Another version.\n", "utf-8")
    assert "cached" not in {
        taken for unit, taken in progress(pytester.runpytest_subprocess(*ASKED)).items() if unit not in CHECKS
    }
    assert set(progress(pytester.runpytest_subprocess(*ASKED)).values()) == {"cached"}


def test_its_score_is_gated(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    result = pytester.runpytest_subprocess(*ASKED, "--tst-gate", "toy.first.score <= 0.05")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert read_json(Path("reports/toy-first.json"))["gates"][0]["verdict"] == "fail"
