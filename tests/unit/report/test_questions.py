from pathlib import Path

import pytest
from record_builders import make_folds, make_origin, make_shortcuts

from tst_harness import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.analysis.records import QuestionsRecord
from tst_harness.dataset.loading import Dataset, load
from tst_harness.engine import questions
from tst_harness.engine.questions import keep_questions
from tst_harness.engine.store import RecordStore
from tst_harness.report.files import DamagedFileError
from tst_harness.report.questions import Asked, questions_beside, write_questions
from tst_harness.report.schema import Settings


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.chdir(tmp_path)
    Path("demo.jsonl").write_text(
        '{"id": 10, "q": "Which?\\u2028\\ud800", "kind": "pick", "options": ["a", "b"], "answer": "B"}\n'
        '{"id": 9, "q": "How many?", "kind": "count", "options": null, "answer": 4}\n'
    )
    columns = Columns(id="id", text="q", options="options", answer="answer", type="kind")
    return load(Benchmark("demo", LocalFile("demo.jsonl"), columns, [Choice("pick"), Number("count")]))


@pytest.fixture
def store(tmp_path: Path) -> RecordStore:
    return RecordStore(tmp_path / "records")


def kept(store: RecordStore, dataset: Dataset) -> QuestionsRecord:
    stored = keep_questions(store, dataset, make_origin())
    assert stored is not None
    record = store.load(*stored)
    assert isinstance(record, QuestionsRecord)
    return record


def test_texts_go_from_the_data_to_the_file_beside_the_report(
    store: RecordStore, dataset: Dataset, tmp_path: Path
) -> None:
    shortcuts = make_shortcuts().model_copy(update={"applies": {"10": [0]}})
    asked = Asked.of(["10", "9", "10"], kept(store, dataset), [*make_folds(["9", "10"], folds=2), shortcuts])
    write_questions("demo", asked, tmp_path)
    found = questions_beside(tmp_path / "demo.json")
    assert found == list(asked)
    assert found == [
        {
            "id": "9",
            "text": "How many?",
            "options": None,
            "answer": 4.0,
            "accepted": None,
            "position": 1,
            "inclusive": False,
            "shortcuts": [],
        },
        {
            "id": "10",
            "text": "Which?\u2028?",
            "options": ["a", "b"],
            "answer": "B",
            "accepted": None,
            "position": 0,
            "inclusive": False,
            "shortcuts": [0],
        },
    ]


def test_what_any_process_and_diagnostic_keeps_is_the_same(store: RecordStore, dataset: Dataset) -> None:
    first = keep_questions(store, dataset, make_origin())
    again = keep_questions(
        store, dataset, make_origin(diagnostic="llm", versions={"torch": "2"}, diagnostic_settings={"r": 8})
    )
    assert first == again
    limited = make_origin(settings=Settings(folds=3, seed=42, repeats=1, split="random", limit=2))
    other = keep_questions(store, dataset, limited)
    permuted = keep_questions(store, dataset, make_origin(null_control=True))
    assert None not in (first, other, permuted)
    assert len({first, other, permuted}) == 3


def test_texts_that_are_left_out_are_removed(store: RecordStore, dataset: Dataset) -> None:
    kept(store, dataset)
    assert keep_questions(store, dataset, make_origin(texts="omitted")) is None
    assert store.files() == []


def test_of_too_many_questions_no_text_is_kept(
    store: RecordStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_QUOTED", 1)
    assert keep_questions(store, dataset, make_origin()) is None


def test_without_texts_ids_and_shortcuts_remain() -> None:
    first, second = Asked(["b", "a"], None, {"b": [2]})
    assert (first.pop("id"), first.pop("shortcuts")) == ("a", [])
    assert (second.pop("id"), second.pop("shortcuts")) == ("b", [2])
    assert {*first.values(), *second.values()} == {None}


def test_a_report_of_an_older_version_has_no_questions_beside_it(tmp_path: Path) -> None:
    assert questions_beside(tmp_path / "demo.json") == []


def test_a_line_that_is_damaged_is_named(tmp_path: Path) -> None:
    path = write_questions("demo", Asked(["a", "b"], None, {}), tmp_path)
    path.write_text(path.read_text().replace('"b"', "7"))
    with pytest.raises(DamagedFileError, match=r"questions\.jsonl line 2: is no valid QuestionLine: id: "):
        questions_beside(tmp_path / "demo.json")
