"""What descriptions say that changes numbers: the evening of a night, signs, slant ranges, zeros, factors, groups."""

from __future__ import annotations

from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
import scipy.io

from metalclouds import io
from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.captions import dates_in
from metalclouds.ingest.evidence.density import _unit_word
from metalclouds.ingest.remarks import REMARKS
from metalclouds.ingest.settings import IngestSettings
from tests.ingest.papers import read_any

HEIGHTS = np.arange(80.0, 281.0)
HOURS = 12.0 + np.arange(60) / 12.0


def layer(peak_km: float = 95.0, size: float = 700.0) -> np.ndarray:
    """A layer with noise, dims (time, altitude)."""
    noise = np.random.default_rng(1).normal(0.0, 1.0, (HOURS.size, HEIGHTS.size))
    return size * np.exp(-0.5 * ((HEIGHTS - peak_km) / 3.0) ** 2) + noise


def table(values: np.ndarray, heights: np.ndarray = HEIGHTS) -> str:
    rows = ["UT," + ",".join(f"{z:g}" for z in heights)]
    rows += [f"{t:.4f}," + ",".join(f"{v:.3f}" for v in row) for t, row in zip(HOURS, values, strict=True)]
    return "\n".join(rows) + "\n"


def with_line(path: Path, options: str, reader: str = "lidar_arrays", instrument: str = "lidar") -> IngestSettings:
    own = path.parent.parent / "own.yaml"
    own.write_text(
        f"entries:\n- {{glob: '{path.name}', instrument: {instrument}, reader: {reader}, options: {options}}}\n"
    )
    return IngestSettings(catalogue=(str(own), *IngestSettings().catalogue[1:]))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("in the night of 10-11 May 2021", "2021-05-10"),
        ("10/11 May 2021", "2021-05-10"),
        ("10–11 May 2021", "2021-05-10"),
        ("night from 10 May to 11 May 2021", "2021-05-10"),
        ("May 10-11, 2021", "2021-05-10"),
        ("2021-05-10/11", "2021-05-10"),
        ("2021-05-10 to 2021-05-11", "2021-05-10"),
        ("2021年5月10-11日", "2021-05-10"),
        ("31 January to 1 February 2021", "2021-01-31"),
        ("10 May 2021", "2021-05-10"),
    ],
)
def test_a_night_named_by_two_days_is_that_of_its_evening(text, day):
    assert [found for _, found in dates_in(text)] == [day]


def test_days_of_a_campaign_are_no_night():
    assert dates_in("observed 3-24 May 2021") == []
    assert naming.dates("lidar_2021-05-10-14.nc") == [np.datetime64("2021-05-10")]
    assert [day for _, day in dates_in("8 January, 3 June and 18 June 2021")] == [
        "2021-01-08",
        "2021-06-03",
        "2021-06-18",
    ]


@pytest.mark.parametrize(
    ("words", "unit"),
    [
        ("Ca+ density in 10^3 cm^-3", "1e3 cm-3"),
        ("density (10^3 cm^-3)", "1e3 cm-3"),
        ("density [1e3 cm-3]", "1000 cm-3"),
        ("density, x1000 cm^-3", "1000 cm-3"),
        ("density (×10^3 cm−3)", "1e3 cm-3"),
        ("density (10⁶ m⁻³)", "1e6 m-3"),
        ("density (cm-3)", "cm-3"),
        ("molec m-3", "m-3"),
        ("ions cm-3", "cm-3"),
        ("layer at 100 km, cm-3", "cm-3"),
    ],
)
def test_a_factor_in_front_of_a_unit_is_read(words, unit):
    assert _unit_word(words) == unit


def test_a_factor_in_a_comment_reaches_the_density(tmp_path):
    path = tmp_path / "r" / "night_20210510.csv"
    path.parent.mkdir()
    path.write_text("# Ca+ density in 10^3 cm^-3\n" + table(layer() / 1000.0))
    (night,) = read_any(path)
    assert float(io.number_density(night)[0].mean("time").max()) == pytest.approx(700.0, rel=0.01)


