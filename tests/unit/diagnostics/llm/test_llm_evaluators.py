import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from llm_fakes import SILENT, FakeEncoder, FakeModel, FakePredictor, FakeTrainer

from tst_harness.core import BiasModel, LLMEvaluator, TemporaryLLMEvaluator, create_llm_evaluator
from tst_harness.core.protocols import Format
from tst_harness.dataset.provenance import FailurePolicy
from tst_harness.diagnostics.features.cross_validation import run_cross_validation
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.diagnostics.llm.data.models import LLMPredictionResult, TstTestInstance
from tst_harness.diagnostics.llm.trainable.predictor import TrainableLLMPredictor
from tst_harness.errors import DataError, EngineError, HarnessError

MODEL = "tst_harness.diagnostics.llm.evaluators.build_trainable"


class Everything(BiasModel):
    name = "everything"

    def __init__(self, format_: Format) -> None:
        self.format = format_

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return df


class Trainable(TrainableLLMPredictor):
    predictor: FakePredictor
    trainer: FakeTrainer

    def __init__(self, keep_adapters: bool = False) -> None:
        encoder = FakeEncoder(FakeModel())
        self.log: list[str] = []
        self.asked: list[TstTestInstance] = []
        super().__init__(FakePredictor(encoder, self.log), FakeTrainer(encoder, self.log), keep_adapters)

    def predict(self, instances: Sequence[TstTestInstance]) -> list[LLMPredictionResult]:
        self.asked.extend(instances)
        return super().predict(instances)


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where adapters without a folder of their own go."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def choices(answers: str, options: int = 2, silent: str = "") -> pd.DataFrame:
    """One question for each letter; those at the places named in `silent` get no answer."""
    return pd.DataFrame(
        {
            "id": [f"q{place}" for place in range(len(answers))],
            "question": [f"{SILENT if str(place) in silent else 'Say'}?" for place in range(len(answers))],
            "options": [[f"thing {option}" for option in range(options)]] * len(answers),
            "gt_idx": ["ABCD".index(answer) for answer in answers],
        }
    )


def numbers(answers: Sequence[float], silent: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"n{place}" for place in range(len(answers))],
            "question": [f"{SILENT if str(place) in silent else 'Say'}?" for place in range(len(answers))],
            "amount": answers,
        }
    )


def evaluate(
    train: pd.DataFrame, test: pd.DataFrame, policy: FailurePolicy = "no_credit", trainable: Any = None
) -> Any:
    evaluator = LLMEvaluator(trainable or Trainable(), policy)
    mc = "options" in train.columns
    model = Everything("mc" if mc else "num")
    return evaluator.train_and_evaluate_fold(model, train, test, "gt_idx" if mc else "amount", 2, 9)


def test_choices_are_scored_by_accuracy_and_by_the_probability_of_the_gold_option() -> None:
    # A was right three times and B once: A has the probability 4/6 after training, and 1/2 before.
    result = evaluate(choices("AAAB"), choices("AAB"))
    assert (result.fold_id, result.train_size, result.test_size) == (2, 4, 3)
    assert result.score == pytest.approx(2 / 3)
    assert result.metadata["s"] == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert result.metadata["s_zero_shot"] == pytest.approx([1 / 2, 1 / 2, 1 / 2])
    assert result.metadata["ids"] == ["q0", "q1", "q2"]
    expected = {
        "zero_shot": 1 / 2,
        "delta": 1 / 6,
        "mean_s": 5 / 9,
        "mean_s_zero_shot": 1 / 2,
        "mean_s_delta": 1 / 18,
        "parse_failures": 0,
        "zero_shot_parse_failures": 0,
    }
    assert {name: result.metadata[name] for name in expected} == pytest.approx(expected)


def test_equally_likely_options_share_the_point() -> None:
    result = evaluate(choices("AABBC", options=4), choices("ABCD", options=4))
    # Of four options A and B lead together: half a point for each of their two questions.
    assert result.score == pytest.approx(1 / 4)
    assert result.metadata["s"] == pytest.approx([3 / 9, 3 / 9, 2 / 9, 1 / 9])


def test_numbers_are_scored_by_mean_relative_accuracy() -> None:
    result = evaluate(numbers([7, 7, 7, 2]), numbers([7, 8, 100]))
    # It says 7 to all; 7 for 8 is off by 12.5%, within eight of the ten tolerances. Untrained it says 0.
    assert result.metadata["s"] == pytest.approx([1.0, 0.8, 0.0])
    assert result.score == result.metadata["mean_s"] == pytest.approx(0.6)
    assert result.metadata["zero_shot"] == result.metadata["mean_s_zero_shot"] == 0.0
    assert result.metadata["delta"] == result.metadata["mean_s_delta"] == pytest.approx(0.6)


@pytest.mark.parametrize(("policy", "choice", "number"), [("no_credit", 0.0, 0.0), ("chance", 1 / 4, 0.6)])
def test_no_answer_counts_as_the_policy_says(policy: FailurePolicy, choice: float, number: float) -> None:
    mc = evaluate(choices("AAAB", options=4), choices("AAD", options=4, silent="12"), policy)
    assert mc.metadata["s"] == pytest.approx([4 / 8, choice, choice])
    assert mc.score == pytest.approx((1 + 2 * choice) / 3)
    assert mc.metadata["zero_shot"] == pytest.approx((1 / 4 + 2 * choice) / 3)
    num = evaluate(numbers([8, 8, 8, 2]), numbers([8, 7, 10], silent="2"), policy)
    # The best constant answer of the training questions is 8: off by 20% from 10, within six tolerances.
    assert num.metadata["s"][2] == pytest.approx(number)
    for result, failures in ((mc, 2), (num, 1)):
        assert result.metadata["parse_failures"] == failures
        assert result.metadata["zero_shot_parse_failures"] == failures


