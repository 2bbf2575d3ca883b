"""Fast discrete Radon transform in slowness: sums along steep lines of all slants over dyadic altitude blocks.

A block of h rows is the sum of its two halves, each with half the slant, shifted in time (shear sums; Brady 1998,
SIAM J. Comput. 27, 107). The same sums of the weighted residual and of its variance make the matched filter
sum(r a / v) / sqrt(sum(a^2 / v)), so that gaps, bad profiles and what was found before are carried exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

BASE_ROWS = 4


@dataclass(frozen=True)
class Line:
    """A candidate: a straight line through the rows [first, last), `slot` its middle, `shear` slots over them."""

    score: float
    first: int
    last: int
    slot: float
    shear: int
    width: int


@njit(nogil=True, cache=True)
def base_sums(values: np.ndarray, largest: int, squared: bool, out: np.ndarray) -> None:
    """Shear sums of blocks of four rows: out (block, shear, slot), shear from -largest to largest.

    A line that crosses several profiles inside a row spreads over them: the sum takes their mean. `squared`
    says that the values are variances, whose mean over w cells is a sum over w^2.
    """
    slots = values.shape[1]
    for block in range(out.shape[0]):
        for s in range(-largest, largest + 1):
            target = out[block, s + largest]
            target[:] = 0.0
            spread = max(1, (abs(s) + 2) // 4)
            share = np.float32(1.0 / (spread * spread) if squared else 1.0 / spread)
            for j in range(4):
                source = values[4 * block + j]
                middle = s * ((j + 0.5) / 4.0 - 0.5)
                for part in range(spread):
                    shift = int(np.floor(middle - 0.5 * (spread - 1) + part + 0.5))
                    low, high = max(0, -shift), min(slots, slots - shift)
                    for i in range(low, high):
                        target[i] += share * source[i + shift]


@njit(nogil=True, cache=True)
def combine(lower: np.ndarray, upper: np.ndarray, small: int, s: int, target: np.ndarray) -> None:
    """Sum of two halves (shear, slot) for the shear s of the whole; `small` is the halves' largest shear."""
    slots = target.size
    below = s >> 1
    above = s - below
    below, above = max(-small, min(small, below)), max(-small, min(small, above))
    first = lower[below + small]
    second = upper[above + small]
    shift = int(np.floor(0.25 * s + 0.5))
    back = int(np.floor(-0.25 * s + 0.5))
    target[:] = 0.0
    for i in range(max(0, -back), min(slots, slots - back)):
        target[i] += first[i + back]
    for i in range(max(0, -shift), min(slots, slots - shift)):
        target[i] += second[i + shift]


@njit(nogil=True, cache=True)
def best_lines(
    number: np.ndarray, variance: np.ndarray, s: int, widths: np.ndarray,
    best: np.ndarray, shear: np.ndarray, width: np.ndarray,
) -> None:  # fmt: skip
    """Raise best (slot), the squared score, where the line of shear s with one of the widths is better."""
    slots = number.size
    for w in widths:
        above = np.float32(0.0)
        below = np.float32(0.0)
        for i in range(slots):
            above += number[i]
            below += variance[i]
            if i >= w:
                above -= number[i - w]
                below -= variance[i - w]
            if above > 0 and above * above > best[i - (w // 2) if i >= w // 2 else 0] * below and below > 1e-12:
                at = i - w // 2 if i >= w // 2 else 0
                best[at] = above * above / below
                shear[at] = s
                width[at] = w


@njit(nogil=True, cache=True)
def search_level(
    number: np.ndarray, variance: np.ndarray, small: int, largest: int, widths: np.ndarray, stride: int,
    next_number: np.ndarray, next_variance: np.ndarray,
    best: np.ndarray, shear: np.ndarray, width: np.ndarray,
) -> None:  # fmt: skip
    """Combine neighbouring blocks to blocks of twice the height, search them, and keep every other one."""
    slots = number.shape[2]
    line, spread = np.zeros(slots, np.float32), np.zeros(slots, np.float32)
    for block in range(number.shape[0] - 1):
        best[block, :] = 0.0
        for s in range(-largest, largest + 1):
            combine(number[block], number[block + 1], small, s, line)
            combine(variance[block], variance[block + 1], small, s, spread)
            best_lines(line, spread, s, widths, best[block], shear[block], width[block])
            if block % stride == 0 and block // stride < next_number.shape[0]:
                next_number[block // stride, s + largest] = line
                next_variance[block // stride, s + largest] = spread


def _largest(rows: int, slots_per_row: float) -> int:
    return int(np.ceil(rows * slots_per_row))


def search(
    number: np.ndarray, variance: np.ndarray, slots_per_row: float, widths: tuple[int, ...], threshold: float
) -> list[Line]:
    """Lines whose matched filter exceeds `threshold`, over half-overlapping blocks of 8, 16, ... rows.

    Parameters
    ----------
    number, variance
        r a / v and a^2 / v of each cell, float32 (row, slot); both 0 where nothing was observed.
    slots_per_row
        largest slant, slots a row, both signs.

    Returns
    -------
    lines
        best first; local maxima in time of each block, not yet sifted between blocks.
    """
    rows, slots = number.shape
    blocks = -(-rows // BASE_ROWS)
    number = np.pad(number, ((0, blocks * BASE_ROWS - rows), (0, 0)))
    variance = np.pad(variance, ((0, blocks * BASE_ROWS - rows), (0, 0)))
    small = _largest(BASE_ROWS, slots_per_row)
    sums = np.zeros((blocks, 2 * small + 1, slots), np.float32)
    spreads = np.zeros_like(sums)
    base_sums(number, small, False, sums)
    base_sums(variance, small, True, spreads)
    wanted = np.array(widths, np.int64)
    lines: list[Line] = []
    height = BASE_ROWS
    while sums.shape[0] > 1:
        height *= 2
        largest = _largest(height, slots_per_row)
        count = sums.shape[0] - 1
        kept = (count + 1) // 2
        following = np.zeros((kept, 2 * largest + 1, slots), np.float32)
        spreading = np.zeros_like(following)
        best = np.zeros((count, slots), np.float32)
        shear, width = np.zeros((count, slots), np.int32), np.zeros((count, slots), np.int32)
        search_level(sums, spreads, small, largest, wanted, 2, following, spreading, best, shear, width)
        lines += local_maxima(best, shear, width, height, rows, threshold)
        sums, spreads, small = following, spreading, largest
    return sorted(lines, key=lambda line: (-line.score, line.first, line.slot))


def local_maxima(
    best: np.ndarray, shear: np.ndarray, width: np.ndarray, height: int, rows: int, threshold: float
) -> list[Line]:
    """Maxima in time above the threshold in each block; blocks of `height` rows start every half height."""
    left = np.pad(best, ((0, 0), (1, 0)))[:, :-1]
    right = np.pad(best, ((0, 0), (0, 1)))[:, 1:]
    peaks = (best > threshold**2) & (best >= left) & (best > right)
    out = []
    for block, slot in zip(*np.nonzero(peaks), strict=True):
        first = int(block) * height // 2
        wide = int(width[block, slot])
        middle = slot + 0.5 * (wide // 2) - (0.5 * (wide - 1) - 0.5 * (wide // 2))
        out.append(
            Line(float(np.sqrt(best[block, slot])), first, min(first + height, rows), float(middle),
                 int(shear[block, slot]), wide)
        )  # fmt: skip
    return out
