"""Numbers of a stripe in words, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from metalclouds.schema.words import decimals

NOT_BOUNDED = "error not bounded"


def slowness(row: pd.Series) -> str:
    """Slowness with its standard error, s/km: "−2.91 ± 0.10".

    Parameters
    ----------
    row
        a row of STRIPES.
    """
    return f"{row['slowness_s_per_km']:.2f} ± {row['slowness_sigma_s_per_km']:.2f}".replace("-", "−")


def width(row: pd.Series) -> str:
    """Full width at half maximum with its standard error, s: "116 ± 3".

    Parameters
    ----------
    row
        a row of STRIPES.
    """
    value, error = row["width_s"], row["width_sigma_s"]
    if pd.isna(value):
        return "–"
    return f"{value:.0f}" + ("" if pd.isna(error) else f" ± {error:.0f}")


def peak(row: pd.Series, errors: Mapping[str, float]) -> str:
    """Largest density along a stripe with its standard error, cm-3: "66 ± 4"; "97 (error not bounded)".

    Parameters
    ----------
    row
        a row of STRIPES.
    errors
        of `peak_errors`. An error as large as the density itself does not bound it: the fit along the stripe leaves
        the density open there.
    """
    value, error = float(row["peak_density_cm3"]), errors.get(str(row["id"]), float("nan"))
    places = decimals(error)
    if pd.isna(value) or places is None:
        return two_digits(value)
    if error >= value:
        return f"{two_digits(value)} ({NOT_BOUNDED})"
    shown = [f"{round(one, places):.{max(places, 0)}f}" for one in (value, error)]
    return " ± ".join(shown)


def peak_errors(profiles: pd.DataFrame) -> dict[str, float]:
    """Standard error (cm-3) of the largest density along each stripe.

    Parameters
    ----------
    profiles
        table STRIPE_PROFILES.
    """
    last = profiles.dropna(subset=["peak_density_cm3"]).sort_values("peak_density_cm3").groupby("id").tail(1)
    return {str(one): float(error) for one, error in zip(last["id"], last["peak_density_sigma_cm3"], strict=True)}


def two_digits(value: float) -> str:
    """A number to two digits, as its error, of some per cent or more, allows: 32.63 is 33."""
    return "–" if pd.isna(value) else f"{float(f'{float(value):.2g}'):g}"
