"""The tables of a night from its analysis: stripes, their profiles, events, and the night's row."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from metalclouds.detect import events as eventing
from metalclouds.detect.core import Analysis
from metalclouds.detect.decide import stated
from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels as fitting
from metalclouds.detect.stripes.accept import width_of
from metalclouds.detect.stripes.groups import parallelism
from metalclouds.detect.stripes.model import FWHM, Rejection, Stripe, same_place
from metalclouds.physics.trail import NO_WIND
from metalclouds.schema.table import Table
from metalclouds.schema.tables import DETECT_NIGHTS, EVENTS, REJECTED, STRIPE_PROFILES, STRIPES
from metalclouds.schema.variables import PROFILE_FLAGS

KIND_OF_NIGHT = {eventing.DIRECT: "direct", eventing.DESCENDING: "descending"}


def utc(seconds: float, night: str) -> Any:
    """Time from seconds of the night; NaT from NaN."""
    if not np.isfinite(seconds):
        return pd.NaT
    return pd.Timestamp(np.datetime64(night, "us") + 1_000_000 * round(seconds))


def table(rows: list[dict], columns: Table) -> pd.DataFrame:
    """Rows with the columns of the contract; an empty one has the same columns.

    Returns
    -------
    DataFrame
        a row an entry.
    """
    if not rows:
        return columns.empty()
    return columns.ordered(pd.DataFrame({key: [row[key] for row in rows] for key in rows[0]}))


def is_resolved(stripe: Stripe, exposure: float) -> bool:
    """Whether the slant over the stripe's height exceeds an accumulation and twice its own error."""
    p, sigma = abs(float(stripe.theta[1])), math.sqrt(stripe.covariance[1, 1])
    return p * stripe.length > exposure and p > 2 * sigma


def stripe_row(stripe: Stripe, name: str, group: int, night: str, exposure: float, method: Method) -> dict:
    """One row of stripes.csv, without a wind."""
    sigma = np.sqrt(np.diag(stripe.covariance))
    width = FWHM * math.exp(stripe.theta[3])
    bottom, top = stripe.time_at(np.array(stripe.ends))
    missing = float("nan")
    return {
        "night": night, "id": name, "time_bottom": utc(bottom, night), "time_top": utc(top, night),
        "bottom_km": stripe.ends[0], "top_km": stripe.ends[1],
        "slowness_s_per_km": float(stripe.theta[1]), "slowness_sigma_s_per_km": float(sigma[1]),
        "width_s": width, "peak_density_cm3": peak_of_knots(stripe),
        "significance": stripe.significance, "group": group, "resolved": is_resolved(stripe, exposure),
        "wind_m_s": missing, "wind_sigma_m_s": missing, "beta_deg": missing, "beta_low_deg": missing,
        "beta_high_deg": missing, "beta_kind": NO_WIND,
        "bottom_sigma_km": math.hypot(stripe.ends_sigma[0], method.errors.edge_km),
        "top_sigma_km": math.hypot(stripe.ends_sigma[1], method.errors.edge_km),
        "width_sigma_s": width * math.hypot(float(sigma[3]), method.errors.width_share),
        **curvature(stripe),
        "reaches_main_layer": bool(stripe.ends[0] <= method.settings.reaches_main_layer_km),
    }  # fmt: skip


def peak_of_knots(stripe: Stripe) -> float:
    """Largest density (cm-3) along a stripe, its knots drawn to their mean by the share of noise in their spread.

    The largest of noisy numbers is too high. Where the knots differ by no more than their errors, the peak is their
    mean; where they differ by much more, the largest (empirical Bayes: Morris 1983, J. Am. Stat. Assoc. 78, 47).
    """
    knots = stripe.theta[fitting.FIRST_DENSITY :]
    variance = np.maximum(np.diag(stripe.covariance)[fitting.FIRST_DENSITY :], 1e-12)
    mean = float(np.average(knots, weights=1.0 / variance))
    if knots.size == 1:
        return mean
    between = max(float(((knots - mean) ** 2 - variance * (1.0 - 1.0 / knots.size)).sum()) / (knots.size - 1), 0.0)
    return float((mean + (knots - mean) * between / (between + variance)).max())


