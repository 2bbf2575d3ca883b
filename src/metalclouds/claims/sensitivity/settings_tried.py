"""The settings of the grid, by their field of SensitivitySettings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from metalclouds.claims.model import Data
from metalclouds.claims.sensitivity import remake
from metalclouds.claims.sensitivity.base import Base, Change, Setting

NO_CHANGE = Change()


def _nights(make: Callable[[Base, Any], Any]) -> Callable[[Base, Any], Change]:
    """A change that decides anew about the nights; none without lidar."""

    def change(base: Base, value: Any) -> Change:
        if base.table("detect_nights").empty:
            return NO_CHANGE
        return Change(tables=remake.from_detected(base, make(base, value)))

    return change


def _boundary(base: Base, value: float) -> Change:
    """Another altitude limit: of the night class, and of the clouds of the case nights."""
    if base.table("detect_nights").empty:
        return NO_CHANGE
    tables = remake.from_detected(base, remake.detected_above(base, value))
    return Change(tables=tables, arguments={"above_km": (base.detect.boundary_km, value)})


def _stripes(base: Base, value: float) -> Change:
    if base.table("detect_stripes").empty:
        return NO_CHANGE
    return Change(tables=remake.significant(base, value))


def _months(key: str) -> Callable[[Base, Any], Change]:
    """A claims setting that also changes the monthly means behind the correlation."""

    def change(base: Base, value: Any) -> Change:
        if base.table("nights").empty:
            return NO_CHANGE
        settings = base.data.settings.model_copy(update={key: value})
        data: Data = replace(base.data, settings=settings, used=set())
        tables = {name: base.table(name) for name in ("nights", "columns")}
        return Change(tables | remake.correlation(base, data, tables["nights"]), {key: value})

    return change


def _own(key: str) -> Setting:
    """A setting of the section claims that changes no table."""
    words = {"confidence": "coverage of the intervals", "seed": "seed of the draws"}
    return Setting(
        f"claims.{key}", words[key], "", lambda base: getattr(base.data.settings, key),
        lambda _, value: Change(settings={key: value}),
    )  # fmt: skip


def _ordering(_: Base, value: float) -> Change:
    return Change(settings={"ordering_agrees": value, "ordering_differs": round(1.0 - value, 10)})


def _least_minutes(base: Base) -> float:
    """The value that the claims have for it."""
    parts = [part for claim in base.book.claims for part in claim.parts]
    values = [float(part.arguments["least_minutes"]) for part in parts if "least_minutes" in part.arguments]
    return min(values, default=math.nan)


def _shortest_cloud(base: Base, value: float) -> Change:
    return Change(arguments={"least_minutes": (_least_minutes(base), value)})


def _es(key: str, words: str) -> Setting:
    return Setting(
        f"derive.es.{key}", words, "min", lambda base: getattr(base.derive.es, key),
        lambda base, value: Change(tables=remake.es_windows(base, **{key: value})),
    )  # fmt: skip


SETTINGS: dict[str, Setting] = {
    "p_false": Setting(
        "detect.p_false", "false-alarm probability of a night", "", lambda base: base.detect.p_false,
        _nights(lambda base, value: remake.detected_with(base, value, base.detect.clear_sigma)),
    ),
    "clear_sigma": Setting(
        "detect.clear_sigma", "score from which a layer is clear", "", lambda base: base.detect.clear_sigma,
        _nights(lambda base, value: remake.detected_with(base, base.detect.p_false, value)),
    ),
    "boundary_km": Setting(
        "detect.boundary_km", "altitude limit of the clouds", "km", lambda base: base.detect.boundary_km, _boundary
    ),
    "observed_least_hours": Setting(
        "detect.observed_least_hours", "dark hours that make a night", "h",
        lambda base: base.detect.observed_least_hours, _nights(remake.detected_for),
    ),
    "stripe_least_sigma": Setting(
        "detect.stripe_least_sigma", "significance of a stripe", "sigma",
        lambda base: base.detect.stripe_least_sigma, _stripes,
    ),
    "month_offset_days": Setting(
        "claims.month_offset_days", "begin of the monthly bins", "days",
        lambda base: base.data.settings.month_offset_days, _months("month_offset_days"),
    ),
    "night_weights": Setting(
        "claims.night_weights", "weights of a monthly mean", "",
        lambda base: base.data.settings.night_weights, _months("night_weights"),
    ),
    "background_method": Setting(
        "TEC background", "background of the TEC enhancement", "", lambda base: "both methods",
        lambda base, value: Change(tables=remake.one_method(base, value)),
    ),
    "wind_error_factor": Setting(
        "wind error", "factor on the error of the wind at 250 km", "", lambda base: 1.0,
        lambda base, value: Change(tables=remake.angles(base, value, base.trail.long_km)),
    ),
    "drift": Setting(
        "drift", "motion that gives a zenith angle", "", lambda base: "neutral wind",
        lambda base, value: Change(tables=remake.other_drift(base, value)),
    ),
    "long_km": Setting(
        "trail.long_km", "height of a long stripe", "km", lambda base: base.trail.long_km,
        lambda base, value: Change(tables=remake.angles(base, 1.0, value)),
    ),
    "before_minutes": _es("before_minutes", "soundings before a connection"),
    "during_minimum_minutes": _es("during_minimum_minutes", "least length of a connection"),
    "least_minutes": Setting(
        "least_minutes", "shortest cloud whose edges are compared", "min", _least_minutes, _shortest_cloud
    ),
    "confidence": _own("confidence"),
    "ordering_agrees": Setting(
        "claims.ordering_agrees", "probability from which an ordering holds", "",
        lambda base: base.data.settings.ordering_agrees, _ordering,
    ),
    "seed": _own("seed"),
}  # fmt: skip
