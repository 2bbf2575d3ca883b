"""A night as an image of unit noise, which is what the peers get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter


@dataclass(frozen=True)
class NightImage:
    """Significance of each cell of the coarse grid, dims (row, slot).

    Attributes
    ----------
    significance
        nearly standard normal where there is nothing; 0 where nothing was observed.
    time
        middles of the profiles, s after 00 UT.
    altitude
        middles of the rows, km.
    """

    significance: np.ndarray
    time: np.ndarray
    altitude: np.ndarray
    night: str

    @property
    def row_km(self) -> float:
        """Height of a row."""
        return float(np.median(np.diff(self.altitude)))

    @property
    def step_s(self) -> float:
        """Time between profiles."""
        return float(np.median(np.diff(self.time)))


def night_image(product: xr.Dataset, bottom_km: float) -> NightImage:
    """The image of a night above an altitude, from the product of our own detection.

    The peers are given our background, found with clouds and stripes masked: they have none of their own.
    """
    part = product.sel(altitude=slice(bottom_km, None))
    night = str(product.attrs["night"])
    time = (part["time"].values - np.datetime64(night, "ns")) / np.timedelta64(1, "s")
    significance = np.nan_to_num(part["significance"].transpose("altitude", "time").values.astype(float))
    return NightImage(significance, time, part["altitude"].values.astype(float), night)


def smoothed(image: NightImage, rows: float, slots: float) -> np.ndarray:
    """The image smoothed by a Gaussian of so many rows and slots (sigma), divided by its noise: again of unit noise.

    White noise through a kernel k keeps the variance sum k^2.
    """
    point = np.zeros((8 * int(np.ceil(rows)) + 3, 8 * int(np.ceil(slots)) + 3))
    point[point.shape[0] // 2, point.shape[1] // 2] = 1.0
    kernel = gaussian_filter(point, (rows, slots), mode="constant")
    return gaussian_filter(image.significance, (rows, slots), mode="constant") / np.sqrt((kernel**2).sum())
