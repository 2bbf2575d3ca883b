"""The search of a night for stripes: rounds of search, fit and removal, joint refits, merging of pieces."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from metalclouds.detect import mask as masking
from metalclouds.detect import radon
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import (
    Patch,
    Stripe,
    acceptable,
    add,
    fit_between,
    fit_line,
    flares,
    grow,
    knots_for,
    model_of,
    moved,
    scatter,
    upper_part,
    with_slowness_of,
)


def smooth_cloud(counts: np.ndarray, expected: np.ndarray, settings: DetectSettings) -> np.ndarray:
    """Background plus what is smooth in time: thin lasting layers (one row) and broad clouds; counts of a cell."""
    base = expected.astype(np.float64)
    summed = masking.integral(counts)
    for rows, slots in settings.stripe_base_scales:
        mean = masking.integral(base)
        score = masking.box_score(summed, mean, rows // 2, slots // 2, 0.0)
        if not (score > settings.stripe_base_sigma).any():
            continue
        ratio = masking.box_ratio(summed, mean, rows // 2, slots // 2)
        base = np.where((score > settings.stripe_base_sigma) & (ratio > 1), base * ratio, base)
    return np.maximum(base, 1e-3)


def weighted(patch: Patch, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """r a / v and a^2 / v of each cell, float32, for the matched filter."""
    weight = (patch.coefficient / base).astype(np.float32)
    return weight * (patch.counts - base).astype(np.float32), weight * patch.coefficient


def find_stripes(patch: Patch, known: list[Stripe], rounds: int, settings: DetectSettings) -> list[Stripe]:
    """All stripes of a night in order of their middle times, going on from those known already."""
    cloud = smooth_cloud(patch.counts - model_of(known, patch), patch.expected, settings)
    stripes = refit(unkinked(known, patch, cloud, settings), patch, cloud, settings)
    for _ in range(rounds):
        new = search_round(patch, cloud + model_of(stripes, patch), settings)
        if not new:
            break
        stripes = refit(stripes + new, patch, cloud, settings)
        cloud = smooth_cloud(patch.counts - model_of(stripes, patch), patch.expected, settings)
        stripes = merge(refit(stripes, patch, cloud, settings), patch, cloud, settings)
    if known:
        for _ in range(settings.stripe_last_refits):
            stripes = refit(stripes, patch, cloud, settings)
        stripes = straightened(stripes, patch, cloud, settings)
    return sorted(stripes, key=lambda stripe: (float(stripe.theta[0]), stripe.ends[0]))


def search_round(patch: Patch, base: np.ndarray, settings: DetectSettings) -> list[Stripe]:
    """New stripes on top of `base`; each candidate must still stand out after those before it are taken out."""
    number, variance = weighted(patch, base)
    slots_per_row = settings.stripe_largest_slowness_s_per_km * patch.row_km / patch.step
    seed = settings.stripe_seed_sigma
    lines = radon.search(number, variance, slots_per_row, settings.stripe_width_doublings, seed)
    taken: list[Stripe] = []
    tried: list[radon.Line] = []
    current = base.copy()
    for line in lines:
        if len(tried) >= settings.stripe_most_candidates:
            break
        if any(_near(line, other) for other in tried):
            continue
        if (
            taken
            and radon.line_score(number, variance, line.first, line.last, line.slot, line.shear, line.width) < seed
        ):
            continue
        tried.append(line)
        stripe = fit_line(patch, current, line, settings)
        if stripe is not None and not any(same_place(stripe, other, patch.step) for other in taken):
            taken.append(stripe)
            add(stripe, patch, 1.0, current)
            number, variance = weighted(patch, current)
    return taken


def same_place(a: Stripe, b: Stripe, within_s: float) -> bool:
    """Whether two stripes run within some seconds of each other over half of the shorter one."""
    low, high = max(a.ends[0], b.ends[0]), min(a.ends[1], b.ends[1])
    if high - low < 0.5 * min(a.length, b.length):
        return False
    z = np.linspace(low, high, 5)
    return bool(np.median(np.abs(a.time_at(z) - b.time_at(z))) < within_s)


def _near(a: radon.Line, b: radon.Line) -> bool:
    """Whether two candidates are of one ridge: they cross each other's rows within some slots."""
    low, high = max(a.first, b.first), min(a.last, b.last)
    if high <= low:
        return False
    for row in (low, high):
        difference = _slot_at(a, row) - _slot_at(b, row)
        if abs(difference) > 1 + 0.5 * (a.width + b.width):
            return False
    return True


def _slot_at(line: radon.Line, row: float) -> float:
    return line.slot + line.shear * (row - 0.5 * (line.first + line.last)) / (line.last - line.first)


def refit(stripes: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings) -> list[Stripe]:
    """Fit each stripe again on top of all others, ends included."""
    current = base + model_of(stripes, patch)
    out = []
    for stripe in sorted(stripes, key=lambda s: -s.significance):
        add(stripe, patch, -1.0, current)
        new = grow(patch, current, stripe, 1, True, settings)
        if new is not None and acceptable(new, settings):
            out.append(new)
            add(new, patch, 1.0, current)
    return out


