"""The blind baseline of an mc type: the better of chance and the most frequent training answer."""

from typing import Any

import pytest
from record_builders import RUN, make_folds

from tst_harness.analysis.records import FoldRecord, HeldOut
from tst_harness.report.assemble import assemble
from tst_harness.report.held_out import samples_frame
from tst_harness.report.schema import DiagnosticReport
from tst_harness.views.formats import baseline_word, baselines_of, format_lines

IDS = [str(number) for number in range(60)]


def folds_with(most_frequent: dict[str, list[float]], repeats: int = 1) -> list[FoldRecord]:
    """Return folds in which the most frequent answer scores so on the questions of a type, in turn."""
    changed = []
    for record in make_folds(IDS, repeats=repeats):
        columns: dict[str, Any] = dict(record.held_out)
        columns["most_frequent"] = [
            most_frequent[kind][int(id_) // 3 % len(most_frequent[kind])] if kind in most_frequent else 0.0
            for id_, kind in zip(columns["id"], columns["type"], strict=True)
        ]
        changed.append(record.model_copy(update={"held_out": HeldOut(**columns)}))
    return changed


def report_of(folds: list[FoldRecord]) -> DiagnosticReport:
    return assemble(folds, {"forest": {(fold.repeat, fold.fold) for fold in folds}}, RUN).diagnostics[
        "forest"
    ]


@pytest.mark.parametrize("repeats", [1, 2])
def test_majority_replaces_chance_on_the_type_where_it_scores_more(repeats: int) -> None:
    folds = folds_with({"route": [1.0, 1.0, 0.0, 0.0], "rel_distance": [1.0, 0.0, 0.0, 0.0, 0.0]}, repeats)
    types = report_of(folds).types
    route, distance, size = types["route"], types["rel_distance"], types["room_size"]
    assert (route.chance, route.most_frequent, route.blind_baseline) == (0.25, 0.5, 0.5)
    assert (distance.chance, distance.most_frequent, distance.blind_baseline) == (0.25, 0.2, 0.25)
    assert (size.chance, size.most_frequent, size.blind_baseline) == (None, None, 0.25)
    assert route.gain == pytest.approx(route.score - 0.5)
    samples = samples_frame(folds).set_index("type")["blind_baseline"]
    assert set(samples["route"]) == {0.0, 1.0}
    assert set(samples["rel_distance"]) == {0.25}


def test_a_majority_as_good_as_chance_replaces_nothing() -> None:
    folds = folds_with({"route": [1.0, 0.0, 0.0, 0.0]})
    assert set(samples_frame(folds).set_index("type")["blind_baseline"]["route"]) == {0.25}


def test_a_gain_over_majority_is_paired_by_question() -> None:
    """A diagnostic that says what the majority does gains nothing, without any uncertainty."""
    folds = folds_with({"route": [1.0, 1.0, 0.0, 1.0]})
    same = []
    for record in folds:
        columns: dict[str, Any] = dict(record.held_out)
        columns["score"] = columns["most_frequent"]
        same.append(record.model_copy(update={"held_out": HeldOut(**columns)}))
    route = report_of(same).types["route"]
    assert (route.score, route.gain, route.gain_interval) == (0.75, 0.0, (0.0, 0.0))


def test_the_baseline_is_called_by_what_it_is() -> None:
    found = report_of(folds_with({"route": [1.0, 1.0, 0.0, 0.0]}))
    words = {name: baseline_word(scores) for name, scores in found.types.items()}
    assert words == {"route": "majority", "rel_distance": "chance", "room_size": "constant"}
    assert baselines_of(found.types.values()) == (
        "chance, the most frequent answers and the best constant answers"
    )
    assert next(format_lines(found, folds=3)) == (
        "the most frequent answer of the training folds scores more than chance: route 50.0% (chance 25.0%)"
    )
