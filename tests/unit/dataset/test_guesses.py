"""Where two readings are plausible: the clearly better one is taken and told, else the user is asked."""

from pathlib import Path
from typing import Any

import pytest
from data_rows import Row, write_rows
from layout_rows import LETTERS, gold_of, options_of, plain, question_of

from tst_harness.benchmark.declarations import Benchmark, Choice, LocalFile, Multi, Number, Open
from tst_harness.dataset.loading import load
from tst_harness.dataset.reading import DataFile
from tst_harness.dataset.recognition import Asked, read_sheet, recognise
from tst_harness.errors import DataError

N = 60


def read(folder: Path, rows: list[Row], **asked: Any) -> tuple[Benchmark, list[str]]:
    """The benchmark and the guesses."""
    write_rows(folder / "rows.jsonl", rows)
    sheet = read_sheet([DataFile(folder / "rows.jsonl", "rows.jsonl")], "rows.jsonl")
    recognised = recognise(sheet, LocalFile(str(folder / "rows.jsonl")), "toy", Asked(**asked))
    guesses = [line.removeprefix("guess: ") for line in recognised.lines if line.startswith("guess: ")]
    return recognised.benchmark, guesses


def bare(answers: list[Any]) -> list[Row]:
    return [{"id": i, "question": question_of(i), "answer": answer} for i, answer in enumerate(answers)]


def test_where_there_is_one_reading_nothing_is_guessed(tmp_path: Path) -> None:
    assert read(tmp_path, [plain(i) for i in range(N)])[1] == []
    assert read(tmp_path, [plain(i, answer=gold_of(i)) for i in range(N)])[1] == []
    assert read(tmp_path, bare([("yes", "no")[gold_of(i, 2)] for i in range(N)]))[1] == []


def test_of_two_texts_that_with_more_different_ones_is_the_question(tmp_path: Path) -> None:
    rows = [plain(i, stem=f"Look at picture {i // 3} and say.") for i in range(N)]
    benchmark, guesses = read(tmp_path, rows)
    assert benchmark.columns.text == "question"
    assert guesses == [
        "the question is 'question', 60 different texts where 'stem' has 20; --question stem for the other"
    ]
    with pytest.raises(DataError, match="can each be the questions; say which with --question question"):
        read(tmp_path, [plain(i, stem=f"Look at picture {i}.") for i in range(N)])


def test_of_two_answers_that_fit_differently_the_better_one_is_taken(tmp_path: Path) -> None:
    rows = [plain(i, label=LETTERS[gold_of(i + 1)] if i % 3 else "none of them") for i in range(N)]
    benchmark, guesses = read(tmp_path, rows)
    assert benchmark.columns.answer == "answer"
    assert guesses == [
        "the answer is 'answer', which fits 100% of the rows where 'label' fits 67%; --answer label for the "
        "other"
    ]
    with pytest.raises(DataError, match="can each be the answers, and they differ"):
        read(tmp_path, [plain(i, label=LETTERS[gold_of(i + 1)]) for i in range(N)])


def test_options_that_another_column_has_others_of_are_told(tmp_path: Path) -> None:
    rows = [plain(i, choices=options_of(i + 1)) for i in range(N)]
    benchmark, guesses = read(tmp_path, rows)
    assert benchmark.columns.options == "options"
    assert guesses == ["the options are those of 'options'; --options choices for others"]
    assert read(tmp_path, [plain(i, choices=options_of(i)) for i in range(N)])[1] == []


@pytest.mark.parametrize(("odd", "form", "other"), [(0, "index", "index1"), (4, "index1", "index")])
def test_a_single_answer_that_only_one_counting_fits_decides_and_is_told(
    tmp_path: Path, odd: int, form: Any, other: str
) -> None:
    rows = [plain(i, answer=odd if i == 7 else 1 + i % 3) for i in range(N)]
    benchmark, [guess] = read(tmp_path, rows)
    assert benchmark.question_types == (Choice("toy", answers=form),)
    assert f"--answers {other} for those" in guess
    assert "fit 60 rows" in guess
    assert "they fit 59" in guess
    assert set(load(benchmark).frame["answer"]) == {0, 1, 2, 3}


def test_where_no_counting_fits_all_and_they_are_as_good_the_user_is_asked(tmp_path: Path) -> None:
    rows = [plain(i, answer=9 if i < 2 else 0 if i == 7 else 1 + i % 3) for i in range(N)]
    with pytest.raises(DataError, match="say which with --answers index or --answers index1"):
        read(tmp_path, rows)
    assert read(tmp_path, rows, answers="index1")[0].question_types == (Choice("toy", answers="index1"),)


