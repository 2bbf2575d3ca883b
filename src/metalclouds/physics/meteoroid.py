"""What a meteoroid can do: how fast it may be, how warm it gets, what it sputters, how many of a size arrive."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

STEFAN_BOLTZMANN_W_M2_K4 = 5.670374e-8
# Astronomical unit (km), gravitational parameter of the sun (km3 s-2), day (s): IAU 2012, 2015.
ASTRONOMICAL_UNIT_KM = 1.495978707e8
SUN_KM3_S2 = 1.32712440018e11
# Escape speed from the altitude of the clouds: sqrt(2 g R^2 / (R + z)), 11.0 km/s at 200 km; 11.2 at the ground. The
# tables of showers take 11.2.
ESCAPE_KM_S = 11.2
EARTH_AREA_M2 = 5.1e14
SECONDS_PER_YEAR = 3.15576e7
# Bodies larger than D (m) that meet the Earth in a year: 37 D^-2.7 (Brown et al. 2002, Nature 420, 294).
BROWN_A_YEAR, BROWN_EXPONENT = 37.0, 2.70
# Flux of meteoroids above a mass (g) at 1 au, m-2 s-1: the term of Gruen et al. (1985, Icarus 62, 244, equation A3)
# that holds above 1e-6 g, on a plate that turns.
GRUEN_FACTOR, GRUEN_POWER, GRUEN_OFFSET, GRUEN_EXPONENT = 2.2e3, 0.306, 15.0, -4.38
# Earth's pull brings more slow bodies (up to twice, Gruen et al. 1985), in favour of trails.
FOCUSING = 2.0


def parabolic_speed_km_s(distance_au: float) -> float:
    """Largest speed of a body bound to the sun, sqrt(2 GM / r), km/s."""
    return math.sqrt(2.0 * SUN_KM3_S2 / (distance_au * ASTRONOMICAL_UNIT_KM))


def heliocentric_speed_km_s(distance_au: float, semi_major_au: float) -> float:
    """Speed on an orbit of a semi-major axis (vis viva), km/s."""
    return math.sqrt(SUN_KM3_S2 / ASTRONOMICAL_UNIT_KM * (2.0 / distance_au - 1.0 / semi_major_au))


def geocentric_speed_km_s(elongation_deg: Any, earth_km_s: Any, heliocentric_km_s: Any) -> Any:
    """Speed relative to the Earth of a body whose true radiant lies at an angle from the apex of the Earth's motion.

    The positive root of v_g^2 - 2 v_g V_E cos(eps) + V_E^2 = v_h^2: the heliocentric velocity is the Earth's minus
    v_g along the radiant's direction. NaN where no body of that speed comes from there.

    Parameters
    ----------
    elongation_deg
        angle eps between radiant and apex.
    earth_km_s, heliocentric_km_s
        speeds of the Earth and of the body about the sun.
    """
    angle = np.radians(elongation_deg)
    under = np.asarray(heliocentric_km_s) ** 2 - (np.asarray(earth_km_s) * np.sin(angle)) ** 2
    with np.errstate(invalid="ignore"):
        return np.asarray(earth_km_s) * np.cos(angle) + np.sqrt(under)


def entry_speed_km_s(geocentric_km_s: Any, escape_km_s: float = ESCAPE_KM_S) -> Any:
    """Speed at the atmosphere, sqrt(v_g^2 + v_esc^2), km/s."""
    return np.hypot(np.asarray(geocentric_km_s), escape_km_s)


def surface_temperature_k(density_kg_m3: Any, speed_km_s: float) -> Any:
    """Temperature of a sphere that radiates all the energy it meets: (rho v^3 / 8 sigma)^(1/4), K."""
    power = np.asarray(density_kg_m3) * (1e3 * speed_km_s) ** 3 / 8.0
    return (power / STEFAN_BOLTZMANN_W_M2_K4) ** 0.25


def ions_per_metre(density_cm3: Any, width_km: Any) -> Any:
    """Ions in a metre of a trail of n exp(-r^2 / W^2): n pi W^2, m-1; peak density n (cm-3), W (km)."""
    return 1e6 * np.asarray(density_cm3) * math.pi * (1e3 * np.asarray(width_km)) ** 2


def sputtering_area_m2(per_metre: Any, air_m3: Any, sputter_yield: Any, calcium_share: Any) -> Any:
    """Cross-section of a body whose sputtering leaves so many Ca atoms in a metre: q / (Y f n_air), m2.

    The body meets n_air A molecules of air a metre. Each frees Y atoms, and a share f of them is calcium.
    """
    return np.asarray(per_metre) / (np.asarray(sputter_yield) * np.asarray(calcium_share) * np.asarray(air_m3))


def flux_m2_s(diameter: Any, density_kg_m3: float = 3000.0) -> Any:
    """Bodies above a diameter (m) that cross a square metre of the atmosphere in a second.

    The larger of two counts, in favour of trails: Brown et al. (2002), seen from satellites for metres and carried
    on to smaller ones, and Gruen et al. (1985) for 1e-6 to 100 g, doubled for the Earth's pull.
    """
    size = np.asarray(diameter, dtype=float)
    brown = BROWN_A_YEAR * size**-BROWN_EXPONENT / SECONDS_PER_YEAR / EARTH_AREA_M2
    grams = 1e3 * density_kg_m3 * math.pi / 6.0 * size**3
    gruen = (GRUEN_FACTOR * grams**GRUEN_POWER + GRUEN_OFFSET) ** GRUEN_EXPONENT
    return np.maximum(brown, FOCUSING * gruen)


def a_year(diameter: float) -> float:
    """Bodies above a diameter (m) that meet the whole Earth in a year (Brown et al. 2002)."""
    return BROWN_A_YEAR * diameter**-BROWN_EXPONENT
