"""The detection of one night on numpy arrays: profiles, background, mask, decisions, stripes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from metalclouds.detect import background as backgrounds
from metalclouds.detect import decide, topside
from metalclouds.detect import mask as masking
from metalclouds.detect.image import Image
from metalclouds.detect.settings import DetectSettings
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


def analyse(image: Image, sun_elevation: np.ndarray, settings: DetectSettings) -> Analysis:
    """Detect clouds and stripes in the coarse image of a night.

    Parameters
    ----------
    sun_elevation
        degrees, one a slot.
    """
    half = max(1, round(settings.background_smooth_minutes * 30.0 / max(image.step, 1.0)))
    level, flags = backgrounds.level_and_flags(image, sun_elevation, half, settings)
    image = without(image, flags != PROFILE_FLAGS["good"])
    if not image.bins.any():
        return _nothing(image, flags)
    level, expected, labels = iterate_mask(image, level, half, settings)
    above, clear = decisions(image, expected, settings)
    patch, first = stripe_patch(image, expected, settings)
    found = search.find_stripes(patch, [], 1, settings)
    if found:
        # A stripe that fills a profile lifts its background, unless it is masked: once more without it.
        covered = grown(labels > 0)
        covered[first:] |= search.model_of(found, patch) > settings.stripe_mask_share * expected[first:]
        level = backgrounds.masked_background(backgrounds.altitude_blocks(image, settings, covered), half, level)
        expected = (image.bins * np.nan_to_num(level)).astype(np.float32)
        patch, first = stripe_patch(image, expected, settings)
        found = search.find_stripes(patch, found, settings.stripe_rounds, settings)
    return Analysis(image, flags, level, expected, labels, above, clear, found, patch, first)


def _nothing(image: Image, flags: np.ndarray) -> Analysis:
    empty, none = np.zeros_like(image.counts), Decision(0.0, 1.0)
    level = np.full(image.time.size, np.nan)
    return Analysis(image, flags, level, empty, empty.astype(np.uint32), none, none, [], None, 0)


def without(image: Image, bad: np.ndarray) -> Image:
    """The image with the bad slots empty."""
    return replace(image, counts=np.where(bad, 0, image.counts), bins=np.where(bad, 0, image.bins))


def iterate_mask(
    image: Image, level: np.ndarray, half: int, settings: DetectSettings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Background from what the mask leaves, mask from the background, in turns; background, expected, labels.

    Clouds are sought above the main layer's top, on top of the layer's upper side (topside.py).
    """
    start = image.rows_above(settings.main_layer_top_km)
    expected = image.bins * np.nan_to_num(level)
    side, layer = topside.expected_topside(image, level, settings)
    summed = masking.integral(image.counts[start:])
    labels = np.zeros(image.counts.shape, np.uint32)
    before = labels > 0
    for turn in range(settings.background_iterations + 1):
        below = expected[start:].copy()
        below[: max(side.stop - start, 0)] += layer[max(start - side.start, 0) :]
        scores = masking.scale_scores(
            summed, masking.integral(below), settings.mask_scales, settings.background_systematic
        )
        labels[start:] = masking.cloud_mask(
            scores, settings.mask_high_sigma, settings.mask_low_sigma, settings.mask_least_cells
        )
        # The background follows from the cells found, so the same cells give the same again.
        if turn == settings.background_iterations or (turn and np.array_equal(labels > 0, before)):
            break
        before = labels > 0
        blocks = backgrounds.altitude_blocks(image, settings, grown(before))
        level = backgrounds.masked_background(blocks, half, level)
        expected = image.bins * np.nan_to_num(level)
    return level, expected.astype(np.float32), labels


def grown(found: np.ndarray) -> np.ndarray:
    """The mask with a margin of two rows and two slots, since a cloud is wider than what stands out of it."""
    out = found.copy()
    for shift in (1, 2):
        out[shift:] |= found[:-shift]
        out[:-shift] |= found[shift:]
    wide = out.copy()
    for shift in (1, 2):
        wide[:, shift:] |= out[:, :-shift]
        wide[:, :-shift] |= out[:, shift:]
    return wide


def decisions(image: Image, expected: np.ndarray, settings: DetectSettings) -> tuple[Decision, Decision]:
    """Ca+ above the boundary, and a layer in the clear range; cropped before any sum, so that nothing leaks up."""
    low, high = image.rows_above(settings.clear_bottom_km), image.rows_above(settings.clear_top_km)
    boundary = image.rows_above(settings.boundary_km)
    start = min(low, boundary)
    summed, mean = masking.integral(image.counts[start:]), masking.integral(expected[start:])
    out = []
    for first, last in ((boundary, image.altitude.size), (low, high)):
        rows = slice(first - start, last - start + 1)
        score = decide.highest_score(summed[rows], mean[rows], settings.mask_scales, settings.background_systematic)
        number = decide.trials((last - first, image.time.size), settings.mask_scales, settings.mask_clumping)
        out.append(Decision(score, decide.false_alarm(score, number)))
    return out[0], out[1]


def stripe_patch(image: Image, expected: np.ndarray, settings: DetectSettings) -> tuple[striping.Patch, int]:
    """The region of stripes as the fits need it."""
    first = image.rows_above(settings.stripe_bottom_km)
    counts, mean, bins = image.counts[first:], expected[first:], image.bins[first:]
    used = (bins > 0) & (mean > 0) & np.isfinite(image.gain) & (image.gain > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        coefficient = np.where(used, bins / (image.gain * image.range_km[first:, None] ** 2), 0.0)
    patch = striping.Patch(
        counts.astype(np.float32), np.maximum(mean, 1e-3), coefficient.astype(np.float32), image.time,
        image.exposure,
        image.altitude[first:], image.row_km, image.step,
    )  # fmt: skip
    return patch, first
