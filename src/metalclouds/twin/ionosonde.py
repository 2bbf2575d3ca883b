"""Digisonde: the table of scaled characteristics for all nights, ionograms for the case nights."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from metalclouds.constants import ELECTRONS_PER_CM3_PER_MHZ2, IONOSONDE_LATITUDE_DEG, IONOSONDE_LONGITUDE_DEG
from metalclouds.io import replacing
from metalclouds.twin import ionogram, record
from metalclouds.twin.ionogram import EsLayer, FLayer
from metalclouds.twin.ionosonde_settings import SimulatedIonosondeSettings
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import EsEpisode, NightTruth, hour_of
from metalclouds.twin.tec import enhancement_tecu
from metalclouds.twin.tec_field import Day

TITLE = "Simulated Digisonde soundings: scaled characteristics and ionograms"
MISSING = 9999.0
COLUMNS = "year,doy,ut(hour),foEs(MHz),h'Es(km),fbEs(MHz),foF2(MHz),h'F2(km)"
HEADER = """\
# Scaled characteristics of a simulated Digisonde at {latitude:.1f} N, {longitude:.1f} E
# doy: day of the year, 1 January = 1; ut: decimal hours of that day; one line a sounding, every {minutes} min
# Missing value: {missing:.3f}
# foEs missing while foF2 is given: no Es with a critical frequency above {limit:.2f} MHz
# foEs given while foF2 is missing: the F layer is hidden by blanketing Es
# all missing: no sounding
"""
# Rows of the table of latitudes that the site lies between.
SITE_LATITUDES = np.floor(IONOSONDE_LATITUDE_DEG) + np.array([0.0, 1.0])
# Electrons m-2 in a TECU, over metres in a kilometre and cubic centimetres in a cubic metre.
TECU_PER_KM_IN_CM3 = 1e16 / 1e3 / 1e6


@dataclass(frozen=True)
class SimulatedSoundings:
    """What a night's soundings hold, one a row; frequencies MHz, heights km; NaN where there is none.

    `es` lists the episodes of sporadic E that are on at each sounding.
    """

    time: np.ndarray
    es: tuple[tuple[EsEpisode, ...], ...]
    fo_es: np.ndarray
    h_es: np.ndarray
    fb_es: np.ndarray
    fo_f2: np.ndarray
    h_f2: np.ndarray
    hidden: np.ndarray


def times(settings: SimulatedIonosondeSettings, night: str, start_hour: float, end_hour: float) -> np.ndarray:
    """Times of soundings between two UT hours of a night, both included, datetime64[s].

    Returns
    -------
    ndarray
        dims (sounding,).
    """
    step = np.timedelta64(60 * settings.sounding_minutes, "s")
    first = np.datetime64(night, "s") + np.timedelta64(round(3600 * start_hour), "s")
    count = int((end_hour - start_hour) * 60 / settings.sounding_minutes + 1e-9) + 1
    return first + np.arange(count) * step


def peak_frequency(tec: np.ndarray, slab_thickness_km: float) -> np.ndarray:
    """Critical frequency (MHz) of a layer whose peak density is TEC (TECU) over the slab thickness (km).

    Parameters
    ----------
    tec
        TECU, of any dims.

    Returns
    -------
    ndarray
        MHz, dims of `tec`.
    """
    density = np.maximum(tec, 0.1) / slab_thickness_km * TECU_PER_KM_IN_CM3
    return np.sqrt(density / ELECTRONS_PER_CM3_PER_MHZ2)


def f_region(
    settings: TwinSettings, night: NightTruth, when: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Critical frequency (MHz) and bottom (km) of the F layer over the sounder.

    The critical frequency follows the same simulated TEC as the maps; the bottom rises towards midnight and
    falls again, with slow scatter.

    Parameters
    ----------
    when
        UTC, dims (sounding,).

    Returns
    -------
    tuple
        MHz and km, dims (sounding,) each.
    """
    day = Day(settings.tec, night.night, generator(settings.seed, "tec", night.night), SITE_LATITUDES)
    site = IONOSONDE_LATITUDE_DEG, IONOSONDE_LONGITUDE_DEG
    tec = day.at(when, *site) + enhancement_tecu(settings.tec, night.enhancement, when, *site)
    own = settings.ionosonde
    phase = (hour_of(night.night, when) - own.start_hour) / (own.end_hour - own.start_hour)
    scatter = np.convolve(rng.standard_normal(len(when) + 4), np.full(5, 5**-0.5), mode="valid")
    bottom = own.f_bottom_km + own.f_rise_km * np.sin(np.pi * phase) + own.f_scatter_km * scatter
    return peak_frequency(tec, own.slab_thickness_km), bottom


