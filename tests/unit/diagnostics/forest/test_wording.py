import random

import numpy as np
import pytest
from forest_builders import Asked, forms_of, pick, task_of

from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.diagnostics.forest.evidence import PARTS
from tst_harness.diagnostics.forest.wording import LEAST_NATS, Wording, nats

WORDS = tuple(a + b for a in ("ba", "de", "ki", "lo", "mu") for b in ("lan", "mor", "net", "pur", "sil"))


def nonsense(rng: random.Random, n: int) -> str:
    return " ".join(rng.sample(WORDS, n))


def draws(rng: random.Random, n: int) -> list[Asked]:
    return [
        pick(f"{nonsense(rng, 5)}?", rng.randrange(4), tuple(nonsense(rng, 3) for _ in range(4)))
        for _ in range(n)
    ]


def test_words_of_one_type_tell_of_another() -> None:
    rng = random.Random(0)
    texts = [f"{nonsense(rng, 4)}?" for _ in range(200)]
    options = [(f"{nonsense(rng, 2)} indeed", nonsense(rng, 3)) for _ in texts]
    models = {name: ChoiceModel(forms_of(texts, options)) for name in ("first", "second")}
    parts = np.arange(200) % PARTS
    sums = {
        "first": models["first"].sums(np.arange(200), np.zeros(200), parts),
        "second": models["second"].sums(np.arange(1), np.zeros(1), parts[:1]),
    }
    wording = Wording.of({name: model.forms for name, model in models.items()})
    scores = wording.scores(sums)["second"][:, PARTS].reshape(-1, 2)
    assert (scores[:, 0] > scores[:, 1]).mean() > 0.95


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_what_tells_by_its_reverse_is_worth_as_much(sign: float) -> None:
    rng = np.random.default_rng(0)
    target = np.tile([1.0, 0.0], 100)
    scores = sign * (target + rng.normal(size=200))
    assert nats(scores, np.full(100, 2), target) > 10.0


def test_scores_that_tell_nothing_are_seldom_taken() -> None:
    rng = np.random.default_rng(0)
    target = np.tile([1.0, 0.0], 100)
    worth = [nats(rng.normal(size=200), np.full(100, 2), target) for _ in range(200)]
    assert np.mean(np.array(worth) >= LEAST_NATS) < 0.1


def test_where_gold_options_are_draws_nothing_is_found() -> None:
    gains = []
    for seed in range(40):
        rows = draws(random.Random(seed), 100)
        task = task_of(rows)
        values = ForestDiagnostic(importances=False).predict(task).values.reshape(-1, 4)
        gold = np.array([rows[row].answer for row in task.held_out])
        gains.append(float((values.argmax(axis=1) == gold).mean() - 0.25))
    error = float(np.std(gains, ddof=1) / len(gains) ** 0.5)
    assert abs(np.mean(gains)) < 3 * error
