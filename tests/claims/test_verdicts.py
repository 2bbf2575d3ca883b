"""Verdicts on an invented campaign in which every claim is true, and on changes of it."""

import json

import numpy as np
import pandas as pd
import pytest

from metalclouds.claims.model import load_claims
from metalclouds.schema.datasets import INSTRUMENTS
from tests.claims import campaign
from tests.claims.campaign import CLAIMS

SUPPLEMENTS = {claim.id: claim for claim in load_claims(CLAIMS).claims if claim.id.startswith("X")}
ALL_CLAIMS = [
    *("N1", "N2", "N3", "N4", "N5", "M1", "M2", "M3", "M4", "L1", "L2"),
    *("L3a", "L3b", "L3c", "L3d", "L3e", "L3f", "L4"),
    *("S1", "S2", "S3", "S4", "S5a", "S5b", "S5c", "S6", "S7", "S8", "S9", "D1", "D2"),
    *(
        "T1",
        "T6",
        "T2",
        "T3",
        "T4",
        "A1",
        "F1",
        "F2a",
        "F2b",
        "E1a",
        "E1b",
        "E2",
        "E3",
        "E4a",
        "E4b",
        "W1",
        "S10",
        "T5",
    ),
    *("L5", "L6", "L7", "L8", "S11", "S12", "S14", "S13", "E6", "E7", "L9", "L10", "L11", "T7", "I1"),
    *SUPPLEMENTS,
]
# What the nights cannot decide, and what no named data could.
UNDECIDED: set[str] = set()
BY_DESIGN = {"L4", "F2b", "W1", "N3", "A1", "S5b", "S5c", "S14", "X7"}
# What the simulated campaign cannot hold beside the other claims.
NOT_SIMULATED = {name for name, claim in SUPPLEMENTS.items() if claim.not_simulated}


def test_every_claim_has_a_verdict_in_the_order_of_the_paper(judged, tmp_path):
    judged()
    content = json.loads((tmp_path / "run/claims/verdicts.json").read_text())
    assert [entry["id"] for entry in content] == ALL_CLAIMS
    for entry in content:
        assert {"id", "about", "verdict", "value", "low", "high", "unit", "n", "reason"} <= set(entry)
        assert entry["reason"].endswith(".")


def test_a_campaign_as_claimed_agrees(judged):
    verdicts = judged()
    open_claims = {name for name, entry in verdicts.items() if entry["verdict"] == "not_testable"}
    assert open_claims == UNDECIDED | BY_DESIGN
    assert {entry["verdict"] for name, entry in verdicts.items() if name not in open_claims} == {"agrees"}
    assert {entry["about"] for entry in verdicts.values()} == {"paper"}


def test_simulated_data_never_agree_or_differ(judged, tmp_path):
    verdicts = judged("twin")
    assert {entry["verdict"] for entry in verdicts.values()} == {"recovered", "not_testable"}
    assert {entry["about"] for entry in verdicts.values()} == {"simulation"}
    summary = json.loads((tmp_path / "run/claims/summary.json").read_text())
    assert summary["tested_on_the_papers_data"] == 0
    assert summary["tested"] == len(ALL_CLAIMS) - len(UNDECIDED | BY_DESIGN | NOT_SIMULATED)


def test_files_of_a_user_are_not_the_paper(judged):
    assert {entry["status"] for entry in judged("local").values()} == {"other_data"}
    declared = judged("local", settings={"local_is_the_paper": True}, name="declared")
    assert declared["N1"]["verdict"] == "agrees"


def no_january(table):
    january = table["night"].str[5:7] == "01"
    table.loc[january, "above_150"] = False
    table.loc[january, "p_false"] = 0.5
    if "score_150" in table:
        table.loc[january, "score_150"] = 4.0
    return table


def es_unchanged(table):
    table[["rise_during_MHz", "rise_during_low_MHz", "rise_during_high_MHz"]] = [-0.5, -0.8, -0.2]
    return table


def no_enhancement(table):
    table["found"] = False
    return table


def beta_doubled(table):
    for column in ("beta_deg", "beta_low_deg", "beta_high_deg"):
        table[column] = table[column] * 2.0
    return table


def events_later(table):
    for column in ("start_utc", "end_utc"):
        table[column] = table[column] + pd.Timedelta(minutes=40)
    return table


def clouds_low(table):
    cloud = table["kind"] == "cloud"
    table.loc[cloud, ["bottom_km", "top_km"]] = [105.0, 130.0]
    return table


def clouds_later():
    """The clouds of the masks 40 minutes later."""
    return {night: one.assign_coords(time=one["time"] + np.timedelta64(40, "m"))
            for night, one in campaign.masks().items()}  # fmt: skip


def flat_year(table):
    table["column_density_cm2"] = 5e7 * np.where(table["night"].str[5:7].isin(["11", "12"]), 2.0, 1.0)
    return table


def no_step(table):
    table["width_s"] = 60.0 * np.exp(0.004 * (table["altitude_km"] - 130.0))
    return table


