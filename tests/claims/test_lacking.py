"""What could not be looked for is never "not there": each column, instrument, night and resolution taken away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from metalclouds.claims.model import Data, Measurement, NotFound, load_claims
from metalclouds.claims.notes import check
from metalclouds.claims.run import DERIVE_TABLES, DETECT_TABLES
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.judge import NOT_TESTABLE, InstrumentState, JudgeContext, judge
from metalclouds.schema import tables as schema
from metalclouds.schema.datasets import INSTRUMENTS
from tests.claims import campaign
from tests.claims.campaign import CLAIMS

BOOK = load_claims(CLAIMS)
CONTEXT = JudgeContext("paper", {name: InstrumentState(present=True) for name in INSTRUMENTS})
SETTINGS = ClaimsSettings(draws=200)
TABLES, MASKS = campaign.tables(), campaign.masks()
# Counts follow the nights that are there, so that a lost night may change them.
COUNTS = {"N1", "N2", "N3", "N4", "E2", "L2", "L5", "L6"}


def judged(tables=None, masks=None, context=CONTEXT, claims=BOOK.claims):
    """Verdicts of the invented campaign with other tables or masks, and the tables that each claim asked for."""
    found = {}
    for claim in claims:
        data = Data(
            TABLES | (tables or {}), campaign.CASES, SETTINGS,
            MASKS if masks is None else masks,
        )  # fmt: skip
        entry = judge(claim, data, context)
        found[claim.id] = entry | {"used": frozenset(data.used)}
    return found


@pytest.fixture(scope="module")
def whole():
    return judged()


def columns() -> Iterator[tuple[str, str]]:
    """Every column of every table that claims read, from the schema."""
    for names, group, prefix in (
        (DERIVE_TABLES, schema.DERIVE_TABLES, ""), (DETECT_TABLES, schema.DETECT_TABLES, "detect_"),
    ):  # fmt: skip
        for name in names:
            # beta.csv is read together with the angles of stripes.csv.
            own = TABLES["beta"] if name == "beta" else group[f"{name}.csv"]
            yield from ((prefix + name, column) for column in own)


def turned(before: dict, after: dict) -> dict[str, str]:
    """Claims that differ now and did not before, with what was said."""
    return {
        name: entry["reason"] for name, entry in after.items()
        if entry["verdict"] == "differs" and before[name]["verdict"] != "differs"
    }  # fmt: skip


def blanked(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """A table with an empty column of the kind that reading a file gives."""
    empty = pd.NaT if pd.api.types.is_datetime64_any_dtype(frame[column]) else np.nan
    return frame.assign(**{column: pd.Series(empty, index=frame.index)})


def test_the_columns_are_those_of_the_schema():
    found = list(columns())
    assert len(found) == len(set(found)) > 150
    assert {name for name, _ in found} == {*DERIVE_TABLES, *(f"detect_{name}" for name in DETECT_TABLES)}


@pytest.mark.parametrize("table", sorted({name for name, _ in columns()}))
def test_no_verdict_turns_where_a_column_is_empty(table, whole):
    claims = [claim for claim in BOOK.claims if table in whole[claim.id]["used"]]
    for column in (column for name, column in columns() if name == table):
        after = judged({table: blanked(TABLES[table], column)}, claims=claims)
        assert turned(whole, after) == {}, column
        for name, entry in after.items():
            if entry["verdict"] != whole[name]["verdict"]:
                assert entry["verdict"] == NOT_TESTABLE, (name, column)
                assert entry["status"] == "missing", (name, column, entry["reason"])


def test_a_claim_names_the_column_that_it_lacks():
    claims = [claim for claim in BOOK.claims if claim.id == "D2"]
    after = judged({"columns": blanked(TABLES["columns"], "cloud_density_cm3")}, claims=claims)
    assert after["D2"]["reason"].endswith("derive/columns.csv holds no cloud_density_cm3.")


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_no_verdict_turns_without_an_instrument(instrument, whole):
    tables = {name: TABLES[name].iloc[:0] for name in campaign.NEEDED_BY[instrument]}
    masks = {} if instrument == "lidar" else None
    sources = {name: InstrumentState(name != instrument, why="not in the record") for name in INSTRUMENTS}
    assert turned(whole, judged(tables, masks, JudgeContext("paper", sources))) == {}
    # The same where the files are there but nothing came of them.
    assert turned(whole, judged(tables, masks)) == {}


@pytest.mark.parametrize("panel", campaign.CASES)
def test_no_verdict_turns_without_a_night(panel, whole):
    night = campaign.CASES[panel]
    tables = {name: table[table["night"] != night] for name, table in TABLES.items() if "night" in table}
    masks = {name: one for name, one in MASKS.items() if name != night}
    lost = turned(whole, judged(tables, masks))
    assert set(lost) <= COUNTS


def test_what_is_not_a_number_is_no_measurement():
    with pytest.raises(ValueError, match="Unavailable or NotFound"):
        Measurement(float("nan"))


def test_a_search_of_unknown_power_finds_nothing_out():
    with pytest.raises(ValueError, match="says what it would have found"):
        NotFound("a cloud", float("nan"), "cm-3")


# ---- reductions of a record, and what must still be decided under them ------------------------------------------


def six_nights() -> tuple[dict, dict]:
    """The six case nights only; the yearly course is gone with the other nights."""
    nights = set(campaign.CASES.values())
    tables = {name: table[table["night"].isin(nights)] for name, table in TABLES.items() if "night" in table}
    correlation = TABLES["correlation"].iloc[:0]
    return tables | {"correlation": correlation}, MASKS


def foes_only() -> tuple[dict, dict]:
    """foEs alone: no heights, no ionograms."""
    table = TABLES["es_cases"]
    lost = ["hEs_km", "fbEs_MHz", "blanketing", "double_es", "upper_hEs_km", "spread_f", "scaled_foEs_MHz",
            "scaled_hEs_km"]  # fmt: skip
    return {"es_cases": table.assign(**dict.fromkeys(lost, np.nan))}, MASKS


def gridded_tec() -> tuple[dict, dict]:
    """Vertical TEC on a grid, the case nights only: one background method, no satellites to leave out."""
    enhancement, series = (TABLES[name] for name in ("tec_enhancement", "tec_series"))
    lost = enhancement["method"] == "quiet_days"
    places = [
        "latitude_north",
        "latitude_south",
        "onset_utc",
        "end_utc",
        "area_km2",
        "lidar_distance_km",
        "least_tecu",
    ]
    undecided = enhancement[lost].assign(found=np.nan, **dict.fromkeys(places, np.nan))
    undecided[["onset_utc", "end_utc"]] = pd.NaT
    return {
        "tec_enhancement": pd.concat([undecided, enhancement[~lost]]),
        "tec_series": series.assign(method="zonal_highpass"),
    }, MASKS


def no_background() -> tuple[dict, dict]:
    """TEC that no search could judge."""
    table = TABLES["tec_enhancement"]
    lost = [name for name in table if name not in ("night", "method", "left_out")]
    return {"tec_enhancement": table.assign(**dict.fromkeys(lost, np.nan))}, MASKS


def no_wind() -> tuple[dict, dict]:
    """Stripes without a wind near enough in time."""
    table = TABLES["beta"]
    lost = [name for name in table if name.startswith(("beta_", "wind_"))]
    return {"beta": table.assign(**dict.fromkeys(lost, np.nan))}, MASKS


def profiles_of_five_minutes() -> tuple[dict, dict]:
    """Profiles in which no stripe can be seen, so that none was found."""
    tables = TABLES
    events = tables["detect_events"]
    gone = {name: tables[name].iloc[:0] for name in ("detect_stripes", "detect_stripe_profiles", "beta")}
    masks = {night: one.isel(time=slice(None, None, 5)) for night, one in MASKS.items()}
    return gone | {"detect_events": events[events["kind"] != "direct_connection"]}, masks


def a_noisy_lidar() -> tuple[dict, dict]:
    """Nothing found in noise that would hide it."""
    tables = TABLES
    gone = ("detect_stripes", "detect_stripe_profiles", "beta", "detect_events")
    masks = {night: one.assign(mic_mask=one["mic_mask"] * 0) for night, one in MASKS.items()}
    return {name: tables[name].iloc[:0] for name in gone} | {
        "detect_nights": tables["detect_nights"].assign(noise_floor_cm3=1000.0)
    }, masks


def a_clouded_evening() -> tuple[dict, dict]:
    """No usable profile before 17 UT on the case nights, and so no event."""
    events = TABLES["detect_events"]
    masks = {}
    for night, one in MASKS.items():
        late = one["time"] >= np.datetime64(f"{night}T17:00")
        masks[night] = one.assign(
            mic_mask=one["mic_mask"].where(late, 0), profile_flag=("time", np.where(late, 0, 2))
        )
    return {"detect_events": events[events["start_utc"].dt.hour >= 17]}, masks


# Reduced record -> claims that must still be decided (agree or differ) with it.
STILL_DECIDED = {
    six_nights: {
        "L1",
        "L3a",
        "L3b",
        "L3c",
        "L3d",
        "L3e",
        "L3f",
        "S2",
        "S4",
        "S9",
        "T1",
        "T2",
        "T3",
        "E1b",
        "E3",
        "E4a",
    },
    foes_only: {"E1b", "E4a", "E7", "L3f"},
    gridded_tec: {"T1", "T2", "T3", "T5", "T6"},
    no_background: {"N2", "S4", "E1b"},
    no_wind: {"S1", "S2", "S10", "L3f", "T1"},
    profiles_of_five_minutes: {"N2", "M1", "L3a", "T1", "T4", "D2"},
    a_noisy_lidar: {"T1", "T2", "E4a", "M1"},
    a_clouded_evening: {"M1", "T1", "E4a"},
}


@pytest.mark.parametrize("reduce", STILL_DECIDED, ids=lambda one: one.__name__)
def test_a_reduced_record_turns_nothing_and_still_decides(reduce, whole):
    after = judged(*reduce())
    # Without their evenings the case nights, which hold all events of this campaign, count for less.
    assert set(turned(whole, after)) <= (COUNTS if reduce is a_clouded_evening else set())
    decided = {name for name, entry in after.items() if entry["verdict"] != NOT_TESTABLE}
    assert STILL_DECIDED[reduce] - decided == set()


def test_reasons_name_what_a_reduced_record_lacks():
    claims = {claim.id: claim for claim in BOOK.claims}
    for reduce, name, words in (
        (foes_only, "E3", "holds no double_es"),
        (profiles_of_five_minutes, "L3f", "cannot show a stripe"),
        (a_noisy_lidar, "L3f", "hides what is thinner"),
        (a_clouded_evening, "L3f", "too few usable profiles"),
        (no_background, "T1", "no background"),
    ):
        assert words in judged(*reduce(), claims=[claims[name]])[name]["reason"], name


def test_a_search_with_power_that_finds_nothing_differs():
    tables = TABLES
    events = tables["detect_events"]
    none = events[(events["night"] != campaign.CASES["f"]) | (events["kind"] != "direct_connection")]
    found = judged({"detect_events": none}, claims=[claim for claim in BOOK.claims if claim.id == "L3f"])["L3f"]
    assert found["verdict"] == "differs"
    assert "or more would have been detected" in found["reason"]


def test_where_no_night_counts_as_observed_every_note_is_a_finite_number_or_not_checked():
    """A record of cut-outs has nights below two observed hours only; NaN cannot be written."""
    tables = campaign.tables()
    unobserved = tables | {"nights": tables["nights"].assign(observed=False)}
    for note in BOOK.notes:
        entry = check(note, Data(unobserved, campaign.CASES, SETTINGS, MASKS))
        assert np.isfinite(entry.get("values", [])).all(), note.id