@pytest.mark.parametrize("names", [("Ca", "CaPlus"), ("Ca", "Ca_ion"), ("K", "K_raw_Ca_ion")])
@pytest.mark.parametrize("container", ["netcdf", "hdf5", "mat"])
def test_the_axes_are_those_of_the_signals_own_group(tmp_path, names, container):
    """Two groups of one shape, the first a metal whose name begins like the other's."""
    other, own = names
    groups = {
        other: {"time": HOURS + 0.25, "altitude": HEIGHTS + 5.0, "density": layer(100.0)},
        own: {"time": HOURS, "altitude": HEIGHTS, "density": layer()},
    }
    path = tmp_path / f"night_20210510.{ {'netcdf': 'nc', 'hdf5': 'h5', 'mat': 'mat'}[container] }"
    if container == "mat":
        scipy.io.savemat(path, groups)
    elif container == "hdf5":
        with h5py.File(path, "w") as file:
            for group, arrays in groups.items():
                for name, value in arrays.items():
                    file[f"{group}/{name}"] = value
    else:
        with netCDF4.Dataset(path, "w") as file:
            for group, arrays in groups.items():
                one = file.createGroup(group)
                one.createDimension("t", HOURS.size)
                one.createDimension("z", HEIGHTS.size)
                for name, value in arrays.items():
                    dims = ("t", "z") if value.ndim == 2 else ("t",) if name == "time" else ("z",)
                    one.createVariable(name, "f8", dims)[:] = value
    settings = with_line(tmp_path / "x" / path.name, f"{{variables: {{signal: {own}.density}}, clock: UT}}")
    (night,) = read_any(path, settings)
    assert str(night["time"].values[0])[:16] == "2021-05-10T12:00"
    assert night["altitude"].values[[0, -1]].tolist() == [80.0, 280.0]


@pytest.mark.parametrize(
    "said",
    [
        "The beam was tilted 30 degrees from zenith; the first row is the range along the beam in km.",
        "slant range in km, zenith angle 30 deg",
    ],
)
def test_a_range_along_a_tilted_beam_is_no_altitude(tmp_path, said):
    record = tmp_path / "record"
    record.mkdir()
    slant = HEIGHTS / np.cos(np.radians(30.0))
    (record / "README.txt").write_text(f"Ca+ density (cm-3), UT. {said}\n")
    (record / "beam_20210510.csv").write_text(table(layer(), slant))
    with pytest.raises((UndecidedError, ReadError), match="range along the beam or altitude"):
        read_any(record)
    (night,) = read_any(record, with_line(record / "beam_20210510.csv", "{beam_zenith_deg: 30}"))
    peak = io.number_density(night)[0].mean("time")
    assert float(night["altitude"][int(np.argmax(peak.values))]) == pytest.approx(95.0 + 0.5, abs=0.6)


@pytest.mark.parametrize(
    ("said", "north", "east"),
    [
        ("V: meridional wind, positive southward (equatorward)", -20.0, 30.0),
        ("V is positive towards the south", -20.0, 30.0),
        ("U positive to the west", 20.0, -30.0),
        ("U positive eastward, V positive northward", 20.0, 30.0),
    ],
)
@pytest.mark.parametrize("where", ["readme", "comment"])
def test_a_component_positive_the_other_way_is_turned_round(tmp_path, said, north, east, where):
    record = tmp_path / "record"
    record.mkdir()
    rows = "\n".join(f"{12 + i / 2:.2f},30.0,20.0" for i in range(16))
    comment = f"# {said}\n" if where == "comment" else ""
    (record / "wind_630nm_20210510.csv").write_text(f"{comment}UT,U,V\n{rows}\n")
    (record / "README.txt").write_text(f"{said}\n" if where == "readme" else "Winds of Xinglong\n")
    (night,) = read_any(record)
    assert float(night["northward_wind"].values[0, 0]) == north
    assert float(night["eastward_wind"].values[0, 0]) == east
    assert "sign of northward_wind" in night.attrs["decisions"]


