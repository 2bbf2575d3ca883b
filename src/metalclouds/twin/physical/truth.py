"""Truth of a physical night: ridges, clouds and the night, from its field without noise.

A ridge is what a perfect observer would call a separate crest of n(t, z). For each source and each kilometre of
altitude the crest is the time at which the source's own density is largest. It counts as separate where

- the density of everything, averaged over the profiles, has a maximum in time within a profile of it that stands at
  least a fifth over the saddles on both sides (within 1.5 widths),
- the source gives at least 40 % of that density, and
- no stronger source has the same maximum.

The ridge is the longest run of such altitudes with breaks of at most 5 km, over which the crest moves by less than
120 s/km: what lies flatter is a layer. Crests wider than 25 min are clouds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from metalclouds.twin.physical.field import SOURCE_ALTITUDE_KM, MetalSource
from metalclouds.twin.physical.instrument import response
from metalclouds.twin.physical.night import PhysicalNight
from metalclouds.twin.settings import TwinSettings

Values = NDArray[Any]

CREST_KM = np.arange(100.0, 300.5, 1.0)
LEAST_SNR = 5.0
LEAST_HEIGHT_KM = 6.0
LONGEST_BREAK_KM = 5.0
FLATTEST_S_KM = 120.0
WIDEST_S = 1500.0
PROMINENCE = 0.2
LEAST_SHARE = 0.4
SADDLE_WIDTHS = 1.5
INFORMATION_CUT = 0.01
"""The ends of a ridge that hold so little of its squared signal-to-noise ratio are not counted."""

LEAST_INFORMATION = 1e-4
"""Altitudes with less of a source's largest squared signal-to-noise ratio have no crest."""

CLOUD_FROM_KM = 120.0
CLOUD_PROFILES, CLOUD_KM = 9, 2.0
CLOUD_CM3 = 0.5
CLOUD_LEAST_S = 600.0
CLOUD_LEAST_TOP_KM = 130.0


@dataclass(frozen=True)
class Ridge:
    """One ridge; time (s since 10:00 UT), full width at half maximum (s) and density (cm-3) of its crest at each
    altitude. Other fields: see `TABLES`."""

    what: str
    snr: float
    p: float
    crlb: float
    width: float
    isolation: float
    bottom: float
    top: float
    z_mid: float
    t_mid: float
    peak: float
    bend: float
    age: float
    zenith: float
    azimuth: float
    time_s: Values
    altitude_km: Values
    width_s: Values
    density_cm3: Values


@dataclass(frozen=True)
class Crest:
    """A source's crest at each altitude of `CREST_KM`: time (s), full width at half maximum (s), density (cm-3).

    `slope` is the change of its counts per s in each profile of `source.rows`, dims (profile, altitude), in slices of
    a kilometre; `noise` the counts of everything there. NaN where there is none.
    """

    source: MetalSource
    time_s: Values
    width_s: Values
    peak: Values
    information: Values
    slope: Values
    noise: Values

    @property
    def snr(self) -> float:
        return float(np.sqrt(np.nansum(self.information)))


def ridges(night: PhysicalNight, settings: TwinSettings) -> list[Ridge]:
    """Ridges of a night with a signal-to-noise ratio of at least 5, by time."""
    share, signal = response(night.recorded.conditions, CREST_KM, night.scene.air, settings.lidar)
    per_slice = signal / settings.lidar.bin_km
    columns = np.searchsorted(SOURCE_ALTITUDE_KM, CREST_KM - 1e-6)
    total = night.density[:, columns]
    counts = total * share[:, None] * per_slice
    counts += (night.recorded.conditions.background / settings.lidar.bin_km)[:, None]
    seen = [(source, _information(source, columns, share, per_slice, counts)) for source in night.sources]
    crests = [
        _crest(source, found, columns, share, per_slice, counts, night)
        for source, found in seen
        if found.sum() >= LEAST_SNR**2
    ]
    crests.sort(key=lambda one: -one.snr)
    taken: set[tuple[int, int]] = set()
    found = [_ridge(one, crests, total, taken, columns, night) for one in crests]
    return sorted((one for one in found if one is not None), key=lambda one: one.t_mid)


