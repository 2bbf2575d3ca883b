"""The truth of the simulated campaign: which nights there are, and what is in the sky on each of them.

All instruments of the twin are made from `campaign(settings)`; the dataclasses are in `sky.py`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from metalclouds.errors import ConfigError
from metalclouds.twin.cases import SimulatedCase, case_night, read_cases, shifted_date
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import Campaign, TwinSettings
from metalclouds.twin.skies import random_night
from metalclouds.twin.sky import (
    Cloud,
    Connection,
    Dimming,
    Enhancement,
    EsEpisode,
    Harmonic,
    MainLayer,
    NightTruth,
    SporadicLayer,
    TrueStripe,
    TrueWind,
    wind,
    wind_250km,
)

__all__ = [
    "Cloud",
    "Connection",
    "Dimming",
    "Enhancement",
    "EsEpisode",
    "Harmonic",
    "MainLayer",
    "NightTruth",
    "Plan",
    "SporadicLayer",
    "TrueStripe",
    "TrueWind",
    "calendar",
    "campaign",
    "wind",
    "wind_250km",
]


@dataclass(frozen=True)
class Plan:
    """Place of a night in the campaign: kind (case, clear, low, quiet) and rank of its column in its month.

    `column_rank`: rank as a standard normal deviate. Ranks are spread evenly over the nights of a calendar month, so
    that the monthly means follow the pattern of the settings closely.
    """

    kind: str
    column_rank: float


def campaign(settings: TwinSettings) -> tuple[NightTruth, ...]:
    """The nights that `settings.nights` asks for, by date.

    A night's truth depends on the seed, its date and its plan only, not on which other nights are asked for.

    Raises
    ------
    ConfigError
        If a night is asked for that the campaign does not have.
    """
    cases = {shifted_date(case, settings.changes): case for case in read_cases(settings.cases)}
    plans = calendar(settings)
    return tuple(
        case_night(cases[night], plans[night].column_rank, settings)
        if night in cases
        else random_night(night, plans[night].kind, plans[night].column_rank, settings)
        for night in _chosen(plans, cases, settings)
    )


def calendar(settings: TwinSettings) -> dict[str, Plan]:
    """Date of every night of the campaign -> its plan, by date.

    The dates of a calendar month are drawn without replacement from all its days in the years of the campaign;
    case nights count among the month's cloud nights and clear nights.
    """
    cases = read_cases(settings.cases)
    dates = [shifted_date(case, settings.changes) for case in cases]
    plans: dict[str, Plan] = {}
    for month in range(1, 13):
        kinds = _month(month, dates, settings)
        order = generator(settings.seed, "columns", f"{month:02d}").permutation(len(kinds))
        ranks = ndtri((order + 0.5) / max(len(kinds), 1))
        plans |= {night: Plan(kind, float(z)) for (night, kind), z in zip(kinds.items(), ranks, strict=True)}
    return dict(sorted(plans.items()))


def _month(month: int, case_dates: list[str], settings: TwinSettings) -> dict[str, str]:
    rules = settings.campaign
    here = [date for date in case_dates if int(date[5:7]) == month]
    count = max(rules.nights_by_month[month - 1] - len(here), 0)
    clear, cloudy = _cloud_counts(month, len(here), settings)
    free = [day for day in _days(month, rules) if day not in case_dates]
    if count > len(free):
        raise ConfigError(
            "more nights than days",
            where=f"twin.campaign.nights_by_month[{month}]",
            rule=f"at most {len(free)} besides the case nights",
            given=count,
        )
    order = generator(settings.seed, "calendar", f"{month:02d}").permutation(len(free))
    drawn = [free[i] for i in order[:count]]
    kinds = dict.fromkeys(here, "case")
    return kinds | {day: "clear" if i < clear else "low" if i < cloudy else "quiet" for i, day in enumerate(drawn)}


def _cloud_counts(month: int, cases_here: int, settings: TwinSettings) -> tuple[int, int]:
    """Clear nights, and clear and low nights together, besides the case nights."""
    rules = settings.campaign
    clear = max(rules.clear_nights_by_month[month - 1] - cases_here, 0)
    cloudy = max(rules.cloud_nights_by_month[month - 1] - cases_here, 0)
    if month == 1 and not settings.changes.january_peak:
        share = 0.5 * sum(rules.cloud_nights_by_month[i] / max(rules.nights_by_month[i], 1) for i in (11, 1))
        cloudy = max(round(share * rules.nights_by_month[0]) - cases_here, 0)
        clear = min(clear, cloudy)
    return clear, cloudy


def _days(month: int, rules: Campaign) -> list[str]:
    first, last = rules.first_month, rules.last_month
    days = []
    for year in range(int(first[:4]), int(last[:4]) + 1):
        if first <= f"{year}-{month:02d}" <= last:
            day = datetime.date(year, month, 1)
            while day.month == month:
                days.append(day.isoformat())
                day += datetime.timedelta(days=1)
    return days


def _chosen(kinds: dict[str, Plan], cases: dict[str, SimulatedCase], settings: TwinSettings) -> list[str]:
    wanted = settings.nights
    if wanted == "all":
        return list(kinds)
    if wanted == "cases":
        return sorted(cases)
    if isinstance(wanted, int):
        return _spread(kinds, sorted(cases), wanted)
    by_listed = {case.night: date for date, case in cases.items()}
    dates = [by_listed.get(night, night) for night in wanted]
    unknown = sorted(set(dates) - kinds.keys())
    if unknown:
        raise ConfigError("nights that the campaign does not have", where="twin.nights", given=unknown,
                          rule="a case night or a night of the campaign with this seed",
                          remedy=f"for example {', '.join(list(kinds)[:5])}")  # fmt: skip
    return sorted(set(dates))


def _spread(kinds: dict[str, Plan], cases: list[str], count: int) -> list[str]:
    """The case nights, then others at even steps through the campaign."""
    others = [night for night in kinds if night not in cases]
    more = min(max(count - len(cases), 0), len(others))
    picked = [others[i] for i in np.linspace(0, len(others) - 1, more).round().astype(int)]
    return sorted({*cases[: max(count, 1)], *picked})
