"""What is drawn comes from the files: move the files' content and the drawing moves with it."""

from __future__ import annotations

import dataclasses
import json
import shutil

import fake_run
import numpy as np
import pandas as pd
import pytest
from conftest import SETTINGS
from matplotlib.colors import to_rgba
from matplotlib.patches import Ellipse, Polygon, Rectangle
from matplotlib.text import Text

from metalclouds.figures import figure1, figure2, figure3, figure5, figure6, style
from metalclouds.figures.axes import joined
from metalclouds.figures.density_panel import BREAK_COLOUR, reference_altitude
from metalclouds.figures.es_bars import EsNight, window
from metalclouds.figures.figure4 import _extremes
from metalclouds.figures.inputs import hours_of_night
from metalclouds.figures.marked_stripes import MARK_COLOURS

LATER = pd.Timedelta(minutes=40)
DASHED_RED = (224 / 255, 0.0, 0.0, 1.0)


def _boxes(figure) -> list[tuple[float, float]]:
    """x and width of the dashed boxes."""
    found = [p for ax in figure.axes for p in ax.patches if isinstance(p, Rectangle) and not p.get_fill()]
    return [(p.get_x(), p.get_width()) for p in found]


def _vertical_lines(figure) -> list[float]:
    lines = [line for ax in figure.axes for line in ax.lines if line.get_color() == "#0050D0"]
    return [float(line.get_xdata()[0]) for line in lines]


def _moved(data: figure3.Figure3Data) -> figure3.Figure3Data:
    def move(night: EsNight) -> EsNight:
        later = {name: night.events[name] + LATER for name in ("start_utc", "end_utc")}
        return dataclasses.replace(night, events=night.events.assign(**later))

    return dataclasses.replace(data, nights=[move(night) for night in data.nights])


def test_boxes_and_lines_of_figure3_are_the_connections_and_move_with_them(loaded):
    _, data = loaded["figure3"]
    first, second = figure3.draw(data, SETTINGS), figure3.draw(_moved(data), SETTINGS)
    assert len(_boxes(first)) == len(data.nights)
    np.testing.assert_allclose([x + 40 / 60 for x, _ in _boxes(first)], [x for x, _ in _boxes(second)])
    expected = [
        hour
        for night in data.nights
        for hour in hours_of_night(
            night.events.loc[night.events["kind"] == "descending_merge", "start_utc"], night.night
        )
    ]
    np.testing.assert_allclose(_vertical_lines(first), expected)
    assert len(expected) >= 2


def test_bars_stand_at_the_soundings_with_es_and_are_as_high_as_foes(loaded):
    _, data = loaded["figure3"]
    figure = figure3.draw(data, SETTINGS)
    night = data.nights[0]
    low, high = window(data.nights, SETTINGS)
    rows = night.soundings.assign(hours=hours_of_night(night.soundings["time_utc"], night.night))
    rows = rows[(rows["es_status"] == "present") & rows["hours"].between(low, high)]
    ax = figure.axes[0]
    bars = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_fill() and p.get_height() > 0]
    middles = {round(p.get_x() + p.get_width() / 2, 3): p.get_height() for p in bars}
    for hour, frequency in zip(rows["hours"], rows["foEs_MHz"], strict=True):
        assert middles[round(hour, 3)] == pytest.approx(frequency)
    assert len(middles) == len(rows)


def test_ovals_surround_the_scaled_trace_of_sudden_es_only(loaded):
    _, data = loaded["figure3"]
    figure = figure3.draw(data, SETTINGS)
    ovals = [p for ax in figure.axes for p in ax.patches if isinstance(p, Ellipse)]
    sudden = [choice for choice in data.ionograms if choice.sudden]
    assert len(ovals) == len(sudden) > 0
    for oval, choice in zip(ovals, sudden, strict=True):
        assert oval.center[1] == pytest.approx(choice.sounding["scaled_hEs_km"])
        assert oval.center[0] + oval.width / 2 > choice.sounding["scaled_foEs_MHz"]


def test_joined_intervals():
    found = joined(np.array([3.0, 1.0, 1.2]), np.array([3.5, 1.5, 2.0]), gap=0.25)
    assert found == [(1.0, 2.0), (3.0, 3.5)]


