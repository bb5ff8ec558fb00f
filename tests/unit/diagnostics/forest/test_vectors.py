"""Word vectors: what is alike counts as the same, by a table that is read and never imported."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from forest_builders import Asked, pick, task_of
from vector_tables import write_table, write_words

from tst_harness.diagnostics.forest import vectors
from tst_harness.diagnostics.forest.diagnostic import ForestDiagnostic
from tst_harness.diagnostics.forest.vectors import VectorTable, embed, table_folder
from tst_harness.errors import EngineUnavailable

pytest.importorskip("tokenizers", reason="comes with tst-harness[test]")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_text_is_the_mean_of_its_words(site: Path) -> None:
    place = write_table(site, {"cat": [1.0, 0.0], "kitten": [1.0, 0.0], "lorry": [0.0, 1.0]})
    cat, kitten, both, nothing = embed(["cat", "kitten", "cat lorry", "lorry lorry"], place)
    np.testing.assert_array_equal(cat, kitten)
    assert np.linalg.norm(cat) == pytest.approx(1.0)
    assert float(cat @ both) < 0.0 or not both.any()
    assert float(cat @ nothing) == pytest.approx(-1.0)
    assert not embed(["", ""], place).any()
    assert table_folder("wordllama") == place
    assert "wordllama" not in sys.modules


def test_what_is_not_installed_names_the_extra(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "wordllama").mkdir()
    (site / "wordllama" / "__init__.py").write_text("", "utf-8")
    with pytest.raises(EngineUnavailable, match=r"no table of 256 .* 'tst-harness\[vectors\]'"):
        ForestDiagnostic(vectors="wordllama")
    monkeypatch.setattr(vectors, "find_spec", lambda name: None)
    with pytest.raises(EngineUnavailable, match=r"wordllama is not installed; .* 'tst-harness\[vectors\]'"):
        ForestDiagnostic(vectors="wordllama")


def questions(words: Sequence[Sequence[str]], planted: bool) -> list[Asked]:
    """Questions whose right option is of the first kind, where that is planted."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(400):
        kinds = rng.permutation(4)
        options = tuple(str(rng.choice(words[kind])) for kind in kinds)
        gold = int(np.flatnonzero(kinds == 0)[0]) if planted else int(rng.integers(4))
        rows.append(pick(f"Which is it in picture {number}?", gold, options))
    return rows


def score(rows: Sequence[Asked], vectors: VectorTable | None = None) -> float:
    task = task_of(rows)
    values = ForestDiagnostic(importances=False, vectors=vectors).predict(task).values.reshape(-1, 4)
    golds = [rows[row].answer for row in task.held_out.tolist()]
    return float((values.argmax(axis=1) == golds).mean())


def test_options_are_known_by_what_they_are_like(site: Path) -> None:
    words = write_words(site)
    rows = questions(words, planted=True)
    assert score(rows, vectors="wordllama") > 0.9
    assert score(rows) < 0.7


def test_where_nothing_is_planted_nothing_is_found(site: Path) -> None:
    rows = questions(write_words(site), planted=False)
    assert score(rows, vectors="wordllama") < 0.4


def test_the_table_is_named(site: Path) -> None:
    write_words(site)
    forest = ForestDiagnostic(vectors="wordllama")
    assert forest.settings["vectors"] == "wordllama"
    assert forest.versions["wordllama"] == "9.9"
    assert "vectors" not in ForestDiagnostic().settings
