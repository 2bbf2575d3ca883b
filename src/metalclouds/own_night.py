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
    """The options --config, --site and --species."""
    command.add_argument("--config", type=Path, metavar="FILE", help="configuration whose settings are taken")
    command.add_argument(
        "--site", type=float, nargs="+", metavar="NUMBER", help="latitude, longitude and altitude (km) of the lidar"
    )
    command.add_argument("--species", metavar="NAME", help="species where a file does not say it, such as Na or Fe+")


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
            remedy="every key, its rule and its default stand in config/README.md",
        ) from error
    lidar = ingest.lidar
    if options.site is not None:
        lidar = lidar.model_copy(update={"site": site_of(options.site)})
    if options.species:
        lidar = lidar.model_copy(update={"species": options.species})
    return Chosen(ingest.model_copy(update={"lidar": lidar}), detect, figures)


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
