"""The simulated lidar against closed forms, brute force and the stated response."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from metalclouds.twin import scenario
from metalclouds.twin.density import (
    Axes,
    add_cloud,
    add_main_layer,
    add_stripe,
    density,
    stripe_peak_cm3,
    stripe_width_s,
)
from metalclouds.twin.lidar import (
    altitude_axis_km,
    background,
    calibration_factor,
    conditions,
    laser_energy,
    matched_snr,
    observe,
    time_axis,
)
from metalclouds.twin.lidar_formats import density_cm3
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import LidarTwin, TwinSettings
from metalclouds.twin.sky import Cloud, TrueStripe

ORIGIN = np.datetime64("2021-05-10T14:00:00", "s")
STRIPE = TrueStripe(
    time_bottom=np.datetime64("2021-05-10T14:20:00", "s"),
    bottom_km=140.0,
    top_km=240.0,
    slowness_s_per_km=-1.7,
    width_s=20.0,
    peak_density_cm3=10.0,
    curvature_s_per_km2=0.0,
    group=1,
    beta_deg=5.82,
    marked=False,
)


@pytest.fixture(scope="module")
def settings():
    return TwinSettings(nights="cases")


@pytest.fixture(scope="module")
def cases(settings):
    return {night.panel: night for night in scenario.campaign(settings)}


@pytest.fixture(scope="module")
def seen(cases, settings):
    return observe(cases["f"], settings)


def axes(step_s=33.3, count=80, altitude=None):
    altitude = np.arange(100.0, 260.0, 1.0) if altitude is None else altitude
    return Axes(ORIGIN, step_s * np.arange(count), step_s, altitude)


def field_of(stripe, grid):
    field = np.zeros((grid.start_s.size, grid.altitude_km.size), dtype=np.float32)
    add_stripe(field, stripe, grid)
    return field


def test_stated_response():
    lidar = LidarTwin()
    # 20 cm-3 at 250 km in one bin of 33 s x 96 m: SNR about 1.5 (project's prototype).
    signal = 20 / (calibration_factor(lidar) * (250 - 0.5) ** 2)
    assert signal / np.sqrt(signal + lidar.background_counts) == pytest.approx(1.5)


def test_altitude_axis():
    altitude = altitude_axis_km(LidarTwin())
    assert altitude[0] == pytest.approx(70.048)
    assert np.diff(altitude) == pytest.approx(0.096)
    assert altitude[-1] + 0.048 <= 300


def test_stripe_keeps_its_content_whatever_the_profile_length():
    # Integral over time of a Gaussian: peak sqrt(2 pi) width, at an altitude away from the ends.
    expected = 10.0 * np.exp(-(200 - 140) / 400) * np.sqrt(2 * np.pi) * 20.0
    for step, count in ((33.3, 80), (5.0, 600), (120.0, 25)):
        grid = axes(step, count, np.array([200.0]))
        assert field_of(STRIPE, grid).sum() * step == pytest.approx(expected, rel=2e-3)


def test_mean_over_a_profile_against_brute_force():
    grid = axes(33.3, 80, np.array([180.0]))
    fine = axes(0.1, 26640, np.array([180.0]))
    middle = fine.seconds(STRIPE.time_bottom) - 1.7 * 40
    width = 20.0 * (1 + 0.0035 * 20)
    instant = np.exp(-0.5 * ((fine.middle_s - middle) / width) ** 2) * 10 * np.exp(-40 / 400)
    assert field_of(STRIPE, grid)[:, 0] == pytest.approx(instant.reshape(80, 333).mean(axis=1), abs=1e-2)


def test_fast_stripe_is_diluted():
    sharp = field_of(replace(STRIPE, width_s=3.0), axes(33.3, 80, np.array([200.0])))
    assert sharp.max() < 10 * np.sqrt(2 * np.pi) * 3 / 33.3 * 1.01


def test_time_of_maximum_is_the_stated_one():
    stripe = replace(STRIPE, slowness_s_per_km=-4.0, curvature_s_per_km2=0.01)
    grid = axes(2.0, 1500, np.array([150.0, 190.0, 230.0]))
    found = grid.middle_s[field_of(stripe, grid).argmax(axis=0)]
    stated = (stripe.time_at(grid.altitude_km) - ORIGIN).astype("timedelta64[ms]").astype(float) / 1e3
    assert found == pytest.approx(stated, abs=2.0)
    # By hand: 20 min after the origin, minus 4 s/km, plus 0.01 s/km2, 50 km up.
    assert stated[1] == pytest.approx(1200 - 200 + 25)


def test_ends_are_where_half_the_density_is_left():
    width_free = stripe_peak_cm3(STRIPE, np.array([140.0, 146.0, 234.0, 240.0]))
    inner = 10 * np.exp(-np.array([0.0, 100.0]) / 400)
    assert width_free[[0, 3]] == pytest.approx(inner / 2, rel=1e-3)
    assert (width_free[1:3] > 9.9 * np.exp(-np.array([6, 94]) / 400) * 0.99).all()


def test_stripe_widens_downwards_and_abruptly_below_130_km():
    stripe = replace(STRIPE, bottom_km=110.0)
    altitude = np.array([250.0, 200.0, 150.0, 131.0, 115.0])
    width = stripe_width_s(stripe, altitude)
    assert (np.diff(width) > 0).all()
    assert width[4] / width[3] > 2 > width[3] / width[0]
    assert stripe_peak_cm3(stripe, np.array([115.0]))[0] > 3 * stripe_peak_cm3(stripe, np.array([131.0]))[0]


def test_stripe_ends_in_a_thin_layer_near_110_km():
    stripe = replace(STRIPE, bottom_km=110.0)
    grid = axes(altitude=np.arange(100.0, 160.0, 0.25))
    total = field_of(stripe, grid).sum(axis=0)
    assert grid.altitude_km[total.argmax()] == pytest.approx(110, abs=1)
    assert total[grid.altitude_km > 106].min() < 0.5 * total.max()
    assert total[grid.altitude_km < 105].max() < 0.01 * total.max()


def test_main_layer_has_the_column_and_centroid_of_the_truth(cases):
    layer = replace(cases["f"].main_layer, sporadic=(), column_tide=0.0, tide_km=0.0, wave_km=0.0)
    altitude = np.arange(70.05, 140, 0.1)
    field = np.zeros((3, altitude.size), dtype=np.float32)
    add_main_layer(field, layer, "2021-05-10", axes(3600.0, 3, altitude))
    inside = (altitude > 83) & (altitude < 120)
    column = field[:, inside].sum(axis=1) * 0.1e5
    assert column == pytest.approx(layer.column_cm2, rel=5e-3)
    centroid = (field[0] * altitude).sum() / field[0].sum()
    assert centroid == pytest.approx(layer.centroid_km, abs=0.05)


def test_diffuse_cloud_moves_with_its_edges():
    end = ORIGIN + np.timedelta64(3600, "s")
    cloud = Cloud(ORIGIN, end, 210.0, 230.0, 130.0, 150.0, 2.0, True, None)
    grid = axes(33.3, 110)
    field = np.zeros((110, grid.altitude_km.size), dtype=np.float32)
    add_cloud(field, cloud, grid)
    rows = [20, 54, 90]
    centroid = (field[rows] * grid.altitude_km).sum(axis=1) / field[rows].sum(axis=1)
    expected = 220 - 80 * grid.middle_s[rows] / 3600
    assert centroid == pytest.approx(expected, abs=0.5)


def test_noise_is_poisson(seen):
    quiet = seen.counts[(seen.background_counts < 5), -300:].astype(float)
    ratio = quiet.var(axis=1) / quiet.mean(axis=1)
    assert quiet.shape[0] > 300
    assert ratio.mean() == pytest.approx(1, abs=0.02)


def test_background_is_measured_without_bias(seen):
    empty = seen.counts[:, -300:].mean(axis=1)
    assert (empty - seen.background_counts).mean() == pytest.approx(0, abs=0.03)


def test_published_density_is_the_true_one(cases, seen):
    truth = density(cases["f"], seen.axes)
    layer = slice(*np.searchsorted(seen.axes.altitude_km, (85, 110)))
    usable = seen.counts[:, layer].sum(axis=1) > 0.5 * np.median(seen.counts[:, layer].sum(axis=1))
    found = density_cm3(seen)[usable][:, layer].mean()
    assert found == pytest.approx(truth[usable][:, layer].mean(), rel=0.01)


def test_no_profile_lies_in_a_gap(cases, settings):
    night = cases["f"]
    grid = time_axis(night, settings.lidar, generator(1, "x"))
    (first, last) = night.gaps[0]
    start = grid.start_s
    inside = (start + grid.length_s > grid.seconds(first)) & (start < grid.seconds(last))
    assert not inside.any()
    step = np.diff(start)
    assert step.min() >= grid.length_s  # accumulations never overlap
    assert np.sort(step)[-2] < 40  # one gap only
    assert 0.1 < np.std(step[step < 40]) < 1.5  # jitter


def test_twilight_and_bursts(cases, settings):
    lidar = settings.lidar.model_copy(update={"bursts_per_night": 0.0, "moon_counts": 0.0})
    grid = time_axis(cases["f"], lidar, generator(1, "x"))
    level = background(grid, lidar, generator(2, "x"))
    middle = level.size // 2
    assert level[middle] == pytest.approx(lidar.background_counts, rel=0.01)
    assert level[0] > 20 * level[middle]
    assert (np.diff(level[:60]) < 0).all()
    burst = background(grid, lidar.model_copy(update={"bursts_per_night": 5.0}), generator(2, "x"))
    ratio = burst / level
    assert 1 <= (ratio > 4).sum() <= 15
    assert (ratio > 1.001).sum() == (ratio > 4).sum()


def test_burst_lifts_all_altitudes(cases, settings):
    lidar = settings.lidar.model_copy(update={"bursts_per_night": 6.0})
    night = observe(cases["f"], settings.model_copy(update={"lidar": lidar}))
    median = np.median(night.background_counts)
    dark = slice(100, night.time.size - 100)
    (rows,) = np.nonzero(night.background_counts[dark] > 5 * median)
    assert rows.size > 0
    for row in rows:
        profile = night.counts[dark][row].astype(float)
        for block in (slice(0, 100), slice(700, 1400), slice(1600, 2300)):  # 70-80, 137-204, 224-291 km
            assert profile[block].mean() > 4 * median


def test_misfires_have_little_energy(cases, settings):
    lidar = settings.lidar.model_copy(update={"dead_profiles_share": 0.1})
    grid = time_axis(cases["f"], lidar, generator(1, "x"))
    energy = laser_energy(grid, lidar, generator(3, "x"))
    assert 0.05 < (energy < 0.31).mean() < 0.16
    assert set(np.unique(energy[energy > 0.31])) == {1.0}


def test_matched_snr_of_a_stripe_against_the_sum_over_bins(cases, settings):
    night = cases["f"]
    state = conditions(night, settings, generator(settings.seed, "lidar", night.night))
    stripe = next(one for one in night.stripes if one.marked)
    field = field_of(stripe, state.axes)
    scale = calibration_factor(settings.lidar) * (state.axes.altitude_km - 0.5) ** 2
    signal = field * (state.transmission * state.energy)[:, None] / scale
    above = state.axes.altitude_km > 120
    by_bins = np.sqrt((signal**2 / (signal + state.background[:, None]))[:, above].sum())
    assert matched_snr(stripe, state, settings, 120.0) == pytest.approx(by_bins, rel=0.01)
    assert by_bins > 60  # "the whole stripe has 60-180" (project's notes on detection)


def test_same_seed_same_counts(cases, settings, seen):
    again = observe(cases["f"], settings)
    assert np.array_equal(again.counts, seen.counts)
    assert np.array_equal(again.calibration, seen.calibration)
    other = observe(cases["f"], settings.model_copy(update={"seed": 5}))
    rows = min(other.counts.shape[0], seen.counts.shape[0])
    assert (other.counts[:rows] != seen.counts[:rows]).mean() > 0.5
