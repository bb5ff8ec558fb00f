"""Pruning the bundled sample, whose planted questions are known."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pruning_builders import prune
from sample_generator import generate, write

from tst_harness.benchmark.declarations import Benchmark, LocalFile
from tst_harness.dataset.sample import benchmark
from tst_harness.engine.settings import Settings
from tst_harness.errors import DataError, HarnessError, ReportError
from tst_harness.pruning import loop
from tst_harness.pruning.files import KEPT, REMOVED, REPORT, STATE, read_pruning
from tst_harness.pruning.loop import PruningProgress
from tst_harness.pruning.schema import PruningReport
from tst_harness.views.pruning import summary_lines

QUICK = Settings(folds=3)


def of_rows(folder: Path, rows: list[dict[str, object]]) -> Benchmark:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return benchmark().model_copy(update={"source": LocalFile(path.as_posix()), "bundled_sample": False})


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[PruningReport, Path]:
    """120 questions removed in batches of 30 of each format, and the folder of the results."""
    folder = tmp_path_factory.mktemp("pruned")
    return prune(benchmark(), folder, options=QUICK, budget=120, batch=30), folder


def test_kept_and_removed_part_the_questions(report: tuple[PruningReport, Path]) -> None:
    found, _ = report
    assert len(found.removed) == 120
    assert sorted([*found.removed, *found.kept], key=int) == [str(number) for number in range(600)]
    assert found.kept == sorted(found.kept, key=int)
    assert found.stopped == "budget"


def test_every_iteration_says_what_was_left_and_who_went(report: tuple[PruningReport, Path]) -> None:
    found, _ = report
    assert [one.n for one in found.iterations] == [600, 540, 480]
    assert [one.overall.n for one in found.iterations] == [600, 540, 480]
    assert [len(one.removed) for one in found.iterations] == [60, 60, 0]
    assert [one.id for iteration in found.iterations for one in iteration.removed] == found.removed
    for iteration in found.iterations[:-1]:
        assert Counter(one.type for one in iteration.removed).total() == 60
    assert found.before.overall == found.iterations[0].overall
    assert found.after.types == found.iterations[-1].types
    assert found.after.overall.score < found.before.overall.score - 0.1


def test_what_goes_first_is_planted(report: tuple[PruningReport, Path]) -> None:
    found, _ = report
    planted = {str(row["id"]) for row in generate() if row["planted"]}
    assert len(planted & set(found.removed)) / len(found.removed) > len(planted) / 600 + 0.08


def test_the_files_hold_the_same(report: tuple[PruningReport, Path]) -> None:
    found, folder = report
    assert sorted(path.name for path in folder.iterdir()) == [
        KEPT,
        REPORT,
        "pruning.questions.jsonl",
        REMOVED,
    ]
    assert (folder / REMOVED).read_text("utf-8").splitlines() == found.removed
    assert (folder / KEPT).read_text("utf-8").splitlines() == found.kept
    assert read_pruning(folder / REPORT) == found


def test_the_table_fits_a_terminal(report: tuple[PruningReport, Path]) -> None:
    lines = [line.text for line in summary_lines(report[0])]
    assert max(map(len, lines)) <= 80
    assert any("480 of 600" in line for line in lines)
    assert "120 of 600 questions removed" in " ".join(lines)


def test_a_smaller_budget_removes_what_a_larger_one_removes_first(
    report: tuple[PruningReport, Path],
) -> None:
    """Also where its last batch is not a whole one."""
    less = prune(benchmark(), options=QUICK, budget=95, batch=30)
    assert [len(one.removed) for one in less.iterations] == [60, 35, 0]
    for format_ in ("mc", "num"):
        own, of_more = (
            [
                one.id
                for iteration in found.iterations
                for one in iteration.removed
                if found.before.types[one.type].format == format_
            ]
            for found in (less, report[0])
        )
        assert 0 < len(own) < len(of_more)
        assert of_more[: len(own)] == own


def test_row_order_does_not_matter(report: tuple[PruningReport, Path], tmp_path: Path) -> None:
    again = prune(of_rows(tmp_path, generate()[::-1]), options=QUICK, budget=120, batch=30)
    assert (again.removed, again.kept, again.iterations) == (
        report[0].removed,
        report[0].kept,
        report[0].iterations,
    )


def test_a_finished_pruning_is_read_back(
    report: tuple[PruningReport, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, folder = report
    monkeypatch.setattr(loop, "benchmark_scores", None)
    assert prune(benchmark(), folder, options=QUICK, budget=120, batch=30) == found


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"batch": 20}, "holds a pruning with batch 30 where 20 is asked for; name another folder"),
        ({"budget": 121}, "holds a pruning with budget 120 where 121"),
        ({"options": Settings(folds=4)}, "holds a pruning with folds 3 where 4"),
    ],
)
def test_other_settings_overwrite_nothing(
    report: tuple[PruningReport, Path], changed: dict[str, object], sentence: str
) -> None:
    _, folder = report
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    asked: dict[str, Any] = {"options": QUICK, "budget": 120, "batch": 30, **changed}
    with pytest.raises(ReportError, match=sentence):
        prune(benchmark(), folder, **asked)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_one_that_was_interrupted_continues(
    report: tuple[PruningReport, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[PruningProgress] = []

    def interrupt(progress: PruningProgress) -> None:
        raise KeyboardInterrupt

    def again(fresh: bool = False, batch: int = 30) -> PruningReport:
        return prune(
            benchmark(),
            tmp_path,
            options=QUICK,
            budget=120,
            batch=batch,
            fresh=fresh,
            on_progress=seen.append,
        )

    with pytest.raises(KeyboardInterrupt):
        prune(benchmark(), tmp_path, options=QUICK, budget=120, batch=30, on_progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == [STATE]
    with pytest.raises(ReportError, match="holds a pruning with batch 30 where 15"):
        again(batch=15)
    found = again()
    assert len(seen) == 2
    assert (found.removed, found.iterations) == (report[0].removed, report[0].iterations)
    assert not (tmp_path / STATE).exists()
    assert again(fresh=True).iterations == found.iterations
    assert len(seen) == 5
    assert [one.removed for one in seen[2:]] == [60, 120, 120]


def test_a_state_that_was_cut_short_is_said(tmp_path: Path) -> None:
    (tmp_path / STATE).write_text('{"state_version": 1, "key"', encoding="utf-8")
    with pytest.raises(ReportError, match=r"is not valid JSON .*; or start over with --fresh"):
        prune(benchmark(), tmp_path, options=QUICK, budget=120)
    assert (tmp_path / STATE).exists()


def test_files_of_something_else_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / KEPT).write_text("mine\n", encoding="utf-8")
    with pytest.raises(ReportError, match=f"{KEPT} is not of a pruning"):
        prune(benchmark(), tmp_path, options=QUICK, budget=120)
    assert (tmp_path / KEPT).read_text("utf-8") == "mine\n"


def test_where_nothing_is_planted_pruning_stops_at_once(tmp_path: Path) -> None:
    write(tmp_path / "null.jsonl", strength=0.0)
    null = benchmark().model_copy(
        update={"source": LocalFile((tmp_path / "null.jsonl").as_posix()), "bundled_sample": False}
    )
    found = prune(null, until_chance=True)
    assert (found.stopped, found.removed, len(found.iterations)) == ("chance", [], 1)
    assert found.before == found.after


def test_until_chance_ends_where_the_interval_has_zero_in_it() -> None:
    found = prune(benchmark(), options=QUICK, until_chance=True, batch=60)
    assert found.stopped == "chance"
    *others, last = (one.overall.gain_interval[0] for one in found.iterations)
    assert min(others) > 0.0 >= last


def test_a_lower_bound_needs_repeats() -> None:
    with pytest.raises(DataError, match=r"needs two of them or more; use --tst-repeats 3"):
        prune(benchmark(), budget=10, rank="lower")
    found = prune(benchmark(), options=Settings(folds=2, repeats=2), budget=10, rank="lower")
    assert len(found.removed) == 10
    assert found.ranked_by == "lower"


def test_settings_are_checked_before_data_are_read(tmp_path: Path) -> None:
    missing = of_rows(tmp_path, generate()).model_copy(update={"source": LocalFile("nowhere.jsonl")})
    with pytest.raises(HarnessError, match="fraction: Input should be less than 1"):
        prune(missing, fraction=1.5)