def test_codes_of_labels_and_numbers_are_told_apart_by_a_rule_that_is_told(tmp_path: Path) -> None:
    benchmark, guesses = read(tmp_path, bare([i % 2 for i in range(N)]))
    assert benchmark.question_types == (Choice("toy", labels=("0", "1")),)
    assert guesses == ["the numbers 0, 1 are read as labels; --format num for numbers"]
    benchmark, guesses = read(tmp_path, bare([i % 6 for i in range(N)]))
    assert benchmark.question_types == (Number("toy"),)
    assert guesses == ["few whole numbers are read as numbers; --format mc for labels"]
    assert read(tmp_path, bare([7 * i for i in range(N)]))[1] == []


def test_a_few_texts_are_labels_and_said_to_be(tmp_path: Path) -> None:
    answers = [("red", "green", "blue")[gold_of(i, 3)] for i in range(N)]
    benchmark, guesses = read(tmp_path, bare(answers))
    assert benchmark.question_types == (Choice("toy", labels=("blue", "green", "red")),)
    assert guesses == ["the texts blue, green, red are read as labels; --format open for free texts"]
    benchmark, guesses = read(tmp_path, bare(answers), format="open")
    assert (benchmark.question_types, guesses) == ((Open("toy"),), [])


def test_letters_without_options_are_no_silent_labels(tmp_path: Path) -> None:
    [guess] = read(tmp_path, bare([f"({LETTERS[gold_of(i)]})" for i in range(N)]))[1]
    assert guess.startswith("the letters (A), (B), (C), (D) are read as labels, since no options are known")


def test_what_looks_like_an_answer_is_none_by_its_looks_alone(tmp_path: Path) -> None:
    def rows(**columns: Any) -> list[Row]:
        bare = ({name: value for name, value in plain(i).items() if name != "answer"} for i in range(N))
        return [row | {name: value(i) for name, value in columns.items()} for i, row in enumerate(bare)]

    for name, value in {
        "difficulty": lambda i: i % 4,
        "video_id": lambda i: LETTERS[i % 4],
        "category": lambda i: LETTERS[i % 4],
        "index": lambda i: i % 4,
    }.items():
        with pytest.raises(DataError, match="no column is recognised as the answers"):
            read(tmp_path, rows(**{name: value}))
    benchmark, [guess] = read(
        tmp_path, rows(verdict=lambda i: LETTERS[gold_of(i)], difficulty=lambda i: i % 4)
    )
    assert benchmark.columns.answer == "verdict"
    assert guess.startswith(
        "the answer is 'verdict', which holds the letter, text or mark of an option in each row"
    )
    answered = [row | {"answer": LETTERS[gold_of(i)]} for i, row in enumerate(rows(index=lambda i: i % 4))]
    assert read(tmp_path, answered)[0].columns.answer == "answer"


def test_what_is_guessed_of_wrong_options_is_told(tmp_path: Path) -> None:
    rows = [plain(i, options=options_of(i)[1:], answer=options_of(i)[0]) for i in range(N)]
    benchmark, guesses = read(tmp_path, rows)
    assert benchmark.columns.options == ("options", "answer")
    assert guesses == ["'answer' is none of the options in 'options', which are read as the wrong ones"]
    frame = load(benchmark).frame
    assert all(
        options[int(answer)] == options_of(int(text.split()[-1].rstrip("?")))[0]
        for text, options, answer in zip(frame["text"], frame["options"], frame["answer"], strict=True)
    )


def test_the_format_can_be_settled(tmp_path: Path) -> None:
    rows = [plain(i) for i in range(N)]
    assert read(tmp_path, rows, format="multi")[0].question_types == (Multi("toy"),)
    rows = [plain(i, answer=f"{LETTERS[i % 2]},{LETTERS[2]}" if i % 3 else "B") for i in range(N)]
    assert read(tmp_path, rows)[0].question_types == (Multi("toy"),)
    assert read(tmp_path, rows, format="mc")[0].question_types == (Choice("toy"),)
    assert read(tmp_path, bare(["3"] * 30 + ["4"] * 30), format="open")[0].question_types == (Open("toy"),)


