"""One truth, written as ten differently shaped records. Written with other people's libraries, not with ours."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import openpyxl
import scipy.io

NIGHTS = ("2021-06-03", "2021-06-04")
STATION_KM = 0.5
CALIBRATION = 2.0e-4
BACKGROUND = 3.3


@dataclass(frozen=True)
class Truth:
    """A night: `hours` UT of the middle of each profile, `altitude` km above sea level, `counts`, `density` cm-3."""

    night: str
    hours: np.ndarray
    altitude: np.ndarray
    counts: np.ndarray

    @property
    def density(self) -> np.ndarray:
        return CALIBRATION * (self.altitude - STATION_KM) ** 2 * (self.counts - BACKGROUND)

    @property
    def times(self) -> np.ndarray:
        return np.datetime64(self.night, "ns") + np.round(self.hours * 3.6e6).astype("timedelta64[ms]")


def truth(night: str) -> Truth:
    """A main layer near 98 km and a background of Poisson counts, 40 profiles of 60 altitudes."""
    rng = np.random.default_rng([20210603, int(night.replace("-", ""))])
    hours = 13.0 + np.arange(40) * 300.0 / 3600.0
    altitude = 75.0 + 1.92 * np.arange(60)
    layer = 60.0 * np.exp(-0.5 * ((altitude - 98.0) / 4.0) ** 2)
    return Truth(night, hours, altitude, rng.poisson(BACKGROUND + layer, (40, 60)).astype(np.uint16))


def mat_v5(folder: Path) -> None:
    """One matrix a file, axes in its first row and column, hours UT; the name gives the date."""
    for night in NIGHTS:
        t = truth(night)
        matrix = np.zeros((t.altitude.size + 1, t.hours.size + 1))
        matrix[1:, 0], matrix[0, 1:], matrix[1:, 1:] = t.altitude, t.hours, t.density.T
        scipy.io.savemat(folder / f"Yanqing_{night.replace('-', '')}.mat", {"data": matrix})


def mat_v73(folder: Path) -> None:
    """HDF5 with reversed axes behind 512 bytes of header; datenum and metres."""
    for night in NIGHTS:
        t = truth(night)
        days = (t.times - np.datetime64("1970-01-01", "ns")).astype(float) / 8.64e13 + 719529.0
        path = folder / f"ca_{night}.mat"
        with h5py.File(path, "w", userblock_size=512) as file:
            # MATLAB's array density(time, altitude) lies in the file as (altitude, time).
            file["density"], file["z"], file["datenum"] = t.density.T, 1e3 * t.altitude[:, None], days[:, None]
        with open(path, "r+b") as stream:
            stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


MERIDIAN = """\
#DataName: Number Density of Ca Ions
#CopyRight: Chinese Meridian Project
#Station: YANQG(116.0E,40.4N,500m)
#DataLevel: L2
#DataTime: {time}
#RecordNumber: {records}
#DeviceSpec: WaveLen=393nm, PRF=15Hz, PlsEnergy=30mJ
#ObsParameters: PlsAccu=4500
#Quantities: Number density of Ca ions (cm^-3)
#Elev(km): Height, F7.3, missingdata=NaN
#CaIonDen(cm^-3): Number density, F9.1, missingdata=NaN
#DenEr(%): Density Error, F5.1, missingdata=NaN
#---------------------------------
   Elev  CaIonDen DenEr
