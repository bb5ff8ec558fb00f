"""What public test sets have in their cells, beyond a list of options and a letter."""

import json
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row, count, declare, load_rows, pick, refusal, write_rows

from tst_harness.benchmark.declarations import Choice, Columns, NotScored, Number
from tst_harness.dataset.answers import Invalid, parse_options
from tst_harness.dataset.loading import load

NLI = ("entailment", "neutral", "contradiction")
FORMATS = ["rows.jsonl", "rows.json", "rows.csv", "rows.tsv", "rows.parquet"]


def labelled(folder: Path, answers: list[Any], labels: tuple[str, ...], **changes: Any) -> list[float]:
    rows = [{"text": f"Said {number}.", "label": answer} for number, answer in enumerate(answers)]
    fields: dict[str, Any] = {
        "columns": Columns(text="text", answer="label"),
        "question_types": [Choice("pick", labels=labels)],
    }
    frame = load_rows(folder, rows, **(fields | changes)).frame
    assert set(frame["options"]) == {labels}
    by_text = dict(zip(frame["text"], frame["answer"], strict=True))
    return [by_text[row["text"]] for row in rows]


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize(
    ("answers", "labels", "expected"),
    [
        (["neutral", "entailment", "contradiction"], NLI, [1, 0, 2]),
        (["Neutral", "ENTAILMENT ", "contradiction"], NLI, [1, 0, 2]),
        ([2, 0, 1], NLI, [2, 0, 1]),
        ([3, 1, 2], NLI, [2, 0, 1]),
        ([True, False, True], ("no", "yes"), [1, 0, 1]),
        ([True, False, True], ("Yes", "No"), [0, 1, 0]),
        ([True, False], ("False", "True"), [1, 0]),
        (["yes", "no", "Yes"], ("no", "yes"), [1, 0, 1]),
        ([1, 0, 1], ("no", "yes"), [1, 0, 1]),
        (["B", "A"], ("good", "bad"), [1, 0]),
    ],
)
def test_labels_are_options_whatever_form_answers_have(
    tmp_path: Path, file: str, answers: list[Any], labels: tuple[str, ...], expected: list[int]
) -> None:
    assert labelled(tmp_path, answers, labels, file=file) == expected


def test_an_answer_that_is_no_label_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the answer 'other', read as text, names none of the 3 options"):
        labelled(tmp_path, ["neutral", "other"], NLI)


def test_a_label_that_is_kept_back_is_no_fault(tmp_path: Path) -> None:
    for answers in (["neutral", "-", None, "NA"], [0, 1, 2, -1]):
        rows = [pick(n, answer) for n, answer in enumerate(answers)]
        dataset = load_rows(tmp_path, rows, question_types=[Choice("pick", labels=NLI)])
        kept = sum(answer in ("-", None, "NA", -1) for answer in answers)
        assert (len(dataset.frame), dataset.source.kept_back) == (len(answers) - kept, kept)
        assert dataset.source.faults == []


def test_labels_whose_readings_differ_must_be_settled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the answer 1 names one option read as 'index' and another read as"):
        labelled(tmp_path, [1, 2], NLI)
    types = [Choice("pick", labels=NLI, answers="index1")]
    assert labelled(tmp_path, [1, 2], NLI, question_types=types) == [0, 1]


def test_types_with_labels_stand_beside_types_with_options(tmp_path: Path) -> None:
    rows = [pick(1, "B"), pick(2, "yes", kind="yes/no", options=None), count(3)]
    types = [Choice("pick"), Choice("yes/no", labels=("no", "yes")), Number("count")]
    frame = load_rows(tmp_path, rows, question_types=types).frame
    assert frame["options"].tolist() == [("sofa", "stove", "tv"), ("no", "yes"), None]
    assert frame["answer"].tolist() == [1.0, 1.0, 3.0]


