"""A night drawn on its own, through the names that the package offers."""

from __future__ import annotations

import fake_run
import numpy as np
import xarray as xr
from matplotlib.colors import to_rgb
from matplotlib.text import Text

import metalclouds
from metalclouds import io
from metalclouds.figures.figure1 import outlined
from metalclouds.figures.images import DensityImage, density_norm
from metalclouds.figures.one_night import UNUSED_COLOUR
from metalclouds.figures.settings import FiguresSettings
from metalclouds.schema.variables import MASK_FLAGS, PROFILE_FLAGS


def test_a_night_is_drawn_with_what_was_found(run_dir):
    night = io.read_netcdf(run_dir / f"ingest/lidar/cases/{fake_run.CASES[0]['night']}.nc")
    plain = metalclouds.plot_night(night)
    texts = {text.get_text() for text in plain.findobj(Text)}
    assert {fake_run.CASES[0]["night"], "altitude (km)", "Ca$^+$ density (cm$^{-3}$)"} <= texts
    found = metalclouds.detect(night)
    assert list(found.stripes["night"].unique()) in ([fake_run.CASES[0]["night"]], [])
    drawn = metalclouds.plot_night(night, found)
    lines = [len(figure.axes[0].lines) for figure in (plain, drawn)]
    # Two lines for the ends of stripes, and one for each stripe; none of a night that was only drawn.
    assert lines[1] >= len(found.stripes) + lines[0]


def test_the_package_of_detection_can_be_called_and_imported():
    from metalclouds.detect.night import detect_night

    assert callable(metalclouds.detect)
    assert metalclouds.detect.night.detect_night is detect_night


def test_a_picture_says_where_whose_and_which(run_dir):
    """An iron lidar in Chile: place, metal, numbers of its stripes, a bar under unused profiles."""
    night = io.read_netcdf(run_dir / f"ingest/lidar/cases/{fake_run.CASES[0]['night']}.nc")
    night = night.assign_attrs(station_latitude=-30.2, station_longitude=-70.74, species="Fe")
    found = metalclouds.detect(night)
    found.dataset["profile_flag"][3:6] = PROFILE_FLAGS["twilight"]
    figure = metalclouds.plot_night(night, found)
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert "Fe at 30.2°S, 70.7°W" in texts
    assert {"not observed", "profile not used", "detected cloud (white outline)"} <= texts
    assert {str(number) for number in range(1, len(found.stripes) + 1)} <= texts
    bars = [patch for patch in figure.axes[0].patches if patch.get_facecolor()[:3] == to_rgb(UNUSED_COLOUR)]
    assert len(bars) == int((found.dataset["profile_flag"] != 0).sum())


def test_the_scale_begins_at_the_noise_where_no_error_is_stated():
    """Noise of 2 cm-3 and nothing else: the scale of a night without errors begins near it, not decades below."""
    values = np.random.default_rng(1).normal(0.0, 2.0, (150, 400))
    edges = np.linspace(80.0, 280.0, 151)
    image = DensityImage("2022-08-15", np.linspace(0.0, 5.0, 401), edges, values, np.full_like(values, np.nan))
    low = density_norm([image], FiguresSettings.model_validate({})).vmin
    assert 0.6 <= low <= 2.0


def test_an_outline_goes_straight_on_over_the_end_of_a_bright_stripe():
    """A cloud at 130 to 160 km that ends 6 km lower beside a stripe of nine profiles; a gap without stripe stays."""
    altitude = np.arange(100.0, 200.0, 1.5)
    mask = np.zeros((100, altitude.size), "uint8")
    inside, below = (altitude > 130) & (altitude < 160), (altitude > 130) & (altitude < 154)
    mask[20:50, inside] = mask[62:80, inside] = MASK_FLAGS["cloud"]
    mask[30:39, inside] = 0
    mask[30:39, below] = MASK_FLAGS["stripe"]
    found = outlined(xr.DataArray(mask, coords={"altitude": altitude}, dims=("time", "altitude")))
    assert (found[20:50] == inside).all()
    assert not found[50:62].any()


def test_scraps_beside_a_stripe_are_no_clouds():
    """Eight profiles of 10 km are what a stripe leaves; a thin layer that lasts and a tall stripe are outlined."""
    altitude = np.arange(100.0, 200.0, 2.0)
    mask = np.zeros((140, altitude.size), "uint8")
    scrap, layer, tall = (
        (slice(10, 18), slice(20, 25)),
        (slice(40, 90), slice(10, 13)),
        (slice(110, 118), slice(5, 45)),
    )
    for box in (scrap, layer, tall):
        mask[box] = MASK_FLAGS["cloud"]
    found = outlined(xr.DataArray(mask, coords={"altitude": altitude}, dims=("time", "altitude")))
    assert [bool(found[box].all()) for box in (scrap, layer, tall)] == [False, True, True]
    assert not found[scrap].any()
