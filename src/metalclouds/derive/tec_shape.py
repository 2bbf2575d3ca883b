"""Onset, peak and end of an enhancement from its strength against time.

How an enhancement rises and fades is not known beforehand, and a threshold would be late at a slow rise and early
at a slow end. So the strength is described as zero, a rise, a fall and zero again, where rise and fall are straight,
or bent one way or the other (power 2), and the description with the least residual is taken. Where the residuals
do not tell falls apart, the one that is fastest first is taken, since plasma is lost in proportion to its excess.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

Array = NDArray[np.floating]
BENDS = ("straight", "steep_first", "gentle_first")
LIKELY_FALLS = ("steep_first", "straight", "gentle_first")


@dataclass(frozen=True)
class Shape:
    """Times in the unit of the input (hours), `peak_value` in that of the strength; `misfit` its rms residual.

    `bends` names how rise and fall are bent.
    """

    onset: float
    peak: float
    end: float
    peak_value: float
    misfit: float
    bends: tuple[str, str]


def _bent(share: Array, bend: str) -> Array:
    """Rise from 0 to 1 while `share` does: x, 1 - (1 - x)^2 or x^2."""
    x = np.clip(share, 0.0, 1.0)
    if bend == "steep_first":
        return 1 - (1 - x) ** 2
    return x if bend == "straight" else x**2


def rise_and_fall(hours: Array, onset: float, peak: float, end: float, rise: str, fall: str) -> Array:
    """Share of the peak at each time; a fall is `steep_first` where it is fastest right after the peak."""
    up = _bent((hours - onset) / max(peak - onset, 1e-6), rise)
    down = 1 - _bent((hours - peak) / max(end - peak, 1e-6), fall)
    return np.where(hours < peak, up, down)


def fit_shape(
    hours: Array,
    strength: Array,
    first: float,
    last: float,
    tie: float = 0.05,
    bends: tuple[str, str] | None = None,
) -> Shape:
    """Fit the rise and fall of an enhancement.

    Parameters
    ----------
    hours, strength
        strength (TECU) at each time (h); NaN where not observed.
    first, last
        about when it is there (h), as the start of the search.
    tie
        descriptions whose misfit exceeds the least by less than this share are not told apart.
    bends
        of rise and fall, where they are known; all are tried otherwise.

    Returns
    -------
    shape
        `end` or `onset` is NaN where it lies outside the times observed.
    """
    good = np.isfinite(strength)
    x, y = hours[good], strength[good]
    start = _start(x, y, first, last)
    trials = [bends] if bends else product(BENDS, BENDS)
    best = _chosen([_fit(x, y, start, rise, fall) for rise, fall in trials], tie)
    onset = best.onset if best.onset >= x[0] else np.nan
    return replace(best, onset=onset, end=best.end if best.end <= x[-1] else np.nan)


def _chosen(fits: list[Shape], tie: float) -> Shape:
    """The least misfit among those whose fall is the most likely of the falls that fit."""
    least = min(shape.misfit for shape in fits)
    fitting = [shape for shape in fits if shape.misfit <= (1 + tie) * least]
    for fall in LIKELY_FALLS:
        same = [shape for shape in fitting if shape.bends[1] == fall]
        if same:
            return min(same, key=lambda shape: shape.misfit)
    return fitting[0]


def _start(x: Array, y: Array, first: float, last: float) -> tuple[float, float, float]:
    """Onset, rise time and fall time to start from."""
    inside = (x >= first) & (x <= last)
    peak = float(x[inside][np.argmax(y[inside])]) if inside.any() else (first + last) / 2
    rise, fall = max(peak - first, 0.2), max(last - peak, 0.2)
    return peak - 1.2 * rise, 1.2 * rise, 1.2 * fall


def _fit(x: Array, y: Array, start: tuple[float, float, float], rise: str, fall: str) -> Shape:
    """Least squares for onset, rise time and fall time; peak value and offset are solved for."""

    def solve(parameters: Array) -> tuple[float, Array]:
        onset, up, down = parameters
        share = rise_and_fall(x, onset, onset + up, onset + up + down, rise, fall)
        shift, level = share - share.mean(), y - y.mean()
        value = float(shift @ level) / max(float(shift @ shift), 1e-12)
        return value, level - value * shift

    step = float(np.median(np.diff(x)))
    span = float(np.ptp(x))
    bounds = ([x[0] - span, step / 2, step / 2], [x[-1], 2 * span, 2 * span])
    first = np.clip(start, np.array(bounds[0]) + 1e-3, np.array(bounds[1]) - 1e-3)
    fit = least_squares(lambda p: solve(p)[1], first, bounds=bounds, x_scale=[0.3, 0.3, 0.5], diff_step=1e-3)
    onset, up, down = fit.x
    value = solve(fit.x)[0]
    misfit = float(np.sqrt(np.mean(fit.fun**2))) if value > 0 else np.inf
    return Shape(float(onset), float(onset + up), float(onset + up + down), value, misfit, (rise, fall))
