"""Shape and slant of the stripes (S1 to S10)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from metalclouds.claims.model import Data, Measurement, Unavailable
from metalclouds.claims.statistics import bootstrap, is_true, named_row, share

# beta.csv and stripes.csv give 68 % intervals; a verdict uses 95 %: twice the half-width, as for a normal error.
WIDEN = 2.0


def stripes_within(data: Data, bottom_km: float, top_km: float, margin_km: float) -> Measurement:
    """Share of stripes whose ends lie within a range of altitudes, give or take a margin."""
    table = data.table("detect_stripes")
    inside = (table["bottom_km"] >= bottom_km - margin_km) & (table["top_km"] <= top_km + margin_km)
    return share(int(inside.sum()), len(table), data.settings.confidence)


def length_percentile(data: Data, percentile: float) -> Measurement:
    """A percentile of the height of the stripes (km)."""
    table = data.table("detect_stripes")
    lengths = (table["top_km"] - table["bottom_km"]).to_numpy(dtype=float)
    return bootstrap(lengths, partial(np.percentile, q=percentile), data, "length", percentile)


def _slowness_steps(stripes: pd.DataFrame, gap_minutes: float) -> pd.DataFrame:
    """Difference of slowness and its error between each stripe of a night and the next."""
    ordered = stripes.sort_values("time_bottom")
    gap = ordered["time_bottom"].diff().dt.total_seconds() / 60.0
    step = ordered["slowness_s_per_km"].diff()
    sigma = np.sqrt((ordered["slowness_sigma_s_per_km"] ** 2).rolling(2).sum())
    return pd.DataFrame({"step": step, "sigma": sigma})[gap <= gap_minutes].dropna()


def parallel_neighbours(data: Data, gap_minutes: float, sigmas: float, smallest_s_per_km: float) -> Measurement:
    """Share of stripes that are parallel to the one before them on the same night.

    Two are parallel if their slownesses differ by less than `sigmas` standard errors of the difference, or by less
    than `smallest_s_per_km`. Stripes more than `gap_minutes` apart are not compared.
    """
    nights = [_slowness_steps(night, gap_minutes) for _, night in data.table("detect_stripes").groupby("night")]
    steps = pd.concat(nights)
    parallel = steps["step"].abs() <= np.maximum(sigmas * steps["sigma"], smallest_s_per_km)
    return share(int(parallel.sum()), len(steps), data.settings.confidence)


def step_at(data: Data, column: str, altitude_km: float, below_km: float, above_km: float) -> Measurement:
    """Median over stripes of a quantity just below an altitude over that just above it.

    The means are taken over `below_km` below and `above_km` above; stripes without both are left out.
    """
    table = data.table("detect_stripe_profiles")
    z = table["altitude_km"]
    keys = [table["night"], table["id"]]
    lower = table[column].where((z < altitude_km) & (z >= altitude_km - below_km)).groupby(keys).mean()
    upper = table[column].where((z >= altitude_km) & (z < altitude_km + above_km)).groupby(keys).mean()
    return bootstrap((lower / upper).to_numpy(), np.median, data, "step", column)


def _log_width_slope(profile: pd.DataFrame) -> float:
    """Weighted slope of ln(width) against altitude (per 100 km), NaN for fewer than three points."""
    good = profile[(profile["width_s"] > 0) & (profile["width_sigma_s"] > 0)]
    if len(good) < 3:
        return float("nan")
    weight = good["width_s"] / good["width_sigma_s"]
    return float(np.polyfit(good["altitude_km"], np.log(good["width_s"]), 1, w=weight)[0]) * 100.0


def width_trend(data: Data, panel: str, bottom_km: float) -> Measurement:
    """Median over the stripes of a night of the change of ln(width) in 100 km of altitude, above `bottom_km`."""
    table = data.rows_of("detect_stripe_profiles", panel)
    table = table[table["altitude_km"] >= bottom_km] if len(table) else table
    slopes = np.array([_log_width_slope(one) for _, one in table.groupby("id")], dtype=float)
    if np.isfinite(slopes).sum() < 3:
        raise Unavailable(f"fewer than three stripes with a width profile on {data.night(panel)}")
    return bootstrap(slopes, np.median, data, "width", panel)


def straight_stripes(data: Data, bend_over_width: float) -> Measurement:
    """Share of stripes that bend by less than a fraction of their width, of those where that can be told.

    The bend is the distance in time between the middle of the curve and its chord, curvature * height^2 / 4 with
    t = t0 + p z + curvature z^2. Stripes whose bend has a larger 95 % error than the limit are left out.
    """
    table = data.table("detect_stripes").dropna(subset=["curvature_s_per_km2", "width_s"])
    lever = (table["top_km"] - table["bottom_km"]) ** 2 / 4.0
    limit = bend_over_width * table["width_s"]
    told = WIDEN * table["curvature_sigma_s_per_km2"].fillna(np.inf) * lever <= limit
    straight = told & (table["curvature_s_per_km2"].abs() * lever <= limit)
    if not told.any():
        raise Unavailable("no stripe's curvature is known well enough")
    return share(int(straight.sum()), int(told.sum()), data.settings.confidence)


def nights_of_stripes(data: Data, signal_share: float) -> Measurement:
    """Share of the nights with Ca+ above 150 km on which stripes hold at least `signal_share` of the signal."""
    nights = data.table("detect_nights")
    held = nights.loc[is_true(nights["above_150"]), "stripe_signal_share"].dropna()
    return share(int((held >= signal_share).sum()), len(held), data.settings.confidence)


def _widened(row: pd.Series) -> Measurement:
    value = float(row["beta_deg"])
    low = max(0.0, value - WIDEN * (value - float(row["beta_low_deg"])))
    high = min(90.0, value + WIDEN * (float(row["beta_high_deg"]) - value))
    return Measurement(value, low, high, n=1, extra={"beta_kind": row["beta_kind"]})


def _betas(data: Data, kinds: Sequence[str] = ()) -> pd.DataFrame:
    table = data.table("beta").dropna(subset=["beta_deg", "beta_low_deg", "beta_high_deg"])
    table = table[table["beta_kind"].isin(kinds)] if kinds else table
    if table.empty:
        raise Unavailable("no stripe has both a slope and a wind (a zenith angle needs the wind at 250 km)")
    return table


def marked_beta(data: Data, order: int) -> Measurement:
    """Zenith angle of the first (0) or second (1) marked stripe, in order of time."""
    table = _betas(data)
    marked = table[is_true(table["marked"])]
    if len(marked) <= order:
        raise Unavailable(f"{len(marked)} of the two marked stripes have a slope and a wind")
    return _widened(marked.iloc[order])


def beta_within(data: Data, low_deg: float, high_deg: float) -> Measurement:
    """Share of zenith angles whose 95 % interval reaches into a range."""
    rows = [_widened(row) for _, row in _betas(data).iterrows()]
    inside = sum(row.low <= high_deg and row.high >= low_deg for row in rows)  # type: ignore[operator]
    return share(inside, len(rows), data.settings.confidence)


def extreme_beta(data: Data, largest: bool) -> Measurement:
    """The largest zenith angle of a resolved long stripe, or the smallest of all, with its interval."""
    table = _betas(data, ("value", "lower_limit") if largest else ())
    angles = table["beta_deg"].to_numpy()
    return _widened(table.iloc[angles.argmax() if largest else angles.argmin()])


def pair_row(data: Data, name: str) -> Measurement:
    """A row of derive/stripe_pair.csv: how the two marked stripes compare."""
    return named_row(data.table("stripe_pair"), name)


def stripe_end(data: Data, panel: str, column: str, longest: int) -> Measurement:
    """Median of an end (km) of the longest stripes of a night."""
    table = data.rows_of("detect_stripes", panel)
    if table.empty:
        return Measurement(float("nan"), n=0)
    order = (table["top_km"] - table["bottom_km"]).sort_values(ascending=False).index[:longest]
    return bootstrap(table.loc[order, column].to_numpy(dtype=float), np.median, data, "end", panel, column)


def layer_reaching_bottom(data: Data) -> Measurement:
    """Median lower end (km) of the stripes that reach the main layer."""
    table = data.table("detect_stripes")
    ends = table.loc[is_true(table["reaches_main_layer"]), "bottom_km"]
    return bootstrap(ends.to_numpy(dtype=float), np.median, data, "lower end")


def projection_spread(data: Data) -> Measurement:
    """Median difference (deg) between the zenith angle for the neutral wind and for the ions' drift along B."""
    table = _betas(data).dropna(subset=["beta_ion_deg"])
    difference = (table["beta_deg"] - table["beta_ion_deg"]).abs()
    return bootstrap(difference.to_numpy(dtype=float), np.median, data, "projection")
