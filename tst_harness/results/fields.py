"""What a record of a results file says: which question it is about, what was answered, and its own score."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from tst_harness.dataset.answers import Invalid, parse_options
from tst_harness.errors import DataError
from tst_harness.results.logs import KEY, VALUE, Entry

_IDS = (KEY, "id", "question_id", "qid", "sample_id", "uid", "uuid", "pid", "idx", "index")
_TEXTS = ("question", "question_text", "text", "query", "problem", "prompt")
_OPTIONS = ("options", "choices", "candidates", "answer_options", "answer_choices")
_TARGETS = ("target", "ground_truth", "gt_answer", "gold", "gt", "label", "answer")
_PREDICTIONS = (
    "prediction",
    "pred",
    "predicted",
    "predicted_answer",
    "pred_answer",
    "parsed_pred",
    "parsed_answer",
    "model_answer",
    "extracted_answer",
    VALUE,
)
_RESPONSES = (
    "response",
    "model_response",
    "resps",
    "completion",
    "output",
    "generated_text",
    "generation",
    "model_output",
)
_SCORES = (
    "score",
    "accuracy",
    "acc",
    "correct",
    "is_correct",
    "exact_match",
    "em",
    "hit",
    "true_false",
    "mra",
)
_NO_METRICS = {
    *_IDS,
    *_TEXTS,
    *_OPTIONS,
    *_TARGETS,
    *_PREDICTIONS,
    *_RESPONSES,
    "arguments",
    "doc",
    "doc_hash",
    "doc_id",
    "filter",
    "filtered_resps",
    "input",
    "metrics",
    "prompt_hash",
    "submission",
    "success",
    "target_hash",
    "token_counts",
}
_ANSWERS = (("pred_answer", "answer"), ("parsed_pred", "answer"))
_MARKS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
"""How inspect_ai writes correct, incorrect, partial and no answer."""


@dataclass(frozen=True)
class Fields:
    """What one record says; None where it does not.

    Attributes
    ----------
    place
        Where it stands.
    ids
        By the name of the field.
    position
        The row of the question in the benchmark's file, from 0.
    text, options, target
        Of the question, and its right answer, as the file has them.
    prediction, response
        What was answered: as a harness read it, and as it was said.
    choice
        The place of the likeliest option.
    scores
        The file's own scores by the names of its metrics.
    filter, epoch
        Of several answers to the same question.
    """

    place: str
    ids: dict[str, str]
    position: int | None = None
    text: str | None = None
    options: tuple[str, ...] | None = None
    target: str | int | float | None = None
    prediction: str | None = None
    response: str | None = None
    choice: int | None = None
    scores: dict[str, float] = field(default_factory=dict)
    filter: str | None = None
    epoch: int | None = None

    @property
    def answer(self) -> str | None:
        """What was answered, in the words of a harness before those of the model."""
        return self.prediction if self.prediction is not None else self.response


def fields_of(entry: Entry) -> Fields:
    """Return what a record says.

    Raises
    ------
    DataError
        It says neither what was answered nor how that scored.
    """
    record = entry.record
    if isinstance(record.get("scores"), dict) and "output" in record:
        fields = _of_inspect(entry.place, record)
    else:
        fields = _of_record(entry.place, record)
    if fields.answer is None and fields.choice is None and not fields.scores:
        raise DataError(
            f"{entry.place}: has neither a prediction, nor a response, nor a score (its fields are "
            f"{', '.join(map(repr, list(record)[:12]))}); give a file with the columns id and prediction"
        )
    return fields


def _of_record(place: str, record: Mapping[str, Any]) -> Fields:
    doc = record.get("doc") if isinstance(record.get("doc"), dict) else {}
    assert isinstance(doc, dict)
    metrics = {
        name: value
        for name, value in record.items()
        if name not in ("doc", "arguments", "submission") and isinstance(value, dict)
    }
    holders: list[tuple[str, Mapping[str, Any]]] = [
        ("", record),
        *([("doc.", doc)] if doc else []),
        *((f"{name}.", value) for name, value in metrics.items()),
    ]
    answered = [(path, holder) for path, holder in holders if path != "doc."]
    likeliest = _likeliest(record.get("filtered_resps", record.get("resps")))
    prediction = next(
        (
            text
            for _, holder in answered
            for name in _PREDICTIONS
            if name in holder and (text := _spoken(holder.get(name))) is not None
        ),
        None,
    )
    if prediction is None and likeliest is None:
        prediction = _spoken(record.get("filtered_resps"))
    response = None
    if likeliest is None:
        response = next(
            (text for name in _RESPONSES if (text := _spoken(record.get(name))) is not None), None
        )
    scores = dict(_scores(record))
    target = _target(record) or _target(doc)
    if prediction is None and response is None and likeliest is None and not scores:
        # A list of submissions has nothing but ids and answers, so these are the model's.
        prediction, target = _spoken(record.get("answer")), None
    return Fields(
        place=place,
        ids={f"{path}{name}": text for path, holder in holders for name, text in _ids(holder)},
        position=_integer(record.get("doc_id")),
        text=_text(record) or _text(doc),
        options=_options(record) or _options(doc),
        target=target,
        prediction=prediction,
        response=response,
        choice=likeliest,
        scores=scores,
        filter=_spoken(record.get("filter")),
        epoch=_integer(record.get("epoch")),
    )


def _of_inspect(place: str, record: Mapping[str, Any]) -> Fields:
    output = record["output"] if isinstance(record["output"], dict) else {}
    scores, answer = {}, None
    for name, score in record["scores"].items():
        value = score.get("value") if isinstance(score, dict) else score
        number = _MARKS.get(value) if isinstance(value, str) else None
        if number is None:
            number = _number(value)
        if number is not None:
            scores[str(name)] = number
        if answer is None and isinstance(score, dict):
            answer = _spoken(score.get("answer"))
    return Fields(
        place=place,
        ids=dict(_ids(record)),
        text=_said_to_model(record.get("input")),
        options=_options(record),
        target=_target({"target": record.get("target")}),
        prediction=answer,
        response=_spoken(output.get("completion")),
        scores=scores,
        epoch=_integer(record.get("epoch")),
    )


def _said_to_model(value: Any) -> str | None:
    """The question, or what the user says first of a conversation."""
    if isinstance(value, list):
        turns = (turn for turn in value if isinstance(turn, dict) and turn.get("role") == "user")
        content = next(turns, {}).get("content")
        if isinstance(content, list):
            texts = [part.get("text") for part in content if isinstance(part, dict)]
            content = "\n".join(text for text in texts if isinstance(text, str))
        value = content
    return value if isinstance(value, str) and value.strip() else None


def _ids(holder: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _IDS:
        value = holder.get(name)
        if value is None:
            continue
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            yield name, str(value)


def _text(holder: Mapping[str, Any]) -> str | None:
    return next((holder[name] for name in _TEXTS if isinstance(holder.get(name), str)), None)


def _options(holder: Mapping[str, Any]) -> tuple[str, ...] | None:
    for name in _OPTIONS:
        value = holder.get(name)
        if value is None:
            continue
        if isinstance(value, dict):
            value = json.dumps(value)
        if isinstance(value, list | tuple):
            value = tuple("" if option is None else str(option) for option in value)
        if isinstance(value, str | tuple) and value:
            options = parse_options(value)
            if not isinstance(options, Invalid):
                return options
    if holder.get("A") in (None, ""):
        return None
    cells = [
        str(holder[letter]).strip() for letter in ascii_uppercase if holder.get(letter) not in (None, "")
    ]
    return tuple(cells) if len(cells) > 1 else None


def _target(holder: Mapping[str, Any]) -> str | int | float | None:
    for name in _TARGETS:
        value = holder.get(name)
        if value is None:
            continue
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return value
    return None


def _likeliest(value: Any) -> int | None:
    """The place of the option with the highest likelihood, where a log has one and a flag for each."""
    if not isinstance(value, list):
        return None
    pairs = [item[0] if isinstance(item, list) and len(item) == 1 else item for item in value]
    if len(pairs) < 2 or any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs):
        return None
    likelihoods = [_number(pair[0]) for pair in pairs]
    if any(number is None for number in likelihoods):
        return None
    numbers = [number for number in likelihoods if number is not None]
    return numbers.index(max(numbers))


def _spoken(value: Any) -> str | None:
    """An answer as text: the first of a list; None where there is none."""
    while isinstance(value, list | tuple):
        if not value:
            return None
        value = value[0]
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _integer(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        if value.strip().casefold() in ("true", "false"):
            return float(value.strip().casefold() == "true")
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _scores(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    if (score := _number(record.get("score"))) is not None:
        yield "score", score
        return
    is_log = "doc_id" in record
    named = record.get("metrics") if isinstance(record.get("metrics"), list) else None
    for name, value in record.items():
        if named is not None and name not in named:
            continue
        if isinstance(value, dict):
            if is_log and name not in _NO_METRICS:
                for inner, score in _within(value):
                    yield f"{name}.{inner}", score
        elif (name.casefold() in _SCORES or (is_log and name not in _NO_METRICS)) and (
            score := _number(value)
        ) is not None:
            yield name, score


def _within(metric: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in metric.items():
        if (name in _SCORES or name.startswith("MRA")) and (score := _number(value)) is not None:
            yield name, score
            return
    for predicted, gold in _ANSWERS:
        if predicted in metric and gold in metric:
            yield predicted, float(metric[predicted] == metric[gold])
            return
