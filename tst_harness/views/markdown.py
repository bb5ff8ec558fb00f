"""A session's reports and gates as Markdown, for the page of a CI run."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tst_harness.errors import HarnessError
from tst_harness.report.files import write_atomically
from tst_harness.report.schema import GateReport, Report
from tst_harness.views.gates import gate_sentence
from tst_harness.views.models import tables_of_models
from tst_harness.views.shortcuts import most_worth
from tst_harness.views.tables import markdown_table
from tst_harness.views.terminal import cells_of, meaning, title
from tst_harness.views.verdict import verdict_sentence

MARK = "<!-- tst-harness -->"
"""What a comment with a summary begins with, so that the next run finds it."""
_RUN = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
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
    parts = [f"{MARK}\n## Benchmark bias"]
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
            parts += [f"Strongest shortcut: {escaped(rule)}." for rule in most_worth(diagnostic, 1)]
            cells = cells_of(diagnostic.types, diagnostic.overall)
            parts.append(_figures(cells, left=2))
        parts += beside_the_bias(report)
    if link := _run_link():
        parts.append(f"[Reports and pages of this run]({link})")
    return "\n\n".join(parts) + "\n"


def _run_link() -> str | None:
    """The page of a run on GitHub, where what it uploads can be had; None elsewhere."""
    server, repository, run = map(os.environ.get, _RUN)
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else None


def beside_the_bias(report: Report) -> Iterator[str]:
    """Yield a heading, a table and sentences on models: those asked without picture, and results."""
    for name, heading, cells in tables_of_models(report):
        yield f"### {escaped(heading)}"
        yield markdown_table([tuple(map(escaped, row)) for row in cells], right=range(1, len(cells[0])))
        yield "\n".join(
            f"{'  ' * sentence.startswith('- ')}- {escaped(sentence.removeprefix('- '))}"
            for sentence in report.sections[name].sentences
        )


def is_wanted(given: Path | None) -> bool:
    """Whether a summary is asked for, or shown by a CI run."""
    return given is not None or bool(os.environ.get(_STEP_SUMMARY))


def share(text: str, given: Path | None) -> list[str]:
    """Write a summary where it is asked for, append it to that of a CI run, and return what went wrong."""
    problems = []
    if given is not None:
        try:
            write_atomically(given, text)
        except HarnessError as error:
            problems.append(f"no summary was written: {error}")
    if step := os.environ.get(_STEP_SUMMARY):
        try:
            with Path(step).open("a", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            problems.append(f"no summary was written to {_STEP_SUMMARY}: {error}")
    return problems


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, also in a table: on one line, without markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _figures(cells: Sequence[tuple[str, ...]], left: int) -> str:
    """A table of text that is escaped; the columns after the first `left` are figures, on the right."""
    return markdown_table([tuple(map(escaped, row)) for row in cells], right=range(left, len(cells[0])))
