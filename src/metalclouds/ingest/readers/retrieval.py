"""Density from counts of a resonance lidar, normalised to Rayleigh scattering."""

from __future__ import annotations

import numpy as np

from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Context

# Solar and geomagnetic indices change the air at 30 km by less than 0.1 %; these are moderate values.
_F107, _AP = 100.0, 4.0


def air_density_cm3(
    moment: np.datetime64, altitude_km: np.ndarray | float, latitude: float, longitude: float
) -> np.ndarray:
    """Number density of air from NRLMSISE-00 (sum of the molecules and atoms; Picone et al. 2002).

    Parameters
    ----------
    moment
        UTC.
    altitude_km
        above sea level, dims (altitude,) or one.

    Returns
    -------
    ndarray
        cm-3, dims (altitude,).
    """
    import pymsis

    altitude = np.atleast_1d(np.asarray(altitude_km, float))
    state = np.asarray(pymsis.calculate(moment, longitude, latitude, altitude, _F107, _F107, [[_AP] * 7], version=0))
    return np.asarray(np.nansum(state.reshape(-1, 11)[:, 1:8], axis=1) * 1e-6)


# Altitudes at which the return of air is told, km.
_AIR_KM = (70.0, 80.0, 100.0)
# A background is the mean of this many km at the top of the profiles, where nothing is said.
_BACKGROUND_KM = 40.0


def _remedy(distance_km: np.ndarray, reference: bool) -> str:
    """The lines of a configuration by which the retrieval stays within the profiles."""
    top = float(np.floor(distance_km.max()))
    low = np.ceil(max(top - _BACKGROUND_KM, 0.5 * top))
    lines = f"ingest: {{lidar: {{retrieval_background_km: [{low:g}, {top - 1.0:g}]}}}}"
    own = "" if reference else ", and retrieval_reference_km where there are counts of air (15 to 60 km)"
    return (
        f"a file mine.yaml with the line\n         {lines}\n    (altitudes without resonance signal{own}), then "
        "--config mine.yaml; or, where the file has a calibration, options: {variables: {calibration_factor: NAME}}"
    )


def calibration(
    counts: np.ndarray, distance_km: np.ndarray, times: np.ndarray, context: Context
) -> dict[str, np.ndarray]:
    """Background and calibration of each profile by the resonance lidar equation, and the return of air.

    n(z) = (z^2/z_R^2) (sigma_Ray/sigma_eff) (N(z)-N_B)/(N(z_R)-N_B) n_air(z_R), so
    calibration_factor = (sigma_Ray/sigma_eff) n_air(z_R) / (z_R^2 (N(z_R)-N_B)), z from the station.
    By the same equation air of density n_air(z) is taken for a metal of (sigma_Ray/sigma_eff) n_air(z).

    Parameters
    ----------
    counts
        dims (time, altitude).
    distance_km
        height above the station.
    times
        UTC, datetime64, dims (time,).

    Returns
    -------
    dict
        background_counts, background_counts_error (counts in a bin), calibration_factor (cm-3 km-2), dims (time,);
        air_return_density (cm-3 of the metal), dims (altitude,).

    Raises
    ------
    ReadError
        If the profiles do not reach the reference or the background altitudes, or show no Rayleigh signal.
    """
    lidar, site = context.settings.lidar, context.site
    top, bottom = lidar.retrieval_background_km, lidar.retrieval_reference_km - site.altitude_km
    empty = (distance_km >= top[0]) & (distance_km <= top[1])
    near = np.abs(distance_km - bottom) <= 0.5
    if not empty.any() or not near.any():
        raise ReadError(
            "counts without calibration do not reach the altitudes of the retrieval",
            file=context.file,
            rule=f"{lidar.retrieval_reference_km:g} km and {top[0]:g} to {top[1]:g} km",
            given=f"{distance_km.min():g} to {distance_km.max():g} km",
            remedy=_remedy(distance_km, bool(near.any())),
        )
    background = counts[:, empty].mean(axis=1)
    signal = counts[:, near].mean(axis=1) - background
    if not (signal > 0).all():
        raise ReadError(
            "no Rayleigh signal at the reference altitude",
            file=context.file,
            given=f"{int((signal <= 0).sum())} profiles",
        )
    air = float(air_density_cm3(times[0], lidar.retrieval_reference_km, site.latitude, site.longitude)[0])
    ratio = lidar.rayleigh_backscatter_m2_sr / lidar.resonance_backscatter_m2_sr
    context.decisions.record(
        "calibration",
        f"Rayleigh at {lidar.retrieval_reference_km:g} km",
        f"the file has none; NRLMSISE-00 air {air:.4e} cm-3, cross sections {ratio:.4e}",
    )
    return {
        "background_counts": background,
        "background_counts_error": np.sqrt(background / int(empty.sum())),
        "calibration_factor": ratio * air / (bottom**2 * signal),
        "air_return_density": _air_return(ratio, distance_km + site.altitude_km, times[0], context),
    }


def _air_return(ratio: float, altitude_km: np.ndarray, moment: np.datetime64, context: Context) -> np.ndarray:
    """Density of the metal that the light scattered by air would be taken for, cm-3, dims (altitude,)."""
    site = context.site
    told = ratio * air_density_cm3(moment, np.array(_AIR_KM), site.latitude, site.longitude)
    context.decisions.record(
        "return of air",
        "taken off",
        "light that air scatters, as density of the metal: "
        + ", ".join(f"{one:.2g} cm-3 at {km:g} km" for one, km in zip(told, _AIR_KM, strict=True))
        + " (air of NRLMSISE-00; tides and waves move the air of a night by a tenth or so)",
    )
    return ratio * air_density_cm3(moment, altitude_km, site.latitude, site.longitude)
