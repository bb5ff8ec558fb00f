"""Diagnostics as analyses: a unit for each fold, scored here and never by what predicted."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tst_harness.analysis.protocol import Experiment, Inputs
from tst_harness.analysis.units import Plan, Split, Unit, fold_units

if TYPE_CHECKING:
    from tst_harness.analysis.accounts import LLMAccount
    from tst_harness.analysis.diagnostic import Diagnostic, IntArray
    from tst_harness.analysis.folds import Fold
    from tst_harness.analysis.records import BaseRecord
    from tst_harness.analysis.scoring import Scored

READING = (
    *(
        f"tst_harness.analysis.{module}"
        for module in (
            "blind_baseline",
            "comparable",
            "contrasts",
            "diagnostic",
            "independent",
            "metrics",
            "near_duplicates",
            "opposite_answers",
            "option_sets",
            "scoring",
            "texts",
        )
    ),
    "tst_harness.benchmark.declarations",
    "tst_harness.benchmark.question_type",
    "tst_harness.dataset.loading",
    "tst_harness.dataset.open_answers",
    "tst_harness.dataset.several_options",
    "tst_harness.dataset.subset",
)
"""The modules that decide which questions there are, which are independent, and when answers agree."""
SCORING = (
    *READING,
    *(f"tst_harness.analysis.{module}" for module in ("folded", "folds", "untrained")),
)
"""The modules that decide the scores of every diagnostic: folds, what it is handed, and how it is scored."""


class Scores(NamedTuple):
    """Scored questions: their row numbers, their scores, and what a language model took."""

    rows: "IntArray"
    scored: "Scored"
    account: "LLMAccount | None" = None


class DiagnosticAnalysis(ABC):
    """The analysis of a `Diagnostic`, which is told of the training answers alone.

    A subclass has a `name` and `code`, which goes with `SCORING`, and says in `diagnostic` what predicts.
    """

    name: str
    kind: Literal["diagnostic", "check"] = "diagnostic"
    code: tuple[str, ...] = SCORING
    needs_gpu = False

    @abstractmethod
    def diagnostic(self, experiment: Experiment) -> "Diagnostic":
        """Make what predicts; it is kept for all folds."""

    def kept_diagnostic(self, experiment: Experiment) -> Any:
        """What predicts, made when it is first asked for."""
        return experiment.kept(self.name, lambda: self.diagnostic(experiment))

    def units(self, plan: Plan) -> list[Unit]:
        """Every fold, where the diagnostic was asked for."""
        return fold_units(self.name, plan) if self.name in plan.diagnostics else []

    def inputs(self, experiment: Experiment) -> Inputs:
        """What the diagnostic says of itself."""
        diagnostic = self.kept_diagnostic(experiment)
        return Inputs(diagnostic.settings, diagnostic.versions)

    def prepare(self, experiment: Experiment, units: Sequence[Unit]) -> None:  # noqa: B027
        """Do at once what several folds have in common, before each of them is computed; here nothing."""

    def score(self, experiment: Experiment, fold: "Fold", split: Split) -> Scores:
        """Predict and score the held-out questions of a fold."""
        return score_fold(self.kept_diagnostic(experiment), experiment, fold, split)

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Score one fold."""
        from tst_harness.analysis.records import NOTHING, FoldRecord
        from tst_harness.analysis.scoring import held_out_of, open_answers

        fold = experiment.fold(unit)
        if not len(fold.held_out):
            return FoldRecord(
                key=experiment.key(unit),
                origin=experiment.origin(unit),
                repeat=fold.repeat,
                fold=fold.fold,
                n_train=0,
                seconds=0.0,
                held_out=NOTHING,
            )
        rows, scored, account = self.score(experiment, fold, unit.split)
        return FoldRecord(
            key=experiment.key(unit),
            origin=experiment.origin(unit),
            repeat=fold.repeat,
            fold=fold.fold,
            n_train=len(fold.train),
            seconds=0.0,
            held_out=held_out_of(experiment.dataset, rows, scored),
            importances=scored.importances,
            open=open_answers(experiment.dataset, fold.train, rows),
            llm=account,
        )

    def summarise(self, records: "Sequence[BaseRecord]") -> Mapping[str, Any]:
        """Nothing: the report has the scores of every diagnostic."""
        return {}

    def sentences(self, section: Mapping[str, Any]) -> Iterator[str]:
        """Nothing, as for `summarise`."""
        return iter(())


def score_fold(diagnostic: "Diagnostic", experiment: Experiment, fold: "Fold", split: Split) -> Scores:
    """Have a diagnostic predict a fold, and score what it predicts."""
    from tst_harness.analysis.scoring import score
    from tst_harness.analysis.untrained import predict_where_trained

    predicted = predict_where_trained(diagnostic.predict, experiment.task(fold, split))
    return Scores(fold.held_out, score(experiment.dataset, predicted, fold.train, fold.held_out))
