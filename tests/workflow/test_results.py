"""The products of a run keep their contracts."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

from metalclouds import io
from metalclouds.batches import file_of_night
from metalclouds.schema.datasets import DETECT, INGEST, INSTRUMENTS, check_dataset
from metalclouds.schema.results import RESULT_TABLES
from metalclouds.schema.tables import DERIVE_TABLES, DETECT_TABLES
from tests.cf import complaints
from tests.workflow.checkout import CASES, OTHERS, ROOT

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


@pytest.fixture(scope="module")
def run(small_run):
    return small_run.path("results/twin")


@pytest.fixture(scope="module")
def truth_nights(small_run):
    return sorted(io.read_csv(small_run.path("truth/twin/nights.csv"))["night"])


def test_exactly_the_expected_netcdf_files(run, truth_nights):
    found = {str(path.relative_to(run)) for path in run.rglob("*.nc") if "raw" not in path.parts}
    batch = {night: "cases" if night in CASES else night[:4] for night in truth_nights}
    small = {night: "cases" if night in CASES else "rest" for night in truth_nights}
    lidar = {f"ingest/lidar/{batch[night]}/{night}.nc" for night in truth_nights}
    detect = {f"detect/{batch[night]}/{night}.nc" for night in truth_nights}
    assert len(lidar) == len(CASES) + len(OTHERS)
    assert lidar | detect <= found
    assert {f"ingest/fpi/{small[night]}/{night}.nc" for night in truth_nights} <= found
    assert {f"ingest/ionosonde/{small[night]}/{night}.nc" for night in truth_nights} <= found
    tec = ("2021-01-08", "2021-06-03", "2021-06-04", "2021-06-18")
    assert {f"ingest/tec/cases/{night}.nc" for night in tec} <= found
    rest = found - lidar - detect - {name for name in found if name.startswith(("ingest/", "figures/"))}
    assert rest == {"derive/tec_maps.nc", "derive/monthly_density.nc", "derive/nightly_density.nc"}


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_ingest_keeps_its_contract(run, instrument):
    files = sorted((run / "ingest" / instrument).glob("*/*.nc"))
    assert len(files) >= 4
    for path in files:
        dataset = io.read_netcdf(path)
        check_dataset(dataset, INGEST[instrument], path)
        assert dataset.attrs["night"] == path.stem
        assert dataset.attrs["synthetic"] == "true"


def test_detect_keeps_its_contract(run, truth_nights):
    for night in truth_nights:
        dataset = io.read_netcdf(file_of_night(run / "detect", night))
        check_dataset(dataset, DETECT, night)
        assert set(np.unique(dataset["mic_mask"])) <= {0, 1, 2, 3}
        assert dataset["mic_mask"].attrs["flag_meanings"] == "clear cloud stripe no_data"


def test_every_netcdf_has_cf_attributes_and_the_hashes_of_its_inputs(run):
    for path in sorted(run.rglob("*.nc")):
        if "raw" in path.parts:
            continue
        dataset = io.read_netcdf(path)
        for name in ("Conventions", "title", "source", "synthetic", "history", "references"):
            assert dataset.attrs.get(name), f"{path}: {name}"
        assert dataset.attrs["Conventions"].startswith("CF-1.")
        inputs = json.loads(dataset.attrs["input_sha256"])
        assert inputs, path
        assert all(len(digest) == 64 for digest in inputs.values()), path


def test_derived_files_pass_the_cf_check(run):
    """The other kinds of product: tests/test_cf.py."""
    files = [*sorted((run / "derive").glob("*.nc")), *sorted((run / "figures").glob("*.nc"))]
    assert len(files) >= 4
    assert {path.name: complaints(path) for path in files} == {path.name: [] for path in files}


def test_inputs_named_in_detect_are_those_on_disk(run, truth_nights):
    night = truth_nights[0]
    dataset = io.read_netcdf(file_of_night(run / "detect", night))
    assert io.sha256(file_of_night(run / "ingest/lidar", night)) in json.loads(dataset.attrs["input_sha256"]).values()


@pytest.mark.parametrize("name", DERIVE_TABLES)
def test_derived_tables_keep_their_contract(run, name):
    table = io.read_csv(run / "derive" / name)
    DERIVE_TABLES[name].ordered(table)
    assert DERIVE_TABLES[name].breaches(table) == []
    assert len(table) > 0, "every instrument is there, so every table has rows"


@pytest.mark.parametrize("name", DETECT_TABLES)
def test_detected_tables_keep_their_contract(run, name):
    table = io.read_csv(run / "detect" / name)
    DETECT_TABLES[name].ordered(table)
    assert len(table) > 0


@pytest.mark.parametrize("name", RESULT_TABLES)
def test_tables_of_figures_and_claims_are_as_documented(run, name):
    table = RESULT_TABLES[name]
    frame = io.read_csv(run / table.file)
    assert table.breaches(table.ordered(frame)) == []
    # Ten nights need not have what a supplement plots.
    assert len(frame) > 0 or name.startswith("supplement")


@pytest.mark.parametrize("number", range(1, 7))
def test_each_figure_leaves_its_files(run, number):
    for suffix in ("png", "pdf", "html", "ipynb"):
        path = run / f"figures/figure{number}.{suffix}"
        assert path.stat().st_size > 5000, path


def test_every_claim_has_a_verdict_that_judges_the_simulation_only(run):
    verdicts = json.loads((run / "claims/verdicts.json").read_text())
    claims = yaml.safe_load((ROOT / "config/claims.yaml").read_text())["claims"]
    assert [verdict["id"] for verdict in verdicts] == [claim["id"] for claim in claims]
    assert {verdict["about"] for verdict in verdicts} == {"simulation"}
    assert {verdict["verdict"] for verdict in verdicts} <= {"recovered", "not_recovered", "not_testable"}
    for verdict in verdicts:
        assert {"id", "about", "verdict", "value", "low", "high", "unit", "n", "reason"} <= verdict.keys()


def test_page_begins_with_what_was_tested(run):
    text = (run / "report/index.html").read_text()
    assert "Claims tested on the paper's data: 0 of" in text.replace("’", "'").replace("&#39;", "'")
    assert "SYNTHETIC" in text


def test_nothing_of_the_truth_is_in_the_results(run, small_run):
    """Everything but the evaluation is made without the truth, which lies elsewhere."""
    assert small_run.path("truth/twin/stripes.csv").is_file()
    stripes = io.read_csv(small_run.path("truth/twin/stripes.csv"))
    assert len(stripes) > 0
    beside = ("logs", "benchmarks", "sums")  # sums: checksums of what a job wrote, here and elsewhere
    assert not [path for path in run.rglob("*truth*") if path.relative_to(run).parts[0] not in beside]
