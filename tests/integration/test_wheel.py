"""The wheel, installed in a project that has nothing to do with benchmarks."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = """
import pytest

import tst_harness


@pytest.fixture
def trainer():
    return "coach"


@pytest.fixture(scope="session")
def predictor(request):
    return "oracle"


@pytest.fixture
def trainable(trainer, predictor):
    return [trainer, predictor]


def test_own_fixtures(trainable, pytestconfig):
    assert trainable == ["coach", "oracle"]
    assert "site" in tst_harness.__file__
    assert pytestconfig.getoption("tst_folds") is None
"""


def test_a_project_with_fixtures_of_these_names_passes_its_tests(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    build = f"from hatchling.build import build_wheel; print(build_wheel({str(tmp_path)!r}))"
    built = subprocess.run(
        [sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, check=True
    )
    site, project = tmp_path / "site", tmp_path / "project"
    with zipfile.ZipFile(tmp_path / built.stdout.strip()) as wheel:
        wheel.extractall(site)
    project.mkdir()
    (project / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (project / "test_own.py").write_text(PROJECT, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"],
        cwd=project,
        env=environment | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
