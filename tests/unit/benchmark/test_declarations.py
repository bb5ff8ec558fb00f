import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tst_harness.benchmark.declarations import (
    Benchmark,
    BundledSample,
    Choice,
    Columns,
    HubDataset,
    InText,
    LocalFile,
    NotScored,
    Number,
    Prompts,
)
from tst_harness.errors import DeclarationError

COLUMNS = Columns(text="question", answer="answer", id="id", options="options", type="type")
untyped_choice: Any = Choice
untyped_columns: Any = Columns
untyped_prompts: Any = Prompts
REVISION = "0123456789abcdef0123456789abcdef01234567"


def benchmark(**changes: Any) -> Benchmark:
    fields: dict[str, Any] = {
        "name": "toy",
        "source": BundledSample(),
        "columns": COLUMNS,
        "question_types": [Choice("pick")],
    }
    return Benchmark(**(fields | changes))


def test_a_declaration_keeps_what_it_was_given() -> None:
    declared = Benchmark(
        name="vsi",
        source=HubDataset("nyu-visionx/VSI-Bench", revision=REVISION, file="test*.parquet"),
        columns=COLUMNS,
        question_types=[
            Number("count", r"How many (?P<object>.+?)\(s\)", inclusive=True),
            Choice("pick", answers="index1"),
        ],
        prompts=Prompts(num="{question} In metres."),
    )
    assert declared.prompts == Prompts(mc=None, num="{question} In metres.")
    assert benchmark().prompts is None
    assert isinstance(declared.source, HubDataset)
    assert declared.source.folder == "vsi_bench"
    assert declared.title == "vsi"
    assert [(one.format, one.metric) for one in declared.scored_types] == [("num", "mra"), ("mc", "acc")]
    assert declared.question_type("pick").pattern is None
    regex = declared.question_type("count").regex
    assert regex is not None
    match = regex.search("How many chair(s) are here?")
    assert match is not None
    assert match["object"] == "chair"
    assert pickle.loads(pickle.dumps(declared)) == declared
    assert Benchmark.model_validate_json(declared.model_dump_json()) == declared


def test_an_unknown_question_type_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="other"):
        benchmark().question_type("other")


