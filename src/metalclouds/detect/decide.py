"""Decisions of a night, each with the probability that a quiet night shows as much."""

from __future__ import annotations

import math

import numpy as np

from metalclouds.detect import mask as masking

# Smallest probability that tables state: so far down nobody has drawn what the noise of a real lidar does.
LEAST_STATED = 1e-6


def stated(probability: float) -> float:
    """A probability as tables have it: `LEAST_STATED` stands for anything smaller."""
    return max(probability, LEAST_STATED)


def trials(shape: tuple[int, int], scales: tuple[tuple[int, int], ...], clumping: float) -> float:
    """Number of independent boxes of all scales in an image, times `clumping` for their overlaps."""
    return clumping * sum(shape[0] * shape[1] / (rows * slots) for rows, slots in scales)


def upper_tail(score: float) -> float:
    """Probability that a standard normal exceeds `score`."""
    return 0.5 * math.erfc(score / math.sqrt(2.0))


def false_alarm(score: float, number: float) -> float:
    """Probability that the largest of `number` standard normals exceeds `score`."""
    return -math.expm1(-number * upper_tail(score))


def highest_score(
    summed: np.ndarray, mean: np.ndarray, scales: tuple[tuple[int, int], ...], relative: float
) -> float:
    """Largest box score from integrals that were cropped to the layer in question beforehand; 0 if it is empty.

    Parameters
    ----------
    summed, mean
        integrals of counts and expected counts, dims (row + 1, slot + 1).
    """
    if summed.shape[0] < 2:
        return 0.0
    return max(float(score.max()) for score in masking.scale_scores(summed, mean, scales, relative))
