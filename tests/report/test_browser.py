"""The pages in headless Chromium: accessibility rules, keyboard, narrow screens, paper, no errors on the console."""

import re
import shutil

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import sync_playwright

from metalclouds import io
from metalclouds.figures import night_page
from metalclouds.figures.render import export_html
from tests.figures import fake_run
from tests.report.site import PAGES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.xdist_group("browser"),
]
NIGHT = fake_run.CASES[1]["night"]
PHONES = ({"width": 375, "height": 700}, {"width": 320, "height": 560})
DESK = {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        made = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield made
        made.close()


@pytest.fixture
def visit(browser):
    """Open a page; at the end of the test nothing may stand on its console."""
    said, opened = [], []

    def go(path, size=DESK):
        page = browser.new_page(viewport=size)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("requestfailed", lambda request: said.append(request.url))
        page.goto(path.as_uri())
        opened.append(page)
        return page

    yield go
    for page in opened:
        page.close()
    assert said == []


@pytest.fixture(scope="module")
def pages(runs, own_runs, tmp_path_factory):
    """Every kind of page by name: the site of the run on the paper's data, the page of a night, a notebook."""
    base = tmp_path_factory.mktemp("night")
    fake_run.build(base)
    night_page.build(base, fake_run.CASES[:2], {}, base / "figures")
    cells = [
        new_markdown_cell("# A notebook"),
        new_code_cell("# a comment\nnumber, text = 0.5, 'text'", execution_count=1),
    ]
    nbformat.write(new_notebook(cells=cells), base / "notebook.ipynb")
    export_html(base / "notebook.ipynb", base / "notebook.html")
    site = {name: runs["paper"] / f"report/{name}.html" for name in PAGES}
    return site | {
        "simulated": runs["twin"] / "report/index.html",
        "own": own_runs["own"] / "report/index.html",
        "samples": own_runs["samples"] / "report/index.html",
        "night": base / f"figures/night_{NIGHT}.html",
        "notebook": base / "notebook.html",
    }


# The pages of figures have one template: 2 has maps, 4 has a table of numbers.
KINDS = ["index", "simulated", "own", "samples", "figure2", "figure4", "night", "notebook"]


def serious(page):
    """Rules of the kinds serious and critical that a page breaks, with the first place where it does."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


def test_the_rules_catch_a_page_that_breaks_them(browser):
    page = browser.new_page()
    page.set_content("<html><body><img src='data:,'><p style='color: #ccc'>pale</p></body></html>")
    assert {"image-alt", "color-contrast", "html-has-lang"} <= {name for name, _ in serious(page)}
    page.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_keeps_the_rules_loads_its_pictures_and_fits_a_phone(visit, pages, kind):
    page = visit(pages[kind])
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert serious(page) == []
    for picture in page.locator("img").all():
        assert picture.evaluate("(one) => one.decode().then(() => one.naturalWidth)") > 0
    for phone in PHONES:
        page.set_viewport_size(phone)
        assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


@pytest.mark.parametrize("kind", ["index", "own", "samples"])
def test_the_first_key_offers_to_skip_to_the_content(visit, pages, kind):
    page = visit(pages[kind])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_whatever_has_the_focus_shows_it(visit, pages):
    page = visit(pages["index"])
    outline = (
        "(({outlineWidth, outlineStyle}) => [outlineWidth, outlineStyle])(getComputedStyle(document.activeElement))"
    )
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        width, style = page.evaluate(outline)
        assert width != "0px"
        assert style != "none"
        seen.add(page.evaluate("document.activeElement.outerHTML"))
    assert len(seen) == 30


def rows(page, shown=True):
    return page.locator("#verdicts tbody tr" + (":visible" if shown else ""))


def test_the_claims_are_sorted_and_filtered_by_keyboard(visit, pages, runs):
    verdicts = io.read_json(runs["paper"] / "claims/verdicts.json")
    page = visit(pages["index"])
    assert rows(page).count() == len(verdicts)
    page.get_by_role("button", name="Claim", exact=True).focus()
    page.keyboard.press("Enter")
    # X9 stands before X11.
    ids = sorted((one["id"] for one in verdicts), key=lambda one: (one[0], int(re.sub(r"\D", "", one)), one))
    assert rows(page).first.get_attribute("id") == f"claim-{ids[0]}"
    page.keyboard.press("Space")
    assert rows(page).first.get_attribute("id") == f"claim-{ids[-1]}"
    assert page.locator("th[aria-sort=descending]").inner_text() == "Claim"
    page.get_by_label("Search").focus()
    page.keyboard.type("foEs")
    assert 0 < rows(page).count() < len(verdicts)
    page.get_by_label("Search").fill("")
    page.get_by_label("Show").select_option("missing")
    assert rows(page).count() == sum(one["status"] == "missing" for one in verdicts) > 0


@pytest.mark.parametrize("words", ["meteoroid", "sporadic", "MIC"])
def test_the_search_finds_words_of_the_paper(visit, pages, words):
    page = visit(pages["index"])
    page.get_by_label("Search").fill(words)
    assert 0 < rows(page).count() < rows(page, shown=False).count()


def test_missing_values_stay_last_in_both_directions(visit, pages, runs):
    numbers = [one["n"] for one in io.read_json(runs["paper"] / "claims/verdicts.json")]
    known = sorted(one for one in numbers if one is not None)
    assert len(known) < len(numbers)
    page = visit(pages["index"])
    for direction, ends in (("▲", known), ("▼", known[::-1])):
        page.get_by_label("Sort by").select_option(label=f"n {direction}")
        shown = [row.locator("td").last.inner_text() for row in rows(page).all()]
        assert shown[: len(known)] == [str(one) for one in ends]
        assert set(shown[len(known) :]) == {"–"}


def test_a_link_to_a_claim_opens_it(visit, pages):
    page = visit(pages["figure4"])
    page.locator("a[href='index.html#claim-N2']").click()
    assert page.locator("#claim-N2 details").get_attribute("open") is not None


def test_the_plotted_numbers_are_read_by_key(visit, pages):
    page = visit(pages["figure4"])
    page.locator("#plot").focus()
    # of the three rows of the table the second has no value to draw
    page.keyboard.press("ArrowRight")
    assert page.locator("#plot-reading").inner_text() == "month 1; occurrence 0.5"
    page.keyboard.press("ArrowRight")
    assert page.locator("#plot-reading").inner_text() == "month 3; occurrence 0.25"


def test_one_series_is_shown_at_a_time_with_its_errors(visit, pages):
    page = visit(pages["figure5"])
    assert page.locator("#plot-only").input_value() == "density"
    assert page.locator("#plot-reading").inner_text().startswith("2 points")
    assert page.locator("#plot .bar-of-error").count() == 0
    page.get_by_label("Show").select_option("wind (m s-1)")
    assert page.locator("#plot .bar-of-error").count() == 2
    assert "y: wind (m s-1)" in page.locator("#plot").inner_text()


def test_maps_are_read_by_key_and_by_pointer(visit, pages):
    page = visit(pages["figure2"])
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    # the middle of three rows and four columns, where the first map has its gap
    assert "30° N, 110° E: no observation" in page.locator("#map-reading").inner_text()
    page.get_by_label("Panel").select_option(index=1)
    assert "30° N, 110° E: 18 TECU" in page.locator("#map-reading").inner_text()
    page.locator("#map").hover(position={"x": 3, "y": 3})
    assert "40° N, 90° E: 20 TECU" in page.locator("#map-reading").inner_text()


def test_on_paper_the_explanations_are_open_and_the_controls_gone(visit, pages, tmp_path):
    page = visit(pages["index"])
    page.emulate_media(media="print")
    for hidden in ("nav", ".controls", ".skip"):
        assert not page.locator(hidden).first.is_visible()
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert page.locator("#claim-N1 details").get_attribute("open") is not None
    assert (tmp_path / "page.pdf").stat().st_size > 20_000


@pytest.mark.parametrize("kind", ["own", "samples"])
def test_the_page_of_own_data_prints(visit, pages, tmp_path, kind):
    page = visit(pages[kind])
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").stat().st_size > 5_000


def test_without_script_all_claims_are_there(browser, pages, runs):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(pages["index"].as_uri())
    assert rows(page).count() == len(io.read_json(runs["paper"] / "claims/verdicts.json"))
    assert not page.locator(".controls").first.is_visible()
    page.close()


@pytest.mark.parametrize("kind", ["index", "own", "night"])
def test_a_link_leads_back_to_the_top_without_script_and_not_on_paper(browser, pages, kind):
    """Seen wherever the page is scrolled to."""
    page = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 500}).new_page()
    page.goto(pages[kind].as_uri())
    top, title = page.locator(".top a"), page.locator("h1")
    page.locator("table").last.scroll_into_view_if_needed()
    assert title.bounding_box()["y"] < 0
    assert 0 <= top.bounding_box()["y"] < 500
    top.click()
    for _ in range(50):
        # It scrolls smoothly, however busy the machine is.
        page.wait_for_timeout(200)
        if title.bounding_box()["y"] >= 0:
            break
    assert 0 <= title.bounding_box()["y"] < 500
    page.emulate_media(media="print")
    assert not top.is_visible()
    page.context.close()


@pytest.mark.parametrize("kind", ["own", "night"])
def test_tables_of_stripes_are_cards_on_a_phone(visit, pages, kind):
    """Nothing of a row is beyond the edge, and each number says what it is."""
    page = visit(pages[kind], {"width": 375, "height": 700})
    table = page.locator("table.stack").last
    cells = table.locator("tbody td:visible")
    assert cells.count() > 0
    assert all(one["x"] + one["width"] <= 375 for one in (cell.bounding_box() for cell in cells.all()))
    assert not table.locator("thead").is_visible()
