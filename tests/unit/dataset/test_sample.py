import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_generator import Row, generate, repeated, write

from tst_harness.benchmark.declarations import LocalFile
from tst_harness.dataset.loading import load
from tst_harness.dataset.sample import benchmark
from tst_harness.dataset.sources import SAMPLE


def asked(rows: list[Row]) -> list[tuple[object, ...]]:
    return [(row["id"], row["scene_name"], row["question"], row["options"]) for row in rows]


def test_the_packaged_file_is_what_the_generator_writes(tmp_path: Path) -> None:
    write(tmp_path / "sample.jsonl")
    assert (tmp_path / "sample.jsonl").read_bytes() == SAMPLE.read_bytes()
    assert list(tmp_path.iterdir()) == [tmp_path / "sample.jsonl"]


def test_the_sample_is_a_benchmark_of_ten_types_whose_patterns_fit() -> None:
    dataset = load(benchmark())
    assert (dataset.source.questions, dataset.source.groups) == (600, 60)
    assert set(Counter(dataset.frame["type"]).values()) == {60}
    for declared in benchmark().question_types:
        if declared.regex is not None:
            texts = dataset.frame.loc[dataset.frame["type"] == declared.name, "text"]
            matches = [declared.regex.search(text) for text in texts]
            assert all(match is not None and all(match.groupdict().values()) for match in matches)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1), st.integers(0, 1000))
def test_every_sample_is_valid(tmp_path: Path, strength: float, seed: int) -> None:
    path = tmp_path / "sample.jsonl"
    write(path, strength, seed, scenes=12)
    dataset = load(benchmark().model_copy(update={"source": LocalFile(str(path))}))
    assert len(dataset.frame) == 120
    assert all(len(set(options)) == len(options) for options in dataset.frame["options"].dropna())


def test_strength_changes_answers_alone_and_keeps_what_was_planted() -> None:
    none, some, all_ = (generate(strength, scenes=40) for strength in (0.0, 0.5, 1.0))
    assert asked(none) == asked(some) == asked(all_)
    assert all(row["planted"] is None for row in none)
    assert all((row["planted"] is None) == (row["question_type"] == "room_size_estimation") for row in all_)
    for weak, strong in zip(some, all_, strict=True):
        if weak["planted"] is not None:
            assert weak == strong
    for free, weak in zip(none, some, strict=True):
        if weak["planted"] is None:
            assert free == weak


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_every_letter_is_gold_equally_often(strength: float) -> None:
    counts: dict[int, Counter[str]] = {2: Counter(), 3: Counter(), 4: Counter()}
    for row in generate(strength, seed=1, scenes=1000):
        if row["options"] is not None:
            counts[len(row["options"])][row["ground_truth"]] += 1
    for options, letters in counts.items():
        expected = letters.total() / options
        assert all(abs(times - expected) < 5 * expected**0.5 for times in letters.values())


def test_at_strength_0_the_shortcuts_are_right_no_more_often_than_chance() -> None:
    right: Counter[str] = Counter()
    chance: dict[str, float] = defaultdict(float)
    for free, planted in zip(generate(0.0, scenes=1000), generate(1.0, scenes=1000), strict=True):
        if free["options"] is not None:
            right[free["question_type"]] += free["ground_truth"] == planted["ground_truth"]
            chance[free["question_type"]] += 1 / len(free["options"])
    for name, expected in chance.items():
        assert abs(right[name] - expected) < 5 * expected**0.5


def test_another_seed_asks_other_questions_and_fewer_scenes_the_first() -> None:
    assert asked(generate(seed=0, scenes=5)) != asked(generate(seed=1, scenes=5))
    assert generate(scenes=8)[:50] == generate(scenes=5)


@pytest.mark.parametrize("strength", [-0.1, 1.1])
def test_a_strength_outside_its_range_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="which is not from 0 to 1"):
        generate(strength)


def test_repeated_questions_have_ids_and_scenes_of_their_own(tmp_path: Path) -> None:
    rows = generate(scenes=3)
    many = list(repeated(rows, 4))
    assert [row["id"] for row in many] == list(range(120))
    assert len({row["scene_name"] for row in many}) == 12
    assert [row["question"] for row in many] == [row["question"] for row in rows] * 4
    write(tmp_path / "many.jsonl", scenes=3, times=4)
    assert [json.loads(line) for line in (tmp_path / "many.jsonl").read_text("utf-8").splitlines()] == many


def test_a_sample_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dumps", full)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "sample.jsonl", scenes=1)
    assert list(tmp_path.iterdir()) == []
