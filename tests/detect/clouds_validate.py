"""Long statistical checks of clouds: merges, edges, the share of stripes, and nights that are quiet but difficult."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from metalclouds.detect.night import DetectedNight, detect_night
from metalclouds.detect.settings import DetectSettings
from tests.detect import descents, drawing, scenes
from tests.detect.descents import Slab
from tests.detect.scenes import Cloud, Scene

SETTINGS = DetectSettings()
ONSET_MINUTES = 5.0
NIGHT = pd.Timestamp("2021-01-10")
DENSITIES = ((0.5, 1.5), (1.5, 5.0), (5.0, 20.0), (20.0, 60.0))


def share(hits: int, number: int) -> dict:
    """A share with its 95 % interval (Clopper and Pearson)."""
    if not number:
        return {"value": None, "n": 0}
    interval = binomtest(hits, number).proportion_ci(0.95)
    return {"value": hits / number, "low": float(interval.low), "high": float(interval.high), "n": number}


def detected(scene: Scene) -> DetectedNight:
    """What is found in a scene."""
    return detect_night(scenes.make_night(scene), SETTINGS)


def minutes(time: pd.Timestamp, hour: float) -> float:
    """Minutes from an hour of the night to a time."""
    return (time - NIGHT).total_seconds() / 60.0 - 60.0 * hour


def onset_errors(scene: Scene, hour: float) -> np.ndarray:
    """Errors (min) of all merges reported in a scene."""
    events = detected(scene).events
    return np.array([minutes(t, hour) for t in events.loc[events["kind"] == "descending_merge", "start_utc"]])


def merges(number: int, seed: int, draw: Callable = descents.merge_scene) -> dict:
    """Nights with one merge: found within 5 min, and the share of right ones among those reported."""
    best, reported, false = [], 0, 0
    for index in range(number):
        scene, slab = draw(np.random.default_rng([seed, 11, index]))
        errors = onset_errors(scene, descents.onset(slab))
        reported += errors.size
        false += bool((np.abs(errors) >= ONSET_MINUTES).any())
        best.append(float(np.abs(errors).min(initial=np.inf)))
    error = np.array(best)
    hits = int((error < ONSET_MINUTES).sum())
    return {"found": share(hits, number), "precision": share(hits, reported), "missed": int(np.isinf(error).sum()),
            "median_error_min": float(np.median(error)),
            "q90_error_min": float(np.quantile(error[np.isfinite(error)], 0.9)) if np.isfinite(error).any() else None,
            "false_nights": share(false, number)}  # fmt: skip


def no_merge(number: int, seed: int) -> dict:
    """Nights among tides and stripes without a merge on which one is reported, by what they hold."""
    out = {}
    for code, kind in enumerate(descents.NO_MERGE):
        drawn = [descents.no_merge_scene(np.random.default_rng([seed, 16, code, i]), kind) for i in range(number)]
        out[kind] = share(sum(bool(onset_errors(scene, 0.0).size) for scene in drawn), number)
    return out


def limit_scene(rng: np.random.Generator, density: float, speed: float) -> tuple[Scene, Slab]:
    """A smooth cloud of a density that comes down at a speed, alone."""
    slab = replace(
        descents.tidal_slab(rng), density=density, speed=speed, arrival=16.5, scale_km=np.inf, ripple_km=0.0
    )
    slab = replace(slab, scale_km=np.inf, ripple_km=0.0)
    slab = replace(slab, start=max(16.5 - (slab.altitude_km - 120.0) / (3.6 * speed) - 0.3, 12.1), end=19.0)
    return drawing.night_of(rng, layers=(slab,)), slab


def limits(number: int, seed: int) -> dict:
    """Merges found within 5 min by density and speed."""
    out = {}
    for density, speed in itertools.product((0.3, 0.5, 1.0, 2.0), (3.0, 5.0, 10.0, 20.0, 30.0)):
        draw = partial(limit_scene, density=density, speed=speed)
        out[f"{density:g}_cm3_{speed:g}_m_s"] = merges(number, seed, draw)["found"]
    return out


def still(number: int, seed: int) -> dict:
    """Nights without a merge on which one is reported, by what they hold."""
    out = {}
    for kind in descents.STILL:
        drawn = [descents.still_scene(np.random.default_rng([seed, 12, i]), kind) for i in range(number)]
        out[kind] = share(sum(bool(onset_errors(scene, 0.0).size) for scene in drawn), number)
    return out


def box_scene(rng: np.random.Generator, density: tuple[float, float], striped: float) -> tuple[Scene, Slab]:
    """A night with one cloud of straight edges."""
    start, bottom = float(rng.uniform(13, 15.5)), float(rng.uniform(150, 200))
    slab = Slab(start, start + float(rng.uniform(0.7, 3.0)), bottom, float(rng.uniform(20, 60)),
                float(np.exp(rng.uniform(*np.log(density)))), edge_s=30.0)  # fmt: skip
    smooth, stripes = descents.filled(slab, rng, striped)
    return drawing.night_of(rng, layers=(smooth,), stripes=stripes), slab


def true_share(scene: Scene) -> float:
    """Share of the ions above the main layer that are in stripes."""
    time, altitude = np.arange(scene.start, scene.end, 0.005) * 3600, np.arange(121.0, 300.0, 0.5)
    only = replace(scene, main_layer=0.0, step_s=18.0)
    whole = scenes.true_density(only, time, altitude).sum()
    return float(1.0 - scenes.true_density(replace(only, stripes=()), time, altitude).sum() / whole)


def edges(number: int, seed: int, striped: float) -> dict:
    """Errors of start and end (min), bottom and top (km), and of the share of stripes, by density."""
    out = {}
    for density in DENSITIES:
        rows = []
        for index in range(number):
            scene, slab = box_scene(np.random.default_rng([seed, 13, index]), density, striped)
            row = detected(scene).night.iloc[0]
            rows.append((
                minutes(row["cloud_start_utc"], slab.start), minutes(row["cloud_end_utc"], slab.end),
                row["cloud_bottom_km"] - slab.altitude_km, row["cloud_top_km"] - slab.altitude_km - slab.thickness_km,
                row["cloud_hours"] - (slab.end - slab.start), row["stripe_signal_share"] - true_share(scene),
            ))  # fmt: skip
        names = ("start_min", "end_min", "bottom_km", "top_km", "hours", "share")
        table = pd.DataFrame(rows, columns=list(names))
        out["{:g}_{:g}".format(*density)] = {
            name: {"median": float(table[name].median()), "q90": float(table[name].abs().quantile(0.9)),
                   "n": int(table[name].notna().sum())}
            for name in names
        }  # fmt: skip
    return out


def ramp(first: float, last: float, low: float, high: float) -> tuple[tuple[float, float, float], ...]:
    """A factor of the background that changes from one value to another, in steps of a minute."""
    edge = np.arange(first, last, 1 / 60)
    factor = np.geomspace(low, high, edge.size)
    return tuple((float(a), float(a) + 1 / 60, float(f)) for a, f in zip(edge, factor, strict=True))


def hard_quiet_scene(rng: np.random.Generator) -> Scene:
    """Nothing above 150 km, but twilight at both ends, a moon, bright thin layers at 115 to 125 km, and bursts."""
    scene = drawing.quiet_scene(rng)
    layers = tuple(
        Cloud(float(rng.uniform(12, 15)), float(rng.uniform(16, 20)), float(rng.uniform(115, 125)),
              float(rng.uniform(0.5, 2.0)), float(np.exp(rng.uniform(np.log(20), np.log(500)))),
              float(rng.uniform(-1, 1)))
        for _ in range(int(rng.integers(1, 3)))
    )  # fmt: skip
    steps: tuple = ()
    if rng.random() < 0.5:
        steps += ramp(12.0, 12.5, float(rng.uniform(1.5, 5)), 1.0) + ramp(19.5, 20.0, 1.0, float(rng.uniform(1.5, 5)))
    if rng.random() < 0.5:
        rise, light = float(rng.uniform(13, 18)), float(rng.uniform(1.2, 4))
        steps += ramp(rise, rise + float(rng.uniform(0.1, 1.0)), 1.0, light)
        steps += ((steps[-1][1], 20.0, light),)
    return replace(scene, clouds=scene.clouds + layers, steps=steps)


def hard_quiet(number: int, seed: int) -> dict:
    """False nights, stripes and merges where nothing lies above 150 km, and how often p_false is small."""
    rows = [detected(hard_quiet_scene(np.random.default_rng([seed, 14, i]))) for i in range(number)]
    p = np.array([row.night["p_false"].iloc[0] for row in rows])
    return {
        "false_nights": share(sum(bool(row.night["above_150"].iloc[0]) for row in rows), number),
        "false_stripes": sum(len(row.stripes) for row in rows),
        "false_merges": sum(int((row.events["kind"] == "descending_merge").sum()) for row in rows),
        "stated": {f"p_below_{level}": share(int((p < level).sum()), number) for level in (0.005, 0.05, 0.2)},
    }


def validate(number: int, seed: int) -> dict:
    """All checks of clouds; `number` as in validate.py."""
    few = max(2, number // 4)
    return {
        "merges": merges(number, seed),
        "hidden_merges": merges(few, seed, descents.hidden_scene),
        "tidal_merges": merges(number, seed, descents.tidal_scene),
        "no_merge": no_merge(few, seed),
        "merge_limits": limits(max(2, few // 3), seed),
        "still": still(few, seed),
        "edges": edges(few, seed, 0.0),
        "edges_striped": edges(few, seed, 0.7),
        "hard_quiet": hard_quiet(2 * number, seed),
    }
