"""What the columns of a file mean: recognised or asked for, never guessed where that changes the score."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row, write_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from public_forms import FORMS, ROWS
from public_text_forms import Form

from tst_harness.benchmark.declarations import Choice, Columns, InText, LocalFile, Number
from tst_harness.dataset.loading import load
from tst_harness.dataset.reading import DataFile
from tst_harness.dataset.recognition import Asked, Recognised, read_sheet, recognise
from tst_harness.errors import DataError


def recognised(folder: Path, rows: list[Row], file: str = "rows.jsonl", **asked: Any) -> Recognised:
    write_rows(folder / file, rows)
    sheet = read_sheet([DataFile(folder / file, file)], file)
    return recognise(sheet, LocalFile(str(folder / file)), "toy", Asked(**asked))


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_columns_of_a_public_set(tmp_path: Path, form: Form) -> None:
    found = recognised(tmp_path, form.rows, **form.asked)
    columns = found.benchmark.columns
    options = "InText" if isinstance(columns.options, InText) else columns.options
    assert (columns.text, columns.answer, options) == (form.text, form.answer, form.options)
    assert (columns.id, columns.type, columns.group) == (form.id, form.type, form.group)
    assert Counter(one.format for one in found.benchmark.question_types) == form.formats


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_a_public_set_is_the_same_in_every_format(tmp_path: Path, form: Form) -> None:
    as_lines, as_cells = (
        recognised(tmp_path, form.rows, file, **form.asked).benchmark for file in ("rows.jsonl", "rows.csv")
    )
    assert as_cells.columns == as_lines.columns
    contents = [load(one, faults="report").source.fingerprint for one in (as_lines, as_cells)]
    assert contents[0] == contents[1]


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_rows_of_a_public_set_are_read(tmp_path: Path, form: Form) -> None:
    loaded = load(recognised(tmp_path, form.rows, **form.asked).benchmark, faults="report")
    without_gold = sum(row.get("label") == -1 or row.get("gold_label") == "-" for row in form.rows)
    assert loaded.source.kept_back == without_gold
    assert loaded.source.left_out == []
    assert len(loaded.frame) + without_gold + sum(loaded.source.not_scored.values()) == len(form.rows)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(ROWS)), name=st.sampled_from(["snli", "mathvista", "vqa", "medqa"]))
def test_the_order_of_rows_changes_nothing(tmp_path: Path, order: list[int], name: str) -> None:
    form = FORMS[name]
    found = recognised(tmp_path, form.rows, **form.asked).benchmark
    shuffled = [form.rows[place] for place in order]
    assert recognised(tmp_path, shuffled, **form.asked).benchmark == found


def test_what_was_recognised_is_said_a_line_a_role(tmp_path: Path) -> None:
    assert recognised(tmp_path, FORMS["mathvista"].rows).lines == [
        "rows.jsonl: 80 rows, 13 columns",
        "id: 'pid'",
        "question: 'question' (\"What stands beside the chair in the kitchen of house 0?\")",
        "options: 'choices' (a list; 4 each)",
        "answer: 'answer' (numbers; the text of an option)",
        "type: 'question_type' (2 types: 1 numbers, 1 multiple choice; --type answer_type for another)",
        "group: none found ('image' has another value in every row)",
        "withheld: 'image', 'unit', 'precision', 'answer_type', 'metadata', 'query'",
    ]


def picks(n: int = 30, **changes: Any) -> list[Row]:
    """Multiple-choice rows; a change is a value for every row or a function of its number."""
    rows = []
    for i in range(n):
        row = {
            "id": i,
            "question": f"Which is in house {i}?",
            "options": ["sofa", "stove", "tv"],
            "answer": "ABC"[i % 3],
        }
        rows.append(row | {name: value(i) if callable(value) else value for name, value in changes.items()})
    return rows


def without(rows: list[Row], *names: str) -> list[Row]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            picks(label=lambda i: "ACB"[i % 3]),
            "the columns 'answer' and 'label' can each be the answers, and they differ; say which with "
            "--answer answer",
        ),
        (
            picks(answer=None),
            "every answer in 'answer' is kept back (nothing in every row): a test split without answers; "
            "name another one, or the file of the answers with --answers FILE",
        ),
        (
            without(picks(), "question"),
            "no column is recognised as the questions; name it with --question COLUMN; its columns are id, "
            "options, answer",
        ),
        (
            picks(answer=lambda i: "12"[i % 2]),
            "row 1, field 'answer': the answer '1' names one option as indices from 0 and another as indices "
            "from 1, and both fit the type 'toy' as well; say which with --answers index or --answers index1",
        ),
        (
            without(picks(answer=lambda i: f"one of the {i} chairs, " * 9), "options"),
            "nothing can be scored: there are no options, and the answers in 'answer' are 30 different "
            'texts, as "one of the 0 chairs, one of the 0 chairs, one of the 0 ch...", too long to be '
            "answers; name the column of the options with --options, or another one of the answers with "
            "--answer",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_ambiguous_is_asked_for(tmp_path: Path, rows: list[Row], expected: str) -> None:
    with pytest.raises(DataError) as caught:
        recognised(tmp_path, rows)
    assert str(caught.value).removeprefix("rows.jsonl").removeprefix(":").strip() == expected


def test_flags_settle_what_is_ambiguous(tmp_path: Path) -> None:
    rows = picks(label=lambda i: "ACB"[i % 3], prompt="Look and say which it is.")
    found = recognised(tmp_path, rows, answer="label", question="prompt", id="", group="question").benchmark
    assert found.columns == Columns(text="prompt", answer="label", options="options", group="question")
    indices = recognised(tmp_path, picks(answer=lambda i: "12"[i % 2]), answers="index1").benchmark
    assert indices.question_types == (Choice("toy", answers="index1"),)


def test_a_flag_that_names_no_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match="there is no column 'truth', named by --answer; its columns are id, "
    ):
        recognised(tmp_path, picks(), answer="truth")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (lambda i: ("no", "Yes", "yes", "yes")[i % 4], Choice("toy", labels=("no", "yes"))),
        (lambda i: i % 2, Choice("toy", labels=("0", "1"))),
        (lambda i: i % 6, Number("toy")),
        (lambda i: f"{i:,}.5", Number("toy")),
        (lambda i: ("many", "2", "red", "2")[i % 4], Choice("toy", labels=("2", "many", "red"))),
    ],
)
def test_answers_without_options(tmp_path: Path, answers: Any, expected: object) -> None:
    found = recognised(tmp_path, without(picks(60, answer=answers), "options"))
    assert found.benchmark.question_types == (expected,)


def test_the_format_of_answers_without_options_can_be_said(tmp_path: Path) -> None:
    rows = without(picks(60, answer=lambda i: i % 2), "options")
    assert recognised(tmp_path, rows, format="num").benchmark.question_types == (Number("toy"),)
    rows = without(picks(60, answer=lambda i: i % 6), "options")
    [found] = recognised(tmp_path, rows, format="mc").benchmark.question_types
    assert found == Choice("toy", labels=("0", "1", "2", "3", "4", "5"))


def test_a_form_that_one_type_leaves_open_is_that_of_all(tmp_path: Path) -> None:
    rows = picks(
        60, answer=lambda i: i % 3 if i % 2 else 1 + i % 4 // 2, type=lambda i: ("one", "two")[i % 2]
    )
    one, two = recognised(tmp_path, rows).benchmark.question_types
    assert (one, two) == (Choice("one", answers="index"), Choice("two"))


def test_a_few_repeated_ids_are_left_for_the_rows_to_be_named(tmp_path: Path) -> None:
    assert recognised(tmp_path, picks(id=lambda i: max(i, 1))).benchmark.columns.id == "id"
    assert recognised(tmp_path, picks(id=lambda i: i // 3)).benchmark.columns.id is None


def test_a_type_column_has_several_questions_a_type_and_is_no_other_form_of_the_answer(
    tmp_path: Path,
) -> None:
    rows = picks(topic=lambda i: f"topic {i // 2}")
    assert recognised(tmp_path, rows).benchmark.columns.type is None
    labelled = without(
        picks(label=lambda i: "abc"[i % 3], category=lambda i: "ABC"[i % 3]), "options", "answer"
    )
    assert recognised(tmp_path, labelled).benchmark.columns.type is None


def test_a_column_that_says_what_cannot_be_seen_moves_no_cursor(tmp_path: Path) -> None:
    lines = recognised(tmp_path, picks(question="\x1b[2J \u202ewhich?")).lines
    assert all(line.isprintable() for line in lines)


def test_embedded_images_are_not_read(tmp_path: Path) -> None:
    rows = picks(image=lambda i: {"bytes": b"\xff\xd8", "path": f"{i}.jpg"})
    found = recognised(tmp_path, rows, "rows.parquet")
    assert found.benchmark.columns.text == "question"
    assert found.lines[0] == "rows.parquet: 30 rows, 5 columns"
    assert "'image'" not in " ".join(found.lines)


@pytest.mark.parametrize("name", ["sciq", "truthfulqa_mc1"])
def test_the_place_of_an_option_does_not_tell_the_right_one(tmp_path: Path, name: str) -> None:
    form = FORMS[name]
    frame = load(recognised(tmp_path, form.rows).benchmark).frame
    assert frame["answer"].value_counts().max() < 0.5 * len(frame)
    assert frame["answer"].nunique() == 4
    right = {row["question"]: row.get("correct_answer") for row in form.rows}
    if name == "sciq":
        chosen = [
            options[int(place)] for options, place in zip(frame["options"], frame["answer"], strict=True)
        ]
        assert chosen == [right[text] for text in frame["text"]]


def test_a_key_that_the_first_rows_lack_is_a_column(tmp_path: Path) -> None:
    counts = without(picks(20, type="count", answer=lambda i: i % 7), "options")
    rows = counts + picks(20, id=lambda i: 20 + i, type="pick")
    found = recognised(tmp_path, rows).benchmark
    assert found.columns.options == "options"
    assert [one.format for one in found.question_types] == ["num", "mc"]


def test_a_statement_on_a_picture_is_the_question_where_there_is_no_other(tmp_path: Path) -> None:
    said = [f"The {number} is left of the {number % 7}." for number in range(30)]
    labelled = [{"image": f"{n // 2}.jpg", "caption": said[n], "label": n % 3 % 2} for n in range(30)]
    found = recognised(tmp_path, labelled)
    assert (found.benchmark.columns.text, found.benchmark.columns.group) == ("caption", "image")
    assert any(line.startswith("guess: the question is 'caption'") for line in found.lines)
    asked = [row | {"question": f"What is {n}?"} for n, row in enumerate(labelled)]
    assert recognised(tmp_path, asked).benchmark.columns.text == "question"
    held = [row | {"question": {"of": {"it": n}}} for n, row in enumerate(labelled)]
    with pytest.raises(DataError, match="no column is recognised as the questions"):
        recognised(tmp_path, held)
