"""Onset, peak and end of an enhancement from its strength against time.

How an enhancement rises and fades is not known beforehand, and a threshold would be late at a slow rise and early
at a slow end. So the strength is described as zero, a rise, a fall and zero again, where rise and fall are straight,
or bent one way or the other (power 2), and the description that fits best is taken.

Quiet nights have a strength too, which wanders within an hour by a few per cent of an enhancement. It is what limits
the end of a gentle fade. So the fit is one of generalised least squares with the covariance of the quiet nights'
strength (Aitken 1935, Proc. R. Soc. Edinb. 55, 42), and onset and end have the standard errors that follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

Array = NDArray[np.floating]
BENDS = ("straight", "steep_first", "gentle_first")
# share of its variance that is added to the noise of each epoch, so that its covariance has an inverse
RIDGE = 0.02
# onset, peak, end, peak value and level
PARAMETERS = 5
# where the search starts: onsets about the first epoch of the region (h), rise and fall as shares of its length
LATTICE_HOURS = 0.15
LATTICE_STEPS = 8
LATTICE_RISES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8])
LATTICE_FALLS = np.array([0.2, 0.4, 0.6, 0.75, 0.9, 1.05, 1.25, 1.5])
# how far and how finely each time is varied by itself (h), and how often all are
SCAN_HOURS = np.arange(-25, 26) * 0.04
SCANS = 3
# onset, peak and end are sums of onset, rise time and fall time
SUMS = np.tril(np.ones((3, 3)))


@dataclass(frozen=True)
class Shape:
    """Times and their standard errors in the unit of the input (hours), `peak_value` in the unit of the strength.

    The errors hold the noise, and how far the other descriptions lie away, each by its likelihood. They do not
    hold a rise or fall that is none of these. `bends` names how rise and fall are bent.
    """

    onset: float
    peak: float
    end: float
    peak_value: float
    onset_error: float
    end_error: float
    bends: tuple[str, str]


@dataclass(frozen=True)
class _Fit:
    """One description: its times (onset, peak, end), covariance, chi square in all and per degree of freedom."""

    times: Array
    covariance: Array
    value: float
    chi_square: float
    per_degree: float
    bends: tuple[str, str]


@dataclass(frozen=True)
class _Whitened:
    """Strength without its level, in units of uncorrelated noise, and the matrix that whitens other series."""

    hours: Array
    strength: Array
    matrix: Array


def _bent(share: Array, bend: str) -> Array:
    """Rise from 0 to 1 while `share` does: x, 1 - (1 - x)^2 or x^2."""
    x = np.clip(share, 0.0, 1.0)
    if bend == "steep_first":
        return 1 - (1 - x) ** 2
    return x if bend == "straight" else x**2


def rise_and_fall(
    hours: Array, onset: float | Array, peak: float | Array, end: float | Array, rise: str, fall: str
) -> Array:
    """Share of the peak at each time; a fall is `steep_first` where it is fastest right after the peak.

    Parameters of several shapes have a second axis of length one.
    """
    up = _bent((hours - onset) / np.maximum(peak - onset, 1e-6), rise)
    down = 1 - _bent((hours - peak) / np.maximum(end - peak, 1e-6), fall)
    return np.where(hours < peak, up, down)


def noise_covariance(quiet: Array, reach: int) -> Array:
    """Covariance of the strength on quiet nights against the lag in epochs, from 0 to `reach` - 1.

    Products are divided by their number at lag 0 and weighted down to zero at `reach` (Bartlett 1950, Biometrika
    37, 1), so that the matrix that it makes is positive definite.

    Parameters
    ----------
    quiet
        strength without an enhancement, dims (night, epoch), TECU; NaN where not observed.
    """
    values = np.nan_to_num(quiet)
    epochs = values.shape[1]
    lags = np.arange(min(reach, epochs))
    sums = np.array([np.sum(values[:, lag:] * values[:, : epochs - lag]) for lag in lags])
    return sums / max(np.count_nonzero(np.isfinite(quiet)), 1) * (1 - lags / reach)


def fit_shape(
    hours: Array,
    strength: Array,
    first: float,
    last: float,
    noise: Array,
    known: Shape | None = None,
) -> Shape:
    """Fit the rise and fall of an enhancement.

    Parameters
    ----------
    hours, strength
        strength (TECU) at each time (h), evenly spaced; NaN where not observed.
    first, last
        about when it is there (h), as the start of the search.
    noise
        covariance of the strength without an enhancement against the lag in epochs, TECU2.
    known
        shape in nearly the same strength: its bends are taken, and the search starts from it.

    Returns
    -------
    shape
        `end` or `onset`, and its error, is NaN where it lies outside the times observed.
    """
    good = np.isfinite(strength)
    x, y = hours[good], strength[good]
    plain, white = (_whitened(x, y, one) for one in (np.eye(x.size), _matrix(np.flatnonzero(good), noise)))
    if known is not None and np.isfinite([known.onset, known.end]).all():
        starts = {known.bends: np.array([known.onset, known.peak, known.end])}
    else:
        trials = [known.bends] if known is not None else list(product(BENDS, BENDS))
        starts = {one: _start(plain, first, last, one) for one in trials}
    shape = _best([_solved(white, _scanned(white, start, one), one) for one, start in starts.items()])
    if shape.onset < x[0]:
        shape = replace(shape, onset=np.nan, onset_error=np.nan)
    if shape.end > x[-1]:
        shape = replace(shape, end=np.nan, end_error=np.nan)
    return shape


def _matrix(epochs: NDArray[np.intp], noise: Array) -> Array:
    """Covariance matrix of the strength at some epochs."""
    lag = np.abs(epochs[:, None] - epochs)
    matrix = np.where(lag < noise.size, noise[np.minimum(lag, noise.size - 1)], 0.0)
    return matrix + max(RIDGE * noise[0], 1e-12) * np.eye(epochs.size)


def _whitened(x: Array, y: Array, covariance: Array) -> _Whitened:
    """Bring the strength to uncorrelated noise of unit variance, and take off any constant."""
    matrix = np.linalg.inv(np.linalg.cholesky(covariance))
    level = matrix.sum(axis=1)
    level /= np.linalg.norm(level)
    matrix = matrix - np.outer(level, level @ matrix)
    return _Whitened(x, matrix @ y, matrix)


def _best(fits: list[_Fit]) -> Shape:
    """The likeliest description; the spread of all, weighted by likelihood, is added to its errors.

    The weights are Akaike's (Burnham & Anderson 2002, Model Selection and Multimodel Inference, section
    2.9), as all descriptions have as many parameters. Where even the best leaves more than the noise, its errors
    are those of as much noise.
    """
    chi = np.array([fit.chi_square for fit in fits])
    best = fits[int(np.argmin(chi))]
    more = max(best.per_degree, 1.0)
    weight = np.exp(-(chi - best.chi_square) / (2 * more)) if np.isfinite(best.chi_square) else np.ones(chi.size)
    times = np.stack([fit.times for fit in fits])
    away = weight @ (times - best.times) ** 2 / weight.sum()
    error = np.sqrt(more * np.diag(best.covariance) + away)
    onset, peak, end = (float(value) for value in best.times)
    return Shape(onset, peak, end, best.value, float(error[0]), float(error[2]), best.bends)


def _least(white: _Whitened, times: Array, bends: tuple[str, str]) -> Array:
    """The times (onset, peak, end) with the least residual, out of trials with dims (trial, 3)."""
    onset, peak, end = times.T[:, :, None]
    share = rise_and_fall(white.hours, onset, peak, end, *bends) @ white.matrix.T
    explained = np.maximum(share @ white.strength, 0.0) ** 2 / np.maximum(np.sum(share**2, axis=1), 1e-12)
    return times[np.argmax(explained)]


def _start(white: _Whitened, first: float, last: float, bends: tuple[str, str]) -> Array:
    """The best onset, peak and end on a lattice."""
    span = max(last - first, LATTICE_HOURS)
    onsets = first + LATTICE_HOURS * np.arange(-LATTICE_STEPS, LATTICE_STEPS + 1)
    axes = np.meshgrid(onsets, span * LATTICE_RISES, span * LATTICE_FALLS, indexing="ij")
    return _least(white, np.stack([axis.ravel() for axis in axes], axis=1) @ SUMS.T, bends)


def _scanned(white: _Whitened, times: Array, bends: tuple[str, str]) -> Array:
    """The best onset, peak and end when each is varied in turn: in correlated noise there are many minima."""
    step = float(np.median(np.diff(white.hours))) / 2
    for index in [2, 1, 0] * SCANS:
        trials = times + SCAN_HOURS[:, None] * np.eye(3)[index]
        ordered = (np.diff(trials, axis=1) >= step).all(axis=1) | (SCAN_HOURS == 0)
        times = _least(white, trials[ordered], bends)
    return times


def _solved(white: _Whitened, start: Array, bends: tuple[str, str]) -> _Fit:
    """Least squares for onset, rise time and fall time, from a start; peak value and level are solved for."""
    x = white.hours

    def solve(parameters: Array) -> tuple[float, Array]:
        onset, peak, end = SUMS @ parameters
        share = white.matrix @ rise_and_fall(x, onset, peak, end, *bends)
        value = float(share @ white.strength) / max(float(share @ share), 1e-12)
        return value, white.strength - value * share

    step = float(np.median(np.diff(x)))
    span = float(np.ptp(x))
    low, high = np.array([x[0] - span, step / 2, step / 2]), np.array([x[-1], 2 * span, 2 * span])
    first = np.clip(np.linalg.solve(SUMS, start), low + 1e-3, high - 1e-3)
    fit = least_squares(lambda p: solve(p)[1], first, bounds=(low, high), x_scale=[0.3, 0.3, 0.5], diff_step=1e-3)
    value = solve(fit.x)[0]
    covariance = SUMS @ np.linalg.pinv(fit.jac.T @ fit.jac) @ SUMS.T
    chi = 2 * float(fit.cost) if value > 0 else np.inf
    return _Fit(SUMS @ fit.x, covariance, value, chi, chi / max(x.size - PARAMETERS, 1), bends)
