"""The options of rows as their columns hold them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tst_harness.benchmark.declarations import Columns
from tst_harness.dataset.answers import empty_last_option, parse_option_cells, parse_options
from tst_harness.dataset.invalid import Invalid
from tst_harness.dataset.reading import Table, Value

_FEW = 0.05
_LEAST_PADDED = 3


def written_options(declared: Columns, table: Table, rows: Sequence[int]) -> list[tuple[str, ...] | Invalid]:
    """The options of some rows, in their order; in alphabetical order beside the answer's own column."""
    columns = table.columns
    if not rows:
        return []
    if "options" in columns:
        lists = [columns["options"][position] for position in rows]
        memo = {value: parse_options(value) for value in set(lists)}
        memo |= _lost(Counter(lists), memo)
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


def _lost(lists: Counter[Value], read: Mapping[Value, tuple[str, ...] | Invalid]) -> dict[Value, Invalid]:
    """The lists that end in a blank where few do: there it means no fewer options, but one that is lost."""
    some = (value for value, options in read.items() if not _has_none(options))
    blank = {value: problem for value in some if (problem := empty_last_option(value)) is not None}
    padded = sum(lists[value] for value in blank)
    return {} if padded >= _LEAST_PADDED and padded > _FEW * lists.total() else blank


def _has_none(options: tuple[str, ...] | Invalid) -> bool:
    return isinstance(options, Invalid) and options.kind == "no options"
