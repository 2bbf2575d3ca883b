"""Sporadic E of the case nights, sounding by sounding, with what the ionograms show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.ionogram import ScaledIonogram, scale_ionogram
from metalclouds.schema.tables import ES_CASES
from metalclouds.schema.variables import ES_FLAGS, YES_NO_FLAGS

STATUS = {value: name for name, value in ES_FLAGS.items()}
SPREAD = {value: name for name, value in YES_NO_FLAGS.items()}


def es_cases(nights: Sequence[xr.Dataset], settings: EsSettings) -> pd.DataFrame:
    """Table of contract ES_CASES.

    foEs, h'Es, fbEs and status are the product's; where it has none they are read off the ionogram of that time.
    Double Es comes from the ionogram. `es_status` is present, absent or not_observed; `spread_f` yes, no or
    not_observed.

    Blanketing is total: Es with foEs above `blanketing_minimum_mhz` and no F layer seen by any witness. Witnesses
    are the ionogram (no F trace) and the product (neither foF2 nor h'F2 in a table that has them otherwise): an F
    layer that one of them sees is not blanketed, such as a short one between fbEs and foF2 or under a hop of Es.
    Es can hide an F layer only up to its own foEs: where foF2 expected from the soundings around (median of the
    product's, else of the ionograms') lies above foEs by more than `blanketing_margin`, a missing F layer has
    another cause, and blanketing is not known. It is missing, not "no", where it is not known and without either
    witness.

    Parameters
    ----------
    nights
        datasets of `ingest/ionosonde`, in any order.

    Returns
    -------
    DataFrame
        table ES_CASES, a row a sounding.
    """
    tables = [_night(night, settings) for night in sorted(nights, key=lambda n: str(n.attrs["night"]))]
    tables = [table for table in tables if len(table)]
    if not tables:
        return ES_CASES.empty()
    return ES_CASES.ordered(pd.concat(tables, ignore_index=True))


def _night(night: xr.Dataset, settings: EsSettings) -> pd.DataFrame:
    table = _characteristics(night, settings)
    scaled = _scaled(night, settings)
    if scaled is not None:
        table = _joined(table, scaled)
    table["blanketing"] = _possible(table, settings)
    table["night"] = str(night.attrs["night"])
    return table[list(ES_CASES)]


def _characteristics(night: xr.Dataset, settings: EsSettings) -> pd.DataFrame:
    """What the table of characteristics says."""
    status = pd.Series(night["es_status"].values.astype(int)).map(STATUS)
    frame = pd.DataFrame(
        {
            "time_utc": night["time"].values.astype("datetime64[s]"),
            "foEs_MHz": night["foEs"].values.astype(float),
            "es_status": status.to_numpy(dtype=object),
            "hEs_km": night["hEs"].values.astype(float),
            "fbEs_MHz": night["fbEs"].values.astype(float),
            "foF2_MHz": night["foF2"].values.astype(float),
            "blanketing": _blanketing_by_table(night, settings),
            "double_es": pd.array([pd.NA] * night.sizes["time"], dtype="boolean"),
            "upper_hEs_km": np.nan,
            "spread_f": pd.Series(night["spread_f"].values.astype(int)).map(SPREAD).to_numpy(dtype=object),
            "scaled_foEs_MHz": np.nan,
            "scaled_hEs_km": np.nan,
        }
    )
    return frame.sort_values("time_utc", kind="stable", ignore_index=True)


def _blanketing_by_table(night: xr.Dataset, settings: EsSettings) -> pd.arrays.BooleanArray:
    """Whether F is missing while Es is strong; unknown where the table hardly ever has F."""
    f_layer = np.isfinite(night["foF2"].values) | np.isfinite(night["hF2"].values)
    present = night["es_status"].values == ES_FLAGS["present"]
    observed = night["es_status"].values != ES_FLAGS["not_observed"]
    strong = present & (night["foEs"].values >= settings.blanketing_minimum_mhz)
    known = observed & (f_layer[observed].mean() >= 0.5 if observed.any() else False)
    return pd.arrays.BooleanArray(strong & ~f_layer, ~known)


def _possible(table: pd.DataFrame, settings: EsSettings) -> pd.Series:
    """Blanketing, unknown where foF2 is expected so far above foEs that Es cannot be what hides it."""
    near = pd.Timedelta(hours=settings.expected_hours)
    times, known = table["time_utc"].to_numpy(), table["foF2_MHz"].notna().to_numpy()
    critical = table["foF2_MHz"].to_numpy()
    around = [critical[known & (np.abs(times - time) <= near)] for time in times]
    expected = np.array([np.median(values) if values.size else np.nan for values in around])
    beyond = expected > (1 + settings.blanketing_margin) * table["foEs_MHz"].to_numpy(dtype=float)
    called = table["blanketing"].astype("boolean")
    return called.mask(called.fillna(False).to_numpy(dtype=bool) & beyond, pd.NA)


def _scaled(night: xr.Dataset, settings: EsSettings) -> pd.DataFrame | None:
    """What each ionogram shows; None where there are none."""
    if "echo_amplitude" not in night or not night.sizes["ionogram_time"]:
        return None
    order = [np.argsort(night[axis].values, kind="stable") for axis in ("frequency", "virtual_height")]
    frequency, height = night["frequency"].values[order[0]], night["virtual_height"].values[order[1]]
    images = night["echo_amplitude"].transpose("ionogram_time", "frequency", "virtual_height").values
    found = [scale_ionogram(image[np.ix_(*order)], frequency, height, settings) for image in images]
    times = night["ionogram_time"].values.astype("datetime64[s]")
    return pd.DataFrame([_row(time, one) for time, one in zip(times, found, strict=True)])


def _row(time: np.datetime64, scaled: ScaledIonogram) -> dict:
    spread = "not_observed" if scaled.spread_f is None else "yes" if scaled.spread_f else "no"
    known = scaled.status != "not_observed"
    return {
        "time_utc": time,
        "status": scaled.status,
        "fbEs": scaled.fbEs,
        "blanketing_seen": scaled.blanketing if known else pd.NA,
        "double_seen": scaled.double_es if known else pd.NA,
        "upper": scaled.upper_hEs,
        "spread": spread,
        "foEs": scaled.foEs,
        "foF2": scaled.foF2,
        "hEs": scaled.hEs,
    }


def _joined(table: pd.DataFrame, scaled: pd.DataFrame) -> pd.DataFrame:
    """Characteristics and ionograms of the same minute side by side; ionograms without a row get one."""
    step = table["time_utc"].diff().median() if len(table) > 1 else pd.Timedelta(minutes=15)
    near = pd.merge_asof(
        scaled.sort_values("time_utc"),
        table[["time_utc"]].assign(sounding=table.index),
        on="time_utc",
        direction="nearest",
        tolerance=step / 2,
    )
    joined = table.merge(near.drop(columns="time_utc"), left_index=True, right_on="sounding", how="left")
    alone = near[near["sounding"].isna()]
    out = pd.concat([joined, alone.reindex(columns=joined.columns)], ignore_index=True)
    return _filled(out.drop_duplicates("time_utc").sort_values("time_utc", kind="stable", ignore_index=True))


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """The ionogram's reading where there is one; of the characteristics only what the product lacks."""
    out = table.copy()
    unseen = out["es_status"].isna() | (out["es_status"] == "not_observed")
    out.loc[unseen, "es_status"] = out.loc[unseen, "status"].fillna("not_observed")
    for column, reading in (("foEs_MHz", "foEs"), ("hEs_km", "hEs"), ("fbEs_MHz", "fbEs")):
        lacking = out[column].isna() & (out["es_status"] == "present")
        out.loc[lacking, column] = out.loc[lacking, reading]
    out["double_es"] = out["double_seen"].astype("boolean")
    # three-valued: one witness of the F layer is enough for "no"; where one knows nothing the other decides
    witnesses = [out[column].astype("boolean") for column in ("blanketing", "blanketing_seen")]
    out["blanketing"] = witnesses[0].fillna(witnesses[1]) & witnesses[1].fillna(witnesses[0])
    if out["foF2_MHz"].isna().all():
        out["foF2_MHz"] = out["foF2"].astype(float)
    unknown = out["spread_f"].isna() | (out["spread_f"] == "not_observed")
    out.loc[unknown, "spread_f"] = out.loc[unknown, "spread"].fillna("not_observed")
    out["upper_hEs_km"], out["scaled_foEs_MHz"], out["scaled_hEs_km"] = out["upper"], out["foEs"], out["hEs"]
    return out