def curvature(stripe: Stripe) -> dict[str, float]:
    """q of t = t0 + p u + q (u^2 - <u^2>) and its error (s/km^2); NaN where it was not fitted."""
    if stripe.shape is None:
        return {"curvature_s_per_km2": float("nan"), "curvature_sigma_s_per_km2": float("nan")}
    theta, covariance = stripe.shape
    return {"curvature_s_per_km2": float(theta[2]), "curvature_sigma_s_per_km2": math.sqrt(covariance[2, 2])}


def along(stripe: Stripe, name: str, night: str, method: Method) -> dict[str, np.ndarray]:
    """Columns of width and peak density along a stripe, errors from the fit's covariance.

    Returns
    -------
    dict
        column of STRIPE_PROFILES -> values, dims (altitude,).
    """
    step = method.image.profile_step_km
    altitude = np.arange(math.ceil(stripe.ends[0] / step) * step, stripe.ends[1], step)
    if not altitude.size:
        altitude = np.array([stripe.middle])
    u = altitude - stripe.middle
    if stripe.shape is not None:
        stripe = replace(stripe, theta=stripe.shape[0], covariance=stripe.shape[1])
    cov = stripe.covariance
    relative = np.sqrt(np.maximum(cov[3, 3] + 2 * u * cov[3, 4] + u**2 * cov[4, 4], 0.0))
    width = FWHM * stripe.sigma_at(altitude)
    weights = knot_weights(altitude, stripe)
    part = cov[fitting.FIRST_DENSITY :, fitting.FIRST_DENSITY :]
    error = np.sqrt(np.maximum(((weights @ part) * weights).sum(axis=1), 0.0))
    return {
        "night": np.full(u.size, night, object), "id": np.full(u.size, name, object), "altitude_km": altitude,
        "width_s": width, "width_sigma_s": width * relative,
        "peak_density_cm3": stripe.density_at(altitude), "peak_density_sigma_cm3": error,
    }  # fmt: skip


def knot_weights(altitude: np.ndarray, stripe: Stripe) -> np.ndarray:
    """What each knot of the density counts at an altitude between the ends, (altitude, knot).

    Parameters
    ----------
    altitude
        km, dims (altitude,).

    Returns
    -------
    ndarray
        0 to 1.
    """
    knots = stripe.theta.size - fitting.FIRST_DENSITY
    place = (altitude - stripe.ends[0]) / stripe.length * (knots - 1)
    return np.clip(1.0 - np.abs(place[:, None] - np.arange(knots)), 0.0, 1.0)


def rejected_table(analysis: Analysis, night: str) -> pd.DataFrame:
    """Candidates that are no stripes, each with the rule that it does not keep, in order of time.

    Of several at one place the one that stands out most; none where a stripe was found in the end.

    Returns
    -------
    DataFrame
        table REJECTED.
    """
    rejected = analysis.patch.rejected if analysis.patch is not None else []
    usable = [one for one in rejected if np.isfinite(one.stripe.theta).all() and one.stripe.length > 0]
    taken, rows = list(analysis.stripes), []
    for one in sorted(usable, key=lambda one: -one.stripe.significance):
        if not any(_near(one.stripe, other, analysis.image.step) for other in taken):
            taken.append(one.stripe)
            rows.append(rejected_row(one, night))
    return table(sorted(rows, key=lambda row: row["time_middle"]), REJECTED)


def _near(one: Stripe, other: Stripe, step: float) -> bool:
    """Whether two lines are one: within a profile or half a width of each other over half of the shorter one."""
    reach = max(step, 0.5 * width_of(one), 0.5 * width_of(other))
    if abs(float(one.theta[0] - other.theta[0])) > reach + one.longest + other.longest:
        return False
    return same_place(one, other, reach)


