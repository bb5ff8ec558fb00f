"""Made-up open and multi questions with shortcuts of a chosen strength, made ready for their folds."""

from pathlib import Path

from sample_formats import SEED, SampleFormat, generate_format
from sample_generator import write_rows

from tst_harness.benchmark.declarations import Benchmark, Columns, LocalFile, Multi, Open, ScoredType
from tst_harness.engine.experiment import Experiment
from tst_harness.engine.settings import Settings

TYPES: dict[SampleFormat, list[ScoredType]] = {
    "open": [
        Open("material", r"What is the (?P<object>.+?) in this room made of"),
        Open("color", r"What color is the (?P<object>.+?)\?", metric="vqa"),
        Open("label", r"label on the (?P<object>.+?) say", metric="anls"),
    ],
    "multi": [Multi("side"), Multi("order", r"show before the (?P<anchor>.+?)\?")],
}


def declared(path: Path, format_: SampleFormat) -> Benchmark:
    return Benchmark(
        name="planted",
        source=LocalFile(str(path)),
        columns=Columns(
            id="id",
            text="question",
            options="options" if format_ == "multi" else None,
            answer="answer",
            type="type",
            group="scene",
        ),
        question_types=TYPES[format_],
    )


def planted(
    folder: Path, format_: SampleFormat, strength: float, null_control: bool = False, sample: int = SEED
) -> Experiment:
    path = folder / f"{format_}.jsonl"
    write_rows(path, generate_format(format_, strength, sample))
    return Experiment(declared(path, format_), Settings(null_control=null_control))
