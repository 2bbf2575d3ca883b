"""What a machine does to a run: processes killed, disks full, products lost or damaged, odd places and languages."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
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
# Of the kills: between them, and how many are of Snakemake itself. A job may be killed so many times.
PAUSES_S = (0.1, 20.0)
SHARE_OF_SNAKEMAKE = 0.2
RETRIES = "99"
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


def start(checkout: Checkout, *targets: str, said: Path | None = None, **environment: str) -> subprocess.Popen:
    """Snakemake in the background; what it says goes into a pipe, or a file."""
    command = [str(BIN / "snakemake"), *targets, "--cores", "2"]
    command += ["--configfile", "config/config.yaml", str(checkout.settings)]
    with open(said, "a", encoding="utf-8") if said else contextlib.nullcontext(subprocess.PIPE) as stdout:
        return subprocess.Popen(
            command, cwd=checkout.folder, env={**os.environ, **environment}, text=True, start_new_session=True,
            stdout=stdout, stderr=subprocess.STDOUT,
        )  # fmt: skip


def copy_of(small: Checkout, folder: Path) -> Checkout:
    """A checkout that begins where the small run stands."""
    checkout = Checkout(folder)
    checkout.take_from(small)
    return checkout


def kills(small: Checkout, folder: Path, targets: tuple[str, ...], count: int, seconds: float) -> Tally:
    """Runs in whose course a process is killed again and again, most often a job; each is brought to its end.

    Snakemake tries a killed job again; where it is killed itself, or ends because a job failed after a kill, the same
    command is given again at once. Each run begins from nothing and is compared with one that was not disturbed.
    """
    tally, chance, end = Tally(), random.Random(SEED), time.monotonic() + seconds
    reference, killed, starts, failed, runs = sums(small.folder), Counter(), 0, 0, 0
    while killed.total() < count and time.monotonic() < end:
        runs += 1
        checkout, before, code, disturbed = Checkout(folder / f"kills{runs}"), killed.total(), 1, True
        while code and disturbed:
            start_of_it = killed.total()
            run = start(checkout, *targets, "--retries", RETRIES, said=folder / "said")
            starts += 1
            while killed.total() < count and time.monotonic() < end and _goes_on(run, chance):
                killed.update(_kill_one(run, chance))
            code, disturbed = run.wait(MORE_TIME_S), killed.total() > start_of_it
            failed += code > 0
        moved = differing(checkout.folder, reference, targets)
        left = [path.name for path in checkout.path("results").rglob(".*.part*")]
        left += [path.name for path in checkout.path(".snakemake/scripts").iterdir()]
        if code or moved or left:
            tally.wrong.append(f"run {runs}: code {code}; other bytes: {moved[:5]}; left behind: {left[:5]}")
        else:
            tally.held += killed.total() - before
    tally.tried = killed.total()
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(killed.items()))
    tally.note = (
        f"killed: {kinds}; {runs} runs from nothing, in {starts} starts, {failed} of which said that a job failed"
    )
    return tally


def _goes_on(run: subprocess.Popen, chance: random.Random) -> bool:
    """Whether a run is still there after a pause, short in most cases: jobs that take long need a long one."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(math.exp(chance.uniform(*map(math.log, PAUSES_S))))
        return False
    return True


def _kill_one(run: subprocess.Popen, chance: random.Random) -> list[str]:
    """Kill Snakemake or a process below it, each kind of these as likely; which kind, or nothing."""
    victims = [psutil.Process(run.pid)]
    if chance.random() > SHARE_OF_SNAKEMAKE:
        kinds: dict[str, list[psutil.Process]] = {}
        for process in victims[0].children(recursive=True):
            kinds.setdefault(_kind(process), []).append(process)
        victims = kinds[chance.choice(sorted(kinds))] if kinds else []
    for victim in chance.sample(victims, min(len(victims), 1)):
        kind = _kind(victim)
        with contextlib.suppress(psutil.Error):
            victim.kill()
            return [] if kind == "ended" else [kind]
    return []


def _kind(process: psutil.Process) -> str:
    try:
        command = process.cmdline()
    except psutil.Error:
        return "ended"
    words = " ".join(command)
    if command and Path(command[0]).name in ("bash", "sh"):
        return "shell"
    for word, kind in (("ipykernel", "kernel"), ("multiprocessing", "worker"), (".snakemake/scripts", "job")):
        if word in words:
            return kind
    return "Snakemake" if "snakemake" in words else "other"


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
