"""UT below, LT eight hours later above; expected labels by hand."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from metalclouds.figures.axes import clock, rounded_limits, step_hours, ut_axis


def _labels(axis) -> dict[float, str]:
    return {
        round(tick.get_loc(), 4): tick.label1.get_text() or tick.label2.get_text() for tick in axis.get_major_ticks()
    }


def test_local_time_is_eight_hours_ahead_and_wraps_at_midnight():
    figure = Figure()
    ax = figure.subplots()
    top = ax_top = ut_axis(ax, 14.0, 18.0, 8.0, labels=4)
    figure.draw_without_rendering()
    assert _labels(ax.xaxis)[15.0] == "15"
    assert _labels(ax_top.xaxis)[15.0] == "23"
    assert _labels(ax_top.xaxis)[16.0] == "00"
    assert ax.get_xlabel().startswith("UT")
    assert top.get_xlabel().startswith("LT")


def test_short_spans_are_labelled_with_minutes():
    figure = Figure()
    ax = figure.subplots()
    top = ut_axis(ax, 15.75, 16.5, 8.0, labels=5)
    figure.draw_without_rendering()
    assert _labels(ax.xaxis)[16.0] == "16:00"
    assert _labels(top.xaxis)[16.0] == "00:00"


@pytest.mark.parametrize(("hours", "text"), [(0.0, "00:00"), (24.5, "00:30"), (9.999, "10:00")])
def test_clock(hours, text):
    assert clock(hours) == text


def test_step_is_the_smallest_that_fits():
    assert step_hours(8.0, 8) == 1.0
    assert step_hours(8.1, 8) == 2.0
    assert step_hours(0.5, 5) == pytest.approx(1 / 6)


def test_limits_are_widened_to_full_steps():
    assert rounded_limits(12.3, 19.6, 0.5) == (12.0, 20.0)
