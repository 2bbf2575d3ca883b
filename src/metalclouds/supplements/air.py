"""Air and ions against altitude, for one night: the conditions for trails, sheets and layers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.physics import ions, meteoroid
from metalclouds.physics.air import air_at
from metalclouds.schema.tables import SUPPLEMENT_AIR

ALTITUDES_KM = np.arange(100.0, 301.0, 5.0)
# Electrons of the night-time F layer that the review and the tests take, cm-3, and gravity at 200 km.
ELECTRONS_CM3 = 1e5
GRAVITY_M_S2 = 9.22
# Length over which electrons become fewer downwards at the bottomside of the night-time F layer, km.
BOTTOMSIDE_KM = 20.0
# Speeds of meteoroids for their temperature, km/s.
SLOW_KM_S, FAST_KM_S = 20.0, 70.0


def air(night: str) -> pd.DataFrame:
    """derive/supplement_air.csv: the air of a night's local midnight (16 UT) at low solar activity.

    Returns
    -------
    DataFrame
        table SUPPLEMENT_AIR, a row an altitude.
    """
    made = air_at(ALTITUDES_KM, f"{night}T16:00")
    neutral = ions.neutral_collisions_s(made.neutrals_m3)
    coulomb = ions.coulomb_collisions_s(ELECTRONS_CM3, made.temperature_k)
    short, long = (ions.mean_free_path_km(made.number_m3, section) for section in ions.CROSS_SECTIONS_M2[::-1])
    return SUPPLEMENT_AIR.ordered(pd.DataFrame({
        "night": night, "altitude_km": ALTITUDES_KM, "number_m3": made.number_m3, "temperature_K": made.temperature_k,
        "free_path_short_km": short, "free_path_long_km": long, "collisions_s": neutral, "coulomb_s": coulomb,
        "gyrations": ions.gyrofrequency_s() / neutral,
        "along_m2_s": ions.diffusion_along_m2_s(made.temperature_k, neutral + coulomb),
        "across_m2_s": ions.diffusion_across_m2_s(made.temperature_k, neutral + coulomb),
        "fall_m_s": GRAVITY_M_S2 / (neutral + coulomb),
        "ambipolar_m_s": ions.ambipolar_m_s2(made.temperature_k, BOTTOMSIDE_KM) / (neutral + coulomb),
        "surface_slow_K": meteoroid.surface_temperature_k(made.density_kg_m3, SLOW_KM_S),
        "surface_fast_K": meteoroid.surface_temperature_k(made.density_kg_m3, FAST_KM_S),
    }))  # fmt: skip
