"""Ways in which people write down names, units and values that are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

NAMES = {
    "foEs": ("foEs", "FoEs", "foEs", "Es层临界频率foEs", "fo_Es"),
    "hEs": ("h'Es", "hEs", "h`Es", "Es层虚高h'Es"),
    "foF2": ("foF2", "FoF2", "F2层临界频率foF2"),
    "eastward": ("U", "zonal", "Zonal wind", "zonal_wind", "eastward_wind", "Zw", "纬向风", "u"),
    "northward": ("V", "meridional", "Meridional wind", "meridional_wind", "northward_wind", "Mw", "经向风", "v"),
    "tec": ("TEC", "VTEC", "vTEC", "vertical_tec", "垂直TEC", "电子总含量"),
    "latitude": ("lat", "glat", "latitude", "Latitude", "纬度", "Lat"),
    "longitude": ("lon", "glon", "longitude", "Longitude", "经度", "Lon"),
    "density": ("density", "Ca+ density", "nCa", "N_Ca", "钙离子数密度", "Ca_ion_density", "den"),
    "altitude": ("altitude", "height", "alt", "Height", "高度", "Alt"),
}
# Unit, and what a value of ours is in it.
Scale = Callable[[np.ndarray], np.ndarray]


def times(factor: float) -> Scale:
    return lambda values: factor * values


def _log10(factor: float) -> Scale:
    def scaled(values: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(values > 0, np.log10(np.where(values > 0, factor * values, 1.0)), np.nan)

    return scaled


FREQUENCY = {"MHz": times(1), "kHz": times(1e3), "Hz": times(1e6), "": times(1)}
HEIGHT = {"km": times(1), "m": times(1e3), "": times(1)}
SPEED = {"m/s": times(1), "m s-1": times(1), "m s^-1": times(1), "km/h": times(3.6), "cm/s": times(100), "": times(1)}
CONTENT = {"TECU": times(1), "10^16 m^-2": times(1), "1e16 m-2": times(1), "m-2": times(1e16), "": times(1)}
DENSITY = {
    "cm-3": times(1),
    "cm^-3": times(1),
    "m-3": times(1e6),
    "1/cm^3": times(1),
    "10^6 m^-3": times(1),
    "log10(cm-3)": _log10(1),
    "log10(m-3)": _log10(1e6),
    "": times(1),
}
DEGREE = {"": times(1), "deg": times(1), "°N": times(1)}
UNITS = {
    "foEs": FREQUENCY,
    "foF2": FREQUENCY,
    "hEs": HEIGHT,
    "altitude": HEIGHT,
    "eastward": SPEED,
    "northward": SPEED,
    "tec": CONTENT,
    "density": DENSITY,
    "latitude": DEGREE,
    "longitude": {"": times(1), "deg": times(1), "°E": times(1)},
}
# Units of their own names only (MHz rather than kHz) are drawn more often than others.
USUAL = 0.65

WORDS_FOR_MISSING = ("NaN", "nan", "", "NA", "N/A", "null", "-", "--", "---", "*", "无")
NUMBERS_FOR_MISSING = (9999.0, 999.0, -1.0, -99.0, -999.0, -999.9, -9999.0, -9999.9, -99999.0, 1e20)


@dataclass(frozen=True)
class Missing:
    """How a file says that there is no value."""

    word: str
    number: float

    @property
    def is_word(self) -> bool:
        return np.isnan(self.number)


def draw_missing(rng: np.random.Generator, words: bool, signed: bool) -> Missing:
    """A word (text files) or a number; -1 never where values themselves are of both signs (`signed`)."""
    if words and rng.random() < 0.5:
        return Missing(str(rng.choice(WORDS_FOR_MISSING)), np.nan)
    if not words and rng.random() < 0.3:
        return Missing("NaN", np.nan)
    number = float(rng.choice([n for n in NUMBERS_FOR_MISSING if not (signed and n in (-1.0, -99.0, 999.0))]))
    return Missing(f"{number:g}" if number < 1e6 else "1e20", number)


def draw_unit(rng: np.random.Generator, role: str) -> str:
    """The usual unit mostly."""
    units = list(UNITS[role])
    return units[0] if rng.random() < USUAL else str(rng.choice(units))


def header_of(rng: np.random.Generator, name: str, unit: str) -> str:
    """Name and unit as a column is called."""
    if not unit:
        return name
    return str(rng.choice([f"{name} ({unit})", f"{name}[{unit}]", f"{name}({unit})", f"{name} /{unit}"][:3]))


def with_missing(values: np.ndarray, missing: Missing) -> list[Any]:
    """Values as numbers, the missing as its word or number."""
    instead: Any = missing.word if missing.is_word else missing.number
    return [instead if np.isnan(v) else float(v) for v in values]


def as_numbers(values: np.ndarray, missing: Missing) -> np.ndarray:
    """The same for arrays."""
    return np.where(np.isnan(values), missing.number, values)
