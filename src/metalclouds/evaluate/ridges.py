"""Stripes found against the ridges of a physical campaign: matching rules, recall, precision, errors.

A found stripe belongs to a ridge, one to one, if the median time between them is at most `NEAR_S` or half of the
ridge's width, over altitudes that are at least half of the ridge's height. One that lies as near to a ridge which has
a partner already, or to less than half of a ridge's height, is a piece. One that follows crests of several ridges,
near one of them at half of its altitudes at least, counts in the precision `with crests` only. All else is false.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

NEAR_S = 40.0
NEAR_WIDTHS = 0.5
LEAST_HEIGHT_SHARE = 0.5
LEAST_SNR = 12.0
ISOLATED_WIDTHS = 1.0
LARGEST_SLOWNESS = 60.0
FLAT_SLOWNESS = 20.0
FIRST_HOUR = 10

SNR_CLASSES = (12.0, 16.0, 25.0, 50.0, math.inf)
WIDTH_CLASSES = (0.0, 60.0, 200.0, 400.0, 900.0)
# A wrong stripe nearer than this to a ridge lies on its flank, in widths.
FLANK_WIDTHS = 1.5
FAR = 1e9

Section = dict[str, Any]


@dataclass(frozen=True)
class RidgeCrest:
    """A ridge's crest and the tolerance of its time."""

    altitude: np.ndarray  # km, increasing
    time: np.ndarray  # s since 10:00 UT
    near: float  # s

    def time_at(self, altitude: np.ndarray) -> np.ndarray:
        """Time (s) at altitudes (km), NaN beyond the ends.

        Parameters
        ----------
        altitude
            km, dims (altitude,).

        Returns
        -------
        ndarray
            s since 10:00 UT, dims (altitude,).
        """
        return np.interp(altitude, self.altitude, self.time, left=np.nan, right=np.nan)


def crests_of(ridges: pd.DataFrame, points: pd.DataFrame) -> list[RidgeCrest]:
    """The crests of a night's ridges, in their order.

    Parameters
    ----------
    ridges
        a row a ridge: `id`, `width` (s).
    points
        points of the crests: `id`, `altitude_km`, `time_s`.
    """
    out = []
    for ridge in ridges.itertuples():
        own = points[points["id"] == ridge.id].sort_values("altitude_km")
        near = max(NEAR_S, NEAR_WIDTHS * float(str(ridge.width)))
        out.append(RidgeCrest(own["altitude_km"].to_numpy(float), own["time_s"].to_numpy(float), near))
    return out


def found_time(stripe: pd.Series, altitude: np.ndarray) -> np.ndarray:
    """Time (s since 10:00 UT) of a found stripe at altitudes (km); NaN beyond its ends.

    Parameters
    ----------
    stripe
        a row of stripes.csv.
    altitude
        km, dims (altitude,).

    Returns
    -------
    ndarray
        dims (altitude,).
    """
    origin = pd.Timestamp(stripe["night"]) + pd.Timedelta(hours=FIRST_HOUR)
    start, end = ((stripe[name] - origin).total_seconds() for name in ("time_bottom", "time_top"))
    length, rise = max(stripe["top_km"] - stripe["bottom_km"], 1e-6), altitude - stripe["bottom_km"]
    bend = stripe["curvature_s_per_km2"] if np.isfinite(stripe["curvature_s_per_km2"]) else 0.0
    time = start + (end - start) * rise / length + bend * rise * (rise - length)
    return np.where((rise >= 0) & (rise <= length), time, np.nan)