def on_grid(settings: SimulatedIonosondeSettings, frequency: np.ndarray) -> np.ndarray:
    """The highest sounding frequency not above `frequency` (MHz).

    Parameters
    ----------
    frequency
        MHz, of any dims.

    Returns
    -------
    ndarray
        MHz, dims of `frequency`.
    """
    steps = np.floor((np.asarray(frequency) - settings.first_mhz) / settings.step_mhz + 1e-6)
    return np.round(settings.first_mhz + settings.step_mhz * steps, 6)


def soundings(settings: TwinSettings, night: NightTruth) -> SimulatedSoundings:
    """The truth of a night's soundings on the sounder's frequencies.

    foEs is the largest of the episodes that are on and seen; h'Es is its height; fbEs the largest blanketing
    frequency. The F layer is hidden where fbEs reaches foF2, or an episode is said to blanket.
    """
    own = settings.ionosonde
    rng = generator(settings.seed, "ionosonde", night.night)
    when = times(own, night.night, own.start_hour, own.end_hour)
    critical, bottom = f_region(settings, night, when, rng)
    es = tuple(_episodes(own, night, time) for time in when)
    strongest = [max(on, key=lambda one: one.foEs_MHz) if on else None for on in es]
    blanket = np.array([max((one.fbEs_MHz for one in on), default=np.nan) for on in es])
    hidden = np.array([any(one.blanketing for one in on) for on in es]) | (blanket >= critical)
    fo_es = np.array([one.foEs_MHz if one else np.nan for one in strongest])
    h_es = np.array([one.height_km if one else np.nan for one in strongest])
    return SimulatedSoundings(
        time=when,
        es=es,
        fo_es=on_grid(own, fo_es),
        h_es=h_es,
        fb_es=on_grid(own, blanket),
        fo_f2=on_grid(own, critical),
        h_f2=bottom,
        hidden=hidden,
    )


def _episodes(settings: SimulatedIonosondeSettings, night: NightTruth, time: np.datetime64) -> tuple[EsEpisode, ...]:
    return tuple(one for one in night.es if one.start <= time < one.end and one.foEs_MHz >= settings.foes_limit_mhz)


def scaled(settings: TwinSettings, night: NightTruth) -> np.ndarray:
    """The characteristics as scaled from the ionograms, dims (sounding, 5): foEs, h'Es, fbEs, foF2, h'F2.

    Some frequencies are read one step too low or high, heights within the sounder's step; NaN where there is no
    value, a whole row of them where the sounding failed.

    Returns
    -------
    ndarray
        MHz, km, MHz, MHz, km.
    """
    own = settings.ionosonde
    truth = soundings(settings, night)
    rng = generator(settings.seed, "ionosonde scaling", night.night)
    table = np.column_stack([truth.fo_es, truth.h_es, truth.fb_es, truth.fo_f2, truth.h_f2])
    slip = rng.choice([-1, 0, 1], table.shape, p=[own.scaling_slip / 2, 1 - own.scaling_slip, own.scaling_slip / 2])
    step = np.array([own.step_mhz, own.height_step_km, own.step_mhz, own.step_mhz, own.height_step_km])
    table = table + slip * step
    table[:, [1, 4]] = np.round(table[:, [1, 4]] / own.height_step_km) * own.height_step_km
    table[:, 2] = np.minimum(table[:, 2], table[:, 0])
    table[truth.hidden, 3:] = np.nan
    table[rng.random(len(table)) < own.missing_share] = np.nan
    return table


def table_text(settings: TwinSettings, nights: Sequence[NightTruth]) -> str:
    """The published table of some nights: comment lines, a header, one line a sounding."""
    own = settings.ionosonde
    lines = []
    for night in nights:
        when = times(own, night.night, own.start_hour, own.end_hour)
        hours = hour_of(night.night, when)
        doy = (np.datetime64(night.night) - np.datetime64(night.night[:4], "D")).astype(int) + 1
        values = np.nan_to_num(scaled(settings, night), nan=MISSING)
        start = f"{night.night[:4]},{doy},"
        lines += [
            start + f"{hour:.2f}," + ",".join(f"{value:.3f}" for value in row)
            for hour, row in zip(hours, values, strict=True)
        ]
    head = HEADER.format(
        latitude=IONOSONDE_LATITUDE_DEG,
        longitude=IONOSONDE_LONGITUDE_DEG,
        minutes=own.sounding_minutes,
        missing=MISSING,
        limit=own.foes_limit_mhz,
    )
    return head + "\n".join([COLUMNS, *lines]) + "\n"


def layers(
    settings: SimulatedIonosondeSettings, truth: SimulatedSoundings, index: int, spread: bool
) -> tuple[list[EsLayer], FLayer]:
    """Layers of one sounding. A blanketing layer is opaque up to its critical frequency and above foF2."""
    es = [EsLayer(one.foEs_MHz, one.fbEs_MHz, one.height_km) for one in _visible(truth.es[index])]
    critical = float(truth.fo_f2[index]) + 0.5 * settings.step_mhz
    if truth.hidden[index]:
        critical = min(critical, max((one.blanketing for one in es), default=0.0))
    return es, FLayer(critical, float(truth.h_f2[index]), settings.f_half_thickness_km, spread)


