"""What every night has: darkness, winds, main layer, weather, sporadic E of its own; and the random clouds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from metalclouds.constants import LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG
from metalclouds.twin.packs import Pack, stripes_of
from metalclouds.twin.randomness import generator
from metalclouds.twin.settings import TruthChanges, TwinSettings
from metalclouds.twin.sky import (
    WINDOW_HOURS,
    Cloud,
    Connection,
    Dimming,
    EsEpisode,
    Harmonic,
    MainLayer,
    NightTruth,
    SporadicLayer,
    Time,
    TrueStripe,
    TrueWind,
    hour_of,
    moment,
)
from metalclouds.twin.sun import solar_elevation_deg

ABOVE_KM = 150.0
CLEAR_KM = 215.0
CLEAR_S = 1200.0
# A stripe or cloud that a changed truth shortens to less than this is dropped.
LEAST_HEIGHT_KM = 5.0
# A cloud that ends above this is not connected to the main layer.
CONNECTED_KM = 120.0
QUIET_SPREAD_F, CLOUDY_SPREAD_F = 0.15, 0.8
"""Share of nights with spread F; frequent with clouds (paper, lines 137-138), values assumed."""
LATEST_DESCENT_S = 5400
"""A descending cloud starts at least so long before the end of the night."""
Span = tuple[Time, Time]


def darkness(night: str, sun_limit_deg: float) -> Span:
    """Start and end of the hours in 10-23 UT with the sun below the limit, to the minute."""
    minutes = np.arange(round(60 * WINDOW_HOURS[0]), round(60 * WINDOW_HOURS[1]) + 1)
    times = np.datetime64(night, "s") + 60 * minutes.astype("timedelta64[s]")
    dark = times[solar_elevation_deg(times, LIDAR_LATITUDE_DEG, LIDAR_LONGITUDE_DEG) < sun_limit_deg]
    return dark[0], dark[-1]


def emission_winds(rng: np.random.Generator, upper: tuple[Harmonic, Harmonic] | None = None) -> tuple[TrueWind, ...]:
    """Winds at 87, 97 and 250 km; night means at 250 km as in Yuan et al. 2010, the rest assumed."""
    if upper is None:
        eastward = Harmonic(rng.uniform(20, 50), rng.uniform(5, 25), rng.uniform(11, 15))
        northward = Harmonic(rng.uniform(-42, -8), rng.uniform(5, 20), rng.uniform(13, 18))
    else:
        eastward, northward = upper
    high = TrueWind(250.0, eastward, northward, Harmonic(0.0, rng.uniform(2, 8), rng.uniform(0, 24)))
    return (*(_tidal_wind(altitude, rng) for altitude in (87.0, 97.0)), high)


def _tidal_wind(altitude_km: float, rng: np.random.Generator) -> TrueWind:
    amplitude, phase = rng.uniform(15, 40), rng.uniform(0, 12)
    return TrueWind(
        altitude_km,
        Harmonic(rng.uniform(-10, 30), amplitude, phase, 12.0),
        Harmonic(rng.uniform(-15, 10), amplitude, phase - 3.0, 12.0),
        Harmonic(0.0, rng.uniform(0, 2), rng.uniform(0, 12), 12.0),
    )


def main_layer(
    night: str,
    column_rank: float,
    *,
    cloudy: bool,
    rng: np.random.Generator,
    settings: TwinSettings,
    quiet: bool = False,
) -> MainLayer:
    """Main layer of a night; `quiet` leaves out sporadic layers."""
    campaign = settings.campaign
    month = int(night[5:7])
    column = np.log(_median_column(month, settings)) + campaign.column_scatter * column_rank
    column += np.log(campaign.cloud_night_column_factor) if cloudy else 0.0
    low, high = campaign.column_range_cm2
    return MainLayer(
        column_cm2=float(np.clip(np.exp(column), low, high)) * settings.changes.main_layer_scale,
        centroid_km=float(np.clip(rng.normal(campaign.centroid_km, 1.0), 95, 102)),
        width_km=float(rng.uniform(3.6, 5.0)),
        tide_km=float(rng.uniform(0.5, 1.6)),
        tide_phase_h=float(rng.uniform(0, 12)),
        column_tide=float(rng.uniform(0.05, 0.3)),
        column_phase_h=float(rng.uniform(0, 24)),
        wave_km=float(rng.uniform(0.1, 0.8)),
        wave_period_h=float(rng.uniform(0.7, 2.5)),
        wave_phase_h=float(rng.uniform(0, 2.5)),
        sporadic=() if quiet else _sporadic_layers(night, rng, settings),
    )


def _median_column(month: int, settings: TwinSettings) -> float:
    columns = settings.campaign.column_by_month_cm2
    if month == 1 and not settings.changes.january_peak:
        return float(np.sqrt(columns[11] * columns[1]))
    return columns[month - 1]


def _sporadic_layers(night: str, rng: np.random.Generator, settings: TwinSettings) -> tuple[SporadicLayer, ...]:
    """About 1.1 a night (286 in 280 nights, Xun et al. 2024), 88-118 km; more in summer, a third descending."""
    start, end = darkness(night, settings.campaign.sun_limit_deg)
    summer = settings.campaign.es_by_month[int(night[5:7]) - 1] / 0.4
    layers = []
    for _ in range(rng.poisson(1.1 * summer)):
        begin = start + (end - start) * rng.uniform(0, 0.8)
        length = np.timedelta64(round(rng.uniform(1800, 9000)), "s")
        height = rng.uniform(90, 112)
        descent = rng.uniform(2, 8) if rng.random() < 0.33 else rng.uniform(-0.5, 0.5)
        density = np.exp(rng.uniform(np.log(15), np.log(600)))
        layers.append(
            SporadicLayer(
                begin.astype("datetime64[s]"),
                min(begin + length, end).astype("datetime64[s]"),
                height + descent / 2,
                height - descent / 2,
                rng.uniform(0.5, 1.4),
                density,
            )
        )
    return tuple(layers)


def weather(
    start: Time, end: Time, rng: np.random.Generator, calm: bool = False
) -> tuple[float, tuple[Dimming, ...], tuple[Span, ...]]:
    """Transmission of the clear parts, thin clouds and gaps. `calm`: no clouds, one short gap."""
    transmission = float(rng.uniform(0.85, 1.0) if calm else rng.uniform(0.55, 1.0))
    if calm:
        return transmission, (), (_piece(start, end, 120, 240, rng),)
    dimmings = tuple(
        Dimming(*_piece(start, end, 900, 5400, rng), float(rng.uniform(0.15, 0.8))) for _ in range(rng.poisson(0.8))
    )
    gaps = tuple(_piece(start, end, 120, 2400, rng) for _ in range(rng.poisson(0.7)))
    return transmission, dimmings, gaps


def _piece(start: Time, end: Time, shortest_s: float, longest_s: float, rng: np.random.Generator) -> Span:
    whole = int((end - start).astype("timedelta64[s]").astype(int))
    begin = start + np.timedelta64(round(rng.uniform(0.05, 0.9) * whole), "s")
    return begin, min(begin + np.timedelta64(round(rng.uniform(shortest_s, longest_s)), "s"), end)


def quiet_es(night: str, rng: np.random.Generator, settings: TwinSettings) -> tuple[EsEpisode, ...]:
    """Sporadic E that has nothing to do with clouds: episodes of 1-3 h over the stated share of the night."""
    share = settings.campaign.es_by_month[int(night[5:7]) - 1]
    episodes, hour = [], WINDOW_HOURS[0]
    while hour < WINDOW_HOURS[1]:
        length = float(rng.uniform(1, 3))
        if rng.random() < share:
            foes = float(np.clip(rng.lognormal(np.log(2.8), 0.3), 1.6, 9))
            stop = min(hour + length, WINDOW_HOURS[1])
            height = float(rng.uniform(98, 110))
            episodes.append(
                EsEpisode(moment(night, hour), moment(night, stop), foes, 0.7 * foes, height, False, False)
            )
        hour += length
    return tuple(episodes)


def with_flags(truth: NightTruth, changes: TruthChanges) -> NightTruth:
    """Cut clouds and stripes where a changed truth ends them and set the night's classes from what is left."""
    top_km, bottom_km = changes.clouds_top_km, changes.clouds_bottom_km
    stripes = tuple(
        _raised(replace(one, top_km=min(one.top_km, top_km)), bottom_km)
        for one in truth.stripes
        if one.bottom_km < top_km - LEAST_HEIGHT_KM and one.top_km > bottom_km + LEAST_HEIGHT_KM
    )
    clouds = tuple(
        replace(
            one,
            start_top_km=min(one.start_top_km, top_km),
            end_top_km=min(one.end_top_km, top_km),
            start_bottom_km=max(one.start_bottom_km, bottom_km),
            end_bottom_km=max(one.end_bottom_km, bottom_km),
        )
        for one in truth.clouds
        if min(one.start_bottom_km, one.end_bottom_km) < top_km - LEAST_HEIGHT_KM
        and max(one.start_top_km, one.end_top_km) > bottom_km + LEAST_HEIGHT_KM
    )
    return replace(
        truth,
        stripes=stripes,
        clouds=clouds,
        connections=truth.connections if bottom_km <= CONNECTED_KM else (),
        above_150=any(stripe.top_km > ABOVE_KM for stripe in stripes),
        clear_200_300=any(_is_clear(cloud, stripes) for cloud in clouds),
    )


