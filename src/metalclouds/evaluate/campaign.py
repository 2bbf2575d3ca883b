"""Compare the results of a run with the truth of the simulated campaign: the one module that reads both."""

from __future__ import annotations

import argparse
import itertools
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from metalclouds import batches, io
from metalclouds.errors import ReadError
from metalclouds.evaluate import ridges as ridge_scores
from metalclouds.schema.table import is_true

EXAMPLE = """example:
  metalclouds evaluate --truth truth/twin --run results/twin --json evaluate.json
"""
NOT_THERE = "not there"

# Bins of the matched signal-to-noise ratio and of the peak density (cm-3) for which recall is given.
SNR_EDGES = (0.0, 12.0, 16.0, 25.0, 50.0, math.inf)
DENSITY_EDGES = (0.0, 2.0, 5.0, 10.0, 20.0, math.inf)
# Below this matched signal-to-noise ratio a stripe is not expected to be found (project's prototype).
SNR_EXPECTED = 12.0
# Missed stripes above this one are named.
STRONG = 50.0

# A found stripe may belong to a true one if they share this part of the shorter one's altitudes and pass each other
# within one profile (s) and one width.
SHARED_ALTITUDES = 0.3
# The truth gives a stripe's standard deviation in time, the detection its full width at half maximum.
FULL_WIDTH = 2 * math.sqrt(2 * math.log(2))
MATCH_SECONDS = 33.3
MATCH_WIDTHS = 1.0

# A detected connection belongs to a true one of its kind that begins within this time (minutes).
CONNECTION_MINUTES = 45.0
CONNECTION_KINDS = {"direct": "direct_connection", "descending": "descending_merge"}
FREQUENCY_STEP_MHZ = 0.05
THERMOSPHERE_NM = 630.0
THERMOSPHERE_KM = 250.0

Section = dict[str, Any]


@dataclass(frozen=True)
class Tables:
    """Truth tables and a run's products, read on demand; a product that is not there is None."""

    truth_dir: Path
    run_dir: Path

    def truth(self, name: str) -> pd.DataFrame:
        """A table of the truth.

        Returns
        -------
        DataFrame
            a row an entry, as schema.json beside it explains.

        Raises
        ------
        ReadError
            If it does not exist.
        """
        path = self.truth_dir / f"{name}.csv"
        if not path.is_file():
            raise ReadError("no truth table", file=path, remedy="write it: metalclouds twin ... --truth DIR")
        return io.read_csv(path)

    def product(self, name: str) -> pd.DataFrame | None:
        """A table of the run, e.g. derive/nights, or None.

        Returns
        -------
        DataFrame
            a row an entry; None where the run has no such table.
        """
        path = self.run_dir / f"{name}.csv"
        return io.read_csv(path) if path.is_file() else None


def evaluate(truth_dir: str | Path, run_dir: str | Path) -> dict[str, Section]:
    """Score a run against the truth.

    Parameters
    ----------
    truth_dir
        Folder with the truth tables of the twin.
    run_dir
        `results/<run>`.

    Returns
    -------
    sections
        For each subject a dict of numbers (None: could not be computed), or {"status": "not there", "missing": file}
        where the run has no such product. Errors are found minus true.

    Raises
    ------
    ReadError
        If a folder or a truth table does not exist.
    """
    for label, folder in (("truth", truth_dir), ("run", run_dir)):
        if not Path(folder).is_dir():
            raise ReadError(f"no such folder of the {label}", file=folder)
    tables = Tables(Path(truth_dir), Path(run_dir))
    if (tables.truth_dir / "ridges.csv").is_file():
        return {"ridges": _plain(ridges(tables))}
    return {name: _plain(section(tables)) for name, section in SECTIONS.items()}


def missing(name: str) -> Section:
    """Section of a product that the run does not have."""
    return {"status": NOT_THERE, "missing": f"{name}.csv"}


