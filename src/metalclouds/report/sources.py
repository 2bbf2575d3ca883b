"""Texts of the page that do not depend on the run: figures, instruments, citations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FigureText:
    """Title, a caption for when no generated one is there, and the tables with the plotted numbers."""

    title: str
    caption: str
    tables: tuple[str, ...]


FIGURES = {
    1: FigureText(
        "Ca+ above Yanqing on six nights",
        "Number density of Ca+ against time and altitude on the six case nights.",
        ("detect/events.csv", "detect/stripes.csv"),
    ),
    2: FigureText(
        "Total electron content over China",
        "Vertical total electron content on the case nights; the dot is the lidar.",
        ("derive/tec_maps.nc", "derive/tec_enhancement.csv", "derive/tec_series.csv"),
    ),
    3: FigureText(
        "Sporadic E on five nights, and ionograms",
        "Critical frequency of sporadic E on five case nights, and ionograms.",
        ("derive/es_cases.csv", "derive/es_response.csv"),
    ),
    4: FigureText(
        "Occurrence and main layer through the year",
        "Nights with Ca+ above 150 km, column density and number density of the main layer by calendar month.",
        ("derive/monthly.csv", "derive/monthly_density.nc", "derive/columns.csv"),
    ),
    5: FigureText(
        "Shape of a stripe",
        "Geometry of a stripe, two stripes in detail, neutral density and wind.",
        ("derive/beta.csv", "derive/stripe_pair.csv", "derive/density_profile.csv"),
    ),
    6: FigureText(
        "Where the clouds form",
        "Altitudes of meteors, main layer and clouds, to scale.",
        ("derive/density_profile.csv",),
    ),
}

INSTRUMENT_NAMES = {
    "lidar": "Ca+ lidar, Yanqing",
    "tec": "GNSS total electron content, China",
    "fpi": "Fabry-Perot interferometer (wind), Xinglong",
    "ionosonde": "Digisonde, Changping",
}

CITATIONS = (
    ("The paper", "Chen, G. et al.: Meteoroids as a source of metal ion clouds in Earth's upper thermosphere, "
     "EGUsphere [preprint], 2026.", "https://doi.org/10.5194/egusphere-2026-2356"),
    ("Its data", "Xu, Y. and Chen, G.: Metal ion clouds composed by the dense meteoroid trails in middle "
     "thermosphere [data set], Zenodo, 2025.", "https://doi.org/10.5281/zenodo.15713532"),
    ("Neutral density", "Picone, J. M. et al.: NRLMSISE-00 empirical model of the atmosphere, "
     "J. Geophys. Res. 107, 1468, 2002.", "https://doi.org/10.1029/2002JA009430"),
    ("Coast and borders", "Natural Earth (public domain), borders as Natural Earth draws them.",
     "https://www.naturalearthdata.com"),
    ("Digisonde characteristics", "Reinisch, B. W. and Galkin, I. A.: Global Ionospheric Radio Observatory (GIRO), "
     "Earth Planets Space 63, 377, 2011.", "https://doi.org/10.5047/eps.2011.03.001"),
)  # fmt: skip
