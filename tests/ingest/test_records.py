"""Whole records as groups publish them: read right, or stopped with lines that work when they are pasted."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import netCDF4
import numpy as np
import openpyxl
import pytest
import scipy.io
import yaml

import metalclouds
from metalclouds.errors import ConfigError, ReadError, UndecidedError
from metalclouds.ingest.catalogue import Entry, match, read_catalogue
from metalclouds.ingest.inspection import inspect, page
from metalclouds.ingest.settings import IngestSettings
from metalclouds.ingest.source import Member
from metalclouds.ingest.unread import check_read, partly_read
from metalclouds.physics.density import number_density
from metalclouds.schema.documents import UnmappedFile
from tests.ingest.papers import read_any
from tests.ingest.test_batch import inventory_of, raw

ALTITUDE = 75.0 + 0.96 * np.arange(150)


class Night:
    """A simulated night: a layer near 95 km, a cloud that descends, white noise; hours and times are UT."""

    def __init__(
        self, date: str = "2021-06-03", start: float = 13.0, number: int = 40, step_s: float = 300.0
    ) -> None:
        self.hours = start + np.arange(number) * step_s / 3600.0
        self.times = np.datetime64(date, "ns") + np.round(self.hours * 3.6e6).astype("timedelta64[ms]")
        layer = 200.0 * np.exp(-0.5 * ((ALTITUDE - 95.0) / 5.0) ** 2)
        middle = 190.0 - 8.0 * (self.hours[:, None] - start)
        noise = np.random.default_rng(int(date.replace("-", ""))).normal(0.0, 1.5, (number, ALTITUDE.size))
        self.density = layer + 20.0 * np.exp(-0.5 * ((ALTITUDE - middle) / 8.0) ** 2) + noise

    @property
    def local(self) -> np.ndarray:
        return self.times + np.timedelta64(8, "h")

    @property
    def datenum_local(self) -> np.ndarray:
        """MATLAB's day number of local time; 719529 is 1970-01-01."""
        return (self.local - np.datetime64("1970-01-01", "ns")) / np.timedelta64(1, "D") + 719529.0


Shape = Callable[[Path], list[Night]]


def mat(path: Path, **arrays: object) -> None:
    scipy.io.savemat(path, arrays)


def figure_panels(folder: Path) -> list[Night]:
    """Cut-outs of less than two hours, UT hours, the dates in the README alone."""
    nights = [Night(date, number=18) for date in ("2021-01-08", "2021-06-03", "2022-01-16")]
    for letter, night in zip("abc", nights, strict=True):
        mat(folder / f"Figure1{letter}.mat", t=night.hours, h=ALTITUDE, CaIon=night.density)
    (folder / "README.txt").write_text("Fig. 1a: 8 January 2021\nFig. 1b: 2021-06-03\nFig. 1c: January 16, 2022\n")
    return nights


def panels_in_a_list(folder: Path) -> list[Night]:
    """One sentence gives the dates of a range of panels."""
    nights = [Night(date) for date in ("2021-01-08", "2021-06-03")]
    for letter, night in zip("ab", nights, strict=True):
        mat(folder / f"Fig1{letter}.mat", X=night.hours, Y=ALTITUDE, Z=night.density.T)
    text = "Fig1a.mat - Fig1b.mat. The dates of Figure 1a-1b are 8 January and 3 June 2021, respectively."
    (folder / "readme.md").write_text(text)
    return nights


def meshgrid(folder: Path) -> list[Night]:
    night = Night()
    hours, altitude = np.meshgrid(night.hours, ALTITUDE)
    mat(folder / "Yanqing_20210603.mat", X=hours, Y=altitude, Z=night.density.T)
    return [night]


def nested_struct(folder: Path) -> list[Night]:
    night = Night()
    mat(folder / "lidar.mat", data={"time": night.datenum_local, "alt": ALTITUDE, "den": night.density})
    return [night]


