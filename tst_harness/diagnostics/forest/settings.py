"""The forest's settings: one set for every type and every benchmark, none of them an option."""

from typing import Any

TREES_OF_CHOICES = 40
TREES_OF_NUMBERS = 100
POOLED_QUESTIONS = 800
"""Training questions of a type that count as much as the reading of all types together."""
BOOSTERS_OF_FEW = 4
"""Boosters that are averaged where a benchmark has few questions: there the seed of one moves its score."""
FEW_QUESTIONS = 2_000
MOST_ANSWERS = 40
"""Answers of the training questions that an open question may be given: those that score best on them."""
MOST_POINTERS = 6
"""Places of an open question itself whose texts may be its answer."""
MOST_OPEN_QUESTIONS = 5_000
"""Open questions of one type that trees are grown on: each is a row for every answer."""
MOST_TRAINING_QUESTIONS = 20_000
"""Questions of one type that trees are grown on; facts are counted over all of them."""
MOST_READ_FORMS = 20_000
"""Distinct questions of one type, or for their wording of all, up to which they are read sign by sign."""
MOST_PERMUTED_QUESTIONS = 100
"""Held-out questions of one type in a fold on which features are permuted."""

_COMMON: dict[str, Any] = {
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "feature_pre_filter": False,
}

BOOSTED: dict[str, Any] = _COMMON | {
    "learning_rate": 0.03,
    "num_leaves": 4,
    "min_data_in_leaf": 30,
    "min_sum_hessian_in_leaf": 1e-3,
    "lambda_l2": 20.0,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "feature_fraction_bynode": 0.3,
}
"""Small, slow trees: they correct the linear part and are not to learn the noise again."""

RANDOM_FOREST: dict[str, Any] = _COMMON | {
    "boosting": "rf",
    "objective": "l2",
    "num_leaves": 64,
    "min_data_in_leaf": 5,
    "bagging_fraction": 0.63,
    "bagging_freq": 1,
    "feature_fraction_bynode": 0.8,
}
"""A random forest whose leaves hold the training answers that a question is compared with."""


def as_dict() -> dict[str, Any]:
    """The settings as they stand in reports and keys."""
    return {
        "choices": BOOSTED | {"trees": TREES_OF_CHOICES, "boosters_of_few": BOOSTERS_OF_FEW},
        "pooled_questions": POOLED_QUESTIONS,
        "numbers": RANDOM_FOREST | {"trees": TREES_OF_NUMBERS},
        "open": BOOSTED | {"trees": TREES_OF_CHOICES, "answers": MOST_ANSWERS, "pointers": MOST_POINTERS},
        "multi": BOOSTED | {"trees": TREES_OF_CHOICES},
        "most_training_questions": MOST_TRAINING_QUESTIONS,
        "most_read_forms": MOST_READ_FORMS,
        "most_permuted_questions": MOST_PERMUTED_QUESTIONS,
    }
