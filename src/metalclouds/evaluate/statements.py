"""True values of what the claims measure, by claim and part, in the units of config/claims.yaml."""

from __future__ import annotations

import pandas as pd

from metalclouds.evaluate.tables import Section, Tables
from metalclouds.schema.table import is_true

MARKED = ("first marked stripe", "second marked stripe")


def statements(tables: Tables) -> Section:
    """True values of parts of claims, from the tables of the truth alone.

    Returns
    -------
    dict
        claim -> part -> true value; times in hours UT of the evening.
    """
    nights, stripes = tables.truth("nights"), tables.truth("stripes")
    found: dict[str, dict[str, float]] = {
        "N1": {"nights observed": float(len(nights))},
        "N2": {"nights with Ca+ above 150 km": float(is_true(nights["above_150"]).sum())},
        "N3": {"nights with a clear layer": float(is_true(nights["clear_200_300"]).sum())},
        "S13": {
            "share of stripes taller than 80 km": float((stripes["top_km"] - stripes["bottom_km"] > 80.0).mean())
        },
    }
    panels = nights.dropna(subset=["panel"]).set_index("panel")
    found |= _marked(stripes)
    found |= _connections(tables.truth("connections"), panels)
    found |= _enhancement(tables.truth("enhancements"), panels)
    return found


def _hours(time: pd.Timestamp, night: str) -> float:
    return float((time - pd.Timestamp(night)).total_seconds() / 3600.0)


def _marked(stripes: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Zenith angles of the two marked stripes, and their difference (degree)."""
    marked = stripes[is_true(stripes["marked"])].sort_values("time_bottom")
    if len(marked) != len(MARKED):
        return {}
    first, second = (float(angle) for angle in marked["beta_deg"])
    return {
        "S4": dict(zip(MARKED, (first, second), strict=True)),
        "S9": {"second zenith angle minus the first": second - first},
    }


def _connections(table: pd.DataFrame, panels: pd.DataFrame) -> dict[str, dict[str, float]]:
    """First start and last end of the stripes that reach the layer on panels b and c (hours UT)."""
    found: dict[str, dict[str, float]] = {}
    for panel in ("b", "c"):
        if panel not in panels.index:
            continue
        night = str(panels.loc[panel, "night"])
        direct = table[(table["night"] == night) & (table["kind"] == "direct")]
        if len(direct):
            found[f"L3{panel}"] = {
                f"1{panel} first stripe to the layer": _hours(direct["start_utc"].min(), night),
                f"1{panel} last stripe to the layer": _hours(direct["end_utc"].max(), night),
            }
    return found


def _enhancement(table: pd.DataFrame, panels: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Times (hours UT), latitudes (degree) and lags (min) of the enhancement of panel d."""
    if "d" not in panels.index:
        return {}
    row, night = panels.loc["d"], str(panels.loc["d", "night"])
    own = table[table["night"] == night]
    if own.empty:
        return {}
    region = own.iloc[0]
    onset, end = (_hours(region[name], night) for name in ("onset_utc", "end_utc"))
    first, last = (_hours(row[name], night) for name in ("cloud_start_utc", "cloud_end_utc"))
    return {
        "T1": {
            "onset": onset,
            "northern end": float(region["latitude_north"]),
            "southern end": float(region["latitude_south"]),
        },
        "T4": {
            "last Ca+ above 130 km": last,
            "end of the enhancement after the last Ca+": 60.0 * (end - last),
        },
        "T6": {"onset after the first Ca+": 60.0 * (onset - first)},
    }
