"""The tests of the explanation on scenes of known truth, and on records that lack something."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metalclouds.physics import sky
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import wind_from
from metalclouds.schema.tables import DERIVE_TABLES, EVENTS, STRIPE_PROFILES, STRIPES, TEC_ENHANCEMENT
from metalclouds.supplements import directions, spacing, supply, widening
from metalclouds.supplements.decision import EXPLANATIONS, rates
from metalclouds.supplements.observable import NotTestable
from metalclouds.supplements.settings import SupplementSettings, SupplySettings
from metalclouds.supplements.stripes import with_drift
from metalclouds.supplements.tables import Given, supplements
from tests.supplements.validate import PAGE, TESTED, version_of

NIGHT = "2021-06-03"
TIMES = pd.date_range(f"{NIGHT} 12:00", f"{NIGHT} 19:00", periods=24)


def wind(speed: float = 60.0, turning: bool = True):
    """Wind that turns from east to south through the night."""
    hours = pd.date_range(f"{NIGHT} 10:00", f"{NIGHT} 21:00", freq="1h")
    angle = np.linspace(80.0, 190.0, len(hours)) if turning else np.full(len(hours), 90.0)
    return wind_from(pd.DataFrame({
        "time": hours, "eastward_wind": speed * np.sin(np.radians(angle)),
        "northward_wind": speed * np.cos(np.radians(angle)), "eastward_wind_error": 3.0, "northward_wind_error": 3.0,
    }))  # fmt: skip


def stripes(slowness, width_s: float = 40.0, density: float = 20.0) -> pd.DataFrame:
    """Stripes at `TIMES` from 160 to 240 km."""
    half = pd.to_timedelta(40.0 * np.asarray(slowness), unit="s")
    return pd.DataFrame({
        "night": NIGHT, "id": [str(number) for number in range(len(TIMES))], "time_bottom": TIMES - half,
        "time_top": TIMES + half, "bottom_km": 160.0, "top_km": 240.0, "slowness_s_per_km": slowness,
        "slowness_sigma_s_per_km": 0.1, "width_s": width_s, "width_sigma_s": 2.0, "peak_density_cm3": density,
    }).reindex(columns=list(STRIPES))  # fmt: skip


def drifting(slowness, **options) -> pd.DataFrame:
    return with_drift(stripes(slowness, **options), wind(), TrailSettings())


def of_a_radiant(ascension: float = 250.0, declination: float = 15.0) -> np.ndarray:
    """Slowness (s/km) of trails of one radiant in the wind: p = -tan z cos(A - A_drift) / v."""
    moved = drifting(np.zeros(len(TIMES)))
    zenith, azimuth = sky.horizontal(ascension, declination, TIMES.to_numpy())
    towards = np.degrees(np.arctan2(moved["eastward_m_s"], moved["northward_m_s"]))
    return -np.tan(np.radians(zenith)) * np.cos(np.radians(azimuth - towards)) / (1e-3 * moved["speed_m_s"])


def test_one_radiant_is_seen_through_the_hours_and_shuffled_slopes_are_not():
    slowness = np.asarray(of_a_radiant())
    found = directions.night(drifting(slowness), 1)
    assert found["radiant_p"] <= 0.02
    assert found["radiant_cost"] < found["sheet_cost"]
    shuffled = np.random.default_rng(4).permutation(slowness)
    assert directions.night(drifting(shuffled), 1)["radiant_p"] > 0.05


def test_chance_gives_one_radiant_in_one_night_of_twenty():
    """Slopes without any order: the chance of so good a fit is even, so that 5 % lie below 0.05."""
    random = np.random.default_rng(7)
    found = [directions.night(drifting(random.normal(0.0, 4.0, len(TIMES))), 2)["radiant_p"] for _ in range(12)]
    assert np.sum(np.array(found) <= 0.05) <= 3


def test_a_sheet_fits_better_where_there_is_one():
    moved = drifting(np.zeros(len(TIMES)))
    turn = np.radians(-7.0)
    east = 1e-3 * (moved["eastward_m_s"] * np.cos(turn) - moved["northward_m_s"] * np.sin(turn))
    found = directions.night(drifting(directions.sheet_slowness(59.5, 20.0, east)), 3)
    assert found["sheet_cost"] < 0.1 < found["radiant_cost"]


@pytest.mark.parametrize(("scatter", "low", "high"), [(0.2, 0.0, 0.45), (None, 0.6, 1.2)])
def test_gaps_of_waves_and_of_chance(scatter, low, high):
    random = np.random.default_rng(5)
    gaps = random.exponential(300.0, 200) if scatter is None else 300.0 * (1 + scatter * random.normal(size=200))
    times = pd.Timestamp(f"{NIGHT} 12:00") + pd.to_timedelta(np.cumsum(np.maximum(gaps, 1.0)), unit="s")
    table = pd.DataFrame({"night": NIGHT, "time_utc": times, "altitude_km": 200.0, "bottom_km": 150.0,
                          "top_km": 250.0, "slowness_s_per_km": 0.0})  # fmt: skip
    assert low <= spacing.spacing(table, 0.95)[0].value <= high


def test_a_few_gaps_decide_nothing():
    with pytest.raises(NotTestable, match="gaps"):
        spacing.spacing(drifting(np.zeros(len(TIMES))).head(5), 0.95)


@pytest.mark.parametrize("slope", [2.0, -1.0])
def test_widening_is_found_with_its_sign(slope):
    altitude = np.arange(135.0, 240.0, 8.0)
    table = pd.DataFrame({"night": NIGHT, "id": "1", "altitude_km": altitude, "width_sigma_s": 2.0,
                          "width_s": 30.0 * np.exp(slope * (altitude - 180.0) / 100.0)})  # fmt: skip
    assert widening.slopes(table)["widening"].iloc[0] == pytest.approx(slope, abs=1e-6)


def test_smaller_bodies_come_more_often():
    settings = SupplySettings()
    rare, frequent = (supply.area_that_comes(rate, 60.0, settings) for rate in (0.1, 10.0))
    assert rare > 10.0 * frequent
    # A body of a metre comes some tens of times a year to the whole Earth: over 2e5 km2 once in decades.
    assert supply.area_that_comes(1e-6, 60.0, settings) == pytest.approx(np.pi / 4.0, rel=0.9)


def given(**changed) -> Given:
    """A record with stripes and wind; a table that is not given is empty."""
    tables = {
        "detect_stripes": stripes(of_a_radiant()), "detect_stripe_profiles": STRIPE_PROFILES.empty(),
        "detect_nights": pd.DataFrame({"night": [NIGHT], "hours": [8.0]}), "detect_events": EVENTS.empty(),
        "nights": pd.DataFrame({"night": [NIGHT], "cloud_bottom_km": [150.0], "cloud_top_km": [250.0]}),
        "tec_enhancement": TEC_ENHANCEMENT.empty(),
    } | changed  # fmt: skip
    return Given(tables, wind(), TrailSettings(), SupplementSettings())


def test_every_table_keeps_its_contract_and_says_what_is_missing():
    made = supplements(given())
    for name, table in made.items():
        DERIVE_TABLES[f"{name}.csv"].checked(table)
    observed = made["supplements"].set_index("name")
    assert np.isfinite(observed.loc["supply_log_ratio", "value"])
    for name, words in (("widening", "no stripe has a width"), ("sheet_sign", "region of enhanced TEC"),
                        ("metal_log_ratio", "region of enhanced TEC")):  # fmt: skip
        assert np.isnan(observed.loc[name, "value"])
        assert words in observed.loc[name, "why"]


def test_without_any_stripe_nothing_is_tested_but_what_needs_none():
    empty = STRIPES.empty().astype({"time_bottom": "datetime64[ns]", "time_top": "datetime64[ns]"})
    made = supplements(given(detect_stripes=empty))
    for name, table in made.items():
        DERIVE_TABLES[f"{name}.csv"].checked(table)
    observed = made["supplements"].set_index("name")
    tested = set(observed.index[observed["value"].notna()])
    assert tested == {"review_differing", "review_differing_protons", "lifetime_log_ratio", "lifetime_days"}
    assert observed.loc[~observed.index.isin(tested), "why"].notna().all()


def test_the_table_of_rates_holds_each_tested_claim_and_explanation():
    table = rates()
    assert set(zip(table["claim"], table["explanation"], strict=True)) == {
        (claim, name) for claim in TESTED for name in EXPLANATIONS
    }
    assert ((table["for_trails"] + table["against_trails"]) <= 1.0).all()


def test_the_page_of_rates_is_of_this_code():
    """Rates of other code are no rates: `python -m tests.supplements.validate` makes page and table anew."""
    text = PAGE.read_text(encoding="utf-8")
    assert f"Code of the supplements `{version_of('supplements')}`" in text
