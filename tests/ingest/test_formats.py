"""Formats of which no real file is at hand, written here by hand from their description."""

from __future__ import annotations

import json
import re
from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pandas as pd
import pytest
import scipy.io
import yaml

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.readers import giro, sao, sao_explorer
from metalclouds.ingest.settings import IngestSettings, Site
from metalclouds.ingest.source import Member
from tests.ingest import shapes
from tests.ingest.papers import read_any


def context(options=None) -> Context:
    settings = IngestSettings()
    return Context(settings=settings, site=settings.site("ionosonde"), options=options or {})


def sao_record(stamp: str, values: list[float]) -> str:
    """One SAO 4.3 record: 80 counts, constants (16F7.3), a line of text, the time stamp, characteristics (15F8.3)."""
    counts = [0] * 80
    counts[0], counts[1], counts[2], counts[3], counts[79] = 16, 1, len(stamp), len(values), 4
    index = "".join(f"{count:3d}" for count in counts)
    constants = "".join(f"{0.5 * n:7.3f}" for n in range(16))
    rows = [values[start : start + 15] for start in range(0, len(values), 15)]
    lines = [index[:120], index[120:], constants, "ARTIST 4.5", stamp]
    lines += ["".join(f"{value:8.3f}" for value in row) for row in rows]
    return "\n".join(lines) + "\n"


def characteristics(**known: float) -> list[float]:
    """49 values: foF2 is the 1st, foEs the 6th, h'F2 the 12th, h'Es the 14th, fbEs the 48th."""
    places = {"foF2": 1, "foEs": 6, "hF2": 12, "hEs": 14, "fbEs": 48}
    values = [9999.0] * 49
    for name, value in known.items():
        values[places[name] - 1] = value
    return values


def test_spread_of_a_few_steps_is_none_and_none_given_is_not_observed(tmp_path):
    """Place 17 is the range spread in km, 22 the frequency spread in MHz; the sounder's steps are 0.025 MHz."""
    quiet, spread, unknown = (characteristics(foF2=5.0) for _ in range(3))
    quiet[21], spread[16] = 0.075, 60.0
    stamps = [f"FF202113005101{hour}0000" + "0" * 38 for hour in "456"]
    path = tmp_path / "BP440.sao"
    path.write_text("".join(sao_record(*one) for one in zip(stamps, (quiet, spread, unknown), strict=True)))
    assert read_any(path)[0]["spread_f"].values.tolist() == [0, 1, 2]


STAMP = "FF20211250510143000" + "0" * 38


def test_sao_with_two_records(tmp_path):
    first = sao_record("FF20211300510143000" + "0" * 38, characteristics(foF2=5.1, foEs=3.45, hEs=110.0, fbEs=2.9))
    second = sao_record("FF20211300510144500" + "0" * 38, characteristics(foF2=4.9, hF2=260.5))
    path = tmp_path / "BP440_2021130.SAO"
    path.write_text(first + "\n" + second)
    night = read_any(path)[0]
    assert [str(t)[:16] for t in night["time"].values] == ["2021-05-10T14:30", "2021-05-10T14:45"]
    assert night["foEs"].values[0] == 3.45
    assert night["fbEs"].values[0] == 2.9
    assert night["hEs"].values[0] == 110.0
    assert night["hF2"].values[1] == 260.5
    assert night["es_status"].values.tolist() == [1, 0]


def test_sao_that_is_cut_short_names_the_record(tmp_path):
    path = tmp_path / "cut.sao"
    path.write_text("\n".join(sao_record(STAMP, characteristics(foF2=5.0)).splitlines()[:6]))
    with pytest.raises(ReadError, match="cut short"):
        sao.read([Member(path)], context())


GIRO = """\
# Global Ionospheric Radio Observatory
# Location: GEO 40.3N 116.2E, URSI-Code BP440 BEIJING
# Time                     CS   foEs QD  h`Es QD  fbEs QD
2021-05-10T14:30:00.000Z  999   3.45 //  110.0 //  2.90 //
2021-05-10T14:45:00.000Z   70    --- //    --- //   --- //
2021-05-10T15:00:00.000Z    0   4.10 //  105.0 //   --- //
2021-05-10T15:15:00.000Z   -1   2.20 //  108.0 //   --- //
"""


def test_giro_columns_and_missing_values(tmp_path):
    path = tmp_path / "BP440_2021-05-10.txt"
    path.write_text(GIRO)
    night = read_any(path)[0]
    assert night["foEs"].values[[0, 2]].tolist() == [3.45, 4.10]
    assert np.isnan(night["foEs"].values[1])
    assert night["hEs"].values[0] == 110.0
    assert night["fbEs"].values[0] == 2.9


def test_giro_confidence_is_a_score_and_999_is_by_hand(tmp_path):
    path = tmp_path / "BP440.txt"
    path.write_text(GIRO)
    found = giro.read([Member(path)], context({"least_confidence": 40}))
    assert np.isfinite(found["foEs"].values).tolist() == [True, False, False, True]


