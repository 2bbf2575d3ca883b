"""The page of invented runs, read as a browser and as a reader would."""

import hashlib
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
import yaml

import metalclouds
from metalclouds import io
from metalclouds.figures import figure3
from metalclouds.figures.settings import FiguresSettings
from metalclouds.report.figure import raw_files
from metalclouds.report.page import build, topics
from metalclouds.report.sources import FIGURES
from metalclouds.schema.documents import Inventory, Manifest, NightOfFiles, RawFile, RawMember, RunRecord
from tests.figures import fake_run
from tests.report.site import CLAIMS, PAGES

ALL = yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))["claims"]
# Claims of the paper; tests of ours are not counted among them.
TOTAL = sum(not one.get("ours") for one in ALL)


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


def html(folder, page="index"):
    return (folder / f"report/{page}.html").read_text(encoding="utf-8")


def test_first_line_of_a_simulated_run(runs):
    page = Page(html(runs["twin"]))
    assert page.body[1] == f"Claims tested on the paper's data: 0 of {TOTAL}"
    assert page.body[2] == "SYNTHETIC."
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
    assert 0 < tested < TOTAL
    assert page.body[1] == f"Claims tested on the paper's data: {tested} of {TOTAL}"
    assert "SYNTHETIC" not in page.text


def test_what_is_missing_is_named_with_its_claims(runs):
    text = Page(html(runs["paper"])).text
    assert "the record has no tec file" in text
    assert "Available from: an archive" in text
    without = [one["id"] for one in yaml.safe_load(CLAIMS.read_text())["claims"] if "tec" in one["needs"]]
    assert {"T1", "T5"} <= set(without)
    assert f"not testable: {', '.join(without)}" in text


@pytest.mark.parametrize("name", ["twin", "paper"])
def test_every_link_and_picture_is_there_after_the_folder_moved(runs, name, tmp_path):
    moved = Path(shutil.copytree(runs[name], tmp_path / "elsewhere"))
    files = [moved / "report" / f"{page}.html" for page in PAGES]
    pages = {file: Page(file.read_text(encoding="utf-8")) for file in files}
    assert len(pages[files[0]].images) == 6
    for page, read in pages.items():
        for target in [*read.links, *(source for source, _ in read.images)]:
            if target.startswith("https://"):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            assert file.is_file(), target
            assert file.is_relative_to(moved)
            assert not anchor or anchor in pages[file].ids, target


@pytest.mark.parametrize("name", ["twin", "paper"])
@pytest.mark.parametrize("page", PAGES)
def test_structure_for_screen_readers_and_no_network(runs, name, page):
    page = Page(html(runs[name], page))
    assert page.loads == ["data:,"]
    assert all(alt for _, alt in page.images)
    assert len(page.ids) == len(set(page.ids))
    assert page.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert page.headings.count(1) == 1


def test_captions_are_text_not_markup(runs):
    assert "A caption &lt;with&gt; brackets &amp; numbers." in html(runs["twin"], "figure1")


def test_the_nights_of_figure1_can_be_opened_to_zoom_in(runs, tmp_path):
    folder = Path(shutil.copytree(runs["twin"], tmp_path / "zoom"))
    for night in ("2021-01-08", "1999-01-01"):
        (folder / f"figures/night_{night}.html").write_text("a page", encoding="utf-8")
    build(folder, {}, folder / "report")
    links = Page(html(folder, "figure1")).links
    assert "../figures/night_2021-01-08.html" in links
    # a page that is left from another run is not linked
    assert "../figures/night_1999-01-01.html" not in links


def test_checksums_of_inputs_are_shown(runs):
    assert "ab" * 32 in Page(html(runs["twin"], "figure1")).text
    assert "1" * 64 in Page(html(runs["twin"])).text


