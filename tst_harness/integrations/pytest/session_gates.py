"""The gates of a pytest session: gathered where tests are collected, which may be in workers."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tst_harness.engine.settings import Settings
from tst_harness.gates.plan import Collected, Declared, GatePlan
from tst_harness.integrations.pytest.options import settings_of

NODE = "gates"
"""What the report is called by which a worker tells that a gate is wrong."""
_OUTPUT = "tst_gates"
_GATES = pytest.StashKey["GatePlan"]()


def gate_plan(config: pytest.Config) -> GatePlan:
    """The gates of a session."""
    if _GATES not in config.stash:
        config.stash[_GATES] = session_plan(config, settings_of(config))
    return config.stash[_GATES]


def session_plan(config: pytest.Config, settings: Settings) -> GatePlan:
    """Return the plan of this session, with no benchmark yet."""
    arguments: Iterable[str] = map(str, config.invocation_params.args)
    if hasattr(config, "workerinput"):
        arguments = getattr(config, "workerinput")["mainargv"][1:]  # noqa: B009 - xdist sets it
    return GatePlan(settings, shlex.join(["pytest", *arguments, "--tst-reference-update"]))


def give(plan: GatePlan, config: pytest.Config) -> None:
    """Hand what was collected to the process that started this worker."""
    output: dict[str, Any] = getattr(config, "workeroutput")  # noqa: B009 - xdist sets it
    output[_OUTPUT] = {name: collected.model_dump(mode="json") for name, collected in plan.collected.items()}


def take(plan: GatePlan, output: Mapping[str, Any]) -> None:
    """Take what a worker collected."""
    for name, collected in output.get(_OUTPUT, {}).items():
        plan.collected[name] = Collected.model_validate(collected)


def check(plan: GatePlan, config: pytest.Config, *, failed: bool) -> None:
    """Check the gates of a session; where its collection `failed`, a benchmark may be in a broken module.

    Raises
    ------
    HarnessError
        As `GatePlan.check` does.
    """
    here = config.invocation_params.dir
    some_files = any("::" in arg or (here / arg).is_file() for arg in config.args)
    elsewhere: set[Declared] = {"ini", "option"} if failed else {"ini"} if some_files else set()
    plan.check(may_be_elsewhere=elsewhere, references=not config.option.collectonly)
