"""Hourly horizontal wind of each emission, from looks along lines of sight or from components of the source."""

from __future__ import annotations

import numpy as np
import xarray as xr

from metalclouds.constants import FPI_EMISSION_ALTITUDE_KM
from metalclouds.errors import ReadError
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.settings import FpiSettings

# Samples further apart than this share of the step are not joined.
_WIDE = 0.75
# Winds of which fewer samples have both components are put together from looks to different sides.
_WHOLE_SHARE = 0.9
NAMES = ("eastward_wind", "northward_wind", "upward_wind")


def solve(
    azimuth: np.ndarray, elevation: np.ndarray, wind: np.ndarray, error: np.ndarray, horizontal_below: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wind vector of a group of looks, by weighted least squares.

    A look measures u sin(az) cos(el) + v cos(az) cos(el) + w sin(el). The vertical wind is solved for where the
    looks allow it, so that it does not enter the horizontal ones, and is given only where a look at the zenith
    measured it. Stated errors are widened by the square root of chi2 over the degrees of freedom where the looks
    scatter more than they say (Birge 1932, Phys. Rev. 40, 207).

    Parameters
    ----------
    azimuth, elevation
        degree; azimuth from north over east.
    wind, error
        m s-1 along the line of sight, positive away; an error that is NaN or 0 takes the median of the others, and
        where all are NaN the looks weigh the same and their scatter gives the errors.
    horizontal_below
        looks with a lower elevation measure the horizontal wind.

    Returns
    -------
    wind, error
        eastward, northward, upward; NaN where the looks do not determine it.
    """
    az, el = np.radians(azimuth), np.radians(elevation)
    design = np.stack([np.sin(az) * np.cos(el), np.cos(az) * np.cos(el), np.sin(el)], axis=1)
    value, sigma = np.full(3, np.nan), np.full(3, np.nan)
    oblique = elevation < horizontal_below
    for columns in ([0, 1, 2], [0, 1], [0], [1]):
        matrix = design[:, columns] if len(columns) == 3 else design[oblique][:, columns]
        rows = np.ones(len(wind), bool) if len(columns) == 3 else oblique
        if len(columns) == 1:
            rows, matrix = _along(design, columns[0], oblique)
        if len(matrix) >= len(columns) and len(matrix) and np.linalg.cond(matrix) < 100.0:
            solution, covariance = _least_squares(matrix, wind[rows], error[rows])
            open_ = np.isnan(value[columns])
            value[np.array(columns)[open_]] = solution[open_]
            sigma[np.array(columns)[open_]] = np.sqrt(np.diag(covariance))[open_]
            if len(columns) > 1:
                break
    if not (elevation >= horizontal_below).any():
        value[2] = sigma[2] = np.nan
    return value, sigma


def _along(design: np.ndarray, column: int, oblique: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Looks that measure one horizontal component alone."""
    rows = oblique & (np.abs(design[:, 1 - column]) < 0.1 * np.abs(design[:, column]))
    return rows, design[rows][:, [column]]


def _least_squares(matrix: np.ndarray, wind: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solution and covariance; without stated errors the scatter of the looks alone gives the covariance."""
    known = np.isfinite(error) & (error > 0)
    usual = float(np.median(error[known])) if known.any() else 1.0
    weight = 1.0 / np.where(known, error, usual) ** 2
    covariance = np.linalg.inv(matrix.T @ (matrix * weight[:, None]))
    solution = covariance @ (matrix.T @ (wind * weight))
    freedom = len(wind) - matrix.shape[1]
    scatter = float(np.sum(weight * (wind - matrix @ solution) ** 2)) / freedom if freedom > 0 else np.nan
    if known.any():
        return solution, covariance * np.nanmax([1.0, scatter])
    return solution, covariance * scatter


def usable_errors(wind: np.ndarray, error: np.ndarray, settings: FpiSettings, decisions: Decisions) -> np.ndarray:
    """Stated errors, or NaN for all where they follow the wind's own size.

    The error of a line position does not depend on the shift. Errors that are a share of the wind would give the
    smallest winds the largest weight, and draw every mean towards zero.

    Parameters
    ----------
    wind, error
        m/s, dims (look,).

    Returns
    -------
    ndarray
        m/s, dims (look,).
    """
    known = np.isfinite(wind) & np.isfinite(error) & (np.abs(wind) > 0) & (error > 0)
    if known.sum() < settings.fewest_looks_for_test:
        return error
    sizes, errors = np.log(np.abs(wind[known])), np.log(error[known])
    if np.ptp(errors) == 0 or np.ptp(sizes) == 0:
        return error
    alike = float(np.corrcoef(sizes, errors)[0, 1])
    if alike < settings.proportional_error_correlation:
        return error
    decisions.record(
        "stated errors",
        "not used; the scatter of the looks gives the errors",
        f"their logarithm follows that of the wind's size (correlation {alike:.2f}): they are shares, not errors",
    )
    return np.full_like(error, np.nan)


def night(parts: list[xr.Dataset], settings: FpiSettings, decisions: Decisions) -> xr.Dataset:
    """One night of ingest/fpi: looks and samples of all parts, by emission and full step of time.

    Parameters
    ----------
    parts
        what the readers gave: looks (`line_of_sight_wind`) or samples (components), m/s, times UTC.

    Returns
    -------
    Dataset
        dims (time, emission).

    Raises
    ------
    ReadError
        If no look is good.
    """
    looks = [part for part in parts if "line_of_sight_wind" in part]
    samples = [part for part in parts if "eastward_wind" in part]
    rows: dict[tuple[np.datetime64, float], np.ndarray] = {}
    altitudes: dict[float, list[float]] = {}
    if looks:
        _from_looks(_joined(looks, "look"), settings, decisions, rows, altitudes)
    if samples:
        _from_samples(_joined(samples, "sample"), settings, decisions, rows, altitudes)
    if not rows:
        raise ReadError("no good wind in the night", rule=f"quality at most {settings.worst_quality}")
    return _dataset(rows, altitudes, decisions)


def _joined(parts: list[xr.Dataset], dim: str) -> xr.Dataset:
    return parts[0] if len(parts) == 1 else xr.concat(parts, dim)


def _steps(times: np.ndarray, settings: FpiSettings) -> np.ndarray:
    """Middle of the step that each time lies in."""
    step = np.timedelta64(round(settings.step_minutes * 60), "s").astype("timedelta64[ns]")
    day = times.astype("datetime64[D]").astype("datetime64[ns]")
    return day + (times - day) // step * step + step // 2


def _from_looks(looks: xr.Dataset, settings: FpiSettings, decisions: Decisions, rows: dict, altitudes: dict) -> None:
    wind = looks["line_of_sight_wind"].values
    azimuth, elevation, altitude = (looks[name].values for name in ("azimuth", "elevation", "emission_altitude"))
    good = np.isfinite(wind) & np.isfinite(azimuth) & np.isfinite(elevation)
    good &= (looks["quality"].values <= settings.worst_quality) & ~np.isnat(looks["look_time"].values)
    decisions.record(
        "looks", f"{int(good.sum())} of {good.size} used", f"a wind, and quality at most {settings.worst_quality}"
    )
    steps = _steps(looks["look_time"].values, settings)
    wavelength = looks["wavelength"].values
    error = usable_errors(wind, looks["line_of_sight_wind_error"].values, settings, decisions)
    keys = sorted({(step, nm) for step, nm in zip(steps[good], wavelength[good], strict=True)})
    for step, nm in keys:
        mine = good & (steps == step) & (wavelength == nm)
        value, sigma = solve(
            azimuth[mine], elevation[mine], wind[mine], error[mine], settings.horizontal_elevation_deg
        )
        rows[step, nm] = np.concatenate([value, sigma])
        altitudes.setdefault(nm, []).extend(altitude[mine].tolist())


def _from_samples(
    samples: xr.Dataset, settings: FpiSettings, decisions: Decisions, rows: dict, altitudes: dict
) -> None:
    good = (samples["quality"].values == 0) & ~np.isnat(samples["sample_time"].values)
    flagged = bool((samples["quality"].values != 0).any())
    because = "flag of the source" if flagged else "no flag calls any of them bad"
    decisions.record("samples", f"{int(good.sum())} of {good.size} used", because)
    steps, wavelength = _steps(samples["sample_time"].values, settings), samples["wavelength"].values
    whole = _are_whole(samples, good)
    steps = _own_times(samples["sample_time"].values, steps, good, whole, settings)
    for step, nm in sorted({(s, n) for s, n in zip(steps[good], wavelength[good], strict=True)}):
        mine = good & (steps == step) & (wavelength == nm)
        if (step, nm) in rows:
            continue
        east, east_error = _mean(samples, "eastward_wind", mine)
        north, north_error = _mean(samples, "northward_wind", mine)
        rows[step, nm] = np.array([east, north, np.nan, east_error, north_error, np.nan])
        altitudes.setdefault(nm, []).extend(samples["emission_altitude"].values[mine].tolist())


def _are_whole(samples: xr.Dataset, good: np.ndarray) -> bool:
    """Whether nearly all samples have both components: then each is a wind of its own time."""
    both = np.isfinite(samples["eastward_wind"].values) & np.isfinite(samples["northward_wind"].values)
    either = np.isfinite(samples["eastward_wind"].values) | np.isfinite(samples["northward_wind"].values)
    return bool((both & good).sum() >= _WHOLE_SHARE * (either & good).sum())


def _own_times(
    times: np.ndarray, steps: np.ndarray, good: np.ndarray, whole: bool, settings: FpiSettings
) -> np.ndarray:
    """For each step the mean time of its samples; samples no closer than the step, and whole ones, keep their own.

    Hourly winds of the full hour stay there, and a second more or less does not put two of them into one hour.
    """
    out, own = steps.copy(), np.unique(times[good])
    wide = own.size > 1 and np.median(np.diff(own)).astype(float) > _WIDE * settings.step_minutes * 60e9
    if wide or whole:
        return times
    for step in np.unique(steps[good]):
        mine = good & (steps == step)
        first = times[mine].min()
        out[mine] = first + np.timedelta64(round(float((times[mine] - first).astype("int64").mean())), "ns")
    return out


def _mean(samples: xr.Dataset, name: str, mine: np.ndarray) -> tuple[float, float]:
    value, error = samples[name].values[mine], samples[f"{name}_error"].values[mine]
    known = np.isfinite(value)
    if not known.any():
        return np.nan, np.nan
    return float(value[known].mean()), float(np.sqrt(np.sum(error[known] ** 2)) / known.sum())


def _dataset(rows: dict, altitudes: dict, decisions: Decisions) -> xr.Dataset:
    times, emissions = sorted({step for step, _ in rows}), sorted({nm for _, nm in rows})
    values = np.full((len(times), len(emissions), 6), np.nan)
    for (step, nm), row in rows.items():
        values[times.index(step), emissions.index(nm)] = row
    data: dict[str, tuple[str | tuple[str, ...], np.ndarray]] = {
        "emission_wavelength": ("emission", np.array(emissions, float)),
        "altitude": ("emission", np.array([_altitude(nm, altitudes[nm], decisions) for nm in emissions])),
    }
    for index, name in enumerate(NAMES):
        data[name] = (("time", "emission"), values[:, :, index])
        data[f"{name}_error"] = (("time", "emission"), values[:, :, index + 3])
    out = xr.Dataset(coords={"time": np.array(times, "datetime64[ns]")})
    # At once: each assignment to a dataset aligns it anew.
    out.update(data)
    return out


def _altitude(nm: float, stated: list[float], decisions: Decisions) -> float:
    """Altitude of an emission: the paper's nominal one where it is known, else the middle of the stated layer."""
    if nm in FPI_EMISSION_ALTITUDE_KM:
        known = [value for value in stated if np.isfinite(value)]
        said = f"; the file says {np.mean(known):.4g} km" if known else ""
        decisions.record(
            "altitude of the emission", f"{nm:g} nm: {FPI_EMISSION_ALTITUDE_KM[nm]:g} km", "nominal" + said
        )
        return FPI_EMISSION_ALTITUDE_KM[nm]
    return float(np.nanmean(stated)) if np.isfinite(stated).any() else float("nan")