def _raised(stripe: TrueStripe, bottom_km: float) -> TrueStripe:
    """The part of a stripe above an altitude."""
    if stripe.bottom_km >= bottom_km:
        return stripe
    height = bottom_km - stripe.bottom_km
    slowness = stripe.slowness_s_per_km + 2.0 * stripe.curvature_s_per_km2 * height
    time = stripe.time_at(np.array([bottom_km]))[0]
    return replace(stripe, time_bottom=time, bottom_km=bottom_km, slowness_s_per_km=slowness)


def _is_clear(cloud: Cloud, stripes: tuple[TrueStripe, ...]) -> bool:
    """A layer in 200-300 km: stripes of one cloud that reach above 215 km over at least 20 min."""
    times = [s.time_top for s in stripes if s.group == cloud.group and s.top_km >= CLEAR_KM]
    return len(times) > 2 and (max(times) - min(times)).astype("timedelta64[s]").astype(float) >= CLEAR_S


def random_night(night: str, kind: str, column_rank: float, settings: TwinSettings) -> NightTruth:
    """The truth of a night other than the case nights; `kind`: quiet, low (clouds up to 200 km) or clear.

    `column_rank`: standard normal deviate of the main layer's ln(column).
    """
    rng = generator(settings.seed, "night", night)
    start, end = _session(night, kind, rng, settings)
    winds = emission_winds(rng)
    layer = main_layer(night, column_rank, cloudy=kind != "quiet", rng=rng, settings=settings)
    transmission, dimmings, gaps = weather(start, end, rng, calm=kind != "quiet")
    episodes = quiet_es(night, generator(settings.seed, "es", night), settings)
    clouds, connections = _clouds(start, end, kind, rng)
    stripes = _stripes(night, clouds, winds, kind, rng, settings)
    if settings.changes.es_response:
        episodes += tuple(_response(connection, episodes, rng) for connection in connections)
    spread_f = bool(rng.random() < (QUIET_SPREAD_F if kind == "quiet" else CLOUDY_SPREAD_F))
    truth = NightTruth(
        night=night,
        panel=None,
        start=start,
        end=end,
        stripes=stripes,
        clouds=clouds,
        connections=connections,
        es=tuple(sorted(episodes, key=lambda one: one.start)),
        spread_f=spread_f,
        enhancement=None,
        winds=winds,
        main_layer=layer,
        transmission=transmission,
        dimmings=dimmings,
        gaps=gaps,
        above_150=False,
        clear_200_300=False,
        listed_as=night,
    )
    return with_flags(truth, settings.changes)