def _plain(value: Any) -> Any:
    """Numbers as JSON has them: NaN and infinity become None."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, (np.integer, int)):
        return int(value)
    if isinstance(value, (np.floating, float)):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def ratio(part: float, whole: float) -> float:
    """part / whole, NaN for nothing at all."""
    return part / whole if whole else math.nan


def spread(errors: Iterable[float]) -> Section:
    """Number, median, rms and median size of errors."""
    values = np.asarray([error for error in errors if np.isfinite(error)], dtype=float)
    if not values.size:
        return {"n": 0}
    return {
        "n": values.size,
        "median": np.median(values),
        "rms": np.sqrt(np.mean(values**2)),
        "median_absolute": np.median(np.abs(values)),
        "largest": np.abs(values).max(),
    }


def confusion(truth: pd.Series, found: pd.Series) -> Section:
    """Counts of agreement and of both kinds of error, and the rates.

    Parameters
    ----------
    truth, found
        booleans with the same index.
    """
    hit, false = int((truth & found).sum()), int((~truth & found).sum())
    lost, right = int((truth & ~found).sum()), int((~truth & ~found).sum())
    return {
        "found": hit,
        "missed": lost,
        "false": false,
        "rightly_none": right,
        "recall": ratio(hit, hit + lost),
        "false_rate": ratio(false, false + right),
    }


def rows_of(table: pd.DataFrame) -> list[Any]:
    """Rows as named tuples.

    Parameters
    ----------
    table
        any table.
    """
    return list(table.itertuples())


def groups(table: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """Parts of a table by the value of a column.

    Parameters
    ----------
    table
        any table.

    Returns
    -------
    dict
        value as text -> its rows.
    """
    return {str(value): part for value, part in table.groupby(name)}


# ---- nights -----------------------------------------------------------------------------------------------------


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


# ---- stripes ----------------------------------------------------------------------------------------------------


def track(stripe: pd.Series, altitude: np.ndarray) -> np.ndarray:
    """Seconds (Unix) at which a stripe passes altitudes, by its ends and, where it has one, its curvature.

    Parameters
    ----------
    stripe
        a row of stripes.csv, found or true.
    altitude
        km, dims (altitude,).

    Returns
    -------
    ndarray
        s since 1970, dims (altitude,).
    """
    start, end = (stripe[name].timestamp() for name in ("time_bottom", "time_top"))
    length = max(stripe["top_km"] - stripe["bottom_km"], 1e-6)
    rise = altitude - stripe["bottom_km"]
    bend = stripe.get("curvature_s_per_km2", 0.0)
    bend = bend if np.isfinite(bend) else 0.0
    return start + (end - start) * rise / length + bend * rise * (rise - length)


def shared(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Altitudes (km) that two stripes share; empty if too few.

    Parameters
    ----------
    one, other
        rows of stripes.csv.

    Returns
    -------
    ndarray
        km, dims (5,) or (0,).
    """
    low, high = max(one["bottom_km"], other["bottom_km"]), min(one["top_km"], other["top_km"])
    shorter = min(one["top_km"] - one["bottom_km"], other["top_km"] - other["bottom_km"])
    return np.linspace(low, high, 5) if high - low > SHARED_ALTITUDES * shorter else np.empty(0)


def passing(truth: pd.Series, found: pd.Series) -> float:
    """Median time (s) between two stripes over the altitudes that they share; infinite where that is too long.

    Parameters
    ----------
    truth, found
        rows of stripes.csv, the true one with `width_s`.
    """
    altitude = shared(truth, found)
    if not altitude.size:
        return math.inf
    seconds = float(np.median(np.abs(track(truth, altitude) - track(found, altitude))))
    return seconds if seconds <= MATCH_SECONDS + MATCH_WIDTHS * truth["width_s"] else math.inf


