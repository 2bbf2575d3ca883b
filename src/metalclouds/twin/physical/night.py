"""A night of one explanation: what is in its sky, what the lidar records of it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metalclouds.twin import skies
from metalclouds.twin.density import Axes, add_main_layer, add_sporadic_layer
from metalclouds.twin.physical import instrument
from metalclouds.twin.physical.atmosphere import atmosphere
from metalclouds.twin.physical.drift import FIRST_HOUR, draw_winds, drift_of, emission_winds
from metalclouds.twin.physical.field import SOURCE_ALTITUDE_KM, MetalSource, on_bins, sources_of, total
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import NightTruth, moment

Values = NDArray[Any]

PEAK_ELECTRONS_CM3 = (5e4, 3e5)


@dataclass(frozen=True)
class PhysicalNight:
    """A simulated night.

    `sky`: hours, weather, winds and main layer in the form that the twin's other instruments take; `sources`: what
    comes into the beam; `density` dims (profile, source altitude): their sum with the main layer, cm-3.
    """

    explanation: str
    sky: NightTruth
    scene: Scene
    sources: list[MetalSource]
    density: Values
    recorded: instrument.Recorded

    @property
    def axes(self) -> Axes:
        return self.recorded.conditions.axes


def simulate(explanation: str, night: str, settings: TwinSettings, form: str = "counts") -> PhysicalNight:
    """Simulate one night; the same for the same seed, explanation and night, whatever else is made.

    Sky and photon counts do not depend on the form. The background of counts is taken above the stored profile; for
    densities the window is drawn, as publishers differ.
    """
    rng = generator(settings.seed, f"physical {explanation}", night)
    air = atmosphere(night, float(np.exp(rng.uniform(*np.log(PEAK_ELECTRONS_CM3)))))
    winds = draw_winds(rng)
    sky = _sky(night, emission_winds(winds), rng, settings)
    origin = moment(night, FIRST_HOUR)
    start, end = ((time - origin).astype("timedelta64[s]").astype(float) for time in (sky.start, sky.end))
    scene = Scene(night, float(start), float(end), air, winds, drift_of(winds, air), rng)
    state = _since_origin(instrument.conditions(sky, settings.lidar, rng), float(start), origin)
    sources = _sources(explanation, scene, state.axes)
    layer = _main_layer(sky, state.axes)
    density = total(sources, state.axes.start_s.size)
    bins = instrument.bins_km(settings.lidar)
    on_all_bins = on_bins(density, bins) + on_bins(layer, bins)
    counts = instrument.observe(on_all_bins, bins, state, air, settings.lidar, rng)
    windows = (instrument.UPPER_WINDOW_KM, *instrument.RECORD_TOP_WINDOWS_KM)
    window = windows[rng.integers(len(windows))] if form == "density" else windows[0]
    recorded = instrument.retrieve(counts, bins, state, settings.lidar, window, rng)
    return PhysicalNight(explanation, sky, scene, sources, density + layer, recorded)


def _sky(night: str, winds: Sequence[Any], rng: np.random.Generator, settings: TwinSettings) -> NightTruth:
    """Hours, weather and main layer, as the twin's other nights have them."""
    start, end = skies.darkness(night, settings.campaign.sun_limit_deg)
    layer = skies.main_layer(night, rng.standard_normal(), cloudy=True, rng=rng, settings=settings)
    level, dimmings, gaps = skies.weather(start, end, rng)
    return NightTruth(
        night=night,
        panel=None,
        start=start,
        end=end,
        stripes=(),
        clouds=(),
        connections=(),
        es=(),
        spread_f=False,
        enhancement=None,
        winds=tuple(winds),
        main_layer=layer,
        transmission=level,
        dimmings=dimmings,
        gaps=gaps,
        above_150=False,
        clear_200_300=False,
        listed_as=night,
    )


def _since_origin(
    state: instrument.InstrumentState, start_s: float, origin: np.datetime64
) -> instrument.InstrumentState:
    """The same conditions with times in s since 10:00 UT."""
    axes = Axes(origin, state.axes.start_s + start_s, state.axes.length_s, SOURCE_ALTITUDE_KM)
    return instrument.InstrumentState(axes, state.background, state.transmission, state.energy, state.efficiency)


def _sources(explanation: str, scene: Scene, axes: Axes) -> list[MetalSource]:
    """What comes into the beam; fronts and smooth clouds over the beam itself, all else as chains."""
    module = importlib.import_module(f"metalclouds.twin.physical.sources.{explanation}")
    if explanation in ("fronts", "smooth"):
        return module.sources(scene, axes)
    return sources_of(scene, module.chains(scene), axes.start_s, axes.length_s)


def _main_layer(sky: NightTruth, axes: Axes) -> Values:
    field = np.zeros((axes.start_s.size, SOURCE_ALTITUDE_KM.size), dtype=np.float32)
    add_main_layer(field, sky.main_layer, sky.night, axes)
    for layer in sky.main_layer.sporadic:
        add_sporadic_layer(field, layer, axes)
    return field
