"""Whether the lidar looked where a claim says that something is, and what it would have found there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.claims.model import Data, NotFound, Unavailable, clock_hours, clock_text
from metalclouds.schema.variables import MASK_FLAGS, PROFILE_FLAGS

# The least share of a stated time in which profiles must be usable.
LEAST_COVERAGE = 0.5
# A profile of this length (s) dilutes a stripe of a minute to half: the paper's own is 33 s.
LONGEST_PROFILE_S = 100.0
# Longer ones than this (s), half as long again as the paper's, may miss one of two stripes that stand close.
COARSE_PROFILE_S = 50.0
# A search counts if it would have found this much Ca+ (cm-3): about what a stripe holds.
ENOUGH_CM3 = 20.0
# What a search needs, in standard errors of the mean over the thing that is sought.
SIGMAS = 5.0
# Extents of the least things that are sought: a stripe of a minute over 50 km, a cloud of ten minutes over 10 km.
STRIPE_SIZE, CLOUD_SIZE = (60.0, 50.0), (600.0, 10.0)


def hours_of_profiles(file: xr.Dataset, night: str) -> np.ndarray:
    """Times of the profiles of a night in hours UT of its evening.

    Parameters
    ----------
    file
        dataset of detect/<night>.nc.

    Returns
    -------
    ndarray
        h, dims (time,).
    """
    hours = (file["time"].values - np.datetime64(night)) / np.timedelta64(1, "s") / 3600.0
    return np.asarray(hours, dtype=float)


def profile_step(file: xr.Dataset) -> float:
    """Time from profile to profile (s), the median.

    Parameters
    ----------
    file
        dataset of detect/<night>.nc.

    Raises
    ------
    Unavailable
        If there are fewer than two profiles.
    """
    if file.sizes["time"] < 2:
        raise Unavailable("fewer than two profiles")
    return float(np.median(np.diff(file["time"].values)) / np.timedelta64(1, "s"))


def usable(file: xr.Dataset) -> np.ndarray:
    """Whether each profile can be searched: it is good, and some of its cells hold data.

    Parameters
    ----------
    file
        dataset of detect/<night>.nc, dims (time, altitude).

    Returns
    -------
    ndarray
        bool, dims (time,).
    """
    good = file["profile_flag"].values == PROFILE_FLAGS["good"]
    return np.asarray(good & (file["mic_mask"] != MASK_FLAGS["no_data"]).any("altitude").values, dtype=bool)


def looked(data: Data, panel: str, first: float, last: float) -> None:
    """Make sure that the lidar observed on the night of a panel from one time to another (hours UT).

    Raises
    ------
    Unavailable
        If usable profiles fill less than half of that time.
    """
    night = data.night(panel)
    file = data.file(night)
    hours = hours_of_profiles(file, night)
    inside = usable(file) & (hours >= first) & (hours <= last)
    share = inside.sum() * profile_step(file) / (3600.0 * (last - first))
    if share < LEAST_COVERAGE:
        span = f"{clock_text(first)} to {clock_text(last)} UT"
        raise Unavailable(f"the lidar has too few usable profiles on {night} from {span}")


def looked_near(data: Data, panel: str, at: str, minutes: float) -> None:
    """Make sure that the lidar observed within some minutes of a time (UT); see `looked`."""
    hours = float(clock_hours(at))  # type: ignore[arg-type]
    looked(data, panel, hours - minutes / 60.0, hours + minutes / 60.0)


def reaches(data: Data, panel: str, altitude_km: float) -> None:
    """Make sure that the profiles of the night of a panel reach an altitude.

    Raises
    ------
    Unavailable
        If they end below it.
    """
    top = float(data.file(data.night(panel))["altitude"].max())
    if top < altitude_km:
        raise Unavailable(f"the profiles on {data.night(panel)} end at {top:.0f} km")


def observed_span(data: Data, panel: str) -> tuple[float, float]:
    """First and last usable profile of the night of a panel, hours UT.

    Raises
    ------
    Unavailable
        If no profile is usable.
    """
    night = data.night(panel)
    file = data.file(night)
    hours = hours_of_profiles(file, night)[usable(file)]
    if not hours.size:
        raise Unavailable(f"no usable profile on {night}")
    return float(hours.min()), float(hours.max())


def _least_density(data: Data, night: str, size: tuple[float, float]) -> float:
    """Mean density (cm-3) of a thing of some seconds and kilometres that stands out by `SIGMAS`.

    Raises
    ------
    Unavailable
        If the noise of the night is not known or leaves too much unseen.
    """
    floors = data.table("detect_nights", "night", "noise_floor_cm3").set_index("night")["noise_floor_cm3"]
    if night not in floors.index:
        raise Unavailable(f"the noise of {night} is not known")
    file = data.file(night)
    step_km = float(np.median(np.diff(file["altitude"].values)))
    cells = max(size[0] / profile_step(file), 1.0) * max(size[1] / step_km, 1.0)
    least = SIGMAS * float(floors[night]) / np.sqrt(cells)
    if not least <= ENOUGH_CM3:
        raise Unavailable(f"the noise of {night} hides what is thinner than {least:.0f} cm-3")
    return float(least)


def tells_stripes(data: Data, panel: str) -> None:
    """Make sure that profiles of the night of a panel are short enough to tell stripes and edges of clouds in time.

    Raises
    ------
    Unavailable
        If they are not.
    """
    night = data.night(panel)
    step = profile_step(data.file(night))
    if step > LONGEST_PROFILE_S:
        raise _too_long(step, f" on {night}")


def may_miss_stripes(data: Data, panel: str) -> str:
    """Why a stripe may have been missed on the night of a panel; empty where its profiles are short enough."""
    step = profile_step(data.file(data.night(panel)))
    return f"profiles of {step:.0f} s may miss a stripe" if step > COARSE_PROFILE_S else ""


def nights_that_tell_stripes(data: Data, *columns: str) -> pd.DataFrame:
    """Nights whose profiles are short enough to tell stripes.

    Returns
    -------
    DataFrame
        their rows of detect/nights.csv, all columns.

    Raises
    ------
    Unavailable
        If a column is missing, or the profiles of all nights are too long.
    """
    nights = data.table("detect_nights", "profile_seconds", *columns)
    fine = nights[nights["profile_seconds"] <= LONGEST_PROFILE_S]
    if len(nights) and fine.empty:
        raise _too_long(nights["profile_seconds"].median())
    return fine


def _too_long(profile_s: float, when: str = "") -> Unavailable:
    return Unavailable(f"profiles of {profile_s:.0f} s{when} cannot show a stripe of a minute")


def no_stripe(data: Data, panel: str, sought: str) -> NotFound:
    """The result of a search for stripes on the night of a panel that found none.

    Raises
    ------
    Unavailable
        If profiles are too long or too noisy to show one.
    """
    night = data.night(panel)
    tells_stripes(data, panel)
    return NotFound(sought, _least_density(data, night, STRIPE_SIZE), "cm-3")


def no_cloud(data: Data, panel: str, sought: str) -> NotFound:
    """The result of a search for clouds on the night of a panel that found none.

    Raises
    ------
    Unavailable
        If the noise of the night is not known or too large.
    """
    return NotFound(sought, _least_density(data, data.night(panel), CLOUD_SIZE), "cm-3")
