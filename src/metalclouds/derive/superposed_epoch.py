"""foEs around the start of the connections of the campaign, all laid over each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metalclouds.derive.es_response import (
    Soundings,
    comparable_nights,
    connections_of,
    generator,
    random_epochs,
)
from metalclouds.derive.es_settings import EsSettings
from metalclouds.schema.tables import SUPERPOSED_EPOCH

Array = NDArray[np.floating]


def superposed_epoch(soundings: Soundings, events: pd.DataFrame, settings: EsSettings) -> pd.DataFrame:
    """Table of contract SUPERPOSED_EPOCH.

    foEs is the mean of max(foEs, limit) over the connections at each lag from their start, with a bootstrap interval
    over connections. The random band is the same mean over as many epochs drawn from comparable nights without a
    connection at the same UT: its median and interval over many such draws.

    Parameters
    ----------
    events
        table EVENTS.

    Returns
    -------
    DataFrame
        table SUPERPOSED_EPOCH; foEs in MHz, lags in minutes.
    """
    rows = connections_of(events)
    rows = rows[rows["night"].isin(soundings.nights)]
    if not len(rows):
        return SUPERPOSED_EPOCH.empty()
    steps = round(60 * settings.lag_hours / settings.lag_step_minutes)
    lags = settings.lag_step_minutes * np.arange(-steps, steps + 1)
    start = rows["start_utc"].to_numpy().astype("datetime64[s]")
    curves = around(soundings, start, lags, settings)
    low, high = _bootstrap(curves, settings)
    middle, random_low, random_high = _random_band(rows, soundings, lags, settings)
    table = pd.DataFrame(
        {
            "lag_minutes": lags,
            "foEs_MHz": _mean(curves),
            "low_MHz": low,
            "high_MHz": high,
            "random_MHz": middle,
            "random_low_MHz": random_low,
            "random_high_MHz": random_high,
            "connections": np.isfinite(curves).sum(axis=0),
        }
    )
    return SUPERPOSED_EPOCH.ordered(table)


def around(soundings: Soundings, epochs: NDArray[np.datetime64], lags: Array, settings: EsSettings) -> Array:
    """Mean value within half a step of each lag (min) from each epoch, dims (epoch, lag).

    Parameters
    ----------
    epochs
        UTC, dims (epoch,).
    lags
        min, dims (lag,).
    """
    half = np.timedelta64(round(30 * settings.lag_step_minutes), "s")
    centre = epochs[:, None] + np.rint(60 * lags).astype("timedelta64[s]")[None, :]
    return soundings.mean(centre - half, centre + half)


def _mean(curves: Array, axis: int = 0) -> Array:
    count = np.isfinite(curves).sum(axis=axis)
    return np.where(count > 0, np.nansum(curves, axis=axis) / np.maximum(count, 1), np.nan)


def _quantiles(values: Array, levels: Sequence[float]) -> list[Array]:
    """Quantiles over the first dimension; NaN where there is no value at all."""
    out = np.full((len(levels), values.shape[1]), np.nan)
    some = np.isfinite(values).any(axis=0)
    if some.any():
        out[:, some] = np.nanquantile(values[:, some], levels, axis=0)
    return list(out)


def _bootstrap(curves: Array, settings: EsSettings) -> list[Array]:
    """Interval of the mean over connections."""
    rng = generator(settings.seed, "superposed epoch")
    size = len(curves)
    means = np.stack([_mean(curves[rng.integers(0, size, size)]) for _ in range(settings.resamples)])
    tail = (1 - settings.interval) / 2
    return _quantiles(means, [tail, 1 - tail])


def _random_band(rows: pd.DataFrame, soundings: Soundings, lags: Array, settings: EsSettings) -> list[Array]:
    """Median and interval of the mean over random epochs, one for each connection and draw."""
    busy = set(rows["night"])
    total = np.zeros((settings.permutations, lags.size))
    count = np.zeros_like(total)
    for event in rows.itertuples():
        rng = generator(settings.seed, "random epochs", str(event.night), str(event.event))
        candidates = comparable_nights(event.night, soundings.nights, busy, settings.season_days)
        start = np.datetime64(event.start_utc, "s")
        epochs = random_epochs(start, event.night, candidates, settings.permutations, rng, settings)
        if epochs.size:
            curves = around(soundings, epochs, lags, settings)
            total += np.nan_to_num(curves)
            count += np.isfinite(curves)
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    tail = (1 - settings.interval) / 2
    return _quantiles(means, [0.5, tail, 1 - tail])
