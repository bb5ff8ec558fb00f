"""The layouts of harnesses whose records are nested in ways of their own, told by what a record holds."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tst_harness.errors import DataError
from tst_harness.results.chats import completion, is_completion, llava_answer
from tst_harness.results.fields import KEY, Fields, ids_of, options_of, plain_fields, target_of
from tst_harness.results.values import (
    as_list,
    as_object,
    conversation,
    highest,
    integer,
    likeliest,
    number,
    spoken,
)

Record = Mapping[str, Any]

_MARKS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
"""How inspect_ai writes correct, incorrect, partial and no answer."""


class NoAnswerError(DataError):
    """A record says neither what was answered nor how that scored."""


class Harness(NamedTuple):
    """A layout: who writes it, whether a record has it, and what such a record says."""

    name: str
    fits: Callable[[Record], bool]
    read: Callable[[str, Record], Fields]


def harness_of(record: Record, form: str) -> str:
    """Name the harness that wrote a record, or the form of its file where that is not known."""
    harness = _nested(record)
    if harness is not None:
        return harness.name
    if "doc_id" in record and ("resps" in record or "filtered_resps" in record):
        by_lm_eval = "metrics" in record or "filter" in record
        return f"sample log of {'lm-evaluation-harness' if by_lm_eval else 'lmms-eval'}"
    if "index" in record and "question" in record and ("prediction" in record or "hit" in record):
        return f"result table of VLMEvalKit ({form})"
    return form


def fields_of(place: str, record: Record) -> Fields:
    """Return what a record says.

    Raises
    ------
    NoAnswerError
        It says neither what was answered nor how that scored.
    DataError
        It is of a kind that is not read.
    """
    harness = _nested(record)
    fields = plain_fields(place, record) if harness is None else harness.read(place, record)
    if fields.answer is None and fields.choice is None and not fields.scores:
        raise NoAnswerError(
            f"{place}: has neither a prediction, nor a response, nor a score (its fields are "
            f"{', '.join(map(repr, list(record)[:12]))}); give a file with the columns id and prediction"
        )
    return fields


def _nested(record: Record) -> Harness | None:
    return next((harness for harness in _HARNESSES if harness.fits(record)), None)


def _numbers(scores: Record) -> dict[str, float]:
    return {str(name): score for name, value in scores.items() if (score := number(value)) is not None}


def _position(value: Any, name: str) -> tuple[int, str] | None:
    row = integer(value)
    return None if row is None else (row, name)


def _inspect(place: str, record: Record) -> Fields:
    scores, answer = {}, None
    for name, score in as_object(record, "scores").items():
        value = score.get("value") if isinstance(score, dict) else score
        mark = _MARKS.get(value) if isinstance(value, str) else None
        points = number(value) if mark is None else mark
        if points is not None:
            scores[str(name)] = points
        if answer is None and isinstance(score, dict):
            answer = spoken(score.get("answer"))
    text = conversation(record.get("input"))
    return Fields(
        place=place,
        ids=dict(ids_of(record)),
        text=text,
        prompt=text,
        options=options_of(record),
        target=target_of({"target": record.get("target")}),
        prediction=answer,
        # A sample that failed says nothing.
        response=spoken(as_object(record, "output").get("completion")) or None,
        scores=scores,
        epoch=integer(record.get("epoch")),
    )


def _helm(place: str, record: Record) -> Fields:
    if record.get("reference_index") is not None:
        raise DataError(
            f"{place}: asks for the likelihood of each option by itself, which is not read; run HELM with "
            "multiple_choice_joint, or give a file with the columns id and prediction"
        )
    instance, mapping = as_object(record, "instance"), as_object(record, "output_mapping")
    completions = as_list(as_object(record, "result"), "completions")
    completion = conversation(completions[0]) if completions else None
    right = [
        as_object(reference, "output").get("text")
        for reference in as_list(instance, "references")
        if "correct" in as_list(reference, "tags")
    ]
    reply = None if completion is None else completion.strip()
    return Fields(
        place=place,
        ids=dict(ids_of(instance)),
        text=conversation(instance.get("input")),
        prompt=conversation(as_object(record, "request").get("prompt")),
        options=options_of({"options": mapping}),
        target=right[0] if len(right) == 1 else None,
        prediction=None if reply is None else spoken(mapping.get(reply)),
        response=reply,
        epoch=integer(record.get("train_trial_index")),
    )


def _evalscope_review(place: str, record: Record) -> Fields:
    sample = as_object(record, "sample_score")
    score = as_object(sample, "score")
    main, scores = score.get("main_score_name"), _numbers(as_object(score, "value"))
    # Samples that are asked again have ids of their own, and share a group.
    group = sample.get("group_id")
    text = conversation(record.get("input"))
    return Fields(
        place=place,
        ids=dict(
            ids_of({"id": as_object(sample, "sample_metadata").get("id"), "index": record.get("index")})
        ),
        position=_position(record.get("index") if group is None else group, "index"),
        text=text,
        prompt=text,
        target=target_of({"target": record.get("target")}),
        prediction=spoken(score.get("extracted_prediction")) or None,
        response=spoken(score.get("prediction")),
        scores={main: scores[main]} if main in scores else scores,
        epoch=None if group is None else integer(sample.get("sample_id")),
    )


def _evalscope_prediction(place: str, record: Record) -> Fields:
    choices = as_list(as_object(record, "model_output"), "choices")
    content = as_object(choices[0], "message").get("content") if choices else None
    return Fields(
        place=place,
        ids=dict(ids_of(record)),
        position=_position(record.get("index"), "index"),
        prompt=conversation(record.get("messages")),
        # What a model says, whoever is asked.
        response=conversation(content),
    )


def _evalscope_choices(place: str, record: Record) -> Fields:
    """As evalscope before 1.0 has reviews: the question in `raw_input`, the review in the first choice."""
    choice, doc = record["choices"][0], as_object(record, "raw_input")
    review = as_object(choice, "review")
    question = plain_fields(place, {"doc": doc, "prediction": ""})
    score = number(review.get("result"))
    return Fields(
        place=place,
        ids={**question.ids, **dict(ids_of(record))},
        position=_position(record.get("index"), "index"),
        text=question.text,
        options=question.options,
        target=target_of(review) or question.target,
        prediction=spoken(review.get("pred")),
        response=spoken(as_object(choice, "message").get("content")),
        scores={} if score is None else {"result": score},
    )


def _lighteval(place: str, record: Record) -> Fields:
    """The details of lighteval before 0.10: a column a field."""
    choices = as_list(record, "choices")
    return _of_lighteval(
        place,
        {
            "query": record.get("example"),
            "choices": choices,
            "gold_index": record.get("gold_index"),
            "gold": as_list(record, "gold"),
        },
        prompt=record.get("full_prompt"),
        answers=as_list(record, "predictions"),
        metrics=as_object(record, "metrics"),
    )


def _lighteval_nested(place: str, record: Record) -> Fields:
    """The details of lighteval since: a document, a response and a metric, with underscores or without."""
    doc, response, metric = (
        as_object(record, f"__{name}__") or as_object(record, name) for name in _LIGHTEVAL
    )
    answers = as_list(response, "text") or as_list(response, "logprobs")
    return _of_lighteval(
        place, doc, prompt=response.get("input") or doc.get("full_prompt"), answers=answers, metrics=metric
    )


_LIGHTEVAL = ("doc", "model_response", "metric")


def _of_lighteval(place: str, doc: Record, *, prompt: Any, answers: list[Any], metrics: Record) -> Fields:
    choices = as_list(doc, "choices")
    gold = as_list(doc, "gold_index")
    place_of_gold = integer(gold[0]) if len(gold) == 1 else None
    target = None
    if place_of_gold is not None and place_of_gold < len(choices):
        target = spoken(choices[place_of_gold])
    # One request an option, or one for all of them.
    choice = (likeliest(answers) if likeliest(answers) is not None else highest(answers)) if choices else None
    if len(answers) != len(choices):
        choice = None
    query = conversation(doc.get("query"))
    return Fields(
        place=place,
        ids={},
        text=query,
        prompt=query or conversation(prompt),
        options=options_of({"options": choices}),
        target=target if target is not None else target_of(doc),
        response=spoken(answers) if choice is None else None,
        choice=choice,
        scores=_numbers(metrics),
    )


def _opencompass(place: str, record: Record) -> Fields:
    row = record.get(KEY, record.get("idx"))
    label = integer(record.get("pred_label"))
    return Fields(
        place=place,
        ids=dict(ids_of(record)),
        position=_position(row, KEY if KEY in record else "idx"),
        prompt=conversation(record.get("origin_prompt")),
        options=options_of(record),
        target=target_of(record),
        prediction=None if label is not None else spoken(record.get("prediction")),
        choice=label,
    )


def _opencompass_details(place: str, record: Record) -> Fields:
    correct = number(record.get("correct"))
    return Fields(
        place=place,
        ids=dict(ids_of(record)),
        position=_position(record.get(KEY), KEY),
        prompt=conversation(record.get("prompt")),
        target=target_of({"target": record.get("references", record.get("answer"))}),
        prediction=spoken(record.get("predictions", record.get("pred"))),
        response=spoken(record.get("origin_prediction")),
        scores={} if correct is None else {"correct": correct},
    )


def _first_choice(record: Record) -> bool:
    choices = record.get("choices")
    return (
        isinstance(choices, list)
        and bool(choices)
        and isinstance(choices[0], dict)
        and ("review" in choices[0])
    )


_HARNESSES = (
    Harness(
        "log of inspect_ai",
        lambda record: (
            "output" in record
            and (isinstance(record.get("scores"), dict) or {"epoch", "input", "target"} <= record.keys())
        ),
        _inspect,
    ),
    Harness(
        "scenario state of HELM",
        lambda record: isinstance(record.get("instance"), dict) and "request" in record,
        _helm,
    ),
    Harness(
        "reviews of evalscope", lambda record: isinstance(record.get("sample_score"), dict), _evalscope_review
    ),
    Harness(
        "predictions of evalscope",
        lambda record: isinstance(record.get("model_output"), dict) and "index" in record,
        _evalscope_prediction,
    ),
    Harness("reviews of evalscope", _first_choice, _evalscope_choices),
    Harness(
        "details of lighteval",
        lambda record: "full_prompt" in record and "predictions" in record and "metrics" in record,
        _lighteval,
    ),
    Harness(
        "details of lighteval",
        lambda record: all(name in record or f"__{name}__" in record for name in _LIGHTEVAL),
        _lighteval_nested,
    ),
    Harness("answers of LLaVA", lambda record: "answer_id" in record and "text" in record, llava_answer),
    Harness(
        "batch of chat completions",
        is_completion,
        completion,
    ),
    Harness(
        "predictions of OpenCompass",
        lambda record: "origin_prompt" in record and ("prediction" in record or "pred_label" in record),
        _opencompass,
    ),
    Harness(
        "details of OpenCompass",
        lambda record: "origin_prediction" in record and "prompt" in record,
        _opencompass_details,
    ),
)


def requests_of_helm(states: list[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The requests of a run that ask a question as it is, with their places from 1."""
    for place, state in enumerate(states, 1):
        if (
            isinstance(state, dict)
            and state.get("request_mode") != "calibration"
            and not as_object(as_object(state, "instance"), "perturbation")
        ):
            yield place, state
