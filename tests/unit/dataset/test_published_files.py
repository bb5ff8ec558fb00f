"""Files as they are published: each kind of layout is read, or refused in a sentence that says what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from data_rows import Row
from layout_rows import (
    LETTERS,
    THINGS,
    bare,
    gold_of,
    options_of,
    plain,
    question_of,
    write_json,
    write_lines,
)
from proposing import read_path, read_rows

from tst_harness.engine.proposal import propose
from tst_harness.errors import DataError

N = 40
GOLDS = [options_of(i)[gold_of(i)] for i in range(N)]


def _responses(i: int, right: int = 1) -> Row:
    return {
        "id": str(i),
        "prompt": question_of(i),
        "chosen": [f"a right reply {k} to {i}" for k in range(right)],
        "rejected": [f"a wrong reply {k} to {i}" for k in range(3)],
        "num_correct": right,
        "total_completions": 3 + right,
    }


def test_a_list_of_right_responses_and_one_of_wrong_ones_are_the_options(tmp_path: Path) -> None:
    read = read_rows(tmp_path, [_responses(i) for i in range(N)])
    assert read.golds == [f"a right reply 0 to {i}" for i in range(N)]
    assert {len(options) for options in read.dataset.frame["options"]} == {4}


def test_several_right_responses_are_several_right_options(tmp_path: Path) -> None:
    frame = read_rows(tmp_path, [_responses(i, 1 + i % 3) for i in range(N)]).dataset.frame
    assert set(frame["format"]) == {"multi"}
    assert sorted({len(options) for options in frame["options"]}) == [4, 5, 6]


def test_a_problem_with_a_number_beside_its_spellings(tmp_path: Path) -> None:
    rows = [
        {
            "problem_text": question_of(i),
            "answer_latex": f" {i + 0.5} \\times 10 ",
            "answer_number": f"{i + 0.25}",
            "unit": ("nm", "J")[i % 2],
        }
        for i in range(N)
    ]
    frame = read_rows(tmp_path, rows).dataset.frame.sort_values("position")
    assert frame["answer"].tolist() == [i + 0.25 for i in range(N)]


def test_a_list_of_one_text_is_the_question(tmp_path: Path) -> None:
    rows = [
        {"question_id": f"h{i}", "turns": [question_of(i)], "ground_truth": f"{THINGS[i % 8]} {i}"}
        for i in range(N)
    ]
    frame = read_rows(tmp_path, rows).dataset.frame
    assert set(frame["text"]) == {question_of(i) for i in range(N)}


def _problem(i: int) -> Row:
    return {
        "id": i,
        "problem_text": f"Find the length of side {i}.",
        "choices": options_of(i),
        "answer": LETTERS[gold_of(i)],
    }


@pytest.mark.parametrize("beside", [False, True])
def test_a_folder_of_files_of_one_question_each(tmp_path: Path, beside: bool) -> None:
    for i in range(N):
        folder = tmp_path / "figures" / str(2400 + i)
        folder.mkdir(parents=True)
        write_json(folder / "data.json", _problem(i))
        if beside:
            write_json(folder / "logic_form.json", {"text_logic_form": ["Find(x)"], "points": {"P": [1, 2]}})
    read = read_path(tmp_path / "figures")
    assert read.golds == GOLDS
    told = f"of {tmp_path / 'figures'} the questions in **/data.json are read, not 2400/logic_form.json"
    assert [guess.startswith(told) for guess in read.guesses] == [True] * beside


@pytest.mark.parametrize(
    "predicted",
    [{"prediction": "A"}, {"question": "Which?", "pred": "A", "answer": "B"}, {"id": 7, "model_output": "A"}],
)
def test_predictions_beside_questions_are_left_out_and_told(tmp_path: Path, predicted: Row) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    write_lines(folder / "questions.jsonl", [plain(i) for i in range(N)])
    write_lines(folder / "results.jsonl", [{"id": f"q{i}"} | predicted for i in range(N)])
    read = read_path(folder)
    assert read.golds == GOLDS
    assert read.guesses == [
        f"of {folder} the questions in questions.jsonl are read, not results.jsonl; name a file for another"
    ]


def test_answers_beside_questions_in_a_folder_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    rows = [plain(i) for i in range(N)]
    write_lines(folder / "questions.jsonl", [{k: v for k, v in row.items() if k != "answer"} for row in rows])
    write_lines(folder / "answers.jsonl", [{"id": row["id"], "answer": row["answer"]} for row in rows])
    assert read_path(folder).golds == GOLDS


@pytest.mark.parametrize("between", ["、", "，", ", ", " and "])
def test_letters_of_several_right_options(tmp_path: Path, between: str) -> None:
    sets = ["AC", "B", "ABD", "CD"]
    rows = [plain(i, answer=between.join(sets[i % 4])) for i in range(N)]
    frame = read_rows(tmp_path, rows).dataset.frame.sort_values("position")
    assert frame["answer"].tolist() == [(5, 2, 11, 12)[i % 4] for i in range(N)]


@pytest.mark.parametrize("dash", ["-", "/", "—"])
def test_dashes_in_all_columns_of_options_are_none(tmp_path: Path, dash: str) -> None:
    def row(i: int) -> Row:
        offered = [dash] * 4 if i % 3 else options_of(i)
        answer = ("yes", "no")[i // 3 % 2] if i % 3 else LETTERS[gold_of(i)]
        columns = {f"option{place}": option for place, option in enumerate(offered, 1)}
        return bare(i, type=("judge", "choice")[i % 3 == 0], answer=answer, **columns)

    read = read_rows(tmp_path, [row(i) for i in range(N)])
    assert read.dataset.source.fault_counts == {}
    frame = read.dataset.frame
    assert set(frame[frame["type"] == "judge"]["options"]) == {("no", "yes")}
    assert {len(options) for options in frame[frame["type"] == "choice"]["options"]} == {4}


def test_one_option_that_is_a_dash_is_one(tmp_path: Path) -> None:
    signs = ["+", "-", "x", "/"]
    read = read_rows(tmp_path, [plain(i, options=signs, answer=signs[gold_of(i)]) for i in range(N)])
    assert read.golds == [signs[gold_of(i)] for i in range(N)]


def test_bands_of_numbers_are_labels(tmp_path: Path) -> None:
    read = read_rows(tmp_path, [bare(i, answer=("0-2", "3-5", "6-8")[i % 3]) for i in range(N)])
    assert set(read.dataset.frame["options"]) == {("0-2", "3-5", "6-8")}
    few = read_rows(tmp_path, [bare(i, answer="3-5" if i == 7 else i * 1.5) for i in range(N)])
    assert few.dataset.source.fault_counts == {"range": 1}


@pytest.mark.parametrize("written", ["{x}. {option}. It stands there.", "({x}) {option}\nSee {x}."])
def test_an_explanation_after_the_letter_and_text_of_an_option(tmp_path: Path, written: str) -> None:
    rows = [plain(i, answer=written.format(x=LETTERS[gold_of(i)], option=GOLDS[i])) for i in range(N)]
    assert read_rows(tmp_path, rows).golds == GOLDS


def test_xml_with_an_element_a_question(tmp_path: Path) -> None:
    def item(i: int) -> str:
        first, second = options_of(i, 2)
        return (
            f'<item id="{i}" asks-for="cause" most-plausible-alternative="{1 + gold_of(i, 2)}">'
            f"<p>It was seen in {i}.</p><a1>By the {first}.</a1><a2>By the {second}.</a2></item>\n"
        )

    text = f'<?xml version="1.0"?>\n<corpus version="1.0">\n{"".join(map(item, range(N)))}</corpus>\n'
    (tmp_path / "r.xml").write_text(text, encoding="utf-8")
    read = read_path(tmp_path / "r.xml")
    assert read.golds == [f"By the {options_of(i, 2)[gold_of(i, 2)]}." for i in range(N)]
    (tmp_path / "r.xml").write_text(text[:-40], encoding="utf-8")
    with pytest.raises(DataError, match="is not valid XML"):
        read_path(tmp_path / "r.xml")
    (tmp_path / "r.xml").write_text('<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', encoding="utf-8")
    with pytest.raises(DataError, match="declares entities"):
        read_path(tmp_path / "r.xml")


def _letter_first(i: int) -> list[str]:
    options = [f"{x}.{option}" for x, option in zip(LETTERS, options_of(i), strict=False)]
    return [LETTERS[gold_of(i)].lower(), f"What happened in {i}.", question_of(i), *options]


def _answer_last(i: int) -> list[str]:
    options = [f"{x}) {option}" for x, option in zip(LETTERS, options_of(i), strict=False)]
    return [question_of(i), *options, f"ANSWER: {LETTERS[gold_of(i)]}"]


@pytest.mark.parametrize("lines", [_letter_first, _answer_last])
def test_a_text_with_a_block_a_question(tmp_path: Path, lines: Callable[[int], list[str]]) -> None:
    blocks = ["\n".join(lines(i)) for i in range(N)]
    (tmp_path / "r.txt").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    read = read_path(tmp_path / "r.txt")
    assert read.golds == GOLDS
    assert set(read.dataset.frame["text"]) == {question_of(i) for i in range(N)}
    blocks[7] = "A line that belongs nowhere."
    (tmp_path / "r.txt").write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    [fault] = read_path(tmp_path / "r.txt").dataset.source.faults
    assert fault.kind == "unreadable"
    assert fault.problem.startswith("line ")


@pytest.mark.parametrize("whole", [True, False])
def test_json_that_is_written_as_text_in_json(tmp_path: Path, whole: bool) -> None:
    rows: list[Any] = [plain(i) for i in range(N)]
    if whole:
        path = write_json(tmp_path / "r.json", json.dumps(rows))
    else:
        path = write_lines(tmp_path / "r.jsonl", [json.dumps(row) for row in rows])  # type: ignore[misc]
    assert read_path(path).golds == GOLDS


def test_versions_of_a_problem_are_a_group(tmp_path: Path) -> None:
    rows = [plain(i, problem_index=str(i // 5), image=f"{i}.png") for i in range(N)]
    assert read_rows(tmp_path, rows).dataset.source.groups == N // 5


def test_spellings_in_a_list_are_accepted_and_lists_of_several_answers_not_scored(tmp_path: Path) -> None:
    kinds: dict[str, Callable[[int], Any]] = {
        "yesno": lambda i: ("yes", "no")[i // 4 % 2],
        "factoid": lambda i: [[f"{THINGS[i % 8]} {i}", f"{THINGS[i % 8]}-{i}"]],
        "list": lambda i: [[f"one of {i}"], [f"two of {i}"]],
        "summary": lambda i: None,
    }
    names = list(kinds)
    rows = [
        {
            "body": question_of(i),
            "type": names[i % 4],
            "id": f"5a{i}",
            "exact_answer": kinds[names[i % 4]](i),
            "ideal_answer": ["A long answer. " * 20],
            "snippets": [{"text": "It is said.", "document": "d"}],
        }
        for i in range(N)
    ]
    read = read_path(write_json(tmp_path / "r.json", {"questions": rows}))
    assert dict(read.dataset.frame.groupby("type")["format"].first()) == {"factoid": "open", "yesno": "mc"}
    assert ("ladder 1", "ladder-1") in read.dataset.accepted
    assert "'list' not scored (rows: 10), 'summary' not scored (rows: 10)" in read.line("type")


def test_questions_that_share_an_answer_are_a_row_each(tmp_path: Path) -> None:
    rows = [
        {
            "Q1": question_of(i),
            "Q2": f"And in {i}, what?",
            "A": f"the {THINGS[i % 8]} {i}",
            "video_name": f"v{i}",
        }
        for i in range(N)
    ]
    read = read_rows(tmp_path, rows)
    assert len(read.dataset.frame) == 2 * N
    assert read.dataset.source.groups == N


def _preferred(i: int, preference: object) -> Row:
    said = [{"role": "user", "content": question_of(i)}]
    if i % 2:
        said += [{"role": "assistant", "content": "I see."}, {"role": "user", "content": "And why?"}]
    return {
        "context": said,
        "response1": f"First reply to {i}.",
        "response2": f"Second reply to {i}.",
        "overall_preference": preference,
    }


def test_how_much_better_a_response_is_is_refused_and_which_one_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'overall_preference' says by how much one of two responses is"):
        read_rows(tmp_path, [_preferred(i, i % 7 - 3) for i in range(N)])
    rows = [_preferred(i, None) | {"winner": ("1", "2", "tie")[i % 3]} for i in range(N)]
    frame = read_rows(tmp_path, rows).dataset.frame
    assert frame["text"][frame["position"] == 1].tolist() == [f"{question_of(1)}\nI see.\nAnd why?"]
    assert len(frame) == N - N // 3


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lettr", "--answers lettr is neither a file nor one of letter, index, index1, text; did you mean"),
        ("key.json", "--answers key.json is neither a file nor one of letter, index, index1, text"),
    ],
)
@pytest.mark.parametrize("data", ["rows.jsonl", "owner/name"])
def test_a_wrong_name_for_answers_is_told_by_its_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, name: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "rows.jsonl", [plain(i) for i in range(N)])
    with pytest.raises(DataError, match=sentence):
        propose(data, "toy", {}, answers=name)
