"""The truth of the simulated campaign against the numbers of the paper and against independent calculations."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import metalclouds.twin
from metalclouds.errors import ConfigError
from metalclouds.twin import scenario, truth
from metalclouds.twin.cases import read_cases
from metalclouds.twin.packs import slowness_s_per_km, widest_drift_angle_deg
from metalclouds.twin.settings import TruthChanges, TwinSettings
from metalclouds.twin.sun import moonlight, solar_elevation_deg

CASES_FILE = Path(__file__).parents[2] / "config/twin_cases.yaml"


def case_nights(**changes):
    settings = TwinSettings(nights="cases", changes=TruthChanges(**changes))
    return {night.panel: night for night in scenario.campaign(settings)}


@pytest.fixture(scope="module")
def nights():
    return scenario.campaign(TwinSettings())


@pytest.fixture(scope="module")
def cases():
    return case_nights()


def utc(text):
    return np.datetime64(text, "s")


@pytest.mark.parametrize("seed", [20200601, 1, 2])
def test_counts_of_the_paper(seed):
    nights = scenario.campaign(TwinSettings(seed=seed))
    assert len({night.night for night in nights}) == 257  # P.105
    assert sum(night.above_150 for night in nights) == 37  # P.105
    assert sum(night.clear_200_300 for night in nights) == 15  # P.107
    assert nights[0].night >= "2020-06-01"  # P.104
    assert nights[-1].night <= "2022-10-31"


def test_months_with_clouds(nights):
    months = np.bincount([int(night.night[5:7]) for night in nights if night.above_150], minlength=13)
    assert months[3] == 0  # P.204-208
    assert months[4] == months[12] == 1
    assert min(months[[1, 5, 6, 7, 8]]) >= 4


def test_occurrence_peaks_in_june_and_has_a_second_peak_in_january(nights):
    months = np.array([int(night.night[5:7]) for night in nights])
    cloudy = np.array([night.above_150 for night in nights])
    rate = np.array([cloudy[months == month].mean() for month in range(1, 13)])
    assert np.argmax(rate) == 5
    assert rate[0] > max(rate[11], rate[1])


def test_nights_lie_in_darkness(nights):
    for night in nights:
        midnight = np.datetime64(night.night, "s")
        assert midnight + np.timedelta64(10, "h") <= night.start < night.end <= midnight + np.timedelta64(23, "h")
        assert night.end - night.start >= np.timedelta64(3, "h")


@pytest.mark.parametrize(
    ("panel", "start", "end", "edges"),
    [
        ("c", "2021-06-04T13:44", "2021-06-04T15:06", (190, 250)),  # P.115
        ("d", "2021-06-18T17:30", "2021-06-18T18:30", (218, 242)),  # P.116, centre 230 -> 130 km
    ],
)
def test_clouds_of_the_paper(cases, panel, start, end, edges):
    (cloud,) = [one for one in cases[panel].clouds if one.start == utc(start) and one.end == utc(end)]
    assert (cloud.start_bottom_km, cloud.start_top_km) == edges


def test_detached_cloud_of_panel_a(cases):
    stripes = cases["a"].stripes
    assert min(stripe.bottom_km for stripe in stripes) >= 190  # P.114
    assert 270 < max(stripe.top_km for stripe in stripes) <= 290
    assert cases["a"].connections == ()


def test_feature_of_panel_d_descends_from_230_to_130_km(cases):
    (cloud,) = [one for one in cases["d"].clouds if one.descending and one.merges_at is None]
    assert (cloud.start_bottom_km + cloud.start_top_km) / 2 == 230
    assert (cloud.end_bottom_km + cloud.end_top_km) / 2 == 130


@pytest.mark.parametrize(
    ("panel", "time"), [("b", "2021-06-03T19:00"), ("c", "2021-06-04T18:00"), ("d", "2021-06-18T17:30")]
)
def test_merging_at_the_times_of_the_paper(cases, panel, time):
    (cloud,) = [one for one in cases[panel].clouds if one.merges_at is not None]
    # The paper's layer lies near 100-110 km (P.109): there at the printed time, at its upper limit before.
    bottom, _ = cloud.edges_km(np.array([utc(time), cloud.merges_at]))
    assert bottom == pytest.approx([108, 120], abs=1.0)  # P.120-121
    assert cloud.merges_at < utc(time)


@pytest.mark.parametrize(
    ("panel", "start", "end"),
    [
        ("b", "2021-06-03T14:00", "2021-06-03T14:30"),  # P.118
        ("c", "2021-06-04T15:32", "2021-06-04T17:10"),  # P.118
        ("d", "2021-06-18T15:14", "2021-06-18T15:18"),  # P.119: 15:16
        ("e", "2022-01-16T15:41", "2022-01-16T15:45"),  # P.119: 15:43
        ("f", "2021-05-10T14:30", "2021-05-10T14:40"),  # P.119: 14:35
    ],
)
def test_direct_connections_and_the_stripes_that_make_them(cases, panel, start, end):
    (connection,) = [
        one for one in cases[panel].connections if (one.kind, one.start, one.end) == ("direct", utc(start), utc(end))
    ]
    feet = [s.time_bottom for s in cases[panel].stripes if s.bottom_km <= 111]
    assert sum(connection.start <= foot <= connection.end for foot in feet) >= 1


def test_marked_pair(cases):
    first, second = (stripe for stripe in cases["f"].stripes if stripe.marked)
    assert (first.beta_deg, second.beta_deg) == (5.82, 5.32)  # P.274
    assert (first.bottom_km, first.top_km) == (110, 260)  # P.232
    spans = [
        (one.time_bottom - one.time_top).astype("timedelta64[ms]").astype(float) / 1e3 for one in (first, second)
    ]
    # 150 km tall at 60 m/s: 150e3 / 60 * (tan 5.82 deg - tan 5.32 deg) = 22 s, upper ends first (both descend).
    assert spans[0] - spans[1] == pytest.approx(22, abs=1.5)
    assert spans[0] == pytest.approx(254.8, abs=3)


def test_wind_of_the_marked_pair(cases):
    eastward, northward = scenario.wind_250km(cases["f"], np.array([utc("2021-05-10T14:30")]))
    assert np.hypot(eastward, northward)[0] == pytest.approx(60, abs=0.5)


def test_enhancement_of_18_june(cases):
    event = cases["d"].enhancement
    # P.142-147: in the map of 14:36, not in the one before, 13:48 if they are evenly spaced.
    assert utc("2021-06-18T13:48") < event.onset < utc("2021-06-18T14:36")
    assert (event.latitude_south, event.latitude_north) == (25, 42)
    times = np.array([utc(f"2021-06-18T{clock}") for clock in ("13:48", "14:36", "15:48", "17:36", "19:36")])
    before, seen, peak, weak, gone = event.strength(times)
    assert before == 0
    assert seen > 0.2
    assert peak == 1
    assert weak < 0.35
    assert gone == 0


def test_sporadic_e_of_10_may(cases):
    def present(clock):
        time = utc(f"2021-05-10T{clock}")
        return any(one.start <= time < one.end for one in cases["f"].es)

    assert [present(c) for c in ("13:15", "14:15", "14:30", "14:45", "15:00", "15:15")] == [
        False, False, True, False, True, False,
    ]  # P.182-185  # fmt: skip
    assert {one.height_km for one in cases["f"].es if one.response} == {110}


def test_double_es_after_1850(cases):
    (upper,) = [one for one in cases["c"].es if one.upper]
    assert upper.start == utc("2021-06-04T18:50")  # P.178
    assert upper.height_km == 110


def test_every_entry_of_the_case_file_says_where_it_is_from():
    def entries(node):
        if isinstance(node, dict):
            yield node
            for value in node.values():
                yield from entries(value)
        elif isinstance(node, list):
            for value in node:
                yield from entries(value)

    content = yaml.safe_load(CASES_FILE.read_text(encoding="utf-8"))
    sourced = [entry for entry in entries(content) if "from" in entry]
    assert len(sourced) > 50
    assert all("P." in entry["from"] or "ssumed" in entry["from"] for entry in sourced)
    numbered = [e for e in entries(content) if "time" in e and "kind" not in e]
    assert all("from" in entry for entry in numbered)


def test_shift_of_everything(cases):
    moved = case_nights(shift_minutes=40, shift_km=15, shift_days=11)
    assert {night.night for night in moved.values()} == {
        "2021-01-19", "2021-06-14", "2021-06-15", "2021-06-29", "2022-01-27", "2021-05-21",
    }  # fmt: skip
    late = np.timedelta64(11 * 1440 + 40, "m")
    for panel, night in cases.items():
        other = moved[panel]
        assert [one.start + late for one in night.connections] == [one.start for one in other.connections]
        assert [one.start + late for one in night.clouds] == [one.start for one in other.clouds]
        assert [one.start + late for one in night.es] == [one.start for one in other.es]
        assert (night.enhancement is None) == (other.enhancement is None)
        if night.enhancement:
            assert night.enhancement.onset + late == other.enhancement.onset
    assert moved["c"].clouds[0].start_bottom_km == 205
    assert next(s for s in moved["f"].stripes if s.marked).top_km == 275
    assert next(s for s in moved["f"].stripes if s.marked).bottom_km == 110  # still reaches the main layer
    assert len(scenario.calendar(TwinSettings(changes=TruthChanges(shift_days=11)))) == 257


def test_switches_change_the_truth(nights):
    flat = scenario.campaign(TwinSettings(changes=TruthChanges(january_peak=False)))
    assert sum(n.above_150 for n in flat if n.night[5:7] == "01") == 2  # only the two case nights
    january = [np.log(n.main_layer.column_cm2) for n in nights if n.night[5:7] == "01"]
    flatter = [np.log(n.main_layer.column_cm2) for n in flat if n.night[5:7] == "01"]
    assert np.mean(flatter) < np.mean(january) - 0.3
    assert all(night.enhancement is None for night in case_nights(tec_enhancement=False).values())
    assert not any(one.response for night in case_nights(es_response=False).values() for one in night.es)


def test_beta_scale_scales_slowness(cases):
    scaled = case_nights(beta_scale=2.0)["f"]
    first = next(s for s in cases["f"].stripes if s.marked)
    second = next(s for s in scaled.stripes if s.marked)
    assert np.tan(np.deg2rad(second.beta_deg)) == pytest.approx(2 * np.tan(np.deg2rad(first.beta_deg)))
    assert second.slowness_s_per_km == pytest.approx(2 * first.slowness_s_per_km)


def test_a_low_ceiling_leaves_no_clear_night():
    nights = scenario.campaign(TwinSettings(changes=TruthChanges(clouds_top_km=140)))
    assert not any(night.above_150 or night.clear_200_300 for night in nights)


def test_a_high_floor_leaves_no_connection_and_the_stripes_where_they_were():
    (plain,) = scenario.campaign(TwinSettings(nights=("2021-05-10",)))
    (cut,) = scenario.campaign(TwinSettings(nights=("2021-05-10",), changes=TruthChanges(clouds_bottom_km=140)))
    assert plain.connections
    assert cut.connections == ()
    assert min(stripe.bottom_km for stripe in cut.stripes) >= 140
    first, second = (next(one for one in night.stripes if one.marked) for night in (plain, cut))
    altitude = np.array([150.0, 200.0])
    apart = (first.time_at(altitude) - second.time_at(altitude)) / np.timedelta64(1, "ms")
    # Times are kept to the millisecond.
    assert np.abs(apart).max() <= 2


def test_a_night_does_not_depend_on_the_others(nights):
    quiet = next(night for night in nights if not night.stripes)
    (alone,) = scenario.campaign(TwinSettings(nights=(quiet.night,)))
    assert alone == quiet


@pytest.mark.parametrize(("wanted", "count"), [("cases", 6), (4, 4), (10, 10), (500, 257)])
def test_number_of_nights(wanted, count):
    nights = scenario.campaign(TwinSettings(nights=wanted))
    assert len(nights) == count
    assert sum(night.panel is not None for night in nights) == min(count, 6)


def test_unknown_night_is_refused():
    with pytest.raises(ConfigError, match="2020-01-01"):
        scenario.campaign(TwinSettings(nights=("2020-01-01",)))


def test_mistakes_of_the_case_file_are_all_named(tmp_path):
    content = yaml.safe_load(CASES_FILE.read_text(encoding="utf-8"))
    content["cases"][0]["panel"] = "z"
    content["cases"][1]["events"][0]["time"] = ["14", "15"]
    path = tmp_path / "cases.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_cases(str(path))
    assert "cases.0.panel" in str(caught.value)
    assert "cases.1.events.0.time.0" in str(caught.value)


def test_geometry_of_a_stripe():
    # tan 45 deg = 1: at 50 m/s a kilometre of altitude is a kilometre of drift, 20 s; the top comes first.
    assert slowness_s_per_km(45, 0, 50) == pytest.approx(-20)
    assert slowness_s_per_km(45, 180, 50) == pytest.approx(20)
    # Project's example: H > 80 km and W = 0.5 km allow 7 deg at 5.8 deg and 0.6 deg at 49 deg.
    assert widest_drift_angle_deg(5.8, 0.5, 80) == pytest.approx(7, abs=0.1)
    assert widest_drift_angle_deg(49, 0.5, 80) == pytest.approx(0.6, abs=0.05)


def test_stripes_keep_the_geometry(nights):
    for night in nights:
        for stripe in night.stripes:
            eastward, northward = scenario.wind_250km(night, np.array([stripe.time_bottom]))
            speed = float(np.hypot(eastward, northward)[0])
            product = abs(stripe.slowness_s_per_km) * speed / 1e3
            # Wind changes a little between where the stripe was placed and its lower end.
            assert product == pytest.approx(
                np.tan(np.deg2rad(stripe.beta_deg)) * abs(np.cos(np.deg2rad(stripe.drift_angle_deg))),
                rel=0.05,
                abs=1e-3,
            )


def test_sun_against_astropy():
    from astropy import units
    from astropy.coordinates import AltAz, EarthLocation, get_sun
    from astropy.time import Time
    from astropy.utils import iers

    with iers.conf.set_temp("auto_download", False):
        times = np.arange("2021-01-01", "2021-12-31", 37 * 60 + 13, dtype="datetime64[m]")[::7]
        place = EarthLocation(lat=40.4 * units.deg, lon=116.0 * units.deg)
        moments = Time(times.astype("datetime64[ms]"), scale="utc")
        expected = get_sun(moments).transform_to(AltAz(obstime=moments, location=place)).alt.deg
    assert (
        np.abs(solar_elevation_deg(times, 40.4, 116.0) - expected).max() < 0.03
    )  # 0.01 deg of the series, 0.01 of UT1


def test_moon_at_known_phases():
    hours = np.arange(24)
    full = np.datetime64("2021-05-26T11:00", "s") + hours.astype("timedelta64[h]")  # eclipse at 11:19 UT
    new = np.datetime64("2021-06-10T00:00", "s") + hours.astype("timedelta64[h]")  # solar eclipse at 10:43 UT
    assert moonlight(full, 40.4, 116.0).max() > 0.3
    assert moonlight(new, 40.4, 116.0).max() < 0.01
    # Full moon opposite the sun: down at noon, up at midnight (local noon is 4:16 UT).
    assert moonlight(np.array([utc("2021-05-27T04:16")]), 40.4, 116.0)[0] == 0
    assert moonlight(np.array([utc("2021-05-26T16:16")]), 40.4, 116.0)[0] > 0.3


def test_twin_imports_nothing_of_the_pipeline():
    forbidden = {"fetch", "ingest", "detect", "derive", "figures", "claims", "report", "evaluate"}
    for path in Path(metalclouds.twin.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                parts = name.split(".")
                assert parts[0] != "metalclouds" or not forbidden & set(parts[1:2]), f"{path.name} imports {name}"


@pytest.mark.parametrize("seed", [20200601, 4, 9])
def test_monthly_columns_follow_the_paper(seed):
    settings = TwinSettings(seed=seed)
    nights = scenario.campaign(settings)
    columns = pd.DataFrame([{"night": one.night, **truth.columns_of(one)[0]} for one in nights])
    by_month = columns.groupby(columns.night.str[5:7].astype(int))
    column, density = by_month.column_density_cm2.mean(), by_month.main_layer_density_cm3.mean()
    others = [1, 2, 3, 4, 9, 10, 11, 12]
    assert column[[5, 6, 7, 8]].min() > column[others].max()  # P.212
    assert column[1] > max(column[12], column[2])  # P.213
    assert column.idxmin() == 3  # P.213
    assert density[[5, 6, 7]].min() > density.drop([5, 6, 7]).max()  # P.210
    assert columns.column_density_cm2.between(1.6e6, 4.2e8).all()  # Xun et al. 2024
    assert columns.centroid_km.mean() == pytest.approx(98.6, abs=1.0)  # Xun et al. 2024
