"""Leaves the texts of questions out of what may be published: their terms may forbid passing them on."""

import re

from tst_harness.data.provenance import InvalidRow
from tst_harness.reports.records import Record, ShortcutRecord
from tst_harness.reports.schema import Shortcut

_QUOTED = re.compile("`[^`]*`")
_PROBLEM = "cannot be used; why is not said, since that may quote the row"


def without_texts(record: Record) -> Record:
    """Return a record that quotes no question: what a rule is about, and why a row is invalid, is left out.

    Ids, types, groups and all figures stay.
    """
    source = record.origin.source
    origin = record.origin.model_copy(
        update={
            "texts": "omitted",
            "source": source.model_copy(update={"skipped": [_unquoted_row(row) for row in source.skipped]}),
        }
    )
    update: dict[str, object] = {"origin": origin}
    if isinstance(record, ShortcutRecord):
        update["shortcuts"] = [_unquoted_rule(rule) for rule in record.shortcuts]
    return record.model_copy(update=update)


def _unquoted_row(row: InvalidRow) -> InvalidRow:
    return row.model_copy(update={"problem": _PROBLEM})


def _unquoted_rule(rule: Shortcut) -> Shortcut:
    return rule.model_copy(update={"text": _QUOTED.sub("`...`", rule.text)})
