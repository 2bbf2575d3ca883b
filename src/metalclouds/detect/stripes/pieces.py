"""Which pieces belong to one stripe: stripes that went over to a neighbour are cut, pieces of one line joined."""

from __future__ import annotations

import math

import numpy as np

from metalclouds.detect.method import Method
from metalclouds.detect.stripes import kernels
from metalclouds.detect.stripes.accept import acceptable, failure, width_of
from metalclouds.detect.stripes.errors import row_scores, within_a_profile
from metalclouds.detect.stripes.fit import fit_between
from metalclouds.detect.stripes.grow import fit_with_ends
from metalclouds.detect.stripes.model import (
    FWHM,
    Failure,
    Patch,
    Stripe,
    add,
    knots_for,
    model_of,
    rebased,
    time_between,
)


def allowed_loss(power: float, method: Method) -> float:
    """Log likelihood that one stripe may explain less than two pieces of a joint significance."""
    return method.pieces.merge_loss + method.pieces.merge_loss_share * 0.5 * power**2


def with_own_crest(stripes: list[Stripe], patch: Patch, method: Method) -> list[Stripe]:
    """Without the stripes that have no crest of their own: shoulders of a brighter one, and pieces that lie on it.

    At half of a stripe's altitudes the light must fall by a share `saddle` between its line and any other
    that is more important, by its significance times its length. Wide ones may be a row of others and count less.
    """
    out: list[Stripe] = []

    def importance(stripe: Stripe) -> float:
        wide = width_of(stripe) > method.accept.even_width_s
        return stripe.significance * stripe.length * (method.pieces.wide_importance if wide else 1.0)

    for stripe in sorted(stripes, key=importance, reverse=True):
        z = np.linspace(*stripe.ends, method.pieces.ridge_rows)
        shared = np.zeros(z.size, np.bool_)
        for other in out:
            one_crest = _unresolved(stripe, other, z, patch.step, method.pieces.saddle)
            if one_crest is not None:
                shared |= one_crest & ~_ripple(other, stripe, z)
        own = 1.0 - float(shared.mean())
        if own >= method.pieces.ridge_share:
            out.append(stripe)
        else:
            patch.reject(stripe, Failure("crest", own, method.pieces.ridge_share))
    return out


def _ripple(narrow: Stripe, wide: Stripe, z: np.ndarray) -> np.ndarray:
    """Altitudes at which a stripe is less than half as wide and as bright as another, dims (z,)."""
    return (2.0 * width_of(narrow) < width_of(wide)) & (narrow.density_at(z) < 0.5 * wide.density_at(z))


def _unresolved(a: Stripe, b: Stripe, z: np.ndarray, step: float, saddle: float) -> np.ndarray | None:
    """Altitudes between the ends of a at which the light of two stripes has one crest only, dims (z,).

    None where they are far from each other.
    """
    far = time_between(a, b) > 4.0 * FWHM * (a.widest + b.widest) + 4.0 * step
    if far or z[-1] < b.ends[0] or z[0] > b.ends[1]:
        return None
    inside = (z >= b.ends[0]) & (z <= b.ends[1])
    start, end = a.time_at(z), b.time_at(z)
    time = start + np.linspace(0.0, 1.0, 9)[:, None] * (end - start)
    light = _light_at(a, z, time, step) + _light_at(b, z, time, step)
    return inside & (light.min(axis=0) >= (1.0 - saddle) * np.minimum(light[0], light[-1]))


def _light_at(stripe: Stripe, z: np.ndarray, time: np.ndarray, step: float) -> np.ndarray:
    """Density (cm-3) of a stripe, averaged over a profile, at times (s), dims (time, z)."""
    own = stripe.sigma_at(z)
    wide = np.hypot(own, 0.3 * step)
    return stripe.density_at(z) * own / wide * np.exp(-0.5 * ((time - stripe.time_at(z)) / wide) ** 2)


def break_gain(stripe: Stripe, patch: Patch, expected: np.ndarray) -> np.ndarray:
    """Log likelihood that a break of the line between two rows would gain, (row): its first row above the break.

    Both parts get a time and a slowness of their own. From the scores of the rows about the fitted line, to second
    order in the shifts: of each part 1/2 s' I^-1 s less that of the whole.

    Parameters
    ----------
    expected
        expected counts without the stripe, dims (row, slot).

    Returns
    -------
    ndarray
        1, dims (row,).
    """
    score, information = row_scores(stripe, patch, expected)
    u = patch.altitude - stripe.middle
    sums = np.cumsum([score, score * u, information, information * u, information * u**2], axis=1)
    whole = sums[:, -1:]
    below = np.concatenate([np.zeros((5, 1)), sums[:, :-1]], axis=1)
    return _line_gain(below) + _line_gain(whole - below) - _line_gain(whole)


