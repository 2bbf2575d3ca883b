"""Scores of nights: their classes, and the main layer's column density."""

from __future__ import annotations

from metalclouds.evaluate.scores import confusion, spread
from metalclouds.evaluate.tables import Section, Tables, missing
from metalclouds.schema.table import is_true


def nights(tables: Tables) -> Section:
    """Classes of the nights that were observed."""
    found = tables.product("derive/nights")
    if found is None:
        found = tables.product("detect/nights")
    if found is None:
        return missing("derive/nights")
    both = tables.truth("nights").merge(found, on="night", suffixes=("_true", ""))
    both = both[is_true(both["observed"])]
    section: Section = {"nights_true": len(tables.truth("nights")), "nights_compared": len(both)}
    for name in ("above_150", "clear_200_300"):
        section[name] = confusion(is_true(both[f"{name}_true"]), is_true(both[name]))
    wrong = is_true(both["above_150_true"]) != is_true(both["above_150"])
    section["above_150"]["nights_wrong"] = both.loc[wrong, "night"].tolist()
    return section


def columns(tables: Tables) -> Section:
    """Column density and centroid of the main layer, night by night."""
    found = tables.product("derive/columns")
    if found is None:
        return missing("derive/columns")
    both = tables.truth("columns").merge(found, on="night", suffixes=("_true", ""))
    ratios = (both["column_density_cm2"] / both["column_density_cm2_true"]).dropna()
    section: Section = {"nights": len(ratios)}
    if len(ratios):
        low, middle, high = ratios.quantile([0.16, 0.5, 0.84])
        section |= {"ratio_median": middle, "ratio_16": low, "ratio_84": high}
    section["centroid_km"] = spread(both["centroid_km"] - both["centroid_km_true"])
    return section