def test_giro_error_is_not_read_as_data(tmp_path):
    path = tmp_path / "BP440.txt"
    path.write_text("# STATUS: ERROR (no data for this station)\n")
    with pytest.raises(ReadError, match="answered with an error"):
        giro.read([Member(path)], context())


def es_columns() -> dict[str, np.ndarray]:
    return {
        "year": np.full(4, 2021.0),
        "doy": np.full(4, 130.0),
        "ut(hour)": np.array([14.0, 14.25, 14.5, 14.75]),
        "foEs(MHz)": np.array([3.2, 9999.0, 4.1, 9999.0]),
        "foF2(MHz)": np.array([5.0, 5.1, 9999.0, 9999.0]),
    }


def as_xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    columns = es_columns()
    book.active.append(list(columns))
    for row in zip(*columns.values(), strict=True):
        book.active.append([float(value) for value in row])
    book.save(path)


def as_text(path: Path) -> None:
    columns = es_columns()
    rows = [" ".join(f"{value:.3f}" for value in row) for row in zip(*columns.values(), strict=True)]
    path.write_text(" ".join(columns) + "\n" + "\n".join(rows) + "\n")


def as_csv(path: Path) -> None:
    columns = es_columns()
    rows = [",".join(f"{value:.3f}" for value in row) for row in zip(*columns.values(), strict=True)]
    path.write_text(",".join(columns) + "\n" + "\n".join(rows) + "\n")


def as_mat(path: Path) -> None:
    names = ("year", "doy", "ut", "foEs", "foF2")
    scipy.io.savemat(path, dict(zip(names, es_columns().values(), strict=True)))


@pytest.mark.parametrize(
    ("suffix", "write"), [(".xlsx", as_xlsx), (".txt", as_text), (".csv", as_csv), (".mat", as_mat)]
)
def test_published_table_of_foes(tmp_path, suffix, write):
    """Day 130 of 2021 is 10 May. Absent Es is a sounding that has another characteristic; without any it failed."""
    path = tmp_path / f"foEs_table{suffix}"
    write(path)
    night = read_any(path)[0]
    assert night.attrs["night"] == "2021-05-10"
    assert str(night["time"].values[1])[:16] == "2021-05-10T14:15"
    assert np.nan_to_num(night["foEs"].values).tolist() == pytest.approx([3.2, 0.0, 4.1, 0.0])
    assert night["es_status"].values.tolist() == [1, 0, 1, 2]


def grid_text(hour: int, header: list[str] | None = None) -> str:
    """A map as the network delivers it: TEC = 70 - latitude + (longitude - 70) / 100, one cell missing."""
    header = header or ["# vertical TEC", f"# 2021-06-18 {hour:02d}:30:00 UT", *["#"] * 6]
    rows = [[70 - lat + (lon - 70) / 100 for lon in range(70, 141)] for lat in range(55, 14, -1)]
    rows[0][0] = 9999.0
    return "\n".join([*header, *(" ".join(f"{value:.2f}" for value in row) for row in rows)]) + "\n"


def test_gridded_tec_text(tmp_path):
    for hour in (12, 13):
        (tmp_path / f"tec_20210618_{hour}3000.txt").write_text(grid_text(hour))
    day = read_any(tmp_path)[0]
    assert day["vertical_tec"].sel(latitude=40, longitude=116).values == pytest.approx([30.46, 30.46], abs=1e-5)
    assert np.isnan(day["vertical_tec"].sel(latitude=55, longitude=70)).all()
    assert [str(t)[11:16] for t in day["time"].values] == ["12:30", "13:30"]


def test_a_grid_that_does_not_fit_its_header_stops(tmp_path):
    header = ["# map", "# 2021-06-18 12:30:00", "# latitude 50 to 15 step -1", *["#"] * 5]
    (tmp_path / "tec_20210618.txt").write_text(grid_text(12, header))
    with pytest.raises(ReadError, match="does not fit its header"):
        read_any(tmp_path)


def winds() -> dict[str, np.ndarray]:
    return {
        "Ut": np.array([12.5, 13.5, 14.5]),
        "Mw": np.array([10.0, -20.0, 9999.0]),
        "Zw": np.array([30.0, 40.0, 50.0]),
        "dMw": np.full(3, 5.0),
        "dZw": np.full(3, 6.0),
        "Wavlen": np.full(3, 630.0),
        "flag": np.array([0.0, 0.0, 1.0]),
    }


def test_fpi_components_have_explicit_directions(tmp_path):
    """Mw is meridional, northward; Zw zonal, eastward; flag 0 is good."""
    scipy.io.savemat(tmp_path / "fpi_20210510.mat", winds())
    night = read_any(tmp_path / "fpi_20210510.mat")[0].isel(emission=0)
    assert night["northward_wind"].values.tolist() == [10.0, -20.0]
    assert night["eastward_wind"].values.tolist() == [30.0, 40.0]
    assert night["eastward_wind_error"].values.tolist() == [6.0, 6.0]


