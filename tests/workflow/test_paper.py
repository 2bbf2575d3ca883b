"""`make paper` against a provider on the loopback address: a record never seen before, faults included."""

from __future__ import annotations

import io
import json
import zipfile

import openpyxl
import pytest

from tests.fetch.server import Provider, start
from tests.ingest import shapes
from tests.workflow.checkout import Checkout, planned

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]

LIDAR, TABLE, README = "Ca+ lidar data.zip", "Figure4.xlsx", "README.txt"
GIRO = "# GIRO\n" + "".join(f"2021-06-03T{hour:02d}:00:00.000Z 100 {3 + hour / 10:.2f} // 105.0 // --- --- "
                            "5.1 // 300 //\n" for hour in range(24))  # fmt: skip


def zipped(writer, folder) -> bytes:
    """The files that `writer` leaves in a folder, as a zip."""
    writer(folder)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return stream.getvalue()


def monthly_table() -> bytes:
    """A table that is of no instrument."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in [("month", "clouds"), *((month, month % 5) for month in range(1, 13))]:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    lidar = zipped(shapes.meridian, tmp_path_factory.mktemp("record"))
    provider = Provider({LIDAR: lidar, TABLE: monthly_table(), README: b"Data of the paper.\n"})
    provider.giro = {"2021/06/03": (200, GIRO)}
    provider.fault(README, {"status": 429, "headers": {"Retry-After": "1"}})
    provider.fault(LIDAR, ("die after", 20_000))
    return provider


@pytest.fixture(scope="module")
def paper(provider, tmp_path_factory):
    server, url = start(provider)
    checkout = Checkout(tmp_path_factory.mktemp("paper"))
    giro = {"base_url": f"{url}/fastchar/getbest", "pause_s": 0.0}
    checkout.configure({"source": "zenodo", "fetch": {"zenodo": {"base_url": url}, "giro": giro, "backoff_s": 0.1}})
    checkout.snakemake("claims")
    yield checkout
    server.shutdown()


def test_record_arrives_whole_and_what_is_missing_is_said(paper, provider):
    manifest = json.loads(paper.path("results/zenodo/raw/manifest.json").read_text())
    assert {entry["key"] for entry in manifest["files"]} == {LIDAR, TABLE, README, "GIRO_BP440_2021-06-03.txt"}
    assert not manifest["damaged"]
    assert manifest["synthetic"] is False
    assert len(manifest["unavailable"]) == 5, "five of the six case nights are not at this provider"


def test_nights_are_found_in_an_unknown_archive(paper):
    nights = sorted(path.stem for path in paper.path("results/zenodo/ingest/lidar").glob("*/*.nc"))
    assert nights == list(shapes.NIGHTS)
    assert paper.path("results/zenodo/ingest/ionosonde/cases/2021-06-03.nc").exists()


def test_file_of_no_instrument_is_listed_with_what_is_in_it(paper):
    inventory = json.loads(paper.path("results/zenodo/raw/inventory/lidar.json").read_text())
    seen = {item["file"]: item["seen"] for item in inventory["unmapped"]}
    assert TABLE in seen  # the README is evidence, no file that is left over
    assert "clouds" in seen[TABLE]


def test_verdicts_are_about_the_paper_and_none_is_made_without_data(paper):
    verdicts = {
        item["id"]: item for item in json.loads(paper.path("results/zenodo/claims/verdicts.json").read_text())
    }
    assert {item["about"] for item in verdicts.values()} == {"paper"}
    assert {item["verdict"] for item in verdicts.values()} <= {"agrees", "differs", "not_testable"}
    for name in ("T1", "T2", "T3", "W1"):
        assert verdicts[name]["verdict"] == "not_testable", "neither TEC nor winds are in this record"


def test_second_run_asks_nobody_and_makes_nothing(paper, provider):
    asked = len(provider.requests)
    assert not planned(paper.snakemake("claims", "-n"))
    paper.snakemake("results/zenodo/raw/manifest.json", "--forcerun", "fetch")
    assert len(provider.requests) == asked + 4, "the nights that GIRO answered with 404; 2022-01-16 is past its end"
    assert not planned(paper.snakemake("claims", "-n")), "the same files again change nothing"