def _visible(on: tuple[EsEpisode, ...]) -> list[EsEpisode]:
    """Episodes that make a layer of their own: the strongest, and an upper or lower partner of it."""
    upper = [one for one in on if one.upper]
    lower = [one for one in on if not one.upper]
    return [max(group, key=lambda one: one.foEs_MHz) for group in (lower, upper) if group]


def ionograms(settings: TwinSettings, night: NightTruth) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ionograms of a night.

    Returns
    -------
    time, ordinary, extraordinary
        datetime64[s]; uint8 dB, dims (sounding, frequency, virtual height).
    """
    own = settings.ionosonde
    truth = soundings(settings, night)
    rng = generator(settings.seed, "ionograms", night.night)
    transmitters = ionogram.lines(own, rng)
    hours = hour_of(night.night, truth.time)
    chosen = np.flatnonzero((hours >= own.ionogram_start_hour - 1e-6) & (hours <= own.ionogram_end_hour + 1e-6))
    images = []
    for index in chosen:
        es, f_layer = layers(own, truth, int(index), _spread(night, truth.time[index]))
        images.append(ionogram.draw(own, es, f_layer, transmitters, rng))
    ordinary, extraordinary = (np.stack(parts) for parts in zip(*images, strict=True))
    return truth.time[chosen], ordinary, extraordinary


def _spread(night: NightTruth, time: np.datetime64) -> bool:
    """Spread F goes with clouds overhead, half an hour early and late."""
    margin = np.timedelta64(1800, "s")
    return night.spread_f and any(cloud.start - margin <= time <= cloud.end + margin for cloud in night.clouds)


def ionogram_file(settings: TwinSettings, night: NightTruth) -> bytes:
    """A night's ionograms as netCDF-4, with the variable names of Digisonde software (not this project's)."""
    when, ordinary, extraordinary = ionograms(settings, night)
    own = settings.ionosonde
    axes = {"frequency": ionogram.frequencies(own), "range": ionogram.heights(own)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ionograms.nc"
        with netCDF4.Dataset(path, "w", format="NETCDF4") as file:
            file.createDimension("sounding", len(when))
            for name, values in axes.items():
                file.createDimension(name, len(values))
                file.createVariable(name, "f4", (name,))[:] = values
            file.createVariable("time", "f8", ("sounding",))[:] = when.astype("datetime64[s]").astype(float)
            for name, values in (("powerOMode", ordinary), ("powerXMode", extraordinary)):
                dims = ("sounding", "frequency", "range")
                file.createVariable(name, "u1", dims, zlib=True, complevel=4, fill_value=False)[:] = values
            _describe(file, own)
        return path.read_bytes()


def _describe(file: netCDF4.Dataset, settings: SimulatedIonosondeSettings) -> None:
    """Units and names of the variables."""
    texts = {
        "time": ("seconds", "Unix time of the sounding, since 1970-01-01T00:00:00Z"),
        "frequency": ("MHz", "radio frequency"),
        "range": ("km", "virtual height, half the group path"),
        "powerOMode": ("dB", "received power of the ordinary mode above the noise, 0: no echo"),
        "powerXMode": ("dB", "received power of the extraordinary mode above the noise, 0: no echo"),
    }
    for name, (units, long_name) in texts.items():
        file[name].units, file[name].long_name = units, long_name
    file.title = "Simulated ionograms"
    file.station_latitude, file.station_longitude = IONOSONDE_LATITUDE_DEG, IONOSONDE_LONGITUDE_DEG
    file.foEs_limit_MHz = settings.foes_limit_mhz


def write(settings: TwinSettings, nights: Sequence[NightTruth], record_dir: str | Path) -> None:
    """Write the ionosonde part of the record: a table a year, a zip of ionograms a case night, `ionosonde.json`."""
    keys = []
    for year in sorted({night.night[:4] for night in nights}):
        key = f"Digisonde_characteristics_{year}.csv"
        text = table_text(settings, [night for night in nights if night.night.startswith(year)])
        with replacing(Path(record_dir) / key) as temporary:
            temporary.write_text(text, encoding="ascii", newline="\n")
        keys.append(key)
    for night in nights:
        if night.listed_as in settings.ionosonde.ionogram_nights:
            key = f"Digisonde_ionograms_{night.night}.zip"
            member = f"Digisonde_ionograms_{night.night.replace('-', '')}.nc"
            record.write_zip(Path(record_dir) / key, [(member, ionogram_file(settings, night))])
            keys.append(key)
    record.write_manifest(record_dir, "ionosonde", TITLE, keys)
