"""The detection of one night on numpy arrays: profiles, background, mask, decisions, stripes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from metalclouds.detect import background as backgrounds
from metalclouds.detect import decide, topside
from metalclouds.detect import mask as masking
from metalclouds.detect.image import Image
from metalclouds.detect.method import Method
from metalclouds.detect.stripes import model as striping
from metalclouds.detect.stripes import search
from metalclouds.schema.variables import PROFILE_FLAGS


@dataclass(frozen=True)
class Decision:
    """A statistic and the probability that a quiet night shows as much."""

    score: float
    p_false: float


@dataclass(frozen=True)
class Analysis:
    """All that is found in a night; arrays (row, slot) or (slot) as in `image`, whose bad profiles are empty."""

    image: Image
    flags: np.ndarray
    background: np.ndarray  # counts in a bin of the source
    expected: np.ndarray  # (row, slot) background counts of the cell
    labels: np.ndarray  # (row, slot) component of the mask, 0 none
    above: Decision
    clear: Decision
    stripes: list[striping.Stripe]
    patch: striping.Patch | None
    first_row: int  # of the patch in the image


def analyse(image: Image, sun_elevation: np.ndarray, method: Method) -> Analysis:
    """Detect clouds and stripes in the coarse image of a night.

    Parameters
    ----------
    sun_elevation
        degrees, one a slot.
    """
    half = max(1, round(method.background.smooth_minutes * 30.0 / max(image.step, 1.0)))
    level, flags = backgrounds.level_and_flags(image, sun_elevation, half, method)
    image = without(image, flags != PROFILE_FLAGS["good"])
    if not image.bins.any():
        return _nothing(image, flags)
    level, expected, labels = iterate_mask(image, level, half, method)
    above, clear = decisions(image, expected, method)
    patch, first = stripe_patch(image, expected, method)
    found = search.find_stripes(patch, [], 1, method)
    if found:
        # A stripe that fills a profile lifts its background, unless it is masked: once more without it.
        covered = dilated(labels > 0)
        covered[first:] |= search.model_of(found, patch) > method.search.mask_share * expected[first:]
        level = backgrounds.masked_background(backgrounds.altitude_blocks(image, method, covered), half, level)
        expected = (image.bins * np.nan_to_num(level)).astype(np.float32)
        rejected = patch.rejected
        patch, first = stripe_patch(image, expected, method)
        patch.rejected.extend(rejected)
        found = search.find_stripes(patch, found, method.search.rounds, method)
    return Analysis(image, flags, level, expected, labels, above, clear, found, patch, first)


def _nothing(image: Image, flags: np.ndarray) -> Analysis:
    empty, none = np.zeros_like(image.counts), Decision(0.0, 1.0)
    level = np.full(image.time.size, np.nan)
    return Analysis(image, flags, level, empty, empty.astype(np.uint32), none, none, [], None, 0)


def without(image: Image, bad: np.ndarray) -> Image:
    """The image with the bad slots empty.

    Parameters
    ----------
    bad
        bool, dims (slot,).
    """
    return replace(image, counts=np.where(bad, 0, image.counts), bins=np.where(bad, 0, image.bins))


def iterate_mask(
    image: Image, level: np.ndarray, half: int, method: Method
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Alternate background and mask until they are stable; background, expected counts, labels.

    Clouds are sought above the main layer's top, on top of the layer's upper side (topside.py).

    Parameters
    ----------
    level
        counts in a bin, dims (slot,).

    Returns
    -------
    tuple
        counts in a bin, dims (slot,); counts and labels, dims (row, slot).
    """
    start = image.rows_above(method.settings.main_layer_top_km)
    expected = image.bins * np.nan_to_num(level)
    side, layer = topside.expected_topside(image, level, method)
    summed = masking.integral(image.counts[start:])
    labels = np.zeros(image.counts.shape, np.uint32)
    before = labels > 0
    for turn in range(method.background.iterations + 1):
        below = expected[start:].copy()
        # The layer's top may lie below, in or above the rows in which its upper side is followed.
        above = slice(max(start, side.start), max(start, side.stop))
        below[above.start - start : above.stop - start] += layer[above.start - side.start :]
        scores = masking.scale_scores(
            summed, masking.integral(below), method.mask.scales, method.background.systematic
        )
        labels[start:] = masking.cloud_mask(
            scores, method.mask.high_sigma, method.mask.low_sigma, method.mask.least_cells
        )
        # The background follows from the cells found, so the same cells give the same again.
        if turn == method.background.iterations or (turn and np.array_equal(labels > 0, before)):
            break
        before = labels > 0
        blocks = backgrounds.altitude_blocks(image, method, dilated(before))
        level = backgrounds.masked_background(blocks, half, level)
        expected = image.bins * np.nan_to_num(level)
    return level, expected.astype(np.float32), labels


def dilated(found: np.ndarray) -> np.ndarray:
    """The mask with a margin of two rows and two slots, since clouds extend beyond their significant cells.

    Parameters
    ----------
    found
        bool, dims (row, slot).

    Returns
    -------
    ndarray
        bool, dims (row, slot).
    """
    out = found.copy()
    for shift in (1, 2):
        out[shift:] |= found[:-shift]
        out[:-shift] |= found[shift:]
    wide = out.copy()
    for shift in (1, 2):
        wide[:, shift:] |= out[:, :-shift]
        wide[:, :-shift] |= out[:, shift:]
    return wide


def decisions(image: Image, expected: np.ndarray, method: Method) -> tuple[Decision, Decision]:
    """Ca+ above the boundary, and a layer in the clear range; cropped before any sum, so that nothing leaks up.

    Parameters
    ----------
    expected
        counts in a cell, dims (row, slot).
    """
    low, high = image.rows_above(method.settings.clear_bottom_km), image.rows_above(method.settings.clear_top_km)
    boundary = image.rows_above(method.settings.boundary_km)
    start = min(low, boundary)
    summed, mean = masking.integral(image.counts[start:]), masking.integral(expected[start:])
    out = []
    for first, last in ((boundary, image.altitude.size), (low, high)):
        rows = slice(first - start, last - start + 1)
        score = decide.highest_score(summed[rows], mean[rows], method.mask.scales, method.background.systematic)
        number = decide.trials((last - first, image.time.size), method.mask.scales, method.mask.clumping)
        out.append(Decision(score, decide.false_alarm(score, number)))
    return out[0], out[1]


def stripe_patch(image: Image, expected: np.ndarray, method: Method) -> tuple[striping.Patch, int]:
    """The region of stripes as the fits need it.

    Parameters
    ----------
    expected
        counts in a cell, dims (row, slot).
    """
    first = image.rows_above(method.search.bottom_km)
    counts, mean, bins = image.counts[first:], expected[first:], image.bins[first:]
    used = (bins > 0) & (mean > 0) & np.isfinite(image.gain) & (image.gain > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        coefficient = np.where(used, bins / (image.gain * image.square_km2[first:, None]), 0.0)
    patch = striping.Patch(
        counts.astype(np.float32), np.maximum(mean, 1e-3), coefficient.astype(np.float32), image.time,
        image.exposure,
        image.altitude[first:], image.row_km, image.step,
    )  # fmt: skip
    return patch, first
