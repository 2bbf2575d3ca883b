"""Each question that evidence decides, both ways, and the stop where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds.errors import UndecidedError
from metalclouds.ingest import naming
from metalclouds.ingest.containers import Arrays
from metalclouds.ingest.decisions import Context
from metalclouds.ingest.evidence.altitude import altitude_axis
from metalclouds.ingest.evidence.clock import to_utc
from metalclouds.ingest.evidence.density import density_cm3, negatives, quantity, without_missing
from metalclouds.ingest.evidence.matrix import find_signal
from metalclouds.ingest.evidence.time import time_axis
from metalclouds.ingest.settings import IngestSettings
from metalclouds.physics.sun import solar_elevation


def context(options=None, date=None) -> Context:
    settings = IngestSettings()
    day = None if date is None else np.datetime64(date)
    return Context(settings=settings, site=settings.site("lidar"), options=options or {}, date=day, file="file.mat")


def times_of(values, name="t", date=None, options=None, words=None, by_night=True):
    arrays = Arrays("test", {name: np.asarray(values)}, {name: words or {}})
    return time_axis(arrays, name, len(values), context(options, date), by_night)


def iso(times) -> list[str]:
    return [str(time)[:19] for time in times]


def test_sun_by_the_astronomical_almanac():
    """astropy's get_sun at 40.4 N 116 E gives the same elevation within 0.03 degree (no refraction)."""
    from astropy import units
    from astropy.coordinates import AltAz, EarthLocation, get_sun
    from astropy.time import Time
    from astropy.utils import iers

    moments = np.array(["2020-06-21T04:00", "2021-01-08T23:30", "2022-10-01T10:00"], "datetime64[s]")
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("iers_degraded_accuracy", "warn"):
        place = EarthLocation(lat=40.4 * units.deg, lon=116.0 * units.deg)
        when = Time(moments)
        when.delta_ut1_utc = 0.0
        expected = get_sun(when).transform_to(AltAz(obstime=when, location=place)).alt.deg
    assert np.allclose(solar_elevation(moments, 40.4, 116.0), expected, atol=0.03)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # 2021-06-03 14:00 UT in each encoding; MATLAB's datenum of 1970-01-01 is 719529 and Excel's 25569.
        ([1622728800.0, 1622728833.0], "2021-06-03T14:00:00"),
        ([1622728800000.0, 1622728833000.0], "2021-06-03T14:00:00"),
        ([719529 + 18781 + 14 / 24, 719529 + 18781 + 14.1 / 24], "2021-06-03T14:00:00"),
        ([25569 + 18781 + 14 / 24, 25569 + 18781 + 14.1 / 24], "2021-06-03T14:00:00"),
        ([59368 + 14 / 24, 59368 + 14.1 / 24], "2021-06-03T14:00:00"),
    ],
)
def test_encoding_by_magnitude(values, expected):
    assert iso(times_of(values))[0] == expected


def test_cf_units_count():
    found = times_of([0.0, 60.0], words={"units": "minutes since 2021-06-03 14:00:00"}, by_night=False)
    assert iso(found) == ["2021-06-03T14:00:00", "2021-06-03T15:00:00"]


def test_hours_past_24_in_local_time_are_known_by_the_sun():
    """21:00 to 28:00 LT is the night; read as UT it would be 05:00 to 12:00 LT of the next day, in sunshine."""
    assert iso(times_of([21.0, 24.5, 27.5], date="2021-06-03")) == [
        "2021-06-03T13:00:00",
        "2021-06-03T16:30:00",
        "2021-06-03T19:30:00",
    ]


def test_hours_in_ut_are_known_by_the_sun():
    assert iso(times_of([13.0, 16.5, 19.5], date="2021-06-03"))[2] == "2021-06-03T19:30:00"