def test_the_page_of_a_figure_has_all_that_made_it(runs):
    page = Page(html(runs["twin"], "figure4"))
    for ending in ("png", "pdf", "csv"):
        assert f"../figures/figure4.{ending}" in page.links
    assert {"../derive/columns.csv", "figure4.sources.json", "index.html#claim-N2"} <= set(page.links)
    assert "def draw(" in page.text
    assert '"night_middle_km": 0.48' in page.text
    assert "month occurrence" in page.text


def test_the_sidecar_says_where_the_numbers_are_from(runs):
    folder = runs["paper"]
    sidecar = io.read_json(folder / "report/figure4.sources.json")
    assert sidecar["record"]["doi"] == io.read_json(folder / "raw/manifest.json")["record"]["doi"] != ""
    files = {"figures/figure4.png", "figures/figure4.csv"}
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files} == sidecar["files"]
    assert (sidecar["version"], sidecar["synthetic"]) == (metalclouds.__version__, False)
    assert sidecar["configuration_sections"] == ["ingest", "figures"]
    assert len(sidecar["configuration_sha256"]) == 64


def test_the_hash_of_the_configuration_follows_its_own_sections_only(runs, tmp_path):
    def digest(number, **change):
        folder = Path(shutil.copytree(runs["twin"], tmp_path / f"{number}{len(list(tmp_path.iterdir()))}"))
        record = io.read_json(folder / "run.json")
        record["configuration"] |= change
        io.write_json(folder / "run.json", record)
        build(folder, {}, folder / "report")
        return io.read_json(folder / f"report/figure{number}.sources.json")["configuration_sha256"]

    assert digest(4) == digest(4, claims={"other": 1}) != digest(4, ingest={"other": 1})


def test_raw_files_of_the_case_nights_or_of_all():
    files = tuple(RawFile(name, 1, path=name, md5="m", sha256="s") for name in "abc")
    manifest = Manifest("zenodo", "", False, files)
    items = {
        batch: (NightOfFiles(night, (RawMember(name),), "lidar_night"),)
        for batch, night, name in (("cases", "2021-01-08", "a"), ("rest", "2021-01-09", "b"))
    }
    inventories = {"lidar": Inventory("lidar", "present", False, batches=items)}
    for number, names in ((1, ["a"]), (4, ["a", "b"])):
        found = raw_files(FIGURES[number], manifest, inventories, RunRecord())
        assert [one["key"] for one in found] == names


def test_giro_data_carry_their_licence_and_others_do_not(runs, tmp_path):
    assert "share alike" not in Page(html(runs["twin"], "figure3")).text
    folder = Path(shutil.copytree(runs["paper"], tmp_path / "giro"))
    inventory = io.read_json(folder / "raw/inventory/ionosonde.json")
    io.write_json(folder / "raw/inventory/ionosonde.json", inventory | {"source": "GIRO, station BP440"})
    build(folder, {}, folder / "report")
    assert "share alike" in Page(html(folder, "figure3")).text
    assert "share alike" in Page(html(folder)).text
    assert "share alike" not in Page(html(folder, "figure4")).text
    assert io.read_json(folder / "report/figure3.sources.json")["licence_of_data"].startswith("CC BY-NC-SA")


def test_a_figure_of_giro_data_says_so_itself(tmp_path):
    fake_run.build(tmp_path)
    assert "GIRO" not in figure3.caption(figure3.load(tmp_path, fake_run.CASES, FiguresSettings()), FiguresSettings())
    path = tmp_path / "raw/inventory/ionosonde.json"
    io.write_json(path, io.read_json(path) | {"source": "GIRO, station BP440"})
    caption = figure3.caption(figure3.load(tmp_path, fake_run.CASES, FiguresSettings()), FiguresSettings())
    assert "(GIRO), CC BY-NC-SA 4.0: non-commercial use, share alike." in caption


def test_software_is_cited_from_what_is_installed(runs):
    text = Page(html(runs["twin"])).text
    assert f"numpy {numpy.__version__}: " in text
    assert "https://doi.org/10.1038/s41586-020-2649-2" in text
    # the record is cited by a run that used it
    record = "https://doi.org/10.5281/zenodo.15713532"
    assert record in Page(html(runs["paper"])).links
    assert record not in Page(html(runs["twin"])).links