def _session(night: str, kind: str, rng: np.random.Generator, settings: TwinSettings) -> Span:
    """Whole darkness on two nights of three and on nights with clouds; else at least 3 h of it."""
    start, end = darkness(night, settings.campaign.sun_limit_deg)
    share, place = rng.uniform(0.5, 0.95), rng.random()
    if kind != "quiet" or rng.random() < 0.67:
        return start, end
    whole = (end - start).astype("timedelta64[s]").astype(float)
    length = max(share * whole, min(3 * 3600.0, whole))
    begin = start + np.timedelta64(round(place * (whole - length)), "s")
    return begin, begin + np.timedelta64(round(length), "s")


def _clouds(
    start: Time, end: Time, kind: str, rng: np.random.Generator
) -> tuple[tuple[Cloud, ...], tuple[Connection, ...]]:
    if kind == "quiet":
        return (), ()
    whole = (end - start).astype("timedelta64[s]").astype(float)
    begin = start + np.timedelta64(round(whole * rng.uniform(0.05, 0.15)), "s")
    length = whole * (rng.uniform(0.45, 0.8) if kind == "clear" else rng.uniform(0.12, 0.3))
    finish = begin + np.timedelta64(round(length), "s")
    bottom = rng.uniform(180, 215) if kind == "clear" else rng.uniform(132, 150)
    top = rng.uniform(245, 290) if kind == "clear" else rng.uniform(172, 198)
    first = Cloud(begin, finish, bottom, top, bottom - rng.uniform(0, 8), top - rng.uniform(0, 8),
                  rng.uniform(0.1, 0.4), False, None, 1)  # fmt: skip
    choice = rng.random()
    if choice < 0.4:
        cloud, connection = _direct(begin, finish, top, rng)
    elif choice < 0.7:
        cloud, connection = _descending(finish, end, bottom, rng)
    else:
        return (first,), ()
    return (first, cloud), (connection,)


