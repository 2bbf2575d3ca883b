"""The neutral density profile (D1)."""

from __future__ import annotations

import numpy as np

from metalclouds.claims.model import Data, Measurement, NotFound, Result, Unavailable

# A profile that ends above the lower side of the main layer does not show how far the density rises (km).
LOWEST_KM = 80.0


def altitude_of_rise(data: Data, factor: float, from_km: float) -> Result:
    """Altitude (km) at which the neutral density is `factor` times that at `from_km`, interpolated in its log."""
    profile = data.table("density_profile", "altitude_km", "density_kg_m3").sort_values("altitude_km")
    if profile["altitude_km"].min() > LOWEST_KM or profile["altitude_km"].max() < from_km:
        raise Unavailable(f"the density profile does not cover {LOWEST_KM:g} to {from_km:g} km")
    altitude, log_density = profile["altitude_km"].to_numpy(), np.log(profile["density_kg_m3"].to_numpy())
    wanted = np.interp(from_km, altitude, log_density) + np.log(factor)
    if wanted > log_density.max():
        sought = f"a rise of density from {from_km:g} km down to {altitude.min():g} km"
        return NotFound(sought, factor, "", len(profile))
    # Density falls with altitude, np.interp wants it to rise.
    value = float(np.interp(-wanted, -log_density, altitude))
    return Measurement(value, n=len(profile))


def density_factor(data: Data, from_km: float, to_km: float) -> Measurement:
    """Neutral density at `to_km` over that at `from_km`."""
    profile = data.table("density_profile", "altitude_km", "density_kg_m3").sort_values("altitude_km")
    log_density = np.log(profile["density_kg_m3"].to_numpy())
    ends = np.interp([from_km, to_km], profile["altitude_km"].to_numpy(), log_density)
    return Measurement(float(np.exp(ends[1] - ends[0])), n=len(profile))
