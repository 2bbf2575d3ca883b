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
    "Ca": Layer(
        Bounds(1.0, 930.0, "cm-3", "31 on the mean (Alpers et al. 1996, GRL 23, 567), a factor of 30 either way"),
        Bounds(7e5, 3.3e8, "cm-2", "2.0e6 to 1.1e8 (Xun et al. 2024, Remote Sens. 16, 596), a factor of 3"),
    ),
    "Na": Layer(
        Bounds(70.0, 5.6e4, "cm-3", "the column in a layer of 4.5 km rms (Peng et al. 2006), a factor of 20"),
        Bounds(
            8e7,
            6.4e10,
            "cm-2",
            "months 1.6e9 to 3.2e9 (Peng et al. 2006, Chin. J. Space Sci. 26, 28), a factor of 20",
        ),
    ),
    "Fe": Layer(
        Bounds(
            370.0, 3.4e5, "cm-3", "the column in a layer of 4.4 km rms (Atmosphere 2024, 15, 344), a factor of 30"
        ),
        Bounds(
            4e8,
            3.7e11,
            "cm-2",
            "1.24e10 on the mean at Beijing (Atmosphere 2024, 15, 344), a factor of 30 either way",
        ),
    ),
    "K": Layer(
        Bounds(1.5, 1400.0, "cm-3", "47 on the mean (Eska et al. 1998, JGR 103, 29207), a factor of 30 either way"),
        Bounds(1.5e6, 1.3e9, "cm-2", "4.4e7 on the mean (Eska et al. 1998), a factor of 30 either way"),
    ),
    "Ni": Layer(
        Bounds(
            10.0, 2e4, "cm-3", "280 to 450 (Gerding et al. 2019, GRL 46, 408); Collins et al. 2015 have 40 times more"
        ),
        Bounds(1e7, 2e10, "cm-2", "3.1e8 to 4.9e8 (Gerding et al. 2019), a factor of 30 below and 40 above"),
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

YEARS = Bounds(
    1969.0,
    2035.0,
    "year",
    "the first sodium lidar (Bowman et al. 1969, Nature 221, 456) to the end of the file formats",
)