def _direct(begin: Time, finish: Time, top: float, rng: np.random.Generator) -> tuple[Cloud, Connection]:
    """Stripes down to 110 km for 4-40 min inside the first cloud."""
    whole = (finish - begin).astype("timedelta64[s]").astype(float)
    start = begin + np.timedelta64(round(whole * rng.uniform(0.2, 0.7)), "s")
    end = start + np.timedelta64(round(rng.uniform(240, 2400)), "s")
    cloud = Cloud(start, end, 110.0, top, 110.0, top, 0.0, False, None, 2)
    return cloud, Connection("direct", start, end)


def _descending(begin: Time, night_end: Time, bottom: float, rng: np.random.Generator) -> tuple[Cloud, Connection]:
    """A cloud that sinks from the first one's lower edge and merges at 120 km (7-14 m/s, assumed)."""
    begin = min(begin, night_end - np.timedelta64(LATEST_DESCENT_S, "s"))
    start_bottom = min(bottom, 175.0)
    sink = rng.uniform(7, 14)
    seconds_to_merge = 1e3 * (start_bottom - 120) / sink
    room = (night_end - begin).astype("timedelta64[s]").astype(float) - 900
    sink *= max(1.0, seconds_to_merge / max(room, 1800.0))
    merges = begin + np.timedelta64(round(1e3 * (start_bottom - 120) / sink), "s")
    end = begin + np.timedelta64(round(1e3 * (start_bottom - 111) / sink), "s")
    cloud = Cloud(begin, end, start_bottom, start_bottom + 35, 111.0, 127.0, 1.0, True, merges, 2)
    return cloud, Connection("descending", merges, end)


def _stripes(
    night: str,
    clouds: tuple[Cloud, ...],
    winds: tuple[TrueWind, ...],
    kind: str,
    rng: np.random.Generator,
    settings: TwinSettings,
) -> tuple[TrueStripe, ...]:
    upper = winds[-1]

    def speed(time: Time) -> float:
        hours = hour_of(night, np.array([time]))
        return float(np.hypot(upper.eastward.at(hours), upper.northward.at(hours))[0])

    beta = float(np.clip(rng.lognormal(np.log(7), 0.9), 0.3, 45))
    brightness = float(np.exp(rng.uniform(np.log(5), np.log(14)))) if kind == "clear" else float(rng.uniform(2.5, 7))
    ascending = bool(rng.random() < 0.2)
    stripes: list[TrueStripe] = []
    for cloud in clouds:
        pack = _pack(cloud, beta, brightness, ascending, rng)
        scale = settings.changes.beta_scale
        stripes += stripes_of(cloud, pack, speed_m_s=speed, beta_scale=scale, rng=rng)
    return tuple(sorted(stripes, key=lambda stripe: stripe.time_bottom))


def _pack(cloud: Cloud, beta: float, brightness: float, ascending: bool, rng: np.random.Generator) -> Pack:
    minutes = (cloud.end - cloud.start).astype("timedelta64[s]").astype(float) / 60
    direct = cloud.start_bottom_km <= 110.0
    brighter = 2.0 if direct or cloud.descending else 1.0
    return Pack(
        count=int(np.clip(round(minutes / rng.uniform(4, 9)), 1 if direct else 4, 60)),
        beta_deg=beta,
        beta_scatter_deg=0.08 * beta,
        peak_cm3=(max(1.0, 0.4 * brightness * brighter), min(40.0, 1.8 * brightness * brighter)),
        half_width_km=(0.7, 2.2),
        turned_share=0.1 if rng.random() < 0.3 else 0.0,
        ascending=ascending,
        free_ends=not direct,
    )


def _response(connection: Connection, episodes: tuple[EsEpisode, ...], rng: np.random.Generator) -> EsEpisode:
    """foEs of a connection: 1-3 MHz above what was there, or 2.4-4.5 MHz where nothing was; assumed."""
    before = [one.foEs_MHz for one in episodes if one.start <= connection.start < one.end]
    foes = max(before) + rng.uniform(1, 3) if before else rng.uniform(2.4, 4.5)
    blanketing = bool(rng.random() < 0.25)
    start = connection.start + np.timedelta64(round(rng.uniform(0, 300)), "s")
    end = connection.end + np.timedelta64(round(rng.uniform(900, 2700)), "s")
    return EsEpisode(start, end, foes, (0.98 if blanketing else 0.65) * foes, float(rng.uniform(104, 111)),
                     blanketing, False, response=True)  # fmt: skip
