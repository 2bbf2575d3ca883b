"""Options of the commands that take a file of a night: which station, which species, which configuration."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metalclouds.detect.settings import DetectSettings
    from metalclouds.figures.settings import FiguresSettings
    from metalclouds.ingest.settings import IngestSettings, Site


@dataclass(frozen=True)
class Chosen:
    """Settings of the stages that a single night passes."""

    ingest: IngestSettings
    detect: DetectSettings
    figures: FiguresSettings


def add_options(command: argparse.ArgumentParser) -> None:
    """The options --config, --site, --species and --clock."""
    command.add_argument("--config", type=Path, metavar="FILE", help="read settings from this file")
    command.add_argument(
        "--site",
        type=float,
        nargs="+",
        metavar="NUMBER",
        help="latitude, longitude and altitude (km) of the lidar; goes before what the files say",
    )
    command.add_argument("--species", metavar="NAME", help="species, if a file does not name it, such as Na or Fe+")
    command.add_argument(
        "--clock",
        metavar="ZONE",
        help="clock of lidar files that do not name theirs: UT, LT, or an offset such as UTC+1, which is then also "
        "what LT means in files that do",
    )


def chosen(options: argparse.Namespace) -> Chosen:
    """Settings of the configuration, or the defaults, with the station and the species of the command line.

    Raises
    ------
    ReadError
        If the configuration cannot be read.
    ConfigError
        If it, or the site, breaks a rule.
    """
    from pydantic import ValidationError

    from metalclouds.config import of_the_paper
    from metalclouds.detect.settings import DetectSettings
    from metalclouds.errors import ConfigError
    from metalclouds.figures.settings import FiguresSettings
    from metalclouds.files import read_yaml
    from metalclouds.ingest.settings import IngestSettings

    content = read_yaml(options.config) if options.config else {}
    try:
        ingest = IngestSettings.model_validate(content.get("ingest") or {})
        detect = DetectSettings.model_validate(content.get("detect") or {})
        figures = FiguresSettings.model_validate(content.get("figures") or {})
    except ValidationError as error:
        raise ConfigError(
            "sections ingest, detect and figures of the configuration",
            file=options.config,
            given=str(error),
            remedy="config/README.md lists every key with its rule and default",
        ) from error
    if "assume_station" not in ingest.model_fields_set:
        ingest = ingest.model_copy(
            update={"assume_station": of_the_paper(content.get("source"), content.get("claims"))}
        )
    return Chosen(_with_own(ingest, options), detect, figures)


def _with_own(ingest: IngestSettings, options: argparse.Namespace) -> IngestSettings:
    """Settings with the station, the species and the clock of the command line."""
    from metalclouds.ingest.evidence.species import species_in

    own: dict[str, object] = {}
    fpi, sounder = ingest.fpi, ingest.ionosonde
    if options.site is not None:
        own["site"] = site_of(options.site)
        fpi = fpi.model_copy(update={"site": own["site"]})
        sounder = sounder.model_copy(update={"site": own["site"]})
    if options.species:
        # Caplus, CaII and Ca_ion are names of Ca+.
        named = species_in(options.species)
        own["species"] = named.pop() if len(named) == 1 else options.species
    if options.clock:
        own["clock"] = options.clock
    return ingest.model_copy(update={"lidar": ingest.lidar.model_copy(update=own), "fpi": fpi, "ionosonde": sounder})


def site_of(numbers: list[float]) -> Site:
    """The station of the option --site.

    Raises
    ------
    ConfigError
        If there are not two or three numbers, or one is no place on Earth.
    """
    from pydantic import ValidationError

    from metalclouds.errors import ConfigError
    from metalclouds.ingest.settings import Site

    try:
        latitude, longitude, *height = numbers
        (altitude,) = height or [0.0]
        return Site(latitude=latitude, longitude=longitude, altitude_km=altitude)
    except (ValueError, ValidationError) as error:
        raise ConfigError(
            "--site needs a latitude, a longitude and, if known, an altitude in km",
            given=" ".join(f"{one:g}" for one in numbers),
            rule="-90 to 90, -180 to 360, -0.5 to 9",
        ) from error
