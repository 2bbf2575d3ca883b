"""The small campaign through SLURM with three faults: a job that fails, a drained node, a killed submitter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.lab import Lab
from tests.workflow.checkout import ROOT, Checkout

DRAINED = "n2"
ACTIVE = {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED"}
FAULT_WITHIN_S = 600
"""A fault comes this long after the start at the latest; generous, since the machine may be busy."""

POLLING = (
    "--slurm-init-seconds-before-status-checks",
    "2",
    "--slurm-status-command",
    "squeue",
    "--latency-wait",
    "10",
)
"""Quicker than the profile's, which is made for clusters that others use too; and there is no accounting here."""

Job = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What is left to look at when the campaign is through."""

    returncode: int
    log: str
    jobs: list[Job]
    failed: Job
    drained_after: int
    resumed_after: int
    orphans: list[Job]
    seconds: float

    def of_rule(self, rule: str) -> list[Job]:
        """Jobs of a rule in the order of their submission."""
        return [job for job in self.jobs if job["comment"].startswith(f"rule_{rule}")]

    def completed(self) -> list[Job]:
        """Jobs that ended well."""
        return [job for job in self.jobs if job["state"] == "COMPLETED"]


class Campaign:
    """Starts Snakemake as somebody on a login node would, and disturbs it."""

    def __init__(self, lab: Lab, checkout: Checkout) -> None:
        self.lab, self.checkout = lab, checkout
        self.log = checkout.path("submitter.log")

    def start(self) -> subprocess.Popen:
        """Snakemake in the background, in a process group that can be killed."""
        environment = {
            **self.lab.environment, "JUPYTER_PREFER_ENV_PATH": "1",
            "PYTHON": sys.executable,
            "SNAKEMAKE": str(Path(sys.executable).with_name("snakemake")),
        }  # fmt: skip
        command = ["workflow/cluster/snakemake.sh", *POLLING]
        command += ["--configfile", "config/config.yaml", str(self.checkout.settings)]
        with open(self.log, "a") as log:
            return subprocess.Popen(
                command, cwd=self.checkout.folder, env=environment, start_new_session=True, stdout=log, stderr=log
            )

    def wait(self, submitter: subprocess.Popen, wanted: Callable[[Job], bool], what: str) -> Job:
        """The first job for which `wanted` is true."""
        deadline = time.monotonic() + FAULT_WITHIN_S
        while time.monotonic() < deadline and submitter.poll() is None:
            for job in self.lab.jobs():
                if wanted(job):
                    return job
            time.sleep(0.2)
        raise AssertionError(f"no {what}; Snakemake: {submitter.poll()}\n{self.log.read_text()[-4000:]}")

    def latest(self) -> int:
        """Number of the job submitted last."""
        return max(int(job["id"]) for job in self.lab.jobs())

    def run(self) -> Outcome:
        """Three faults one after the other, then on to the end."""
        begun = time.monotonic()
        submitter = self.start()
        failed = self.wait(submitter, _running("rule_twin_lidar"), "job of twin_lidar")
        self.lab.run("scancel", failed["id"])
        on_it = self.wait(
            submitter,
            lambda job: job["state"] == "RUNNING" and job["node"] == DRAINED and job["id"] != failed["id"],
            "job on a node",
        )
        self.lab.run("scontrol", "update", f"NodeName={DRAINED}", "State=DRAIN", "Reason=test")
        drained_after = self.latest()
        self.wait(submitter, lambda job: job["id"] == on_it["id"] and job["state"] not in ACTIVE, "end of that job")
        # Jobs that need the simulated lidar, so that the failed job has come through by then.
        self.wait(
            submitter, _running("rule_ingest_wildcards_lidar", "rule_detect", "rule_columns"), "job with nights"
        )
        os.killpg(submitter.pid, signal.SIGKILL)
        submitter.wait()
        orphans = [job for job in self.lab.jobs() if job["state"] in ACTIVE]
        resumed_after = self.latest()
        self.lab.run("scontrol", "update", f"NodeName={DRAINED}", "State=RESUME")
        returncode = self.start().wait(timeout=1500)
        return Outcome(
            returncode, self.log.read_text(), self.lab.jobs(), failed, drained_after, resumed_after, orphans,
            time.monotonic() - begun,
        )  # fmt: skip


def _running(*comments: str) -> Callable[[Job], bool]:
    return lambda job: job["state"] == "RUNNING" and job["comment"].startswith(comments)


def checkout(folder: Path) -> Checkout:
    """The small campaign in a folder of its own; the scripts of the profile are found there."""
    made = Checkout(folder)
    assert (made.folder / "workflow/cluster/snakemake.sh").samefile(ROOT / "workflow/cluster/snakemake.sh")
    return made
