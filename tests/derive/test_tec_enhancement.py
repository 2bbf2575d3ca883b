"""The enhanced region of TEC against skies of known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.derive.tec_enhancement import derive_tec
from metalclouds.derive.tec_maps import panel_times, tec_maps
from metalclouds.derive.tec_noise import standing
from metalclouds.derive.tec_product import tec_files
from metalclouds.derive.tec_rows import meridian_distance
from metalclouds.derive.tec_settings import EnhancementSettings, TecPanel
from metalclouds.derive.tec_shape import fit_shape, noise_covariance
from metalclouds.schema.datasets import TEC_MAPS, check_dataset
from metalclouds.schema.tables import TEC_ENHANCEMENT, TEC_SERIES
from tests.derive import tec_scenes as scenes

METHODS = ("quiet_days", "zonal_highpass")


def minutes(one: pd.Timestamp, hours: float) -> float:
    """Time minus a UT hour of the night, min."""
    return (one - pd.Timestamp(scenes.NIGHT)).total_seconds() / 60 - 60 * hours


@pytest.fixture(scope="module")
def products():
    return derive_tec(scenes.campaign(), scenes.settings())


def row_of(products, method: str) -> pd.Series:
    table = products.enhancement
    return table[(table["night"] == scenes.NIGHT) & (table["method"] == method)].iloc[0]


@pytest.mark.parametrize("method", METHODS)
def test_known_region_is_recovered(products, method: str) -> None:
    row, truth = row_of(products, method), scenes.TRUTH
    assert row["found"]
    assert abs(minutes(row["onset_utc"], truth["onset"])) <= 6
    assert abs(minutes(row["end_utc"], truth["end"])) <= 6
    assert 0.1 < row["onset_error_minutes"] < 6
    assert 0.1 < row["end_error_minutes"] < 6
    assert row["axis_longitude"] == pytest.approx(truth["axis"], abs=0.3)
    assert 0 < row["axis_longitude_error"] < 0.5
    # the edges are sharp, so they lie half a cell beyond the last cell inside
    assert row["latitude_south"] == pytest.approx(truth["south"] - 0.5, abs=0.6)
    assert row["latitude_north"] == pytest.approx(truth["north"] + 0.5, abs=0.6)
    assert row["width_km"] == pytest.approx(truth["width_km"], rel=0.08)
    assert row["peak_tecu"] == pytest.approx(truth["peak"], rel=0.12)
    # a rectangle of the full width at half maximum by the length, 111.19 km a degree
    expected = truth["width_km"] * 111.19 * 16.0
    assert row["area_km2"] == pytest.approx(expected, rel=0.12)


def test_quiet_nights_are_not_found_and_say_nothing_of_a_region(products) -> None:
    table = products.enhancement
    quiet = table[table["night"] != scenes.NIGHT]
    assert len(quiet) == 2 * len(scenes.QUIET)
    assert not quiet["found"].any()
    assert quiet[["onset_utc", "axis_longitude", "area_km2"]].isna().all(axis=None)
    assert quiet["significance"].notna().all()


def test_false_alarms_of_quiet_campaigns_are_rare() -> None:
    found = [derive_tec(scenes.campaign(None, seed), scenes.settings()).enhancement["found"] for seed in (11, 12, 13)]
    # 36 searches at a wanted rate of 2 %: more than four would be seen once in a thousand times
    assert pd.concat(found).sum() <= 4


def test_shift_of_the_truth_shifts_the_result(products) -> None:
    moved = {**scenes.TRUTH, "axis": scenes.TRUTH["axis"] - 4.0}
    moved |= {name: scenes.TRUTH[name] + 2 / 3 for name in ("onset", "full", "fading", "end")}
    again = row_of(derive_tec(scenes.campaign(moved), scenes.settings()), "quiet_days")
    before = row_of(products, "quiet_days")
    assert again["axis_longitude"] - before["axis_longitude"] == pytest.approx(-4.0, abs=0.4)
    shift = (again["onset_utc"] - before["onset_utc"]).total_seconds() / 60
    assert shift == pytest.approx(40.0, abs=6.0)


def test_a_band_along_a_parallel_is_not_a_meridional_enhancement() -> None:
    nights = scenes.campaign(None)
    maps = nights[0]["vertical_tec"]
    band = (np.abs(maps["latitude"] - 33) < 3) & (np.abs(maps["longitude"] - 115) < 8)
    hours = scenes.hours_of_night()
    there = maps["time"].copy(data=(hours > 14) & (hours < 18))
    nights[0]["vertical_tec"] = maps + 3.0 * (band & there)
    table = derive_tec(nights, scenes.settings()).enhancement
    # by quiet days only: the zonal background is partly drawn to a band half as wide as the map and leaves stubs
    assert not table[(table["night"] == scenes.NIGHT) & (table["method"] == "quiet_days")]["found"].any()


def test_series_at_the_lidar(products) -> None:
    series = products.series
    own = series[(series["night"] == scenes.NIGHT) & (series["method"] == "quiet_days")]
    assert list(series) == list(TEC_SERIES)
    clock = own["time_utc"].dt.hour + own["time_utc"].dt.minute / 60
    before = own.loc[clock < 14.4, "excess_tecu"]
    assert before.abs().mean() < 0.15
    assert own["excess_error_tecu"].between(0.01, 0.3).all()
    # box of +-2 deg around 40.4N 116.0E: north of 41N there is nothing, so of the rows 39-42 three are inside
    inside = own.loc[clock.between(15.6, 16.8), "excess_tecu"].mean()
    across = 111.19 * (np.arange(114, 119) - 114.3) * np.cos(np.radians(40.0))
    share = np.mean(0.5 ** ((2 * across / 420.0) ** 2)) * 3 / 4
    assert inside == pytest.approx(3.0 * share, rel=0.2)


def test_biased_satellite_changes_the_excess_only_while_it_is_in() -> None:
    nights = scenes.campaign()
    nights[0] = scenes.with_observations(nights[0], scenes.TRUTH, biased="G03", bias=8.0)
    table = derive_tec(nights, scenes.settings()).enhancement
    left = table[(table["left_out"] != "") & (table["method"] == "quiet_days")].set_index("left_out")
    assert list(left.index) == [f"G{number:02d}" for number in range(1, 9)]
    assert left["found"].all()
    assert left.loc["G03", "peak_error_tecu"] > 0
    np.testing.assert_allclose(left["axis_longitude"], scenes.TRUTH["axis"], atol=0.6)
    assert abs(minutes(left.loc["G03", "onset_utc"], scenes.TRUTH["onset"])) <= 6


def test_nothing_gives_headers_and_maps_that_say_why() -> None:
    files = tec_files([], EnhancementSettings(), ["2021-06-18"])
    assert list(files.enhancement) == list(TEC_ENHANCEMENT)
    assert list(files.series) == list(TEC_SERIES)
    assert len(files.enhancement) == len(files.series) == 0
    assert files.maps["vertical_tec"].isnull().all()
    assert "a: no TEC of that night" in files.maps.attrs["why"]
    assert files.maps.attrs["synthetic"] == "false"


def test_one_night_alone_is_undecided_by_quiet_days() -> None:
    table = derive_tec(scenes.campaign()[:1], scenes.settings()).enhancement
    quiet = table[table["method"] == "quiet_days"]
    assert quiet["found"].isna().all()
    assert quiet["significance"].isna().all()
    assert quiet["least_tecu"].isna().all()


def test_order_of_the_nights_does_not_matter(products) -> None:
    again = derive_tec(scenes.campaign()[::-1], scenes.settings())
    pd.testing.assert_frame_equal(again.enhancement, products.enhancement)


# ---- parts -----------------------------------------------------------------------------------------------


HOURS = np.arange(12.0, 21.0, 0.1)
WHITE = np.array([0.03**2])


def rise_and_fall(fall: str) -> np.ndarray:
    """Onset 14:00, peak 15:30, end 18:30: straight, or quarter of a sine and parabola."""
    x = np.clip((HOURS - 14.0) / 1.5, 0, 1)
    y = np.clip((HOURS - 15.5) / 3.0, 0, 1)
    return x * (1 - y) if fall == "straight" else np.sin(np.pi / 2 * x) * (1 - y) ** 2


def wandering(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> np.ndarray:
    """Running sums of ten independent numbers: autocorrelation 1 - lag / 10, as by hand."""
    white = rng.normal(0, sigma / np.sqrt(10), (shape[0], shape[1] + 9))
    return np.lib.stride_tricks.sliding_window_view(white, 10, axis=1).sum(axis=-1)


@pytest.mark.parametrize("bend", ["straight", "parabola"])
def test_onset_and_end_of_a_known_shape(bend: str) -> None:
    noise = np.random.default_rng(3).normal(0, 0.03, HOURS.size)
    shape = fit_shape(HOURS, 3 * rise_and_fall(bend) + noise, 14.3, 17.5, WHITE)
    assert shape.onset == pytest.approx(14.0, abs=0.1)
    assert shape.peak == pytest.approx(15.5, abs=0.15)
    assert shape.end == pytest.approx(18.5, abs=0.15)
    assert shape.peak_value == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("bend", ["straight", "parabola"])
def test_onset_and_end_lie_within_their_stated_errors_at_the_stated_rate(bend: str) -> None:
    """In noise that wanders as on quiet nights, known from four of them."""
    rng = np.random.default_rng(4)
    deviations = []
    for _ in range(60):
        quiet, noise = wandering(rng, (4, 130), 0.09), wandering(rng, (1, HOURS.size), 0.09)[0]
        shape = fit_shape(HOURS, 3.3 * rise_and_fall(bend) + noise, 14.3, 17.5, noise_covariance(quiet, 20))
        deviations.append([(shape.end - 18.5) / shape.end_error])
        if bend == "straight":  # a quarter of a sine is none of the rises
            deviations[-1].append((shape.onset - 14.0) / shape.onset_error)
    share = (np.abs(deviations) <= 1).mean(axis=0)
    # 68 % of 60 less three standard deviations of a binomial; more where other bends fit as well, which widens them
    assert (share > 0.5).all()
    assert (share < 0.93).all()


def test_wandering_noise_makes_the_end_less_certain_than_as_much_white_noise() -> None:
    noise = np.random.default_rng(6).normal(0, 0.05, HOURS.size)
    strength = 3 * rise_and_fall("parabola") + noise
    slow = 0.05**2 * (1 - np.arange(10) / 10)
    errors = [fit_shape(HOURS, strength, 14.3, 17.5, one).end_error for one in (WHITE * (5 / 3) ** 2, slow)]
    assert errors[1] > 1.5 * errors[0]


def test_covariance_of_noise_of_known_correlation() -> None:
    quiet = wandering(np.random.default_rng(8), (400, 130), 0.09)
    quiet[:, ::7] = np.nan
    # 1 - lag / 10, times the weights 1 - lag / 20; a lag that is no multiple of 7 loses another seventh of the pairs
    expected = 0.09**2 * np.array([1.0, 0.9 * 0.95 * 5 / 6, 0.3 * 0.65, 0.0])
    np.testing.assert_allclose(noise_covariance(quiet, 20)[[0, 1, 7, 14]], expected, atol=0.03 * 0.09**2)


def test_end_after_the_last_map_is_missing() -> None:
    hours = np.arange(12.0, 16.0, 0.1)
    shape = fit_shape(hours, np.clip(hours - 14.0, 0, None), 14.2, 15.9, WHITE)
    assert np.isnan(shape.end)
    assert np.isnan(shape.end_error)
    assert shape.onset == pytest.approx(14.0, abs=0.1)


def test_standing_is_students_t() -> None:
    # logs 0, 1, 2 (least = 1): mean 1, standard deviation 1, n = 3; mass e^5 - 1 lies 4 / sqrt(4/3) = 3.4641 above
    significance, chance = standing(np.exp(5) - 1, np.exp([0.0, 1.0, 2.0]) - 1, 1.0, 0.1)
    assert significance == pytest.approx(3.4641, abs=1e-4)
    # two degrees of freedom: P(T > t) = 1/2 - t / (2 sqrt(2 + t^2))
    assert chance == pytest.approx(0.5 - 3.4641 / (2 * np.sqrt(2 + 12.0)), abs=1e-5)


def test_distance_to_a_meridian() -> None:
    assert meridian_distance((LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG), 116.0, 25.0, 42.0) == pytest.approx(
        0.0, abs=6.0
    )
    assert meridian_distance((LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG), 116.0, 25.0, 38.4) == pytest.approx(
        2.0 * 111.195, abs=0.1
    )
    # nearly along the parallel: one degree of longitude at 40.4N is 111.195 km x cos 40.4 = 84.68 km
    assert meridian_distance((LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG), 117.0, 25.0, 42.0) == pytest.approx(
        84.68, abs=0.5
    )


# ---- maps ------------------------------------------------------------------------------------------------


def test_panels_without_a_time_lie_evenly_between_the_dated() -> None:
    times = [str(time)[11:16] for time in panel_times(EnhancementSettings().panels, 6.0)]
    assert times[:9] == ["12:18", "13:06", "13:48", "14:36", "15:36", "16:36", "17:36", "18:36", "19:36"]
    assert times[9:] == ["18:00", "16:30", "16:54"]


def test_maps_are_those_nearest_to_the_panels(products) -> None:
    panels = tuple(
        TecPanel(panel=letter, night=night, time=time)
        for letter, night, time in (
            ("a", scenes.NIGHT, "16:02"), ("b", scenes.NIGHT, "23:00"), ("c", "2021-01-08", "18:00"),
        )
    )  # fmt: skip
    settings = scenes.settings(panels=panels)
    nights = scenes.campaign()
    maps = check_dataset(tec_maps(nights, products.excess, settings), TEC_MAPS, "test")
    assert str(maps["time"].values[0])[:16] == "2021-06-18T16:00"
    expected = nights[0]["vertical_tec"].sel(time="2021-06-18T16:00").values
    np.testing.assert_allclose(maps["vertical_tec"][0], expected, rtol=1e-5)
    excess = maps["tec_excess"][0].sel(latitude=slice(28, 39), longitude=114).mean()
    assert float(excess) == pytest.approx(3.0, abs=0.35)
    assert maps["vertical_tec"][1:].isnull().all()
    assert maps.attrs["why"] == "b: no TEC map near the time; c: no TEC of that night"
