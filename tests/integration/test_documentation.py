"""Commands of the documentation are run, and their output is what the pages show."""

from pathlib import Path

import documentation
import pytest

RUN = [
    page
    for page in documentation.PAGES
    if page != documentation.README and documentation.steps(page.read_text("utf-8"))
]


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    documentation.assert_shows_what_it_prints(page, tmp_path)