def test_groups_are_counted_where_answers_are_told(tmp_path: Path) -> None:
    rows = [
        plain(i, video=f"v{i // 3}", answer="NA" if i % 12 < 6 else LETTERS[gold_of(i)]) for i in range(N)
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    sheet = read_sheet([DataFile(tmp_path / "rows.jsonl", "rows.jsonl")], "rows.jsonl")
    lines = recognise(sheet, LocalFile(str(tmp_path / "rows.jsonl")), "toy", Asked()).lines
    assert "group: 'video' (10 groups)" in lines


def test_flags_about_a_question_and_names_of_files_are_neither_answers_nor_options(tmp_path: Path) -> None:
    unanswered = [
        {"question": f"What is in clip {i}?", "isBalanced": i % 2 == 0, "score": i % 5} for i in range(N)
    ]
    with pytest.raises(DataError, match="no column is recognised as the answers"):
        read(tmp_path, unanswered)
    counted = [
        {
            "question": f"Which is it {i}?",
            "image_1": f"{i}.png",
            "image_2": f"{i + 1}.png",
            "label": 1 + i % 2,
        }
        for i in range(N)
    ]
    assert read(tmp_path, counted)[0].columns.options is None
    texts = [row | {f"image_{n}": f"A view of {n} in {i}" for n in (1, 2)} for i, row in enumerate(counted)]
    benchmark, guesses = read(tmp_path, texts)
    assert benchmark.columns.options == ("image_1", "image_2")
    assert guesses == [
        "the options are 'image_1', 'image_2', since the answers name them; --options for others"
    ]


def test_answers_in_several_columns_are_options_only_where_one_is_said_to_be_right(tmp_path: Path) -> None:
    rows = [
        {"question": question_of(i), "answer1": f"one {i}", "answer2": f"two {i}", "set": "test"}
        for i in range(N)
    ]
    benchmark, guesses = read(tmp_path, rows)
    assert (benchmark.columns.answer, benchmark.columns.options) == (("answer1", "answer2"), None)
    assert guesses == [
        "'answer1', 'answer2' are read as accepted answers, since no column says which is right; --options "
        "answer1,answer2 and --answer COLUMN for options"
    ]
    accepted = load(benchmark).accepted
    assert set(accepted) == {(f"one {i}", f"two {i}") for i in range(N)}
    told = [row | {"label": 1 + gold_of(i, 2)} for i, row in enumerate(rows)]
    assert read(tmp_path, told)[0].columns.options == ("answer1", "answer2")
    for names in ("answer{}", "answer_{}"):
        keys = "1234" if names == "answer{}" else "abcd"
        columns = [names.format(key) for key in keys]
        untold = [
            {"question": question_of(i)} | {name: f"{name} of {i}" for name in columns} for i in range(N)
        ]
        with pytest.raises(DataError, match="no column is recognised as the answers"):
            read(tmp_path, untold)
    by_letter = [row | {"key": LETTERS[gold_of(i, 2)]} for i, row in enumerate(rows)]
    assert read(tmp_path, by_letter)[0].columns.answer == "key"


def test_a_score_is_an_answer_where_two_texts_are_compared(tmp_path: Path) -> None:
    two = [
        {"sentence1": f"It is in {i}.", "sentence2": f"It is out {i}.", "score": i % 50 / 10}
        for i in range(N)
    ]
    benchmark, guesses = read(tmp_path, two)
    assert (benchmark.columns.text, benchmark.columns.answer) == ("sentence2", "score")
    assert "the answer is 'score', by its name; --answer for another column" in guesses
    lettered = [
        {"sentence_A": row["sentence1"], "sentence_B": row["sentence2"], "score": row["score"]} for row in two
    ]
    assert read(tmp_path, lettered)[0].columns.text == "sentence_B"


def test_of_a_question_in_two_languages_the_first_is_taken(tmp_path: Path) -> None:
    rows = [plain(i, question_en=question_of(i), question_de=f"Was ist in {i}?") for i in range(N)]
    for row in rows:
        del row["question"]
    benchmark, guesses = read(tmp_path, rows)
    assert benchmark.columns.text == "question_en"
    assert guesses == [
        "the question is 'question_en', which 'question_de' says again; --question question_de for the other"
    ]
    for i, row in enumerate(rows):
        row["question_de"] = f"Was ist in {i // 4}?"
    with pytest.raises(DataError, match="can each be the questions; say which with --question question_en"):
        read(tmp_path, rows)


def test_yes_and_no_beside_numbers_are_answers_of_two_kinds(tmp_path: Path) -> None:
    answers = [("yes", "no")[i // 2 % 2] if i % 2 else i % 4 for i in range(N)]
    types = {declared.format: declared for declared in read(tmp_path, bare(answers))[0].question_types}
    assert set(types) == {"num", "mc"}
    assert isinstance(types["mc"], Choice)
    assert types["mc"].labels == ("no", "yes")
    organs = [answer if i % 2 else f"the lobe {i}" for i, answer in enumerate(answers)]
    types = {declared.format: declared for declared in read(tmp_path, bare(organs))[0].question_types}
    assert set(types) == {"open", "mc"}
    frame = load(read(tmp_path, bare(organs))[0]).frame
    assert frame["format"].tolist() == ["mc" if i % 2 else "open" for i in range(N)]
    maybe = [("yes", "no", "maybe")[gold_of(i, 3)] for i in range(N)]
    assert [declared.format for declared in read(tmp_path, bare(maybe))[0].question_types] == ["mc"]
    sizes = [("1", "2", "3 or more")[gold_of(i, 3)] for i in range(N)]
    [declared] = read(tmp_path, bare(sizes))[0].question_types
    assert isinstance(declared, Choice)
    assert declared.labels == ("1", "2", "3 or more")


def test_a_long_list_of_columns_is_cut(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"its columns are c0, .*, c29 and 20 more$"):
        read(tmp_path, [{f"c{n}": i for n in range(50)} for i in range(N)])


def test_of_answers_that_say_the_same_one_that_more_rows_have_is_taken(tmp_path: Path) -> None:
    rows = [
        plain(i, answer=None if i % 3 == 0 else gold_of(i), label=options_of(i)[gold_of(i)]) for i in range(N)
    ]
    assert read(tmp_path, rows)[0].columns.answer == "label"
    full = [plain(i, answer=gold_of(i), label=options_of(i)[gold_of(i)]) for i in range(N)]
    assert read(tmp_path, full)[0].columns.answer == "answer"


def test_long_texts_beside_numbers_are_said_to_be_not_scored(tmp_path: Path) -> None:
    rows = bare([i if i % 2 else f"It is {i}, since " + "one sees it " * 9 for i in range(N)])
    write_rows(tmp_path / "rows.jsonl", rows)
    sheet = read_sheet([DataFile(tmp_path / "rows.jsonl", "rows.jsonl")], "rows.jsonl")
    recognised = recognise(sheet, LocalFile(str(tmp_path / "rows.jsonl")), "toy", Asked())
    assert "type: one for all, told apart by format: numbers, not scored" in recognised.lines
    dataset = load(recognised.benchmark)
    assert (dataset.source.questions, dataset.source.not_scored) == (30, {"toy (none)": 30})


@pytest.mark.parametrize("answer", ["[{0}, {1}]", ["{0}", "{1}"], ["{0}", "3", "{1}", "90"]])
def test_lists_of_numbers_are_places_and_not_scored(tmp_path: Path, answer: str | list[str]) -> None:
    def of(i: int) -> str | list[str]:
        parts = [answer] if isinstance(answer, str) else answer
        filled = [part.format(i, 2 * i + 50) for part in parts]
        return filled[0] if isinstance(answer, str) else filled

    with pytest.raises(DataError, match="are lists of numbers, as of places or moments"):
        read(tmp_path, bare([of(i) for i in range(N)]))


def test_spellings_of_a_number_are_no_place(tmp_path: Path) -> None:
    spelled = bare([[f"{i},500", f"{i}500", f"about {i}500"] for i in range(1, N)])
    [declared] = read(tmp_path, spelled)[0].question_types
    assert isinstance(declared, Open)


def test_marks_in_columns_are_told_and_are_none_beside_an_answer(tmp_path: Path) -> None:
    def rows(names: str, **more: Any) -> list[Row]:
        marks = ({names.format(n): n % 4 == gold_of(i) for n in range(1, 5)} for i in range(N))
        bare = ({k: v for k, v in plain(i).items() if k != "answer"} for i in range(N))
        return [row | more | marked for row, marked in zip(bare, marks, strict=True)]

    benchmark, guesses = read(tmp_path, rows("label_{}"))
    assert benchmark.columns.answer == ("label_1", "label_2", "label_3", "label_4")
    assert guesses == [
        "'label_1', 'label_2', 'label_3', 'label_4' mark which options are right; --answer for a column "
        "that says it"
    ]
    benchmark, guesses = read(tmp_path, rows("annotator_{}", answer="A"))
    assert (benchmark.columns.answer, guesses) == ("answer", [])
