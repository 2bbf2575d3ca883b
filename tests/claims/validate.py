"""How often a verdict is wrong, on simulated campaigns at the level of the derived tables; written as JSON.

    python -m tests.claims.validate results/validate/claims.json

Each campaign draws 257 nights: log-normal columns about monthly medians, and for each night a detection that
misses or invents it with stated chances. In `as_claimed` the truth is the paper's; in `otherwise` the year is flat
and the counts are others. A claim passes if the share of campaigns that agree is not below 93 % by a one-sided 99 %
binomial test, Holm-adjusted over the claims, and if `differs` or undecided follows in 90 % where the truth differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from metalclouds import io
from metalclouds.claims.judge import Context, Source, judge
from metalclouds.claims.model import Claim, Data, load_claims
from metalclouds.claims.settings import ClaimsSettings
from metalclouds.contracts import INSTRUMENTS

CLAIMS = Path(__file__).parents[2] / "config" / "claims.yaml"
# Thirty-seven nights cannot tell whether January stays below May to July: this claim may stay undecided.
MAY_STAY_OPEN = ("N5",)
TESTED = ("N1", "N2", "N3", "N4", "N5", "M1", "M2", "M4")
CAMPAIGNS = 500
LEAST_SHARE, LEVEL, SEEN = 0.93, 0.01, 0.90
# Chance that a quiet night is taken for one with clouds, and that a night with clouds is missed.
FALSE_NIGHT, MISSED_NIGHT = 0.002, 0.002
SCATTER = 0.5
OBSERVED = (22, 22, 24, 22, 20, 21, 18, 20, 24, 28, 20, 16)
TRUTHS = {
    "as_claimed": {
        "cloudy": (5, 1, 0, 1, 6, 9, 7, 5, 2, 0, 0, 1),
        "clear": 15,
        "column": (4.6, 2.2, 1.0, 2.2, 8.0, 9.5, 9.0, 8.0, 2.6, 2.2, 2.2, 2.2),
        "density": (4.6, 2.2, 1.0, 2.2, 8.0, 9.5, 9.0, 4.0, 2.6, 2.2, 2.2, 2.2),
        "nights": OBSERVED,
    },
    "otherwise": {
        "cloudy": (1, 6, 5, 5, 1, 1, 1, 2, 9, 9, 9, 9),
        "clear": 30,
        "column": (2.0,) * 2 + (5.0,) + (3.0,) * 9,
        "density": (3.0,) * 12,
        "nights": tuple(number - 2 for number in OBSERVED),
    },
}


def _p_false(real: bool, found: bool, random: np.random.Generator) -> float:
    """A night's false-alarm probability: uniform on a quiet night, tiny on most nights with clouds."""
    if real:
        return 10.0 ** -random.uniform(5, 30) if found else random.uniform(FALSE_NIGHT, 10 * FALSE_NIGHT)
    return random.uniform(0.0, FALSE_NIGHT) if found else random.uniform(FALSE_NIGHT, 1.0)


def campaign(truth: dict, random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Tables of one simulated campaign, with the columns that these claims read."""
    rows = []
    clear_left = truth["clear"]
    for month, (total, cloudy) in enumerate(zip(truth["nights"], truth["cloudy"], strict=True), start=1):
        year = 2021 if month not in (6, 7, 8, 9, 10) else 2020
        for day in range(1, total + 1):
            real = day <= cloudy
            clear = real and clear_left > 0
            clear_left -= clear
            found = random.random() > MISSED_NIGHT if real else random.random() < FALSE_NIGHT
            noise = float(np.exp(random.normal(0.0, SCATTER)))
            rows.append({
                "night": f"{year}-{month:02d}-{day:02d}", "observed": True, "above_150": found,
                "p_false": _p_false(real, found, random),
                "clear_200_300": clear, "score_200_300": 10.0 + random.exponential(8.0) if clear else random.normal(),
                "column_density_cm2": truth["column"][month - 1] * 1e7 * noise,
                "main_layer_density_cm3": truth["density"][month - 1] * 10.0 * noise,
            })  # fmt: skip
    table = pd.DataFrame(rows)
    return {"nights": table, "detect_nights": table, "columns": table}


def outcomes(claims: list[Claim], truth: dict, key: int) -> dict[str, list[str]]:
    """Status of each claim in each campaign of one truth."""
    context = Context("paper", {name: Source(present=True) for name in INSTRUMENTS})
    settings = ClaimsSettings(draws=1000)
    found: dict[str, list[str]] = {claim.id: [] for claim in claims}
    for number in range(CAMPAIGNS):
        data = Data(campaign(truth, np.random.default_rng([key, number])), {}, settings)
        for claim in claims:
            found[claim.id].append(judge(claim, data, context)["status"])
    return found


def holm(values: dict[str, float]) -> dict[str, bool]:
    """Names whose p stays below the level after Holm's step-down adjustment."""
    rejected, alive = {}, True
    for rank, (name, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        alive = alive and p < LEVEL / (len(values) - rank)
        rejected[name] = alive
    return rejected


def main(out: str) -> int:
    """Write the shares; 1 if a claim fails."""
    claims = [claim for claim in load_claims(CLAIMS).claims if claim.id in TESTED]
    true, other = (outcomes(claims, TRUTHS[name], key) for key, name in enumerate(TRUTHS))
    right = {name: ("met", "undecided") if name in MAY_STAY_OPEN else ("met",) for name in true}
    hits = {name: sum(status in right[name] for status in statuses) for name, statuses in true.items()}
    chance = {
        name: float(stats.binomtest(count, CAMPAIGNS, LEAST_SHARE, alternative="less").pvalue)
        for name, count in hits.items()
    }
    below = holm(chance)
    rows = []
    for name in hits:
        differs = other[name].count("not_met") / CAMPAIGNS
        undecided = other[name].count("undecided") / CAMPAIGNS
        passed = not below[name] and differs + undecided >= SEEN
        rows.append({
            "claim": name, "campaigns": CAMPAIGNS, "agrees_if_true": true[name].count("met") / CAMPAIGNS,
            "undecided_if_true": true[name].count("undecided") / CAMPAIGNS, "p_below_93_percent": chance[name],
            "differs_if_otherwise": differs, "undecided_if_otherwise": undecided, "passed": passed,
        })  # fmt: skip
        print(rows[-1])
    io.write_json(out, rows)
    return int(not all(row["passed"] for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "results/validate/claims.json"))
