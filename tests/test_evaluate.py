"""Scores against hand-made truth and products whose errors are known."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds import cli, io
from metalclouds.claims.model import load_claims
from metalclouds.errors import ReadError
from metalclouds.evaluate.campaign import evaluate
from metalclouds.evaluate.command import add_command, lines
from metalclouds.evaluate.ionosphere import ENHANCEMENT_ERRORS
from metalclouds.evaluate.scores import spread
from metalclouds.evaluate.sporadic_e import CONNECTION_KINDS
from metalclouds.evaluate.stripe_matching import true_slowness
from metalclouds.evaluate.tables import NOT_THERE
from metalclouds.schema.tables import (
    DETECT_NIGHTS,
    ES_CASES,
    ES_RESPONSE,
    EVENTS,
    NIGHTS,
    STRIPES,
    TEC_ENHANCEMENT,
)
from metalclouds.twin import truth
from metalclouds.twin.scenario import campaign
from metalclouds.twin.settings import TwinSettings
from tests.claims.campaign import CLAIMS


def table(rows, columns):
    return pd.DataFrame(rows).reindex(columns=list(columns))


def at(clock, night="2021-05-10"):
    return pd.Timestamp(f"{night}T{clock}")


TRUE_STRIPES = [
    # night, id, bottom time, slowness, bottom, top, SNR, beta
    ("2021-05-10", 1, "14:30:00", -1.7, 112.0, 262.0, 60.0, 5.82),
    ("2021-05-10", 2, "14:40:00", -1.55, 112.0, 262.0, 40.0, 5.32),
    ("2021-05-10", 3, "15:10:00", 0.5, 180.0, 240.0, 20.0, 2.0),
    ("2021-06-03", 1, "14:05:00", -2.0, 115.0, 255.0, 30.0, 7.0),
    ("2021-06-03", 2, "16:00:00", -2.0, 180.0, 220.0, 5.0, 7.0),
]


def write_truth(folder):
    nights = [
        {"night": "2021-05-10", "panel": "f", "above_150": True, "clear_200_300": True},
        # Taken for panel d here, so that its enhancement is asked for.
        {"night": "2021-06-03", "panel": "d", "above_150": True, "clear_200_300": False,
         "cloud_start_utc": at("15:10", "2021-06-03"), "cloud_end_utc": at("18:30", "2021-06-03")},
        {"night": "2021-03-01", "above_150": False, "clear_200_300": False},
        {"night": "2021-03-02", "above_150": False, "clear_200_300": False},
    ]  # fmt: skip
    stripes = [
        {
            "night": night,
            "id": number,
            "time_bottom": at(clock, night),
            "time_top": at(clock, night) + pd.Timedelta(seconds=round(p * (top - bottom))),
            "bottom_km": bottom,
            "top_km": top,
            "slowness_s_per_km": p,
            "curvature_s_per_km2": 0.0,
            "width_s": 20.0,
            "peak_density_cm3": 10.0,
            "beta_deg": beta,
            "marked": number <= 2 and night == "2021-05-10",
            "matched_snr": snr,
            "profiles": 10,
        }
        for night, number, clock, p, bottom, top, snr, beta in TRUE_STRIPES
    ]
    connections = [
        {"night": "2021-05-10", "kind": "direct", "start_utc": at("14:30"), "end_utc": at("15:05")},
        {"night": "2021-06-03", "kind": "descending", "start_utc": at("19:00", "2021-06-03"),
         "end_utc": at("19:20", "2021-06-03")},
    ]  # fmt: skip
    es = [
        {"night": "2021-05-10", "start_utc": at("14:30"), "end_utc": at("15:20"), "foEs_MHz": 4.0, "fbEs_MHz": 2.5,
         "height_km": 110.0, "blanketing": False, "upper": False, "response": True},
        {"night": "2021-05-10", "start_utc": at("15:00"), "end_utc": at("15:20"), "foEs_MHz": 3.0, "fbEs_MHz": 2.5,
         "height_km": 120.0, "blanketing": True, "upper": True, "response": True},
    ]  # fmt: skip
    enhancements = [
        {"night": "2021-06-03", "onset_utc": at("15:00", "2021-06-03"), "peak_utc": at("16:30", "2021-06-03"),
         "end_utc": at("19:00", "2021-06-03"), "axis_longitude": 116.5, "latitude_south": 25.0,
         "latitude_north": 42.0, "width_km": 300.0, "peak_tecu": 3.5}
    ]  # fmt: skip
    columns = [
        {"night": "2021-05-10", "column_density_cm2": 1e8, "centroid_km": 98.0},
        {"night": "2021-06-03", "column_density_cm2": 2e8, "centroid_km": 99.0},
    ]
    hours = pd.date_range("2021-05-10T10:00", periods=13, freq="h")
    winds = [
        {"night": "2021-05-10", "time_utc": time, "altitude_km": 250.0, "eastward_wind": 10.0 * i,
         "northward_wind": -20.0, "upward_wind": 0.0}
        for i, time in enumerate(hours)
    ]  # fmt: skip
    everything = {"nights": nights, "stripes": stripes, "connections": connections, "es": es,
                  "enhancements": enhancements, "columns": columns, "winds": winds}  # fmt: skip
    for name, rows in everything.items():
        io.write_csv(folder / f"{name}.csv", pd.DataFrame(rows))


def found_stripe(truth, number, late=0.0, slowness_error=0.0, **more):
    night, _, clock, p, bottom, top, _, _ = truth
    p += slowness_error
    start = at(clock, night) + pd.Timedelta(seconds=late)
    row = {"night": night, "id": number, "time_bottom": start, "bottom_km": bottom, "top_km": top,
           "slowness_s_per_km": p, "slowness_sigma_s_per_km": 0.1, "width_s": 50.0, "peak_density_cm3": 8.0,
           "curvature_s_per_km2": 0.0, "beta_kind": "no_wind", **more}  # fmt: skip
    row["time_top"] = start + pd.Timedelta(seconds=round(p * (row["top_km"] - bottom)))
    return row


def angle(value, low, high, kind="value"):
    return {"beta_deg": value, "beta_low_deg": low, "beta_high_deg": high, "beta_kind": kind}


def write_run(folder):
    stripes = [
        found_stripe(TRUE_STRIPES[0], 1, late=4.0, slowness_error=0.05, **angle(6.02, 5.5, 6.5)),
        found_stripe(TRUE_STRIPES[1], 2, late=-4.0, slowness_error=-0.3, **angle(4.9, 4.7, 5.1)),
        # the lower part of stripe 1 once more: a fragment
        found_stripe(TRUE_STRIPES[0], 3, late=10.0, top_km=150.0),
        found_stripe(TRUE_STRIPES[3], 1, **angle(6.0, 5.5, 6.5, "lower_limit")),
        # nothing is there at 20 UT
        found_stripe(("2021-06-03", 9, "20:00:00", -1.0, 150.0, 250.0, 0, 0), 2),
    ]
    nights = [
        {"night": "2021-05-10", "observed": True, "above_150": True, "clear_200_300": True},
        {"night": "2021-06-03", "observed": True, "above_150": False, "clear_200_300": False},
        {"night": "2021-03-01", "observed": True, "above_150": True, "clear_200_300": False},
        {"night": "2021-03-02", "observed": False, "above_150": True, "clear_200_300": False},
    ]
    events = [
        {"night": "2021-05-10", "event": 1, "kind": "direct_connection", "start_utc": at("14:33")},
        {"night": "2021-05-10", "event": 2, "kind": "direct_connection", "start_utc": at("18:00")},
        {"night": "2021-05-10", "event": 3, "kind": "cloud", "start_utc": at("14:33")},
    ]
    es = [
        {"night": "2021-05-10", "time_utc": at("14:15"), "foEs_MHz": np.nan, "scaled_foEs_MHz": np.nan,
         "double_es": False},
        {"night": "2021-05-10", "time_utc": at("14:30"), "foEs_MHz": 4.05, "scaled_foEs_MHz": 4.0,
         "scaled_hEs_km": 112.5, "double_es": False},
        {"night": "2021-05-10", "time_utc": at("15:00"), "foEs_MHz": 3.85, "scaled_foEs_MHz": np.nan,
         "blanketing": True, "double_es": True, "upper_hEs_km": 121.0},
    ]  # fmt: skip
    response = [
        {"night": "2021-05-10", "connection_utc": at("14:33"), "end_utc": at("15:00"), "rise_during_MHz": 2.0,
         "rise_during_low_MHz": 1.0},
        {"night": "2021-06-03", "connection_utc": at("19:00", "2021-06-03"), "end_utc": at("19:20", "2021-06-03"),
         "rise_during_MHz": -0.5, "rise_during_low_MHz": -1.0},
    ]  # fmt: skip
    night = "2021-06-03"
    enhancement = [
        {"night": night, "method": "quiet_days", "onset_utc": at("15:06", night), "peak_utc": at("16:30", night),
         "end_utc": at("18:48", night), "axis_longitude": 116.0, "latitude_south": 25.5, "latitude_north": 42.0,
         "width_km": 330.0, "peak_tecu": 3.0, "found": True},
        {"night": night, "method": "quiet_days", "onset_utc": at("12:00", night), "found": True, "left_out": "G01"},
        {"night": "2021-06-04", "method": "quiet_days", "onset_utc": at("15:06", "2021-06-04"), "found": True},
    ]  # fmt: skip
    columns = [
        {"night": "2021-05-10", "column_density_cm2": 0.9e8, "centroid_km": 98.5},
        {"night": "2021-06-03", "column_density_cm2": 2.2e8, "centroid_km": 98.5},
    ]
    products = {
        "detect/stripes": table(stripes, STRIPES), "detect/nights": table(nights, DETECT_NIGHTS),
        "detect/events": table(events, EVENTS), "derive/nights": table(nights, NIGHTS),
        "derive/es_cases": table(es, ES_CASES),
        "derive/es_response": table(response, ES_RESPONSE), "derive/columns": pd.DataFrame(columns),
        "derive/tec_enhancement": table(enhancement, TEC_ENHANCEMENT),
    }  # fmt: skip
    for name, content in products.items():
        io.write_csv(folder / f"{name}.csv", content)


def write_wind(folder):
    times = pd.date_range("2021-05-10T12:30", periods=3, freq="h").to_numpy()
    shape = ("time", "emission")
    data = xr.Dataset(
        {
            "eastward_wind": (shape, [[0.0, 30.0], [0.0, 35.0], [0.0, 65.0]]),
            "northward_wind": (shape, [[0.0, -20.0]] * 3),
            "eastward_wind_error": (shape, [[1.0, 8.0]] * 3),
            "northward_wind_error": (shape, [[1.0, 8.0]] * 3),
        },
        coords={"time": times, "emission_wavelength": ("emission", [557.7, 630.0])},
        attrs=io.provenance(title="t", source="s", synthetic=True, inputs={}),
    )
    io.write_netcdf(folder / "ingest/fpi/cases/2021-05-10.nc", data)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    truth, run = tmp_path_factory.mktemp("truth"), tmp_path_factory.mktemp("run")
    write_truth(truth)
    write_run(run)
    write_wind(run)
    return truth, run


@pytest.fixture(scope="module")
def scores(folders):
    return evaluate(*folders)


def test_nights_are_counted_as_found_missed_and_false(scores):
    nights = scores["nights"]
    assert nights["nights_compared"] == 3  # one was not observed
    above = nights["above_150"]
    assert (above["found"], above["missed"], above["false"], above["rightly_none"]) == (1, 1, 1, 0)
    assert above["nights_wrong"] == ["2021-06-03", "2021-03-01"]
    assert nights["clear_200_300"]["recall"] == 1.0


def test_stripes_are_matched_one_to_one(scores):
    stripes = scores["stripes"]
    assert (stripes["true"], stripes["found"], stripes["matched"]) == (5, 5, 3)
    assert (stripes["fragments"], stripes["false"]) == (1, 1)
    assert stripes["precision"] == pytest.approx(4 / 5)
    assert stripes["recall_snr_from_12"] == pytest.approx(3 / 4)
    assert stripes["recall_by_snr"]["16-25"] == {"n": 1, "recall": 0.0}
    assert stripes["recall_by_snr"][">= 50"] == {"n": 1, "recall": 1.0}
    assert stripes["recall_by_peak_density"]["10-20"]["n"] == 5


def test_slowness_errors_and_the_coverage_of_their_interval(scores):
    slowness = scores["stripes"]["slowness"]
    assert slowness["within_stated_68_percent"] == pytest.approx(2 / 3, abs=1e-4)
    assert slowness["error_s_per_km"]["largest"] == pytest.approx(0.3, abs=0.01)
    assert slowness["error_s_per_km"]["median"] == pytest.approx(0.0, abs=0.01)
    assert scores["stripes"]["peak_density_ratio_median"] == pytest.approx(0.8)
    # A standard deviation of 20 s is a full width at half maximum of 47.1 s; 50 s were found.
    assert scores["stripes"]["width_s_error"]["median"] == pytest.approx(2.9, abs=0.01)


def test_slowness_of_a_curved_stripe_is_that_of_the_part_that_was_found():
    """t = 0.01 (z - 100)^2: between 120 and 180 km the chord has slope 0.01 (20 + 80) = 1 s/km."""
    start = pd.Timestamp("2021-05-10T14:00:00")
    ends = {"time_bottom": [start], "time_top": [start + pd.Timedelta(seconds=100)]}
    curved = pd.DataFrame({**ends, "bottom_km": [100.0], "top_km": [200.0], "curvature_s_per_km2": [0.01]})
    part = pd.DataFrame({**ends, "bottom_km": [120.0], "top_km": [180.0]})
    assert true_slowness(curved, part) == pytest.approx(1.0)


def test_beta_is_judged_by_what_it_states(scores):
    beta = scores["beta"]
    assert beta["value"]["n"] == 2
    assert beta["value"]["statement_holds"] == 0.5
    assert beta["lower_limit"]["n"] == beta["lower_limit"]["nights"] == 1
    assert beta["lower_limit"]["statement_holds"] == beta["lower_limit"]["statement_holds_mean_of_nights"] == 1.0
    assert [row["true"] for row in beta["marked"]] == [5.82, 5.32]


def test_connections_by_kind(scores):
    direct, descending = scores["connections"]["direct"], scores["connections"]["descending"]
    assert direct["onset_error_minutes"]["median"] == pytest.approx(3.0)
    assert (direct["true"], direct["found"], direct["within_5_minutes"]) == (1, 1, 1)
    assert (direct["events"], direct["events_of_no_true_connection"]) == (2, 1)
    assert (descending["true"], descending["found"]) == (1, 0)


def test_enhancement_errors_leave_the_left_out_satellites_out(scores):
    section = scores["enhancement"]["quiet_days"]
    assert section["found"] == 1
    assert section["false_nights"] == ["2021-06-04"]
    errors = section["errors"]["2021-06-03"]
    assert errors["onset_minutes"] == pytest.approx(6.0)
    assert errors["end_minutes"] == pytest.approx(-12.0)
    assert errors["axis_longitude"] == pytest.approx(-0.5)
    assert errors["latitude_south"] == pytest.approx(0.5)
    assert errors["width_km"] == pytest.approx(30.0)


def test_es_in_steps_of_50_kilohertz(scores):
    es = scores["sporadic_e"]
    assert es["table"]["error_in_steps"]["largest"] == pytest.approx(3.0)
    assert es["table"]["within_one_step"] == 0.5
    assert es["ionograms"]["presence"]["missed"] == 1
    assert es["ionograms"]["within_one_step"] == 1.0
    assert es["scaled_height_km"]["median"] == pytest.approx(2.5)
    assert (es["blanketing"]["found"], es["double_es"]["found"]) == (1, 1)
    assert es["upper_height_km"]["median"] == pytest.approx(1.0)
    assert scores["es_response"]["rise"] == {"found": 1, "missed": 0, "false": 0, "rightly_none": 1,
                                             "recall": 1.0, "false_rate": 0.0}  # fmt: skip


def test_columns_and_winds(scores):
    assert scores["columns"]["ratio_median"] == pytest.approx(1.0)
    assert scores["columns"]["centroid_km"]["largest"] == pytest.approx(0.5)
    # True eastward wind 25, 35, 45 m/s at the three half hours; found 30, 35, 65.
    assert scores["wind"]["eastward_m_s"]["largest"] == pytest.approx(20.0)
    assert scores["wind"]["eastward_m_s"]["within_stated_68_percent"] == pytest.approx(2 / 3, abs=1e-4)
    assert scores["wind"]["northward_m_s"]["rms"] == 0.0


def test_absent_products_are_said_to_be_absent(folders, tmp_path):
    scores = evaluate(folders[0], tmp_path)
    # True values of the claims are of the truth alone.
    assert all(section["status"] == NOT_THERE for name, section in scores.items() if name != "statements")
    assert "  not there: derive/nights.csv" in lines(scores)


def test_empty_tables_give_no_numbers_and_no_error(folders, tmp_path):
    for path in folders[1].rglob("*.csv"):
        io.write_csv(tmp_path / path.relative_to(folders[1]), io.read_csv(path).iloc[:0])
    scores = evaluate(folders[0], tmp_path)
    assert scores["stripes"]["found"] == 0
    assert scores["enhancement"] == {}
    json.dumps(scores, allow_nan=False)
    lines(scores)


def test_command_prints_a_table_and_writes_json(folders, tmp_path, capsys):
    parser = cli.argparse.ArgumentParser()
    add_command(parser.add_subparsers())
    options = parser.parse_args(
        ["evaluate", "--truth", str(folders[0]), "--run", str(folders[1]), "--json", str(tmp_path / "scores.json")]
    )
    assert options.run(options) == 0
    printed = capsys.readouterr().out
    assert "recall snr from 12" in printed
    assert max(len(line) for line in printed.splitlines()) < 260
    assert io.read_json(tmp_path / "scores.json") == evaluate(*folders)


def test_a_missing_folder_or_truth_is_an_error(folders, tmp_path):
    with pytest.raises(ReadError, match="no such folder of the truth"):
        evaluate(tmp_path / "none", folders[1])
    with pytest.raises(ReadError, match="no truth table"):
        evaluate(tmp_path, folders[1])


def test_spread_leaves_missing_values_out():
    assert spread([1.0, math.nan, -3.0])["rms"] == pytest.approx(math.sqrt(5))
    assert spread([]) == {"n": 0}


@pytest.fixture(scope="module")
def twin_truth(tmp_path_factory):
    """The truth as the twin writes it, for two case nights."""
    settings = TwinSettings(nights=("2021-05-10", "2021-06-18"))
    folder = tmp_path_factory.mktemp("twin")
    truth.write(settings, campaign(settings), folder)
    return folder


def test_a_run_that_is_the_truth_scores_full_marks(twin_truth, tmp_path):
    stripes = io.read_csv(twin_truth / "stripes.csv")
    stripes = stripes[stripes["profiles"] > 0].assign(slowness_sigma_s_per_km=0.1, beta_kind="value")
    chord = (stripes["time_top"] - stripes["time_bottom"]).dt.total_seconds() / (
        stripes["top_km"] - stripes["bottom_km"]
    )
    stripes = stripes.assign(
        slowness_s_per_km=chord, beta_low_deg=stripes["beta_deg"], beta_high_deg=stripes["beta_deg"]
    )
    nights = io.read_csv(twin_truth / "nights.csv").assign(observed=True)
    events = io.read_csv(twin_truth / "connections.csv")
    events["kind"] = events["kind"].map(CONNECTION_KINDS)
    enhancement = io.read_csv(twin_truth / "enhancements.csv").assign(method="quiet_days", found=True)
    products = {
        "detect/stripes": table(stripes, STRIPES), "detect/nights": table(nights, DETECT_NIGHTS),
        "detect/events": table(events, EVENTS), "derive/nights": table(nights, NIGHTS),
        "derive/columns": io.read_csv(twin_truth / "columns.csv"),
        "derive/tec_enhancement": table(enhancement, TEC_ENHANCEMENT),
    }  # fmt: skip
    for name, content in products.items():
        io.write_csv(tmp_path / f"{name}.csv", content)
    scores = evaluate(twin_truth, tmp_path)
    assert scores["nights"]["above_150"] == {"found": 2, "missed": 0, "false": 0, "rightly_none": 0, "recall": 1.0,
                                             "false_rate": None, "nights_wrong": []}  # fmt: skip
    assert scores["stripes"]["matched"] == scores["stripes"]["true"] == len(stripes) > 50
    assert scores["stripes"]["slowness"]["within_stated_68_percent"] == 1.0
    assert scores["beta"]["value"]["statement_holds"] == 1.0
    assert len(scores["beta"]["marked"]) == 2
    for kind in CONNECTION_KINDS:
        assert scores["connections"][kind]["found"] == scores["connections"][kind]["true"] > 0
    errors = scores["enhancement"]["quiet_days"]["errors"]["2021-06-18"]
    assert {value for name, value in errors.items() if name not in ENHANCEMENT_ERRORS} == {0.0}
    assert scores["columns"]["ratio_median"] == 1.0


def test_true_values_of_the_claims_are_those_of_the_truth_s_tables(scores):
    # By hand from TRUE_STRIPES and the enhancement of 15:00 to 19:00, clouds from 15:10 to 18:30.
    known = scores["statements"]
    assert known["N2"] == {"nights with Ca+ above 150 km": 2}
    assert known["S4"] == {"first marked stripe": 5.82, "second marked stripe": 5.32}
    assert known["S9"]["second zenith angle minus the first"] == pytest.approx(-0.5)
    assert known["S13"]["share of stripes taller than 80 km"] == pytest.approx(3 / 5)
    assert known["T1"] == {"onset": 15, "northern end": 42, "southern end": 25}
    assert known["T4"] == {"last Ca+ above 130 km": 18.5, "end of the enhancement after the last Ca+": 30}
    assert known["T6"] == {"onset after the first Ca+": -10}


def test_true_values_belong_to_parts_of_the_claims(scores):
    parts = {(claim.id, part.name) for claim in load_claims(CLAIMS).claims for part in claim.parts}
    assert {(claim, part) for claim, own in scores["statements"].items() for part in own} <= parts
