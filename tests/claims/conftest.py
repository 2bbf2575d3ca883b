from pathlib import Path

import pytest

from metalclouds.claims.run import DERIVE_TABLES, DETECT_TABLES, run
from metalclouds.schema.datasets import INSTRUMENTS
from tests.claims import campaign

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"


@pytest.fixture
def judged(tmp_path):
    """Write an invented run, judge it, and give its verdicts by claim."""

    def make(source="zenodo", absent=(), changed=None, settings=None, name="run", cells=None):
        folder = campaign.write_run(tmp_path / name, source, absent, changed, cells)
        tables = [folder / "derive" / f"{table}.csv" for table in DERIVE_TABLES]
        tables += [folder / "detect" / f"{table}.csv" for table in DETECT_TABLES]
        inventories = [folder / "raw" / "inventory" / f"{instrument}.json" for instrument in INSTRUMENTS]
        manifest = folder / "raw" / "manifest.json"
        index = folder / "detect" / "batches" / "cases.json"
        run(tables, inventories, manifest, CLAIMS, campaign.CASE_LIST, settings or {}, folder / "claims", index)
        return campaign.verdicts(folder)

    return make