REFUSALS: list[tuple[Callable[[], object], str]] = [
    (lambda: Choice("pick", "(unclosed"), "Choice 'pick': pattern: is not a regular expression: missing \\)"),
    (lambda: Choice(" "), "name: is blank"),
    (
        lambda: untyped_choice("pick", answers="roman"),
        "answers: Input should be 'letter', 'index', 'index1' or 'text'",
    ),
    (lambda: Number("count", inclsive=True), "Number 'count': inclsive: Extra inputs are not permitted"),
    (lambda: untyped_columns(text="q"), "Columns: answer: Field required"),
    (lambda: Choice("pick", labels=("yes",)), "Choice 'pick': labels: a question needs at least two"),
    (lambda: Choice("pick", labels=("yes", " ")), "labels: is blank"),
    (lambda: Choice("pick", labels=("yes", "no", "Yes ")), "labels: 'yes' is there 2 times"),
    (lambda: Columns(text="", answer="a", id="i"), "Columns: text: is blank"),
    (lambda: Columns(text="q", answer="q", id="i"), "answer: the column 'q' is already the text column"),
    (lambda: Columns(text="q", answer="a", id="i", options=("A", "q")), "options: the column 'q' is already"),
    (lambda: Columns(text="q", answer="a", id="i", group="a"), "group: the column 'a' is already the answer"),
    (lambda: Columns(text="q", answer="a", id="i", group=()), "group: names no column"),
    (
        lambda: Columns(text="q", answer="a", id="i", options=("A", "A")),
        "options: names a column twice: A, A",
    ),
    (lambda: Columns(text="q", answer="a", id="i", options=("A",)), "options: a question needs at least two"),
    (lambda: HubDataset("VSI-Bench", REVISION), "repo: 'VSI-Bench' is not of the form owner/name"),
    (lambda: HubDataset("a/b", "main"), "revision: 'main' is not a commit of 40 hex digits"),
    (lambda: HubDataset("a/b", REVISION, "../b.csv"), "file: '../b.csv' is not a relative path"),
    (lambda: HubDataset("a/b", REVISION, folder="/etc"), "folder: '/etc' is not a relative path"),
    (lambda: HubDataset("a/b", REVISION, row_order="8c48"), "row_order: '8c48' is not a fingerprint"),
    (lambda: LocalFile("a.csv", content="F" * 64), "content: 'F+' is not a fingerprint"),
    (lambda: LocalFile(""), "path: is blank"),
    (lambda: benchmark(name="VSI Bench"), "Benchmark 'VSI Bench': name: 'VSI Bench' has other characters"),
    (lambda: benchmark(question_types=[]), "question_types: is empty"),
    (lambda: benchmark(question_types=[NotScored("open")]), "question_types: has nothing to score"),
    (lambda: benchmark(question_types=[Choice("a"), Choice("a")]), "question_types: 'a' is declared 2 times"),
    (
        lambda: benchmark(columns=Columns(text="q", answer="a", id="i")),
        "columns.options: the Choice 'pick' needs options",
    ),
    (
        lambda: benchmark(
            columns=Columns(text="q", answer="a", id="i", options="o"),
            question_types=[Choice("a", "x"), Choice("b")],
        ),
        "columns.type: is not declared, .* and 'b' has none",
    ),
    (lambda: benchmark(source="vsi.jsonl"), "source: "),
    (lambda: benchmark(prompts="{question}"), "prompts: "),
    (lambda: Prompts(mc="{options}"), "Prompts: mc: needs {question} exactly once and has it 0 times"),
    (lambda: Prompts(mc="{question}"), "mc: needs {options} exactly once and has it 0 times"),
    (lambda: Prompts(num="{question}{question}"), "num: needs {question} exactly once and has it 2 times"),
    (lambda: Prompts(num="{question} {options}"), "num: has a '{' that is not part of {question}; leave"),
    (lambda: Prompts(mc="{question}{options}{}"), "mc: has a '{' that is not part of {question} and {opt"),
    (lambda: Prompts(num="{question}}"), "num: has a '}' that is not part"),
    (lambda: Prompts(num="{{question}"), "num: has a '{' that is not part"),
    (lambda: Prompts(open="{question} {options}"), "open: has a '{' that is not part of {question}; leave"),
    (lambda: Prompts(multi="{question}{options}"), "multi: needs {option} exactly once and has it 0 times"),
    (lambda: untyped_prompts(mcq="{question}"), "Prompts: mcq: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("make", "message"), REFUSALS, ids=[message[:40] for _, message in REFUSALS])
def test_what_makes_no_sense_is_refused_with_the_field_and_why(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_a_declaration_survives_being_written_and_read() -> None:
    declared = benchmark(
        columns=Columns(text="q", answer="a", options=InText(), type="kind", blank_text=True),
        question_types=[Choice("pick"), Choice("entails", labels=["no", "yes"]), NotScored("open")],
        redistributable=False,
    )
    assert Benchmark.model_validate_json(declared.model_dump_json()) == declared
    assert pickle.loads(pickle.dumps(declared)) == declared
    assert declared.columns.named("id") == declared.columns.named("options") == ()
    assert [one.name for one in declared.scored_types] == ["pick", "entails"]
    with pytest.raises(KeyError, match="open"):
        declared.question_type("open")


def test_labels_are_options_enough() -> None:
    columns = Columns(text="q", answer="a")
    assert benchmark(columns=columns, question_types=[Choice("a", labels=(" no", "yes"))]).scored_types
    with pytest.raises(DeclarationError, match="the Choice 'b' needs options"):
        benchmark(
            columns=Columns(text="q", answer="a", type="t"),
            question_types=[Choice("a", labels=("no", "yes")), Choice("b")],
        )


def test_a_group_may_repeat_the_id_and_a_pattern_may_have_no_slots() -> None:
    assert Columns(text="q", answer="a", id="i", group="i").named("group") == ("i",)
    assert Choice("pick", "(nearest)").pattern == "(nearest)"


def loaded(modules: str, heavy: set[str]) -> set[str]:
    code = f"import sys, {modules}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return heavy & set(run.stdout.split())


def test_declarations_import_no_data_library() -> None:
    heavy = {"pandas", "numpy", "pyarrow", "huggingface_hub", "sklearn", "torch"}
    assert loaded("tst_harness.benchmark.declarations, tst_harness.dataset.sample", heavy) == set()


def test_loading_does_not_import_the_hub_before_it_is_needed() -> None:
    heavy = {"huggingface_hub", "sklearn", "torch", "datasets"}
    assert loaded("tst_harness.dataset.loading", heavy) == set()