def test_hours_that_start_again_at_midnight():
    found = times_of([22.0, 23.5, 0.5, 3.0], date="2021-06-03", options={"clock": "LT"})
    assert iso(found) == ["2021-06-03T14:00:00", "2021-06-03T15:30:00", "2021-06-03T16:30:00", "2021-06-03T19:00:00"]


def test_a_clock_that_both_readings_allow_is_not_guessed():
    """In winter 20:00 to 21:00 is dark both as UT and as LT."""
    with pytest.raises(UndecidedError) as caught:
        times_of([20.0, 20.5, 21.0], date="2021-01-08")
    text = str(caught.value)
    assert "clock: UT" in text
    assert "clock: LT" in text
    assert "file.mat" in text


def test_a_clock_of_an_instrument_that_works_by_day_is_not_guessed():
    with pytest.raises(UndecidedError):
        times_of([20.0, 20.5, 21.0], date="2021-06-03", by_night=False)


@pytest.mark.parametrize(("words", "shift"), [("time (UT)", 0), ("local time", 8), ("Beijing time BJT", 8)])
def test_a_clock_by_words(words, shift):
    times = np.array(["2021-06-03T14:00"], "datetime64[ns]")
    assert to_utc(times, words, context(), False)[0] == times[0] - np.timedelta64(shift, "h")


def test_hours_without_a_date_stop():
    with pytest.raises(UndecidedError, match="hours without a date"):
        times_of([13.0, 14.0], options={"clock": "UT"})


def test_a_time_that_counts_nothing_known_stops():
    with pytest.raises(UndecidedError, match="what does the time axis count"):
        times_of([5e5, 5.1e5])


@pytest.mark.parametrize(
    ("values", "length", "expected"),
    [
        (np.arange(70, 100.0), 30, 70.0),
        (np.arange(70, 100.0) * 1e3, 30, 70.0),
        (np.arange(70, 101.0), 30, 70.5),  # one more than bins: edges
        (np.arange(0, 96.0), 96, 0.5),  # starts at the ground: lower edges
    ],
)
def test_altitude(values, length, expected):
    assert altitude_axis(values, length, "altitude", "", context())[0] == pytest.approx(expected)


def test_range_is_above_the_station():
    assert altitude_axis(np.arange(70, 100.0), 30, "range km", "km", context())[0] == pytest.approx(70.5)


def test_an_altitude_of_neither_unit_stops():
    with pytest.raises(UndecidedError, match="altitude_unit: m"):
        altitude_axis(np.linspace(3000, 9000, 30), 30, "z", "", context())


def square(peak_on_rows: bool) -> Arrays:
    """A square night, 100 x 100, whose layer lies at 98 km."""
    altitude = 75.0 + 0.5 * np.arange(100)
    night = np.tile(100 * np.exp(-(((altitude - 98.0) / 4) ** 2)), (100, 1)) + np.arange(100)[:, None] * 0.01 + 0.5
    return Arrays(
        "test", {"density": night.T if peak_on_rows else night, "alt": altitude, "ut": 12 + 0.05 * np.arange(100)}
    )


@pytest.mark.parametrize("transposed", [False, True])
def test_orientation_of_a_square_matrix_by_the_main_layer(transposed):
    _, signal = find_signal(square(transposed), context())
    assert signal.transposed is transposed


def test_orientation_of_a_featureless_square_stops():
    arrays = square(False)
    arrays.values["density"] = np.ones((100, 100))
    with pytest.raises(UndecidedError, match="orientation: altitude_time"):
        find_signal(arrays, context())


def test_two_matrices_that_could_be_the_density_stop():
    arrays = square(False)
    arrays.values["other_density"] = arrays.values["density"]
    with pytest.raises(UndecidedError, match="which array"):
        find_signal(arrays, context())


@pytest.mark.parametrize(("scale", "factor"), [(1.0, 1.0), (1e6, 1e-6)])
def test_unit_of_density_by_the_main_layer(scale, factor):
    arrays = square(False)
    _, found = density_cm3(arrays.values["density"] * scale, arrays.values["alt"], "density", "", context())
    assert found == factor


