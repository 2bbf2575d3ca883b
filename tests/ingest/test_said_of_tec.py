"""Shells, clocks and axes of TEC that a README, a remark or an attribute states."""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import pytest
import scipy.io

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.evidence.shell import heights_in
from tests.ingest.papers import read_any
from tests.ingest.test_said import pasted

HOURS = np.arange(12.0, 16.0, 0.25)
ELEVATION = 35.0 + 10.0 * np.sin(HOURS)
LATITUDES, LONGITUDES = np.arange(20.0, 50.1, 2.5), np.arange(90.0, 130.1, 5.0)


def slant_of(vertical: float, shell_km: float) -> np.ndarray:
    """Slant TEC of a thin shell: over the cosine of the zenith angle where the ray crosses it."""
    sine = 6371.0 / (6371.0 + shell_km) * np.cos(np.radians(ELEVATION))
    return vertical / np.sqrt(1.0 - sine**2)


def table_of(slant: np.ndarray, head: str, more: str = "") -> str:
    rows = [f"{t:.4f} 7 {35 + 0.1 * i:.2f} 114.5 {e:.3f} 120.0 {s:.4f}{more}"
            for i, (t, e, s) in enumerate(zip(HOURS, ELEVATION, slant, strict=True))]  # fmt: skip
    return "\n".join([head, *rows]) + "\n"


@pytest.mark.parametrize(
    ("text", "heights"),
    [
        ("lat/lon of the pierce point at 350 km", [350.0]),
        ("ionosphere_altitude_m: 450000.0", [450.0]),
        ("shell_height: 400", [400.0]),
        ("a thin-shell model, shell height of 400 km, elevation mask 15 deg", [400.0]),
        ("assuming a 350-km thin shell", [350.0]),
        ("穿刺点高度为450 km", [450.0]),
        ("IPP_lat: 35.2", []),
        ("630 nm airglow at 250 km", []),
        ("the lidar sees up to 300 km", []),
    ],
)
def test_heights_of_a_shell(text, heights):
    assert heights_in(text) == heights


@pytest.mark.parametrize("where", ["remark", "description", "column"])
def test_slant_tec_of_the_sources_own_shell(tmp_path, where):
    head, more = "UT_h sv ipp_lat ipp_lon el_deg az_deg stec_TECU", ""
    if where == "remark":
        head = f"# ionospheric pierce points, shell at 450 km\n{head}"
    elif where == "column":
        head, more = f"{head} ipp_alt", " 450"
    else:
        (tmp_path / "readme.md").write_text("Slant TEC of GPS.\nThe thin shell lies at\nan altitude of 450 km.\n")
    (tmp_path / "BJNM_20210604.txt").write_text(table_of(slant_of(17.0, 450.0), head, more))
    (day,) = read_any(tmp_path)
    assert day["observation_vertical_tec"].values == pytest.approx(17.0, abs=0.002)
    assert day.attrs["pierce_point_altitude_km"] == 450.0


def test_a_shell_that_the_catalogue_gives(tmp_path):
    path = tmp_path / "BJNM_20210604.txt"
    path.write_text(table_of(slant_of(17.0, 400.0), "UT_h sv ipp_lat ipp_lon el_deg az_deg stec_TECU"))
    error = ValueError("options: {pierce_point_km: 400}")
    (day,) = read_any(path, pasted(path, error, 0, "tec_slant", "tec"))
    assert day["observation_vertical_tec"].values == pytest.approx(17.0, abs=0.002)


def test_two_shells_are_a_question(tmp_path):
    path = tmp_path / "BJNM_20210604.txt"
    head = "# shell height 350 km\nUT_h sv ipp_lat ipp_lon el_deg az_deg stec_TECU"
    path.write_text(table_of(slant_of(17.0, 450.0), head))
    (tmp_path / "README").write_text("pierce points at 450 km\n")
    with pytest.raises(UndecidedError, match="height has the shell") as caught:
        read_any(tmp_path)
    (day,) = read_any(path, pasted(path, caught.value, 1, "tec_slant", "tec"))
    assert day["observation_vertical_tec"].values == pytest.approx(17.0, abs=0.002)


def test_names_of_a_slant_table_that_nobody_knows_are_proposed(tmp_path):
    path = tmp_path / "BJNM_20210604.txt"
    path.write_text(table_of(slant_of(17.0, 250.0), "UT_h sv ipp_lat ipp_lon my_el az_deg stec"))
    with pytest.raises(UndecidedError, match="columns of a slant TEC table") as caught:
        read_any(path)
    (day,) = read_any(path, pasted(path, caught.value, 0, "tec_slant", "tec"))
    assert day["observation_vertical_tec"].values == pytest.approx(17.0, abs=0.002)


# ---- maps ----------------------------------------------------------------------------------------------


def truth(hour: float) -> np.ndarray:
    """TECU at an hour UT, dims (latitude, longitude)."""
    return 20.0 - 0.3 * (LATITUDES[:, None] - 20.0) + 0.02 * (LONGITUDES[None, :] - 90.0) - 0.5 * (hour - 12.0)


def maps(path: Path, hours: np.ndarray, attributes: dict[str, object], units: str = "hours") -> None:
    with netCDF4.Dataset(path, "w") as file:
        for name, values in (("time", hours), ("lat", LATITUDES), ("lon", LONGITUDES)):
            file.createDimension(name, values.size)
            file.createVariable(name, "f8", (name,))[:] = values
        file["time"].units = units
        file.createVariable("vtec", "f4", ("time", "lat", "lon"))[:] = np.stack([truth(h) for h in HOURS])
        file["vtec"].units = "TECU"
        file.setncatts(attributes)


