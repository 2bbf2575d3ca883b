"""One density for figures, columns and claims: nights whose true density is known."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds import io
from metalclouds.derive.columns import NightFiles, night_columns
from metalclouds.derive.settings import ColumnSettings
from metalclouds.figures.images import density_image
from metalclouds.figures.settings import FiguresSettings
from metalclouds.physics.density import clipped_mean_inverse, filled, noise_at_unit_distance, usable_density
from metalclouds.schema.variables import PROFILE_FLAGS
from tests.derive import scenes

ALTITUDE = 70.048 + 0.096 * np.arange(2395)
PROFILES = 160


def faint_night(background: float = 200.0, peak: float = 3.0):
    """A layer about as dense as the noise of a bin."""
    density = np.tile(scenes.gaussian_layer(ALTITUDE, peak=peak), (PROFILES, 1))
    return scenes.counts_night(density, ALTITUDE, background=background)


def column_of_image(image) -> float:
    """Column density of the mean of an image's columns, 83 to 120 km, cm-2."""
    profile = np.nanmean(image.density, axis=1)
    low, high = image.altitude_km[:-1], image.altitude_km[1:]
    thickness = np.clip(np.minimum(high, 120.0) - np.maximum(low, 83.0), 0.0, None)
    return float(np.nansum(profile * thickness) * 1e5)


def column_of_table(tmp_path, lidar, detected=None) -> float:
    io.write_netcdf(tmp_path / "lidar.nc", lidar)
    if detected is not None:
        io.write_netcdf(tmp_path / "detect.nc", detected)
    files = NightFiles(lidar.attrs["night"], tmp_path / "lidar.nc", tmp_path / "detect.nc" if detected else None)
    return night_columns(files, ColumnSettings()).row["column_density_cm2"]


@pytest.mark.parametrize("negatives", ["kept", "lost_nan", "lost_zero"])
def test_figure_and_table_hold_the_same_column(tmp_path, negatives):
    lidar = scenes.as_density(faint_night(), negatives)
    truth = 3.0 * 4.0 * np.sqrt(2 * np.pi) * 1e5  # of the whole Gaussian; 83 to 120 km hold 0.99995 of it
    table = column_of_table(tmp_path, lidar)
    figure = column_of_image(density_image(lidar, FiguresSettings()))
    # Poisson: 2 cm-3 a bin, 385 bins of 0.096 km, 160 profiles: 0.3 cm-3 km of 30
    assert table == pytest.approx(truth, rel=0.06)
    # The inverse is concave: in cells of some 20 values, not of thousands, it comes out low by a few per cent.
    assert figure == pytest.approx(table, rel=0.02 if negatives == "kept" else 0.1)


def test_a_background_that_detection_found_serves_figure_and_table(tmp_path):
    lidar = faint_night(peak=100.0)
    lidar["background_counts"][:] = np.nan
    detected = scenes.detected(lidar)
    detected["background"][:] = 200.0
    image = density_image(lidar, FiguresSettings(), found=detected)
    assert np.isfinite(image.density[image.altitude_km[:-1] > 70]).mean() > 0.9
    assert column_of_image(image) == pytest.approx(column_of_table(tmp_path, lidar, detected), rel=0.02)
    without = density_image(lidar, FiguresSettings())
    assert not np.isfinite(without.density).any()


def test_flagged_profiles_take_no_part():
    lidar = faint_night()
    detected = scenes.detected(lidar)
    detected["profile_flag"][3] = PROFILE_FLAGS["burst"]
    density = usable_density(lidar, detected)
    assert np.isnan(density.values[3]).all()
    assert np.isfinite(density.values[4]).all()
    assert density.clipped_noise is None


def test_lost_values_are_zero_and_what_was_never_observed_stays_missing():
    given = np.array([[1.0, np.nan, np.nan], [2.0, 3.0, np.nan], [np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(filled(given), [[1.0, 0.0, np.nan], [2.0, 3.0, np.nan], [np.nan] * 3])


@pytest.mark.parametrize("lost", [False, True])
def test_noise_of_a_bin_is_found_from_what_is_left(lost):
    rng = np.random.default_rng(7)
    distance = np.linspace(280.0, 300.0, 200)
    density = rng.normal(0.0, 5e-5 * distance**2, (300, 200))
    given = np.where(density > 0, density, np.nan) if lost else density
    found = noise_at_unit_distance(given, distance, distance > 0, lost)
    assert found == pytest.approx(5e-5, rel=0.02)  # 60,000 values: 0.4 %, of half of them 0.8 %
    assert np.isnan(noise_at_unit_distance(given, distance, distance < 281, lost)) == ((distance < 281).sum() < 10)


def test_clipped_mean_inverse_against_simulation():
    rng = np.random.default_rng(3)
    for mean in (-0.5, 0.0, 0.7, 2.0, 20.0):
        kept = np.maximum(rng.normal(mean, 2.0, 400_000), 0.0).mean()
        assert clipped_mean_inverse(np.array([kept]), np.array([2.0]))[0] == pytest.approx(mean, abs=0.03)
