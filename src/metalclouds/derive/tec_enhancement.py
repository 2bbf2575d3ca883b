"""Regional enhancement of TEC: table of regions, series at the lidar, for every night there are data for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from metalclouds.derive.tec_campaign import Array, TecCampaign, box_series, lidar_box, load_campaign, observations_of
from metalclouds.derive.tec_noise import hours_with_margin
from metalclouds.derive.tec_rows import EnhancementRows
from metalclouds.derive.tec_search import QuietDayComparison, SearchedNight
from metalclouds.derive.tec_settings import EnhancementSettings
from metalclouds.schema.tables import TEC_ENHANCEMENT, TEC_SERIES

METHODS = ("quiet_days", "zonal_highpass")


@dataclass(frozen=True)
class TecProducts:
    """Tables TEC_ENHANCEMENT and TEC_SERIES, and the excess of each night for the maps."""

    enhancement: pd.DataFrame
    series: pd.DataFrame
    excess: dict[str, Array]
    campaign: TecCampaign


def derive_tec(
    nights: Sequence[xr.Dataset], settings: EnhancementSettings, suspects: Collection[str] = ()
) -> TecProducts:
    """Measure the enhancement of every night with TEC by each background method.

    Parameters
    ----------
    nights
        datasets of `ingest/tec`, in any order.
    settings
        of the measure.
    suspects
        nights that are not taken as quiet from the beginning, such as the case nights.
    """
    campaign = load_campaign(nights, settings)
    observations = {str(night.attrs["night"]): observations_of(night, campaign) for night in nights}
    rows: list[dict] = []
    series: list[pd.DataFrame] = []
    excess: dict[str, Array] = {}
    for method in METHODS:
        comparison = QuietDayComparison(campaign, method, suspects)
        made = EnhancementRows(comparison)
        for index, night in enumerate(campaign.nights):
            searched = comparison.search(index)
            rows.append(made.row(index))
            rows += made.left_out(index, observations[night])
            series.append(series_of(comparison, index, searched))
            if night not in excess or not np.isfinite(excess[night]).any():
                excess[night] = searched.excess
        # Free the arrays of one method before the next makes its own.
        del comparison, made
    return TecProducts(_enhancement_table(rows), _series_table(series), excess, campaign)


def series_of(comparison: QuietDayComparison, index: int, searched: SearchedNight) -> pd.DataFrame:
    """Mean excess and TEC in a box around the lidar against time.

    The error is the root mean square of quiet nights; without them, of the night outside the region's hours.

    Parameters
    ----------
    index
        number of the night in the campaign.

    Returns
    -------
    DataFrame
        table TEC_SERIES of one night, TECU.
    """
    campaign = comparison.campaign
    box = lidar_box(campaign.grid, campaign.settings.place, campaign.settings.lidar_radius_deg)
    excess = box_series(searched.excess, box)
    quiet = [box_series(one, box) for one in comparison.excesses.of_quiet(searched.quiet)]
    if searched.found is not None and not comparison.enough(searched.quiet):
        quiet = [excess[~hours_with_margin(searched.region, campaign.grid, campaign.settings)]]
    error = float(np.sqrt(np.nanmean(np.square(quiet)))) if np.isfinite(quiet).any() else np.nan
    night = campaign.nights[index]
    return pd.DataFrame(
        {
            "night": night,
            "time_utc": campaign.grid.times(night),
            "method": comparison.method,
            "excess_tecu": excess,
            "excess_error_tecu": error,
            "vertical_tec_tecu": box_series(campaign.values[index], box),
        }
    )


def _enhancement_table(rows: list[dict]) -> pd.DataFrame:
    if not rows:
        return TEC_ENHANCEMENT.empty()
    table = pd.DataFrame(rows)
    for name in table:
        if str(name).endswith("_utc"):
            table[name] = pd.to_datetime(table[name])
    table = table.sort_values(["night", "method", "left_out"], kind="stable", ignore_index=True)
    return TEC_ENHANCEMENT.ordered(table)


def _series_table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if not parts:
        return TEC_SERIES.empty()
    table = pd.concat(parts, ignore_index=True)
    table = table.dropna(subset=["excess_tecu", "vertical_tec_tecu"], how="all")
    table = table.sort_values(["night", "method", "time_utc"], kind="stable", ignore_index=True)
    return TEC_SERIES.ordered(table)
