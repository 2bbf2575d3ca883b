"""Run the workflow on a reduced record and hold its verdicts against those of the full one."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from metalclouds.claims.model import load_claims
from metalclouds.constants import INSTRUMENTS
from tests.claims.reduced import records
from tests.claims.reduced.records import Record, Reduction
from tests.workflow.checkout import ROOT, Checkout

Verdicts = Mapping[str, dict]
FAILED, UNTESTED = "not_recovered", "not_testable"
NEEDS = {claim.id: set(claim.needs) for claim in load_claims(ROOT / "config" / "claims.yaml").claims}


@dataclass(frozen=True)
class Case:
    """A reduced record, and what must still be decided with it.

    Attributes
    ----------
    touched
        instruments whose files it changes: every claim that needs none of them keeps its verdict.
    decided
        claims that need one of them and must be decided all the same; fixed before the first run.
    """

    reduce: Reduction
    touched: frozenset[str]
    decided: frozenset[str] = field(default_factory=frozenset)


def _case(reduce: Reduction, touched: str, decided: str = "") -> Case:
    return Case(reduce, frozenset(touched.split()), frozenset(decided.split()))


CASES = {
    one.reduce.__name__: one
    for one in (
        # S2 was on this list: the interval over six nights begins at 0.094, and a tenth is asked, so it stays open.
        _case(records.six_nights_of_density, "lidar", "L3b L3d L3e L10 L6 S1 S4 E1b T6"),
        _case(records.negatives_lost, "lidar", "L3d L3e L10 L6 S1 S4 E1b"),
        _case(records.one_minute_one_kilometre, "lidar", "L3b L3d L3e L10 L6 S1 S2 S4 E1b T6"),
        _case(records.profiles_of_five_minutes, "lidar", "L5 T6"),
        _case(records.nights_in_local_time, "lidar", "L3b L3d L3e L10 L6 S1 S2 S4 E1b T6"),
        _case(records.evenings_lost, "lidar", "L5 S1"),
        _case(records.lidar_alone, "tec fpi ionosonde"),
        _case(records.tec_of_four_nights, "tec", "T1 T2 T5"),
        _case(records.tec_every_quarter_hour, "tec", "T1 T2 T3 T5"),
        _case(records.vertical_tec_of_receivers, "tec", "T1 T5"),
        _case(records.vector_winds_only, "fpi", "S4 S9"),
        _case(records.winds_in_local_time, "fpi", "S4 S9"),
        _case(records.foes_only, "ionosonde", "E1b E4a E7"),
        _case(records.foes_with_empty_cells, "ionosonde", "E7"),
        _case(records.no_ionograms, "ionosonde", "E1b E4a E7"),
        _case(records.no_digisonde, "ionosonde"),
    )
}  # fmt: skip


def verdicts_of(checkout: Checkout) -> Verdicts:
    """id -> entry of a run's verdicts.json."""
    entries = json.loads(checkout.path("results/twin/claims/verdicts.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}


def run(case: Case, full: Checkout, folder: Path, *targets: str) -> tuple[Checkout, float]:
    """The workflow from the files of a reduced record to the verdicts; the seconds that it took."""
    checkout = Checkout(folder, full.configured())
    checkout.take_from(full)
    record = Record(checkout.path("record/twin"), full.path("results/twin"))
    case.reduce(record)
    record.list_files(case.touched)
    for instrument in case.touched:
        # The record is no longer what the simulation wrote.
        checkout.path(f"results/twin/sums/twin/{instrument}.json").unlink()
    began = time.monotonic()
    checkout.snakemake("claims", *targets)
    for instrument in case.touched:
        inventories = [
            one.path(f"results/twin/raw/inventory/{instrument}.json").read_bytes() for one in (full, checkout)
        ]
        assert inventories[0] != inventories[1], f"the run did not see that files of {instrument} changed"
    return checkout, time.monotonic() - began


def faults(case: Case, full: Verdicts, reduced: Verdicts) -> dict[str, str]:
    """Claims whose verdict a reduced record may not have, with what was said."""
    found = {}
    for name, entry in reduced.items():
        before, after = full[name]["verdict"], entry["verdict"]
        same = after == before and entry["status"] == full[name]["status"]
        if after == FAILED and before != FAILED:
            found[name] = f"turned: {entry['reason']}"
        elif after == UNTESTED and not entry["reason"].strip():
            found[name] = "no reason"
        elif not same and not NEEDS[name] & case.touched:
            found[name] = f"changed, though nothing that it needs was touched: {entry['reason']}"
        elif after == UNTESTED and before != UNTESTED and name in case.decided:
            found[name] = f"no longer decided: {entry['reason']}"
    return found


def changes(full: Verdicts, reduced: Verdicts) -> dict[str, str]:
    """Claims with another verdict than in the full run: both, and the reason."""
    return {
        name: f"{full[name]['verdict']} -> {entry['verdict']}: {entry['reason']}"
        for name, entry in reduced.items() if entry["verdict"] != full[name]["verdict"]
    }  # fmt: skip


def without_products(checkout: Checkout) -> None:
    """Remove a checkout that is no longer needed."""
    shutil.rmtree(checkout.folder)


assert set().union(*(case.touched for case in CASES.values())) == set(INSTRUMENTS)
