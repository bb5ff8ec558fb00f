"""Arguments of `audit` that go to pytest, checked before anything is read."""

import io
import re
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import pytest

from tst_harness.errors import HarnessError
from tst_harness.integrations.pytest.options import add_options, settings_of
from tst_harness.suggestions import choice_meant, did_you_mean

_COMPLAINT = re.compile(r"^.*?error: (?:argument )?", re.IGNORECASE)


def check_passed_on(arguments: Sequence[str], alone: Sequence[str], own: Iterable[str]) -> None:
    """Raise where pytest does not understand some of the arguments.

    Parameters
    ----------
    arguments
        Those to be passed on.
    alone
        What else pytest is called with.
    own
        The options that the command has itself.

    Raises
    ------
    HarnessError
        One sentence, with the option that may be meant.
    """
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        status = pytest.main([*alone, *arguments], plugins=[_ParsesOnly()])
    if status == pytest.ExitCode.USAGE_ERROR:
        complaint = complaint_of(output.getvalue())
        unknown = re.match(r"unrecognized arguments: (-[\w-]+)", complaint)
        hint = did_you_mean(unknown[1], [*own, *_Options().names]) if unknown else ""
        raise HarnessError(complaint + hint)


def complaint_of(output: str) -> str:
    """Return what pytest says is wrong with its arguments."""
    lines = [line.strip() for line in output.splitlines() if "error: " in line.lower()]
    complaint = _COMPLAINT.sub("", lines[-1]) if lines else output.strip()
    return complaint + choice_meant(complaint)


class _ParsesOnly:
    """A plugin that ends pytest when the arguments are parsed and our settings made of them."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        settings_of(config)
        return pytest.ExitCode.OK


class _Options:
    """The names of our options, taken where a parser would take them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        parser: Any = self
        add_options(parser)

    def getgroup(self, *_: str) -> "_Options":
        return self

    def addoption(self, *names: str, **_: Any) -> None:
        self.names += names

    def addini(self, *_: Any, **__: Any) -> None:
        """Ini keys are no options."""
