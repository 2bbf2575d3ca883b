"""Every product of a run is the workflow's: what is lost, cut or changed is noticed and made again."""

from __future__ import annotations

import re
import time

import pytest

from metalclouds import cli, sums
from tests.workflow.checkout import Checkout, planned

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]
RUN = "results/twin"
# Logs and times of the jobs are no products; neither is what says what the products are.
NO_PRODUCTS = {"logs", "benchmarks", "sums"}


@pytest.fixture
def copy(small_run, tmp_path):
    """The small run again, by copies, so that it can be damaged."""
    checkout = Checkout(tmp_path / "copy")
    checkout.take_from(small_run, link=False)
    return checkout


def test_every_file_of_a_run_is_the_output_of_one_job(small_run):
    run = small_run.path(RUN)
    listed = [
        (run / output / name).resolve() if name != "." else (run / output).resolve()
        for _, outputs in sums.records(run)
        for output, files in outputs.items()
        for name in files
    ]
    there = {
        path.resolve()
        for folder in (run, small_run.path("record/twin"), small_run.path("truth/twin"))
        for path in folder.rglob("*")
        if path.is_file() and path.name != sums.NO_PRODUCT and path.relative_to(folder).parts[0] not in NO_PRODUCTS
    }
    assert len(there) > 200
    assert sorted(listed) == sorted(there)


def test_the_default_target_asks_for_every_output(small_run):
    done = small_run.snakemake("-n", "--force", "all", check=False)
    wanted = re.search(r"(?:local)?rule all:\n    input: (.*)\n", done.stdout + done.stderr)
    assert wanted, done.stderr
    outputs = {
        str((small_run.path(RUN) / output).resolve().relative_to(small_run.folder.resolve()))
        for _, outputs in sums.records(small_run.path(RUN))
        for output in outputs
    }
    assert outputs == set(wanted.group(1).split(", "))


PRODUCTS = {
    "figures/figure5.png": {"figure5"},
    "derive/monthly.csv": {"monthly"},
    "derive/occurrence_by_year.csv": {"nights"},
    "detect/batches/2021.events.csv": {"detect"},
    "raw/inventory/fpi.json": {"inventory"},
    "report/figure3.html": {"report"},
}


@pytest.mark.parametrize(("name", "rules"), PRODUCTS.items(), ids=PRODUCTS)
def test_snakemake_makes_a_lost_file_again(copy, name, rules):
    copy.path(f"{RUN}/{name}").unlink()
    assert rules <= planned(copy.snakemake("-n"))


DAMAGED = {
    "detect/2021/2021-04-07.nc": "detect",
    "ingest/lidar/cases/2021-05-10.nc": "ingest",
    "raw/files/fpi/FPI_wind_2021.csv": "fetch_record",
    "derive/nights.csv": "nights",
    "report/workflow/Snakefile": "report",
}


@pytest.mark.parametrize("how", ["lost", "cut"])
@pytest.mark.parametrize(("name", "rule"), DAMAGED.items(), ids=DAMAGED)
def test_damage_that_snakemake_cannot_see_stops_it(copy, name, rule, how, capsys):
    path = next(copy.path(RUN).glob(name), None) or next(path for path in copy.path(f"{RUN}/raw/files/fpi").iterdir())
    if how == "lost":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    if how == "cut" or rule in ("detect", "ingest", "fetch_record", "report"):
        done = copy.snakemake("-n", check=False)
        assert done.returncode == 1
        told = done.stdout + done.stderr
        assert path.name in told
        assert f"metalclouds verify --repair {RUN}" in told
    # What `make run` does first.
    assert cli.main(["verify", "--repair", str(copy.path(RUN))]) == 0
    assert rule in planned(copy.snakemake("-n"))


def test_what_was_cut_is_made_again_with_the_same_bytes(copy, small_run):
    """A table, a night and a raw file at once: everything is as before, and the run is as quick as ever after it."""
    for name in ("derive/nights.csv", "detect/2021/2021-04-07.nc"):
        path = copy.path(f"{RUN}/{name}")
        path.write_bytes(path.read_bytes()[:100])
    assert cli.main(["verify", "--repair", str(copy.path(RUN))]) == 0
    copy.snakemake()
    for name in ("derive/nights.csv", "detect/2021/2021-04-07.nc", "claims/verdicts.json", "detect/stripes.csv"):
        assert copy.path(f"{RUN}/{name}").read_bytes() == small_run.path(f"{RUN}/{name}").read_bytes(), name
    assert cli.main(["verify", "--full", str(copy.path(RUN))]) == 0
    start = time.perf_counter()
    assert "Nothing to be done" in copy.snakemake().stderr
    # 5 s on a quiet machine; tests run beside others.
    assert time.perf_counter() - start < 15