def _information(source: MetalSource, columns: Values, share: Values, per_slice: Values, counts: Values) -> Values:
    """Squared signal-to-noise ratio of a source in each kilometre of altitude."""
    signal = source.mean[:, columns] * share[source.rows, None] * per_slice
    return (signal**2 / counts[source.rows]).sum(axis=0)


def _crest(
    source: MetalSource,
    information: Values,
    columns: Values,
    share: Values,
    per_slice: Values,
    counts: Values,
    night: PhysicalNight,
) -> Crest:
    density = source.instant.density[:, columns]
    times = source.instant.time_s
    peak = density.max(axis=0)
    lit = peak > 0
    time, width = np.full(peak.size, np.nan), np.full(peak.size, np.nan)
    for j in np.nonzero(information > LEAST_INFORMATION * information.max())[0]:
        time[j], width[j] = crest_of(times, density[:, j])
    axes = night.axes
    start = axes.start_s[source.rows]
    factor = share[source.rows, None] * per_slice
    edges = [_instant(times, density, at) for at in (start, start + axes.length_s)]
    return Crest(
        source,
        time,
        width,
        np.where(lit, peak, np.nan),
        information,
        (edges[1] - edges[0]) / axes.length_s * factor,
        counts[source.rows],
    )


def crest_of(times: Values, density: Values) -> tuple[float, float]:
    """Time of the largest density and full width at half maximum around it.

    By a parabola through the logarithms of three points, and logarithms that fall with the square of the time from
    the maximum between two points: exact for a Gaussian.
    """
    k = int(density.argmax())
    step = times[1] - times[0]
    logs = np.log(np.maximum(density, 1e-6 * density[k]).astype(float))
    shift, top = 0.0, logs[k]
    if 0 < k < times.size - 1:
        a, b, c = logs[k - 1 : k + 2]
        shift = 0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c < 0 else 0.0
        top = b - 0.25 * (a - c) * shift
    below = logs < top - np.log(2)
    left, right = np.nonzero(below[:k])[0], np.nonzero(below[k:])[0]
    crest = float(times[k] + shift * step)
    before = _crossing(times, logs, left[-1], crest, top) if left.size else times[0]
    after = _crossing(times, logs, k + right[0] - 1, crest, top) if right.size else times[-1]
    return crest, float(after - before)


def _crossing(times: Values, logs: Values, i: int, crest: float, top: float) -> float:
    """Where the density passes half of its largest value, between i and i + 1."""
    part = (top - np.log(2) - logs[i]) / (logs[i + 1] - logs[i])
    low, high = (times[i] - crest) ** 2, (times[i + 1] - crest) ** 2
    away = np.sqrt(low + part * (high - low))
    return float(crest + (away if times[i + 1] > crest else -away))


def _instant(times: Values, density: Values, at: Values) -> Values:
    """Density at other times, linear between, zero outside."""
    place = (at - times[0]) / (times[1] - times[0])
    low = np.clip(place.astype(int), 0, times.size - 2)
    part = np.clip(place - low, 0, 1)[:, None]
    value = (1 - part) * density[low] + part * density[low + 1]
    return np.where(((place >= 0) & (place <= times.size - 1))[:, None], value, 0.0)


def _ridge(
    crest: Crest,
    others: Sequence[Crest],
    total: Values,
    taken: set[tuple[int, int]],
    columns: Values,
    night: PhysicalNight,
) -> Ridge | None:
    separate = np.array([_separate(crest, j, total, taken, columns, night) for j in range(CREST_KM.size)])
    run = longest_run(separate, crest.time_s)
    if run is None:
        return None
    run = _informed(crest, run)
    inside = np.zeros(CREST_KM.size, dtype=bool)
    inside[run] = separate[run]
    if not inside.any():
        return None
    ridge = _described(crest, run, inside, _isolation(crest, inside, others))
    tall = ridge.top - ridge.bottom >= LEAST_HEIGHT_KM
    return ridge if tall and ridge.snr >= LEAST_SNR and ridge.width <= WIDEST_S else None


