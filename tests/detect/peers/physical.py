"""Our detection beside the other programs on nights drawn from physics: `metalclouds twin --explanation`.

    python -m tests.detect.peers.physical [--seeds S ...] [--json FILE] [--table FILE]

The settings of each peer are chosen on two nights of each kind of an even seed, which is for building; scored are
the case nights of odd seeds. Matching and classes are those of `metalclouds.evaluate.ridges`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metalclouds import io
from metalclouds.detect.command import nights_of
from metalclouds.detect.method import METHOD
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.evaluate import ridges
from metalclouds.figures.opened import cases_of
from metalclouds.twin.physical import files
from metalclouds.twin.physical.night import simulate
from metalclouds.twin.settings import TwinSettings
from metalclouds.workflow import limit_threads
from tests.detect.peers import __main__ as drawn
from tests.detect.peers.image import NightImage, night_image

KINDS = ("shower", "sporadic", "sheets", "fronts", "patches")
ROOT = Path(__file__).parents[3]
TRAINING_SEED, TRAINING_NIGHTS = 9102, 2
FORM = "counts"
LEAST_SNR = 25.0
Find = Callable[[NightImage], pd.DataFrame]


@dataclass(frozen=True)
class Case:
    """Truth of a night, what our detection found, and the image that the peers get."""

    kind: str
    truth: dict[str, pd.DataFrame]
    ours: pd.DataFrame
    image: NightImage


def cases(kind: str, seed: int, number: int | None = None) -> list[Case]:
    """Case nights of a kind and seed, simulated, read and detected."""
    settings = TwinSettings(seed=seed, nights="cases")
    dates = sorted(case["night"] for case in cases_of(ROOT / "none"))
    return [_case(kind, date, settings) for date in dates[:number]]


def _case(kind: str, date: str, settings: TwinSettings) -> Case:
    night = simulate(kind, date, settings, FORM)
    name, content = files.member(night, FORM, settings)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        (observed,) = nights_of(path)
    found = detect_night(observed, DetectSettings())
    rows = files.truth_rows(night, FORM, settings)
    truth = {name: pd.DataFrame(rows[name], columns=list(files.TABLES[name])) for name in ("ridges", "crests")}
    return Case(kind, truth, found.stripes, night_image(found.dataset, METHOD.search.bottom_km))


def matched(nights: Sequence[Case], found: Sequence[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ridges with their partners and found stripes with their fates, of all nights, with the kind of each."""
    pairs = []
    for case, stripes in zip(nights, found, strict=True):
        named = stripes.assign(night=case.image.night)
        one, other = ridges.match(case.truth, named, [case.image.night])
        pairs.append((one.assign(kind=case.kind), other.assign(kind=case.kind)))
    return tuple(pd.concat(tables, ignore_index=True) for tables in zip(*pairs, strict=True))


def harmonic_mean(truth: pd.DataFrame, found: pd.DataFrame) -> float:
    """F1 of the isolated ridges above a signal-to-noise ratio of 16: what the settings are chosen by."""
    isolated = ridges.counted(truth)
    isolated = isolated[isolated["snr"] >= 16.0]
    recall, precision = (isolated["partner"] >= 0).mean(), (found["fate"] == "matched").mean() if len(found) else 0.0
    return float(2.0 * recall * precision / (recall + precision)) if recall + precision else 0.0


def tuned(method: type, nights: Sequence[Case]) -> tuple[Any, float]:
    """The settings of a method's grid that do best on the training nights, the first of equals, and how well."""
    scored = [
        (harmonic_mean(*matched(nights, [one.find(case.image) for case in nights])), -number, one)
        for number, one in enumerate(method(**choice) for choice in method.choices())
    ]
    value, _, best = max(scored, key=lambda entry: entry[:2])
    return best, value


