"""Scores of stripes: how many were found, their slowness, their ends, and the zenith angle of their trails."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from metalclouds.evaluate import ridges as ridge_scores
from metalclouds.evaluate.scores import groups, ratio, recall_by, rows_of, spread
from metalclouds.evaluate.stripe_matching import match, true_slowness
from metalclouds.evaluate.tables import Section, Tables, missing
from metalclouds.schema.table import is_true

# Bins of the matched signal-to-noise ratio and of the peak density (cm-3) for which recall is given.
SNR_EDGES = (0.0, 12.0, 16.0, 25.0, 50.0, math.inf)
DENSITY_EDGES = (0.0, 2.0, 5.0, 10.0, 20.0, math.inf)

# Below this matched signal-to-noise ratio a stripe is not expected to be found (project's prototype).
SNR_EXPECTED = 12.0

# Missed stripes above this one are named.
STRONG = 50.0

# The truth gives a stripe's standard deviation in time, the detection its full width at half maximum.
FULL_WIDTH = 2 * math.sqrt(2 * math.log(2))


def stripes(tables: Tables) -> Section:
    """Stripes found, their slowness with the coverage of its stated 68 % interval, and their ends."""
    found = tables.product("detect/stripes")
    if found is None:
        return missing("detect/stripes")
    truth = seen_stripes(tables, found)
    pairs, fragments = match(truth, found)
    matched = truth.index.isin([i for i, _ in pairs])
    expected = truth["matched_snr"] >= SNR_EXPECTED
    alone = len(found) - len(pairs)
    return {
        "true": len(truth),
        "found": len(found),
        "matched": len(pairs),
        "fragments": fragments,
        "false": alone - fragments,
        "precision": ratio(len(pairs) + fragments, len(found)),
        f"recall_snr_from_{SNR_EXPECTED:g}": ratio(int(matched[expected].sum()), int(expected.sum())),
        "missed_strong": [
            f"{row.night} {row.id}" for row in rows_of(truth[~matched & (truth["matched_snr"] > STRONG)])
        ],
        "recall_by_snr": recall_by(truth["matched_snr"], pd.Series(matched, truth.index), SNR_EDGES),
        "recall_by_peak_density": recall_by(
            truth["peak_density_cm3"], pd.Series(matched, truth.index), DENSITY_EDGES
        ),
        "slowness": _slowness(truth, found, pairs),
        **_ends(truth, found, pairs),
    }


def ridges(tables: Tables) -> Section:
    """Stripes found on nights simulated from physics, against their ridges."""
    found, looked_at = tables.product("detect/stripes"), tables.product("detect/nights")
    if found is None or looked_at is None:
        return missing("detect/stripes")
    truth = {name: tables.truth(name) for name in ("ridges", "crests")}
    return ridge_scores.summary(*ridge_scores.match(truth, found, looked_at["night"].astype(str)))


def seen_stripes(tables: Tables, found: pd.DataFrame) -> pd.DataFrame:
    """True stripes with at least one profile, on the nights that the run looked at.

    Parameters
    ----------
    found
        stripes.csv of the run.

    Returns
    -------
    DataFrame
        rows of the truth's stripes.csv.
    """
    truth = tables.truth("stripes")
    truth = truth[truth["profiles"] > 0]
    looked_at = tables.product("detect/nights")
    nights_seen = set(found["night"]) if looked_at is None else set(looked_at["night"])
    return truth[truth["night"].isin(nights_seen)].reset_index(drop=True)


def _slowness(truth: pd.DataFrame, found: pd.DataFrame, pairs: list[tuple[int, int]]) -> Section:
    partners = found.loc[[j for _, j in pairs]]
    expected = true_slowness(truth.loc[[i for i, _ in pairs]], partners)
    errors = partners["slowness_s_per_km"].to_numpy(float) - expected
    sigma = partners["slowness_sigma_s_per_km"].to_numpy(float)
    known = np.isfinite(errors) & np.isfinite(sigma)
    return {
        "error_s_per_km": spread(errors),
        "stated_sigma_median_s_per_km": np.median(sigma[known]) if known.any() else math.nan,
        "within_stated_68_percent": np.mean(np.abs(errors) <= sigma, where=known) if known.any() else math.nan,
        "error_over_stated_sigma": spread(errors[known] / sigma[known]),
    }


def _ends(truth: pd.DataFrame, found: pd.DataFrame, pairs: list[tuple[int, int]]) -> Section:
    names = ["bottom_km", "top_km", "width_s", "peak_density_cm3"]
    true = truth.loc[[i for i, _ in pairs], names].to_numpy(float) * [1, 1, FULL_WIDTH, 1]
    partners = found.loc[[j for _, j in pairs], names].to_numpy(float)
    section: Section = {f"{name}_error": spread(partners[:, k] - true[:, k]) for k, name in enumerate(names[:3])}
    section["peak_density_ratio_median"] = float(np.nanmedian(partners[:, 3] / true[:, 3])) if pairs else math.nan
    return section


def beta(tables: Tables) -> Section:
    """Zenith angles of matched stripes: values and limits each by what they state."""
    found = tables.product("detect/stripes")
    if found is None:
        return missing("detect/stripes")
    truth = seen_stripes(tables, found)
    names = ["night", "id", "beta_deg", "beta_low_deg", "beta_high_deg", "beta_kind"]
    pairs, _ = match(truth, found)
    rows = [
        {"true": truth.loc[i, "beta_deg"], "marked": truth.loc[i, "marked"], **found.loc[j, names].to_dict()}
        for i, j in pairs
    ]
    table = pd.DataFrame(rows, columns=["true", "marked", *names])
    section: Section = {kind: _beta_kind(kind, part) for kind, part in groups(table, "beta_kind").items()}
    marked = table[is_true(table["marked"])]
    section["marked"] = [
        {"true": row.true, "found": row.beta_deg, "low": row.beta_low_deg, "high": row.beta_high_deg}
        for row in rows_of(marked)
    ]
    return section


def _beta_kind(kind: str, table: pd.DataFrame) -> Section:
    """Number and error; share whose statement holds. A limit holds with its own error on the safe side.

    Stripes of a night share its wind and the wind's error, so the share is also given as a mean over nights, with
    the standard error of that mean.
    """
    above = table["true"] >= table["beta_low_deg"]
    below = table["true"] <= table["beta_high_deg"]
    holds = {"value": above & below, "lower_limit": above, "upper_limit": below}
    section: Section = {"n": len(table)}
    if kind in holds:
        section["statement_holds"] = holds[kind].mean()
        by_night = holds[kind].groupby(table["night"]).mean()
        section["nights"] = len(by_night)
        section["statement_holds_mean_of_nights"] = by_night.mean()
        section["standard_error_of_that"] = by_night.sem()
        section["error_deg"] = spread(table["beta_deg"] - table["true"])
    return section
