"""Feet of stripes and maxima of the layer on densities that are written down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.derive.settings import FootSettings
from metalclouds.derive.stripe_feet import (
    Density,
    _full_width,
    _maxima,
    along_line,
    break_of,
    density_of,
    layer_maxima,
    lowest_excess,
    rise_of,
    stripe_feet,
)
from metalclouds.schema.tables import LAYER_MAXIMA, STRIPE_FEET
from tests.derive import scenes

SETTINGS = FootSettings()
LAGS = np.arange(-900.0, 901.0, 33.0)
SLOWNESS = -1.7
STRIPE = {
    "night": "2021-05-10", "id": "2021-05-10-001", "time_bottom": pd.Timestamp("2021-05-10 14:30:00"),
    "bottom_km": 130.0, "top_km": 250.0, "slowness_s_per_km": SLOWNESS, "curvature_s_per_km2": 0.0,
}  # fmt: skip


def scene(gain: float, widening: float, layer: float = 0.0, slant: float = SLOWNESS) -> Density:
    """A gaussian stripe of 20 cm-3 and 70 s, `gain` times as dense and `widening` times as wide below 130 km.

    The layer, 300 cm-3 at 95 km and one of `layer` cm-3 at 110 km from 14:50 on, lasts; noise is 0.5 cm-3.
    """
    seconds = np.arange(0.0, 3 * 3600.0, 33.0)
    altitude = np.arange(80.0, 160.0, 0.5)
    line = 2 * 3600.0 - 1800.0 + slant * (altitude - 130.0)
    width = np.where(altitude < 130.0, 70.0 * widening, 70.0) / 2.3548
    height = np.where(altitude < 130.0, 20.0 * gain, 20.0) * (altitude > 108.0)
    values = height * np.exp(-0.5 * ((seconds[:, None] - line) / width) ** 2)
    values += 300.0 * np.exp(-0.5 * ((altitude - 95.0) / 3.0) ** 2)
    late = seconds[:, None] > 6600.0
    values += layer * late * np.exp(-0.5 * ((altitude - 110.0) / 1.0) ** 2)
    values += np.random.default_rng(4).normal(0.0, 0.5, values.shape)
    return Density("2021-05-10", np.datetime64("2021-05-10T13:00:00"), seconds, altitude, values)


@pytest.mark.parametrize(("gain", "widening"), [(1.0, 1.0), (4.0, 3.0), (1.5, 1.0)])
def test_gain_and_widening_are_those_written_down(gain, widening):
    (row,) = stripe_feet(scene(gain, widening), pd.DataFrame([STRIPE]), SETTINGS).to_dict("records")
    # Linear interpolation between profiles h = 33 s apart lowers a gaussian's peak by h^2 / (12 sigma^2): 10 % for
    # 70 s, little for a wider foot.
    assert row["upper_density_cm3"] == pytest.approx(20.0, rel=0.15)
    assert row["lower_density_cm3"] / row["upper_density_cm3"] == pytest.approx(gain, rel=0.15)
    assert row["lower_width_s"] / row["upper_width_s"] == pytest.approx(widening, rel=0.2)


def test_the_line_is_followed_down_to_where_the_density_ends():
    (row,) = stripe_feet(scene(4.0, 3.0), pd.DataFrame([STRIPE]), SETTINGS).to_dict("records")
    # Written down to 108 km, sought in steps of 2 km; neither the fit's lower end (130 km) nor the search's (95 km).
    assert row["lowest_km"] == pytest.approx(108.0, abs=2.0)


@pytest.mark.parametrize(
    "change", [{"search_bottom_km": 99.0}, {"upper_km": (138.0, 153.0)}, {"window_s": 500.0}, {"least_sigma": 4.0}]
)
def test_the_lowest_altitude_follows_no_setting(change):
    moved = SETTINGS.model_copy(update=change)
    (first,), (second,) = (
        stripe_feet(scene(4.0, 3.0), pd.DataFrame([STRIPE]), one).to_dict("records") for one in (SETTINGS, moved)
    )
    assert second["lowest_km"] == pytest.approx(first["lowest_km"], abs=2.0)


def test_a_line_that_is_not_there_does_not_stand_out():
    (row,) = stripe_feet(scene(0.0, 1.0), pd.DataFrame([STRIPE]), SETTINGS).to_dict("records")
    assert row["lowest_km"] > 128.0


def test_a_second_layer_is_a_second_maximum():
    single, double = (layer_maxima(scene(0.0, 1.0, layer), SETTINGS) for layer in (0.0, 100.0))
    late = double[double["time_utc"] > pd.Timestamp("2021-05-10 14:55")]
    high = late[late["prominence_cm3"] > 5.0]
    # From 14:50 to 16:00, one average every ten minutes.
    assert high["time_utc"].nunique() in (6, 7)
    assert double["time_utc"].between(pd.Timestamp("2021-05-10 13:00"), pd.Timestamp("2021-05-10 16:00")).all()
    assert high.groupby("time_utc").size().eq(2).all()
    assert high.groupby("time_utc")["altitude_km"].max().between(109.0, 111.0).all()
    assert single[single["prominence_cm3"] > 5.0].groupby("time_utc").size().eq(1).all()


def test_nothing_gives_headers():
    none = stripe_feet(scene(1.0, 1.0), pd.DataFrame([STRIPE]).iloc[:0], SETTINGS)
    assert list(none) == list(STRIPE_FEET)
    assert list(layer_maxima(scene(0.0, 1.0), SETTINGS)) == list(LAYER_MAXIMA)


@pytest.mark.parametrize(
    ("excess", "top", "width"),
    [
        # Half of 4 is reached half-way between 3 and 1 on both sides of lag 2.
        ([0.0, 1.0, 4.0, 1.0, 0.0], 2, 2 * (4 - 2) / (4 - 1)),
        ([0.0, 1.0, 4.0, 4.0, 4.0], 3, np.nan),
        ([4.0, 4.0, 4.0, 1.0, 0.0], 1, np.nan),
        ([0.0, np.nan, 4.0, 1.0, 0.0], 2, np.nan),
    ],
)
def test_full_width_is_measured_where_both_sides_fall_to_half(excess, top, width):
    """Linear between lags of 1 s; a side that does not fall within what is seen leaves no width."""
    found = _full_width(np.arange(5.0), np.array(excess), top)
    assert found == pytest.approx(width, nan_ok=True)


def line_of(height: np.ndarray, altitude: np.ndarray) -> Density:
    """A stripe on STRIPE's line, 100 s wide, of a height at each altitude, with little noise."""
    seconds = np.arange(0.0, 3 * 3600.0, 33.0)
    line = 2 * 3600.0 - 1800.0 + SLOWNESS * (altitude - 130.0)
    values = height * np.exp(-0.5 * ((seconds[:, None] - line) / 100.0) ** 2)
    values += np.random.default_rng(4).normal(0.0, 0.01, values.shape)
    return Density("2021-05-10", np.datetime64("2021-05-10T13:00:00"), seconds, altitude, values)


