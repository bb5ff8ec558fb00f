"""The data card of a pruned benchmark, to be put on its page: how it was made, and what it is worth."""

from collections import Counter
from collections.abc import Iterator

from tst_harness.analysis.figures import interval, percent, signed
from tst_harness.pruning.schema import PruningReport
from tst_harness.views.pruning import STOPPED
from tst_harness.views.pruning_controls import HEADINGS, control_rows, meaning_lines
from tst_harness.views.tables import markdown_table


def data_card(report: PruningReport) -> str:
    """Return the card as Markdown."""
    return "\n".join([*_made(report), *_scores(report), *_controls(report), *_use(report), ""])


def _made(report: PruningReport) -> Iterator[str]:
    n, removed = len(report.removed) + len(report.kept), len(report.removed)
    yield f"## {report.title}, pruned"
    yield ""
    if report.source.substituted_for is not None:
        yield f"**Made from tst-harness's bundled sample, not from {report.title}.**"
        yield ""
    if report.null_control:
        yield "**A negative control: answers were permuted before the pruning.**"
        yield ""
    revision = f" at {report.source.revision}" if report.source.revision else ""
    content, tool = report.source.fingerprint.content[:12], report.versions.get("tst-harness", "")
    yield (
        f"{removed:,} of {n:,} questions of {report.source.location}{revision} (content {content}) were "
        f"removed by Iterative Bias Pruning (Brown et al., arXiv 2511.04655) with tst-harness {tool}: "
        "text-only models are trained on the other folds of the test set itself, the questions that they "
        "answer best are removed, and the rest is diagnosed again, in "
        f"{len(report.iterations) - 1} iterations; {STOPPED[report.stopped]}."
    )
    yield ""
    settings = report.settings.model_dump(mode="json", exclude_none=True)
    used = {
        **settings,
        "rank": report.ranked_by,
        **report.diagnosis.model_dump(mode="json", exclude_none=True),
    }
    yield f"Settings: {', '.join(f'{name} {_value(value)}' for name, value in used.items())}."
    yield ""
    types = Counter(question.type for step in report.iterations for question in step.removed)
    yield f"Removed by type: {', '.join(f'{name} {types[name]:,}' for name in sorted(types)) or 'none'}."
    yield ""


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={number}" for name, number in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scores(report: PruningReport) -> Iterator[str]:
    headings = (report.settings.diagnostic, "questions", "score [95%]", "gain over the blind baseline [95%]")
    rows: list[tuple[str, ...]] = [headings]
    for name, overall in (("all questions", report.before.overall), ("pruned", report.after.overall)):
        score = f"{percent(overall.score)} {interval(overall.interval)}"
        gain = f"{signed(overall.gain)} {interval(overall.gain_interval)}"
        rows.append((name, f"{overall.n:,}", score, gain))
    yield markdown_table(rows, right=(1,))
    yield ""


def _controls(report: PruningReport) -> Iterator[str]:
    if report.controls is None:
        return
    yield markdown_table([HEADINGS, *control_rows(report.controls)], right=(2, 3))
    yield ""
    for line in meaning_lines(report.controls):
        yield f"{line}."
        yield ""


def _use(report: PruningReport) -> Iterator[str]:
    yield (
        "Report results on both versions, all questions and the pruned ones: which questions went depends on "
        "the models that chose them. That a question was removed does not make it wrong, and that one was "
        "kept does not mean that it needs the image. The scores after pruning by the same "
        f"{report.settings.diagnostic} that chose are rather too low; those of another learner are the "
        "fairer test."
    )