def check_maps(day, shell=None):
    assert str(day["time"].values[0])[:16] == "2021-06-04T12:00"
    for number, hour in enumerate(HOURS[: day.sizes["time"]]):
        one = day["vertical_tec"].isel(time=number).sel(latitude=slice(20, 50), longitude=slice(90, 130))
        assert one.values == pytest.approx(truth(hour), abs=0.06)
    assert shell is None or day.attrs["pierce_point_altitude_km"] == shell


@pytest.mark.parametrize(
    ("offset", "attributes"),
    [
        (0.0, {"time_system": "UT"}),
        (8.0, {"time_zone": "Asia/Shanghai"}),
        (8.0, {"timezone": "UTC+8"}),
        (8.0, {"time_reference": "Beijing time"}),
    ],
)
def test_a_clock_in_an_attribute_of_the_file(tmp_path, offset, attributes):
    maps(tmp_path / "vtec_20210604.nc", HOURS + offset, {**attributes, "ipp_height_km": 400.0})
    check_maps(read_any(tmp_path)[0], 400.0)


def test_two_clocks_are_a_question(tmp_path):
    path = tmp_path / "vtec_20210604.nc"
    maps(path, HOURS + 8.0, {"time_zone": "LT (UTC+8)"}, "hours since 2021-06-04 00:00 UTC")
    with pytest.raises(UndecidedError, match="two clocks are stated") as caught:
        read_any(path)
    (day,) = read_any(path, pasted(path, caught.value, 1, "tec_arrays", "tec"))
    check_maps(day)


def test_darkness_is_no_argument_about_tec(tmp_path):
    scipy.io.savemat(
        tmp_path / "vtec_20210604.mat",
        {"hour": HOURS, "lat": LATITUDES, "lon": LONGITUDES, "vtec": np.stack([truth(h) for h in HOURS])},
    )
    with pytest.raises(UndecidedError, match="UT or local time") as caught:
        read_any(tmp_path)
    assert "dark" not in str(caught.value)


def test_the_parameters_of_madrigal_are_in_ut(tmp_path):
    rows = ["YEAR MONTH DAY HOUR MIN SEC GDLAT GLON TEC DTEC"]
    for hour in HOURS:
        rows += [
            f"2021 6 4 {int(hour)} {int(hour % 1 * 60)} 0 {y} {x} {truth(hour)[i, j]:.2f} 1.0"
            for i, y in enumerate(LATITUDES)
            for j, x in enumerate(LONGITUDES)
        ]
    (tmp_path / "gps210604g.003.txt").write_text("\n".join(rows) + "\n")
    check_maps(read_any(tmp_path)[0])


# ---- several maps in a text file -------------------------------------------------------------------------


def grids(path: Path, above, scale: float = 1.0, southward: bool = False, head: str = "") -> None:
    """Maps one below the other, each below the line that `above` makes of its hour."""
    out = [head] if head else []
    for hour in HOURS:
        values = truth(hour)[::-1] if southward else truth(hour)
        decimals = 2 if scale == 1.0 else 0
        out += [above(hour), *(" ".join(f"{scale * v:.{decimals}f}" for v in row) for row in values)]
    path.write_text("\n".join(out) + "\n")


def test_maps_below_clocks_with_axes_in_the_header(tmp_path):
    head = "# regional TEC maps, UT\n# latitude from 50N to 20N, longitude from 90E to 130E\n# 999.9 = no data"
    grids(tmp_path / "TEC_20210604.txt", lambda h: f"> {int(h):02d}:{int(h % 1 * 60):02d} UT", 1.0, True, head)
    check_maps(read_any(tmp_path)[0])


def test_maps_below_days_of_the_year_with_a_description(tmp_path):
    grids(tmp_path / "vtec155.dat", lambda h: f"2021 155 {int(h + 8):02d} {int(h % 1 * 60):02d}", 10.0)
    note = "Each map begins with year, day, hh, mm (Beijing time).\n"
    note += "13 rows for 20N-50N, 9 columns for 90E-130E, in 0.1 TECU."
    (tmp_path / "README.txt").write_text(f"{note}\nThin-shell height 450 km.\n")
    with pytest.raises(UndecidedError, match="rows run from north to south") as caught:
        read_any(tmp_path)
    assert {"lat": [20, 50]} in caught.value.lines
    (tmp_path / "README.txt").write_text(f"{note}\nRows from south to north. Thin-shell height 450 km.\n")
    check_maps(read_any(tmp_path)[0], 450.0)


def test_maps_without_times_of_their_own_are_a_stop(tmp_path):
    head = "# 2021-06-04\n# latitude from 20N to 50N, longitude from 90E to 130E"
    grids(tmp_path / "tec_a.txt", lambda h: "TEC map", 1.0, False, head)
    with pytest.raises(ReadError, match="same time"):
        read_any(tmp_path)


def test_a_line_about_the_rows_says_their_order(tmp_path):
    head = "# 2021-06-04\n# Rows: latitude 50.0 to 20.0 degrees north, step -2.5\n"
    head += "# longitude from 90E to 130E\n# 999.9 = no data"
    grids(tmp_path / "TEC_20210604.txt", lambda h: f"> {int(h):02d}:{int(h % 1 * 60):02d} UT", 1.0, True, head)
    check_maps(read_any(tmp_path)[0])
