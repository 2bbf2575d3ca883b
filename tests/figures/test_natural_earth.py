"""Decoding and clipping of a topology written by hand from the TopoJSON specification."""

from __future__ import annotations

import json
from importlib import resources

import numpy as np

from metalclouds.figures.maps import _lines, credit
from metalclouds.figures.natural_earth import clip, coast_and_borders, decode_arcs

# Two squares side by side: arc 0 is the side they share, arcs 1 and 2 the rest of each.
TOPOLOGY = {
    "transform": {"scale": [1.0, 1.0], "translate": [100.0, 20.0]},
    "arcs": [[[10, 0], [0, 10]], [[10, 10], [-10, 0], [0, -10], [10, 0]], [[10, 0], [10, 0], [0, 10], [-10, 0]]],
    "objects": {"countries": {"geometries": [{"arcs": [[0, 1]]}, {"arcs": [[2, -1]]}]}},
}


def test_arcs_are_sums_of_differences_scaled_and_moved():
    np.testing.assert_allclose(decode_arcs(TOPOLOGY)[1], [[110, 30], [100, 30], [100, 20], [110, 20]])


def test_a_shared_arc_is_a_border_and_the_others_are_coast():
    features = {
        f["properties"]["kind"]: f["geometry"]["coordinates"] for f in coast_and_borders(TOPOLOGY)["features"]
    }
    assert features["border"] == [[[110.0, 20.0], [110.0, 30.0]]]
    assert len(features["coast"]) == 2


def test_clip_cuts_a_line_into_pieces_and_keeps_a_point_beyond_the_edge():
    line = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [4.0, 0.0], [1.5, 0.0]])
    pieces = clip(line, (0.5, 2.5, -1.0, 1.0))
    assert [piece[:, 0].tolist() for piece in pieces] == [[0.0, 1.0, 2.0, 3.0, 4.0, 1.5]]
    pieces = clip(np.array([[1.0, 0.0], [3.0, 0.0], [4.0, 0.0], [5.0, 0.0], [1.0, 0.5]]), (0.5, 2.5, -1.0, 1.0))
    assert [len(piece) for piece in pieces] == [2, 2]


def test_the_file_in_the_package_is_small_credited_and_covers_the_region():
    text = resources.files("metalclouds.data").joinpath("coast_and_borders.geojson").read_text(encoding="utf-8")
    assert len(text) < 150_000
    assert "Natural Earth" in credit()
    points = np.concatenate([line for lines in _lines().values() for line in lines])
    assert points[:, 0].min() < 62 and points[:, 0].max() > 145  # noqa: PT018
    assert points[:, 1].min() < 7 and points[:, 1].max() > 55  # noqa: PT018
    assert json.loads(text)["type"] == "FeatureCollection"


def test_a_well_known_coast_is_where_an_atlas_has_it():
    # Hainan: its coast surrounds 109.7 E, 19.2 N within a degree and a half (any atlas).
    coast = np.concatenate(_lines()["coast"])
    near = coast[np.hypot(coast[:, 0] - 109.7, coast[:, 1] - 19.2) < 1.5]
    assert len(near) > 8
    for sign in (-1, 1):
        assert (sign * (near[:, 0] - 109.7) > 0.3).any()
        assert (sign * (near[:, 1] - 19.2) > 0.3).any()
