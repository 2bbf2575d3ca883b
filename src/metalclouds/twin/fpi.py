"""Fabry-Perot interferometer: line-of-sight winds as Madrigal text, one month as .mat."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.io import savemat

from metalclouds.constants import (
    FPI_EMISSION_ALTITUDE_KM,
    FPI_EMISSIONS_NM,
    FPI_LATITUDE_DEG,
    FPI_LONGITUDE_DEG,
)
from metalclouds.twin import record
from metalclouds.twin.fpi_settings import SimulatedFpiSettings
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import NightTruth, wind
from metalclouds.twin.sun import solar_elevation_deg

# Looks of a cycle: letter and azimuth (deg); the zenith has none.
LOOKS = (("Z", 0.0), ("N", 0.0), ("E", 90.0), ("S", 180.0), ("W", -90.0))
TITLE = "Simulated line-of-sight winds of a Fabry-Perot interferometer at Xinglong"
GOOD, CAUTION, BAD = 0, 1, 2
# Codes of the Madrigal text: no real station has this kind of data or instrument.
KIND_OF_DATA, KIND_OF_INSTRUMENT = 7100, 9999
MADRIGAL_COLUMNS = (
    ("YEAR", 9),
    ("MONTH", 9),
    ("DAY", 9),
    ("HOUR", 9),
    ("MIN", 9),
    ("SEC", 9),
    ("RECNO", 11),
    ("KINDAT", 11),
    ("KINST", 11),
    ("UT1_UNIX", 17),
    ("UT2_UNIX", 17),
    ("WAVLEN", 14),
    ("AZM", 11),
    ("ELM", 11),
    ("ALTB", 14),
    ("ALTE", 14),
    ("TN", 10),
    ("DTN", 10),
    ("VNHLU", 14),
    ("DVNHLU", 14),
    ("VNU", 14),
    ("DVNU", 14),
    ("FPI_DATAQUAL", 14),
)
# Temperature (K) and depth of the layer (km) of each emission, for the columns that nobody needs but every file has.
TEMPERATURE_K = {557.7: 190.0, 630.0: 760.0, 892.0: 185.0}
LAYER_DEPTH_KM = {557.7: 10.0, 630.0: 60.0, 892.0: 8.0}


@dataclass(frozen=True)
class Looks:
    """Observations of a night, one a row.

    `line_of_sight` is the wind along the line of sight, m/s, positive away from the instrument; `flag` 0 good,
    1 caution, 2 bad.
    """

    time: np.ndarray
    wavelength: np.ndarray
    look: np.ndarray
    azimuth: np.ndarray
    elevation: np.ndarray
    line_of_sight: np.ndarray
    error: np.ndarray
    flag: np.ndarray


def line_of_sight(
    eastward: np.ndarray, northward: np.ndarray, upward: np.ndarray, azimuth: np.ndarray, elevation: np.ndarray
) -> np.ndarray:
    """Wind along a line of sight, positive away from the observer; angles in deg, azimuth from north over east.

    Parameters
    ----------
    eastward, northward, upward
        wind in m/s, broadcast with the angles.
    azimuth, elevation
        degrees.

    Returns
    -------
    ndarray
        m/s, dims of the inputs broadcast.
    """
    az, el = np.radians(azimuth), np.radians(elevation)
    return (eastward * np.sin(az) + northward * np.cos(az)) * np.cos(el) + upward * np.sin(el)


def cycles(settings: SimulatedFpiSettings, night: str) -> np.ndarray:
    """Full hours of the night's window at which a cycle begins and ends in darkness, datetime64[s].

    Returns
    -------
    ndarray
        dims (cycle,).
    """
    hours = np.datetime64(night, "s") + np.arange(8, 25) * np.timedelta64(3600, "s")
    length = np.timedelta64(round(60 * settings.exposure_minutes * len(LOOKS) * len(FPI_EMISSIONS_NM)), "s")
    dark = [
        solar_elevation_deg(times, FPI_LATITUDE_DEG, FPI_LONGITUDE_DEG) < settings.sun_limit_deg
        for times in (hours, hours + length)
    ]
    return hours[dark[0] & dark[1]]


def observe(settings: SimulatedFpiSettings, night: NightTruth, rng: np.random.Generator) -> Looks:
    """All looks of a night: hourly cycles over the emissions, five looks each."""
    starts = cycles(settings, night.night)
    shape = (len(starts), len(FPI_EMISSIONS_NM), len(LOOKS))
    hour, emission, look = (index.ravel() for index in np.indices(shape))
    offset = 60 * settings.exposure_minutes * (emission * len(LOOKS) + look + 0.5)
    time = starts[hour] + np.round(offset).astype("timedelta64[s]")
    wavelength = np.array(FPI_EMISSIONS_NM)[emission]
    azimuth = np.array([azimuth for _, azimuth in LOOKS])[look]
    elevation = np.where(look == 0, 90.0, settings.look_elevation_deg)
    truth = _line_of_sight_truth(night, time, wavelength, azimuth, elevation)
    truth += rng.normal(0, settings.structure_m_s, truth.size) * np.cos(np.radians(elevation))
    error, flag = _errors(settings, hour, len(starts), wavelength, rng)
    letters = np.array([letter for letter, _ in LOOKS])[look]
    value = truth + error * rng.standard_normal(error.size)
    return Looks(time, wavelength, letters, azimuth, elevation, value, error, flag)


def _line_of_sight_truth(
    night: NightTruth, time: np.ndarray, wavelength: np.ndarray, azimuth: np.ndarray, elevation: np.ndarray
) -> np.ndarray:
    value = np.empty(time.size)
    for emission, altitude in FPI_EMISSION_ALTITUDE_KM.items():
        rows = wavelength == emission
        components = wind(night, time[rows], altitude)
        value[rows] = line_of_sight(*components, azimuth[rows], elevation[rows])
    return value


def _errors(
    settings: SimulatedFpiSettings, hour: np.ndarray, hours: int, wavelength: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Stated standard error (m/s) and quality flag of each look; clouds raise the error of whole hours."""
    median = {557.7: settings.error_558_m_s, 630.0: settings.error_630_m_s, 892.0: settings.error_892_m_s}
    error = np.array([median[float(one)] for one in wavelength])
    error = error * np.exp(rng.normal(0, settings.error_scatter, error.size))
    cloudy = (rng.random(hours) < settings.cloudy_share)[hour]
    error = np.where(cloudy, error * settings.cloudy_error_factor, error)
    bad = rng.random(error.size) < 0.5
    return error, np.where(cloudy, np.where(bad, BAD, CAUTION), GOOD)


