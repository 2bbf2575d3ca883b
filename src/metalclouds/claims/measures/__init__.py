"""Functions that measure what a claim states, by name. Each takes Data and the arguments of config/claims.yaml."""

from __future__ import annotations

from collections.abc import Callable

from metalclouds.claims.measures import (
    angles,
    atmosphere,
    electron_content,
    events,
    feet,
    layers,
    nights,
    sporadic_e,
    stripes,
    supplements,
    winds,
)
from metalclouds.claims.model import Result
from metalclouds.errors import ConfigError

MODULES = (
    nights,
    layers,
    events,
    stripes,
    angles,
    feet,
    electron_content,
    sporadic_e,
    atmosphere,
    supplements,
    winds,
)


def _measures_of(module: object) -> dict[str, Callable[..., Result]]:
    """Public functions defined in a module that return what was measured, or that it was not found."""
    own = getattr(module, "__name__", "")
    return {
        name: item
        for name, item in vars(module).items()
        if not name.startswith("_")
        and getattr(item, "__module__", "") == own
        and getattr(item, "__annotations__", {}).get("return") in ("Measurement", "Result")
    }


MEASURES: dict[str, Callable[..., Result]] = {
    name: function for module in MODULES for name, function in _measures_of(module).items()
}


def measure(name: str) -> Callable[..., Result]:
    """The function of a name.

    Raises
    ------
    ConfigError
        If there is none.
    """
    if name not in MEASURES:
        raise ConfigError("unknown measure", where="config/claims.yaml", given=name, rule=", ".join(sorted(MEASURES)))
    return MEASURES[name]