def test_the_metadata_say_what_was_trained_and_how_the_check_went() -> None:
    metadata = evaluate(choices("AAAB"), choices("AB")).metadata
    assert metadata["adapter"]["fold_id"] == "everything fold 2"
    assert metadata["adapter"]["training_size"] == 4
    assert isinstance(metadata["adapter"]["adapter_path"], str)
    assert metadata["adapter_check"]["passed"] is True


def test_the_predictor_cannot_read_the_answers() -> None:
    trainable = Trainable()
    evaluate(choices("AAAB"), choices("AB"), trainable=trainable)
    assert [one.ground_truth for one in trainable.asked] == [None, None]
    trained_on = [one.response for one in trainable.trainer.seen[0]]
    assert trained_on == ["A", "A", "A", "B"]


def test_a_fold_leaves_the_base_model_and_nothing_on_disk(temporary: Path) -> None:
    trainable = Trainable()
    evaluate(choices("AAAB"), choices("AB"), trainable=trainable)
    assert list(temporary.iterdir()) == []
    assert trainable.current_adapter_path is None
    assert trainable.predictor.is_loaded
    trainable.predictor.fails = True
    with pytest.raises(EngineError, match="the engine died"):
        evaluate(choices("AAAB"), choices("AB"), trainable=trainable)
    assert list(temporary.iterdir()) == []


def test_cross_validation_trains_and_scores_every_fold(
    temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainable = Trainable()
    evaluator = create_llm_evaluator(trainable_predictor=trainable)
    df = choices("A" * 15 + "B" * 10)
    mean, deviation, count = run_cross_validation(
        model=Everything("mc"), evaluator=evaluator, df=df, target_col="gt_idx", n_splits=5
    )
    # In every fold A is the commoner answer in training, and right for three in five.
    assert [mean, deviation, count] == pytest.approx([0.6, 0.0, 25])
    assert [len(seen) for seen in trainable.trainer.seen] == [20] * 5
    assert trainable.trainer.seeds == [42, 43, 44, 45, 46]
    assert list(temporary.iterdir()) == []
    assert "[everything] fold 4: acc 0.600 (20 trained on, 5 held out)" in capsys.readouterr().out
    shuffled = df.sample(frac=1.0, random_state=0)
    assert run_cross_validation(
        Everything("mc"), evaluator, shuffled, "gt_idx", 5, verbose=False
    ) == pytest.approx((mean, deviation, count))


def test_kept_adapters_stay_after_their_fold(temporary: Path) -> None:
    trainable = Trainable(keep_adapters=True)
    evaluate(choices("AAAB"), choices("AB"), trainable=trainable)
    assert list(temporary.iterdir()) == [trainable.history[0].info.adapter_path]


def test_a_row_that_cannot_be_used_is_named() -> None:
    with pytest.raises(DataError, match="row with id 'q1', column 'gt_idx'"):
        evaluate(choices("AAAB"), choices("AB").assign(gt_idx=[0, 7]))


def test_the_bridge_gives_memory_back_after_each_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    trainable = Trainable()
    configs = []
    monkeypatch.setattr(MODEL, lambda config: configs.append(config) or trainable)  # type: ignore[func-returns-value]
    evaluator = create_llm_evaluator(
        llm_config={"model_name": "smollm2", "lora_rank": 4, "on_failure": "chance"}, use_legacy=True
    )
    assert isinstance(evaluator, TemporaryLLMEvaluator)
    assert evaluator.on_failure == "chance"
    assert configs == []
    df = choices("AAABBAAABB")
    mean, _, _ = run_cross_validation(Everything("mc"), evaluator, df, "gt_idx", 2, verbose=False)
    assert mean == pytest.approx(0.6)
    assert [(config.model_name, config.lora_rank) for config in configs] == [("smollm2", 4)] * 2
    assert not trainable.predictor.is_loaded
    assert trainable.log.count("predictor loads") == 2
    trainable.predictor.fails = True
    with pytest.raises(EngineError):
        run_cross_validation(Everything("mc"), evaluator, df, "gt_idx", 2, verbose=False)
    assert not trainable.predictor.is_loaded


def test_the_bridge_has_defaults() -> None:
    evaluator = create_llm_evaluator(use_legacy=True)
    assert isinstance(evaluator, TemporaryLLMEvaluator)
    assert evaluator.config == LLMConfig()


def test_a_dict_of_settings_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    trainable = Trainable()
    monkeypatch.setattr(MODEL, lambda config: trainable)
    evaluator = create_llm_evaluator(llm_config={"on_failure": "chance"})
    assert type(evaluator) is LLMEvaluator
    assert (evaluator.trainable, evaluator.on_failure) == (trainable, "chance")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs exactly one of trainable_predictor and llm_config, and was given neither"),
        ({"trainable_predictor": "one", "llm_config": {}}, "and was given both"),
        ({"trainable_predictor": "one", "use_legacy": True}, "from llm_config alone"),
        ({"llm_config": {"lora_rnk": 4}}, "there is no setting 'lora_rnk'; the known ones are lora_rank,"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(arguments: dict[str, Any], message: str) -> None:
    if "trainable_predictor" in arguments:
        arguments = arguments | {"trainable_predictor": Trainable()}
    with pytest.raises(HarnessError, match=re.escape(message)):
        create_llm_evaluator(**arguments)
