"""Questions with placeholders, for which a column has the words."""

from pathlib import Path

import pytest
from data_rows import Row, write_rows
from known_layouts import KNOWN
from layout_rows import THINGS, gold_of

from tst_harness.benchmark.declarations import Columns
from tst_harness.dataset.placeholders import filled
from tst_harness.engine.proposal import propose
from tst_harness.errors import DeclarationError

HOLD = "Where is the <LL> <Object>?"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (HOLD, ("loudest", "violin"), "Where is the loudest violin?"),
        (HOLD, '["loudest", "violin"]', "Where is the loudest violin?"),
        (HOLD, "['loudest', 'violin']", "Where is the loudest violin?"),
        (HOLD, ("violin",), HOLD),
        (HOLD, None, HOLD),
        (HOLD, "violin", HOLD),
        ("Is 1 < 2 and 3 > 2?", (), "Is 1 < 2 and 3 > 2?"),
        ("<image> Where is <Object>?", ("a violin",), "<image> Where is a violin?"),
        (None, ("violin",), None),
    ],
)
def test_words_stand_for_placeholders_where_there_are_as_many(
    text: str | None, words: str | tuple[str, ...] | None, expected: str | None
) -> None:
    assert filled(text, words) == expected


def read(folder: Path, rows: list[Row]) -> tuple[list[str], str | None]:
    """The questions, and the column of the words."""
    write_rows(folder / "rows.jsonl", rows)
    dataset = propose(str(folder / "rows.jsonl"), "rows", {}).dataset
    return dataset.frame["text"].tolist(), dataset.benchmark.columns.slots


def asked(i: int, **more: object) -> Row:
    return {
        "id": i,
        "question": f"Is the <Object> of clip {i} on?",
        "answer": ("yes", "no")[gold_of(i, 2)],
    } | more


def test_the_column_of_the_words_is_found(tmp_path: Path) -> None:
    texts, slots = read(tmp_path, [asked(i, type=["loud"], words=[THINGS[i % 8]]) for i in range(40)])
    assert slots == "words"
    assert texts[:2] == ["Is the kettle of clip 0 on?", "Is the ladder of clip 1 on?"]
    [form] = [form for name, form in KNOWN.items() if name == "questions with placeholders"]
    path = form.build(tmp_path)
    dataset = propose(str(path), "rows", {}).dataset
    assert not dataset.frame["text"].str.contains("<").any()


def test_what_is_no_word_for_each_placeholder_stands_for_none(tmp_path: Path) -> None:
    lists = [asked(i, words=[THINGS[i % 8]] * (1 + i % 2)) for i in range(40)]
    assert read(tmp_path, lists)[1] is None
    cloze = [asked(i, words=[("yes", "no")[gold_of(i, 2)]]) for i in range(40)]
    assert read(tmp_path, cloze)[1] is None
    marked = [asked(i, words=[THINGS[i % 8]]) | {"question": f"Is <b>{i}</b> on?"} for i in range(40)]
    assert read(tmp_path, marked)[1] is None
    pictures = [asked(i, images=[f"{i}.png"]) | {"question": f"<image> Is {i} on?"} for i in range(40)]
    assert read(tmp_path, pictures)[1] is None


def test_words_need_a_text_to_stand_in() -> None:
    with pytest.raises(DeclarationError, match="slots: there is no text with placeholders"):
        Columns(answer="answer", options="options", slots="words")
