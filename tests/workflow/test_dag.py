"""What Snakemake plans: only what a target needs, nothing at all twice, and no start with a wrong configuration."""

from __future__ import annotations

import os
import re
import time

import pytest

from tests.workflow.checkout import SMALL, Checkout, planned

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


@pytest.fixture
def fresh(tmp_path):
    return Checkout(tmp_path / "fresh")


def test_dry_run_without_anything_there(fresh):
    done = fresh.snakemake("-n")
    assert {"twin_lidar", "inventory", "figure1"} <= planned(done)
    assert not fresh.path("record").exists()
    assert not fresh.path("results/twin").exists()
    # A line a job and no lists of files: about 100 jobs of at most two lines, and the table of rules twice.
    lines = (done.stdout + done.stderr).splitlines()
    assert "Reason:" not in "\n".join(lines)
    assert len([line for line in lines if line.startswith("Job ")]) > 30
    assert len(lines) < 250


def test_figure3_asks_for_no_tec_and_only_its_own_nights(fresh):
    rules = planned(fresh.snakemake("-n", "figure3"))
    assert "twin_tec" not in rules
    assert {"twin_ionosonde", "twin_lidar", "es_cases", "figure3"} <= rules
    for other in ("figure1", "figure2", "tec_enhancement", "monthly", "claims", "report"):
        assert other not in rules


def test_second_run_has_nothing_to_do(small_run):
    assert "Nothing to be done" in small_run.snakemake().stderr


@pytest.mark.parametrize(("cores", "threads"), [(2, {"cases": 1, "2021": 1}), (8, {"cases": 5, "2021": 3})])
def test_batches_share_the_cores_by_their_nights(small_run, cores, threads):
    # Six and four nights of ten: 1.2 and 0.8 of two cores, 4.8 and 3.2 of eight.
    done = small_run.snakemake("-n", "--forcerun", "detect", cores=cores)
    assert {
        batch: int(count) for batch, count in re.findall(r"stripes of (\w+), cores: (\d+)", done.stderr + done.stdout)
    } == threads


def test_all_mistakes_of_the_configuration_before_any_job(fresh):
    fresh.configure({"source": "moon", "detect": {"no_such_key": 1}, "twin": {"seed": -1}})
    done = fresh.snakemake(check=False)
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert "3 mistakes" in text
    for key, value in (("source", "moon"), ("detect.no_such_key", "1"), ("twin.seed", "-1")):
        assert any(key in line and value in line for line in text.splitlines())
    assert not fresh.path("results/twin").exists()


@pytest.mark.parametrize(
    ("settings", "first", "untouched"),
    [
        ({"figures": {"overlays": False}}, {"figure1"}, {"detect", "columns", "tec_enhancement", "ingest"}),
        (
            {"figures": {"es_margin_hours": 1.0}},
            {"figure3", "report"},
            {"figure1", "figure2", "figure4", "figure5", "figure6", "night_pages", "es_cases", "claims"},
        ),
        ({"derive": {"columns": {"bottom_km": 84.0}}}, {"columns"}, {"detect", "ingest", "twin_lidar"}),
    ],
)
def test_one_key_reruns_only_what_depends_on_it(small_run, settings, first, untouched):
    try:
        small_run.configure({**SMALL, **settings})
        rules = planned(small_run.snakemake("-n"))
    finally:
        small_run.configure(SMALL)
    assert first <= rules
    assert not rules & untouched


def test_an_edit_reruns_what_depends_on_it_and_a_comment_nothing(tmp_path, small_run):
    # A checkout of its own whose src is a copy, so that a file can be edited; results and record as they were.
    import shutil

    copy = Checkout(tmp_path / "edited")
    copy.path("src").unlink()
    shutil.copytree(small_run.path("src"), copy.path("src"), symlinks=True)
    copy.take_from(small_run)
    edited = copy.path("src/metalclouds/derive/monthly.py")
    environment = {**os.environ, "PYTHONPATH": str(copy.path("src"))}
    before = planned(copy.snakemake("-n", environment=environment))
    assert not before
    time.sleep(1)
    for name in ("errors.py", "files.py", "detect/stripes/fit.py", "derive/monthly.py"):
        commented = copy.path(f"src/metalclouds/{name}")
        commented.write_text(commented.read_text() + "\n# a comment\n")
    assert not planned(copy.snakemake("-n", environment=environment))
    edited.write_text(edited.read_text() + "\nEDIT = 1\n")
    after = planned(copy.snakemake("-n", environment=environment))
    assert {"monthly", "figure4", "claims", "report"} <= after
    assert not after & {"detect", "ingest", "twin_lidar", "figure1", "figure2", "figure3", "tec_enhancement"}
