"""The tests of the explanation on scenes of known truth, and on records that lack something."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from metalclouds.physics import sky
from metalclouds.physics.settings import TrailSettings
from metalclouds.physics.wind import wind_from
from metalclouds.schema.tables import DERIVE_TABLES, EVENTS, STRIPE_PROFILES, STRIPES, TEC_ENHANCEMENT
from metalclouds.supplements import directions, neutral, season, showers, spacing, supply, widening
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


def test_a_night_counts_only_if_it_could_show_one_radiant():
    """Slopes that never change look the same shuffled: found in 5 % of draws. A wide range of slopes: in all."""
    random, sigma = np.random.default_rng(6), np.full(12, 0.1)
    still = np.zeros((1, 12))
    assert directions.power(still[0], sigma, still, random) <= 0.2
    moving = np.linspace(-2.0, 2.0, 12)[None]
    assert directions.power(moving[0], sigma, moving, random) == 1.0


def test_nights_that_could_not_show_it_are_left_out():
    found = pd.DataFrame({"radiant_power": [0.9, 0.95, 0.3, 0.1], "radiant_p": [0.01, 0.6, 0.9, 0.9],
                          "radiant_cost": 1.0, "sheet_cost": 2.0})  # fmt: skip
    share = directions.ordered(found, 0.95)[0]
    assert (share.value, share.n) == (0.5, 2)
    assert directions.hidden(found)[0].value == 2
    assert directions.against_sheets(found, 0.95)[0].n == 4
    with pytest.raises(NotTestable, match="on none of the 2 nights"):
        directions.ordered(found[found["radiant_power"] < 0.8], 0.95)


def test_slopes_that_follow_a_sheet_through_the_night_and_slopes_that_do_not():
    moved = drifting(np.zeros(len(TIMES)))
    tilt = pd.DataFrame({"night": [NIGHT], "tilt_deg": [20.0], "left_out": [np.nan]})
    along = directions.with_sheet(moved, directions.axes(tilt))["sheet_s_per_km"].to_numpy()
    spread, course = directions.course(drifting(along), tilt, 0.95)
    assert spread.value == pytest.approx(0.0, abs=1e-9)
    assert course.value == pytest.approx(1.0)
    assert directions.course(drifting(3.0 * along), tilt, 0.95)[0].value == pytest.approx(np.log10(3.0))
    assert directions.course(drifting(-along), tilt, 0.95)[1].value == pytest.approx(-1.0)


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


def test_what_the_detector_loses_makes_chance_more_regular():
    """Without losses chance has 1; wide stripes hide the short gaps, and the rest varies less."""
    random = np.random.default_rng(8)
    seconds = np.cumsum(random.exponential(200.0, 60))
    cv = [
        np.mean([spacing.drawn([(seconds, np.full(60, width))] * 10, False, random) for _ in range(20)])
        for width in (1.0, 400.0)
    ]
    assert cv[0] == pytest.approx(1.0, abs=0.1)
    assert cv[1] < cv[0]
    train = np.mean([spacing.drawn([(seconds, np.full(60, 1.0))] * 10, True, random) for _ in range(20)])
    # Gaps of 200 s that scatter by 0.4, 66 s of each dead.
    assert train == pytest.approx(0.4 * 200.0 / (200.0 - 66.0), abs=0.15)


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_stripes_that_come_as_meteors_or_at_any_hour(power):
    """Stripes drawn as the flux to a power, in 60 nights: the interval holds the power, and the record could tell."""
    random = np.random.default_rng(9)
    dates = pd.Series(pd.date_range("2020-06-05", "2022-10-30", periods=60).strftime("%Y-%m-%d"))
    times, dark, flux = season.darkness(dates)
    number = random.poisson(np.where(dark, flux**power, 0.0) / 3.0)
    stripes = pd.DataFrame({"night": np.repeat(dates, number.sum(axis=1)),
                            "time_utc": np.repeat(times.ravel(), number.ravel())})  # fmt: skip
    exponent, able = season.hour(stripes, 0.95)
    assert exponent.low <= power <= exponent.high
    assert able.value > 0.9
    mean = (flux * dark).sum(axis=1) / dark.sum(axis=1)
    nights = pd.DataFrame({"night": dates, "hours": 8.0})
    counts = [pd.DataFrame({"night": np.repeat(dates, random.poisson(20.0 * mean**power))}) for _ in range(8)]
    # A record of 1200 stripes knows it to 0.2; the mean of eight to 0.07.
    found = [season.season(nights, one, 0.95)[0].value for one in counts]
    assert np.mean(found) == pytest.approx(power, abs=0.2)


def test_a_few_nights_tell_nothing_of_season_or_hour():
    with pytest.raises(NotTestable, match="fewer than 8 nights"):
        season.hour(drifting(np.zeros(len(TIMES))), 0.95)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_neutral_calcium_beside_the_ions(share):
    """Simulated Ca in the ridges of stripes, with noise: the share comes back."""
    found = drifting(np.full(len(TIMES), 1.0), density=20.0)
    time = pd.date_range(f"{NIGHT} 11:30", f"{NIGHT} 19:30", freq="20s")
    altitude = np.arange(150.0, 250.0, 2.0)
    seconds = (time.to_numpy() - time[0].to_numpy()) / np.timedelta64(1, "s")
    density = 3.0 + np.random.default_rng(3).normal(0.0, 1.0, (len(time), altitude.size))
    for one in found.itertuples():
        middle = (one.time_utc - time[0]).total_seconds() + (altitude - one.altitude_km)
        density += share * 20.0 * (np.abs(seconds[:, None] - middle) <= 20.0)
    calcium = xr.DataArray(density, {"time": time, "altitude": altitude}, ("time", "altitude"))
    beside = neutral.beside(calcium, found)
    away = (beside["neutral_share"] - share) / beside["neutral_share_sigma"]
    assert abs(away.mean()) < 1.0
    assert neutral.neutral({NIGHT: calcium}, found, 0.95)[0].value == pytest.approx(share, abs=0.02)
    with pytest.raises(NotTestable, match="no density of neutral Ca"):
        neutral.neutral({}, found, 0.95)


def test_a_stripe_of_no_known_width_needs_next_to_nothing():
    """It counts in favour of trails, and no logarithm of zero is taken."""
    sized = drifting(np.zeros(len(TIMES))).assign(area_least_m2=0.0, area_m2=1.0)
    with np.errstate(divide="raise"):
        rows = supply.supply(sized, 8.0, SupplySettings(), 0.95)
    assert rows[-1].value < -100.0


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
    lacking = "the record holds no maps of TEC that could be searched"
    for name, words in (("widening", "no stripe has a width"), ("sheet_sign", lacking), ("metal_log_ratio", lacking)):
        assert np.isnan(observed.loc[name, "value"])
        assert words in observed.loc[name, "why"]


def test_a_record_without_winds_says_so_and_keeps_what_needs_none():
    calm = wind_from(pd.DataFrame(columns=["time", "eastward_wind", "northward_wind"]))
    made = supplements(replace(given(), wind=calm))["supplements"].set_index("name")
    for name in ("supply_log_ratio", "speed_long", "radiant_over_sheet", "shower_nights", "radius_log_ratio"):
        assert made.loc[name, "why"] == "the record holds no winds"
    assert made.loc["sheet_sign", "why"] == "the record holds no winds and no maps of TEC that could be searched"
    for name in ("speed_zenith", "peak_after_hour", "influx_days", "spacing_cv"):
        assert np.isfinite(made.loc[name, "value"])


def test_stripes_of_another_metal_are_not_taken_for_calcium():
    made = supplements(replace(given(), species="Na"))
    assert made["supplement_stripes"].empty
    observed = made["supplements"].set_index("name")
    for name in ("supply_log_ratio", "speed_zenith", "influx_days", "spacing_cv", "radiant_over_sheet"):
        assert np.isnan(observed.loc[name, "value"])
        assert observed.loc[name, "why"] == "it is about Ca+; the record holds Na"


@pytest.mark.parametrize(("site", "there"), [((40.5, 116.3), True), ((18.3, -66.8), False), ((40.4, -116.0), False)])
def test_the_sky_of_one_lidar_is_not_taken_for_that_of_another(site, there):
    """Sidereal time, air and field are those over the paper's lidar; Arecibo has others."""
    observed = supplements(replace(given(), site=site))["supplements"].set_index("name")
    for name in ("supply_log_ratio", "speed_zenith", "radiant_over_sheet", "shower_nights"):
        assert np.isfinite(observed.loc[name, "value"]) == there
        assert there or "stands elsewhere" in observed.loc[name, "why"]


