"""Where stripes run into the main layer, and the maxima of that layer, from n(t, z) (S3, S10, S12, L7, L9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from metalclouds.claims.measures.observation import looked
from metalclouds.claims.measures.stripes import pair_near, stripe_keys
from metalclouds.claims.model import Data, Measurement, NotFound, Result, Unavailable, clock_hours
from metalclouds.claims.statistics import difference_of_shares, hours_of, median, normal_half_width, share

# A stripe runs into the layer if its line stands out down to this altitude: within the lower band (km).
REACHES_KM = 120.0
# From how many errors a peak counts.
SIGMAS = 3.0
# A maximum counts if it stands out by this much (cm-3): a hundredth of the main layer.
LEAST_PROMINENCE_CM3 = 5.0


def _feet(data: Data, quantity: str, panel: str | None) -> pd.DataFrame:
    """Stripes (of the night of a panel) that run into the layer, with the ratio of a quantity below to above.

    Raises
    ------
    Unavailable
        If there is none.
    """
    columns = ("night", "lowest_km", "upper_density_cm3", "upper_error_cm3", "lower_density_cm3", "lower_error_cm3")
    names = [f"{side}_{quantity}" for side in ("upper", "lower")]
    table = data.table("stripe_feet", *columns, *names)
    if panel is not None:
        table = table[table["night"] == data.night(panel)]
    seen = table["upper_density_cm3"] > SIGMAS * table["upper_error_cm3"]
    table = table[seen & (table["lowest_km"] <= REACHES_KM)]
    if table.empty:
        where = "the case nights" if panel is None else data.night(panel)
        raise Unavailable(f"no stripe of {where} can be followed through 113-150 km in n(t, z)")
    return table.assign(ratio=table[names[1]] / table[names[0]])


def foot_ratio(data: Data, quantity: str) -> Measurement:
    """Median over the stripes of the case nights of a quantity at 113-125 km over that at 135-150 km.

    Parameters
    ----------
    quantity
        `density_cm3` (peak over its surroundings) or `width_s` (full width at half of it).
    """
    table = _feet(data, quantity, None)
    upper, lower = (table[f"{side}_{quantity}"].median() for side in ("upper", "lower"))
    found = median(table["ratio"].to_numpy(dtype=float), data)
    return Measurement(found.value, found.low, found.high, found.n, remark=f"{upper:.3g} to {lower:.3g}")


def foot_ratio_on(data: Data, quantity: str, panel: str) -> Measurement:
    """The same as the mean over the stripes of one night, with the larger of their scatter and their errors."""
    table = _feet(data, quantity, panel)
    ratio = table["ratio"].to_numpy(dtype=float)
    relative = np.hypot(
        table["upper_error_cm3"] / table["upper_density_cm3"], table["lower_error_cm3"] / table["lower_density_cm3"]
    )
    error = float(np.sqrt(np.sum((ratio * relative.to_numpy(dtype=float)) ** 2)) / len(ratio))
    scatter = float(np.std(ratio, ddof=1) / np.sqrt(len(ratio))) if len(ratio) > 1 else 0.0
    half = normal_half_width(data.settings.confidence) * max(error, scatter)
    value = float(ratio.mean())
    return Measurement(value, value - half, value + half, n=len(ratio))


def densest_foot(data: Data) -> Measurement:
    """Median altitude (km) of the largest excess of the stripes that run into the layer."""
    table = _feet(data, "density_cm3", None)
    return median(table["densest_km"].to_numpy(dtype=float), data)


def abrupt_share(data: Data) -> Measurement:
    """Share of the stripes that run into the layer whose density rises with a break rather than smoothly.

    Two straight lines of ln(density) that meet at any altitude, against a parabola (derive/stripe_feet.csv).
    """
    gain = _feet(data, "density_cm3", None)["break_gain"].dropna()
    return share(int((gain > 0.0).sum()), len(gain), data.settings.confidence)


def break_altitude(data: Data) -> Measurement:
    """Median altitude (km) of the breaks of the stripes that have one.

    Raises
    ------
    Unavailable
        If none has: that there is none is `abrupt_share`'s to say.
    """
    table = _feet(data, "density_cm3", None)
    breaks = table.loc[table["break_gain"] > 0.0, "break_km"].dropna()
    if breaks.empty:
        raise Unavailable("no stripe's rise has a break")
    return median(breaks.to_numpy(dtype=float), data)


def pair_foot(data: Data, panel: str, at: str, minutes: float, above_km: float, below_km: float) -> Measurement:
    """Mean of the lowest altitudes (km) down to which the two marked stripes stand out of n(t, z).

    Raises
    ------
    Unavailable
        If one of them does not stand out there.
    """
    pair = pair_near(data, panel, at, minutes, above_km, below_km)
    feet = data.table("stripe_feet", "night", "id", "lowest_km")
    lowest = feet.set_index(stripe_keys(feet))["lowest_km"].reindex(stripe_keys(pair)).dropna()
    if len(lowest) < 2:
        raise Unavailable("a marked stripe does not stand out of n(t, z) below 135 km")
    return Measurement(float(lowest.mean()), float(lowest.min()), float(lowest.max()), n=2)


def _maxima(data: Data, panel: str, first: float, last: float) -> pd.DataFrame:
    """Maxima of the layer on the night of a panel between two times (hours UT), with their `hours`.

    Raises
    ------
    Unavailable
        If the lidar did not look then.
    """
    looked(data, panel, first, last)
    columns = ("night", "time_utc", "altitude_km", "prominence_cm3", "error_cm3")
    table = data.rows_of("layer_maxima", panel, *columns[1:])
    table = table[table["prominence_cm3"] >= LEAST_PROMINENCE_CM3]
    table = table.assign(hours=hours_of(table["time_utc"], data.night(panel)))
    return table[(table["hours"] >= first) & (table["hours"] <= last)]


def _span(start: str, end: str, minutes: float) -> tuple[float, float]:
    first, last = (float(clock_hours(clock)) for clock in (start, end))  # type: ignore[arg-type]
    return first - minutes / 60.0, last + minutes / 60.0


def _layers(data: Data, panel: str, start: str, end: str, minutes: float) -> list[pd.Series]:
    """Altitudes (km) of the maxima of each averaged profile between two times (UT), give or take some minutes.

    Raises
    ------
    Unavailable
        If none is known.
    """
    table = _maxima(data, panel, *_span(start, end, minutes))
    if table.empty:
        raise Unavailable(f"no maximum of the main layer is known on {data.night(panel)} then")
    return [group["altitude_km"] for _, group in table.groupby("hours")]


def double_layer_gain(
    data: Data, panel: str, start: str, end: str, before: Sequence[str], bottom_km: float, top_km: float
) -> Measurement:
    """Share of the averaged profiles between two times (UT) with a second maximum, minus that at an earlier time.

    Parameters
    ----------
    before
        two times (UT): a layer that was there then is none that has come down.
    bottom_km, top_km
        where the upper of two maxima lies.
    """
    spans = ((start, end), (before[0], before[1]))
    counts, totals = [], []
    for span in spans:
        groups = _layers(data, panel, *span, 0.0)
        counts.append(sum(len(one) > 1 and bottom_km <= one.max() <= top_km for one in groups))
        totals.append(len(groups))
    found = difference_of_shares((counts[0], counts[1]), (totals[0], totals[1]), data.settings.confidence)
    return replace(found, remark=f"{counts[0]} of {totals[0]} and {counts[1]} of {totals[1]}")


def second_layer(data: Data, panel: str, start: str, end: str, minutes: float, top_km: float) -> Result:
    """Altitude (km) of the upper of two maxima of n(z) between two times (UT), give or take some minutes.

    The value is the median over the profiles averaged that show two.

    Parameters
    ----------
    top_km
        top of the main layer: a random second maximum would lie anywhere from the lower one up to it.
    """
    groups = _layers(data, panel, start, end, minutes)
    upper = [float(one.max()) for one in groups if len(one) > 1]
    if not upper:
        return NotFound("a second maximum of the layer", LEAST_PROMINENCE_CM3, "cm-3", len(groups))
    lower = float(np.median([float(one.min()) for one in groups if len(one) > 1]))
    span = (lower, max(top_km, *upper))
    return Measurement(float(np.median(upper)), min(upper), max(upper), n=len(upper), span=span)


def layer_until(
    data: Data, panel: str, start: str, end: str, bottom_km: float, top_km: float, gap_minutes: float
) -> Result:
    """Time (hours UT) until which a maximum of n(z) within a range of altitudes goes on from a time (UT).

    Parameters
    ----------
    end
        the lidar must have looked until then (UT): a random layer would end anywhere up to it.
    gap_minutes
        it has ended where it is not seen for longer than this.
    """
    first, last = _span(start, end, 0.0)
    looked(data, panel, first, first + gap_minutes / 60.0)
    table = _maxima(data, panel, first, last)
    inside = np.sort(table.loc[table["altitude_km"].between(bottom_km, top_km), "hours"].to_numpy(dtype=float))
    if not inside.size or (inside[0] - first) * 60.0 > gap_minutes:
        return NotFound(f"a maximum of the layer at {bottom_km:g}-{top_km:g} km", LEAST_PROMINENCE_CM3, "cm-3")
    breaks = np.flatnonzero(np.diff(inside) * 60.0 > gap_minutes)
    until = float(inside[breaks[0]] if breaks.size else inside[-1])
    # It ends between the last profiles averaged that show it and the next ones.
    step = (
        float(np.median(np.diff(np.unique(table["hours"])))) if table["hours"].nunique() > 1 else gap_minutes / 60.0
    )
    return Measurement(until + 0.5 * step, until, until + step, n=int(inside.size), span=(first, last))