def distances(crests: list[RidgeCrest], found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each ridge and found stripe: median |dt| over the tolerance, and shares of the heights that they share.

    Parameters
    ----------
    found
        stripes of the night, a row a stripe.

    Returns
    -------
    apart, of_ridge, of_found
        dims (ridge, found); `apart` is FAR where they share no altitude.
    """
    shape = (len(crests), len(found))
    apart, of_ridge, of_found = np.full(shape, FAR), np.zeros(shape), np.zeros(shape)
    for j, (_, stripe) in enumerate(found.iterrows()):
        z = np.linspace(stripe["bottom_km"], stripe["top_km"], 41)
        time = found_time(stripe, z)
        for i, crest in enumerate(crests):
            gap = np.abs(crest.time_at(z) - time)
            both = np.isfinite(gap)
            if both.any():
                apart[i, j] = np.median(gap[both]) / crest.near
                of_found[i, j] = both.mean()
                height = crest.altitude[-1] - crest.altitude[0]
                of_ridge[i, j] = both.mean() * (z[-1] - z[0]) / max(height, 1e-6)
    return apart, of_ridge, of_found


def along_crests(crests: list[RidgeCrest], stripe: pd.Series) -> bool:
    """Whether a found stripe is near some ridge's crest at half of its altitudes at least.

    Parameters
    ----------
    stripe
        a row of stripes.csv.
    """
    z = np.linspace(stripe["bottom_km"], stripe["top_km"], 41)
    time = found_time(stripe, z)
    near = np.zeros(z.size, np.bool_)
    for crest in crests:
        near |= np.abs(crest.time_at(z) - time) <= crest.near
    return bool(near.mean() >= LEAST_HEIGHT_SHARE)


def match_night(
    ridges: pd.DataFrame, crests: list[RidgeCrest], found: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ridges and the found stripes of a night, each with what became of it.

    Parameters
    ----------
    ridges, found
        ridges and found stripes of the night, a row each.

    Returns
    -------
    ridges
        with `partner` (index of the found stripe, -1 none), `pieces`, `error` (s/km, found minus true), `sigma`.
    found
        with `fate`: matched, piece, crests, flank or invented.
    """
    apart, of_ridge, of_found = distances(crests, found)
    good = (apart <= 1.0) & (of_ridge >= LEAST_HEIGHT_SHARE)
    rows, columns = linear_sum_assignment(np.where(good, apart, FAR)) if good.size else ((), ())
    partner = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if good[i, j]}
    matched = set(partner.values())
    on = (apart <= 1.0) & ((of_found >= LEAST_HEIGHT_SHARE) | (of_ridge >= LEAST_HEIGHT_SHARE))
    beside = apart * np.array([[crest.near] for crest in crests]).reshape(-1, 1)
    reach = FLANK_WIDTHS * ridges["width"].to_numpy(float).reshape(-1, 1) + NEAR_S
    flank = (beside <= reach) & (of_found >= LEAST_HEIGHT_SHARE)
    fates = []
    for j, (_, stripe) in enumerate(found.iterrows()):
        fate = "invented"
        if j in matched:
            fate = "matched"
        elif on[:, j].any():
            fate = "piece"
        elif along_crests(crests, stripe):
            fate = "crests"
        elif flank[:, j].any():
            fate = "flank"
        fates.append(fate)
    pieces = [sum(bool(on[i, j]) for j, fate in enumerate(fates) if fate == "piece") for i in range(len(crests))]
    out = ridges.assign(partner=[partner.get(i, -1) for i in range(len(crests))], pieces=pieces)
    errors = [slowness_error(crests[i], found.iloc[j]) if j >= 0 else math.nan for i, j in enumerate(out["partner"])]
    sigma = [found["slowness_sigma_s_per_km"].iloc[j] if j >= 0 else math.nan for j in out["partner"]]
    width = [found["width_s"].iloc[j] if j >= 0 else math.nan for j in out["partner"]]
    return out.assign(error=errors, sigma=sigma, found_width=width), found.assign(fate=fates)


def slowness_error(crest: RidgeCrest, stripe: pd.Series) -> float:
    """Slowness found minus slowness of the crest (s/km): lines through the shared altitudes (Theil and Sen).

    Crests turn round where ions leave the field line, below some 150 km; the median of the slopes is of the rest.

    Parameters
    ----------
    stripe
        a row of stripes.csv.
    """
    low, high = max(crest.altitude[0], stripe["bottom_km"]), min(crest.altitude[-1], stripe["top_km"])
    z = np.linspace(low, high, 41)
    found = found_time(stripe, np.clip(z, stripe["bottom_km"], stripe["top_km"]))
    one, other = np.triu_indices(z.size, 5)
    return float(
        np.subtract(*(np.median((t[other] - t[one]) / (z[other] - z[one])) for t in (found, crest.time_at(z))))
    )


