"""Whole nights of known truth: where stripes are and how steep, and what must not be found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from metalclouds.errors import ContractError
from metalclouds.schema.datasets import DETECT, check_dataset
from metalclouds.schema.tables import DETECT_NIGHTS, EVENTS, REJECTED, STRIPE_PROFILES, STRIPES
from tests.detect import scenes, scoring
from tests.detect.scenes import Cloud, Scene, Stripe

SETTINGS = DetectSettings()
PAIR = (
    Stripe(14.5, 112.0, 260.0, -1.70, 20.0, 20.0),
    Stripe(15.0, 125.0, 240.0, -1.55, 20.0, 20.0),
    Stripe(16.5, 150.0, 280.0, 6.0, 12.0, 30.0),
)
SCENE = Scene(seed=7, night="2021-01-10", stripes=PAIR)


def detect(scene: Scene):
    return detect_night(scenes.make_night(scene), SETTINGS)


@pytest.fixture(scope="module")
def found():
    return detect(SCENE)


@pytest.fixture(scope="module")
def quiet():
    return detect(Scene(seed=8, night="2021-01-10"))


def test_each_stripe_is_found_once(found):
    score, false = scoring.score_night(SCENE, found.stripes, bound=False)
    assert score["found"].all()
    assert false == 0


def test_where_and_how_steep(found):
    score, _ = scoring.score_night(SCENE, found.stripes)
    assert (score["error"].abs() < 4 * score["bound"]).all()
    assert (score["bottom"].abs() < 2.5).all()
    assert (score["top"].abs() < 4.0).all()
    assert score["width"].to_numpy() == pytest.approx(1.0, abs=0.35)
    assert score["n"].to_numpy() == pytest.approx(1.0, abs=0.35)


def test_times_of_the_ends(found):
    row = found.stripes.iloc[0]
    origin = pd.Timestamp(SCENE.night)
    for end in ("bottom", "top"):
        expected = PAIR[0].centre_s(np.array(row[f"{end}_km"]))
        assert (row[f"time_{end}"] - origin).total_seconds() == pytest.approx(float(expected), abs=6)


def test_a_stripe_that_reaches_the_main_layer_is_a_direct_connection(found):
    assert list(found.stripes["reaches_main_layer"]) == [True, False, False]
    direct = found.events[found.events["kind"] == "direct_connection"]
    assert len(direct) == 1
    assert abs((direct["start_utc"].iloc[0] - pd.Timestamp("2021-01-10T14:30")).total_seconds()) < 240
    assert found.night["connection_kind"].iloc[0] == "direct"


def test_tables_and_product_keep_the_contract(found):
    check_dataset(found.dataset, DETECT, "night")
    for table, columns in (
        (found.stripes, STRIPES),
        (found.stripe_profiles, STRIPE_PROFILES),
        (found.events, EVENTS),
        (found.night, DETECT_NIGHTS),
    ):
        assert list(table.columns) == list(columns)
        assert len(table)


def test_mask_marks_the_stripe(found):
    mask = found.dataset["mic_mask"]
    z = float(mask["altitude"].sel(altitude=190.0, method="nearest"))
    time = np.datetime64("2021-01-10") + np.timedelta64(int(PAIR[0].centre_s(np.array(z))), "s")
    assert int(mask.sel(time=time, altitude=z, method="nearest")) == 2
    assert int(mask.sel(time="2021-01-10T13:00", altitude=z, method="nearest")) == 0


def test_a_quiet_night_has_the_same_schema_and_nothing_in_it(found, quiet):
    assert list(quiet.stripes.columns) == list(found.stripes.columns)
    assert list(quiet.events.columns) == list(found.events.columns)
    assert len(quiet.stripes) == len(quiet.events) == 0
    assert not quiet.night["above_150"].iloc[0]
    assert quiet.night["observed"].iloc[0]
    assert set(np.unique(quiet.dataset["mic_mask"])) == {0}


def test_noise_floor_of_the_scene(quiet):
    # 15 bins of 2 counts at 250 km: sqrt(2 / 15) counts a bin, times C z^2.
    expected = scenes.CALIBRATION * 250.0**2 * np.sqrt(2.0 / 15)
    assert quiet.night["noise_floor_cm3"].iloc[0] == pytest.approx(expected, rel=0.1)


def test_bright_layers_below_do_not_leak_up():
    layers = (Cloud(13, 18, 118, 2.0, 500.0), Cloud(14, 19, 128, 1.5, 200.0, 3.0))
    night = detect(Scene(seed=9, night="2021-01-10", clouds=layers, main_layer=300.0)).night
    assert not night["above_150"].iloc[0]
    assert night["stripes"].iloc[0] == 0


def test_bursts_and_misfires_are_no_stripes():
    scene = Scene(seed=10, night="2021-01-10", bursts=((100, 2.0), (300, 0.8), (301, 15.0)), misfires=(500,))
    night = detect(scene)
    assert len(night.stripes) == 0
    assert not night.night["above_150"].iloc[0]
    flags = night.dataset["profile_flag"].values
    assert [int(flags[i]) for i in (100, 300, 301, 500)] == [1, 1, 1, 2]
    assert (flags != 0).sum() == 4


def test_a_vertical_stripe_is_no_burst():
    scene = Scene(seed=11, night="2021-01-10", stripes=(Stripe(15.0, 112.0, 290.0, 0.0, 40.0, 20.0),))
    night = detect(scene)
    assert len(night.stripes) == 1
    assert not night.stripes["resolved"].iloc[0]
    assert abs(night.stripes["slowness_s_per_km"].iloc[0]) < 0.15


def test_gaps_create_nothing():
    night = detect(Scene(seed=12, night="2021-01-10", gaps=((13.2, 13.3), (14.0, 15.5), (17.0, 17.02))))
    assert len(night.stripes) == len(night.events) == 0
    assert not night.night["above_150"].iloc[0]


def test_a_stripe_across_a_gap_is_one_stripe():
    scene = replace(SCENE, stripes=(PAIR[2],), gaps=((16.45, 16.55),))
    score, false = scoring.score_night(scene, detect(scene).stripes)
    assert score["found"].all()
    assert false == 0
    assert abs(score["error"].iloc[0]) < 6 * score["bound"].iloc[0]


def test_twilight_profiles_are_not_used():
    # On 2021-06-10 the sun is above -12 deg at Yanqing until about 13 UT.
    night = detect(Scene(seed=13, night="2021-06-10", start=11.5, end=18.0))
    flags = night.dataset["profile_flag"]
    assert (flags.sel(time=slice("2021-06-10T11:30", "2021-06-10T12:30")) == 3).all()
    assert (flags.sel(time=slice("2021-06-10T13:30", "2021-06-10T17:00")) == 0).all()
    assert (night.dataset["mic_mask"].sel(time=slice("2021-06-10T11:30", "2021-06-10T12:30")) == 3).all()


def test_profiles_twice_as_long_are_no_bursts_and_no_stripes():
    night = scenes.make_night(Scene(seed=21, night="2021-01-10"))
    half = night.sizes["time"] // 2
    short, pairs = night.isel(time=slice(0, half)), night.isel(time=slice(half, half + (half // 2) * 2))
    first, second = pairs.isel(time=slice(0, None, 2)), pairs.isel(time=slice(1, None, 2))
    long = first.copy()
    for name in ("photon_counts", "background_counts", "integration_time"):
        long[name] = (first[name].dims, first[name].values + second[name].values)
    long["background_counts_error"] = first["background_counts_error"] * np.sqrt(2)
    long["calibration_factor"] = first["calibration_factor"] / 2
    long = long.assign_coords(time=first["time"] + (second["time"].values - first["time"].values) / 2)
    found = detect_night(xr.concat([short, long], "time"), SETTINGS)
    # Bursts of 6 sigma in 650 profiles of noise: none.
    assert (found.dataset["profile_flag"] == 0).all()
    assert len(found.stripes) == 0
    # The sky doubles with the accumulation: 2 counts a bin before, 4 after, as the scene has it within its waves.
    before, after = (float(found.dataset["background"][part].mean()) for part in (slice(0, half), slice(half, None)))
    assert after / before == pytest.approx(2.0, rel=0.2)


def test_the_faint_body_above_a_bright_foot_belongs_to_its_stripe():
    stripes = tuple(Stripe(13.0 + 0.7 * i, 110.0, 230.0, 0.5, 4.0, 20.0, flare=4.0) for i in range(8))
    found = detect(Scene(seed=22, night="2021-01-10", stripes=stripes, background=1.0)).stripes
    tops = [found.iloc[i]["top_km"] for _, i in scoring.match(Scene(stripes=stripes, night="2021-01-10"), found)]
    # A body of 4 cm-3 above 135 km has a matched signal-to-noise ratio of about 20: its top is known to a few km.
    assert len(tops) == 8
    assert sum(abs(top - 230.0) < 15.0 for top in tops) >= 7


def test_a_night_without_light_is_not_observed():
    night = scenes.make_night(Scene(seed=23, night="2021-01-10"))
    night["photon_counts"] = night["photon_counts"] * 0
    night["background_counts"] = night["background_counts"] * np.nan
    row = detect_night(night, SETTINGS).night.iloc[0]
    assert not row["observed"]
    assert not row["above_150"]


@pytest.mark.parametrize(("cut", "said"), [("altitude", "ends too low"), ("calibration_factor", "no profile has a")])
def test_nights_that_cannot_be_detected_say_why(cut, said):
    night = scenes.make_night(Scene(seed=24, night="2021-01-10"))
    if cut == "altitude":
        night = night.sel(altitude=slice(None, 130.0))
    else:
        night[cut] = night[cut] * np.nan
    with pytest.raises(ContractError, match=said):
        detect_night(night, SETTINGS)


def test_a_faint_cloud_above_150_km():
    cloud = Cloud(14.0, 15.5, 230.0, 12.0, 1.0)
    night = detect(Scene(seed=14, night="2021-01-10", clouds=(cloud,)))
    row = night.night.iloc[0]
    assert row["above_150"]
    assert row["p_false"] < 1e-3
    assert row["cloud_bottom_km"] > 180
    assert abs((row["cloud_start_utc"] - pd.Timestamp("2021-01-10T14:00")).total_seconds()) < 1500


def test_a_descending_cloud_merges():
    # From 200 km at 13 UT by 25 km an hour: half of its peak, 1.18 thicknesses below, passes 120 km at 15.73.
    cloud = Cloud(13.0, 18.5, 200.0, 10.0, 40.0, 25.0)
    night = detect(Scene(seed=15, night="2021-01-10", clouds=(cloud,)))
    merges = night.events[night.events["kind"] == "descending_merge"]
    assert len(merges) == 1
    onset = merges["start_utc"].iloc[0]
    assert abs(onset - pd.Timestamp("2021-01-10T15:44")) < pd.Timedelta("5min")
    # 25 km an hour is 6.9 m/s.
    assert merges["descent_m_s"].iloc[0] == pytest.approx(6.9, abs=1.5)
    assert night.night["connection_kind"].iloc[0] == "descending"


@pytest.mark.parametrize(("bottom", "apart"), [(122.0, True), (100.0, False)])
def test_a_low_cloud_stands_apart_where_the_density_sinks_between(bottom, apart):
    """20 cm-3 up to 160 km for four hours, over a layer whose density at 110 km is 0.03 cm-3 (4 sigma)."""

    def slab(time, altitude):
        return 20.0 * ((altitude > bottom) & (altitude < 160.0) & (time > 13 * 3600) & (time < 17 * 3600))

    night = detect(Scene(seed=18, night="2021-01-10", layers=(slab,)))
    cloud = night.events[night.events["kind"] == "cloud"].iloc[0]
    assert 118.0 < cloud["bottom_km"] < 125.0
    assert cloud["detached"] == apart
    assert cloud["p_false"] == 1e-6


def test_a_detached_cloud_does_not_merge():
    night = detect(Scene(seed=16, night="2021-01-10", clouds=(Cloud(13.0, 17.0, 240.0, 15.0, 20.0),)))
    assert list(night.events["kind"]) == ["cloud"]
    assert night.events["detached"].iloc[0]
    assert night.night["clear_200_300"].iloc[0]
    assert night.night["connection_kind"].iloc[0] == "none"


def test_a_smooth_cloud_holds_no_stripes():
    night = detect(Scene(seed=17, night="2021-01-10", clouds=(Cloud(13.0, 17.0, 230.0, 15.0, 20.0, 5.0),)))
    assert len(night.stripes) == 0


def test_a_group_of_parallel_stripes():
    pack = tuple(Stripe(14.0 + 0.08 * i, 130.0, 250.0, -3.0, 20.0, 20.0) for i in range(4))
    other = Stripe(17.5, 130.0, 250.0, 4.0, 20.0, 20.0)
    night = detect(Scene(seed=18, night="2021-01-10", stripes=(*pack, other)))
    assert list(night.stripes["group"]) == [1, 1, 1, 1, 0]
    assert night.night["parallelism_s_per_km"].iloc[0] < 0.05


def test_a_bend_is_reported():
    bent = Stripe(15.0, 140.0, 260.0, 2.0, 30.0, 20.0, curvature=0.01)
    row = detect(Scene(seed=19, night="2021-01-10", stripes=(bent,))).stripes.iloc[0]
    assert row["curvature_s_per_km2"] == pytest.approx(0.01, abs=4 * row["curvature_sigma_s_per_km2"])
    assert row["curvature_s_per_km2"] > 5 * row["curvature_sigma_s_per_km2"]


def test_widening_downwards_shows_in_the_profiles():
    wide = Stripe(15.0, 130.0, 270.0, 1.5, 30.0, 30.0, widening=0.8)
    along = detect(Scene(seed=20, night="2021-01-10", stripes=(wide,))).stripe_profiles
    low, high = along.iloc[0], along.iloc[-1]
    expected = float(wide.width_at(np.array(low["altitude_km"])) / wide.width_at(np.array(high["altitude_km"])))
    assert low["width_s"] / high["width_s"] == pytest.approx(expected, rel=0.3)


def test_share_of_the_signal_in_stripes():
    only = detect(Scene(seed=21, night="2021-01-10", stripes=PAIR)).night["stripe_signal_share"].iloc[0]
    cloud = Cloud(13.5, 17.5, 210.0, 15.0, 15.0)
    both = (
        detect(Scene(seed=21, night="2021-01-10", stripes=PAIR, clouds=(cloud,))).night["stripe_signal_share"].iloc[0]
    )
    assert only > 0.8
    assert both < 0.4


def test_counts_that_were_not_recorded_are_no_zeros():
    """Some bins and a whole profile as NaN, as the ingest writes a file's fill value: the same stripes."""
    night = scenes.make_night(SCENE)
    missing = night.copy()
    missing["photon_counts"] = night["photon_counts"].astype("float32")
    missing["photon_counts"][100] = np.nan
    missing["photon_counts"][300:340, 1500:1510] = np.nan
    found = detect_night(missing, SETTINGS)
    score, false = scoring.score_night(SCENE, found.stripes)
    assert score["found"].all()
    assert false == 0
    assert (found.dataset["mic_mask"][100] == 3).all()


