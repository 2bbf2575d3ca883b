"""Invented rows of derive/supplements.csv: what trails of meteoroids would give, and what their rivals would."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Name -> value under trails, value otherwise, half of its interval, unit.
ROWS: dict[str, tuple[float, float, float, str]] = {
    "supply_log_ratio": (-0.8, 2.5, 0.2, "1"),
}


def supplements(trails: bool = True, random: np.random.Generator | None = None) -> pd.DataFrame:
    """derive/supplements.csv under one explanation, with noise of a quarter of each interval where it is drawn."""
    rows = []
    for name, (under_trails, otherwise, half, unit) in ROWS.items():
        value = (under_trails if trails else otherwise) + (random.normal(0.0, 0.25 * half) if random else 0.0)
        rows.append({"name": name, "value": value, "low": value - half, "high": value + half, "n": 40, "unit": unit,
                     "why": np.nan})  # fmt: skip
    return pd.DataFrame(rows)
