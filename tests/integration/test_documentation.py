"""Commands of the documentation are run, and their output is what the pages show."""

from pathlib import Path

import documentation
import pytest


def runnable(page: Path) -> bool:
    return page != documentation.README and bool(documentation.steps(page.read_text("utf-8")))


@pytest.mark.parametrize(
    "page", [page for page in documentation.PAGES if runnable(page)], ids=lambda page: page.stem
)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    documentation.assert_shows_what_it_prints(page, tmp_path)
