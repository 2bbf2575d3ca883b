"""Total electron content over China: gridded maps in text, and slant observations for one case night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter

from metalclouds.twin import gnss, record
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import Enhancement, NightTruth
from metalclouds.twin.tec_field import Day, shape
from metalclouds.twin.tec_settings import SimulatedTecSettings

LATITUDES = np.arange(55.0, 14.5, -1.0)
LONGITUDES = np.arange(70.0, 140.5, 1.0)
MISSING = 9999.0
TITLE = "Simulated total electron content over China, maps and slant observations"
SLANT_COLUMNS = "year,doy,ut,receiver,satellite,glat_receiver,glon_receiver,elevation,azimuth,stec"
# Correlation of the shared map noise: epochs, latitude and longitude cells.
NOISE_SCALE = (3.0, 1.5, 1.5)


def epochs(settings: SimulatedTecSettings, night: str) -> np.ndarray:
    """Times of the maps of a day, datetime64[s], both ends included.

    Returns
    -------
    ndarray
        dims (epoch,).
    """
    first = np.datetime64(night, "s") + np.timedelta64(round(3600 * settings.start_hour), "s")
    count = int((settings.end_hour - settings.start_hour) * 60 / settings.epoch_minutes + 1e-9) + 1
    return first + np.arange(count) * np.timedelta64(60 * settings.epoch_minutes, "s")


def enhancement_tecu(
    settings: SimulatedTecSettings,
    event: Enhancement | None,
    times: np.ndarray,
    latitude: ArrayLike,
    longitude: ArrayLike,
) -> np.ndarray:
    """Extra vertical TEC (TECU) of a night's enhancement, broadcast; 0 where the night has none.

    Parameters
    ----------
    times
        UTC, datetime64.
    latitude, longitude
        degrees, broadcast with the times.

    Returns
    -------
    ndarray
        TECU, dims of the inputs broadcast.
    """
    if event is None:
        return np.zeros(np.broadcast(times, latitude, longitude).shape)
    hours = (times - event.onset) / np.timedelta64(3600, "s")
    latitude = np.asarray(latitude, dtype=float)
    phase = 2 * np.pi * (latitude - event.latitude_south + settings.ripple_deg_per_hour * hours) / settings.ripple_deg
    place = shape(
        latitude,
        longitude,
        event.longitude + settings.meander_deg * np.sin(0.5 * phase),
        event.latitude_south,
        event.latitude_north,
        event.width_km,
        settings.edge_deg,
    )
    return event.peak_tecu * event.strength(times) * place * (1 + settings.ripple * np.sin(phase))


def quiet_days(nights: Sequence[NightTruth], cases: Sequence[NightTruth], count: int) -> list[str]:
    """The `count` days nearest to each group of case nights that have no metal ion cloud.

    Case nights less than a week apart form one group; a day serves each group at most once.
    """
    cloudy = {np.datetime64(night.night) for night in nights if night.above_150}
    dates = sorted(np.datetime64(night.night) for night in cases)
    cloudy |= set(dates)
    starts = [i for i in range(len(dates)) if i == 0 or dates[i] - dates[i - 1] > np.timedelta64(7, "D")]
    chosen: set[np.datetime64] = set()
    for first, after in zip(starts, [*starts[1:], len(dates)], strict=True):
        found = 0
        for step in range(1, 60):
            for day in (dates[first] - step, dates[after - 1] + step):
                if found < count and day not in cloudy and day not in chosen:
                    chosen.add(day)
                    found += 1
    return [str(day) for day in sorted(chosen)]


def _coverage(settings: SimulatedTecSettings, receivers: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Receivers within reach of each map cell, dims (latitude, longitude)."""
    latitude, longitude = LATITUDES[:, None, None], LONGITUDES[None, :, None]
    return (gnss.distance_km(latitude, longitude, *receivers) < settings.reach_km).sum(axis=-1)