def match(
    truth: dict[str, pd.DataFrame], found: pd.DataFrame, nights: Iterable[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`match_night` over nights; `truth` holds the tables `ridges` and `crests`.

    Parameters
    ----------
    found
        stripes.csv of the run.
    truth
        tables `ridges` and `crests` of the truth.

    Returns
    -------
    tuple
        the ridges with their partners, and the found stripes with their fates.
    """
    ridges, fates = [], []
    for night in nights:
        own = truth["ridges"][truth["ridges"]["night"] == night].reset_index(drop=True)
        points = truth["crests"][truth["crests"]["night"] == night]
        stripes = found[found["night"] == night].reset_index(drop=True)
        one, other = match_night(own, crests_of(own, points), stripes)
        ridges.append(one)
        fates.append(other)
    return pd.concat(ridges, ignore_index=True), pd.concat(fates, ignore_index=True)


def counted(ridges: pd.DataFrame) -> pd.DataFrame:
    """Ridges that recall is counted on: isolated, not too flat.

    Parameters
    ----------
    ridges
        a row a ridge: `isolation` (in widths), `p` (s/km).

    Returns
    -------
    DataFrame
        the rows that count.
    """
    return ridges[(ridges["isolation"] >= ISOLATED_WIDTHS) & (ridges["p"].abs() <= LARGEST_SLOWNESS)]


def share(hits: pd.Series) -> Section:
    """Share of true values and their number.

    Parameters
    ----------
    hits
        booleans.
    """
    return {"share": float(hits.mean()) if len(hits) else math.nan, "n": len(hits)}


def classes(edges: tuple[float, ...]) -> Iterable[tuple[str, float, float]]:
    """Label, lower and upper edge of each class."""
    for low, high in itertools.pairwise(edges):
        yield f">= {low:g}" if math.isinf(high) else f"{low:g}-{high:g}", low, high


def summary(ridges: pd.DataFrame, found: pd.DataFrame) -> Section:
    """All scores of the stripes of some nights.

    Parameters
    ----------
    ridges
        a row a ridge with its partner.
    found
        a row a found stripe with its fate.
    """
    isolated = counted(ridges)
    hit = isolated["partner"] >= 0
    out: Section = {"found": len(found), "fates": {}, "recall": {}, "coverage": {}, "error_over_bound": {}}
    for fate in ("matched", "piece", "crests", "flank", "invented"):
        out["fates"][fate] = int((found["fate"] == fate).sum())
    right = out["fates"]["matched"]
    out["precision"] = right / len(found) if len(found) else math.nan
    out["precision_with_crests"] = (right + out["fates"]["crests"]) / len(found) if len(found) else math.nan
    for width, low, high in classes(WIDTH_CLASSES):
        inside = (isolated["width"] >= low) & (isolated["width"] < high)
        out["recall"][f"{width} s"] = {
            snr: share(hit[inside & (isolated["snr"] >= least) & (isolated["snr"] < most)])
            for snr, least, most in classes(SNR_CLASSES)
        }
        out["coverage"][f"{width} s"] = _coverage(isolated[inside & hit & (isolated["snr"] >= LEAST_SNR)])
    for snr, least, most in classes(SNR_CLASSES):
        own = isolated[hit & (isolated["snr"] >= least) & (isolated["snr"] < most)]
        out["coverage"][f"snr {snr}"] = _coverage(own)
        ratio = (own["error"] / own["crlb"]).abs()
        out["error_over_bound"][snr] = float(ratio.quantile(0.68)) if len(own) else math.nan
    flat = (isolated["p"].abs() > FLAT_SLOWNESS) & (isolated["snr"] > 25)
    out["recall_flat"] = share(hit[flat])
    strong = ridges[(ridges["partner"] >= 0) & (ridges["snr"] >= LEAST_SNR)]
    out["pieces_a_stripe"] = 1.0 + float(strong["pieces"].mean()) if len(strong) else math.nan
    return out


def _coverage(matched: pd.DataFrame) -> Section:
    return share(matched["error"].abs() <= matched["sigma"])
