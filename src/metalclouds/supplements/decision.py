"""The decision table: each explanation against each observable.

What an explanation predicts is argued here in words; what was seen comes from the run; how often campaigns that were
simulated with that explanation come out for or against trails comes from `make validate`
(`data/supplement_rates.csv`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from metalclouds.schema.tables import SUPPLEMENT_DECISIONS
from metalclouds.schema.words import to_its_error

EXPLANATIONS = ("shower", "sporadic", "sheets", "fronts", "patches")
TRAILS = ("shower", "sporadic")
# A test that speaks the right way in fewer campaigns than this has no power.
LEAST_POWER = 0.2


@dataclass(frozen=True)
class Question:
    """An observable: its claim, row of supplements.csv, what it is, what each of `EXPLANATIONS` predicts."""

    claim: str
    name: str
    observable: str
    predicts: tuple[str, str, str, str, str]


NO_BODY = "no body needed"
QUESTIONS = (
    Question("X1", "supply_log_ratio", "log10 of the body that sputtering needs over those that come",
             ("at most 0", "at most 0", NO_BODY, NO_BODY, NO_BODY)),
    Question("X2", "speed_long", "highest speed from where long stripes point (km/s)",
             ("40 or more", "40 or more", NO_BODY, NO_BODY, NO_BODY)),
    Question("X3", "widening", "d ln(width) in 100 km above 130 km",
             ("3.6 when fresh, above -0.5 when old", "3.6 when fresh, above -0.5 when old", "any", "any", "any")),
    Question("X4", "radiant_over_sheet", "misfit of a sheet less that of one radiant",
             ("positive", "near 0", "negative", "near 0", "near 0")),
    Question("X5", "radiant_nights", "share of nights that one radiant orders, of those that could",
             ("most", "few", "few; more where the drift turns", "few", "few")),
    Question("X6", "shower_nights", "share of nights that an established shower fits",
             ("0.05, or most if the shower is known", "0.05", "0.05", "0.05", "0.05")),
    Question("X7", "sheet_sign", "share of slopes signed as a sheet along the TEC region; no power: four nights",
             ("0.5", "0.5", "near 1", "0.5", "0.5")),
    Question("X8", "spacing_cv", "coefficient of variation of the gaps",
             ("near 1", "near 1", "less", "0.5 or less", "any")),
    Question("X9", "metal_log_ratio", "log10 of metal's electrons over the TEC enhancement",
             ("0 if metal is the enhancement", "0 if metal is the enhancement", "far below 0", "far below 0",
              "far below 0")),
    Question("X10", "influx_days", "days in which meteoroids bring the metal",
             ("within a day", "days", "any: the metal is old", "any: the metal is old", "any: the metal is old")),
)  # fmt: skip


@cache
def rates() -> pd.DataFrame:
    """Shipped table of `make validate`: claim, explanation, campaigns, for_trails, against_trails.

    Returns
    -------
    DataFrame
        claim, explanation, campaigns, for_trails, against_trails (shares).
    """
    with files("metalclouds").joinpath("data", "supplement_rates.csv").open(encoding="utf-8") as stream:
        return pd.read_csv(stream, comment="#")


def seen(row: pd.Series | None) -> str:
    """A row of supplements.csv in words.

    Parameters
    ----------
    row
        name, value, low, high, n, unit, why; None where the run has none.
    """
    if row is None:
        return "not in this run"
    if not np.isfinite(row["value"]):
        return f"not testable: {row['why']}"
    text = to_its_error(row["value"], row["low"], row["high"])
    return f"{text}, n = {row['n']:.0f}"


def power(shares: pd.DataFrame, claim: str) -> str:
    """Which explanations a test tells in campaigns of six nights, in words; empty where no campaigns bear on it.

    Parameters
    ----------
    shares
        as `rates` gives them.
    claim
        id of the claim.
    """
    own = shares[shares["claim"] == claim].set_index("explanation")
    if own.empty:
        return ""
    right = {name: float(row["for_trails" if name in TRAILS else "against_trails"]) for name, row in own.iterrows()}
    told = [f"{name} {share:.2f}" for name, share in right.items() if share >= LEAST_POWER]
    return f"power with six nights: {', '.join(told)}" if told else "no power with six nights"


def decisions(observed: pd.DataFrame) -> pd.DataFrame:
    """derive/supplement_decisions.csv: a row for each observable and explanation.

    Parameters
    ----------
    observed
        derive/supplements.csv.

    Returns
    -------
    DataFrame
        columns of `SUPPLEMENT_DECISIONS`.
    """
    found = {row["name"]: row for _, row in observed.iterrows()}
    shares = rates()
    known = shares.set_index(["claim", "explanation"])
    rows = []
    for question in QUESTIONS:
        words = seen(found.get(question.name))
        observable = "; ".join(filter(None, (question.observable, power(shares, question.claim))))
        for explanation, predicts in zip(EXPLANATIONS, question.predicts, strict=True):
            key = (question.claim, explanation)
            share = known.loc[key] if key in known.index else {}
            rows.append({
                "claim": question.claim, "observable": observable, "seen": words, "explanation": explanation,
                "predicts": predicts,
                **{name: share.get(name, np.nan) for name in ("campaigns", "for_trails", "against_trails")},
            })  # fmt: skip
    return SUPPLEMENT_DECISIONS.ordered(pd.DataFrame(rows))