@pytest.mark.parametrize(
    ("stripe", "rule", "limit"),
    [
        (Stripe(14.0, 180.0, 184.0, -2.0, 60.0), "height", 6.0),
        (Stripe(14.0, 112.0, 128.0, 9.0, 60.0), "top", 140.0),
        (Stripe(14.0, 160.0, 175.0, 5.0, 60.0, width_s=1000.0), "elongation", 0.4),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_what_is_no_stripe_is_listed_with_the_rule_that_says_so(stripe, rule, limit):
    night = detect(Scene(seed=33, night="2021-01-10", start=13.0, end=15.0, stripes=(stripe,)))
    row = night.rejected.sort_values("significance").iloc[-1]
    assert not len(night.stripes)
    REJECTED.checked(night.rejected)
    assert (row["rule"], row["limit"]) == (rule, limit)
    assert row["value"] < limit
    assert abs((row["time_middle"] - pd.Timestamp("2021-01-10T14:00")).total_seconds()) < 120


def test_what_was_found_is_not_listed_as_rejected(found):
    assert not (found.rejected["significance"] > found.stripes["significance"].max()).any()


def test_a_short_wide_trail_counts_where_it_stands_alone():
    # 10 km tall and 240 s wide: 14.4 km at a drift of 60 m/s.
    trail = Stripe(14.0, 142.0, 152.0, 3.0, 40.0, width_s=240.0)
    (found,) = detect(Scene(seed=34, night="2021-01-10", start=13.0, end=15.0, stripes=(trail,))).stripes.to_dict(
        "records"
    )
    assert found["width_s"] == pytest.approx(240.0, rel=0.15)
    assert found["top_km"] == pytest.approx(152.0, abs=3.0)
    layer = Cloud(13.0, 15.0, 147.0, 2.0, 40.0)
    inside = detect(Scene(seed=34, night="2021-01-10", start=13.0, end=15.0, stripes=(trail,), clouds=(layer,)))
    assert not len(inside.stripes)


def test_waves_of_thin_layers_are_no_stripes():
    def wave(time, altitude):
        height = 125.0 + 4.0 * np.sin(2 * np.pi * time / 400.0)
        return 200.0 * np.exp(-0.5 * ((altitude - height) / 1.0) ** 2)

    assert not len(detect(Scene(seed=35, night="2021-01-10", start=13.0, end=15.0, layers=(wave,))).stripes)


def test_a_row_of_stripes_that_come_down_is_not_one_stripe():
    # 20 km tall, one in 6 min, each 12 km below the one before.
    row = tuple(
        Stripe(14.0 + 0.1 * k, 200.0 - 12.0 * k, 220.0 - 12.0 * k, -3.0, 60.0, width_s=60.0) for k in range(7)
    )
    found = detect(Scene(seed=36, night="2021-01-10", start=13.0, end=16.0, stripes=row)).stripes
    assert len(found) == len(row)
    assert found["width_s"].max() < 150.0


def test_a_line_does_not_join_two_lights_over_a_dark_gap():
    lower, upper = (
        Stripe(14.0, 130.0, 150.0, -2.0, 60.0, width_s=50.0),
        Stripe(14.0, 190.0, 230.0, -2.0, 40.0, width_s=50.0),
    )
    # On one line of 2 s/km: the middles, 140 and 210 km, are 140 s apart.
    upper = replace(upper, hour=14.0 - 140.0 / 3600.0)
    found = detect(Scene(seed=37, night="2021-01-10", start=13.0, end=15.0, stripes=(lower, upper))).stripes
    assert sorted(found["bottom_km"].round(-1)) == [130.0, 190.0]


def test_a_candidate_rejected_for_its_height_is_lower_than_the_limit():
    """The height is that of the round in which it was given up, not of the first fit."""
    rng = np.random.default_rng(0)
    short = tuple(
        Stripe(12.7 + 0.17 * number, bottom, bottom + rng.uniform(4, 8), rng.uniform(-3, 3), rng.uniform(20, 60))
        for number, bottom in enumerate(rng.uniform(150, 230, 20))
    )
    rejected = detect(Scene(start=12.5, end=16.3, stripes=short)).rejected
    low = rejected[rejected["rule"] == "height"]
    assert len(low) >= 5
    assert (low["value"] < low["limit"]).all()
