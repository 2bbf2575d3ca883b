"""A source without one of the instruments: everything else runs, and what is missing is said."""

from __future__ import annotations

import json

import pytest
import yaml

from metalclouds.constants import INSTRUMENTS
from tests.workflow.checkout import ROOT, SMALL, Checkout

pytestmark = [pytest.mark.slow, pytest.mark.workflow, pytest.mark.xdist_group("workflow")]

# The figure that shows an instrument's own data.
FIGURE = {"lidar": 1, "tec": 2, "ionosonde": 3, "fpi": 5}


@pytest.fixture(scope="module", params=INSTRUMENTS)
def without(request, small_run, tmp_path_factory):
    """The small run again, from the same record, with one instrument left out."""
    checkout = Checkout(tmp_path_factory.mktemp(f"no_{request.param}"))
    checkout.take_from(small_run)
    checkout.configure({**SMALL, "ingest": {"leave_out": [request.param]}})
    checkout.snakemake("claims", f"figure{FIGURE[request.param]}")
    return request.param, checkout.path("results/twin")


def test_panel_says_what_is_missing(without):
    instrument, run = without
    caption = (run / f"figures/figure{FIGURE[instrument]}.caption.txt").read_text()
    assert "left out by the configuration" in caption


def test_claims_that_need_it_are_not_testable_and_others_are_judged(without):
    instrument, run = without
    claims = yaml.safe_load((ROOT / "config/claims.yaml").read_text())["claims"]
    verdicts = {verdict["id"]: verdict for verdict in json.loads((run / "claims/verdicts.json").read_text())}
    needing = [claim["id"] for claim in claims if instrument in claim["needs"]]
    assert needing
    for name in needing:
        assert verdicts[name]["verdict"] == "not_testable", name
    others = {verdicts[claim["id"]]["verdict"] for claim in claims if claim["id"] not in needing}
    assert others - {"not_testable"}
