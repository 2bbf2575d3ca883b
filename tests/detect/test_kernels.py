"""The numpy core piece by piece, on arrays whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, poisson

from metalclouds.detect import background, decide, events, image, mask
from metalclouds.detect.method import METHOD
from metalclouds.detect.stripes import line_search
from metalclouds.physics import density_noise as noise


def test_rows_hold_fifteen_bins():
    altitude = 70.0 + 0.096 * np.arange(2400)
    first, row_km, middle = image.row_edges(altitude, 1.44, 76.0)
    assert set(np.diff(first)) == {15}
    assert row_km == pytest.approx(1.44)
    assert middle[0] == pytest.approx(altitude[first[0] : first[0] + 15].mean())
    assert altitude[first[0]] >= 76.0 > altitude[first[0] - 1]


def test_rebinning_keeps_every_photon():
    counts = np.random.default_rng(0).poisson(3.0, (20, 45)).astype("uint16")
    out = np.zeros((3, 20), np.float32)
    image.rebin_counts(counts, np.array([0, 15, 30, 45]), np.arange(20), out)
    assert np.array_equal(out, counts.reshape(20, 3, 15).sum(axis=2).T)


def test_a_gap_becomes_empty_slots_and_a_long_one_is_shortened():
    time = np.concatenate([33.0 * np.arange(5), 33.0 * np.arange(8, 10), 33.0 * np.arange(5000, 5003)])
    slots, axis, step = image.slot_axis(time, 100)
    assert step == pytest.approx(33.0)
    assert list(slots) == [0, 1, 2, 3, 4, 8, 9, 109, 110, 111]
    assert axis[slots] == pytest.approx(time)


def test_shear_sums_follow_a_line():
    rows, slots = 64, 400
    number, variance = np.zeros((rows, slots), np.float32), np.ones((rows, slots), np.float32)
    centre = 200 + 0.55 * (np.arange(rows) - 31.5)
    number[np.arange(rows), np.rint(centre).astype(int)] = 2.0
    best = line_search.search(number, variance, 2.6, 2, 6.0)[0]
    assert (best.first, best.last) == (0, 64)
    assert best.slot == pytest.approx(200.0, abs=1.0)
    assert best.shear == pytest.approx(0.55 * 64, abs=1.5)
    # Two a row over 64 rows of unit variance make 128 / 8. The shears are rounded to whole slots at each level, so
    # that a line of a single slot may need a width of two, which costs a factor sqrt(2) at most.
    assert 16.0 / np.sqrt(2) <= best.score + 1e-3 <= 16.0 + 1e-2


def test_shear_sums_of_noise_stay_low():
    rng = np.random.default_rng(1)
    number = rng.standard_normal((128, 800)).astype(np.float32)
    assert line_search.search(number, np.ones_like(number), 2.6, 2, 6.5) == []


def test_a_line_through_a_gap_counts_what_is_there():
    rows, slots = 64, 200
    number, variance = np.zeros((rows, slots), np.float32), np.ones((rows, slots), np.float32)
    number[:, 100] = 2.0
    number[20:40], variance[20:40] = 0.0, 0.0
    best = line_search.search(number, variance, 1.0, 0, 6.0)[0]
    # 44 rows of 2 with unit variance: 2 sqrt(44).
    assert best.score == pytest.approx(2 * np.sqrt(44), rel=0.02)


def test_box_score_is_standard_normal_on_poisson_noise():
    counts = np.random.default_rng(2).poisson(30.0, (120, 900)).astype(np.float32)
    summed, mean = mask.integral(counts), mask.integral(np.full_like(counts, 30.0))
    score = mask.box_score(summed, mean, 2, 3, 0.0)[10:-10:6, 10:-10:8]
    assert score.mean() == pytest.approx(0.0, abs=0.05)
    assert score.std() == pytest.approx(1.0, abs=0.05)


def test_box_sum_at_the_edge_holds_what_is_inside():
    counts = np.arange(12.0, dtype=np.float32).reshape(3, 4) + 5
    summed, mean = mask.integral(counts), mask.integral(np.full_like(counts, 2.0))
    ratio = mask.box_ratio(summed, mean, 1, 1)
    assert ratio[0, 0] == pytest.approx(counts[:2, :2].sum() / 8)
    assert ratio[2, 3] == pytest.approx(counts[1:, 2:].sum() / 8)


def test_a_relative_error_of_the_background_widens_the_score():
    counts = np.full((20, 50), 120.0, np.float32)
    summed, mean = mask.integral(counts), mask.integral(np.full_like(counts, 100.0))
    plain, wide = (mask.box_score(summed, mean, 3, 3, r)[10, 25] for r in (0.0, 0.1))
    # 49 cells: M = 4900, M r^2 = 49, so the score shrinks by sqrt(50).
    assert plain / wide == pytest.approx(np.sqrt(50.0), rel=1e-3)


def test_cell_significance_has_the_tail_of_poisson():
    # P(N >= 45 | 30) equals the normal tail at the signed root of the deviance, within its half-count step.
    found = float(mask.cell_significance(np.array([45.0]), np.array([30.0]))[0])
    low, high = norm.isf(poisson.sf(44, 30.0)), norm.isf(poisson.sf(45, 30.0))
    assert low - 0.15 < found < high + 0.15


def test_no_expectation_no_significance():
    assert np.isnan(mask.cell_significance(np.array([0.0]), np.array([0.0]))[0])


def test_false_alarm_of_many_trials():
    # 1000 trials at the score whose tail is 1e-4: 1 - exp(-0.1).
    assert decide.false_alarm(float(norm.isf(1e-4)), 1000) == pytest.approx(0.09516, abs=1e-4)


def test_lost_half_of_the_noise_has_the_mean_of_the_half_kept():
    reduced = np.random.default_rng(3).normal(0.0, 2.0, (40, 1500))
    reduced[reduced < 0] = np.nan
    # Mean of the positive half of a Gaussian: sigma sqrt(2 / pi).
    assert noise.lost_value(reduced, 5) == pytest.approx(-2.0 * np.sqrt(2 / np.pi), rel=0.05)


def test_counts_scale_from_the_scatter_of_bright_bins():
    rng = np.random.default_rng(4)
    counts = rng.poisson(np.linspace(2, 60, 200), (300, 200))
    reduced = 0.003 * (counts - 2.0)
    found = noise.counts_scale(reduced, noise.local_variance(reduced), 0.003**2 * 2.0)
    assert found == pytest.approx(0.003, rel=0.1)


def test_low_order_background_ignores_a_cloud_in_a_few_blocks():
    counts, bins = np.full((11, 200), 300.0), np.full((11, 200), 150.0)
    counts[2:5, 60:140] *= 1.5
    blocks = background.Blocks(counts, bins, np.linspace(0.4, 0.1, 11))
    level = background.low_order_background(blocks, 7, 0.34)
    # Nothing but the correction for the lowest of noisy blocks, one standard error of 15 profiles, may remain.
    assert np.abs(level - 2.0).max() < 1.1 * np.sqrt(2.0 / (15 * 150)) + 0.02


def blocks_with_excess(excess: np.ndarray) -> background.Blocks:
    """Twelve blocks, the last of them the given background, with an excess (block) in one profile."""
    altitude = np.append(np.arange(157.0, 310.0, 14.4), np.inf)
    bins = np.full((altitude.size, 101), 150.0)
    rate = np.full_like(bins, 2.0)
    rate[:, 50] += excess
    return background.Blocks(rate * bins, bins, (100.0 / altitude) ** 2)


def test_a_burst_lifts_all_altitudes():

    blocks = blocks_with_excess(np.full(12, 1.0))
    found = background.is_burst(blocks, np.full(101, 2.0), METHOD)
    assert list(np.flatnonzero(found)) == [50]


def test_a_stripe_that_fills_the_profile_is_no_burst():

    altitude = np.append(np.arange(157.0, 310.0, 14.4), np.inf)
    excess = 4.0 * (157.0 / altitude) ** 2
    found = background.is_burst(blocks_with_excess(excess), np.full(101, 2.0), METHOD)
    assert not found.any()


def test_running_sum_at_the_ends():
    assert list(background.running_sum(np.ones(5), 1)) == [2, 3, 3, 3, 2]


def test_descent_rate():
    # 0.8 km in 33 s is 24.2 m/s.
    assert events.descent_rate(33.0 * np.arange(60), 200 - 0.8 * np.arange(60)) == pytest.approx(24.24, abs=0.01)


def test_light_on_a_background_below_none_is_counted_from_none():
    # Counts that stand for a density can have such a background; Anscombe's transform of nothing is that of 1/8.
    cells = np.ones((2, 2), np.bool_)
    found = mask.region_score(np.full((2, 2), 25.0), np.full((2, 2), -3.0), cells)
    assert found == pytest.approx(2 * (np.sqrt(100.375) - np.sqrt(0.125)))


@pytest.mark.parametrize("rows", [0, 1])
def test_a_layer_without_rows_has_no_score(rows):
    empty = np.zeros((rows, 11))
    assert decide.highest_score(empty, empty, ((1, 1),), 0.0) == 0.0


def test_the_highest_score_is_that_of_the_fullest_cell():
    """Anscombe's root by hand: 25 counts where 4 are expected, 2 (sqrt(25.375) - sqrt(4.125)) = 6.013."""
    counts = np.full((3, 10), 4.0)
    counts[1, 4] = 25.0
    found = decide.highest_score(mask.integral(counts), mask.integral(np.full((3, 10), 4.0)), ((1, 1),), 0.0)
    assert found == pytest.approx(6.013, abs=0.001)


def test_a_burst_in_one_block_does_not_raise_the_dark_variance():
    """White noise of variance 1 in eight blocks, 100 in one of them: the median over blocks is 1, the mean 13."""
    reduced = np.random.default_rng(4).normal(0.0, 1.0, (200, 400))
    reduced[:, :50] *= 10.0
    assert np.median(noise.dark_variance(reduced, 0.0, 50)) == pytest.approx(1.0, rel=0.05)


def test_significance_of_cells_by_hand():
    """sqrt(2 (N ln(N/M) - N + M)) with the sign of N - M: 10, 2, 0 and 5 counts where 5 are expected; none looked."""
    found = mask.cell_significance(np.array([[10.0, 2.0, 0.0, 5.0, 3.0]]), np.array([[5.0, 5.0, 5.0, 5.0, 0.0]]))
    assert found[0] == pytest.approx([1.966, -1.528, -3.162, 0.0, np.nan], abs=0.001, nan_ok=True)
