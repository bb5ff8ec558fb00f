"""Tables of text, for the terminal and for Markdown."""

from collections.abc import Collection, Sequence

_LEAST_NAME = 8
"""Characters of a name that still tell it from others."""


def aligned(rows: Sequence[Sequence[str]], width: int, right: Collection[int], gap: int = 1) -> list[str]:
    """Return the lines of a table, of at most `width` columns where the first column can give way.

    Parameters
    ----------
    rows
        Headings first. The cells of the first column are cut where the others leave them too little room,
        but not shorter than its heading, nor than a name can be.
    width
        In characters.
    right
        The columns that are aligned on the right.
    gap
        Spaces between columns.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rest = sum(widths[1:]) + gap * (len(widths) - 1)
    widths[0] = min(widths[0], max(len(rows[0][0]), _LEAST_NAME, width - rest))
    lines = []
    for first, *others in rows:
        cells = zip([elide(first, widths[0]), *others], widths, strict=True)
        padded = [
            cell.rjust(size) if column in right else cell.ljust(size)
            for column, (cell, size) in enumerate(cells)
        ]
        lines.append((" " * gap).join(padded).rstrip())
    return lines


def ruled(lines: Sequence[str], last: int = 0) -> list[str]:
    """Return a table with rules below its headings and before its `last` lines, which may be none."""
    rule = "-" * max(map(len, lines))
    end = len(lines) - last
    return [lines[0], rule, *lines[1:end], rule, *lines[end:]]


def markdown_table(rows: Sequence[Sequence[str]], right: Collection[int]) -> str:
    """Return a Markdown table, headings first; the columns in `right` are aligned on the right."""
    rule = ["---:" if column in right else "---" for column in range(len(rows[0]))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:]))


def elide(text: str, width: int) -> str:
    """Return a text of at most this width, its middle left out where it is longer."""
    if len(text) <= width:
        return text
    tail = (width - 2) // 2
    return f"{text[: width - 2 - tail]}..{text[len(text) - tail :]}"
