"""Rows of the datasets library: in memory, streamed, filtered, formatted, and with pictures in them."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from layout_rows import plain

import tst_harness
from tst_harness.errors import DataError

datasets = pytest.importorskip("datasets", reason="datasets is not installed")
image = pytest.importorskip("PIL.Image", reason="pillow is not installed")

ROWS = [plain(i) for i in range(60)]


def picture() -> bytes:
    stream = io.BytesIO()
    image.new("RGB", (4, 4)).save(stream, "PNG")
    return stream.getvalue()


def pictured() -> Any:
    """Questions with a picture, a list of pictures, and one inside an object."""
    cell = {"bytes": picture(), "path": None}
    rows = [row | {"image": cell, "images": [cell], "shown": {"image": cell, "hint": "a b"}} for row in ROWS]
    features = datasets.Dataset.from_list(rows).features | {
        "image": datasets.Image(),
        "images": datasets.List(datasets.Image()),
        "shown": {"image": datasets.Image(), "hint": datasets.Value("string")},
    }
    return datasets.Dataset.from_list(rows, features=datasets.Features(features))


def without_pictures() -> list[dict[str, Any]]:
    return [row | {"shown": {"hint": "a b"}} for row in ROWS]


FORMS: dict[str, Callable[[Any], Any]] = {
    "in memory": lambda data: data,
    "streamed": lambda data: data.to_iterable_dataset(),
    "generated": lambda data: datasets.IterableDataset.from_generator(lambda: iter(list(data))),
    "filtered and shuffled": lambda data: data.filter(lambda row: True).shuffle(seed=1),
    "formatted": lambda data: data.with_format("numpy"),
    "a list of its rows": list,
}


def report(data: Any) -> dict[Any, Any]:
    audited = tst_harness.audit(
        data, name="toy", folds=2, diagnostics=("words",), progress=False, options="options"
    )
    return dict(audited.overall.iloc[0])


@pytest.mark.parametrize("form", FORMS)
def test_a_dataset_is_audited_as_its_rows_are(form: str) -> None:
    assert report(FORMS[form](pictured())) == report(without_pictures())


def test_a_dataset_of_several_splits_is_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match=r"data of type DatasetDict cannot be audited: .*one split"):
        report(datasets.DatasetDict({"test": datasets.Dataset.from_list(ROWS)}))
