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
KINDS = dict(zip(EXPLANATIONS, ("a shower", "sporadic trails", "sheets", "wave fronts", "patches"), strict=True))
# A test that speaks the right way in fewer campaigns than this has no power.
LEAST_POWER = 0.2
# An interval so many times as high as low is a matter of factors.
DECADE = 10.0


@dataclass(frozen=True)
class Question:
    """An observable: claim, row of supplements.csv, what it is, what n counts, what each of `EXPLANATIONS` predicts.

    `is_log` if the row holds the logarithm to base 10 of what is said.
    """

    claim: str
    name: str
    observable: str
    counted: str
    predicts: tuple[str, str, str, str, str]
    is_log: bool = False


NO_BODY, NO_SPEED, OLD = "no meteoroid is needed", "no speed follows", "any: the metal is old"
WIDENS, ALL_METAL = "+3.6 when fresh, -0.5 or more after an hour", "1 if metal is the enhancement"
CHANCE = "0.05, by chance"
QUESTIONS = (
    Question("X1", "supply_log_ratio",
             "Cross-section of the meteoroid that sputtering needs for a stripe, over that of meteoroids that arrive "
             "often enough",
             "stripes", ("1 or less", "1 or less", NO_BODY, NO_BODY, NO_BODY), is_log=True),
    Question("X2", "speed_long",
             "Highest entry speed of a meteoroid from where tall stripes point (km/s)",
             "stripes", ("40 or more", "40 or more", NO_SPEED, NO_SPEED, NO_SPEED)),
    Question("X3", "widening",
             "Change of a stripe's width with altitude above 130 km: d ln(width)/dz per 100 km",
             "stripes", (WIDENS, WIDENS, "any", "any", "any")),
    Question("X4", "radiant_over_sheet",
             "Misfit of a night's slopes to sheets along the magnetic field minus misfit to one radiant (chi-squared "
             "per stripe)",
             "nights", ("above 0", "near 0", "below 0", "near 0", "near 0")),
    Question("X5", "radiant_nights",
             "Share of nights on which slopes change with time as one radiant requires",
             "nights", ("near 1", CHANCE, "0.05; more if the wind turns", CHANCE, CHANCE)),
    Question("X6", "shower_nights",
             "Share of nights on which slopes point to an established meteor shower",
             "nights", ("near 1 for a listed shower, 0.05 for another", CHANCE, CHANCE, CHANCE, CHANCE)),
    Question("X7", "sheet_sign",
             "Share of slopes with the sign of a sheet along the axis of enhanced TEC. A few nights decide nothing",
             "nights", ("0.5", "0.5", "near 1", "0.5", "0.5")),
    Question("X8", "spacing_cv",
             "Regularity of the gaps between stripes: standard deviation over mean",
             "gaps", ("near 1: random", "near 1: random", "below 1", "0.5 or less: regular", "any")),
    Question("X9", "metal_log_ratio",
             "Electrons of the metal ions, at most, over the enhancement of TEC (brackets: range of nights)",
             "nights", (ALL_METAL, ALL_METAL, "far below 1", "far below 1", "far below 1"), is_log=True),
    Question("X10", "influx_days",
             "Days in which the meteoric influx brings the clouds' metal (brackets: least to most)",
             "nights", ("1 or less", "days", OLD, OLD, OLD)),
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


def seen(row: pd.Series | None, question: Question) -> str:
    """A row of supplements.csv in words: value, interval, how many it rests on.

    Parameters
    ----------
    row
        name, value, low, high, n, unit, why; None where the run has none.
    question
        the observable that it is of.
    """
    if row is None:
        return "not in this run"
    if not np.isfinite(row["value"]):
        return f"not testable: {row['why']}"
    numbers = np.array([row[name] for name in ("value", "low", "high")], dtype=float)
    if question.is_log:
        numbers = 10.0**numbers
    text = (
        _in_two_digits(*numbers)
        if numbers[2] > DECADE * numbers[1] > 0.0 or question.is_log
        else to_its_error(*numbers)
    )
    return f"{text}, {row['n']:.0f} {question.counted}"


def _in_two_digits(*numbers: float) -> str:
    """A number with an interval that is a matter of factors: "0.074 (0.068 to 0.17)"."""
    value, low, high = (f"{one:.2g}" if one < 100.0 else f"{one:.0f}" for one in numbers)
    return f"{value} ({low} to {high})" if np.isfinite(numbers[1:]).all() else value


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
    told = [f"{KINDS[name]} in {share:.0%}" for name, share in right.items() if share >= LEAST_POWER]
    return f"Six nights would show {', '.join(told)} of cases" if told else "Six nights are too few to tell"


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
        words = seen(found.get(question.name), question)
        observable = ". ".join(filter(None, (question.observable, power(shares, question.claim))))
        for explanation, predicts in zip(EXPLANATIONS, question.predicts, strict=True):
            key = (question.claim, explanation)
            share = known.loc[key] if key in known.index else {}
            rows.append({
                "claim": question.claim, "observable": observable, "seen": words, "explanation": explanation,
                "predicts": predicts,
                **{name: share.get(name, np.nan) for name in ("campaigns", "for_trails", "against_trails")},
            })  # fmt: skip
    return SUPPLEMENT_DECISIONS.ordered(pd.DataFrame(rows))
