"""Do stripes widen upwards? The free path of a metal atom grows with altitude, the radius of a fresh trail with it.

A trail is born some free paths wide, and spreads faster where the air is thinner: an old one widens upwards too. The
paper's stripes widen downwards. Measured is d ln(width) / dz of each stripe above 130 km, where ions follow the
magnetic field and not the sheared wind.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.supplements.observable import NotTestable, Observable, median

FROM_KM = 130.0
LEAST_POINTS, LEAST_SPAN_KM = 4, 20.0
# Widths are known no better than this share.
LEAST_ERROR = 0.05
PER_KM = 100.0


def slopes(profiles: pd.DataFrame) -> pd.DataFrame:
    """Change of ln(width) in 100 km above 130 km for each stripe that shows it.

    Parameters
    ----------
    profiles
        detect/stripe_profiles.csv.

    Returns
    -------
    DataFrame
        night, id, `widening` and `widening_sigma` (per 100 km).
    """
    known = (profiles["width_s"] > 0) & profiles["width_sigma_s"].notna()
    used = profiles[(profiles["altitude_km"] >= FROM_KM) & known]
    rows = [
        {"night": night, "id": name} | _slope(own)
        for (night, name), own in used.groupby(["night", "id"])
        if len(own) >= LEAST_POINTS and np.ptp(own["altitude_km"]) >= LEAST_SPAN_KM
    ]
    return pd.DataFrame(rows, columns=["night", "id", "widening", "widening_sigma"])


def _slope(stripe: pd.DataFrame) -> dict[str, float]:
    """Weighted line through ln(width)."""
    height = stripe["altitude_km"].to_numpy(float) / PER_KM
    logs = np.log(stripe["width_s"].to_numpy(float))
    error = np.maximum((stripe["width_sigma_s"] / stripe["width_s"]).to_numpy(float), LEAST_ERROR)
    weight = error**-2.0
    middle = np.average(height, weights=weight)
    spread = float((weight * (height - middle) ** 2).sum())
    return {
        "widening": float((weight * (height - middle) * logs).sum()) / spread,
        "widening_sigma": spread**-0.5,
    }


def expected(air: pd.DataFrame) -> float:
    """Change of ln(free path) in 100 km from 150 to 250 km: what a fresh trail would show.

    Parameters
    ----------
    air
        derive/supplement_air.csv.
    """
    path = np.interp([150.0, 250.0], air["altitude_km"], air["free_path_long_km"])
    return float(np.log(path[1] / path[0]))


def widening(found: pd.DataFrame, air: pd.DataFrame, confidence: float) -> list[Observable]:
    """The median over stripes beside what a fresh trail would show.

    Parameters
    ----------
    found
        night, id, widening (per 100 km).
    air
        derive/supplement_air.csv.
    confidence
        coverage of the interval.

    Raises
    ------
    NotTestable
        If no stripe has its width at enough altitudes.
    """
    if found.empty:
        raise NotTestable("no stripe has a width at four altitudes over 20 km above 130 km")
    fresh = Observable("widening_fresh", expected(air), n=2, unit="per 100 km") if len(air) else None
    rows = [median("widening", found["widening"], confidence, "per 100 km")]
    return rows + ([fresh] if fresh else [])
