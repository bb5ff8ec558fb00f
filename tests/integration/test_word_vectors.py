"""A run with pretrained word vectors: the report names them, and one without the package names the extra."""

from pathlib import Path

import pytest
from projects import read_json, write_project
from vector_tables import write_table

import tst_harness
from tst_harness.engine.results import ExitStatus

pytest.importorskip("tokenizers", reason="comes with tst-harness[test]")

VECTORS = {"red": [1.0, 0.0], "green": [0.0, 1.0], "blue": [-1.0, 0.0], "wall": [0.5, 0.5]}
ASKED = ("-p", "no:randomly", "-p", "no:hypothesispytest", "--tst-no-html", "--tst-vectors=wordllama")


@pytest.fixture
def site(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_project(pytester)
    folder = pytester.mkdir("site")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def test_the_report_names_them(
    pytester: pytest.Pytester, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_table(site, VECTORS)
    result = pytester.runpytest_subprocess(*ASKED)
    assert result.ret == pytest.ExitCode.OK
    report = read_json(Path("reports/toy-wordllama.json"))
    assert report["settings"]["vectors"] == "wordllama"
    assert report["diagnostics"]["forest"]["settings"]["vectors"] == "wordllama"
    assert report["versions"]["wordllama"] == "9.9"
    result.stdout.fnmatch_lines(["toy: Toy-Bench | forest | * | pretrained word vectors of*"])
    assert "its scores depend on the pretrained word vectors of wordllama 9.9" in " ".join(
        result.stdout.str().split()
    )
    monkeypatch.syspath_prepend(str(site))
    audited = tst_harness.audit("toy.jsonl", vectors="wordllama", progress=False)
    assert audited.content.settings.vectors == "wordllama"


def test_without_the_package_the_extra_is_named(pytester: pytest.Pytester, site: Path) -> None:
    (site / "wordllama").mkdir()
    (site / "wordllama" / "__init__.py").write_text("", "utf-8")
    result = pytester.runpytest_subprocess(*ASKED)
    assert result.ret == ExitStatus.INCOMPLETE
    assert "pip install 'tst-harness[vectors]'" in " ".join(result.stdout.str().split())
