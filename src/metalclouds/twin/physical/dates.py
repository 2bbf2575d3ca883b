"""Dates of the nights of a physical campaign."""

from __future__ import annotations

import numpy as np

from metalclouds.errors import ConfigError
from metalclouds.twin.cases import read_cases
from metalclouds.twin.randomness import generator
from metalclouds.twin.scenario import calendar
from metalclouds.twin.settings import TwinSettings


def dates_of(settings: TwinSettings) -> list[str]:
    """UT dates of the evenings: a list, the case nights, all of the calendar, or a number of days."""
    wanted = settings.nights
    if wanted == "cases":
        return sorted(case.night for case in read_cases(settings.cases))
    if wanted == "all":
        return sorted(calendar(settings))
    if isinstance(wanted, tuple):
        return sorted(set(wanted))
    first = np.datetime64(settings.campaign.first_month, "D")
    months = (np.datetime64(settings.campaign.last_month, "M") + 1).astype("datetime64[D]")
    count = int((months - first).astype(int))
    if wanted > count:
        raise ConfigError("more nights than days", where="twin.nights", rule=f"at most {count}", given=wanted)
    days = generator(settings.seed, "physical dates").choice(count, wanted, replace=False)
    return sorted(str(first + np.timedelta64(int(day), "D")) for day in days)
