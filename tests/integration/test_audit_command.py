"""`tst-harness audit` and `tst-harness init`: a file of questions, no module and no configuration."""

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from projects import FOLDS, UNITS, Row, questions, read_json, run, settled, write_rows

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus

ALONE = ("-p", "no:hypothesispytest")
RECOGNISED = [
    "toy.jsonl: 100 rows, 6 columns",
    "id: 'id'",
    "question: 'question' (\"What colour is the rug by the wall?\")",
    "options: 'options' (a list; 3 each)",
    "answer: 'answer' (letters; numbers)",
    "type: 'kind' (2 types: 1 numbers, 1 multiple choice)",
    "group: 'room' (20 groups)",
    "withheld: 'room'",
]
SETTLED = ("--type", "kind", "--group", "room")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_rows(Path("toy.jsonl"), questions())


def audit(*arguments: str) -> int:
    """Run the command in this process, which forgets the module that it made."""
    before = set(sys.modules)
    status = main(["audit", *arguments, *ALONE])
    for name in set(sys.modules) - before:
        if name.startswith("test_"):
            del sys.modules[name]
    return status


def refusal(
    capsys: pytest.CaptureFixture[str], *arguments: str, status: ExitStatus = ExitStatus.USAGE
) -> str:
    """The one sentence that an audit of this file ends with."""
    assert audit(*arguments) == status
    [sentence] = capsys.readouterr().err.splitlines()
    return sentence.removeprefix("tst-harness audit: ")


def scored(path: str = "reports/toy.json") -> int:
    questions: int = read_json(Path(path))["diagnostics"]["forest"]["overall"]["n"]
    return questions


def test_a_file_is_audited_without_a_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit("toy.jsonl", *SETTLED) == ExitStatus.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[: len(RECOGNISED)] == RECOGNISED
    assert [line for line in lines if line.startswith("weighted mean")]
    assert "report: reports/toy.json" in lines
    assert not [line for line in lines if "rootdir" in line or "warning" in line.lower()]
    assert {path.name for path in Path().glob("[!.]*")} == {"toy.jsonl", "reports"}


