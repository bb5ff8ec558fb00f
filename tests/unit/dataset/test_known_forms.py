"""Every question of a file in a well-known layout has the right answer, the type and the group it should."""

from pathlib import Path

import pytest
from known_checks import check_known
from known_layouts import KNOWN


@pytest.mark.parametrize("name", KNOWN)
def test_a_form_is_read_as_it_is(tmp_path: Path, name: str) -> None:
    check_known(KNOWN[name], tmp_path)
