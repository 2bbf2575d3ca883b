"""Maximum-likelihood fit of one stripe to the counts of the coarse image by Fisher scoring.

The stripe is a filament: at altitude z its density is a Gaussian in time about the **time of maximum**
c(z) = t0 + p u + q (u^2 - <u^2>), u = z - middle, <u^2> the mean over the stripe, so that p is the slowness of
the straight line whether or not q is free. A cell holds its average over the accumulation time of the profile and
over the height of the row (as a variance (p row)^2 / 12 added to the Gaussian's).

Parameters: t0 (s), p (s/km), q (s/km^2), ln sigma (s), d ln sigma / du (1/km), then the peak density (cm-3) at
equally spaced knots between the ends, linear between them. `presence` is the probability that the stripe reaches a
row: where its ends are uncertain its light fades out, so that rows of mere noise do not pull at the slope.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

T0, SLOWNESS, CURVATURE, LOG_WIDTH, WIDENING, FIRST_DENSITY = 0, 1, 2, 3, 4, 5
_ROOT_2PI = math.sqrt(2 * math.pi)
_REACH = 4.0  # sigma of the Gaussian beyond which a cell holds nothing of it
TOLERANCE = 0.05  # A fit ends where the last step of each parameter is less than this share of its error.


@njit(nogil=True, cache=True, error_model="numpy")
def normal(x: float) -> tuple[float, float]:
    """Distribution function and density of the standard normal, the former within 8e-8.

    Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 26.2.17.
    """
    density = 0.3989422804014327 * math.exp(-0.5 * x * x)
    t = 1.0 / (1.0 + 0.2316419 * abs(x))
    series = 1.330274429 * t - 1.821255978
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * series)))
    tail = density * series
    return (1.0 - tail if x > 0.0 else tail), density


@njit(nogil=True, cache=True, error_model="numpy")
def knot_below(altitude: float, ends: np.ndarray, knots: int) -> tuple[int, float]:
    """Knot of the density below an altitude between the ends, and the share of the one above it.

    Parameters
    ----------
    ends
        km, dims (2,).
    """
    if knots == 1:
        return 0, 0.0
    x = min(max((altitude - ends[0]) / max(ends[1] - ends[0], 1e-6), 0.0), 1.0) * (knots - 1)
    low = min(int(x), knots - 2)
    return low, x - low


@njit(nogil=True, cache=True, error_model="numpy")
def peak_density(theta: np.ndarray, altitude: float, ends: np.ndarray) -> float:
    """Peak density (cm-3) at an altitude between the ends.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    ends
        km, dims (2,).
    """
    low, share = knot_below(altitude, ends, theta.size - FIRST_DENSITY)
    below = theta[FIRST_DENSITY + low]
    return below + share * (theta[FIRST_DENSITY + low + 1] - below) if share > 0.0 else below


@njit(nogil=True, cache=True, error_model="numpy")
def row_shape(theta: np.ndarray, u: float, half: float, row_km: float) -> tuple[float, float, float]:
    """Centre (s), sigma of the Gaussian and sigma with the row's height (s) at u km from the middle.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    """
    centre = theta[0] + theta[1] * u + theta[2] * (u * u - half * half / 3.0)
    sigma = math.exp(theta[3] + theta[4] * u)
    slant = theta[1] * row_km
    return centre, sigma, math.sqrt(sigma * sigma + slant * slant / 12.0)


