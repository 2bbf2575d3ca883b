"""The page of invented runs, read as a browser and as a reader would."""

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from metalclouds import io
from metalclouds.claims.run import DERIVE_TABLES, DETECT_TABLES, run
from metalclouds.contracts import INSTRUMENTS
from metalclouds.report.page import build
from tests.claims import campaign

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# A picture of one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)


class Page(HTMLParser):
    """What a page consists of: texts, links, pictures, ids, heading levels."""

    def __init__(self, text):
        super().__init__()
        self.body, self.links, self.images, self.ids, self.headings, self.loads = [], [], [], [], [], []
        self._in_body, self._skip = False, 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self._in_body |= tag == "body"
        self._skip += tag in ("script", "style")
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        if tag == "img":
            self.images.append((values["src"], values["alt"]))
        if tag in ("script", "link", "iframe") and ("src" in values or tag == "link"):
            self.loads.append(values.get("src") or values.get("href"))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        self._skip -= tag in ("script", "style")

    def handle_data(self, data):
        if self._in_body and not self._skip and data.strip():
            self.body.append(" ".join(data.split()))

    @property
    def text(self):
        return " ".join(self.body)


def make(folder, source, absent=()):
    campaign.write_run(folder, source, absent)
    tables = [folder / "derive" / f"{table}.csv" for table in DERIVE_TABLES]
    tables += [folder / "detect" / f"{table}.csv" for table in DETECT_TABLES]
    inventories = [folder / f"raw/inventory/{instrument}.json" for instrument in INSTRUMENTS]
    run(
        tables,
        inventories,
        folder / "raw/manifest.json",
        CLAIMS,
        campaign.CASE_LIST,
        {},
        folder / "claims",
        folder / "detect/batches/cases.json",
    )
    (folder / "figures").mkdir()
    for number in range(1, 7):
        (folder / f"figures/figure{number}.png").write_bytes(PNG)
        (folder / f"figures/figure{number}.pdf").write_bytes(b"%PDF")
    (folder / "figures/figure1.caption.txt").write_text("A caption <with> brackets & numbers.\n", encoding="utf-8")
    io.write_json(folder / "figures/figure1.json", {"inputs": {"ingest/lidar/2021-01-08.nc": "ab" * 32}})
    build(folder, {}, folder / "report/index.html")
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    base = tmp_path_factory.mktemp("report")
    return {"twin": make(base / "twin", "twin"), "paper": make(base / "paper", "zenodo", ("tec",))}


def html(folder):
    return (folder / "report/index.html").read_text(encoding="utf-8")


def test_first_line_of_a_simulated_run(runs):
    page = Page(html(runs["twin"]))
    assert page.body[0] == "Claims tested on the paper's data: 0 of 39"
    assert page.body[1] == "SYNTHETIC."
    assert "never about the paper" in page.text
    assert "make paper" in page.text


def test_a_simulated_run_never_agrees_or_differs(runs):
    text = html(runs["twin"])
    assert "recovered</span>" in text
    assert 'class="verdict agrees"' not in text
    assert 'class="verdict differs"' not in text


def test_first_line_of_a_run_on_the_papers_data(runs):
    page = Page(html(runs["paper"]))
    tested = io.read_json(runs["paper"] / "claims/summary.json")["tested"]
    assert 0 < tested < 39
    assert page.body[0] == f"Claims tested on the paper's data: {tested} of 39"
    assert "SYNTHETIC" not in page.text


def test_what_is_missing_is_named_with_its_claims(runs):
    text = Page(html(runs["paper"])).text
    assert "the record has no tec file" in text
    assert "Where it could be had: an archive" in text
    assert "not testable: T1, T2, T3, T4, A1, T5" in text


@pytest.mark.parametrize("name", ["twin", "paper"])
def test_every_link_and_picture_is_there_after_the_folder_moved(runs, name, tmp_path):
    moved = Path(shutil.copytree(runs[name], tmp_path / "elsewhere"))
    page = Page(html(moved))
    assert len(page.images) >= 6
    for target in [*page.links, *(source for source, _ in page.images)]:
        if target.startswith("#"):
            assert target[1:] in page.ids
        elif not target.startswith("https://"):
            assert (moved / "report" / target).resolve().is_file(), target
            assert (moved / "report" / target).resolve().is_relative_to(moved)


@pytest.mark.parametrize("name", ["twin", "paper"])
def test_structure_for_screen_readers_and_no_network(runs, name):
    page = Page(html(runs[name]))
    assert page.loads == ["data:,"]
    assert all(alt for _, alt in page.images)
    assert len(page.ids) == len(set(page.ids))
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.headings.count(1) == 1


