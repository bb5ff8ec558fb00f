"""What a user sees of --tst-ray before and around the cluster, which is played: its tasks run here."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from projects import (
    CHECKS,
    FOLDS,
    RECORDS,
    UNITS,
    assert_no_crash,
    progress,
    records_of_tests,
    run,
    settled,
    write_project,
)

from tst_harness.integrations.ray import folds as ray_folds
from tst_harness.integrations.ray import node as ray_node


class RayError(Exception):
    """As in Ray: the base of what goes wrong but for errors of tasks."""


class RayTaskError(RayError):
    def __init__(self, cause: Exception) -> None:
        super().__init__(f"task failed: {cause}")
        self.cause = cause


class Reference:
    """Of a value, or of a task that was not looked at yet."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self.compute = compute


class PlayedRay(ModuleType):
    """Computes a task when its result is asked for; `sent` has the names of the tasks."""

    def __init__(self) -> None:
        super().__init__("ray")
        self.exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)
        self.resources: dict[str, float] = {"CPU": 2.0}
        self.sent: list[str] = []
        self.shares: list[dict[str, Any]] = []
        self.cancelled: list[Reference] = []
        self.dies: Callable[[str], bool] = lambda _: False

    def remote(self, function: Callable[..., Any]) -> Any:
        def options(**share: Any) -> Any:
            def remote(*arguments: Any) -> Reference:
                units = arguments[1] if function.__name__ == "compute" else arguments[1:]
                self.sent.append(" ".join([function.__name__, *map(str, units)]))
                self.shares.append(share)
                name = self.sent[-1]

                def compute() -> Any:
                    if self.dies(name):
                        raise RayError("The node died.\nIts workers, too.")
                    return function(*arguments)

                return Reference(compute)

            return SimpleNamespace(remote=remote)

        return SimpleNamespace(options=options)

    def put(self, value: Any) -> Reference:
        return Reference(lambda: value)

    def get(self, reference: Reference) -> Any:
        try:
            return reference.compute()
        except RayError:
            raise
        except Exception as error:
            raise RayTaskError(error) from None

    def wait(
        self, references: Sequence[Reference], timeout: float
    ) -> tuple[list[Reference], list[Reference]]:
        # The last first: pieces are done in another order than they are waited for.
        return ([references[-1]], list(references[:-1])) if timeout else ([], list(references))

    def cancel(self, reference: Reference, force: bool) -> None:
        self.cancelled.append(reference)

    def cluster_resources(self) -> dict[str, float]:
        return self.resources

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True}]


class PlayedCluster:
    def __init__(self, address: str) -> None:
        assert address == "auto"

    def close(self) -> None:
        pass


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedRay]:
    played = PlayedRay()
    monkeypatch.setitem(__import__("sys").modules, "ray", played)
    monkeypatch.setattr(ray_folds, "Cluster", PlayedCluster)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(ray_folds, "find_spec", lambda name: played if name == "ray" else find_spec(name))
    yield played
    ray_node._experiment.cache_clear()


def sentence_of(result: pytest.RunResult) -> str:
    """Return what the only failed test shows, what was logged of the cluster left out."""
    result.assert_outcomes(failed=1, deselected=UNITS - 1)
    assert_no_crash(result)
    start = next(place for place, line in enumerate(result.outlines) if line.startswith("____"))
    return result.outlines[start + 1]


def test_folds_are_sent_once_and_the_report_is_the_same(pytester: pytest.Pytester, ray: PlayedRay) -> None:
    write_project(pytester)
    run(pytester).assert_outcomes(passed=UNITS)
    expected = settled()
    for record in RECORDS.glob("*.json"):
        record.unlink()
    result = run(pytester, "--tst-ray", "auto")
    result.assert_outcomes(passed=UNITS)
    assert settled() == expected
    assert ray.sent[1:] == [f"compute forest fold {fold}" for fold in range(FOLDS)]
    assert all(share == {"num_cpus": 1, "max_retries": 3} for share in ray.shares)
    folds = [f"forest fold {fold}" for fold in range(FOLDS)]
    assert list(progress(result)) == [*folds, *CHECKS]
    # What is there is not sent again, whoever computed it; what is damaged is.
    ray.sent.clear()
    damaged = records_of_tests()[0]
    damaged.write_text("{", "utf-8")
    again = progress(run(pytester, "--tst-ray", "auto"))
    assert list(again.values()).count("cached") == UNITS - 1
    assert len(ray.sent) <= 2
    assert settled() == expected


