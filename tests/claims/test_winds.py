"""F2a: a wind that is disturbed during the enhancements is found, one that is not is not."""

from __future__ import annotations

import pandas as pd
import pytest

from metalclouds.claims.measures.winds import wind_disturbance
from metalclouds.claims.model import Data, Unavailable, load_claims
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.claims.verdict.judge import judge
from tests.claims import campaign
from tests.claims.test_lacking import CONTEXT

CLAIM = next(claim for claim in load_claims(campaign.CLAIMS).claims if claim.id == "F2a")
TABLES = campaign.tables()


def data(factor: float = 1.0, **changed: pd.DataFrame) -> Data:
    """The invented campaign with hourly changes `factor` times as large on nights with an enhancement."""
    steps = TABLES["wind_steps"]
    regions = TABLES["tec_enhancement"]
    during = steps["night"].isin(regions.loc[regions["found"].eq(True), "night"])
    steps = steps.assign(change_m_s=steps["change_m_s"].where(~during, factor * steps["change_m_s"]))
    return Data(TABLES | {"wind_steps": steps} | changed, campaign.CASES, ClaimsSettings(draws=400), {})


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "agrees"), (4.0, "differs")])
def test_a_disturbance_is_told(factor, verdict):
    found = wind_disturbance(data(factor))
    # ln(change) is written down with a spread of 0.2: medians of the few changes of four nights are known to 15 %.
    assert found.value == pytest.approx(factor, rel=0.15)
    assert judge(CLAIM, data(factor), CONTEXT)["verdict"] == verdict


def test_too_few_other_nights_decide_nothing():
    steps = TABLES["wind_steps"]
    few = steps[steps["night"].isin(campaign.CASES.values())]
    with pytest.raises(Unavailable, match="other nights"):
        wind_disturbance(data(wind_steps=few))
