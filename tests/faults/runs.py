"""What a machine does to a run: processes killed, disks full, products lost or damaged, odd places and languages."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from metalclouds import sums as product_sums
from tests.workflow.checkout import Checkout

# Of a run, these are the same bytes whenever it is made; docs/decisions/workflow.md says what is not.
SAME = (".nc", ".csv", ".png", ".json", ".ipynb")
DIFFERENT = ("run.json", "ro-crate-metadata.json", ".running.json")
NOT_COMPARED = ("logs", "benchmarks", "sums", "report")
BIN = Path(sys.executable).parent
MORE_TIME_S = 300
WAYS = ("deleted", "cut", "flipped")
SEED = 1


@dataclass
class Tally:
    """How many were tried, how many of these came out right, and what was wrong with the others."""

    tried: int = 0
    held: int = 0
    wrong: list[str] = field(default_factory=list)
    note: str = ""

    def count(self, right: bool, words: str) -> None:
        """One more."""
        self.tried += 1
        self.held += right
        if not right:
            self.wrong.append(words)


def sums(folder: Path) -> dict[str, str]:
    """sha256 of every product below results/twin that equal runs have in common."""
    found = {}
    for path in sorted((folder / "results/twin").rglob("*")):
        parts = path.relative_to(folder / "results/twin").parts
        if path.is_file() and path.suffix in SAME and path.name not in DIFFERENT and parts[0] not in NOT_COMPARED:
            found["/".join(parts)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def differing(folder: Path, reference: dict[str, str], targets: tuple[str, ...] = ()) -> list[str]:
    """Products that are others or too many; of a whole run (no targets) those that are missing too."""
    there = sums(folder)
    if targets:
        lost = [name for name in targets if not (folder / name).exists()]
        return lost + sorted(name for name in there if there[name] != reference.get(name))
    return sorted(name for name in there.keys() | reference.keys() if there.get(name) != reference.get(name))


def start(checkout: Checkout, *targets: str, **environment: str) -> subprocess.Popen:
    """Snakemake in the background."""
    command = [str(BIN / "snakemake"), *targets, "--cores", "2"]
    command += ["--configfile", "config/config.yaml", str(checkout.settings)]
    return subprocess.Popen(
        command, cwd=checkout.folder, env={**os.environ, **environment}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def copy_of(small: Checkout, folder: Path) -> Checkout:
    """A checkout that begins where the small run stands."""
    checkout = Checkout(folder)
    checkout.take_from(small)
    return checkout


def kills(small: Checkout, folder: Path, targets: tuple[str, ...], count: int, seconds: float) -> Tally:
    """A run from nothing, of which a random process is killed again and again; then the same command to its end."""
    tally, chance, end = Tally(), random.Random(SEED), time.monotonic() + seconds
    reference = sums(small.folder)
    checkout = Checkout(folder / "kills")
    killed: dict[str, int] = {}
    while tally.tried < count and time.monotonic() < end:
        run = start(checkout, *targets)
        # Each life is longer than the last: a job that is killed before its end would never get there.
        time.sleep(chance.uniform(2.0, 8.0 + tally.tried))
        if run.poll() is not None:
            shutil.rmtree(checkout.folder / "results/twin", ignore_errors=True)
            continue
        victim = _victim(run, chance)
        kind = _kind(victim)
        killed[kind] = killed.get(kind, 0) + 1
        with contextlib.suppress(psutil.Error):
            victim.kill()
        tally.tried += 1
        if victim.pid != run.pid:
            time.sleep(1.0)
            with contextlib.suppress(ProcessLookupError):
                os.kill(run.pid, signal.SIGKILL)
        run.communicate(timeout=MORE_TIME_S)
    done = checkout.snakemake(*targets, check=False)
    moved = differing(checkout.folder, reference, targets)
    left = [path.name for path in checkout.path("results").rglob(".*.part*")]
    right = done.returncode == 0 and not moved and not left
    tally.held = tally.tried if right else 0
    if not right:
        tally.wrong.append(f"code {done.returncode}; other bytes: {moved[:5]}; left behind: {left[:5]}")
    tally.note = "killed: " + ", ".join(f"{number} {kind}" for kind, number in sorted(killed.items()))
    return tally


def _victim(run: subprocess.Popen, chance: random.Random) -> psutil.Process:
    """Snakemake itself in one case of two, else one of the processes below it."""
    process = psutil.Process(run.pid)
    below = process.children(recursive=True)
    return chance.choice(below) if below and chance.random() < 0.5 else process


def _kind(process: psutil.Process) -> str:
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return "ended"
    for words, kind in (("ipykernel", "kernel"), ("spawn_main", "worker"), (".snakemake/scripts", "job")):
        if words in command:
            return kind
    return "Snakemake" if "snakemake" in command else "shell"


def losses(small: Checkout, folder: Path, count: int, seconds: float) -> Tally:
    """Products deleted, cut and flipped: the commands of `make run` notice it and make them again.

    First all at once, three times, so that each product is damaged in each way; then single ones, whose run has the
    rest as it was.
    """
    tally, chance, end = Tally(), random.Random(SEED), time.monotonic() + seconds
    reference = sums(small.folder)
    rounds = [{name: WAYS[(place + way) % 3] for place, name in enumerate(reference)} for way in range(3)]
    single = [{chance.choice(list(reference)): chance.choice(WAYS)} for _ in range(count)]
    checkout = copy_of(small, folder / "losses")
    for number, damages in enumerate([*rounds, *single]):
        if number and time.monotonic() > end:
            break
        wrong = _lost_and_made(checkout, damages, reference, chance)
        for name, how in damages.items():
            tally.count(name not in wrong, f"{name} {how}: {wrong.get(name)}")
        if wrong:
            shutil.rmtree(checkout.folder)
            checkout = copy_of(small, folder / "losses")
        tally.note = (
            f"{min(number + 1, 3)} times all {len(reference)} at once, {max(number - 2, 0)} times a single one"
        )
    return tally


def _lost_and_made(
    checkout: Checkout, damages: dict[str, str], reference: dict[str, str], chance: random.Random
) -> dict[str, str]:
    """Damage products and do what `make run` does; which of them did not come out right, and what was wrong."""
    for name, how in damages.items():
        _damage(checkout.path(f"results/twin/{name}"), how, chance)
    noticed = {loss.path for loss in product_sums.losses(checkout.path("results/twin"))}
    wrong = {name: "not noticed" for name in damages if name not in noticed}
    verify = [str(BIN / "metalclouds"), "verify", "--repair", "results/twin"]
    repaired = subprocess.run(verify, cwd=checkout.folder, capture_output=True, check=False)
    done = checkout.snakemake(check=False)
    moved = differing(checkout.folder, reference)
    if repaired.returncode or done.returncode or moved:
        words = f"codes {repaired.returncode}, {done.returncode}; differ: {moved[:3]} {done.stderr[-300:]}"
        return dict.fromkeys(set(moved) & set(damages) or damages, words) | wrong
    return wrong


def _damage(path: Path, how: str, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    # A link would be written through into the run that it was taken from.
    path.unlink()
    if how == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif how == "flipped":
        data[chance.randrange(len(data))] ^= 1
        path.write_bytes(data)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: float) -> Iterator[bool]:
    """A disk of this size at a folder; False where this user may not make one."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={int(megabytes * 1024)}k"
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", str(folder)], capture_output=True, check=False)
    try:
        yield made.returncode == 0
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def full_disk(
    small: Checkout, folder: Path, targets: tuple[str, ...], sizes: tuple[float, ...], seconds: float
) -> Tally:
    """Results on a disk that is full at some point: the run fails and says why; nothing half-written is kept."""
    tally, end = Tally(), time.monotonic() + seconds
    reference = sums(small.folder)
    for megabytes in sizes:
        if time.monotonic() > end:
            break
        checkout = Checkout(folder / f"disk{megabytes:g}")
        with small_disk(checkout.folder / "results", megabytes) as made:
            if not made:
                tally.note = "not tried: this user may not mount a disk"
                return tally
            done = checkout.snakemake(*targets, check=False)
            said = "No space left on device" in done.stdout + done.stderr
            kept = {name: value for name, value in sums(checkout.folder).items() if reference.get(name) != value}
            right = done.returncode != 0 and said and not kept
            words = f"{megabytes:g} MB: code {done.returncode}, reason on the terminal: {said}, other bytes: {kept}"
            tally.count(right, words[:300])
    return tally


