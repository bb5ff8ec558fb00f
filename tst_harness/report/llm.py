"""What a report says of the language model of a diagnostic, and what must hold before it is believed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from tst_harness.analysis.accounts import InferenceAccount
from tst_harness.analysis.records import FoldRecord, Origin, ZeroShotRecord, fold_name
from tst_harness.errors import ReportError
from tst_harness.report.llm_schema import AdapterReport, AnsweringCost, Cost, LLMReport

_Number = TypeVar("_Number", int, float)


def check_adapters(folds: Iterable[FoldRecord], diagnostic: str) -> None:
    """Check that every fold was answered by an adapter that changes the model's answers.

    A fold whose adapter is ignored scores like the untrained model, which looks like a benchmark without
    shortcuts.

    Raises
    ------
    ReportError
        Naming the fold.
    """
    for fold in folds:
        name = f"{fold_name(fold.repeat, fold.fold)} of {diagnostic}"
        if fold.llm is None or not fold.llm.adapters:
            raise ReportError(f"{name} tells of no trained adapter: remove its record and run it again")
        for adapter in fold.llm.adapters:
            if not adapter.check.passed:
                raise ReportError(
                    f"the adapter ({adapter.format}) of {name} does not change the model's answers (by "
                    f"{adapter.check.largest_change:.2g} at most on {adapter.check.prompts} prompts), so its "
                    f"score says nothing of training: remove its record and run it again"
                )


def llm_report(
    folds: Sequence[FoldRecord], zero_shot: ZeroShotRecord | None, versions: dict[str, str]
) -> LLMReport | None:
    """Return the account of a diagnostic's model; None where no record tells of one.

    Parameters
    ----------
    folds
        Of one diagnostic, by repeat and fold.
    zero_shot
        Of the same diagnostic.
    versions
        Those that the diagnostic's records name.
    """
    accounts = [(fold, fold.llm) for fold in folds if fold.llm is not None]
    if not accounts and zero_shot is None:
        return None
    adapters = [
        AdapterReport(repeat=fold.repeat, fold=fold.fold, **dict(adapter))
        for fold, account in accounts
        for adapter in sorted(account.adapters, key=lambda adapter: adapter.format)
    ]
    settings = _origin(folds, zero_shot).diagnostic_settings
    return LLMReport(
        model=_text(settings, "model"),
        model_revision=_text(settings, "revision"),
        trainer=_text(settings.get("trainer"), "engine"),
        predictor=_text(settings.get("predictor"), "engine"),
        versions=versions,
        adapters=adapters,
        adapters_checked=bool(adapters) and all(adapter.check.passed for adapter in adapters),
        training=Cost(
            tokens=sum(adapter.tokens for adapter in adapters),
            seconds=_sum(adapter.seconds for adapter in adapters),
            peak_memory=_most(adapter.peak_memory for adapter in adapters),
            batch_halved=sum(adapter.batch_halved for adapter in adapters),
            padding=_known([adapter.padding for adapter in adapters]),
            seconds_at_peak=_known([adapter.seconds_at_peak for adapter in adapters]),
        ),
        inference=_answering([account.inference for _, account in accounts]),
        zero_shot=None if zero_shot is None else _answering([zero_shot.llm.inference]),
    )


def _origin(folds: Sequence[FoldRecord], zero_shot: ZeroShotRecord | None) -> Origin:
    return folds[0].origin if zero_shot is None else zero_shot.origin


def _text(settings: Any, key: str) -> str | None:
    value = settings.get(key) if isinstance(settings, Mapping) else None
    return value if isinstance(value, str) else None


def _answering(accounts: Sequence[InferenceAccount]) -> AnsweringCost:
    return AnsweringCost(
        questions=sum(account.questions for account in accounts),
        parse_failures=sum(len(set(account.failed)) for account in accounts),
        truncated=sum(account.truncated for account in accounts),
        tokens=sum(account.tokens for account in accounts),
        seconds=_sum(account.seconds for account in accounts),
        peak_memory=_most(account.peak_memory for account in accounts),
        batch_halved=sum(account.batch_halved for account in accounts),
        padding=_known([account.padding for account in accounts]),
        seconds_at_peak=_known([account.seconds_at_peak for account in accounts]),
    )


def _sum(seconds: Iterable[float]) -> float:
    return round(sum(seconds), 3)


def _known(parts: Sequence[_Number | None]) -> _Number | None:
    """Return the sum; None where a part is not known, or there is none."""
    known = [part for part in parts if part is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(parts) else None


def _most(known: Iterable[int | None]) -> int | None:
    return max((size for size in known if size is not None), default=None)