def test_only_what_is_selected_is_sent(pytester: pytest.Pytester, ray: PlayedRay) -> None:
    write_project(pytester)
    run(pytester, "--tst-ray", "auto", "-k", "fold3 or fold1").assert_outcomes(passed=2, deselected=UNITS - 2)
    assert ray.sent[1:] == ["compute forest fold 1", "compute forest fold 3"]


def test_a_gpu_is_for_the_language_model_alone(ray: PlayedRay) -> None:
    from tst_harness.engine.settings import Settings

    ray.resources = {"CPU": 8.0, "GPU": 2.0}
    session = ray_folds.RaySession(Settings(), "auto", [])
    assert session._share("llm") == "GPU"
    assert session._share("forest") == "CPU"
    assert session._group_size("llm") == 3, "of five folds each of two GPUs has a share"
    assert session._group_size("forest") == 1
    ray.resources = {"CPU": 8.0}
    assert session._share("llm") == "GPU", "what was begun on GPUs is not gone on with on CPUs"
    on_a_cpu = ray_folds.RaySession(Settings(), "auto", [])
    assert on_a_cpu._share("llm") == "CPU"
    assert on_a_cpu._group_size("llm") == 1


def test_a_piece_that_dies_too_often_fails_alone(pytester: pytest.Pytester, ray: PlayedRay) -> None:
    write_project(pytester)
    ray.dies = lambda name: name == "compute forest fold 2"
    result = run(pytester, "--tst-ray", "auto")
    result.assert_outcomes(passed=UNITS - 1, failed=1)
    result.stdout.fnmatch_lines(["*Ray gave up after 4 attempts: The node died. Its workers, too.*"])
    assert len(records_of_tests()) == UNITS - 1


def test_data_that_cannot_be_read_are_one_sentence(pytester: pytest.Pytester, ray: PlayedRay) -> None:
    write_project(pytester)
    Path("toy.jsonl").write_text("{", "utf-8")
    sentence = sentence_of(run(pytester, "--tst-ray", "auto", "-k", "fold0"))
    assert "toy.jsonl" in sentence
    assert ray.sent == []


def test_another_version_of_the_harness_is_refused(
    pytester: pytest.Pytester, ray: PlayedRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester)
    monkeypatch.setattr(ray_node, "code_digest", lambda _: "another")
    sentence = sentence_of(run(pytester, "--tst-ray", "auto", "-k", "fold0"))
    assert "of the Ray cluster has another version of tst-harness than this one" in sentence


def test_a_cluster_without_machines_is_refused(pytester: pytest.Pytester, ray: PlayedRay) -> None:
    write_project(pytester)
    ray.resources = {}
    assert "has no CPU to compute on" in sentence_of(run(pytester, "--tst-ray", "auto", "-k", "fold0"))


def test_losing_all_machines_is_told(
    pytester: pytest.Pytester, ray: PlayedRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(pytester)
    monkeypatch.setattr(ray_folds, "_PATIENCE", 0.0)

    def nothing(references: Sequence[Reference], timeout: float) -> tuple[list[Reference], list[Reference]]:
        ray.resources = {}
        return [], list(references)

    monkeypatch.setattr(ray, "wait", nothing)
    sentence = sentence_of(run(pytester, "--tst-ray", "auto", "-k", "fold0"))
    assert "has had no machine for forest fold 0" in sentence
    assert len(ray.cancelled) == 1


def test_without_ray_the_extra_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(pytester)
    monkeypatch.setattr(ray_folds, "find_spec", lambda _: None)
    result = run(pytester, "--tst-ray", "auto", "-k", "fold0")
    result.assert_outcomes(skipped=1, deselected=UNITS - 1)
    result.stdout.fnmatch_lines(["*pip install 'tst-harness[[]ray[]]'*"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-n", "2"], "--tst-ray: the cluster runs the folds, so leave out -n"),
        (
            ["--tst-diagnostic", "llm", "--tst-predictor", "ray"],
            "--tst-ray: each fold has one GPU of the cluster, so answer with --tst-predictor auto, "
            "transformers or vllm",
        ),
    ],
)
def test_what_does_not_go_together(pytester: pytest.Pytester, options: list[str], said: str) -> None:
    write_project(pytester)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "--tst-ray", "auto", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {said}"])
