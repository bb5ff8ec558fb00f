"""The command-line options and ini keys, and the settings that they amount to."""

import os
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from tst_harness._model import Model


class Options(Model):
    """What a session was asked for.

    Attributes
    ----------
    data_dir
        Where `<folder>/<file>` of a Hub dataset is looked for first.
    require_real
        Refuse the bundled sample as a stand-in.
    skip_invalid
        Skip invalid rows, count and name them, instead of stopping.
    folds, seed, repeats, grouped
        Which questions are held out together, and how many times over.
    null_control
        Permute the answers before everything else.
    allow_leak
        Let hand-written feature models read the held-out answers.
    report_dir
        Where reports and, below it, records go.
    fresh
        Compute every fold again, whatever the record store has.
    verbose
        Show all shortcuts, folds and skipped rows.
    """

    data_dir: Path | None = None
    require_real: bool = False
    skip_invalid: bool = False
    folds: Annotated[int, Field(ge=2)] = 5
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 42
    repeats: Annotated[int, Field(ge=1)] = 1
    grouped: bool = False
    null_control: bool = False
    allow_leak: bool = False
    report_dir: Path = Path("reports")
    fresh: bool = False
    verbose: bool = False

    def describe(self) -> str:
        """One line on what was asked for."""
        where = "the Hub" if self.data_dir is None else f"{self.data_dir}, else the Hub"
        parts = [
            f"data from {where}{'' if self.require_real else ', else a bundled sample'}",
            f"{self.folds}{' grouped' if self.grouped else ''} folds",
            f"seed {self.seed}",
        ]
        if self.repeats > 1:
            parts.append(f"{self.repeats} repeats")
        if self.null_control:
            parts.append("NULL CONTROL: answers permuted")
        return "; ".join(parts)


def add_options(parser: pytest.Parser) -> None:
    """Declare the `--tst-*` options and the ini keys of those that belong in a project."""
    group = parser.getgroup("tst", "tst-harness: benchmark bias")
    group.addoption(
        "--tst-data",
        metavar="DIR",
        help="look for DIR/<folder>/<file> of each benchmark before the Hub (environment: TST_DATA_DIR)",
    )
    group.addoption(
        "--tst-require-real",
        action="store_true",
        help="fail where the real data cannot be had, instead of using the bundled sample or skipping",
    )
    group.addoption(
        "--tst-skip-invalid", action="store_true", help="skip invalid rows; the report counts and names them"
    )
    group.addoption("--tst-folds", metavar="K", help="number of folds (ini: tst_folds; default: 5)")
    group.addoption(
        "--tst-seed", metavar="N", help="seed of the folds and models (ini: tst_seed; default: 42)"
    )
    group.addoption(
        "--tst-repeats", metavar="N", help="repeat with other folds (ini: tst_repeats; default: 1)"
    )
    group.addoption(
        "--tst-group", action="store_true", help="keep questions of a group (scene, image, video) in one fold"
    )
    group.addoption(
        "--tst-null",
        action="store_true",
        help="negative control: permute answers within type first; nothing should be found",
    )
    group.addoption(
        "--tst-allow-leak",
        action="store_true",
        help="let hand-written feature models read held-out answers; the report says so",
    )
    group.addoption(
        "--tst-report", metavar="DIR", help="where reports go (ini: tst_report; default: reports)"
    )
    group.addoption("--tst-fresh", action="store_true", help="compute every fold again")
    group.addoption("--tst-verbose", action="store_true", help="show all shortcuts, folds and skipped rows")
    for name in ("folds", "seed", "repeats", "report"):
        parser.addini(f"tst_{name}", f"default of --tst-{name}", default="")


def options_of(config: pytest.Config) -> Options:
    """The options of a session, validated.

    Raises
    ------
    pytest.UsageError
        A value makes no sense; the message names the option.
    """

    def value(name: str, default: object) -> object:
        return config.getoption(f"tst_{name}") or config.getini(f"tst_{name}") or default

    here = config.invocation_params.dir
    asked_data, asked_report = config.getoption("tst_data"), config.getoption("tst_report")
    if asked_data and not (here / asked_data).is_dir():
        raise pytest.UsageError(f"--tst-data: there is no folder {asked_data!r}")
    data = asked_data or os.environ.get("TST_DATA_DIR") or None
    try:
        return Options.model_validate(
            {
                "data_dir": None if data is None else here / data,
                "require_real": config.getoption("tst_require_real"),
                "skip_invalid": config.getoption("tst_skip_invalid"),
                "folds": value("folds", 5),
                "seed": value("seed", 42),
                "repeats": value("repeats", 1),
                "grouped": config.getoption("tst_group"),
                "null_control": config.getoption("tst_null"),
                "allow_leak": config.getoption("tst_allow_leak"),
                "report_dir": (here if asked_report else config.rootpath) / str(value("report", "reports")),
                "fresh": config.getoption("tst_fresh"),
                "verbose": config.getoption("tst_verbose"),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise pytest.UsageError(f"--tst-{first['loc'][0]}: {first['msg']}, not {first['input']!r}") from None
