"""The command-line options and ini keys, and the settings that they amount to."""

import os
from typing import TYPE_CHECKING, Any

import pytest

from tst_harness.integrations.pytest.gate_options import add_gate_options, gate_settings_of
from tst_harness.integrations.pytest.llm_options import add_llm_options, llm_config_of

if TYPE_CHECKING:
    from tst_harness.engine.settings import Settings

_CI = "CI"
_FOREST = "forest"
_INI = (
    *("folds", "seed", "repeats", "report", "diagnostic", "split", "interval", "model", "trainer"),
    *("predictor", "lora"),
    *("html", "gates", "inconclusive", "unjudged"),
)
_SETTINGS = pytest.StashKey["Settings"]()


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
        help="fail if the real data are not available, instead of using the bundled sample or skipping",
    )
    group.addoption(
        "--tst-faults",
        choices=["report", "stop"],
        help="report: leave out rows that cannot be scored, and name them; stop: stop at them (default: as "
        "the module says, else stop)",
    )
    group.addoption("--tst-folds", metavar="K", help="number of folds (ini: tst_folds; default: 5)")
    group.addoption(
        "--tst-seed", metavar="N", help="seed of the folds and models (ini: tst_seed; default: 42)"
    )
    group.addoption(
        "--tst-repeats", metavar="N", help="repeat with other folds (ini: tst_repeats; default: 1)"
    )
    group.addoption(
        "--tst-split",
        choices=["random", "grouped", "both"],
        help="how folds are made: random, grouped (a scene, image or video stays in one fold), or both, "
        "whose difference is what shared context gives away (ini: tst_split; default: random)",
    )
    group.addoption(
        "--tst-interval",
        choices=["test-set", "population"],
        help="population: beside the intervals of this test set, those of other questions of its kind, which "
        "takes 20 runs of the forest on halves of the questions (ini: tst_interval; default: test-set)",
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
        "--tst-vectors",
        choices=["wordllama"],
        help="have the forest read with the pretrained word vectors of a package, too; the report says so",
    )
    group.addoption(
        "--tst-report", metavar="DIR", help="where reports go (ini: tst_report; default: reports)"
    )
    group.addoption(
        "--tst-ray",
        metavar="ADDRESS",
        help="send folds to a Ray cluster, one per GPU, or per CPU if it has no GPU: auto, HOST:PORT or "
        "ray://HOST:PORT",
    )
    group.addoption("--tst-fresh", action="store_true", help="compute every fold again")
    group.addoption(
        "--tst-folds-together",
        metavar="N|auto",
        help="how many folds of a benchmark the llm diagnostic trains in one pass, at most (default: auto, "
        "all that fit on a CUDA device, and one on a CPU)",
    )
    group.addoption(
        "--tst-share-gpu",
        action="store_true",
        help="let xdist workers share CUDA devices if there are more workers than devices",
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
        help="write an HTML page beside each report (ini: tst_html; default: unless the environment variable "
        f"{_CI} is set)",
    )
    group.addoption("--tst-no-html", action="store_false", dest="tst_html", help="write no page")
    parser.addini("tst_html", "default of --tst-html", default="")
    add_gate_options(parser)
    add_llm_options(parser)
    for name in _INI[:-3]:
        parser.addini(f"tst_{name}", f"default of --tst-{name}", default="")


def is_asked(config: pytest.Config) -> bool:
    """Whether a session has any option or ini key of ours."""
    if any(name.startswith("tst_") and value for name, value in vars(config.option).items()):
        return True
    return any(config.getini(f"tst_{name}") for name in _INI)


def needs_gpu(config: pytest.Config) -> bool:
    """Whether a session has units that use a CUDA device where there is one."""
    if not (config.getoption("tst_diagnostic") or config.getini("tst_diagnostic")):
        return False
    from tst_harness.registry import analyses

    return any(analyses()[name].needs_gpu for name in settings_of(config).diagnostics)


def settings_of(config: pytest.Config) -> "Settings":
    """The settings of a session, validated.

    Raises
    ------
    pytest.UsageError
        A value makes no sense; the message names the option.
    """

    if _SETTINGS not in config.stash:
        config.stash[_SETTINGS] = _validated(config)
    return config.stash[_SETTINGS]


def _validated(config: pytest.Config) -> "Settings":
    from pydantic import ValidationError

    from tst_harness.engine.settings import Settings

    def value(name: str, default: object) -> object:
        return config.getoption(f"tst_{name}") or config.getini(f"tst_{name}") or default

    here = config.invocation_params.dir
    asked_data, asked_report = config.getoption("tst_data"), config.getoption("tst_report")
    if asked_data and not (here / asked_data).is_dir():
        raise pytest.UsageError(f"--tst-data: there is no folder {asked_data!r}")
    data = asked_data or os.environ.get("TST_DATA_DIR") or None
    try:
        return Settings.model_validate(
            {
                "diagnostics": _diagnostics(value("diagnostic", _FOREST)),
                "limit": config.getoption("tst_limit"),
                "llm": llm_config_of(config, value),
                "data_dir": None if data is None else here / data,
                "require_real": config.getoption("tst_require_real"),
                "faults": config.getoption("tst_faults"),
                "folds": value("folds", 5),
                "seed": value("seed", 42),
                "repeats": value("repeats", 1),
                "split": value("split", "random"),
                "interval": value("interval", "test-set"),
                "null_control": config.getoption("tst_null"),
                "allow_leak": config.getoption("tst_allow_leak"),
                "vectors": config.getoption("tst_vectors"),
                "ray": _ray(config, value),
                "report_dir": (here if asked_report else config.rootpath) / str(value("report", "reports")),
                "fresh": config.getoption("tst_fresh"),
                "folds_together": config.getoption("tst_folds_together") or "auto",
                "share_gpu": config.getoption("tst_share_gpu"),
                "verbose": config.getoption("tst_verbose"),
                "texts": config.getoption("tst_texts"),
                "html": _html(config),
                **gate_settings_of(config),
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise pytest.UsageError(f"--tst-{first['loc'][0]}: {first['msg']}, not {first['input']!r}") from None


def _html(config: pytest.Config) -> object:
    given = config.getoption("tst_html")
    return (config.getini("tst_html") or not os.environ.get(_CI)) if given is None else given


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
    names = tuple(dict.fromkeys(name.strip() for name in str(named).split(",")))
    if names == (_FOREST,):
        return names  # The registry, and with it other packages, are not asked for the default.
    from tst_harness.registry import analyses
    from tst_harness.suggestions import did_you_mean

    known = [name for name, analysis in analyses().items() if analysis.kind == "diagnostic"]
    for name in names:
        if name not in known:
            raise pytest.UsageError(
                f"--tst-diagnostic: there is no diagnostic {name!r}; there are {', '.join(known)}"
                + did_you_mean(name, known)
            )
    return names
