"""Shape of the stripes, and the two that Figure 5 marks (S1 to S10)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.claims.measures.observation import nights_that_tell_stripes, no_stripe
from metalclouds.claims.model import Data, Measurement, Result, Unavailable, clock_hours, with_values
from metalclouds.claims.statistics import median, normal_half_width, quantile, share
from metalclouds.schema.table import is_true

# Of a curvature that decides anything: 95 % of a normal error, in standard errors.
TOLD_SIGMAS = 2.0


def stripes_below(data: Data, top_km: float, margin_km: float) -> Measurement:
    """Share of stripes that end below an altitude, give or take a margin."""
    tops = data.table("detect_stripes", "top_km")["top_km"]
    return share(int((tops <= top_km + margin_km).sum()), len(tops), data.settings.confidence)


def end_percentile(data: Data, end: str, percentile: float) -> Measurement:
    """A percentile of the altitude (km) of an end, `bottom` or `top`, of the stripes."""
    ends = data.table("detect_stripes", f"{end}_km")[f"{end}_km"]
    return quantile(ends.to_numpy(dtype=float), percentile / 100.0, data)


def length_percentile(data: Data, percentile: float) -> Measurement:
    """A percentile of the height of the stripes (km)."""
    table = data.table("detect_stripes", "bottom_km", "top_km")
    lengths = (table["top_km"] - table["bottom_km"]).to_numpy(dtype=float)
    return quantile(lengths, percentile / 100.0, data)


STEP_COLUMNS = ("night", "time_bottom", "slowness_s_per_km", "slowness_sigma_s_per_km")


def _slowness_steps(stripes: pd.DataFrame, gap_minutes: float) -> pd.DataFrame:
    """Difference of slowness and its error between each stripe and the one before it on the same night."""
    ordered = stripes.sort_values(["night", "time_bottom"])
    gap = ordered["time_bottom"].diff().dt.total_seconds() / 60.0
    step = ordered["slowness_s_per_km"].diff()
    sigma = np.sqrt((ordered["slowness_sigma_s_per_km"] ** 2).rolling(2).sum())
    same_night = ordered["night"] == ordered["night"].shift()
    steps = pd.DataFrame({"night": ordered["night"], "step": step, "sigma": sigma})
    return steps[same_night & (gap <= gap_minutes)].dropna()


def _random_steps(stripes: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """The same for each stripe and one drawn from the other nights."""
    nights = stripes["night"].to_numpy()
    partner = generator.integers(0, len(stripes), len(stripes))
    other = nights != nights[partner]
    slowness, sigma = (stripes[name].to_numpy(dtype=float) for name in STEP_COLUMNS[2:])
    step, error = slowness - slowness[partner], np.hypot(sigma, sigma[partner])
    return pd.DataFrame({"night": nights, "step": step, "sigma": error})[other]


def _parallel(steps: pd.DataFrame, sigmas: float, smallest_s_per_km: float) -> pd.Series:
    return steps["step"].abs() <= np.maximum(sigmas * steps["sigma"], smallest_s_per_km)


def parallel_neighbours(data: Data, gap_minutes: float, sigmas: float, smallest_s_per_km: float) -> Measurement:
    """Share of stripes that are parallel to the one before them, if larger than among pairs of different nights.

    Two are parallel if their slownesses differ by less than `sigmas` standard errors of the difference, or by less
    than `smallest_s_per_km`. Stripes more than `gap_minutes` apart are not compared. Steep stripes are alike on all
    nights: a share that is not surely larger than that of pairs of different nights cannot agree, and what is surely
    less than half differs all the same. Intervals come from drawing nights anew.

    Raises
    ------
    Unavailable
        If fewer than three nights have stripes that follow each other, all profiles are too long to tell them, or
        stripes of different nights are as often parallel.
    """
    table = data.table("detect_stripes", *STEP_COLUMNS)
    table = table[table["night"].isin(nights_that_tell_stripes(data, "night")["night"])]
    steps = _slowness_steps(table, gap_minutes)
    generator = data.generator("parallel")
    random = _random_steps(table, generator)
    own, other = (
        pd.DataFrame({"night": one["night"], "parallel": _parallel(one, sigmas, smallest_s_per_km)})
        for one in (steps, random)
    )
    pairs = own.groupby("night")["parallel"].agg(["sum", "size"])
    if len(pairs) < 3 or other.empty:
        raise Unavailable("fewer than three nights have stripes that follow each other")
    chance = other.groupby("night")["parallel"].agg(["sum", "size"]).reindex(pairs.index, fill_value=0)
    picks = generator.integers(0, len(pairs), (min(data.settings.draws, 1000), len(pairs)))
    sums = [
        table_[name].to_numpy(dtype=float)[picks].sum(axis=1)
        for table_ in (pairs, chance)
        for name in ("sum", "size")
    ]
    drawn = sums[0] / sums[1], sums[0] / sums[1] - sums[2] / np.maximum(sums[3], 1.0)
    tail = 50.0 * (1.0 - data.settings.confidence)
    (low, high), (least_gain, _) = (np.percentile(one, [tail, 100.0 - tail]) for one in drawn)
    share_own, share_other = float(own["parallel"].mean()), float(other["parallel"].mean())
    if least_gain <= 0.0 and high >= 0.5:
        raise Unavailable(
            f"{share_own:.2f} of neighbours are parallel, and {share_other:.2f} of stripes of different nights: "
            "steep stripes are alike on all nights"
        )
    remark = f"{share_other:.2f} of pairs of different nights"
    return Measurement(share_own, min(float(low), share_own), max(float(high), share_own), n=len(own), remark=remark)


def unlike_neighbours(
    data: Data, panel: str, gap_minutes: float, sigmas_apart: float, smallest_s_per_km: float
) -> Measurement:
    """Number of stripes of a night that are surely not parallel to the one before them.

    Their slownesses differ by more than `sigmas_apart` standard errors and more than `smallest_s_per_km`.
    """
    table = data.rows_of("detect_stripes", panel, *STEP_COLUMNS[1:])
    steps = _slowness_steps(table, gap_minutes) if len(table) else table
    if steps.empty:
        raise Unavailable(f"no two stripes that follow each other on {data.night(panel)}")
    unlike = steps["step"].abs() > np.maximum(sigmas_apart * steps["sigma"], smallest_s_per_km)
    return Measurement(float(unlike.sum()), n=len(steps))


def long_share(data: Data, longer_km: float) -> Measurement:
    """Share of the stripes that are taller than `longer_km`."""
    table = data.table("detect_stripes", "bottom_km", "top_km")
    return share(int((table["top_km"] - table["bottom_km"] > longer_km).sum()), len(table), data.settings.confidence)


def step_at(
    data: Data, column: str, altitude_km: float, below_km: float, above_km: float, panel: str | None = None
) -> Measurement:
    """Median over stripes (of a panel's night) of a quantity just below an altitude over that just above it.

    The means are taken over `below_km` below and `above_km` above; stripes without both are left out.
    """
    name = "detect_stripe_profiles"
    columns = ("night", "id", "altitude_km", column)
    table = data.rows_of(name, panel, *columns) if panel else data.table(name, *columns)
    z = table["altitude_km"]
    keys = [table["night"], table["id"]]
    lower = table[column].where((z < altitude_km) & (z >= altitude_km - below_km)).groupby(keys).mean()
    upper = table[column].where((z >= altitude_km) & (z < altitude_km + above_km)).groupby(keys).mean()
    return median((lower / upper).to_numpy(), data)


def _log_width_slopes(profiles: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Weighted slope of ln(width) against altitude (per 100 km) of each stripe with three or more points.

    Returns
    -------
    tuple
        slopes, and one over the square of their standard errors.
    """
    good = profiles[(profiles["width_s"] > 0) & (profiles["width_sigma_s"] > 0)]
    weight = (good["width_s"] / good["width_sigma_s"]) ** 2
    z, y = good["altitude_km"] / 100.0, np.log(good["width_s"])
    sums = pd.DataFrame({"n": 1.0, "w": weight, "z": weight * z, "y": weight * y, "zz": weight * z**2,
                         "zy": weight * z * y}).groupby(good["id"]).sum()  # fmt: skip
    lever = sums["w"] * sums["zz"] - sums["z"] ** 2
    slope = (sums["w"] * sums["zy"] - sums["z"] * sums["y"]) / lever
    good = (sums["n"] >= 3) & np.isfinite(slope) & (lever > 0)
    return slope[good].to_numpy(dtype=float), (lever / sums["w"])[good].to_numpy(dtype=float)


def width_trend(data: Data, panel: str, bottom_km: float, longer_km: float) -> Measurement:
    """Mean over the long stripes of a night of the change of ln(width) in 100 km of altitude, above `bottom_km`.

    Each stripe has the weight of its own error; the interval is that of Student's t, from their scatter where that is
    larger than their errors.

    Stripes of `longer_km` or less have no part in it, nor those too faint for a shape, which were fitted straight and
    of one width.

    Raises
    ------
    Unavailable
        If fewer than three are left.
    """
    stripes = data.rows_of("detect_stripes", panel, "id", "curvature_s_per_km2", "bottom_km", "top_km")
    shaped = stripes.loc[stripes["top_km"] - stripes["bottom_km"] > longer_km, "id"]
    table = data.rows_of("detect_stripe_profiles", panel, "id", "altitude_km", "width_s", "width_sigma_s")
    table = table[table["id"].isin(shaped)]
    slopes, weights = _log_width_slopes(table[table["altitude_km"] >= bottom_km])
    if slopes.size < 3:
        raise Unavailable(
            f"fewer than three stripes over {longer_km:g} km with a width profile on {data.night(panel)}"
        )
    value = float(np.average(slopes, weights=weights))
    excess = float(weights @ (slopes - value) ** 2) / (slopes.size - 1)
    error = float(np.sqrt(max(excess, 1.0) / weights.sum()))
    half = float(stats.t.ppf(0.5 + 0.5 * data.settings.confidence, slopes.size - 1)) * error
    return Measurement(value, value - half, value + half, n=int(slopes.size))


def straight_stripes(data: Data, bend_over_width: float) -> Measurement:
    """Share of stripes that bend by less than a fraction of their width, of those where that can be told.

    The bend is the distance in time between the middle of the curve and its chord, curvature * height^2 / 4 with
    t = t0 + p z + curvature z^2. Stripes whose bend has a larger 95 % error than the limit are left out.
    """
    table = data.table(
        "detect_stripes", "curvature_s_per_km2", "curvature_sigma_s_per_km2", "width_s", "bottom_km", "top_km"
    )
    lever = (table["top_km"] - table["bottom_km"]) ** 2 / 4.0
    limit = bend_over_width * table["width_s"]
    told = TOLD_SIGMAS * table["curvature_sigma_s_per_km2"] * lever <= limit
    straight = told & (table["curvature_s_per_km2"].abs() * lever <= limit)
    if not told.any():
        raise Unavailable("no stripe's curvature is known well enough")
    return share(int(straight.sum()), int(told.sum()), data.settings.confidence)


def nights_of_stripes(data: Data, signal_share: float) -> Measurement:
    """Share of the nights with Ca+ above 150 km on which stripes hold at least `signal_share` of the signal.

    A night without a single stripe has a share of 0, one whose share could not be told from noise is left out.

    Raises
    ------
    Unavailable
        If all profiles are too long to show a stripe of a minute, or no share is known.
    """
    fine = nights_that_tell_stripes(data, "above_150", "stripes")
    nights = with_values(fine[is_true(fine["above_150"])], "detect/nights.csv")
    if len(nights) and nights.loc[nights["stripes"] != 0, "stripe_signal_share"].isna().all():
        raise Unavailable("detect/nights.csv holds no stripe_signal_share")
    held = nights["stripe_signal_share"].where(nights["stripes"] != 0, 0.0).dropna()
    return share(int((held >= signal_share).sum()), len(held), data.settings.confidence)


PAIR = ("id", "time_bottom", "time_top", "bottom_km", "top_km")


def pair_near(data: Data, panel: str, at: str, minutes: float, above_km: float, below_km: float) -> pd.DataFrame:
    """The two tallest stripes of a night near a time (UT) that reach through two altitudes, in order of time.

    A stripe is near if an end of it is, or if it spans the time.

    Parameters
    ----------
    at
        HH:MM, UT.

    Returns
    -------
    DataFrame
        two rows of STRIPES.

    Raises
    ------
    Unavailable
        If there are fewer than two.
    """
    night = data.night(panel)
    table = data.rows_of("detect_stripes", panel, *PAIR)
    if len(table):
        ends = [_hours(table[name], night) - float(clock_hours(at)) for name in PAIR[1:3]]  # type: ignore[arg-type]
        near = np.minimum(ends[0].abs(), ends[1].abs()) * 60.0 <= minutes
        table = table[
            (near | (ends[0] * ends[1] < 0)) & (table["top_km"] >= above_km) & (table["bottom_km"] <= below_km)
        ]
    if len(table) < 2:
        raise Unavailable(f"{len(table)} of two tall stripes within {minutes:g} min of {at} UT on {night}")
    height = (table["top_km"] - table["bottom_km"]).sort_values(ascending=False, kind="stable")
    return table.loc[height.index[:2]].sort_values("time_bottom")


def _hours(times: pd.Series, night: str) -> pd.Series:
    return (pd.to_datetime(times) - pd.Timestamp(night)).dt.total_seconds() / 3600.0


def stripe_keys(stripes: pd.DataFrame) -> pd.MultiIndex:
    """Night and id of stripes, as text.

    Parameters
    ----------
    stripes
        table STRIPES.
    """
    return pd.MultiIndex.from_arrays([stripes["night"].astype(str), stripes["id"].astype(str)], names=["night", "id"])


def pair_end(data: Data, end: str, **pair: Any) -> Result:
    """Mean altitude (km) of an end, `bottom` or `top`, of the two marked stripes, with the fits' errors."""
    if data.rows_of("detect_stripes", str(pair["panel"])).empty:
        return no_stripe(data, str(pair["panel"]), "stripes")
    chosen = with_values(pair_near(data, **pair), "detect/stripes.csv", f"{end}_sigma_km")
    if len(chosen) < 2:
        raise Unavailable(f"the error of the {end} of a marked stripe is not known")
    value = float(chosen[f"{end}_km"].mean())
    error = float(np.sqrt((chosen[f"{end}_sigma_km"] ** 2).sum())) / len(chosen)
    half = normal_half_width(data.settings.confidence) * error
    return Measurement(value, value - half, value + half, n=len(chosen))


def layer_reaching_bottom(data: Data) -> Measurement:
    """Median lower end (km) of the stripes that reach the main layer."""
    table = data.table("detect_stripes", "reaches_main_layer", "bottom_km")
    ends = table.loc[is_true(table["reaches_main_layer"]), "bottom_km"]
    return median(ends.to_numpy(dtype=float), data)
