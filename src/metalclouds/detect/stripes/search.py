"""The search of a night for stripes: rounds of search, fit and removal, joint refits, merging of pieces."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from metalclouds.detect import mask as masking
from metalclouds.detect.method import Method
from metalclouds.detect.stripes import joint, line_search
from metalclouds.detect.stripes.accept import failure, out_of_place
from metalclouds.detect.stripes.errors import final_estimates
from metalclouds.detect.stripes.flare import without_flares
from metalclouds.detect.stripes.grow import fit_line, refitted
from metalclouds.detect.stripes.model import FWHM, Patch, Stripe, add, model_of, same_place, slots_of
from metalclouds.detect.stripes.pieces import cut_at_kinks, merge, split, with_own_crest


@dataclass
class View:
    """The image at one scale: profiles joined, on top of a cloud that is smooth at that scale."""

    joined: int
    expected: np.ndarray  # (row, slot) of the whole image: background, smooth cloud and stripes
    number: np.ndarray  # r a / v, (row, joined slots)
    variance: np.ndarray  # a^2 / v


def smooth_clouds(
    counts: np.ndarray, background: np.ndarray, scales: Collection[int], method: Method
) -> dict[int, np.ndarray]:
    """Background plus what is smooth in time: thin lasting layers (one row) and broad clouds; counts of a cell.

    Parameters
    ----------
    counts, background
        counts in a cell, dims (row, slot).
    scales
        each multiplies the profiles of a box whose mean is taken for cloud.

    Returns
    -------
    dict
        of each scale, dims (row, slot).
    """
    summed, below = masking.integral(counts), masking.integral(background)
    out = {}
    for scale in scales:
        expected = background.astype(np.float64)
        for turn, (rows, slots) in enumerate(method.search.base_scales):
            mean = masking.integral(expected) if turn else below
            masking.lift(expected, summed, mean, rows // 2, scale * (slots // 2), method.search.base_sigma)
        out[scale] = np.maximum(expected, 1e-3)
    return out


def weighted(patch: Patch, expected: np.ndarray, systematic: float) -> tuple[np.ndarray, np.ndarray]:
    """r a / v and a^2 / v of each cell, float32, for the matched filter.

    v is the variance of counts on a expected whose clouds and stripes are known to a share `systematic`.

    Parameters
    ----------
    expected
        expected counts without stripes, dims (row, slot).

    Returns
    -------
    tuple
        cm3 and cm6, dims (row, slot) each: their sums along a line give a density and its squared error.
    """
    variance = expected + (systematic * (expected - patch.background)) ** 2
    weight = (patch.coefficient / variance).astype(np.float32)
    return weight * (patch.counts - expected).astype(np.float32), weight * patch.coefficient


def views_of(patch: Patch, light: np.ndarray, method: Method) -> list[View]:
    """The image with its profiles joined, without what is smooth at that scale and the `light` of stripes known.

    Parameters
    ----------
    light
        counts in a cell, dims (row, slot).
    """
    scales = {joined: max(1, joined // 2) for joined in method.search.joined_profiles}
    clouds = smooth_clouds(patch.counts - light, patch.background, set(scales.values()), method)
    out = []
    for joined, scale in scales.items():
        expected = clouds[scale] + light
        out.append(View(joined, expected, *sums_in(slice(0, patch.time.size), patch, expected, joined, method)))
    return out


def sums_in(slots: slice, patch: Patch, expected: np.ndarray, joined: int, method: Method) -> list[np.ndarray]:
    """The two sums of `weighted` of some slots, their profiles joined.

    Parameters
    ----------
    expected
        expected counts without stripes of the whole image, dims (row, slot).

    Returns
    -------
    list
        cm3 and cm6, dims (row, joined slots) each.
    """
    part = replace(
        patch,
        counts=patch.counts[:, slots],
        background=patch.background[:, slots],
        coefficient=patch.coefficient[:, slots],
    )
    sums = list(weighted(part, expected[:, slots], method.search.systematic * math.sqrt(joined)))
    for _ in range(joined.bit_length() - 1):
        sums = [line_search.in_pairs(each) for each in sums]
    return sums


def weigh_again(patch: Patch, view: View, changed: slice, method: Method) -> None:
    """The matched filter's sums again in the slots in which the expected has changed."""
    first, last = changed.start // view.joined, -(-changed.stop // view.joined)
    slots = slice(first * view.joined, min(last * view.joined, patch.time.size))
    view.number[:, first:last], view.variance[:, first:last] = sums_in(
        slots, patch, view.expected, view.joined, method
    )


