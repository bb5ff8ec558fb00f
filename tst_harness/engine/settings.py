"""The command-line options and ini keys, and the settings that they amount to."""

import os
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import Field, ValidationError

from tst_harness._model import Model
from tst_harness.benchmark.declarations import Benchmark, FaultPolicy
from tst_harness.diagnostics.llm.config import LLMConfig
from tst_harness.engine.results import FOREST, LLM
from tst_harness.integrations.pytest.gate_options import add_gate_options, gates_asked
from tst_harness.integrations.pytest.llm_options import add_llm_options, llm_asked

BOTH: Literal["both"] = "both"
_GROUP = "--tst-group"
_CI = "CI"
_SCHEMES = {False: "", True: "grouped ", BOTH: "random and grouped "}


class Options(Model):
    """What a session was asked for.

    Attributes
    ----------
    diagnostics
        Which of "forest" and "llm" run.
    limit
        Diagnose a stratified, seeded subset of that many questions.
    llm
        The model, its training and its engines.
    data_dir
        Where `<folder>/<file>` of a Hub dataset is looked for first.
    require_real
        Refuse the bundled sample as a stand-in.
    faults
        Whether rows that cannot be scored are left out and told ("report") or stop the run ("stop"); None
        leaves it to the benchmark.
    folds, seed, repeats, grouped
        Which questions are held out together, and how many times over; "both" runs random folds and folds
        that keep groups whole.
    null_control
        Permute the answers before everything else.
    allow_leak
        Let hand-written feature models read the held-out answers.
    ray
        The address of a Ray cluster that folds are sent to.
    report_dir
        Where reports and, below it, records go.
    fresh
        Compute every fold again, whatever the record store has.
    share_gpu
        Let xdist workers share a CUDA device where there are more workers than devices.
    verbose
        Show all shortcuts, folds and faulty rows.
    texts
        Whether reports and records quote questions; None leaves it to each benchmark.
    gates, ini_gates
        Rules from the command line and the ini file; each names its benchmark.
    inconclusive
        What an inconclusive gate does to the session.
    reference_update
        Write references instead of judging by them.
    markdown
        Where a summary for a CI page goes.
    html
        Write a page beside each report.
    """

    diagnostics: tuple[str, ...] = (FOREST,)
    limit: Annotated[int, Field(ge=1)] | None = None
    llm: LLMConfig = Field(default_factory=LLMConfig)
    data_dir: Path | None = None
    require_real: bool = False
    faults: FaultPolicy | None = None
    folds: Annotated[int, Field(ge=2)] = 5
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 42
    repeats: Annotated[int, Field(ge=1)] = 1
    grouped: bool | Literal["both"] = False
    null_control: bool = False
    allow_leak: bool = False
    ray: str | None = None
    report_dir: Path = Path("reports")
    fresh: bool = False
    share_gpu: bool = False
    verbose: bool = False
    texts: Literal["keep", "omit"] | None = None
    gates: tuple[str, ...] = ()
    ini_gates: tuple[str, ...] = ()
    inconclusive: Literal["fail", "warn", "pass"] = "warn"
    reference_update: bool = False
    markdown: Path | None = None
    html: bool = False

    def folds_of(self, benchmark: Benchmark) -> bool | Literal["both"]:
        """What `grouped` amounts to for a benchmark: without groups, both are one."""
        alike = self.grouped == BOTH and benchmark.columns.group is None
        return False if alike else self.grouped

    def describe(self) -> str:
        """One line on what was asked for."""
        where = "the Hub" if self.data_dir is None else f"{self.data_dir}, else the Hub"
        parts = [
            f"data from {where}{'' if self.require_real else ', else a bundled sample'}",
            f"{self.folds} {_SCHEMES[self.grouped]}folds",
            f"seed {self.seed}",
        ]
        if self.limit is not None:
            parts.append(f"at most {self.limit:,} questions")
        if self.diagnostics != (FOREST,):
            parts.insert(0, f"diagnostic {' and '.join(self.diagnostics)}")
        if LLM in self.diagnostics:
            rank, epochs, rate = self.llm.lora_rank, self.llm.num_epochs, self.llm.learning_rate
            parts.append(f"LoRA rank {rank}, {epochs} epoch{'s' * (epochs > 1)}, learning rate {rate:g}")
        if self.repeats > 1:
            parts.append(f"{self.repeats} repeats")
        if self.ray is not None:
            parts.append(f"folds on the Ray cluster {self.ray}")
        if self.null_control:
            parts.append("NULL CONTROL: answers permuted")
        return "; ".join(parts)


