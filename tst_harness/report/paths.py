"""What of this machine stands in messages and files: paths from where a command is run, and no secrets."""

import re
from collections.abc import Iterable
from pathlib import Path

_MASK = "***"
_ADDRESS = re.compile(r"\bray://\S+")
_USER = re.compile(r"(://)[^/@\s]+@")
_SECRET_NAME = re.compile(r"(?i)(?:token|secret|passw|credential|api_?key|access_?key|auth)")
_SECRET_VALUE = re.compile(r"\b(?:hf_|sk-|ghp_|github_pat_|xox[a-z]-|AKIA)[\w-]{8,}")


def shown(path: Path) -> Path:
    """Return the path from where the command is run, if it is below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def command_line(argv: Iterable[str]) -> list[str]:
    """Return a command for a report: without folders of this machine, addresses of clusters and secrets."""
    program, *arguments = argv
    written = [Path(program).name]
    named_before = False
    for argument in arguments:
        written.append(_MASK if named_before else masked(_without_folder(argument)))
        named_before = (
            argument.startswith("--") and "=" not in argument and bool(_SECRET_NAME.search(argument))
        )
    return written


def masked(text: str) -> str:
    """Return the text with what may be a secret as "***": addresses of Ray, users in URLs, tokens."""
    text = _ADDRESS.sub(f"ray://{_MASK}", _USER.sub(rf"\1{_MASK}@", text))
    name, equals, _ = text.partition("=")
    if equals and _SECRET_NAME.search(name):
        return f"{name}={_MASK}"
    inner, equals, value = text.rpartition("=")
    if equals and _SECRET_NAME.search(inner.rpartition("=")[2] or inner):
        return f"{inner}={_MASK if value else value}"
    return _SECRET_VALUE.sub(_MASK, text)


def _without_folder(argument: str) -> str:
    """The argument, an absolute path in it cut to what is known elsewhere."""
    option, equals, value = argument.rpartition("=")
    path = Path(value)
    if not path.is_absolute():
        return argument
    return f"{option}{equals}{shown(path) if path.is_relative_to(Path.cwd()) else path.name}"
