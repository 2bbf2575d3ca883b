"""What a test observed, as a row of derive/supplements.csv, and intervals that several tests share."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds.schema.tables import SUPPLEMENTS


class NotTestable(Exception):
    """What a test needs is not among the data. The message says what, for the reader of the page."""


@dataclass(frozen=True)
class Observable:
    """A number of a test with its interval; `why` says what it was lacking where there is no number."""

    name: str
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    n: int = 0
    unit: str = "1"
    why: str = ""


def table(rows: list[Observable]) -> pd.DataFrame:
    """Rows of derive/supplements.csv.

    Returns
    -------
    DataFrame
        table SUPPLEMENTS, a row an observable.
    """
    if not rows:
        return SUPPLEMENTS.empty()
    frame = pd.DataFrame([asdict(row) for row in rows])
    return SUPPLEMENTS.ordered(frame.assign(why=frame["why"].replace("", np.nan)))


def median(name: str, values: Any, confidence: float, unit: str = "1") -> Observable:
    """The median of some values and its interval between order statistics (infinite where they are too few).

    Raises
    ------
    NotTestable
        If no value is finite.
    """
    known = np.asarray(values, dtype=float)
    known = np.sort(known[np.isfinite(known)])
    if not known.size:
        raise NotTestable("no finite value")
    ranks = stats.binom.ppf([0.5 - confidence / 2, 0.5 + confidence / 2], known.size, 0.5).astype(int)
    bounded = np.concatenate([[-np.inf], known, [np.inf]])
    low, high = bounded[ranks[0]], bounded[ranks[1] + 1]
    return Observable(name, float(np.median(known)), float(low), float(high), known.size, unit)
