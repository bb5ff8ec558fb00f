"""What a reader does with a page, in a real browser."""

import csv
import io
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest
from audited import HOSTILE, OPTIONS, QUESTIONS, SCRIPT, TITLE, audit
from browsing import Open, launched, opening
from html_pages import data_of

from tst_harness.cli import main
from tst_harness.engine.results import ExitStatus
from tst_harness.report.files import read_report
from tst_harness.report.sample_files import read_samples
from tst_harness.views.html import pruning, write_page
from tst_harness.views.html.charts import RandomRemovals, Step
from tst_harness.views.html.packing import packed
from tst_harness.views.html.pruning import Left, Removed

KINDS = ["count", "pick", "pick <i>two</i>"]
PRUNED = [f"scene{number:04d}_00/object_rel_direction-{number}" for number in range(40)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def report_page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audit(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    with opening(browser) as open_one:
        yield open_one


def found(page: Any) -> str:
    text: str = page.locator("#found").text_content()
    return text


def wait_for(page: Any, questions: int) -> None:
    """Wait until so many are found: a search waits for the reader to stop typing."""
    page.locator("#found").filter(has_text=re.compile(f"^{questions} of")).wait_for()


def samples_of(page: Path) -> dict[str, dict[Hashable, Any]]:
    """The samples beside a page, by id."""
    return {row["id"]: row for row in read_samples(page.with_name("toy.samples.jsonl")).to_dict("records")}


def shown_ids(page: Any) -> list[str]:
    texts: list[str] = page.locator("#table .open").all_text_contents()
    return texts


def column(page: Any, name: str) -> list[str]:
    names = page.locator("#table thead th").evaluate_all("all => all.map(one => one.dataset.name)")
    cells: list[str] = page.locator(
        f"#table tbody tr td:nth-child({names.index(name) + 2})"
    ).all_text_contents()
    return cells


def test_the_first_screen_says_what_was_audited_and_what_it_means(report_page: Path, open_page: Open) -> None:
    report = read_report(report_page.with_suffix(".json"))
    overall = report.diagnostics["forest"].overall
    assert overall is not None
    page = open_page(report_page)
    assert page.locator("h1").text_content() == TITLE
    assert f"{100 * overall.score:.1f}%" in page.locator(".big").text_content()
    assert f"{100 * overall.blind_baseline:.1f}%" in page.locator(".beside").text_content()
    assert "A text-only model scores" in page.locator(".meaning").text_content()
    assert page.locator(".gates .badge").all_text_contents() == ["fail", "pass"]
    assert "real data, the file toy.jsonl" in " ".join(page.locator(".about").text_content().split())


def test_types_take_turns_until_a_heading_is_pressed(
    report_page: Path, open_page: Open, tmp_path: Path
) -> None:
    text = report_page.read_text("utf-8")
    data = data_of(text)
    [view] = data["views"]
    share = {"count": 0.0, "pick": 0.25, KINDS[2]: 0.75}
    names = [KINDS[data["questions"]["type"][at]] for at in view["data"]["at"]]
    view["data"]["above"] = [share[name] - place / 10_000 for place, name in enumerate(names)]
    mixed = tmp_path / "mixed.html"
    mixed.write_text(re.sub(r'(?<=id="data">)[^<]+', lambda _: packed(data), text), "utf-8")
    page = open_page(mixed)
    rows = list(zip(column(page, "type"), map(float, column(page, "above")), strict=True))
    # Those that give nothing away come last, and of the others one has three times as many.
    assert Counter(kind for kind, _ in rows) == pytest.approx({KINDS[2]: 37.5, "pick": 12.5}, abs=2.0)
    assert {kind for kind, _ in rows[:4]} == set(KINDS[1:])
    for kind in KINDS[1:]:
        scores = [score for name, score in rows if name == kind]
        assert scores == sorted(scores, reverse=True)
    assert page.locator("#mixed").is_visible()
    heading = page.locator("#table th[data-name=above]")
    assert heading.get_attribute("aria-sort") == "none"
    heading.get_by_role("button").click()
    assert not page.locator("#mixed").is_visible()
    assert {*column(page, "type")} == {KINDS[2]}


def test_a_heading_sorts_all_questions_by_its_column(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    # Where no two types gain, the questions are sorted at first, too.
    assert not page.locator("#mixed").is_visible()
    scores = [float(score) for score in column(page, "above")]
    assert len(scores) == 50
    assert scores == sorted(scores, reverse=True)
    heading = page.locator("#table th[data-name=above]")
    assert heading.get_attribute("aria-sort") == "descending"
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert float(column(page, "above")[0]) < scores[0]
    page.locator("#table th[data-name=id] button").click()
    assert heading.get_attribute("aria-sort") == "none"
    assert shown_ids(page)[1:3] == ["q1", "q2"]


def test_search_and_filters_together(report_page: Path, open_page: Open) -> None:
    samples = samples_of(report_page)
    page = open_page(report_page)
    assert found(page) == f"{QUESTIONS} of {QUESTIONS} questions"
    page.locator("#type").select_option("count")
    page.locator("#fold").select_option("2")
    page.locator("#low").fill("0.5")
    wanted = [
        id for id, one in samples.items() if (one["type"], one["fold"]) == ("count", 2) and one["s"] >= 0.5
    ]
    assert 0 < len(wanted) < 80
    assert found(page).startswith(f"{len(wanted)} of")
    assert sorted(shown_ids(page)) == sorted(wanted)
    page.get_by_role("button", name="Clear filters").click()
    wait_for(page, QUESTIONS)
    page.locator("#search").fill("MATHBB")
    wait_for(page, QUESTIONS // len(HOSTILE))


def test_rows_come_in_pages(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    first = shown_ids(page)
    page.get_by_role("button", name="Next").click()
    assert not set(first) & set(shown_ids(page))
    assert page.locator("#page").text_content() == "Page 2 of 5"


def test_a_row_opens_by_keyboard_and_shows_the_question(report_page: Path, open_page: Open) -> None:
    samples = samples_of(report_page)
    page = open_page(report_page)
    page.locator("#type").select_option(KINDS[1])
    id = shown_ids(page)[0]
    button = page.locator("#table .open").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    detail = page.locator("#table .detail")
    place = int(id.removeprefix("q")) if id != SCRIPT else 0
    assert detail.locator("p").first.text_content() == f"{HOSTILE[place % len(HOSTILE)]} ({place})"
    options = detail.locator(".options li")
    assert {
        text.split(". ", 1)[1].removesuffix(" ✓ gold")
        for text in options.locator("span:first-child").all_text_contents()
    } <= {*OPTIONS}
    assert options.filter(has_text="✓ gold").count() == 1
    widths = options.locator(".track div").evaluate_all("all => all.map(one => parseFloat(one.style.width))")
    assert widths == pytest.approx([100 * share for share in samples[id]["probabilities"]], abs=0.01)
    page.keyboard.press("Enter")
    assert page.locator("#table .detail").count() == 0


def test_a_row_tells_what_is_of_the_first_repeat(browser: Any, tmp_path: Path, open_page: Open) -> None:
    page = open_page(audit(tmp_path, "--tst-repeats=2"))
    page.locator("#table .open").first.click()
    assert "means over 2 repeats; fold" in page.locator("#table .detail").text_content()


def test_the_shortcuts_that_apply_are_named(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    rule = page.locator(".rules li").first.evaluate("one => one.firstChild.textContent")
    page.locator("#rule").select_option("0")
    for button in page.locator("#table .open").all()[:10]:
        button.click()
    assert page.locator("#table .detail", has_text=rule).count() == 10


@pytest.mark.parametrize("by_key", [False, True], ids=["mouse", "keyboard"])
def test_a_bar_of_a_histogram_lists_its_questions(report_page: Path, open_page: Open, by_key: bool) -> None:
    page = open_page(report_page)
    figure = page.locator(".histograms figure").first
    bars = figure.locator("[data-bin]")
    if by_key:
        bars.first.focus()
        for _ in range(9):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    else:
        bars.last.click()
    assert page.locator("#type").input_value() == figure.get_attribute("data-type")
    assert (page.locator("#low").input_value(), page.locator("#high").input_value()) == ("0.9", "1")
    assert found(page).split()[0] == bars.last.get_attribute("data-count")


def test_the_chart_by_type_is_sorted_with_its_table(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page, reduced_motion="reduce")
    table = page.locator("table.sortable")
    names = page.locator("#types .chart svg.wide [data-row]").filter(has=page.locator("text"))

    def in_chart() -> list[str]:
        tops = names.evaluate_all(
            "all => all.map(one => [one.getBoundingClientRect().top, one.textContent.trim()])"
        )
        return [name for _, name in sorted(tops)]

    for _ in range(2):
        table.get_by_role("button", name="question type").click()
        rows = table.locator("tbody th").all_text_contents()
        assert in_chart() == rows
    assert rows == sorted(rows, reverse=True)
    assert table.locator("thead th").first.get_attribute("aria-sort") == "descending"


def test_what_is_selected_is_exported(report_page: Path, open_page: Open) -> None:
    samples = samples_of(report_page)
    page = open_page(report_page)
    assert page.get_by_role("button", name="Export removal list").is_disabled()
    page.locator("#table input[type=checkbox]").nth(1).check()
    page.locator("#table input[type=checkbox]").nth(3).check()
    chosen = [shown_ids(page)[1], shown_ids(page)[3]]
    assert "2 selected" in found(page)
    with page.expect_download() as ids:
        page.get_by_role("button", name="Export removal list").click()
    assert ids.value.suggested_filename == "toy.remove.txt"
    assert Path(ids.value.path()).read_text("utf-8").splitlines() == chosen
    page.locator("#type").select_option("pick <i>two</i>")
    page.get_by_role("button", name="Select none").click()
    with page.expect_download() as table:
        page.get_by_role("button", name="Export CSV").click()
    lines = list(csv.DictReader(io.StringIO(Path(table.value.path()).read_text("utf-8"), newline="")))
    own = {id: one for id, one in samples.items() if one["type"] == "pick <i>two</i>"}
    assert sorted(line["id"] for line in lines) == sorted(own)
    for line in lines:
        assert float(line["s"]) == pytest.approx(own[line["id"]]["s"], abs=1e-4)
        assert line["text"].startswith(HOSTILE)


def test_texts_are_no_markup(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    assert page.title().startswith(TITLE)
    for button in page.locator("#table .open").all():
        button.click()
    assert page.title().startswith(TITLE)
    assert page.locator("img, b:text-is('green'), td i, th i").count() == 0
    page.locator("#search").fill("{{7*7}}")
    wait_for(page, QUESTIONS // len(HOSTILE))
    assert all(text.startswith("{{7*7}}") for text in column(page, "text"))
    assert SCRIPT in samples_of(report_page)


def test_without_scripts_the_tables_are_read(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page, java_script_enabled=False)
    assert page.locator("table.sortable tbody tr").count() == len(KINDS)
    assert page.locator(".rules li").count() > 0
    assert page.locator(".statements li").count() > 0
    assert page.get_by_text("needs JavaScript").is_visible()
    for name in ("#explorer", "#theme", ".scripted"):
        assert not page.locator(name).first.is_visible()


def test_the_theme_is_the_systems_until_it_is_chosen(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page, color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(paper) == "rgb(255, 255, 255)" != dark
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate(paper) == dark


def test_a_benchmark_that_may_not_be_passed_on_has_no_text_in_its_page(
    browser: Any, tmp_path: Path, open_page: Open
) -> None:
    page = open_page(audit(tmp_path, redistributable=False))
    assert page.get_by_text("not shown, as the benchmark's terms require").is_visible()
    page.locator("#type").select_option(KINDS[1])
    page.locator("#table .open").first.click()
    assert page.locator("#table .options li").count() == 4
    for secret in ("mathbb", "green", "✓ gold"):
        assert page.get_by_text(secret).count() == 0
    data = page.evaluate("unpack(byId('data').textContent).then(JSON.stringify)")
    for secret in ("mathbb", "green", '"red"', "椅子"):
        assert secret not in data


@pytest.fixture(scope="session")
def comparison_page(report_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seed 7")
    other = audit(folder, "--tst-seed=7").with_suffix(".json")
    page = folder / "compared.html"
    asked = ["compare", str(report_page.with_suffix(".json")), str(other), "--html", str(page)]
    assert main(asked) in (ExitStatus.OK, ExitStatus.FAILED)
    return page


def test_two_reports_compared_by_type_and_question(
    comparison_page: Path, report_page: Path, open_page: Open
) -> None:
    page = open_page(comparison_page)
    assert "seed: 42 -> 7" in page.locator("#result").text_content()
    assert page.locator("table.sortable tbody tr").count() == len(KINDS)
    change = [float(value) for value in column(page, "change")]
    assert change == sorted(change, reverse=True)
    before, after = samples_of(report_page), samples_of(comparison_page)
    [first, *_] = shown_ids(page)
    assert change[0] == pytest.approx(after[first]["s"] - before[first]["s"], abs=0.006)
    page.locator("#type").select_option(KINDS[1])
    page.locator("#table .open").first.click()
    assert page.locator("#table .options").count() == 2


@pytest.fixture(scope="session")
def pruning_page(report_page: Path) -> Path:
    """Of a pruning that is made up, apart from its scores."""
    forest = read_report(report_page.with_suffix(".json")).diagnostics["forest"]
    assert forest.overall is not None
    left = Left(forest.overall, forest.types)
    steps = [Step(removed, 0.8 - removed / 200, (0.5, 0.9), 0.3) for removed in (0, 20, 40)]
    removed = [Removed(id, KINDS[1], 1 + place // 20, 0.9, 0.5) for place, id in enumerate(PRUNED)]
    random = RandomRemovals(40, 0.75, 0.7, 0.8)
    page = pruning.pruning_page("toy", TITLE, ["forest"], ["It fell."], left, left, steps, removed, random)
    return write_page(page, report_page.with_name("pruning.html"))


def test_the_questions_removed_in_their_order(pruning_page: Path, open_page: Open) -> None:
    page = open_page(pruning_page)
    assert column(page, "id")[:3] == PRUNED[:3]
    page.locator("#table th[data-name=place] button").click()
    assert column(page, "id")[0] == PRUNED[-1]
    assert shown_ids(page) == []


def test_a_long_id_goes_on_in_the_next_line_after_a_separator(pruning_page: Path, open_page: Open) -> None:
    page = open_page(pruning_page, viewport={"width": 360, "height": 800})
    lines = page.locator("#table .id > *").first.evaluate(
        """id => [...id.childNodes].filter((one) => one.data).map((part) => {
            const range = document.createRange();
            range.selectNode(part);
            return [...range.getClientRects()].map((box) => box.top);
        })"""
    )
    assert len(lines) == 6
    assert all(len(tops) == 1 for tops in lines)
    assert len({top for tops in lines for top in tops}) == 2


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["report_page", "comparison_page", "pruning_page"])
def test_the_accessibility_checker_finds_nothing(
    which: str, scheme: str, width: int, request: pytest.FixtureRequest, open_page: Open
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    settings = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    page = open_page(request.getfixturevalue(which), **settings, reduced_motion="reduce")
    page.locator("#type").select_option(KINDS[1])
    page.locator("#table .open").evaluate_all("all => all[0]?.click()")
    page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.response["violations"] == [], results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_shortcut_lists_its_questions_and_shows_examples(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    first = page.locator('[data-rule="0"]')
    first.get_by_role("button", name="Examples").click()
    examples = first.locator(".examples > p")
    assert examples.count() == 3
    marks = set(first.locator("mark").all_text_contents())
    assert marks
    assert all(mark.lower() in (first.text_content() or "").lower() for mark in marks)
    first.get_by_role("button", name="Examples").click()
    assert first.locator(".examples").count() == 0
    shortcut = read_report(report_page.with_suffix(".json")).diagnostics["forest"].shortcuts[0]
    first.get_by_role("button", name="List its questions").click()
    assert found(page) == f"{shortcut.support} of {QUESTIONS} questions"
    assert page.locator("#rule").input_value() == "0"
    assert "worth" in (first.text_content() or "")


def test_the_address_keeps_the_filters(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    page.locator("#type").select_option("count")
    page.locator("#low").fill("0.5")
    ids = shown_ids(page)
    address = page.evaluate("location.hash")
    assert address == "#questions?type=count&low=0.5"
    page.evaluate("location.hash = ''")
    page.get_by_role("button", name="Clear filters").click()
    wait_for(page, QUESTIONS)
    assert shown_ids(page) != ids
    page.evaluate(f"location.hash = '{address}'")
    page.locator("#found").filter(has_not_text=f"{QUESTIONS} of").wait_for()
    assert shown_ids(page) == ids
    assert page.locator("#type").input_value() == "count"


def test_an_address_that_was_passed_on_opens_with_its_filters(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page, "#questions?type=count")
    assert not found(page).startswith(f"{QUESTIONS} of")
    assert page.locator("#type").input_value() == "count"
    assert page.evaluate("location.hash") == "#questions?type=count"
    assert shown_ids(open_page(report_page, "#questions?id=q7")) == ["q7"]


def test_the_address_of_a_question_opens_it(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    page.evaluate("location.hash = '#questions?id=q7'")
    page.locator(".detail").wait_for()
    assert shown_ids(page) == ["q7"]
    assert page.locator(".detail a").get_attribute("href") == "#questions?id=q7"


def test_groups_are_listed_and_filter(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    page.locator("#by-group summary").click()
    rows = page.locator("#by-group tbody tr")
    assert rows.count() == 20
    above = [float(text) for text in page.locator("#by-group tbody td:last-child").all_text_contents()]
    assert above == sorted(above, reverse=True)
    assert len(set(above)) > 10
    name = rows.first.locator("button").text_content()
    rows.first.locator("button").click()
    assert found(page) == f"12 of {QUESTIONS} questions"
    assert page.locator("#group").input_value() == name


def test_what_to_do_has_a_list_of_questions_to_remove(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    first = page.locator("[data-solves]").first
    button = first.get_by_role("button", name=re.compile("Removal list"))
    with page.expect_download() as download:
        button.click()
    ids = Path(download.value.path()).read_text("utf-8").splitlines()
    assert f"({len(ids)})" in (button.text_content() or "")
    samples = samples_of(report_page)
    assert all(samples[id]["s"] > samples[id]["blind_baseline"] for id in ids)


def test_terms_are_defined_where_they_stand(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    terms = dict(
        zip(
            page.locator("#glossary dt").all_text_contents(),
            page.locator("#glossary dd").all_text_contents(),
            strict=True,
        )
    )
    heading = page.locator('#table th[data-name="s"] button')
    assert heading.get_attribute("title") == terms["s(x)"]
    for term in page.locator("abbr").all():
        assert term.get_attribute("title") == terms[term.text_content()]


def test_a_bar_has_its_count(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page)
    bars = page.locator("[data-bin]").evaluate_all(
        "all => all.map(bar => [bar.dataset.count, bar.querySelector('text')?.textContent ?? '0'])"
    )
    assert bars
    assert all(count == text for count, text in bars)


def test_a_phone_shows_scores_without_scrolling(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page, viewport={"width": 390, "height": 844})
    in_types = "#types table.types tbody tr:first-child td:nth-child(5)"
    for place in ("#table tbody tr:first-child td.c-s", in_types):
        box = page.locator(place).first.bounding_box()
        assert box["x"] + box["width"] <= 390
    chart = page.locator("#types .chart svg:visible").bounding_box()
    assert chart["x"] + chart["width"] <= 390
    text = page.locator("#table tbody tr .beneath").first
    assert text.is_visible()
    assert text.text_content() == page.locator("#table tbody tr .c-text").first.text_content()
    assert text.bounding_box()["height"] < 100


def test_a_wide_page_shows_gains_without_scrolling(report_page: Path, open_page: Open) -> None:
    page = open_page(report_page, viewport={"width": 1280, "height": 900})
    table = page.locator("#types .scroll:has(table.types)").first
    name = table.locator("tbody th").first
    name.evaluate("cell => { cell.textContent = 'object_rel_direction_medium'; }")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
    long = "cells => cells.forEach(cell => { cell.textContent = 'a question that goes on '.repeat(9); })"
    page.locator("#table .c-text").evaluate_all(long)
    page.locator("#table .c-type").evaluate_all(
        "cells => cells.forEach(cell => { cell.textContent = 'object_rel_'; })"
    )
    gold = page.locator("#table tbody .c-answer").first.bounding_box()
    assert gold["x"] + gold["width"] <= 1280
    assert not page.locator("#table .beneath").first.is_visible()
