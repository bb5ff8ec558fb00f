"""Questions as they were read, shown before what takes long, so that a wrong column does not cost hours."""

from typing import TYPE_CHECKING

import pytest

from tst_harness.activity import said
from tst_harness.errors import HarnessError

if TYPE_CHECKING:
    from tst_harness.analysis.units import Unit
    from tst_harness.engine.experiment import Experiment
    from tst_harness.engine.session import MakeTrainable, Session

EXAMPLES = "tst-examples"
"""The name of the plugin, and of the property of a test that has the lines."""
_MANY = 30_000
"""Held-out scores that take a forest about a minute."""


class Examples:
    """Shows questions of each benchmark before its first unit that takes long.

    The process that computes the unit attaches them to the test, whose set-up is reported before the unit
    begins; the process that the user looks at writes them.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._attached: set[str] = set()
        self._shown: set[str] = set()

    def attach(
        self, request: pytest.FixtureRequest, unit: "Unit", session: "Session", trainable: "MakeTrainable"
    ) -> None:
        """Attach the lines to a test that takes long, once in this process."""
        benchmark, models, settings = request.cls.benchmark, request.cls.models, session.settings
        # Without a terminal there is no such option.
        quiet = self._config.getoption("verbose", 0) < 0
        if benchmark.name in self._attached or settings.null_control or quiet:
            return
        try:
            experiment = session.experiment(benchmark, models)
            if not _takes_long(experiment, unit) or experiment.texts == "omitted":
                return
            # What is kept of a cluster's work only the cluster knows.
            if settings.ray is None and session.is_computed(benchmark, unit, models, trainable):
                return
        except HarnessError:  # The test itself fails with it.
            return
        from tst_harness.dataset.examples import example_lines

        self._attached.add(benchmark.name)
        heading, *lines = example_lines(experiment.dataset)
        text = "".join(f"  {line}\n" for line in (f"{benchmark.name}: {heading}", *lines))
        request.node.user_properties.append((EXAMPLES, text))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the lines, which each worker sends."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.when != "setup" or terminal is None:
            return
        for name, text in report.user_properties:
            if name == EXAMPLES and str(text) not in self._shown:
                self._shown.add(str(text))
                # Unlike `write_line`, this leaves pytest's notion of the current file alone.
                begun = self._config.get_terminal_writer().width_of_current_line
                terminal.write("\n" * bool(begun) + str(text), flush=True)
                said()

    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Keep the lines out of files that have the properties of tests, such as JUnit's."""
        item.user_properties[:] = [(name, value) for name, value in item.user_properties if name != EXAMPLES]


def _takes_long(experiment: "Experiment", unit: "Unit") -> bool:
    from tst_harness.registry import analyses

    analysis = analyses()[unit.analysis]
    if analysis.kind == "check":
        return False
    scores = len(experiment.dataset.frame) * experiment.settings.repeats * len(experiment.splits)
    return analysis.needs_gpu or scores >= _MANY
