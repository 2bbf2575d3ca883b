"""Records cut down from the simulated one, as other groups publish theirs; SYNTHETIC like it.

Each reduction replaces the files of one or more instruments below `record/`. What it writes starts from the nights
that the full run has ingested and is written here, not by the project's writers: plain tables and matrices of the
shapes that this field publishes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from scipy.io import savemat

from metalclouds import io
from tests.workflow.checkout import CASES

LOCAL_HOURS = 8.0
LEAST_FINITE = 0.9
# Emission at 250 km among those of the interferometer (nm).
RED_LINE_NM = 630.0
SIMULATED = "simulated, cut down from a simulated record"


@dataclass(frozen=True)
class Record:
    """A full run: its record and its ingested nights.

    Attributes
    ----------
    folder
        record/<run>, which a reduction changes.
    run
        results/<run> with the nights of the full record.
    """

    folder: Path
    run: Path

    def nights(self, instrument: str) -> Iterator[tuple[str, xr.Dataset]]:
        """Ingested nights of an instrument, in order."""
        for path in sorted((self.run / "ingest" / instrument).glob("*/????-??-??.nc")):
            with xr.open_dataset(path) as night:
                yield path.stem, night

    def emptied(self, instrument: str) -> Path:
        """The folder of an instrument, without files."""
        folder = self.folder / instrument
        shutil.rmtree(folder)
        folder.mkdir()
        return folder

    def list_files(self, instruments: Iterable[str]) -> None:
        """Write the listing of some instruments anew, as a provider's API would give it."""
        for folder in (self.folder / name for name in instruments):
            listing = folder / f"{folder.name}.json"
            listing.unlink(missing_ok=True)
            # Where it stands Snakemake takes the folder's age from it, and would not see that files are gone.
            (folder / ".snakemake_timestamp").unlink(missing_ok=True)
            files = [
                {"key": path.name, "size": path.stat().st_size, "links": {"self": path.name},
                 "checksum": f"md5:{hashlib.md5(path.read_bytes()).hexdigest()}"}
                for path in sorted(folder.iterdir())
            ]  # fmt: skip
            content = {"files": files, "record": "synthetic", "synthetic": True, "title": SIMULATED}
            listing.write_text(json.dumps(content), encoding="utf-8")


Reduction = Callable[[Record], None]


# ---- lidar -----------------------------------------------------------------------------------------------


def densities(record: Record, nights: tuple[str, ...] = ()) -> Iterator[tuple[str, xr.DataArray]]:
    """Density (time, altitude) of some nights, or of all."""
    for night, content in record.nights("lidar"):
        if not nights or night in nights:
            yield night, io.number_density(content)[0].load()


def write_matrix(path: Path, density: xr.DataArray) -> None:
    """A night as a netCDF file with density and its axes, and nothing else."""
    plain = xr.Dataset(
        {"density": (("time", "altitude"), density.values.astype("f4"), {"units": "cm-3", "long_name": "Ca+"})},
        coords={"time": density["time"].values,
                "altitude": ("altitude", density["altitude"].values, {"units": "km"})},
        attrs={"synthetic": "true", "source": SIMULATED},
    )  # fmt: skip
    plain.to_netcdf(path, encoding={"time": {"units": "seconds since 1970-01-01 00:00:00 +00:00", "dtype": "f8"}})


