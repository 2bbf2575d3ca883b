"""Number densities and temperature of the air above the lidar, by NRLMSISE-00 with stated indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pymsis
from numpy.typing import NDArray

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG

Values = NDArray[Any]

# Version 0 of pymsis is NRLMSISE-00 (Picone et al. 2002), the model of the paper.
NRLMSISE_00 = 0
# F10.7 (sfu) and Ap of a quiet night at low solar activity, 2020 to 2022.
F107, AP = 80.0, 5.0


@dataclass(frozen=True)
class Air:
    """Air at some altitudes: km; kg m-3; K; number density in total and of each neutral, m-3."""

    altitude_km: Values
    density_kg_m3: Values
    temperature_k: Values
    number_m3: Values
    neutrals_m3: dict[str, Values]


def air_at(altitude_km: Any, time: Any, f107: float = F107, f107_mean: float = F107, ap: float = AP) -> Air:
    """Air above the lidar.

    Parameters
    ----------
    altitude_km
        above sea level.
    time
        UTC.
    f107, f107_mean, ap
        10.7 cm flux of the day before and its 81-day mean (sfu), daily Ap.
    """
    altitude = np.atleast_1d(np.asarray(altitude_km, dtype=float))
    place = (LIDAR_LONGITUDE_DEG, LIDAR_LATITUDE_DEG)
    raw = pymsis.calculate(
        np.datetime64(time, "s"), *place, altitude, f107, f107_mean, [[ap] * 7], version=NRLMSISE_00
    )
    values = np.asarray(raw, dtype=float).reshape(altitude.size, -1)
    names = ("N2", "O2", "O", "HE", "AR", "N")
    parts = {name: np.nan_to_num(values[:, getattr(pymsis.Variable, name)]) for name in names}
    return Air(
        altitude, values[:, pymsis.Variable.MASS_DENSITY], values[:, pymsis.Variable.TEMPERATURE],
        np.sum(list(parts.values()), axis=0), parts,
    )  # fmt: skip
