"""Physically simulated campaigns at the level of the tables that the supplements read.

The true ridges of the nights (`tests.supplements.nights`) are turned
into tables of stripes with errors of the size that detection and interferometer state; the detector itself does not
run, which would take a hundred times as long. Faint, short and crowded ridges, which it would miss, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import wind_from
from metalclouds.schema.tables import STRIPE_PROFILES, STRIPES, TEC_ENHANCEMENT
from metalclouds.supplements.settings import SupplementSettings
from metalclouds.supplements.tables import Given
from tests.supplements.nights import Rows

# What detection finds of simulated nights (docs/decisions/detection.md): signal-to-noise ratio 12 and more, 10 km and
# more, apart from the next by half a width.
LEAST_SNR, LEAST_HEIGHT_KM, LEAST_ISOLATION = 12.0, 10.0, 0.5
# Errors: slowness in its bound and at least; widths and densities relative; hourly wind in m/s (Yuan et al. 2010).
SLOWNESS_BOUNDS, LEAST_SLOWNESS_ERROR = 1.5, 0.03
WIDTH_ERROR, DENSITY_ERROR, WIND_ERROR_M_S = 0.15, 0.2, 8.0
PROFILE_KM = 8.0
LAYER_TOP_KM = 115.0


def given(nights: Sequence[Rows], seed: int) -> Given:
    """Tables of a campaign of some nights, with errors."""
    random = np.random.default_rng(seed)
    ridges = _table(nights, "ridges")
    seen = ridges[
        (ridges["snr"] >= LEAST_SNR) & (ridges["top"] - ridges["bottom"] >= LEAST_HEIGHT_KM)
        & (ridges["isolation"] >= LEAST_ISOLATION)
    ]  # fmt: skip
    stripes = _stripes(seen, random)
    tables = {
        "detect_stripes": stripes,
        "detect_stripe_profiles": _profiles(_table(nights, "crests"), stripes, random),
        "detect_nights": pd.DataFrame({"night": _table(nights, "nights")["night"], "hours": 8.0}),
        "nights": _clouds(_table(nights, "nights"), _table(nights, "clouds")),
        "tec_enhancement": TEC_ENHANCEMENT.empty(),
    }
    return Given(tables, _wind(_table(nights, "winds"), random), TrailSettings(), SupplementSettings())


def _table(nights: Sequence[Rows], name: str) -> pd.DataFrame:
    return pd.DataFrame([row for night in nights for row in night[name]])


def _stripes(ridges: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    if ridges.empty:
        return STRIPES.empty()
    count = len(ridges)
    sigma = np.maximum(SLOWNESS_BOUNDS * ridges["crlb"].to_numpy(float), LEAST_SLOWNESS_ERROR)
    slowness = ridges["p"].to_numpy(float) + sigma * random.standard_normal(count)
    width = ridges["width"].to_numpy(float) * np.exp(WIDTH_ERROR * random.standard_normal(count))
    start = pd.to_datetime(ridges["night"]) + pd.Timedelta(hours=10)
    ends = {
        f"time_{end}": start + pd.to_timedelta(ridges["t_mid"] + slowness * (ridges[end] - ridges["z_mid"]), unit="s")
        for end in ("bottom", "top")
    }
    made = ridges.assign(
        id=ridges["id"].astype(str), bottom_km=ridges["bottom"], top_km=ridges["top"], slowness_s_per_km=slowness,
        slowness_sigma_s_per_km=sigma, width_s=width, width_sigma_s=WIDTH_ERROR * width,
        peak_density_cm3=ridges["peak"] * np.exp(DENSITY_ERROR * random.standard_normal(count)), **ends,
    )  # fmt: skip
    return made.reindex(columns=list(STRIPES)).reset_index(drop=True)


def _profiles(crests: pd.DataFrame, stripes: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    if crests.empty or stripes.empty:
        return STRIPE_PROFILES.empty()
    crests = crests.assign(id=crests["id"].astype(str)).merge(stripes[["night", "id"]], on=["night", "id"])
    place = (crests["altitude_km"] // PROFILE_KM).astype(int)
    own = crests.groupby(["night", "id", place.rename("place")])[["altitude_km", "width_s", "density_cm3"]].median()
    own = own.reset_index()
    width = own["width_s"] * np.exp(WIDTH_ERROR * random.standard_normal(len(own)))
    made = own.assign(width_s=width, width_sigma_s=WIDTH_ERROR * width, peak_density_cm3=own["density_cm3"])
    return made.reindex(columns=list(STRIPE_PROFILES))


def _clouds(nights: pd.DataFrame, clouds: pd.DataFrame) -> pd.DataFrame:
    out = nights[["night"]].set_index("night")
    for name, column, how in (("cloud_bottom_km", "bottom_km", "min"), ("cloud_top_km", "top_km", "max")):
        found = clouds.groupby("night")[column].agg(how) if len(clouds) else pd.Series(dtype=float)
        out[name] = found.reindex(out.index)
    return out.reset_index()


def _wind(winds: pd.DataFrame, random: np.random.Generator) -> Any:
    noise = WIND_ERROR_M_S * random.standard_normal((len(winds), 2))
    return wind_from(pd.DataFrame({
        "time": winds["time"], "eastward_wind": winds["eastward"] + noise[:, 0],
        "northward_wind": winds["northward"] + noise[:, 1], "eastward_wind_error": WIND_ERROR_M_S,
        "northward_wind_error": WIND_ERROR_M_S,
    }))  # fmt: skip
