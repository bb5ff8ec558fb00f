"""What the harness makes of the machine for its xdist workers."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from execnet.xspec import XSpec

from tst_harness.integrations.pytest.workers import SHARE, shares_of, use_share
from tst_harness.processes.devices import _listed, visible_devices

SLICED = """GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-5d5b)
  MIG 3g.40gb     Device  0: (UUID: MIG-aaaa)
  MIG 3g.40gb     Device  1: (UUID: MIG-bbbb)
GPU 1: NVIDIA A100-SXM4-80GB (UUID: GPU-91c2)
"""


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    _listed.cache_clear()
    yield
    _listed.cache_clear()


def driver_lists(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\ncat <<'LIST'\n{text}LIST\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_the_driver_is_asked_and_slices_of_a_gpu_count_instead_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver_lists(SLICED, tmp_path, monkeypatch)
    assert visible_devices() == ("MIG-aaaa", "MIG-bbbb", "1")


def test_without_a_driver_there_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert visible_devices() == ()


@pytest.mark.parametrize(
    ("visible", "devices"),
    [
        ("", ()),
        ("-1", ()),
        ("3,1", ("3", "1")),
        ("2, 3,-1,4", ("2", "3")),
        ("GPU-5d5b,MIG-aaaa", ("GPU-5d5b", "MIG-aaaa")),
    ],
)
def test_the_callers_own_devices_are_those_there_are(
    visible: str, devices: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver_lists(SLICED, tmp_path, monkeypatch)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert visible_devices() == devices


def devices(specs: list[XSpec], share: bool = False) -> list[str | None]:
    shares = shares_of(specs, uses_gpu=True, share_devices=share)
    return [shares[id(spec)]["device"] for spec in specs if id(spec) in shares]


def test_each_local_worker_gets_one_of_the_callers_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,MIG-aaaa,7")
    assert devices([XSpec("popen"), XSpec("ssh=other"), XSpec("popen")]) == ["5", "MIG-aaaa"]


def test_what_a_spec_says_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert devices([XSpec("popen//env:CUDA_VISIBLE_DEVICES=1")]) == ["1"]


def test_more_workers_than_devices_share_them_only_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    specs = [XSpec("popen") for _ in range(3)]
    with pytest.raises(
        pytest.UsageError, match=r"3 workers .* 2 CUDA devices \(0, 1\): use -n 2, or --tst-share"
    ):
        devices(specs)
    assert devices(specs, share=True) == ["0", "1", "0"]


def test_without_units_that_need_one_nobody_gets_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setattr("tst_harness.integrations.pytest.workers.cores", lambda: 8)
    specs = [XSpec("popen") for _ in range(3)]
    shares = shares_of(specs, uses_gpu=False, share_devices=False)
    assert list(shares.values()) == [{"threads": 2, "device": None}] * 3


@pytest.mark.parametrize(("asked", "threads"), [(None, "2"), ("3", "3")])
def test_a_worker_keeps_to_its_share_and_to_what_the_user_says(
    asked: str | None, threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    monkeypatch.setenv("OMP_NUM_THREADS", asked or "")
    if asked is None:
        monkeypatch.delenv("OMP_NUM_THREADS")
    config = SimpleNamespace(workerinput={SHARE: {"threads": 2, "device": "1"}})
    use_share(cast(pytest.Config, config))
    assert (os.environ["OMP_NUM_THREADS"], os.environ["CUDA_VISIBLE_DEVICES"]) == (threads, "1")


def test_a_process_that_is_no_worker_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    use_share(cast(pytest.Config, SimpleNamespace()))
    assert "OMP_NUM_THREADS" not in os.environ
