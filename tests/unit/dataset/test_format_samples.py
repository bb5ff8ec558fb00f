"""The bundled samples of open answers and of several right options."""

from pathlib import Path

import pytest
from sample_formats import SampleFormat, generate_format
from sample_generator import Row, write_rows

from tst_harness.dataset.sources import SAMPLE

FORMATS: tuple[SampleFormat, ...] = ("open", "multi")


def shown(rows: list[Row]) -> list[tuple[object, ...]]:
    return [(row["id"], row["scene"], row["question"], row.get("options")) for row in rows]


@pytest.mark.parametrize("format_", FORMATS)
def test_the_packaged_file_is_what_the_generator_writes(tmp_path: Path, format_: SampleFormat) -> None:
    path = tmp_path / f"{format_}.jsonl"
    write_rows(path, generate_format(format_))
    assert path.read_bytes() == SAMPLE.with_name(path.name).read_bytes()


@pytest.mark.parametrize("format_", FORMATS)
def test_strength_changes_answers_alone_and_keeps_what_was_planted(format_: SampleFormat) -> None:
    none, some, strong = (generate_format(format_, strength, scenes=40) for strength in (0.0, 0.5, 1.0))
    assert shown(none) == shown(some) == shown(strong)
    assert not any(row["planted"] for row in none)
    for weak, full in zip(some, strong, strict=True):
        if weak["planted"]:
            assert weak == full
    assert sum(bool(row["planted"]) for row in strong) > 0.9 * len(strong)


def test_ten_annotators_mostly_agree() -> None:
    colors = [row["answer"] for row in generate_format("open") if row["type"] == "color"]
    assert all(len(texts) == 10 for texts in colors)
    assert all(max(map(texts.count, texts)) >= 6 for texts in colors)


def test_one_to_four_options_are_right() -> None:
    sizes = {len(row["answer"]) for row in generate_format("multi")}
    assert sizes <= {1, 2, 3, 4}
    assert len(sizes) > 2


def test_a_strength_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"strength is 1\.5, which is not from 0 to 1"):
        generate_format("open", 1.5)
