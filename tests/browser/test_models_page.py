"""Models on a page in a real browser: their charts and table, and the questions by case."""

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import Open, launched, opening
from result_forms import LETTERS, text_of, write_lines

import tst_harness
from tst_harness.results.schema import ModelsReport
from tst_harness.views.html import write_page
from tst_harness.views.html.models import CASES

_COLOURS = ("red", "green", "blue", "grey", "black", "white")
QUESTIONS = 120


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as started:
        yield started


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    with opening(browser) as open_one:
        yield open_one


def _rows() -> list[dict[str, Any]]:
    """Questions of which a half give the colour away: the answer is often "red"."""
    rng = random.Random(3)
    rows = []
    for number in range(QUESTIONS):
        options = rng.sample(_COLOURS, 4)
        given = number % 2 == 0 and "red" in options
        answer = LETTERS[options.index("red")] if given else rng.choice(LETTERS)
        question = f"Which colour has {'the fire engine' if given else 'the box'} {number}?"
        row = {"id": f"c{number:03d}", "question": question, "options": options, "answer": answer}
        rows.append({**row, "kind": "colour", "scene": f"s{number // 4}"})
    return rows


@pytest.fixture(scope="module")
def models_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a model that sees, with a blind run, and one with a hostile name that answers "red"."""
    folder = tmp_path_factory.mktemp("models")
    rows = _rows()
    report = tst_harness.audit(
        write_lines(folder / "colours.jsonl", rows), type="kind", group="scene", progress=False
    )
    rng = random.Random(4)
    seer = {row["id"]: row["answer"] if rng.random() < 0.7 else rng.choice(LETTERS) for row in rows}
    reds = {row["id"]: "red" if "red" in row["options"] else text_of(row, "A") for row in rows}
    del seer["c000"]
    report.models({"seer": seer, "<b>reds</b>": reds}, blind={"seer": dict.fromkeys(reds, "B")})
    path = report.save(folder)
    return write_page(report.html(), path.with_suffix(".html"))


def content(page: Path) -> tuple[ModelsReport, dict[str, Counter[str]]]:
    """The figures of a page's report, and how often each case comes, by model, as its answers say."""
    report = tst_harness.read_report(page.with_suffix(".json"))
    models = ModelsReport.model_validate(report.content.sections["models"].figures)
    by_text = report.samples().set_index("id")
    cases: dict[str, Counter[str]] = {name: Counter() for name in models.models}
    for line in page.with_name(f"{page.stem}.models.jsonl").read_text().splitlines():
        answer = json.loads(line)
        text = by_text.loc[answer["id"]]
        if answer["score"] is None:
            case = "no answer"
        elif answer["score"] >= 0.5:
            case = "both right" if text["score"] == 1.0 else "model right, text wrong"
        elif text["score"] == 1.0:
            case = "text right, model wrong"
        else:
            same = answer["prediction"] == text["prediction"]
            case = "both wrong, same answer" if same else "both wrong"
        cases[answer["model"]][case] += 1
    return models, cases


def cells(page: Any, name: str) -> list[str]:
    """What stands in a column of the questions that are listed."""
    names = page.locator("#table thead th").evaluate_all("all => all.map(th => th.dataset.name)")
    texts: list[str] = page.locator(
        f"#table tbody tr td:nth-child({names.index(name) + 2})"
    ).all_text_contents()
    return texts


def wait_for(page: Any, questions: int) -> None:
    page.locator("#found").filter(has_text=re.compile(f"^{questions} of")).wait_for()


def test_each_model_has_a_chart_and_a_row(models_page: Path, open_page: Open) -> None:
    models, _ = content(models_page)
    page = open_page(models_page)
    names = sorted(models.models, key=lambda name: -models.models[name].score)
    figures = page.locator("#models .histograms figure")
    assert figures.locator("figcaption").all_text_contents() == names
    assert page.locator("#models tbody th").all_text_contents() == names
    for place, name in enumerate(names):
        label = figures.nth(place).locator("svg").get_attribute("aria-label")
        scores = re.findall(r"[\d.]+(?=%)", label.removeprefix(f"Score of {name} by quarter"))
        expected = [100 * quarter.score for quarter in models.models[name].quarters]
        assert [float(score) for score in scores] == pytest.approx(expected, abs=0.051)
        box = figures.nth(place).locator("svg").bounding_box()
        assert box["width"] > 100
        assert box["height"] > 60
    assert page.locator("#models b").count() == 0
    sentences = " ".join(page.locator("#models .statements").inner_text().split())
    assert "<b>reds</b> leans on the text" in sentences
    assert "without seeing it scores" in sentences
    assert page.locator(".contents a[href='#models']").is_visible()


