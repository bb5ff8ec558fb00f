"""The answer key: what a model's results are matched with and scored against."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from tst_harness.analysis.blind_baseline import inclusive_rules
from tst_harness.analysis.diagnostic import IntArray
from tst_harness.analysis.scoring import LETTERS
from tst_harness.benchmark.declarations import Open
from tst_harness.benchmark.question_type import TextMetric
from tst_harness.dataset.loading import Dataset
from tst_harness.dataset.several_options import option_set

Right = int | float | tuple[str, ...] | frozenset[int] | None
"""The place of the gold option (mc), a number, the accepted texts (open) or the right options (multi)."""


@dataclass(frozen=True, eq=False)
class AnswerKey:
    """n questions of a benchmark with their right answers.

    Attributes
    ----------
    benchmark
        Its name.
    id, type, format, group
        Of each question; `format` is "mc", "num", "open" or "multi".
    text, options
        None where texts are left out; `options` also for num and open.
    right
        None where it is left out.
    inclusive
        Whether an error equal to a threshold counts as within it (num).
    metric
        Of open questions, None for others.
    position
        The row of the file, from 0; None where it is not known.
    """

    benchmark: str
    id: list[str]
    type: list[str]
    format: list[str]
    group: list[str]
    text: list[str | None]
    options: list[tuple[str, ...] | None]
    right: list[Right]
    inclusive: npt.NDArray[np.bool_]
    metric: list[TextMetric | None]
    position: list[int] | None

    @classmethod
    def of_dataset(cls, dataset: Dataset) -> Self:
        """Return the key of loaded data, in their order."""
        frame, benchmark = dataset.frame, dataset.benchmark
        rules = inclusive_rules(benchmark)
        metrics = {kind.name: kind.metric for kind in benchmark.scored_types if isinstance(kind, Open)}
        types = frame["type"].tolist()

        def right(format_: str, answer: float) -> Right:
            if format_ == "mc":
                return int(answer)
            if format_ == "multi":
                return frozenset(option_set(answer))
            return dataset.accepted[int(answer)] if format_ == "open" else float(answer)

        return cls(
            benchmark=benchmark.name,
            id=frame["id"].tolist(),
            type=types,
            format=frame["format"].tolist(),
            group=frame["group"].tolist(),
            text=frame["text"].tolist(),
            options=[tuple(options) if options else None for options in frame["options"]],
            right=[right(*pair) for pair in zip(frame["format"], frame["answer"], strict=True)],
            inclusive=np.array([rules.get(name, False) for name in types], dtype=bool),
            metric=[metrics.get(name) for name in types],
            position=frame["position"].tolist(),
        )

    @classmethod
    def of_lines(
        cls,
        benchmark: str,
        samples: pd.DataFrame,
        lines: Iterable[Mapping[str, Any]],
        metrics: Mapping[str, str],
    ) -> Self:
        """Return the key that a report and the questions beside it amount to, in the order of the samples.

        Parameters
        ----------
        benchmark
            Its name.
        samples
            A row a question, with the columns of `Sample`.
        lines
            The fields of a `QuestionLine` each.
        metrics
            By question type, as in the report.
        """
        known = {line["id"]: line for line in lines}
        listed = [known.get(id_, {}) for id_ in samples["id"]]
        formats = samples["format"].tolist()
        positions = [line.get("position") for line in listed]
        return cls(
            benchmark=benchmark,
            id=samples["id"].tolist(),
            type=samples["type"].tolist(),
            format=formats,
            group=samples["group"].tolist(),
            text=[line.get("text") for line in listed],
            options=[tuple(line["options"]) if line.get("options") else None for line in listed],
            right=[_right(format_, line) for format_, line in zip(formats, listed, strict=True)],
            inclusive=np.array([bool(line.get("inclusive")) for line in listed], dtype=bool),
            metric=[
                metrics[name] if format_ == "open" else None  # type: ignore[misc]
                for name, format_ in zip(samples["type"], formats, strict=True)
            ],
            position=None if None in positions else [int(place) for place in positions],  # type: ignore[arg-type]
        )

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each id."""
        return {id_: row for row, id_ in enumerate(self.id)}

    @cached_property
    def row_of_position(self) -> dict[int, int]:
        """The row of each place in the file."""
        return {} if self.position is None else {place: row for row, place in enumerate(self.position)}

    def part(self, rows: IntArray) -> Self:
        """Return the key of some questions."""
        fields: dict[str, Any] = {"benchmark": self.benchmark, "inclusive": self.inclusive[rows]}
        for name in ("id", "type", "format", "group", "text", "options", "right", "metric", "position"):
            values: Sequence[Any] | None = getattr(self, name)
            fields[name] = None if values is None else [values[row] for row in rows.tolist()]
        return type(self)(**fields)


def _right(format_: str, line: Mapping[str, Any]) -> Right:
    answer = line.get("answer")
    if answer is None:
        return None
    if format_ == "mc":
        return LETTERS.index(answer) if answer in LETTERS else int(answer)
    if format_ == "multi":
        return frozenset(LETTERS.index(letter) for letter in str(answer).split(", "))
    if format_ == "open":
        return tuple(line.get("accepted") or [str(answer)])
    return float(answer)
