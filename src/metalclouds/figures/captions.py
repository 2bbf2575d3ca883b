"""Words of captions, and the small tables of numbers that stand in the notebooks."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from metalclouds.figures.inputs import Missing
from metalclouds.schema.documents import Inventory

GIRO_LICENCE = "CC BY-NC-SA 4.0: non-commercial use, share alike"
NUMBERS = ("panel", "quantity", "value", "unit")


def paragraph(*parts: str) -> str:
    """Sentences as one paragraph, empty ones left out."""
    return " ".join(part.strip() for part in parts if part.strip())


def table(rows: Iterable[tuple[str, str, object, str]]) -> pd.DataFrame:
    """Numbers read from the files: panel, quantity, value, unit.

    Returns
    -------
    DataFrame
        a row a number: columns `NUMBERS`.
    """
    return pd.DataFrame(list(rows), columns=list(NUMBERS))


def synthetic(is_so: bool, what: str = "all data") -> str:
    """The sentence that stands first where data were simulated."""
    return f"SYNTHETIC: {what} are simulated, not observed." if is_so else ""


def from_giro(inventory: Inventory) -> bool:
    """Whether files of an instrument come from GIRO, whose licence goes with all that is made from them."""
    return inventory.present and "giro" in inventory.source.lower()


def giro(is_so: bool) -> str:
    """The sentence that goes with a figure made from data of GIRO."""
    return f"Contains data of the Global Ionospheric Radio Observatory (GIRO), {GIRO_LICENCE}." if is_so else ""


def missing(*things: object) -> str:
    """What is missing, why and where it could be had; things that are there are ignored."""
    reasons = sorted({thing.text() for thing in things if isinstance(thing, Missing)})
    return f"Missing: {'; '.join(reasons)}." if reasons else ""


def clock(time: pd.Timestamp) -> str:
    """HH:MM in UT."""
    return "?" if pd.isna(time) else f"{time:%H:%M}"


def listed(words: Iterable[str]) -> str:
    """a, b and c."""
    words = list(words)
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1] if words else "none"
