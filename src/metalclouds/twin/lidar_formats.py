"""The simulated lidar's files: netCDF counts, MAT densities, Meridian text; packed by month.

Names and conventions follow the imitated publisher, not this project, so that the ingest has work to do.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
from numpy.typing import NDArray

from metalclouds import parallel
from metalclouds.constants import LIDAR_ALTITUDE_KM, LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.twin import record
from metalclouds.twin.lidar import LidarNight, observe
from metalclouds.twin.settings import LidarTwin, TwinSettings
from metalclouds.twin.sky import NightTruth, hour_of

Member = tuple[str, bytes]

TITLE = "Simulated Ca+ lidar at Yanqing: photon counts, and densities of some nights (synthetic)"
CASES_KEY = "Ca_ion_lidar_cases.zip"
CHUNK_PROFILES = 256
TEXT_BOTTOM_KM = 80.0
"""Meridian files of Ca+ begin here."""

TEXT_HEADER = """\
#DataName: Number Density of Ca Ions
#CopyRight: synthetic, after the format of the Chinese Meridian Project
#Station: YANQG({longitude:.1f}E,{latitude:.1f}N,{altitude:.0f}m)
#Instrument: Simulated Ca+ resonance fluorescence lidar
#Producer: metalclouds
#FileCreateTime: {day}T23:59:59
#DataLevel: L2
#DataVersion: V01.00
#DataTime: {time}
#RecordNumber: {records}
#QualityFlag: TBD
#DeviceState: BeamDirect=0.0 degree
#DeviceSpec: WaveLen=393nm, PRF=15Hz, PlsEnergy=30mJ
#ObsParameters: PlsAccu={shots}
#Quantities: Number density of Ca ions (cm^-3)
#Elev(km): Height, F7.3, missingdata=NaN
#CaIonDen(cm^-3): Number density, F9.1, missingdata=NaN
#DenEr(%): Density Error, F5.1, missingdata=NaN
#---------------------------------
   Elev  CaIonDen DenEr
