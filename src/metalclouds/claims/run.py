"""All claims of a run: read the tables, judge, write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from metalclouds import batches, io
from metalclouds.claims.model import Data, load_claims
from metalclouds.claims.notes import check
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.judge import InstrumentState, JudgeContext, judge
from metalclouds.claims.verdict.summary import summary
from metalclouds.derive.beta import with_stripes
from metalclouds.schema import tables as schema
from metalclouds.schema.documents import CheckedNote, Inventory, Manifest, Verdict, VerdictPart, VerdictSummary
from metalclouds.schema.results import VERDICTS
from metalclouds.schema.words import OUTCOMES

DERIVE_TABLES = (
    "nights", "columns", "monthly", "correlation", "beta", "wind_steps", "stripe_feet", "layer_maxima",
    "tec_enhancement", "tec_series", "es_cases", "es_response", "density_profile",
    "supplements",
)  # fmt: skip
DETECT_TABLES = ("nights", "stripes", "stripe_profiles", "events")
COLUMNS = ("id", "about", "verdict", "value", "low", "high", "unit", "n", "distance", "probability", "kind",
           "statement", "printed", "place", "status", "reason", "if_false", "rule", "ours")  # fmt: skip
OTHER_DATA = (
    "The files of this run are the user's own, not the paper's record, so they say nothing about the paper's "
    "numbers (setting claims.local_is_the_paper)."
)


def read_tables(files: Iterable[str | Path]) -> dict[str, pd.DataFrame]:
    """Tables of derive/ and detect/ by name; those of detect get the prefix `detect_`.

    `beta` has the columns of stripes.csv beside its own.

    Returns
    -------
    dict
        name -> table.
    """
    tables = {}
    for file in map(Path, files):
        detect = file.parent.name == "detect"
        columns = (schema.DETECT_TABLES if detect else schema.DERIVE_TABLES)[file.name]
        name = f"detect_{file.stem}" if detect else file.stem
        tables[name] = columns.ordered(io.read_csv(file))
    if "beta" in tables and "detect_stripes" in tables:
        tables["beta"] = with_stripes(tables["beta"], tables["detect_stripes"])
    return tables


def read_sources(inventories: Iterable[str | Path]) -> dict[str, InstrumentState]:
    """State of each instrument from its inventory."""
    sources = {}
    for file in inventories:
        found = Inventory.read(file)
        sources[found.instrument] = InstrumentState(found.present, found.synthetic, found.why, found.where)
    return sources


def read_masks(index: str | Path | None) -> dict[str, xr.Dataset]:
    """Detected case nights by night, from the index of their batch; none without an index.

    Returns
    -------
    dict
        night -> dataset of detect/<night>.nc, dims (time, altitude).
    """
    if not index:
        return {}
    return {night: io.read_netcdf(path) for night, path in batches.nights_of([index]).items()}


def context_of(manifest: Manifest, sources: Mapping[str, InstrumentState], settings: ClaimsSettings) -> JudgeContext:
    """What the verdicts of a run are about: the paper, or a simulation if any of its data are synthetic."""
    synthetic = manifest.synthetic or any(source.synthetic for source in sources.values())
    foreign = manifest.source == "local" and not settings.local_is_the_paper and not synthetic
    return JudgeContext(
        about="simulation" if synthetic else "paper",
        sources=sources,
        reason_untestable=OTHER_DATA if foreign else "",
    )


def judge_all(
    claims_file: str | Path,
    tables: Mapping[str, pd.DataFrame],
    context: JudgeContext,
    cases: Sequence[Mapping[str, str]],
    settings: ClaimsSettings,
    masks: Mapping[str, xr.Dataset],
) -> tuple[list[Verdict], list[CheckedNote], VerdictSummary]:
    """Verdicts, notes and their summary, in the order of the claims file.

    Parameters
    ----------
    tables
        name -> table (`read_tables`).
    masks
        night -> dataset of detect/<night>.nc.
    """
    book = load_claims(claims_file)
    data = Data(tables, {case["panel"]: case["night"] for case in cases}, settings, masks)
    judged = [judge(claim, data, context) for claim in book.claims]
    notes = [CheckedNote(**check(note, data)) for note in book.notes]
    return [_verdict(entry) for entry in judged], notes, VerdictSummary(**summary(judged, settings))


def _verdict(entry: dict[str, Any]) -> Verdict:
    return Verdict(**entry | {"parts": tuple(VerdictPart(**part) for part in entry["parts"])})


@dataclass(frozen=True)
class RunFiles:
    """The files of a run that its claims are judged from.

    Attributes
    ----------
    tables
        of derive/ and detect/ (`DERIVE_TABLES`, `DETECT_TABLES`).
    claims
        config/claims.yaml.
    mask_index
        detect/batches/cases.json; None if no case night was observed.
    sounding_index
        ingest/ionosonde/batches/cases.json; None if there are no soundings of the case nights.
    """

    tables: Sequence[str | Path]
    inventories: Sequence[str | Path]
    manifest: str | Path
    claims: str | Path
    mask_index: str | Path | None = None
    sounding_index: str | Path | None = None


def run(files: RunFiles, cases: Sequence[Mapping[str, str]], settings: ClaimsSettings, out: str | Path) -> None:
    """Judge a run and write verdicts.json, verdicts.csv, notes.json and summary.json into `out`.

    Parameters
    ----------
    cases
        the case nights: [{"panel", "night"}].
    out
        folder claims/ of the run.

    Raises
    ------
    ConfigError
        If the claims file is not valid or names a measure that does not exist.
    ContractError
        If a table does not keep its contract.
    """
    context = context_of(Manifest.read(files.manifest), read_sources(files.inventories), settings)
    folder = Path(out)
    masks = read_masks(files.mask_index)
    verdicts, notes, counts = judge_all(files.claims, read_tables(files.tables), context, cases, settings, masks)
    CheckedNote.write_all(folder / "notes.json", notes)
    counts.write(folder / "summary.json")
    words = [OUTCOMES[one.outcome].word for one in verdicts]
    VERDICTS.write(folder / "verdicts.csv", pd.DataFrame(verdicts)[list(COLUMNS)].assign(words=words))
    Verdict.write_all(folder / "verdicts.json", verdicts)
