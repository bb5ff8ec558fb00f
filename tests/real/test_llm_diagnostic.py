"""The llm diagnostic under pytest, with real engines and a network of random weights."""

import json
from pathlib import Path

import pytest
from llm_projects import report, report_path, run, settled, write_project

from tst_harness.diagnostics.llm.utils.models import ModelSource


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


def test_a_run_its_report_and_the_same_again(project: Path, tiny: ModelSource) -> None:
    shown = run(project, tiny)
    assert "sample (bundled SAMPLE) llm zero-shot: " in shown
    assert "sample (bundled SAMPLE) llm fold 1: " in shown
    assert "shortcuts" not in shown, "they belong to the forest"
    first = report(project)
    found = first["diagnostics"]["llm"]
    overall = found["overall"]
    assert first["settings"]["limit"] == 40
    assert overall["n"] == 40
    for score, prefix in (("score", ""), ("mean_s", "mean_s_")):
        delta = overall[score] - overall[f"{prefix}zero_shot"]
        assert overall[f"{prefix}delta"] == pytest.approx(delta)
        low, high = overall[f"{prefix}delta_interval"]
        assert low <= overall[f"{prefix}delta"] <= high
    assert set(overall) - {"macro_score"} >= set(next(iter(found["types"].values()))) - {
        "format",
        "metric",
        "importances",
        "most_frequent",
        "chance",
        "seen_answers",
    }
    model = found["llm"]
    assert model["adapters_checked"]
    assert [(one["fold"], one["format"]) for one in model["adapters"]] == [
        (fold, part) for fold in (0, 1) for part in ("mc", "num")
    ]
    assert all(one["tokens"] > 0 and one["check"]["largest_change"] > 1e-4 for one in model["adapters"])
    for cost in (model["training"], model["inference"], model["zero_shot"]):
        assert cost["padding"] == 0, "prompts are packed on a CPU"
        assert cost["seconds_at_peak"] > 0.0
    assert " of the device's peak, 0.0% padding)" in " ".join(shown.split())
    assert {"torch", "transformers", "peft"} <= set(model["versions"])
    assert (model["model"], model["model_revision"]) == (tiny.folder().name, tiny.revision)
    assert str(tiny.folder().parent) not in report_path(project).read_text("utf-8")
    # Random weights say no letter and no number; what was trained says one.
    assert model["zero_shot"]["parse_failures"] > 20
    lines = report_path(project).with_suffix(".samples.jsonl").read_text("utf-8").splitlines()
    samples = [json.loads(line) for line in lines]
    assert len(samples) == 40
    assert all(one["s_delta"] == pytest.approx(one["s"] - one["s_zero_shot"]) for one in samples)
    assert not list((project / "scratch").rglob("adapter_*")), "adapters of finished folds are gone"

    again = run(project, tiny)
    assert f" {again.count('(cached)')} passed in " in again, "every unit is read back"
    assert settled(report(project)) == settled(first)


def test_two_workers_and_one_adapter_a_fold(project: Path, tiny: ModelSource) -> None:
    run(project, tiny, "--tst-adapters-per", "fold", "--tst-report", "one")
    run(project, tiny, "--tst-adapters-per", "fold", "--tst-report", "two", "-n", "2")
    one, two = (report(project, name) for name in ("one", "two"))
    assert settled(one) == settled(two)
    assert [adapter["format"] for adapter in one["diagnostics"]["llm"]["llm"]["adapters"]] == ["both"] * 2


def test_early_stopping_keeps_groups_whole_and_tells_what_it_chose(project: Path, tiny: ModelSource) -> None:
    shown = run(project, tiny, "--tst-lora", "recipe=early_stopping,epochs=2")
    adapters = report(project)["diagnostics"]["llm"]["llm"]["adapters"]
    assert len(adapters) == 4
    assert {adapter["epochs"] for adapter in adapters} <= {1, 2}
    assert {adapter["learning_rate"] for adapter in adapters} <= {2e-4, 1e-3}
    assert "early stopping chose: " in shown
    with pytest.raises(AssertionError, match="the trainer peft has no early stopping"):
        run(project, tiny, "--tst-lora", "recipe=early_stopping", "--tst-trainer", "peft")


def test_with_the_forest_and_adapters_kept(project: Path, tiny: ModelSource) -> None:
    shown = run(project, tiny, "--tst-diagnostic", "forest,llm", "--tst-keep-adapters")
    diagnostics = report(project)["diagnostics"]
    assert set(diagnostics) == {"forest", "llm", "stack"}
    choices = [name for name, scores in diagnostics["llm"]["types"].items() if scores["format"] == "mc"]
    assert sorted(diagnostics["stack"]["types"]) == sorted(choices)
    assert "shortcuts" in shown
    assert len(list((project / "scratch").rglob("adapter_model.safetensors"))) == 4


@pytest.mark.parametrize(
    ("option", "engine", "package"),
    [
        ("--tst-trainer", "llamafactory", "llamafactory"),
        ("--tst-predictor", "vllm", "vllm"),
        ("--tst-predictor", "ray", "ray"),
    ],
)
def test_an_engine_is_chosen_by_its_name(
    option: str, engine: str, package: str, project: Path, tiny: ModelSource
) -> None:
    pytest.importorskip(package, reason=f"{package} is not installed: pip install 'tst-harness[{engine}]'")
    run(project, tiny, option, engine, "--tst-adapters-per", "fold")
    model = report(project)["diagnostics"]["llm"]["llm"]
    assert model["trainer" if option == "--tst-trainer" else "predictor"] == engine
    assert model["adapters_checked"]
    assert package in model["versions"]


def test_the_fixtures_can_be_overridden(project: Path, tiny: ModelSource) -> None:
    (project / "conftest.py").write_text(
        """
import pytest
from tst_harness.llm import LoRASettings, PeftTrainer

@pytest.fixture(scope="session")
def trainer(tst_encoder):
    return PeftTrainer(tst_encoder, LoRASettings(lora_rank=2, learning_rate=1e-2), device="cpu")
""",
        encoding="utf-8",
    )
    run(project, tiny)
    assert report(project)["diagnostics"]["llm"]["settings"]["trainer"]["lora_rank"] == 2


def test_a_learning_rate_that_learns_nothing_is_refused(project: Path, tiny: ModelSource) -> None:
    with pytest.raises(AssertionError, match="changes no probability of an answer"):
        run(project, tiny, "--tst-lora", "lr=1e-12")
