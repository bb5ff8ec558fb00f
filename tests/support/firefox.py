"""Firefox, driven by its own protocol (Marionette), so that no driver has to be installed."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("firefox", "firefox-esr")
_PREFERENCES = {
    "marionette.port": 0,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
}
_PORT = "MarionetteActivePort"
_PATIENCE = 120.0


class Firefox:
    """A window of Firefox; commands are those of WebDriver."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self._answers = self._connection.makefile("rb")
        self._receive()
        self._sent = 0
        self.command("WebDriver:NewSession", capabilities={})

    def command(self, name: str, **parameters: Any) -> Any:
        """Return the value of a command's answer."""
        self._sent += 1
        message = json.dumps([0, self._sent, name, parameters]).encode()
        self._connection.sendall(f"{len(message)}:".encode() + message)
        _, _, error, result = self._receive()
        assert error is None, error
        return result.get("value")

    def open(self, path: Path) -> None:
        """Open a page, and wait until its questions are listed."""
        self.command("WebDriver:Navigate", url=path.as_uri())
        self.wait("return document.querySelector('#found').textContent.includes('questions')")

    def run(self, script: str) -> Any:
        """Return what a script of the page returns."""
        return self.command("WebDriver:ExecuteScript", script=script, args=[])

    def wait(self, script: str) -> None:
        """Wait until a script returns true."""
        end = time.monotonic() + _PATIENCE
        while not self.run(script):
            assert time.monotonic() < end, script
            time.sleep(0.05)

    def close(self) -> None:
        """Close the connection."""
        self._answers.close()
        self._connection.close()

    def _receive(self) -> Any:
        size = b""
        while (digit := self._answers.read(1)) != b":":
            assert digit, "Firefox has closed the connection"
            size += digit
        return json.loads(self._answers.read(int(size)))


@contextmanager
def launched(folder: Path) -> Iterator[Firefox]:
    """Start Firefox with its profile in a folder; the test is skipped where it is not installed."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip("needs Firefox")
    settings = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in _PREFERENCES.items()
    ]
    (folder / "user.js").write_text("\n".join(settings), encoding="utf-8")
    process = subprocess.Popen(
        [program, "--headless", "--marionette", "--no-remote", "--profile", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )
    try:
        window = Firefox(_port(folder, process))
        yield window
        window.close()
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _port(folder: Path, process: "subprocess.Popen[bytes]") -> int:
    """Wait until the profile says which port Firefox listens on."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        path = folder / _PORT
        text = path.read_text("utf-8").strip() if path.exists() else ""
        if text:
            return int(text)
        time.sleep(0.1)
    pytest.skip("Firefox does not start here")
