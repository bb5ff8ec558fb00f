from collections.abc import Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tst_harness.analysis.blind_baseline import most_frequent_scores
from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.dataset.loading import Dataset

Asked = tuple[tuple[str, ...], int]
BENCHMARK = Benchmark(
    name="toy",
    source=LocalFile("toy.jsonl"),
    columns=Columns(id="id", text="text", answer="answer", options="options", type="type"),
    question_types=[Choice("pick"), Number("count")],
)


def score_of(train: Sequence[Asked], held_out: Sequence[Asked]) -> float:
    rows = [*train, *held_out]
    frame = pd.DataFrame(
        {
            "type": ["pick"] * len(rows),
            "options": pd.Series([options for options, _ in rows], dtype=object),
            "answer": [float(gold) for _, gold in rows],
        }
    )
    dataset = cast(Dataset, cast(Any, SimpleNamespace(benchmark=BENCHMARK, frame=frame)))
    every = np.arange(len(rows))
    return float(most_frequent_scores(dataset, every[: len(train)], every[len(train) :]).mean())


def test_the_answer_that_is_right_most_often_is_said() -> None:
    train = [(("cat", "dog"), 0), (("dog", "Cat "), 1), (("dog", "cat"), 1), (("dog", "fox"), 0)]
    assert score_of(train, [(("fox", "cat", "dog"), 1)]) == 1.0
    assert score_of(train, [(("dog", "fox"), 1)]) == 0.0


def test_options_that_no_training_question_had_share_the_credit() -> None:
    assert score_of([(("cat", "dog"), 0)], [(("fox", "hen", "cow"), 2)]) == pytest.approx(1 / 3)
    assert score_of([], [(("cat", "dog"), 0)]) == 0.5


OPTIONS = st.lists(st.sampled_from("abcd"), min_size=2, max_size=4, unique=True).map(tuple)
QUESTION = OPTIONS.flatmap(
    lambda options: st.tuples(st.just(options), st.integers(min_value=0, max_value=len(options) - 1))
)


@settings(max_examples=25)
@given(st.lists(QUESTION, max_size=12), OPTIONS)
def test_it_is_a_guess_that_reads_no_held_out_answer(train: list[Asked], options: tuple[str, ...]) -> None:
    shares = [score_of(train, [(options, gold)]) for gold in range(len(options))]
    assert sum(shares) == pytest.approx(1.0)


@settings(max_examples=25)
@given(st.lists(QUESTION, max_size=12), QUESTION, st.randoms(use_true_random=False))
def test_the_order_of_the_training_questions_changes_nothing(
    train: list[Asked], asked: Asked, rng: Random
) -> None:
    assert score_of(rng.sample(train, len(train)), [asked]) == score_of(train, [asked])