@pytest.mark.parametrize("said", ["0 = no data", "zeros mean missing", "0表示无数据"])
def test_zeros_that_are_said_to_be_missing_are_missing(tmp_path, said):
    record = tmp_path / "record"
    record.mkdir()
    values = layer()
    values[:, -10:] = 0.0
    (record / "README.txt").write_text(f"Ca+ density, cm-3, UT; {said}\n", encoding="utf-8")
    (record / "night_20210510.csv").write_text(table(values))
    (night,) = read_any(record)
    assert np.isnan(io.number_density(night)[0].values[:, -10:]).all()


def test_a_night_without_any_number_is_never_written(tmp_path):
    path = tmp_path / "night_20210510.mat"
    empty = np.full((HOURS.size, HEIGHTS.size), np.nan)
    scipy.io.savemat(path, {"UT": HOURS, "alt": HEIGHTS, "density": empty})
    with pytest.raises(ReadError):
        read_any(path)
    settings = (
        with_line(tmp_path / "x" / path.name, "{unit: cm-3, quantity: number_density}")
        if ((tmp_path / "x").mkdir() is None)
        else None
    )
    with pytest.raises(ReadError, match="no density in the file"):
        read_any(path, settings)


def test_the_remarks_do_not_see_what_is_not_there():
    for text in ("solar zenith angle above 96 deg", "altitude above sea level", "positive eastward", "10 = no data"):
        assert not any(pattern.search(text) for pattern in REMARKS.values()), text


def test_winds_of_several_lines_in_a_matrix(tmp_path):
    """(time, line) with the wavelengths in a vector: each line keeps its wind."""
    path = tmp_path / "fpi_20210510.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", 16)
        file.createDimension("wavelength", 3)
        time = file.createVariable("time", "f8", ("time",))
        time.units = "hours since 2021-05-10 12:00:00"
        time[:] = np.arange(16) / 2.0
        file.createVariable("wavelength", "f8", ("wavelength",))[:] = [557.7, 630.0, 892.0]
        for name, sign in (("u", 1.0), ("v", -1.0)):
            wind = file.createVariable(name, "f8", ("time", "wavelength"))
            wind.units = "m/s"
            wind[:] = sign * np.array([10.0, 30.0, 50.0])[None] * np.ones((16, 1))
    (night,) = read_any(path)
    assert night["eastward_wind"].values[0].tolist() == [10.0, 30.0, 50.0]
    assert night["northward_wind"].values[0].tolist() == [-10.0, -30.0, -50.0]
    assert night.sizes["time"] == 16


@pytest.mark.parametrize(
    "names", [("20210510", "20210511"), ("2021-05-10", "2021-05-11"), ("n_2021_05_10", "n_2021_05_11")]
)
def test_nights_in_groups_of_one_file_are_all_read(tmp_path, names):
    path = tmp_path / "record.h5"
    with h5py.File(path, "w") as file:
        file["altitude_km"] = HEIGHTS
        for night in names:
            file[f"{night}/CaPlus/density"] = layer(95.0)
            file[f"{night}/CaPlus/ut"] = HOURS
            file[f"{night}/Ca/density"] = layer(90.0)
            file[f"{night}/Ca/ut"] = HOURS
    nights = read_any(path)
    assert [night.attrs["night"] for night in nights] == ["2021-05-10", "2021-05-11"]
    assert all(night.sizes["time"] == HOURS.size for night in nights)


def test_a_signal_of_one_night_names_the_nights_that_it_leaves_out(tmp_path):
    path = tmp_path / "record.mat"
    scipy.io.savemat(path, {"alt": HEIGHTS, "ut": HOURS, "Ca_20210510": layer(), "Ca_20210511": layer()})
    settings = (
        with_line(tmp_path / "x" / path.name, "{variables: {signal: Ca_20210510}, date: 2021-05-10}")
        if ((tmp_path / "x").mkdir() is None)
        else None
    )
    (night,) = read_any(path, settings)
    assert '"nights left out", "decided": "2021-05-11"' in night.attrs["decisions"]


