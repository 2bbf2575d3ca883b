"""Files with a few bytes, numbers or lines changed: each is read, or stopped with a message of ours; nothing else.

A child reads them, so that a library that crashes or does not end is counted too.
"""

from __future__ import annotations

import faulthandler
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.faults.reading import tried

# A mutant that is not read within this time of the wall does not end, s.
HANG_S = 60
WORDS = (b"nan", b"1e999", b"-9999.9", b"2147483648", b"-1", b"0", b"99999999999999999999", b"", b"\xce\xde", b"1,5")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four changes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        chance.choice((_flip, _zero, _cut, _double, _end, _noise, _word, _swap))(changed, chance)
    return bytes(changed)


def _place(data: bytearray, chance: random.Random) -> slice:
    start = chance.randrange(max(len(data), 1))
    return slice(start, start + chance.choice((1, 4, 64, 1024)))


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _zero(data: bytearray, chance: random.Random) -> None:
    where = _place(data, chance)
    data[where] = bytes(len(data[where]))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance)]


def _double(data: bytearray, chance: random.Random) -> None:
    where = _place(data, chance)
    data[where.start : where.start] = data[where]


def _end(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(max(len(data), 1)) :]


def _noise(data: bytearray, chance: random.Random) -> None:
    where = _place(data, chance)
    data[where] = chance.randbytes(len(data[where]))


def _word(data: bytearray, chance: random.Random) -> None:
    """A number or a word replaced by an odd one."""
    start = chance.randrange(max(len(data), 1))
    while start < len(data) and data[start : start + 1] in (b" ", b",", b"\n", b"\t"):
        start += 1
    end = start
    while end < len(data) and end < start + 40 and data[end : end + 1] not in (b" ", b",", b"\n", b"\t"):
        end += 1
    data[start:end] = chance.choice(WORDS)


def _swap(data: bytearray, chance: random.Random) -> None:
    lines = bytes(data).split(b"\n")
    if len(lines) > 2:
        first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[first], lines[second] = lines[second], lines[first]
        data[:] = b"\n".join(lines)


def product(path: Path) -> tuple[str, str]:
    """Outcome of reading a product of a run as the next stage does."""
    from metalclouds import io
    from metalclouds.errors import MetalcloudsError
    from metalclouds.fetch import manifest
    from metalclouds.schema import tables
    from metalclouds.schema.table import Table, by_file

    known = by_file(*(value for value in vars(tables).values() if isinstance(value, Table)))
    try:
        if path.name in known:
            known[path.name].read(path)
        elif path.name == "manifest.json":
            manifest.read(path)
        else:
            {".nc": io.read_netcdf, ".json": io.read_json, ".csv": io.read_csv}[path.suffix](path)
    except MetalcloudsError as error:
        return "stopped", str(error)
    return "read", ""


def child(kind: str, seconds: float, seed: int, files: list[str]) -> None:
    """Try mutants of the files in turn until the time is over; a line of JSON before and after each."""
    signal.signal(signal.SIGALRM, _give_up)
    chance, end = random.Random(seed), time.monotonic() + seconds
    act = product if kind == "product" else tried
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for name in files:
                if time.monotonic() > end:
                    break
                path = Path(folder) / Path(name).name
                path.write_bytes(mutated(Path(name).read_bytes(), chance))
                print(json.dumps({"begins": path.name}), flush=True)
                print(json.dumps(_attempt(act, path)), flush=True)
                path.unlink()


def _attempt(act, path: Path) -> dict[str, str]:
    signal.alarm(HANG_S)
    # A library that does not come back lets no handler of ours run: this ends the process all the same.
    faulthandler.dump_traceback_later(HANG_S + 5, exit=True)
    try:
        outcome, text = act(path)
    except Exception:
        outcome, text = "wrong", traceback.format_exc()[-600:]
    finally:
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
    return {"outcome": outcome, "file": path.name, "text": text if outcome == "wrong" else ""}


def _give_up(*_: object) -> None:
    raise TimeoutError(f"no end within {HANG_S} s")


def run(kind: str, files: list[Path], seconds: float, seed: int = 1) -> tuple[Counter, list[str]]:
    """Counts of the outcomes (read, stopped, wrong, died), and what went wrong with the first of each kind."""
    counts: Counter = Counter()
    faults: dict[str, str] = {}
    end, left = time.monotonic() + seconds, seconds
    while left > 1:
        command = [sys.executable, "-m", "tests.faults.mutants", kind, str(left), str(seed), *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        for line in lines:
            if "outcome" in line:
                counts[line["outcome"]] += 1
                if line["outcome"] == "wrong":
                    faults.setdefault(line["text"].strip().splitlines()[-1][:160], f"{line['file']}: {line['text']}")
        if done.returncode:
            counts["died"] += 1
            last = lines[-1].get("begins", "") if lines else ""
            faults.setdefault(f"died {done.returncode}", f"{last}: exit code {done.returncode} {done.stderr[-300:]}")
        seed, left = seed + 1, end - time.monotonic()
    return counts, list(faults.values())


if __name__ == "__main__":
    child(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
