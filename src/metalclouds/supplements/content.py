"""Metal in electrons and in tonnes: can the clouds' ions be the enhancement of TEC, can meteoroids bring them?

Each metal ion holds an electron. In favour of metal: the density of the night's brightest stripe over the whole depth
of the clouds, all meteoric metals beside calcium, and calcium held back tenfold in what evaporates.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from metalclouds.constants import ELECTRONS_PER_M2_PER_TECU
from metalclouds.physics.ions import ATOMIC_MASS_KG
from metalclouds.physics.meteoroid import EARTH_AREA_M2
from metalclouds.supplements.observable import NotTestable, Observable

# Atoms of Na, Mg, Al, Si, Ca, Fe and Ni for each of Ca in CI chondrites (Lodders 2003, ApJ 591, 1220: per 1e6 Si
# 5.7e4, 1.03e6, 8.3e4, 1e6, 6.0e4, 8.5e5, 4.8e4), and their mean mass (u).
METALS_OVER_CALCIUM, METAL_MASS_U = 52.0, 35.0
# By how much calcium may be depleted in what evaporates; Ca+ is by less (Plane et al. 2018, Atmos. Chem. Phys. 18,
# 14799).
DEPLETION = 10.0
# Influx of meteoric matter, t a day: 5 to 50 and 100 to 300 by different methods (Plane 2012, Chem. Soc. Rev. 41,
# 6507), and the mass share of those metals in it (CI chondrites).
INFLUX_T_DAY, METAL_SHARE = (5.0, 300.0), 0.4


def columns(nights: pd.DataFrame, stripes: pd.DataFrame) -> pd.DataFrame:
    """Electrons of all metal ions of each night with stripes, all in favour: `metal_tecu`.

    Parameters
    ----------
    nights
        derive/nights.csv.
    stripes
        stripes as `stripes.with_drift` gives them.

    Returns
    -------
    DataFrame
        night, metal_tecu (TECU).
    """
    peak = stripes.groupby("night")["peak_density_cm3"].max()
    own = nights[nights["night"].isin(peak.index)].dropna(subset=["cloud_top_km", "cloud_bottom_km"])
    depth = (own["cloud_top_km"] - own["cloud_bottom_km"]).to_numpy(float)
    calcium = 1e6 * own["night"].map(peak).to_numpy(float) * 1e3 * depth
    metal = calcium * METALS_OVER_CALCIUM * DEPLETION / ELECTRONS_PER_M2_PER_TECU
    return pd.DataFrame({"night": own["night"].to_numpy(), "metal_tecu": metal})


def content(metal: pd.DataFrame, enhancement: pd.DataFrame) -> list[Observable]:
    """Log10 of metal, all in favour, over the enhancement; median and range over the nights with both.

    Parameters
    ----------
    metal
        night, metal_tecu (TECU).
    enhancement
        derive/tec_enhancement.csv.

    Raises
    ------
    NotTestable
        Without such a night.
    """
    whole = enhancement[enhancement["left_out"].isna() & enhancement["peak_tecu"].notna()]
    peak = whole.groupby("night")["peak_tecu"].median()
    both = metal[metal["night"].isin(peak.index)]
    if both.empty:
        raise NotTestable("no night has both stripes and a region of enhanced TEC")
    ratio = np.log10(both["metal_tecu"].to_numpy(float) / both["night"].map(peak).to_numpy(float))
    return [
        _range("metal_tecu", both["metal_tecu"].to_numpy(float), "TECU"),
        _range("metal_log_ratio", ratio, "1"),
    ]


def _range(name: str, values: np.ndarray, unit: str) -> Observable:
    """Median and range over nights, each of which is an upper limit of its own."""
    return Observable(name, float(np.median(values)), float(values.min()), float(values.max()), values.size, unit)


def influx(metal: pd.DataFrame) -> list[Observable]:
    """Days in which the whole influx brings the median column of metal, and their range.

    What favours metal in TEC, calcium held back tenfold, disfavours its supply. So the least comes from calcium that
    is not held back and the largest influx, the most from tenfold and the smallest; the value is their geometric
    mean.

    Parameters
    ----------
    metal
        night, metal_tecu (TECU).

    Raises
    ------
    NotTestable
        Without clouds.
    """
    if metal.empty:
        raise NotTestable("no night has stripes and the depth of a cloud")
    mass = float(metal["metal_tecu"].median()) * ELECTRONS_PER_M2_PER_TECU * METAL_MASS_U * ATOMIC_MASS_KG
    most, least = (
        column / (1e3 * tonnes * METAL_SHARE / EARTH_AREA_M2)
        for column, tonnes in zip((mass, mass / DEPLETION), INFLUX_T_DAY, strict=True)
    )
    return [Observable("influx_days", float(np.sqrt(least * most)), least, most, len(metal), "days")]
