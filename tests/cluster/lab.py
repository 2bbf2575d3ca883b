"""A SLURM of its own on one machine: munged, slurmctld and two slurmd on the loopback, state in one folder.

It needs Debian's packages slurmctld, slurmd, slurm-client and munge, but no root, no systemd, no cgroups and nothing
below /etc. The daemons run in the foreground as children, so that they end with the lab, also when it is killed.

    python -m tests.cluster.lab -- sinfo        # bring SLURM up, run a command in it, take it down
"""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "sinfo", "scontrol")
NODES = ("n1", "n2")
CPUS_OF_A_NODE = 2
MEMORY_OF_A_NODE_MB = 4000
UP_WITHIN_S = 120

# Options not named here are SLURM's defaults. Accounting is off: it would need a database.
CONFIGURATION = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={controller_port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmdLogFile={folder}/slurmd-%n.log
SlurmdSpoolDir={folder}/spool-%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobs.txt
# Jobs of a failed node and finished ones stay visible to squeue for the length of a test.
MinJobAge=3600
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
KillWait=2
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} "
    "CPUs={cpus} RealMemory={memory} State=UNKNOWN\n"
)


class LabError(Exception):
    """SLURM could not be brought up; the text ends with what its logs say."""


def missing() -> str:
    """Why there can be no lab on this machine; empty where there can."""
    lacking = [name for name in PROGRAMS if not _program(name)]
    return f"SLURM is not installed: no {', '.join(lacking)}" if lacking else ""


def _program(name: str) -> str | None:
    """Path of a program; the daemons often lie outside a user's PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin")


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _die_with_parent() -> None:
    """Let Linux end a daemon when the process that started it is gone (PR_SET_PDEATHSIG, see prctl(2))."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Lab:
    """A running SLURM; `environment` is what a user's shell on its login node would have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemons: list[subprocess.Popen] = []
        wrappers = folder / "bin"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "SBATCH_"))},
            "SLURM_CONF": str(folder / "slurm.conf"),
            "PATH": f"{wrappers}:{os.environ.get('PATH', '')}",
        }

    def up(self) -> None:
        """Write key and configuration, start the daemons, wait until the nodes are idle."""
        self._configure()
        key, socket_file = self.folder / "munge.key", self.folder / "munge.socket"
        # --force: munge wants system paths owned by root otherwise.
        self._start(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={socket_file}",
            f"--pid-file={self.folder / 'munge.pid'}", f"--log-file={self.folder / 'munge.log'}",
            f"--seed-file={self.folder / 'munge.seed'}",
        )  # fmt: skip
        self._wait(socket_file.exists, "munged")
        self._start("slurmctld", "-D")
        for name in NODES:
            self._start("slurmd", "-D", "-N", name)
        self._wait(lambda: self.idle_nodes() == set(NODES), "slurm")

    def _configure(self) -> None:
        host = socket.gethostname().split(".")[0]
        controller, *ports = _free_ports(1 + len(NODES))
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o400)
        (self.folder / "state").mkdir()
        for name in NODES:
            (self.folder / f"spool-{name}").mkdir()
        nodes = "".join(
            NODE.format(name=name, host=host, port=port, cpus=CPUS_OF_A_NODE, memory=MEMORY_OF_A_NODE_MB)
            for name, port in zip(NODES, ports, strict=True)
        )
        text = CONFIGURATION.format(host=host, user=getpass.getuser(), folder=self.folder, controller_port=controller)
        (self.folder / "slurm.conf").write_text(nodes + text)
        self._wrap_srun()

    def _wrap_srun(self) -> None:
        """Tell srun where this SLURM is: Snakemake's job step takes SLURM_CONF from it, and then /etc would count."""
        wrapper = self.folder / "bin/srun"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {_program("srun")} "$@"\n')
        wrapper.chmod(0o755)

    def _start(self, program: str, *arguments: str) -> None:
        with open(self.folder / "daemons.log", "a") as log:
            self.daemons.append(
                subprocess.Popen(
                    [str(_program(program)), *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, preexec_fn=_die_with_parent, start_new_session=True,
                )
            )  # fmt: skip

    def _wait(self, ready, what: str) -> None:
        deadline = time.monotonic() + UP_WITHIN_S
        while not ready():
            ended = [daemon.args for daemon in self.daemons if daemon.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise LabError(f"{what} did not come up; ended: {ended}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self, lines: int = 15) -> str:
        """The last lines of each daemon's log."""
        parts = []
        for path in sorted(self.folder.glob("*.log")):
            parts += [f"--- {path.name}", *path.read_text(errors="replace").splitlines()[-lines:]]
        return "\n".join(parts)

    def run(self, *command: str) -> str:
        """Output of a command in this SLURM; CalledProcessError where it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout

    def idle_nodes(self) -> set[str]:
        """Names of the nodes without work."""
        with contextlib.suppress(subprocess.CalledProcessError):
            return set(self.run("sinfo", "--noheader", "--Node", "--states=idle", "--format=%N").split())
        return set()

    def jobs(self) -> list[dict[str, str]]:
        """Every job of this SLURM so far: id, state, node, requested memory, rule and wildcards."""
        names = ("id", "state", "node", "memory", "comment")
        rows = self.run("squeue", "--noheader", "--states=all", "--sort=i", "--format=%i|%T|%N|%m|%k").splitlines()
        return [dict(zip(names, row.split("|"), strict=True)) for row in rows]

    def down(self) -> None:
        """End all jobs, then the daemons, the controller last."""
        with contextlib.suppress(subprocess.SubprocessError, OSError):
            self.run("scancel", f"--user={getpass.getuser()}")
            self._wait(lambda: not self.run("squeue", "--noheader", "--states=running,completing"), "an empty queue")
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()


@contextlib.contextmanager
def slurm_lab() -> Iterator[Lab]:
    """A SLURM for the length of a `with`; its folder is removed afterwards.

    Raises
    ------
    LabError
        Where SLURM is not installed or does not come up.
    """
    if reason := missing():
        raise LabError(reason)
    # A socket's path may have 107 characters, so the folder is not pytest's.
    folder = Path(tempfile.mkdtemp(prefix="slurm-lab-"))
    lab = Lab(folder)
    try:
        lab.up()
        yield lab
    finally:
        lab.down()
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run a command in a lab."""
    with slurm_lab() as lab:
        return subprocess.run(command, env=lab.environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :]))
