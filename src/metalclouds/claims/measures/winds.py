"""Whether the wind at 250 km is disturbed while the electron content is enhanced (F2a)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.claims.measures.electron_content import METHODS
from metalclouds.claims.model import Data, Measurement, Unavailable
from metalclouds.claims.statistics import hours_of
from metalclouds.schema.table import is_true

# Fewer nights than these tell no usual change, and fewer changes no event's.
LEAST_NIGHTS, LEAST_CHANGES = 5, 3


def _events(data: Data) -> pd.DataFrame:
    """Night, onset and end of each enhancement over the lidar, by the first method that found it.

    Raises
    ------
    Unavailable
        If there is none.
    """
    table = data.table("tec_enhancement", "night", "method", "found")
    whole = table[table["left_out"].isna() & is_true(table["found"])].dropna(subset=["onset_utc", "end_utc"])
    first = whole.sort_values("method", key=lambda names: names.map(METHODS.index), kind="stable")
    events = first.drop_duplicates("night")[["night", "onset_utc", "end_utc"]]
    if events.empty:
        raise Unavailable("no enhancement with an onset and an end was found")
    return events


def wind_disturbance(data: Data) -> Measurement:
    """Median change of the wind from hour to hour during enhancements, over that of other nights at the same hours.

    The interval comes from drawing nights of both kinds anew.

    Raises
    ------
    Unavailable
        If there are too few changes during enhancements or too few other nights.
    """
    steps, events = data.table("wind_steps", "night", "time_utc", "change_m_s"), _events(data)
    joined = steps.merge(events, on="night", how="left")
    inside = joined[joined["time_utc"].between(joined["onset_utc"], joined["end_utc"])]
    others = joined[joined["onset_utc"].isna()]
    ends = [
        pd.concat([hours_of(group[name], night) for night, group in events.groupby("night")])
        for name in ("onset_utc", "end_utc")
    ]
    clock = (others["time_utc"] - pd.to_datetime(others["night"])).dt.total_seconds() / 3600.0
    others = others[clock.between(ends[0].min(), ends[1].max())]
    if len(inside) < LEAST_CHANGES or others["night"].nunique() < LEAST_NIGHTS:
        raise Unavailable(
            f"{len(inside)} hourly changes of wind during enhancements, {others['night'].nunique()} other nights"
        )
    generator = data.generator("wind disturbance")
    drawn = [_medians(one, generator, min(data.settings.draws, 1000)) for one in (inside, others)]
    tail = 50.0 * (1.0 - data.settings.confidence)
    low, high = np.percentile(drawn[0] / drawn[1], [tail, 100.0 - tail])
    usual, during = float(others["change_m_s"].median()), float(inside["change_m_s"].median())
    remark = f"{during:.3g} m/s against {usual:.3g} m/s from hour to hour"
    return Measurement(during / usual, float(low), float(high), n=len(inside), remark=remark)


def _medians(table: pd.DataFrame, generator: np.random.Generator, draws: int) -> np.ndarray:
    """Medians of the changes of nights drawn anew."""
    groups = [group.to_numpy(dtype=float) for _, group in table.groupby("night")["change_m_s"]]
    picks = generator.integers(0, len(groups), (draws, len(groups)))
    return np.array([np.median(np.concatenate([groups[index] for index in pick])) for pick in picks])