def test_captions_are_text_not_markup(runs):
    assert "A caption &lt;with&gt; brackets &amp; numbers." in html(runs["twin"])


def test_the_nights_of_figure1_can_be_opened_to_zoom_in(runs, tmp_path):
    folder = Path(shutil.copytree(runs["twin"], tmp_path / "zoom"))
    for night in ("2021-01-08", "1999-01-01"):
        (folder / f"figures/night_{night}.html").write_text("a page", encoding="utf-8")
    build(folder, {}, folder / "report/index.html")
    links = Page(html(folder)).links
    assert "../figures/night_2021-01-08.html" in links
    # a page that is left from another run is not linked
    assert "../figures/night_1999-01-01.html" not in links


def test_checksums_of_inputs_are_shown(runs):
    text = Page(html(runs["twin"])).text
    assert "ab" * 32 in text
    assert "1" * 64 in text


def test_giro_data_carry_their_licence_and_others_do_not(runs, tmp_path):
    assert "share alike" not in Page(html(runs["twin"])).text
    folder = Path(shutil.copytree(runs["paper"], tmp_path / "giro"))
    inventory = io.read_json(folder / "raw/inventory/ionosonde.json")
    io.write_json(folder / "raw/inventory/ionosonde.json", inventory | {"source": "GIRO, station BP440"})
    build(folder, {}, folder / "report/index.html")
    assert "share alike" in Page(html(folder)).text


def test_same_bytes_twice(runs, tmp_path):
    build(runs["twin"], {}, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (runs["twin"] / "report/index.html").read_bytes()


def test_run_times_are_shown_where_known(runs, tmp_path):
    folder = Path(shutil.copytree(runs["twin"], tmp_path / "timed"))
    io.write_json(folder / "run.json", {
        "machine": {"processor": "a chip", "cores": 2, "memory_gib": 8, "system": "Linux"},
        "jobs": [{"job": "claims", "wall_s": 1.5, "cpu_s": 1.0, "max_rss_mb": 120.0},
                 {"job": "twin", "wall_s": 60.0, "cpu_s": 50.0, "max_rss_mb": None}],
        "versions": {"python": "3.11"}, "configuration": {"source": "twin"},
    })  # fmt: skip
    build(folder, {"longest_jobs": 1}, folder / "report/index.html")
    text = Page(html(folder)).text
    assert "2 jobs, 62 s together, at most 120 MB" in text
    assert "a chip, 2 cores" in text


PROBE = """
<script>
window.addEventListener("load", () => {
  const rows = () => Array.from(document.querySelectorAll("#verdicts tbody tr"));
  const shown = () => rows().filter((row) => row.offsetParent !== null).length;
  const out = { all: shown() };
  const verdict = document.getElementById("filter-verdict");
  verdict.value = "not_testable"; verdict.dispatchEvent(new Event("change")); out.filtered = shown();
  verdict.value = ""; verdict.dispatchEvent(new Event("change"));
  const text = document.getElementById("filter-text");
  text.value = "foEs"; text.dispatchEvent(new Event("input")); out.searched = shown();
  text.value = ""; text.dispatchEvent(new Event("input"));
  const click = (i) => document.querySelectorAll("#verdicts thead button")[i].click();
  click(0); out.first = rows()[0].id; click(0); out.last = rows()[0].id;
  click(4); out.least = rows()[0].cells[4].textContent;
  out.wide = document.documentElement.scrollWidth > window.innerWidth;
  out.broken = Array.from(document.images).filter((one) => one.complete && !one.naturalWidth).length;
  document.body.innerHTML = "<pre id=probe>" + JSON.stringify(out) + "</pre>";
});
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [390, 1200])
def test_in_a_browser(runs, tmp_path, width):
    import json
    import re

    folder = Path(shutil.copytree(runs["paper"], tmp_path / "browsed"))
    page = folder / "report/index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", PROBE + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900",
         "--virtual-time-budget=4000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    found = json.loads(re.search(r'<pre id="probe">(.*?)</pre>', done.stdout).group(1))
    verdicts = io.read_json(folder / "claims/verdicts.json")
    assert found["all"] == len(verdicts)
    assert found["filtered"] == sum(entry["verdict"] == "not_testable" for entry in verdicts)
    assert 0 < found["searched"] < len(verdicts)
    assert (found["first"], found["last"]) == ("claim-A1", "claim-W1")
    assert int(found["least"]) == min(entry["n"] for entry in verdicts if entry["n"] is not None)
    assert (found["wide"], found["broken"]) == (False, 0)