def test_the_densest_altitude_is_sought_below_the_upper_edge_of_the_lower_band():
    """Densest at 118 km below 125 km; denser still at 134 km, which does not count."""
    altitude = np.arange(80.0, 160.0, 0.5)
    height = 10.0 + 20.0 * np.exp(-0.5 * ((altitude - 118.0) / 3.0) ** 2) + 50.0 * (altitude > 130.0)
    lowest, densest = lowest_excess(line_of(height, altitude), pd.Series(STRIPE), LAGS, SETTINGS)
    # Bands of 2 km from 135 km downwards: their middles are 134, 132, ..., and one is 118 km.
    assert densest == 118.0
    assert lowest <= 97.0


def test_the_break_of_a_rise_is_where_its_slope_changes():
    """ln(density) rises by 1/40 a km above 137 km and by 1/6 below; bands of 4 km, and a tenth of their height."""
    altitude = np.arange(80.0, 165.0, 0.5)
    height = 20.0 * np.exp(np.where(altitude > 137.0, (137.0 - altitude) / 40.0, (137.0 - altitude) / 6.0))
    stripe = pd.Series({**STRIPE, "bottom_km": 110.0, "time_bottom": pd.Timestamp("2021-05-10 14:30:34")})
    found = rise_of(line_of(height, altitude), stripe, LAGS, SETTINGS)
    assert found.altitude_km == pytest.approx(137.0, abs=1.0)
    assert found.gain > 10.0


def test_a_maximum_near_the_end_has_the_mean_and_the_error_of_the_bins_that_are_there():
    """Noise far below the density, so that no value was lost: averages of five bins, of four next to the end."""
    altitude = 100.0 + 0.2 * np.arange(30)
    profiles = np.random.default_rng(3).normal(100.0, 5.0, (12, 30))
    # The last four bins hold 130 cm-3 on average: more than the five before and the last three.
    profiles[:, 25:] += [-80.0, 200.0, 0.0, 0.0, -80.0]
    found = {round(one[0], 1): one for one in _maxima(altitude, profiles, np.full(30, 0.01), SETTINGS)}
    there = profiles[:, 26:].mean(axis=1)
    _, density, _, error = found[105.6]
    assert density == pytest.approx(there.mean(), rel=1e-3)
    assert error == pytest.approx(there.std(ddof=1) / np.sqrt(12), rel=1e-3)


# ---- sources that lost their negative values ---------------------------------------------------------------

ALTITUDE = 80.048 + 0.096 * np.arange(2291)  # to 300 km: the noise is measured above 280 km


def poor_night(negatives: str, stripe: float = 0.0, layer: float = 0.0) -> Density:
    """Four hours with a noise of 2 cm-3 a bin at 120 km, a stripe as STRIPE's line has it, and a layer at 98 km."""
    seconds = 33.0 * np.arange(436)[:, None]
    line = 9000.0 + SLOWNESS * (ALTITUDE - 130.0)
    truth = stripe * np.exp(-0.5 * ((seconds - line) / 100.0) ** 2)
    truth = truth + scenes.gaussian_layer(ALTITUDE, layer, 98.0, 3.0)
    counts = scenes.counts_night(truth, ALTITUDE, seed=8, background=50.0)
    return density_of(scenes.as_density(counts, negatives), None, 161.0)