def spreadsheet_of_text_times(folder: Path) -> list[Night]:
    night = Night(start=12.5)
    book = openpyxl.Workbook()
    book.active.append(["time (LT)", *map(float, ALTITUDE)])
    for time, row in zip(night.local, night.density, strict=True):
        book.active.append([str(time)[11:16], *map(float, row)])
    book.save(folder / "Ca+_20210603.xlsx")
    return [night]


def long_gbk(folder: Path) -> list[Night]:
    night = Night(number=12)
    lines = ["时间(北京时),高度(km),钙离子密度(cm-3)"]
    for time, row in zip(night.local, night.density, strict=True):
        clock = str(time)[:19].replace("T", " ")
        lines += [f"{clock},{z:.2f},{value:.4f}" for z, value in zip(ALTITUDE, row, strict=True)]
    (folder / "钙离子20210603.csv").write_bytes("\n".join(lines).encode("gbk"))
    return [night]


def heading_of_iso_times(folder: Path) -> list[Night]:
    night = Night()
    lines = ["alt_km," + ",".join(f"{str(time)[:19]}Z" for time in night.times)]
    for z, row in zip(ALTITUDE, night.density.T, strict=True):
        lines.append(f"{z:.2f}," + ",".join(f"{value:.4f}" for value in row))
    (folder / "night.csv").write_text("\n".join(lines))
    return [night]


def logarithm(folder: Path) -> list[Night]:
    night = Night()
    night.density = np.where(night.density > 0, night.density, np.nan)
    mat(folder / "Yanqing_20210603.mat", UT=night.hours, height=ALTITUDE, log10_nCa=np.log10(night.density))
    return [night]


def base_time_and_offset(folder: Path) -> list[Night]:
    night = Night("2021-01-08", start=10.6)
    with netCDF4.Dataset(folder / "lidar.nc", "w") as file:
        file.createDimension("time", None)
        file.createDimension("height", ALTITUDE.size)
        start = (night.times[0] - np.datetime64("1970-01-01", "ns")) // np.timedelta64(1, "s")
        file.createVariable("base_time", "i4", ())[:] = start
        offset = file.createVariable("time_offset", "f8", ("time",))
        offset[:] = (night.times - night.times[0]) / np.timedelta64(1, "s")
        offset.units = f"seconds since {str(night.times[0])[:19].replace('T', ' ')} 0:00"
        file.createVariable("height", "f4", ("height",))[:] = ALTITUDE
        file.createVariable("ca_ion_density", "f4", ("time", "height"))[:] = night.density
    return [night]


def downwards_and_backwards(folder: Path) -> list[Night]:
    night = Night()
    mat(folder / "YQ_20210603.mat", UT=night.hours[::-1], alt=ALTITUDE[::-1], density=night.density[::-1, ::-1])
    return [night]


def swapped_past_midnight(folder: Path) -> list[Night]:
    night, order = Night(), np.arange(40)
    order[[34, 35]] = order[[35, 34]]
    mat(folder / "YQ_20210603.mat", LT=(night.hours[order] + 8.0) % 24.0, alt=ALTITUDE, density=night.density[order])
    return [night]


def repeated_profile(folder: Path) -> list[Night]:
    night, order = Night(), np.r_[0:20, 19:40]
    mat(folder / "YQ_20210603.mat", UT=night.hours[order], alt=ALTITUDE, density=night.density[order])
    return [night]


def lower_edges_in_metres(folder: Path) -> list[Night]:
    night = Night()
    mat(folder / "YQ_20210603.mat", UT=night.hours, alt_lower_edge_m=1e3 * (ALTITUDE - 0.48), density=night.density)
    return [night]


def groups_of_two_metals(folder: Path) -> list[Night]:
    night = Night()
    with netCDF4.Dataset(folder / "x_20210603.nc", "w") as file:
        for name, factor in (("Fe", 30.0), ("Ca_ion", 1.0)):
            group = file.createGroup(name)
            group.createDimension("t", night.hours.size)
            group.createDimension("z", ALTITUDE.size)
            time = group.createVariable("time", "f8", ("t",))
            time[:], time.units = night.hours, "hours since 2021-06-03 00:00:00"
            group.createVariable("altitude", "f8", ("z",))[:] = ALTITUDE
            group.createVariable("density", "f8", ("t", "z"))[:] = factor * night.density
    return [night]


