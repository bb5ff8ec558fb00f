"""What an analysis is: a diagnostic or a check, as the registry holds it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from tst_harness.analysis.units import Plan, Split, Unit

if TYPE_CHECKING:
    from tst_harness.analysis.diagnostic import FoldTask, IntArray, Questions
    from tst_harness.analysis.folds import Fold
    from tst_harness.analysis.records import BaseRecord, Origin
    from tst_harness.dataset.loading import Dataset
    from tst_harness.dataset.provenance import Texts

_T = TypeVar("_T")


@dataclass(frozen=True)
class Inputs:
    """What decides the records of an analysis beside the data, the folds and its code.

    Attributes
    ----------
    settings
        In plain types; the report shows them.
    versions
        Of the libraries that may change a record.
    notes
        What a reader of the results should know.
    more
        What else is part of the keys, in plain types, and is not shown.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


class Experiment(Protocol):
    """A benchmark made ready, as its analyses see it."""

    dataset: "Dataset"
    """The questions with their answers, which no diagnostic is handed while they are held out."""
    questions: "Questions"
    """The same questions without answers; one object for all folds."""

    @property
    def settings(self) -> Any:
        """What was asked for: `seed`, `folds`, `repeats`, `diagnostics` and more."""
        ...

    @property
    def models(self) -> Sequence[Any]:
        """Feature models written by hand for this benchmark."""
        ...

    @property
    def texts(self) -> "Texts":
        """Whether what is written may quote questions."""
        ...

    def trainable(self) -> Any:
        """What a language model is trained and asked with."""
        ...

    def folds(self, split: Split) -> "list[Fold]":
        """All folds, by repeat and fold."""
        ...

    def fold(self, unit: Unit) -> "Fold":
        """The fold of a unit."""
        ...

    def task(self, fold: "Fold", split: Split) -> "FoldTask":
        """A fold as a diagnostic sees it."""
        ...

    def kept_together(self, split: Split) -> "IntArray":
        """(n,) integers, equal for questions that no fold parts: of a group, or of themselves alone."""
        ...

    def kept(self, name: str, make: Callable[[], _T]) -> _T:
        """What `make` returned when it was first asked for by this name."""
        ...

    def key(self, unit: Unit) -> str:
        """What the record of a unit is stored under."""
        ...

    def origin(self, unit: Unit) -> "Origin":
        """What the record of a unit is about."""
        ...


class Analysis(Protocol):
    """A diagnostic, which learns from training folds and is scored on the held-out one, or a check.

    Attributes
    ----------
    name
        In options, test ids, gates and reports.
    kind
        A diagnostic has scores and may have gates; a check says something beside the score.
    code
        The modules that decide its records; a package stands for all of its modules. A change in one of
        them computes the records again.
    needs_gpu
        Whether its units use a CUDA device where there is one.
    """

    name: str
    kind: Literal["diagnostic", "check"]
    code: tuple[str, ...]
    needs_gpu: bool

    def units(self, plan: Plan) -> list[Unit]:
        """The pieces of work that a plan amounts to; a diagnostic that was not asked for has none."""
        ...

    def inputs(self, experiment: Experiment) -> Inputs:
        """What decides its records."""
        ...

    def compute(self, experiment: Experiment, unit: Unit) -> "BaseRecord":
        """Do one piece of work.

        Raises
        ------
        HarnessError
            It cannot be done; one sentence says why.
        """
        ...

    def summarise(self, records: "Sequence[BaseRecord]") -> Mapping[str, Any]:
        """What the report says in figures, beside the scores that every diagnostic has."""
        ...

    def sentences(self, section: Mapping[str, Any]) -> Iterator[str]:
        """What `summarise` returned, in words."""
        ...
