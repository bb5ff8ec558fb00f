"""The README's output is that of its command on VSI-Bench."""

import os
from pathlib import Path

import documentation
import pytest

DATA = os.environ.get("TST_DATA_DIR")


@pytest.mark.skipif(not DATA, reason="TST_DATA_DIR is not set, so there are no real data to audit")
def test_the_readme_shows_what_its_command_prints(tmp_path: Path) -> None:
    documentation.assert_shows_what_it_prints(documentation.README, tmp_path, DATA)