def test_the_red_line_of_figure2_is_the_region_and_lasts_as_long(loaded):
    _, data = loaded["figure2"]
    figure = figure2.draw(data, SETTINGS)
    red = {ax: [line for line in ax.lines if line.get_color() == "#E00000"] for ax in figure.axes[:12]}
    times = pd.DatetimeIndex(data.maps["time"].values)
    for ax, time in zip(figure.axes[:12], times, strict=True):
        region = figure2.region_of(data.regions, time.strftime("%Y-%m-%d"))
        inside = region["onset_utc"] <= time <= region["end_utc"]
        assert len(red[ax]) == int(inside)
        for line in red[ax]:
            np.testing.assert_allclose(line.get_xdata(), region["axis_longitude"])
            # The made-up excess of 4 TECU fills the region and is far above its noise.
            drawn = line.get_ydata()[np.isfinite(line.get_ydata())]
            assert region["latitude_south"] <= drawn.min() < region["latitude_south"] + 1.5
            assert region["latitude_north"] - 1.5 < drawn.max() <= region["latitude_north"]


def test_a_region_that_was_not_found_is_not_drawn():
    regions = fake_run._regions().assign(found=False)
    assert figure2.region_of(regions, regions["night"].iloc[0]) is None


def test_the_main_method_goes_first_and_left_out_satellites_do_not_count():
    regions = fake_run._regions()
    night = regions["night"].iloc[0]
    assert figure2.region_of(regions, night)["method"] == "quiet_days"
    assert figure2.region_of(regions.assign(left_out="G07"), night) is None


def test_stripes_of_figure1_stand_where_the_table_has_them(loaded):
    _, data = loaded["figure1"]
    figure = figure1.draw(data, SETTINGS)
    case, ax = data.nights[2], figure.axes[2]
    tops = next(line for line in ax.lines if line.get_marker() == "v")
    np.testing.assert_allclose(tops.get_xdata(), hours_of_night(case.stripes["time_top"], case.night))
    np.testing.assert_allclose(tops.get_ydata(), case.stripes["top_km"])


def test_marked_lines_of_figure5_and_the_line_of_the_reference_altitude(loaded):
    _, data = loaded["figure5"]
    figure = figure5.draw(data, SETTINGS)
    assert reference_altitude(data.factors) == 140.0
    enlargement = next(ax for ax in figure.axes if ax.images)
    for (_, stripe), colour in zip(data.marked.iterrows(), MARK_COLOURS, strict=True):
        line = next(line for line in enlargement.lines if line.get_color() == colour and line.is_dashed())
        np.testing.assert_allclose(line.get_ydata(), [stripe["bottom_km"], stripe["top_km"]])
    red = [line for line in enlargement.lines if line.get_color() == BREAK_COLOUR]
    assert any(np.allclose(line.get_ydata(), 140.0) for line in red)


def test_figure6_leans_downwind_at_the_top_where_stripes_descend(loaded):
    # A stripe that descends with time leans downwind at its top (geometry of the stripe, drift to the right).
    _, data = loaded["figure6"]
    placed = figure6.place(data)
    assert (data.stripes["slowness_s_per_km"] < 0).all()
    assert (placed["x_top"] > placed["x_bottom"]).all()
    # tan beta = v |p|
    lean = (placed["x_top"] - placed["x_bottom"]) / (placed["top_km"] - placed["bottom_km"])
    np.testing.assert_allclose(lean, -data.stripes["slowness_s_per_km"] * fake_run.WIND_M_S / 1000.0, rtol=1e-2)
    figure = figure6.draw(data, SETTINGS)
    assert sum(isinstance(p, Polygon) and len(p.get_xy()) == 5 for p in figure.axes[1].patches) >= len(placed)


def test_the_plain_figure1_has_the_same_images_and_nothing_drawn_over_them(loaded):
    module, data = loaded["figure1"]
    annotated, plain = module.draw(data, SETTINGS), module.plain(data, SETTINGS)
    images = [[ax.images[0].get_array() for ax in figure.axes if ax.images] for figure in (annotated, plain)]
    assert len(images[0]) == len(images[1]) > 0
    for one, other in zip(*images, strict=True):
        np.testing.assert_array_equal(one.filled(-1.0), other.filled(-1.0))
    drawn = [
        sum(len(ax.lines) + len(ax.collections) for ax in figure.axes if ax.images) for figure in (annotated, plain)
    ]
    assert drawn[0] > 0
    assert drawn[1] == 0


