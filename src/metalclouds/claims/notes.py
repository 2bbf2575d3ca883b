"""Inconsistencies in the paper, computed from definitions or from the data of the run.

Each check returns (values, sentence). Expected numbers stand in config/claims.yaml as part of the statement only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from metalclouds.claims.measures.atmosphere import altitude_of_rise, density_factor
from metalclouds.claims.measures.observation import profile_step
from metalclouds.claims.measures.sporadic_e import es_altitudes_within, sounding_step, spread_f_more_with_clouds
from metalclouds.claims.model import Data, NotFound, PaperNote, Unavailable, clock_hours
from metalclouds.claims.statistics import hours_of
from metalclouds.constants import EARTH_RADIUS_KM, ELECTRONS_PER_M2_PER_TECU, MAGNETIC_DIP_DEG
from metalclouds.schema.table import is_true

Check = tuple[list[float], str]

# Atoms of Na, Mg, Al, Si, Ca, Fe and Ni for each of Ca in CI chondrites (Lodders 2003, ApJ 591, 1220: per 1e6 Si
# 5.7e4, 1.03e6, 8.3e4, 1e6, 6.0e4, 8.5e5, 4.8e4), taken for the ions of meteoric metal.
ALL_METALS_OVER_CALCIUM = 52.0


def panel_date(data: Data, dates: Sequence[str], time: str, within_minutes: float) -> Check:
    """Which of some nights has a stripe that reaches the main layer near a time."""
    events = data.table("detect_events")
    events = events[events["kind"] == "direct_connection"]
    words, counts = [], []
    for date in dates:
        own = events[events["night"] == date]
        near = (hours_of(own["start_utc"], date) - clock_hours(time)).abs() * 60.0  # type: ignore[operator]
        count = int((near <= within_minutes).sum())
        counts.append(float(count))
        seen = f"{count} connection{'' if count == 1 else 's'}" if date in data.observed_nights else "not observed"
        words.append(f"{date}: {seen}")
    return counts, f"Direct connections within {within_minutes:g} min of {time} UT: " + "; ".join(words) + "."


def years_of_month(data: Data, first: str, last: str) -> Check:
    """In how many years June-October and the other months can be sampled, and the nights of this run."""
    months = [str(month) for month in np.arange(np.datetime64(first), np.datetime64(last) + 1)]
    summer = sum(month[5:] == "06" for month in months)
    winter = sum(month[5:] == "01" for month in months)
    nights = data.table("nights")
    dates = nights.loc[is_true(nights["observed"]), "night"]
    in_summer = int(dates.str[5:7].isin(["06", "07", "08", "09", "10"]).sum())
    sentence = f"{summer} and {winter} years; of {len(dates)} nights in these data {in_summer} fall in June-October."
    return [float(summer), float(winter)], sentence


def poleward_wind_for_descent(data: Data, height_km: float, hours: float) -> Check:
    """Northward wind that makes ions descend along the field: w = -U sin I cos I (science of intermediate layers)."""
    descent = height_km * 1000.0 / (hours * 3600.0)
    dip = math.radians(MAGNETIC_DIP_DEG)
    wind = descent / (math.sin(dip) * math.cos(dip))
    return [
        wind
    ], f"{descent:.0f} m/s of descent take {wind:.0f} m/s of poleward wind at a dip of {MAGNETIC_DIP_DEG}°."


def strip_area(data: Data, north: float, south: float, width_km: float) -> Check:
    """Area of a meridional strip on the sphere of the Earth."""
    length = math.radians(north - south) * EARTH_RADIUS_KM
    area = length * width_km
    return [area], f"{length:.0f} km long: {float(f'{area:.2g}'):,.0f} km² at a width of {width_km:g} km."


def slope_for_beta(data: Data, beta_deg: float, wind_m_s: float) -> Check:
    """v_c = v / tan(beta), the paper's own relation, in km/s."""
    slope = wind_m_s / math.tan(math.radians(beta_deg)) / 1000.0
    return [slope], f"v_c = {slope:.1f} km/s; 150 km take {150.0 / slope:.0f} s."


def unresolved_beta(data: Data, wind_m_s: float, profile_s: float, heights_km: Sequence[float]) -> Check:
    """Largest zenith angle whose slant stays within one profile: tan(beta) = v T / H."""
    limits = [math.degrees(math.atan(wind_m_s * profile_s / 1000.0 / height)) for height in heights_km]
    pairs = ", ".join(f"{limit:.2f}° for {height:g} km" for limit, height in zip(limits, heights_km, strict=True))
    return limits, f"At {wind_m_s:g} m/s: {pairs}."


