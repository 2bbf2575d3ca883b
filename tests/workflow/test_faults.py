"""A damaged file of the record, and a run that is killed: nothing is lost, nothing half-written, and it is said."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workflow.checkout import Checkout

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("workflow")]


@pytest.fixture
def copy(small_run, tmp_path):
    """The small run again, its record copied so that it can be damaged."""
    checkout = Checkout(tmp_path / "copy")
    checkout.take_from(small_run)
    return checkout


def test_damaged_file_is_named_not_used_and_the_rest_goes_on(copy):
    damaged = sorted(copy.path("record").rglob("Digisonde_ionograms_*.zip"))[0]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    copy.path(f"results/twin/raw/files/ionosonde/{damaged.name}").unlink()
    # Without the sums of the run nobody knows that the record was another: it has come so from its provider.
    shutil.rmtree(copy.path("results/twin/sums"))
    target = "results/twin/ingest/ionosonde/batches/cases.json"
    copy.snakemake(target, "--forcerun", "results/twin/raw/ionosonde.json")
    inventory = json.loads(copy.path("results/twin/raw/inventory/ionosonde.json").read_text())
    expected = {"file": damaged.name, "reason": "md5 differs from the record", "kind": "damaged"}
    assert [{key: item[key] for key in expected} for item in inventory["damaged"]] == [expected]
    assert not copy.path(f"results/twin/raw/files/ionosonde/{damaged.name}").exists()
    nights = {item["night"] for item in json.loads(copy.path(target).read_text())["nights"]}
    assert len(nights) >= 5, "foEs of every case night is in another file"


def test_killed_run_goes_on_where_it_was(tmp_path):
    checkout = Checkout(tmp_path / "killed")
    snakemake = str(Path(sys.executable).with_name("snakemake"))
    target = "results/twin/ingest/fpi/batches/cases.json"
    command = [snakemake, target, "--cores", "1"]
    command += ["--configfile", "config/config.yaml", str(checkout.settings)]
    process = subprocess.Popen(
        command, cwd=checkout.folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    first, second = checkout.path("record/twin/fpi"), checkout.path("results/twin/raw/fpi.json")
    deadline = time.monotonic() + 120
    while not second.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert second.exists()
    assert not checkout.path(target).exists()
    made = first.stat().st_mtime_ns
    checkout.snakemake(target)
    assert checkout.path(target).exists()
    assert first.stat().st_mtime_ns == made, "what was done is not done again"
    assert not list(checkout.path("results").rglob("*.part"))


def test_a_bare_snakemake_takes_the_profile_of_this_machine(tmp_path):
    """Without it a killed run could not be taken up by the same command, and one lost night would end the run."""
    done = Checkout(tmp_path / "bare").snakemake("results/twin/raw/fpi.json", "-n", "--quiet", "rules")
    assert "Using workflow specific profile profiles/default" in done.stdout + done.stderr
