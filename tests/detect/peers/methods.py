"""The peers: each a frozen set of settings with `find(image)`, and the grid that its settings are chosen from.

scikit-image: frangi, probabilistic_hough_line, hough_line and hough_line_peaks (https://scikit-image.org); tobac:
feature_detection_multithreshold and segmentation_2D (https://tobac.readthedocs.io, doi:10.5194/gmd-12-4551-2019).
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import xarray as xr

from tests.detect.peers import lines
from tests.detect.peers.image import NightImage, smoothed

# The Hough transforms look at these directions: 241 angles to the vertical up to 68 degrees of the image, which is
# 57 s/km at 33.3 s and 1.44 km.
ANGLES = np.linspace(-1.19, 1.19, 241)
# Lines nearer than this are one stripe, and cells nearer than that many slots to a line belong to it.
LEAST_DISTANCE_S = 40.0
REACH_SLOTS = 1.5


def grid(**choices: tuple) -> Iterator[dict[str, Any]]:
    """All combinations of the choices."""
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


@dataclass(frozen=True)
class Frangi:
    """Ridges by Frangi's filter, connected components, a line through each."""

    name: ClassVar[str] = "Frangi + components"
    rows: float = 2.0
    sigma: float = 1.0
    threshold: float = 0.3
    least_snr: float = 8.0

    @staticmethod
    def choices() -> Iterator[dict[str, Any]]:
        """The grid, around the best of a coarser one."""
        return grid(rows=(4.0, 6.0), sigma=(1.0, 1.5), threshold=(0.05, 0.1), least_snr=(6.0, 8.0))

    def find(self, image: NightImage) -> pd.DataFrame:
        """Stripes of a night; gamma is in units of the noise, which a busy night must not stretch."""
        from skimage.filters import frangi
        from skimage.measure import label

        flat = np.maximum(smoothed(image, self.rows, 0.5), 0.0)
        ridges = frangi(flat, sigmas=(self.sigma,), black_ridges=False, gamma=2.0)
        return lines.of_labels(image, label(ridges > self.threshold, connectivity=2), self.least_snr)


@dataclass(frozen=True)
class ProbabilisticHough:
    """Pieces of lines by the probabilistic Hough transform of the cells that stand out."""

    name: ClassVar[str] = "probabilistic Hough"
    rows: float = 2.0
    threshold: float = 2.5
    length: int = 15
    gap: int = 3
    least_snr: float = 8.0

    @staticmethod
    def choices() -> Iterator[dict[str, Any]]:
        """The grid, around the best of a coarser one."""
        return grid(rows=(1.0, 2.0), threshold=(3.0, 3.5), length=(15, 25), gap=(6, 10), least_snr=(12.0, 16.0))

    def find(self, image: NightImage) -> pd.DataFrame:
        """Stripes of a night, each refitted to the cells beside it; its random choices have a fixed seed."""
        from skimage.transform import probabilistic_hough_line

        mask = smoothed(image, self.rows, 0.5) > self.threshold
        pieces = probabilistic_hough_line(
            mask, threshold=10, line_length=self.length, line_gap=self.gap, theta=ANGLES, rng=1
        )
        found = lines.table(
            (lines.line_through(image, *lines.near_line(image, *piece, REACH_SLOTS)) for piece in pieces),
            self.least_snr,
        )
        return lines.distinct(found, LEAST_DISTANCE_S)


@dataclass(frozen=True)
class Tobac:
    """Features at several thresholds and their segmentation, the night as one image; a line through each segment."""

    name: ClassVar[str] = "tobac"
    rows: float = 4.0
    threshold: float = 3.0
    steps: int = 3
    least_cells: int = 10
    least_snr: float = 8.0

    @staticmethod
    def choices() -> Iterator[dict[str, Any]]:
        """The grid, around the best of a coarser one."""
        return grid(rows=(1.0, 2.0), threshold=(3.0, 3.5), steps=(3, 5), least_snr=(6.0, 8.0))

    def find(self, image: NightImage) -> pd.DataFrame:
        """Stripes of a night; distances are in cells."""
        import tobac

        values = smoothed(image, self.rows, 0.5)
        field = xr.DataArray(
            values[None], dims=("time", "y", "x"),
            coords={"time": [np.datetime64(image.night, "ns")], "y": np.arange(values.shape[0], dtype=float),
                    "x": np.arange(values.shape[1], dtype=float)},
        )  # fmt: skip
        levels = [self.threshold * 1.6**step for step in range(self.steps)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            features = tobac.feature_detection_multithreshold(
                field, dxy=1.0, threshold=levels, position_threshold="weighted_diff",
                n_min_threshold=self.least_cells, sigma_threshold=0.5,
            )  # fmt: skip
            if features is None or not len(features):
                return lines.table([], self.least_snr)
            segments, _ = tobac.segmentation_2D(features, field, dxy=1.0, threshold=self.threshold)
        return lines.of_labels(image, np.asarray(segments)[0].astype(int), self.least_snr)


PEERS = (Frangi, ProbabilisticHough, Tobac)
