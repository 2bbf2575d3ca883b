"""The look of all figures: sizes, fonts, colours, marks for missing and simulated data, and saving."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.text import Text

from metalclouds.figures.inputs import Missing
from metalclouds.figures.settings import FiguresSettings
from metalclouds.io import replacing

# Widths of a column, one and a half, and a page (Copernicus guidelines for authors), cm.
MIDDLE_CM, PAGE_CM = 12.0, 17.7
CM_PER_INCH = 2.54
# Size of words that have no room to grow with a figure's font (pt).
SMALL_PT = 7.0

# Okabe and Ito (2008), told apart with any colour vision; purple is their reddish purple.
BLUE, RED, PURPLE, GREY, GREEN, ORANGE = "#0072B2", "#D55E00", "#9C3F8F", "#8C8C8C", "#009E73", "#E69F00"
SYNTHETIC_COLOUR = "#9A1B1B"
# Lines over the lidar images.
STRIPE = "#56E1FF"
# Below a scale: no colour of the map, so that noise is seen as noise.
BELOW_FLOOR, NO_DATA = "#4D4D4D", "#D9D9D9"
HATCH = "////"
# Group id of a panel without data.
MISSING = "missing"


def _parameters(settings: FiguresSettings) -> dict[str, Any]:
    size = settings.font_pt
    return {
        "font.family": "DejaVu Sans",
        "mathtext.fontset": "dejavusans",
        "font.size": size,
        "axes.labelsize": size,
        "axes.titlesize": size,
        "xtick.labelsize": size - 1,
        "ytick.labelsize": size - 1,
        "legend.fontsize": size - 1,
        "figure.titlesize": size,
        "axes.linewidth": 0.6,
        "lines.linewidth": 1.0,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "ytick.minor.width": 0.4,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "xtick.minor.size": 1.5,
        "ytick.minor.size": 1.5,
        "hatch.linewidth": 0.4,
        "legend.frameon": False,
        "legend.handlelength": 1.6,
        "figure.facecolor": "white",
        "savefig.facecolor": "white",
        "pdf.fonttype": 42,
        # The layout is worked out at the resolution of the PNG, so that text is measured once for both.
        "savefig.dpi": settings.dpi,
        "svg.hashsalt": "metalclouds",
        "axes.formatter.use_mathtext": True,
        "figure.constrained_layout.h_pad": 0.03,
        "figure.constrained_layout.w_pad": 0.03,
    }


@contextlib.contextmanager
def journal(settings: FiguresSettings) -> Iterator[None]:
    """Matplotlib's parameters at journal size, whatever the user's own are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_parameters(settings))  # type: ignore[arg-type]
        yield


# Height of a figure of which nothing can be shown.
BAND_CM = 1.8


def new_figure(width_cm: float, height_cm: float, layout: Literal["constrained"] | None = "constrained") -> Figure:
    """An empty figure of a printed size, drawn without pyplot."""
    size = (width_cm / CM_PER_INCH, height_cm / CM_PER_INCH)
    figure = Figure(figsize=size, layout=layout, dpi=mpl.rcParams["savefig.dpi"])
    FigureCanvasAgg(figure)
    return figure


def colour_map(name: str, under: str | None = BELOW_FLOOR, bad: str = NO_DATA) -> Colormap:
    """A map of cmcrameri with a colour of its own below the noise floor; None keeps the map's lowest there."""
    from cmcrameri import cm

    return getattr(cm, name).with_extremes(under=under, bad=bad)


def panel_letter(ax: Axes, letter: str, text: str = "", *, above_ticks: bool = False) -> Text:
    """The letter of a panel, and a few words, above its upper left corner and the labels of an upper axis."""
    size = mpl.rcParams["font.size"]
    height = 1.95 * size if above_ticks else 4.0
    if not letter:
        return _above(ax, text, (0.0, height))
    # Bold text, not mathtext: parsing mathtext takes most of a figure's time.
    if text:
        _above(ax, text, (2.4 * size, height))
    return _above(ax, f"({letter})", (0.0, height), fontweight="bold")


