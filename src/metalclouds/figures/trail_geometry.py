"""Panel a of Figure 5: how a drifting, inclined trail becomes a stripe."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Arc, Polygon
from numpy.typing import ArrayLike

from metalclouds.figures import style

# The drawing of panel a: an angle large enough to be seen.
DRAWN_ANGLE_DEG = 28.0

# Half of the drawn depth of the inclined plane, in the drawing's units.
PLANE_DEPTH = np.array([0.2, 0.07])


def geometry_panel(ax: Axes) -> Axes:
    """How a drifting inclined trail becomes a stripe: seen from the side, and from above. Not to scale."""
    style.panel_letter(ax, "a", "geometry (not to scale)")
    ax.set_xlim(-0.8, 2.1)
    ax.set_ylim(-0.12, 1.3)
    ax.set_xticks([])
    ax.set_yticks([])
    _side_view(ax)
    _plan_view(ax)
    return ax


def _side_view(ax: Axes) -> None:
    lean = np.tan(np.radians(DRAWN_ANGLE_DEG))
    _plane(ax, lean)
    ax.plot([0, 0], [0.0, 1.22], color="#2E8B57", linewidth=1.4, alpha=0.8)
    ax.text(0.0, -0.03, "lidar beam", color="#2E8B57", ha="center", va="top")
    for shift, alpha in ((-0.42, 1.0), (-0.16, 0.35)):
        ax.plot([shift, shift + lean], [0.1, 1.1], color=style.PURPLE, linewidth=2.0, alpha=alpha)
    ax.text(-0.45, 0.1, "trail", color=style.PURPLE, ha="right", va="center")
    _arrow(ax, (-0.38, 0.2), (-0.12, 0.2), "black")
    ax.text(-0.26, 0.155, "$v$", ha="center", va="top")
    first, later = 0.1 + 0.42 / lean, 0.1 + 0.16 / lean
    _arrow(ax, (-0.06, first), (-0.06, later), style.RED)
    height = 0.5 * (first + later)
    ax.text(-0.48 + lean * (height - 0.1), height, "$v_c$", color=style.RED, ha="right", va="center")
    ax.plot([0, 0], [first, later], "o", color=style.RED, markersize=3)
    ax.add_patch(Arc((0.0, later), 0.8, 0.8, theta1=90 - DRAWN_ANGLE_DEG, theta2=90, linewidth=0.8))
    middle = np.radians(90 - DRAWN_ANGLE_DEG / 2)
    ax.text(0.48 * np.cos(middle), later + 0.48 * np.sin(middle), "$\\beta$", ha="center", va="center")


def _plane(ax: Axes, lean: float) -> None:
    """The inclined plane in which the drift sweeps the trail into the beam."""
    low, high = np.array([-0.42, 0.1]), np.array([-0.42 + lean, 1.1])
    corners = [low - PLANE_DEPTH, high - PLANE_DEPTH, high + PLANE_DEPTH, low + PLANE_DEPTH]
    ax.add_patch(Polygon(corners, color=style.PURPLE, alpha=0.13, linewidth=0.6, zorder=0))
    ax.text(-0.75, high[1] - 0.12, "inclined\nplane", color=style.PURPLE, ha="left", va="center")


def _plan_view(ax: Axes) -> None:
    centre = np.array([1.3, 0.95])
    ax.text(centre[0], 1.25, "from above", ha="center", va="top")
    ax.plot(*centre, "o", color="#2E8B57", markersize=3.5)
    _arrow(ax, centre, centre + np.array([0.4, 0.0]), "black")
    ax.text(centre[0] + 0.43, centre[1], "$v$", ha="left", va="center")
    turned = np.radians(DRAWN_ANGLE_DEG)
    along = 0.42 * np.array([np.cos(turned), np.sin(turned) * 0.9])
    ax.plot(*np.array([centre - along, centre + along]).T, color=style.PURPLE, linewidth=2.0)
    ax.add_patch(Arc(tuple(centre), 0.42, 0.4, theta1=0, theta2=DRAWN_ANGLE_DEG, linewidth=0.8))
    ax.text(centre[0] + 0.27, centre[1] + 0.055, "$\\Delta$", ha="center", va="center", fontsize=7)
    ax.text(
        0.72,
        0.52,
        "$\\Delta = 0$:  $\\tan\\beta = v\\,/\\,|v_c|$\n$\\Delta \\neq 0$:  a limit of $\\beta$,\nand a short stripe",
        ha="left",
        va="top",
        linespacing=1.4,
    )


def _arrow(ax: Axes, start: ArrayLike, end: ArrayLike, colour: str) -> None:
    ax.annotate(
        "",
        xy=tuple(np.asarray(end, float)),
        xytext=tuple(np.asarray(start, float)),
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.0, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7},
    )
