"""Whatever is wrong with the input, a user reads one sentence: the file, the row, the field, the problem."""

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import (
    REPORT,
    UNITS,
    Row,
    assert_no_crash,
    failure,
    module,
    progress,
    questions,
    read_json,
    run,
    write_project,
    write_rows,
)

REMEDY = "; correct the file, or leave such rows out with --tst-faults report, which counts and names them "
REMEDY += "in the report"


def with_row(number: int, **changes: Any) -> list[Row]:
    rows = questions()
    rows[number] |= changes
    return rows


@pytest.mark.parametrize(
    ("number", "changes", "expected"),
    [
        (
            70,
            {"id": 7},
            "row 8 (id '7'), field 'id': the id is also that of toy.jsonl row 71 (1 more faulty row)",
        ),
        (7, {"id": None}, "row 8 (id ''), field 'id': the id is missing"),
        (7, {"question": " "}, "row 8 (id '7'), field 'question': the question has no text"),
        (
            7,
            {"answer": "D"},
            "row 8 (id '7'), field 'answer': the answer 'D', read as a letter, names none of the 3 options",
        ),
        (70, {"answer": "a few"}, "row 71 (id '70'), field 'answer': the answer 'a few' is not a number"),
        (7, {"options": ["red", "", "blue"]}, "row 8 (id '7'), field 'options': option 2 of 3 is empty"),
        (
            7,
            {"options": ["red"]},
            "row 8 (id '7'), field 'options': has one option where at least two are needed",
        ),
        (
            7,
            {"kind": "paint"},
            "row 8 (id '7'), field 'kind': the question type 'paint' is not declared (declared: count, pick)",
        ),
    ],
)
def test_a_row_that_makes_no_sense(
    pytester: pytest.Pytester, number: int, changes: dict[str, Any], expected: str
) -> None:
    write_project(pytester, with_row(number, **changes))
    assert failure(run(pytester, "-k", "fold0")) == f"toy: toy.jsonl {expected}{REMEDY}"
    assert not REPORT.exists()


def test_a_question_that_two_types_cover(pytester: pytest.Pytester) -> None:
    columns = 'id="id", text="question", options="options", answer="answer"'
    write_project(pytester, columns=columns, types='Choice("pick", "colour"), Number("count", "How|wall"),')
    sentence = failure(run(pytester, "-k", "fold0"))
    assert "row 1 (id '0'), field 'question': the patterns of 2 question types match" in sentence


def cut_short(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def in_latin_1(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"wall", b"caf\xe9", 1))


def without_answers(path: Path) -> None:
    write_rows(path, [{key: row[key] for key in row if key != "answer"} for row in questions()])


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (cut_short, "toy.jsonl line *: is not valid JSON (*), the file is truncated or corrupt; *"),
        (in_latin_1, "toy.jsonl line 1: is not UTF-8 (byte 0xe9); save the file as UTF-8; *"),
        (Path.touch, "toy.jsonl: is empty"),
        (
            without_answers,
            "toy.jsonl: there is no column 'answer', declared as columns.answer; its columns *",
        ),
    ],
)
def test_a_file_that_cannot_be_used(
    pytester: pytest.Pytester, spoil: Callable[[Path], None], expected: str
) -> None:
    write_project(pytester)
    path = pytester.path / "toy.jsonl"
    if spoil is Path.touch:
        path.unlink()
    spoil(path)
    pytest.LineMatcher([failure(run(pytester, "-k", "fold0"))]).fnmatch_lines([f"toy: {expected}"])


def test_a_group_of_most_questions_makes_no_folds(pytester: pytest.Pytester) -> None:
    rows = [row | {"room": "hall"} if row["id"] < 70 else row for row in questions()]
    write_project(pytester, rows)
    sentence = failure(run(pytester, "-k", "fold0", "--tst-split=grouped"))
    assert sentence.startswith("toy: the group 'hall' holds 70 of the 100 questions")


def test_a_bad_benchmark_is_one_failure_and_others_are_audited(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    bad = with_row(7, answer="D")
    write_rows(pytester.path / "bad.jsonl", bad)
    pytester.makepyfile(test_bad=module("bad", 'LocalFile("bad.jsonl")'))
    result = run(pytester)
    result.assert_outcomes(failed=1, skipped=UNITS - 1, passed=UNITS)
    assert len([line for line in result.outlines if line.startswith("bad: bad.jsonl row 8 ")]) == 1
    assert_no_crash(result)
    assert REPORT.exists()
    assert not Path("reports/bad.json").exists()


def test_invalid_rows_are_skipped_counted_and_named_on_demand(pytester: pytest.Pytester) -> None:
    rows = questions()
    rows[7]["answer"] = "D"
    rows[70]["answer"] = "a few"
    write_project(pytester, rows)
    result = run(pytester, "--tst-faults=report")
    result.assert_outcomes(passed=UNITS)
    result.stdout.fnmatch_lines(
        [
            "answer names no option: 1 row, left out (id 7)",
            "not a number: 1 row, left out (id 70)",
            "- row 8 (id 7), answer: the answer 'D', read as a letter, names none of the 3*",
            "- row 71 (id 70), answer: the answer 'a few' is not a number",
        ]
    )
    report = read_json(REPORT)
    assert (report["source"]["rows"], report["source"]["questions"]) == (100, 98)
    skipped = [(row["row"], row["id"], row["field"]) for row in report["source"]["faults"]]
    assert skipped == [(8, "7", "answer"), (71, "70", "answer")]
    assert report["diagnostics"]["forest"]["overall"]["n"] == 98


@pytest.mark.parametrize("full", ["toy.json", "toy.samples.jsonl"])
def test_a_full_disk_while_the_report_is_written(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, full: str
) -> None:
    write_project(pytester)
    run(pytester)
    before = REPORT.read_bytes()
    rows = with_row(70, answer=40)
    write_rows(pytester.path / "toy.jsonl", rows)
    replace = Path.replace

    def fail_for_the_report(self: Path, target: Path) -> Path:
        if target.name == full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail_for_the_report)
        result = run(pytester)
    result.assert_outcomes(passed=UNITS)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    [sentence] = [line for line in result.outlines if "cannot be written" in line]
    assert sentence.startswith("no verdict: toy: ")
    assert sentence.endswith(
        f"{full} cannot be written (No space left on device): free some space there or choose another "
        "folder, then run again"
    )
    assert_no_crash(result)
    assert REPORT.read_bytes() == before
    assert not list(REPORT.parent.glob(".*.tmp"))
    assert set(progress(run(pytester)).values()) == {"cached"}
    assert REPORT.read_bytes() != before


