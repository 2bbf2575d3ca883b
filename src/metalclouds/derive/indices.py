"""Solar and geomagnetic indices of 2020-2022, shipped with the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import pandas as pd

from metalclouds.errors import ConfigError

INDICES_FILE = "space_weather_2020_2022.csv"


@dataclass(frozen=True)
class Indices:
    """What NRLMSISE-00 asks for.

    Attributes
    ----------
    f107
        Observed 10.7 cm solar flux of the day before, sfu.
    f107_mean
        Observed flux averaged over the 81 days centred on the day, sfu.
    ap
        Daily Ap of the day.
    """

    f107: float
    f107_mean: float
    ap: float


@cache
def daily_indices() -> pd.DataFrame:
    """The shipped table: index `date` (UTC day), f107_observed, f107_centred_81 (sfu), ap_daily.

    Sources and licences stand in the header of the file.

    Returns
    -------
    DataFrame
        a row a day.
    """
    path = files("metalclouds").joinpath("data", INDICES_FILE)
    with path.open(encoding="utf-8") as stream:
        return pd.read_csv(stream, comment="#", parse_dates=["date"], index_col="date")


def has_indices(time: datetime) -> bool:
    """Whether the table has the day of a UTC time and the day before."""
    day = pd.Timestamp(time).normalize()
    table = daily_indices()
    return day in table.index and day - timedelta(days=1) in table.index


def indices_at(time: datetime) -> Indices:
    """Indices for a UTC time by the convention of NRLMSISE-00 (flux of the previous day).

    Raises
    ------
    ConfigError
        If the day or the day before is not in the table.
    """
    day = pd.Timestamp(time).normalize()
    table = daily_indices()
    if not has_indices(time):
        raise ConfigError(
            "no solar and geomagnetic indices for this day",
            where="derive.atmosphere.time",
            rule=f"between {table.index[1]:%Y-%m-%d} and {table.index[-1]:%Y-%m-%d}",
            given=str(time),
            remedy=f"choose a day of the table, or extend src/metalclouds/data/{INDICES_FILE}",
        )
    before = table.loc[day - timedelta(days=1)].to_numpy(dtype=float)
    today = table.loc[day].to_numpy(dtype=float)
    flux, mean, ap = (table.columns.get_loc(name) for name in ("f107_observed", "f107_centred_81", "ap_daily"))
    return Indices(f107=float(before[flux]), f107_mean=float(today[mean]), ap=float(today[ap]))