def rejected_row(one: Rejection, night: str) -> dict:
    """One row of rejected.csv."""
    stripe = one.stripe
    return {
        "night": night, "time_middle": utc(float(stripe.theta[0]), night), "bottom_km": stripe.ends[0],
        "top_km": stripe.ends[1], "slowness_s_per_km": float(stripe.theta[1]), "width_s": width_of(stripe),
        "significance": stripe.significance, "rule": one.failure.rule, "value": one.failure.value,
        "limit": one.failure.limit,
    }  # fmt: skip


def event_row(event: eventing.Event, name: str, night: str) -> dict:
    """One row of events.csv."""
    return {
        "night": night, "event": name, "kind": event.kind, "start_utc": utc(event.start, night),
        "end_utc": utc(event.end, night), "bottom_km": event.bottom, "top_km": event.top,
        "start_altitude_km": event.start_altitude, "end_altitude_km": event.end_altitude,
        "descent_m_s": event.descent, "significance": event.significance, "p_false": stated(event.p_false),
        "peak_density_cm3": event.peak_density, "detached": event.detached,
    }  # fmt: skip


def stripe_tables(
    analysis: Analysis, numbers: list[int], night: str, method: Method
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """stripes and stripe_profiles of a night, from the number of each stripe's group.

    Returns
    -------
    tuple
        tables STRIPES (without wind) and STRIPE_PROFILES.
    """
    exposure = float(np.median(analysis.image.exposure))
    names = [f"{night}-{index + 1:03d}" for index in range(len(analysis.stripes))]
    rows = [
        stripe_row(stripe, name, group, night, exposure, method)
        for stripe, name, group in zip(analysis.stripes, names, numbers, strict=True)
    ]
    parts = [along(stripe, name, night, method) for stripe, name in zip(analysis.stripes, names, strict=True)]
    if not parts:
        return table([], STRIPES), STRIPE_PROFILES.empty()
    columns = pd.DataFrame({key: np.concatenate([part[key] for part in parts]) for key in parts[0]})
    return (
        table(rows, STRIPES),
        STRIPE_PROFILES.ordered(columns),
    )


def event_table(found: list[eventing.Event], night: str) -> pd.DataFrame:
    """events of a night, in order of time.

    Returns
    -------
    DataFrame
        table EVENTS.
    """
    ordered = sorted(found, key=lambda event: (event.start, event.kind))
    rows = [event_row(event, f"{night}-E{index + 1:02d}", night) for index, event in enumerate(ordered)]
    return table(rows, EVENTS)


def night_table(
    analysis: Analysis, numbers: list[int], found: list[eventing.Event], mask: np.ndarray, night: str,
    method: Method,
) -> pd.DataFrame:  # fmt: skip
    """The night's row; `numbers` are those of the stripes' groups.

    Parameters
    ----------
    mask
        of `schema.variables.MASK_FLAGS`, dims (row, slot).

    Returns
    -------
    DataFrame
        table DETECT_NIGHTS, one row.
    """
    good = analysis.flags == PROFILE_FLAGS["good"]
    present = analysis.image.source >= 0
    hours = float(analysis.image.exposure[good & present].sum()) / 3600.0
    above = analysis.above.p_false < method.settings.p_false
    share, share_sigma = stripe_share(analysis, mask)
    connection = min((e for e in found if e.kind in KIND_OF_NIGHT), key=lambda e: e.start, default=None)
    row = {
        "night": night, "observed": hours >= method.settings.observed_least_hours, "hours": hours,
        "above_150": above, "p_false": stated(analysis.above.p_false),
        "clear_200_300": analysis.clear.p_false < method.settings.p_false
        and analysis.clear.score > method.settings.clear_sigma,
        "p_false_clear": stated(analysis.clear.p_false),
        "connection_utc": utc(connection.start if connection else float("nan"), night),
        "connection_kind": KIND_OF_NIGHT[connection.kind] if connection else "none",
        **cloud_extent(analysis, mask, night, method),
        "stripes": len(analysis.stripes), "stripe_signal_share": share, "stripe_signal_share_sigma": share_sigma,
        "parallelism_s_per_km": parallelism(analysis.stripes, numbers),
        "noise_floor_cm3": noise_floor(analysis, method),
        "profiles": int(present.sum()), "profiles_bad": int((present & ~good).sum()),
        "profile_seconds": float(np.median(analysis.image.exposure[present])),
        "score_150": analysis.above.score, "score_200_300": analysis.clear.score,
    }  # fmt: skip
    return table([row], DETECT_NIGHTS)


def cloud_extent(analysis: Analysis, mask: np.ndarray, night: str, method: Method) -> dict:
    """Hours, start, end, bottom and top of what the mask holds above the main layer.

    Parameters
    ----------
    mask
        of `schema.variables.MASK_FLAGS`, dims (row, slot).
    """
    image = analysis.image
    start = image.rows_above(method.settings.main_layer_top_km)
    cells = (mask[start:] == 1) | (mask[start:] == 2)
    slots, rows = np.flatnonzero(cells.any(axis=0)), np.flatnonzero(cells.any(axis=1))
    missing = float("nan")
    if not slots.size:
        return {"cloud_hours": 0.0, "cloud_start_utc": pd.NaT, "cloud_end_utc": pd.NaT,
                "cloud_bottom_km": missing, "cloud_top_km": missing}  # fmt: skip
    half, edges = 0.5 * image.row_km, image.altitude[start + rows[[0, -1]]]
    return {
        "cloud_hours": float(image.exposure[slots].sum()) / 3600.0,
        "cloud_start_utc": utc(image.time[slots[0]] - 0.5 * image.exposure[slots[0]], night),
        "cloud_end_utc": utc(image.time[slots[-1]] + 0.5 * image.exposure[slots[-1]], night),
        "cloud_bottom_km": float(edges[0] - half), "cloud_top_km": float(edges[1] + half),
    }  # fmt: skip


def stripe_share(analysis: Analysis, mask: np.ndarray) -> tuple[float, float]:
    """Share of the signal above the main layer, inside the mask, that the fitted stripes hold; its error.

    Signal is the excess over the background in the cells of cloud or stripe, weighted with range squared so that
    it counts ions, not photons.

    Parameters
    ----------
    mask
        of `schema.variables.MASK_FLAGS`, dims (row, slot).
    """
    patch, first = analysis.patch, analysis.first_row
    inside = (mask[first:] == 1) | (mask[first:] == 2)
    if patch is None or not inside.any() or not analysis.stripes:
        return float("nan"), float("nan")
    from metalclouds.detect.stripes.model import model_of

    weight = np.where(inside & (patch.coefficient > 0), 1.0 / np.maximum(patch.coefficient, 1e-9), 0.0)
    mean = analysis.expected[first:]
    total = float(np.sum(weight * (patch.counts - mean)))
    striped = float(np.sum(weight * model_of(analysis.stripes, patch)))
    sigma = math.sqrt(float(np.sum(weight**2 * np.maximum(patch.counts, 1.0))))
    if total <= 3 * sigma:
        return float("nan"), float("nan")
    return striped / total, striped / total * sigma / total


def noise_floor(analysis: Analysis, method: Method) -> float:
    """Density (cm-3) at 250 km that a cell of the coarse image shows with one standard deviation; night median."""
    image = analysis.image
    with np.errstate(invalid="ignore", divide="ignore"):
        number = np.nanmedian(image.bins.max(axis=0))
        sigma = np.sqrt(analysis.background / number)
        growth = np.interp(method.image.noise_floor_altitude_km, image.altitude, image.square_km2 / image.range_km**2)
        floor = image.gain * (method.image.noise_floor_altitude_km) ** 2 * growth * sigma
    return float(np.nanmedian(floor)) if np.isfinite(floor).any() else float("nan")
