"""Do the gaps between stripes arise by chance? Trails of a shower are Poisson; waves and sheets are more regular.

The coefficient of variation of the gaps at 200 km is 1 for chance, after the dead time within which two stripes are
one; 0.5 or less for a train of waves. Gaps of more than half an hour end a cloud and are left out, which takes the
coefficient of pure chance below 1. So do the stripes that the detector loses, those that lie nearer to the next than
half their width. What chance and trains of waves would give with both, for the nights and widths of this record, is
drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metalclouds.supplements.observable import NotTestable, Observable

Values = NDArray[Any]

AT_KM, WITHIN_KM = 200.0, 30.0
DEAD_S, LONGEST_S = 66.0, 1800.0
LEAST_GAPS = 20
DRAWS, SEED = 400, 20210510
# A stripe is found if it is apart from the next by this share of its width (docs/decisions/detection.md).
LEAST_ISOLATION = 0.5
# Scatter of a train's gaps over their mean, records drawn of each kind, largest false rate.
TRAIN_SCATTER, RECORDS, LEVEL = 0.4, 200, 0.05


def passages(stripes: pd.DataFrame) -> dict[str, tuple[Values, Values]]:
    """Times (s) at which the stripes of each night pass 200 km, upwards, and their widths (s).

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.

    Returns
    -------
    dict
        night -> (times, widths).
    """
    near = stripes[(stripes["bottom_km"] <= AT_KM + WITHIN_KM) & (stripes["top_km"] >= AT_KM - WITHIN_KM)]
    out = {}
    for night, own in near.groupby("night"):
        offset = (AT_KM - own["altitude_km"]) * own["slowness_s_per_km"]
        seconds = ((own["time_utc"] - own["time_utc"].min()).dt.total_seconds() + offset).to_numpy(float)
        width = own["width_s"].to_numpy(float) if "width_s" in own else np.zeros(len(own))
        order = np.argsort(seconds)
        out[str(night)] = (seconds[order], width[order])
    return out


def gaps_of(seconds: Values) -> Values:
    """Gaps between sorted times beyond the dead time, over their mean; none where they are fewer than three."""
    found = np.diff(seconds)
    found = found[(found > DEAD_S) & (found < LONGEST_S)] - DEAD_S
    return found / found.mean() if found.size >= 3 else np.empty(0)


def gaps(stripes: pd.DataFrame) -> pd.DataFrame:
    """Gaps (s) between the stripes of each night that pass near 200 km, over the night's mean gap.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.

    Returns
    -------
    DataFrame
        night, gap (over the night's mean).
    """
    rows = [
        {"night": night, "gap": one} for night, (seconds, _) in passages(stripes).items() for one in gaps_of(seconds)
    ]
    return pd.DataFrame(rows, columns=["night", "gap"])


def found_of(seconds: Values, widths: Values) -> Values:
    """The times that the detector finds: of two that lie nearer than half a width, the second is lost."""
    kept: list[float] = []
    for time, width in zip(seconds, widths, strict=True):
        if not kept or time - kept[-1] >= LEAST_ISOLATION * width:
            kept.append(float(time))
    return np.array(kept)


def drawn(nights: list[tuple[Values, Values]], regular: bool, random: np.random.Generator) -> float:
    """Coefficient of variation of the gaps of a record drawn by chance, or as trains of waves; NaN without gaps.

    Each night has as many stripes and the same mean distance as was found, widths drawn from its own; what the
    detector would lose is left out.

    Parameters
    ----------
    nights
        times and widths as `passages` gives them.
    regular
        trains whose distances scatter by `TRAIN_SCATTER`; else independent times.
    """
    parts = []
    for seconds, widths in nights:
        within = np.diff(seconds)
        within = within[within < LONGEST_S]
        if within.size < 3:
            continue
        size = within.size + 1
        steps = 1.0 + TRAIN_SCATTER * random.standard_normal(size) if regular else random.exponential(size=size)
        times = np.cumsum(within.mean() * np.maximum(steps, 0.0))
        parts.append(gaps_of(found_of(times, random.choice(widths, size))))
    pooled = np.concatenate(parts) if parts else np.empty(0)
    return float(pooled.std(ddof=1) / pooled.mean()) if pooled.size > 2 else np.nan


def expected(stripes: pd.DataFrame) -> list[Observable]:
    """What chance and trains would give with the detector's losses, and how often a train lies below chance.

    Parameters
    ----------
    stripes
        stripes as `with_tests` gives them.

    Raises
    ------
    NotTestable
        With fewer than 20 gaps.
    """
    _enough(gaps(stripes)["gap"].to_numpy(float))
    random, nights = np.random.default_rng(SEED), list(passages(stripes).values())
    chance, train = (
        np.array([drawn(nights, regular, random) for _ in range(RECORDS)]) for regular in (False, True)
    )  # fmt: skip
    rows = []
    for name, values in (("spacing_chance", chance), ("spacing_train", train)):
        low, high = np.nanquantile(values, [LEVEL, 1.0 - LEVEL])
        rows.append(Observable(name, float(np.nanmedian(values)), float(low), float(high), RECORDS))
    power = float(np.mean(train < rows[0].low))
    return [*rows, Observable("spacing_power", power, n=RECORDS)]


def _enough(found: Values) -> None:
    if found.size < LEAST_GAPS:
        raise NotTestable(f"{found.size} gaps between stripes at 200 km; {LEAST_GAPS} tell chance from regular")


def spacing(stripes: pd.DataFrame, confidence: float) -> list[Observable]:
    """The coefficient of variation of all gaps with its bootstrap interval.

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        With fewer than 20 gaps, which cannot tell 0.5 from 1.
    """
    found = gaps(stripes)["gap"].to_numpy(float)
    _enough(found)
    random = np.random.default_rng(SEED)
    anew = found[random.integers(found.size, size=(DRAWS, found.size))]
    variation = anew.std(axis=1, ddof=1) / anew.mean(axis=1)
    low, high = np.quantile(variation, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return [Observable("spacing_cv", float(found.std(ddof=1) / found.mean()), float(low), float(high), found.size)]
