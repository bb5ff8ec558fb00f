"""What is left of asking a served model: answers of LLaVA's scripts, and chat completions."""

from collections.abc import Mapping
from typing import Any

from tst_harness.results.fields import Fields, ids_of
from tst_harness.results.values import as_list, as_object, conversation, spoken

Record = Mapping[str, Any]


def llava_answer(place: str, record: Record) -> Fields:
    """A line of an answer file of LLaVA, in which `text` is what the model said."""
    return Fields(
        place=place,
        ids=dict(ids_of(record)),
        prompt=conversation(record.get("prompt")),
        response=spoken(record.get("text")),
    )


def is_completion(record: Record) -> bool:
    """Whether a record holds a chat completion, or a line of a batch of them."""
    if "custom_id" in record and "response" in record:
        return True
    choices = record.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return isinstance(first, dict) and isinstance(first.get("message"), dict)


def completion(place: str, record: Record) -> Fields:
    """What OpenAI's batches and servers like it write: a completion under the id that was given."""
    body = as_object(as_object(record, "response"), "body") or record
    choices = as_list(body, "choices")
    return Fields(
        place=place,
        ids=dict(ids_of({**record, "id": record.get("custom_id", record.get("id"))})),
        response=conversation(as_object(choices[0], "message").get("content")) if choices else None,
    )
