"""A real browser, and the pages that it opens. Skipped where there is none."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from audited import audit

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason=_MISSING)
    pytest.importorskip("axe_playwright_python", reason=_MISSING)
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(_MISSING)
    with sync_api.sync_playwright() as started:
        yield started.chromium.launch(executable_path=found, args=[*_FLAGS])


@pytest.fixture(scope="session")
def report_page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Open a page, and at the end check that it asked the network for nothing and met no error."""
    asked: list[str] = []
    errors: list[str] = []
    contexts = []

    def open_one(path: Path, **settings: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.goto(path.as_uri())
        if settings.get("java_script_enabled", True):
            page.locator("#found").filter(has_text="questions").wait_for()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert len([url for url in asked if url.startswith("file")]) == len(contexts)
