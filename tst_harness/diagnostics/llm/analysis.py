"""The language model as an analysis: its answers without training, and its folds."""

import hashlib
import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tst_harness.analysis.code import code_digest, imported_modules
from tst_harness.analysis.folded import SCORING, DiagnosticAnalysis, Scores
from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Split, Unit

if TYPE_CHECKING:
    from tst_harness.analysis.folds import Fold
    from tst_harness.analysis.records import BaseRecord
    from tst_harness.diagnostics.llm.diagnostic import LLMDiagnostic

_ROOM = "tst_harness.diagnostics.llm"
_MODULES = ("analysis", "build", "config", "data", "diagnostic", "settings", "trainable", "utils")


class LLMAnalysis(DiagnosticAnalysis):
    """A language model trained on the other folds (TsT-LLM)."""

    name = "llm"
    code = (
        *SCORING,
        "tst_harness.benchmark.columns",
        *(f"{_ROOM}.{module}" for module in _MODULES),
        f"{_ROOM}.predictors.base",
        f"{_ROOM}.trainers.base",
    )
    needs_gpu = True

    def units(self, plan: Plan) -> list[Unit]:
        """The answers without training, which serve both splits, and every fold."""
        folds = super().units(plan)
        return [Unit(self.name), *folds] if folds else []

    def diagnostic(self, experiment: Experiment) -> "LLMDiagnostic":
        """Make what trains and answers."""
        from tst_harness.diagnostics.llm.diagnostic import LLMDiagnostic

        return LLMDiagnostic(experiment.trainable(), experiment.settings.llm.adapters_per)

    def inputs(self, experiment: Experiment) -> Inputs:
        """The model, its training and its engines, whose own modules are part of the keys."""
        diagnostic, trainable = self.kept_diagnostic(experiment), experiment.trainable()
        predictor, prompts = trainable.predictor, experiment.dataset.benchmark.prompts
        notes = [f"predicted with {predictor.engine}: {predictor.chosen_because}"]
        return Inputs(
            {**diagnostic.settings, "on_failure": experiment.settings.llm.on_failure},
            diagnostic.versions,
            notes if predictor.chosen_because else [],
            {
                "prompts": None if prompts is None else prompts.model_dump(mode="json"),
                "engines": _engine_code(predictor, trainable.trainer),
            },
        )

    def prepare(self, experiment: Experiment, units: Sequence[Unit]) -> None:
        """Train the adapters of some folds in one pass over the model; each fold is scored on its own."""
        tasks = [experiment.task(experiment.fold(unit), unit.split) for unit in units]
        self.kept_diagnostic(experiment).prepare([task for task in tasks if len(task.held_out)])

    def score(self, experiment: Experiment, fold: "Fold", split: Split) -> Scores:
        """Train on a fold's training questions, and score the answers to the others."""
        from tst_harness.analysis.scoring import score
        from tst_harness.analysis.untrained import predict_where_trained

        policy = experiment.settings.llm.on_failure
        predict = self.kept_diagnostic(experiment).predict
        predicted = predict_where_trained(predict, experiment.task(fold, split), "format")
        scored = score(experiment.dataset, predicted, fold.train, fold.held_out, policy)
        return Scores(fold.held_out, scored, getattr(predicted, "account", None))

    def zero_shot(self, experiment: Experiment) -> Scores:
        """Score the answers to all questions without training."""
        import numpy as np

        from tst_harness.analysis.scoring import score

        everything = np.arange(len(experiment.dataset.frame))
        predicted = self.kept_diagnostic(experiment).zero_shot(experiment.questions)
        policy = experiment.settings.llm.on_failure
        scored = score(experiment.dataset, predicted, everything, everything, policy)
        return Scores(everything, scored, predicted.account)

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Score one fold, or the answers without training."""
        if unit.fold is not None:
            return super().compute(experiment, unit)
        from tst_harness.analysis.records import ZeroShotRecord
        from tst_harness.errors import DataError

        _, scored, account = self.zero_shot(experiment)
        if account is None:
            name = experiment.dataset.benchmark.name
            raise DataError(f"{name}: the zero-shot answers came without an account")
        return ZeroShotRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            seconds=0.0,
            id=experiment.dataset.frame["id"].tolist(),
            s=scored.s.tolist(),
            score=scored.score.tolist(),
            prediction=scored.prediction,
            llm=account,
        )


def _engine_code(*engines: Any) -> list[str]:
    """Return a digest of the code of each engine: its module and what that imports of this room.

    Of a user's own engine it is that of the file.
    """
    digests = []
    for engine in engines:
        module = type(engine).__module__
        if module.startswith("tst_harness."):
            digests.append(code_digest(imported_modules(module, _ROOM)))
        else:
            digests.append(hashlib.sha256(Path(inspect.getfile(type(engine))).read_bytes()).hexdigest())
    return digests


LLM = LLMAnalysis()