def mohe() -> dict[str, np.ndarray]:
    """Looks N E S W Z of u = 40, v = -10, w = 0 m/s at 45 degree: along the line of sight +-u cos 45, +-v cos 45."""
    slope = np.cos(np.radians(45.0))
    return {
        "MOHE_Year": np.full(5, 2021.0), "MOHE_Month": np.full(5, 5.0), "MOHE_Day": np.full(5, 10.0),
        "MOHE_UT": 13.0 + 0.1 * np.arange(5), "MOHE_Directions": np.array(list("NESWZ")),
        "MOHE_Wind": np.array([-10, 40, 10, -40, 0]) * slope, "MOHE_Wind_sigma": np.full(5, 5.0),
        "MOHE_Wind_flag": np.zeros(5),
    }  # fmt: skip


def test_fpi_letters_need_the_elevation_of_the_looks(tmp_path):
    scipy.io.savemat(tmp_path / "Xinglong_630.0nm.mat", mohe())
    with pytest.raises(UndecidedError, match="look_elevation"):
        read_any(tmp_path / "Xinglong_630.0nm.mat")


def test_fpi_letters_with_the_catalogue_lines(tmp_path):
    scipy.io.savemat(tmp_path / "Xinglong_630.0nm.mat", mohe())
    own = tmp_path / "own.yaml"
    own.write_text(
        "entries:\n  - {glob: 'Xinglong*.mat', instrument: fpi, reader: fpi_looks,"
        " options: {look_elevation: 45, wind_is: line_of_sight}}\n"
    )
    night = read_any(tmp_path / "Xinglong_630.0nm.mat", IngestSettings(catalogue=(str(own),)))[0].isel(emission=0)
    assert float(night["eastward_wind"].values[0]) == pytest.approx(40.0, abs=1e-6)
    assert float(night["northward_wind"].values[0]) == pytest.approx(-10.0, abs=1e-6)
    assert float(night["upward_wind"].values[0]) == pytest.approx(0.0, abs=1e-6)


def photon_file(hour: float, channel: int) -> str:
    """20 header lines, the time in the 9th, then height and counts; 3 bins of 32 m are one of 96 m."""
    seconds = round(hour * 3600)
    header = [f"line {n}" for n in range(20)]
    header[8] = f"2021-06-03 {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    height = 0.032 * np.arange(10500)
    counts = np.round(2e5 * np.exp(-height / 7.0) * (10 / (height + 10)) ** 2 + 1 + channel)
    counts[(height > 95) & (height < 101)] += 12
    return "\n".join([*header, *(f"{z:.3f} {c:.0f}" for z, c in zip(height, counts, strict=True))]) + "\n"


def test_photon_counts_by_channel(tmp_path):
    """Two channels of counts sum; the layer stands out between 95.5 and 101.5 km above the sea; three bins of two
    channels add 72 counts there. The density at 98.5 km follows from the lidar equation by hand."""
    for channel in (1, 2):
        folder = tmp_path / f"Ca/20210603/CH{channel}"
        folder.mkdir(parents=True)
        for number in range(4):
            (folder / f"{number:03d}.txt").write_text(photon_file(13.0 + number * 33 / 3600, channel))
    night = read_any(tmp_path)[0]
    assert night.sizes["time"] == 4
    assert float(night["integration_time"][0]) == pytest.approx(33.0)
    inside = night.sel(altitude=slice(96.0, 101.0))
    outside = night.sel(altitude=slice(120.0, 200.0))
    assert inside["photon_counts"].values.max() == 15 + 72
    assert set(np.unique(outside["photon_counts"].values)) == {15}
    assert night["background_counts"].values == pytest.approx(15.0)
    # n = (z^2 / zR^2) (sigma_Ray / sigma_eff) (N - NB) / (N(zR) - NB) n_air(zR). The U.S. Standard Atmosphere 1976
    # has 3.828e17 cm-3 of air at 30 km; June at 40 N differs from it by less than 2 %.
    assert float(night["calibration_factor"][0]) == pytest.approx(_calibration_by_hand(), rel=0.02)


def _calibration_by_hand() -> float:
    height = 29.5
    counts = 2 * 3 * 2e5 * np.exp(-height / 7.0) * (10 / (height + 10)) ** 2
    return 2.0172e-31 / 1.091e-16 * 3.828e17 / (height**2 * counts)


def test_photon_counts_without_a_channel_are_left_out_and_counted(tmp_path):
    for channel, number in ((1, 3), (2, 2)):
        folder = tmp_path / f"Ca/20210603/CH{channel}"
        folder.mkdir(parents=True)
        for index in range(number):
            (folder / f"{index:03d}.txt").write_text(photon_file(13.0 + index * 33 / 3600, channel))
    night = read_any(tmp_path)[0]
    assert night.sizes["time"] == 2
    assert "accumulations left out" in [entry["what"] for entry in json.loads(night.attrs["decisions"])]