def test_a_model_is_a_view_whose_cases_are_filtered(models_page: Path, open_page: Open) -> None:
    _, cases = content(models_page)
    page = open_page(models_page)
    views = page.locator("#view option").all_text_contents()
    assert {"forest", "model seer", "model <b>reds</b>"} <= set(views)
    assert not page.locator("#case-label").is_visible()
    for name in ("seer", "<b>reds</b>"):
        page.locator("#view").select_option(f"model {name}")
        assert page.locator("#case-label").is_visible()
        listed = page.locator("#case option").all_text_contents()
        assert listed == ["all", *(case for case in CASES if cases[name][case])]
        assert sum(cases[name].values()) == QUESTIONS
        for case in listed[1:]:
            page.locator("#case").select_option(case)
            wait_for(page, cases[name][case])
            assert set(cells(page, "case")) == {case}
        page.locator("#case").select_option("all")
        wait_for(page, QUESTIONS)
    assert cases["seer"]["model right, text wrong"] > 5
    assert cases["seer"]["no answer"] == 1
    page.locator("#view").select_option("forest")
    assert not page.locator("#case-label").is_visible()


def test_the_columns_say_what_both_answer(models_page: Path, open_page: Open) -> None:
    page = open_page(models_page)
    page.locator("#view").select_option("model seer")
    page.locator("#case").select_option("model right, text wrong")
    headings = page.locator("#table thead th").all_inner_texts()
    assert {"s(x)", "score", "predicted", "by the text", "case"} <= {
        heading.split("\n")[0].strip().casefold() for heading in headings
    }
    assert set(cells(page, "score")) <= {"1", "1.0", "1.00", "1.000"}
    assert cells(page, "predicted") == cells(page, "answer")
    assert all(a != b for a, b in zip(cells(page, "predicted"), cells(page, "by_text"), strict=True))
    page.locator("#case").select_option("both wrong, same answer")
    assert cells(page, "predicted") == cells(page, "by_text")
    page.locator("#search").fill("fire engine")
    page.locator("#found").filter(has_text=re.compile(rf"^\d+ of {QUESTIONS}")).wait_for()
    page.get_by_role("button", name="Clear filters").click()
    wait_for(page, QUESTIONS)
    assert page.locator("#view").input_value() == "model seer"
    page.locator("#table th[data-name=case] button").click()
    assert cells(page, "case") == sorted(cells(page, "case"))


def test_a_case_is_exported(models_page: Path, open_page: Open, tmp_path: Path) -> None:
    _, cases = content(models_page)
    page = open_page(models_page)
    page.locator("#view").select_option("model seer")
    page.locator("#case").select_option("model right, text wrong")
    wait_for(page, cases["seer"]["model right, text wrong"])
    page.get_by_role("button", name="Select all matching").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    download.value.save_as(tmp_path / "case.csv")
    rows = list(csv.DictReader((tmp_path / "case.csv").read_text().splitlines()))
    assert len(rows) == cases["seer"]["model right, text wrong"]
    assert {row["case"] for row in rows} == {"model right, text wrong"}
    assert all(row["predicted"] == row["answer"] != row["by_text"] for row in rows)


def test_charts_and_sentences_are_read_without_scripts(models_page: Path, open_page: Open) -> None:
    page = open_page(models_page, java_script_enabled=False)
    assert page.locator("#models svg").count() == 2
    assert page.locator("#models tbody tr").count() == 2


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_accessibility_checker_finds_nothing(
    scheme: str, width: int, models_page: Path, open_page: Open
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(
        models_page,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        reduced_motion="reduce",
    )
    page.locator("#view").select_option("model seer")
    page.locator("#case").select_option("model right, text wrong")
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.response["violations"] == [], results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
