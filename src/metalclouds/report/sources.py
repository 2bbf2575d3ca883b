"""Texts of the page that do not depend on the run: figures, topics, instruments."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FigureText:
    """What the page says of a figure whatever the run.

    Attributes
    ----------
    caption
        for when no generated one is there.
    tables
        tables of the run behind the figure.
    raw
        (instrument, nights) of the raw files behind it: the case nights or all.
    sections
        sections of the configuration that decide what it shows.
    axes
        columns of the plotted numbers that the interactive view begins with: x, y, group.
    """

    title: str
    caption: str
    tables: tuple[str, ...]
    raw: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    axes: tuple[str, str, str] = ("", "", "")


FIGURES = {
    1: FigureText(
        "Density against time and altitude",
        "Number density of the metal against time and altitude on the case nights.",
        ("detect/events.csv", "detect/stripes.csv"),
        (("lidar", "cases"),),
        ("cases", "ingest", "detect", "figures"),
    ),
    2: FigureText(
        "Maps of total electron content",
        "Vertical total electron content on the case nights; the dot is the lidar's site.",
        ("derive/tec_maps.nc", "derive/tec_enhancement.csv", "derive/tec_series.csv"),
        (("tec", "all"),),
        ("cases", "ingest", "derive", "figures"),
    ),
    3: FigureText(
        "Sporadic E on the case nights, and ionograms",
        "Critical frequency of sporadic E on the case nights, and ionograms.",
        ("derive/es_cases.csv", "derive/es_response.csv"),
        (("ionosonde", "cases"), ("lidar", "cases")),
        ("cases", "ingest", "detect", "derive", "figures"),
        ("time_utc", "foEs_MHz", "night"),
    ),
    4: FigureText(
        "Occurrence and main layer through the year",
        "Nights with metal above 150 km, column density and number density of the main layer by calendar month.",
        ("derive/monthly.csv", "derive/monthly_density.nc", "derive/columns.csv"),
        (("lidar", "all"),),
        ("ingest", "detect", "derive", "figures"),
        ("month", "occurrence", ""),
    ),
    5: FigureText(
        "Shape of a stripe",
        "Geometry of a stripe, two stripes in detail, neutral density and wind.",
        ("derive/beta.csv", "derive/stripe_pair.csv", "derive/density_profile.csv"),
        (("lidar", "all"), ("fpi", "all")),
        ("cases", "ingest", "detect", "derive", "figures"),
        ("x", "y", "series"),
    ),
    6: FigureText(
        "Where the clouds form",
        "Altitudes of meteors, main layer and clouds, to scale.",
        ("derive/density_profile.csv",),
        (("lidar", "all"), ("fpi", "all")),
        ("cases", "ingest", "detect", "derive", "figures"),
        ("x_bottom", "bottom_km", "night"),
    ),
}

# Notebook notebooks/supplement_<name>.ipynb -> title, claims that rest on it.
SUPPLEMENTS = {
    "decision": ("Decision table", ()),
    "supply": ("Can meteoroids supply the stripes?", ("X1",)),
    "radiants": ("Where from, and how fast?", ("X2", "X4", "X5", "X6")),
    "widening": ("Do stripes widen upwards?", ("X3",)),
    "sheets": ("Sheets, waves or trails?", ("X7", "X8")),
    "season": ("Do stripes come when meteors come?", ()),
    "metal": ("Metal, electrons, lifetimes", ("X9", "X10", "X11")),
}

# Claims by the letters of their id, in the order of the page.
TOPICS = (
    ("N", "How often clouds are seen"),
    ("M", "The main layer through the year"),
    ("L", "Layers, clouds and their connections"),
    ("S", "Stripes: shape, size, tilt"),
    ("D", "Density of air and clouds"),
    ("TA", "Electron content above the lidar"),
    ("E", "Response of sporadic E"),
    ("FW", "Spread F, wind and field"),
    ("I", "Instruments"),
    ("X", "Supplements: does the explanation hold?"),
)

GLOSSARY = (
    ("stripe", "a narrow ridge of density in time and altitude; the paper takes it for the trail of a meteoroid"),
    (
        "slowness",
        "time that the maximum of a stripe needs for a kilometre of altitude, dt/dz (s/km); negative: downwards",
    ),
    ("β", "angle between a stripe and the vertical, from its slowness and the wind"),
    ("foEs", "critical frequency of sporadic E: the highest frequency that its densest patches reflect"),
    ("blanketing", "a sporadic-E layer so dense that it hides the layers above from the ionosonde"),
    ("sporadic E", "a thin, dense layer of metal ions near 100 km"),
    ("TECU", "unit of total electron content, 10¹⁶ electrons per square metre"),
    ("FPI", "Fabry-Perot interferometer: winds from the Doppler shift of airglow"),
    ("MIC", "metal ion cloud: the paper's word for what is called a cloud here"),
    ("MML", "main metal layer: the paper's word for the main layer"),
    (
        "twin",
        "the simulated observing campaign, made after the paper's statements: its true values are known, and it is "
        "no evidence on the paper",
    ),
    ("main layer", "the layer of metal at 80 to 120 km, present all night"),
    ("connection", "a stripe that reaches the main layer, or a cloud that descends and merges with it"),
    ("radiant", "the point of the sky from which the meteoroids of a shower come"),
    ("apex", "the direction in which the Earth moves; meteoroids from there are the fastest"),
    ("sputtering", "atoms knocked out of a body by the air that it meets, without heat"),
    ("false alarm", "a night of noise alone that would be called a cloud"),
)
# Words by which a reader may look for the claims of a topic, besides the words of its title.
SEARCHED = {
    "N": "MIC cloud",
    "L": "merging connection MIC MML",
    "S": "meteoroid trail MIC",
    "E": "sporadic E Es foEs",
    "W": "meteoroid wind drift",
    "X": "meteoroid origin thesis",
}
