"""The LLM diagnostic as a library, end to end, on generated questions: no data are needed.

    python examples/llm_diagnostic.py
    python examples/llm_diagnostic.py --predictor vllm --trainer llamafactory --questions 60

Trains one adapter and asks with it, then cross-validates. The questions are of the bundled sample, where the
object in question mostly gives its side away; from few questions a small model learns little.
"""

import argparse
import tempfile
from collections.abc import Callable

import numpy as np
import pandas as pd

from tst_harness.core import BiasModel, create_llm_evaluator, run_cross_validation
from tst_harness.dataset.sources import SAMPLE
from tst_harness.llm import (
    LLMPredictor,
    LLMTrainer,
    TrainableLLMPredictor,
    create_auto_predictor,
    create_llamafactory_trainer,
    create_peft_trainer,
    create_ray_vllm_predictor,
    create_trainable_predictor,
    create_transformers_predictor,
    create_vllm_predictor,
    frame_test_instances,
    frame_training_data,
)

PREDICTORS: dict[str, Callable[[str], LLMPredictor]] = {
    "auto": create_auto_predictor,
    "transformers": create_transformers_predictor,
    "vllm": create_vllm_predictor,
    "ray": create_ray_vllm_predictor,
}
TRAINERS: dict[str, Callable[[str], LLMTrainer]] = {
    "peft": create_peft_trainer,
    "llamafactory": create_llamafactory_trainer,
}
SHOWN = 4


class LeftOrRight(BiasModel):
    """Questions on which side of another an object is."""

    name = "left or right"
    format = "mc"

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        """Return the questions of that type, with the index of the gold option."""
        rows = df[df["question_type"] == "object_rel_direction_easy"]
        return rows.assign(gt_idx=["ABCD".index(letter) for letter in rows["ground_truth"]])


def train_and_ask(trainable: TrainableLLMPredictor, dataset: pd.DataFrame) -> None:
    """Train on all but the last questions, and ask those with the adapter and without."""
    training_data = frame_training_data(dataset.iloc[:-SHOWN], "gt_idx", "mc")
    test_instances = frame_test_instances(dataset.iloc[-SHOWN:], "gt_idx", "mc")
    with tempfile.TemporaryDirectory() as output_dir:
        adapter_info = trainable.train(training_data, output_dir)
        predictions = trainable.predict(test_instances)
        before = trainable.zero_shot(test_instances)
        trainable.discard()
    check = trainable.history[-1].check
    print(
        f"trained on {adapter_info.training_size} questions in {adapter_info.seconds:.1f} s; the adapter "
        f"moves the probability of an answer by up to {check.largest_change:.3f}"
    )
    for instance, old, new in zip(test_instances, before, predictions, strict=True):
        print(
            f"question {instance.instance_id}: gold {instance.ground_truth}; zero-shot {old.prediction} "
            f"({old.confidence:.2f}), trained {new.prediction} ({new.confidence:.2f})"
        )


def main() -> None:
    """Run the example."""
    parser = argparse.ArgumentParser(description="Run the LLM diagnostic on the bundled sample.")
    parser.add_argument("--model", default="smollm2", help="smollm2, a Hugging Face id, or a local folder")
    parser.add_argument("--trainer", choices=TRAINERS, default="peft")
    parser.add_argument("--predictor", choices=PREDICTORS, default="transformers")
    parser.add_argument("--questions", type=int, default=48, metavar="N", help="at most 60, default: 48")
    parser.add_argument("--folds", type=int, default=3, metavar="K")
    arguments = parser.parse_args()

    bias_model = LeftOrRight()
    dataset = bias_model.select_rows(pd.read_json(SAMPLE, lines=True)).head(arguments.questions)
    predictor = PREDICTORS[arguments.predictor](arguments.model)
    trainer = TRAINERS[arguments.trainer](arguments.model)
    with create_trainable_predictor(predictor, trainer, keep_adapters=False) as trainable:
        train_and_ask(trainable, dataset)
        evaluator = create_llm_evaluator(trainable_predictor=trainable)
        mean_score, std_score, count = run_cross_validation(
            model=bias_model, evaluator=evaluator, df=dataset, target_col="gt_idx", n_splits=arguments.folds
        )
    sizes = [fold.test_size for fold in evaluator.results]
    print(f"{count} questions, {len(sizes)} folds: accuracy {mean_score:.3f}, sd over folds {std_score:.3f}")
    for name in ("zero_shot", "delta", "mean_s", "mean_s_zero_shot", "mean_s_delta"):
        values = [fold.metadata[name] for fold in evaluator.results]
        print(f"{name:>14} {np.average(values, weights=sizes):+.3f}")
    failures = sum(fold.metadata["parse_failures"] for fold in evaluator.results)
    print(f"without an answer: {failures} of {count}")


if __name__ == "__main__":
    main()
