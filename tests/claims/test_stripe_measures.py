"""Measures of the shape of stripes, on stripes that are written down here, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.claims.measures import stripes
from metalclouds.claims.model import Data, NotFound, Unavailable
from metalclouds.claims.settings import ClaimsSettings
from tests.claims import campaign

NIGHT = campaign.CASES["f"]
PAIR = {"panel": "f", "at": "14:30", "minutes": 35, "above_km": 200, "below_km": 130}


def data(**changed) -> Data:
    return Data(campaign.tables() | changed, campaign.CASES, ClaimsSettings(), campaign.masks())


def heights(*ends: tuple[float, float]) -> Data:
    """Stripes of these lower and upper ends (km)."""
    return data(detect_stripes=pd.DataFrame(ends, columns=["bottom_km", "top_km"]))


def test_percentiles_of_ends_and_heights():
    """Lower ends at 101, 102 to 200 km, upper ones at 302, 304 to 500 km: the median of 1 to 100 is 50.5."""
    many = heights(*[(100.0 + number, 300.0 + 2.0 * number) for number in range(1, 101)])
    assert stripes.end_percentile(many, "bottom", 50).value == pytest.approx(150.5)
    assert stripes.end_percentile(many, "top", 50).value == pytest.approx(401.0)
    assert stripes.length_percentile(many, 50).value == pytest.approx(250.5)


def test_shares_of_long_and_low_stripes():
    """Heights 40, 50 and 60 km; tops 160, 170 and 190 km."""
    found = heights((120.0, 160.0), (120.0, 170.0), (130.0, 190.0))
    assert stripes.long_share(found, 50.0).value == pytest.approx(1 / 3), "taller than, not as tall as"
    assert stripes.stripes_below(found, 165.0, 5.0).value == pytest.approx(2 / 3), "its margin included"


def test_a_step_is_the_mean_just_below_over_the_mean_just_above():
    """Below: 110 and 129 km; above: 130 and 149 km; 109 and 150 km lie outside. (4 + 8) / (1 + 3) = 3."""
    points = [(109, 90.0), (110, 4.0), (129, 8.0), (130, 1.0), (149, 3.0), (150, 90.0)]
    table = pd.DataFrame([
        {"night": NIGHT, "id": number, "altitude_km": z, "width_s": width}
        for number in range(3) for z, width in points
    ])  # fmt: skip
    assert stripes.step_at(data(detect_stripe_profiles=table), "width_s", 130, 20, 20).value == pytest.approx(3.0)
    assert stripes.step_at(data(detect_stripe_profiles=table), "width_s", 130, 20, 20, "f").n == 3


def widths(*slopes: float, errors: float = 0.01) -> dict[str, pd.DataFrame]:
    """Tall stripes whose ln(width) changes by so much in 100 km, each with the same relative error of its widths."""
    shape = [{"night": NIGHT, "id": number, "curvature_s_per_km2": 0.0, "bottom_km": 120.0, "top_km": 260.0}
             for number, _ in enumerate(slopes)]  # fmt: skip
    profile = [
        {"night": NIGHT, "id": number, "altitude_km": z, "width_s": 60.0 * np.exp(slope * (z - 150.0) / 100.0),
         "width_sigma_s": errors * 60.0 * np.exp(slope * (z - 150.0) / 100.0)}
        for number, slope in enumerate(slopes) for z in (150.0, 200.0, 250.0)
    ]  # fmt: skip
    return {"detect_stripes": pd.DataFrame(shape), "detect_stripe_profiles": pd.DataFrame(profile)}


def test_the_trend_of_widths_is_the_mean_of_slopes_with_student_s_interval():
    """Slopes -0.1, -0.2 and -0.3 per 100 km scatter by 0.1: the error is 0.1 / sqrt(3), Student's quantile 4.3027."""
    found = stripes.width_trend(data(**widths(-0.1, -0.2, -0.3)), "f", 130, 50)
    half = 4.3027 * 0.1 / 3**0.5
    assert (found.value, found.low, found.high) == pytest.approx((-0.2, -0.2 - half, -0.2 + half), abs=1e-4)
    assert found.n == 3


def test_slopes_that_scatter_less_than_their_errors_have_these():
    """The slope of three points at -0.5, 0 and 0.5 (100 km) of errors 0.2 has an error of 0.2 / sqrt(0.5)."""
    found = stripes.width_trend(data(**widths(-0.2, -0.2, -0.2, errors=0.2)), "f", 130, 50)
    half = 4.3027 * 0.2 / 0.5**0.5 / 3**0.5
    assert found.high - found.value == pytest.approx(half, rel=1e-4)
    with pytest.raises(Unavailable, match="fewer than three stripes"):
        stripes.width_trend(data(**widths(-0.2, -0.2)), "f", 130, 50)


def slopes(*rows: tuple[str, str, float]) -> Data:
    """Stripes with a night's panel, a time and a slowness (s/km) of an error of 1 s/km."""
    nights = campaign.tables()["detect_nights"]
    return data(detect_nights=nights, detect_stripes=pd.DataFrame([
        {"night": campaign.CASES[panel], "time_bottom": campaign.moment(campaign.CASES[panel], clock),
         "slowness_s_per_km": slowness, "slowness_sigma_s_per_km": 1.0} for panel, clock, slowness in rows
    ]))  # fmt: skip


