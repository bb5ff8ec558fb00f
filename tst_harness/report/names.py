"""What a report's files are called, so that different runs of one benchmark do not overwrite each other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from tst_harness.analysis.names import FEATURES, FOREST, STACK, ungrouped
from tst_harness.analysis.units import RANDOM

if TYPE_CHECKING:
    from tst_harness.report.schema import Settings, SourceReport


class Run(Protocol):
    """What tells runs apart: a report, or what a reference says of one."""

    @property
    def benchmark(self) -> str:
        """The name of the benchmark."""

    @property
    def source(self) -> "SourceReport":
        """Where the questions came from."""

    @property
    def null_control(self) -> bool:
        """Whether answers were permuted."""

    @property
    def settings(self) -> "Settings":
        """Of the run."""

    @property
    def diagnostics(self) -> Mapping[str, Any]:
        """What was found, by diagnostic."""


def run_name(run: Run) -> str:
    """Return the name of a run's files, without ending: that of the benchmark, and how the run differs.

    The plain run has the benchmark's name alone: "vsi". Another one says what is not plain: "vsi-grouped",
    "vsi-llm-repeats3", "vsi-null". Number of folds, seed and models do not tell runs apart.
    """
    settings, limit = run.settings, run.settings.limit
    return name_of(
        run.benchmark,
        run.diagnostics,
        sample=run.source.substituted_for is not None,
        null_control=run.null_control,
        limit=limit if limit is not None and limit < run.source.questions else None,
        split=settings.split,
        repeats=settings.repeats,
        vectors=settings.vectors,
        allow_leak=settings.allow_leak,
    )


def name_of(
    benchmark: str,
    diagnostics: Iterable[str],
    *,
    sample: bool = False,
    null_control: bool,
    limit: int | None,
    split: str,
    repeats: int,
    vectors: str | None = None,
    allow_leak: bool,
) -> str:
    """Return the name of the files of a run; `limit` is None where it leaves no question out."""

    def differences() -> Iterator[str]:
        if sample:
            yield "sample"
        if null_control:
            yield "null"
        if limit is not None:
            yield f"limit{limit}"
        yield from _not_plain(diagnostics)
        if split != RANDOM:
            yield split
        if repeats > 1:
            yield f"repeats{repeats}"
        if vectors is not None:
            yield vectors
        if allow_leak:
            yield "leak"

    return "-".join([benchmark, *differences()])


def _not_plain(diagnostics: Iterable[str]) -> list[str]:
    """The diagnostics that were asked for, where they are not those of a plain run: the forest alone."""
    names = list(dict.fromkeys(sorted(map(ungrouped, diagnostics))))
    chosen = [name for name in names if name not in (FEATURES, STACK)] or names
    return [] if chosen == [FOREST] else chosen
