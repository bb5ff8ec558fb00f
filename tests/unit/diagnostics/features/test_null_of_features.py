from pathlib import Path

import pandas as pd

from tst_harness.benchmark.declarations import Benchmark, Choice, Columns, LocalFile, Number
from tst_harness.dataset.loading import load, permute_answers
from tst_harness.dataset.raw import raw_rows
from tst_harness.diagnostics.features.models import permuted_rows


def test_models_of_features_get_the_answers_that_other_diagnostics_get(tmp_path: Path) -> None:
    rows = [
        {
            "id": str(number),
            "question": f"Question {number}?",
            "options": ["red", "blue", "green"][: 2 + number % 2] if number % 3 else None,
            "answer": "AB"[number % 2] if number % 3 else str(number + 1),
            "kind": "pick" if number % 3 else "count",
        }
        for number in range(60)
    ]
    pd.DataFrame(rows).to_json(tmp_path / "toy.jsonl", orient="records", lines=True)
    benchmark = Benchmark(
        name="toy",
        source=LocalFile(str(tmp_path / "toy.jsonl")),
        columns=Columns(id="id", text="question", options="options", answer="answer", type="kind"),
        question_types=[Choice("pick"), Number("count")],
    )
    dataset = load(benchmark)
    expected = permute_answers(dataset, seed=3).frame
    permuted = permuted_rows(raw_rows(dataset), dataset, seed=3)
    assert permuted["id"].tolist() == expected["id"].tolist()
    golds = [
        "AB".index(answer) if kind == "pick" else float(answer)
        for kind, answer in zip(permuted["kind"], permuted["answer"], strict=True)
    ]
    assert golds == expected["answer"].tolist()
    assert golds != dataset.frame["answer"].tolist()
