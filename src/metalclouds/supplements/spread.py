"""What becomes of a trail: its width and its peak after some time, beside those detected.

A trail is born some mean free paths wide. Ions spread along the magnetic field, held up by collisions with air and
with other ions, and hardly across it: seen from the field a line becomes a sheet. A vertical trail makes an angle of
90 degrees less the dip with the field; what spreads across the trail is the sine of it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.constants import MAGNETIC_DIP_DEG
from metalclouds.supplements.observable import NotTestable, Observable, median

# Age in words -> seconds.
AGES_S = {"1 min": 60.0, "10 min": 600.0, "1 h": 3600.0}
# Radius at birth in mean free paths.
BIRTH_FREE_PATHS = 3.0
FROM_KM, AT_KM = 150.0, 200.0


def after(air: pd.DataFrame, seconds: float) -> pd.DataFrame:
    """Radii W of exp(-r^2/W^2) of a vertical trail after a time, and what is left of its peak.

    Parameters
    ----------
    air
        derive/supplement_air.csv.
    seconds
        age of the trail.

    Returns
    -------
    DataFrame
        altitude_km, narrow_km (across the field), wide_km (along it, as seen across the trail), peak_share (1).
    """
    born = BIRTH_FREE_PATHS * air["free_path_short_km"]
    sine2 = np.cos(np.radians(MAGNETIC_DIP_DEG)) ** 2
    across = air["across_m2_s"]
    along = air["along_m2_s"] * sine2 + across * (1.0 - sine2)
    narrow, wide = (np.sqrt(born**2 + 4e-6 * rate * seconds) for rate in (across, along))
    return pd.DataFrame({
        "altitude_km": air["altitude_km"], "narrow_km": narrow, "wide_km": wide,
        "peak_share": born**2 / (narrow * wide),
    })  # fmt: skip


def spread(stripes: pd.DataFrame, air: pd.DataFrame, confidence: float) -> list[Observable]:
    """Measured radius over the mean free path (log10, above 150 km).

    Parameters
    ----------
    stripes
        stripes as `stripes.with_drift` gives them.
    air
        derive/supplement_air.csv.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        Without a stripe above 150 km whose radius is known.
    """
    high = stripes[(stripes["altitude_km"] >= FROM_KM) & stripes["radius_km"].notna()]
    if high.empty or air.empty:
        raise NotTestable("no stripe above 150 km has a wind near enough in time to tell its width")
    path = np.interp(high["altitude_km"], air["altitude_km"], air["free_path_short_km"])
    # A width that is not known from zero counts as the smallest: log10 has no zero.
    ratio = np.maximum(high["radius_km"].to_numpy(float), np.finfo(float).tiny) / path
    return [median("radius_log_ratio", np.log10(ratio), confidence)]


def left(air: pd.DataFrame) -> list[Observable]:
    """Share of a vertical trail's peak that is left after an hour at 200 km.

    Parameters
    ----------
    air
        derive/supplement_air.csv.

    Raises
    ------
    NotTestable
        Without air.
    """
    if air.empty:
        raise NotTestable("no night was observed")
    share = after(air, AGES_S["1 h"]).set_index("altitude_km")["peak_share"]
    return [Observable("peak_after_hour", float(share.loc[AT_KM]), n=1)]
