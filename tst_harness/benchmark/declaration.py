"""The base of all declarations: a refusal is a readable sentence, not pydantic's own report."""

from typing import Any

from pydantic import ValidationError

from tst_harness.benchmark.model import Model
from tst_harness.errors import DeclarationError


class Declaration(Model):
    """Turns what pydantic refuses into a `DeclarationError` of one sentence a problem."""

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            name = fields.get("name", fields.get("repo", fields.get("path")))
            what = type(self).__name__ + (f" {name!r}" if isinstance(name, str) else "")
            problems = "; ".join(_sentence(problem["loc"], problem["msg"]) for problem in error.errors())
            raise DeclarationError(f"{what}: {problems}") from None


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    field = ".".join(str(part) for part in location)
    return f"{field}: {message}" if field else message


def not_blank(value: str) -> str:
    """The value itself; ValueError where it is blank."""
    if not value.strip():
        raise ValueError("is blank")
    return value
