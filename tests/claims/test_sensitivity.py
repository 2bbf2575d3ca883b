"""Other settings on the invented campaign: what they must move, by hand, and what they must leave."""

import json

import pytest

from metalclouds.claims.sensitivity.run import RunSettings, run
from metalclouds.claims.settings import ClaimsSettings, SensitivitySettings
from metalclouds.derive.settings import DeriveSettings
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.settings import TrailSettings
from tests.claims import campaign

NONE = {name: [] for name in SensitivitySettings.model_fields}


@pytest.fixture
def tried(tmp_path):
    """The content of sensitivity.json for a grid, on the invented campaign or on one with changed tables."""

    def make(grid, changed=None, absent=(), name="run"):
        folder = campaign.write_run(tmp_path / name, "zenodo", absent, changed)
        own = ClaimsSettings.model_validate({"sensitivity": NONE | grid})
        settings = RunSettings(own, DetectSettings(), DeriveSettings(), TrailSettings())
        run(campaign.files(folder), campaign.CASE_LIST, settings, folder / "claims")
        content = json.loads((folder / "claims" / "sensitivity.json").read_text(encoding="utf-8"))
        return content | {"by_claim": {one["id"]: one for one in content["claims"]}}

    return make


def rows(content, claim):
    return [row for row in content["rows"] if row["claim"] == claim]


def test_a_threshold_settles_no_claim_that_is_open_by_design(tried):
    content = tried({"clear_sigma": [13.0, 15.0]})
    assert [row["value"] for row in rows(content, "N3")] == [15.0]
    assert content["by_claim"]["N3"]["survival"] == "untried"


def test_nights_that_just_miss_a_threshold_stay_doubtful(tried):
    # 19 of 37 nights miss p = 0.001 with 0.003: fewer are counted, but as doubtful ones they leave 37 possible.
    table = campaign.tables()["detect_nights"]
    table.loc[table.index[table["above_150"]][:19], "p_false"] = 0.003
    content = tried({"p_false": [0.001]}, {"detect_nights": table})
    assert [(row["value"], row["high"]) for row in rows(content, "N2")] == [(37.0, 37.0), (18.0, 37.0)]
    assert content["by_claim"]["N2"]["survival"] == "survives"


def test_one_setting_leaves_the_claims_that_do_not_rest_on_it(tried):
    content = tried({"background_method": ["zonal_highpass"]})
    moved = {claim for setting in content["settings"] for claim in setting["claims"]}
    assert moved <= {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "A1"}
    assert content["by_claim"]["N2"]["survival"] == "untried"


def test_a_higher_limit_keeps_the_nights_whose_clouds_reach_it(tried):
    table = campaign.tables()["detect_nights"]
    cloudy = table.index[table["above_150"]]
    table.loc[cloudy[:10], "cloud_top_km"] = 165.0
    content = tried({"boundary_km": [160.0, 170.0]}, {"detect_nights": table})
    assert [row["value"] for row in rows(content, "N2")] == [37.0, 37.0, 27.0]


def test_other_draws_change_no_verdict_of_a_clear_case(tried):
    content = tried({"seed": [1, 2, 3]})
    assert {one["survival"] for one in content["claims"]} <= {"survives", "untried"}


def test_the_run_s_own_value_is_passed_over(tried):
    content = tried({"p_false": [0.005], "confidence": [0.95]})
    assert content["settings"] == []
    assert all(row["base"] for row in content["rows"])


def test_without_an_instrument_its_claims_are_untried(tried):
    content = tried({"wind_error_factor": [2.0], "p_false": [0.001]}, absent=("fpi", "lidar"))
    assert content["by_claim"]["S4"]["survival"] == content["by_claim"]["N2"]["survival"] == "untried"
    assert "not testable" in content["by_claim"]["S4"]["sentence"]


def test_months_that_begin_later_move_the_nights_of_their_first_days(tried):
    # Of the invented campaign's January nights with clouds those of 1-7 January fall into December's bin, where
    # the paper has one.
    nights = campaign.tables()["nights"]
    january = nights[(nights["night"].str[5:7] == "01") & nights["above_150"]]
    assert (january["night"].str[8:].astype(int) <= 7).sum() >= 2
    content = tried({"month_offset_days": [7]})
    assert content["by_claim"]["N4"]["survival"] == "turns"
    # A total does not ask which month a night is in: nothing was tried on it, which is no robustness.
    assert content["by_claim"]["N2"]["survival"] == "untried"
    assert content["by_claim"]["N2"]["sentence"].startswith("Not tried")
