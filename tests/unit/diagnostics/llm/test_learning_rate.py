"""The learning rate of each update, beside that of transformers, which LLaMA-Factory trains with."""

import math

import pytest

from tst_harness.diagnostics.llm.data.models import LoRASettings
from tst_harness.diagnostics.llm.trainers.examples import learning_rate_share


def share_of_transformers(step: int, total: int, warmup: int) -> float:
    """As `transformers.get_cosine_schedule_with_warmup` documents it; tests/real has the real one."""
    if step < warmup:
        return step / warmup
    progress = (step - warmup) / (total - warmup)
    return (1.0 + math.cos(math.pi * progress)) / 2


@pytest.mark.parametrize(("total", "ratio"), [(1, 0.1), (2, 0.1), (9, 0.1), (100, 0.1), (60, 0.25), (7, 0.0)])
def test_the_schedule_is_that_of_transformers(total: int, ratio: float) -> None:
    warmup = LoRASettings(warmup_ratio=ratio).warmup_steps(total)
    assert warmup == (math.ceil(total * ratio) if total > 1 else 0)
    shares = [learning_rate_share(step, total, warmup) for step in range(total)]
    assert shares == pytest.approx([share_of_transformers(step, total, warmup) for step in range(total)])
    assert max(shares) == 1.0
    if warmup:
        assert shares[0] == 0.0


def test_a_training_of_one_update_has_no_warm_up() -> None:
    assert LoRASettings(warmup_ratio=0.1).warmup_steps(1) == 0
    assert LoRASettings(warmup_ratio=0.99).warmup_steps(3) == 2
