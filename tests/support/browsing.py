"""A real browser, and the pages that it opens."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Open = Callable[..., Any]
_MISSING = "needs Chromium and `pip install 'tst-harness[browser]'`"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def launched() -> Iterator[Any]:
    """Start Chromium; the test is skipped where that or its driver is not installed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason=_MISSING)
    pytest.importorskip("axe_playwright_python", reason=_MISSING)
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(_MISSING)
    with sync_api.sync_playwright() as started:
        yield started.chromium.launch(executable_path=found, args=[*_FLAGS])


@contextmanager
def opening(browser: Any) -> Iterator[Open]:
    """Open pages, and at the end check that they asked the network for nothing and met no error."""
    asked: list[str] = []
    errors: list[str] = []
    contexts = []

    def open_one(path: Path, address: str = "", **settings: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.goto(path.as_uri() + address)
        if settings.get("java_script_enabled", True):
            page.locator("#found").filter(has_text="questions").wait_for()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert len([url for url in asked if url.startswith("file")]) == len(contexts)
