"""What `tst_harness.llm` exports, and that it costs nothing before it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tst_harness.llm

HEAVY = ["torch", "vllm", "ray", "transformers", "datasets", "peft", "sklearn"]


def heavy_modules(code: str, heavy: list[str]) -> str:
    """Those loaded in a new process that runs `code`."""
    code = f"import sys\n{code}\nprint(*set({heavy!r}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_name_can_be_imported_without_an_engine() -> None:
    names = ", ".join(tst_harness.llm.__all__)
    assert heavy_modules(f"from tst_harness.llm import {names}", HEAVY) == ""


def test_settings_can_be_read_without_numpy() -> None:
    """As pytest's start does, with or without the LLM diagnostic."""
    code = "from tst_harness.llm import LLMConfig; LLMConfig.of({'learning_rate': 1e-3})"
    assert heavy_modules(code, [*HEAVY, "numpy", "pandas"]) == ""


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(tst_harness.llm.__file__).read_text("utf-8"))
    [checked] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        (alias.asname, node.module)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(tst_harness.llm._HOMES.items())


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'tst_harness.llm' has no attribute 'VLMPredictor'"):
        tst_harness.llm.VLMPredictor  # noqa: B018
