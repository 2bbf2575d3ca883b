"""Profiles, and nights, below one another in a text file, each below a line with its time or its date."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ingest import shapes
from tests.ingest.papers import read_any

NIGHT = shapes.truth("2021-06-03")


def clocks(form: str, offset: float = 0.0) -> list[str]:
    """The times of the night in a notation: %Y-%m-%d and the like, moved by hours."""
    times = NIGHT.times + np.timedelta64(round(offset * 60), "m")
    return [time.astype("datetime64[s]").item().strftime(form) for time in times]


def blocks(lines: list[str], error: bool = False) -> str:
    """A profile below each line: height, density and perhaps its error."""
    out = []
    for line, row in zip(lines, NIGHT.density, strict=True):
        out.append(line)
        out += [
            f"{height:.2f} {value:.3f}{' 5.0' if error else ''}"
            for height, value in zip(NIGHT.altitude, row, strict=True)
        ]
    return "\n".join(out) + "\n"


def check(found) -> None:
    assert found.sizes == {"time": 40, "altitude": 60}
    np.testing.assert_allclose(found["ca_ion_number_density"].values, NIGHT.density, atol=6e-4)
    np.testing.assert_allclose(found["altitude"], NIGHT.altitude, atol=5e-3)
    assert np.abs(found["time"].values - NIGHT.times).max() <= np.timedelta64(1, "s")


@pytest.mark.parametrize(
    ("form", "offset"),
    [
        ("# profile of %Y-%m-%d %H:%M:%S UT", 0.0),
        ("Time %Y/%m/%d %H:%M:%S (LT)", 8.0),
        ("%Y %m %d %H %M %S", 0.0),
    ],
)
def test_profiles_below_their_times(tmp_path, form, offset):
    head = "# Ca+ lidar, UT\n" if offset == 0.0 else "# Ca+ lidar\n"
    heads = "altitude_km density_cm-3"
    text = blocks([f"{line}\n{heads}" for line in clocks(form, offset)])
    (tmp_path / "profiles.dat").write_text(head + text)
    (found,) = read_any(tmp_path)
    check(found)


def test_profiles_below_clocks_of_the_date_in_the_name(tmp_path):
    text = blocks(["# " + clock for clock in clocks("%H:%M:%S")], error=True)
    (tmp_path / "Ca_20210603.txt").write_text("# UT; height_km density_cm-3 error_percent\n" + text)
    (tmp_path / "Ca_20210603.txt").write_text("# times UT\n#height_km density_cm-3 err_percent\n" + text)
    (found,) = read_any(tmp_path)
    check(found)


def test_nights_below_their_dates(tmp_path):
    """A matrix a night, its hours across and its altitudes down; each night is read by itself."""
    out = []
    for night in shapes.NIGHTS:
        truth = shapes.truth(night)
        out += [f"# Ca+ density (cm-3), {night}", "km\\UT " + " ".join(f"{hour:.6f}" for hour in truth.hours)]
        for height, row in zip(truth.altitude, truth.density.T, strict=True):
            out.append(f"{height:.2f} " + " ".join(f"{value:.3f}" for value in row))
    (tmp_path / "maps.dat").write_text("\n".join(out) + "\n")
    found = read_any(tmp_path)
    assert [one.attrs["night"] for one in found] == list(shapes.NIGHTS)
    for night, one in zip(shapes.NIGHTS, found, strict=True):
        np.testing.assert_allclose(one["ca_ion_number_density"].values, shapes.truth(night).density, atol=6e-4)


def test_a_table_with_dated_remarks_is_no_profiles(tmp_path):
    """A remark between rows that go on is a remark: the first column does not begin again."""
    rows = [f"{hour:.4f} {20 + hour:.2f} {10 + hour:.2f}" for hour in 13.0 + np.arange(40) / 6.0]
    text = "# winds, UT\nhour zonal_wind meridional_wind\n" + "\n".join(rows[:20])
    text += "\n# 2021-06-03 16:20 filter changed\n" + "\n".join(rows[20:]) + "\n"
    (tmp_path / "wind_630nm_20210603.txt").write_text(text)
    (found,) = read_any(tmp_path)
    assert found.sizes["time"] == 40
