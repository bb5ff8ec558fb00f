"""A Hub that cannot be reached, says nothing or says it slowly is given up."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from threading import Thread

import huggingface_hub
import pytest
from projects import run, write_project

from tst_harness import hub
from tst_harness.dataset.hub_id import hub_dataset
from tst_harness.diagnostics.llm.utils.models import HubModel
from tst_harness.errors import ModelUnavailable, SourceUnavailable

SOURCE = f'HubDataset("owner/Rooms", revision="{"0" * 40}", file="rows.jsonl")'
PATIENCE, SLACK = 2.0, 4.0


@pytest.fixture(params=["silent", "slow", "full", "gone"])
def silent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The Hub takes connections and says nothing, or a letter now and then; takes none; is not there."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        address = server.getsockname()
        if request.param == "full":
            server.listen(0)
            for _ in range(4):
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                with suppress(BlockingIOError):
                    client.connect(address)
        elif request.param != "gone":
            server.listen()
            serving = Thread(target=serve, args=[server, request.param == "slow"])
            serving.start()
            stack.callback(serving.join)
            stack.callback(server.shutdown, socket.SHUT_RDWR)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{address[1]}")
        monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", f"http://127.0.0.1:{address[1]}")
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{address[1]}")
        monkeypatch.setattr(hub, "PATIENCE", PATIENCE)
        assert huggingface_hub.HfApi().endpoint.endswith(str(address[1]))
        yield


def serve(server: socket.socket, slow: bool) -> None:
    """Take every connection and keep it, and send a status line letter by letter where it is `slow`."""
    with ExitStack() as stack, suppress(OSError):
        while True:
            connection = stack.enter_context(server.accept()[0])
            if slow:
                answering = Thread(target=trickle, args=[connection])
                answering.start()
                stack.callback(answering.join)
                stack.callback(connection.shutdown, socket.SHUT_RDWR)


def trickle(connection: socket.socket) -> None:
    with suppress(OSError):
        for letter in "HTTP/1.1 200 OK\r\n" + "x: y\r\n" * 1000:
            connection.send(letter.encode())
            time.sleep(0.2)


@pytest.mark.usefixtures("silent")
def test_it_is_given_up_for_a_dataset_and_a_model() -> None:
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="the Hugging Face Hub cannot be reached"):
        hub_dataset("owner/Rooms")
    assert time.monotonic() - began < PATIENCE + SLACK
    began = time.monotonic()
    with pytest.raises(ModelUnavailable, match="the model owner/model cannot be fetched"):
        HubModel("owner/model", None).folder()
    assert time.monotonic() - began < PATIENCE + SLACK


@pytest.mark.usefixtures("silent")
def test_it_is_given_up_for_a_benchmark(pytester: pytest.Pytester) -> None:
    write_project(pytester, source=SOURCE)
    began = time.monotonic()
    result = run(pytester, "--tst-require-real", "-k", "fold0")
    # Once for the line on the source, and once by the test itself.
    assert time.monotonic() - began < 2 * PATIENCE + 2 * SLACK
    result.stdout.fnmatch_lines(["*toy: cannot load owner/Rooms*the Hub cannot be reached (*"])
