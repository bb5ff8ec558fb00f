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

from tst_harness.benchmark.declarations import Benchmark, BundledSample, FaultPolicy
from tst_harness.dataset.bare_answers import bare_answer
from tst_harness.dataset.invalid import quoted
from tst_harness.dataset.order import canonical_order
from tst_harness.dataset.own_answers import LINE, ids_beside, with_answers, with_lines
from tst_harness.dataset.patterns import check_patterns
from tst_harness.dataset.provenance import Fault, Fingerprint, SourceReport
from tst_harness.dataset.reading import Table, column_names, places_of, read
from tst_harness.dataset.sources import Resolved, resolve
from tst_harness.dataset.validation import Rows, ids_of, validate
from tst_harness.dataset.wanted import as_declared, wanted_columns
from tst_harness.errors import DataError, InvalidDataError

_DIGEST_ROWS = 65_536
_MOST_FAULTY = 0.5
"""More of the rows than this cannot be scored where a file is misread."""
_MOST_LISTED = 100


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
    faults: FaultPolicy | None = None,
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
    faults
        "report" leaves rows out that cannot be scored and lists them in `source.faults`, unless they are more
        than half of all; "stop" raises for the first. None does what the benchmark declares, else stops.

    Raises
    ------
    SourceUnavailable
        The data cannot be reached.
    InvalidDataError
        The file, a row or the fingerprint is not as declared.
    """
    resolved = resolve(benchmark, data_dir, require_real)
    try:
        return _load(benchmark, resolved, faults or benchmark.faults or "stop")
    except DataError as error:
        raise InvalidDataError(f"{benchmark.name}: {error}") from None


def _load(benchmark: Benchmark, resolved: Resolved, faults: FaultPolicy) -> Dataset:
    table = _read(benchmark, resolved)
    table.columns["answer"] = list(map(bare_answer, table.columns["answer"]))
    ids = ids_of(table)
    if ids is not None:
        # Before any row is looked at: those of other data are not worth a word.
        _check_fingerprint(benchmark, resolved, "row_order", _row_order(ids))
    rows = validate(benchmark, table)
    left_out = [rows.problems[position] for position in sorted(rows.problems)]
    if left_out and faults == "stop":
        raise _invalid(table, left_out)
    answered = table.rows - len(rows.kept_back)
    if answered == 0:
        raise DataError(
            f"{resolved.location}: every answer is kept back, so this is a test split without answers; "
            "declare one that has them"
        )
    if len(left_out) > _MOST_FAULTY * answered:
        kinds = Counter(fault.kind for fault in left_out).most_common(3)
        raise DataError(
            f"{resolved.location}: {len(left_out):,} of {answered:,} rows are faulty "
            f"({', '.join(f'{kind} in {n:,}' for kind, n in kinds)}), so the file is probably misread; "
            f"say what its columns mean, or correct it; the first: {_describe(table, left_out[0])}"
        )
    frame, accepted = _frame(benchmark, rows)
    check_patterns(benchmark, frame["text"])
    if frame.empty:
        if left_out:
            why = f"no row is valid; the first: {_describe(table, left_out[0])}"
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
        faults=left_out + _first_of_each_kind(rows.remarks),
        fault_counts=dict(sorted(Counter(fault.kind for fault in left_out + rows.remarks).items())),
        kept_back=len(rows.kept_back),
        not_scored=_not_scored(benchmark, rows),
        substituted_for=resolved.substituted_for,
    )
    return Dataset(benchmark, frame, source, accepted)


def _read(benchmark: Benchmark, resolved: Resolved) -> Table:
    wanted = wanted_columns(benchmark)
    if not resolved.answers:
        return as_declared(read(resolved.files, wanted))
    own = {role: wanted.pop(role) for role in list(wanted) if role.partition(".")[0] == "answer"}
    if own.get("answer") == (LINE,):
        return as_declared(with_lines(read(resolved.files, wanted), read(resolved.answers, own)))
    known = set(column_names(resolved.files[0])).union(*places_of(resolved.files))
    own |= {role: names for role in ("type", "group") if known.isdisjoint(names := wanted.get(role, ()))}
    table = as_declared(read(resolved.files, {role: wanted[role] for role in wanted if role not in own}))
    own = {role: names for role, names in own.items() if names}
    ids = {role: names[0] for role, names in wanted.items() if role.partition(".")[0] == "id"}
    beside = dict(zip(ids, ids_beside(tuple(ids.values())), strict=True))
    answers = as_declared(read(resolved.answers, beside | own))
    return with_answers(table, answers)


def _first_of_each_kind(remarks: Sequence[Fault]) -> list[Fault]:
    seen: Counter[str] = Counter()
    first = []
    for fault in sorted(remarks, key=lambda fault: fault.row):
        seen[fault.kind] += 1
        if seen[fault.kind] <= _MOST_LISTED:
            first.append(fault)
    return first


def _describe(table: Table, fault: Fault) -> str:
    place = table.place(fault.row - 1)
    if not fault.field:  # the row could not be read at all
        return f"{place.rpartition(' row ')[0]} {fault.problem}"
    row = f"{place} (id {quoted(fault.id)})"
    return f"{row}, field {fault.field!r}: {fault.problem}"


def _invalid(table: Table, left_out: Sequence[Fault]) -> DataError:
    others = len(left_out) - 1
    more = f" ({others} more faulty row{'s' * (others > 1)})" if others else ""
    return DataError(
        f"{_describe(table, left_out[0])}{more}; correct the file, or leave such rows out with "
        "--tst-faults report, which counts and names them in the report"
    )


def _check_fingerprint(benchmark: Benchmark, resolved: Resolved, field: str, fingerprint: str) -> None:
    if isinstance(benchmark.source, BundledSample) or resolved.substituted_for is not None:
        return
    declared = getattr(benchmark.source, field)
    if declared is not None and declared != fingerprint:
        raise DataError(
            f"{resolved.location}: its {field} fingerprint is {fingerprint} where the declaration says "
            f"{declared}: these are other data, or in another order; use the declared data or correct "
            f"source.{field}"
        )


def _row_order(ids: Sequence[str]) -> str:
    return hashlib.sha1(",".join(ids).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _frame(benchmark: Benchmark, rows: Rows) -> tuple[pd.DataFrame, tuple[tuple[str, ...], ...]]:
    """The questions, and the distinct accepted texts of the open ones."""
    formats: dict[str, str] = {declared.name: declared.format for declared in benchmark.scored_types}
    left_out = rows.problems.keys() | rows.kept_back
    positions = [p for p, name in enumerate(rows.type) if name in formats and p not in left_out]
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
    names = sorted(declared.name for declared in benchmark.question_types if declared.format == "none")
    return {name: counts[name] for name in names if counts[name]}


def _in_id_order(ids: Sequence[str], positions: list[int]) -> list[int]:
    return [positions[place] for place in canonical_order([ids[position] for position in positions])]


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
