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


@pytest.mark.simulation
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


def test_parts_of_a_word_of_the_question_tell_a_label() -> None:
    rng = random.Random(0)
    starts = rng.sample([a + b for a in WORDS for b in WORDS], 400)
    marked = [i % 2 == 0 for i in range(400)]
    texts = [f"{start}{'ness' if mark else 'ship'} here" for start, mark in zip(starts, marked, strict=True)]
    model = ChoiceModel(forms_of(texts, [("yes", "no")] * 400))
    train = np.arange(300)
    gold = np.array([0.0 if mark else 1.0 for mark in marked[:300]])
    scores = Wording.of({"label": model.forms}).scores({"label": model.sums(train, gold, train % PARTS)})
    says_yes = np.diff(scores["label"][:, PARTS].reshape(-1, 2), axis=1)[300:, 0] < 0
    assert (says_yes == marked[300:]).mean() > 0.9


def test_the_order_of_the_questions_changes_no_score() -> None:
    rng = random.Random(0)
    rows = draws(rng, 60)
    gold = np.array([row.answer for row in rows])

    def scores(at: list[int]) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
        model = ChoiceModel(forms_of([rows[i].text for i in at], [rows[i].options for i in at]))
        sums = model.sums(np.arange(60), gold[at], np.array(at) % PARTS)
        return Wording.of({"pick": model.forms}).scores({"pick": sums})["pick"].reshape(60, 4, -1)

    order = rng.sample(range(60), 60)
    np.testing.assert_allclose(scores(order), scores(list(range(60)))[order], atol=0.02)
