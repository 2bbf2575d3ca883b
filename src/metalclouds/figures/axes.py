"""Time axes of a night with universal time below and local time above."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axes._secondary_axes import SecondaryAxis
from matplotlib.ticker import FuncFormatter, MultipleLocator

from metalclouds.figures.station import offset_words
from metalclouds.figures.style import is_shown

# Steps between labels that a reader of clock times expects, h.
STEPS_HOURS = (1 / 12, 1 / 6, 0.25, 0.5, 1.0, 2.0, 3.0, 6.0)


def clock(hours: float) -> str:
    """Hours since midnight as HH:MM, modulo a day."""
    minutes = round(hours * 60.0) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def step_hours(span: float, labels: int) -> float:
    """The smallest step that needs at most so many labels."""
    return next((step for step in STEPS_HOURS if span / step <= labels), STEPS_HOURS[-1])


def _format(step: float, offset: float) -> FuncFormatter:
    if step >= 1.0:
        # In a zone of half hours, full hours of UT are half hours of local time.
        whole = float(offset).is_integer()
        return FuncFormatter(lambda value, _: f"{round(value + offset) % 24:02d}" if whole else clock(value + offset))
    return FuncFormatter(lambda value, _: clock(value + offset))


def ut_axis(
    ax: Axes,
    start: float,
    end: float,
    local_offset: float | None,
    *,
    labels: int = 8,
    below: bool = True,
    above: bool = True,
) -> SecondaryAxis | None:
    """Give a panel whose x are hours since 00 UT a UT axis below and, where the place is known, an LT axis above.

    Parameters
    ----------
    start, end
        limits in hours since 00 UT of the night's date.
    local_offset
        local time minus UT (h); None where it is not known.
    labels
        how many labels fit.
    below, above
        whether the axis is named; ticks are drawn either way.

    Returns
    -------
    matplotlib.axes.SecondaryAxis or None
        The axis of local time.
    """
    step = step_hours(end - start, labels)
    ax.set_xlim(start, end)
    ax.xaxis.set_major_locator(MultipleLocator(step))
    ax.xaxis.set_minor_locator(MultipleLocator(step / 4 if step < 1 else step / 2))
    ax.xaxis.set_major_formatter(_format(step, 0.0))
    if below:
        ax.set_xlabel("UT" if step < 1 else "UT (h)", labelpad=1.5)
    if local_offset is None:
        return None
    top = ax.secondary_xaxis("top")
    top.xaxis.set_major_locator(MultipleLocator(step))
    top.xaxis.set_major_formatter(_format(step, local_offset))
    top.tick_params(pad=1.5)
    if above:
        top.set_xlabel(local_label(local_offset), labelpad=2.0)
    return top


def local_label(local_offset: float) -> str:
    """Name of the axis of local time, which says how it follows from UT (h)."""
    return f"LT ({offset_words(local_offset).removeprefix('LT = ')})"


def outermost(grid: np.ndarray) -> tuple[list[Axes], list[Axes], list[Axes]]:
    """Panels of a grid that carry its labels: among panels with data, the first of each row, and the lowest and
    the topmost of each column.

    Parameters
    ----------
    grid
        axes, dims (row, column).

    Returns
    -------
    left, lowest, topmost
        lists of axes, in order of rows and columns.
    """
    rows = [[ax for ax in row if is_shown(ax)] for row in grid]
    columns = [[ax for ax in column if is_shown(ax)] for column in grid.T]
    return (
        [row[0] for row in rows if row],
        [column[-1] for column in columns if column],
        [column[0] for column in columns if column],
    )


def label_outermost(grid: np.ndarray) -> None:
    """Tick labels of panels that share axes, on the outermost ones that have data.

    Parameters
    ----------
    grid
        axes, dims (row, column).
    """
    left, lowest, _ = outermost(grid)
    for ax in filter(is_shown, grid.flat):
        ax.tick_params(labelleft=any(ax is one for one in left), labelbottom=any(ax is one for one in lowest))


def rounded_limits(start: float, end: float, step: float = 0.25) -> tuple[float, float]:
    """Limits widened to full steps (h)."""
    return float(np.floor(start / step) * step), float(np.ceil(end / step) * step)


def joined(starts: np.ndarray, ends: np.ndarray, gap: float) -> list[tuple[float, float]]:
    """Intervals with those merged that overlap or lie closer than a gap (same unit).

    Parameters
    ----------
    starts, ends
        dims (interval,), same unit.
    gap
        in that unit.
    """
    out: list[tuple[float, float]] = []
    for start, end in sorted(zip(starts, ends, strict=True)):
        if out and start - out[-1][1] <= gap:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((float(start), float(end)))
    return out
