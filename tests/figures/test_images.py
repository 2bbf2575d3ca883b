"""Averaging onto cells: nothing lost, nothing invented. Expected values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import LogNorm

from metalclouds.figures.images import (
    DensityImage,
    average,
    centre_edges,
    density_image,
    density_norm,
    noise_floor,
)
from metalclouds.figures.settings import FiguresSettings


def test_average_weights_by_overlap():
    # 0-2 holds 10, 2-3 holds 40; cell 0-1: 10; cell 1-3: (1 * 10 + 1 * 40) / 2 = 25
    mean, covered = average(
        np.array([[10.0], [40.0]]), np.array([0.0, 2.0]), np.array([2.0, 3.0]), np.array([0.0, 1.0, 3.0])
    )
    np.testing.assert_allclose(mean[:, 0], [10.0, 25.0])
    np.testing.assert_allclose(covered[:, 0], [1.0, 1.0])


def test_average_keeps_the_integral_where_everything_is_seen():
    rng = np.random.default_rng(3)
    edges = np.concatenate([[0.0], np.cumsum(rng.uniform(0.5, 2.0, 50))])
    values = rng.normal(5.0, 20.0, (50, 3))
    cells = np.linspace(0.0, edges[-1], 8)
    mean, _ = average(values, edges[:-1], edges[1:], cells)
    np.testing.assert_allclose((mean * np.diff(cells)[:, None]).sum(0), (values * np.diff(edges)[:, None]).sum(0))


def test_average_does_not_bridge_a_gap():
    mean, covered = average(
        np.array([[1.0], [3.0]]), np.array([0.0, 4.0]), np.array([1.0, 5.0]), np.array([0.0, 1.0, 4.0, 5.0])
    )
    assert np.isnan(mean[1, 0])
    np.testing.assert_allclose(covered[:, 0], [1.0, 0.0, 1.0])
    np.testing.assert_allclose(mean[[0, 2], 0], [1.0, 3.0])


def test_average_leaves_nan_out():
    mean, covered = average(
        np.array([[np.nan], [4.0]]), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([0.0, 2.0])
    )
    assert mean[0, 0] == pytest.approx(4.0)
    assert covered[0, 0] == pytest.approx(0.5)


def test_centre_edges_of_even_bins():
    low, high = centre_edges(np.array([1.0, 3.0, 5.0]))
    np.testing.assert_allclose(low, [0.0, 2.0, 4.0])
    np.testing.assert_allclose(high, [2.0, 4.0, 6.0])


def _lidar(values: np.ndarray, seconds: np.ndarray, length: float, altitude: np.ndarray) -> xr.Dataset:
    time = np.datetime64("2031-02-03", "ns") + (seconds * 1e9).astype("timedelta64[ns]")
    return xr.Dataset(
        {"ca_ion_number_density": (("time", "altitude"), values.astype("float32")),
         "ca_ion_number_density_error": (("time", "altitude"), np.full(values.shape, 2.0, "float32")),
         "integration_time": ("time", np.full(seconds.size, length))},
        coords={"time": time, "altitude": altitude}, attrs={"night": "2031-02-03", "negatives": "kept"},
    )  # fmt: skip


def test_density_image_places_a_spike_at_its_time_and_height():
    settings = FiguresSettings(image_floor_km=100.0, image_ceiling_km=140.0, altitude_cell_km=10.0)
    seconds, altitude = 36000.0 + 60.0 * np.arange(10) + 30.0, np.arange(101.0, 140.0, 2.0)
    values = np.zeros((10, altitude.size))
    values[4, altitude == 115.0] = 50.0
    image = density_image(_lidar(values, seconds, 60.0, altitude), settings, time_cell_s=60.0)
    row, column = np.unravel_index(np.nanargmax(image.density), image.density.shape)
    assert image.altitude_km[row] <= 115.0 <= image.altitude_km[row + 1]
    assert image.hours[column] == pytest.approx(10.0 + 4 / 60, abs=1e-6)
    # one of five bins of 2 km in a cell of 10 km
    assert image.density[row, column] == pytest.approx(10.0, rel=1e-5)
    # five independent bins of error 2: 2 / sqrt(5)
    assert image.error[row, column] == pytest.approx(2.0 / np.sqrt(5.0), rel=1e-5)


def test_a_burst_counts_as_not_observed():
    settings = FiguresSettings(image_floor_km=100.0, image_ceiling_km=140.0, altitude_cell_km=10.0)
    seconds, altitude = 36000.0 + 60.0 * np.arange(10) + 30.0, np.arange(101.0, 140.0, 2.0)
    values = np.ones((10, altitude.size))
    values[6] = 1000.0
    lidar = _lidar(values, seconds, 60.0, altitude)
    flags = np.array([0, 0, 0, 0, 0, 0, 1, 0, 0, 0], "uint8")
    found = xr.Dataset({"profile_flag": ("time", flags)}, coords={"time": lidar["time"]})
    image = density_image(lidar, settings, found=found, time_cell_s=60.0)
    assert np.isnan(image.density[:, 6]).all()
    assert np.nanmax(image.density) == pytest.approx(1.0)


def test_noise_floor_is_the_median_error_at_an_altitude():
    error = np.array([[1.0, 1.0, 9.0], [4.0, 6.0, 8.0]])
    image = DensityImage("2031-02-03", np.arange(4.0), np.array([100.0, 110.0, 120.0]), np.ones((2, 3)), error)
    assert noise_floor([image], 115.0) == pytest.approx(6.0)
    assert noise_floor([image], 105.0) == pytest.approx(1.0)


def test_the_scale_of_the_settings_wins():
    norm = density_norm([], FiguresSettings(density_range_cm3=(2.0, 5000.0)))
    assert isinstance(norm, LogNorm)
    assert (norm.vmin, norm.vmax) == (2.0, 5000.0)