def find_stripes(patch: Patch, known: list[Stripe], rounds: int, method: Method) -> list[Stripe]:
    """All stripes of a night in order of their middle times, going on from those known already."""
    stripes, near = known, [slice(0, patch.time.size)]
    if known:
        cloud = cloud_without(known, patch, method)
        stripes = refit(cut_at_kinks(known, patch, cloud, method), patch, cloud, method)
        # What a stripe hid, or its light in the smooth cloud, lies near it; the rest was searched before.
        near = windows(known, patch, method)
    for _ in range(rounds):
        new = search_round(patch, stripes, near, method)
        if not new:
            break
        near = windows(new, patch, method)
        cloud = cloud_without(stripes + new, patch, method)
        stripes = refit(stripes + new, patch, cloud, method, near)
        cloud = cloud_without(stripes, patch, method)
        stripes = merge(refit(stripes, patch, cloud, method, near), patch, cloud, method)
        stripes = with_own_crest(stripes, patch, method)
    if known:
        cut = split(stripes, patch, cloud, method)
        if len(cut) > len(stripes):
            stripes = merge(refit(cut, patch, cloud, method), patch, cloud, method)
        stripes = without_flares(stripes, patch, method)
        stripes = refit(stripes, patch, cloud, method)
        stripes = refit(with_own_crest(stripes, patch, method), patch, cloud, method)
        stripes = joint.fit_overlapping(stripes, patch, cloud, method)
        stripes = final_estimates(stripes, patch, cloud, method)
    return sorted(stripes, key=lambda stripe: (float(stripe.theta[0]), stripe.ends[0]))


def cloud_without(stripes: list[Stripe], patch: Patch, method: Method) -> np.ndarray:
    """The smooth cloud of what the stripes leave.

    Returns
    -------
    ndarray
        counts in a cell, dims (row, slot).
    """
    return smooth_clouds(patch.counts - model_of(stripes, patch), patch.background, [1], method)[1]


def windows(stripes: list[Stripe], patch: Patch, method: Method) -> list[slice]:
    """Slots about some stripes, those that touch joined."""
    margin = method.search.margin_slots
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