"""
PULSES_PER_S = 15
"""Repetition rate of the laser (paper, line 74)."""


def density_cm3(night: LidarNight) -> NDArray[Any]:
    """Density that the publisher derives: calibration r^2 (counts - background), cm-3, (time, altitude).

    Returns
    -------
    ndarray
        float32.
    """
    square = (night.axes.altitude_km - LIDAR_ALTITUDE_KM) ** 2
    signal = night.counts - night.background_counts[:, None]
    return (night.calibration[:, None] * square * signal).astype(np.float32)


def netcdf_bytes(night: LidarNight, lidar: LidarTwin) -> bytes:
    """A night of photon counts as netCDF-4; the same bytes for the same night."""
    # Files in memory carry the time of writing (netCDF 4.10), files on disk do not.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "night.nc"
        with parallel.NETCDF, netCDF4.Dataset(path, "w", format="NETCDF4") as dataset:
            _fill(dataset, night, lidar)
        return path.read_bytes()


def _fill(dataset: netCDF4.Dataset, night: LidarNight, lidar: LidarTwin) -> None:
    day = night.truth.night
    dataset.setncatts(
        {
            "title": f"Ca+ lidar photon counts, Yanqing, {day} (simulated)",
            "site": f"{LIDAR_LATITUDE_DEG}N {LIDAR_LONGITUDE_DEG}E, {LIDAR_ALTITUDE_KM} km above sea level",
            "synthetic": "true",
            "species": "Ca+",
            "wavelength_nm": 393.366,
            "retrieval": "density [cm-3] = cal * R^2 * (counts - bg), R = range above the lidar in km",
        }
    )
    profiles, bins = night.counts.shape
    dataset.createDimension("profile", profiles)
    dataset.createDimension("range_bin", bins)
    seconds = night.time.astype("datetime64[ms]").astype(np.int64) / 1e3
    put = functools.partial(_put, dataset, lidar.compression_level)
    put("utc_time", seconds, ("profile",), "s", "seconds since 1970-01-01 00:00:00 UTC, middle of accumulation")
    put("acc_time", np.full(profiles, lidar.profile_s, "f4"), ("profile",), "s", "accumulation time")
    put("alt_km", night.axes.altitude_km, ("range_bin",), "km", "altitude above sea level, bin centre")
    put("counts", night.counts, ("profile", "range_bin"), "counts", "photon counts per bin and accumulation")
    put("bg", night.background_counts, ("profile",), "counts", "mean background counts per bin, 310-330 km")
    put("cal", night.calibration, ("profile",), "cm-3 km-2", "calibration factor from the Rayleigh signal at 30 km")


def _put(
    dataset: netCDF4.Dataset, level: int, name: str, values: NDArray[Any], dims: tuple[str, ...], unit: str, text: str
) -> None:
    chunks = (min(CHUNK_PROFILES, values.shape[0]), values.shape[1]) if values.ndim == 2 else None
    create: Any = dataset.createVariable
    variable = create(name, values.dtype, dims, zlib=True, complevel=level, shuffle=True, chunksizes=chunks)
    variable.setncatts({"units": unit, "long_name": text})
    variable[:] = values


def mat_bytes(night: LidarNight) -> bytes:
    """A night of density as MAT version 5: `Ca_density` (height, time), `height` km, `UT` hours, past 24 allowed."""
    return record.mat_bytes(
        {
            "Ca_density": np.round(density_cm3(night), 2).T.copy(),
            "height": night.axes.altitude_km,
            "UT": hour_of(night.truth.night, night.time),
        }
    )


def text_members(night: LidarNight, lidar: LidarTwin) -> Iterator[Member]:
    """A night as Meridian level-2 text, one file a profile; negative densities are lost as the format loses them."""
    bins = night.axes.bins(TEXT_BOTTOM_KM, np.inf)
    density = density_cm3(night)[:, bins].astype(float)
    counts = night.counts[:, bins]
    error = 100 / np.sqrt(np.maximum(counts, 1))
    error[(counts < 1) | (density < 0)] = np.nan
    density[density < 0] = np.nan
    altitude = night.axes.altitude_km[bins]
    row = "%7.3f %9.1f %5.1f\n" * altitude.size
    for time, values, errors in zip(night.time, density, error, strict=True):
        table = row % tuple(np.column_stack((altitude, values, errors)).ravel().tolist())
        stamp = str(time.astype("datetime64[s]")).translate(str.maketrans("", "", "-:T"))
        name = f"YANQG_CAL01_NDCI_L2_STP_{stamp}_V01.00.TXT"
        yield name, (_text_header(night, time, altitude.size, lidar) + table.replace("nan", "NaN")).encode("ascii")


def _text_header(night: LidarNight, time: np.datetime64, records: int, lidar: LidarTwin) -> str:
    return TEXT_HEADER.format(
        longitude=LIDAR_LONGITUDE_DEG,
        latitude=LIDAR_LATITUDE_DEG,
        altitude=1e3 * LIDAR_ALTITUDE_KM,
        day=night.truth.night,
        time=str(time.astype("datetime64[ms]")),
        records=records,
        shots=round(lidar.profile_s * PULSES_PER_S),
    )


def members(truth: NightTruth, settings: TwinSettings) -> Iterator[Member]:
    """The file or files of one night, in the format that the settings give it."""
    lidar = settings.lidar
    night = observe(truth, settings)
    compact = truth.night.replace("-", "")
    if truth.panel and truth.listed_as in lidar.text_nights:
        for name, content in text_members(night, lidar):
            yield f"{compact}/{name}", content
    elif truth.panel is None and truth.night[:7] in lidar.density_months:
        yield f"Ca_ion_{compact}.mat", mat_bytes(night)
    else:
        yield f"Ca_ion_{compact}.nc", netcdf_bytes(night, lidar)


def archive_key(truth: NightTruth, lidar: LidarTwin) -> str:
    """Name of the archive that a night lies in: one for the case nights, else one a month."""
    if truth.panel:
        return CASES_KEY
    kind = "density" if truth.night[:7] in lidar.density_months else "counts"
    return f"Ca_ion_lidar_{kind}_{truth.night[:7].replace('-', '')}.zip"


def archives(nights: Sequence[NightTruth], lidar: LidarTwin) -> dict[str, list[NightTruth]]:
    """Archive -> its nights by date; the case nights come first since they take longest."""
    packed: dict[str, list[NightTruth]] = {}
    for truth in sorted(nights, key=lambda one: (one.panel is None, one.night)):
        packed.setdefault(archive_key(truth, lidar), []).append(truth)
    return packed


def write_archive(settings: TwinSettings, folder: str, packed: tuple[str, list[NightTruth]]) -> str:
    """Write one archive; its name."""
    key, nights = packed
    path = Path(folder) / key
    text = any(truth.panel and truth.listed_as in settings.lidar.text_nights for truth in nights)
    content = (member for truth in nights for member in members(truth, settings))
    record.write_zip(path, content, deflate=text)
    print(f"{key}: {len(nights)} nights, {path.stat().st_size / 1e6:.1f} MB")
    return key


def write(
    settings: TwinSettings, nights: Sequence[NightTruth], record_dir: str | Path, dask_client: Any = None
) -> None:
    """Write the lidar part of the record: its archives, then the manifest `lidar.json`.

    Parameters
    ----------
    dask_client
        client of `parallel.client`, or None to work in this process; the bytes do not depend on it.
    """
    task = functools.partial(write_archive, settings, str(record_dir))
    keys = parallel.map_nights(task, list(archives(nights, settings.lidar).items()), dask_client)
    record.write_manifest(record_dir, "lidar", TITLE, keys)