def averaged(density: xr.DataArray, seconds: float, km: float | None = None) -> xr.DataArray:
    """Means over intervals of time, and of altitude; a time is the middle of its profiles.

    A night that lost its negative half stays as it is: means of what is left would be biased.
    """
    if np.isfinite(density).mean() < LEAST_FINITE:
        return density
    times = density["time"].values
    block = ((times - times[0]) / np.timedelta64(1, "ns") // (seconds * 1e9)).astype(int)
    middle = [
        times[block == one][0] + (times[block == one] - times[block == one][0]).mean() for one in np.unique(block)
    ]
    values = np.array([density.values[block == one].mean(axis=0) for one in np.unique(block)])
    altitude = density["altitude"].values
    if km is not None:
        level = np.floor((altitude - altitude[0]) / km).astype(int)
        whole = np.unique(level)[:-1]  # The uppermost one may be cut.
        values = np.stack([values[:, level == one].mean(axis=1) for one in whole], axis=1)
        altitude = np.array([altitude[level == one].mean() for one in whole])
    return xr.DataArray(values, coords={"time": np.array(middle), "altitude": altitude}, dims=("time", "altitude"))


def six_nights_of_density(record: Record) -> None:
    """The six case nights as matrices of density: no counts, no errors, no other nights."""
    whole = list(densities(record, CASES))
    folder = record.emptied("lidar")
    for night, density in whole:
        write_matrix(folder / f"density_{night.replace('-', '')}.nc", density)


def negatives_lost(record: Record) -> None:
    """All nights as density in which what was negative is missing, as in level-2 files of the Meridian Project."""
    whole = list(densities(record))
    folder = record.emptied("lidar")
    for night, density in whole:
        write_matrix(folder / f"density_{night.replace('-', '')}.nc", density.where(density >= 0))


def one_minute_one_kilometre(record: Record) -> None:
    """All nights as density in means over 1 min and 1 km."""
    whole = list(densities(record))
    folder = record.emptied("lidar")
    for night, density in whole:
        write_matrix(folder / f"density_{night.replace('-', '')}.nc", averaged(density, 60.0, 1.0))


def profiles_of_five_minutes(record: Record) -> None:
    """All nights as density in means over 5 min."""
    whole = list(densities(record))
    folder = record.emptied("lidar")
    for night, density in whole:
        write_matrix(folder / f"density_{night.replace('-', '')}.nc", averaged(density, 300.0))


def nights_in_local_time(record: Record) -> None:
    """All nights as MATLAB files whose hours are local and go on after 24."""
    whole = list(densities(record))
    folder = record.emptied("lidar")
    for night, density in whole:
        hours = (density["time"].values - np.datetime64(night)) / np.timedelta64(1, "h") + LOCAL_HOURS
        arrays = {"LT_hours": hours, "altitude_km": density["altitude"].values,
                  "Ca_ion_density_cm3": density.values.astype("f4")}  # fmt: skip
        savemat(folder / f"Caion_{night.replace('-', '')}.mat", arrays, do_compression=True)


def lidar_alone(record: Record) -> None:
    """No TEC, no winds, no soundings."""
    for instrument in ("tec", "fpi", "ionosonde"):
        record.emptied(instrument)


# ---- total electron content ------------------------------------------------------------------------------


def write_maps(path: Path, night: xr.Dataset, step: int = 1) -> None:
    """The maps of a night in one netCDF file, every `step`-th."""
    tec = night["vertical_tec"].isel(time=slice(None, None, step))
    plain = xr.Dataset(
        {"vtec": (("time", "latitude", "longitude"), tec.values, {"units": "TECU"})},
        coords={"time": tec["time"].values,
                "latitude": ("latitude", tec["latitude"].values, {"units": "degrees_north"}),
                "longitude": ("longitude", tec["longitude"].values, {"units": "degrees_east"})},
        attrs={"synthetic": "true", "source": SIMULATED, "pierce_point_altitude_km": 250.0},
    )  # fmt: skip
    plain.to_netcdf(path, encoding={"time": {"units": "seconds since 1970-01-01 00:00:00 +00:00", "dtype": "f8"}})


def tec_of_four_nights(record: Record) -> None:
    """Maps of the four nights of Figure 2 only: no slant paths, no quiet nights."""
    whole = [(night, content.load()) for night, content in record.nights("tec") if night in CASES]
    folder = record.emptied("tec")
    for night, content in whole:
        write_maps(folder / f"vtec_{night.replace('-', '')}.nc", content)


def tec_every_quarter_hour(record: Record) -> None:
    """Maps of all nights every 12 to 18 min, no slant paths."""
    whole = [(night, content.load()) for night, content in record.nights("tec")]
    folder = record.emptied("tec")
    for night, content in whole:
        times = pd.DatetimeIndex(content["time"].values)
        wanted = pd.date_range(times[0], times[-1], freq="15min")
        picks = np.unique(times.get_indexer(wanted, method="nearest"))
        write_maps(folder / f"vtec_{night.replace('-', '')}.nc", content.isel(time=picks))


def vertical_tec_of_receivers(record: Record) -> None:
    """One night of vertical TEC at pierce points: no satellites, no receivers, no maps, no quiet nights."""
    night, content = next((night, one.load()) for night, one in record.nights("tec") if "observation_time" in one)
    folder = record.emptied("tec")
    time = pd.DatetimeIndex(content["observation_time"].values)
    table = pd.DataFrame({
        "year": time.year, "doy": time.dayofyear, "ut": time.hour + time.minute / 60 + time.second / 3600,
        "glat": content["pierce_latitude"].values, "glon": content["pierce_longitude"].values,
        "TEC(TECU)": content["observation_vertical_tec"].values,
    })  # fmt: skip
    table.to_csv(folder / f"vtec_{night.replace('-', '')}.csv", index=False, float_format="%.4f")


# ---- winds and soundings ---------------------------------------------------------------------------------


def red_line_winds(record: Record) -> pd.DataFrame:
    """Horizontal wind at 250 km of all nights: time (UT), eastward, northward (m/s)."""
    rows = []
    for _, night in record.nights("fpi"):
        line = int(np.abs(night["emission_wavelength"].values - RED_LINE_NM).argmin())
        own = night.isel(emission=line).load()
        rows.append(pd.DataFrame({"time": own["time"].values, "eastward": own["eastward_wind"].values,
                                  "northward": own["northward_wind"].values}))  # fmt: skip
    return pd.concat(rows).dropna()


def write_winds(folder: Path, winds: pd.DataFrame, clock: str) -> None:
    """A table of the wind at 250 km by year, month, day and hour of a clock."""
    time = pd.DatetimeIndex(winds["time"])
    table = pd.DataFrame({
        "year": time.year, "month": time.month, "day": time.day, f"{clock}(hour)": time.hour + time.minute / 60.0,
        "eastward_wind(m/s)": winds["eastward"], "northward_wind(m/s)": winds["northward"],
    })  # fmt: skip
    table.to_csv(folder / "wind_250km_630nm.csv", index=False, float_format="%.3f")


def vector_winds_only(record: Record) -> None:
    """Hourly vectors at 250 km without errors; no line-of-sight winds."""
    winds = red_line_winds(record)
    write_winds(record.emptied("fpi"), winds, "UT")


def winds_in_local_time(record: Record) -> None:
    """The same in local time."""
    winds = red_line_winds(record)
    winds = winds.assign(time=winds["time"] + pd.Timedelta(hours=LOCAL_HOURS))
    write_winds(record.emptied("fpi"), winds, "LT")


def foes(record: Record) -> pd.DataFrame:
    """foEs of all soundings, a column each for the time (UT) and for foEs (MHz), NaN where there is no Es."""
    rows = [night[["foEs"]].to_dataframe().reset_index() for _, night in record.nights("ionosonde")]
    return pd.concat([one[["time", "foEs"]] for one in rows]).rename(
        columns={"time": "time(UT)", "foEs": "foEs(MHz)"}
    )


def foes_only(record: Record) -> None:
    """foEs every 15 min, 1.40EB without Es (URSI), and nothing else: no heights, no blanketing, no ionograms."""
    table = foes(record)
    cells = table["foEs(MHz)"].map("{:.2f}".format).where(table["foEs(MHz)"].notna(), "1.40EB")
    table.assign(**{"foEs(MHz)": cells}).to_csv(record.emptied("ionosonde") / "foEs_Changping.csv", index=False)


def foes_with_empty_cells(record: Record) -> None:
    """The same with empty cells, which do not say whether Es was absent or not observed."""
    table = foes(record)
    table.to_csv(record.emptied("ionosonde") / "foEs_Changping.csv", index=False)


def no_digisonde(record: Record) -> None:
    """The record as Zenodo's description has it: lidar, TEC, winds."""
    record.emptied("ionosonde")


def no_ionograms(record: Record) -> None:
    """Scaled characteristics without the ionograms that they come from."""
    for path in (record.folder / "ionosonde").glob("*.zip"):
        path.unlink()


def evenings_lost(record: Record) -> None:
    """All nights as density that begins at 16 UT, as after a clouded evening."""
    whole = list(densities(record))
    folder = record.emptied("lidar")
    for night, density in whole:
        late = density["time"].values >= np.datetime64(f"{night}T16:00")
        write_matrix(folder / f"density_{night.replace('-', '')}.nc", density[late])
