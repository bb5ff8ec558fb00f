"""The held-out questions of several adapters answered in one pass over them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tst_harness.diagnostics.llm.data.models import TstTestInstance, TstTrainingDatum
from tst_harness.diagnostics.llm.predictors.base import LLMPredictor, RepliesTogether, Request
from tst_harness.diagnostics.llm.trainable.adapters import (
    AdapterAhead,
    Answers,
    TrainedAdapter,
    data_digest,
)
from tst_harness.diagnostics.llm.trainable.check import check_requests, compare
from tst_harness.errors import EngineError, HarnessError


@dataclass(frozen=True)
class HeldOut:
    """An adapter that was trained, what it was trained on, and the questions that it is to answer."""

    ahead: AdapterAhead
    training_data: Sequence[TstTrainingDatum]
    instances: Sequence[TstTestInstance]


def answer_together(predictor: LLMPredictor, held_out: Sequence[HeldOut]) -> list[Answers | HarnessError]:
    """Answer the questions of k adapters, and check that each changes what the model says, in one pass.

    Parameters
    ----------
    predictor
        One that `RepliesTogether`; left without an adapter, its usage counted anew.
    held_out
        k adapters with their questions.

    Returns
    -------
    k results: the answers or, where an adapter failed its check, the error. What the pass took is shared out
    by the tokens of the prompts; how often memory ran out is told of the first.

    Raises
    ------
    DataError, EngineError
        As for `LLMPredictor.predict`.
    """
    assert isinstance(predictor, RepliesTogether)
    prepared = [predictor.prepare(own.instances) for own in held_out]
    checks = [check_requests(predictor.encoder, own.training_data) for own in held_out]
    requests: list[Request] = []
    owners: list[int | None] = []
    for place, (check, prompts) in enumerate(zip(checks, prepared, strict=True)):
        requests += [*check, *check, *(prompt.request() for prompt in prompts)]
        owners += [None] * len(check) + [place] * (len(check) + len(prompts))
    predictor.ensure_loaded()
    predictor.forget_usage()
    paths = [own.ahead.info.adapter_path for own in held_out]
    replies = iter(predictor.reply_together(requests, owners, paths))
    whole = predictor.take_usage()
    answered: list[Answers | HarnessError] = []
    for own, check, prompts in zip(held_out, checks, prepared, strict=True):
        before, after = ([next(replies) for _ in check] for _ in range(2))
        answers = [next(replies) for _ in prompts]
        usage = whole.share(sum(len(prompt.encoded.ids) for prompt in prompts))
        whole = replace(whole, batch_halved=0)
        ahead = own.ahead
        try:
            passed = compare(before, after, ahead.info, predictor.engine)
        except EngineError as error:
            answered.append(error)
            continue
        digest = data_digest(own.training_data)
        adapter = TrainedAdapter(ahead.info, passed, digest, ahead.memory_not_returned)
        answered.append(Answers(adapter, predictor.results(own.instances, prompts, answers), usage))
    return answered