def test_a_report_folder_that_is_a_file_is_found_before_a_fold_is_computed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester)
    (pytester.path / "taken").touch()
    monkeypatch.delattr("tst_harness.engine.session.compute_unit")
    sentence = failure(run(pytester, "-k", "fold0", "--tst-report=taken"))
    assert sentence.endswith("toy cannot be written (Not a directory): choose another folder, then run again")


def test_a_bad_declaration_names_the_field(pytester: pytest.Pytester) -> None:
    write_project(pytester, types='Choice("pick"), Choice("pick"),')
    result = run(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*question_types: 'pick' is declared 2 times*"])


def test_a_class_without_a_benchmark(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("from tst_harness import StressTest\nclass TestNone(StressTest): pass")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["TestNone declares no benchmark: *"])
    assert_no_crash(result)


def test_two_benchmarks_of_one_name(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    pytester.makepyfile(test_again=module("toy", 'LocalFile("other.jsonl")'))
    result = run(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    # pytest collects the modules by name.
    first, second = "test_again.TestToy", "test_toy.TestToy"
    what = "with other data or types: *"
    result.stdout.fnmatch_lines([f"{second} declares the benchmark 'toy', and so does {first}, {what}"])
    assert_no_crash(result)


def test_one_benchmark_with_two_sets_of_models(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    again = module("toy").rstrip() + "\n    models = [object()]\n"
    pytester.makepyfile(test_again=again)
    result = run(pytester)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        ["test_toy.TestToy declares the benchmark 'toy', and so does *, with other models: *"]
    )
    assert_no_crash(result)


def test_a_sentence_is_the_same_from_a_csv_file(pytester: pytest.Pytester) -> None:
    write_project(pytester, source='LocalFile("toy.csv")')
    rows = with_row(7, answer="D")
    lines = [",".join(json.dumps(str(cell)) for cell in row.values()).replace('\\"', '""') for row in rows]
    header = ",".join(rows[0])
    (pytester.path / "toy.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    sentence = failure(run(pytester, "-k", "fold0"))
    assert sentence.startswith("toy: toy.csv row 8 (id '7'), field 'answer': the answer 'D'")


def test_a_file_that_does_not_exist_is_a_failure_and_no_skip(pytester: pytest.Pytester) -> None:
    write_project(pytester, source='LocalFile("gone.jsonl")')
    assert failure(run(pytester, "-k", "fold0")).startswith("toy: there is no file 'gone.jsonl'")


def test_what_every_worker_meets_fails_one_test(pytester: pytest.Pytester) -> None:
    write_project(pytester, with_row(7, kind="pik"))
    result = pytester.runpytest_subprocess("-p", "no:randomly", "--tst-no-html", "-n", "2")
    result.assert_outcomes(failed=1, skipped=UNITS - 1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    sentences = [line for line in result.outlines if line.startswith("toy: toy.jsonl row 8 ")]
    assert len(sentences) == 1
    assert "'pik' is not declared (declared: count, pick); did you mean 'pick'?" in sentences[0]


@pytest.mark.parametrize(
    "problem", ["MemoryError()", "ImportError('libgfortran.so.5: failed to map segment from shared object')"]
)
def test_memory_that_runs_out_is_one_sentence(pytester: pytest.Pytester, problem: str) -> None:
    write_project(pytester)
    pytester.makeconftest(
        "from tst_harness.engine.session import Session\n"
        f"def run_unit(*arguments): raise {problem}\n"
        "Session.run_unit = run_unit\n"
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(failed=1, skipped=UNITS - 1)
    assert "memory ran out; give it more, or less to read (--tst-limit N)" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    assert_no_crash(result)


def test_too_few_open_files_for_the_workers_are_told(pytester: pytest.Pytester) -> None:
    write_project(pytester)
    command = f"ulimit -n 24 && exec {sys.executable} -m pytest -n 12 --tst-folds 2"
    result = pytester.run("sh", "-c", command)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    output = result.stdout.str() + result.stderr.str()
    assert "ERROR: too many files are open; raise the limit (ulimit -n), or use fewer workers (-n)" in output
    assert "INTERNALERROR" not in output
