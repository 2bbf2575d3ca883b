"""How much the wind at 250 km changes from one measurement to the next."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.physics.wind import Wind
from metalclouds.schema.tables import WIND_STEPS

# Measurements farther apart than this are not neighbours (h); the instrument's step is one hour.
LONGEST_HOURS = 1.5


def wind_steps(wind: Wind) -> pd.DataFrame:
    """Table WIND_STEPS: the change of the horizontal wind between neighbouring measurements.

    Parameters
    ----------
    wind
        dims (time, 2), m/s.

    Returns
    -------
    DataFrame
        a row a pair of neighbours, at the middle of their times; `change_m_s` is the length of the difference vector.
    """
    hours = np.diff(wind.time) / np.timedelta64(1, "h")
    near = (hours > 0) & (hours <= LONGEST_HOURS)
    change = np.linalg.norm(np.diff(wind.components, axis=0), axis=1)
    error = np.sqrt((wind.errors[:-1] ** 2 + wind.errors[1:] ** 2).mean(axis=1)) if wind.errors.size else change
    middle = pd.DatetimeIndex(wind.time[:-1] + np.diff(wind.time) / 2)
    table = pd.DataFrame({
        "night": middle.strftime("%Y-%m-%d"), "time_utc": middle.round("s"), "hours": hours,
        "change_m_s": change, "error_m_s": error,
    })[near]  # fmt: skip
    return table.reset_index(drop=True) if len(table) else WIND_STEPS.empty()
