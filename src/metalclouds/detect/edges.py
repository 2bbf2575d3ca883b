"""Where the light of a cloud begins and ends: the mask's components trimmed in time and in altitude.

A component of the mask reaches up to half of its largest box beyond the cloud. Inside it, each row is cut where the
likelihood says that the cloud begins and ends, then each slot: a cell of N counts on M expected argues with
N ln(1 + r) - M r for a cloud of excess r against none, and a change of state costs `edge_cost` (the most likely path
of two states). r is a share of the mean excess on the brighter side, so the edge lies where the density passes
some half of that share, at least as much as one box shows significantly. Gaps shorter than `edge_bridge_minutes`
stay, since clouds are made of stripes with gaps between them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from metalclouds.detect import mask as masking
from metalclouds.detect.method import Method


def trimmed(
    counts: np.ndarray, expected: np.ndarray, cells: np.ndarray, step: float, method: Method
) -> np.ndarray:  # fmt: skip
    """The cells of one component, (row, slot), without those beyond its edges; all of them if nothing is left.

    Parameters
    ----------
    counts, expected, cells
        of the rows and slots that hold the component; expected without the cloud, the main layer's upper side
        included, 0 where nothing was observed.
    step
        s between slots.

    Returns
    -------
    ndarray
        bool.
    """
    bridge = round(60.0 * method.edges.bridge_minutes / step)
    in_time = _kept(counts, expected, cells, method.edges.time_box, bridge, method)
    number, mean, inside = (np.ascontiguousarray(x.T) for x in (counts, expected, cells))
    out = in_time & _kept(number, mean, inside, method.edges.altitude_box, 2, method).T
    return out if out.any() else cells


def _kept(
    counts: np.ndarray, expected: np.ndarray, cells: np.ndarray, box: tuple[int, int, int], bridge: int,
    method: Method,
) -> np.ndarray:  # fmt: skip
    """Cells between the edges along the second axis; `box` is half the lines summed, half the excess' two sizes."""
    lines, wide, along = box
    number, mean = masking.integral(counts), masking.integral(expected)
    excess = masking.box_ratio(number, mean, wide, along).astype(np.float32) - np.float32(1.0)
    size = (2 * wide + 1) * (2 * along + 1) * np.maximum(expected, np.float32(1e-3))
    share = np.float32(method.edges.share)
    floor = np.minimum(method.edges.sigma / np.sqrt(size), share * np.quantile(excess[cells], 0.9))
    ratio = np.maximum(share * brighter_side(excess, along), np.maximum(floor, np.float32(1e-3)))
    score = _lines(number, lines) * np.log1p(ratio) - _lines(mean, lines) * ratio
    kept = bridged(two_states(np.where(cells, score, np.float32(-np.inf)), method.edges.cost), bridge)
    return majority(kept, lines + 1) & cells


def _lines(total: np.ndarray, half: int) -> np.ndarray:
    """Sums over 2 half + 1 lines and one column, from an integral, float32."""
    size = total.shape[0] - 1
    low, high = np.maximum(np.arange(size) - half, 0), np.minimum(np.arange(size) + half + 1, size)
    return np.diff(total[high] - total[low], axis=1).astype(np.float32)


def brighter_side(excess: np.ndarray, half: int) -> np.ndarray:
    """The largest of the means about a cell and on either side of it, from means over 2 half + 1 columns.

    Parameters
    ----------
    excess
        dims (line, column), any unit.

    Returns
    -------
    ndarray
        dims (line, column).
    """
    padded = np.pad(excess, ((0, 0), (half, half)), mode="edge")
    return np.maximum(np.maximum(padded[:, : excess.shape[1]], padded[:, 2 * half :]), excess)


@njit(nogil=True, cache=True)
def two_states(score: np.ndarray, cost: float) -> np.ndarray:
    """The most likely path of two states in each line: `score` is gained in the second, each change costs `cost`.

    Parameters
    ----------
    score
        log likelihood gained, dims (line, cell).

    Returns
    -------
    ndarray
        bool, dims (line, cell).
    """
    lines, size = score.shape
    out = np.zeros((lines, size), np.bool_)
    stays = np.zeros((size, 2), np.bool_)
    for k in range(lines):
        off, on = 0.0, -cost
        for i in range(size):
            stays[i, 0], stays[i, 1] = off >= on - cost, on >= off - cost
            new_off = off if stays[i, 0] else on - cost
            new_on = on if stays[i, 1] else off - cost
            off, on = new_off, new_on + score[k, i]
        state = 1 if on - cost > off else 0
        for i in range(size - 1, -1, -1):
            out[k, i] = state == 1
            if not stays[i, state]:
                state = 1 - state
    return out


def majority(kept: np.ndarray, half: int) -> np.ndarray:
    """Cells that more than half of 2 half + 1 lines keep: a single line's early beginning does not count.

    Parameters
    ----------
    kept
        bool, dims (line, cell).

    Returns
    -------
    ndarray
        bool, dims (line, cell).
    """
    size = kept.shape[0]
    total = np.zeros((size + 1, kept.shape[1]), np.int16)
    np.cumsum(kept, axis=0, dtype=np.int16, out=total[1:])
    low, high = np.maximum(np.arange(size) - half, 0), np.minimum(np.arange(size) + half + 1, size)
    return total[high] - total[low] > half


@njit(nogil=True, cache=True)
def bridged(kept: np.ndarray, longest: int) -> np.ndarray:
    """Gaps of up to `longest` cells between kept ones filled, along the second axis.

    Parameters
    ----------
    kept
        bool, dims (line, cell).

    Returns
    -------
    ndarray
        bool, dims (line, cell).
    """
    out = kept.copy()
    for k in range(kept.shape[0]):
        last = -1
        for i in range(kept.shape[1]):
            if kept[k, i]:
                if last >= 0 and i - last - 1 <= longest:
                    out[k, last:i] = True
                last = i
    return out