def match_night(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[list[tuple[int, int]], int]:
    """Pairs of labels (true, found), one to one with least time between them, and the number of fragments.

    A fragment is a found stripe that lies on a true one which already has a partner.

    Parameters
    ----------
    truth, found
        stripes of one night, a row a stripe.
    """
    cost = np.array([[passing(one, other) for _, other in found.iterrows()] for _, one in truth.iterrows()])
    if not cost.size:
        return [], 0
    rows, others = linear_sum_assignment(np.where(np.isfinite(cost), cost, 1e9))
    pairs = [(i, j) for i, j in zip(rows, others, strict=True) if np.isfinite(cost[i, j])]
    single = set(range(len(found))) - {j for _, j in pairs}
    fragments = sum(bool(np.isfinite(cost[:, j]).any()) for j in single)
    return [(truth.index[i], found.index[j]) for i, j in pairs], fragments


def match(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[list[tuple[int, int]], int]:
    """`match_night` over all nights.

    Parameters
    ----------
    truth, found
        stripes of all nights, a row a stripe.
    """
    pairs, fragments = [], 0
    parts = groups(found, "night")
    for night, one in groups(truth, "night").items():
        if night in parts:
            more, pieces = match_night(one, parts[night])
            pairs += more
            fragments += pieces
    return pairs, fragments


def true_slowness(truth: pd.Series, found: pd.Series) -> float:
    """Mean slowness (s/km) of a true stripe between the ends of the found one that belongs to it.

    Parameters
    ----------
    truth, found
        rows of stripes.csv.
    """
    low, high = max(truth["bottom_km"], found["bottom_km"]), min(truth["top_km"], found["top_km"])
    seconds = track(truth, np.array([low, high]))
    return float((seconds[1] - seconds[0]) / max(high - low, 1e-6))


def recall_by(values: pd.Series, matched: pd.Series, edges: Sequence[float]) -> Section:
    """Share of true stripes found in bins of a quantity.

    Parameters
    ----------
    values
        the quantity of each true stripe.
    matched
        whether it was found, same index.
    """
    section = {}
    for low, high in itertools.pairwise(edges):
        inside = (values >= low) & (values < high)
        label = f">= {low:g}" if math.isinf(high) else f"{low:g}-{high:g}"
        section[label] = {"n": int(inside.sum()), "recall": ratio(int(matched[inside].sum()), int(inside.sum()))}
    return section


def stripes(tables: Tables) -> Section:
    """Stripes found, their slowness with the coverage of its stated 68 % interval, and their ends."""
    found = tables.product("detect/stripes")
    if found is None:
        return missing("detect/stripes")
    truth = _seen_stripes(tables, found)
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


def _seen_stripes(tables: Tables, found: pd.DataFrame) -> pd.DataFrame:
    """True stripes with at least one profile, on the nights that the run looked at."""
    truth = tables.truth("stripes")
    truth = truth[truth["profiles"] > 0]
    looked_at = tables.product("detect/nights")
    nights_seen = set(found["night"]) if looked_at is None else set(looked_at["night"])
    return truth[truth["night"].isin(nights_seen)].reset_index(drop=True)


def _slowness(truth: pd.DataFrame, found: pd.DataFrame, pairs: list[tuple[int, int]]) -> Section:
    partners = found.loc[[j for _, j in pairs]]
    true = truth.loc[[i for i, _ in pairs]]
    both = zip(true.iterrows(), partners.iterrows(), strict=True)
    expected = np.array([true_slowness(one, other) for (_, one), (_, other) in both])
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
    truth = _seen_stripes(tables, found)
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


# ---- events -----------------------------------------------------------------------------------------------------


def nearest(times: pd.Series, moment: pd.Timestamp) -> tuple[Any, float]:
    """Label of the time nearest to a moment, and how many minutes it is later; (None, NaN) for no times.

    Parameters
    ----------
    times
        naive UTC, NaT passed over.
    """
    minutes = (times - moment).dt.total_seconds().dropna() / 60
    if minutes.empty:
        return None, math.nan
    place = int(minutes.abs().to_numpy().argmin())
    return minutes.index[place], float(minutes.iloc[place])


def connections(tables: Tables) -> Section:
    """Onsets of direct and descending connections, in minutes."""
    found = tables.product("detect/events")
    if found is None:
        return missing("detect/events")
    truth = tables.truth("connections")
    section = {}
    for kind, name in CONNECTION_KINDS.items():
        section[kind] = _onsets(truth[truth["kind"] == kind], found[found["kind"] == name])
    return section


def _onsets(truth: pd.DataFrame, found: pd.DataFrame) -> Section:
    errors, used = [], set()
    for row in rows_of(truth):
        label, minutes = nearest(found.loc[found["night"] == row.night, "start_utc"], row.start_utc)
        if label is not None and abs(minutes) <= CONNECTION_MINUTES:
            errors.append(minutes)
            used.add(label)
    within = sum(abs(error) <= 5.0 for error in errors)
    near = sum(_near_any(row, truth) for row in rows_of(found))
    return {
        "true": len(truth),
        "found": len(errors),
        "within_5_minutes": within,
        "events": len(found),
        "events_of_no_true_connection": len(found) - near,
        "onset_error_minutes": spread(errors),
    }


def _near_any(event: Any, truth: pd.DataFrame) -> bool:
    """Whether an event begins during a true connection or near its start."""
    margin = pd.Timedelta(minutes=CONNECTION_MINUTES)
    same = truth[truth["night"] == event.night]
    return bool(
        ((event.start_utc >= same["start_utc"] - margin) & (event.start_utc <= same["end_utc"] + margin)).any()
    )


# ---- ionosphere -------------------------------------------------------------------------------------------------

ENHANCEMENT_TIMES = ("onset_utc", "peak_utc", "end_utc")
ENHANCEMENT_ERRORS = ("onset_error_minutes", "end_error_minutes")
ENHANCEMENT_NUMBERS = ("axis_longitude", "latitude_south", "latitude_north", "width_km", "peak_tecu")


def enhancement(tables: Tables) -> Section:
    """TEC enhancement by each method: minutes, degrees, km and TECU off, stated errors; satellites left out aside."""
    found = tables.product("derive/tec_enhancement")
    if found is None:
        return missing("derive/tec_enhancement")
    truth = tables.truth("enhancements")
    found = found[found["left_out"].isna() & is_true(found["found"])] if len(found) else found
    return {method: _enhancement_errors(truth, part) for method, part in groups(found, "method").items()}


def _enhancement_errors(truth: pd.DataFrame, found: pd.DataFrame) -> Section:
    both = truth.merge(found, on="night", suffixes=("_true", ""))
    rows = {}
    for _, row in both.iterrows():
        late = {name: (row[name] - row[f"{name}_true"]).total_seconds() / 60 for name in ENHANCEMENT_TIMES}
        off = {name: row[name] - row[f"{name}_true"] for name in ENHANCEMENT_NUMBERS}
        stated = {name: row[name] for name in ENHANCEMENT_ERRORS if name in row}
        late = {f"{name.removesuffix('_utc')}_minutes": value for name, value in late.items()}
        rows[row["night"]] = late | stated | off
    false = sorted(set(found["night"]) - set(truth["night"]))
    return {"found": len(both), "false_nights": false, "errors": rows}


def es_truth(episodes: pd.DataFrame, night: str, time: pd.Timestamp) -> Section:
    """Sporadic E of the truth at a time: foEs and height of the strongest, NaN for none; blanketing and double.

    Parameters
    ----------
    episodes
        table of the truth: night, start_utc, end_utc, foEs_MHz, height_km, blanketing, upper.
    """
    on = episodes[(episodes["night"] == night) & (episodes["start_utc"] <= time) & (episodes["end_utc"] > time)]
    if on.empty:
        return {"foEs": math.nan, "height": math.nan, "blanketing": False, "double": False, "upper": math.nan}
    best = on.iloc[int(on["foEs_MHz"].to_numpy().argmax())]
    upper = on[is_true(on["upper"])]
    return {
        "foEs": best["foEs_MHz"],
        "height": best["height_km"],
        "blanketing": bool(is_true(on["blanketing"]).any()),
        "double": len(upper) > 0 and len(upper) < len(on),
        "upper": upper["height_km"].max(),
    }


def sporadic_e(tables: Tables) -> Section:
    """foEs of the table and of the scaled ionograms in steps of 50 kHz; blanketing and double Es."""
    found = tables.product("derive/es_cases")
    if found is None:
        return missing("derive/es_cases")
    episodes = tables.truth("es")
    rows = [es_truth(episodes, row.night, row.time_utc) for row in rows_of(found)]
    truth = pd.DataFrame(rows, columns=["foEs", "height", "blanketing", "double", "upper"], index=found.index)
    section: Section = {"soundings": len(found)}
    # double Es is told of every ionogram with an echo, and of nothing else
    scaled = found["double_es"].notna()
    section["table"] = _frequency_errors(truth["foEs"], found["foEs_MHz"])
    section["ionograms"] = _frequency_errors(truth.loc[scaled, "foEs"], found.loc[scaled, "scaled_foEs_MHz"])
    section["scaled_height_km"] = spread(found["scaled_hEs_km"] - truth["height"])
    section["blanketing"] = confusion(truth["blanketing"], is_true(found["blanketing"]))
    section["double_es"] = confusion(truth["double"], is_true(found["double_es"]))
    section["upper_height_km"] = spread(found["upper_hEs_km"] - truth["upper"])
    return section


def _frequency_errors(truth: pd.Series, found: pd.Series) -> Section:
    steps = ((found - truth) / FREQUENCY_STEP_MHZ).dropna()
    return {
        "presence": confusion(truth.notna(), found.notna()),
        "error_in_steps": spread(steps),
        "within_one_step": (steps.abs() <= 1 + 1e-6).mean() if len(steps) else math.nan,
    }


def es_response(tables: Tables) -> Section:
    """Connections by what foEs did: whether the truth has a response, and whether a rise was found."""
    found = tables.product("derive/es_response")
    if found is None:
        return missing("derive/es_response")
    episodes = tables.truth("es")
    answered = episodes[is_true(episodes["response"])]
    expected, rises, clear = [], [], []
    for row in rows_of(found):
        same = answered[answered["night"] == row.night]
        late = row.end_utc + pd.Timedelta(minutes=CONNECTION_MINUTES)
        expected.append(bool(((same["start_utc"] <= late) & (same["end_utc"] >= row.connection_utc)).any()))
        rises.append(row.rise_during_MHz > 0 or row.rise_after_MHz > 0)
        clear.append(row.rise_during_low_MHz > 0)
    return {
        "connections": len(found),
        "rise": confusion(pd.Series(expected, dtype=bool), pd.Series(rises, dtype=bool)),
        "rise_with_its_whole_interval": confusion(pd.Series(expected, dtype=bool), pd.Series(clear, dtype=bool)),
    }


def wind(tables: Tables) -> Section:
    """Wind at 250 km of the ingested nights against the truth, m/s and in stated errors."""
    folder = tables.run_dir / "ingest" / "fpi"
    truth = tables.truth("winds")
    truth = truth[truth["altitude_km"] == THERMOSPHERE_KM]
    found = (batches.file_of_night(folder, night) for night in sorted(set(truth["night"])))
    paths = [path for path in found if path is not None]
    if not paths:
        return {"status": NOT_THERE, "missing": "ingest/fpi"}
    parts = [_wind_errors(path, truth[truth["night"] == path.stem]) for path in paths]
    table = pd.concat(parts, ignore_index=True)
    section: Section = {"nights": len(paths)}
    for name in ("eastward", "northward"):
        inside = (table[name].abs() <= table[f"{name}_sigma"])[table[name].notna()]
        section[f"{name}_m_s"] = {**spread(table[name]), "within_stated_68_percent": inside.mean()}
    return section


def _wind_errors(path: Path, truth: pd.DataFrame) -> pd.DataFrame:
    data = io.read_netcdf(path)
    data = data.isel(emission=int(np.abs(data["emission_wavelength"].values - THERMOSPHERE_NM).argmin()))
    times = data["time"].values.astype("datetime64[s]").astype(float)
    known = truth["time_utc"].to_numpy().astype("datetime64[s]").astype(float)
    out = {}
    for name in ("eastward", "northward"):
        expected = np.interp(times, known, truth[f"{name}_wind"], left=np.nan, right=np.nan)
        out[name] = data[f"{name}_wind"].values - expected
        out[f"{name}_sigma"] = data[f"{name}_wind_error"].values
    return pd.DataFrame(out)


SECTIONS: dict[str, Callable[[Tables], Section]] = {
    "nights": nights,
    "columns": columns,
    "stripes": stripes,
    "beta": beta,
    "connections": connections,
    "enhancement": enhancement,
    "sporadic_e": sporadic_e,
    "es_response": es_response,
    "wind": wind,
}


# ---- for people -------------------------------------------------------------------------------------------------


def lines(sections: dict[str, Section]) -> list[str]:
    """The scores as a table in plain text."""
    out = []
    for name, section in sections.items():
        out.append(name.replace("_", " "))
        if section.get("status") == NOT_THERE:
            out.append(f"  {NOT_THERE}: {section['missing']}")
            continue
        for label, value in _flat(section):
            out.append(f"  {label:<52} {value}")
    return out


def _flat(section: Section, prefix: str = "") -> list[tuple[str, str]]:
    """Leaves of a nested section as (path, text)."""
    rows = []
    for key, value in section.items():
        label = f"{prefix}{str(key).replace('_', ' ')}"
        if isinstance(value, dict) and _is_row(value):
            rows.append((label, "  ".join(f"{name.replace('_', ' ')} {_text(item)}" for name, item in value.items())))
        elif isinstance(value, dict):
            rows += _flat(value, f"{label}: ")
        else:
            rows.append((label, _text(value)))
    return rows


def _is_row(value: Section) -> bool:
    """Whether a section fits on one line."""
    return 0 < len(value) <= 9 and not any(isinstance(item, (dict, list)) for item in value.values())


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "none"
    if isinstance(value, dict):
        return " ".join(f"{key} {_text(item)}" for key, item in value.items())
    return str(value)


def report(sections: dict[str, Section], stream: TextIO | None = None) -> None:
    """Print the scores."""
    print("\n".join(lines(sections)), file=stream or sys.stdout)


def add_command(subparsers: argparse._SubParsersAction) -> None:
    """Register `metalclouds evaluate`."""
    parser = subparsers.add_parser(
        "evaluate",
        help="score a run on the simulated campaign against its truth",
        description="Score a run on the simulated campaign against its truth.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--truth", required=True, type=Path, metavar="DIR", help="folder of the truth, truth/<run>")
    parser.add_argument("--run", required=True, type=Path, metavar="DIR", dest="run_dir", help="results/<run>")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the scores here")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    sections = evaluate(options.truth, options.run_dir)
    report(sections)
    if options.json:
        io.write_json(options.json, sections)
    return 0
