"""Options by letters of any script and by numbers: in columns, in lists and in the text of the question."""

from pathlib import Path
from typing import Any

import pytest
from layout_rows import bare, gold_of, options_of, plain, question_of
from proposing import read_rows

N = 40
GOLDS = [options_of(i)[gold_of(i)] for i in range(N)]
SCRIPTS = ["ABCD", "abcd", "АБВГ", "ΑΒΓΔ", "أبجد", "ابجد", "אבגד", "กขคง", "가나다라", "甲乙丙丁"]


@pytest.mark.parametrize("keys", [*SCRIPTS, "1234", "0123"])
@pytest.mark.parametrize(
    "name", ["alternative_{}", "reply {}", "resposta-{}", "gloss({})", "option_{}", "({})", "{}"]
)
def test_columns_that_the_answers_name_hold_the_options(tmp_path: Path, name: str, keys: str) -> None:
    columns = [name.format(key) for key in keys]
    rows = [
        bare(i, **dict(zip(columns, options_of(i), strict=True)), target=keys[gold_of(i)]) for i in range(N)
    ]
    read = read_rows(tmp_path, rows, ".csv")
    assert read.golds == GOLDS
    assert read.dataset.benchmark.columns.options == tuple(columns)


def test_columns_in_which_the_answers_stand_hold_the_options(tmp_path: Path) -> None:
    rows = [
        bare(i, **{f"gloss_{n}": option for n, option in enumerate(options_of(i), 1)}, gold=GOLDS[i])
        for i in range(N)
    ]
    read = read_rows(tmp_path, rows)
    assert read.golds == GOLDS
    assert read.guesses == [
        "the options are 'gloss_1', 'gloss_2', 'gloss_3', 'gloss_4', since the answers name them; --options "
        "for others"
    ]


@pytest.mark.parametrize("cells", [[3, 1, 2, 5], ["a.png", "b.png", "c.jpg", "d.png"]])
def test_columns_of_numbers_or_files_hold_no_options(tmp_path: Path, cells: list[Any]) -> None:
    rows = [
        bare(i, **{f"view_{n}": cell for n, cell in enumerate(cells, 1)}, label=1 + gold_of(i))
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).dataset.benchmark.columns.options is None


@pytest.mark.parametrize("keys", SCRIPTS)
@pytest.mark.parametrize("mark", ["{}. {}", "{}) {}", "({}) {}"])
def test_letters_of_any_script_stand_before_options(tmp_path: Path, keys: str, mark: str) -> None:
    marked = [[mark.format(*item) for item in zip(keys, options_of(i), strict=True)] for i in range(N)]
    for rows in (
        [bare(i, options=marked[i], answer=keys[gold_of(i)]) for i in range(N)],
        [
            bare(i, question="\n".join([question_of(i), *marked[i]]), answer=keys[gold_of(i)])
            for i in range(N)
        ],
    ):
        read = read_rows(tmp_path, rows)
        assert read.golds == GOLDS
        assert read.dataset.frame["text"].tolist() == [question_of(i) for i in range(N)]


@pytest.mark.parametrize(
    "text",
    [
        "가: 어디 가요? 나: 집에 가요. {}",
        "ア、イ、ウの中で{}番目はどれか。",
        "甲、乙、丙三人走了{}步。",
        "甲：你好。乙：你好{}。",
    ],
)
def test_speakers_and_things_that_have_letters_are_no_options(tmp_path: Path, text: str) -> None:
    rows = [bare(i, question=text.format(i), answer=f"it is {i}") for i in range(N)]
    assert read_rows(tmp_path, rows).dataset.benchmark.columns.options is None


def test_a_letter_that_looks_latin_beside_latin_ones_names_nothing(tmp_path: Path) -> None:
    letters = "AВCD"
    rows = [plain(i, answer=letters[gold_of(i)]) for i in range(N)]
    counts = read_rows(tmp_path, rows).dataset.source.fault_counts
    assert counts["answer names no option"] == sum(gold_of(i) == 1 for i in range(N))