def density_rise(data: Data, factor: float, from_km: float, to_km: float) -> Check:
    """Altitude at which a factor of neutral density is reached, and the factor at another altitude."""
    found = altitude_of_rise(data, factor, from_km)
    if isinstance(found, NotFound):
        raise Unavailable(f"the density profile does not rise by a factor of {factor:g}")
    altitude = found.value
    at = density_factor(data, from_km, to_km).value
    sentence = (
        f"{factor:g} times the density at {from_km:g} km: at {altitude:.1f} km; at {to_km:g} km: {at:.1f} times."
    )
    return [altitude, at], sentence


def printed_share(data: Data, count: int, total: int) -> Check:
    """A share from printed numbers beside that of these data."""
    nights = data.table("nights")
    nights = nights[is_true(nights["observed"])]
    if nights.empty:
        raise Unavailable("no night of these data counts as observed")
    found = int(is_true(nights["above_150"]).sum())
    own = found / len(nights)
    return [
        count / total,
        own,
    ], f"{count} of {total} is {count / total:.0%}; these data: {found} of {len(nights)}, {own:.0%}."


def tec_of_ions(data: Data, density_cm3: float, height_km: float) -> Check:
    """Electron content that balances a column of ions."""
    calcium = density_cm3 * 1e6 * height_km * 1e3 / ELECTRONS_PER_M2_PER_TECU
    metals = calcium * ALL_METALS_OVER_CALCIUM
    return [calcium, metals], f"{calcium:.4f} TECU of Ca+, about {metals:.2f} TECU with all meteoric ions."


def span_difference(data: Data, first_deg: float, second_deg: float, wind_m_s: float, height_km: float) -> Check:
    """Difference of the time spans of two stripes of the same height: H (tan b1 - tan b2) / v."""
    tangents = math.tan(math.radians(first_deg)) - math.tan(math.radians(second_deg))
    seconds = abs(tangents) * height_km * 1000.0 / wind_m_s
    return [seconds], f"The time spans differ by {seconds:.0f} s."


def es_heights(data: Data, bottom_km: float, top_km: float) -> Check:
    """Share of the virtual heights of Es on the case nights that lie in a range."""
    found = es_altitudes_within(data, bottom_km, top_km)
    return [found.value], f"{found.value:.0%} of {found.n} virtual heights lie within {bottom_km:g}-{top_km:g} km."


def samplings(data: Data) -> Check:
    """Median steps of the case nights: profiles (s), soundings (min), TEC (min), winds (h).

    Raises
    ------
    Unavailable
        If an instrument is not among the data.
    """
    if not data.masks:
        raise Unavailable("no case night was observed")
    profiles = float(np.median([profile_step(file) for file in data.masks.values()]))
    soundings = sounding_step(data).value
    tec = data.table("tec_series", "night", "time_utc", "method").drop_duplicates(["night", "time_utc"])
    steps = tec.sort_values("time_utc").groupby("night")["time_utc"].diff().dropna()
    tec_minutes = float(steps.median() / np.timedelta64(60, "s"))
    winds = float(data.table("wind_steps", "hours")["hours"].median())
    values = [profiles, soundings, tec_minutes, winds]
    words = "profiles every {:.0f} s, soundings every {:.0f} min, TEC every {:.2g} min, winds every {:.2g} h"
    return values, f"These data: {words.format(*values)}."


def spread_f_difference(data: Data, above_km: float, within_minutes: float) -> Check:
    """Share of soundings with spread F with clouds minus that without, on the case nights."""
    found = spread_f_more_with_clouds(data, above_km, within_minutes)
    return [found.value], f"{found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f}), n = {found.n} soundings."


CHECKS: dict[str, Callable[..., Check]] = {
    function.__name__: function
    for function in (
        panel_date, years_of_month, poleward_wind_for_descent, strip_area, slope_for_beta, unresolved_beta,
        density_rise, printed_share, es_heights, tec_of_ions, span_difference, spread_f_difference, samplings,
    )
}  # fmt: skip


def check(note: PaperNote, data: Data) -> dict[str, Any]:
    """A note with what was computed for it, as it stands in notes.json."""
    entry: dict[str, Any] = {
        "id": note.id, "statement": note.statement.strip(), "lines": list(note.lines), "unit": note.unit,
        "values": [], "computed": "", "checked": bool(note.check),
    }  # fmt: skip
    if not note.check:
        return entry
    try:
        values, sentence = CHECKS[note.check](data, **note.arguments)
    except Unavailable as error:
        return entry | {"computed": f"Not checked in this run: {error}.", "checked": False}
    return entry | {"values": [float(f"{value:.10g}") for value in values], "computed": sentence}