def test_the_module_of_init_gives_the_same_report(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(pytester.path / "toy.jsonl", questions())
    assert audit("toy.jsonl", *SETTLED, "--report", "audited") == ExitStatus.OK
    assert main(["init", "toy.jsonl", *SETTLED]) == ExitStatus.OK
    assert capsys.readouterr().out.endswith("wrote test_toy.py; run it with: pytest test_toy.py\n")
    run(pytester, "test_toy.py").assert_outcomes(passed=UNITS)
    assert settled(Path("audited/toy.json")) == settled()
    assert Path("audited/toy.samples.jsonl").read_text("utf-8") == Path(
        "reports/toy.samples.jsonl"
    ).read_text("utf-8")


def test_the_module_of_init_has_the_templates_of_the_questions() -> None:
    main(["init", "toy.jsonl", *SETTLED])
    module = Path("test_toy.py").read_text("utf-8")
    assert r'Choice("pick", r"What colour is the (?P<colour_is>.+?) by the wall\?")' in module
    assert "# Patterns were found in the questions" in module


def test_arguments_that_are_not_known_go_to_pytest(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        audit("toy.jsonl", *SETTLED, "-v", "--tst-split=grouped", "--tst-folds=3", "-k", "fold1")
        != ExitStatus.OK
    )
    assert "3 grouped folds" in capsys.readouterr().out
    assert audit("toy.jsonl", *SETTLED, "--tst-folds", "none") == ExitStatus.USAGE


def test_two_processes_give_the_same_report() -> None:
    assert audit("toy.jsonl", *SETTLED, "--report=one") == ExitStatus.OK
    assert audit("toy.jsonl", *SETTLED, "--report=two", "-n", "2") == ExitStatus.OK
    assert settled(Path("one/toy.json")) == settled(Path("two/toy.json"))


def test_the_project_around_it_takes_no_part(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pytest.ini").write_text("[pytest]\naddopts = --no-such-option\ntst_folds = 2\n", encoding="utf-8")
    Path("conftest.py").write_text("raise AssertionError('read')\n", encoding="utf-8")
    assert audit("toy.jsonl", *SETTLED) == ExitStatus.OK
    assert read_json(Path("reports/toy.json"))["settings"]["folds"] == FOLDS


def test_init_never_overwrites(capsys: pytest.CaptureFixture[str]) -> None:
    Path("test_toy.py").write_text("mine\n", encoding="utf-8")
    assert main(["init", "toy.jsonl", *SETTLED]) == ExitStatus.USAGE
    expected = "tst-harness init: there is a file 'test_toy.py' already; name another with -o, or remove it\n"
    assert capsys.readouterr().err == expected
    assert Path("test_toy.py").read_text("utf-8") == "mine\n"
    assert main(["init", "toy.jsonl", *SETTLED, "-o", "mine/test_rooms.py"]) == ExitStatus.USAGE
    assert main(["init", "toy.jsonl", *SETTLED, "-o", "test_rooms.py", "--name", "rooms"]) == ExitStatus.OK
    assert "class TestRooms(StressTest):" in Path("test_rooms.py").read_text("utf-8")


def test_init_names_faulty_rows_and_writes_that_they_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(Path("toy.jsonl"), [*questions(), questions()[0] | {"id": 100, "answer": "Z"}])
    assert main(["init", "toy.jsonl", *SETTLED]) == ExitStatus.OK
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "note: faulty rows: 1 of 101, the first: row 101, field 'answer': the answer 'Z', read as a letter, "
        "names none of the 3 options",
        "wrote test_toy.py; run it with: pytest test_toy.py",
    ]
    assert 'faults="report",' in Path("test_toy.py").read_text("utf-8")


def test_the_hypothesis_only_check_of_an_nli_set(capsys: pytest.CaptureFixture[str]) -> None:
    words = {"contradiction": "Nobody sleeps", "entailment": "Somebody is there", "neutral": "It is Monday"}
    rows = [
        {"premise": f"A man is in room {i // 3}.", "hypothesis": f"{words[label]} at {i}.", "label": label}
        for i, label in enumerate(list(words) * 40)
    ]
    # As in the real set, some have no gold label.
    rows += [{**row, "label": "-"} for row in rows[:3]]
    write_rows(Path("snli.jsonl"), rows)
    assert audit("snli.jsonl") == ExitStatus.OK
    lines = capsys.readouterr().out.splitlines()
    assert "answer: 'label' (labels contradiction, entailment, neutral)" in lines
    assert "withheld: 'premise'" in lines
    report = read_json(Path("reports/snli.json"))
    overall = report["diagnostics"]["forest"]["overall"]
    assert overall["n"] == 120
    assert (report["source"]["kept_back"], report["source"]["faults"]) == (3, [])
    assert overall["blind_baseline"] == pytest.approx(1 / 3)
    assert overall["score"] > 0.9


def plain(**changes: Any) -> list[Row]:
    """40 multiple-choice questions; a change is a value for every row or a function of its number."""
    rows = []
    for i in range(40):
        row: Row = {
            "question": f"Which of them stands in house {i}, and where?",
            "options": ["sofa", "stove", "tv"],
            "answer": "ABC"[i * i % 3],
        }
        rows.append(row | {name: it(i) if callable(it) else it for name, it in changes.items()})
    return rows


def options_of(i: int) -> list[str]:
    return ["sofa", "stove", "tv", "rug"][: 2 + i % 3]


@pytest.mark.parametrize(
    "changes",
    [
        {"options": options_of, "answer": lambda i: "AB"[i % 2]},
        {"options": lambda i: json.dumps(json.dumps(["sofa", "stove", "tv"]))},
        {"options": {"A": "sofa", "B": "stove", "C": "tv"}},
        {"options": [{"label": "A", "text": "sofa"}, {"label": "B", "text": "tv"}], "answer": "A"},
        {"question": lambda i: f"<p>What is <b>{i}</b> &amp; $\\frac{{{i}}}{{2}}$ \\textbf{{in}} it?</p>"},
        {"question": lambda i: f"ما هذا الشيء رقم {i}؟", "options": ["كرسي", "طاولة", "باب"]},
        {"question": lambda i: f"第{i}张图片里有什么？", "options": ["椅子", "桌子", "门"]},
        {
            "question": lambda i: f"=HYPERLINK({i})+cmd|' /C calc'!A0 is what?",
            "options": ["=1+1", "@x", "-2"],
        },
        {"question": lambda i: f"{'word' * 25} " * (50_000 if i == 7 else 5) + f"{i}?"},
    ],
    ids=[
        "differing numbers",
        "double-encoded",
        "letters",
        "objects",
        "html",
        "arabic",
        "cjk",
        "formulas",
        "5 MB",
    ],
)
def test_odd_cells_are_audited(changes: dict[str, Any]) -> None:
    write_rows(Path("odd.jsonl"), plain(**changes))
    assert audit("odd.jsonl", "--tst-folds=2") == ExitStatus.OK
    assert scored("reports/odd.json") == 40


def test_formulas_in_a_csv_are_text() -> None:
    with Path("odd.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["question", "A", "B", "answer"])
        writer.writeheader()
        for i in range(40):
            writer.writerow({"question": f"=1+{i} is what?", "A": "=1+1", "B": "+2", "answer": "AB"[i % 2]})
    assert main(["init", "odd.csv"]) == ExitStatus.OK
    assert 'options=("A", "B"),' in Path("test_odd.py").read_text("utf-8")
    assert audit("odd.csv", "--tst-folds=2") == ExitStatus.OK
    assert scored("reports/odd.json") == 40


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"label": lambda i: "ACB"[i * i % 3]},
            r"odd.jsonl: the columns 'answer' and 'label' can each be the answers, and they differ; .+",
        ),
        (
            {"options": lambda i: ["sofa", "tv", "sofa" if i == 3 else "rug"], "answer": "sofa"},
            r"odd: odd.jsonl row 4 \(id '\w+'\), field 'answer': the answer 'sofa' is 2 of the options, .+",
        ),
        (
            {"answer": lambda i: "stove" if i == 5 else "ABC"[i % 3]},
            r"odd: odd.jsonl row 6 \(id '\w+'\), field 'answer': the answer 'stove', read as a letter, .+",
        ),
        (
            {"answer": None},
            r"odd.jsonl: every answer in 'answer' is kept back \(nothing in every row\): a test split .+",
        ),
        (
            {"options": lambda i: ["sofa", "tv"] if i else None, "answer": "A"},
            r"odd: odd.jsonl row 1 \(id '\w+'\), field 'options': there are no options; .+",
        ),
    ],
    ids=["two answer columns", "several options", "letters and texts", "nulls", "no options"],
)
def test_bad_input_ends_with_a_sentence(
    capsys: pytest.CaptureFixture[str], changes: dict[str, Any], expected: str
) -> None:
    write_rows(Path("odd.jsonl"), plain(**changes))
    # As under pytest, where a row of a module's data cannot be scored.
    status = ExitStatus.FAILED if expected.startswith("odd:") else ExitStatus.USAGE
    assert re.fullmatch(expected, refusal(capsys, "odd.jsonl", "--strict", status=status))
    assert not Path("reports").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["none.jsonl"], "there is no file 'none.jsonl'"),
        (
            ["toy.jsonl", "other.csv"],
            "other.csv: only one file can be audited at a time, and toy.jsonl is already given",
        ),
        (
            ["toy.jsonl", "--answer", "truth"],
            "toy.jsonl: there is no column 'truth', named by --answer; its columns are id, kind, question, "
            "options, answer, room",
        ),
        (["toy.jsonl", "--split=both"], "unrecognized arguments: --split=both; did you mean --tst-split?"),
        (["toy.jsonl", "--grup=room"], "unrecognized arguments: --grup=room; did you mean --group?"),
        (["toy.jsonl", "--zzz"], "unrecognized arguments: --zzz"),
        (
            ["toy.jsonl", "--tst-folds", "x"],
            "--tst-folds: Input should be a valid integer, unable to parse string as an integer, not 'x'",
        ),
        (
            ["toy.jsonl", *SETTLED, "--name", "My Rooms"],
            "Benchmark 'My Rooms': name: 'My Rooms' has other characters than a-z, 0-9 and _; reports are "
            "named after it",
        ),
    ],
)
def test_what_was_named_wrongly(
    capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    assert refusal(capsys, *arguments) == expected


def test_a_dataset_of_the_hub_that_is_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data/toy_rooms").mkdir(parents=True)
    write_rows(Path("data/toy_rooms/rows.jsonl"), questions())
    named = f"owner/Toy-Rooms@{'0' * 40}:rows.jsonl"
    assert audit(named, *SETTLED, "--tst-data", "data") == ExitStatus.OK
    assert scored("reports/toy_rooms.json") == 100
    assert main(["init", named, *SETTLED, "--tst-data", "data"]) == ExitStatus.OK
    module = Path("test_toy_rooms.py").read_text("utf-8")
    assert f'revision="{"0" * 40}",' in module
    assert 'HubDataset(\n            "owner/Toy-Rooms",' in module
