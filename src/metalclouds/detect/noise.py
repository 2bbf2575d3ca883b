"""A density in place of counts: its noise from the data, and counts that stand for it.

The lidar equation makes n / z^2 = c (N - B): the noise of a density grows as z^2, that of n / z^2 does not. With
c and the variance c^2 B of n / z^2 where there is no signal, N = n / (c z^2) + B are counts with Poisson's mean
and variance, and everything that was made for counts serves for a density.

c comes from the slope of the variance against the signal: of the stated error where the source has one, else of
the squared differences of neighbouring bins. A source that lost its negative values shows a half of the noise:
sigma is then taken from the positive half, and a lost value is replaced by the mean of the negative half,
-sigma sqrt(2 / pi) of a Gaussian, which leaves the mean of pure noise at zero (and keeps 0.82 of the signal).
"""

from __future__ import annotations

import numpy as np

LOST = ("lost_nan", "lost_zero")
_MAD = 1.482602218505602  # median absolute deviation -> standard deviation of a Gaussian
HALF_MEAN = float(np.sqrt(2 / np.pi))


def quiet_sigma(reduced: np.ndarray, negatives: str) -> np.ndarray:
    """Standard deviation of n / z^2 in each profile, from bins at high altitude.

    Parameters
    ----------
    reduced
        n / z^2, dims (time, bin), bins above the main layer.
    negatives
        kept: from differences of neighbouring bins, which a cloud does not lift. lost_nan, lost_zero: from the
        median of the positive values, a median of half a Gaussian.
    """
    if negatives == "kept":
        step = np.abs(np.diff(reduced, axis=1))
        return np.nanmedian(step, axis=1) * _MAD / np.sqrt(2.0)
    positive = np.where(reduced > 0, reduced, np.nan)
    return np.nanmedian(positive, axis=1) * _MAD


def counts_scale(signal: np.ndarray, variance: np.ndarray, quiet: float) -> float:
    """The slope c of variance = c signal + quiet variance, from the bins that are bright.

    The median of (variance - quiet) / signal over bins whose variance is well above the quiet one; a tenth of
    the noise where nothing is bright, i.e. a background of a hundred counts, for which the noise is Gaussian.
    """
    bright = np.isfinite(signal) & np.isfinite(variance) & (signal > 8 * np.sqrt(quiet))
    if bright.sum() < 50:
        return 0.1 * float(np.sqrt(quiet))
    ratio = (variance[bright] - quiet) / signal[bright]
    return float(max(np.median(ratio), 0.01 * np.sqrt(quiet)))


def local_variance(reduced: np.ndarray) -> np.ndarray:
    """Variance of n / z^2 from the second difference of neighbouring bins, dims as the input."""
    out = np.full(reduced.shape, np.nan)
    second = reduced[:, :-2] - 2 * reduced[:, 1:-1] + reduced[:, 2:]
    out[:, 1:-1] = second**2 / 6.0
    # The median of the square of a Gaussian is 0.4549 of its mean; the caller takes a median.
    return out / 0.4549
