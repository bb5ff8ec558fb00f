"""Two columns of which one holds the right text of each row and the other a wrong one, or several."""

from tst_harness.dataset.names import named_for, pairs
from tst_harness.dataset.recognition.sheet import Column, Sheet

_LEAST_FILLED = 0.5


def text_pair(sheet: Sheet) -> tuple[str, str] | None:
    """The columns of the right texts and of the wrong ones, as `chosen` and `rejected`; None without them."""
    for right, wrong in sorted(pairs(sheet.columns), key=lambda names: len(names[0])):
        columns = sheet.columns[right], sheet.columns[wrong]
        if all(_is_text(sheet, column) for column in columns):
            return right, wrong
    return None


def _is_text(sheet: Sheet, column: Column) -> bool:
    if column.filled < _LEAST_FILLED * sheet.rows:
        return False
    if not column.is_scalar:
        return _lists_texts(column)
    return column.is_prose or any(column.name in tier for tier in named_for("answer", [column.name]))


def _lists_texts(column: Column) -> bool:
    """Whether most values are texts of several words, or lists of them."""
    lists = [value if isinstance(value, tuple) else (str(value),) for value in column.sample]
    prose = [texts for texts in lists if all(text is not None and " " in text for text in texts)]
    return 2 * len(prose) > len(lists)
