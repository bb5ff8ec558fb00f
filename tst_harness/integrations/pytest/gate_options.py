"""The options of gates and references, and the settings that they amount to."""

import argparse
from collections.abc import Iterable
from typing import Any

import pytest

from tst_harness.errors import HarnessError


def add_gate_options(parser: pytest.Parser) -> None:
    """Declare the options of gates and references, and their ini keys."""
    group = parser.getgroup("tst-gates", "tst-harness: gates and references")
    group.addoption(
        "--tst-gate",
        action="append",
        default=[],
        metavar="RULE",
        help='fail unless a report meets a rule such as "vsi.forest.score <= 0.45" or '
        '"vsi.llm.gain <= reference + 0.02"; may be repeated (ini: tst_gates, one per line)',
    )
    group.addoption(
        "--tst-inconclusive",
        choices=["fail", "warn", "pass"],
        help="how to treat a gate that neither passes nor fails significantly (ini: tst_inconclusive; "
        "default: warn)",
    )
    group.addoption(
        "--tst-unjudged",
        choices=["fail", "warn"],
        help="how to treat a gate of this session that cannot be judged, and a diagnostic that cannot run: "
        "too few questions, or data, an engine or a model that cannot be had (ini: tst_unjudged; default: "
        "fail, with exit status 6)",
    )
    group.addoption(
        "--tst-reference-update",
        action="store_true",
        help="write DIR/references/<run>.json below the reports and show what changed, instead of "
        "judging gates on the reference",
    )
    group.addoption("--tst-baseline-update", action="store_true", help=argparse.SUPPRESS)
    group.addoption(
        "--tst-markdown",
        metavar="FILE",
        help="write a summary for a CI page (GITHUB_STEP_SUMMARY is appended to where it is set)",
    )
    parser.addini("tst_gates", "rules that reports must meet, one per line", type="linelist", default=[])
    parser.addini("tst_inconclusive", "default of --tst-inconclusive", default="")
    parser.addini("tst_unjudged", "default of --tst-unjudged", default="")


def gate_settings_of(config: pytest.Config) -> dict[str, Any]:
    """Return the fields of `Settings` that gates and references need.

    Raises
    ------
    pytest.UsageError
        A rule cannot be parsed or names no benchmark, or an option has another name now.
    """
    if config.getoption("tst_baseline_update"):
        raise pytest.UsageError("--tst-baseline-update is called --tst-reference-update now: use that")
    markdown = config.getoption("tst_markdown")
    return {
        "gates": _parsed("--tst-gate", config.getoption("tst_gate")),
        "ini_gates": _parsed("tst_gates", config.getini("tst_gates")),
        "inconclusive": config.getoption("tst_inconclusive") or config.getini("tst_inconclusive") or "warn",
        "unjudged": config.getoption("tst_unjudged") or config.getini("tst_unjudged") or "fail",
        "reference_update": config.getoption("tst_reference_update"),
        "markdown": None if markdown is None else config.invocation_params.dir / markdown,
    }


def _parsed(where: str, texts: Iterable[str]) -> tuple[str, ...]:

    from tst_harness.gates.expression import parse_gate

    for text in texts:
        try:
            rule = parse_gate(text)
            if rule.benchmark is None:
                rule.check_benchmark(())
        except HarnessError as error:
            raise pytest.UsageError(f"{where}: {error}") from None
    return tuple(texts)
