"""What the forest makes of the texts of a benchmark, before any answer is known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from tst_harness.analysis.diagnostic import FloatArray, IntArray, Questions
from tst_harness.benchmark.declarations import Multi, Number, Open, QuestionType
from tst_harness.diagnostics.forest.choice import ChoiceModel
from tst_harness.diagnostics.forest.evidence import TrainingSums
from tst_harness.diagnostics.forest.features import VECTORS, WORDING
from tst_harness.diagnostics.forest.forms import Pattern, make_forms
from tst_harness.diagnostics.forest.multi import MultiModel
from tst_harness.diagnostics.forest.number import NumberModel
from tst_harness.diagnostics.forest.open import OpenModel
from tst_harness.diagnostics.forest.pooled import Pooled
from tst_harness.diagnostics.forest.related import Related
from tst_harness.diagnostics.forest.settings import BOOSTERS_OF_FEW, FEW_QUESTIONS
from tst_harness.diagnostics.forest.templates import find_templates
from tst_harness.diagnostics.forest.vectors import Vectors, VectorTable
from tst_harness.diagnostics.forest.wording import Wording


@dataclass(frozen=True, eq=False)
class Reading:
    """Models of the types that have questions, and which questions are related.

    Attributes
    ----------
    rows
        Type to the row numbers of its questions, ascending.
    choices, numbers, opens, multis
        Type to its model.
    related, wording, vectors
        Over all mc types; no vectors without a table of them.
    multi_wording
        Over all multi types.
    pooled
        The mc types without a declared pattern as one; None where there are fewer than two.
    """

    rows: dict[str, IntArray]
    choices: dict[str, ChoiceModel]
    numbers: dict[str, NumberModel]
    opens: dict[str, OpenModel]
    multis: dict[str, MultiModel]
    related: Related
    wording: Wording
    multi_wording: Wording
    vectors: Vectors | None
    pooled: Pooled | None

    @classmethod
    def of(cls, questions: Questions, table: VectorTable | None = None) -> "Reading":
        """Read the questions of a benchmark, with a table of word vectors or without."""
        frame = questions.frame
        types = frame["type"].to_numpy()
        rows: dict[str, IntArray] = {}
        choices: dict[str, ChoiceModel] = {}
        numbers: dict[str, NumberModel] = {}
        opens: dict[str, OpenModel] = {}
        multis: dict[str, MultiModel] = {}
        boosters = BOOSTERS_OF_FEW if len(frame) < FEW_QUESTIONS else 1
        for declared in questions.benchmark.question_types:
            at = np.flatnonzero(types == declared.name)
            if not len(at):
                continue
            of_type = frame.iloc[at]
            texts = of_type["text"].tolist()
            forms = make_forms(texts, of_type["options"].tolist(), _patterns(declared, texts))
            rows[declared.name] = at
            if isinstance(declared, Number):
                numbers[declared.name] = NumberModel(forms, declared.inclusive)
            elif isinstance(declared, Open):
                opens[declared.name] = OpenModel(forms, declared.metric)
            elif isinstance(declared, Multi):
                multis[declared.name] = MultiModel(forms)
            else:
                choices[declared.name] = ChoiceModel(forms, boosters)
        mc = {name: model.forms for name, model in choices.items()}
        free = tuple(
            declared.name
            for declared in questions.benchmark.question_types
            if declared.name in choices and declared.regex is None
        )
        pooled = Pooled.of(frame, rows, choices, free, boosters)
        several = Wording.of({name: model.forms for name, model in multis.items()})
        vectors = None if table is None else Vectors.of(mc, table)
        return cls(
            rows,
            choices,
            numbers,
            opens,
            multis,
            Related.of(mc),
            Wording.of(mc),
            several,
            vectors,
            pooled,
        )

    def texts(
        self, sums: Mapping[str, TrainingSums], wanted: Collection[str]
    ) -> dict[str, dict[str, FloatArray]]:
        """What the texts say of the options of the types that are wanted: family to type to scores."""
        by_family: dict[str, dict[str, FloatArray]] = {WORDING: {}, VECTORS: {}}
        if any(name in self.choices for name in wanted):
            by_family[WORDING] |= self.wording.scores(sums)
            by_family[VECTORS] |= {} if self.vectors is None else self.vectors.scores(sums)
        if any(name in self.multis for name in wanted):
            by_family[WORDING] |= self.multi_wording.scores(sums)
        return by_family


def _patterns(declared: QuestionType, texts: list[str]) -> list[Pattern]:
    """The declared pattern, or those of the templates found, those that share most first."""
    if declared.regex is not None:
        return [Pattern(declared.regex.search, declared.regex.pattern, {})]
    templates = sorted(find_templates(texts), key=lambda template: (-template.shared, template.pattern))
    return [Pattern(template.search, template.wording, template.slots) for template in templates]
