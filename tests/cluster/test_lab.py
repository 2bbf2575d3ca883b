"""The SLURM of the tests comes, goes, and says why it cannot."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster import lab as slurm
from tests.workflow.checkout import ROOT


def test_without_slurm_the_reason_is_said(monkeypatch):
    monkeypatch.setattr(slurm, "PROGRAMS", ("munged", "no-such-daemon"))
    assert "no-such-daemon" in slurm.missing()
    with pytest.raises(slurm.LabError, match="no-such-daemon"), slurm.slurm_lab():
        pass


def gone(pids: list[int]) -> bool:
    """Whether none of the processes is alive; a zombie is not."""
    alive = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    return not [pid for pid in alive if ") Z " not in Path(f"/proc/{pid}/stat").read_text()]


def use_and_fail(seen: dict) -> None:
    """Bring up a lab, see that it works, and leave it by an error."""
    with slurm.slurm_lab() as other:
        seen.update(folder=other.folder, pids=[daemon.pid for daemon in other.daemons])
        assert not gone(seen["pids"])
        assert other.run("srun", "-N1", "echo", "here").strip() == "here"
        raise RuntimeError("in the middle")


@pytest.mark.cluster
def test_nothing_is_left_after_a_failure(lab):
    """`lab` is asked for so that this is skipped where SLURM is not installed."""
    seen: dict = {}
    with pytest.raises(RuntimeError, match="in the middle"):
        use_and_fail(seen)
    assert gone(seen["pids"])
    assert not seen["folder"].exists()
    assert lab.idle_nodes() == set(slurm.NODES), "another lab is not disturbed"


@pytest.mark.cluster
def test_daemons_end_with_a_killed_lab(lab):
    command = [sys.executable, "-m", "tests.cluster.lab", "--", "sh", "-c", "echo $SLURM_CONF; exec sleep 60"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    folder = Path(process.stdout.readline().strip()).parent
    pids = [int(path.read_text()) for path in folder.glob("*.pid")]
    assert len(pids) == 2 + len(slurm.NODES), "each daemon writes its number before it is ready"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while not gone(pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert gone(pids)
    assert re.fullmatch(r"slurm-lab-\w+", folder.name)
    shutil.rmtree(folder)
