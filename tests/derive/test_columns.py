"""Columns of nights of known truth: layers whose moments have a closed form or are integrated by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from metalclouds.derive import moments
from metalclouds.derive.columns import NightFiles, columns, night_columns
from metalclouds.derive.settings import ColumnSettings
from metalclouds.schema.datasets import NIGHTLY_DENSITY, check_dataset
from metalclouds.schema.tables import COLUMNS
from metalclouds.schema.variables import MASK_FLAGS, PROFILE_FLAGS
from tests.derive import scenes

ALTITUDE = np.arange(70.0, 300.0, 0.096)
PROFILES = 240


def truth(peak: float = 100.0, centre: float = 98.6, sigma: float = 4.0) -> tuple[float, float, float]:
    """Column (cm-2), centroid and rms width (km) of the Gaussian layer between 83 and 120 km, by quadrature."""

    def integral(power: int, about: float = 0.0) -> float:
        return quad(
            lambda z: (z - about) ** power * peak * norm.pdf(z, centre, sigma) * sigma * np.sqrt(2 * np.pi), 83, 120
        )[0]

    column, centroid = integral(0), integral(1) / integral(0)
    return column * 1e5, centroid, np.sqrt(integral(2, centroid) / column)


def constant_night(seed: int = 0, **layer) -> object:
    density = np.tile(scenes.gaussian_layer(ALTITUDE, **layer), (PROFILES, 1))
    return scenes.counts_night(density, ALTITUDE, seed)


def row_of(tmp_path, lidar, detect=None, **settings):
    path = scenes.written(tmp_path, "lidar", lidar)
    searched = scenes.written(tmp_path, "detect", detect) if detect is not None else None
    return night_columns(NightFiles(lidar.attrs["night"], path, searched), ColumnSettings(**settings))


def test_moments_of_a_gaussian_layer(tmp_path) -> None:
    row = row_of(tmp_path, constant_night()).row
    column, centroid, width = truth()
    assert row["column_density_cm2"] == pytest.approx(column, abs=4 * row["column_density_error_cm2"])
    assert row["centroid_km"] == pytest.approx(centroid, abs=4 * row["centroid_error_km"])
    assert row["rms_width_km"] == pytest.approx(width, abs=4 * row["rms_width_error_km"])
    assert row["column_density_error_cm2"] < 0.01 * column
    assert row["main_layer_present_share"] == 1.0
    assert (row["profiles"], row["hours"]) == (PROFILES, pytest.approx(PROFILES * 33 / 3600))
    # mean of a Gaussian within one standard deviation: erf(1/sqrt 2) sqrt(pi/2)
    assert row["main_layer_density_cm3"] == pytest.approx(100 * 0.6826895 * np.sqrt(np.pi / 2), rel=0.01)


def test_stated_errors_cover_the_truth_at_their_rate() -> None:
    column, centroid, width = truth(peak=20.0)
    settings = ColumnSettings()
    altitude = ALTITUDE[(ALTITUDE > 82) & (ALTITUDE < 121)]
    density = np.tile(scenes.gaussian_layer(altitude, peak=20.0), (PROFILES, 1))
    deviations = []
    for seed in range(120):
        lidar = scenes.counts_night(density, altitude, seed)
        from metalclouds import io

        n, error = io.number_density(lidar)
        profiles = moments.Profiles(
            np.arange(PROFILES) * 33.0,
            np.full(PROFILES, 33.0),
            moments.bin_edges(altitude),
            n.values,
            error.values**2,
        )
        thickness = moments.thickness_within(profiles.edges_km, 83, 120)
        found = moments.layer_moments(moments.block_means(profiles, settings.block_minutes), altitude, thickness)
        deviations.append(
            [
                (found.column - column) / found.column_error,
                (found.centroid - centroid) / found.centroid_error,
                (found.width - width) / found.width_error,
            ]
        )
    covered = (np.abs(deviations) < 1).mean(axis=0)
    # 68 % expected; taking the larger of two errors can only add to it. 120 sets: standard error 0.043.
    assert (covered > 0.55).all()
    assert (covered < 0.88).all()
    assert (np.abs(np.mean(deviations, axis=0)) < 0.4).all()


def test_a_gap_is_not_bridged_and_profiles_count_by_their_time(tmp_path) -> None:
    lidar = constant_night(peak=100.0)
    bright = constant_night(1, peak=300.0)
    half = PROFILES // 2
    lidar["photon_counts"][half:] = bright["photon_counts"][half:].values
    # the second half comes five hours later and was accumulated for twice as long: (100 + 2 * 300) / 3
    lidar = lidar.assign_coords(
        time=lidar["time"].values + np.where(np.arange(PROFILES) < half, 0, 5).astype("timedelta64[h]")
    )
    lidar["integration_time"][half:] = 66.0
    row = row_of(tmp_path, lidar).row
    assert row["column_density_cm2"] == pytest.approx(truth(peak=700 / 3)[0], rel=0.01)


def test_sampling_error_follows_the_scatter_of_the_layer(tmp_path) -> None:
    density = np.tile(scenes.gaussian_layer(ALTITUDE), (PROFILES, 1))
    density[PROFILES // 2 :] *= 2
    row = row_of(tmp_path, scenes.counts_night(density, ALTITUDE)).row
    # mean 1.5, block scatter about 0.5 around it, five blocks
    assert 0.1 < row["column_density_error_cm2"] / row["column_density_cm2"] < 0.25


def test_flagged_profiles_take_no_part(tmp_path) -> None:
    lidar = constant_night()
    lidar["photon_counts"][30:60] = 60000
    detect = scenes.detected(lidar)
    detect["profile_flag"][30:60] = PROFILE_FLAGS["burst"]
    row = row_of(tmp_path, lidar, detect).row
    assert row["profiles"] == PROFILES - 30
    assert row["column_density_cm2"] == pytest.approx(truth()[0], rel=0.01)


def test_an_altitude_without_data_makes_the_column_missing(tmp_path) -> None:
    lidar = scenes.as_density(constant_night(), "kept")
    hole = (lidar["altitude"] > 100) & (lidar["altitude"] < 100.5)
    lidar["ca_ion_number_density"] = lidar["ca_ion_number_density"].where(~hole)
    assert np.isnan(row_of(tmp_path, lidar).row["column_density_cm2"])
    wide = row_of(tmp_path, lidar.assign_attrs(night="2021-05-11"), minimum_coverage=0.999).row
    assert wide["profiles"] == 0
    assert np.isnan(wide["column_density_cm2"])


@pytest.mark.parametrize("negatives", ["kept", "lost_nan", "lost_zero"])
def test_lost_negatives_do_not_lift_a_faint_column(tmp_path, negatives) -> None:
    # Background of 200 counts: noise at 90 km about 2 cm-3 a bin, as large as the layer's density.
    density = np.tile(scenes.gaussian_layer(ALTITUDE, peak=3.0), (PROFILES, 1))
    lidar = scenes.as_density(scenes.counts_night(density, ALTITUDE, background=200.0), negatives)
    row = row_of(tmp_path, lidar).row
    column, centroid, _ = truth(peak=3.0)
    assert row["negatives"] == ("kept" if negatives == "kept" else "corrected")
    assert row["column_density_cm2"] == pytest.approx(column, rel=0.06)
    assert row["centroid_km"] == pytest.approx(centroid, abs=0.4)
    clipped = lidar["ca_ion_number_density"].fillna(0).mean("time").sel(altitude=slice(83, 120)).sum() * 0.096e5
    if negatives != "kept":
        assert clipped > 1.25 * column


def test_without_quiet_altitudes_the_loss_is_said(tmp_path) -> None:
    lidar = scenes.as_density(constant_night(), "lost_nan").sel(altitude=slice(70, 200))
    assert row_of(tmp_path, lidar).row["negatives"] == "lost"


def test_absent_layer_is_told_from_a_present_one(tmp_path) -> None:
    density = np.tile(scenes.gaussian_layer(ALTITUDE), (PROFILES, 1))
    density[PROFILES // 2 :] = 0.0
    row = row_of(tmp_path, scenes.counts_night(density, ALTITUDE)).row
    assert row["main_layer_present_share"] == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("negatives", [None, "lost_nan", "lost_zero"])
def test_cloud_density_is_the_mean_over_the_mask(tmp_path, negatives) -> None:
    inside = (ALTITUDE > 200) & (ALTITUDE < 240)
    density = np.tile(scenes.gaussian_layer(ALTITUDE), (PROFILES, 1))
    density[50:100, inside] = 12.0
    lidar = scenes.counts_night(density, ALTITUDE)
    if negatives:
        lidar = scenes.as_density(lidar, negatives)
    detect = scenes.detected(lidar)
    rows = ((detect["altitude"] > 205) & (detect["altitude"] < 235)).values
    detect["mic_mask"][50:100, rows] = MASK_FLAGS["cloud"]
    row = row_of(tmp_path, lidar, detect).row
    assert row["cloud_density_cm3"] == pytest.approx(
        12.0, abs=4 * row["cloud_density_error_cm3"] + 0.3 * bool(negatives)
    )
    assert row["cloud_density_error_cm3"] < 0.5


def test_counts_without_background_take_that_of_detection(tmp_path) -> None:
    lidar = constant_night()
    lidar["background_counts"][:] = np.nan
    row = row_of(tmp_path, lidar, scenes.detected(lidar)).row
    assert row["column_density_cm2"] == pytest.approx(truth()[0], rel=0.01)
    assert row_of(tmp_path, lidar.assign_attrs(night="2021-05-11")).row["profiles"] == 0


def test_table_and_profiles_of_nights_with_different_altitude_bins(tmp_path) -> None:
    other = np.arange(70.05, 300.0, 0.1)
    nights = [
        constant_night(),
        scenes.counts_night(np.tile(scenes.gaussian_layer(other), (PROFILES, 1)), other, night="2021-05-11", seed=4),
    ]
    files = [NightFiles(n.attrs["night"], scenes.written(tmp_path, "lidar", n)) for n in nights]
    table, density = columns(files, ColumnSettings())
    assert list(table) == list(COLUMNS)
    assert list(table["night"]) == ["2021-05-10", "2021-05-11"]
    check_dataset(density, NIGHTLY_DENSITY, "nightly_density.nc")
    first, second = density["ca_ion_number_density"].sel(altitude=slice(90, 105)).values
    np.testing.assert_allclose(first, second, rtol=0.05)
    np.testing.assert_allclose(
        first, scenes.gaussian_layer(density["altitude"].sel(altitude=slice(90, 105)).values), rtol=0.05
    )


def test_no_nights_leave_a_table_with_its_header() -> None:
    table, density = columns([], ColumnSettings())
    assert list(table) == list(COLUMNS)
    assert table.empty
    assert density.sizes["night"] == 0


@pytest.mark.parametrize("unit", [1.0, 100.0])
def test_mean_of_blocks_is_weighted_by_their_time(unit) -> None:
    """A quarter and three quarters of the time; a bin that one block lacks, and one that both lack."""
    blocks = moments.BlockMeans(
        np.array([[2.0, 5.0, np.nan], [4.0, np.nan, np.nan]]),
        np.array([[0.1, 0.2, np.nan], [0.3, np.nan, np.nan]]),
        unit * np.array([0.25, 0.75]),
    )
    density, variance = blocks.mean()
    assert density == pytest.approx([3.5, 5.0, np.nan], nan_ok=True)
    assert variance == pytest.approx([0.25**2 * 0.1 + 0.75**2 * 0.3, 0.2, np.nan], nan_ok=True)


def test_error_of_equal_blocks_is_the_standard_error_of_their_columns() -> None:
    """Five blocks, no noise of photons; one kilometre thick bins, so that columns are sums."""
    density = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 1.0], [2.0, 5.0], [4.0, 4.0]])
    blocks = moments.BlockMeans(density, np.zeros_like(density), np.full(5, 600.0))
    found = moments.layer_moments(blocks, np.array([95.0, 96.0]), np.ones(2))
    columns = density.sum(axis=1)
    assert found.column == pytest.approx(columns.mean() * 1e5)
    assert found.column_error == pytest.approx(columns.std(ddof=1) / np.sqrt(5) * 1e5)


def test_error_of_three_blocks_is_that_of_the_photons() -> None:
    density = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 1.0]])
    blocks = moments.BlockMeans(density, np.full((3, 2), 0.09), np.full(3, 600.0))
    found = moments.layer_moments(blocks, np.array([95.0, 96.0]), np.ones(2))
    # Each bin of the mean has a third of the variance of a block.
    assert found.column_error == pytest.approx(np.sqrt(2 * 0.09 / 3) * 1e5)
