"""The page in Firefox: what a reader does first works there, too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from audited import QUESTIONS, audit
from firefox import Firefox, launched


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with launched(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def page(window: Firefox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit(tmp_path_factory.mktemp("firefox"))


def test_questions_are_listed_searched_and_opened(window: Firefox, page: Path) -> None:
    window.open(page)
    assert window.run("return document.querySelector('#found').textContent").startswith(f"{QUESTIONS} of ")
    assert window.run("return document.title").endswith("%")
    window.run(
        "const search = document.querySelector('#search'); search.value = '(17)';"
        "search.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    window.wait("return document.querySelector('#found').textContent.startsWith('1 of')")
    window.run("document.querySelector('#table .open').click()")
    assert "(17)" in window.run("return document.querySelector('#table .detail').textContent")


def test_a_shortcut_lists_its_questions_and_the_theme_changes(window: Firefox, page: Path) -> None:
    window.open(page)
    window.run("document.querySelector('.rules button').click()")
    window.wait(f"return !document.querySelector('#found').textContent.startsWith('{QUESTIONS} of')")
    colour = "return getComputedStyle(document.body).backgroundColor"
    before = window.run(colour)
    window.run("document.querySelector('#theme').click()")
    assert window.run(colour) != before


def test_nothing_is_wider_than_the_window(window: Firefox, page: Path) -> None:
    window.open(page)
    width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert window.run(width) <= 0