def straightened(stripes: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings) -> list[Stripe]:
    """Slowness of each stripe from its part above the flare, its error from the scatter about the fit as well.

    Below some 130 km a stripe widens and brightens several times, not always evenly about its line. Its many
    photons would decide the slope of the whole.
    """
    current = base + model_of(stripes, patch)
    out = []
    for stripe in stripes:
        add(stripe, patch, -1.0, current)
        part = upper_part(patch, stripe, current, settings)
        new = with_slowness_of(stripe, part) if part is not None and flares(stripe, part, settings) else stripe
        growth = np.ones(new.theta.size)
        growth[1] = math.sqrt(scatter(patch, new, current, settings))
        out.append(replace(new, covariance=new.covariance * np.outer(growth, growth)))
        add(out[-1], patch, 1.0, current)
    return out


def unkinked(stripes: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings) -> list[Stripe]:
    """Cut stripes that went over to a neighbour: bent, and the better half does not reach the other end by itself.

    What is cut off is found again by the next search; pieces of a truly bent stripe are merged again.
    """
    current = base + model_of(stripes, patch)
    out = []
    for stripe in sorted(stripes, key=lambda s: -s.significance):
        if stripe.shape is None or abs(stripe.shape[0][2]) < settings.stripe_bend_sigma * math.sqrt(
            stripe.shape[1][2, 2]
        ):
            out.append(stripe)
            continue
        add(stripe, patch, -1.0, current)
        half = _better_half(stripe, patch, current, settings)
        chosen = half if half is not None and half.length < settings.stripe_kink_length * stripe.length else stripe
        out.append(chosen)
        add(chosen, patch, 1.0, current)
    return out


def _better_half(stripe: Stripe, patch: Patch, base: np.ndarray, settings: DetectSettings) -> Stripe | None:
    """The half that stands out more, fitted straight and grown; None if it is no stripe."""
    halves = []
    for ends in ((stripe.ends[0], stripe.middle), (stripe.middle, stripe.ends[1])):
        knots = knots_for(stripe.significance / 1.4, ends[1] - ends[0], settings)
        halves.append(fit_between(patch, base, moved(stripe, ends, knots), ends, False, settings))
    best = max(halves, key=lambda s: s.significance)
    grown = grow(patch, base, best, settings.stripe_end_rounds, False, settings)
    return grown if grown is not None and acceptable(grown, settings) else None


def merge(stripes: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings) -> list[Stripe]:
    """Join pieces of one line where one stripe explains them as well as two."""
    out = sorted(stripes, key=lambda s: -s.significance)
    current = base + model_of(out, patch)
    i = 0
    while i < len(out):
        partners = [j for j in range(len(out)) if j != i and _collinear(out[i], out[j], patch, settings)]
        joined = _joined(out[i], out[partners[0]], patch, current, settings) if partners else None
        if joined is None:
            i += 1
            continue
        pair = (i, partners[0])
        for piece in pair:
            add(out[piece], patch, -1.0, current)
        add(joined, patch, 1.0, current)
        out = [joined] + [stripe for k, stripe in enumerate(out) if k not in pair]
        i = 0
    return out


def _collinear(a: Stripe, b: Stripe, patch: Patch, settings: DetectSettings) -> bool:
    """Whether two stripes, one above the other, may be pieces of one line."""
    lower, upper = (a, b) if a.middle < b.middle else (b, a)
    gap = upper.ends[0] - lower.ends[1]
    if gap > settings.stripe_merge_gap_km or -gap > 0.5 * min(a.length, b.length):
        return False
    strong, weak = (a, b) if a.significance > b.significance else (b, a)
    reach = abs(weak.middle - strong.middle)
    expected = float(strong.theta[0]) + float(strong.theta[1]) * (weak.middle - strong.middle)
    error = math.hypot(math.sqrt(strong.covariance[1, 1]) * reach, math.sqrt(weak.covariance[0, 0]))
    return abs(expected - float(weak.theta[0])) < settings.stripe_merge_slots * patch.step + 3 * error


def _joined(a: Stripe, b: Stripe, patch: Patch, current: np.ndarray, settings: DetectSettings) -> Stripe | None:
    """One stripe in place of two, or None if it explains less than both by more than the parameters saved."""
    lower, upper = (a, b) if a.middle < b.middle else (b, a)
    ends = (min(a.ends[0], b.ends[0]), max(a.ends[1], b.ends[1]))
    slowness = (float(upper.theta[0]) - float(lower.theta[0])) / (upper.middle - lower.middle)
    middle = 0.5 * (ends[0] + ends[1])
    time = float(lower.theta[0]) + slowness * (middle - lower.middle)
    base = current.copy()
    for piece in (a, b):
        add(piece, patch, -1.0, base)
    strong = a if a.significance > b.significance else b
    power = math.hypot(a.significance, b.significance)
    knots = knots_for(power, ends[1] - ends[0], settings)
    density = np.interp(np.linspace(*ends, knots), [lower.middle, upper.middle],
                        [float(lower.density_at(lower.middle)), float(upper.density_at(upper.middle))])  # fmt: skip
    start = np.concatenate([[time, slowness, 0.0, strong.theta[3], 0.0], density])
    free = power > settings.stripe_shape_sigma
    whole = fit_between(patch, base, start, ends, free, settings)
    joined = grow(patch, base, whole, 1, True, settings)
    if joined is None or not acceptable(joined, settings):
        return None
    lost = 0.5 * (power**2 - joined.significance**2)
    return joined if lost < settings.stripe_merge_loss + settings.stripe_merge_loss_share * 0.5 * power**2 else None
