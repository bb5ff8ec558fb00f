"""Patterns that users declare end in time on the texts that they are searched in."""

from collections.abc import Iterable

import regex

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.errors import DataError

SECONDS = 2.0
"""How long a pattern may take for one text: those of people take microseconds."""
_MOST_TRIED = 200


def check_patterns(benchmark: Benchmark, texts: Iterable[str]) -> None:
    """Search each pattern in the longest texts, with a limit.

    Raises
    ------
    DataError
        A pattern backtracks for longer than `SECONDS` in one text.
    """
    longest = sorted(texts, key=len, reverse=True)[:_MOST_TRIED]
    for declared in benchmark.question_types:
        if declared.pattern is None:
            continue
        try:
            compiled = regex.compile(declared.pattern)
            for text in longest:
                compiled.search(text, timeout=SECONDS)
        except regex.error:
            continue  # Of another dialect: nothing is known of how long it takes.
        except TimeoutError:
            raise DataError(
                f"the pattern of {declared.name!r} takes more than {SECONDS:g} seconds for the question "
                f"{text[:60]!r}; repeat nothing that is repeated already, as (a+)+ does"
            ) from None
