"""Single values in the records of results files: answers, numbers, conversations, lists written as text."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TURN = ("content", "prompt", "text", "value")
"""Where a turn of a conversation has its text."""
_MODELS = ("assistant", "gpt", "model", "bot")
_SAID = ("answer", "final_answer", "prediction", "choice", "option")
"""Where an object that a model or a harness writes has the answer."""


def spoken(value: Any) -> str | None:
    """An answer as text: the first of a list; None where there is none."""
    while isinstance(value, list | tuple):
        if not value:
            return None
        value = value[0]
    if isinstance(value, Mapping):
        return next((all_spoken(value[name]) for name in _SAID if name in value), None)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def all_spoken(value: Any) -> str | None:
    """An answer as text, as `spoken`; but of several different texts in a list, all of them."""
    if isinstance(value, list | tuple) and len(value) > 1 and all(isinstance(part, str) for part in value):
        return ", ".join(value) if len(set(value)) == len(value) else value[0]
    return spoken(value)


def said_last(value: Any) -> str | None:
    """What the model says at the end of a conversation; None where it says nothing there."""
    turns = written(value)
    last = turns[-1] if isinstance(turns, list | tuple) and turns else None
    if not isinstance(last, Mapping):
        return None
    role = str(last.get("role", last.get("from", ""))).casefold()
    return conversation([last[name] for name in _TURN if name in last][:1]) if role in _MODELS else None


def integer(value: Any) -> int | None:
    """A whole number, also where it is written as text; None for anything else."""
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: Any) -> float | None:
    """A number or a truth value, also where it is written as text; None for anything else."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        text = value.strip().casefold()
        if text in ("true", "false"):
            return float(text == "true")
        try:
            return float(text)
        except ValueError:
            return None
    return None


def likeliest(value: Any) -> int | None:
    """The place of the option with the highest likelihood, where a log has one and a flag for each."""
    if not isinstance(value, list):
        return None
    pairs = [item[0] if isinstance(item, list) and len(item) == 1 else item for item in value]
    if len(pairs) < 2 or any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs):
        return None
    return highest([number(pair[0]) for pair in pairs])


def highest(values: Sequence[Any]) -> int | None:
    """The place of the highest of two or more numbers; None where not all are numbers."""
    numbers = [value for value in values if isinstance(value, int | float)]
    return numbers.index(max(numbers)) if len(numbers) == len(values) > 1 else None


def written(value: Any) -> Any:
    """A list or an object that a table has as text, in JSON or in Python; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{", "(")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value


def as_object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What stands under a name, be it written as text; {} where it is no object."""
    value = written(holder.get(name))
    return dict(value) if isinstance(value, Mapping) else {}


def as_list(holder: Mapping[str, Any], name: str) -> list[Any]:
    """What stands under a name, be it written as text; a single value alone, and [] for none."""
    value = written(holder.get(name))
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def conversation(value: Any) -> str | None:
    """What was put to a model: a text, or all that the user says in a conversation; None for nothing."""
    if value is None:
        return None
    texts = [text for text in _texts(written(value)) if text.strip()]
    if not texts and isinstance(value, str) and value.strip():
        return value
    return "\n".join(texts) or None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        role = str(value.get("role", value.get("from", "user"))).casefold()
        if role in ("user", "human"):
            for name in _TURN:
                if name in value:
                    yield from _texts(value[name])
                    return
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
