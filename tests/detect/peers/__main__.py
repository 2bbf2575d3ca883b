"""Our detection beside other programs, on the same nights of fresh seeds: figures and a table.

    python -m tests.detect.peers [--nights N] [--json FILE] [--table FILE]

Needs the optional requirements: pip install -e '.[peers]', or envs/requirements-peers.lock. The settings of each
peer are chosen on training nights of fixed seeds; the nights that are scored come from the hash of our detector's
files, so that neither it nor the peers can have been tuned on them.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from metalclouds import io
from metalclouds.bench.measure import machine
from metalclouds.workflow import limit_threads
from tests.detect import drawing

NEEDED = {"skimage": "scikit-image", "tobac": "tobac"}
TRAINING = (20211, 6)  # key of the seeds, nights
OURS = "metalclouds"


def missing() -> list[str]:
    """Packages of the extra that are not installed."""
    return [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]


def compare(number: int, rounds: int) -> dict[str, Any]:
    """Tune the peers, score all on fresh nights, time all on some of these."""
    from tests.detect.peers import scores
    from tests.detect.peers.methods import PEERS
    from tests.detect.validate import frozen_seed

    training = scores.cases(drawing.busy_scene, TRAINING[1], TRAINING[0])
    chosen = {method.name: scores.tuned(method, training) for method in PEERS}
    finders = {name: method.find for name, (method, _) in chosen.items()}
    seed = frozen_seed()
    out: dict[str, Any] = {
        "machine": machine(), "versions": {name: importlib.metadata.version(name) for name in NEEDED.values()},
        "seed": seed, "training": {"key": TRAINING[0], "nights": TRAINING[1]}, "nights": number,
        "settings": {name: asdict(method) | {"training_f1": value} for name, (method, value) in chosen.items()},
    }  # fmt: skip
    busy = scores.cases(drawing.busy_scene, number, seed, 11)
    for name, draw, key, many in (("busy", None, 11, number), ("crossing", drawing.crossing_scene, 12, number // 3)):
        nights = scores.cases(draw, many, seed, key) if draw else busy
        out[name] = {OURS: scores.summary(*scores.scored(nights, [case.ours for case in nights]))}
        for peer, find in finders.items():
            out[name][peer] = scores.summary(*scores.scored(nights, [find(case.image) for case in nights]))
    quiet = scores.cases(drawing.quiet_scene, number, seed, 13)
    out["false_stripes_a_quiet_night"] = {OURS: sum(len(case.ours) for case in quiet) / number} | {
        peer: sum(len(find(case.image)) for case in quiet) / number for peer, find in finders.items()
    }
    out["time"] = times(finders, busy[: max(2, number // 4)], rounds)
    return out


def times(finders: dict[str, Any], nights: list, rounds: int) -> dict[str, Any]:
    """Median over the nights of processor time over bare reading, with the least and the largest round."""
    from tests.detect.peers import scores

    with tempfile.TemporaryDirectory() as folder:
        taken = [scores.seconds(finders, case, Path(folder), rounds) for case in nights]
    out = {}
    for name in taken[0].keys() - {"reading"}:
        ratio = np.median([night[name] / night["reading"] for night in taken], axis=0)
        entry = {"value": float(np.median(ratio)), "low": float(ratio.min()), "high": float(ratio.max())}
        out[OURS if name == "ours" else name] = entry
    return out


def markdown(figures: dict[str, Any]) -> str:
    """The table of docs/peers.md."""
    rows = ["| | " + " | ".join(figures["busy"]) + " |", "|---" * (len(figures["busy"]) + 1) + "|"]

    def row(text: str, cells: list[str]) -> None:
        rows.append("| " + " | ".join([text, *cells]) + " |")

    found = figures["busy"].values()
    for snr in next(iter(found))["recall"]:
        number = next(iter(found))["recall"][snr]["n"]
        cells = [f"{_share(e['recall'][snr])} / {_share(e['recall_right_slope'][snr])}" for e in found]
        row(f"recall, matched SNR {snr} ({number} stripes) / with the right slope", cells)
    row("precision", [_share(entry["precision"]) for entry in found])
    row("slope right, of those found", [_share(entry["right_of_found"]) for entry in found])
    row("slowness error over its bound (68 % quantile)", [_number(entry["error_over_bound_q68"]) for entry in found])
    crossing = figures["crossing"].values()
    row("crossing stripes: recall, SNR > 16 / with the right slope",
        [f"{_share(e['recall']['> 16'])} / {_share(e['recall_right_slope']['> 16'])}" for e in crossing])  # fmt: skip
    row("false stripes a quiet night", [f"{value:.2f}" for value in figures["false_stripes_a_quiet_night"].values()])
    taken, image = figures["time"], figures["time"]["image"]["value"]
    row("time / reading the night", [
        f"{taken[name]['value']:.1f}" + ("" if name == OURS else f" (+ {image:.1f} for the image)")
        for name in figures["busy"]])  # fmt: skip
    return "\n".join(rows) + "\n"


def _share(entry: dict[str, Any]) -> str:
    return "-" if not entry["n"] else f"{entry['value']:.2f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}"


def main(arguments: list[str] | None = None) -> int:
    """Measure, write the figures, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nights", type=int, default=15, help="fresh nights of 9-16 stripes, and as many quiet ones")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the times")
    parser.add_argument("--json", type=Path, default=Path("results/bench/peers.json"), help="where the figures go")
    parser.add_argument("--table", type=Path, help="where the table goes (Markdown)")
    options = parser.parse_args(arguments)
    if missing():
        print(f"not installed: {', '.join(missing())}\n  what to do: pip install -r envs/requirements-peers.lock",
              file=sys.stderr)  # fmt: skip
        return 2
    limit_threads()
    figures = compare(options.nights, options.rounds)
    io.write_json(options.json, figures)
    text = markdown(figures)
    print(text)
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
