"""Counts or density, cm-3 or m-3, and what became of negative values."""

from __future__ import annotations

import re
import warnings

import numpy as np

from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence import missing
from metalclouds.ingest.evidence.plausible import layer_bounds


def without_missing(values: np.ndarray, context: Context) -> np.ndarray:
    """Values as floats, NaN for the catalogue's missing value or for numbers that stand for one."""
    out = values.astype("float32" if values.dtype.kind == "f" and values.dtype.itemsize <= 4 else float)
    given = context.option("missing")
    if given is not None:
        out[np.isin(out, np.atleast_1d(given).astype(out.dtype))] = np.nan
        return out
    out, left = missing.without_missing(out)
    for number, count in left.items():
        context.decisions.record("missing", f"{number:g}", f"{count} of {out.size} values are exactly this")
    return out


def quantity(values: np.ndarray, words: str, units: str, context: Context) -> str:
    """photon_counts or number_density.

    Raises
    ------
    UndecidedError
        If neither words nor values tell.
    """
    option = context.option("quantity", ("photon_counts", "number_density"))
    if option is not None:
        return option
    said = f"{words} {units.lower()}"
    if re.search(r"count|photon", said):
        context.decisions.record("quantity", "photon_counts", "name or attributes")
        return "photon_counts"
    if re.search(r"dens|cm-3|cm\^-3|m-3|/cm3|per cubic|number", said):
        context.decisions.record("quantity", "number_density", "name or attributes")
        return "number_density"
    finite = values[np.isfinite(values)]
    if finite.size and ((finite < 0).any() or (finite != np.round(finite)).mean() > 0.05):
        context.decisions.record("quantity", "number_density", "values are negative or not whole numbers")
        return "number_density"
    raise context.undecided(
        "photon counts or density?",
        seen=f"whole numbers from {finite.min() if finite.size else '-'} to {finite.max() if finite.size else '-'}",
        lines=("quantity: photon_counts", "quantity: number_density"),
    )


def density_factor(density: np.ndarray, altitude_km: np.ndarray, units: str, context: Context) -> float:
    """Factor to cm-3, by the stated unit, else by the size of the main layer's peak.

    Parameters
    ----------
    density
        dims (time, altitude), NaN where missing.

    Raises
    ------
    UndecidedError
        If the peak fits neither unit, or both.
    """
    said = str(context.option("unit", ("cm-3", "m-3")) or _unit_word(units))
    if said:
        context.decisions.record("density unit", said, "said by the file or the catalogue")
        return 1.0 if said == "cm-3" else 1e-6
    lidar = context.settings.lidar
    inside = (altitude_km >= lidar.layer_bottom_km) & (altitude_km <= lidar.layer_top_km)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        mean = np.nanmean(density[:, inside], axis=0) if inside.any() else np.array([np.nan])
        peak = float(np.nanmax(mean))
    bounds = layer_bounds(str(context.option("species") or lidar.species), context.settings)
    least, most = (bounds.peak.low, bounds.peak.high) if bounds else (0.0, np.inf)
    fits = {"cm-3": least <= peak <= most, "m-3": least <= peak * 1e-6 <= most}
    if sum(fits.values()) != 1:
        raise context.undecided(
            "density in cm-3 or m-3?",
            seen=f"mean peak of the main layer {peak:.3g}",
            lines=("unit: cm-3", "unit: m-3"),
        )
    unit = "cm-3" if fits["cm-3"] else "m-3"
    context.decisions.record(
        "density unit",
        unit,
        f"mean peak of the main layer is {peak:.3g}, in cm-3 it lies within {least:g} to {most:g}",
    )
    return 1.0 if unit == "cm-3" else 1e-6


def _unit_word(units: str) -> str:
    text = units.lower().replace(" ", "")
    if re.search(r"cm-3|cm\^-?\{?-?3|/cm\^?3|cm\*\*-3", text):
        return "cm-3"
    return "m-3" if re.search(r"(^|[^c])m-3|(^|[^c])m\^-3|/m\^?3|(^|[^c])m\*\*-3", text) else ""


def negatives(values: np.ndarray) -> tuple[str, str]:
    """Fate of the negative half of the noise: kept, lost_nan or lost_zero, and the evidence."""
    finite = np.isfinite(values)
    if (values[finite] < 0).any():
        return "kept", f"{100 * float((values[finite] < 0).mean()):.1f} % of the values are negative"
    zero = float((values[finite] == 0).mean()) if finite.any() else 0.0
    if zero > 0.1 and zero > 1 - float(finite.mean()):
        return "lost_zero", f"no value is negative and {100 * zero:.1f} % are exactly 0"
    return "lost_nan", f"no value is negative and {100 * (1 - float(finite.mean())):.1f} % are missing"
