"""Parts of the search for a TEC region, on maps whose answer is written down."""

from __future__ import annotations

import numpy as np
import pytest

from metalclouds.derive import tec_region
from metalclouds.derive.tec_background import Grid
from metalclouds.derive.tec_region import (
    Measure,
    TecRegion,
    box_scatter,
    find_region,
    measure_region,
    quiet_scatter,
    smoothed,
    strength_series,
    surroundings,
)
from metalclouds.derive.tec_settings import EnhancementSettings

SETTINGS = EnhancementSettings()
GRID = Grid(12.0 + 0.1 * np.arange(61), np.arange(20.0, 51.0), np.arange(100.0, 131.0))
SHAPE = (61, 31, 31)
# Of a sphere of 6371 km.
KM_PER_DEGREE = 2 * np.pi * 6371.0 / 360.0


def changed(**values: float) -> EnhancementSettings:
    return SETTINGS.model_copy(update=values)


def test_running_mean_spreads_one_cell_over_its_spans():
    """30 min of 6 min, 4 deg of 1 deg, 2 deg of 0.5 deg: 5 x 5 x 5 cells (spans are made odd)."""
    grid = Grid(GRID.hours, GRID.latitude, 100.0 + 0.5 * np.arange(31))
    excess = np.zeros(SHAPE)
    excess[30, 15, 15] = 125.0
    out = smoothed(excess, grid, changed(smooth_minutes=30.0, smooth_latitude_deg=4.0, smooth_longitude_deg=2.0))
    assert np.count_nonzero(np.abs(out) > 1e-9) == 125
    assert out[28:33, 13:18, 13:18] == pytest.approx(1.0)


def test_running_mean_needs_a_third_of_its_cells():
    """Seven cells of longitude: two of seven are too few, three are enough."""
    excess = np.full(SHAPE, np.nan)
    excess[30, 15, [0, 10, 11, 20, 21, 22, 30]] = 3.0
    out = smoothed(excess, GRID, changed(smooth_minutes=0.0, smooth_latitude_deg=0.0, smooth_longitude_deg=7.0))
    assert np.flatnonzero(np.isfinite(out[30, 15])).tolist() == [20, 21, 22]
    assert out[30, 15, 21] == pytest.approx(3.0)


def test_scatter_of_quiet_days_is_their_root_mean_square():
    days = [np.full(SHAPE, 3.0), np.full(SHAPE, -4.0)]
    days[1][10, 5, 5] = np.nan
    found = quiet_scatter(days, GRID, changed(scatter_hours=0.0, scatter_deg=0.0))
    assert found[0, 0, 0] == pytest.approx(np.sqrt((9.0 + 16.0) / 2))
    assert found[10, 5, 5] == pytest.approx(3.0), "the day that has a value"


def test_scatter_is_averaged_in_squares_over_its_box():
    """0.5 h of 6 min, 4.5 deg of 1 deg and of 0.5 deg: 5 x 5 x 9 cells, a box without the map's border."""
    grid = Grid(GRID.hours, GRID.latitude, 100.0 + 0.5 * np.arange(31))
    scatter = np.zeros(SHAPE)
    scatter[30, 15, 15] = 15.0
    found = box_scatter(scatter, grid, changed(scatter_hours=0.5, scatter_deg=4.5))
    assert np.count_nonzero(found > 1e-6) == 5 * 5 * 9
    assert found[30, 15, 15] == pytest.approx(15.0 / np.sqrt(5 * 5 * 9))


def region_of(*boxes: tuple[float, tuple[slice, slice, slice]]) -> TecRegion:
    score = np.zeros(SHAPE)
    for value, box in boxes:
        score[box] = value
    return find_region(score, GRID, SETTINGS)


MERIDIONAL = (slice(10, 30), slice(2, 20), slice(2, 5))


def test_a_heavier_band_along_a_parallel_does_not_hide_a_region_along_a_meridian():
    zonal = (slice(10, 30), slice(22, 30), slice(0, 31))
    found = region_of((4.0, MERIDIONAL), (9.0, zonal))
    assert found.mass == pytest.approx(4.0 * 20 * 18 * 3)
    assert found.cells[MERIDIONAL].all()