@pytest.mark.parametrize("mark", ["{}. {}", "({}) {}", "{}) {}", "①"])
@pytest.mark.parametrize("between", ["\n", " "])
@pytest.mark.parametrize("golds", [range(4), range(1, 3)])
def test_numbers_in_the_text_are_options_that_are_counted_from_1(
    tmp_path: Path, mark: str, between: str, golds: range
) -> None:
    places = [golds[gold_of(i, len(golds))] for i in range(N)]
    rows = []
    for i, place in enumerate(places):
        items = [
            f"{'①②③④'[n]} {option}" if mark == "①" else mark.format(n + 1, option)
            for n, option in enumerate(options_of(i))
        ]
        rows.append(bare(i, question=between.join([question_of(i), *items]), answer=str(place + 1)))
    read = read_rows(tmp_path, rows)
    assert read.golds == [options_of(i)[place] for i, place in enumerate(places)]
    assert read.dataset.frame["text"].tolist() == [question_of(i) for i in range(N)]


def test_numbered_steps_are_no_options(tmp_path: Path) -> None:
    steps = "1. Mix it. 2. Bake it. 3. Cool it."
    asked = [bare(i, question=f"Steps: {steps} How many are there in {i}?", answer=3) for i in range(N)]
    assert read_rows(tmp_path, asked).dataset.benchmark.columns.options is None
    named = [bare(i, question=f"What comes first in {i}? {steps}", answer=f"It is {i}") for i in range(N)]
    assert read_rows(tmp_path, named).dataset.benchmark.columns.options is None


@pytest.mark.parametrize("keys", ["ABCD", "1234", "0123"])
@pytest.mark.parametrize("pairs", [True, False])
def test_options_as_pairs_of_a_letter_and_a_text(tmp_path: Path, keys: str, pairs: bool) -> None:
    rows = [
        bare(
            i,
            options=[[k, o] if pairs else {k: o} for k, o in zip(keys, options_of(i), strict=True)],
            answer=keys[gold_of(i)],
        )
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS


def test_circled_numbers_are_no_part_of_the_options(tmp_path: Path) -> None:
    rows = [
        plain(
            i,
            options=[f"{n} {option}" for n, option in zip("①②③④", options_of(i), strict=True)],
            answer="①②③④"[gold_of(i)],
        )
        for i in range(N)
    ]
    assert read_rows(tmp_path, rows).golds == GOLDS


@pytest.mark.parametrize(
    "mark",
    [" ### ", "|||", " / ", "\t", "<sep>", ";", " | ", " || ", "##", "[SEP]", "</s>", " ~ ", "\\n", "$$"],
)
@pytest.mark.parametrize("column", ["options", "choices_text"])
def test_options_in_a_text_are_parted_by_what_parts_them_in_every_row(
    tmp_path: Path, mark: str, column: str
) -> None:
    rows = [bare(i, **{column: mark.join(options_of(i))}, answer=GOLDS[i]) for i in range(N)]
    assert read_rows(tmp_path, rows).golds == GOLDS


@pytest.mark.parametrize("blank", ["", None, " "])
def test_blanks_at_the_end_of_many_lists_mean_fewer_options(tmp_path: Path, blank: str | None) -> None:
    sizes = [2 + i % 3 for i in range(N)]
    rows = [
        plain(i, options=options_of(i)[:n] + [blank] * (4 - n), answer="AB"[gold_of(i, 2)])
        for i, n in enumerate(sizes)
    ]
    read = read_rows(tmp_path, rows)
    assert list(map(len, read.dataset.frame.sort_values("position")["options"])) == sizes
    assert "empty option" not in read.dataset.source.fault_counts


@pytest.mark.parametrize("place", [1, 3])
def test_a_blank_in_few_lists_or_inside_one_is_a_fault(tmp_path: Path, place: int) -> None:
    rows = [plain(i, answer="A") for i in range(N)]
    rows[7]["options"] = [option if n != place else "" for n, option in enumerate(options_of(7))]
    source = read_rows(tmp_path, rows).dataset.source
    assert source.fault_counts["empty option"] == 1
    assert source.left_out[0].problem == f"option {place + 1} of 4 is empty"
