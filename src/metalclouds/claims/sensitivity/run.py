"""The sensitivity of all verdicts of a run: read, judge, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from metalclouds.batches import nights_of
from metalclouds.claims.model import Data, load_claims
from metalclouds.claims.run import RunFiles, context_of, read_masks, read_sources, read_tables
from metalclouds.claims.sensitivity.base import Base
from metalclouds.claims.sensitivity.grid import document, run_grid, table
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.derive.es_response import read_soundings
from metalclouds.derive.settings import DeriveSettings
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.settings import TrailSettings
from metalclouds.schema.documents import Manifest
from metalclouds.schema.results import SENSITIVITY


@dataclass(frozen=True)
class RunSettings:
    """Sections of the configuration that the settings tried belong to."""

    claims: ClaimsSettings
    detect: DetectSettings
    derive: DeriveSettings
    trail: TrailSettings


def run(files: RunFiles, cases: Sequence[Mapping[str, str]], settings: RunSettings, out: str | Path) -> None:
    """Write sensitivity.json and sensitivity.csv into `out` (keys: `metalclouds.claims.sensitivity`).

    Parameters
    ----------
    cases
        the case nights: [{"panel", "night"}].
    out
        folder claims/ of the run.

    Raises
    ------
    ConfigError, ContractError
        as for `metalclouds.claims.run.run`.
    """
    folder = Path(out)
    panels = {case["panel"]: case["night"] for case in cases}
    data = Data(read_tables(files.tables), panels, settings.claims, read_masks(files.mask_index))
    soundings = nights_of([files.sounding_index]) if files.sounding_index else {}
    base = Base(
        load_claims(files.claims), data, settings.detect, settings.derive, settings.trail,
        read_soundings(list(soundings.values())) if soundings else None,
    )  # fmt: skip
    context = context_of(Manifest.read(files.manifest), read_sources(files.inventories), settings.claims)
    judged, found = run_grid(base, context, settings.claims.sensitivity)
    content = document(base, judged, found, settings.claims.sensitivity)
    SENSITIVITY.write(folder / "sensitivity.csv", table(content))
    content.write(folder / "sensitivity.json")