"""


def meridian(folder: Path) -> None:
    """One text file a profile; what was negative is NaN."""
    for night in NIGHTS:
        t = truth(night)
        for time, density, counts in zip(t.times, t.density, t.counts, strict=True):
            head = MERIDIAN.format(time=str(time.astype("datetime64[ms]")), records=t.altitude.size)
            rows = [_meridian_row(*row) for row in zip(t.altitude, density, counts, strict=True)]
            stamp = str(time.astype("datetime64[s]")).translate(str.maketrans("", "", "-:T"))
            name = f"YANQG_CAL09_NDCI_L2_STP_{stamp}_V01.00.TXT"
            (folder / name).write_text(head + "\n".join(rows) + "\n")


def _meridian_row(altitude: float, density: float, counts: int) -> str:
    if density < 0:
        return f"{altitude:7.3f}       NaN   NaN"
    return f"{altitude:7.3f}{density:10.1f}{100 / np.sqrt(max(counts, 1)):6.1f}"


def xlsx(folder: Path) -> None:
    """A column a profile with its hour as heading, heights in the first column, a workbook a night."""
    for night in NIGHTS:
        t = truth(night)
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["height (km)", *[f"UT {hour:.6f}" for hour in t.hours]])
        for altitude, row in zip(t.altitude, t.density.T, strict=True):
            sheet.append([float(altitude), *map(float, row)])
        book.save(folder / f"density_{night}.xlsx")


def netcdf(folder: Path) -> None:
    """Metres, m-3, unix milliseconds relative to an offset in the file."""
    for night in NIGHTS:
        t = truth(night)
        milliseconds = (t.times - t.times[0]).astype("timedelta64[ms]").astype(float)
        with netCDF4.Dataset(folder / f"lidar_{night}.nc", "w") as file:
            file.createDimension("time", t.hours.size)
            file.createDimension("altitude", t.altitude.size)
            file.createVariable("time", "f8", ("time",))[:] = milliseconds
            file.createVariable("altitude", "f4", ("altitude",))[:] = 1e3 * t.altitude
            file.createVariable("ca_density", "f8", ("time", "altitude"))[:] = 1e6 * t.density
            file.createVariable("time_offset", "f8", ())[:] = t.times[0].astype("datetime64[ms]").astype(float) / 1e3
            file["time"].units, file["altitude"].units = "ms", "m"


def local_hours(folder: Path) -> None:
    """Local time past 24 in hours, the date of the evening in the name, plain columns without a word about units."""
    for night in NIGHTS:
        t = truth(night)
        lines = ["lt_hour height density"]
        for hour, row in zip(t.hours + 8.0, t.density, strict=True):
            lines += [f"{hour:.6f} {z:.3f} {n:.4f}" for z, n in zip(t.altitude, row, strict=True)]
        (folder / f"Ca+_{night.replace('-', '')}_night.txt").write_text("\n".join(lines) + "\n")


def local_names(folder: Path) -> None:
    """A file a profile with height and density; only its name has the time: local, past 24 h, to the second."""
    for night in NIGHTS:
        t = truth(night)
        for hour, row in zip(t.hours + 8.0, t.density, strict=True):
            minute, second = divmod(round(hour * 3600), 60)
            clock = f"{minute // 60:02d}{minute % 60:02d}{second:02d}"
            lines = [f"{z:.3f} {n:.4f}" for z, n in zip(t.altitude, row, strict=True)]
            text = "height density" + chr(10) + chr(10).join(lines) + chr(10)
            (folder / f"Ca+_{night.replace('-', '')}_{clock}.txt").write_text(text)


def gbk_zip(folder: Path) -> None:
    """A zip whose members have Chinese names in GBK without the flag for UTF-8; MATLAB vectors in UT."""
    with zipfile.ZipFile(folder / "record.zip", "w") as archive:
        for night in NIGHTS:
            t = truth(night)
            stream = io.BytesIO()
            content = {"nCa": t.density, "UT": t.hours, "alt": t.altitude}
            scipy.io.savemat(stream, content, oned_as="column")
            # zipfile writes names beyond code page 437 as UTF-8, so the name goes through that page byte by byte.
            name = f"激光雷达/钙离子_{night.replace('-', '')}.mat".encode("gbk").decode("cp437")
            info = zipfile.ZipInfo(name)
            info.filename = name
            archive.writestr(info, stream.getvalue())
    _clear_utf8_flag(folder / "record.zip")


def _clear_utf8_flag(path: Path) -> None:
    """Names of the archive as bytes of GBK, as a Chinese Windows writes them."""
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with open(path, "wb") as stream:
        stream.write(_raw_zip(members))


def _raw_zip(members: list[tuple[str, bytes]]) -> bytes:
    """A stored zip by the specification (PKWARE APPNOTE 4.3), flags 0."""
    import struct
    import zlib

    body, directory = b"", b""
    for name, content in members:
        raw = name.encode("cp437")
        fields = (20, 0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(raw), 0)
        directory += b"PK\x01\x02" + struct.pack("<HHHHHHIIIHHHHHII", 20, *fields, 0, 0, 0, 0, len(body)) + raw
        body += b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", *fields) + raw + content
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def counts_only(folder: Path) -> None:
    """Counts with background and calibration, unix seconds."""
    for night in NIGHTS:
        t = truth(night)
        seconds = t.times.astype("datetime64[ms]").astype(float) / 1e3
        with h5py.File(folder / f"counts_{night}.h5", "w") as file:
            file["photons"], file["epoch_time"], file["altitude_km"] = t.counts, seconds, t.altitude
            file["background"] = np.full(t.hours.size, BACKGROUND)
            file["calibration"] = np.full(t.hours.size, CALIBRATION)


def one_file(folder: Path) -> None:
    """All nights one after the other, altitude x time, year, doy and UT in vectors."""
    nights = [truth(night) for night in NIGHTS]
    doy = [float((np.datetime64(n.night) - np.datetime64("2021-01-01")).astype(int) + 1) for n in nights]
    scipy.io.savemat(
        folder / "all_nights.mat",
        {
            "year": np.full(sum(n.hours.size for n in nights), 2021.0),
            "doy": np.concatenate([np.full(n.hours.size, d) for n, d in zip(nights, doy, strict=True)]),
            "ut": np.concatenate([n.hours for n in nights]),
            "Height": nights[0].altitude,
            "Density": np.concatenate([n.density for n in nights]).T,
        },
    )


def csv_rows(folder: Path) -> None:
    """Rows of time, altitude and density, ISO times in UTC."""
    with open(folder / "ca_ion.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["time_utc", "altitude_km", "density_cm-3"])
        for t in map(truth, NIGHTS):
            for time, row in zip(t.times, t.density, strict=True):
                writer.writerows(
                    [f"{time.astype('datetime64[ms]')}Z", f"{z:.3f}", f"{n:.4f}"]
                    for z, n in zip(t.altitude, row, strict=True)
                )


SHAPES: dict[str, tuple[Callable[[Path], None], float]] = {
    "MAT v5, one unnamed matrix a file": (mat_v5, 1e-6),
    "MAT v7.3, transposed, datenum, metres": (mat_v73, 1e-6),
    "Meridian text, one file a profile": (meridian, 0.051),
    "xlsx, a column a profile": (xlsx, 1e-6),
    "netCDF in metres and m-3, ms from an offset": (netcdf, 1e-6),
    "columns, LT hours past 24": (local_hours, 5.1e-5),
    "a file a profile, LT hours past 24 in names": (local_names, 5.1e-5),
    "zip with GBK names, MAT vectors": (gbk_zip, 1e-6),
    "HDF5, counts only": (counts_only, 1e-6),
    "one file for all nights, altitude x time": (one_file, 1e-6),
    "CSV rows of time, altitude, density": (csv_rows, 5.1e-5),
}
"""Name -> writer, and half the last printed digit of its densities (cm-3)."""


# The 49 characteristics of a SAO record, in the order of the tables that are made of them.
SAO_NAMES = [
    "foF2",
    "foF1",
    "M(D)",
    "MUF(D)",
    "fmin",
    "foEs",
    "fminF",
    "fminE",
    "foE",
    "fxI",
    "h'F",
    "h'F2",
    "h'E",
    "h'Es",
    "zmE",
    "yE",
    "QF",
    "QE",
    "DownF",
    "DownE",
    "DownEs",
    "FF",
    "FE",
    "D",
    "fMUF",
    "h'(fMUF)",
    "delta_foF2",
    "foEp",
    "f(h'F)",
    "f(h'F2)",
    "foF1p",
    "hF2_peak",
    "hF1_peak",
    "zhalfNm",
    "foF2p",
    "fminEs",
    "yF2",
    "yF1",
    "TEC",
    "ScaleHeightF2",
    "B0",
    "B1",
    "D1",
    "foEa",
    "h'Ea",
    "foP",
    "h'P",
    "fbEs",
    "TypeEs",
]
SAO_ROWS = 200


def sao_characteristics(folder: Path) -> Path:
    """Made up: a table of 200 soundings, 15 min apart, 9999.000 where nothing was scaled, one in ten heights absurd.

    Row 0 has h'F2 92, which is no height of an F layer; row 1 has foF2 9.5, h'F2 302 and no Es.
    """
    rng = np.random.default_rng(20250112)
    rows = [",".join(["", *SAO_NAMES])]
    for number in range(SAO_ROWS):
        found = dict.fromkeys(SAO_NAMES, 9999.0)
        found |= {"foF2": 9.5 + 0.05 * rng.integers(-20, 20), "fmin": 1.6, "hF2_peak": 360.0}
        found["h'F2"] = 92.0 if rng.random() < 0.1 else 300.0 + rng.integers(-80, 80)
        if rng.random() < 0.2:
            found |= {"foEs": 3.9 + 0.05 * rng.integers(-10, 10), "h'Es": 705.0 if rng.random() < 0.1 else 104.0}
        if number < 2:
            found |= {"foF2": 8.7 + 0.8 * number, "h'F2": (92.0, 302.0)[number], "foEs": 9999.0, "h'Es": 9999.0}
        time = np.datetime64("2025-01-12T22:45") + np.timedelta64(15 * number, "m")
        rows.append(",".join([str(time).replace("T", " ") + ":00", *(f"{found[name]:.3f}" for name in SAO_NAMES)]))
    path = folder / "SAO_characteristics.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
