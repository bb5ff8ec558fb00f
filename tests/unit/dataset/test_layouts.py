"""Benchmarks in the layouts in which they are published, and what `init` writes for them."""

import argparse
import gzip
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from data_rows import pick, write_rows
from layout_rows import LETTERS, gold_of, options_of, plain, question_of
from layouts import LAYOUTS
from list_layouts import LISTS
from published_layouts import PUBLISHED

from tst_harness.benchmark.declarations import Columns, LocalFile
from tst_harness.cli import proposal
from tst_harness.dataset.loading import Dataset, load
from tst_harness.dataset.reading import DataFile, read
from tst_harness.dataset.sample import benchmark as sample
from tst_harness.dataset.several_options import option_set
from tst_harness.dataset.sources import SAMPLE
from tst_harness.errors import DataError

ALL = LAYOUTS | PUBLISHED | LISTS


def proposed(path: Path, *flags: str) -> Dataset:
    """What the module that is proposed for a file loads."""
    parser = argparse.ArgumentParser()
    proposal.add_arguments(parser)
    text = proposal.propose(parser.parse_args([str(path), *flags])).text
    names: dict[str, Any] = {}
    exec(text, names)
    [declared] = [value for name, value in names.items() if name.startswith("Test")]
    return load(declared.benchmark)


@pytest.mark.parametrize("layout", ALL)
def test_a_layout_is_read_as_it_is(tmp_path: Path, layout: str) -> None:
    build, expected = ALL[layout]
    dataset = proposed(build(tmp_path))
    frame = dataset.frame
    assert (len(frame), set(frame["format"])) == (expected.questions, expected.formats)
    assert (dataset.source.kept_back, len(dataset.source.left_out)) == (expected.kept_back, expected.left_out)
    assert expected.types is None or set(frame["type"]) == expected.types
    assert frame["group"].nunique() == (expected.groups or expected.questions)
    assert frame["type"].nunique() == len(expected.types or [1])


def test_the_options_of_every_layout_are_bare(tmp_path: Path) -> None:
    for number, name in enumerate(
        ("conversations", "bare letters", "letters in the options", "records by id")
    ):
        (tmp_path / str(number)).mkdir()
        for options in proposed(LAYOUTS[name][0](tmp_path / str(number))).frame["options"]:
            assert all(option.isalpha() for option in options)


def test_right_options_are_those_that_are_marked_as_such(tmp_path: Path) -> None:
    for number, name in enumerate(("options as keys", "wrong options alone", "wrong answers in a cell")):
        (tmp_path / str(number)).mkdir()
        frame = proposed(PUBLISHED[name][0](tmp_path / str(number))).frame
        for text, options, answer in zip(frame["text"], frame["options"], frame["answer"], strict=True):
            assert len(options) == 4
            first = options_of(int(re.findall(r"\d+", text)[0]))[0]
            assert first in options[int(answer)]


def test_several_options_are_right_that_are_marked_as_such(tmp_path: Path) -> None:
    path = PUBLISHED["options marked as right"][0](tmp_path)
    marked = {
        question["question"]: {x["choice"] for x in question["choices"] if x["answer"] == "correct"}
        for video in json.loads(path.read_text("utf-8"))
        for question in video["questions"]
    }
    frame = proposed(path).frame
    right = {
        text: {options[place] for place in option_set(answer)}
        for text, options, answer in zip(frame["text"], frame["options"], frame["answer"], strict=True)
    }
    assert right == marked
    assert {len(texts) for texts in marked.values()} == {2, 3}


def test_faults_are_counted_by_kind(tmp_path: Path) -> None:
    assert proposed(LAYOUTS["faulty rows"][0](tmp_path)).source.fault_counts == {
        "answer names no option": 1,
        "empty option": 1,
        "one option": 1,
        "options alike": 1,
    }


@pytest.mark.parametrize("answer", ["A, C", "AC", "A and C", ["A", "C"], "(A)/(C)"])
def test_an_answer_that_names_several_of_the_options_is_a_fault(tmp_path: Path, answer: object) -> None:
    rows = [plain(i) for i in range(30)]
    rows[7]["answer"] = answer
    write_rows(tmp_path / "rows.jsonl", rows)
    source = proposed(tmp_path / "rows.jsonl").source
    assert source.fault_counts == {"answer names several options": 1}
    assert (source.questions, source.faults[0].id) == (29, "q7")
    assert str(source.faults[0].problem).endswith("names 2 of the 4 options where one is right")


