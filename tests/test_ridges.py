"""Matching of found stripes with ridges: one to one, pieces, crests of several, flanks, inventions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.evaluate import ridges

NIGHT = "2021-01-10"


def truth(*times: float, width: float = 60.0) -> dict[str, pd.DataFrame]:
    """Upright ridges from 150 to 250 km at some times (s since 10:00 UT)."""
    altitude = np.arange(150.0, 251.0)
    table = pd.DataFrame(
        {
            "night": NIGHT,
            "id": range(len(times)),
            "snr": 30.0,
            "p": 0.0,
            "crlb": 0.1,
            "width": width,
            "isolation": 5.0,
        }
    )
    points = [
        pd.DataFrame({"night": NIGHT, "id": n, "altitude_km": altitude, "time_s": t}) for n, t in enumerate(times)
    ]
    return {"ridges": table, "crests": pd.concat(points)}


def found(*lines: tuple[float, float, float, float]) -> pd.DataFrame:
    """Stripes from (time below, time above, bottom, top)."""
    origin = pd.Timestamp(NIGHT) + pd.Timedelta(hours=10)
    rows = [
        {"night": NIGHT, "time_bottom": origin + pd.Timedelta(seconds=a),
         "time_top": origin + pd.Timedelta(seconds=b), "bottom_km": low, "top_km": high,
         "curvature_s_per_km2": np.nan,
         "slowness_s_per_km": (b - a) / (high - low),
         "slowness_sigma_s_per_km": 0.1, "width_s": 60.0}
        for a, b, low, high in lines
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("times", "lines", "fates"),
    [
        ((1000.0,), [(1000.0, 1000.0, 150.0, 250.0)], ["matched"]),
        ((1000.0,), [(1030.0, 1030.0, 150.0, 250.0)], ["matched"]),  # within 40 s
        ((1000.0,), [(1000.0, 1000.0, 150.0, 190.0)], ["piece"]),  # less than half of its height
        ((1000.0,), [(1000.0, 1000.0, 150.0, 205.0), (1000.0, 1000.0, 210.0, 250.0)], ["matched", "piece"]),
        ((1000.0,), [(1080.0, 1080.0, 150.0, 250.0)], ["flank"]),
        ((1000.0,), [(3000.0, 3000.0, 150.0, 250.0)], ["invented"]),
        ((1000.0, 1120.0), [(1000.0, 1120.0, 150.0, 250.0)], ["crests"]),  # from one to the other
    ],
)
def test_fates(times, lines, fates):
    _, out = ridges.match(truth(*times), found(*lines), [NIGHT])
    assert out["fate"].tolist() == fates


def test_summary_counts_and_covers():
    lines = [(1000.0, 1005.0, 150.0, 250.0), (2000.0, 2020.0, 150.0, 250.0)]  # 0.05 and 0.2 s/km, stated 0.1
    scores = ridges.summary(*ridges.match(truth(1000.0, 2000.0, 5000.0, 6000.0), found(*lines), [NIGHT]))
    assert scores["precision"] == 1.0
    assert scores["recall"]["60-200 s"]["25-50"] == {"share": 0.5, "n": 4}
    assert scores["coverage"]["snr 25-50"] == {"share": 0.5, "n": 2}
    assert scores["pieces_a_stripe"] == 1.0