def test_the_heavier_of_two_regions_is_taken():
    other = (slice(10, 30), slice(2, 20), slice(20, 23))
    for first, second in ((4.0, 5.0), (5.0, 4.0)):
        found = region_of((first, MERIDIONAL), (second, other))
        assert found.cells[MERIDIONAL if first > second else other].all()
        assert found.mass == pytest.approx(5.0 * 20 * 18 * 3)


@pytest.mark.parametrize(("rows", "found"), [(5, False), (6, True), (7, True)])
def test_a_region_of_just_the_least_reach_is_long_enough(rows, found):
    """Six rows of a degree reach over 5 degrees from the first centre to the last."""
    assert SETTINGS.minimum_meridional_deg == 5.0
    region = region_of((9.0, (slice(10, 40), slice(5, 5 + rows), slice(10, 12))))
    assert (region.mass > 0) == found


@pytest.mark.parametrize(("epochs", "found"), [(4, False), (5, True), (6, True)])
def test_a_region_has_to_last_for_the_least_time(epochs, found):
    """Four epochs of 6 min are 24 min, five just half an hour."""
    assert SETTINGS.minimum_minutes == 30.0
    region = region_of((9.0, (slice(10, 10 + epochs), slice(5, 15), slice(10, 12))))
    assert (region.mass > 0) == found


# ---- measure ---------------------------------------------------------------------------------------------


def band(tilt: float = 0.0, fall_deg: float = 4.0, axis: float = 114.3, width_km: float = 420.0) -> np.ndarray:
    """A gaussian in the distance from a meridian between 28 and 40 N, which falls linearly over some degrees."""
    along = np.interp(GRID.latitude, [28.0 - fall_deg, 28.0, 40.0, 40.0 + fall_deg], [0.0, 3.0, 3.0, 0.0])
    middle = axis + tilt * (GRID.latitude - 34.0)
    distance = KM_PER_DEGREE * (GRID.longitude - middle[:, None]) * np.cos(np.radians(GRID.latitude))[:, None]
    plane = 0.3 + along[:, None] * np.exp(-4 * np.log(2) * (distance / width_km) ** 2)
    out = np.full(SHAPE, 0.3)
    out[20:40] = plane
    return out


def measured(excess: np.ndarray) -> Measure:
    region = find_region((excess - 0.3) / 0.2, GRID, SETTINGS)
    return measure_region(excess, region, GRID, SETTINGS)


def test_axis_width_reach_and_area_of_a_band_are_those_written_down():
    found = measured(band())
    assert found.axis == pytest.approx(114.3, abs=0.02)
    assert found.width_km == pytest.approx(420.0, rel=0.01)
    # Half of the plateau, half-way down the slopes.
    assert (found.south, found.north) == pytest.approx((26.0, 42.0), abs=0.05)
    assert found.tilt_deg == pytest.approx(0.0, abs=0.2)
    assert found.axis_error < 0.02
    # Full width at half of the peak times 16 degrees of latitude.
    assert found.area_km2 == pytest.approx(420.0 * 16 * KM_PER_DEGREE, rel=0.02)


def test_tilt_of_a_band_is_its_angle_from_the_meridian():
    """0.1 degrees of longitude a degree of latitude, at 34 N: atan(0.1 cos 34); ends that are sharp."""
    expected = np.degrees(np.arctan(0.1 * np.cos(np.radians(34.0))))
    assert measured(band(tilt=0.1, fall_deg=0.5)).tilt_deg == pytest.approx(expected, rel=0.05)


def test_ends_lie_where_the_strength_falls_to_a_fraction_of_the_plateau():
    """A plateau of 2, 22 to 28 N, falls by 0.5 a degree southward, by 1 northward; others at 10-15 and 34-38 N."""
    latitude = np.arange(40.0)
    strength = np.interp(latitude, [18, 22, 28, 30], [0.0, 2.0, 2.0, 0.0])
    strength[10:16] = strength[34:39] = 2.0
    rows = np.arange(20, 30)
    found = tec_region._reach(strength, rows, latitude, 0.4)
    # Level 0.8: 0.4 of a degree below 20 (strength 1.0), 0.2 above 29 (strength 1.0).
    assert found == pytest.approx((19.6, 29.2))


