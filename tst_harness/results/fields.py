"""What a record of a results file says: which question it is about, what was answered, and its own score."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import ascii_uppercase
from typing import Any

from tst_harness.analysis.scoring import LETTERS
from tst_harness.dataset.answers import Invalid, parse_options
from tst_harness.results.values import all_spoken, conversation, integer, likeliest, number, said_last, spoken

KEY = "$key"
"""Where the id stands in a record of a document that is an object of records."""
VALUE = "$value"

_IDS = (KEY, "id", "question_id", "qid", "sample_id", "uid", "uuid", "pid", "idx", "index")
_TEXTS = ("question", "question_text", "text", "query", "problem", "prompt")
_PROMPTS = ("input", "full_prompt", "messages", "conversation", "prompt")
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
    "extracted",
    "model_prediction",
    "model_pred",
    "predict",
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
    "output_text",
    "generated_answer",
    "raw_output",
    "raw_response",
    "llm_response",
    "llm_output",
)
_SCORES = frozenset(
    (
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
)
_NO_METRICS = {
    *_IDS,
    *_TEXTS,
    *_PROMPTS,
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
    "metrics",
    "prompt_hash",
    "submission",
    "success",
    "target_hash",
    "token_counts",
}
_OF_SUBMISSIONS = {*_IDS, "answer"}
_ANSWERS = (("pred_answer", "answer"), ("parsed_pred", "answer"))


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
        The row of the question in the benchmark's file, from 0, and the field that says so.
    text, options, target
        Of the question, and its right answer, as the file has them.
    prompt
        What was put to the model, the question somewhere in it.
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
    ids: dict[str, str] = field(default_factory=dict)
    position: tuple[int, str] | None = None
    text: str | None = None
    options: tuple[str, ...] | None = None
    target: str | int | float | None = None
    prompt: str | None = None
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


def plain_fields(place: str, record: Mapping[str, Any]) -> Fields:
    """Return what a record says whose fields have the usual names, be it in `doc` or in a metric's object."""
    record = _in_small_letters(record)
    doc: Any = record.get("doc")
    doc = doc if isinstance(doc, dict) else {}
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
    choice = likeliest(record.get("filtered_resps", record.get("resps")))
    prediction = next(
        (
            text
            for _, holder in answered
            for name in _PREDICTIONS
            if name in holder and (text := all_spoken(holder.get(name))) is not None
        ),
        None,
    )
    if prediction is None and choice is None:
        prediction = spoken(record.get("filtered_resps"))
    response = None
    if choice is None:
        texts = (spoken(record[name]) for name in _RESPONSES if name in record)
        response = next((text for text in texts if text is not None), None)
    scores = dict(_scores(record))
    target = target_of(record) or (target_of(doc) if doc else None)
    if response is None and prediction is None and choice is None:
        response = said_last(record.get("messages")) or said_last(record.get("conversations"))
    if record.keys() <= _OF_SUBMISSIONS:
        # Nothing but ids and answers, so these are the model's.
        prediction, target = all_spoken(record.get("answer")), None
    row = integer(record.get("doc_id"))
    requests = list(_requests(record.get("arguments")))
    return Fields(
        place=place,
        ids={f"{path}{name}": text for path, holder in holders for name, text in ids_of(holder)},
        position=None if row is None else (row, "doc_id"),
        text=_text(record) or (_text(doc) if doc else None),
        options=options_of(record) or (options_of(doc) if doc else None) or _continuations(requests),
        target=target,
        prompt=next((text for text, _ in requests), None) or prompt_of(record),
        prediction=prediction,
        response=response,
        choice=choice,
        scores=scores,
        filter=spoken(record.get("filter")),
        epoch=integer(record.get("epoch")),
    )


def _in_small_letters(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with names as "id" for "ID", but for those of one letter, which are options."""
    if all(name.islower() or len(name) < 2 for name in record):
        return record
    small = {name if len(name) < 2 else name.casefold(): value for name, value in record.items()}
    return small if len(small) == len(record) else record


def ids_of(holder: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The ids in a record, by the names of their fields."""
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


def prompt_of(holder: Mapping[str, Any]) -> str | None:
    """What a record says that was put to the model."""
    return next((text for name in _PROMPTS if (text := conversation(holder.get(name))) is not None), None)


def _requests(arguments: Any) -> Iterator[tuple[str, Any]]:
    """What lm-evaluation-harness asked of a model: a context each, and a continuation or settings."""
    requests = arguments.values() if isinstance(arguments, dict) else arguments
    for request in requests if isinstance(requests, list) or isinstance(arguments, dict) else ():
        parts = list(request.values()) if isinstance(request, dict) else request
        if isinstance(parts, list | tuple) and len(parts) > 1 and isinstance(parts[0], str):
            yield parts[0], parts[1]


def _continuations(requests: list[tuple[str, Any]]) -> tuple[str, ...] | None:
    """The options whose likelihoods were asked for, where they are texts and not letters."""
    texts = [text.strip() for _, text in requests if isinstance(text, str)]
    return tuple(texts) if len(texts) > 1 and len(texts) == len(requests) and not _letters(texts) else None


def options_of(holder: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The options of a question in their order; None where there are none, or none but letters."""
    for name in _OPTIONS:
        value = holder.get(name)
        if value is None:
            continue
        if isinstance(value, dict):
            # Datasets that turn a list of objects into columns: {"text": [...], "label": [...]}.
            value = value["text"] if isinstance(value.get("text"), list) else list(value.values())
        if isinstance(value, list | tuple):
            value = tuple(spoken(option) or "" for option in value)
        if isinstance(value, str | tuple) and (options := _parsed(value)) is not None:
            return options
    if holder.get("A") in (None, ""):
        return None
    cells = [spoken(holder[letter]) for letter in ascii_uppercase if holder.get(letter) not in (None, "")]
    return tuple(cell.strip() for cell in cells if cell is not None) if len(cells) > 1 else None


@lru_cache(maxsize=2**15)
def _parsed(value: str | tuple[str, ...]) -> tuple[str, ...] | None:
    """The options in a field, which are those of another model's log, too; None where there are none."""
    options = parse_options(value) if value else ()
    return None if isinstance(options, Invalid) or not options or _letters(options) else options


def _letters(options: tuple[str, ...] | list[str]) -> bool:
    return [option.strip(" ().") for option in options] == list(LETTERS[: len(options)])


def target_of(holder: Mapping[str, Any]) -> str | int | float | None:
    """The right answer that a record states."""
    for name in _TARGETS:
        value = holder.get(name)
        if value is None:
            continue
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            return value
    return None


def _scores(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    if (score := number(record.get("score"))) is not None:
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
            score := number(value)
        ) is not None:
            yield name, score


def _within(metric: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in metric.items():
        if (name in _SCORES or name.startswith("MRA")) and (score := number(value)) is not None:
            yield name, score
            return
    for predicted, gold in _ANSWERS:
        if predicted in metric and gold in metric:
            yield predicted, float(metric[predicted] == metric[gold])
            return