def add_options(parser: pytest.Parser) -> None:
    """Declare the `--tst-*` options and the ini keys of those that belong in a project."""
    group = parser.getgroup("tst", "tst-harness: benchmark bias")
    group.addoption(
        "--tst-diagnostic",
        metavar="NAMES",
        help="forest (seconds, on a CPU), llm (LoRA on the other folds), or forest,llm (ini: tst_diagnostic; "
        "default: forest)",
    )
    group.addoption(
        "--tst-limit",
        metavar="N",
        help="diagnose a stratified, seeded subset of N questions; the report says so",
    )
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
        "--tst-faults",
        choices=get_args(FaultPolicy),
        help="leave rows out that cannot be scored and tell them, or stop the run for them (default: as the "
        "module says, else stop)",
    )
    group.addoption("--tst-folds", metavar="K", help="number of folds (ini: tst_folds; default: 5)")
    group.addoption(
        "--tst-seed", metavar="N", help="seed of the folds and models (ini: tst_seed; default: 42)"
    )
    group.addoption(
        "--tst-repeats", metavar="N", help="repeat with other folds (ini: tst_repeats; default: 1)"
    )
    group.addoption(
        _GROUP, action="store_true", help="keep questions of a group (scene, image, video) in one fold"
    )
    # Not a value of the option above, which would swallow the path in `--tst-group benchmarks/`.
    group.addoption(
        f"{_GROUP}={BOTH}",
        action="store_true",
        dest="tst_group_both",
        help="run random folds and such folds; the difference is what shared context gives away",
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
    group.addoption(
        "--tst-ray",
        metavar="ADDRESS",
        help="send folds to a Ray cluster, one to a GPU, or to a CPU where it has none: auto, HOST:PORT or "
        "ray://HOST:PORT",
    )
    group.addoption("--tst-fresh", action="store_true", help="compute every fold again")
    group.addoption(
        "--tst-share-gpu",
        action="store_true",
        help="let xdist workers share CUDA devices where there are more workers than devices",
    )
    group.addoption("--tst-verbose", action="store_true", help="show all shortcuts, folds and faulty rows")
    group.addoption(
        "--tst-texts",
        choices=["keep", "omit"],
        help="whether reports and records quote questions and options (default: keep, or omit where the "
        "benchmark's terms forbid passing them on)",
    )
    group.addoption(
        "--tst-html",
        action="store_true",
        default=None,
        help="write a page to look at beside each report (ini: tst_html; default: outside CI, that is where "
        f"the environment variable {_CI} is not set)",
    )
    group.addoption("--tst-no-html", action="store_false", dest="tst_html", help="write no page")
    parser.addini("tst_html", "default of --tst-html", default="")
    add_gate_options(parser)
    add_llm_options(parser)
    for name in ("folds", "seed", "repeats", "report", "diagnostic", "model", "trainer", "predictor", "lora"):
        parser.addini(f"tst_{name}", f"default of --tst-{name}", default="")


def join_group(args: list[str]) -> bool:
    """Join `--tst-group both` to one argument in place, and return whether it was there."""
    for place, pair in enumerate(pairwise(args)):
        if pair == (_GROUP, BOTH):
            args[place : place + 2] = [f"{_GROUP}={BOTH}"]
            return True
    return False


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
                "diagnostics": _diagnostics(value("diagnostic", FOREST)),
                "limit": config.getoption("tst_limit"),
                "llm": llm_asked(config, value),
                "data_dir": None if data is None else here / data,
                "require_real": config.getoption("tst_require_real"),
                "faults": config.getoption("tst_faults"),
                "folds": value("folds", 5),
                "seed": value("seed", 42),
                "repeats": value("repeats", 1),
                "grouped": BOTH if config.getoption("tst_group_both") else config.getoption("tst_group"),
                "null_control": config.getoption("tst_null"),
                "allow_leak": config.getoption("tst_allow_leak"),
                "ray": _ray(config, value),
                "report_dir": (here if asked_report else config.rootpath) / str(value("report", "reports")),
                "fresh": config.getoption("tst_fresh"),
                "share_gpu": config.getoption("tst_share_gpu"),
                "verbose": config.getoption("tst_verbose"),
                "texts": config.getoption("tst_texts"),
                "html": _html(config),
                **gates_asked(config),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise pytest.UsageError(f"--tst-{first['loc'][0]}: {first['msg']}, not {first['input']!r}") from None


def _html(config: pytest.Config) -> object:
    asked = config.getoption("tst_html")
    return (config.getini("tst_html") or not os.environ.get(_CI)) if asked is None else asked


def _ray(config: pytest.Config, value: Any) -> str | None:
    address: str | None = config.getoption("tst_ray") or None
    if address is not None and config.getoption("numprocesses", None):
        raise pytest.UsageError("--tst-ray: the cluster runs the folds, so leave out -n")
    if address is not None and value("predictor", "auto") == "ray":
        raise pytest.UsageError(
            "--tst-ray: each fold has one GPU of the cluster, so answer with --tst-predictor auto, "
            "transformers or vllm"
        )
    return address


def _diagnostics(named: object) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(one.strip() for one in str(named).split(",")))
    for name in names:
        if name not in (FOREST, LLM):
            raise pytest.UsageError(
                f"--tst-diagnostic: there is no diagnostic {name!r}; there are {FOREST} and {LLM}"
            )
    return names
