"""The configuration: one frozen, typed object; every mistake is reported at once, before any job starts."""

from __future__ import annotations

import datetime
import importlib
import re
import string
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model, field_validator

from metalclouds.errors import ConfigError
from metalclouds.files import read_yaml, shipped_file
from metalclouds.parallel_settings import ParallelSettings

# Section -> model. A section is the only part of the configuration that the rules of its stage receive.
SECTIONS = {
    "twin": "metalclouds.twin.settings:TwinSettings",
    "fetch": "metalclouds.fetch.settings:FetchSettings",
    "ingest": "metalclouds.ingest.settings:IngestSettings",
    "trail": "metalclouds.physics.settings:TrailSettings",
    "detect": "metalclouds.detect.settings:DetectSettings",
    "derive": "metalclouds.derive.settings:DeriveSettings",
    "supplements": "metalclouds.supplements.settings:SupplementSettings",
    "figures": "metalclouds.figures.settings:FiguresSettings",
    "claims": "metalclouds.claims.settings:ClaimsSettings",
    "report": "metalclouds.report.settings:ReportSettings",
}

FIRST_PANEL = "a"
# Panels of bars that Figure 3 has room for.
MOST_ES_PANELS = 5


class Case(BaseModel):
    """A night that the paper shows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    panel: str = Field(description="panel of Figure 1, a letter", pattern="^[a-z]$")
    night: str = Field(description="date of the evening at the station, YYYY-MM-DD")

    @field_validator("night")
    @classmethod
    def _is_date(cls, value: str) -> str:
        datetime.date.fromisoformat(value)
        return value


class BaseConfig(BaseModel):
    """Keys that are not a section."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["twin", "zenodo", "local"] = Field(
        default="twin",
        description="where the data come from: twin (simulated campaign), zenodo (the record of the paper), "
        "local (a folder of your own)",
    )
    run: str | None = Field(
        default=None,
        description="name of the folder below results/; default: twin, zenodo, or local-<name of the folder>",
        pattern=r"^[A-Za-z0-9._-]+$",
    )
    cases: tuple[Case, ...] = Field(
        default=(),
        description="the nights that the paper shows, one a panel of Figure 1; where none are named: the first six "
        "nights of the lidar (of a local folder panel a is then the one that Figure 5 enlarges)",
    )
    parallel: ParallelSettings = Field(default_factory=ParallelSettings, description="dask inside a job")


def of_own_nights(content: dict[str, Any]) -> dict[str, Any]:
    """A configuration for somebody's own folder that names no case nights: without the paper's.

    The files of the project's configuration and of one's own are put together before this, so the paper's nights are
    known by being the paper's (`config/twin_cases.yaml`, which is about the same nights).
    """
    sections = [content.get(name) or {} for name in ("claims", "derive", "figures")]
    if content.get("source") != "local" or not all(isinstance(one, dict) for one in sections):
        return content
    claims, derive, figures = sections
    path = shipped_file("config/twin_cases.yaml")
    papers = {str(one["night"]) for one in read_yaml(path)["cases"]} if path is not None else set()
    named = {str(one.get("night")) for one in content.get("cases") or () if isinstance(one, dict)}
    if claims.get("local_is_the_paper") or not named <= papers:
        return content
    beta = {"marked_panel": FIRST_PANEL} | (derive.get("beta") or {})
    figures = {"enlarged_panel": FIRST_PANEL, "es_panels": list(string.ascii_lowercase[:MOST_ES_PANELS])} | figures
    return content | {"cases": (), "derive": derive | {"beta": beta}, "figures": figures}


def of_the_paper(source: object, claims: object) -> bool:
    """Whether a source, or what section `claims` says of a folder, is the paper's record or a simulation of it."""
    return source in ("twin", "zenodo") or (isinstance(claims, dict) and bool(claims.get("local_is_the_paper")))


def asking_for_the_station(content: dict[str, Any]) -> dict[str, Any]:
    """A configuration for files of one's own: the paper's stations are not taken where nobody names one."""
    ingest = content.get("ingest") or {}
    if (
        content.get("source") != "local"
        or of_the_paper("local", content.get("claims"))
        or not isinstance(ingest, dict)
    ):
        return content
    return content | {"ingest": {"assume_station": False} | ingest}


def _model_of(path: str) -> type[BaseModel]:
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)


def model() -> type[BaseConfig]:
    """The model of the whole configuration."""
    fields: dict[str, Any] = {}
    for name, path in SECTIONS.items():
        section = _model_of(path)
        fields[name] = (section, Field(default_factory=section, description=f"settings of the stage {name}"))
    return create_model("Config", __base__=BaseConfig, **fields)


def _dates_as_text(value: Any) -> Any:
    """YAML reads an unquoted 2021-06-03 as a date; the configuration knows dates as text."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_dates_as_text(item) for item in value]
    return value


def validate(content: dict[str, Any], origin: str | Path = "config/config.yaml") -> BaseConfig:
    """Check a configuration.

    Raises
    ------
    ConfigError
        With every mistake: key, rule and value.
    """
    try:
        return model().model_validate(asking_for_the_station(of_own_nights(_dates_as_text(content))))
    except ValidationError as error:
        faults = error.errors(include_url=False)
        lines = [
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']} (given: {_given(fault.get('input'))})"
            for fault in faults
        ]
        raise ConfigError(
            f"{len(lines)} mistake{'s' if len(lines) > 1 else ''} in the configuration:\n    " + "\n    ".join(lines),
            file=origin,
            remedy="config/README.md lists every key with its rule and default",
        ) from error


def _given(value: Any) -> str:
    """A value as it was given, without the password of an address."""
    return re.sub(r"://[^/\s]*@", "://***@", repr(value))


def load(path: str | Path = "config/config.yaml") -> BaseConfig:
    """Read and check a configuration file.

    Raises
    ------
    ReadError
        If it cannot be read or is no YAML file of keys and values.
    ConfigError
        If it breaks a rule.
    """
    return validate(read_yaml(path), path)


def run_name(settings: BaseConfig) -> str:
    """Folder below results/: the key `run`, else the source, else local-<name of the local folder>."""
    if settings.run:
        return settings.run
    if settings.source != "local":
        return settings.source
    folder = getattr(settings, "fetch").local.folder  # noqa: B009  (the field is made at run time)
    return f"local-{Path(folder).name}" if folder else "local-unnamed"
