"""The sensitivity of all verdicts of a run: read, judge, write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from metalclouds import io
from metalclouds.batches import nights_of
from metalclouds.claims.model import Data, load_claims
from metalclouds.claims.run import context_of, read_masks, read_sources, read_tables
from metalclouds.claims.sensitivity.base import Base
from metalclouds.claims.sensitivity.grid import document, run_grid, table
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.derive.es_response import read_soundings
from metalclouds.derive.settings import DeriveSettings
from metalclouds.detect.settings import DetectSettings
from metalclouds.physics.settings import TrailSettings
from metalclouds.schema.documents import Manifest


def run(
    tables: Sequence[str | Path],
    inventories: Sequence[str | Path],
    manifest: str | Path,
    claims: str | Path,
    cases: Sequence[Mapping[str, str]],
    settings: Mapping[str, Mapping[str, Any]],
    out: str | Path,
    mask_index: str | Path | None = None,
    sounding_index: str | Path | None = None,
) -> None:
    """Write sensitivity.json and sensitivity.csv into `out` (schema: `metalclouds.claims.sensitivity`).

    Parameters
    ----------
    tables, inventories, manifest, claims, cases, out, mask_index
        as for `metalclouds.claims.run.run`.
    settings
        sections `claims`, `detect`, `derive` and `trail` of the configuration.
    sounding_index
        ingest/ionosonde/batches/cases.json; None if there are no soundings of the case nights.

    Raises
    ------
    ConfigError, ContractError
        as for `metalclouds.claims.run.run`.
    """
    own = ClaimsSettings.model_validate(dict(settings["claims"]))
    folder = Path(out)
    panels = {case["panel"]: case["night"] for case in cases}
    data = Data(read_tables(tables), panels, own, read_masks(mask_index))
    soundings = nights_of([sounding_index]) if sounding_index else {}
    base = Base(
        load_claims(claims), data,
        DetectSettings.model_validate(dict(settings["detect"])),
        DeriveSettings.model_validate(dict(settings["derive"])),
        TrailSettings.model_validate(dict(settings["trail"])),
        read_soundings(list(soundings.values())) if soundings else None,
    )  # fmt: skip
    context = context_of(Manifest.read(manifest), read_sources(inventories), own)
    judged, found = run_grid(base, context, own.sensitivity)
    content = document(base, judged, found, own.sensitivity)
    io.write_csv(folder / "sensitivity.csv", table(content))
    content.write(folder / "sensitivity.json")