def test_the_map_shows_which_setting_turns_which_verdict(runs):
    table = re.search(r'<table class="map">.*?</table>', html(runs["twin"]), re.S).group(0)
    shown = {row[0]: row[1:] for row in (re.findall(r">([^<>\n]+)<", row) for row in table.split("<tr>")[2:])}
    assert shown == {
        "N2": ["~", "not testable with 0.001"],
        "S4": ["≠", "not recovered with 0.001, not testable with 0.02"],
        "S5b": ["=", "stays"],
    }
    survive = f"= {len(ALL) - 3} stable"
    assert (
        f"(2 tried, one at a time): {survive} ~ 1 weaker ≠ 1 changes ∅ 1 not tried" in Page(html(runs["twin"])).text
    )
    assert "A sentence on N2." in Page(html(runs["twin"])).text


def test_truth_stands_beside_what_was_found_in_a_simulated_run(runs):
    table = re.search(r'<table class="plain" id="truth-table">.*?</table>', html(runs["twin"]), re.S).group(0)
    rows = {row[0]: row[1:] for row in (re.findall(r">([^<>\n]+)<", row) for row in table.split("<tr>")[2:])}
    assert rows["N2"] == ["nights with Ca+ above 150 km", "40 nights", "37 nights (36 to 37)", "no"]
    assert rows["S4"][-1] == "yes"
    assert rows["L3b"][1:] == ["13:58 UT", "14:00 UT", "no interval; off by 2 min"]
    assert "truth-table" not in html(runs["paper"])


def test_the_rule_stands_with_each_claim(runs):
    text = Page(html(runs["paper"])).text
    assert "The rule: holds if the value is at least 0.95, fails if the whole 95 % interval lies outside" in text
    assert "Rule: holds if the 97.5 % interval reaches 5.815 to 5.825°, fails otherwise, open if it is wider" in text


def test_a_test_of_ours_is_shown_as_for_or_against_trails(runs):
    text = html(runs["paper"])
    row = re.search(r'<tr id="claim-X10" data-group="(\w+)">.*?</tr>', text, re.S)
    assert row.group(1) == "for_trails"
    assert "It would speak against trails if" in row.group(0)
    assert 'class="verdict agrees"' not in row.group(0)


def test_a_run_without_other_settings_has_no_map(runs):
    assert "sensitivity" not in html(runs["paper"])


def test_every_claim_stands_in_one_topic():
    ids = [one["id"] for one in yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))["claims"]]
    rows = topics([SimpleNamespace(id=one) for one in [*ids, "Z1"]])
    assert sorted(one.id for row in rows for one in row["claims"]) == [*sorted(ids), "Z1"]
    assert [one.id for one in rows[-1]["claims"]] == ["Z1"]


def test_same_bytes_twice(runs, tmp_path):
    build(runs["twin"], {}, tmp_path)
    for file in (runs["twin"] / "report").iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_run_times_are_shown_where_known(runs, tmp_path):
    folder = Path(shutil.copytree(runs["twin"], tmp_path / "timed"))
    io.write_json(folder / "run.json", {
        "machine": {"processor": "a chip", "cores": 2, "memory_gib": 8, "system": "Linux"},
        "jobs": [{"job": "claims", "wall_s": 1.5, "cpu_s": 1.0, "max_rss_mb": 120.0},
                 {"job": "twin", "wall_s": 60.0, "cpu_s": 50.0, "max_rss_mb": None}],
        "versions": {"python": "3.11"}, "configuration": {"source": "twin"},
    })  # fmt: skip
    build(folder, {"longest_jobs": 1}, folder / "report")
    text = Page(html(folder)).text
    assert "2 jobs, 62 s together, at most 120 MB" in text
    assert "a chip, 2 cores" in text
