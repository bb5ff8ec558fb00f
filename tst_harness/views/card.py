"""What a dataset's own page says about its bias: a paragraph, a table, how it was measured, and a badge."""

from collections.abc import Iterator

import jinja2

from tst_harness.analysis.figures import percent
from tst_harness.errors import ReportError
from tst_harness.report.schema import DiagnosticReport, OverallScores, Report
from tst_harness.views.markdown import beside_the_bias, escaped
from tst_harness.views.tables import markdown_table
from tst_harness.views.terminal import cells_of, meaning
from tst_harness.views.verdict import comparable

_PAPER = "[Test-set Stress-Test](https://arxiv.org/abs/2511.04655)"
# Average widths of the letters of a sans-serif face of 11 pixels.
_LETTER_WIDTH = 6.5
_MARGIN = 6
_LABEL = "text only"
_BADGE = jinja2.Template(
    """\
<svg xmlns="http://www.w3.org/2000/svg" width="{{ label + value }}" height="20" role="img" \
aria-label="{{ title }}">
<title>{{ title }}</title>
<rect width="{{ label }}" height="20" fill="#444"/>
<rect x="{{ label }}" width="{{ value }}" height="20" fill="#1f5fa8"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{{ label / 2 }}" y="14">{{ left }}</text>
<text x="{{ label + value / 2 }}" y="14">{{ right }}</text>
</g>
</svg>
""",
    autoescape=True,
)


def card(report: Report, badge: str) -> str:
    """Return the card as Markdown.

    Parameters
    ----------
    report
        Of a benchmark.
    badge
        Where the badge lies, as the card links it.

    Raises
    ------
    ReportError
        No diagnostic of the report is complete.
    """
    name, diagnostic, overall = strongest(report)
    parts = [f"## What text alone gives away in {escaped(report.title)}"]
    if report.null_control:
        parts.append("**A null control: answers were permuted, so these are no scores of the benchmark.**")
    if report.source.kind == "sample":
        parts.append(f"**Measured on the sample of tst-harness, not on {escaped(report.title)}.**")
    parts.append(f"![{_badge_title(overall)}]({badge})")
    parts.append(escaped(meaning(diagnostic.types, overall, report.source.kind == "sample")))
    cells = cells_of(diagnostic.types, overall)
    parts.append(markdown_table([tuple(map(escaped, row)) for row in cells], right=range(2, 6)))
    parts.append(" ".join(method(report, name)))
    parts += beside_the_bias(report)
    return "\n\n".join(parts) + "\n"


def badge(report: Report) -> str:
    """Return the badge as SVG: the score of the strongest diagnostic beside that of guessing.

    Raises
    ------
    ReportError
        No diagnostic of the report is complete.
    """
    _, _, overall = strongest(report)
    right = f"{percent(overall.score)} | guessing {percent(overall.blind_baseline)}"
    image: str = _BADGE.render(
        left=_LABEL, right=right, title=_badge_title(overall), label=_width(_LABEL), value=_width(right)
    )
    return image


def _width(text: str) -> int:
    return round(len(text) * _LETTER_WIDTH) + 2 * _MARGIN


def _badge_title(overall: OverallScores) -> str:
    return f"text only {percent(overall.score)}, guessing {percent(overall.blind_baseline)}"


def strongest(report: Report) -> tuple[str, DiagnosticReport, OverallScores]:
    """Return the complete diagnostic with the highest score, the bound on what text gives away, and its name.

    Raises
    ------
    ReportError
        No diagnostic of the report is complete.
    """
    scored = comparable(report)
    if not scored:
        raise ReportError(f"no diagnostic of {report.benchmark} is complete, so there is no score to show")
    return max(scored, key=lambda item: item[2].score)


def method(report: Report, diagnostic: str) -> Iterator[str]:
    """Yield sentences on how a diagnostic measured what a report says."""
    settings, source = report.settings, report.source
    revision = f" at {source.revision}" if source.revision else ""
    version = report.versions.get("tst-harness", "")
    repeats = f", {settings.repeats} repeats" if settings.repeats > 1 else ""
    yield (
        f"Measured with tst-harness {version} by the {_PAPER}: the diagnostic `{diagnostic}` is trained on "
        "the text of the other folds of the test set and answers the held-out questions "
        f"({settings.folds} folds, seed {settings.seed}{repeats})."
    )
    yield f"Data: {escaped(source.location + revision)}, content `{source.fingerprint.content[:12]}`."
    yield "A score is a lower bound on what can be answered without looking. Intervals are 95%."