NA = """\
#DataName: Number Density of Na Atoms
#Station: YANQG(116.0E,40.4N,500m)
#DataTime: 2021-06-03T{clock}
#RecordNumber: 3
#Quantities: Number density of Na atoms (cm^-3)
#Elev(km): Height, F7.3, missingdata=NaN
#NaDen(cm^-3): Number density, F9.1, missingdata=NaN
#DenEr(%): Density Error, F5.1, missingdata=NaN
#---------------------------------
   Elev     NaDen DenEr
 85.000    2500.0   3.1
 90.000    4100.5   2.2
 95.000       NaN   NaN
"""


def test_sodium_in_the_meridian_format_with_another_station(tmp_path):
    """Bring your own nights: species from the column, station from the settings."""
    for clock in ("14:00:00.000", "14:05:00.000"):
        (tmp_path / f"MOHE_LID_NDNA_L2_STP_20210603{clock[:8].replace(':', '')}_V01.00.TXT").write_text(
            NA.format(clock=clock)
        )
    base = IngestSettings()
    site = Site(latitude=53.6, longitude=122.3, altitude_km=0.3)
    settings = base.model_copy(update={"lidar": base.lidar.model_copy(update={"site": site})})
    night = read_any(tmp_path, settings)[0]
    assert night.attrs["species"] == "Na"
    assert night.attrs["station_latitude"] == 53.6
    assert night["ca_ion_number_density"].values[0, :2] == pytest.approx([2500.0, 4100.5])
    assert night["ca_ion_number_density_error"].values[0, 0] == pytest.approx(2500 * 0.031)


def test_madrigal_hdf5_table_of_looks(tmp_path):
    """The layout of Madrigal HDF5: a compound dataset `Data/Table Layout` with the names of the text files."""
    import h5py

    names = ["ut1_unix", "ut2_unix", "wavlen", "azm", "elm", "vnhlu", "dvnhlu", "fpi_dataqual"]
    rows = [(1620655200.0 + 60 * n, 1620655260.0 + 60 * n, 630.0, az, 45.0, wind, 8.0, 0.0)
            for n, (az, wind) in enumerate([(0, -10.0), (90, 40.0), (180, 10.0), (-90, -40.0)])]  # fmt: skip
    with h5py.File(tmp_path / "xlg210510g.hdf5", "w") as file:
        file["Data/Table Layout"] = np.array(rows, dtype=[(name, "f8") for name in names])
        # Reading fields of text by the netCDF library ends the process; every Madrigal file has such a table.
        parameters = [("mnemonic", "S6"), ("isError", "i8"), ("description", "S36"), ("units", "S3")]
        file["Metadata/Data Parameters"] = np.array([(b"VNHLU", 0, b"Line of sight velocity", b"m/s")], parameters)
    night = read_any(tmp_path / "xlg210510g.hdf5")[0].isel(emission=0, time=0)
    assert float(night["eastward_wind"]) == pytest.approx(40.0, abs=1e-6)
    assert float(night["northward_wind"]) == pytest.approx(-10.0, abs=1e-6)


def test_giro_without_names_of_columns_has_the_order_of_the_request(tmp_path):
    rows = [line for line in GIRO.splitlines(keepends=True) if line.startswith("2021")]
    path = tmp_path / "GIRO_BP440_2021-05-10.txt"
    path.write_text("# requested characteristics: foEs,hEs,fbEs\n# GIRO\n" + "".join(rows))
    night = read_any(path)[0]
    assert night["foEs"].values == pytest.approx([3.45, np.nan, 4.10, 2.20], nan_ok=True)
    assert night["hEs"].values[0] == 110.0


def test_xz_of_a_text(tmp_path):
    import lzma

    (tmp_path / "BP440.txt.xz").write_bytes(lzma.compress(GIRO.encode()))
    assert read_any(tmp_path / "BP440.txt.xz")[0].sizes["time"] == 4


