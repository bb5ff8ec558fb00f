"""The columns that a declaration reads: those that are one together, and the ids in them."""

import re
from dataclasses import replace

from tst_harness.benchmark.declarations import Benchmark
from tst_harness.dataset.answers import text_of
from tst_harness.dataset.placeholders import filled
from tst_harness.dataset.reading import Table

_DECIMAL = re.compile(r"\d+\.0")


def wanted_columns(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    """By role, the names that its column may have; of several columns each has a role, as "options.0" ..."""
    columns = benchmark.columns
    wanted = {
        role: columns.named(role)
        for role in ("text", "slots", "answer", "type", "group")
        if columns.named(role)
    }
    if isinstance(columns.answer, tuple):
        del wanted["answer"]
        wanted |= {f"answer.{place}": (name,) for place, name in enumerate(columns.answer)}
    if isinstance(columns.id, tuple):
        wanted = {f"id.{place}": (name,) for place, name in enumerate(columns.id)} | wanted
    elif columns.id is not None:
        wanted = {"id": (columns.id,)} | wanted
    names = columns.named("options")
    if isinstance(columns.options, tuple):
        wanted |= {f"options.{place}": (name,) for place, name in enumerate(names)}
    elif names:
        wanted["options"] = names
    return wanted


def as_declared(table: Table) -> Table:
    """A table with the answers of several columns as lists, and with the texts' placeholders filled."""
    columns, names = dict(table.columns), dict(table.names)
    several = [role for role in columns if role.startswith("answer.")]
    if several:
        cells = zip(*(columns.pop(role) for role in several), strict=True)
        columns["answer"] = [tuple(text for cell in row if (text := text_of(cell))) for row in cells]
        names["answer"] = ", ".join(names.pop(role) for role in several)
    if "slots" in columns:
        columns["text"] = list(map(filled, columns["text"], columns.pop("slots")))
        del names["slots"]
    return replace(table, columns=columns, names=names)


def ids_of(table: Table) -> list[str] | None:
    """The ids as text, in file order, "" where one is missing; None where the table has none."""
    if "id" in table.columns:
        return _without_decimals([text_of(value) or "" for value in table.columns["id"]])
    several = [values for role, values in table.columns.items() if role.startswith("id.")]
    if not several:
        return None
    rows = zip(*([text_of(value) or "" for value in values] for values in several), strict=True)
    return ["/".join(parts) if all(parts) else "" for parts in rows]


def _without_decimals(ids: list[str]) -> list[str]:
    """Ids that a table program wrote as decimals, "1.0", as the integers that they are."""
    if all(_DECIMAL.fullmatch(id_) for id_ in ids):
        return [id_.partition(".")[0] for id_ in ids]
    return ids
