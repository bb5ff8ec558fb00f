"""What `import tst_harness` offers is there, and loaded when it is first asked for."""

import pytest

import tst_harness
from tst_harness.api.audit import audit
from tst_harness.api.compare import compare
from tst_harness.api.prune import prune
from tst_harness.api.report import Report, read_report


def test_every_name_is_there() -> None:
    for name in tst_harness.__all__:
        assert getattr(tst_harness, name) is not None
    assert (tst_harness.audit, tst_harness.compare) == (audit, compare)
    assert (tst_harness.prune, tst_harness.read_report) == (prune, read_report)
    assert tst_harness.Report is Report


def test_others_are_not() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'prun'"):
        tst_harness.prun  # noqa: B018
