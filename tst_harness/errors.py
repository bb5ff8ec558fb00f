"""The errors a user can cause, each one sentence that says what is wrong, where, and what to do."""

import errno


class HarnessError(ValueError):
    """Base of every error that is the input's fault and not the harness's."""


class DeclarationError(HarnessError):
    """A benchmark declaration that makes no sense."""


class DataError(HarnessError):
    """A file, row or field that cannot be used; the message names them."""


class NoAnswers(DataError):  # noqa: N818 - a property of the data, and no fault
    """Questions without answers, as those of a leaderboard's test split are."""


class InvalidDataError(DataError):
    """Data of a benchmark that were found and cannot be scored as they stand: its tests would fail."""


class SourceUnavailable(HarnessError):  # noqa: N818 - a state of the world, not of the program
    """Data that cannot be reached from here: no file, no network, nothing cached."""


class ModelUnavailable(SourceUnavailable):
    """A language model whose files cannot be reached from here."""


class TooFewQuestions(HarnessError):  # noqa: N818 - a property of the data, and no fault
    """Questions that are too few to be split: nothing can be told of them."""


class NoGroupedFolds(DataError):  # noqa: N818 - a property of the data, and no fault
    """Groups that no folds keep whole: there is one alone, or one holds most of the questions."""


class LeakError(HarnessError):
    """A feature that moves when held-out answers are permuted, so it reads them."""


class ReportError(HarnessError):
    """A report or record that cannot be written, read or trusted."""


class IncompleteError(ReportError):
    """A report that cannot be made yet, since units of it have no record."""


class EngineUnavailable(HarnessError):  # noqa: N818 - a state of the world, not of the program
    """An engine (torch, vLLM, Ray, LLaMA-Factory) that is not installed here; the message names the extra."""


class EngineError(HarnessError):
    """An engine that failed while training or predicting; the message ends with the last it said."""


class OutOfMemory(EngineError):  # noqa: N818 - a state of the world, not of the program
    """An engine for which a device's or the machine's memory is too small."""


class TrainingCancelled(HarnessError):  # noqa: N818 - asked for, not a fault
    """A training run that was cancelled before its end."""


_NO_MEMORY = ("cannot allocate memory", "failed to map segment", "can't start new thread")


def limit_reached(error: BaseException) -> str | None:
    """Return what to do where memory or open files ran out; None for any other error.

    Where memory runs out, a library may also fail to be mapped into it, and a thread to start.
    """
    if isinstance(error, OSError) and error.errno == errno.EMFILE:
        return "too many files are open; raise the limit (ulimit -n), or use fewer workers (-n)"
    if isinstance(error, MemoryError) or any(words in str(error).casefold() for words in _NO_MEMORY):
        return "memory ran out; give it more, or less to read (--tst-limit N)"
    return None
