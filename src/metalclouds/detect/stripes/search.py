"""The search of a night for stripes: rounds of search, fit and removal, joint refits, merging of pieces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from metalclouds.detect import mask as masking
from metalclouds.detect.settings import DetectSettings
from metalclouds.detect.stripes import joint, line_search
from metalclouds.detect.stripes.accept import acceptable
from metalclouds.detect.stripes.errors import final_estimates
from metalclouds.detect.stripes.flare import without_flares
from metalclouds.detect.stripes.grow import fit_line, grow
from metalclouds.detect.stripes.model import Patch, Stripe, add, model_of, same_place, slots_of
from metalclouds.detect.stripes.pieces import cut_at_kinks, merge, split


def smooth_cloud(counts: np.ndarray, expected: np.ndarray, settings: DetectSettings) -> np.ndarray:
    """Background plus what is smooth in time: thin lasting layers (one row) and broad clouds; counts of a cell."""
    base = expected.astype(np.float64)
    summed = masking.integral(counts)
    for rows, slots in settings.stripe_base_scales:
        masking.lift(base, summed, masking.integral(base), rows // 2, slots // 2, settings.stripe_base_sigma)
    return np.maximum(base, 1e-3)


def weighted(patch: Patch, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """r a / v and a^2 / v of each cell, float32, for the matched filter."""
    weight = (patch.coefficient / base).astype(np.float32)
    return weight * (patch.counts - base).astype(np.float32), weight * patch.coefficient


def weigh_again(
    patch: Patch, base: np.ndarray, stripe: Stripe, number: np.ndarray, variance: np.ndarray
) -> None:  # fmt: skip
    """`weighted` in place where a stripe has changed the base."""
    rows = np.flatnonzero(stripe.presence > 0)
    z = patch.altitude[rows]
    time, reach = stripe.time_at(z), 5.0 * float(stripe.sigma_at(z).max()) + 2 * patch.step
    low, high = np.searchsorted(patch.time, [time.min() - reach, time.max() + reach])
    cut = slice(int(low), int(high))
    part = replace(patch, counts=patch.counts[:, cut], coefficient=patch.coefficient[:, cut])
    number[:, cut], variance[:, cut] = weighted(part, base[:, cut])


def find_stripes(patch: Patch, known: list[Stripe], rounds: int, settings: DetectSettings) -> list[Stripe]:
    """All stripes of a night in order of their middle times, going on from those known already."""
    cloud = smooth_cloud(patch.counts - model_of(known, patch), patch.expected, settings)
    stripes = refit(cut_at_kinks(known, patch, cloud, settings), patch, cloud, settings)
    # What a stripe hid, or its light in the smooth cloud, lies near it; the rest was searched before.
    near = windows(known, patch, settings) if known else [slice(0, patch.time.size)]
    for _ in range(rounds):
        new = search_round(patch, cloud + model_of(stripes, patch), near, settings)
        if not new:
            break
        near = windows(new, patch, settings)
        stripes = refit(stripes + new, patch, cloud, settings, near)
        cloud = smooth_cloud(patch.counts - model_of(stripes, patch), patch.expected, settings)
        stripes = merge(refit(stripes, patch, cloud, settings, near), patch, cloud, settings)
    if known:
        cut = split(stripes, patch, cloud, settings)
        if len(cut) > len(stripes):
            stripes = merge(refit(cut, patch, cloud, settings), patch, cloud, settings)
        stripes = without_flares(stripes, patch, settings)
        for _ in range(settings.stripe_last_refits):
            stripes = refit(stripes, patch, cloud, settings)
        stripes = joint.fit_overlapping(stripes, patch, cloud, settings)
        stripes = final_estimates(stripes, patch, cloud, settings)
    return sorted(stripes, key=lambda stripe: (float(stripe.theta[0]), stripe.ends[0]))


def windows(stripes: list[Stripe], patch: Patch, settings: DetectSettings) -> list[slice]:
    """Slots about some stripes, those that touch joined."""
    margin = settings.stripe_search_margin_slots
    spans = []
    for stripe in stripes:
        low, high = slots_of(stripe, patch)
        spans.append((max(low - margin, 0), min(high + margin, patch.time.size)))
    out: list[slice] = []
    for low, high in sorted(spans):
        if out and low <= out[-1].stop:
            out[-1] = slice(out[-1].start, max(out[-1].stop, high))
        else:
            out.append(slice(low, high))
    return out


def candidates(
    number: np.ndarray, variance: np.ndarray, step: float, row_km: float, near: list[slice], settings: DetectSettings
) -> list[line_search.Line]:
    """Lines that stand out in some windows of the image, best first."""
    slots_per_row = settings.stripe_largest_slowness_s_per_km * row_km / step
    lines = [
        replace(line, slot=line.slot + cut.start)
        for cut in near
        for line in line_search.search(
            number[:, cut],
            variance[:, cut],
            slots_per_row,
            settings.stripe_width_doublings,
            settings.stripe_seed_sigma,
        )
    ]
    return sorted(lines, key=lambda line: (-line.score, line.first, line.slot))


def search_round(patch: Patch, base: np.ndarray, near: list[slice], settings: DetectSettings) -> list[Stripe]:
    """New stripes on top of `base`; each candidate must still stand out after those before it are taken out."""
    number, variance = weighted(patch, base)
    seed, least_above = settings.stripe_seed_sigma, settings.stripe_seed_clear_sigma
    lines = candidates(number, variance, patch.step, patch.row_km, near, settings)
    # Bright feet and waves of thin layers last: the line of a stripe is that of its part above them.
    clear = int(np.searchsorted(patch.altitude, settings.stripe_straight_bottom_km))
    lines = sorted(lines, key=lambda line: line.first + line.last < 2 * clear)
    taken: list[Stripe] = []
    tried = np.empty((settings.stripe_most_candidates, 5))
    number_tried = 0
    current = base.copy()
    for line in lines:
        if number_tried >= settings.stripe_most_candidates:
            break
        place = (line.first, line.last, line.slot, line.shear, line.width)
        if line_search.near_any(tried[:number_tried], *place):
            continue
        if taken and line_search.line_score(number, variance, *place, 0) < seed:
            continue
        # A line that stands out in thin layers and feet alone has a shorter one there.
        if line.first < clear < line.last and line_search.line_score(number, variance, *place, clear) < least_above:
            continue
        tried[number_tried] = place
        number_tried += 1
        stripe = fit_line(patch, current, line, settings)
        if stripe is not None and not any(same_place(stripe, other, patch.step) for other in taken):
            taken.append(stripe)
            add(stripe, patch, 1.0, current)
            weigh_again(patch, current, stripe, number, variance)
    return taken


def refit(
    stripes: list[Stripe], patch: Patch, base: np.ndarray, settings: DetectSettings, near: list[slice] | None = None
) -> list[Stripe]:
    """Fit each stripe again on top of all others, ends included; where `near` is given, those that it touches."""
    current = base + model_of(stripes, patch)
    out = []
    for stripe in sorted(stripes, key=lambda s: -s.significance):
        if near is not None:
            low, high = slots_of(stripe, patch)
            if not any(low <= cut.stop and cut.start <= high for cut in near):
                out.append(stripe)
                continue
        add(stripe, patch, -1.0, current)
        new = grow(patch, current, stripe, 1, True, settings)
        if new is not None and acceptable(new, settings):
            out.append(new)
            add(new, patch, 1.0, current)
    return out
