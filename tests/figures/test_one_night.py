"""A night drawn on its own, through the names that the package offers."""

from __future__ import annotations

import fake_run
from matplotlib.text import Text

import metalclouds
from metalclouds import io


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
