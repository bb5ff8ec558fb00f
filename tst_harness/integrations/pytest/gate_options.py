"""The options of gates and baselines, and the settings that they amount to."""

from collections.abc import Iterable
from typing import Any

import pytest

from tst_harness.errors import HarnessError
from tst_harness.gates.expression import parse_gate
from tst_harness.gates.rules import check_benchmark


def add_gate_options(parser: pytest.Parser) -> None:
    """Declare the options of gates and baselines, and their ini keys."""
    group = parser.getgroup("tst-gates", "tst-harness: gates and baselines")
    group.addoption(
        "--tst-gate",
        action="append",
        default=[],
        metavar="RULE",
        help='fail unless a report meets a rule such as "vsi.forest.score <= 0.45" or '
        '"vsi.llm.gain <= baseline + 0.02"; may be repeated (ini: tst_gates, one a line)',
    )
    group.addoption(
        "--tst-inconclusive",
        choices=["fail", "warn", "pass"],
        help="how to treat a gate that neither passes nor fails significantly (ini: tst_inconclusive; "
        "default: warn)",
    )
    group.addoption(
        "--tst-baseline-update",
        action="store_true",
        help="write DIR/baselines/<benchmark>.json below the reports and show what changed, instead of "
        "judging gates on the baseline",
    )
    group.addoption(
        "--tst-markdown",
        metavar="FILE",
        help="write a summary for a CI page (GITHUB_STEP_SUMMARY is appended to where it is set)",
    )
    parser.addini("tst_gates", "rules that reports must meet, one a line", type="linelist", default=[])
    parser.addini("tst_inconclusive", "default of --tst-inconclusive", default="")


def gates_asked(config: pytest.Config) -> dict[str, Any]:
    """Return the fields of `Options` that gates and baselines need.

    Raises
    ------
    pytest.UsageError
        A rule cannot be parsed or names no benchmark.
    """
    markdown = config.getoption("tst_markdown")
    return {
        "gates": _parsed("--tst-gate", config.getoption("tst_gate")),
        "ini_gates": _parsed("tst_gates", config.getini("tst_gates")),
        "inconclusive": config.getoption("tst_inconclusive") or config.getini("tst_inconclusive") or "warn",
        "baseline_update": config.getoption("tst_baseline_update"),
        "markdown": None if markdown is None else config.invocation_params.dir / markdown,
    }


def _parsed(where: str, texts: Iterable[str]) -> tuple[str, ...]:
    for text in texts:
        try:
            rule = parse_gate(text)
            if rule.benchmark is None:
                check_benchmark(rule, ())
        except HarnessError as error:
            raise pytest.UsageError(f"{where}: {error}") from None
    return tuple(texts)
