"""Zenith angles of simulated trails that drift through the beam, and the comparison of two stripes."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds.constants import MAGNETIC_DECLINATION_DEG, MAGNETIC_DIP_DEG
from metalclouds.derive.beta import beta, marked_stripes, with_stripes
from metalclouds.derive.settings import BetaSettings
from metalclouds.derive.stripe_pair import beta_difference, profile_seconds, stripe_pair
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.trail import ion_drift, neutral_drift, slowness_at_rest, with_angles, zonal_drift
from metalclouds.physics.wind import WindVector, measured_wind, wind_at, wind_from
from metalclouds.schema.tables import BETA, STRIPE_PAIR, STRIPES

SETTINGS = BetaSettings()
GEOMETRY = TrailSettings(wind_change_m_s=0.0)
NIGHT = "2021-05-10"


def stripe_table(**columns) -> pd.DataFrame:
    """stripes.csv of long, resolved stripes at 14:30 but for the columns given."""
    count = max(np.size(value) for value in columns.values()) if columns else 1
    usual = {
        "night": NIGHT, "id": np.arange(count), "time_bottom": pd.Timestamp(f"{NIGHT}T14:30"),
        "time_top": pd.Timestamp(f"{NIGHT}T14:30"), "bottom_km": 110.0, "top_km": 260.0, "slowness_s_per_km": -1.5,
        "slowness_sigma_s_per_km": 0.05, "width_s": 40.0, "peak_density_cm3": 20.0, "significance": 50.0, "group": 1,
        "resolved": True, "reaches_main_layer": True,
    }  # fmt: skip
    table = pd.DataFrame({"night": [NIGHT] * count})
    for name in STRIPES:
        table[name] = columns.get(name, usual.get(name, np.nan))
    return table


def fpi(east, north, error=8.0, hours=(14, 15), emissions=(557.7, 630.0, 892.0)) -> xr.Dataset:
    """Hourly winds; only the 630.0 nm emission has the given ones, the others blow at 500 m/s."""
    time = np.array([f"{NIGHT}T{hour:02d}:00" for hour in hours], dtype="datetime64[ns]")
    shape = (time.size, len(emissions))
    data = {}
    for name, value in (("eastward_wind", east), ("northward_wind", north)):
        field = np.full(shape, 500.0)
        field[:, list(emissions).index(630.0)] = value
        data[name] = (("time", "emission"), field)
        data[f"{name}_error"] = (("time", "emission"), np.full(shape, error))
    data["emission_wavelength"] = ("emission", np.array(emissions))
    return xr.Dataset(data, coords={"time": time})


def angles(stripes: pd.DataFrame, winds: list[xr.Dataset], marked_night: str | None = None) -> pd.DataFrame:
    """stripes.csv and beta.csv side by side, as claims and figures read them."""
    wind, sampling = measured_wind(winds, GEOMETRY), dict.fromkeys(stripes["night"], 33.3)
    full = with_angles(stripes, wind, sampling, GEOMETRY)
    return with_stripes(beta(full, sampling, wind, SETTINGS, GEOMETRY, marked_night), full)


def slowness_of_trail(
    zenith: float, azimuth: float, drift_azimuth: float, speed: float, upward: float = 0.0
) -> float:
    """dt/dz (s/km) of the time at which a drifting straight trail is nearest to the vertical beam, by search."""
    angle, top, to = np.radians([zenith, azimuth, drift_azimuth])
    times = np.linspace(-2000, 2000, 400_001)
    passing = []
    for height in (-20.0, 20.0):
        above = height - upward * times / 1000  # height above the point of the trail that was at 0 at time 0
        east = np.tan(angle) * np.sin(top) * above + speed * np.sin(to) * times / 1000
        north = np.tan(angle) * np.cos(top) * above + speed * np.cos(to) * times / 1000
        passing.append(times[np.hypot(east, north).argmin()])
    return (passing[1] - passing[0]) / 40.0


@pytest.mark.parametrize(("upward", "zenith"), [(0.0, 5.82), (-30.0, 5.82), (20.0, 40.0)])
@pytest.mark.parametrize("opposite", [False, True])
def test_trail_along_its_drift_gives_back_its_zenith_angle(upward, zenith, opposite) -> None:
    drift_azimuth = 120.0
    azimuth = drift_azimuth + 180 * opposite
    slowness = slowness_of_trail(zenith, azimuth, drift_azimuth, 60.0, upward)
    assert (slowness > 0) == opposite
    at_rest = slowness_at_rest(slowness, upward)
    assert np.degrees(np.arctan(abs(at_rest) * 60.0 / 1000)) == pytest.approx(zenith, abs=0.02)


def test_trail_across_its_drift_gives_a_lower_limit() -> None:
    slowness = slowness_of_trail(30.0, 40.0, 0.0, 60.0)
    row = angles(stripe_table(slowness_s_per_km=slowness, top_km=150.0), [fpi(0.0, 60.0)]).iloc[0]
    assert row["beta_kind"] == "lower_limit"
    assert row["beta_deg"] < 30.0
    assert row["beta_high_deg"] == 90.0
    # tan b cos D, with D = 40 degrees between drift and azimuth
    assert np.tan(np.radians(row["beta_deg"])) == pytest.approx(
        np.tan(np.radians(30)) * np.cos(np.radians(40)), rel=0.01
    )


def test_azimuth_points_to_the_upper_end_of_the_trail() -> None:
    for azimuth in (70.0, 250.0):
        slowness = slowness_of_trail(20.0, azimuth, 70.0, 60.0)
        wind = fpi(60 * np.sin(np.radians(70)), 60 * np.cos(np.radians(70)))
        row = angles(stripe_table(slowness_s_per_km=slowness), [wind]).iloc[0]
        assert row["azimuth_deg"] == pytest.approx(azimuth)
        assert row["beta_kind"] == "value"


def test_magnetic_field_is_that_of_igrf() -> None:
    ppigrf = pytest.importorskip("ppigrf")
    east, north, up = (float(np.squeeze(b)) for b in ppigrf.igrf(116.0, 40.4, 250.0, datetime(2021, 5, 10)))
    assert np.degrees(np.arctan2(-up, np.hypot(east, north))) == pytest.approx(MAGNETIC_DIP_DEG, abs=0.5)
    assert np.degrees(np.arctan2(east, north)) == pytest.approx(MAGNETIC_DECLINATION_DEG, abs=0.5)
    # the projection computed from the vector itself
    field = np.array([east, north, up]) / np.linalg.norm([east, north, up])
    velocity = (np.array([30.0, -50.0, 0.0]) @ field) * field
    drift = ion_drift(WindVector(30.0, -50.0, 0.0, 0.0))
    assert drift.speed == pytest.approx(np.hypot(velocity[0], velocity[1]), rel=0.03)
    assert drift.upward == pytest.approx(velocity[2], rel=0.03)


def test_northward_wind_moves_ions_by_the_squared_cosine() -> None:
    drift = ion_drift(WindVector(0.0, 100.0, 0.0, 10.0), dip_deg=59.5, declination_deg=0.0)
    # cos^2 59.5 = 0.2576; sin cos = 0.4373
    assert (drift.speed, drift.upward, drift.sigma) == pytest.approx((25.76, -43.73, 2.576), abs=0.01)


def test_wind_is_interpolated_in_time_and_taken_from_its_emission() -> None:
    measured = fpi(np.array([40.0, 80.0]), np.array([-10.0, 10.0]))
    wind = wind_at(measured_wind([measured], GEOMETRY), pd.Timestamp(f"{NIGHT}T14:15"), GEOMETRY)
    assert (wind.eastward, wind.northward) == pytest.approx((50.0, -5.0))
    # Errors 8 at both ends: 8 sqrt(0.75^2 + 0.25^2). Of the squared change 40^2 the errors make 8^2 + 8^2, the wind
    # the rest; bridge 0.75 * 0.25 times that.
    assert wind.eastward_sigma == pytest.approx(np.sqrt(64 * (0.5625 + 0.0625) + 0.1875 * (1600 - 128)))
    assert wind.azimuth == pytest.approx(95.71, abs=0.01)


def test_wind_beyond_the_gap_or_of_no_emission_is_none() -> None:
    constant = measured_wind([fpi(50.0, 0.0)], GEOMETRY)
    late = pd.Timestamp(f"{NIGHT}T17:00")
    assert np.isnan(wind_at(constant, late, GEOMETRY).eastward)
    assert wind_at(constant, pd.Timestamp(f"{NIGHT}T15:45"), GEOMETRY).eastward == 50.0
    nothing = measured_wind([fpi(50.0, 0.0).isel(emission=[0])], GEOMETRY)
    assert np.isnan(wind_at(nothing, pd.Timestamp(f"{NIGHT}T14:30"), GEOMETRY).eastward)
    missing = measured_wind([fpi(np.array([np.nan, 70.0]), 0.0)], GEOMETRY)
    assert wind_at(missing, pd.Timestamp(f"{NIGHT}T14:30"), GEOMETRY).eastward == 70.0


def test_a_wind_of_large_error_is_not_used() -> None:
    measured = fpi(np.array([500.0, 70.0]), 0.0)
    measured["eastward_wind_error"][0] = 120.0
    assert wind_at(measured_wind([measured], GEOMETRY), pd.Timestamp(f"{NIGHT}T14:10"), GEOMETRY).eastward == 70.0


def test_distance_adds_to_the_error() -> None:
    time = pd.Timestamp(f"{NIGHT}T14:00")
    near, far = (
        wind_at(measured_wind([fpi(50.0, 0.0)], GEOMETRY), time, GEOMETRY.model_copy(update={"wind_change_m_s": c}))
        for c in (0.0, 6.0)
    )
    assert (near.eastward_sigma, far.eastward_sigma) == pytest.approx((8.0, 10.0))


def test_speed_error_is_that_of_the_component_along_the_wind() -> None:
    random = np.random.default_rng(2)
    speed = np.hypot(60 + 4 * random.standard_normal(200_000), -80 + 9 * random.standard_normal(200_000))
    drift = neutral_drift(WindVector(60.0, -80.0, 4.0, 9.0))
    assert drift.speed == 100.0
    assert drift.sigma == pytest.approx(speed.std(), rel=0.01)
    assert zonal_drift(WindVector(-60.0, 80.0, 4.0, 9.0)).speed == 60.0


def test_interval_of_beta_covers_the_truth_in_two_of_three_cases() -> None:
    random = np.random.default_rng(8)
    truth, speed, count = 5.82, 60.0, 1000
    nights = [f"{day:%Y-%m-%d}" for day in pd.date_range("2020-01-01", periods=count)]
    slowness = -np.tan(np.radians(truth)) / (speed / 1000)
    stripes = stripe_table(
        night=nights,
        slowness_s_per_km=slowness + 0.1 * random.standard_normal(count),
        slowness_sigma_s_per_km=0.1,
        time_bottom=pd.to_datetime([f"{night}T14:00" for night in nights]),
        time_top=pd.to_datetime([f"{night}T14:00" for night in nights]),
    )
    winds = []
    for night in nights:
        measured = fpi(*(np.array([0.0, speed]) + 8 * random.standard_normal(2)), hours=(14,))
        winds.append(measured.assign_coords(time=[np.datetime64(f"{night}T14:00", "ns")]))
    found = angles(stripes, winds)
    covered = ((found["beta_low_deg"] <= truth) & (truth <= found["beta_high_deg"])).mean()
    # 0.68 expected; standard error 0.015
    assert 0.63 <= covered <= 0.74


def test_kinds_by_length_resolution_and_wind() -> None:
    stripes = stripe_table(
        id=np.arange(4),
        top_km=[260.0, 150.0, 260.0, 260.0],
        resolved=[True, True, False, True],
        slowness_s_per_km=[-1.5, -1.5, -0.1, -0.05],
    )
    found = angles(stripes, [fpi(0.0, 60.0)])
    assert found["beta_kind"].tolist() == ["value", "lower_limit", "upper_limit", "upper_limit"]
    assert found["long"].tolist() == [True, False, True, True]
    assert found["azimuth_deg"].isna().tolist() == [False, False, True, True]
    without = angles(stripes, [])
    assert set(without["beta_kind"]) == {"no_wind"}
    assert without["beta_deg"].isna().all()


def test_three_drifts_of_one_wind() -> None:
    row = angles(stripe_table(), [fpi(30.0, 40.0)]).iloc[0]
    assert np.tan(np.radians(row["beta_deg"])) == pytest.approx(1.5 * 50 / 1000)
    assert np.tan(np.radians(row["beta_zonal_deg"])) == pytest.approx(1.5 * 30 / 1000)
    # wind along the field: 30 cos I sin D + 40 cos I cos D = 18.29 m/s; horizontally cos I of it = 9.28,
    # upward -sin I of it = -15.76; tan b = v |p| / |1 - p w|, p = -1.5e-3 s/m
    assert np.tan(np.radians(row["beta_ion_deg"])) == pytest.approx(1.5e-3 * 9.28 / (1 - 1.5e-3 * 15.76), rel=2e-3)


def test_marked_stripes_follow_a_rule() -> None:
    hours = [f"{NIGHT}T15:00", f"{NIGHT}T14:30", f"{NIGHT}T14:40", f"{NIGHT}T14:50", f"{NIGHT}T14:20"]
    stripes = stripe_table(
        id=np.arange(5),
        time_bottom=pd.to_datetime(hours),
        significance=[60.0, 80.0, 20.0, 500.0, 500.0],
        bottom_km=[110.0, 112.0, 110.0, 150.0, 110.0],
        top_km=[260.0, 250.0, 240.0, 260.0, 170.0],
    )
    assert marked_stripes(stripes, SETTINGS, GEOMETRY, NIGHT) == [1, 0]
    assert marked_stripes(stripes, SETTINGS, GEOMETRY, "2021-05-11") == []
    later = stripes.assign(time_bottom=stripes["time_bottom"] + pd.Timedelta(minutes=40), night="2021-05-21")
    assert marked_stripes(later, SETTINGS, GEOMETRY, "2021-05-21") == [1, 0]


def pair(second_slowness: float, sigma: float = 0.05, step: float = 33.0) -> pd.DataFrame:
    stripes = stripe_table(
        id=np.array([4, 9]),
        slowness_s_per_km=np.array([-1.7, second_slowness]),
        slowness_sigma_s_per_km=sigma,
        time_bottom=pd.to_datetime([f"{NIGHT}T14:30", f"{NIGHT}T15:00"]),
        time_top=pd.to_datetime([f"{NIGHT}T14:26", f"{NIGHT}T14:56"]),
        top_km=np.array([260.0, 250.0]),
        bottom_km=np.array([112.0, 110.0]),
    )
    found = angles(stripes, [fpi(0.0, 60.0)], NIGHT)
    assert found["marked"].all()
    return stripe_pair(found, step, SETTINGS).set_index("name")


def test_pair_of_clearly_different_stripes_is_told_apart() -> None:
    found = pair(-1.2)
    assert found.loc["told_apart", "value"] == 1
    assert found.loc["slowness_difference", ["value", "low", "high"]].tolist() == pytest.approx(
        [0.5, 0.5 - 1.96 * 0.0707, 0.5 + 1.96 * 0.0707], abs=1e-3
    )
    # over the 138 km that both cover
    assert found.loc["time_span_difference", "value"] == pytest.approx(0.5 * 138)
    expected = np.degrees(np.arctan(0.06 * 1.2) - np.arctan(0.06 * 1.7))
    assert found.loc["beta_difference", "value"] == pytest.approx(expected)
    assert found.loc["profile_length", "value"] == 33.0


def test_angles_of_the_paper_cannot_be_told_apart_with_a_large_error() -> None:
    # tan(5.32 deg) / 60 m/s = 1.552 s/km against 1.7: with 0.1 s/km each, 1 sigma apart
    found = pair(-1.552, sigma=0.1)
    assert found.loc["told_apart", "value"] == 0
    assert found.loc["p_same", "value"] == pytest.approx(0.295, abs=0.01)
    assert found.loc["time_span_difference", "value"] < found.loc["profile_length", "value"]
    assert found.loc["smallest_difference", "value"] > 0.5


def test_error_of_the_difference_against_simulation() -> None:
    random = np.random.default_rng(4)
    first, second = (p + 0.05 * random.standard_normal(100_000) for p in (-1.7, -1.2))
    angles = np.degrees(np.arctan(np.abs(second) * 0.06) - np.arctan(np.abs(first) * 0.06))
    found = pair(-1.2).loc["beta_difference"]
    assert (found["high"] - found["low"]) / 2 == pytest.approx(1.96 * angles.std(), rel=0.02)


def test_a_night_without_stripes_keeps_the_columns() -> None:
    none = pd.DataFrame(columns=list(STRIPES))
    full = with_angles(none, measured_wind([fpi(0.0, 60.0)], GEOMETRY), {}, GEOMETRY)
    assert list(full.columns) == list(STRIPES)
    assert not len(full)


def test_absent_instruments_leave_headers() -> None:
    empty = pd.DataFrame({name: [] for name in STRIPES})
    none = beta(empty, {}, measured_wind([], GEOMETRY), SETTINGS, GEOMETRY, NIGHT)
    assert list(none) == list(BETA)
    assert list(stripe_pair(with_stripes(none, empty), np.nan, SETTINGS)) == list(STRIPE_PAIR)
    without_wind = angles(stripe_table(id=np.arange(2)), [], NIGHT)
    assert without_wind["marked"].all()


def test_an_error_that_the_source_does_not_give_is_not_zero() -> None:
    table = pd.DataFrame({"time": [pd.Timestamp(f"{NIGHT}T14:30")], "eastward_wind": [50.0], "northward_wind": [0.0]})
    wind = wind_at(wind_from(table), pd.Timestamp(f"{NIGHT}T14:30"), GEOMETRY)
    # Random errors of the Xinglong interferometer are 8 to 10 m/s (Yuan et al. 2010).
    assert (wind.eastward_sigma, wind.northward_sigma) == (10.0, 10.0)


def test_one_length_decides_in_both_tables() -> None:
    stripes, wind = stripe_table(top_km=170.0), measured_wind([fpi(0.0, 60.0)], GEOMETRY)
    for long_km, kind in ((80.0, "lower_limit"), (50.0, "value")):
        geometry = GEOMETRY.model_copy(update={"long_km": long_km})
        full = with_angles(stripes, wind, {NIGHT: 33.3}, geometry)
        other = beta(full, {NIGHT: 33.3}, wind, SETTINGS, geometry, None)
        assert full["beta_kind"].tolist() == [kind]
        assert other["long"].tolist() == [kind == "value"]


@pytest.mark.parametrize(("clock", "wind"), [("14:00", 40.0), ("15:20", 50.0), ("13:00", 40.0), ("17:00", np.nan)])
def test_the_wind_of_other_nights_does_not_hide_that_of_a_night(clock, wind) -> None:
    other = fpi(90.0, 0.0)
    nights = [
        other.assign_coords(time=other["time"] - np.timedelta64(1, "D")),
        fpi(np.array([40.0, 50.0]), 0.0),
        other.assign_coords(time=other["time"] + np.timedelta64(1, "D")),
    ]
    found = wind_at(measured_wind(nights, GEOMETRY), pd.Timestamp(f"{NIGHT}T{clock}"), GEOMETRY)
    assert found.eastward == pytest.approx(wind, nan_ok=True)


def test_error_of_the_difference_at_large_angles_is_the_derivative_of_the_arctangent() -> None:
    """d(arctan s v) / ds by a finite difference, at 27 and 20 degrees; only the first has an error."""
    first, second = (
        pd.Series({"slowness_s_per_km": slowness, "slowness_sigma_s_per_km": sigma, "wind_m_s": 300.0})
        for slowness, sigma in ((-1.7, 0.01), (-1.2, 0.0))
    )
    value, sigma = beta_difference(first, second)
    assert value == pytest.approx(np.degrees(np.arctan(0.36) - np.arctan(0.51)))
    slope = (np.arctan(0.3 * 1.701) - np.arctan(0.3 * 1.699)) / 0.002
    assert sigma == pytest.approx(np.degrees(slope) * 0.01, rel=1e-5)


def test_rows_of_a_pair_say_how_many_stripes_they_rest_on() -> None:
    counts = pair(-1.2)["n"].to_dict()
    single = {name for name, count in counts.items() if count == 1}
    assert single == {"beta_first", "slowness_first", "beta_second", "slowness_second", "profile_length"}
    assert set(counts.values()) == {1, 2}


@pytest.mark.parametrize(("seconds", "expected"), [([0, 33, 66, 132], 33.0), ([5], np.nan)])
def test_time_from_profile_to_profile_is_the_median_step(tmp_path, seconds, expected) -> None:
    time = np.datetime64("2021-05-10T14:00", "ns") + np.array(seconds) * np.timedelta64(1, "s")
    xr.Dataset(coords={"time": time}).to_netcdf(tmp_path / "night.nc")
    assert profile_seconds(tmp_path / "night.nc") == pytest.approx(expected, nan_ok=True)
    assert np.isnan(profile_seconds(None))