def test_texts_of_options_joined_are_several_answers_and_words_none(tmp_path: Path) -> None:
    rows = [plain(i, answer=options_of(i)[gold_of(i)]) for i in range(30)]
    rows[7]["answer"] = "; ".join(options_of(7)[:2])
    rows[8]["answer"] = "A, as it seems"
    write_rows(tmp_path / "rows.jsonl", rows)
    counts = proposed(tmp_path / "rows.jsonl").source.fault_counts
    assert counts == {"answer names several options": 1, "answer names no option": 1}


@pytest.mark.parametrize("blank", ["", None, " "])
def test_a_question_without_a_text_among_others_is_scored_and_counted(tmp_path: Path, blank: object) -> None:
    path = tmp_path / "rows.jsonl"
    for missing, counts in ((1, {"no text": 1}), (12, {"no text": 12}), (16, {})):
        write_rows(path, [plain(i, **({"question": blank} if i < missing else {})) for i in range(30)])
        source = proposed(path).source
        assert (source.fault_counts, source.questions, source.left_out) == (counts, 30, [])
        assert [fault.id for fault in source.faults] == [f"q{i}" for i in range(sum(counts.values()))]


def test_options_without_a_question_in_their_text_are_counted(tmp_path: Path) -> None:
    rows = [plain(i, question=f"{question_of(i)} (A) {i} cats (B) {i} dogs (C) {i} owls") for i in range(30)]
    rows[7]["question"] = "(A) 7 cats (B) 7 dogs (C) 7 owls"
    for row in rows:
        del row["options"]
        row["answer"] = "ABC"[row["id"] == "q7"]
    write_rows(tmp_path / "rows.jsonl", rows)
    source = proposed(tmp_path / "rows.jsonl").source
    assert (source.fault_counts, [fault.id for fault in source.faults]) == ({"no text": 1}, ["q7"])
    assert source.questions == 30


def test_the_first_faulty_row_stops_a_strict_audit(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="option 1 of 4 is empty"):
        proposed(LAYOUTS["faulty rows"][0](tmp_path), "--strict")


def test_more_than_half_of_the_rows_faulty_is_a_misread_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [plain(i, options=["one"] if i % 3 else options_of(i)) for i in range(30)])
    for flags in ((), ("--options", "options")):
        with pytest.raises(DataError, match=r"20 of 30 rows are faulty .*probably misread"):
            proposed(path, *flags)
    write_rows(path, [plain(i, options=["a lamp"] * 4 if i % 3 else options_of(i)) for i in range(30)])
    with pytest.raises(DataError, match=r"20 of 30 rows are faulty \(options alike in 20\)"):
        proposed(path)
    # A list of what is accepted offers nothing.
    bare = [{"question": question_of(i), "possible_answers": [f"lamp {i}"]} for i in range(30)]
    write_rows(path, bare)
    with pytest.raises(DataError, match="no column is recognised as the answers"):
        proposed(path)


@pytest.mark.parametrize("names", [tuple("ABCD"), tuple(f"option_{letter}" for letter in "abcd")])
def test_columns_of_options_that_are_mostly_alike_are_options(tmp_path: Path, names: tuple[str, ...]) -> None:
    rows: list[dict[str, object]] = []
    for i in range(30):
        first, second, third, fourth = options_of(i)
        cells = (first, second, third, third if i % 5 else fourth)
        rows.append({"question": question_of(i), **dict(zip(names, cells, strict=True)), "answer": first})
    write_rows(tmp_path / "rows.jsonl", rows)
    source = proposed(tmp_path / "rows.jsonl").source
    assert source.fault_counts == {"options alike": 24}
    assert source.questions == 30
    # Where nothing names one of them, lettered columns may hold anything.
    write_rows(tmp_path / "rows.jsonl", [row | {"answer": f"{i} m"} for i, row in enumerate(rows)])
    if names[0] == "A":
        assert proposed(tmp_path / "rows.jsonl").source.fault_counts == {}


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "",
        "NA",
        "N/A",
        "?",
        "-",
        "...",
        "[]",
        "hidden",
        "<hidden>",
        "[masked]",
        "private",
        "TODO",
        "[NOT_RELEASED]",
        -1,
    ],
)
def test_answers_that_are_kept_back_are_no_fault(tmp_path: Path, kept: object) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [plain(i, answer=gold_of(i) if i % 3 else kept) for i in range(30)])
    source = proposed(path).source
    assert (source.questions, source.kept_back, source.faults) == (20, 10, [])
    write_rows(path, [plain(i, answer=kept) for i in range(30)])
    with pytest.raises(DataError, match="test split without answers"):
        proposed(path)


