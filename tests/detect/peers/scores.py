"""Scores of a method on scenes of known truth: tuning on some, figures on others."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds import io
from metalclouds.bench import detection, timing
from metalclouds.detect.method import METHOD
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from tests.detect import scenes, scoring
from tests.detect.peers.image import NightImage, night_image
from tests.detect.scenes import Scene
from tests.detect.validate import share

SNR_CLASSES = {"12-16": (12, 16), "16-25": (16, 25), "25-50": (25, 50), "> 50": (50, np.inf), "> 16": (16, np.inf)}
Find = Callable[[NightImage], pd.DataFrame]


@dataclass(frozen=True)
class Case:
    """A scene, its night of counts, what our detection found of it, and the image that the peers get."""

    scene: Scene
    night: xr.Dataset
    ours: pd.DataFrame
    image: NightImage


def make_case(scene: Scene) -> Case:
    """Simulate and detect a night."""
    night, settings = scenes.make_night(scene), DetectSettings()
    found = detect_night(night, settings)
    return Case(scene, night, found.stripes, night_image(found.dataset, METHOD.search.bottom_km))


def cases(draw: Callable[..., Scene], number: int, *key: int) -> list[Case]:
    """Nights of scenes drawn with seeds (key, index)."""
    return [make_case(draw(np.random.default_rng([*key, index]))) for index in range(number)]


def scored(nights: Iterable[Case], found: Iterable[pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """A row a true stripe, with whether its slope is right, and the number of found ones that are none.

    Right is within 10 % of dt/dz or within three times the Cramer-Rao bound, whichever is more: for many stripes the
    photons do not allow 10 %.
    """
    rows, false = [], 0
    for case, stripes in zip(nights, found, strict=True):
        score, extra = scoring.score_night(case.scene, stripes)
        rows.append(score)
        false += extra
    score = pd.concat(rows, ignore_index=True)
    allowed = np.maximum(0.1 * score["slowness"].abs(), 3.0 * score["bound"])
    return score.assign(right=score["found"] & (score["error"].abs() <= allowed)), false


def harmonic_mean(score: pd.DataFrame, false: int) -> float:
    """F1 of the stripes found with the right slope: what the settings are chosen by."""
    right = int(score["right"].sum())
    reported = int(score["found"].sum()) + false
    return 2.0 * right / (len(score) + reported) if right else 0.0


def tuned(method: type, nights: Sequence[Case]) -> tuple[Any, float]:
    """The settings of a method's grid that do best on training nights, the first of equals, and how well."""
    best, most = method(), -1.0
    for choice in method.choices():
        value = harmonic_mean(*scored(nights, [method(**choice).find(case.image) for case in nights]))
        if value > most:
            best, most = method(**choice), value
    return best, most


def summary(score: pd.DataFrame, false: int) -> dict[str, Any]:
    """Recall by matched signal-to-noise ratio, with any slope and with the right one, precision, and slope error."""
    found = score[score["found"]]
    ratio = (found["error"] / found["bound"]).abs()
    out: dict[str, Any] = {"recall": {}, "recall_right_slope": {}, "precision": share(len(found), len(found) + false)}
    for name, (low, high) in SNR_CLASSES.items():
        chosen = score[(score["snr"] >= low) & (score["snr"] < high)]
        out["recall"][name] = share(int(chosen["found"].sum()), len(chosen))
        out["recall_right_slope"][name] = share(int(chosen["right"].sum()), len(chosen))
    out["right_of_found"] = share(int(found["right"].sum()), len(found))
    out["error_over_bound_q68"] = float(ratio.quantile(0.68)) if len(ratio) else None
    return out


def seconds(methods: dict[str, Find], case: Case, folder: Path, rounds: int) -> dict[str, np.ndarray]:
    """Processor time of bare reading, of the image, of our whole detection, and of each peer, in rounds."""
    path, settings = folder / "night.nc", DetectSettings()
    attributes = io.provenance(title="a night", source="a scene", synthetic=True, inputs={})
    io.write_netcdf(path, case.night.assign_attrs(attributes))
    jobs = {
        "reading": functools.partial(detection.bare_read, path),
        "image": functools.partial(detection.mask_and_decide, case.night, settings),
        "ours": functools.partial(detect_night, case.night, settings),
    }
    return timing.in_rounds(
        jobs | {name: functools.partial(find, case.image) for name, find in methods.items()}, rounds
    )
