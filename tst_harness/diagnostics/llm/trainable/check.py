"""A model is not trusted to have learned: whether an adapter changes what it says."""

import math
from collections.abc import Sequence

from tst_harness.diagnostics.llm.data.encoding import PromptEncoder
from tst_harness.diagnostics.llm.data.models import AdapterCheck, LoRAAdapterInfo, TstTrainingDatum
from tst_harness.diagnostics.llm.predictors.base import LETTERS, LLMPredictor, Reply, Request
from tst_harness.errors import EngineError

PROMPTS = 8
_LETTERS = 4
LEAST_CHANGE = 1e-4
"""An adapter that moves no probability by more than this was not applied, whatever it was trained on."""


def check_adapter(
    predictor: LLMPredictor, info: LoRAAdapterInfo, training_data: Sequence[TstTrainingDatum]
) -> AdapterCheck:
    """Put an adapter on, and check that it changes the probabilities of the answers' first tokens.

    An engine that silently ignores its adapter would make every benchmark look unbiased.

    Parameters
    ----------
    predictor
        Left with the adapter on, its usage counted anew.
    info
        The adapter.
    training_data
        What it was trained on; the prompts are taken from all over it.

    Raises
    ------
    EngineError
        Nothing changes, or the model says no numbers any more.
    """
    requests = check_requests(predictor.encoder, training_data)
    predictor.unload_adapter()
    before = predictor.reply(requests)
    predictor.load_adapter(info.adapter_path)
    after = predictor.reply(requests)
    predictor.forget_usage()
    return compare(before, after, info, predictor.engine)


def compare(
    before: Sequence[Reply], after: Sequence[Reply], info: LoRAAdapterInfo, engine: str
) -> AdapterCheck:
    """Check that an adapter changes the probabilities of the answers' first tokens.

    Parameters
    ----------
    before, after
        An engine's replies to `check_requests`, of the base model and with the adapter.
    info
        The adapter.
    engine
        The engine's name.

    Raises
    ------
    EngineError
        As for `check_adapter`.
    """
    changes = [
        abs(new - old)
        for old_reply, new_reply in zip(before, after, strict=True)
        for old, new in zip(_shares(old_reply), _shares(new_reply), strict=True)
    ]
    name = info.fold_id or info.adapter_path.name
    if not all(map(math.isfinite, changes)):
        raise EngineError(
            f"with the adapter of {name} the model gives no probabilities but NaN: its training diverged; "
            "lower the learning rate (learning_rate)"
        )
    largest = max(changes)
    if largest <= LEAST_CHANGE:
        raise EngineError(
            f"the adapter of {name} changes no probability of an answer by more than {LEAST_CHANGE:g} (at "
            f"most {largest:.1e}, on {len(before)} prompts it was trained on): {engine} ignores "
            "the adapter, or it learned nothing; train longer (num_epochs) or with a higher "
            "learning_rate, or use another predictor"
        )
    return AdapterCheck(prompts=len(before), largest_change=min(1.0, largest), passed=True)


def _shares(reply: Reply) -> list[float]:
    """How the probability of all candidates together is shared among them."""
    top = max(reply.logprobs)
    relative = [math.exp(value - top) for value in reply.logprobs]
    return [value / sum(relative) for value in relative]


def check_requests(encoder: PromptEncoder, data: Sequence[TstTrainingDatum]) -> list[Request]:
    """Return what is asked to check an adapter, of training questions from all over the data."""
    count = min(PROMPTS, len(data))
    chosen = [data[place * len(data) // count] for place in range(count)]
    letters = [datum.response for datum in chosen if _is_letter(datum.response)]
    # Where all answers are one letter, others are needed to tell that its share has grown.
    options = encoder.letters(max(_LETTERS, LETTERS.index(max(letters)) + 1)) if letters else []
    requests = []
    for datum in chosen:
        prompt = encoder.prompt(datum.instruction, datum.metadata.get("question")).ids
        if _is_letter(datum.response):
            tokens = [token for option in options for token in option]
        else:
            tokens = encoder.first_tokens([datum.response, *"0123456789"])
        requests.append(Request(prompt, tuple(dict.fromkeys(tokens))))
    return requests


def _is_letter(response: str) -> bool:
    return len(response) == 1 and response in LETTERS