def _above(ax: Axes, text: str, offset: tuple[float, float], **options: Any) -> Text:
    return ax.annotate(
        text,
        xy=(0.0, 1.0),
        xytext=offset,
        xycoords="axes fraction",
        textcoords="offset points",
        ha="left",
        va="baseline",
        annotation_clip=False,
        **options,
    )


def legend_below(figure: Figure, marks: Mapping[str, Artist | tuple[Artist, ...]]) -> None:
    """A legend under all panels of a figure: text -> mark, or several marks side by side."""
    handles: list[Any] = list(marks.values())
    figure.legend(
        handles,
        list(marks),
        handler_map={tuple: HandlerTuple(ndivide=None)},
        loc="outside lower center",
        ncols=4,
        columnspacing=1.2,
        handlelength=1.6,
        fontsize=SMALL_PT,
    )


def hatch_background(ax: Axes, face: str = "#F4F4F4", lines: str = "#BBBBBB") -> None:
    """Hatching behind everything of a panel: it shows wherever there is no data."""
    ax.set_facecolor(face)
    ax.patch.set_hatch(HATCH)
    ax.patch.set_edgecolor(lines)
    ax.patch.set_linewidth(0.0)


def draw_missing(ax: Axes, missing: Missing) -> Axes:
    """A panel without data: hatched, and what is missing, why, and where it could be had."""
    hatch_background(ax)
    ax.set_gid(MISSING)
    # Ticks are hidden, not taken away: panels may share their axes.
    ax.tick_params(which="both", bottom=False, left=False, labelbottom=False, labelleft=False)
    ax.text(
        0.5,
        0.5,
        missing.short(wrap=_characters(ax)),
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=mpl.rcParams["font.size"] - 1,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.0},
    )
    return ax


def line_of_missing(missing: Missing) -> Figure:
    """A figure of which nothing can be shown: a band that says in a line or two what is missing and why."""
    figure = new_figure(PAGE_CM, BAND_CM)
    draw_missing(figure.subplots(), missing)
    return figure


def is_shown(ax: Axes) -> bool:
    """Whether a panel is there and has data: only such a panel carries labels."""
    return ax.figure is not None and ax.axison and ax.get_gid() != MISSING


def _characters(ax: Axes) -> int:
    """How many characters of small text fit across a panel."""
    figure = ax.get_figure(root=True)
    width_pt = ax.bbox.width * 72.0 / (figure.dpi if figure is not None else 72.0)
    return max(14, int(width_pt / (0.62 * mpl.rcParams["font.size"])))


def mark_synthetic(figure: Figure, panels: str = "") -> None:
    """Say above a figure that it, or some of its panels, are made from simulated data.

    Parameters
    ----------
    panels
        words that name the panels, such as "panels b and d"; empty where the whole figure is meant.
    """
    which = f" ({panels})" if panels else ""
    figure.suptitle(
        f"SYNTHETIC{which}: simulated data, not an observation",
        color=SYNTHETIC_COLOUR,
        fontweight="bold",
        fontsize=mpl.rcParams["font.size"],
    )


def save(figure: Figure, png: str | Path, pdf: str | Path | None, settings: FiguresSettings) -> None:
    """Write PNG, and PDF unless it is None; the same bytes for the same figure, no date, no version of the software.

    The layout is worked out once and then kept, so that both show the same.
    """
    with journal(settings):
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
        with replacing(png) as temporary:
            figure.savefig(temporary, format="png", dpi=settings.dpi, metadata={"Software": None})
        if pdf is None:
            return
        metadata = {"CreationDate": None, "Producer": None, "Creator": None}
        with replacing(pdf) as temporary:
            figure.savefig(temporary, format="pdf", dpi=settings.dpi, metadata=metadata)
