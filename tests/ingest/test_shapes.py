"""The same truth in ten shapes gives the same nights, without a line from the user."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from metalclouds import io
from tests.ingest.shapes import NIGHTS, SHAPES, truth
from tests.ingest.ten_shapes import difference, outcome, table


@pytest.mark.parametrize("name", SHAPES)
def test_shape_is_read_within_its_printed_precision(name):
    nights, word = outcome(name)
    assert word == "read, no user line"
    assert [night.attrs["night"] for night in nights] == list(NIGHTS)
    # float32 holds seven digits of densities up to 1000 cm-3.
    tolerance = SHAPES[name][1] + 1000 * np.finfo("float32").eps
    assert max(difference(night) for night in nights) < tolerance


@pytest.mark.parametrize("name", SHAPES)
def test_negative_half_of_the_noise_is_kept_or_its_loss_recorded(name):
    night = outcome(name)[0][0]
    expected = truth(night.attrs["night"]).density
    density = io.number_density(night)[0].values
    if name.startswith("Meridian"):
        assert night.attrs["negatives"] == "lost_nan"
        assert np.array_equal(np.isnan(density), expected < 0)
    else:
        assert night.attrs["negatives"] == "kept"
        assert np.array_equal(density < 0, expected < 0)


@pytest.mark.parametrize(
    ("name", "what", "decided"),
    [
        ("MAT v5, one unnamed matrix a file", "axes", "first row time, first column altitude"),
        ("MAT v7.3, transposed, datenum, metres", "time", "datenum"),
        ("MAT v7.3, transposed, datenum, metres", "altitude unit", "m"),
        ("netCDF in metres and m-3, ms from an offset", "density unit", "m-3"),
        ("columns, LT hours past 24", "clock", "LT"),
        ("one file for all nights, altitude x time", "orientation", "altitude x time"),
        ("zip with GBK names, MAT vectors", "clock", "UT"),
        ("HDF5, counts only", "quantity", "photon_counts"),
    ],
)
def test_what_was_decided_stands_in_the_attributes(name, what, decided):
    decisions = json.loads(outcome(name)[0][0].attrs["decisions"])
    assert decided in [entry["decided"] for entry in decisions if entry["what"] == what]
    assert all(entry["because"] for entry in decisions)


def test_the_table_of_the_page_is_current():
    """`python -m tests.ingest.ten_shapes` prints what docs/readers.md shows."""
    page = (Path(__file__).parents[2] / "docs/readers.md").read_text(encoding="utf-8")
    assert table() in page
