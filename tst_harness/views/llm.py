"""What the terminal says of a language model that was trained on the other folds."""

from collections.abc import Iterator

from tst_harness.report.schema import Cost, Interval, LLMReport, OverallScores, TypeScores
from tst_harness.views.figures import duration, interval, memory, percent, signed, verdict

ZERO_SHOT_HEADINGS = ("question type", "fmt", "n", "zero-shot", "held-out [95%]", "delta [95%]")
_REVISION_DIGITS = 12


def zero_shot_rows(types: dict[str, TypeScores], overall: OverallScores) -> list[tuple[str, ...]]:
    """Return the cells under `ZERO_SHOT_HEADINGS`: each type, the largest delta first, and both means."""
    by_delta = sorted(types.items(), key=lambda item: (-(item[1].delta or 0.0), item[0]))
    return [
        *(
            (
                name,
                scores.format,
                str(scores.n),
                percent(scores.zero_shot),
                f"{percent(scores.score)} {interval(scores.interval)}",
                f"{signed(scores.delta)} {interval(scores.delta_interval)}",
            )
            for name, scores in by_delta
        ),
        (
            "weighted mean",
            "",
            str(overall.n),
            percent(overall.zero_shot),
            f"{percent(overall.score)} {interval(overall.interval)}",
            f"{signed(overall.delta)} {interval(overall.delta_interval)}",
        ),
        (
            "macro mean",
            "",
            "",
            percent(overall.macro_zero_shot),
            f"{percent(overall.macro_score)} {interval(overall.macro_interval)}",
            f"{signed(overall.macro_delta)} {interval(overall.macro_delta_interval)}",
        ),
    ]


def training_meaning(overall: OverallScores, solved: str, baseline: str) -> str:
    """Return what the scores mean to who designed the benchmark.

    A gain over zero-shot alone is no proof of shortcuts: a small model that does not answer in the form asked
    for starts below chance. So both gains are judged.

    Parameters
    ----------
    overall
        With zero-shot scores.
    solved
        What the score is a share of: "of the 60 questions can be answered without looking".
    baseline
        What the baseline is called: "chance".
    """
    delta_interval: Interval = overall.delta_interval or (0.0, 0.0)
    learnt, beats = delta_interval[0] > 0.0, overall.gain_interval[0] > 0.0
    if learnt and beats:
        conclusion = "So training finds shortcuts: answers can be learnt from the text alone."
        below = overall.baseline - (overall.zero_shot or 0.0)
        if below > 0.0:
            conclusion += (
                f" Of the gain over zero-shot, {percent(below)} points only bring the model up to {baseline}."
            )
    elif learnt:
        conclusion = (
            f"So training taught the model how to answer, but not to beat {baseline}: it finds no shortcut, "
            f"which is no proof that there is none."
        )
    elif beats:
        conclusion = (
            f"So the model beats {baseline}, but not demonstrably by training: what it uses it may have "
            f"known before."
        )
    else:
        conclusion = "So the model finds no shortcut, which is no proof that there is none."
    return (
        f"After LoRA training on the other folds, {percent(overall.score)}% {solved}; zero-shot the same "
        f"model gets {percent(overall.zero_shot)}%, and {baseline} {'is' if baseline == 'chance' else 'get'} "
        f"{percent(overall.baseline)}%. The gain over zero-shot of {signed(overall.delta)} "
        f"{interval(delta_interval)} points is {verdict(delta_interval)}; that over {baseline} of "
        f"{signed(overall.gain)} {interval(overall.gain_interval)} points is "
        f"{verdict(overall.gain_interval)}. {conclusion}"
    )


def model_lines(llm: LLMReport) -> Iterator[str]:
    """Yield what was trained with what, what it took, and what went wrong."""
    revision = "" if llm.model_revision is None else f" at {llm.model_revision[:_REVISION_DIGITS]}"
    model, trainer, predictor = (name or "unknown" for name in (llm.model, llm.trainer, llm.predictor))
    yield f"model: {model}{revision} | trainer {trainer} | predictor {predictor}"
    changing = sum(adapter.check.passed for adapter in llm.adapters)
    adapters = f"{changing} of {len(llm.adapters)} adapters change the model's answers"
    yield f"training: {_cost(llm.training)}; {adapters}"
    asked = [("held-out", llm.inference)]
    if llm.zero_shot is not None:
        asked.append(("zero-shot", llm.zero_shot))
    yield f"inference: {'; '.join(f'{name} {_cost(cost)}' for name, cost in asked)}"
    failures = ", ".join(f"{name} {cost.parse_failures:,} of {cost.questions:,}" for name, cost in asked)
    yield f"without an answer: {failures}"
    halved = [("training", llm.training.batch_halved)]
    halved += [(name, cost.batch_halved) for name, cost in asked]
    if any(count for _, count in halved):
        times = ", ".join(f"{name} {count:,}" for name, count in halved)
        yield f"out of memory, went on with smaller batches: {times} times"
    missing = max((adapter.memory_not_returned for adapter in llm.adapters), default=0)
    if missing:
        yield f"not given back between folds: {memory(missing)} of the device's memory at most"
    shortened = [("training", sum(adapter.truncated for adapter in llm.adapters))]
    shortened += [(name, cost.truncated) for name, cost in asked]
    if any(count for _, count in shortened):
        yield f"shortened to fit: {', '.join(f'{name} {count:,}' for name, count in shortened)} questions"


def _cost(cost: Cost) -> str:
    peak = "" if cost.peak_memory is None else f", peak memory {memory(cost.peak_memory)}"
    return f"{cost.tokens:,} tokens in {duration(cost.seconds)}{peak}"