def test_unlike_neighbours_differ_by_more_than_their_errors():
    """Steps of 4.2, 4.3 and 1 s/km at an error of sqrt(2): three of them are 4.243; the last is too late."""
    found = slopes(
        ("f", "14:00", 0.0), ("f", "14:10", 4.2), ("f", "14:20", 8.5), ("f", "14:30", 9.5), ("f", "16:00", 0.0)
    )
    assert stripes.unlike_neighbours(found, "f", 30, 3.0, 0.5).value == 1
    assert stripes.unlike_neighbours(found, "f", 30, 3.0, 0.5).n == 3
    assert stripes.unlike_neighbours(found, "f", 30, 3.0, 4.5).value == 0
    with pytest.raises(Unavailable, match="no two stripes"):
        stripes.unlike_neighbours(slopes(("f", "14:00", 0.0)), "f", 30, 3.0, 0.5)


def test_parallel_neighbours_are_those_of_one_night():
    """Each night has its own slope: all neighbours are parallel, no stripes of different nights are."""
    rows = [
        (panel, f"14:{10 * number:02d}", 20.0 * place) for place, panel in enumerate("bcdef") for number in range(4)
    ]
    found = stripes.parallel_neighbours(slopes(*rows), 30, 2.0, 0.5)
    assert (found.value, found.low, found.high, found.n) == (1.0, 1.0, 1.0, 15)
    assert found.remark == "0.00 of pairs of different nights"


def test_slopes_that_are_alike_on_all_nights_say_nothing_of_neighbours():
    rows = [(panel, f"14:{10 * number:02d}", 5.0) for panel in "bcdef" for number in range(4)]
    with pytest.raises(Unavailable, match="alike on all nights"):
        stripes.parallel_neighbours(slopes(*rows), 30, 2.0, 0.5)
    with pytest.raises(Unavailable, match="fewer than three nights"):
        stripes.parallel_neighbours(slopes(*rows[:8]), 30, 2.0, 0.5)


def test_neighbours_that_are_not_parallel_differ_even_without_a_gain():
    """Slopes 0 and 20 s/km in turn on all nights: no neighbours are parallel, half of all others are."""
    rows = [(panel, f"14:{10 * number:02d}", 20.0 * (number % 2)) for panel in "bcdef" for number in range(4)]
    found = stripes.parallel_neighbours(slopes(*rows), 30, 2.0, 0.5)
    assert (found.value, found.high) == (0.0, 0.0)


def marked(*rows: tuple[float, float], sigma: float = 3.0) -> Data:
    """Stripes at 14:30 and each minute after it, with their lower and upper ends (km)."""
    table = pd.DataFrame([
        {"night": NIGHT, "id": number, "bottom_km": bottom, "top_km": top, "bottom_sigma_km": sigma,
         "top_sigma_km": sigma, "time_bottom": campaign.moment(NIGHT, f"14:{30 + number}"),
         "time_top": campaign.moment(NIGHT, f"14:{30 + number}")}
        for number, (bottom, top) in enumerate(rows)
    ])  # fmt: skip
    return data(detect_stripes=table)


def test_the_marked_pair_are_the_two_tallest_in_order_of_time():
    """Of 100, 140 and 120 km the second and third; the mean of their lower ends, with an error of 3 / sqrt(2)."""
    three = marked((120.0, 220.0), (110.0, 250.0), (112.0, 232.0))
    assert list(stripes.pair_near(three, **PAIR)["id"]) == [1, 2]
    found = stripes.pair_end(three, "bottom", **PAIR)
    half = 1.95996 * 3.0 / 2**0.5
    assert (found.value, found.low, found.high) == pytest.approx((111.0, 111.0 - half, 111.0 + half), abs=1e-4)
    assert found.n == 2
    two = marked((130.0, 200.0), (110.0, 250.0))
    assert stripes.pair_end(two, "top", **PAIR).value == 225.0, (
        "two are enough, and reach just through both altitudes"
    )
    with pytest.raises(Unavailable, match="1 of two tall stripes"):
        stripes.pair_near(marked((130.1, 250.0), (110.0, 250.0)), **PAIR)
    with pytest.raises(Unavailable, match="holds no bottom_sigma_km"):
        stripes.pair_end(marked((120.0, 220.0), (110.0, 250.0), sigma=np.nan), "bottom", **PAIR)
    two.tables["detect_stripes"].loc[0, "top_sigma_km"] = np.nan
    with pytest.raises(Unavailable, match="error of the top of a marked stripe is not known"):
        stripes.pair_end(two, "top", **PAIR)


def test_a_night_without_a_stripe_has_no_marked_pair():
    table = campaign.tables()["detect_stripes"]
    found = stripes.pair_end(data(detect_stripes=table[table["night"] != NIGHT]), "bottom", **PAIR)
    assert isinstance(found, NotFound)
