"""Vertical TEC on a grid, from maps of the source or from slant observations."""

from __future__ import annotations

import numpy as np
import xarray as xr

from metalclouds.errors import ReadError
from metalclouds.ingest.assemble import files_of
from metalclouds.ingest.decisions import Decisions
from metalclouds.ingest.settings import TecSettings


def pierce_points(
    latitude: np.ndarray, longitude: np.ndarray, elevation: np.ndarray, azimuth: np.ndarray, settings: TecSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where lines of sight cross the thin shell, on a spherical Earth.

    With zenith angle z at the receiver, sin z' = R sin z / (R + h) at the pierce point, and the angle z - z' between
    the two at the Earth's centre (Schaer 1999, Mapping and predicting the Earth's ionosphere using GPS, section 2).

    Parameters
    ----------
    latitude, longitude
        of the receiver, degrees north and east.
    elevation, azimuth
        of the satellite, degree; azimuth from north over east.

    Returns
    -------
    latitude, longitude, zenith
        of the pierce point, degree; zenith angle of the ray there, degree. Longitude from -180 to 180.
    """
    radius, height = settings.earth_radius_km, settings.pierce_point_altitude_km
    zenith = np.radians(90.0 - elevation)
    at_point = np.arcsin(radius * np.sin(zenith) / (radius + height))
    angle, az, phi = zenith - at_point, np.radians(azimuth), np.radians(latitude)
    sine = np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(az)
    point = np.arcsin(np.clip(sine, -1.0, 1.0))
    east = np.arctan2(np.sin(angle) * np.sin(az) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(point))
    return np.degrees(point), (longitude + np.degrees(east) + 180.0) % 360.0 - 180.0, np.degrees(at_point)


def used(elevation: np.ndarray, zenith_at_point: np.ndarray, settings: TecSettings) -> np.ndarray:
    """Which lines of sight the elevation rule keeps; "inclined below 30 deg" has three readings (science.md).

    Parameters
    ----------
    elevation
        at the receiver, degree.
    zenith_at_point
        zenith angle at the pierce point, degree.

    Returns
    -------
    ndarray
        bool, dims of `elevation`.
    """
    limit = settings.angle_limit_deg
    return {
        "elevation": elevation > limit,
        "zenith_at_receiver": 90.0 - elevation < limit,
        "zenith_at_pierce_point": zenith_at_point < limit,
    }[settings.elevation_rule]


def vertical(slant: xr.Dataset, settings: TecSettings, decisions: Decisions) -> xr.Dataset:
    """Observations that the rule keeps, with pierce point and vertical TEC = slant TEC x cos z'.

    Parameters
    ----------
    slant
        dim observation: `slant_tec` (TECU), `elevation` and `azimuth` (degrees) or pierce points.

    Returns
    -------
    Dataset
        dim observation, TECU and degrees.

    Raises
    ------
    ReadError
        If the table has neither receivers with azimuths nor pierce points.
    """
    elevation = slant["elevation"].values.astype(float)
    sine = settings.earth_radius_km / (settings.earth_radius_km + settings.pierce_point_altitude_km)
    zenith = np.degrees(np.arcsin(sine * np.cos(np.radians(elevation))))
    latitude, longitude = _points(slant, settings, decisions)
    if "slant_tec" in slant:
        tec = slant["slant_tec"].values.astype(float) * np.cos(np.radians(zenith))
    else:
        tec = slant["stated_vertical_tec"].values.astype(float)
        decisions.record("vertical TEC", "as stated", "the file has no slant TEC")
    good = np.isfinite(tec) & np.isfinite(latitude) & np.isfinite(longitude) & ~(elevation > 90.0)
    allowed = used(elevation, zenith, settings) | np.isnan(elevation)
    keep = good & allowed & ~np.isnat(slant["observation_time"].values)
    if unknown := int(np.isnan(elevation).sum()):
        decisions.record(
            "elevation", f"{unknown} used without", "not in the file, so that the rule cannot be applied"
        )
    decisions.record(
        "lines of sight",
        f"{int(keep.sum())} of {keep.size} used",
        f"{settings.elevation_rule} limit {settings.angle_limit_deg:g} degree; {int((~good).sum())} without a value",
    )
    names = ("observation_time", "satellite", "receiver")
    out = {name: slant[name].values[keep] for name in names if name in slant}
    out |= {
        "pierce_latitude": latitude[keep].astype("float32"),
        "pierce_longitude": longitude[keep].astype("float32"),
        "elevation": elevation[keep].astype("float32"),
        "observation_vertical_tec": tec[keep].astype("float32"),
    }
    order = np.lexsort([out[name] for name in reversed(names) if name in out])
    return xr.Dataset({name: ("observation", value[order]) for name, value in out.items()})


def _points(slant: xr.Dataset, settings: TecSettings, decisions: Decisions) -> tuple[np.ndarray, np.ndarray]:
    needed = ("receiver_latitude", "receiver_longitude", "azimuth")
    if all(name in slant for name in needed):
        latitude, longitude, _ = pierce_points(
            slant["receiver_latitude"].values,
            slant["receiver_longitude"].values,
            slant["elevation"].values,
            slant["azimuth"].values,
            settings,
        )
        decisions.record(
            "pierce points",
            f"computed at {settings.pierce_point_altitude_km:g} km",
            "receiver, elevation and azimuth are given",
        )
        return latitude, longitude
    if "pierce_latitude" not in slant or "pierce_longitude" not in slant:
        raise ReadError(
            "slant TEC without receiver position and azimuth, and without pierce points",
            given=", ".join(map(str, slant)),
        )
    stated = float(slant["pierce_altitude"].values[0]) if "pierce_altitude" in slant else float("nan")
    decisions.record("pierce points", f"as stated, {stated:g} km", "no receiver position and azimuth in the table")
    return slant["pierce_latitude"].values, slant["pierce_longitude"].values


def centres(span: tuple[float, float], step: float) -> np.ndarray:
    """Cell centres from the first to the last value of a span.

    Returns
    -------
    ndarray
        in the unit of `span`, dims (cell,).
    """
    return span[0] + step * np.arange(round((span[1] - span[0]) / step) + 1)


def gridded(observations: xr.Dataset, settings: TecSettings) -> xr.Dataset:
    """Mean vertical TEC and number of observations in each cell and time step, steps centred on full multiples.

    Parameters
    ----------
    observations
        as `vertical` gives them.

    Returns
    -------
    Dataset
        TECU, dims (time, latitude, longitude).
    """
    latitude = centres(settings.latitude_range, settings.resolution_deg)
    longitude = centres(settings.longitude_range, settings.resolution_deg)
    step = np.timedelta64(round(settings.step_minutes * 60), "s").astype("timedelta64[ns]")
    moment = observations["observation_time"].values.astype("datetime64[ns]")
    slot = (moment - moment.min().astype("datetime64[D]") + step // 2) // step
    slots, i = np.unique(slot, return_inverse=True)
    j = np.round((observations["pierce_latitude"].values - latitude[0]) / settings.resolution_deg).astype(int)
    east = (observations["pierce_longitude"].values - longitude[0] + 180.0) % 360.0 - 180.0
    k = np.round(
        (east + (360.0 if longitude[-1] - longitude[0] > 180 else 0.0) * (east < -0.5)) / settings.resolution_deg
    ).astype(int)
    inside = (j >= 0) & (j < latitude.size) & (k >= 0) & (k < longitude.size)
    shape = (slots.size, latitude.size, longitude.size)
    cell = np.ravel_multi_index((i[inside], j[inside], k[inside]), shape)
    tec = observations["observation_vertical_tec"].values[inside].astype(float)
    count = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)
    total = np.bincount(cell, weights=tec, minlength=int(np.prod(shape))).reshape(shape)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    times = moment.min().astype("datetime64[D]").astype("datetime64[ns]") + slots * step
    return xr.Dataset(
        {
            "vertical_tec": (("time", "latitude", "longitude"), mean.astype("float32")),
            "vertical_tec_count": (("time", "latitude", "longitude"), count.astype("int32")),
        },
        {"time": times, "latitude": latitude, "longitude": longitude},
    )


def day(parts: list[xr.Dataset], settings: TecSettings, decisions: Decisions) -> xr.Dataset:
    """One day of ingest/tec: maps of the source where it has them, and observations where it has those.

    Parameters
    ----------
    parts
        what the readers gave: maps or slant observations.

    Returns
    -------
    Dataset
        dims (time, latitude, longitude) and, with slant observations, observation.

    Raises
    ------
    ReadError
        If no observation is left.
    """
    maps = [part for part in parts if "vertical_tec" in part]
    slants = [part for part in parts if "vertical_tec" not in part]
    observations = None
    if slants:
        settings = _of_shell(slants[0], settings)
        found = [vertical(part, _of_shell(part, settings), decisions) for part in slants]
        observations = xr.concat(found, "observation") if len(found) > 1 else found[0]
        if not observations.sizes["observation"]:
            raise ReadError("no line of sight is left by the elevation rule", given=settings.elevation_rule)
    if observations is None:
        return region(joined(maps, decisions), settings, decisions)
    if maps:
        return region(joined(maps, decisions), settings, decisions).merge(observations)
    out = gridded(observations, settings)
    if outside := observations.sizes["observation"] - int(out["vertical_tec_count"].sum()):
        decisions.record("observations outside the maps", outside, "their pierce points lie outside the region")
    return out.merge(observations).assign_attrs(
        pierce_point_altitude_km=settings.pierce_point_altitude_km,
        mapping_function=settings.mapping_function,
        elevation_rule=f"{settings.elevation_rule} {settings.angle_limit_deg:g} degree",
    )


def _of_shell(part: xr.Dataset, settings: TecSettings) -> TecSettings:
    """Settings with the height of the shell that the source states."""
    height = part.attrs.get("shell_km")
    return settings if height is None else settings.model_copy(update={"pierce_point_altitude_km": float(height)})


def joined(maps: list[xr.Dataset], decisions: Decisions) -> xr.Dataset:
    """Maps of several files of a day in time; where two have a map of one epoch, that of the file with more maps.

    A file of global maps ends with the map of 24 h, which is the next day's first.

    Parameters
    ----------
    maps
        TECU, dims (time, latitude, longitude) each.

    Returns
    -------
    Dataset
        TECU, dims (time, latitude, longitude).
    """
    maps = sorted(maps, key=lambda part: -part.sizes["time"])
    first = maps[0]
    alike = [part for part in maps if _same_maps(part, first)]
    if len(alike) < len(maps):
        others = [part for part in maps if not _same_maps(part, first)]
        decisions.record(
            "maps left out",
            f"{sum(part.sizes['time'] for part in others)} of {files_of(others)}",
            f"another grid or shell than {files_of([first])}, the file with most maps of the day",
        )
    seen = first["time"].values
    for part in alike[1:]:
        _record_repeated(part, seen, first, decisions)
        seen = np.union1d(seen, part["time"].values)
    out = xr.concat(alike, "time", combine_attrs="override") if len(alike) > 1 else first
    _, order = np.unique(out["time"].values, return_index=True)
    return out.isel(time=order)


def _same_maps(part: xr.Dataset, first: xr.Dataset) -> bool:
    heights = [float(one.attrs.get("pierce_point_altitude_km", np.nan)) for one in (part, first)]
    same_grid = all(part[axis].equals(first[axis]) for axis in ("latitude", "longitude"))
    return same_grid and bool(np.array_equal(heights[:1], heights[1:], equal_nan=True))


def _record_repeated(part: xr.Dataset, seen: np.ndarray, first: xr.Dataset, decisions: Decisions) -> None:
    """Say how many maps of a further file are used: those of epochs that no file before it has."""
    repeated = int(np.isin(part["time"].values, seen).sum())
    size = part.sizes["time"]
    decisions.record(
        "maps of several files",
        f"{size - repeated} of {size} of {files_of([part])} used",
        f"where two files have a map of one epoch, that of the file with more maps of the day counts, here "
        f"{files_of([first])} with {first.sizes['time']}; {repeated} epochs are in both",
    )


def region(maps: xr.Dataset, settings: TecSettings, decisions: Decisions) -> xr.Dataset:
    """Maps of the source cut to the region, on the source's own grid, with longitudes as the settings have them.

    Parameters
    ----------
    maps
        TECU, dims (time, latitude, longitude).

    Returns
    -------
    Dataset
        the same within the region.
    """
    west = settings.longitude_range[0]
    out = _eastward(maps, west)
    inside = out.sel(latitude=slice(*settings.latitude_range), longitude=slice(*settings.longitude_range))
    if inside.sizes["latitude"] and inside.sizes["longitude"]:
        for axis in ("latitude", "longitude"):
            if left := out.sizes[axis] - inside.sizes[axis]:
                low, high = getattr(settings, f"{axis}_range")
                decisions.record(
                    f"{axis}s left out",
                    f"{left} of {out.sizes[axis]}, outside ingest.tec.{axis}_range",
                    f"the map has {out[axis].values.min():g} to {out[axis].values.max():g}, the setting is "
                    f"{low:g} to {high:g}",
                )
        out = inside
    else:
        outside = [axis for axis in ("latitude", "longitude") if not inside.sizes[axis]]
        decisions.record(
            "region",
            f"whole map, for it lies outside {' and '.join(f'ingest.tec.{axis}_range' for axis in outside)}",
            "a map is cut to the region of the settings where it covers a part of it",
        )
        out = _eastward(maps, _west_of(maps["longitude"].values))
    if "vertical_tec_count" not in out:
        decisions.record(
            "counts", "1 where there is a value", "the source does not say how many observations are behind it"
        )
        out["vertical_tec_count"] = np.isfinite(out["vertical_tec"]).astype("int32")
    out["vertical_tec"] = out["vertical_tec"].astype("float32")
    return out


def _eastward(maps: xr.Dataset, west: float) -> xr.Dataset:
    """Maps with longitudes from `west` to less than 360 degrees east of it, each once, ascending."""
    values = maps["longitude"].values
    longitude = values - 360.0 * np.floor((values - west + _TOLERANCE_DEG) / 360.0)
    _, first = np.unique(np.round(longitude, 6), return_index=True)
    return maps.assign_coords(longitude=longitude).isel(longitude=first)


# Longitudes so close are one.
_TOLERANCE_DEG = 1e-6


def _west_of(longitude: np.ndarray) -> float:
    """The western edge of a map: east of its largest gap, so that one across Greenwich or the date line stays whole.

    A map around the Earth begins where it begins in its file.

    Examples
    --------
    >>> _west_of(np.array([-10.0, 0.0, 10.0])), _west_of(np.array([0.0, 10.0, 350.0]))
    (-10.0, -10.0)
    >>> _west_of(np.array([-180.0, -170.0, 170.0])), _west_of(np.arange(0.0, 360.0, 5.0))
    (170.0, 0.0)
    """
    around = np.unique(np.round(longitude % 360.0, 6))
    gaps = np.diff(np.append(around, around[0] + 360.0))
    if np.ptp(gaps) <= _TOLERANCE_DEG:
        return float(longitude.min())
    west, span = float(around[(int(gaps.argmax()) + 1) % around.size]), 360.0 - float(gaps.max())
    if west + span <= 360.0:
        return west
    return west - 360.0 if west >= 180.0 else -180.0
