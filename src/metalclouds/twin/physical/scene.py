"""What all sources of a night share: its hours, air, winds and random numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metalclouds.twin.physical.atmosphere import Atmosphere
from metalclouds.twin.physical.drift import FIRST_HOUR, IonDrift, Winds
from metalclouds.twin.sky import moment


@dataclass(frozen=True)
class Scene:
    """A night before anything is in its sky. `start_s`, `end_s`: hours of operation, s since 10:00 UT."""

    night: str
    start_s: float
    end_s: float
    air: Atmosphere
    winds: Winds
    drift: IonDrift
    rng: np.random.Generator

    @property
    def origin(self) -> np.datetime64:
        """10:00 UT."""
        return moment(self.night, FIRST_HOUR)

    def time(self, seconds: float) -> np.datetime64:
        """UTC of a moment, to the second."""
        return self.origin + np.timedelta64(round(seconds), "s")
