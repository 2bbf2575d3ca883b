"""Do the gaps between stripes arise by chance? Trails of a shower are Poisson; waves and sheets are more regular.

The coefficient of variation of the gaps at 200 km is 1 for chance, after the dead time within which two stripes are
one; 0.5 or less for a train of waves. Gaps of more than half an hour end a cloud and are left out, which takes the
coefficient of pure chance below 1.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.supplements.observable import NotTestable, Observable

AT_KM, WITHIN_KM = 200.0, 30.0
DEAD_S, LONGEST_S = 66.0, 1800.0
LEAST_GAPS = 20
DRAWS, SEED = 400, 20210510


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
    near = stripes[(stripes["bottom_km"] <= AT_KM + WITHIN_KM) & (stripes["top_km"] >= AT_KM - WITHIN_KM)]
    rows = []
    for night, own in near.groupby("night"):
        offset = (AT_KM - own["altitude_km"]) * own["slowness_s_per_km"]
        seconds = (own["time_utc"] - own["time_utc"].min()).dt.total_seconds() + offset
        found = np.diff(np.sort(seconds.to_numpy(float)))
        found = found[(found > DEAD_S) & (found < LONGEST_S)] - DEAD_S
        rows += [{"night": night, "gap": one / found.mean()} for one in found if found.size >= 3]
    return pd.DataFrame(rows, columns=["night", "gap"])


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
    if found.size < LEAST_GAPS:
        raise NotTestable(f"{found.size} gaps between stripes at 200 km; {LEAST_GAPS} tell chance from regular")
    random = np.random.default_rng(SEED)
    drawn = found[random.integers(found.size, size=(DRAWS, found.size))]
    variation = drawn.std(axis=1, ddof=1) / drawn.mean(axis=1)
    low, high = np.quantile(variation, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return [Observable("spacing_cv", float(found.std(ddof=1) / found.mean()), float(low), float(high), found.size)]
