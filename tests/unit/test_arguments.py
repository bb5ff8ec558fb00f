"""Errors that are seen from Python name its arguments, those of the command line its options."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import tst_harness
from tst_harness.arguments import in_words_of_python, says_arguments
from tst_harness.core import BiasModel, RandomForestEvaluator, run_cross_validation
from tst_harness.errors import DataError, HarnessError
from tst_harness.llm import LLMConfig

PACKAGE = Path(tst_harness.__file__).parent
DOORS = ("cli", "integrations")
STYLES = re.compile(r"var\(--[a-z]+\)")
NOT_OURS = {
    "--log_samples",
    "--save-details",
    "--to",
    "--dest",
    "--no-deps",
    "--quiet",
    "--disable-pip-version-check",
}
NOT_ASKED_FROM_PYTHON = {
    "--base-url", "--export-as", "--judge-limit", "--model", "--output", "--results",
    "--tst-fresh", "--tst-gate", "--tst-ray", "--tst-reference-update", "--tst-require-real",
    "--gallery",
}  # fmt: skip


def texts() -> Iterator[tuple[str, str]]:
    """Where a text stands and what it says, of all but docstrings; what is filled in is 7."""
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] in DOORS:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        documented = {
            node.body[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values]
                yield path.name, "".join(parts)
            elif isinstance(node, ast.Constant) and node not in documented | inner:
                yield path.name, str(node.value)


def test_every_option_that_an_error_names_is_an_argument_of_python() -> None:
    doors = (tst_harness.audit, tst_harness.prune, tst_harness.Report.models, run_cross_validation)
    known = {name for door in doors for name in inspect.signature(door).parameters}
    known |= {*LLMConfig.model_fields, *tst_harness.Benchmark.model_fields}
    known |= {*tst_harness.PruningSettings.model_fields, "llm"}
    named = 0
    for where, text in texts():
        if "--" not in text or STYLES.search(text):
            continue
        said = in_words_of_python(text)
        left = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", said)) - NOT_OURS - NOT_ASKED_FROM_PYTHON
        assert not left, f"{where}: {text}"
        arguments = set(re.findall(r"\b(\w+)=", said)) - set(re.findall(r"\b(\w+)=", text))
        assert arguments <= known, f"{where}: {text}"
        named += bool(arguments)
    assert named > 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("use fewer folds (--tst-folds) or more", "use fewer folds (folds=...) or more"),
        ("use --tst-folds 2 or more", "use folds=2 or more"),
        ("use --tst-split random or declare a group", "use split='random' or declare a group"),
        ("go on with --allow-missing", "go on with allow_missing=True"),
        ("--question for another column", "question=... for another column"),
        ("a model (--tst-model)", "a model (llm=LLMConfig(model_name=...))"),
        ("shorten (--tst-lora max_seq_length=...)", "shorten (llm=LLMConfig(max_seq_length=...))"),
        ("leave out --tst-null", "leave out null_control=True"),
        ("pass --tst-data DIR with the file", "pass data_dir='DIR' with the file"),
        ("run lm-eval with --log_samples and", "run lm-eval with --log_samples and"),
    ],
)
def test_options_are_said_as_arguments(text: str, said: str) -> None:
    assert in_words_of_python(text) == said


def test_an_error_keeps_its_kind_and_its_origin() -> None:
    with (
        pytest.raises(DataError, match=r"^use n_splits=2$") as raised,
        says_arguments({"folds=": "n_splits="}),
    ):
        raise DataError("use --tst-folds 2") from KeyError("x")
    assert isinstance(raised.value.__cause__, KeyError)


def test_the_doors_of_python_say_arguments(tmp_path: Path) -> None:
    hub = tst_harness.HubDataset("owner/name", "0" * 40, "a.jsonl")
    columns = tst_harness.Columns(text="question", answer="answer")
    benchmark = tst_harness.Benchmark("asked", hub, columns, [tst_harness.Number("count")])
    for door in (tst_harness.audit, partial(tst_harness.prune, budget=1)):
        with pytest.raises(HarnessError, match=r"does not exist; correct data_dir=\.\.\. or TST_DATA_DIR"):
            door(benchmark, data_dir=tmp_path / "none", progress=False)
    frame = pd.DataFrame({"question": ["What is it?"] * 3, "answer": [1, 2, 3]})
    with pytest.raises(HarnessError, match="use n_splits=2 or more"):
        run_cross_validation(_Model(), RandomForestEvaluator(), frame, "answer", n_splits=1)


class _Model(BiasModel):
    name = "m"
    format = "mc"

    def select_rows(self, df: pd.DataFrame) -> pd.DataFrame:
        return df
