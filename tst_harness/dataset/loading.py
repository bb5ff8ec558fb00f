"""Loads a declared benchmark into validated questions with a fingerprint."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.benchmark.declarations import Benchmark, BundledSample
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.provenance import Fingerprint, InvalidRow, SourceReport
from tst_harness.dataset.reading import Table, read
from tst_harness.dataset.sources import Resolved, resolve
from tst_harness.dataset.validation import Rows, ids_of, validate, wanted_columns
from tst_harness.errors import DataError, InvalidDataError

_DIGEST_ROWS = 65_536
_INTEGER_DIGITS = 18


@dataclass(frozen=True)
class Dataset:
    """The questions of a benchmark.

    Attributes
    ----------
    benchmark
        The declaration.
    frame
        One row a question, in the order of `id` (as integers where all ids are), index 0 .. n-1:
        `id`, `type`, `format` ("mc", "num", "open" or "multi"), `text`, `group`: str; `options`: a
        tuple of str without their letters, None for num and open; `answer`: float64, the index of the
        gold option from 0 (mc), the number (num), the place in `accepted` (open) or the right options
        as the sum of 2 ** index (multi); `position`: int64, the row's place in the file from 0. The group is
        the id where the benchmark declares none.
    source
        Where the questions came from, their fingerprint, and the rows that were left out.
    accepted
        The distinct accepted texts of open questions, each the texts of one question, with repeats.
    """

    benchmark: Benchmark
    frame: pd.DataFrame
    source: SourceReport
    accepted: tuple[tuple[str, ...], ...] = ()


def load(
    benchmark: Benchmark,
    data_dir: Path | None = None,
    require_real: bool = False,
    skip_invalid: bool = False,
) -> Dataset:
    """Find, read and validate the questions of a benchmark.

    Parameters
    ----------
    benchmark
        The declaration.
    data_dir
        Where `<folder>/<file>` of a Hub dataset may be found instead of on the Hub.
    require_real
        Refuse the bundled sample as a stand-in.
    skip_invalid
        Leave invalid rows out and list them in `source.skipped`, instead of raising for the first.

    Raises
    ------
    SourceUnavailable
        The data cannot be reached.
    InvalidDataError
        The file, a row or the fingerprint is not as declared.
    """
    resolved = resolve(benchmark, data_dir, require_real)
    try:
        return _load(benchmark, resolved, skip_invalid)
    except DataError as error:
        raise InvalidDataError(f"{benchmark.name}: {error}") from None


def _load(benchmark: Benchmark, resolved: Resolved, skip_invalid: bool) -> Dataset:
    table = read(resolved.files, wanted_columns(benchmark))
    ids = ids_of(table)
    if ids is not None:
        # Before any row is looked at: those of other data are not worth a word.
        _check_fingerprint(benchmark, resolved, "row_order", _row_order(ids))
    rows = validate(benchmark, table)
    skipped = [rows.problems[position] for position in sorted(rows.problems)]
    if skipped and not skip_invalid:
        raise _invalid(table, skipped)
    frame, accepted = _frame(benchmark, rows)
    if frame.empty:
        if skipped:
            why = f"no row is valid; the first: {_describe(table, skipped[0])}"
        else:
            why = "no row is of a type that is scored; declare its types, or correct the file"
        raise DataError(f"{resolved.location}: {why}")
    row_order, content = _row_order(rows.id), _content(frame, accepted)
    _check_fingerprint(benchmark, resolved, "row_order", row_order)
    _check_fingerprint(benchmark, resolved, "content", content)
    source = SourceReport(
        kind=resolved.kind,
        location=resolved.location,
        revision=resolved.revision,
        rows=table.rows,
        questions=len(frame),
        groups=int(frame["group"].nunique()),
        fingerprint=Fingerprint(content=content, row_order=row_order),
        skipped=skipped,
        not_scored=_not_scored(benchmark, rows),
        substituted_for=resolved.substituted_for,
    )
    return Dataset(benchmark, frame, source, accepted)


def _describe(table: Table, invalid: InvalidRow) -> str:
    row = f"{table.place(invalid.row - 1)} (id {quoted(invalid.id)})"
    return f"{row}, field {invalid.field!r}: {invalid.problem}"


def _invalid(table: Table, skipped: Sequence[InvalidRow]) -> DataError:
    others = len(skipped) - 1
    more = f" ({others} more invalid row{'s' * (others > 1)})" if others else ""
    return DataError(
        f"{_describe(table, skipped[0])}{more}; correct the file, or leave such rows out with "
        "--tst-skip-invalid, which counts and names them in the report"
    )


def _check_fingerprint(benchmark: Benchmark, resolved: Resolved, field: str, found: str) -> None:
    if isinstance(benchmark.source, BundledSample) or resolved.substituted_for is not None:
        return
    declared = getattr(benchmark.source, field)
    if declared is not None and declared != found:
        raise DataError(
            f"{resolved.location}: its {field} fingerprint is {found} where the declaration says {declared}: "
            f"these are other data, or in another order; use the declared data or correct source.{field}"
        )


def _row_order(ids: Sequence[str]) -> str:
    return hashlib.sha1(",".join(ids).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _frame(benchmark: Benchmark, rows: Rows) -> tuple[pd.DataFrame, tuple[tuple[str, ...], ...]]:
    """The questions, and the distinct accepted texts of the open ones."""
    formats: dict[str, str] = {one.name: one.format for one in benchmark.scored_types}
    positions = [p for p, name in enumerate(rows.type) if p not in rows.problems and name in formats]
    positions = _in_id_order(rows.id, positions)
    accepted = sorted({rows.accepted[p] for p in positions if p in rows.accepted})
    place = {texts: float(code) for code, texts in enumerate(accepted)}
    answers = [place[rows.accepted[p]] if p in rows.accepted else rows.answer[p] for p in positions]

    def column(values: Sequence[object]) -> "pd.Series[Any]":
        return pd.Series([values[p] for p in positions], dtype=object)

    frame = pd.DataFrame(
        {
            "id": column(rows.id),
            "type": column(rows.type),
            "format": pd.Series([formats[rows.type[p]] for p in positions], dtype=object),
            "text": column(rows.text),
            "options": column(rows.options),
            "answer": np.array(answers, dtype=np.float64),
            "group": column(rows.group),
            "position": np.array(positions, dtype=np.int64),
        }
    )
    return frame, tuple(accepted)


def _not_scored(benchmark: Benchmark, rows: Rows) -> dict[str, int]:
    counts = Counter(rows.type)
    names = sorted(one.name for one in benchmark.question_types if one.format == "none")
    return {name: counts[name] for name in names if counts[name]}


def _in_id_order(ids: Sequence[str], positions: list[int]) -> list[int]:
    by_text = sorted(positions, key=ids.__getitem__)
    if all(_is_integer(ids[position]) for position in by_text):
        return sorted(by_text, key=lambda position: int(ids[position]))
    return by_text


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= _INTEGER_DIGITS


def _content(frame: pd.DataFrame, accepted: Sequence[tuple[str, ...]]) -> str:
    digest = hashlib.sha256()
    names = ["id", "type", "format", "text", "options", "answer", "group"]
    for start in range(0, len(frame), _DIGEST_ROWS):
        part = frame.iloc[start : start + _DIGEST_ROWS]
        digest.update(json.dumps([part[name].tolist() for name in names]).encode("ascii"))
    if accepted:
        digest.update(json.dumps(accepted).encode("ascii"))
    return digest.hexdigest()


def permute_answers(dataset: Dataset, seed: int) -> Dataset:
    """The negative control: every question gets the answer of its donor, as `answer_donors` says.

    Nothing but the share of each answer is kept, so a diagnostic can find no more than that.
    """
    answers = dataset.frame["answer"].to_numpy()[answer_donors(dataset, seed)]
    return replace(dataset, frame=dataset.frame.assign(answer=answers))


def answer_donors(dataset: Dataset, seed: int) -> npt.NDArray[np.int64]:
    """Return whose answer each question gets in the negative control, the same for every diagnostic.

    Returns
    -------
    (n,) row numbers: a permutation within type among questions with as many options.
    """
    frame = dataset.frame
    donors = np.arange(len(frame))
    members: dict[tuple[str, int], list[int]] = {}
    for row, (name, options) in enumerate(zip(frame["type"], frame["options"], strict=True)):
        members.setdefault((name, len(options or ())), []).append(row)
    for (name, options), rows in members.items():
        shuffled = list(rows)
        random.Random(f"{seed}/{name}/{options}").shuffle(shuffled)
        donors[rows] = shuffled
    return donors
