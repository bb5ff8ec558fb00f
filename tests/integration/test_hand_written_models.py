"""Feature models written by hand against the TsT protocols run beside the forest."""

from pathlib import Path

import pytest
from projects import FOLDS, REPORT, UNITS, run, write_project

from tst_harness.report.files import read_report

_MODELS = '''
import pandas as pd


class Counted:
    """How many: the mean answer to questions about the same object."""

    name = "counted"
    format = "num"
    task = "reg"
    metric = "mra"
    target_col_override = None
    feature_cols = ["mean"]

    def select_rows(self, df):
        rows = df[df["kind"] == "count"].copy()
        rows["object"] = rows["question"].str.extract(r"How many (.+?)\\\\(s\\\\)")[0]
        return rows

    def fit_feature_maps(self, train_df):
        self.means = train_df.groupby("object")["answer"].mean()

    def add_features(self, df):
        df = df.copy()
        df["mean"] = df["object"].map(self.means)
        return df


class Leaking(Counted):
    name = "leaking"
    feature_cols = ["mean", "doubled"]

    def add_features(self, df):
        df = super().add_features(df)
        df["doubled"] = 2 * df["answer"]
        return df
'''


def write(pytester: pytest.Pytester, *models: str) -> None:
    pytester.makepyfile(hand=_MODELS.replace("\\\\", "\\"))
    write_project(pytester)
    path = pytester.path / "test_toy.py"
    made = ", ".join(f"hand.{model}()" for model in models)
    declared = path.read_text("utf-8").rstrip()
    path.write_text(f"import hand\n{declared}\n    models = [{made}]\n", "utf-8")
    pytester.syspathinsert()


def test_they_are_a_diagnostic_of_their_own(pytester: pytest.Pytester) -> None:
    write(pytester, "Counted")
    run(pytester).assert_outcomes(passed=FOLDS + UNITS)
    found = read_report(REPORT).diagnostics
    assert set(found) == {"features", "forest"}
    features = found["features"]
    assert features.complete
    assert features.overall is not None
    assert features.overall.n == 40
    assert set(features.types) == {"count"}
    assert set(features.types["count"].importances) == {"mean"}
    assert features.overall.score > 0.7
    assert features.notes == ["questions that no model selects, which are not scored: 60"]


def test_one_that_reads_the_answers_is_refused_and_named(pytester: pytest.Pytester) -> None:
    write(pytester, "Leaking")
    result = run(pytester)
    result.assert_outcomes(failed=FOLDS, passed=UNITS)
    result.stdout.fnmatch_lines(["leaking: the feature column(s) 'doubled' change when*"])
    assert set(read_report(REPORT).diagnostics) == {"forest"}


def test_it_runs_where_the_leak_is_allowed_and_the_report_says_so(pytester: pytest.Pytester) -> None:
    write(pytester, "Leaking")
    result = run(pytester, "--tst-allow-leak")
    result.assert_outcomes(passed=FOLDS + UNITS)
    report = read_report(Path("reports/toy-leak.json"))
    assert report.settings.allow_leak
    assert any("not checked" in note for note in report.diagnostics["features"].notes)
    result.stdout.fnmatch_lines(["note: it was not checked whether features read held-out answers*"])


def test_permuted_answers_reach_them_too(pytester: pytest.Pytester) -> None:
    write(pytester, "Counted")
    run(pytester, "--tst-null").assert_outcomes(passed=FOLDS + UNITS)
    overall = read_report(Path("reports/toy-null.json")).diagnostics["features"].overall
    assert overall is not None
    assert overall.gain_interval[0] <= 0.0


def test_two_that_select_the_same_question_are_refused(pytester: pytest.Pytester) -> None:
    write(pytester, "Counted", "Counted")
    result = run(pytester, "-k", "features")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["counted: selects the question *, which counted selects too*"])