@pytest.mark.parametrize("negatives", ["kept", "lost_nan", "lost_zero"])
@pytest.mark.parametrize("band", [SETTINGS.upper_km, SETTINGS.lower_km])
def test_the_mean_of_noise_that_lost_its_negative_half_is_zero(negatives, band):
    found = along_line(poor_night(negatives), pd.Series(STRIPE), band, LAGS)
    # A bin's noise is scale * sqrt(50 counts); the uncorrected mean would be 0.4 of it.
    noise = 2e-5 * (np.mean(band) - scenes.STATION_KM) ** 2 * np.sqrt(50.0)
    bins = int(np.diff(band)[0] / 0.096) * LAGS.size
    # var(max(x, 0)) = (1/2 - 1/(2 pi)) s^2, and the mean grows half as fast as the true one: 1.17 s a value. The
    # inverse is concave: 0.55 s over the number of bins at one lag below the truth.
    error = (1.0 if negatives == "kept" else 1.17) * noise / np.sqrt(bins)
    concave = 0.0 if negatives == "kept" else 0.55 * noise * LAGS.size / bins
    assert abs(found.mean() + concave) < 3.0 * error
    assert 0.4 * noise > 10.0 * error


@pytest.mark.parametrize("negatives", ["kept", "lost_nan", "lost_zero"])
def test_a_stripe_is_as_dense_where_negatives_were_lost(negatives):
    (row,) = stripe_feet(poor_night(negatives, stripe=6.0), pd.DataFrame([STRIPE]), SETTINGS).to_dict("records")
    # 156 and 125 bins of 2.6 and 2 cm-3: 0.2 cm-3, and the largest of seven lags is taken; uncorrected the upper
    # would lose 0.4 * 2.6 cm-3.
    assert row["upper_density_cm3"] == pytest.approx(6.0, abs=0.5)
    assert row["lower_density_cm3"] == pytest.approx(6.0, abs=0.5)


@pytest.mark.parametrize("negatives", ["kept", "lost_zero"])
def test_noise_without_negatives_makes_no_maximum_of_the_layer(negatives):
    empty, layer = (layer_maxima(poor_night(negatives, layer=peak), SETTINGS) for peak in (0.0, 30.0))
    # 24 blocks of 45 km in steps of 1 km: a thousand places, of which chance puts a few above 3 errors.
    assert len(empty) < 150
    assert empty["density_cm3"].abs().max() < 2.5
    strong = layer[layer["prominence_cm3"] > 10.0]
    assert len(strong) == layer["time_utc"].nunique() == 24
    assert strong["altitude_km"].to_numpy() == pytest.approx(98.0, abs=1.5)
    assert strong["density_cm3"].median() == pytest.approx(30.0, abs=1.0)


# ---- breaks: rises that are written down -----------------------------------------------------------------

Z = np.arange(115.0, 160.0, 4.0)


def noisy(log_density: np.ndarray, relative: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Densities with a relative error, and that error."""
    density = np.exp(log_density)
    noise = np.random.default_rng(seed).normal(0.0, relative, density.size)
    return density * (1.0 + noise), relative * density


def gains(log_density: np.ndarray, relative: float = 0.05, draws: int = 100) -> np.ndarray:
    return np.array([break_of(Z, *noisy(log_density, relative, seed)).gain for seed in range(draws)])


@pytest.mark.parametrize("altitude", [123.0, 130.0, 140.0])
def test_a_broken_rise_breaks_where_it_was_written_down(altitude):
    # Scale heights of 10 km below and 60 km above: ln n has a corner at that altitude.
    rise = np.where(altitude > Z, (altitude - Z) / 10.0, (altitude - Z) / 60.0)
    found = [break_of(Z, *noisy(rise + 3.0, 0.05, seed)) for seed in range(100)]
    # A point each 4 km with an error of 5 %: the corner is known to about a kilometre.
    assert np.median([one.altitude_km for one in found]) == pytest.approx(altitude, abs=1.0)
    assert np.mean([one.gain > 0 for one in found]) > 0.95
    errors = np.abs([(one.altitude_km - altitude) / one.error_km for one in found])
    # 68 % within one standard error; a hundred draws are good to 5 %.
    assert 0.5 < np.mean(errors <= 1.0) < 0.95


@pytest.mark.parametrize("curvature", [0.0, 5e-4, 1e-3])
def test_a_smooth_rise_has_no_break(curvature):
    smooth = 3.0 + (160.0 - Z) / 30.0 + curvature * (160.0 - Z) ** 2
    # BIC takes a false parameter with a probability of P(chi2 > ln 12) = 0.11 at twelve points; the altitude,
    # searched, adds to it.
    assert np.mean(gains(smooth) > 0) < 0.3


def test_too_few_points_tell_no_break():
    assert np.isnan(break_of(Z[:5], *noisy(np.zeros(5), 0.05, 0)).gain)
    assert np.isnan(break_of(Z, *noisy(np.zeros(Z.size), 0.5, 0)).gain)