@pytest.mark.parametrize("name", ["log10_nCa", "lg_n_Ca_ion", "density (log10)"])
@pytest.mark.parametrize("unit", ["cm-3", "m-3"])
def test_a_name_that_says_log_gives_the_power_of_ten(name, unit):
    arrays = square(False)
    true = np.maximum(arrays.values["density"], 0.1)
    stored = np.log10(true * (1.0 if unit == "cm-3" else 1e6))
    found, _ = density_cm3(stored, arrays.values["alt"], name.lower(), "", context())
    np.testing.assert_allclose(found, true, rtol=1e-9)


@pytest.mark.parametrize(("name", "unit"), [("density (log)", ""), ("n", "log(cm-3)")])
def test_a_logarithm_of_an_unknown_base_stops(name, unit):
    """MATLAB's log is the natural one: a peak of 60 cm-3 read with the other base is 6, and as plausible."""
    arrays = square(False)
    stored = np.log10(np.maximum(arrays.values["density"], 0.1))
    with pytest.raises(UndecidedError, match=r"unit: log10\(cm-3\)[\s\S]*unit: ln\(cm-3\)"):
        density_cm3(stored, arrays.values["alt"], name, unit, context())


def test_small_numbers_without_a_unit_may_be_logarithms_and_stop():
    arrays = square(False)
    with pytest.raises(UndecidedError, match=r"unit: log10\(cm-3\)"):
        density_cm3(np.log10(np.maximum(arrays.values["density"], 0.1)), arrays.values["alt"], "data", "", context())


def test_a_density_between_the_units_stops():
    arrays = square(False)
    with pytest.raises(UndecidedError, match="unit: m-3"):
        density_cm3(arrays.values["density"] * 2e3, arrays.values["alt"], "density", "", context())


def test_whole_numbers_without_a_name_stop():
    with pytest.raises(UndecidedError, match="quantity: photon_counts"):
        quantity(np.ones((9, 9)), "data", "", context())


@pytest.mark.parametrize(
    ("values", "fate"),
    [([-1.0, 2.0, 3.0], "kept"), ([0.0, 0.0, 3.0], "lost_zero"), ([np.nan, 2.0, 3.0], "lost_nan")],
)
def test_fate_of_negatives(values, fate):
    assert negatives(np.array(values))[0] == fate


def test_a_repeated_sentinel_is_missing_but_a_value_is_not():
    values = np.linspace(-200.0, 1200.0, 3001)
    values[:60] = -999.0
    found = without_missing(values, context())
    assert np.isnan(found[:60]).all()
    assert np.isfinite(found[60:]).all()


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("Ca_ion_20210603.nc", "2021-06-03"),
        ("2021-06-03_lidar.mat", "2021-06-03"),
        ("YANQG_CAL01_NDCI_L2_STP_20210603153012_V01.00.TXT", "2021-06-03"),
        ("2021_06_03.txt", "2021-06-03"),
    ],
)
def test_dates_in_names(name, date):
    assert [str(day) for day in naming.dates(name)] == [date]


@pytest.mark.parametrize("name", ["data_202106.mat", "run12345678901.mat", "20211399.nc", "15713532.zip"])
def test_numbers_that_are_no_dates(name):
    assert naming.dates(name) == []


def test_night_is_the_date_of_the_evening():
    times = np.array(["2021-06-03T11:00", "2021-06-03T22:30", "2021-06-04T03:00"], "datetime64[s]")
    assert [str(n) for n in naming.nights_of(times, 116.0)] == ["2021-06-03", "2021-06-03", "2021-06-03"]
    # 43 W: local midnight is 2.9 UT, so the night of 1 March runs into 2 March UT.
    west = np.array(["2022-03-01T22:00", "2022-03-02T08:00"], "datetime64[s]")
    assert [str(n) for n in naming.nights_of(west, -43.0)] == ["2022-03-01", "2022-03-01"]
