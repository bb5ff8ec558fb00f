"""Answers that say what they mean only beside those of other rows: lost options, -1, scores, notations."""

from pathlib import Path
from typing import Any

import pytest
from data_rows import Row
from layout_rows import bare, gold_of, options_of, plain, question_of
from proposing import read_rows

from tst_harness.errors import DataError

N = 40
LETTERS = "ABCD"
GOLDS = [options_of(i)[gold_of(i)] for i in range(N)]


@pytest.mark.parametrize("hole", [None, []])
@pytest.mark.parametrize("first", [0, 1])
def test_indices_without_options_are_faults_as_letters_are(
    tmp_path: Path, hole: list[str] | None, first: int
) -> None:
    rows = [plain(i, answer=first + gold_of(i)) | ({"options": hole} if i % 3 == 0 else {}) for i in range(N)]
    read = read_rows(tmp_path, rows)
    assert read.golds == [gold for i, gold in enumerate(GOLDS) if i % 3]
    assert read.dataset.source.fault_counts["no options"] == 14
    assert any("have lost them and are faults; --format num or open" in guess for guess in read.guesses)


def test_more_indices_without_options_than_with_stop_the_run(tmp_path: Path) -> None:
    rows = [plain(i, answer=i % 4) | ({} if i % 5 == 0 else {"options": None}) for i in range(N)]
    with pytest.raises(DataError, match=r"rows are faulty \(no options in 32\)"):
        read_rows(tmp_path, rows)


@pytest.mark.parametrize("answers", [[7.5, 31, 12], [2, 31, 0]])
def test_numbers_that_are_no_indices_stay_numbers(tmp_path: Path, answers: list[float]) -> None:
    rows = [
        plain(i, answer=gold_of(i))
        if i % 3
        else bare(i, options=None, answer=answers[i // 3 % 3], id=f"q{i}")
        for i in range(N)
    ]
    read = read_rows(tmp_path, rows)
    assert set(read.dataset.frame["format"]) == {"mc", "num"}
    assert read.dataset.source.fault_counts == {}


def test_a_flag_makes_numbers_of_indices_without_options(tmp_path: Path) -> None:
    rows = [plain(i, answer=gold_of(i)) | ({"options": None} if i % 3 == 0 else {}) for i in range(N)]
    frame = read_rows(tmp_path, rows, format="num").dataset.frame
    assert frame["format"].value_counts().to_dict() == {"mc": 26, "num": 14}


@pytest.mark.parametrize("nested", ["objects", "lists"])
def test_of_texts_with_scores_those_of_the_highest_are_accepted(tmp_path: Path, nested: str) -> None:
    def scored(i: int) -> Any:
        texts, scores = [f"no {i}", f"lamp {i}", f"lamp no. {i}"], [-1, 4, 4 if i % 2 else 3]
        if nested == "lists":
            return {"text": texts, "score": scores}
        return [{"text": text, "score": score} for text, score in zip(texts, scores, strict=True)]

    read = read_rows(tmp_path, [bare(i, answers=scored(i)) for i in range(N)])
    assert "those of the highest 'score' alone" in read.line("answer")
    frame = read.dataset.frame
    accepted = [read.dataset.accepted[int(place)] for place in frame["answer"]]
    assert accepted[:2] == [("lamp 0",), ("lamp 1", "lamp no. 1")]


@pytest.mark.parametrize("asked", [{}, {"labels": ("-1", "0", "1")}])
def test_as_many_minus_ones_as_other_labels_are_a_label_of_their_own(
    tmp_path: Path, asked: dict[str, Any]
) -> None:
    rows = [{"text": f"A fine day in {i}.", "label": i % 3 - 1} for i in range(60)]
    read = read_rows(tmp_path, rows, **asked)
    assert set(read.dataset.frame["options"]) == {("-1", "0", "1")}
    assert read.dataset.source.kept_back == 0
    told = "-1 is read as a label; --labels 0,1 if it stands for an answer kept back"
    assert read.guesses == ([] if asked else [told])


def test_a_flag_says_that_minus_one_is_kept_back(tmp_path: Path) -> None:
    rows = [{"text": f"A fine day in {i}.", "label": i % 3 - 1} for i in range(60)]
    read = read_rows(tmp_path, rows, labels=("0", "1"))
    assert set(read.dataset.frame["options"]) == {("0", "1")}
    assert read.dataset.source.kept_back == 20


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([-1, 1], ("-1", "1")), ([-1, *[0, 1] * 8], ("0", "1")), ([0, 1, 2, -1], ("0", "1", "2"))],
)
def test_minus_one_is_kept_back_where_it_is_rare_or_beside_more_than_one(
    tmp_path: Path, labels: list[int], expected: tuple[str, ...]
) -> None:
    n = len(labels)
    rows = [{"text": f"A fine day in {i}.", "label": labels[i % n]} for i in range(12 * n)]
    read = read_rows(tmp_path, rows)
    assert set(read.dataset.frame["options"]) == {expected}
    assert read.dataset.source.kept_back == 12 * len({-1} - set(map(int, expected)))


