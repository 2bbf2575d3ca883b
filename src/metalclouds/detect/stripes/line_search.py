"""Fast discrete Radon transform in slowness: sums along steep lines of all slants over dyadic altitude blocks.

A block of h rows is the sum of its two halves, each with half the slant, shifted in time (shear sums; Brady 1998,
SIAM J. Comput. 27, 107). The same sums of the weighted residual and of its variance make the matched filter
sum(r a / v) / sqrt(sum(a^2 / v)), so that gaps, bad profiles and what was found before are carried exactly.

A line that crosses several profiles inside a row tells nothing finer than these. So only lines of up to `FLATTEST`
slots a row are sought in the image as it is, flatter ones in images whose profiles are joined in twos, fours, ...
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

BASE_ROWS = 4
# Largest slant of the lines sought in an image, slots a row.
FLATTEST = 1.3


@dataclass(frozen=True)
class Line:
    """A candidate: a straight line through the rows [first, last), `slot` its middle, `shear` slots over them."""

    score: float
    first: int
    last: int
    slot: float
    shear: int
    width: int


@njit(nogil=True, cache=True, error_model="numpy")
def _add_shifted(source: np.ndarray, shift: int, target: np.ndarray) -> None:
    """target(i) += source(i + shift)."""
    slots = target.size
    low, high = max(0, -shift), min(slots, slots - shift)
    if high > low:
        a, b = target[low:high], source[low + shift : high + shift]
        for i in range(a.size):
            a[i] += b[i]


@njit(nogil=True, cache=True, error_model="numpy")
def base_sums(values: np.ndarray, largest: int) -> np.ndarray:
    """Shear sums of blocks of four rows (block, shear, slot), shear from -largest to largest; at least two blocks.

    Parameters
    ----------
    values
        any unit, dims (row, slot).

    Returns
    -------
    ndarray
        in the unit of `values`, dims (block, shear, slot).
    """
    rows, slots = values.shape
    out = np.zeros((max(-(-rows // 4), 2), 2 * largest + 1, slots), np.float32)
    for row in range(rows):
        for s in range(-largest, largest + 1):
            shift = int(np.floor(s * ((row % 4 + 0.5) / 4.0 - 0.5) + 0.5))
            _add_shifted(values[row], shift, out[row // 4, s + largest])
    return out


@njit(nogil=True, cache=True, error_model="numpy")
def _sum_shifted(lower: np.ndarray, down: int, upper: np.ndarray, up: int, target: np.ndarray) -> None:
    """target(i) = lower(i + down) + upper(i + up), 0 in place of what lies beyond the ends."""
    slots = target.size
    low = min(max(0, -down, -up), slots)
    high = max(min(slots, slots - down, slots - up), low)
    a, b, c = target[low:high], lower[low + down : high + down], upper[low + up : high + up]
    for i in range(a.size):
        a[i] = b[i] + c[i]
    for first, last in ((0, low), (high, slots)):
        for i in range(first, last):
            value = np.float32(0.0)
            if 0 <= i + down < slots:
                value += lower[i + down]
            if 0 <= i + up < slots:
                value += upper[i + up]
            target[i] = value


@njit(nogil=True, cache=True, error_model="numpy")
def combine(lower: np.ndarray, upper: np.ndarray, small: int, s: int, target: np.ndarray) -> None:
    """Sum of two halves (shear, slot) for the shear s of the whole; `small` is the halves' largest shear.

    Parameters
    ----------
    lower, upper
        sums of the halves, dims (shear, slot).
    target
        is filled, dims (slot,).
    """
    below = s >> 1
    above = s - below
    below, above = max(-small, min(small, below)), max(-small, min(small, above))
    down, up = int(np.floor(-0.25 * s + 0.5)), int(np.floor(0.25 * s + 0.5))
    _sum_shifted(lower[below + small], down, upper[above + small], up, target)


@njit(nogil=True, cache=True, error_model="numpy")
def _raise(number: np.ndarray, variance: np.ndarray, code: int, best: np.ndarray, codes: np.ndarray) -> None:
    """Raise best (slot), the squared matched filter, and keep the code of the line that did it."""
    tiny, zero, kind = np.float32(1e-12), np.float32(0.0), np.int32(code)
    for i in range(best.size):
        excess = max(number[i], zero)
        value = excess * excess / (variance[i] + tiny)
        better = value > best[i]
        best[i] = value if better else best[i]
        codes[i] = kind if better else codes[i]


@njit(nogil=True, cache=True, error_model="numpy")
def _widen(
    number: np.ndarray, variance: np.ndarray, shift: int, wide: np.ndarray, spread: np.ndarray, code: int,
    best: np.ndarray, codes: np.ndarray,
) -> None:  # fmt: skip
    """Lines of twice the width, wide(i) = number(i) + number(i - shift), and `_raise` with them in one pass."""
    tiny, zero, kind = np.float32(1e-12), np.float32(0.0), np.int32(code)
    first = min(shift, number.size)
    wide[:first], spread[:first] = number[:first], variance[:first]
    if number.size <= shift:
        return
    a, b = number[shift:], number[: number.size - shift]
    c, d = variance[shift:], variance[: number.size - shift]
    out, over, top, kinds = wide[shift:], spread[shift:], best[shift:], codes[shift:]
    for i in range(a.size):
        total, var = a[i] + b[i], c[i] + d[i]
        out[i], over[i] = total, var
        excess = max(total, zero)
        value = excess * excess / (var + tiny)
        better = value > top[i]
        top[i] = value if better else top[i]
        kinds[i] = kind if better else kinds[i]


@njit(nogil=True, cache=True, error_model="numpy")
def search_level(
    number: np.ndarray, variance: np.ndarray, small: int, least: int, largest: int, doublings: int,
    next_number: np.ndarray, next_variance: np.ndarray, best: np.ndarray, codes: np.ndarray,
) -> None:  # fmt: skip
    """Combine neighbouring blocks to blocks of twice the height, search them, and keep every other one.

    Shears from `least` to `largest`, both signs. A line's code is (shear + largest) * 8 + d for a width of 2^d slots
    that ends at the slot.

    Parameters
    ----------
    number, variance
        sums of blocks, dims (block, shear, slot).
    next_number, next_variance
        are filled, dims (block, shear, slot).
    best, codes
        largest score and its line, are filled, dims (block, slot).
    """
    slots = number.shape[2]
    line, spread = np.zeros((3, slots), np.float32), np.zeros((3, slots), np.float32)
    for block in range(number.shape[0] - 1):
        best[block, :] = 0.0
        codes[block, :] = 0
        keep = block % 2 == 0 and block // 2 < next_number.shape[0]
        for s in range(-largest, largest + 1):
            if abs(s) < least:
                continue
            total, power = line[0], spread[0]
            if keep:
                total, power = next_number[block // 2, s + largest], next_variance[block // 2, s + largest]
            combine(number[block], number[block + 1], small, s, total)
            combine(variance[block], variance[block + 1], small, s, power)
            code = (s + largest) * 8
            _raise(total, power, code, best[block], codes[block])
            for d in range(doublings):
                wide, over = line[1 + d % 2], spread[1 + d % 2]
                _widen(total, power, 1 << d, wide, over, code + d + 1, best[block], codes[block])
                total, power = wide, over


@njit(nogil=True, cache=True, error_model="numpy")
def peaks(best: np.ndarray, least: float) -> np.ndarray:
    """Block and slot of the maxima in time that reach `least`, (peak, 2).

    Parameters
    ----------
    best
        standard deviations, dims (block, slot).

    Returns
    -------
    ndarray
        dims (peak, 2).
    """
    blocks, slots = best.shape
    out, number = np.empty((blocks * (slots // 2 + 1), 2), np.int64), 0
    for block in range(blocks):
        row = best[block]
        for i in range(slots):
            left, right = row[i - 1] if i > 0 else np.float32(0.0), row[i + 1] if i + 1 < slots else np.float32(0.0)
            if row[i] > least and row[i] >= left and row[i] > right:
                out[number] = block, i
                number += 1
    return out[:number]


def search(
    number: np.ndarray, variance: np.ndarray, slots_per_row: float, doublings: int, threshold: float
) -> list[Line]:
    """Lines whose matched filter exceeds `threshold`, over half-overlapping blocks of 8, 16, ... rows.

    Parameters
    ----------
    number, variance
        r a / v and a^2 / v of each cell, float32 (row, slot); both 0 where nothing was observed.
    slots_per_row
        largest slant, slots a row, both signs.
    doublings
        widths 1, 2, ... 2^doublings slots are tried, at large slants from the slots crossed in a row on.

    Returns
    -------
    lines
        best first; local maxima in time of each block, not yet sifted between blocks.
    """
    lines: list[Line] = []
    joined, least = 1, 0.0
    while True:
        most = min(FLATTEST, slots_per_row / joined)
        lines += search_image(number, variance, least, most, joined, doublings, threshold)
        if joined * most >= slots_per_row:
            break
        number, variance = in_pairs(number), in_pairs(variance)
        joined, least, doublings = 2 * joined, 0.5 * most, max(doublings - 1, 1)
    return sorted(lines, key=lambda line: (-line.score, line.first, line.slot))


def in_pairs(values: np.ndarray) -> np.ndarray:
    """Sums of neighbouring slots; the last one by itself if it has no partner.

    Parameters
    ----------
    values
        any unit, dims (row, slot).

    Returns
    -------
    ndarray
        in the unit of `values`, dims (row, pair).
    """
    even = values.shape[1] // 2 * 2
    out = np.concatenate([values[:, :even:2], values[:, even:]], axis=1)
    out[:, : even // 2] += values[:, 1:even:2]
    return out


def search_image(
    number: np.ndarray, variance: np.ndarray, least: float, most: float, joined: int, doublings: int,
    threshold: float,
) -> list[Line]:  # fmt: skip
    """Lines of slants from `least` to `most` slots a row, both signs, in an image each of whose slots is `joined`.

    Parameters
    ----------
    number, variance
        r a / v and a^2 / v of `weighted`, dims (row, slot).
    """
    small = int(np.ceil(BASE_ROWS * most))
    sums, spreads = base_sums(number, small), base_sums(variance, small)
    lines: list[Line] = []
    height = BASE_ROWS
    while sums.shape[0] > 1:
        height *= 2
        largest = int(np.ceil(height * most))
        # Half of this shear, rounded down, is not below the smallest of the halves.
        smallest = max(int(height * least) - 1, 0)
        count, slots = sums.shape[0] - 1, sums.shape[2]
        following = np.empty(((count + 1) // 2 if count > 1 else 0, 2 * largest + 1, slots), np.float32)
        spreading = np.empty_like(following)
        best, codes = np.empty((count, slots), np.float32), np.empty((count, slots), np.int32)
        search_level(sums, spreads, small, smallest, largest, doublings, following, spreading, best, codes)
        for block, slot in peaks(best, threshold**2).tolist():
            code, first = int(codes[block, slot]), block * height // 2
            width = 1 << (code % 8)
            middle = joined * (slot - 0.5 * (width - 1) + 0.5) - 0.5
            lines.append(Line(
                math.sqrt(best[block, slot]), first, first + height, middle, joined * (code // 8 - largest),
                joined * width,
            ))  # fmt: skip
        sums, spreads, small = following, spreading, largest
    return lines


@njit(nogil=True, cache=True, error_model="numpy")
def line_score(
    number: np.ndarray, variance: np.ndarray, first: int, last: int, slot: float, shear: int, width: int, lowest: int
) -> float:
    """Matched filter of one line in the rows from `lowest` on, 0 where it has nothing or less.

    Parameters
    ----------
    number, variance
        r a / v and a^2 / v of `weighted`, dims (row, slot).
    """
    total, spread = 0.0, 0.0
    for k in range(max(first, lowest), min(last, number.shape[0])):
        middle = slot + shear * ((k + 0.5 - first) / (last - first) - 0.5)
        begin = int(np.floor(middle - 0.5 * (width - 1) + 0.5))
        for i in range(max(begin, 0), min(begin + width, number.shape[1])):
            total += number[k, i]
            spread += variance[k, i]
    return total / np.sqrt(spread) if spread > 0.0 and total > 0.0 else 0.0


@njit(nogil=True, cache=True, error_model="numpy")
def near_any(lines: np.ndarray, first: int, last: int, slot: float, shear: int, width: int) -> bool:
    """Whether a line is of the ridge of one of some lines: they cross each other's rows within some slots.

    `lines` holds first row, last row, slot, shear and width of each, (line, 5).

    Parameters
    ----------
    lines
        dims (line, 5).
    """
    own = shear / (last - first)
    for n in range(lines.shape[0]):
        other_first, other_last, other_slot, other_shear, other_width = lines[n]
        low, high = max(other_first, first), min(other_last, last)
        slope = other_shear / (other_last - other_first)
        offset = slot - own * 0.5 * (first + last) - (other_slot - slope * 0.5 * (other_first + other_last))
        reach = 1 + 0.5 * (other_width + width)
        if high > low and abs(offset + (own - slope) * low) <= reach and abs(offset + (own - slope) * high) <= reach:
            return True
    return False
