"""Invented rows of derive/supplements.csv: what trails of meteoroids would give, and what their rivals would."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Name -> value under trails, value otherwise, half of its interval, unit.
ROWS: dict[str, tuple[float, float, float, str]] = {
    "supply_log_ratio": (-0.8, 2.5, 0.2, "1"),
    "speed_long": (55.0, 25.0, 3.0, "km s-1"),
    "widening": (1.5, -1.5, 0.3, "per 100 km"),
    "radiant_over_sheet": (0.8, -0.8, 0.3, "1"),
    "radiant_nights": (0.8, 0.1, 0.1, "1"),
    "shower_nights": (0.8, 0.1, 0.1, "1"),
    "sheet_sign": (0.5, 1.0, 0.1, "1"),
    "spacing_cv": (0.95, 0.4, 0.1, "1"),
    "metal_log_ratio": (0.2, -1.5, 0.1, "1"),
    "influx_days": (0.5, 20.0, 0.2, "days"),
    "lifetime_log_ratio": (5.1, 0.2, 0.2, "1"),
}


def supplements(trails: bool = True, random: np.random.Generator | None = None) -> pd.DataFrame:
    """derive/supplements.csv under one explanation, with noise of a quarter of each interval where it is drawn."""
    rows = []
    for name, (under_trails, otherwise, half, unit) in ROWS.items():
        value = (under_trails if trails else otherwise) + (random.normal(0.0, 0.25 * half) if random else 0.0)
        rows.append({"name": name, "value": value, "low": value - half, "high": value + half, "n": 40, "unit": unit,
                     "why": np.nan})  # fmt: skip
    return pd.DataFrame(rows)
