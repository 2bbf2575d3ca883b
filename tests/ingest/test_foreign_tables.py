"""Tables that explain themselves above their columns: maps of TEC, receivers, winds; and files that are simulated."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import scipy.io

from metalclouds.errors import ReadError, UndecidedError
from metalclouds.ingest.settings import IngestSettings
from metalclouds.schema.variables import ES_FLAGS
from tests.ingest.papers import read_any

MAP = """vTEC map   2021-01-08 {clock} UT
unit: 0.1 TECU
missing: 9999
IPP height: 250 km    elevation mask: 30 deg
lat: 45.0 40.0 -1.0
lon: 110.0 113.0 1.0
----------------
  9999    90    91    92
    95    96    97    98
   100   101   102   103
   105   106   107   108
   110   111   112   113
   115   116   117   118
"""
RECEIVER = """"bjfs, 21154"

    39.610    115.890     87.200

  Jdatet        Time      PRN    Az     Ele      Lat      Lon     Stec    Vtec      S4
59368.595833  14.300000     8  188.02  45.00   33.026  114.686    24.87    9.18  0.075
59368.600000  14.400000     8  188.70  46.80   33.579  114.692    23.82    9.27  0.060
59368.604167  14.500000     8  189.39  48.60   34.067  114.700  -999.00 -999.00  0.035
59368.608333  14.600000     8  190.08  50.40   34.499  114.711    20.36    8.80  0.078
"""
WINDS = """# Xinglong FPI, hourly means, BT (hour = start of the hour)
# Vz zonal (+E), Vm meridional (+N), Vv vertical; m/s; q 0 good 1 moderate 2 poor
Year Mon Day Hour Emission      Vz     eVz      Vm     eVm      Vv  q
2021   1   8   22  OI557.7    16.1     9.5   -17.2    10.3    -5.4  0
2021   1   8   22  OI630.0    27.4    11.9   -27.8     8.8    14.2  0
2021   1   8   23  OI557.7  9999.0  9999.0  9999.0  9999.0  9999.0  2
2021   1   8   23  OI630.0    38.0     5.8   -26.9    11.5     3.5  0
2021   1   9    0  OI557.7    31.0     6.1    20.8     9.5     3.4  0
2021   1   9    0  OI630.0    51.7     6.5   -26.5    10.4     6.5  0
2021   1   9   22  OI630.0  9999.0  9999.0  9999.0  9999.0  9999.0  2
"""


def test_maps_in_tenths_of_tecu_are_known_by_their_header(tmp_path):
    with zipfile.ZipFile(tmp_path / "maps_20210108.zip", "w") as archive:
        for clock in ("12:00", "12:18"):
            archive.writestr(f"CHN21008.{clock.replace(':', '')}.txt", MAP.format(clock=clock))
    (day,) = read_any(tmp_path / "maps_20210108.zip")
    assert [str(time)[:16] for time in day["time"].values] == ["2021-01-08T12:00", "2021-01-08T12:18"]
    tec = day["vertical_tec"].isel(time=0)
    assert np.isnan(tec.sel(latitude=45.0, longitude=110.0))
    assert float(tec.sel(latitude=44.0, longitude=110.0)) == pytest.approx(9.5)
    assert float(tec.sel(latitude=40.0, longitude=113.0)) == pytest.approx(11.8)


def test_a_position_above_the_names_is_no_row_of_the_table(tmp_path):
    (tmp_path / "bjfs154-2021-06-03.Cmn").write_text(RECEIVER)
    (day,) = read_any(tmp_path)
    # 59368.6 MJD is 14:24 UT of 3 June; -999 is no TEC.
    late = day["observation_time"].values - np.datetime64("2021-06-03T14:18")
    assert np.allclose(late / np.timedelta64(1, "m"), [0.0, 6.0, 18.0], atol=0.01)
    assert float(day["observation_vertical_tec"].min()) > 5.0


def test_a_wind_whose_name_only_the_header_explains(tmp_path):
    (tmp_path / "FPI_hourly.txt").write_text(WINDS)
    with pytest.warns(UserWarning, match="no good wind in the night"):
        (night,) = read_any(tmp_path)
    assert night.attrs["night"] == "2021-01-08"
    assert str(night["time"].values[0])[:16] == "2021-01-08T14:00"
    assert night["emission_wavelength"].values.tolist() == [557.7, 630.0]
    red = night.isel(emission=1)
    assert red["eastward_wind"].values.tolist() == [27.4, 38.0, 51.7]
    assert red["northward_wind"].values.tolist() == [-27.8, -26.9, -26.5]
    assert red["eastward_wind_error"].values.tolist() == [11.9, 5.8, 6.5]
    assert np.isnan(night["eastward_wind"].values[1, 0])


def test_without_the_header_vz_is_no_component(tmp_path):
    table = WINDS.replace("Vz zonal (+E), Vm meridional (+N), Vv vertical", "zonal and meridional wind")
    (tmp_path / "FPI_hourly.txt").write_text(table)
    with pytest.raises(ReadError, match="component of the wind is missing"):
        read_any(tmp_path)


def _los(tmp_path, times: list[str]):
    rows = [f"{time},bjfs,8,39.6,115.9,33.0,114.7,350,20.0,45.0,188.0" for time in times]
    names = "ut1_unix,gps_site,sat_id,gdlatr,gdlonr,gdlat,glon,pierce_alt,los_tec,elm,azm"
    path = tmp_path / "los_20210603.csv"
    path.write_text("\n".join([names, *rows]) + "\n")
    return path


def test_a_broken_time_of_a_line_of_sight_is_left_out_or_a_stop(tmp_path):
    times = [f"{1622728800 + 30 * number}.0" for number in range(12)]
    (day,) = read_any(_los(tmp_path, ["1704q92400.0", *times]))
    assert day.sizes["observation"] == 12
    assert "times that cannot be read" in day.attrs["decisions"]
    (tmp_path / "more").mkdir()
    with pytest.raises(UndecidedError, match="times cannot be read"):
        read_any(_los(tmp_path / "more", ["1704q92400.0", times[0]]))


def test_a_file_that_says_it_is_simulated_stays_so(tmp_path):
    from tests.ingest import test_cells

    source = test_cells.CELLS / "zone_plus8.nc"
    (night,) = read_any(source)
    assert night.attrs["synthetic"] == "false"
    import netCDF4

    path = tmp_path / source.name
    path.write_bytes(source.read_bytes())
    with netCDF4.Dataset(path, "a") as dataset:
        dataset.setncattr("synthetic", "true")
    (night,) = read_any(path)
    assert night.attrs["synthetic"] == "true"


def test_names_in_pinyin_and_a_clock_that_the_record_leaves_open(tmp_path):
    """A description that holds `unless marked` does not decide the clock of maps, which no sun can check."""
    latitudes, longitudes, hours = np.arange(30.0, 36.0), np.arange(110.0, 118.0), np.arange(20.0, 28.5, 0.5)
    cube = np.broadcast_to(30.0 - latitudes[:, None] / 2, (longitudes.size, latitudes.size, hours.size)).copy()
    cube[0, 0] = -1.0
    content = {"jingdu": longitudes, "weidu": latitudes, "shijian": hours, "TECzhi": cube}
    scipy.io.savemat(tmp_path / "TEC_20210108.mat", content)
    (tmp_path / "README.txt").write_text("未注明的时间为世界时\n", encoding="utf-8")
    with pytest.raises(UndecidedError, match="UT or local time") as caught:
        read_any(tmp_path, instrument="tec")
    assert {"clock": "LT"} in caught.value.lines
    entry = "{glob: '*.mat', instrument: tec, reader: tec_arrays, options: {clock: LT}}"
    (tmp_path / "own.yaml").write_text(f"entries:\n  - {entry}\n")
    settings = IngestSettings(catalogue=(str(tmp_path / "own.yaml"),))
    (day,) = read_any(tmp_path / "TEC_20210108.mat", settings)
    assert str(day["time"].values[0])[:16] == "2021-01-08T12:00"
    assert float(day["vertical_tec"].sel(latitude=34.0, longitude=112.0)[0]) == 13.0
    assert np.isnan(day["vertical_tec"].sel(latitude=30.0, longitude=110.0)).all()


def test_words_of_a_table_of_es_that_its_header_explains(tmp_path):
    """Beijing Time by the header, whatever the record's description says of times that are not marked."""
    table = """# 北京站(40.3N,116.2E)Es层参数手工判读,时间为北京时
# 无=无Es  缺测=无数据  频率MHz,高度km
日期 时间 foEs fbEs h'Es 类型
2021-06-03 20:00 3.3 2.3 100 f1
2021-06-03 20:15 无 --- --- ---
2021-06-03 20:30 缺测 --- --- ---
2021-06-03 20:45 2.8 2.0 102 f1
"""
    (tmp_path / "北京Es.txt").write_bytes(table.encode("gbk"))
    (tmp_path / "README.txt").write_text("未注明的时间为世界时\n", encoding="utf-8")
    (day,) = read_any(tmp_path)
    assert str(day["time"].values[0])[:16] == "2021-06-03T12:00"
    states = [ES_FLAGS[word] for word in ("present", "absent", "not_observed", "present")]
    assert day["es_status"].values.tolist() == states
    assert day["foEs"].values[[0, 3]].tolist() == pytest.approx([3.3, 2.8])


def test_a_flag_of_which_the_samples_without_a_wind_tell_the_bad_value(tmp_path):
    table = """日期,北京时,纬向风(m/s),误差,经向风(m/s),误差,标志
2021/01/08,22:30,49.1,7.3,-22.2,8.9,1
2021/01/08,23:30,29.5,7.5,-29.5,7.0,0
2021/01/08,24:30,19.8,11.9,-30.7,6.0,1
2021/01/08,25:30,-999,-999,-999,-999,0
"""
    (tmp_path / "兴隆FPI风场_630nm.csv").write_bytes(table.encode("gbk"))
    (night,) = read_any(tmp_path)
    good = np.isfinite(night["eastward_wind"].values[:, 0])
    assert night["eastward_wind"].values[good, 0].tolist() == [49.1, 19.8]
    assert [str(time)[11:16] for time in night["time"].values[good]] == ["14:30", "16:30"]
