"""Shapes of whole records as groups publish them that no other test has."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pytest
import scipy.io

from metalclouds.errors import UndecidedError
from metalclouds.ingest import source
from metalclouds.ingest.draft import options_in
from metalclouds.ingest.settings import IngestSettings
from metalclouds.physics.density import number_density
from tests.ingest import shapes
from tests.ingest.papers import read_any
from tests.ingest.test_records import ALTITUDE, Night

FORMATS = "config/catalogue/formats.yaml"


def with_line(folder: Path, glob: str, instrument: str, reader: str, options: object) -> IngestSettings:
    entry = f"- {{glob: '{glob}', instrument: {instrument}, reader: {reader}, options: {options}}}"
    (folder / "own.yaml").write_text(f"entries:\n{entry}\n")
    return IngestSettings(catalogue=(str(folder / "own.yaml"), FORMATS))


# ---- lidar -----------------------------------------------------------------------------------------------


def test_counts_in_channels_with_shots_and_padding(tmp_path):
    """Time in ms from a scalar, lower edges in m, two channels of one metal, zeros behind the last bin."""
    night = shapes.truth("2021-06-03")
    with netCDF4.Dataset(tmp_path / "raw_20210603.nc", "w") as file:
        for name, size in (("time", 40), ("channel", 2), ("bin", 70)):
            file.createDimension(name, size)
        counts = np.zeros((40, 2, 70), "i4")
        counts[:, 0, :60], counts[:, 1, :60] = night.counts // 2, night.counts - night.counts // 2
        file.createVariable("photon_counts", "i4", ("time", "channel", "bin"))[:] = counts
        time = file.createVariable("time_ms", "i4", ("time",))
        time[:] = np.round((night.times - night.times[0]) / np.timedelta64(1, "ms"))
        file.createVariable("start_time_unix", "f8", ())[:] = (
            night.times[0].astype("datetime64[ms]").astype(float) / 1e3
        )
        edges = file.createVariable("altitude_lower_edge_m", "f8", ("bin",))
        edges[:] = 1e3 * (75.0 + 1.92 * np.arange(70) - 0.96)
        file.createVariable("shots", "i4", ("time",))[:] = 500
        file.createVariable("background", "f8", ("time",))[:] = shapes.BACKGROUND
        file.createVariable("calibration", "f8", ("time",))[:] = shapes.CALIBRATION
    (found,) = read_any(tmp_path)
    counts = found["photon_counts"].sel(altitude=night.altitude, method="nearest")
    np.testing.assert_allclose(counts.values, night.counts)
    np.testing.assert_allclose(counts["altitude"], night.altitude, atol=1e-6)
    assert np.abs(found["time"].values - night.times).max() < np.timedelta64(1, "s")


def test_an_archive_in_an_archive_is_unpacked_once(tmp_path, monkeypatch):
    folder = tmp_path / "files"
    folder.mkdir()
    shapes.meridian(folder)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    record = tmp_path / "record"
    record.mkdir()
    with zipfile.ZipFile(record / "record.zip", "w") as archive:
        archive.writestr("level2/profiles.zip", inner.getvalue())
    unpacked: list[str] = []
    whole = source._content_of_bytes
    monkeypatch.setattr(source, "_content_of_bytes", lambda data, file: unpacked.append(file) or whole(data, file))
    found = read_any(record)
    assert [one.attrs["night"] for one in found] == list(shapes.NIGHTS)
    assert all(one.sizes["time"] == 40 for one in found)
    assert len(unpacked) == 1


def test_a_night_whose_resolution_changes(tmp_path):
    """Half of the profiles take a minute, the others five: each has its own length, not the median of all."""
    steps = np.r_[np.full(30, 60.0), np.full(25, 300.0)]
    ends = np.cumsum(steps)
    hours = 13.0 + (ends - steps / 2) / 3600.0
    content = {"time_UT": hours, "height": ALTITUDE, "density": Night(number=55).density}
    scipy.io.savemat(tmp_path / "night_20210603.mat", content)
    (found,) = read_any(tmp_path)
    lengths = found["integration_time"].values
    np.testing.assert_allclose(np.median(lengths[:25]), 60.0, atol=1.0)
    np.testing.assert_allclose(np.median(lengths[35:]), 300.0, atol=1.0)


@pytest.mark.parametrize("zone", ["        (UT)", " (UT)", "(UTC)"])
def test_meridian_names_its_zone_behind_the_time(tmp_path, zone):
    """Level 2 of the project has milliseconds and, far behind, the zone."""
    night = shapes.truth("2021-06-03")
    for time, density, counts in zip(night.times, night.density, night.counts, strict=True):
        stamp = str(time.astype("datetime64[ms]"))
        head = shapes.MERIDIAN.format(time=stamp + zone, records=night.altitude.size)
        rows = [shapes._meridian_row(*row) for row in zip(night.altitude, density, counts, strict=True)]
        name = stamp[:19].translate(str.maketrans("", "", "-:T"))
        (tmp_path / f"YANQG_CAL09_NDCI_L2_STP_{name}_V01.00.TXT").write_text(head + "\n".join(rows) + "\n")
    (found,) = read_any(tmp_path)
    assert found.sizes["time"] == 40
    # DataTime begins an accumulation where nothing says otherwise, or is its middle: half a step at the most.
    assert np.abs(found["time"].values - night.times).max() <= np.timedelta64(151, "s")


def test_a_response_for_each_altitude_is_offered_as_calibration(tmp_path):
    night = shapes.truth("2021-06-03")
    response = 1.0 / (shapes.CALIBRATION * (night.altitude - shapes.STATION_KM) ** 2)
    content = {"UT": night.hours, "alt": night.altitude, "counts": night.counts, "counts_per_density": response}
    background = np.full(40, shapes.BACKGROUND)
    scipy.io.savemat(tmp_path / "raw_20210603.mat", {**content, "background": background})
    (found,) = read_any(tmp_path)
    density, _ = number_density(found)
    np.testing.assert_allclose(density.values, night.density, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("cells", [lambda t: str(t)[11:19], lambda t: str(t)[11:16]], ids=["hh:mm:ss", "hh:mm"])
def test_a_clock_as_text_takes_the_date_of_the_catalogue(tmp_path, cells):
    """Not the day on which the file is read."""
    night = Night()
    lines = ["UT," + ",".join(f"{z:.2f} km" for z in ALTITUDE)]
    times = (night.times + np.timedelta64(500, "ms")).astype("datetime64[s]")
    lines += [
        f"{cells(time)}," + ",".join(f"{value:.4f}" for value in row)
        for time, row in zip(times, night.density, strict=True)
    ]
    record = tmp_path / "record"
    record.mkdir()
    (record / "night.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(UndecidedError) as stop:
        read_any(record)
    (line,) = [one for one in options_in(str(stop.value)) if "date" in one]
    settings = with_line(tmp_path, "night.csv", "lidar", "lidar_arrays", {**line, "date": "2021-06-03"})
    (found,) = read_any(record, settings)
    assert str(found["time"].values[0])[:16] == str(night.times[0] + np.timedelta64(500, "ms"))[:16]


# ---- TEC -------------------------------------------------------------------------------------------------

LATITUDE, LONGITUDE = np.arange(15.0, 56.0, 5.0), np.arange(70.0, 141.0, 5.0)
FIELD = 0.5 * (70.0 - LATITUDE)[:, None] + 0.05 * LONGITUDE


def test_maps_of_a_day_without_times_take_the_offered_line(tmp_path):
    record = tmp_path / "record"
    record.mkdir()
    cube = FIELD[None] + np.arange(48.0)[:, None, None]
    scipy.io.savemat(record / "vtec_20210603.mat", {"VTEC": cube, "lat": LATITUDE, "lon": LONGITUDE})
    with pytest.raises(UndecidedError) as stop:
        read_any(record)
    (line,) = [one for one in options_in(str(stop.value)) if "time" in one]
    settings = with_line(tmp_path, "vtec_*.mat", "tec", "tec_arrays", line)
    (day,) = read_any(record, settings)
    assert [str(day["time"].values[number])[11:16] for number in (0, 1, 47)] == ["00:00", "00:30", "23:30"]
    np.testing.assert_allclose(
        day["vertical_tec"].sel(latitude=LATITUDE, longitude=LONGITUDE).values, cube, rtol=1e-6
    )


@pytest.mark.parametrize("header", [0, 2, 8, 11])
def test_a_grid_below_a_header_of_any_length_loses_no_row(tmp_path, header):
    latitude = np.arange(55.0, 14.0, -1.0)
    longitude = np.arange(70.0, 141.0, 1.0)
    field = 0.5 * (70.0 - latitude)[:, None] + 0.05 * longitude
    for hour in (14, 15):
        lines = ["# VTEC in TECU, UT", "# a remark", *["# more"] * 20][:header]
        rows = [" ".join(f"{value:.2f}" for value in row) for row in field + hour]
        (tmp_path / f"vtec_20210603_{hour}00_UT.txt").write_text("\n".join([*lines, *rows]) + "\n")
    (day,) = read_any(tmp_path)
    found = day["vertical_tec"].sel(latitude=latitude, longitude=longitude)
    np.testing.assert_allclose(found.values[0], field + 14, atol=6e-3)


# ---- winds -----------------------------------------------------------------------------------------------


def test_a_workbook_of_winds_at_250_km(tmp_path):
    """Date and Time (LT) in columns of their own, past midnight; 250 km is the red line."""
    book = openpyxl.Workbook()
    book.active.append(["Wind at 250 km"])
    book.active.append(["Date", "Time (LT)", "U (m/s)", "V (m/s)"])
    for number in range(12):
        local = np.datetime64("2021-06-03T21:00") + np.timedelta64(30 * number, "m")
        book.active.append([str(local)[:10], str(local)[11:16], 40.0 + number, -10.0 - number])
    book.save(tmp_path / "winds.xlsx")
    (night,) = read_any(tmp_path)
    assert str(night["time"].values[0])[:16] == "2021-06-03T13:00"
    assert night["emission_wavelength"].values.tolist() == [630.0]
    np.testing.assert_allclose(night["eastward_wind"].values.ravel(), 40.0 + np.arange(12))


def test_a_text_of_winds_of_several_nights(tmp_path):
    """9999 is missing, and each night stays by itself."""
    rows = []
    for day in (3, 4, 5):
        for number in range(12):
            east = 9999 if number == 4 else 10 * day + number
            north = 9999 if number == 4 else -number
            rows.append(f"2021-06-{day:02d} {13 + number // 2:02d}:{30 * (number % 2):02d} {east} {north}")
    text = "# Wind at 630 nm, UT; 9999 = no data\ndate time zonal meridional\n" + "\n".join(rows) + "\n"
    (tmp_path / "fpi_winds.txt").write_text(text)
    nights = read_any(tmp_path)
    assert [one.attrs["night"] for one in nights] == ["2021-06-03", "2021-06-04", "2021-06-05"]
    for day, night in zip((3, 4, 5), nights, strict=True):
        east = night["eastward_wind"].values.ravel()
        known = east[np.isfinite(east)]
        np.testing.assert_allclose(known, [10 * day + number for number in range(12) if number != 4])
