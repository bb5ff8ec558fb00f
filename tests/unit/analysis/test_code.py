"""What a key hashes: the modules that decide a result, and no others."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tst_harness
from tst_harness.analysis.code import code_digest, imported_modules
from tst_harness.registry import analyses

# What results are written as, and what calls an analysis.
NOT_DECIDING = {
    f"tst_harness.analysis.{module}"
    for module in ("accounts", "code", "names", "protocol", "ranges", "records", "registry", "units")
}
# With which a report is assembled, and which the parts of its schema name.
COMPARED_IN_A_REPORT = {
    "tst_harness.checks.check",
    "tst_harness.checks.comparison",
    "tst_harness.stats.intervals",
    "tst_harness.stats.samples",
    "tst_harness.stats.metrics",
    "tst_harness.stats.bounds",
}
NAMES = ("forest", "llm", "duplicates", "order", "positions", "opposite_answers", "shortcuts")
PRINT = f"""
import tst_harness.analysis.code as code
from tst_harness.registry import analyses
print(*(code.code_digest(analyses()[name].code) for name in {NAMES!r}))
"""


def digests(root: Path) -> dict[str, str]:
    """The digests of a copy of the package."""
    done = subprocess.run([sys.executable, "-c", PRINT], cwd=root, capture_output=True, text=True, check=True)
    return dict(zip(NAMES, done.stdout.split(), strict=True))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a copy of the package."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(tst_harness.__file__).parent, tmp_path / "tst_harness", ignore=ignored)
    return tmp_path


def test_a_change_of_what_decides_is_another_key_and_no_other_change_is(root: Path) -> None:
    before = digests(root)
    for changed, other in [
        ("gates/judge.py", set()),
        ("views/terminal.py", set()),
        ("dataset/recognition/types.py", set()),
        ("diagnostics/llm/predictors/vllm.py", set()),
        ("views/checks.py", set()),
        ("checks/order.py", {"order"}),
        ("checks/order_check.py", set()),
        ("checks/positions.py", {"positions"}),
        ("checks/opposite_answers.py", {"opposite_answers"}),
        ("checks/kept_together.py", {"duplicates"}),
        ("checks/cue_rules.py", {"shortcuts"}),
        ("stats/permutation.py", {"duplicates", "order"}),
        ("diagnostics/llm/data/encoding.py", {"llm"}),
        ("diagnostics/forest/families.py", {"forest", "duplicates", "shortcuts"}),
        ("analysis/folded.py", {"forest", "llm", "duplicates", "shortcuts"}),
        ("analysis/scoring.py", set(NAMES)),
    ]:
        path = root / "tst_harness" / changed
        source = path.read_text("utf-8")
        path.write_text(f"{source}\n# Another line.\n", "utf-8")
        after = digests(root)
        assert {name for name in before if before[name] != after[name]} == other, changed
        path.write_text(source, "utf-8")
    assert digests(root) == before


def test_an_engine_is_hashed_with_what_it_imports_of_its_room() -> None:
    room = "tst_harness.diagnostics.llm"
    modules = imported_modules(f"{room}.predictors.vllm", room)
    assert f"{room}.predictors.vllm_engine" in modules
    assert f"{room}.trainers.peft" not in modules


def test_a_module_without_a_source_is_refused() -> None:
    with pytest.raises(ModuleNotFoundError, match="no source of the module"):
        code_digest(["tst_harness.nowhere"])


@pytest.mark.parametrize("name", ["forest", "words", "features", "llm"])
def test_all_that_a_diagnostic_imports_is_named_or_known_to_decide_nothing(name: str) -> None:
    analysis = analyses()[name]
    missing = {
        module
        for module in imported_modules(type(analysis).__module__, "tst_harness.")
        if module.startswith(("tst_harness.analysis.", "tst_harness.stats.", "tst_harness.diagnostics."))
        and not any(module == named or module.startswith(f"{named}.") for named in analysis.code)
    }
    assert missing <= NOT_DECIDING


@pytest.mark.parametrize("name", ["duplicates", "order", "positions", "opposite_answers", "shortcuts"])
def test_all_that_a_check_computes_with_is_named_or_known_to_decide_nothing(name: str) -> None:
    code = analyses()[name].code
    [computing] = {module for module in code if module == f"tst_harness.checks.{name}"}
    missing = {
        module
        for module in imported_modules(computing, "tst_harness.")
        if module.startswith(("tst_harness.analysis.", "tst_harness.stats.", "tst_harness.checks."))
        and not any(module == named or module.startswith(f"{named}.") for named in code)
    }
    assert missing <= NOT_DECIDING | COMPARED_IN_A_REPORT