def test_a_region_with_a_weak_middle_ends_there():
    """Two degrees of 0.5 in the middle; the part south of them has a median of 1.75 from 20 to 23, level 0.7."""
    strength = np.zeros(40)
    strength[19:30] = [0.5, 1.0, 1.5, 2.0, 2.0, 0.5, 0.5, 2.0, 2.0, 1.5, 1.0]
    found = tec_region._reach(strength, np.arange(20, 30), np.arange(40.0), 0.4)
    assert found == pytest.approx((20 - 0.3 / 0.5, 23 + 1.3 / 1.5))


@pytest.mark.parametrize(
    ("inside", "start", "ends"),
    [
        ("TTTFFT", 1, (0, 2)),
        ("TFTTFF", 3, (0, 3)),
        ("FFTTFT", 2, (2, 5)),
        ("FTTFFT", 2, (1, 2)),
    ],
)
def test_a_run_bridges_single_gaps_and_reaches_both_ends(inside, start, ends):
    assert tec_region._run(np.array([letter == "T" for letter in inside]), start) == ends


@pytest.mark.parametrize(
    ("strength", "level", "expected"),
    [([2.0, 0.0], 0.5, 10.75), ([2.0, 1.5], 1.0, 11.0), ([2.0, 3.0], 1.0, 10.5), ([0.5, 0.0], 1.0, 10.0)],
)
def test_a_crossing_lies_between_two_latitudes(strength, level, expected):
    """Linear between them; never beyond the next one, half-way where the strength does not fall."""
    assert tec_region._crossing(np.array([10.0, 11.0]), np.array(strength), 0, 1, level) == pytest.approx(expected)


def test_a_crossing_beyond_the_map_is_its_border():
    assert tec_region._crossing(np.array([10.0, 11.0]), np.array([1.0, 2.0]), 1, 1, 0.5) == 11.0


def test_surroundings_hold_an_hour_two_degrees_and_a_width_more():
    cells = np.zeros(SHAPE, dtype=bool)
    cells[20:41, 10:20, 14:17] = True  # 14 to 16 UT
    measure = Measure(115.0, 0.1, 0.0, 300.0, 28.0, 40.0, 1.0, np.zeros(SHAPE[1:]))
    found = surroundings(measure, TecRegion(1.0, cells), GRID, changed(exclude_margin_hours=1.0))
    hours, rows, columns = (np.flatnonzero(found.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    assert (hours[0], hours[-1]) == (10, 50)
    assert GRID.latitude[rows[[0, -1]]].tolist() == [26.0, 42.0]
    assert GRID.longitude[columns[[0, -1]]].tolist() == [112.0, 118.0]
    # At 26 N a degree is 99.9 km, at 42 N 82.6 km: three of them are within 300 km, four are not.
    for row in rows:
        assert GRID.longitude[found[30, row]].tolist() == [112.0, 113.0, 114.0, 115.0, 116.0, 117.0, 118.0]


def test_strength_of_a_template_is_found_beside_a_plane():
    template = np.full(SHAPE[1:], np.nan)
    template[5:20, 8:20] = np.exp(-(((np.arange(8, 20) - 14) / 3.0) ** 2))
    latitude, longitude = np.meshgrid(np.arange(31.0), np.arange(31.0), indexing="ij")
    strength = np.linspace(0.0, 5.0, 61)
    excess = strength[:, None, None] * np.nan_to_num(template) + 2.0 + 0.1 * latitude - 0.2 * longitude
    excess[7, :, :14] = np.nan  # half of the columns of the template: six of twelve
    excess[9, :, :15] = np.nan
    found = strength_series(excess, template)
    assert np.isnan(found).tolist() == [index == 9 for index in range(61)]
    assert np.delete(found, 9) == pytest.approx(np.delete(strength, 9), abs=1e-5)