def test_types_that_are_not_scored_are_counted_and_never_invalid(tmp_path: Path) -> None:
    unanswered: Row = {"question": None, "options": [], "scene": None, "kind": "open"}
    rows = [pick(1), pick(2, None, **unanswered), pick(3, "in words", kind="open"), pick(None, kind="essay")]
    types = [Choice("pick"), NotScored("open"), NotScored("essay"), NotScored("absent")]
    dataset = load_rows(tmp_path, rows, question_types=types)
    assert dataset.frame["id"].tolist() == ["1"]
    assert (dataset.source.rows, dataset.source.questions) == (4, 1)
    assert dataset.source.not_scored == {"essay": 1, "open": 2}
    assert dataset.source.left_out == []
    message = refusal(tmp_path, rows[1:3], question_types=types)
    assert "rows.jsonl: no row is of a type that is scored" in message


def test_a_pattern_may_tell_the_rows_that_are_not_scored(tmp_path: Path) -> None:
    columns = Columns(id="id", text="question", answer="answer", options="options")
    types = [Choice("pick", "^Which"), NotScored("count", "^How many")]
    source = load_rows(tmp_path, [pick(1), count(2)], columns=columns, question_types=types).source
    assert source.not_scored == {"count": 1}


def blank_text(allowed: bool) -> Columns:
    return Columns(
        id="id", text="question", answer="answer", options="options", type="kind", blank_text=allowed
    )


def test_a_blank_text_is_a_question_only_where_that_is_declared(tmp_path: Path) -> None:
    rows = [pick(1, question=None), pick(2, question=" "), pick(3)]
    texts = load_rows(tmp_path, rows, columns=blank_text(True)).frame["text"].tolist()
    assert texts == ["", "", "Which one, 3?"]
    source = load_rows(tmp_path, [*rows, pick(4)], columns=blank_text(True)).source
    assert [(fault.id, fault.kind, fault.scored) for fault in source.faults] == [
        ("1", "no text", True),
        ("2", "no text", True),
    ]
    assert "the question has no text" in refusal(tmp_path, rows, columns=blank_text(False))
    assert "row 4 (id '4'), field 'question': the question has no text" in refusal(
        tmp_path, [*rows, count(4, question=None)], columns=blank_text(True)
    )


@pytest.mark.parametrize(
    ("field", "role"),
    [
        ("id", "id"),
        ("question", "text"),
        ("options", "options"),
        ("answer", "answer"),
        ("kind", "type"),
        ("scene", "group"),
    ],
)
def test_a_column_without_any_value_is_one_sentence(tmp_path: Path, field: str, role: str) -> None:
    rows = [pick(number, **{field: None}) for number in range(3)]
    message = refusal(tmp_path, [row | {field: None} for row in rows], question_types=[Choice("pick")])
    assert message.endswith(
        f"rows.jsonl: the column '{field}', declared as columns.{role}, has no value in any row; declare "
        "another column, or correct the file"
    )


def test_options_may_differ_in_number(tmp_path: Path) -> None:
    rows = [pick(n, "ABCDEFGHI"[n - 1], options=[f"o{place}" for place in range(n)]) for n in range(2, 10)]
    frame = load_rows(tmp_path, rows).frame
    assert frame["options"].map(len).tolist() == list(range(2, 10))
    assert frame["answer"].tolist() == list(range(1, 9))


def test_answers_in_mixed_forms_are_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, [pick(1, "A"), pick(2, "B"), pick(3, "tv")])
    assert (
        "row 3 (id '3'), field 'answer': the answer 'tv', read as a letter, names none of the 3 options, but "
        "one read as text; write all answers of the type alike" in message
    )


def test_an_answer_that_is_several_options_is_named(tmp_path: Path) -> None:
    rows = [pick(1, "sofa"), pick(2, "tv"), pick(3, "tv", options=["tv", "sofa", "tv"])]
    assert "row 3 (id '3'), field 'answer': the answer 'tv' is 2 of the options" in refusal(tmp_path, rows)


@pytest.mark.parametrize("file", ["rows.jsonl", "rows.csv", "rows.parquet"])
def test_a_list_that_was_encoded_several_times_is_a_list(tmp_path: Path, file: str) -> None:
    options = ["sofa", "the \"big\" 'tv'"]
    written = [json.dumps(options), repr(options), json.dumps(json.dumps(options)), json.dumps(repr(options))]
    rows = [pick(number, options=cell) for number, cell in enumerate(written)]
    assert set(load_rows(tmp_path, rows, file=file).frame["options"]) == {tuple(options)}