PLACES = (
    ("a folder with spaces, and Chinese", "räum 数据 x", {}),
    ("time zone of Shanghai", "shanghai", {"TZ": "Asia/Shanghai"}),
    ("time zone of Chatham", "chatham", {"TZ": "Pacific/Chatham"}),
    ("locale C", "locale-c", {"LC_ALL": "C", "LANG": "C"}),
    ("locale of Germany", "locale-de", {"LC_ALL": "de_DE.UTF-8"}),
    ("encoding of output ASCII", "ascii", {"PYTHONIOENCODING": "ascii"}),
    ("home that cannot be written", "home", {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "{folder}/cache"}),
    ("another seed of hashes", "seed", {"PYTHONHASHSEED": "7"}),
    ("umask 077", "umask", {"UMASK": "077"}),
)


def places(small: Checkout, folder: Path, targets: tuple[str, ...], seconds: float) -> Tally:
    """The same bytes wherever, in whatever time zone, language and encoding a run is made."""
    tally, end = Tally(), time.monotonic() + seconds
    reference = sums(small.folder)
    for words, name, environment in PLACES:
        if time.monotonic() > end:
            break
        checkout = Checkout(folder / name)
        given = {key: value.format(folder=checkout.folder) for key, value in environment.items()}
        before = os.umask(int(given.pop("UMASK", "022"), 8))
        try:
            run = start(checkout, *targets, **given)
            output, _ = run.communicate(timeout=MORE_TIME_S)
        finally:
            os.umask(before)
        made = sums(checkout.folder)
        other = [key for key, value in made.items() if reference.get(key) != value]
        right = run.returncode == 0 and bool(made) and not other
        what = f"code {run.returncode}, {len(made)} products, other: {other[:3]} {output[-300:]}"
        tally.count(right, f"{words}: {what}")
    tally.note = f"targets: {', '.join(targets) or 'all'}"
    return tally
