"""`make faults`: everything is broken on purpose, counted, and written to docs/faults.md. Half an hour at most."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults import mutants, runs
from tests.faults.answers import ANSWERS
from tests.faults.archives import TRAPS
from tests.faults.page import PAGE, keep
from tests.faults.provider import attempt
from tests.faults.reading import LONGEST_S, MOST_MB, read
from tests.faults.runs import Tally
from tests.workflow.checkout import Checkout

SAMPLES = Path("tests/data")
SEED = 1
# Larger samples would take the time of many small ones.
LARGEST_SAMPLE = 300_000
NO_SAMPLES = (".md", ".png")
SMALL_TARGETS = ("results/twin/ingest/fpi/batches/cases.json", "results/twin/ingest/ionosonde/batches/cases.json")


@dataclass(frozen=True)
class Campaign:
    """Where it works, the share of the full time that it has, and the small run that the others are compared with."""

    folder: Path
    share: float
    small: Checkout | None

    @property
    def run(self) -> Checkout:
        """The small run."""
        assert self.small is not None
        return self.small

    @property
    def targets(self) -> tuple[str, ...]:
        """What the runs that are disturbed make: all, or a part where there is no time for all."""
        return () if self.share >= 1 else SMALL_TARGETS

    def seconds(self, full: float) -> float:
        """Time of a part."""
        return full * self.share


def answers(campaign: Campaign) -> Tally:
    """Answers of a provider: the record whole, the damaged file named, or a stop that says why."""
    tally = Tally()
    for number, answer in enumerate(ANSWERS):
        folder = campaign.folder / f"answer{number}"
        folder.mkdir()
        trial = attempt(answer, folder)
        right = not trial.wrong and trial.outcome == answer.outcome and answer.says in trial.text
        tally.count(right, f"{answer.name}: {trial.outcome} {trial.wrong} {trial.text[:200]}")
    return tally


def archives(campaign: Campaign) -> Tally:
    """Traps in files: stopped or read, in memory and time."""
    tally, end, highest, longest = Tally(), time.monotonic() + campaign.seconds(480), 0.0, 0.0
    # The first ones are large before they are packed and take long to make: where time is short, they are left out.
    for number, trap in enumerate(reversed(TRAPS)):
        if time.monotonic() > end:
            break
        folder = campaign.folder / f"trap{number}"
        folder.mkdir()
        trap.write(folder / trap.file)
        reading = read(folder / trap.file)
        (folder / trap.file).unlink()
        climbed = list(campaign.folder.rglob("climbed*"))
        tally.count(not reading.wrong and not climbed, f"{trap.name}: {reading.wrong} {reading.text[:200]}")
        highest, longest = max(highest, reading.memory_mb), max(longest, reading.seconds)
    allowed = f"({MOST_MB:.0f} MB and {LONGEST_S:.0f} s of CPU are allowed)"
    tally.note = f"of {len(TRAPS)}; at most {highest:.0f} MB and {longest:.1f} s {allowed}"
    return tally


def of_mutants(kind: str, files: list[Path], seconds: float) -> Tally:
    """Mutants as a tally; read without a word is right here, since most changes of a byte leave a valid file."""
    counts, faults = mutants.run(kind, files, seconds, SEED)
    tried = sum(counts.values())
    held = counts["read"] + counts["stopped"]
    words = f"{counts['read']} read, {counts['stopped']} stopped, {len(files)} files to begin with"
    return Tally(tried, held, [fault[:600] for fault in faults], words)


def samples(campaign: Campaign) -> Tally:
    """Mutants of the real samples, through all that a run does with a file of a record."""
    files = [path for path in sorted(SAMPLES.rglob("*")) if path.is_file() and path.suffix not in NO_SAMPLES]
    files = [path for path in files if path.stat().st_size < LARGEST_SAMPLE]
    return of_mutants("record", files, campaign.seconds(420))


def products(campaign: Campaign) -> Tally:
    """Mutants of the small run's own files, through the readers of the next stage."""
    run = campaign.run.path("results/twin")
    files = [path for path in sorted(run.rglob("*")) if path.suffix in (".nc", ".csv", ".json")]
    files = [path for path in files if path.stat().st_size < LARGEST_SAMPLE and "report" not in path.parts]
    # Some have the name of another table, or no reader: they would be stopped without any change.
    files = [path for path in files if mutants.product(path)[0] == "read"]
    return of_mutants("product", files, campaign.seconds(120))


def kills(campaign: Campaign) -> Tally:
    """See `runs.kills`."""
    return runs.kills(campaign.run, campaign.folder, campaign.targets, 100, campaign.seconds(480))


def losses(campaign: Campaign) -> Tally:
    """See `runs.losses`."""
    return runs.losses(campaign.run, campaign.folder, 60, campaign.seconds(300))


def disk(campaign: Campaign) -> Tally:
    """See `runs.full_disk`."""
    sizes = (0.2, 2.0, 8.0, 20.0) if not campaign.targets else (0.05, 0.2)
    return runs.full_disk(campaign.run, campaign.folder, campaign.targets, sizes, campaign.seconds(180))


def places(campaign: Campaign) -> Tally:
    """See `runs.places`."""
    return runs.places(campaign.run, campaign.folder, SMALL_TARGETS, campaign.seconds(240))


PARTS: dict[str, tuple[str, Callable[[Campaign], Tally]]] = {
    "answers": ("Answers of a provider", answers),
    "archives": ("Archives and files that claim more than they hold", archives),
    "samples": ("Mutants of real samples", samples),
    "products": ("Mutants of the run's own files", products),
    "kills": ("Processes killed (-9), then the same command", kills),
    "losses": ("Products deleted, cut, flipped, then the commands of `make run`", losses),
    "disk": ("Results on a disk that is full", disk),
    "places": ("Places, time zones, languages", places),
}
NEED_A_RUN = {"products", "kills", "losses", "disk", "places"}


def main() -> int:
    """Run the parts that are asked for; 1 if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--share", type=float, default=1.0, help="of the full time")
    parser.add_argument("--small", type=Path, help="folder of a small run that is there already")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    right = True
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder, small = Path(name), None
        if NEED_A_RUN & set(options.only):
            small = Checkout(options.small or folder / "small")
            small.snakemake()
        campaign = Campaign(folder, options.share, small)
        for part in options.only:
            begin = time.monotonic()
            tally = PARTS[part][1](campaign)
            said = {"what": PARTS[part][0], "place": list(PARTS).index(part), "share": options.share}
            keep(part, {**vars(tally), **said, "seconds": time.monotonic() - begin}, options.out)
            right &= tally.held == tally.tried
            print(f"{part}: {tally.held} of {tally.tried} held. {tally.note}", flush=True)
            for words in tally.wrong[:10]:
                print(f"  {words[:500]}", flush=True)
    return int(not right)


if __name__ == "__main__":
    sys.exit(main())
