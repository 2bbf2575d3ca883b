"""Can sputtering supply a stripe? The size of body it needs, beside sizes that arrive often enough.

Air that a body of cross-section A meets frees q = Y f n_air A atoms of calcium in a metre of its way. A stripe holds
q = n pi W^2. So A = n pi W^2 / (Y f n_air). All of the freed atoms are counted as ions, in favour of trails.

How often bodies of a size come is known. A trail passes the beam in its life if it was made over an area of v times
life times its horizontal reach, with the longest life and the flattest trail. Half of the stripes need a larger body
than the median stripe: so bodies larger than the median one must give half as many stripes as were seen.

The beam crosses a slanted trail obliquely, and the stripe looks wider than the trail is: by sqrt(1 + (p v)^2) if the
trail leans along the drift, which is the most. In favour of trails the width is taken as less by that.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from metalclouds.physics import meteoroid
from metalclouds.physics.air import air_at
from metalclouds.supplements.observable import NotTestable, Observable, median
from metalclouds.supplements.settings import SupplySettings

SIZES_M = np.logspace(-5, 2, 1401)
# Height over which trails are seen, km: the paper's clouds, 120 to 300 km.
DEPTH_KM = 180.0
SMALLEST, USUAL, LARGEST = range(3)


def areas(stripes: pd.DataFrame, settings: SupplySettings) -> pd.DataFrame:
    """Cross-section (m2) that sputtering needs for each stripe whose middle lies high enough and has a radius.

    Columns `area_least_m2`, `area_m2`, `area_largest_m2`: everything in favour of trails (large yield and calcium
    share, width one standard error smaller and seen obliquely), the usual values, everything against. Night by night
    the air of midnight. A width without an error has the usual area only.

    Parameters
    ----------
    stripes
        stripes with `altitude_km`, `radius_km` and `tangent` of their middles.

    Returns
    -------
    DataFrame
        the stripes that qualify, with the three columns.
    """
    high = stripes[(stripes["altitude_km"] >= settings.least_altitude_km) & stripes["radius_km"].notna()]
    parts = [_of_night(night, own, settings) for night, own in high.groupby("night")]
    empty = high.assign(area_least_m2=0.0, area_m2=0.0, area_largest_m2=0.0)
    return pd.concat(parts) if parts else empty


def _of_night(night: str, stripes: pd.DataFrame, settings: SupplySettings) -> pd.DataFrame:
    air = air_at(stripes["altitude_km"], f"{night}T16:00").number_m3
    density, radius = stripes["peak_density_cm3"].to_numpy(float), stripes["radius_km"].to_numpy(float)
    error = (stripes["width_sigma_s"] / stripes["width_s"]).to_numpy(float)
    oblique = np.hypot(1.0, stripes["tangent"].to_numpy(float))
    found = {}
    for name, which, factor in (("area_least_m2", LARGEST, np.maximum(1 - error, 0.0) / oblique),
                                ("area_m2", USUAL, 1.0), ("area_largest_m2", SMALLEST, 1 + error)):  # fmt: skip
        needed = meteoroid.ions_per_metre(density, radius * factor)
        found[name] = meteoroid.sputtering_area_m2(
            needed, air, settings.sputter_yield[which], settings.calcium_share[which]
        )
    return stripes.assign(**found)


def area_that_comes(stripes_an_hour: float, speed_m_s: float, settings: SupplySettings) -> float:
    """Largest cross-section (m2) of which so many stripes an hour can be, all in favour of trails."""
    swept_m = 3600.0 * settings.life_hours * speed_m_s
    reach_m = 1e3 * DEPTH_KM * math.tan(math.radians(settings.slant_deg))
    wanted = stripes_an_hour / 3600.0 / (swept_m * reach_m)
    flux = meteoroid.flux_m2_s(SIZES_M)
    # The flux falls with size: the largest size that is still frequent enough.
    size = float(np.exp(np.interp(-np.log(wanted), -np.log(flux), np.log(SIZES_M))))
    return math.pi / 4.0 * size**2


def supply(stripes: pd.DataFrame, hours: float, settings: SupplySettings, confidence: float) -> list[Observable]:
    """Area needed, area that arrives, and the median over stripes of the logarithm of their ratio.

    Parameters
    ----------
    stripes
        with the columns of `areas`.
    hours
        usable darkness of the nights that were looked at.

    Raises
    ------
    NotTestable
        Without such stripes or hours.
    """
    if stripes.empty:
        raise NotTestable("no stripe above 150 km has a wind near enough in time to tell its width")
    if not hours > 0:
        raise NotTestable("no hours of observation are known")
    speed = float(stripes["speed_m_s"].median())
    # Half of the stripes need more than the median one.
    comes = area_that_comes(0.5 * len(stripes) / hours, speed, settings)
    # A stripe whose width is not known from zero needs nothing: it counts as the smallest, and log10 has no zero.
    least = np.maximum(stripes["area_least_m2"].to_numpy(float), np.finfo(float).tiny)
    ratio = np.log10(least / comes)
    return [
        median("supply_area", stripes["area_m2"], confidence, "m2"),
        median("supply_area_least", stripes["area_least_m2"], confidence, "m2"),
        Observable("supply_area_that_comes", comes, n=len(stripes), unit="m2"),
        median("supply_log_ratio", ratio, confidence),
    ]