def summary(truth: pd.DataFrame, found: pd.DataFrame) -> dict[str, Any]:
    """Recall above a signal-to-noise ratio of 25 by width and of all, precision, error over bound, pieces."""
    isolated = ridges.counted(truth)
    strong = isolated[isolated["snr"] > LEAST_SNR]
    out: dict[str, Any] = {"recall": {"all": ridges.share(strong["partner"] >= 0)}}
    for name, low, high in ridges.classes(ridges.WIDTH_CLASSES):
        inside = strong[(strong["width"] >= low) & (strong["width"] < high)]
        out["recall"][f"{name} s"] = ridges.share(inside["partner"] >= 0)
    out["precision"] = ridges.share(found["fate"] == "matched")
    out["fates"] = {name: int(number) for name, number in found["fate"].value_counts().items()}
    near = isolated[(isolated["partner"] >= 0) & (isolated["snr"] >= ridges.LEAST_SNR)]
    ratio = (near["error"] / near["crlb"]).abs()
    out["error_over_bound_q68"] = float(ratio.quantile(0.68)) if len(ratio) else None
    return out


def compare(seeds: Sequence[int]) -> dict[str, Any]:
    """Tune the peers on the training nights, score all on those of the other seeds."""
    from tests.detect.peers.methods import PEERS

    training = [case for kind in KINDS for case in cases(kind, TRAINING_SEED, TRAINING_NIGHTS)]
    chosen = {method.name: tuned(method, training) for method in PEERS}
    nights = [case for seed in seeds for kind in KINDS for case in cases(kind, seed)]
    finders: dict[str, Find] = {name: method.find for name, (method, _) in chosen.items()}
    found = {drawn.OURS: [case.ours for case in nights]}
    found |= {name: [find(case.image) for case in nights] for name, find in finders.items()}
    return {
        "versions": {name: importlib.metadata.version(name) for name in drawn.NEEDED.values()},
        "method": METHOD.version, "seeds": list(seeds), "training_seed": TRAINING_SEED, "nights": len(nights),
        "settings": {name: asdict(method) | {"training_f1": value} for name, (method, value) in chosen.items()},
        "scores": {name: summary(*matched(nights, stripes)) for name, stripes in found.items()},
    }  # fmt: skip


def markdown(figures: dict[str, Any]) -> str:
    """The second table of docs/peers.md."""
    scores = figures["scores"]
    rows = ["| | " + " | ".join(scores) + " |", "|---" * (len(scores) + 1) + "|"]
    first = next(iter(scores.values()))
    for name, entry in first["recall"].items():
        label = f"recall, SNR > 25, {name} ({entry['n']})" if name != "all" else f"recall, SNR > 25 ({entry['n']})"
        rows.append(_row(label, [_value(one["recall"][name]["share"]) for one in scores.values()]))
    rows.append(_row("found", [str(one["precision"]["n"]) for one in scores.values()]))
    rows.append(_row("precision", [_value(one["precision"]["share"]) for one in scores.values()]))
    rows.append(_row("slowness error over its bound (68 % quantile)",
                     [_value(one["error_over_bound_q68"]) for one in scores.values()]))  # fmt: skip
    return "\n".join(rows) + "\n"


def _row(text: str, cells: list[str]) -> str:
    return "| " + " | ".join([text, *cells]) + " |"


def _value(value: float | None) -> str:
    return "-" if value is None or np.isnan(value) else f"{value:.2f}"


def main(arguments: list[str] | None = None) -> int:
    """Score, write the figures, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[20261, 20263], help="odd seeds that are scored")
    parser.add_argument("--json", type=Path, default=Path("results/bench/peers_physical.json"))
    parser.add_argument("--table", type=Path, help="where the table goes (Markdown)")
    options = parser.parse_args(arguments)
    if drawn.missing():
        print(f"not installed: {', '.join(drawn.missing())}", file=sys.stderr)
        print("  what to do: pip install -r envs/requirements-peers.lock", file=sys.stderr)
        return 2
    limit_threads()
    figures = compare(options.seeds)
    io.write_json(options.json, figures)
    print(text := markdown(figures))
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