def _line_gain(sums: np.ndarray) -> np.ndarray:
    """1/2 s' I^-1 s of a time and a slowness from the sums of score and information."""
    s, r, a, b, c = sums
    determinant = a * c - b**2
    good = determinant > 1e-6 * np.abs(a * c) + 1e-12
    gain = 0.5 * (c * s**2 - 2 * b * s * r + a * r**2)
    return np.where(good, gain / np.where(good, determinant, 1.0), 0.0)


def split(stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """Cut stripes in two where two lines explain them better than one: pieces of neighbours nearly in one line.

    Parameters
    ----------
    expected
        expected counts without the stripes, dims (row, slot).
    """
    current = expected + model_of(stripes, patch)
    out = []
    for stripe in sorted(stripes, key=lambda s: -s.significance):
        add(stripe, patch, -1.0, current)
        parts = _beside_gap(stripe, patch, current, method)
        if not parts:
            parts = _parts(stripe, break_gain(stripe, patch, current), patch, current, method)
        out += parts
        for part in parts:
            add(part, patch, 1.0, current)
    return out


def _beside_gap(stripe: Stripe, patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """The two lights that a line joins over a dark gap, each fitted by itself; none where it joins none."""
    light, variance = np.zeros(patch.altitude.size), np.zeros(patch.altitude.size)
    kernels.row_fluxes(
        stripe.theta, patch.counts, expected, patch.coefficient, patch.time, patch.exposure, patch.altitude,
        patch.row_km, np.array(stripe.ends), light, variance,
    )  # fmt: skip
    low, high = np.searchsorted(patch.altitude, stripe.ends)
    rows = method.pieces.gap_rows
    row = int(kernels.dark_gap(light, variance, int(low), int(high), rows, method.pieces.gap_share))
    if row < 0:
        return []
    edge = float(patch.altitude[row]) - 0.5 * patch.row_km
    parts = []
    for ends in ((stripe.ends[0], edge), (edge + rows * patch.row_km, stripe.ends[1])):
        knots = knots_for(stripe.significance / 1.4, ends[1] - ends[0], method)
        parts.append(fit_between(patch, expected, rebased(stripe, ends, knots), ends, False, method))
    return [] if any(failure(part, method) for part in parts) else parts


def _parts(stripe: Stripe, gain: np.ndarray, patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """The two parts of a stripe at its best break, or the stripe where two explain it hardly better."""
    least = method.settings.stripe_least_length_km
    low = max(stripe.ends[0] + least, method.settings.stripe_least_top_km)
    gain = np.where((patch.altitude > low) & (patch.altitude < stripe.ends[1] - least), gain, 0.0)
    row = int(np.argmax(gain))
    needed = allowed_loss(stripe.significance, method)
    # Where a steep stripe passes into the next profile it looks broken.
    if within_a_profile(stripe, patch.step, method):
        return [stripe]
    if gain[row] < method.pieces.break_share * needed:
        return [stripe]
    edge = float(patch.altitude[row]) - 0.5 * patch.row_km
    parts = []
    for ends in ((stripe.ends[0], edge), (edge, stripe.ends[1])):
        knots = knots_for(stripe.significance / 1.4, ends[1] - ends[0], method)
        part = fit_between(patch, expected, rebased(stripe, ends, knots), ends, False, method)
        fitted = fit_with_ends(patch, expected, part, method.ends.rounds, True, method)
        if fitted is None or not acceptable(fitted, method):
            return [stripe]
        parts.append(fitted)
    power = sum(part.significance**2 for part in parts)
    return parts if 0.5 * (power - stripe.significance**2) > needed else [stripe]


def cut_at_kinks(stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """Cut stripes that went over to a neighbour: bent, and the better half does not reach the other end by itself.

    What is cut off is found again by the next search; pieces of a truly bent stripe are merged again.

    Parameters
    ----------
    expected
        expected counts without the stripes, dims (row, slot).
    """
    current = expected + model_of(stripes, patch)
    out = []
    for stripe in sorted(stripes, key=lambda s: -s.significance):
        if stripe.shape is None or abs(stripe.shape[0][2]) < method.pieces.bend_sigma * math.sqrt(
            stripe.shape[1][2, 2]
        ):
            out.append(stripe)
            continue
        add(stripe, patch, -1.0, current)
        half = _better_half(stripe, patch, current, method)
        chosen = half if half is not None and half.length < method.pieces.kink_length * stripe.length else stripe
        out.append(chosen)
        add(chosen, patch, 1.0, current)
    return out


def _better_half(stripe: Stripe, patch: Patch, expected: np.ndarray, method: Method) -> Stripe | None:
    """The half that stands out more, fitted straight with its own ends; None if it is no stripe."""
    halves = []
    for ends in ((stripe.ends[0], stripe.middle), (stripe.middle, stripe.ends[1])):
        knots = knots_for(stripe.significance / 1.4, ends[1] - ends[0], method)
        halves.append(fit_between(patch, expected, rebased(stripe, ends, knots), ends, False, method))
    best = max(halves, key=lambda s: s.significance)
    fitted = fit_with_ends(patch, expected, best, method.ends.rounds, False, method)
    return fitted if fitted is not None and acceptable(fitted, method) else None


def merge(stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method) -> list[Stripe]:
    """Join pieces of one line where one stripe explains them as well as two, each with its best partner.

    Parameters
    ----------
    expected
        expected counts without the stripes, dims (row, slot).
    """
    out = sorted(stripes, key=lambda s: -s.significance)
    current = expected + model_of(out, patch)
    settled: list[Stripe] = []
    while out:
        piece = out.pop(0)
        partner, joined = _best_partner(piece, out + settled, patch, current, method)
        if joined is None or partner is None:
            settled.append(piece)
            continue
        for one in (piece, partner):
            add(one, patch, -1.0, current)
        add(joined, patch, 1.0, current)
        out = [joined, *(s for s in out if s is not partner)]
        settled = [s for s in settled if s is not partner]
    return sorted(settled, key=lambda s: -s.significance)


def _best_partner(
    piece: Stripe, others: list[Stripe], patch: Patch, current: np.ndarray, method: Method
) -> tuple[Stripe | None, Stripe | None]:
    """The piece that goes best with another, and both in one; None where none does."""
    chosen: tuple[Stripe | None, Stripe | None] = (None, None)
    least = math.inf
    for other in others:
        if not _collinear(piece, other, patch, method):
            continue
        joined = _joined(piece, other, patch, current, method)
        if joined is None:
            continue
        loss = piece.significance**2 + other.significance**2 - joined.significance**2
        if loss < least:
            least, chosen = loss, (other, joined)
    return chosen


def _collinear(a: Stripe, b: Stripe, patch: Patch, method: Method) -> bool:
    """Whether two stripes may be pieces of one: one above the other on a line, or side by side within a width."""
    lower, upper = (a, b) if a.middle < b.middle else (b, a)
    strong, weak = (a, b) if a.significance > b.significance else (b, a)
    if strong.significance > method.pieces.unlike_sigma * weak.significance:
        return False
    width = FWHM * math.exp(max(float(a.theta[3]), float(b.theta[3])))
    gap = upper.ends[0] - lower.ends[1]
    reach = (
        a.longest + b.longest + method.pieces.merge_gap_km * abs(float(strong.theta[1])) + 2 * width + 3 * patch.step
    )
    if gap > method.pieces.merge_gap_km or abs(float(a.theta[0] - b.theta[0])) > 2 * reach:
        return False
    if -gap > 0.5 * min(a.length, b.length):
        z = np.linspace(upper.ends[0], min(a.ends[1], b.ends[1]), 5)
        return bool(np.median(np.abs(a.time_at(z) - b.time_at(z))) < method.pieces.merge_widths * width)
    reach = abs(weak.middle - strong.middle)
    expected = float(strong.theta[0]) + float(strong.theta[1]) * (weak.middle - strong.middle)
    error = math.hypot(math.sqrt(strong.covariance[1, 1]) * reach, math.sqrt(weak.covariance[0, 0]))
    near = method.pieces.merge_slots * patch.step + method.pieces.merge_widths * width
    return abs(expected - float(weak.theta[0])) < near + 3 * error


def _joined(a: Stripe, b: Stripe, patch: Patch, current: np.ndarray, method: Method) -> Stripe | None:
    """One stripe in place of two, or None if it explains less than both by more than the parameters saved."""
    lower, upper = (a, b) if a.middle < b.middle else (b, a)
    ends = (min(a.ends[0], b.ends[0]), max(a.ends[1], b.ends[1]))
    expected = current.copy()
    for piece in (a, b):
        add(piece, patch, -1.0, expected)
    strong = a if a.significance > b.significance else b
    beside = lower.ends[1] - upper.ends[0] > 0.5 * min(a.length, b.length)
    slowness = float(strong.theta[1])
    if not beside:
        slowness = (float(upper.theta[0]) - float(lower.theta[0])) / (upper.middle - lower.middle)
    time = float(strong.theta[0]) + slowness * (0.5 * (ends[0] + ends[1]) - strong.middle)
    power = math.hypot(a.significance, b.significance)
    knots = knots_for(power, ends[1] - ends[0], method)
    density = np.interp(np.linspace(*ends, knots), [lower.middle, upper.middle],
                        [float(lower.density_at(lower.middle)), float(upper.density_at(upper.middle))])  # fmt: skip
    start = np.concatenate([[time, slowness, 0.0, strong.theta[3], 0.0], density])
    free = power > method.fit.shape_sigma
    whole = fit_between(patch, expected, start, ends, free, method)
    joined = fit_with_ends(patch, expected, whole, 1, True, method)
    if joined is None or failure(joined, method) is not None:
        return None
    lost = 0.5 * (power**2 - joined.significance**2)
    return joined if lost < allowed_loss(power, method) else None
