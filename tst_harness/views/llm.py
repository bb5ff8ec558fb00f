"""What the terminal says of a language model that was trained on the other folds."""

from collections import Counter
from collections.abc import Iterator

from tst_harness.analysis.figures import duration, interval, memory, percent, signed, verdict
from tst_harness.report.llm_schema import Cost, LLMReport
from tst_harness.report.schema import DiagnosticReport, Interval, OverallScores

_REVISION_DIGITS = 12


def training_meaning(overall: OverallScores, questions: str, baseline: str) -> str:
    """Return what the scores mean to the benchmark's designer.

    A gain over zero-shot alone does not prove a shortcut: a small model that does not answer in the requested
    form starts below chance. So both gains are stated.

    Parameters
    ----------
    overall
        With zero-shot scores.
    questions
        How many there are: "60 questions".
    baseline
        What the baseline is called: "chance".
    """
    delta_interval: Interval = overall.delta_interval or (0.0, 0.0)
    improves, beats_baseline = delta_interval[0] > 0.0, overall.gain_interval[0] > 0.0
    if improves and beats_baseline:
        conclusion = "So training finds shortcuts: answers can be learned from the text alone."
        below = overall.blind_baseline - (overall.zero_shot or 0.0)
        if below > 0.0:
            conclusion += (
                f" Of the gain over zero-shot, {percent(below)} points only bring the model up to {baseline}."
            )
    elif improves:
        conclusion = (
            f"So training taught the model how to answer, but not to beat {baseline}: it finds no shortcut, "
            f"which does not prove that there is none."
        )
    elif beats_baseline:
        conclusion = (
            f"So the model beats {baseline}, but training adds nothing significant: it may have known "
            f"before what it uses."
        )
    else:
        conclusion = "So the model finds no shortcut, which does not prove that there is none."
    return (
        f"After LoRA training on the other folds, the model scores {percent(overall.score)}% on {questions} "
        f"from the text alone ({baseline}: {percent(overall.blind_baseline)}%); zero-shot, it scores "
        f"{percent(overall.zero_shot)}%. The gain over zero-shot is {signed(overall.delta)} points "
        f"{interval(delta_interval)}, {verdict(delta_interval)}; the gain over {baseline} is "
        f"{signed(overall.gain)} points {interval(overall.gain_interval)}, "
        f"{verdict(overall.gain_interval)}. {conclusion}"
    )


def llm_lines(diagnostic: DiagnosticReport) -> Iterator[str]:
    """Yield what finds more than the language model, and then all about the model; nothing without one."""
    for name, paired in diagnostic.beaten_by.items():
        low, high = paired.difference_interval
        yield (
            f"{name} scores more on the same {paired.n:,} questions: {percent(paired.against)}%, "
            f"{signed(-paired.difference)} points {interval((-high, -low))}; the model's score is no measure "
            f"of what {name} finds"
        )
    if diagnostic.llm is not None:
        yield from _model_lines(diagnostic.llm)


def _model_lines(llm: LLMReport) -> Iterator[str]:
    """Yield the model and its engines, what they cost, and what went wrong."""
    revision = "" if llm.model_revision is None else f" at {llm.model_revision[:_REVISION_DIGITS]}"
    model, trainer, predictor = (name or "unknown" for name in (llm.model, llm.trainer, llm.predictor))
    yield f"model: {model}{revision} | trainer {trainer} | predictor {predictor}"
    changing = sum(adapter.check.passed for adapter in llm.adapters)
    adapters = f"{changing} of {len(llm.adapters)} adapters change the model's answers"
    yield f"training: {_cost(llm.training)}; {adapters}"
    yield from _chosen(llm)
    for reason in dict.fromkeys(adapter.without_graphs for adapter in llm.adapters if adapter.without_graphs):
        yield f"trained without CUDA graphs, which takes longer: {reason}"
    inference = [("held-out", llm.inference)]
    if llm.zero_shot is not None:
        inference.append(("zero-shot", llm.zero_shot))
    yield f"inference: {'; '.join(f'{name} {_cost(cost)}' for name, cost in inference)}"
    failures = ", ".join(f"{name} {cost.parse_failures:,} of {cost.questions:,}" for name, cost in inference)
    yield f"answers that could not be parsed: {failures}"
    halved = [("training", llm.training.batch_halved)]
    halved += [(name, cost.batch_halved) for name, cost in inference]
    if any(count for _, count in halved):
        times = ", ".join(f"{name} {count:,}" for name, count in halved)
        yield f"out of memory, batch size halved: {times} times"
    missing = max((adapter.memory_not_returned for adapter in llm.adapters), default=0)
    if missing:
        yield f"GPU memory not freed between folds: at most {memory(missing)}"
    shortened = [("training", sum(adapter.truncated for adapter in llm.adapters))]
    shortened += [(name, cost.truncated) for name, cost in inference]
    if any(count for _, count in shortened):
        counts = ", ".join(f"{name} {count:,}" for name, count in shortened)
        yield f"questions truncated to the maximum length: {counts}"


def _chosen(llm: LLMReport) -> Iterator[str]:
    """Yield what early stopping chose."""
    choices = Counter(
        (adapter.epochs, adapter.learning_rate) for adapter in llm.adapters if adapter.epochs is not None
    )
    if choices:
        counts = "; ".join(
            f"{count:,} of {len(llm.adapters):,} adapters, epoch {epochs} at a learning rate of {rate:g}"
            for (epochs, rate), count in sorted(choices.items())
        )
        yield f"early stopping chose: {counts}"


def _cost(cost: Cost) -> str:
    peak = "" if cost.peak_memory is None else f", peak memory {memory(cost.peak_memory)}"
    pace = []
    if cost.seconds:
        pace.append(f"{cost.tokens / cost.seconds:,.0f} a second")
        if cost.seconds_at_peak is not None:
            pace.append(f"{percent(cost.seconds_at_peak / cost.seconds)}% of the device's peak")
    if cost.padding is not None:
        pace.append(f"{percent(cost.padding / max(1, cost.tokens + cost.padding))}% padding")
    details = f" ({', '.join(pace)})" if pace else ""
    return f"{cost.tokens:,} tokens in {duration(cost.seconds)}{details}{peak}"