def _described(crest: Crest, run: slice, inside: Values, isolation: float) -> Ridge:
    """A ridge from the altitudes of a run at which the crest is separate (`inside`)."""
    altitude, time, weight = CREST_KM[inside], crest.time_s[inside], crest.information[inside]
    middle = float((weight * altitude).sum() / weight.sum())
    at, slowness, bend = line(altitude, time, weight, middle)
    source = crest.source
    return Ridge(
        what=source.what,
        snr=float(np.sqrt(crest.information[run].sum())),
        p=slowness,
        crlb=slowness_bound(crest.slope[:, run], crest.noise[:, run], CREST_KM[run] - middle),
        width=_weighted_median(crest.width_s[inside], weight),
        isolation=isolation,
        bottom=float(CREST_KM[run.start]),
        top=float(CREST_KM[run.stop - 1]),
        z_mid=middle,
        t_mid=at,
        peak=float(np.nanmax(crest.peak[inside])),
        bend=bend,
        age=at - source.birth_s,
        zenith=source.zenith_deg,
        azimuth=source.azimuth_deg,
        time_s=time,
        altitude_km=altitude,
        width_s=crest.width_s[inside],
        density_cm3=crest.peak[inside],
    )


def _separate(
    crest: Crest, j: int, total: Values, taken: set[tuple[int, int]], columns: Values, night: PhysicalNight
) -> bool:
    """Whether the crest is a separate maximum of the whole density at one altitude; if so, that maximum is taken."""
    if not np.isfinite(crest.time_s[j]) or crest.peak[j] <= 0:
        return False
    axes = night.axes
    row = int(np.argmin(np.abs(axes.middle_s - crest.time_s[j])))
    if abs(axes.middle_s[row] - crest.time_s[j]) > axes.length_s:
        return False
    low, high = max(row - 1, 0), min(row + 2, len(total))
    row = low + int(total[low:high, j].argmax())
    top = total[row, j]
    reach = int(np.ceil(SADDLE_WIDTHS * crest.width_s[j] / axes.length_s)) + 1
    before, after = total[max(row - reach, 0) : row + 1, j], total[row : row + reach + 1, j]
    if max(before.min(), after.min()) > (1 - PROMINENCE) * top:
        return False
    own = row - crest.source.rows.start
    mean = crest.source.mean
    if not 0 <= own < len(mean) or mean[own, columns[j]] < LEAST_SHARE * top or (row, j) in taken:
        return False
    taken.add((row, j))
    return True


def longest_run(separate: Values, time_s: Values) -> slice | None:
    """The longest run of true values with breaks of at most 5 km and no flat piece; None without any."""
    found = np.nonzero(separate)[0]
    if not found.size:
        return None
    height = np.diff(CREST_KM[found])
    flat = np.abs(np.diff(time_s[found])) > FLATTEST_S_KM * height
    runs = np.split(found, np.nonzero((height > LONGEST_BREAK_KM) | flat)[0] + 1)
    best = max(runs, key=lambda run: run[-1] - run[0])
    return slice(int(best[0]), int(best[-1]) + 1)


def _informed(crest: Crest, run: slice) -> slice:
    """A run without the ends that add next to nothing to the signal-to-noise ratio."""
    part = np.nan_to_num(crest.information[run]).cumsum()
    part = part / max(part[-1], 1e-30)
    first = int(np.searchsorted(part, INFORMATION_CUT))
    last = int(np.searchsorted(part, 1 - INFORMATION_CUT))
    return slice(run.start + first, min(run.start + last + 1, run.stop))


