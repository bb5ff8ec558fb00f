"""What early stopping holds back, and how it is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llm_fakes import FakeEncoder, FakeModel, FakeTrainer

from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.data.models import LoRASettings
from tst_harness.diagnostics.llm.settings import read_settings
from tst_harness.diagnostics.llm.trainers.lessons import inner_split
from tst_harness.errors import DataError


@given(st.lists(st.integers(0, 30), min_size=2, max_size=200), st.integers(0, 5))
def test_groups_stay_whole_and_at_most_half_is_held_back(units: list[int], seed: int) -> None:
    held_back = inner_split(units, seed)
    inside = {units[place] for place in held_back}
    outside = {unit for place, unit in enumerate(units) if place not in held_back}
    assert not inside & outside
    assert len(held_back) <= len(units) / 2
    assert held_back == inner_split(units, seed)


def test_a_fifth_is_held_back_and_the_seed_decides_which() -> None:
    for n in (5, 100, 101):
        assert len(inner_split(range(n), 0)) == -(-n // 5)
    assert inner_split(range(100), 0) != inner_split(range(100), 1)
    # Ten groups of ten, and one group for all.
    assert len(inner_split([place // 10 for place in range(100)], 0)) == 20
    assert inner_split([7] * 100, 0) == set()


def test_the_paper_is_the_default_and_early_stopping_has_more_epochs() -> None:
    paper = LLMConfig.of({})
    assert (paper.recipe, paper.num_epochs, paper.learning_rate) == ("paper", 1, 2e-4)
    assert LLMConfig.of({"recipe": "paper"}) == paper
    early = LLMConfig.of({"recipe": "early_stopping"})
    assert (early.num_epochs, early.lora.num_epochs) == (6, 6)
    assert LLMConfig.of({"recipe": "early_stopping", "epochs": 3}).lora.num_epochs == 3
    with pytest.raises(DataError, match="'recipe'"):
        LLMConfig.of({"recipe": "late"})


def test_a_trainer_without_early_stopping_refuses_it() -> None:
    class Stubborn(FakeTrainer):
        def __init__(self, lora: LoRASettings) -> None:
            super().__init__(FakeEncoder(FakeModel()), [])
            super(FakeTrainer, self).__init__(self.encoder, lora)

    with pytest.raises(DataError, match="the trainer fake-trainer has no early stopping"):
        Stubborn(read_settings(LoRASettings, {"recipe": "early_stopping"}, "test"))