@pytest.mark.parametrize("turned", [False, True])
def test_axes_in_the_margins_stay_axes_whatever_a_line_says(tmp_path, turned):
    """A day of the year beside altitudes: the margins are no profile and no bin."""
    path = tmp_path / "yq_2021.txt"
    matrix = np.full((HOURS.size + 1, HEIGHTS.size + 1), np.nan)
    matrix[0, 1:], matrix[1:, 0], matrix[1:, 1:] = HEIGHTS, 130.0 + HOURS / 24.0, layer()
    np.savetxt(path, matrix.T if turned else matrix, fmt="%.6f")
    with pytest.raises(UndecidedError, match="time: doy"):
        read_any(path)
    settings = with_line(tmp_path / "x" / path.name, "{time: doy}") if (tmp_path / "x").mkdir() is None else None
    (night,) = read_any(path, settings)
    assert (night.sizes["time"], night.sizes["altitude"]) == (HOURS.size, HEIGHTS.size)
    assert abs(night["time"].values[0] - np.datetime64("2021-05-10T12:00:00")) < np.timedelta64(1, "s")
    assert np.allclose(io.number_density(night)[0].values, layer(), atol=1e-3)


def test_decimal_commas_in_a_matrix_with_axes(tmp_path):
    path = tmp_path / "Dichte_20210510.csv"
    rows = ["Zeit (UT);" + ";".join(f"{z:.1f}".replace(".", ",") for z in HEIGHTS)]
    rows += [
        f"{t:.4f};".replace(".", ",") + ";".join(f"{v:.2f}".replace(".", ",") for v in row)
        for t, row in zip(HOURS, layer(), strict=True)
    ]
    rows[5] = rows[5][: rows[5].rfind(";")] + ";-"
    path.write_text("\n".join(rows) + "\n")
    (night,) = read_any(path)
    density = io.number_density(night)[0].values
    assert np.isnan(density).sum() == 1
    assert np.nanmax(np.abs(density - layer())) < 0.006


def test_heads_with_altitude_and_unit(tmp_path):
    path = tmp_path / "Caplus_20210510.csv"
    path.write_text(table(layer()).replace("UT,", "UT,", 1))
    text = path.read_text().splitlines()
    text[0] = "UT," + ",".join(f"{z:g} km (cm^-3)" for z in HEIGHTS)
    path.write_text("\n".join(text) + "\n")
    (night,) = read_any(path)
    assert night["altitude"].values[[0, -1]].tolist() == [80.0, 280.0]
    assert np.allclose(io.number_density(night)[0].values, layer(), atol=1e-3)


@pytest.mark.parametrize("assessment", ["Bad", None])
def test_flags_that_a_file_calls_bad_leave_values_out(tmp_path, assessment):
    path = tmp_path / "night_20210510.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.createDimension("time", HOURS.size)
        file.createDimension("height", HEIGHTS.size)
        file.createVariable("time", "f8", ("time",))[:] = HOURS
        file["time"].units = "hours since 2021-05-10 00:00:00"
        file.createVariable("height", "f8", ("height",))[:] = HEIGHTS
        file.createVariable("ca_ion_density", "f8", ("time", "height"))[:] = layer()
        file["ca_ion_density"].units = "cm-3"
        flags = file.createVariable("qc_ca_ion_density", "i4", ("time", "height"))
        flags[:] = 0
        flags[3:5] = 2
        if assessment:
            flags.bit_2_assessment = assessment
    (night,) = read_any(path)
    lost = np.isnan(io.number_density(night)[0].values).all(axis=1)
    assert lost.nonzero()[0].tolist() == ([3, 4] if assessment else [])
    assert ("calls them bad" if assessment else "flags not used") in night.attrs["decisions"]