def madrigal_text(looks: Looks) -> str:
    """The looks of a night in the columns of a Madrigal text file.

    VNHLU is the wind of an oblique look projected to the horizontal, positive away from the instrument (line of
    sight over the cosine of the elevation), nan at the zenith; VNU is the upward wind of the zenith look.
    """
    header = "".join(f"{name:>{width}}" for name, width in MADRIGAL_COLUMNS)
    lines = [_madrigal_line(looks, row) for row in range(len(looks.time))]
    return "\n".join([header, *lines]) + "\n"


def _madrigal_line(looks: Looks, row: int) -> str:
    time = looks.time[row].item()
    unix = looks.time[row].astype("datetime64[s]").astype(int)
    wavelength = float(looks.wavelength[row])
    altitude, depth = FPI_EMISSION_ALTITUDE_KM[wavelength], LAYER_DEPTH_KM[wavelength]
    zenith = looks.look[row] == "Z"
    slope = np.cos(np.radians(looks.elevation[row]))
    value, error = looks.line_of_sight[row], looks.error[row]
    wind_columns = (np.nan, np.nan, value, error) if zenith else (value / slope, error / slope, np.nan, np.nan)
    clock = (time.year, time.month, time.day, time.hour, time.minute, time.second)
    return (
        "".join(f"{part:9d}" for part in clock)
        + f"{row:11d}{KIND_OF_DATA:11d}{KIND_OF_INSTRUMENT:11d}{unix:17.3f}{unix:17.3f}{wavelength:14.5e}"
        + f"{looks.azimuth[row]:11.2f}{looks.elevation[row]:11.2f}"
        + f"{altitude - depth / 2:14.5e}{altitude + depth / 2:14.5e}"
        + f"{TEMPERATURE_K[wavelength]:10.1f}{3 * error:10.1f}"
        + "".join(f"{number:14.5e}" for number in wind_columns)
        + f"{looks.flag[row]:14d}"
    )