def test_per_cent_is_counted_beside_numbers_and_not_beside_texts(tmp_path: Path) -> None:
    answers = ["31%", 47.5, "a lamp of mine", "a chair", "two or so", "nobody"]
    rows = [bare(i, answer=answers[i % 2 if i % 4 else 2 + i // 4 % 4]) for i in range(N)]
    assert (
        "10 numbers are per cent, 20 have no unit; all are taken as they stand"
        not in read_rows(tmp_path, rows).guesses
    )


IN_TEXT: dict[str, tuple[str, str, list[Any]]] = {
    "brackets": (" ", "[{letter}] {option}", list(LETTERS)),
    "numbers in brackets from 0": (" ", "[{place}] {option}", [0, 1, 2, 3]),
    "numbers from 0, a line each": ("\n", "{place}. {option}", [0, 1, 2, 3]),
    "nothing between": ("", "{letter}){option}", list(LETTERS)),
}


@pytest.mark.parametrize("way", IN_TEXT)
def test_options_in_the_text_are_read_as_they_are_written(tmp_path: Path, way: str) -> None:
    between, written, answers = IN_TEXT[way]

    def asked(i: int) -> str:
        options = [
            written.format(letter=LETTERS[place], place=place, option=option)
            for place, option in enumerate(options_of(i))
        ]
        return between.join([question_of(i), *options])

    rows = [bare(i, question=asked(i), answer=answers[gold_of(i)]) for i in range(N)]
    read = read_rows(tmp_path, rows)
    assert read.golds == GOLDS
    assert set(read.dataset.frame["text"]) == {question_of(i) for i in range(N)}


@pytest.mark.parametrize("answers", [[0, 1, 2, 3], list(LETTERS)])
def test_columns_that_count_in_words_hold_an_option_each(tmp_path: Path, answers: list[Any]) -> None:
    names = ("first_option", "second_option", "third_option", "fourth_option")
    rows = [
        bare(i, answer=answers[gold_of(i)]) | dict(zip(names, options_of(i), strict=True)) for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS


def _with_order(i: int, letters: str) -> Row:
    options = " ".join(f"({x}) {option}" for x, option in zip(letters, options_of(i), strict=True))
    return bare(i, question=f"{question_of(i)} {options}", answer=LETTERS[gold_of(i)])


@pytest.mark.parametrize("letters", ["BADC", "CADB", "DCBA"])
def test_letters_out_of_order_in_the_text_are_refused_or_faults(tmp_path: Path, letters: str) -> None:
    with pytest.raises(
        DataError, match=r"carry the letters .* put the options in the order of their letters"
    ):
        read_rows(tmp_path, [_with_order(i, letters) for i in range(N)])
    read = read_rows(tmp_path, [_with_order(i, "ABCD" if i % 4 else letters) for i in range(N)])
    assert read.dataset.source.fault_counts == {"letters out of order": 10}
    assert read.golds == [gold for i, gold in enumerate(GOLDS) if i % 4]


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ("As [A] and [B] in clip {} show, is it red?", ["yes", "no"]),
        ("Which is nearer in clip {}, (A) or (B)?", ["A", "B"]),
        ("Which is nearer in clip {}, [A] or [B]?", ["A", "B"]),
        ("As [1] and [2] say of clip {}, is it red?", ["yes", "no"]),
        ("The points (C), (A) and (B) are on line {}; how long is it?", [3.5, 7.25, 40]),
        ("If AB)5 and B)7 in figure {}, what is C?", [3.5, 7.25, 40]),
    ],
)
def test_letters_that_the_text_is_about_are_no_options(
    tmp_path: Path, asked: str, answers: list[Any]
) -> None:
    read = read_rows(tmp_path, [bare(i, question=asked.format(i), answer=answers[i % 2]) for i in range(N)])
    assert read.line("options") == "options: none found"
    assert set(read.dataset.frame["text"]) == {asked.format(i) for i in range(N)}


def test_numbers_that_are_the_options_themselves_are_no_indices(tmp_path: Path) -> None:
    offered = ["1", "2", "3", "4"]
    rows = [plain(i, options=offered if i % 2 else None, answer=str(1 + gold_of(i))) for i in range(N)]
    read = read_rows(tmp_path, rows)
    assert read.dataset.source.fault_counts == {}
    assert set(read.dataset.frame["format"]) == {"mc", "num"}


def test_a_letter_with_an_explanation_is_no_further_option(tmp_path: Path) -> None:
    rows = [plain(i, answer=f"{LETTERS[gold_of(i)]}. It stands there in {i}.") for i in range(N)]
    with pytest.raises(DataError, match="answer names no option in 40"):
        read_rows(tmp_path, rows)


@pytest.mark.parametrize("mark", [".", ")", "．", "、"])
def test_options_with_nothing_between_are_told_apart_by_their_letters(tmp_path: Path, mark: str) -> None:
    rows = [
        bare(
            i,
            question=question_of(i)
            + "".join(f"{x}{mark}{option}" for x, option in zip(LETTERS, options_of(i), strict=True)),
            answer=LETTERS[gold_of(i)],
        )
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS
