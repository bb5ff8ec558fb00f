"""The published schema of a comparison; to publish a change of the models, run this file as a program."""

from pathlib import Path

from tst_harness.pruning import controls_schema
from tst_harness.pruning.controls_schema import comparison_json_schema
from tst_harness.report.files import canonical_json

PUBLISHED = Path(controls_schema.__file__).with_name("comparison.schema.json")


def published() -> str:
    return canonical_json(comparison_json_schema(), indent=2)


def test_the_published_schema_is_that_of_the_models() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == published()


if __name__ == "__main__":
    PUBLISHED.write_text(published(), encoding="utf-8")