def matlab(nights: Sequence[Looks], wavelength: float) -> bytes:
    """MAT v5 file of one emission: MOHE_Year/Month/Day/UT/Directions/Wind/Wind_sigma/Wind_flag.

    UT in hours of the given date; Directions a letter N E S W Z; Wind along the line of sight in m/s, positive
    away from the instrument, oblique looks at 45 deg elevation; flag 0 good, 1 not.
    """
    fields = ("time", "look", "line_of_sight", "error", "flag", "wavelength")
    time, look, value, error, flag, nm = (np.concatenate([getattr(one, name) for one in nights]) for name in fields)
    rows = nm == wavelength
    time = time[rows]
    day = time.astype("datetime64[D]")
    month = time.astype("datetime64[M]")
    content = {
        "MOHE_Year": time.astype("datetime64[Y]").astype(int) + 1970.0,
        "MOHE_Month": month.astype(int) % 12 + 1.0,
        "MOHE_Day": (day - month.astype("datetime64[D]")).astype(int) + 1.0,
        "MOHE_UT": (time - day).astype("timedelta64[s]").astype(float) / 3600,
        "MOHE_Directions": look[rows],
        "MOHE_Wind": np.round(value[rows], 2),
        "MOHE_Wind_sigma": np.round(error[rows], 2),
        "MOHE_Wind_flag": (flag[rows] != GOOD).astype(float),
    }
    stream = io.BytesIO()
    savemat(stream, content, oned_as="column", do_compression=True)
    # The first 116 bytes are free text that holds the time of writing.
    return b"MATLAB 5.0 MAT-file, simulated".ljust(116) + stream.getvalue()[116:]


def archives(settings: TwinSettings, nights: Sequence[NightTruth]) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Name and members of each archive: a zip of Madrigal text a year, a zip of .mat files for one month."""
    looks = {n.night: observe(settings.fpi, n, generator(settings.seed, "fpi", n.night)) for n in nights}
    month = settings.fpi.matlab_month or "none"
    text = [night for night in sorted(looks) if not night.startswith(month)]
    for year in sorted({night[:4] for night in text}):
        members = [
            (f"xlg{night[2:].replace('-', '')}g.{KIND_OF_DATA}.txt", madrigal_text(looks[night]).encode("ascii"))
            for night in text
            if night.startswith(year)
        ]
        yield f"FPI_Xinglong_{year}.zip", members
    chosen = [looks[night] for night in sorted(looks) if night.startswith(month)]
    if chosen:
        stamp = month.replace("-", "")
        names = {nm: f"FPI_Xinglong_{stamp}_{nm:.1f}nm.mat" for nm in FPI_EMISSIONS_NM}
        yield f"FPI_Xinglong_{month}_mat.zip", [(names[nm], matlab(chosen, nm)) for nm in FPI_EMISSIONS_NM]


def write(settings: TwinSettings, nights: Sequence[NightTruth], record_dir: str | Path) -> None:
    """Write the FPI part of the record: its archives and the manifest `fpi.json`."""
    keys = []
    for key, members in archives(settings, nights):
        record.write_zip(Path(record_dir) / key, members, deflate="_mat" not in key)
        keys.append(key)
    record.write_manifest(record_dir, "fpi", TITLE, keys)
