"""The neutral density profile (D1)."""

from __future__ import annotations

import numpy as np

from metalclouds.claims.model import Data, Measurement


def altitude_of_rise(data: Data, factor: float, from_km: float) -> Measurement:
    """Altitude (km) at which the neutral density is `factor` times that at `from_km`, interpolated in its log.

    NaN if the profile holds no such density.
    """
    profile = data.table("density_profile").sort_values("altitude_km")
    altitude, log_density = profile["altitude_km"].to_numpy(), np.log(profile["density_kg_m3"].to_numpy())
    wanted = np.interp(from_km, altitude, log_density) + np.log(factor)
    if wanted > log_density.max():
        return Measurement(float("nan"), n=len(profile))
    # Density falls with altitude, np.interp wants it to rise.
    value = float(np.interp(-wanted, -log_density, altitude))
    return Measurement(value, n=len(profile))


def density_factor(data: Data, from_km: float, to_km: float) -> Measurement:
    """Neutral density at `to_km` over that at `from_km`."""
    profile = data.table("density_profile").sort_values("altitude_km")
    log_density = np.log(profile["density_kg_m3"].to_numpy())
    ends = np.interp([from_km, to_km], profile["altitude_km"].to_numpy(), log_density)
    return Measurement(float(np.exp(ends[1] - ends[0])), n=len(profile))
