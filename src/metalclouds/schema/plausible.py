"""What a quantity may be: bounds that a reading of a record must keep, each with its source.

They choose between readings of a file (clock, unit, orientation), never between nights: the bounds are wide, and an
odd night that has one reading is written and flagged. docs/readers.md shows the table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Lowest and highest plausible value of a quantity of a whole night, its unit, and where the two come from."""

    low: float
    high: float
    unit: str
    source: str

    def holds(self, value: float) -> bool:
        """Whether a value lies within; NaN does not."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Layer:
    """Main layer of a metal: highest value of the night's mean profile, and column density at 80 to 110 km."""

    peak: Bounds
    column: Bounds


_PLANE = "Plane et al. 2015, Chem. Rev. 115, 4497 (order of the global mean), a factor of 30 either way"

LAYERS: dict[str, Layer] = {
    "Ca+": Layer(
        Bounds(
            0.5,
            1.2e4,
            "cm-3",
            "column over a width of 10 km; sporadic peaks 65 to 3900 (Alpers et al. 1996); a factor of 3 either way",
        ),
        Bounds(5e5, 1.3e9, "cm-2", "1.6e6 to 4.2e8 (Xun et al. 2024, Remote Sens. 16, 596); a factor of 3"),
    ),
    "Ca": Layer(Bounds(0.6, 600.0, "cm-3", _PLANE), Bounds(7e5, 6e8, "cm-2", _PLANE)),
    "Na": Layer(Bounds(100.0, 1e5, "cm-3", _PLANE), Bounds(1.3e8, 1.2e11, "cm-2", _PLANE)),
    "Fe": Layer(Bounds(300.0, 3e5, "cm-3", _PLANE), Bounds(3e8, 3e11, "cm-2", _PLANE)),
    "K": Layer(Bounds(1.5, 1500.0, "cm-3", _PLANE), Bounds(1.6e6, 1.5e9, "cm-2", _PLANE)),
    "Ni": Layer(
        Bounds(10.0, 2e4, "cm-3", "Gerding et al. 2019 and Collins et al. 2015, which differ by 30"),
        Bounds(1e7, 1e10, "cm-2", "Gerding et al. 2019 (3.1e8), a factor of 30 either way"),
    ),
}

LIDAR: dict[str, Bounds] = {
    "layer_km": Bounds(80.0, 110.0, "km", "main layer 80 to 100 km, sporadic to 110 km (Jiao et al. 2022)"),
    "duration_hours": Bounds(0.0, 17.0, "h", "sun below the horizon at 53 N in December, the longest used"),
    "step_s": Bounds(0.5, 3600.0, "s", "33 s here; accumulations of lidars of metals are 1 s to 30 min"),
    "dark_share": Bounds(
        0.9, 1.0, "1", "resonance lidars measure in darkness; profiles of twilight are some per cent"
    ),
}

OTHERS: dict[str, Bounds] = {
    "foEs": Bounds(0.5, 25.0, "MHz", "URSI handbook of ionogram interpretation (UAG-23A); the sounder's 1 to 14 MHz"),
    "foF2": Bounds(1.0, 20.0, "MHz", "the same; critical frequencies at middle latitudes 2 to 15 MHz"),
    "hEs": Bounds(80.0, 170.0, "km", "UAG-23A: Es lies at 90 to 160 km of virtual height"),
    "vertical_tec": Bounds(0.0, 250.0, "1e16 m-2", "largest storm values over China; 5 to 60 in 2020 to 2022"),
    "eastward_wind": Bounds(
        -300.0, 300.0, "m s-1", "night means -23 to 49 m/s (Yuan et al. 2010); storms reach some 300 m/s"
    ),
    "northward_wind": Bounds(-300.0, 300.0, "m s-1", "night means -44 to 2 m/s (Yuan et al. 2010); storms 300 m/s"),
}

YEARS = Bounds(1969.0, 2035.0, "year", "the first sodium lidar (Bowman et al. 1969) to the end of the file formats")