def test_figure5b_states_slope_drift_and_height_of_the_marked_stripes(loaded):
    module, data = loaded["figure5"]
    words = " ".join(text.get_text() for text in module.draw(data, SETTINGS).findobj(Text))
    for _, stripe in data.marked.iterrows():
        # By definition v_c = dz/dt is the inverse of the slowness, here in m/s.
        assert f"$v_c$ = {1000.0 / stripe['slowness_s_per_km']:.0f} m".replace("-", "−") in words
        assert f"$v$ = {stripe['wind_m_s']:.0f} m" in words
        assert f"{stripe['top_km'] - stripe['bottom_km']:.0f} km tall" in words


def test_words_of_figure6_hide_no_stripe(loaded):
    module, data = loaded["figure6"]
    figure = module.draw(data, SETTINGS)
    figure.draw_without_rendering()
    ax = figure.axes[1]
    stripes = [patch.get_window_extent() for patch in ax.patches if patch.get_alpha() == 0.9]
    words = [text.get_window_extent() for text in ax.texts if text.get_text() and "layer, " not in text.get_text()]
    assert stripes
    assert words
    assert not [1 for one in words for other in stripes if one.overlaps(other) and one.y0 > other.y0]


def test_excess_and_assumed_times_of_figure2_are_shown(loaded):
    module, data = loaded["figure2"]
    figure = module.draw(data, SETTINGS)
    insets = [child for ax in figure.axes for child in ax.child_axes if child.get_gid() == module.EXCESS]
    assert len(insets) == int(np.isfinite(data.maps["tec_excess"]).any(("latitude", "longitude")).sum()) > 0
    maps = data.maps.assign_attrs(assumed_times="b, c")
    starred = module.draw(dataclasses.replace(data, maps=maps), SETTINGS)
    assert sum(ax.get_title("right").endswith("*") for ax in starred.axes) == 2
    assert "Times of b and c (stars) are assumed" in module.caption(dataclasses.replace(data, maps=maps), SETTINGS)


def test_months_that_stand_out_are_not_all_months():
    """Of two months each cannot be both the highest and the lowest; of one month nothing is said."""
    two = pd.DataFrame({"month": [8, 12], "occurrence": [1.0, 1.0], "column_density_cm2": [3e7, 1e7]})
    assert _extremes(two) == "Highest column density: August; lowest: December."
    assert _extremes(two[:1]) == ""


def test_what_could_not_be_looked_at_was_not_absent(tmp_path):
    """Without an ionosonde no ionogram was looked through: not `none found`."""
    run_dir = fake_run.build(tmp_path / "run", step_s=300.0, step_km=2.4)
    for path in run_dir.glob("ingest/ionosonde"):
        shutil.rmtree(path)
    inventory = json.loads((run_dir / "raw/inventory/ionosonde.json").read_text())
    inventory |= {"status": "absent", "why": "no sounder at this station", "batches": {}}
    (run_dir / "raw/inventory/ionosonde.json").write_text(json.dumps(inventory))
    table = run_dir / "derive/es_cases.csv"
    table.write_text(table.read_text().splitlines()[0] + "\n")
    words = figure3.caption(figure3.load(run_dir, fake_run.CASES, SETTINGS), SETTINGS)
    assert "none found on these nights" not in words
    assert "no blanketing Es: no sounder at this station" in words


def test_figure6_takes_a_night_with_a_stripe_that_reaches_the_layer():
    # The night with the most stripes has none down to the layer; of two with one each the busier one is taken.
    rows = [("2021-01-08", False)] * 9 + [("2021-06-03", True)] + [("2021-06-04", True)] + [("2021-06-04", False)] * 3
    table = pd.DataFrame(rows, columns=["night", "reaches_main_layer"]).assign(wind_m_s=60.0)
    assert figure6.busiest_night(table) == "2021-06-04"
    assert figure6.busiest_night(table[~table["reaches_main_layer"]]) == "2021-01-08"


def test_the_swatch_of_a_cloud_is_not_the_grey_of_what_lies_below_the_scale():
    colours = style.colour_map(SETTINGS.colour_map)
    cloud = figure1.legend_of_finds(colours)["detected cloud (white outline)"]
    assert cloud.get_facecolor() != to_rgba(style.BELOW_FLOOR)
    assert cloud.get_facecolor() != tuple(colours.get_under())
