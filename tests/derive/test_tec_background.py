"""Backgrounds of TEC and the bringing of maps to one grid."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from metalclouds.derive.tec_background import (
    Grid,
    common_grid,
    epoch_index,
    excess_over_quiet_days,
    excess_over_zonal_background,
    grid_observations,
    on_grid,
    quiet_background,
    robust_residual,
)
from metalclouds.derive.tec_campaign import observations_of
from metalclouds.derive.tec_settings import EnhancementSettings
from tests.derive import tec_scenes as scenes

GRID = Grid(np.array([12.0, 12.1, 12.2]), np.array([30.0, 31.0]), np.array([110.0, 111.0, 112.0]))


def test_epochs_take_times_within_half_a_step() -> None:
    clock = ["11:56:59", "11:57:00", "12:00:00", "12:02:59", "12:03:00", "12:14:59", "12:15:01"]
    times = np.array([f"2021-06-18T{one}" for one in clock], dtype="datetime64[ns]")
    assert epoch_index(times, "2021-06-18", GRID).tolist() == [-1, 0, 0, 0, 1, 2, -1]


def test_maps_of_an_epoch_are_averaged_and_axes_put_in_order() -> None:
    values = np.array([[[1.0, 2, 3], [4, 5, 6]], [[3.0, 2, 1], [np.nan, 5, 6]]])
    night = xr.Dataset(
        {"vertical_tec": (("time", "latitude", "longitude"), values)},
        coords={
            "time": np.array(["2021-06-18T12:00", "2021-06-18T12:01"], dtype="datetime64[ns]"),
            "latitude": [31.0, 30.0],
            "longitude": [110.0, 111.0, 112.0],
        },
        attrs={"night": "2021-06-18"},
    )
    out = on_grid(night, GRID)
    assert out[0].tolist() == [[4.0, 5.0, 6.0], [2.0, 2.0, 2.0]]
    assert np.isnan(out[1:]).all()


def test_coarse_maps_are_interpolated() -> None:
    latitude, longitude = np.array([25.0, 30.0, 35.0]), np.array([105.0, 110.0, 115.0])
    plane = latitude[:, None] + 2 * longitude[None, :]
    night = xr.Dataset(
        {"vertical_tec": (("time", "latitude", "longitude"), plane[None])},
        coords={
            "time": np.array(["2021-06-18T12:06"], dtype="datetime64[ns]"),
            "latitude": latitude,
            "longitude": longitude,
        },
        attrs={"night": "2021-06-18"},
    )
    expected = GRID.latitude[:, None] + 2 * GRID.longitude[None, :]
    np.testing.assert_allclose(on_grid(night, GRID)[1], expected)


def test_observations_are_averaged_in_their_cells() -> None:
    night = xr.Dataset(
        {
            "observation_time": ("observation", np.array(["2021-06-18T12:06"] * 4, dtype="datetime64[ns]")),
            "pierce_latitude": ("observation", [30.2, 29.8, 31.0, 40.0]),
            "pierce_longitude": ("observation", [111.4, 110.6, 112.0, 111.0]),
            "observation_vertical_tec": ("observation", [10.0, 14.0, 7.0, 99.0]),
            "satellite": ("observation", ["G02", "G01", "G02", "G02"]),
            "elevation": ("observation", [50.0, 50.0, 50.0, 50.0]),
        },
        attrs={"night": "2021-06-18"},
    )
    gridded = grid_observations(night, 30.0, GRID)
    assert gridded.names == ("G01", "G02")
    # without G01 two cells have one observation each, without G02 one cell has that of G01; 40 N is off the grid
    without = gridded.without("G01")
    assert (without[1, 0, 1], without[1, 1, 2], np.isfinite(without).sum()) == (10.0, 7.0, 2)
    without = gridded.without("G02")
    assert (without[1, 0, 1], np.isfinite(without).sum()) == (14.0, 1)
    assert grid_observations(night, 60.0, GRID).count.sum() == 0


def test_cells_without_a_satellite_are_the_means_of_the_others() -> None:
    night = scenes.with_observations(scenes.night(scenes.NIGHT, None, 2), scenes.TRUTH, "G03", 1.0)
    night = night.isel(observation=slice(0, 20_000))
    grid = common_grid(scenes.settings())
    rest = night.isel(observation=np.flatnonzero(night["satellite"].values != "G03"))
    table = rest[["observation_vertical_tec"]].to_dataframe()
    hours = (rest["observation_time"].values - np.datetime64(scenes.NIGHT, "ns")) / np.timedelta64(1, "h")
    table["epoch"] = np.floor((hours - grid.hours[0]) * 10 + 0.5 + 0.5 / 360).astype(int)
    for name, axis in (("latitude", grid.latitude), ("longitude", grid.longitude)):
        table[name] = np.rint(rest[f"pierce_{name}"].values - axis[0]).astype(int)
    means = table[table["epoch"] < grid.hours.size].groupby(["epoch", "latitude", "longitude"]).mean()
    found = grid_observations(night, 30.0, grid).without("G03")
    assert np.isfinite(found).sum() == len(means)
    index = tuple(means.index.get_level_values(level) for level in range(3))
    np.testing.assert_allclose(found[index], means["observation_vertical_tec"], rtol=1e-9)


def test_robust_fit_is_a_least_squares_fit_without_outliers_and_holds_with_them() -> None:
    rng = np.random.default_rng(5)
    x = np.linspace(-1, 1, 60)
    design = np.stack([np.ones(60), x])
    y = 2.0 + 3.0 * x + rng.normal(0, 0.1, 60)
    plain = y - np.polynomial.polynomial.polyval(x, np.polynomial.polynomial.polyfit(x, y, 1))
    residual = robust_residual(y[None], design[None], 8)[0]
    assert np.abs(residual - plain).max() < 0.02
    spoiled = y.copy()
    spoiled[::8] += 5.0
    clean = np.ones(60, dtype=bool)
    clean[::8] = False
    assert np.abs(robust_residual(spoiled[None], design[None], 8)[0] - plain)[clean].max() < 0.06


def test_level_of_a_day_leaves_no_excess_but_an_enhancement_does() -> None:
    settings = scenes.settings()
    grid = common_grid(settings)
    nights = np.stack([on_grid(scenes.night(name, None, 2), grid) for name in scenes.QUIET])
    quiet = quiet_background(nights, settings)
    calm = excess_over_quiet_days(on_grid(scenes.night(scenes.NIGHT, None, 2), grid), quiet, settings)
    assert np.abs(np.nanmean(calm, axis=0)).max() < 0.15
    bright = excess_over_quiet_days(on_grid(scenes.night(scenes.NIGHT, scenes.TRUTH, 2), grid), quiet, settings)
    # plateau of the trapezium, 16 UT, on the axis (114.3E lies 0.3 deg from the cell: 0.99 of the peak)
    at = (int((16.0 - 12.0) * 10), slice(8, 20), 14)
    assert np.nanmean(bright[at]) == pytest.approx(scenes.TRUTH["peak"], abs=0.3)


def test_too_few_quiet_days_give_no_background() -> None:
    settings = scenes.settings(minimum_quiet_days=4)
    assert np.isnan(quiet_background(np.ones((3, 2, 3, 4)), settings)).all()
    assert np.isfinite(quiet_background(np.ones((4, 2, 3, 4)), settings)).all()


def test_zonal_background_takes_off_any_polynomial_of_its_degree() -> None:
    settings = scenes.settings(highpass_degree=3)
    x = np.linspace(-1, 1, 31)
    values = np.broadcast_to(5 - 2 * x + x**2 - 4 * x**3, (2, 3, 31)).copy()
    values[:, :, 15] += 2.0
    excess = excess_over_zonal_background(values, settings)
    np.testing.assert_allclose(excess[:, :, 15], 2.0, atol=0.01)
    np.testing.assert_allclose(np.delete(excess, 15, axis=2), 0.0, atol=0.01)


def test_excluded_cells_do_not_raise_their_background() -> None:
    settings = scenes.settings(highpass_degree=1)
    values = np.zeros((1, 1, 31))
    values[0, 0, 8:22] = 1.0  # nearly half of the row: too much for any robust fit
    exclude = values > 0.5
    excess = excess_over_zonal_background(values, settings, exclude)
    np.testing.assert_allclose(excess[exclude], 1.0, atol=1e-6)


def test_points_that_name_no_satellites_are_judged_as_maps():
    """Vertical TEC at pierce points, as some groups publish it: there is no satellite to leave out."""
    settings = EnhancementSettings()
    campaign = SimpleNamespace(settings=settings, grid=common_grid(settings))
    dims = ("observation",)
    night = xr.Dataset(
        {"observation_time": (dims, np.array(["2021-06-18T14:00"], "datetime64[ns]")),
         "pierce_latitude": (dims, [40.0]), "pierce_longitude": (dims, [116.0]), "elevation": (dims, [90.0]),
         "observation_vertical_tec": (dims, [8.0])},
        attrs={"night": "2021-06-18"},
    )  # fmt: skip
    assert observations_of(night, campaign) is None
    assert observations_of(night.assign(satellite=(dims, ["G01"])), campaign).count.sum() == 1


def test_mean_over_all_satellites_is_that_of_the_observations() -> None:
    """Two observations of 10 and 14 TECU in a cell, one of 7 in another; nothing elsewhere."""
    night = xr.Dataset(
        {
            "observation_time": ("observation", np.array(["2021-06-18T12:06"] * 3, dtype="datetime64[ns]")),
            "pierce_latitude": ("observation", [30.2, 29.8, 31.0]),
            "pierce_longitude": ("observation", [111.4, 110.6, 112.0]),
            "observation_vertical_tec": ("observation", [10.0, 14.0, 7.0]),
            "satellite": ("observation", ["G02", "G01", "G02"]),
            "elevation": ("observation", [50.0] * 3),
        },
        attrs={"night": "2021-06-18"},
    )
    mean = grid_observations(night, 30.0, GRID).mean()
    assert (mean[1, 0, 1], mean[1, 1, 2], np.isfinite(mean).sum()) == (12.0, 7.0, 2)


def test_grid_holds_its_last_hour_and_no_more() -> None:
    grid = common_grid(scenes.settings())
    assert (grid.hours.size, grid.hours[0]) == (91, 12.0)
    assert grid.hours[-1] == pytest.approx(21.0)
    assert (grid.latitude[[0, -1]].tolist(), grid.longitude[[0, -1]].tolist()) == ([20.0, 50.0], [100.0, 130.0])


@pytest.mark.parametrize("days", [[1.0, 10.0, 4.0, 2.0], [1.0, np.nan, 10.0, 4.0, 2.0], [3.0, 1.0, 2.0, 9.0, 4.0]])
def test_background_is_the_median_of_the_days_that_have_a_value(days) -> None:
    quiet = np.array(days)[:, None, None, None]
    assert quiet_background(quiet, scenes.settings(minimum_quiet_days=4)).item() == np.nanmedian(days) == 3.0


@pytest.mark.parametrize("along", [(0.1, 0.0), (0.0, 0.1)])
def test_a_day_whose_level_differs_by_a_plane_has_no_excess(along) -> None:
    """A tenth more at the border of the map than in its middle, growing with latitude or with longitude."""
    background = np.random.default_rng(2).uniform(8.0, 12.0, (3, 21, 31))
    south, west = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 31), indexing="ij")
    level = 1.0 + along[0] * south + along[1] * west
    excess = excess_over_quiet_days(background * level, background, scenes.settings(match_level=True))
    np.testing.assert_allclose(excess, 0.0, atol=1e-6)
    plain = excess_over_quiet_days(background + 1, background, scenes.settings(match_level=False))
    assert plain == pytest.approx(1.0)
