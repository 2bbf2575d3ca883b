"""The truth decides: case nights moved by 40 min, 15 km and 11 days move everything that is derived from them."""

from __future__ import annotations

import datetime
import statistics

import pandas as pd
import pytest

from metalclouds import io
from tests.workflow.checkout import CASES, Checkout

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]

MINUTES, KILOMETRES, DAYS = 40, 15, 11
# Panel a reaches the instrument's ceiling when it is moved.
COMPARED = tuple(night for night in CASES if night != "2021-01-08")


def later(night: str) -> str:
    return (datetime.date.fromisoformat(night) + datetime.timedelta(days=DAYS)).isoformat()


@pytest.fixture(scope="module")
def shifted(small_run, tmp_path_factory):
    """The case nights alone, moved; only what is compared is made."""
    checkout = Checkout(tmp_path_factory.mktemp("shifted"))
    panels = dict(zip(CASES, "abcdef", strict=True))
    checkout.configure(
        {
            "cases": [{"panel": panel, "night": later(night)} for night, panel in panels.items()],
            "twin": {
                "nights": "cases",
                "changes": {"shift_minutes": MINUTES, "shift_km": KILOMETRES, "shift_days": DAYS},
            },
        }
    )
    checkout.snakemake("results/twin/detect/batches/cases.json", "results/twin/derive/tec_enhancement.csv")
    return small_run.path("results/twin"), checkout.path("results/twin")


def moved(before: pd.Series, after: pd.Series) -> float:
    """Minutes between two times, the shift of the date taken off."""
    return ((after - before) / pd.Timedelta(minutes=1)) - DAYS * 24 * 60


def test_clouds_move_in_time_and_altitude(shifted):
    first, second = (io.read_csv(run / "detect/batches/cases.nights.csv").set_index("night") for run in shifted)
    stripes = [io.read_csv(run / "detect/batches/cases.stripes.csv").set_index("night") for run in shifted]
    rises = []
    for night in COMPARED:
        before, after = first.loc[night], second.loc[later(night)]
        # A cloud begins with its first stripe, and stripes follow each other within some ten minutes.
        assert moved(before["cloud_start_utc"], after["cloud_start_utc"]) == pytest.approx(MINUTES, abs=10), night
        tops = [table.loc[name, "top_km"] for table, name in zip(stripes, (night, later(night)), strict=True)]
        rises.append(tops[1].quantile(0.75) - tops[0].quantile(0.75))
    # Both runs draw their stripes anew. The upper quartile of some 40 tops that scatter by 12 km has an error of
    # 2.6 km, the difference of two 3.7, the median of five of these 2.1 km: three times that.
    assert statistics.median(rises) == pytest.approx(KILOMETRES, abs=6)


@pytest.mark.parametrize("night", ["2021-01-08", "2021-06-03", "2021-06-04", "2021-06-18"])
def test_tec_enhancement_moves(shifted, night):
    first, second = (
        io.read_csv(run / "derive/tec_enhancement.csv").query("night == @name and method == 'zonal_highpass'").iloc[0]
        for run, name in zip(shifted, (night, later(night)), strict=True)
    )
    assert moved(first["onset_utc"], second["onset_utc"]) == pytest.approx(MINUTES, abs=6)
