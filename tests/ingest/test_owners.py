"""What owners of records from elsewhere stumbled over: units in a README, flags and errors under other names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import yaml

from metalclouds.errors import UndecidedError
from metalclouds.ingest.files import read_any
from metalclouds.ingest.settings import IngestSettings, LidarSettings, Site

SANTIAGO = Site(latitude=-33.4, longitude=-70.6)
OF_SODIUM = IngestSettings(lidar=LidarSettings(site=SANTIAGO, species="Na"))
OF_CALCIUM = IngestSettings(lidar=LidarSettings(site=SANTIAGO))
ALTITUDE = np.arange(78.0, 112.0, 0.5)
HOURS = np.arange(24.0, 32.0, 0.2)


def sodium(peak: float) -> np.ndarray:
    """Density of a night, cm-3, dims (time, altitude): a layer, and noise around zero outside of it."""
    noise = np.random.default_rng(7).normal(0.0, 0.02, (HOURS.size, ALTITUDE.size))
    return peak * (np.exp(-0.5 * ((ALTITUDE - 92.0) / 3.5) ** 2) + noise)


def night(folder: Path, values: np.ndarray, readme: str = "", name: str = "x", species: str = "Na") -> Path:
    scipy.io.savemat(folder / f"{species}_20210605.mat", {"UT_hours": HOURS, "alt_km": ALTITUDE, name: values})
    if readme:
        (folder / "LIESMICH.txt").write_text(readme)
    return folder


def peak_read(folder: Path) -> float:
    (found,) = read_any(folder, OF_SODIUM, "lidar")
    return float(found["ca_ion_number_density"].mean("time").max())


@pytest.mark.parametrize(
    ("readme", "factor"),
    [
        ("Density in units of 10^9 m^-3. Empty: clouds", 1e3),
        ("x: Natriumdichte in 10³ cm⁻³", 1e3),
        ("sodium number density (1e6 m-3)", 1.0),
        ("log10 of the density in m-3", None),
    ],
)
def test_the_unit_that_only_a_description_gives_is_the_units_of_the_record(tmp_path, readme, factor):
    true = sodium(4200.0)
    values = np.log10(np.where(true > 0, true, np.nan) * 1e6) if factor is None else true / factor
    assert peak_read(night(tmp_path, values, readme)) == pytest.approx(4200.0, rel=0.05)


@pytest.mark.parametrize("peak", [900.0, 4200.0, 20000.0])
def test_linear_noise_is_no_logarithm_where_nobody_gives_the_unit(tmp_path, peak):
    """In 10^9 m-3 such a layer has values from -0.1 to 20; by their largest some are logarithms of a possible one."""
    folder = night(tmp_path, sodium(peak) / 1e3, name="density")
    try:
        found = peak_read(folder)
    except UndecidedError as error:
        lines = error.lines
    else:
        assert found == pytest.approx(peak, rel=0.05)
        return
    assert {"unit": "1e3 cm-3"} in lines
    assert {"unit": "log10(m-3)"} not in lines


def with_unit(folder: Path, unit: str, species: str = "Na") -> IngestSettings:
    """Settings with the line that a person answers with."""
    own, options = folder / "own.yaml", {"unit": unit, "quantity": "number_density"}
    entry = {"glob": "Na_*.mat", "instrument": "lidar", "reader": "lidar_arrays", "options": options}
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    return IngestSettings(lidar=LidarSettings(site=SANTIAGO, species=species), catalogue=(str(own),))


def test_true_logarithms_without_a_unit_are_asked_about_and_read_by_the_line(tmp_path):
    """A layer in 10^3 cm-3 on a background has the same numbers."""
    true = sodium(4200.0)
    folder = night(tmp_path, np.log10(np.where(true > 0, true, np.nan) * 1e6), name="density")
    with pytest.raises(UndecidedError, match="logarithms, or a background left in") as stop:
        peak_read(folder)
    assert {"unit": "log10(m-3)"} in stop.value.lines
    (found,) = read_any(folder / "Na_20210605.mat", with_unit(tmp_path, "log10(m-3)"), "lidar")
    assert float(found["ca_ion_number_density"].mean("time").max()) == pytest.approx(4200.0, rel=0.05)


@pytest.mark.parametrize("name", ["density", "NaDen"])
@pytest.mark.parametrize("peak", [1.0, 4.2, 20.0, 0.02])
def test_a_power_of_ten_is_offered_and_never_taken_because_it_alone_fits(tmp_path, name, peak):
    """A layer divided by its peak, and rates of photons, are no densities in any unit."""
    with pytest.raises(UndecidedError, match="density in which unit") as stop:
        peak_read(night(tmp_path, sodium(peak), name=name))
    assert {"unit": "FACTOR cm-3"} in stop.value.lines
    assert {"unit": "1e6 cm-3" if peak < 0.05 else "1e3 cm-3"} in stop.value.lines


@pytest.mark.parametrize("readme", ["Na number density, cm-3", "Natriumdichte in m^-3"])
def test_a_power_of_ten_does_not_stand_in_for_a_stated_unit_that_cannot_be(tmp_path, readme):
    with pytest.raises(UndecidedError, match="the file says"):
        peak_read(night(tmp_path, sodium(1.0), readme))


# Of a Ca+ layer of 10 to 9000 cm-3, what these lines say is not its unit.
@pytest.mark.parametrize(
    "line",
    [
        "Densities below 10 cm-3 are set to NaN",
        "The detection limit of the density is 1e3 cm-3.",
        "Ca+ densities reach 10^3 cm-3 at the peak",
        "densities of up to 10⁴ cm⁻³",
        "noise of the density: 10 cm-3",
        "density at least 100 cm-3",
        "Dichten unter 10 cm-3 sind leer",
        "Densities of 10 cm-3 are usual",
        "Na density in 10^3 cm-3",
        "Natriumdichte in 10³ cm⁻³",
        "fe_*.mat: iron density (1e3 cm-3)",
        "electron number density in 10^3 cm-3",
        "Elektronendichte in 10^3 cm-3",
        "plasma density, 1e3 cm-3",
        "air density in 10^3 cm-3",
    ],
)
@pytest.mark.parametrize("peak", [5.0, 60.0])
def test_a_line_of_other_things_or_of_a_limit_is_no_unit(tmp_path, line, peak):
    """In cm-3, as its size tells, or asked for; never the power of ten of the line."""
    folder = night(tmp_path, sodium(peak), line + "\n", "density", "Ca+")
    try:
        (found,) = read_any(folder, OF_CALCIUM, "lidar")
    except UndecidedError as stop:
        lines = stop.lines
    else:
        assert float(found["ca_ion_number_density"].mean("time").max()) == pytest.approx(peak, rel=0.05)
        return
    assert {"unit": "cm-3"} in lines


@pytest.mark.parametrize(
    "line",
    [
        "Ca+ and Na densities in 10^3 cm-3, altitude above sea level",
        "density (1e3 cm-3). Densities below 10 cm-3 are empty",
        "Densidad de Ca+ en 10^9 m^-3",
        "calcium ion density [10³ cm⁻³]; the electron density is that of the ionosonde, in m-3",
    ],
)
def test_a_unit_stays_one_beside_other_remarks(tmp_path, line):
    folder = night(tmp_path, sodium(600.0) / 1e3, line + "\n", species="Ca+")
    (found,) = read_any(folder, OF_CALCIUM, "lidar")
    assert float(found["ca_ion_number_density"].mean("time").max()) == pytest.approx(600.0, rel=0.05)


@pytest.mark.parametrize(("peak", "floor"), [(9.5, 4.0), (9.5, 4.6)])
@pytest.mark.parametrize("name", ["density", "nCa_ion"])
def test_a_background_left_in_is_no_proof_of_logarithms(tmp_path, peak, floor, name):
    values = floor + (peak - floor) * sodium(1.0)
    with pytest.raises(UndecidedError, match="a background left in") as stop:
        read_any(night(tmp_path, values, "", name, "Ca+"), OF_CALCIUM, "lidar")
    assert {"unit": "cm-3"} in stop.value.lines
    # 10^4 m-3 is the least that a density is taken to be: noise around 4 goes below.
    assert ({"unit": "log10(m-3)"} in stop.value.lines) == (floor > 4.5)


@pytest.mark.parametrize(("readme", "name"), [("Ca+ density in cm-3", "x"), ("log10 of the density, m-3", "x")])
def test_a_background_is_no_question_where_the_unit_is_stated(tmp_path, readme, name):
    values = 4.0 + 5.5 * sodium(1.0)
    folder = night(tmp_path, values, readme, name, "Ca+")
    (found,) = read_any(folder, OF_CALCIUM, "lidar")
    true = 10.0**values * 1e-6 if "log" in readme else values
    assert float(found["ca_ion_number_density"].mean("time").max()) == pytest.approx(
        true.mean(axis=0).max(), rel=0.01
    )


HEADER = "% FPI at 40.13N, 88.20W, 630.0 nm\n% zonal positive east, merid positive north, m/s; all times are UT\n"
ROWS = 16


def winds(folder: Path, names: str, legend: str, readme: str = "") -> Path:
    """Every fourth wind has the flag 2; errors are 5 and 7 m/s."""
    lines = [
        f"2020-11-08 {hour // 4:02d}:{hour % 4 * 15:02d} {20 + hour} 5 {-30 - hour} 7 {2 if hour % 4 == 3 else 0}"
        for hour in range(4, 4 + ROWS)
    ]
    (folder / "fpi_20201108.dat").write_text(f"{HEADER}% {legend}\n%date time {names}\n" + "\n".join(lines) + "\n")
    if readme:
        (folder / "README.md").write_text(readme)
    return folder


@pytest.mark.parametrize(
    ("names", "legend"),
    [
        ("zonal dzon merid dmer qflag", "qflag: 0 good, 1 thin clouds, 2 do not use"),
        ("zonal zonal_error merid merid_error QF", "QF: 0 ok, 2 bad"),
        ("zonal sig_zonal merid sig_merid cond", "cond: 0 clear, 1 haze, 2 do not use"),
        ("zonal ezon merid emer data_quality", "data_quality 0 is good"),
        ("zonal zonal_std merid merid_std cloud_flag", "cloud_flag = 0 clear, 2 cloudy"),
    ],
)
def test_flags_and_errors_count_whatever_they_are_called(tmp_path, names, legend):
    (found,) = read_any(winds(tmp_path, names, legend), IngestSettings(), "fpi")
    assert found.sizes["time"] == ROWS * 3 // 4
    assert np.unique(found["eastward_wind_error"]) == pytest.approx([5.0])
    assert np.unique(found["northward_wind_error"]) == pytest.approx([7.0])
    assert "winds left out" in found.attrs["decisions"]


def test_without_a_flag_none_is_said_to_count_and_columns_without_a_role_are_named(tmp_path):
    (found,) = read_any(winds(tmp_path, "zonal dzon merid dmer kp", "kp is an index"), IngestSettings(), "fpi")
    assert found.sizes["time"] == ROWS
    assert "flag of the source" not in found.attrs["decisions"]
    assert '"columns not used", "decided": "kp"' in found.attrs["decisions"]


@pytest.mark.parametrize("cycle", ["each N-E-S-W-zenith cycle", "a W-S-E-N cycle of looks", "one E-W scan"])
def test_a_cycle_of_looks_says_nothing_of_signs(tmp_path, cycle):
    folder = winds(tmp_path, "zonal dzon merid dmer qflag", "qflag: 0 good", f"Times are the middle of {cycle}.\n")
    (found,) = read_any(folder, IngestSettings(), "fpi")
    assert float(found["eastward_wind"].values.min()) > 0 > float(found["northward_wind"].values.max())


def table_of_spreadsheet(path: Path, title: str) -> None:
    """Rows of altitudes, columns of clocks in local time (UT - 4 h), semicolons and decimal commas."""
    times = [f"{int(hour - 4) % 24:02d}:{round(hour % 1 * 60) % 60:02d}" for hour in HOURS]
    rows = [
        ";".join(f"{value:.3f}".replace(".", ",") for value in (height, *column))
        for height, column in zip(ALTITUDE, sodium(4200.0).T / 1e3, strict=True)
    ]
    lines = [title + ";" * HOURS.size, ";".join(["Altura (km)", *times]), *rows]
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("title", ["Densidade (10^9 m^-3)", "Na number density (1e3 cm-3)"])
@pytest.mark.parametrize(("name", "letters"), [("Na_05-06-2021.csv", "dd-mm-yyyy"), ("Na_060521.csv", "MMDDYY")])
def test_a_title_alone_in_its_row_and_a_date_whose_order_the_description_gives(tmp_path, title, name, letters):
    table_of_spreadsheet(tmp_path / name, title)
    (tmp_path / "LEIA-ME.txt").write_text(f"Na_{letters}.csv, date of the evening\nTimes: LT = UT - 4 h\n")
    (found,) = read_any(tmp_path, OF_SODIUM, "lidar")
    assert found.attrs["night"] == "2021-06-05"
    first = np.datetime64("2021-06-06T00:00", "s")
    assert abs(found["time"].values[0] - first) < np.timedelta64(1, "m")
    assert float(found["ca_ion_number_density"].mean("time").max()) == pytest.approx(4200.0, rel=0.05)


def test_an_order_of_a_date_that_nobody_gives_is_asked_for_with_the_days_that_it_may_be(tmp_path):
    table_of_spreadsheet(tmp_path / "Na_05-06-2021.csv", "Densidade (10^9 m^-3)")
    with pytest.raises(UndecidedError, match="2021-06-05 by DMY, 2021-05-06 by MDY") as stop:
        read_any(tmp_path, OF_SODIUM, "lidar")
    assert stop.value.lines[:2] == ({"date_in_name": "DMY"}, {"date_in_name": "MDY"})


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("Times are CLST", -3),
        ("UT_hours: hours, UTC-4", -4),
        ("All times: UTC-3:30", -3.5),
        ("Zeiten in CLST", -3),
        ("Times are local; LT = UT - 4 h", -4),
    ],
)
def test_an_offset_that_the_description_gives_times_is_their_clock(tmp_path, line, hours):
    names = {"t": HOURS + hours, "alt_km": ALTITUDE, "density": sodium(4200.0)}
    scipy.io.savemat(tmp_path / "Na_20210605.mat", names)
    (tmp_path / "README.txt").write_text(line + "\n")
    place = IngestSettings(lidar=LidarSettings(site=Site(latitude=-33.4, longitude=15.0 * hours), species="Na"))
    (found,) = read_any(tmp_path, place, "lidar")
    first = np.datetime64("2021-06-06T00:00", "s")
    assert abs(found["time"].values[0] - first) < np.timedelta64(1, "m"), found.attrs["decisions"]


def test_a_line_for_the_array_that_the_hours_are_in_is_not_proposed(tmp_path):
    scipy.io.savemat(tmp_path / "Na.mat", {"T": HOURS, "alt_km": ALTITUDE, "density": sodium(4200.0)})
    with pytest.raises(UndecidedError, match="hours without a date") as stop:
        read_any(tmp_path, OF_SODIUM, "lidar")
    assert stop.value.lines == ({"date": "YYYY-MM-DD"},)


@pytest.mark.parametrize("legend", ["hr     UT, centre of the bins", "t = UTC"])
def test_hours_of_maps_are_known_by_hr_and_their_clock_by_the_list_of_arrays(tmp_path, legend):
    hours = np.arange(0.25, 24.0, 0.5)
    maps = 10.0 + np.add.outer(hours / 10.0, np.add.outer(np.arange(21.0), np.arange(15.0)) / 10.0)
    arrays = {"tec": maps, "lat": np.arange(20.0, 41.0), "lon": np.arange(100.0, 115.0)}
    name = legend.split()[0]
    scipy.io.savemat(tmp_path / "TEC_20210603.mat", {**arrays, name: hours})
    (tmp_path / "README.txt").write_text(f"vertical TEC in TECU\n{legend}\n")
    (found,) = read_any(tmp_path, IngestSettings(), "tec")
    assert found["time"].values[0] == np.datetime64("2021-06-03T00:15")
    assert found.sizes["time"] == hours.size


def flagged(folder: Path, name: str, legend: str, flags: list[float]) -> np.ndarray:
    """Eastward winds that are left of 20, 21, 22 ... m/s with a column of flags."""
    folder.mkdir(exist_ok=True)
    rows = [
        f"2020-11-08 {n // 4 + 1:02d}:{n % 4 * 15:02d} {20 + n} 5 {-30 - n} 7 {flags[n % len(flags)]:g}"
        for n in range(ROWS)
    ]
    names = f"%date time zonal dzon merid dmer {name}"
    (folder / "fpi_20201108.dat").write_text("\n".join([f"{HEADER}% {legend}", names, *rows]) + "\n")
    (found,) = read_any(folder, IngestSettings(), "fpi")
    winds = found["eastward_wind"].values.ravel()
    return winds[np.isfinite(winds)]


@pytest.mark.parametrize(
    ("name", "legend"),
    [
        ("code", "code: 0 red, 1 green"),
        ("dir", "dir: 0 north, 1 east"),
        ("dir", "dir (0=north 1=east)"),
        ("storm_flag", "storm_flag: 0 quiet, 1 storm"),
        ("moon_flag", ""),
    ],
)
def test_codes_of_something_else_than_quality_leave_no_wind_out(tmp_path, name, legend):
    assert flagged(tmp_path, name, legend, [0, 0, 1]).size == ROWS


@pytest.mark.parametrize(
    ("name", "legend"),
    [
        ("cond", "cond: 0 cloudy, 1 clear"),
        ("cond", "cond (1=clear 0=cloudy)"),
        ("sky_flag", "sky_flag: 0 bad, 1 not good, 5 good"),
        ("data_quality", "data_quality is 0: poor; 1: OK"),
    ],
)
def test_the_good_value_is_that_of_the_legend(tmp_path, name, legend):
    good = 5 if "5" in legend else 1
    expected = [20.0 + n for n in range(ROWS) if n % 3 == 2]
    assert flagged(tmp_path, name, legend, [0, 0, good]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "legend", "flags"),
    [
        ("quality_index", "", [0, 55, 100]),
        ("quality_index", "quality_index: 0 bad, 100 good", [0, 55, 100]),
        ("quality", "", [0, 0.4, 1]),
        ("flag", "", [0, 0, 99]),
        ("data_quality", "", [0, 0, 1]),
        ("quality_index", "", [0, 0, 3]),
        ("qflag", "qflag: 0 good, 1 ok, 2 bad", [0, 1, 2]),
        ("cond", "cond: 0 cloudy, 1 overcast", [0, 0, 1]),
        ("flag", "", [2, 2, 0]),
    ],
)
def test_which_value_is_good_is_asked_where_nothing_says_so_or_it_is_no_flag(tmp_path, name, legend, flags):
    with pytest.raises(UndecidedError, match="a good wind") as stop:
        flagged(tmp_path, name, legend, flags)
    assert all("good_flag" in line for line in stop.value.lines)