@pytest.mark.parametrize("file", ["rows.jsonl", "rows.parquet"])
def test_a_list_in_a_list_is_that_list_and_several_are_none(tmp_path: Path, file: str) -> None:
    rows = [pick(1, options=[["sofa", "tv"]])]
    assert load_rows(tmp_path, rows, file=file).frame["options"].tolist() == [("sofa", "tv")]
    rows.append(pick(2, options=[["sofa", "tv"], ["rug", "bed"]]))
    message = refusal(tmp_path, rows, file=file)
    assert "row 2 (id '2'), field 'options': is a list of lists" in message


def test_options_that_look_like_lists_stay_text() -> None:
    assert parse_options(("[1, 2]", "[3, 4]")) == ("[1, 2]", "[3, 4]")
    assert parse_options('["[1, 2]", "{a}"]') == ("[1, 2]", "{a}")


def test_options_that_are_nothing_but_letters_are_kept() -> None:
    assert parse_options(("(A)", "(B)", "(C)")) == ("(A)", "(B)", "(C)")
    assert parse_options(("A. x", "B. ")) == "option 2 of 2 is empty"


def test_latex_in_a_python_list_warns_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    assert parse_options(r"['$\circ$', '$\delta$']") == (r"$\circ$", r"$\delta$")
    assert not recwarn


@pytest.mark.parametrize("file", FORMATS)
@pytest.mark.parametrize(
    "text",
    [
        "<p>Which <b>one</b>&nbsp;is &lt;best&gt;?</p>",
        r"Solve $\frac{x_1}{2} = \{y\}$, \textbf{then} \\ `say`",
        "ما هو اللون؟ \u200fאיזה צבע?",
        "哪个是最大的？　どれですか",
        "Cafe\u0301 🛋️ \U0001f3f3\ufe0f\u200d\U0001f308",
        "=SUM(A1:A9)",
        "@cmd",
        "-2+3+cmd|' /C calc'!A0",
        'two\nlines, "quoted"',
    ],
)
def test_texts_of_every_kind_are_kept_as_they_are(tmp_path: Path, file: str, text: str) -> None:
    rows = [pick(1, question=text, options=["other", text], answer=text), pick(2, "tv")]
    frame = load_rows(
        tmp_path, [row | {"options": json.dumps(row["options"])} for row in rows], file=file
    ).frame
    assert frame["text"][0] == text
    assert frame["options"][0] == ("other", text)
    assert frame["answer"][0] == 1.0


@pytest.mark.parametrize("cell", ["=1+1", "@1", "+1+1", "=2"])
def test_a_formula_is_no_number_and_is_not_reckoned(tmp_path: Path, cell: str) -> None:
    message = refusal(tmp_path, [count("q", cell)], file="rows.csv")
    assert f"field 'answer': the answer '{cell}' is not a number" in message


HUGE = "sofa " * 1_000_000


@pytest.mark.parametrize("file", FORMATS)
def test_a_cell_of_5_mb_is_read(tmp_path: Path, file: str) -> None:
    write_rows(tmp_path / file, [pick(1, question=HUGE, options='["sofa", "tv"]')])
    frame = load(declare(tmp_path / file)).frame
    assert frame["text"][0] == HUGE


@pytest.mark.parametrize("field", ["id", "kind", "options", "answer"])
def test_a_cell_of_5_mb_is_quoted_in_short(tmp_path: Path, field: str) -> None:
    rows: list[Row] = [pick(1), pick(2, answer="Z") | {field: HUGE}]
    message = refusal(tmp_path, rows)
    assert "row 2 (id " in message
    assert len(message) < 1_000


def test_what_is_no_list_of_options_is_invalid() -> None:
    for value in ("{1, 2}", '{"x": 1}', "3", "sofa"):
        assert isinstance(parse_options(value), Invalid)
