"""Changes of the wind between neighbouring measurements, on winds that are written down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.derive.wind_steps import wind_steps
from metalclouds.physics.wind import wind_from
from metalclouds.schema.tables import WIND_STEPS


def wind(*rows: tuple[str, float, float]):
    table = pd.DataFrame(rows, columns=["time", "eastward_wind", "northward_wind"])
    errors = {f"{name}_error": 6.0 for name in ("eastward_wind", "northward_wind")}
    return wind_from(table.assign(time=pd.to_datetime(table["time"]), **errors))


def test_a_step_is_the_length_of_the_change():
    found = wind_steps(wind(("2021-06-18 13:30", 40.0, 0.0), ("2021-06-18 14:30", 43.0, -4.0)))
    (row,) = found.to_dict("records")
    # 3-4-5, and the errors of both measurements in quadrature.
    assert row["change_m_s"] == pytest.approx(5.0)
    assert row["error_m_s"] == pytest.approx(6.0 * np.sqrt(2.0))
    assert row["night"] == "2021-06-18"
    assert row["time_utc"] == pd.Timestamp("2021-06-18 14:00")
    assert list(found) == list(WIND_STEPS)


def test_nights_and_pauses_are_no_neighbours():
    assert wind_steps(wind(("2021-06-18 19:30", 40.0, 0.0), ("2021-06-19 13:30", 0.0, 0.0))).empty
    assert wind_steps(wind(("2021-06-18 13:30", 40.0, 0.0), ("2021-06-18 16:30", 0.0, 0.0))).empty


def test_without_winds_there_is_a_header():
    assert list(wind_steps(wind())) == list(WIND_STEPS)
