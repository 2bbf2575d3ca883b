"""A sodium lidar's nights in the Meridian level-2 text format, written by hand from the format's description.

Stripes stand in counts: n = C z^2 (N - B) with z above the station, N Poisson; the writer of the format replaces
negative densities by NaN and gives DenEr = 100 / sqrt(N) per cent, NaN above 100.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

STATION = "OMOHE(122.3E,53.6N,298m)"
STATION_KM = 0.298
NIGHTS = ("2023-07-20", "2023-08-02")
FIRST_HOUR, STEP_S, PROFILES = 14.0, 60.0, 150
ALTITUDE_KM = 75.0 + 0.3 * np.arange(418)
CALIBRATION, BACKGROUND = 1e-3, 12.0
# Time at 120 km (s after the first profile) and slowness (s/km) of the stripes of the first night.
STRIPES = ((2400.0, 20.0), (4200.0, 20.0), (6000.0, 20.0))
STRIPE_WIDTH_S, STRIPE_PEAK_CM3, STRIPE_TOP_KM = 90.0, 260.0, 172.0
HEADER = """\
#DataName: Number Density of Na Atoms
#CopyRight: Chinese Meridian Project
#Station: {station}
#Instrument: MUNA01
#Producer: Test
#FileCreateTime: 2023-09-01T00:00:00
#DataLevel: L2
#DataVersion: V01.00
#DataTime: {time}
#RecordNumber: {records}
#QualityFlag: TBD
#DeviceState: BeamDirect=0.0 degree
#DeviceSpec: WaveLen=589nm, PRF=30Hz, PlsEnergy=40mJ
#ObsParameters: PlsAccu=1800
#Quantities: Number density of Na atoms (cm^-3)
#Elev(km): Height, F7.3, missingdata=NaN
#NaDen(cm^-3): Number density, F9.1, missingdata=NaN
#DenEr(%): Density Error, F5.1, missingdata=NaN
#---------------------------------
   Elev     NaDen DenEr
"""


def density(seconds: np.ndarray, with_stripes: bool) -> np.ndarray:
    """Density (time, altitude) in cm-3: a layer at 91 km of 4000 cm-3, and stripes above it."""
    layer = 4000.0 * np.exp(-0.5 * ((ALTITUDE_KM - 91.0) / 4.0) ** 2)
    out = np.repeat(layer[None], seconds.size, axis=0)
    for start, slowness in STRIPES if with_stripes else ():
        late = seconds[:, None] - start - slowness * (120.0 - ALTITUDE_KM)[None]
        height = STRIPE_PEAK_CM3 / (1.0 + np.exp((ALTITUDE_KM - STRIPE_TOP_KM) / 2.0)) * (ALTITUDE_KM > 108.0)
        out += height * np.exp(-4 * np.log(2.0) * (late / STRIPE_WIDTH_S) ** 2)
    return out


def write(folder: Path) -> None:
    """The first night, with stripes, in one file; the second, quiet, in one file a profile."""
    for night, with_stripes in zip(NIGHTS, (True, False), strict=True):
        size = PROFILES if with_stripes else PROFILES // 2
        seconds = STEP_S * np.arange(size)
        rng = np.random.default_rng(int(night.replace("-", "")))
        scale = CALIBRATION * (ALTITUDE_KM - STATION_KM) ** 2
        counts = rng.poisson(density(seconds, with_stripes) / scale + BACKGROUND)
        starts = np.datetime64(night, "ms") + ((3600.0 * FIRST_HOUR + seconds) * 1e3).astype("timedelta64[ms]")
        texts = [_profile(*pair, scale) for pair in zip(starts, counts, strict=True)]
        if with_stripes:
            (folder / _name(starts[0])).write_text("".join(texts))
        else:
            for start, text in zip(starts, texts, strict=True):
                (folder / _name(start)).write_text(text)


def _name(start: np.datetime64) -> str:
    stamp = str(start.astype("datetime64[s]")).translate(str.maketrans("", "", "-:T"))
    return f"OMOHE_MUNA01_NDNA_L2_STP_{stamp}_V01.00.TXT"


def _profile(start: np.datetime64, counts: np.ndarray, scale: np.ndarray) -> str:
    values, errors = scale * (counts - BACKGROUND), 100.0 / np.sqrt(np.maximum(counts, 1))
    rows = [
        f"{z:7.3f}{n:10.1f}{e:6.1f}" if n >= 0 else f"{z:7.3f}       NaN   NaN"
        for z, n, e in zip(ALTITUDE_KM, values, errors, strict=True)
    ]
    return HEADER.format(station=STATION, time=start, records=counts.size) + "\n".join(rows) + "\n"