def test_moments_are_said_to_be_not_scored(tmp_path: Path) -> None:
    rows = [{"qid": i, "query": f"The {i} is put down.", "windows": [[1.0 + i, 2.0 + i]]} for i in range(20)]
    write_rows(tmp_path / "rows.jsonl", rows)
    with pytest.raises(
        DataError, match=r"'windows' holds ranges of two numbers, .*; an answer may be an option"
    ):
        proposed(tmp_path / "rows.jsonl")


@pytest.mark.parametrize("missing", [[], None])
@pytest.mark.parametrize("share", [2, 5, 15])
def test_letters_without_options_are_faults(tmp_path: Path, missing: object, share: int) -> None:
    """Be they more than mistakes are: their options are missing, so they are no open questions."""
    write_rows(
        tmp_path / "rows.jsonl", [plain(i, **({} if i % share else {"options": missing})) for i in range(60)]
    )
    dataset = proposed(tmp_path / "rows.jsonl")
    assert dataset.source.fault_counts == {"no options": 60 // share}
    assert set(dataset.frame["format"]) == {"mc"}


def test_sodium_is_an_answer_and_na_is_none(tmp_path: Path) -> None:
    symbols = {0: "Na", 5: "NA"}
    rows = [
        {"id": i, "question": question_of(i), "answer": symbols.get(i % 10, f"salt {i}")} for i in range(60)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    source = proposed(tmp_path / "rows.jsonl").source
    assert (source.questions, source.kept_back) == (54, 6)


def test_a_label_may_be_called_as_what_is_kept_back(tmp_path: Path) -> None:
    rows = [
        {"id": i, "sentence": question_of(i), "label": ("private", "public")[i % 3 > 0]} for i in range(30)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    source = proposed(tmp_path / "rows.jsonl").source
    assert (source.questions, source.kept_back) == (30, 0)


@pytest.mark.parametrize("name", ["None", "NA", "null", "Private", "TODO", "-1"])
def test_an_option_may_be_called_as_what_is_kept_back(tmp_path: Path, name: str) -> None:
    rows = [plain(i, options=[*options_of(i, 3), name]) for i in range(30)]
    for i, row in enumerate(rows):
        row["answer"] = row["options"][i % 4]
    write_rows(tmp_path / "rows.jsonl", rows)
    dataset = proposed(tmp_path / "rows.jsonl")
    assert (len(dataset.frame), dataset.source.kept_back) == (30, 0)
    assert set(dataset.frame["answer"]) == {0, 1, 2, 3}


def test_indices_that_two_readings_fit_are_asked_for(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [plain(i, answer=1 + i % 2) for i in range(30)])
    with pytest.raises(DataError, match="--answers index or --answers index1"):
        proposed(tmp_path / "rows.jsonl")
    assert set(proposed(tmp_path / "rows.jsonl", "--answers", "index1").frame["answer"]) == {0, 1}


def test_indices_from_1_are_told_by_their_largest(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [plain(i, answer=1 + gold_of(i)) for i in range(30)])
    assert set(proposed(tmp_path / "rows.jsonl").frame["answer"]) == {0, 1, 2, 3}


def test_letters_that_are_option_texts_are_asked_for_or_taken_as_texts(tmp_path: Path) -> None:
    rows = [plain(i, options=["C", "A", "D", "B"], answer=LETTERS[gold_of(i)]) for i in range(30)]
    write_rows(tmp_path / "rows.jsonl", rows)
    with pytest.raises(DataError, match="--answers letter or --answers text"):
        proposed(tmp_path / "rows.jsonl")


def test_the_text_of_an_option_is_known_in_other_case_and_with_a_stop(tmp_path: Path) -> None:
    spelled = (str.upper, "{}.".format, " {} ".format, str.title)
    rows = [plain(i, answer=spelled[i % 4](options_of(i)[gold_of(i)])) for i in range(30)]
    rows[3] |= {"options": ["lamp", "Lamp", "door", "sofa"], "answer": "LAMP"}
    write_rows(tmp_path / "rows.jsonl", rows)
    dataset = proposed(tmp_path / "rows.jsonl")
    assert dataset.source.fault_counts == {"options alike": 1}
    right = {
        options[int(answer)]
        for options, answer in zip(dataset.frame["options"], dataset.frame["answer"], strict=True)
    }
    assert right == {options_of(i)[gold_of(i)] for i in range(30) if i != 3}
    assert {len(options) for options in dataset.frame["options"]} == {4}


def test_files_about_the_data_of_a_folder_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    write_rows(tmp_path / "data" / "questions.jsonl", [plain(i) for i in range(30)])
    for name in ("dataset_info.json", "metadata.json", "package.json"):
        _write(tmp_path / name, {"name": "toy", "version": "1.0"})
    dataset = proposed(tmp_path)
    assert (len(dataset.frame), dataset.frame["type"].nunique()) == (30, 1)


def test_tables_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for task in ("count", "order"):
        (tmp_path / "tasks" / task).mkdir(parents=True)
        write_rows(tmp_path / "tasks" / task / "test.jsonl", [plain(i) for i in range(15)])
    dataset = proposed(tmp_path / "tasks")
    assert dataset.frame["type"].value_counts().to_dict() == {"count": 15, "order": 15}
    assert dataset.benchmark.columns.id == ("$file", "id")


def test_an_explanation_beside_the_answer_is_no_answer(tmp_path: Path) -> None:
    rows = [plain(i, explanation=f"It is {options_of(i)[0]}.", answer_id=f"a{i}") for i in range(30)]
    write_rows(tmp_path / "rows.jsonl", rows)
    assert proposed(tmp_path / "rows.jsonl").benchmark.columns.answer == "answer"


def test_the_sample_is_the_same_in_every_layout(tmp_path: Path) -> None:
    lines = SAMPLE.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    by_id: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for row in rows:
        by_id[str(row["id"])] = {name: value for name, value in row.items() if name != "id"}
        bare = {name: value for name, value in row.items() if name not in ("scene_name", "question_type")}
        nested.setdefault(row["scene_name"], {}).setdefault(row["question_type"], []).append(bare)
    own = sample().columns
    _write(tmp_path / "by_id.json", by_id)
    _write(tmp_path / "nested.json", nested)
    _write(tmp_path / "under_a_key.json", {"info": {"version": 1}, "data": rows})
    _write(tmp_path / "inside.json", [{"meta": {"n": 1}, "doc": row} for row in rows])
    (tmp_path / "lines.json").write_text("\n".join(lines))
    with gzip.open(tmp_path / "lines.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(lines))
    named = {
        "by_id.json": own.model_copy(update={"id": "$key"}),
        "nested.json": own.model_copy(update={"group": "$key1", "type": "$key2"}),
        "under_a_key.json": own,
        "lines.json": own,
        "lines.jsonl.gz": own,
        "inside.json": Columns(
            id="doc.id",
            text="doc.question",
            options="doc.options",
            answer="doc.ground_truth",
            type="doc.question_type",
            group="doc.scene_name",
        ),
    }
    expected = load(sample()).source.fingerprint.content
    for file, columns in named.items():
        declared = sample().model_copy(update={"source": LocalFile(str(tmp_path / file)), "columns": columns})
        assert load(declared).source.fingerprint.content == expected, file


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def test_files_in_memory_are_read_as_others() -> None:
    rows = [{"qa": [{"question": question_of(i), "answer": "x"}], "key": i} for i in range(3)]
    file = DataFile(Path(), "rows", records=rows)
    table = read([file], {"text": ("qa.question",), "key": ("key",)})
    assert table.columns == {"text": [question_of(i) for i in range(3)], "key": [0, 1, 2]}


def test_a_large_document_is_read_in_pieces(tmp_path: Path) -> None:
    rows = {str(i): pick(i, question="x" * 5_000) for i in range(700)}
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    table = read([DataFile(tmp_path / "rows.json", "r")], {"id": ("$key",)})
    assert table.columns["id"] == list(rows)


@pytest.mark.skipif("TST_SHAPES_DIR" not in os.environ, reason="TST_SHAPES_DIR names a folder of layouts")
def test_every_layout_of_a_folder_is_read_or_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(os.environ["TST_SHAPES_DIR"])
    monkeypatch.chdir(folder)
    refused = []
    for path in sorted(folder.iterdir()):
        if path.suffix in (".md", ".py") or ("answers.json" in path.name and path.name[:2] == "13"):
            continue
        try:
            proposed(Path(path.name))
        except DataError:
            refused.append(path.name[:2])
    assert refused == ["16"]