def test_an_angle_of_chance_looks_like_a_shower_on_one_night_of_twenty():
    """Slopes of a shower that is turned by any angle: p is even, so that 5 % of angles lie below 0.05."""
    found = []
    moved = drifting(np.zeros(len(TIMES)))
    towards = np.degrees(np.arctan2(moved["eastward_m_s"], moved["northward_m_s"])).to_numpy()
    zenith, azimuth = showers.on_the_sky(showers.near(TIMES[0]), TIMES.to_numpy())
    one = int(zenith.max(axis=1).argmin())
    for angle in np.linspace(0.0, 360.0, 180, endpoint=False):
        tangent = -np.tan(np.radians(zenith[one])) * np.cos(np.radians(azimuth[one] + angle - towards))
        found.append(showers.night(drifting(tangent / (1e-3 * moved["speed_m_s"])), int(angle))["shower_p"])
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.02)


def test_winds_and_tec_that_are_there_but_do_not_reach_are_not_called_absent():
    """Winds of another night, and a night of TEC without a region: the reason is the night's, not the record's."""
    moved = wind_from(pd.DataFrame({"time": pd.to_datetime(["2021-01-08 12:00"]), "eastward_wind": 50.0,
                                    "northward_wind": 0.0}))  # fmt: skip
    calm = pd.DataFrame({"night": [NIGHT], "left_out": ["no enhanced region"]}).reindex(columns=list(TEC_ENHANCEMENT))
    made = supplements(replace(given(tec_enhancement=calm), wind=moved))["supplements"].set_index("name")
    assert made.loc["speed_long", "why"] == "no long stripe has a wind near enough in time"
    assert made.loc["metal_log_ratio", "why"] == "no night has both stripes and a region of enhanced TEC"


def test_without_any_stripe_nothing_is_tested_but_what_needs_none():
    empty = STRIPES.empty().astype({"time_bottom": "datetime64[ns]", "time_top": "datetime64[ns]"})
    made = supplements(given(detect_stripes=empty))
    for name, table in made.items():
        DERIVE_TABLES[f"{name}.csv"].checked(table)
    observed = made["supplements"].set_index("name")
    tested = set(observed.index[observed["value"].notna()])
    assert tested == {
        "review_differing", "review_differing_protons", "lifetime_log_ratio", "lifetime_days", "neutral_life",
        "peak_after_hour",
    }  # fmt: skip
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


def test_stripes_of_one_night_are_one_trial_of_a_sign():
    # A night of four stripes with the sign and one of two without: one of two trials, not four of six.
    same, nights = np.array([True] * 4 + [False] * 2), np.array(["a"] * 4 + ["b"] * 2)
    value, low, high = directions.share_of_nights(same, nights, 0.95)
    wilson = stats.binomtest(1, 2).proportion_ci(0.95, method="wilson")
    assert (value, low, high) == pytest.approx((0.5, wilson.low, wilson.high))
