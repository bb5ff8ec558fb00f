import json
from pathlib import Path

import pytest
from record_builders import make_source
from snapshots import make_report, make_snapshot

from tst_harness.errors import ReportError
from tst_harness.gates.reference import read_reference, read_snapshot, update_reference, write_reference
from tst_harness.gates.snapshot import changes
from tst_harness.report.files import DamagedFileError, write_report
from tst_harness.report.names import run_name
from tst_harness.report.sample_files import write_samples
from tst_harness.report.schema import Fault
from tst_harness.stats.metrics import HELD_OUT_METRICS, ZERO_SHOT_METRICS, Metric
from tst_harness.stats.samples import Samples, figures

SECRET = "the text of a question"


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_reference_holds_what_gates_need(tmp_path: Path, repeats: int) -> None:
    found = make_snapshot(repeats, llm=True)
    path = write_reference(found, tmp_path)
    assert path == tmp_path / "references" / f"{run_name(found.about)}.json"
    read = read_reference(path)
    assert changes(found.about, read.about) == []
    for diagnostic in ("forest", "llm"):
        one, other = (Samples.of(each.samples, diagnostic) for each in (found, read))
        assert one.type.tolist() == other.type.tolist()
        assert one.group.tolist() == other.group.tolist()
        for name in (*HELD_OUT_METRICS, *ZERO_SHOT_METRICS):
            metric = Metric(name, 0.5 if name == "share" else None)
            if diagnostic == "llm" or not name.endswith("delta"):
                assert figures(one, metric).tolist() == figures(other, metric).tolist()


def test_equal_results_give_equal_files_with_a_line_a_question(tmp_path: Path) -> None:
    one = write_reference(make_snapshot(2), tmp_path / "one").read_text("utf-8")
    assert write_reference(make_snapshot(2), tmp_path / "other").read_text("utf-8") == one
    lines = [line for line in one.splitlines() if line.startswith('{"blind_baseline"')]
    assert len(lines) == 60
    assert [json.loads(line.rstrip(","))["id"] for line in lines] == [str(number) for number in range(60)]
    json.loads(one)


def test_no_text_of_a_question_gets_into_a_reference(tmp_path: Path) -> None:
    skipped = [Fault(row=1, id="1", field="answer", problem=SECRET)]
    report, samples = make_report(source=make_source(faults=skipped))
    assert report.source.left_out == skipped
    samples["prediction"] = SECRET
    found = make_snapshot(source=make_source(faults=skipped))._replace(samples=samples)
    assert SECRET not in write_reference(found, tmp_path).read_text("utf-8")


def test_an_update_tells_what_was_there(tmp_path: Path) -> None:
    first, second = make_snapshot(seed=1), make_snapshot(seed=2)
    path, before = update_reference(first, tmp_path)
    assert before is None
    update_reference(second, tmp_path)
    _, before = update_reference(first, tmp_path)
    assert before is not None
    assert before.diagnostics["forest"].overall == second.about.diagnostics["forest"].overall
    path.write_text("{", "utf-8")
    assert update_reference(first, tmp_path) == (path, None)


def test_a_report_and_a_reference_are_read_alike(tmp_path: Path) -> None:
    report, samples = make_report(2)
    write_samples(run_name(report), samples, tmp_path)
    from_report = read_snapshot(write_report(report, tmp_path))
    from_reference = read_snapshot(write_reference(from_report, tmp_path))
    assert changes(from_report.about, from_reference.about) == []
    one, other = (Samples.of(each.samples, "forest") for each in (from_report, from_reference))
    assert (one.s == other.s).all()


def test_an_incomplete_report_says_so(tmp_path: Path) -> None:
    report, samples = make_report(missing=1)
    write_samples(run_name(report), samples, tmp_path)
    found = read_snapshot(write_report(report, tmp_path))
    assert found.incomplete == ("forest",)
    assert found.about.diagnostics == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"reference_version": 2}', "is not valid: benchmark: Field required"),
        (
            '{"reference_version": 1}',
            "is of reference version 1 and this tst-harness reads version 2: make a",
        ),
        ('{"reference_version": 1', "is not JSON"),
        ("[]", "has no schema_version"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "demo.json"
    path.write_text(content, "utf-8")
    with pytest.raises(DamagedFileError, match=str(path)) as refused:
        read_snapshot(path)
    assert problem in str(refused.value)


def test_a_file_that_does_not_exist_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"^\S+ does not exist: run the benchmark first"):
        read_snapshot(tmp_path / "demo.json")


def test_a_question_with_too_few_repeats_is_refused(tmp_path: Path) -> None:
    path = write_reference(make_snapshot(2), tmp_path)
    path.write_text(path.read_text("utf-8").replace('"fold":[', '"fold":[9,', 1), "utf-8")
    with pytest.raises(DamagedFileError, match="fold, s, score, blind_baseline have different lengths"):
        read_reference(path)


def test_a_report_without_its_samples_is_refused(tmp_path: Path) -> None:
    report, _ = make_report()
    with pytest.raises(ReportError, match=r"samples\.jsonl does not exist"):
        read_snapshot(write_report(report, tmp_path))


def test_a_baseline_of_an_earlier_version_says_what_to_do(tmp_path: Path) -> None:
    path = write_reference(make_snapshot(), tmp_path)
    path.write_text(path.read_text("utf-8").replace("reference_version", "baseline_version"), "utf-8")
    for read in (read_reference, read_snapshot):
        with pytest.raises(DamagedFileError, match="earlier tst-harness: make a reference in its place"):
            read(path)
