"""Case nights: the events of config/twin_cases.yaml, shifted or capped as the settings say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metalclouds.errors import ConfigError
from metalclouds.files import read_yaml, shipped_file
from metalclouds.twin.packs import LEAST_SPEED_M_S, Pack, scaled_beta_deg, slowness_s_per_km, stripes_of
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import Night, TruthChanges, TwinSettings
from metalclouds.twin.skies import darkness, emission_winds, main_layer, quiet_es, weather, with_flags
from metalclouds.twin.sky import (
    Cloud,
    Connection,
    Enhancement,
    EsEpisode,
    Harmonic,
    NightTruth,
    SporadicLayer,
    Time,
    TrueStripe,
    TrueWind,
    hour_of,
)

ATTACHED_BELOW_KM = 130.0
"""Altitudes below this belong to the main layer and stay where they are when altitudes are shifted."""

CEILING_KM = 300.0
Clock = Annotated[str, Field(pattern=r"^[0-2]\d:[0-5]\d(:[0-5]\d)?$")]
Span = tuple[Clock, Clock]
Pair = tuple[float, float]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sourced(_Entry):
    source: str = Field(alias="from", min_length=3)


class CaseStripes(_Entry):
    count: int = Field(ge=0, le=200)
    beta_deg: float = Field(6.0, ge=0.21, le=49.07)
    beta_scatter_deg: float = Field(0.0, ge=0)
    peak_cm3: Pair = (1.0, 40.0)
    half_width_km: Pair = (0.5, 2.0)
    turned_share: float = Field(0.0, ge=0, le=1)
    free_ends: bool = True


class CaseConnection(_Entry):
    kind: Literal["direct", "descending"]
    time: Span


class CaseEvent(_Sourced):
    name: str
    time: Span
    start_km: Pair
    end_km: Pair
    diffuse_cm3: float = Field(ge=0)
    stripes: CaseStripes
    descending: bool = False
    merges_at: Clock | None = None
    connection: CaseConnection | None = None


class CaseMarked(_Sourced):
    event: str
    time_bottom: Clock
    bottom_km: float
    top_km: float
    beta_deg: float
    half_width_km: float
    peak_cm3: float
    marked: bool


class CaseLayer(_Sourced):
    time: Span
    start_km: float
    end_km: float
    width_km: float
    density_cm3: float


class CaseEs(_Sourced):
    time: Span
    foEs_MHz: float
    fbEs_MHz: float
    height_km: float
    blanketing: bool = False
    upper: bool = False
    response: bool = False


class CaseEnhancement(_Sourced):
    time: tuple[Clock, Clock, Clock]
    longitude: float
    latitudes: Pair
    width_km: float
    peak_tecu: float


class CaseWind(_Entry):
    eastward: tuple[float, float, float]
    northward: tuple[float, float, float]


class SimulatedCase(_Sourced):
    night: Night
    panel: Literal["a", "b", "c", "d", "e", "f"]
    spread_f: bool
    session: Span | None = None
    wind_250km: CaseWind
    events: tuple[CaseEvent, ...]
    marked: tuple[CaseMarked, ...] = ()
    layers: tuple[CaseLayer, ...] = ()
    es: tuple[CaseEs, ...] = ()
    enhancement: CaseEnhancement | None = None


class Cases(_Entry):
    cases: tuple[SimulatedCase, ...]


def cases_file(name: str) -> Path:
    """The file of the case nights: as given, else below the root of the source tree.

    Raises
    ------
    ConfigError
        If neither exists.
    """
    path = shipped_file(name)
    if path is not None:
        return path
    raise ConfigError(
        "file of case nights not found",
        where="twin.cases",
        given=name,
        remedy="give the path of a file like config/twin_cases.yaml",
    )


def read_cases(name: str) -> tuple[SimulatedCase, ...]:
    """Read and check the file of case nights.

    Raises
    ------
    ConfigError
        With all mistakes, each with its place, if the file breaks the rules.
    """
    path = cases_file(name)
    try:
        return Cases.model_validate(read_yaml(path)).cases
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']} (given {e['input']!r})" for e in error.errors()]
        raise ConfigError("the case nights break the rules", file=path, given="; ".join(faults)) from error


def shifted_date(case: SimulatedCase, changes: TruthChanges) -> str:
    """Date of a case night after the shift."""
    return str(np.datetime64(case.night) + np.timedelta64(changes.shift_days, "D"))


class _Frame:
    """Clock and altitude of one case night after the shifts."""

    def __init__(self, case: SimulatedCase, changes: TruthChanges) -> None:
        self.night = shifted_date(case, changes)
        self.changes = changes

    def time(self, clock: str) -> Time:
        shift = np.timedelta64(round(60 * self.changes.shift_minutes), "s")
        full = clock if clock.count(":") == 2 else f"{clock}:00"
        return np.datetime64(f"{self.night}T{full}", "s") + shift

    def span(self, span: Span) -> tuple[Time, Time]:
        return self.time(span[0]), self.time(span[1])

    def altitude(self, altitude_km: float) -> float:
        if altitude_km < ATTACHED_BELOW_KM:
            return altitude_km
        return float(np.clip(altitude_km + self.changes.shift_km, ATTACHED_BELOW_KM, CEILING_KM))

    def wind(self, wind: CaseWind) -> tuple[Harmonic, Harmonic]:
        late = self.changes.shift_minutes / 60
        (u, du, hu), (v, dv, hv) = wind.eastward, wind.northward
        return Harmonic(u, du, hu + late), Harmonic(v, dv, hv + late)


def case_night(case: SimulatedCase, column_rank: float, settings: TwinSettings) -> NightTruth:
    """The truth of one case night; `column_rank`: see `scenario.Plan`."""
    frame = _Frame(case, settings.changes)
    rng = generator(settings.seed, "case", case.night)
    start, end = _session(case, frame.night, settings)
    winds = emission_winds(rng, upper=frame.wind(case.wind_250km))
    clouds = tuple(_cloud(event, number, frame) for number, event in enumerate(case.events, start=1))
    layer = main_layer(frame.night, column_rank, cloudy=True, rng=rng, settings=settings, quiet=True)
    layers = tuple(_layer(entry, frame) for entry in case.layers)
    transmission, dimmings, gaps = weather(start, end, rng, calm=True)
    return with_flags(
        NightTruth(
            night=frame.night,
            panel=case.panel,
            start=start,
            end=end,
            stripes=_all_stripes(case, clouds, winds, frame, settings),
            clouds=clouds,
            connections=tuple(
                Connection(event.connection.kind, *frame.span(event.connection.time))
                for event in case.events
                if event.connection
            ),
            es=_es(case, frame, settings),
            spread_f=case.spread_f,
            enhancement=_enhancement(case.enhancement, frame, settings.changes),
            winds=winds,
            main_layer=replace(layer, sporadic=layers),
            transmission=transmission,
            dimmings=dimmings,
            gaps=gaps,
            above_150=False,
            clear_200_300=False,
            listed_as=case.night,
        ),
        settings.changes,
    )


def _session(case: SimulatedCase, night: str, settings: TwinSettings) -> tuple[Time, Time]:
    """Hours of operation: all darkness, or the part that the case names (the lidar's clock is never shifted)."""
    start, end = darkness(night, settings.campaign.sun_limit_deg)
    if case.session is None:
        return start, end
    first, last = (np.datetime64(f"{night}T{clock}", "s") for clock in case.session)
    return max(start, first), min(end, last)


def _cloud(event: CaseEvent, number: int, frame: _Frame) -> Cloud:
    start, end = frame.span(event.time)
    return Cloud(
        start=start,
        end=end,
        start_bottom_km=frame.altitude(event.start_km[0]),
        start_top_km=frame.altitude(event.start_km[1]),
        end_bottom_km=frame.altitude(event.end_km[0]),
        end_top_km=frame.altitude(event.end_km[1]),
        density_cm3=event.diffuse_cm3,
        descending=event.descending or event.merges_at is not None,
        merges_at=frame.time(event.merges_at) if event.merges_at else None,
        group=number,
    )


def _layer(entry: CaseLayer, frame: _Frame) -> SporadicLayer:
    start, end = frame.span(entry.time)
    return SporadicLayer(start, end, entry.start_km, entry.end_km, entry.width_km, entry.density_cm3)


def _all_stripes(
    case: SimulatedCase, clouds: tuple[Cloud, ...], winds: tuple[TrueWind, ...], frame: _Frame, settings: TwinSettings
) -> tuple[TrueStripe, ...]:
    def speed(time: Time) -> float:
        upper = next(one for one in winds if one.altitude_km == 250.0)
        hours = hour_of(frame.night, np.array([time]))
        return float(np.hypot(upper.eastward.at(hours), upper.northward.at(hours))[0])

    rng = generator(settings.seed, "case stripes", case.night)
    stripes: list[TrueStripe] = []
    for event, cloud in zip(case.events, clouds, strict=True):
        pack = Pack(**event.stripes.model_dump())
        stripes += stripes_of(cloud, pack, speed_m_s=speed, beta_scale=settings.changes.beta_scale, rng=rng)
    names = [event.name for event in case.events]
    for entry in case.marked:
        time = frame.time(entry.time_bottom)
        group = names.index(entry.event) + 1
        stripes.append(_marked(entry, time, group, max(speed(time), LEAST_SPEED_M_S), frame))
    return tuple(sorted(stripes, key=lambda stripe: stripe.time_bottom))


def _marked(entry: CaseMarked, time: Time, group: int, speed_m_s: float, frame: _Frame) -> TrueStripe:
    beta = scaled_beta_deg(entry.beta_deg, frame.changes.beta_scale)
    return TrueStripe(
        time_bottom=time,
        bottom_km=frame.altitude(entry.bottom_km),
        top_km=frame.altitude(entry.top_km),
        slowness_s_per_km=slowness_s_per_km(beta, 0.0, speed_m_s),
        width_s=1e3 * entry.half_width_km / speed_m_s,
        peak_density_cm3=entry.peak_cm3,
        curvature_s_per_km2=0.0,
        group=group,
        beta_deg=beta,
        marked=entry.marked,
    )


def _es(case: SimulatedCase, frame: _Frame, settings: TwinSettings) -> tuple[EsEpisode, ...]:
    if not settings.changes.es_response:
        rng = generator(settings.seed, "case es", case.night)
        return quiet_es(frame.night, rng, settings)
    fields = ("foEs_MHz", "fbEs_MHz", "height_km", "blanketing", "upper", "response")
    return tuple(
        EsEpisode(*frame.span(entry.time), **{name: getattr(entry, name) for name in fields}) for entry in case.es
    )


def _enhancement(entry: CaseEnhancement | None, frame: _Frame, changes: TruthChanges) -> Enhancement | None:
    if entry is None or not changes.tec_enhancement:
        return None
    onset, peak, end = (frame.time(clock) for clock in entry.time)
    south, north = entry.latitudes
    return Enhancement(onset, peak, end, entry.longitude, south, north, entry.width_km, entry.peak_tecu)
