"""The options of rows as their columns hold them."""

from collections.abc import Sequence

from tst_harness.benchmark.declarations import Columns
from tst_harness.dataset.answers import parse_option_cells, parse_options
from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.reading import Table


def written_options(declared: Columns, table: Table, rows: Sequence[int]) -> list[tuple[str, ...] | Invalid]:
    """The options of some rows, in their order; in alphabetical order beside the answer's own column."""
    columns = table.columns
    if not rows:
        return []
    if "options" in columns:
        lists = [columns["options"][position] for position in rows]
        memo = {value: parse_options(value) for value in set(lists)}
        return [memo[value] for value in lists]
    names = declared.named("options")
    cells = [columns[f"options.{place}"] for place in range(len(names))]
    several = [tuple(column[position] for column in cells) for position in rows]
    read = {values: parse_option_cells(values, names) for values in set(several)}
    if declared.answer in names:
        read = {
            values: options if isinstance(options, Invalid) else tuple(sorted(options))
            for values, options in read.items()
        }
    return [read[values] for values in several]
