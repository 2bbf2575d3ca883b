"""Density as coarser records give it: means over a minute and a kilometre, of one profile or of two."""

import numpy as np
import pytest
import xarray as xr

from metalclouds.detect.image import row_edges
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics import density_noise as noise
from tests.claims.reduced.records import averaged
from tests.detect import scenes

TALL = scenes.Stripe(hour=14.0, bottom_km=160, top_km=240, slowness=-1.6, density=20.0, width_s=60.0)


def coarse(night: xr.Dataset, seconds: float, km: float) -> xr.Dataset:
    """Means of the density of a night; accumulation times as a reader takes them from the step."""
    density = scenes.as_density(night)
    mean = averaged(density["ca_ion_number_density"], seconds, km)
    out = xr.Dataset({"ca_ion_number_density": mean.astype("float32")}, attrs=density.attrs)
    return out.assign(integration_time=("time", np.full(mean.sizes["time"], seconds)))


@pytest.mark.parametrize(("seconds", "km"), [(33.3, 0.5), (60.0, 1.0)])
def test_ends_and_profiles_of_a_coarse_density(seconds, km):
    night = scenes.make_night(scenes.Scene(start=13.0, end=16.0, stripes=(TALL,)))
    found = detect_night(coarse(night, seconds, km), DetectSettings())
    assert len(found.stripes) == 1
    stripe = found.stripes.iloc[0]
    # A row is 1.4 km high, an end is known to one or two.
    assert stripe["bottom_km"] == pytest.approx(160, abs=4)
    assert stripe["top_km"] == pytest.approx(240, abs=4)
    assert stripe["slowness_s_per_km"] == pytest.approx(-1.6, abs=0.3)
    # Every profile is a good one, those too that hold one accumulation where others hold two.
    assert (found.dataset["profile_flag"].values == 0).mean() > 0.98


def test_rows_are_equally_high_where_bins_are_not():
    altitude = np.concatenate(
        [np.arange(100.0, 150.0, 0.1), np.arange(150.0, 200.0, 0.5), np.arange(220.0, 300.0, 0.5)]
    )
    first, height, middle = row_edges(altitude, 1.5, 100.0)
    assert np.diff(middle) == pytest.approx(height)
    for row in range(middle.size):
        inside = altitude[first[row] : first[row + 1]]
        assert (np.abs(inside - middle[row]) <= height / 2 + 1e-9).all()
    # Nothing lies between 200 and 220 km, and no bin is moved there.
    assert np.diff(first)[(middle > 202) & (middle < 218)].sum() == 0


def test_slopes_of_the_main_layer_in_coarse_bins_are_no_noise():
    rng = np.random.default_rng(4)
    layer = 500 * np.exp(-0.5 * ((np.arange(85.0, 111.0) - 95.0) / 4.0) ** 2)
    counts = rng.poisson(layer + 20.0, (400, layer.size)) - 20.0
    gain = 0.01
    found = noise.counts_scale(gain * counts, noise.local_variance(gain * counts), gain**2 * 20.0)
    # Poisson: the variance of c N is c times its mean.
    assert found == pytest.approx(gain, rel=0.1)