def candidates(view: View, patch: Patch, near: list[slice], method: Method) -> list[line_search.Line]:
    """Lines that stand out in some windows of the image at one scale, in slots of the whole image."""
    joined = view.joined
    slots_per_row = method.search.largest_slowness_s_per_km * patch.row_km / patch.step
    doublings = method.search.width_doublings if joined == 1 else 1
    out = []
    for cut in near:
        part = slice(cut.start // joined, -(-cut.stop // joined))
        number, variance, least = view.number[:, part], view.variance[:, part], method.search.seed_sigma
        lines = line_search.search(number, variance, slots_per_row / joined, doublings, least)
        out += [
            replace(
                line, slot=joined * (line.slot + part.start + 0.5) - 0.5, shear=joined * line.shear,
                width=joined * line.width,
            )
            for line in lines
        ]  # fmt: skip
    return out


def search_round(
    patch: Patch, stripes: list[Stripe], near: list[slice], method: Method
) -> list[Stripe]:  # fmt: skip
    """New stripes at all scales; each candidate must still stand out after those before it are taken out."""
    light = model_of(stripes, patch)
    views = views_of(patch, light, method)
    clear = int(np.searchsorted(patch.altitude, method.flare.straight_bottom_km))
    lines = [(line, view) for view in views for line in candidates(view, patch, near, method)]
    # Bright feet and waves of thin layers last: the line of a stripe is that of its part above them.
    lines.sort(
        key=lambda c: (
            c[0].first + c[0].last < 2 * clear,
            -c[0].score / math.sqrt(c[1].joined),
            c[0].first,
            c[0].slot,
        )
    )
    known = patch.background + light
    taken: list[Stripe] = []
    tried = np.empty((method.search.most_candidates, 5))
    number_tried = 0
    for line, view in lines:
        if number_tried >= method.search.most_candidates:
            break
        place = (line.first, line.last, line.slot, line.shear, line.width)
        if line_search.near_any(tried[:number_tried], *place):
            continue
        if taken and score_of(line, view, 0) < method.search.seed_sigma:
            continue
        # A line that stands out in thin layers and feet alone has a shorter one there.
        if line.first < clear < line.last and score_of(line, view, clear) < method.search.seed_clear_sigma:
            continue
        tried[number_tried] = place
        number_tried += 1
        stripe = fit_line(patch, view.expected, line, method)
        if stripe is None:
            continue
        broken = out_of_place(stripe, patch, view.expected, known, method)
        if broken is not None:
            patch.reject(stripe, broken)
        elif not any(same_place(stripe, other, patch.step) for other in taken):
            taken.append(stripe)
            add(stripe, patch, 1.0, known)
            for each in views:
                weigh_again(patch, each, add(stripe, patch, 1.0, each.expected), method)
    return taken


def score_of(line: line_search.Line, view: View, lowest: int) -> float:
    """Matched filter of a line in a view, in the rows from `lowest` on."""
    joined = view.joined
    slot = (line.slot + 0.5) / joined - 0.5
    return line_search.line_score(
        view.number, view.variance, line.first, line.last, slot, line.shear // joined, line.width // joined, lowest
    )  # fmt: skip


def scale_of(stripe: Stripe, patch: Patch) -> int:
    """Scale of the smooth cloud that a stripe is fitted on, a power of two: 1 up to six profiles wide, then more."""
    profiles = FWHM * math.exp(min(float(stripe.theta[3]), 9.0)) / patch.step
    return 1 << min(max(math.ceil(math.log2(max(profiles, 1.0) / 6.0)) + 1, 0), 4) if profiles > 6.0 else 1


def refit(
    stripes: list[Stripe], patch: Patch, expected: np.ndarray, method: Method, near: list[slice] | None = None
) -> list[Stripe]:
    """Fit each stripe again on top of all others, ends included; where `near` is given, those that it touches.

    Parameters
    ----------
    expected
        expected counts without the stripes, dims (row, slot).
    """
    light = model_of(stripes, patch)
    current, known = expected + light, patch.background + light
    # What is smooth at the scale of narrow stripes would take the light of wide ones.
    scales = {scale_of(stripe, patch) for stripe in stripes} - {1}
    smoother = smooth_clouds(patch.counts - light, patch.background, scales, method) if scales else {}
    out = []
    for stripe in sorted(stripes, key=lambda s: -s.significance):
        if near is not None:
            low, high = slots_of(stripe, patch)
            if not any(low <= cut.stop and cut.start <= high for cut in near):
                out.append(stripe)
                continue
        add(stripe, patch, -1.0, current)
        add(stripe, patch, -1.0, known)
        scale = scale_of(stripe, patch)
        below = current if scale == 1 else smoother[scale] + (known - patch.background)
        new = refitted(patch, below, stripe, method)
        if new is None:
            continue
        broken = failure(new, method) or out_of_place(new, patch, below, known, method)
        if broken is not None:
            patch.reject(new, broken)
        else:
            out.append(new)
            add(new, patch, 1.0, current)
            add(new, patch, 1.0, known)
    return out
