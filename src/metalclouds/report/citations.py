"""What to cite: the software that ran, from its own metadata, and the data that the run used."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from email.message import Message

from metalclouds.figures.captions import GIRO_LICENCE, from_giro
from metalclouds.run_record import packages
from metalclouds.schema.documents import Inventory, Manifest

# Articles that the projects themselves ask to cite.
DOIS = {
    "snakemake": "10.12688/f1000research.29032.2",
    "xarray": "10.5334/jors.148",
    "dask": "10.25080/Majora-7b98e3ed-013",
    "numpy": "10.1038/s41586-020-2649-2",
    "scipy": "10.1038/s41592-019-0686-2",
    "numba": "10.1145/2833157.2833162",
    "pandas": "10.25080/Majora-92bf1922-00a",
    "matplotlib": "10.1109/MCSE.2007.55",
    "seaborn": "10.21105/joss.03021",
}
PAPER = {
    "what": "The paper",
    "text": "Chen, G. et al.: Meteoroids as a source of metal ion clouds in Earth's upper thermosphere, EGUsphere "
    "[preprint], 2026.",
    "link": "https://doi.org/10.5194/egusphere-2026-2356",
    "licence": "",
}
RECORD = {
    "what": "The paper's data",
    "text": "Xu, Y. and Chen, G.: Metal ion clouds composed by the dense meteoroid trails in middle thermosphere "
    "[data set], Zenodo, 2025.",
    "link": "https://doi.org/10.5281/zenodo.15713532",
    "licence": "",
}
GIRO = {
    "what": "Digisonde characteristics",
    "text": "Reinisch, B. W. and Galkin, I. A.: Global Ionospheric Radio Observatory (GIRO), Earth Planets Space 63, "
    "377-381, 2011.",
    "link": "https://doi.org/10.5047/eps.2011.03.001",
    "licence": GIRO_LICENCE,
}
ALWAYS = (
    {
        "what": "Neutral density",
        "text": "Picone, J. M. et al.: NRLMSISE-00 empirical model of the atmosphere, J. Geophys. Res. 107, 1468, "
        "2002.",
        "link": "https://doi.org/10.1029/2002JA009430",
        "licence": "",
    },
    {
        "what": "Coast and borders",
        "text": "Natural Earth; borders as Natural Earth draws them.",
        "link": "https://www.naturalearthdata.com",
        "licence": "public domain",
    },
)


def data(manifest: Manifest, inventories: Iterable[Inventory]) -> list[dict[str, str]]:
    """Works to cite for the data of a run: the paper always, its record where the run used it, then the rest."""
    used_record = manifest.source == "zenodo"
    giro = any(from_giro(one) for one in inventories)
    return [PAPER, *([RECORD] if used_record else []), *([GIRO] if giro else []), *ALWAYS]


def software() -> list[dict[str, str]]:
    """Name, version, licence, home page and article of each package, from what is installed."""
    return [_package(name) for name in packages()]


def _package(name: str) -> dict[str, str]:
    metadata: Message = importlib.metadata.metadata(name)  # type: ignore[assignment]
    doi = DOIS.get(name, "")
    return {
        "name": name,
        "version": metadata["Version"],
        "licence": _licence(metadata),
        "summary": (metadata.get("Summary") or "").strip().rstrip("."),
        "link": _home(metadata),
        "doi": f"https://doi.org/{doi}" if doi else "",
    }


def _licence(metadata: Message) -> str:
    """Licence in a few words: the expression, the classifier, or a short free text."""
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [one for one in metadata.get_all("Classifier") or [] if one.startswith("License ::")]
    if classifiers:
        return classifiers[0].rsplit(" :: ", 1)[-1]
    lines = (metadata.get("License") or "").strip().splitlines()
    return lines[0] if lines and len(lines[0]) < 60 else "see the package"


def _home(metadata: Message) -> str:
    """Home page, or else the repository."""
    if home := metadata.get("Home-page"):
        return home
    links = [entry.partition(", ") for entry in metadata.get_all("Project-URL") or []]
    named = {label.strip().lower(): link.strip() for label, _, link in links}
    wanted = ("homepage", "home", "repository", "source", "source code", "github", "documentation")
    return next((named[label] for label in wanted if label in named), "")
