"""A session's reports and gates as Markdown, for the page of a CI run."""

import re
from collections.abc import Sequence

from tst_harness.analysis.names import MODELS
from tst_harness.report.schema import GateReport, Report
from tst_harness.views.gates import gate_sentence
from tst_harness.views.models import model_cells, models_of
from tst_harness.views.tables import markdown_table
from tst_harness.views.terminal import cells_of, meaning, title
from tst_harness.views.verdict import verdict_sentence

_SIGNS = {"pass": "✅", "fail": "❌", "inconclusive": "⚠️", "not judged": "➖"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(reports: Sequence[Report], gates: Sequence[GateReport], problems: Sequence[str]) -> str:
    """Return the summary of a session.

    Parameters
    ----------
    reports
        Those that were written.
    gates
        Of all benchmarks.
    problems
        What is missing or went wrong, in sentences.
    """
    parts = ["## Benchmark bias"]
    if gates:
        rows = [
            (f"{_SIGNS[gate.verdict]} {gate.verdict}", escaped(gate.rule), escaped(gate_sentence(gate)))
            for gate in gates
        ]
        parts.append(markdown_table([("gate", "rule", "result"), *rows], right=()))
        parts += [escaped(note) for note in dict.fromkeys(gate.note for gate in gates if gate.note)]
    parts += [f"- {escaped(problem)}" for problem in problems]
    for report in reports:
        sentence = verdict_sentence(report)
        if sentence is not None:
            parts.append(f"**{escaped(report.title)}: {escaped(sentence)}**")
        for name, diagnostic in report.diagnostics.items():
            if diagnostic.overall is None:
                continue
            parts.append(f"### {escaped(title(report, name))}")
            if report.source.substituted_for is not None:
                parts.append(f"Stands in for {escaped(report.source.substituted_for)}.")
            parts.append(
                escaped(meaning(diagnostic.types, diagnostic.overall, report.source.kind == "sample"))
            )
            cells = cells_of(diagnostic.types, diagnostic.overall)
            parts.append(_figures(cells, left=2))
        models = models_of(report)
        if models is not None:
            parts.append(f"### {escaped(report.benchmark)}: models beside the bias")
            parts.append(_figures(model_cells(models), left=1))
            parts += [f"- {escaped(sentence)}" for sentence in report.sections[MODELS].sentences]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, also in a table: on one line, without markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _figures(cells: Sequence[tuple[str, ...]], left: int) -> str:
    """A table of text that is escaped; the columns after the first `left` are figures, on the right."""
    return markdown_table([tuple(map(escaped, row)) for row in cells], right=range(left, len(cells[0])))