def maps(
    settings: SimulatedTecSettings,
    day: Day,
    event: Enhancement | None,
    times: np.ndarray,
    reached: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Maps of vertical TEC as a network delivers them.

    A cell with few receivers in reach is noisier and sometimes without an observation.

    Parameters
    ----------
    times
        datetime64[s], dims (time,).
    reached
        receivers in reach of each cell, dims (latitude, longitude).

    Returns
    -------
    vertical_tec
        TECU, dims (time, latitude, longitude), latitude descending; NaN where nothing was observed.
    """
    place = times[:, None, None], LATITUDES[:, None], LONGITUDES[None, :]
    value = day.at(*place) + enhancement_tecu(settings, event, *place)
    few = np.sqrt(1 + 4 / np.maximum(reached, 1))
    shared = gaussian_filter(rng.standard_normal(value.shape, dtype=np.float32), NOISE_SCALE)
    value += settings.map_correlated_noise_tecu * shared / shared.std()
    value += settings.map_noise_tecu * few * rng.standard_normal(value.shape, dtype=np.float32)
    seen = rng.random(value.shape, dtype=np.float32) < 1 - np.exp(-reached / 1.5)
    return np.where(seen, value, np.nan)


def map_text(time: np.datetime64, values: np.ndarray, settings: SimulatedTecSettings) -> str:
    """One map: 8 header lines, then rows from 55N to 15N with columns from 70E to 140E.

    Parameters
    ----------
    values
        TECU, dims (latitude, longitude), NaN where there is no observation.
    """
    header = [
        "# Vertical total electron content over China, simulated",
        f"# Time: {time}Z",
        "# Unit: TECU (1e16 electrons m-2)",
        f"# Ionospheric pierce point: {settings.pierce_point_altitude_km:.0f} km; elevation above 30 degrees",
        f"# Rows: latitude {LATITUDES[0]:.1f} to {LATITUDES[-1]:.1f} degrees north, step -1.0",
        f"# Columns: longitude {LONGITUDES[0]:.1f} to {LONGITUDES[-1]:.1f} degrees east, step 1.0",
        f"# Missing: {MISSING:.2f}",
        f"# Receivers: {settings.receivers}",
    ]
    rows = np.where(np.isfinite(values), values, MISSING)
    line = "%8.2f" * rows.shape[1]
    return "\n".join([*header, *(line % tuple(row) for row in rows.tolist())]) + "\n"


def map_members(settings: SimulatedTecSettings, times: np.ndarray, values: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """Name and content of the file of each epoch.

    Parameters
    ----------
    times
        UTC, dims (epoch,).
    values
        TECU, dims (epoch, latitude, longitude).
    """
    for time, value in zip(times, values, strict=True):
        stamp = str(time).replace("-", "").replace(":", "").replace("T", "_")
        yield f"CMONOC_VTEC_{stamp}.txt", map_text(time, value, settings).encode("ascii")


def slant(
    settings: SimulatedTecSettings,
    day: Day,
    event: Enhancement | None,
    times: np.ndarray,
    receivers: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Slant TEC of all lines of sight above the elevation cut, in order of time, receiver and satellite.

    Biases of satellites and receivers count as removed but for a remainder that is constant over the night.

    Parameters
    ----------
    times
        UTC, dims (epoch,).
    receivers
        latitudes and longitudes in degrees, dims (receiver,) each.

    Returns
    -------
    columns
        `time`, `receiver` (index), `satellite` (index), `elevation`, `azimuth` (deg), `stec` (TECU).
    """
    positions = gnss.satellite_positions(settings.satellites, times)
    elevation, azimuth = gnss.look_angles(positions, *receivers)
    when, receiver, satellite = np.nonzero(elevation > settings.elevation_cut_deg)
    elevation = elevation[when, receiver, satellite]
    azimuth = azimuth[when, receiver, satellite]
    latitude, longitude = receivers[0][receiver], receivers[1][receiver]
    altitude = settings.pierce_point_altitude_km
    latitude, longitude, factor = gnss.pierce_point(latitude, longitude, elevation, azimuth, altitude)
    place = times[when], latitude, longitude
    value = (day.at(*place) + enhancement_tecu(settings, event, *place)) * factor
    value += rng.normal(0, settings.satellite_bias_tecu, settings.satellites)[satellite]
    value += rng.normal(0, settings.receiver_bias_tecu, len(receivers[0]))[receiver]
    value += rng.normal(0, settings.slant_noise_tecu, value.size) / np.sin(np.radians(elevation))
    columns = {"time": times[when], "receiver": receiver, "satellite": satellite}
    return {**columns, "elevation": elevation, "azimuth": azimuth, "stec": value}


def slant_text(columns: dict[str, np.ndarray], receivers: tuple[np.ndarray, np.ndarray]) -> str:
    """Slant observations as CSV; doy counts from 1, ut is decimal hours, receiver RC001..., satellite G01...

    Parameters
    ----------
    columns
        name -> values, dims (observation,), as `slant` gives them.
    receivers
        latitudes and longitudes in degrees, dims (receiver,) each.
    """
    times = columns["time"]
    year = times.astype("datetime64[Y]")
    doy = (times.astype("datetime64[D]") - year.astype("datetime64[D]")).astype(int) + 1
    ut = (times - times.astype("datetime64[D]")).astype("timedelta64[s]").astype(float) / 3600
    index = columns["receiver"]
    names = [f"RC{i + 1:03d}" for i in range(len(receivers[0]))]
    places = [
        f"{name}" + ",G{:02d}" + f",{latitude:.4f},{longitude:.4f}"
        for name, latitude, longitude in zip(names, *receivers, strict=True)
    ]
    rows = zip(
        (year.astype(int) + 1970).tolist(),
        doy.tolist(),
        ut.tolist(),
        index.tolist(),
        (columns["satellite"] + 1).tolist(),
        columns["elevation"].tolist(),
        columns["azimuth"].tolist(),
        columns["stec"].tolist(),
        strict=True,
    )
    lines = [
        f"{y},{d},{h:.4f},{places[r].format(s)},{el:.2f},{az:.2f},{tec:.3f}" for y, d, h, r, s, el, az, tec in rows
    ]
    return "\n".join([SLANT_COLUMNS, *lines]) + "\n"


def day_members(
    settings: TwinSettings, night: str, truth: NightTruth | None, receivers: tuple[np.ndarray, np.ndarray]
) -> tuple[str, Iterable[tuple[str, bytes]]]:
    """Archive name and files of one day; `truth` is None on a quiet day.

    Parameters
    ----------
    receivers
        latitudes and longitudes in degrees, dims (receiver,) each.
    """
    rng = generator(settings.seed, "tec", night)
    tec = settings.tec
    day = Day(tec, night, rng)
    times = epochs(tec, night)
    event = truth.enhancement if truth else None
    if truth is not None and truth.listed_as == tec.slant_night:
        text = slant_text(slant(tec, day, event, times, receivers, rng), receivers)
        return f"CMONOC_STEC_{night}.zip", [(f"CMONOC_STEC_{night.replace('-', '')}.csv", text.encode("ascii"))]
    values = maps(tec, day, event, times, _coverage(tec, receivers), rng)
    return f"CMONOC_VTEC_{night}.zip", map_members(tec, times, values)


def write(settings: TwinSettings, nights: Sequence[NightTruth], record_dir: str | Path) -> None:
    """Write the TEC part of the record: a zip for each case night and quiet day, and the manifest `tec.json`."""
    cases = [night for night in nights if night.listed_as in settings.tec.nights]
    truth = {night.night: night for night in cases}
    receivers = gnss.network(
        settings.tec.receivers, settings.tec.spacing_km, generator(settings.seed, "tec receivers")
    )
    days = sorted({*truth, *quiet_days(nights, cases, settings.tec.quiet_days)}) if cases else []
    keys = []
    for day in days:
        key, members = day_members(settings, day, truth.get(day), receivers)
        record.write_zip(Path(record_dir) / key, members, deflate=True)
        keys.append(key)
    record.write_manifest(record_dir, "tec", TITLE, keys)
