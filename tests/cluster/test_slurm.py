"""The whole workflow through a real SLURM, disturbed, gives what one machine gives."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pandas as pd
import pytest

from metalclouds.cli import main
from tests.cluster import campaign
from tests.regression.make_reference import FOLDER as REFERENCE
from tests.test_parallel import nights, products  # noqa: F401

pytestmark = pytest.mark.cluster

COMPARED = {".nc", ".csv", ".png", ".json"}
# Times, memory, machine: run.json, the crate that carries its date, logs and benchmarks, and nothing else.
LEFT_OUT = re.compile(
    r"results/twin/(run\.json|ro-crate-metadata\.json|logs/|benchmarks/|sums/)"
)  # sums hold the times of the files


@pytest.fixture(scope="module")
def outcome(lab, tmp_path_factory):
    """The campaign with its faults; `run` is its results folder."""
    checkout = campaign.checkout(tmp_path_factory.mktemp("slurm") / "checkout")
    return campaign.Campaign(lab, checkout).run(), checkout


@pytest.fixture(scope="module")
def ended(outcome):
    """What is known of the jobs."""
    return outcome[0]


def digests(folder: Path) -> dict[str, str]:
    """sha256 of every product of a checkout: record, truth and results."""
    files = [path for top in ("record", "truth", "results") for path in sorted((folder / top / "twin").rglob("*"))]
    names = {
        path.relative_to(folder).as_posix(): path for path in files if path.suffix in COMPARED and path.is_file()
    }
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in names.items()
        if not LEFT_OUT.match(name)
    }


def test_the_campaign_ends_well(outcome):
    ended, checkout = outcome
    assert ended.returncode == 0, ended.log[-6000:]
    assert checkout.path("results/twin/report/index.html").is_file()
    print(
        f"run with its faults: {ended.seconds:.0f} s; {len(ended.jobs)} jobs, {len(ended.completed())} to their end"
    )


def test_tens_of_jobs_not_hundreds(ended):
    done = [job["comment"] for job in ended.completed()]
    assert 10 <= len(done) <= 15, done
    assert len(set(done)) == len(done), "nothing was done twice"


def test_same_bytes_as_on_one_machine(outcome, small_run):
    local, cluster = digests(small_run.folder), digests(outcome[1].folder)
    assert len(local) > 100
    assert {name for name in local.keys() | cluster.keys() if local.get(name) != cluster.get(name)} == set()


def test_same_as_the_committed_reference(outcome, capsys):
    code = main(["compare", str(outcome[1].path("results/twin")), str(REFERENCE)])
    assert code == 0, capsys.readouterr().out


def test_a_failed_job_is_tried_again_with_more_memory(ended):
    first, second = (job for job in ended.of_rule("twin_lidar"))
    assert (first["id"], first["state"]) == (ended.failed["id"], "CANCELLED")
    assert second["state"] == "COMPLETED"
    assert megabytes(second) == 2 * megabytes(first)


def test_a_drained_node_ends_its_work_and_gets_no_more(ended):
    on_it = [job for job in ended.jobs if job["node"] == campaign.DRAINED]
    before = [job for job in on_it if int(job["id"]) <= ended.drained_after and job["id"] != ended.failed["id"]]
    assert before
    assert {job["state"] for job in before} == {"COMPLETED"}
    assert not [job for job in on_it if ended.drained_after < int(job["id"]) <= ended.resumed_after]


def test_a_killed_submitter_leaves_jobs_that_the_next_one_cancels(ended):
    assert ended.orphans
    by_id = {job["id"]: job for job in ended.jobs}
    assert "cancelling jobs that an interrupted run left behind" in ended.log
    for orphan in ended.orphans:
        assert by_id[orphan["id"]]["state"] in ("CANCELLED", "COMPLETED")
    resumed = [job["comment"] for job in ended.jobs if int(job["id"]) > ended.resumed_after]
    done = {job["comment"] for job in ended.completed() if int(job["id"]) <= ended.resumed_after}
    assert resumed
    assert not done & set(resumed), "what was done is not done again"


def megabytes(job: campaign.Job) -> float:
    """Memory that a job asked for, as squeue prints it."""
    number, unit = re.fullmatch(r"([\d.]+)([MG])", job["memory"]).groups()
    return float(number) * {"M": 1, "G": 1024}[unit]


def test_jobs_ask_for_more_memory_than_they_take(outcome):
    ended, checkout = outcome
    folder = checkout.path("results/twin/benchmarks")
    for rule, files in {
        "twin_lidar": "twin/lidar.tsv", "twin_tec": "twin/tec.tsv", "ingest": "ingest/*_*.tsv",
        "detect": "detect/*.tsv", "columns": "columns.tsv", "tec_enhancement": "tec_enhancement.tsv",
    }.items():  # fmt: skip
        used = max(pd.read_csv(path, sep="\t")["max_rss"].max() for path in folder.glob(files))
        assert used * 1.2 < min(megabytes(job) for job in ended.of_rule(rule)), rule