def no_stripes_share(table):
    table["stripe_signal_share"] = table["stripe_signal_share"] * 0.1
    return table


def bent(table):
    table["curvature_s_per_km2"] = 1.0
    return table


def es_high(table):
    table["hEs_km"] = 140.0
    return table


def steep_air(table):
    table["density_kg_m3"] = 1e-8 * np.exp(-(table["altitude_km"] - 130.0) / 30.0)
    return table


# Change of the data -> the claims that must turn to "differs"; all other claims keep their verdict.
CHANGES = [
    ("nights detect_nights", no_january, {"N2", "N4", "N5"}),
    ("es_response", es_unchanged, {"E1a", "E1b"}),
    ("tec_enhancement", no_enhancement, {"T1", "T2", "T4", "T5", "T6", "T7", "F2a"}),
    ("beta", beta_doubled, {"S4", "S5a"}),
    ("detect_events", events_later, {"L3b", "L3c", "L3d", "L3e", "L3f", "L10"}),
    ("detect_events", clouds_low, {"L2"}),
    ("columns", flat_year, {"M1", "M2"}),
    ("detect_stripe_profiles", no_step, {"S8"}),
    ("detect_nights", no_stripes_share, {"S6"}),
    ("detect_stripes", bent, {"S7"}),
    ("es_cases", es_high, {"E4b"}),
    ("density_profile", steep_air, {"D1"}),
]


@pytest.mark.parametrize(("names", "change", "differ"), CHANGES, ids=[one[1].__name__ for one in CHANGES])
def test_a_changed_truth_changes_its_claims_and_no_others(judged, names, change, differ):
    before = judged(name="before")
    after = judged(changed={name: change(campaign.tables()[name]) for name in names.split()}, name="after")
    moved = {name for name in before if before[name]["verdict"] != after[name]["verdict"]}
    assert moved == differ
    assert {after[name]["verdict"] for name in differ} <= {"differs", "not_testable"}
    assert "differs" in {after[name]["verdict"] for name in differ}


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_without_an_instrument_its_claims_name_it(judged, instrument):
    verdicts = judged(absent=(instrument,))
    for entry in verdicts.values():
        if instrument in entry["needs"]:
            assert entry["verdict"] == "not_testable"
            assert f": the record has no {instrument} file" in entry["reason"]
            assert "an archive" in entry["reason"]
    kept = [entry for entry in verdicts.values() if instrument not in entry["needs"]]
    assert {entry["id"] for entry in kept if entry["status"] == "met"}, "the other claims are still judged"


def test_a_missing_night_is_named_and_never_agrees(judged):
    nights = campaign.tables()["detect_nights"]
    events = campaign.tables()["detect_events"]
    lost = campaign.CASES["e"]
    cells = {night: one for night, one in campaign.masks().items() if night != lost}
    verdicts = judged(changed={"detect_nights": nights[nights["night"] != lost],
                               "detect_events": events[events["night"] != lost]}, cells=cells)  # fmt: skip
    assert verdicts["L3e"]["verdict"] == "not_testable"
    assert lost in verdicts["L3e"]["reason"]


def test_clouds_at_other_times_change_their_claims(judged):
    before, after = judged(name="before"), judged(cells=clouds_later(), name="after")
    assert {name for name in before if before[name]["verdict"] != after[name]["verdict"]} == {"L3c", "L8", "T4"}


def test_ionograms_missing_leaves_foes_claims_testable(judged):
    table = campaign.tables()["es_cases"]
    table[["blanketing", "double_es", "spread_f"]] = np.nan
    verdicts = judged(changed={"es_cases": table})
    assert verdicts["E1b"]["verdict"] == "agrees"
    assert verdicts["E2"]["verdict"] == "not_testable"
    assert "no ionograms" in verdicts["E2"]["reason"]


def test_same_bytes_twice(judged, tmp_path):
    judged(name="one")
    judged(name="two")
    for name in ("verdicts.json", "verdicts.csv", "notes.json", "summary.json"):
        assert (tmp_path / "one/claims" / name).read_bytes() == (tmp_path / "two/claims" / name).read_bytes()


def test_totals_of_the_campaign_are_not_asked_of_a_part_of_it(judged):
    content = campaign.tables()
    part = {name: content[name][content[name]["night"].isin(campaign.CASES.values())] for name in
            ("nights", "detect_nights")}  # fmt: skip
    verdicts = judged("zenodo", changed=part)
    for name in ("N1", "N2", "N3", "N4", "L2", "L5", "L6"):
        assert verdicts[name]["verdict"] == "not_testable", name
        assert "The data hold 6 nights, a part of the campaign" in verdicts[name]["reason"]
    assert verdicts["S4"]["verdict"] == "agrees", "what the case nights decide is decided"


def test_no_area_where_no_region_was_found(judged):
    verdicts = judged("zenodo", changed={"tec_enhancement": no_enhancement(campaign.tables()["tec_enhancement"])})
    assert "no area" in verdicts["A1"]["reason"] or verdicts["A1"]["value"] is None
    assert verdicts["T1"]["verdict"] == "differs"
