"""Imports without what a package can do without."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from tst_harness.diagnostics.forest.trees import _import_alone as import_alone


def test_a_package_is_imported_alone_and_others_get_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in {
        "shop": "try:\n    import till\nexcept ImportError:\n    till = None\nfrom shop import shelf\n",
        "till": "",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(source, encoding="utf-8")
    (tmp_path / "shop" / "shelf.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    alone = import_alone("shop", without=["till"])
    assert alone.till is None
    assert not {"shop", "shop.shelf", "till"} & set(sys.modules)
    complete = import_module("shop")
    try:
        assert complete.till is import_module("till")
        assert complete.shelf is not alone.shelf
        assert import_alone("shop", without=["till"]) is complete
    finally:
        for name in ("shop", "shop.shelf", "till"):
            del sys.modules[name]
