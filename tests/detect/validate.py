"""Long statistical checks of the detection on simulated nights of known truth, written as JSON.

    python -m tests.detect.validate results/validate/detect.json [nights]

The seeds come from the hash of the detector's own files: they cannot have been used to tune it, and change with it.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metalclouds import detect, io
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.trail import zenith_angle
from tests.detect import clouds_validate, drawing, scenes, scoring
from tests.detect.clouds_validate import share
from tests.detect.scenes import Scene

SNR_CLASSES = ((8, 12), (12, 16), (16, 25), (25, 50), (50, 1e6))
DENSITY_CLASSES = ((2, 10), (10, 20), (20, 40))
KINDS = {"counts": None, "density": ("kept", False), "density_with_error": ("kept", True),
         "density_lost_nan": ("lost_nan", False)}  # fmt: skip
# What issue-sized samples need; the share of nights that each check takes of the number asked for.
SHARES = {"busy": 1.0, "bent": 0.4, "crossing": 0.3, "pair": 0.6, "quiet": 5.0, "cloud": 0.6, "density": 0.4}


def frozen_seed() -> int:
    """A seed from the bytes of the detector's files."""
    digest = hashlib.sha256()
    for path in sorted(Path(detect.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:4], "big")


def nights(draw: Callable[..., Scene], number: int, key: tuple[int, ...], kind=None, **options):
    """Score of `number` scenes: rows of all true stripes, and the number of false ones."""
    settings, rows, false = DetectSettings(), [], 0
    for index in range(number):
        scene = draw(np.random.default_rng([*key, index]), **options)
        night = scenes.make_night(scene)
        found = detect_night(scenes.as_density(night, *kind) if kind else night, settings).stripes
        score, extra = scoring.score_night(scene, found)
        rows.append(score)
        false += extra
    return pd.concat(rows, ignore_index=True), false


def summary(score: pd.DataFrame, false: int) -> dict:
    """Recall by SNR, precision, slowness errors over the bound, coverage and ends."""
    found = score[score["found"]]
    out: dict = {"recall": {}, "slowness": {}, "precision": share(len(found), len(found) + false)}
    for low, high in SNR_CLASSES:
        chosen = score[(score["snr"] >= low) & (score["snr"] < high)]
        out["recall"][f"snr_{low}_{high:.0f}"] = share(int(chosen["found"].sum()), len(chosen))
    for low, high in DENSITY_CLASSES:
        out["slowness"][f"density_{low}_{high}"] = slowness_summary(
            found[(found["density"] >= low) & (found["density"] < high)]
        )
    out["coverage"] = share(int((found["error"].abs() < found["sigma"]).sum()), len(found))
    out["end_error_km"] = {end: float(found[end].abs().median()) for end in ("bottom", "top")}
    return out


def slowness_summary(chosen: pd.DataFrame) -> dict:
    """Errors of the slowness over the bound: the 68 % quantile, and the root of the mean square."""
    if len(chosen) < 5:
        return {"n": len(chosen)}
    ratio = (chosen["error"] / chosen["bound"]).abs()
    return {"n": len(chosen), "q68_over_bound": float(ratio.quantile(0.68)),
            "median_over_bound": float(ratio.median() / 0.6745), "rms_over_bound": float(np.sqrt((ratio**2).mean())),
            "coverage": share(int((chosen["error"].abs() < chosen["sigma"]).sum()), len(chosen))}  # fmt: skip


def pair_errors(number: int, seed: int, density: float, speed: float = 60.0) -> dict:
    """Error in degrees of the paper's two marked stripes, the wind known."""
    score, false = nights(drawing.pair_scene, number, (seed, 4), density=density, speed=speed)
    found = score[score["found"]]
    true = [zenith_angle(p, speed) for p in found["slowness"]]
    angle = [zenith_angle(p + e, speed) for p, e in zip(found["slowness"], found["error"], strict=True)]
    error = np.subtract(angle, true)
    bound = np.degrees(found["bound"] * speed / 1000 * np.cos(np.radians(5.6)) ** 2)
    return {"found": share(len(found), len(score)), "rms_deg": float(np.sqrt(np.mean(error**2))), "false": false,
            "bound_deg": float(np.sqrt(np.mean(bound**2)))}  # fmt: skip


def quiet_nights(number: int, seed: int) -> dict:
    """False nights of the decision above 150 km and false stripes on nights without any cloud."""
    settings, above, stripes, p_values = DetectSettings(), 0, 0, []
    for index in range(number):
        night = scenes.make_night(drawing.quiet_scene(np.random.default_rng([seed, 5, index])))
        row = detect_night(night, settings).night.iloc[0]
        above += bool(row["above_150"])
        stripes += int(row["stripes"])
        p_values.append(row["p_false"])
    stated = {f"p_below_{p}": share(int((np.array(p_values) < p).sum()), number) for p in (0.005, 0.05, 0.2)}
    return {"false_nights": share(above, number), "false_stripes": stripes, "stated": stated}


def cloud_nights(number: int, seed: int, density: float) -> dict:
    """Nights with one cloud above 150 km that are found as such."""
    settings, hits = DetectSettings(), 0
    for index in range(number):
        night = scenes.make_night(drawing.cloud_scene(np.random.default_rng([seed, 6, index]), density))
        hits += bool(detect_night(night, settings).night["above_150"].iloc[0])
    return share(hits, number)


def validate(number: int) -> dict:
    """All checks."""
    seed = frozen_seed()
    many = {name: max(2, round(part * number)) for name, part in SHARES.items()}
    out: dict = {"seed": seed, "nights": many}
    out["busy"] = summary(*nights(drawing.busy_scene, many["busy"], (seed, 1)))
    out["bent"] = summary(*nights(drawing.busy_scene, many["bent"], (seed, 2), bend=0.002))
    out["crossing"] = summary(*nights(drawing.crossing_scene, many["crossing"], (seed, 3)))
    out["pair"] = {f"density_{n:g}": pair_errors(many["pair"], seed, n) for n in (5.0, 20.0)}
    out["quiet"] = quiet_nights(many["quiet"], seed)
    out["cloud"] = {f"density_{n}": cloud_nights(many["cloud"], seed, n) for n in (0.5, 0.7, 1.0)}
    for name, kind in KINDS.items():
        if kind:
            out[name] = summary(*nights(drawing.busy_scene, many["density"], (seed, 1), kind=kind))
    out["clouds"] = clouds_validate.validate(number, seed)
    return out


def without_nan(content: Any) -> Any:
    """Null for a figure that had nothing to be taken from: JSON has no NaN."""
    if isinstance(content, dict):
        return {key: without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def main() -> None:
    """Write the JSON named on the command line."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("results/validate/detect.json")
    io.write_json(target, without_nan(validate(int(sys.argv[2]) if len(sys.argv) > 2 else 100)))
    print(target)


if __name__ == "__main__":
    main()