@njit(nogil=True, cache=True, error_model="numpy")
def accumulate(
    theta: np.ndarray, counts: np.ndarray, expected: np.ndarray, coefficient: np.ndarray, time: np.ndarray,
    exposure: np.ndarray, altitude: np.ndarray, row_km: float, presence: np.ndarray, ends: np.ndarray,
    information: np.ndarray, score: np.ndarray,
) -> float:  # fmt: skip
    """Fill Fisher information and score; return the log likelihood ratio against no stripe.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    counts, expected
        counted and expected without the stripe, dims (row, slot).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    presence
        share of each row that the stripe takes, dims (row,).
    ends
        km, dims (2,).
    information, score
        are filled, dims (parameter, parameter) and (parameter,).
    """
    size = theta.size
    knots = size - FIRST_DENSITY
    by, where = np.ones(7), np.arange(7)
    # A row has a centre, a width and a density; kind says which of the three a parameter moves, `by` how far.
    kind, sums, slope = np.array([0, 0, 0, 1, 1, 2, 2]), np.zeros((3, 3)), np.zeros(3)
    information[:, :] = 0.0
    score[:] = 0.0
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    gain = 0.0
    longest = exposure.max()
    for k in range(altitude.size):
        if presence[k] <= 0.0:
            continue
        u = altitude[k] - middle
        density = peak_density(theta, altitude[k], ends)
        low, share = knot_below(altitude[k], ends, knots)
        where[5], where[6] = FIRST_DENSITY + low, FIRST_DENSITY + min(low + 1, knots - 1)
        by[1], by[2], by[4], by[5], by[6] = u, u * u - half * half / 3.0, u, 1.0 - share, share
        centre, sigma, wide = row_shape(theta, u, half, row_km)
        reach = _REACH * wide + 0.5 * longest
        sums[:, :] = 0.0
        slope[:] = 0.0
        for i in range(np.searchsorted(time, centre - reach), np.searchsorted(time, centre + reach)):
            if coefficient[k, i] <= 0.0:
                continue
            x = time[i] - centre
            upper, lower = (x + 0.5 * exposure[i]) / wide, (x - 0.5 * exposure[i]) / wide
            front = sigma * _ROOT_2PI / exposure[i]
            (until, phi_upper), (before, phi_lower) = normal(upper), normal(lower)
            shape = front * (until - before)
            light = coefficient[k, i] * presence[k]
            signal = light * density
            mean = max(expected[k, i] + signal * shape, 0.2 * expected[k, i] + 1e-3)
            by_centre = signal * -front * (phi_upper - phi_lower) / wide
            narrowing = front * (upper * phi_upper - lower * phi_lower) * (sigma * sigma) / (wide * wide)
            by_width = signal * (shape - narrowing)
            by_density = light * shape
            each, residual = 1.0 / mean, (counts[k, i] - mean) / mean
            sums[0, 0] += by_centre * by_centre * each
            sums[1, 0] += by_centre * by_width * each
            sums[1, 1] += by_width * by_width * each
            sums[2, 0] += by_centre * by_density * each
            sums[2, 1] += by_width * by_density * each
            sums[2, 2] += by_density * by_density * each
            slope[0] += by_centre * residual
            slope[1] += by_width * residual
            slope[2] += by_density * residual
            gain += counts[k, i] * math.log(mean / expected[k, i]) - (mean - expected[k, i])
        for a in range(7):
            score[where[a]] += by[a] * slope[kind[a]]
            for b in range(a + 1):
                information[where[a], where[b]] += by[a] * by[b] * sums[kind[a], kind[b]]
    for a in range(size):
        for b in range(a):
            information[b, a] = information[a, b]
    return gain


