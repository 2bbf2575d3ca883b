"""Tables as detection and columns write them, with chosen contents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.schema.tables import COLUMNS, DETECT_NIGHTS


def detected_nights(nights: list[str], **columns) -> pd.DataFrame:
    """detect/nights.csv: observed quiet nights of eight hours but for the columns given."""
    quiet = {
        "observed": True, "hours": 8.0, "above_150": False, "p_false": 0.5, "clear_200_300": False,
        "p_false_clear": 0.5, "connection_kind": "none", "cloud_hours": 0.0, "stripes": 0, "noise_floor_cm3": 1.0,
        "profiles": 800, "profiles_bad": 0, "score_150": 1.0, "score_200_300": 1.0,
    }  # fmt: skip
    table = pd.DataFrame({"night": nights})
    for name in DETECT_NIGHTS:
        if name != "night":
            table[name] = columns.get(name, quiet.get(name, np.nan))
    return table


def column_table(nights: list[str], column, density=10.0) -> pd.DataFrame:
    """columns.csv with the given column densities."""
    table = pd.DataFrame({"night": nights})
    for name in COLUMNS:
        if name != "night":
            table[name] = np.nan
    return table.assign(column_density_cm2=column, main_layer_density_cm3=density, negatives="kept")
