"""Around the paper: escape energies of the review of heavy ions, recomputed; lifetimes of metal and molecular ions.

The review treats heavy ions in the magnetosphere (Yamauchi et al.); its Table 2.2 is compared entry by entry at
the precision it is printed with. Its energies come out with the mass of a proton for each nucleon, which is 0.8 %
more than the mass of these atoms: both are given.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from metalclouds.physics import escape, ions
from metalclouds.schema.tables import SUPPLEMENT_ESCAPE, SUPPLEMENT_LIFETIMES
from metalclouds.supplements.observable import Observable

EARTH_RADII_KM = 6371.0
# Place, altitude (km), planet, and as printed: speed (km/s), energy of O, N2 and Fe (eV).
PRINTED = (
    ("500 km", 500.0, "Earth", ("10.8", "9.7", "17.0", "34")),
    ("1360 km", 1360.0, "Earth", ("10.2", "8.6", "15.1", "30")),
    ("1500 km", 1500.0, "Earth", ("10.1", "8.5", "14.8", "30")),
    ("1700 km", 1700.0, "Earth", ("9.9", "8.2", "14.4", "29")),
    ("2000 km", 2000.0, "Earth", ("9.8", "8.0", "13.9", "28")),
    ("2500 km", 2500.0, "Earth", ("9.5", "7.5", "13.1", "26")),
    ("3000 km", 3000.0, "Earth", ("9.2", "7.1", "12.4", "25")),
    ("4000 km", 4000.0, "Earth", ("8.8", "6.4", "11.2", "22")),
    ("9000 km", 9000.0, "Earth", ("7.2", "4.3", "7.6", "15.2")),
    ("3 Earth radii", 2.0 * EARTH_RADII_KM, "Earth", ("6.5", "3.5", "6.1", "12.2")),
    ("4 Earth radii", 3.0 * EARTH_RADII_KM, "Earth", ("5.6", "2.6", "4.6", "9.1")),
    ("500 km", 500.0, "Venus", ("9.9", "8.2", "14", "28")),
    ("500 km", 500.0, "Mars", ("4.7", "1.8", "3.2", "6.4")),
)
# In brackets there: energy from 500 km up to 2000 km.
PRINTED_FROM_500 = ("2000 km from 500 km", 2000.0, ("1.7", "3.1", "6.1"))
LIFETIME_IONS = ("O2+", "N2+", "NO+", "Fe+", "Ca+")
SECONDS_PER_DAY = 86400.0
EXOBASE_KM = 500.0


def escape_table() -> pd.DataFrame:
    """derive/supplement_escape.csv: every printed entry with its recomputed value.

    Returns
    -------
    DataFrame
        columns of `SUPPLEMENT_ESCAPE`; speeds in km/s, energies in eV.
    """
    rows = []
    for place, altitude, planet, printed in PRINTED:
        rows.append(_row(place, planet, "speed", printed[0], escape.escape_speed_km_s(altitude, planet), "km s-1"))
        for name, text in zip(escape.MASSES_U, printed[1:], strict=True):
            rows.append(_row(place, planet, name, text, escape.escape_energy_ev(altitude, 1.0, planet), "eV"))
    place, altitude, printed_energies = PRINTED_FROM_500
    for name, text in zip(escape.MASSES_U, printed_energies, strict=True):
        energy = escape.escape_energy_ev(500.0, 1.0) - escape.escape_energy_ev(altitude, 1.0)
        rows.append(_row(place, "Earth", name, text, energy, "eV"))
    return SUPPLEMENT_ESCAPE.ordered(pd.DataFrame(rows))


def _row(place: str, planet: str, quantity: str, printed: str, value: float, unit: str) -> dict:
    """An entry agrees if its value rounds to what is printed; energies are given for a particle of 1 u."""
    decimals = len(printed.partition(".")[2])
    exact = value * escape.MASSES_U.get(quantity, 1.0)
    protons = value * escape.NUCLEONS.get(quantity, 1) * (escape.PROTON_MASS_U if unit == "eV" else 1.0)
    agrees, as_protons = (
        math.isclose(round(one, decimals), float(printed), abs_tol=1e-9) for one in (exact, protons)
    )
    return {"planet": planet, "place": place, "quantity": quantity, "printed": float(printed), "decimals": decimals,
            "recomputed": exact, "with_protons": protons, "unit": unit, "agrees": agrees,
            "agrees_with_protons": as_protons}  # fmt: skip


def lifetimes(air: pd.DataFrame, electrons_cm3: float = 1e5) -> pd.DataFrame:
    """derive/supplement_lifetimes.csv: lifetime of each ion at each altitude, and flows beside them.

    Parameters
    ----------
    air
        derive/supplement_air.csv.
    electrons_cm3
        density of electrons.

    Returns
    -------
    DataFrame
        columns of `SUPPLEMENT_LIFETIMES`.
    """
    rows = []
    for layer in air.itertuples():
        fall = layer.fall_m_s
        for ion in LIFETIME_IONS:
            rate = escape.recombination_cm3_s(ion, float(layer.temperature_K))
            life = float(ions.lifetime_s(rate, electrons_cm3))
            rows.append({
                "altitude_km": layer.altitude_km, "ion": ion, "lifetime_days": life / SECONDS_PER_DAY,
                "flow_m_s": escape.flow_needed_m_s(layer.altitude_km, EXOBASE_KM, life), "fall_m_s": fall,
            })  # fmt: skip
    return SUPPLEMENT_LIFETIMES.ordered(pd.DataFrame(rows, columns=list(SUPPLEMENT_LIFETIMES)))


def review(table: pd.DataFrame, lives: pd.DataFrame) -> list[Observable]:
    """How many entries differ, and by how much Ca+ outlives NO+ at 200 km (log10).

    Parameters
    ----------
    table
        derive/supplement_escape.csv.
    lives
        derive/supplement_lifetimes.csv.
    """
    rows = [
        Observable("review_differing", float((~table["agrees"]).sum()), n=len(table), unit="entries"),
        Observable(
            "review_differing_protons", float((~table["agrees_with_protons"]).sum()), n=len(table), unit="entries"
        ),
    ]
    at = lives[lives["altitude_km"] == 200.0].set_index("ion")["lifetime_days"]
    if len(at):
        ratios = np.log10(at["Ca+"] / at[["O2+", "N2+", "NO+"]])
        rows.append(
            Observable("lifetime_log_ratio", float(ratios.median()), float(ratios.min()), float(ratios.max()), 3)
        )
        rows.append(Observable("lifetime_days", float(at["Ca+"]), n=1, unit="days"))
    return rows