@njit(nogil=True, cache=True, error_model="numpy")
def solve(matrix: np.ndarray, vector: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Solve a positive definite system by Cholesky; fill its inverse.

    Parameters
    ----------
    matrix
        dims (n, n).
    vector
        dims (n,).
    inverse
        is filled, dims (n, n).

    Returns
    -------
    ndarray
        dims (n,).
    """
    size = vector.size
    factor = np.zeros((size, size))
    for a in range(size):
        for b in range(a + 1):
            total = matrix[a, b]
            for c in range(b):
                total -= factor[a, c] * factor[b, c]
            factor[a, b] = math.sqrt(max(total, 1e-30)) if a == b else total / factor[b, b]
    for column in range(size):
        for a in range(size):
            total = 1.0 if a == column else 0.0
            for c in range(a):
                total -= factor[a, c] * inverse[c, column]
            inverse[a, column] = total / factor[a, a]
        for a in range(size - 1, -1, -1):
            total = inverse[a, column]
            for c in range(a + 1, size):
                total -= factor[c, a] * inverse[c, column]
            inverse[a, column] = total / factor[a, a]
    out = np.zeros(size)
    for a in range(size):
        for b in range(size):
            out[a] += inverse[a, b] * vector[b]
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def fit(
    theta: np.ndarray, counts: np.ndarray, expected: np.ndarray, coefficient: np.ndarray, time: np.ndarray,
    exposure: np.ndarray, altitude: np.ndarray, row_km: float, presence: np.ndarray, ends: np.ndarray,
    prior: np.ndarray, precision: np.ndarray, largest_step: np.ndarray, rounds: int,
) -> tuple[np.ndarray, np.ndarray, float]:  # fmt: skip
    """Fisher scoring with a Gaussian prior (precision 1e12 holds a parameter fixed) and bounded steps.

    Parameters
    ----------
    counts, expected
        counted and expected without the stripe, dims (row, slot).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    presence
        share of each row that the stripe takes, dims (row,).
    ends
        km, dims (2,).
    theta, prior, precision, largest_step
        start, mean and inverse variance of the prior, bound of a step; dims (parameter,), units as `Stripe.theta`.

    Returns
    -------
    theta, covariance, gain
        at the last step that did not lead downhill; gain is its log likelihood ratio against no stripe.
    """
    size = theta.size
    information, score, inverse = np.zeros((size, size)), np.zeros(size), np.zeros((size, size))
    trial, kept, step = theta.copy(), theta.copy(), np.zeros(size)
    best, best_gain = -np.inf, 0.0
    last = np.zeros(size)
    for _ in range(rounds):
        gain = accumulate(
            trial, counts, expected, coefficient, time, exposure, altitude, row_km, presence, ends, information, score
        )
        value = gain
        for a in range(size):
            value -= 0.5 * precision[a] * (trial[a] - prior[a]) ** 2
        if value < best - max(20.0, 0.3 * abs(best)):
            # The step led downhill: a stripe inside a single profile has hardly any slope to follow.
            for a in range(size):
                step[a] *= 0.3
        else:
            best, best_gain = value, gain
            kept[:] = trial
            for a in range(size):
                information[a, a] += precision[a] + 1e-9
                score[a] -= precision[a] * (kept[a] - prior[a])
            change = solve(information, score, inverse)
            back, size_last = 0.0, 0.0
            for a in range(size):
                step[a] = max(-largest_step[a], min(largest_step[a], change[a]))
                back -= step[a] * last[a] / max(inverse[a, a], 1e-30)
                size_last += last[a] * last[a] / max(inverse[a, a], 1e-30)
            if back > 0.5 * size_last > 0.0:
                # Width and density outdo each other: the maximum lies between this point and the one before.
                for a in range(size):
                    step[a] *= 0.5
            last[:] = step
        done = True
        for a in range(size):
            trial[a] = kept[a] + step[a]
            if abs(step[a]) > TOLERANCE * math.sqrt(max(inverse[a, a], 0.0)):
                done = False
            if a >= FIRST_DENSITY:
                # At zero density the other derivatives vanish: approach it gradually.
                trial[a] = max(trial[a], 0.3 * kept[a], 1e-3)
        if done:
            break
    return trial, inverse, best_gain


@njit(nogil=True, cache=True, error_model="numpy")
def row_fluxes(
    theta: np.ndarray, counts: np.ndarray, expected: np.ndarray, coefficient: np.ndarray, time: np.ndarray,
    exposure: np.ndarray, altitude: np.ndarray, row_km: float, ends: np.ndarray,
    number: np.ndarray, variance: np.ndarray,
) -> None:  # fmt: skip
    """Matched filter of each row along the line, continued straight beyond its ends.

    number / variance is the peak density of the row, 1 / variance its squared error.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    counts, expected
        counted and expected without the stripe, dims (row, slot).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    ends
        km, dims (2,).
    number, variance
        are filled, dims (row,).
    """
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    longest = exposure.max()
    for k in range(altitude.size):
        number[k], variance[k] = 0.0, 0.0
        u = altitude[k] - middle
        inside = min(max(u, -half), half)
        centre, sigma, wide = row_shape(theta, inside, half, row_km)
        centre += (theta[1] + 2 * theta[2] * inside) * (u - inside)
        reach = _REACH * wide + 0.5 * longest
        for i in range(np.searchsorted(time, centre - reach), np.searchsorted(time, centre + reach)):
            if coefficient[k, i] <= 0.0:
                continue
            x = time[i] - centre
            upper, lower = (x + 0.5 * exposure[i]) / wide, (x - 0.5 * exposure[i]) / wide
            shape = sigma * _ROOT_2PI / exposure[i] * (normal(upper)[0] - normal(lower)[0])
            light = coefficient[k, i] * shape
            number[k] += light * (counts[k, i] - expected[k, i]) / expected[k, i]
            variance[k] += light * light / expected[k, i]


@njit(nogil=True, cache=True, error_model="numpy")
def expected_density(
    theta: np.ndarray, altitude: np.ndarray, ends: np.ndarray, share: float, floor: float, sigma: float,
    number: np.ndarray, variance: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Density of each row if the stripe reached it: the fitted one inside the ends, `share` of the mean beyond.

    Where the rows between it and the middle show less, theirs, but no less than a row shows with `sigma`, nor than
    `floor` times the mean: bright stripes are patchy.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    altitude
        middle of each row, km, dims (row,).
    ends
        km, dims (2,).
    number, variance
        of `row_fluxes`, dims (row,).
    out
        is filled, cm-3, dims (row,).
    """
    mean = theta[FIRST_DENSITY:].mean()
    size = altitude.size
    for k in range(size):
        if altitude[k] < ends[0] or altitude[k] > ends[1]:
            out[k] = share * mean
        else:
            out[k] = max(math.sqrt(share) * peak_density(theta, altitude[k], ends), 0.3 * mean)
        light, weight, rows = 0.0, 0.0, 0
        # The rows before it, seen from the middle, so that the light ends where it ends.
        before = -1 if 2.0 * altitude[k] > ends[0] + ends[1] else 1
        for m in range(max(min(k + before, k + 5 * before), 0), min(max(k + before, k + 5 * before) + 1, size)):
            light += number[m]
            weight += variance[m]
            rows += 1
        if weight <= 0.0:
            continue
        least = max(floor * mean, min(share * mean, sigma / math.sqrt(weight / rows)))
        out[k] = min(out[k], max(light / weight, least))


@njit(nogil=True, cache=True, error_model="numpy")
def reach_of(
    gain: np.ndarray, number: np.ndarray, variance: np.ndarray, start: int, way: int, known: int,
    faint: float, loss: float, presence: np.ndarray,
) -> tuple[float, float]:  # fmt: skip
    """Median number of rows reached from `start` upwards (way 1) or downwards (-1), and its standard deviation.

    The last row reached is m with a probability of the exponential of the gain up to there; `presence` becomes
    the probability that a row is reached, 0 below 2 %. After `known` rows the stripe may also go on fainter, with
    the density up to `faint` that fits best, at the price of `loss`.

    Parameters
    ----------
    gain
        log likelihood that a row gains, dims (row,).
    number, variance
        of `row_fluxes`, dims (row,).
    presence
        is filled, dims (row,).
    """
    size = gain.size - start if way > 0 else start + 1
    total, largest = np.empty(size), -np.inf
    value, before, light, weight = 0.0, 0.0, 0.0, 0.0
    for m in range(size):
        row = start + way * m
        value += gain[row]
        total[m] = value
        if m < known:
            before = value
        else:
            light += number[row]
            weight += variance[row]
            if light > 0.0 and weight > 0.0:
                density = min(light / weight, faint)
                total[m] = max(value, before + density * (light - 0.5 * density * weight) - loss)
        if variance[row] > 0.0 or m == 0:
            largest = max(largest, total[m])
    norm = 0.0
    for m in range(size):
        # Where nothing was observed a stripe does not end.
        seen = variance[start + way * m] > 0.0 or m == 0
        total[m] = math.exp(total[m] - largest) if seen else 0.0
        norm += total[m]
    mean, square, median, below = 0.0, 0.0, size, 0.0
    for m in range(size):
        chance = total[m] / norm
        # The probability that the row is reached is that of all ends from it on.
        presence[start + way * m] = 1.0 - below if 1.0 - below > 0.02 else 0.0
        below += chance
        if below >= 0.5 and median == size:
            median = m + 1
        mean += chance * (m + 1)
        square += chance * (m + 1) ** 2
    return float(median), math.sqrt(max(square - mean * mean, 0.0))


@njit(nogil=True, cache=True, error_model="numpy")
def dark_gap(number: np.ndarray, variance: np.ndarray, low: int, high: int, rows: int, share: float) -> int:
    """First row of the darkest gap between two lights that a line joins; -1 if there is none.

    Dark are `rows` whose density, with two of its errors, stays below a share of what as many rows show on both
    sides.

    Parameters
    ----------
    number, variance
        of `row_fluxes`, dims (row,).
    """
    windows = high - low - rows + 1
    if windows < 2 * rows + 1:
        return -1
    density, error = np.empty(windows), np.empty(windows)
    for k in range(windows):
        spread = max(variance[low + k : low + k + rows].sum(), 1e-12)
        density[k] = number[low + k : low + k + rows].sum() / spread
        error[k] = 1.0 / math.sqrt(spread)
    below, above = density - 2.0 * error, density - 2.0 * error
    for k in range(1, windows):
        below[k] = max(below[k], below[k - 1])
        above[windows - 1 - k] = max(above[windows - 1 - k], above[windows - k])
    darkest, least = -1, 0.0
    for k in range(rows, windows - rows):
        lacking = share * min(below[k - rows], above[k + rows]) - density[k] - 2.0 * error[k]
        if lacking > least:
            darkest, least = low + k, lacking
    return darkest


@njit(nogil=True, cache=True, error_model="numpy")
def reaches(
    theta: np.ndarray, counts: np.ndarray, expected: np.ndarray, coefficient: np.ndarray, time: np.ndarray,
    exposure: np.ndarray, altitude: np.ndarray, row_km: float, ends: np.ndarray, share: float, floor: float,
    sigma: float, clear_km: float, faint: float, loss: float, presence: np.ndarray,
) -> tuple[float, float, float, float, float]:  # fmt: skip
    """Ends of a stripe (km, bottom and top), their errors in rows, and the significance of the part above clear_km.

    Fills `presence` (row), the probability that the stripe reaches a row. It may go on upwards with a density up to
    `faint`, at the price of `loss` (log likelihood).

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    counts, expected
        counted and expected without the stripe, dims (row, slot).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    ends
        km, dims (2,).
    presence
        is filled, dims (row,).
    """
    size = altitude.size
    number, variance, density = np.zeros(size), np.zeros(size), np.empty(size)
    row_fluxes(theta, counts, expected, coefficient, time, exposure, altitude, row_km, ends, number, variance)
    expected_density(theta, altitude, ends, share, floor, sigma, number, variance, density)
    gain = density * number - 0.5 * density**2 * variance
    centre = min(max(np.searchsorted(altitude, 0.5 * (ends[0] + ends[1])), 1), size - 1)
    presence[:] = 0.0
    known = np.searchsorted(altitude, ends[1]) - centre
    top, top_sigma = reach_of(gain, number, variance, centre, 1, known, faint, loss, presence)
    bottom, bottom_sigma = reach_of(gain, number, variance, centre - 1, -1, size, 0.0, 0.0, presence)
    signal, noise = 0.0, 0.0
    for k in range(size):
        if altitude[k] > clear_km:
            signal += presence[k] * number[k]
            noise += presence[k] ** 2 * variance[k]
    edge = altitude[centre] - 0.5 * row_km
    clear = signal / math.sqrt(max(noise, 1e-12))
    return edge - bottom * row_km, edge + top * row_km, bottom_sigma, top_sigma, clear


@njit(nogil=True, cache=True, error_model="numpy")
def rebased(theta: np.ndarray, ends: np.ndarray, new: np.ndarray, knots: int) -> np.ndarray:
    """Parameters of a stripe about new ends with another number of knots of the density.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    ends, new
        old and new ends, km, dims (2,).

    Returns
    -------
    ndarray
        dims (parameter,).
    """
    out = np.empty(FIRST_DENSITY + knots)
    half, wide = 0.5 * (ends[1] - ends[0]), 0.5 * (new[1] - new[0])
    shift = 0.5 * (new[0] + new[1] - ends[0] - ends[1])
    # t0 is the mean time over the stripe, not the time at its middle.
    out[0] = theta[0] + theta[1] * shift + theta[2] * (shift**2 - half**2 / 3.0 + wide**2 / 3.0)
    out[1] = theta[1] + 2 * theta[2] * shift
    out[2], out[4] = theta[2], theta[4]
    out[3] = theta[3] + theta[4] * shift
    for m in range(knots):
        position = new[0] + 2 * wide * (m / (knots - 1) if knots > 1 else 0.5)
        out[FIRST_DENSITY + m] = max(peak_density(theta, position, ends), 0.05)
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def row_scores(
    theta: np.ndarray, counts: np.ndarray, expected: np.ndarray, coefficient: np.ndarray, time: np.ndarray,
    exposure: np.ndarray, altitude: np.ndarray, row_km: float, presence: np.ndarray, ends: np.ndarray,
    score: np.ndarray, information: np.ndarray,
) -> None:  # fmt: skip
    """Score and Fisher information of a shift in time of each row by itself.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    counts, expected
        counted and expected without the stripe, dims (row, slot).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    presence
        share of each row that the stripe takes, dims (row,).
    ends
        km, dims (2,).
    score, information
        are filled, s-1 and s-2, dims (row,).
    """
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    longest = exposure.max()
    for k in range(altitude.size):
        score[k], information[k] = 0.0, 0.0
        if presence[k] <= 0.0:
            continue
        density = presence[k] * peak_density(theta, altitude[k], ends)
        centre, sigma, wide = row_shape(theta, altitude[k] - middle, half, row_km)
        reach = _REACH * wide + 0.5 * longest
        for i in range(np.searchsorted(time, centre - reach), np.searchsorted(time, centre + reach)):
            if coefficient[k, i] <= 0.0:
                continue
            x = time[i] - centre
            upper, lower = (x + 0.5 * exposure[i]) / wide, (x - 0.5 * exposure[i]) / wide
            light = coefficient[k, i] * density * sigma * _ROOT_2PI / exposure[i]
            (until, phi_upper), (before, phi_lower) = normal(upper), normal(lower)
            mean = max(expected[k, i] + light * (until - before), 0.2 * expected[k, i] + 1e-3)
            slope = -light * (phi_upper - phi_lower) / wide
            score[k] += slope * (counts[k, i] - mean) / mean
            information[k] += slope * slope / mean


@njit(nogil=True, cache=True, error_model="numpy")
def gradients(
    theta: np.ndarray, coefficient: np.ndarray, time: np.ndarray, exposure: np.ndarray, altitude: np.ndarray,
    row_km: float, presence: np.ndarray, ends: np.ndarray, cell: np.ndarray, out: np.ndarray,
) -> None:  # fmt: skip
    """Derivatives of the stripe's expected counts by its parameters, out (parameter, cell).

    `cell` (row, slot) is the place of a cell in `out`, negative where it has none.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    presence
        share of each row that the stripe takes, dims (row,).
    ends
        km, dims (2,).
    cell
        dims (row, slot).
    out
        is added to, dims (parameter, cell).
    """
    knots = theta.size - FIRST_DENSITY
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    longest = exposure.max()
    for k in range(altitude.size):
        if presence[k] <= 0.0:
            continue
        u = altitude[k] - middle
        density = peak_density(theta, altitude[k], ends)
        low, share = knot_below(altitude[k], ends, knots)
        centre, sigma, wide = row_shape(theta, u, half, row_km)
        reach = _REACH * wide + 0.5 * longest
        for i in range(np.searchsorted(time, centre - reach), np.searchsorted(time, centre + reach)):
            place = cell[k, i]
            if place < 0:
                continue
            x = time[i] - centre
            upper, lower = (x + 0.5 * exposure[i]) / wide, (x - 0.5 * exposure[i]) / wide
            front = sigma * _ROOT_2PI / exposure[i]
            (until, phi_upper), (before, phi_lower) = normal(upper), normal(lower)
            shape = front * (until - before)
            light = coefficient[k, i] * presence[k]
            by_centre = -light * density * front * (phi_upper - phi_lower) / wide
            narrowing = front * (upper * phi_upper - lower * phi_lower) * (sigma * sigma) / (wide * wide)
            by_width = light * density * (shape - narrowing)
            out[0, place] = by_centre
            out[1, place] = by_centre * u
            out[2, place] = by_centre * (u * u - half * half / 3.0)
            out[3, place] = by_width
            out[4, place] = by_width * u
            out[FIRST_DENSITY + low, place] = light * shape * (1.0 - share)
            if share > 0.0:
                out[FIRST_DENSITY + low + 1, place] = light * shape * share


@njit(nogil=True, cache=True, error_model="numpy")
def add_model(
    theta: np.ndarray, coefficient: np.ndarray, time: np.ndarray, exposure: np.ndarray, altitude: np.ndarray,
    row_km: float, presence: np.ndarray, ends: np.ndarray, sign: float, out: np.ndarray,
) -> tuple[int, int]:  # fmt: skip
    """Add the stripe's expected counts, times sign, to out (row, slot); slots [first, last) hold all that changed.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    coefficient
        counts for one cm-3, dims (row, slot).
    time, exposure
        middle and length of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    presence
        share of each row that the stripe takes, dims (row,).
    ends
        km, dims (2,).
    out
        counts, is added to, dims (row, slot).
    """
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    longest = exposure.max()
    lowest, highest = time.size, 0
    for k in range(altitude.size):
        if presence[k] <= 0.0:
            continue
        density = sign * presence[k] * peak_density(theta, altitude[k], ends)
        centre, sigma, wide = row_shape(theta, altitude[k] - middle, half, row_km)
        reach = _REACH * wide + 0.5 * longest
        first, last = np.searchsorted(time, centre - reach), np.searchsorted(time, centre + reach)
        lowest, highest = min(lowest, first), max(highest, last)
        for i in range(first, last):
            x = time[i] - centre
            upper, lower = (x + 0.5 * exposure[i]) / wide, (x - 0.5 * exposure[i]) / wide
            shape = sigma * _ROOT_2PI / exposure[i] * (normal(upper)[0] - normal(lower)[0])
            out[k, i] += coefficient[k, i] * density * shape
    return lowest, max(highest, lowest)


@njit(nogil=True, cache=True, error_model="numpy")
def side_contrast(
    theta: np.ndarray, counts: np.ndarray, expected: np.ndarray, coefficient: np.ndarray, time: np.ndarray,
    altitude: np.ndarray, row_km: float, step: float, presence: np.ndarray, ends: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Light on the line over that on either side, in units of the stripe's own; (2), and its error.

    The line is what lies within a quarter of the width, a side what lies from one width to one and a half; both are
    at least a profile wide. Each row counts by the square of its light, as in a matched filter. NaN for a side that
    was hardly observed.

    Parameters
    ----------
    theta
        parameters, dims (parameter,).
    counts, expected
        counted and expected without the stripe, dims (row, slot).
    coefficient
        counts for one cm-3, dims (row, slot).
    time
        middle of each profile, s, dims (slot,).
    altitude
        middle of each row, km, dims (row,).
    presence
        share of each row that the stripe takes, dims (row,).
    ends
        km, dims (2,).

    Returns
    -------
    tuple
        1, dims (2,) each.
    """
    middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
    total, noise, weight = np.zeros(2), np.zeros(2), np.zeros(2)
    for k in range(altitude.size):
        if presence[k] < 0.5:
            continue
        centre, _, wide = row_shape(theta, altitude[k] - middle, half, row_km)
        width = 2.3548 * math.sqrt(wide * wide + step * step / 12.0)
        near = max(0.25 * width, 0.51 * step)
        density = peak_density(theta, altitude[k], ends) * math.exp(theta[3] + theta[4] * (altitude[k] - middle))
        density *= 2.3548 / width
        low, high = max(width, 1.5 * step), max(1.5 * width, 2.5 * step)
        first = np.searchsorted(time, centre - high)
        last = np.searchsorted(time, centre + high)
        light, lit, spread = np.zeros(3), np.zeros(3), np.zeros(3)
        for i in range(first, last):
            if coefficient[k, i] <= 0.0:
                continue
            x = time[i] - centre
            part = 0 if abs(x) <= near else (-1 if abs(x) < low else (1 if x < 0 else 2))
            if part < 0:
                continue
            light[part] += counts[k, i] - expected[k, i]
            lit[part] += coefficient[k, i]
            spread[part] += max(counts[k, i], expected[k, i])
        if lit[0] <= 0.0:
            continue
        for side in range(2):
            if lit[side + 1] <= 0.0:
                continue
            variance = spread[0] / lit[0] ** 2 + spread[side + 1] / lit[side + 1] ** 2
            row = density / variance
            total[side] += row * (light[0] / lit[0] - light[side + 1] / lit[side + 1])
            weight[side] += row * density
            noise[side] += row * density
    for side in range(2):
        if weight[side] > 0.5 * weight[1 - side]:
            total[side] /= weight[side]
            noise[side] = 1.0 / math.sqrt(noise[side])
        else:
            total[side] = noise[side] = np.nan
    return total, noise