def tec_field(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    return 10.0 + 0.1 * latitude + 0.01 * longitude


def test_tec_maps_as_matlab_arrays(tmp_path):
    """lon x lat x time with UT hours, the date in the name; TEC = 10 + 0.1 lat + 0.01 lon + hour."""
    latitude, longitude, hours = np.arange(55.0, 14.0, -1.0), np.arange(70.0, 141.0), np.array([12.3, 14.6, 17.6])
    cube = tec_field(latitude[None, :, None], longitude[:, None, None]) + hours
    scipy.io.savemat(tmp_path / "TEC_20210618.mat", {"TEC": cube, "lat": latitude, "lon": longitude, "UT": hours})
    day = read_any(tmp_path / "TEC_20210618.mat")[0]
    assert day["vertical_tec"].dims == ("time", "latitude", "longitude")
    assert float(day["vertical_tec"].sel(latitude=40, longitude=116)[1]) == pytest.approx(
        10 + 4 + 1.16 + 14.6, abs=1e-4
    )
    assert str(day["time"].values[1])[:16] == "2021-06-18T14:36"


def test_tec_points_as_columns(tmp_path):
    """year, doy, ut, glat, glon, TEC: day 169 of 2021 is 18 June."""
    rows = [
        [2021, 169, 14.6, 40.2, 116.1, 12.5],
        [2021, 169, 14.6, 40.3, 115.8, 13.5],
        [2021, 169, 14.6, 30.0, 110.0, 20.0],
    ]
    lines = ["year,doy,ut,glat,glon,TEC(TECU)", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "points.csv").write_text("\n".join(lines) + "\n")
    day = read_any(tmp_path / "points.csv")[0]
    assert str(day["time"].values[0])[:16] == "2021-06-18T14:36"
    assert float(day["vertical_tec"].sel(latitude=40, longitude=116)[0]) == pytest.approx(13.0)
    assert int(day["vertical_tec_count"].sel(latitude=40, longitude=116)[0]) == 2


def test_tec_cubes_of_station_epoch_and_satellite(tmp_path):
    """GPSvtec (station, epoch, satellite), 2880 epochs of 30 s; below 30 degrees of elevation left out."""
    shape = (2, 2880, 3)
    elevation = np.broadcast_to(np.array([20.0, 50.0, 80.0]), shape)
    latitude = np.broadcast_to(np.array([35.0, 40.0])[:, None, None], shape)
    longitude = np.full(shape, 110.0)
    vtec = np.full(shape, np.nan)
    vtec[:, 1000] = tec_field(latitude, longitude)[:, 1000]
    names = {"GPSvtec": vtec, "GPSlat": latitude, "GPSlon": longitude, "GPSelev": elevation}
    scipy.io.savemat(tmp_path / "CMONOC_20210618.mat", names)
    day = read_any(tmp_path / "CMONOC_20210618.mat")[0]
    assert day.sizes["observation"] == 4
    assert set(day["observation_time"].values.astype("datetime64[s]").astype(str)) == {"2021-06-18T08:20:00"}
    assert float(day["vertical_tec"].sel(latitude=35, longitude=110)[0]) == pytest.approx(10 + 3.5 + 1.1, abs=1e-4)


def test_a_text_matrix_without_its_corner(tmp_path):
    """Hours UT in the first row, heights in the first column, nothing where they meet."""
    height = np.arange(80.0, 120.0)
    hours = 13.0 + 0.1 * np.arange(50)
    density = 300 * np.exp(-(((height - 98) / 5) ** 2))[:, None] + np.sin(np.arange(50))
    rows = [" ".join(f"{hour:.2f}" for hour in hours)]
    rows += [" ".join([f"{z:.1f}", *(f"{n:.3f}" for n in line)]) for z, line in zip(height, density, strict=True)]
    (tmp_path / "20210603.txt").write_text("\n".join(rows) + "\n")
    night = read_any(tmp_path / "20210603.txt")[0]
    assert night.sizes == {"time": 50, "altitude": 40}
    assert night["ca_ion_number_density"].values[3, 18] == pytest.approx(density[18, 3], abs=1e-3)


def test_wind_of_250_km_is_that_of_the_red_line(tmp_path):
    (tmp_path / "FPI_wind_250km_20210510.txt").write_text("UT zonal meridional\n12.5 30 -10\n13.5 40 -20\n")
    night = read_any(tmp_path / "FPI_wind_250km_20210510.txt")[0].isel(emission=0)
    assert float(night["emission_wavelength"]) == 630.0
    assert night["eastward_wind"].values.tolist() == [30.0, 40.0]


SAOXML = """\
<?xml version="1.0"?>
<SAORecordList>
  <SAORecord FormatVersion="5.0" StartTimeUTC="2021-05-10 -130- 14:30:00.000" URSICode="BP440" GeoLatitude="40.3">
    <CharacteristicList Num="3">
      <URSI ID="00" Val="5.125" Name="foF2" Units="MHz" QL="/" DL="/"/>
      <URSI ID="30" Val="3.45" Name="foEs" Units="MHz"/>
      <URSI ID="34" Val="110.5" Name="h`Es" Units="km"/>
    </CharacteristicList>
  </SAORecord>
  <SAORecord FormatVersion="5.0" StartTimeUTC="2021-05-10T14:45:00.000Z">
    <CharacteristicList Num="1"><URSI ID="00" Val="5100" Name="foF2" Units="kHz"/></CharacteristicList>
  </SAORecord>
</SAORecordList>
"""


def test_saoxml_records(tmp_path):
    (tmp_path / "BP440_2021130.XML").write_text(SAOXML)
    day = read_any(tmp_path / "BP440_2021130.XML")[0]
    assert [str(t)[11:16] for t in day["time"].values] == ["14:30", "14:45"]
    assert day["foF2"].values == pytest.approx([5.125, 5.1])
    assert (day["foEs"].values[0], day["hEs"].values[0]) == (3.45, 110.5)
    assert day["es_status"].values.tolist() == [1, 0]


def test_saoxml_that_is_cut_short(tmp_path):
    (tmp_path / "cut.xml").write_text(SAOXML[:400])
    with pytest.raises(ReadError, match="not an XML file"):
        read_any(tmp_path / "cut.xml")


GPS_TEC = """\
wuhn169-2021-06-18.Cmn
Latitude 30.53 Longitude 114.36
MJdatet Time PRN Az Ele Lat Lon Stec Vtec S4
59383.608333 14.600000 5 120.1 61.5 29.9 115.2 14.25 12.50 -99.0
59383.608333 14.600000 9 300.4 25.0 33.1 108.9 25.25 12.90 -99.0
"""


def test_gps_tec_cmn(tmp_path):
    """MJD 59383.608333 is 2021-06-18 14:36; pierce points are the file's; 25 degrees of elevation is left out."""
    (tmp_path / "wuhn169-2021-06-18.Cmn").write_text(GPS_TEC)
    day = read_any(tmp_path / "wuhn169-2021-06-18.Cmn")[0]
    assert day["satellite"].values.tolist() == ["G05"]
    late = day["observation_time"].values[0] - np.datetime64("2021-06-18T14:36")
    assert abs(late) < np.timedelta64(1, "s")
    assert float(day["pierce_latitude"][0]) == pytest.approx(29.9, abs=1e-4)
    # cos z' = sqrt(1 - (6371 / 6621 cos 61.5)^2) = 0.8884, by hand
    assert float(day["observation_vertical_tec"][0]) == pytest.approx(14.25 * 0.8884, abs=2e-3)


def test_an_infinite_characteristic_is_left_out_and_counted(tmp_path):
    """Found by mutated files: a number too large for a float is no height."""
    path = tmp_path / "foEs_table.txt"
    path.write_text("year doy ut foEs h'F2\n2021 130 14.0 3.2 1e400\n2021 130 14.25 3.1 250.0\n")
    night = read_any(path)[0]
    assert np.isnan(night["hF2"].values[0])
    assert night["hF2"].values[1] == 250.0
    assert "hF2 left out" in [entry["what"] for entry in json.loads(night.attrs["decisions"])]


EXPLORER = """\
2021.05.10 (130) 14:30:00.000
Station name: Somewhere
Ionosonde model: DPS-4D
  Freq  Range Pol MPA Amp Doppler    Az    Zn  PGH
 2.000  110.0  90  45  57   0.781   0.0   0.0  115
 2.000  110.0  90  45  63  -0.781   0.0   0.0  116
 2.025  112.5  90  45  51  -0.781  90.0  30.0  116
 2.100  280.0 -90  42  60  -0.781   0.0   0.0  285

2021.05.10 (130) 14:45:00.000
 2.050  107.5  90  48  54   3.906   0.0   0.0  115
"""


def test_ionograms_of_sao_explorer(tmp_path):
    """Steps of 0.025 MHz and 2.5 km; amplitude above MPA; of two echoes in a cell the stronger; 90 is the O wave."""
    (tmp_path / "iono.txt").write_text(EXPLORER)
    day = read_any(tmp_path / "iono.txt")[0]
    assert [str(t)[11:16] for t in day["ionogram_time"].values] == ["14:30", "14:45"]
    assert day["frequency"].values == pytest.approx([2.0, 2.025, 2.05, 2.075, 2.1])
    assert day["virtual_height"].values[[0, 1, -1]] == pytest.approx([107.5, 110.0, 280.0])
    assert day.sizes["virtual_height"] == 70
    first = day.isel(ionogram_time=0)
    assert int(first["echo_amplitude"].sel(frequency=2.0, virtual_height=110.0)) == 63 - 45
    assert int(first["echo_amplitude_x"].sel(frequency=2.1, virtual_height=280.0)) == 60 - 42
    assert int((first["echo_amplitude"] > 0).sum()) == 2
    assert int(day["echo_amplitude"].isel(ionogram_time=1).sel(frequency=2.05, virtual_height=107.5)) == 6
    assert (day["es_status"].values == 2).all()


def test_ionograms_of_sao_explorer_from_above_only(tmp_path):
    path = tmp_path / "iono.txt"
    path.write_text(EXPLORER)
    found = sao_explorer.read([Member(path)], context({"largest_zenith_angle": 10}))
    assert int((found["echo_amplitude"].isel(ionogram_time=0) > 0).sum()) == 1


def test_ionograms_of_sao_explorer_in_a_file_each_have_common_axes(tmp_path):
    first, second = EXPLORER.split("\n\n")
    names = "\n".join(EXPLORER.splitlines()[3:4])
    (tmp_path / "14_30.txt").write_text(first + "\n")
    (tmp_path / "14_45.txt").write_text(second.replace("14:45:00.000\n", f"14:45:00.000\n{names}\n"))
    (tmp_path / "both").mkdir()
    (tmp_path / "both/day.txt").write_text(EXPLORER)
    together = read_any(tmp_path / "both")[0]
    (tmp_path / "both/day.txt").unlink()
    assert read_any(tmp_path)[0].drop_attrs().identical(together.drop_attrs())


def test_a_broken_row_of_sao_explorer_names_the_sounding(tmp_path):
    path = tmp_path / "iono.txt"
    path.write_text(EXPLORER.replace("107.5  90", "107.5"))
    with pytest.raises(ReadError, match="14:45"):
        read_any(path)


def cpi_text(latitude: float = 42.61) -> str:
    """Looks of u = 40, v = -10 m/s at 33.1 h of 1 March 2022: horizontal components, signs as the blocks say."""
    poleward = -10.0 if latitude > 0 else 10.0
    blocks = [("North", "poleward", "LOS N", poleward), ("South", "poleward", "LOS S", poleward),
              ("East", "eastward", "LOS E", 40.0), ("West", "eastward", "LOS W", 40.0)]  # fmt: skip
    lines = ["Somewhere RedLine Wind data", "Plate gap:  1.0525", "mh220301   flats: mh220301  moon phase:  NEW",
             "data quality: code=0 trustworthy;  code=1 be suspicious;  code=2 be dubious",
             f"Location latitude: {latitude}, longitude: -71.48", "SS-Analyze V05.02", " "]  # fmt: skip
    for look, positive, label, wind in blocks:
        lines += [
            f"   2 {look} (postive {positive}) Hmax: 250.0 emission layer: 210.0",
            f" rec  UT1   UT2  UTmid    {label}   iLOS     wind    Grad                code",
            "     hours hours hours     m/s      m/s         m/s  (m/s)/500km",
            f" 176 33.05 33.15 33.10 {wind:8.2f}   999.00      999.00   -17.99                0",
            " +/-                     5.0000   0.9883      2.1506   0.4898",
            " 178 33.15 33.25 33.20   777.00   999.00      999.00   -17.99 converging     2",
            " +/-                     5.0000   0.9883      2.1506   0.4898",
        ]
    return "\n".join([*lines, "  0 zenith rest positions and relative vertical velocity (negative downward)"]) + "\n"


@pytest.mark.parametrize("latitude", [42.61, -42.61])
def test_cpi_winds(tmp_path, latitude):
    """Poleward is north in the north and south in the south; 33.1 h of 1 March is 9.1 h of the 2nd; code 2 is bad."""
    (tmp_path / "mh220301_winds.dat").write_text(cpi_text(latitude))
    night = read_any(tmp_path)[0]
    assert night.attrs["night"] == "2022-03-01"
    assert night.attrs["station_latitude"] == latitude
    assert [str(t)[:16] for t in night["time"].values] == ["2022-03-02T09:30"]
    wind = night.isel(time=0, emission=0)
    assert float(wind["emission_wavelength"]) == 630.0
    assert float(wind["eastward_wind"]) == pytest.approx(40.0, abs=1e-6)
    assert float(wind["northward_wind"]) == pytest.approx(-10.0, abs=1e-6)
    # Four looks of 5 m/s, two of which measure each component: 5 / sqrt(2).
    assert float(wind["eastward_wind_error"]) == pytest.approx(5.0 / np.sqrt(2.0))


def test_cpi_winds_cut_short_name_the_block(tmp_path):
    (tmp_path / "mh220301_winds.dat").write_text(cpi_text()[:-400])
    with pytest.raises(ReadError, match="block West"):
        read_any(tmp_path)


def test_a_grid_of_unusual_size_is_read_with_the_lines_that_the_stop_proposes(tmp_path):
    """30 latitudes from 50 to 21 and 40 longitudes from 80 to 119, of which the header says nothing."""
    rows = "\n".join(" ".join(f"{70 - lat + lon / 1000:.3f}" for lon in range(80, 120)) for lat in range(50, 20, -1))
    (tmp_path / "tec_20210618_123000.txt").write_text("#\n" * 8 + rows + "\n")
    with pytest.raises(UndecidedError, match=r"lat: \[FIRST, LAST\]"):
        read_any(tmp_path)
    own = tmp_path / "own.yaml"
    own.write_text(
        "entries:\n- {glob: 'tec_*.txt', instrument: tec, reader: tec_grid,"
        " options: {lat: [50, 21], lon: [80, 119]}}\n"
    )
    (day,) = read_any(tmp_path, IngestSettings(catalogue=(str(own),)))
    assert float(day["vertical_tec"].sel(latitude=40, longitude=116)[0]) == pytest.approx(30.116, abs=1e-4)


def two_metals_by_channel(folder: Path) -> None:
    for metal, number in (("Ca", 4), ("Na", 3)):
        (folder / f"{metal}/20210603/CH1").mkdir(parents=True)
        for index in range(number):
            text = photon_file(13.0 + index * 33 / 3600, 1)
            (folder / f"{metal}/20210603/CH1/{index:03d}.txt").write_text(text)


def test_channels_of_two_metals_are_never_summed(tmp_path):
    """Neither is Ca+, the species of the settings: the stop names both, and either line reads one of them."""
    two_metals_by_channel(tmp_path)
    with pytest.raises(UndecidedError, match="which files are the night's") as caught:
        read_any(tmp_path)
    lines = [yaml.safe_load(line) for line in re.findall(r"options: (\{.*\})", str(caught.value))]
    own = tmp_path / "own.yaml"
    sizes = []
    for options in lines:
        entry = {"glob": "*/ch[1-9]/*.txt", "instrument": "lidar", "reader": "photon_text", "options": options}
        own.write_text(yaml.safe_dump({"entries": [entry]}))
        sizes.append(read_any(tmp_path, IngestSettings(catalogue=(str(own),)))[0].sizes["time"])
    assert sizes == [4, 3]


def test_channels_of_the_metal_of_the_settings_are_taken(tmp_path):
    two_metals_by_channel(tmp_path)
    base = IngestSettings()
    lidar = base.lidar.model_copy(update={"species": "Na", "laser_width_GHz": 0.1})
    settings = base.model_copy(update={"lidar": lidar})
    assert read_any(tmp_path, settings)[0].sizes["time"] == 3


def test_profiles_of_two_metals_are_never_mixed(tmp_path):
    for metal in ("Ca", "Na"):
        for minute in range(0, 50, 10):
            rows = "\n".join(f"{z} {100.5 * np.exp(-(((z - 95) / 5) ** 2)) - 0.01:.3f}" for z in range(80, 130))
            (tmp_path / f"{metal}_20210603_13{minute:02d}.txt").write_text("height density\n" + rows + "\n")
    with pytest.raises(UndecidedError, match="which files are the night's"):
        read_any(tmp_path)
    base = IngestSettings()
    settings = base.model_copy(update={"lidar": base.lidar.model_copy(update={"species": "Na"})})
    night = read_any(tmp_path, settings)[0]
    assert night.sizes["time"] == 5
    assert "Na_#_#.txt" in night.attrs["decisions"]


def unnamed_profiles(folder: Path, first: float) -> None:
    for minute in range(0, 50, 10):
        rows = [f"{first + z} {100.5 * np.exp(-(((first + z - 95) / 5) ** 2)) - 0.01:.3f}" for z in range(50)]
        (folder / f"20210603_13{minute:02d}.txt").write_text("\n".join(rows) + "\n")


def test_profiles_of_two_columns_without_names(tmp_path):
    """The first column rises evenly to 129: kilometres of altitude; 13 UT is night, 13 h local time is not."""
    unnamed_profiles(tmp_path, 80.0)
    night = read_any(tmp_path)[0]
    assert night.sizes["time"] == 5
    assert float(night["ca_ion_number_density"].sel(altitude=95.0)[0]) == pytest.approx(100.49, abs=1e-3)


def test_two_columns_that_are_no_profile_stop_with_a_line(tmp_path):
    unnamed_profiles(tmp_path, 0.0)
    with pytest.raises(UndecidedError, match=r"variables: \{altitude: column_1, signal: column_2\}"):
        read_any(tmp_path)


def test_counts_with_a_fill_value_are_read_and_those_not_recorded_are_missing(tmp_path):
    altitude = 70.0 + 0.096 * np.arange(2395)
    counts = np.random.default_rng(1).poisson(2.0, (30, altitude.size)).astype(np.uint16)
    counts[:, (altitude > 90) & (altitude < 100)] += 50
    counts[7, 40:50] = 65535
    with netCDF4.Dataset(tmp_path / "20210315.nc", "w") as file:
        file.createDimension("time", 30)
        file.createDimension("altitude", altitude.size)
        time = file.createVariable("time", "f8", ("time",))
        time.units = "seconds since 2021-03-15 12:00:00"
        time[:] = 33.0 * np.arange(30)
        height = file.createVariable("altitude", "f8", ("altitude",))
        height.units = "km"
        height[:] = altitude
        signal = file.createVariable("photon_counts", "u2", ("time", "altitude"), fill_value=65535)
        signal.set_auto_mask(False)
        signal[:] = counts
        for name, value in (("background_counts", 2.0), ("calibration_factor", 1e-4)):
            file.createVariable(name, "f4", ("time",))[:] = value
    night = read_any(tmp_path / "20210315.nc")[0]
    read = night["photon_counts"].transpose("time", "altitude").values
    assert np.isnan(read).sum() == 10
    assert np.array_equal(np.where(np.isnan(read), 65535, read), counts[:, -read.shape[1] :])


def test_sao_characteristics_as_they_were_written(tmp_path):
    """`shapes.sao_characteristics` says what its first rows hold."""
    days = read_any(shapes.sao_characteristics(tmp_path))
    assert sum(day.sizes["time"] for day in days) == shapes.SAO_ROWS
    row = days[0].sel(time="2025-01-12T23:00")
    assert (float(row["foF2"]), float(row["hF2"])) == (9.5, 302.0)
    assert np.isnan(days[0].sel(time="2025-01-12T22:45")["hF2"])
    assert np.isnan(row["foEs"])
    assert int(row["es_status"]) == 0


def test_sao_outliers_are_counted_not_kept(tmp_path):
    path = shapes.sao_characteristics(tmp_path)
    written = pd.read_csv(path)["h'Es"]
    sane, absurd = int(written.between(60, 200).sum()), int(written.between(200, 9000).sum())
    assert min(sane, absurd) > 0
    assert sum(int(np.isfinite(day["hEs"]).sum()) for day in read_any(path)) == sane