@pytest.mark.parametrize("said", ["altitude by altitude", "profile by profile"])
def test_zeros_throughout_a_bin_of_noise_are_missing(tmp_path, said):
    path = tmp_path / "night_20210510.mat"
    values = layer()
    if said == "altitude by altitude":
        values[:, -9:] = 0.0
    else:
        values[7] = 0.0
    scipy.io.savemat(path, {"UT": HOURS, "alt": HEIGHTS, "density": values})
    (night,) = read_any(path)
    missing = np.isnan(io.number_density(night)[0].values)
    assert missing.sum() == (9 * HOURS.size if said == "altitude by altitude" else HEIGHTS.size)


@pytest.mark.parametrize("hours", ["{:02d}", "{:d}", "{:02d}h", "{:02d}:00"])
def test_a_month_of_days_and_hours_under_plain_heads(tmp_path, hours):
    path = tmp_path / "foEs_202105.csv"
    rows = ["# foEs (MHz), Beijing, May 2021, LT", "Day," + ",".join(hours.format(h) for h in range(24))]
    rows += [
        f"{day}," + ",".join(f"{3 + 0.1 * ((h + 3 * day - 3) % 10):.1f}" for h in range(24)) for day in range(1, 32)
    ]
    path.write_text("\n".join(rows) + "\n")
    nights = read_any(path)
    times = np.concatenate([night["time"].values for night in nights])
    assert times.size == 31 * 24
    assert times.min() == np.datetime64("2021-04-30T16:00")
    first = nights[0]
    assert float(first["foEs"].values[0]) == pytest.approx(3.0)


def test_a_remark_below_the_row_of_altitudes_has_the_unit(tmp_path):
    path = tmp_path / "night_20210510.csv"
    first, *rows = table(layer() / 1000.0).replace(".000", ".000").splitlines()
    first = "UT," + ",".join(f"{z:g} km" for z in HEIGHTS)
    path.write_text("\n".join([first, "# Ca+ density in 10^3 cm^-3", *rows]) + "\n")
    (night,) = read_any(path)
    assert float(io.number_density(night)[0].mean("time").max()) == pytest.approx(700.0, rel=0.01)


@pytest.mark.parametrize(("said", "height"), [("pierce points at 350 km", 350.0), ("thin shell of 400 km", 400.0)])
def test_the_height_of_the_shell_of_slant_tec(tmp_path, said, height):
    """At an elevation e the factor is sqrt(1 - (R cos e / (R + h))^2), whatever the settings' height is."""
    record = tmp_path / "record"
    record.mkdir()
    (record / "README.txt").write_text(f"Slant TEC of receiver BJFS, UT; {said}.\n")
    rows = "\n".join(f"G05,{12 + i / 12:.4f},35.0,110.0,60.0,180.0,20.0" for i in range(12))
    head = "PRN,UT_h,lat,lon,elev_deg,azim_deg,STEC_TECU"
    (record / "BJFS_stec_2021-05-10.csv").write_text(f"{head}\n{rows}\n")
    (day,) = read_any(record)
    factor = np.sqrt(1.0 - (6371.0 * np.cos(np.radians(60.0)) / (6371.0 + height)) ** 2)
    assert day.attrs["pierce_point_altitude_km"] == height
    assert float(day["observation_vertical_tec"].values[0]) == pytest.approx(20.0 * factor, rel=1e-3)


def test_a_files_attribute_names_its_clock(tmp_path):
    path = tmp_path / "tec_20210510.nc"
    with netCDF4.Dataset(path, "w") as file:
        file.time_system = "UT"
        for name, axis in (("lat", np.arange(15.0, 56.0, 5.0)), ("lon", np.arange(70.0, 141.0, 5.0))):
            file.createDimension(name, axis.size)
            file.createVariable(name, "f8", (name,))[:] = axis
        file.createDimension("hour", 24)
        file.createVariable("hour", "f8", ("hour",))[:] = np.arange(24.0)
        latitude = np.arange(15.0, 56.0, 5.0)
        field = 40.0 - 0.5 * latitude[None, :, None] + np.zeros((24, 1, 15))
        file.createVariable("vtec", "f8", ("hour", "lat", "lon"))[:] = field
    (day,) = read_any(path)
    assert str(day["time"].values[0])[11:16] == "00:00"