def winter_evening_between_nights(folder: Path) -> list[Night]:
    """20 to 21 h local time in January is dark in both readings; the nights of June decide."""
    nights = [Night("2021-01-08", 12.2, 12), Night("2021-06-03"), Night("2021-06-10")]
    for night in nights:
        name = f"YQ_{str(night.times[0])[:10].replace('-', '')}.mat"
        mat(folder / name, hours=night.hours + 8.0, alt=ALTITUDE, density=night.density)
    return nights


SHAPES: list[Shape] = [
    figure_panels, panels_in_a_list, meshgrid, nested_struct, spreadsheet_of_text_times, long_gbk,
    heading_of_iso_times, logarithm, base_time_and_offset, downwards_and_backwards, swapped_past_midnight,
    repeated_profile, lower_edges_in_metres, groups_of_two_metals, winter_evening_between_nights,
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_record_is_read_as_it_is_meant(tmp_path, shape):
    expected = shape(tmp_path)
    found = read_any(tmp_path)
    assert len(found) == len(expected)
    for night, truth in zip(found, expected, strict=True):
        assert night.attrs["species"] == "Ca+"
        # Text gives minutes at least; everything else is good to a second.
        assert np.abs(night["time"].values - truth.times).max() <= np.timedelta64(1, "s")
        np.testing.assert_allclose(night["altitude"], ALTITUDE, atol=2e-3)
        np.testing.assert_allclose(number_density(night)[0], truth.density, rtol=1e-5, atol=1e-4)


def of_iron(folder: Path) -> None:
    mat(folder / "Fe_20210603.mat", UT=Night().hours, alt=ALTITUDE, density=30.0 * Night().density)


def of_a_folder_of_iron(folder: Path) -> None:
    (folder / "Fe").mkdir()
    mat(folder / "Fe/20210603.mat", UT=Night().hours, alt=ALTITUDE, density=30.0 * Night().density)


def of_another_year(folder: Path) -> None:
    mat(
        folder / "YQ_20210603.mat",
        datenum=Night().datenum_local - 8 / 24 - 9 * 365,
        alt=ALTITUDE,
        den=Night().density,
    )


def of_an_upload(folder: Path) -> None:
    """The archive's date is that of the upload: two nights cannot both have it."""
    with zipfile.ZipFile(folder / "upload_20230115.zip", "w") as archive:
        for letter in "ab":
            content = io.BytesIO()
            scipy.io.savemat(content, {"UT": Night().hours, "alt": ALTITUDE, "density": Night().density})
            archive.writestr(f"night_{letter}.mat", content.getvalue())


@pytest.mark.parametrize("write", [of_iron, of_a_folder_of_iron, of_another_year, of_an_upload])
def test_what_cannot_be_this_night_of_this_metal_is_not_written(tmp_path, write):
    write(tmp_path)
    with pytest.raises(ReadError):
        read_any(tmp_path)


def test_no_remedy_makes_a_night_of_a_name_that_contradicts_the_times(tmp_path):
    of_another_year(tmp_path)
    own = tmp_path / "own.yaml"
    entry = {"glob": "YQ_*.mat", "instrument": "lidar", "reader": "lidar_arrays", "options": {"nights": "from_times"}}
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    with pytest.raises(ReadError, match="lie on other days than its name says"):
        read_any(tmp_path, IngestSettings(catalogue=(str(own),)))


def logarithm_without_a_word(folder: Path) -> Night:
    night = Night()
    night.density = np.where(night.density > 0, night.density, np.nan)
    mat(folder / "YQ_20210603.mat", UT=night.hours, alt=ALTITUDE, data=np.log10(night.density))
    return night


def test_a_line_of_the_stop_pasted_as_it_is_printed_gives_the_night(tmp_path):
    """Of the lines that the screen offers, at least one gives the truth; none gives a fault."""
    night = logarithm_without_a_word(tmp_path)
    settings = IngestSettings()
    text = page(inspect(tmp_path, settings), settings, False)
    lines = re.findall(r"^ *(- \{glob.*\})$", text, re.MULTILINE)
    assert len(lines) > 1
    right = []
    for line in lines:
        own = tmp_path / "own.yaml"
        own.write_text(f"entries:\n{line}\n")
        try:
            found = read_any(tmp_path / "YQ_20210603.mat", IngestSettings(catalogue=(str(own),)))
        except (UndecidedError, ConfigError):
            continue
        right.append(np.allclose(number_density(found[0])[0], night.density, rtol=1e-4, equal_nan=True))
    assert any(right)


def test_a_date_pasted_as_yaml_writes_it_is_read(tmp_path):
    night = Night("2021-01-08", number=18)
    mat(raw(tmp_path) / "Figure1a.mat", t=night.hours, h=ALTITUDE, CaIon=night.density)
    own = tmp_path / "own.yaml"
    entry = "{glob: Figure1a.mat, instrument: lidar, reader: lidar_arrays, options: {date: 2021-01-08}}"
    own.write_text(f"entries:\n- {entry}\n")
    entries = read_catalogue([str(own)])
    assert entries[0].options == {"date": "2021-01-08"}
    found = read_any(tmp_path / "raw/files", IngestSettings(catalogue=(str(own),)))
    assert [one.attrs["night"] for one in found] == ["2021-01-08"]


def test_a_date_that_is_still_a_placeholder_asks_for_one(tmp_path):
    mat(tmp_path / "Figure1a.mat", t=Night().hours, h=ALTITUDE, CaIon=Night().density)
    own = tmp_path / "own.yaml"
    own.write_text("entries:\n- {glob: '*', instrument: lidar, reader: lidar_arrays, options: {date: YYYY-MM-DD}}\n")
    with pytest.raises(ConfigError, match="date: YYYY-MM-DD stands for what only you know"):
        read_any(tmp_path / "Figure1a.mat", IngestSettings(catalogue=(str(own),)))


def test_files_of_which_none_can_be_read_are_unread_and_end_the_command(tmp_path):
    mat(raw(tmp_path) / "night.mat", t=Night().hours, h=ALTITUDE, CaIon=Night().density)
    inventory = inventory_of(tmp_path)
    assert (inventory.status, inventory.batches) == ("unread", {})
    assert "night.mat" in inventory.why
    with pytest.raises(ReadError, match="present but unread: lidar") as caught:
        check_read([inventory, inventory_of(tmp_path, "tec")])
    assert "options: {date: YYYY-MM-DD}" in str(caught.value)
    assert inventory_of(tmp_path, "tec").status == "absent"


def test_files_left_out_beside_others_that_were_read_are_told(tmp_path):
    night = Night()
    mat(raw(tmp_path) / "night_20210603.mat", t=night.hours, h=ALTITUDE, CaIon=night.density)
    whole = inventory_of(tmp_path)
    (raw(tmp_path) / "night_20210604.mat").write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    part = inventory_of(tmp_path)
    assert (whole.status, part.status) == ("present", "present")
    assert partly_read([whole]) == []
    (words,) = partly_read([part])
    assert "left out of this run" in words
    assert "night_20210604.mat" in words


def test_a_night_that_only_an_open_question_keeps_from_being_read_ends_the_command(tmp_path):
    night = Night()
    mat(raw(tmp_path) / "night_20210603.mat", t=night.hours, h=ALTITUDE, CaIon=night.density)
    read = inventory_of(tmp_path)

    def asking(name: str, lines: str, instrument: str = "lidar"):
        return dataclasses.replace(read, unmapped=(UnmappedFile(name, "which clock?", instrument, lines),))

    assert check_read([read]) == {"lidar": "present"}
    with pytest.raises(ReadError, match="present but unread: lidar 2021-06-04") as caught:
        check_read([asking("night_20210604.mat", "- {glob: X}")])
    assert "which clock?" in str(caught.value)
    # Its night is there without it, it may be anybody's, or no line helps.
    for other in (
        asking("second_20210603.mat", "- {glob: X}"),
        asking("night_20210604.mat", "- {glob: X}", ""),
        asking("night_20210604.mat", ""),
    ):
        assert check_read([other]) == {"lidar": "present"}


def test_a_catalogue_that_does_not_exist_is_an_error_but_for_ones_own(tmp_path):
    assert read_catalogue([str(tmp_path / "own.yaml")]) == []
    with pytest.raises(ConfigError, match=r"formatz\.yaml"):
        read_catalogue([str(tmp_path / "formatz.yaml")])


def test_a_pattern_without_a_slash_is_one_of_file_names(tmp_path):
    (tmp_path / "detector").mkdir()
    (tmp_path / "detector/a.txt").write_text("1 2\n")
    entry = Entry(glob="*tec*", instrument="tec", reader="tec_grid")
    assert match(Member(tmp_path / "detector/a.txt"), [entry]) is None


def test_an_odd_night_among_usual_ones_is_written_and_flagged(tmp_path):
    """Its layer is a hundred thousand times too thin; its unit is said."""
    for number, date in enumerate(("2021-06-03", "2021-06-10", "2021-06-17", "2021-06-24")):
        night = Night(date)
        scale = 1e-5 if number == 0 else 1.0
        mat(tmp_path / f"YQ_{date.replace('-', '')}.mat", UT=night.hours, alt=ALTITUDE,
            density=scale * night.density)  # fmt: skip
    own = tmp_path / "own.yaml"
    entry = {"glob": "YQ_*.mat", "instrument": "lidar", "reader": "lidar_arrays", "options": {"unit": "cm-3"}}
    own.write_text(yaml.safe_dump({"entries": [entry]}))
    found = read_any(tmp_path, IngestSettings(catalogue=(str(own),)))
    assert len(found) == 4
    odd = [one for one in json.loads(found[0].attrs["decisions"]) if one["what"] == "odd night"]
    assert "mean peak of the main layer" in " ".join(one["decided"] for one in odd)


def test_a_record_whose_usual_night_cannot_be_stops(tmp_path):
    """The files say cm-3; a layer of 2e5 cm-3 is none of Ca+, and four nights are no oddness."""
    for date in ("2021-06-03", "2021-06-10", "2021-06-17", "2021-06-24"):
        night = Night(date)
        with netCDF4.Dataset(raw(tmp_path) / f"YQ_{date}.nc", "w") as file:
            file.createDimension("time", night.hours.size)
            file.createDimension("alt", ALTITUDE.size)
            file.createVariable("ut", "f8", ("time",))[:] = night.hours
            file.createVariable("alt", "f8", ("alt",))[:] = ALTITUDE
            density = file.createVariable("density", "f8", ("time", "alt"))
            density[:], density.units = 1e3 * night.density, "cm-3"
    inventory = inventory_of(tmp_path)
    assert inventory.status == "unread"
    assert "the record as it is read cannot be right" in inventory.unmapped[0].seen
    assert "options: {unit: m-3}" in inventory.unmapped[0].seen


def test_nights_are_opened_with_a_station_of_ones_own(tmp_path):
    """Read as UT at 122 E these hours are dark; at 60 W the sun is up."""
    night = Night()
    mat(tmp_path / "YQ_20210603.mat", hours=night.hours, alt=ALTITUDE, density=night.density)
    found = metalclouds.open_nights(tmp_path, site={"latitude": 40.0, "longitude": 122.0})
    assert found[0].attrs["station_longitude"] == 122.0
    with pytest.raises(ReadError):
        metalclouds.open_nights(tmp_path, site={"latitude": 40.0, "longitude": -60.0})


def test_the_screen_is_one_screen(tmp_path):
    for number in range(30):
        mat(tmp_path / f"night_{'abcdefghijklmnopqrstuvwxyzABCD'[number]}.mat", t=Night().hours, h=ALTITUDE,
            CaIon=Night().density)  # fmt: skip
    settings = IngestSettings()
    text = page(inspect(tmp_path, settings), settings, False)
    assert len(text.splitlines()) <= 48
    assert "--site LATITUDE LONGITUDE" in text
