"""Files that were read otherwise than they are meant, without a word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped, unused-ignore]
import pytest
from data_rows import Row, write_rows
from layout_rows import bare, gold_of, options_of, plain, question_of
from proposing import read_path, read_rows

from tst_harness.errors import DataError

N = 40
LETTERS = "ABCD"
GOLDS = [options_of(i)[gold_of(i)] for i in range(N)]


def test_a_prompt_that_all_rows_share_is_not_the_question_beside_one_with_options(tmp_path: Path) -> None:
    rows = [
        {
            "video_id": f"v{i // 2}",
            "question": "Generate a caption.",
            "answer": f"Somebody carries the {GOLDS[i]}.",
            "mc_question": "\n".join(
                [question_of(i), *(f"{x}. {o}" for x, o in zip(LETTERS, options_of(i), strict=True))]
            ),
            "mc_answer": f"{LETTERS[gold_of(i)]}. {GOLDS[i]}",
        }
        for i in range(N)
    ]
    read = read_rows(tmp_path, rows)
    assert read.golds == GOLDS
    assert read.guesses == [
        "the question is 'mc_question', 40 different texts where 'question' has 1; --question question for "
        "the other"
    ]


@pytest.mark.parametrize("word", ["Information", "Option", "Choice", "选项"])
@pytest.mark.parametrize("between", ["\n", " "])
def test_a_word_before_each_letter_is_part_of_no_option(tmp_path: Path, word: str, between: str) -> None:
    rows = [
        bare(
            i,
            question=between.join(
                [question_of(i), *(f"{word} {x}: {o}" for x, o in zip(LETTERS, options_of(i), strict=True))]
            ),
            answer=f"{LETTERS[gold_of(i)]}. {GOLDS[i]}",
        )
        for i in range(N)
    ]
    if between == "\n":
        for row in rows:
            row["question"] += "\nGenerated Caption:"
    read = read_rows(tmp_path, rows)
    assert read.golds == GOLDS
    assert set(read.dataset.frame["text"]) == {question_of(i) for i in range(N)}


def test_a_header_that_stands_again_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    header = "question,reply_1,reply_2,reply_3,reply_4,gold\n"
    lines = [",".join([question_of(i), *options_of(i), str(1 + gold_of(i))]) + "\n" for i in range(N)]
    path.write_text("".join([header, *lines[:20], header, *lines[20:]]), encoding="utf-8")
    read = read_path(path)
    assert read.golds == GOLDS
    assert read.dataset.source.fault_counts == {}


def test_one_faulty_answer_makes_columns_of_options_no_others(tmp_path: Path) -> None:
    columns = [f"reply_{n}" for n in (1, 2, 3, 4)]
    rows = [
        bare(i, **dict(zip(columns, options_of(i), strict=True)), gold=7 if i == 5 else 1 + gold_of(i))
        for i in range(N)
    ]
    read = read_rows(tmp_path, rows)
    assert read.dataset.benchmark.columns.options == tuple(columns)
    assert read.dataset.source.fault_counts == {"answer names no option": 1}


@pytest.mark.parametrize("mark", ["{}) {}", "{}. {}", "({}) {}"])
@pytest.mark.parametrize("text", [True, False])
def test_numbered_options_in_a_text_of_their_own(tmp_path: Path, mark: str, text: bool) -> None:
    rows = [
        bare(
            i,
            options=" ".join(mark.format(n, option) for n, option in enumerate(options_of(i), 1)),
            answer=GOLDS[i] if text else 1 + gold_of(i),
        )
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS


def test_options_of_which_none_are_read_are_told(tmp_path: Path) -> None:
    rows = [
        bare(
            i,
            choices=" ".join(options_of(i)),
            answer=gold_of(i),
        )
        for i in range(N)
    ]
    guess = read_rows(tmp_path, rows).guesses[0]
    assert guess.startswith("no options are read from 'choices', as \"kettle ladder")
    assert read_rows(tmp_path, [plain(i) for i in range(N)]).guesses == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5k", 5e3),
        ("2.5K", 2500),
        ("1M", 1e6),
        ("$3M", 3e6),
        ("4 million", 4e6),
        ("1.5 bn", 1.5e9),
        ("1 m", 1),
    ],
)
def test_multiples_are_no_units(tmp_path: Path, text: str, number: float) -> None:
    rows = [bare(i, answer=text if i == 7 else f"{i}.5") for i in range(N)]
    frame = read_rows(tmp_path, rows).dataset.frame.sort_values("position")
    assert frame["answer"].iloc[7] == number


def test_per_cent_beside_bare_numbers_is_told(tmp_path: Path) -> None:
    rows = [bare(i, answer=f"{i}%" if i % 2 else f"{i / 100}") for i in range(N)]
    assert read_rows(tmp_path, rows).guesses == [
        "20 numbers are per cent, 20 have no unit; all are taken as they stand"
    ]


@pytest.mark.parametrize("heading", ["", "Options:\n"])
@pytest.mark.parametrize("bullet", ["- ", "* ", "• "])
@pytest.mark.parametrize("after", ["", "\nAnswer:"])
def test_options_with_a_bullet_each(tmp_path: Path, heading: str, bullet: str, after: str) -> None:
    lists = ["\n".join(f"{bullet}{option}" for option in options_of(i)) for i in range(N)]
    rows = [
        bare(i, question=f"{question_of(i)}\n{heading}{listed}{after}", answer=GOLDS[i])
        for i, listed in enumerate(lists)
    ]
    read = read_rows(tmp_path, rows)
    assert read.golds == GOLDS
    assert set(read.dataset.frame["text"]) == {question_of(i) for i in range(N)}
    own = [bare(i, options=listed, answer=GOLDS[i]) for i, listed in enumerate(lists)]
    assert read_rows(tmp_path, own).dataset.frame["options"].iloc[0] == tuple(options_of(0))


def test_options_in_a_row_below_their_heading(tmp_path: Path) -> None:
    rows = [
        bare(i, question=f"{question_of(i)} Options: {', '.join(options_of(i))}.", answer=GOLDS[i])
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS


@pytest.mark.parametrize("answer", [lambda i: f"none in {i}", lambda i: 1 + i % 2])
def test_lists_in_which_the_answers_do_not_stand_are_no_options(
    tmp_path: Path, answer: Callable[[int], Any]
) -> None:
    listed = "\n".join(f"- {option}" for option in options_of(1))
    rows = [bare(i, question=f"{question_of(i)}\n{listed}", answer=answer(i)) for i in range(N)]
    assert read_rows(tmp_path, rows).dataset.benchmark.columns.options is None


def test_columns_that_another_label_counts_are_no_options_beside_an_answer(tmp_path: Path) -> None:
    rows = [
        bare(i, answer=f"on day {i}", note_1=f"a first {i}", note_2=f"a second {i}", rating_label=1 + i % 2)
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).dataset.benchmark.columns.answer == "answer"


@pytest.mark.parametrize("name", ["{}_text", "option_{}_text", "choice {} value"])
def test_columns_of_options_may_say_that_they_are_texts(tmp_path: Path, name: str) -> None:
    rows = [
        bare(
            i,
            **{name.format(x): option for x, option in zip(LETTERS, options_of(i), strict=True)},
            **{f"option_{x}_image": f"{i}{x}.png" for x in LETTERS},
            answer=LETTERS[gold_of(i)],
        )
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS


@pytest.mark.parametrize(
    "columns", [("option", "is_correct"), ("choice", "label"), ("option_text", "answer")]
)
def test_an_option_a_row_is_asked_about(tmp_path: Path, columns: tuple[str, str]) -> None:
    rows: list[Row] = [
        {"qid": i, "question": question_of(i), columns[0]: option, columns[1]: int(option == GOLDS[i])}
        for i in range(N)
        for option in options_of(i)
    ]
    with pytest.raises(
        DataError, match=r"each row seems to be an option, in .* say --options '' if each row"
    ):
        read_rows(tmp_path, rows, ".csv")


def test_names_of_files_as_options_are_told(tmp_path: Path) -> None:
    rows = [plain(i, options=[f"img/{i}_{n}.png" for n in range(4)]) for i in range(N)]
    assert read_rows(tmp_path, rows).guesses == [
        "the options are names of files, as 'img/0_0.png'; what is in these is not read"
    ]


def test_two_columns_of_a_sheet_with_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    write_rows(path, [bare(i, **{"A": "x", "A ": "y"}, answer="A") for i in range(N)])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(1, 4).value = "A"
    book.save(path)
    with pytest.raises(DataError, match="has two columns named 'A'"):
        read_path(path)


def test_letters_without_a_text_at_the_end_mean_fewer_options(tmp_path: Path) -> None:
    rows = [
        plain(
            i,
            options=[f"A. {options_of(i)[0]}", f"B. {options_of(i)[1]}", "C. ", "D. "],
            answer="AB"[gold_of(i, 2)],
        )
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == [options_of(i)[gold_of(i, 2)] for i in range(N)]