def line(altitude_km: Values, time_s: Values, weight: Values, middle_km: float) -> tuple[float, float, float]:
    """Time (s), slowness (s/km) and bend (s/km2) of t = t_mid + p (z - z_mid) + bend (z - z_mid)^2."""
    degree = min(2, altitude_km.size - 1)
    factors = np.polynomial.polynomial.polyfit(altitude_km - middle_km, time_s, degree, w=np.sqrt(weight))
    time, slowness, bend = (*factors, 0.0, 0.0)[:3]
    return float(time), float(slowness), float(bend)


def slowness_bound(slope: Values, noise: Values, offset_km: Values) -> float:
    """Least standard deviation (s/km) of a slowness that Poisson counts allow, its time being free too.

    Fisher information of S(t - t0 - p (z - z_mid)): sums of (dS/dt)^2 (1, z, z^2) / counts.
    """
    weight = (slope**2 / noise).sum(axis=0)
    zero, one, two = (float((weight * offset_km**k).sum()) for k in range(3))
    determinant = zero * two - one**2
    return float(np.sqrt(zero / determinant)) if determinant > 0 else np.inf


def _weighted_median(values: Values, weight: Values) -> float:
    order = np.argsort(values)
    part = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(part, 0.5 * part[-1])])


def _isolation(crest: Crest, inside: Values, others: Sequence[Crest]) -> float:
    """Median distance in time to the nearest other source, in widths; infinite without one at the same altitudes."""
    nearest = np.inf
    for other in others:
        common = inside & (other.information > 0.02 * other.information.max()) & (crest.width_s > 0)
        if other is crest or common.sum() < 3:
            continue
        distance = np.abs(other.time_s[common] - crest.time_s[common]) / crest.width_s[common]
        nearest = min(nearest, float(np.median(distance)))
    return nearest


@dataclass(frozen=True)
class CloudTruth:
    """A cloud: connected blocks of 5 min x 2 km with a mean density above 0.5 cm-3, above 120 km.

    `time_s`, `lower_km`: its lower edge in each block of time; `reaches_layer`: whether it goes down to 120 km then.
    """

    start_s: float
    end_s: float
    bottom: float
    top: float
    peak: float
    time_s: Values
    lower_km: Values
    reaches_layer: Values


def clouds(night: PhysicalNight) -> list[CloudTruth]:
    """Clouds of a night that last ten minutes or more and reach above 130 km, by time."""
    middle = night.axes.middle_s
    edges = np.arange(CLOUD_FROM_KM, 300.1, CLOUD_KM)
    place = np.searchsorted(SOURCE_ALTITUDE_KM, edges)
    rows = np.arange(0, len(middle), CLOUD_PROFILES)
    density = np.add.reduceat(night.density[:, place[0] : place[-1]], place[:-1] - place[0], axis=1)
    density = np.add.reduceat(density / np.diff(place), rows, axis=0)
    density /= np.diff(np.append(rows, len(middle)))[:, None]
    labels, count = ndimage.label(density > CLOUD_CM3, structure=np.ones((3, 3)))
    first, last = middle[rows], middle[np.append(rows[1:], len(middle)) - 1]
    found = [_cloud(labels == k, density, first, last, edges) for k in range(1, count + 1)]
    return [c for c in found if c.end_s - c.start_s >= CLOUD_LEAST_S and c.top > CLOUD_LEAST_TOP_KM]


def _cloud(inside: Values, density: Values, first: Values, last: Values, edges: Values) -> CloudTruth:
    blocks, bins = np.nonzero(inside.any(axis=1))[0], np.nonzero(inside.any(axis=0))[0]
    lowest = inside[blocks].argmax(axis=1)
    return CloudTruth(
        float(first[blocks[0]]),
        float(last[blocks[-1]]),
        float(edges[bins[0]]),
        float(edges[bins[-1] + 1]),
        float(density[inside].max()),
        0.5 * (first + last)[blocks],
        edges[lowest],
        lowest == 0,
    )
