"""Random scenes of clouds that descend into the main layer, or do not: slabs with or without stripes in them.

A slab lies between two edges that move with time. It stands at `altitude_km` until `leave`, then its lower edge
comes down, at `speed` all the way or, with a finite `scale_km`, ever slower towards the main layer:
h(t) = S (exp(-v (t - t120) / S) - 1) above 120 km, which passes 120 km at v and tends to the straight line for
large S. Its stripes are filaments cut at its edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tests.detect import drawing
from tests.detect.scenes import Cloud, Scene, Stripe

LAYER_TOP_KM = 120.0
INSIDE_KM = 109.0


@dataclass(frozen=True)
class Slab:
    """A cloud between two edges; hours UT, km, m/s; the edges are soft over `edge_km` and `edge_s`."""

    start: float
    end: float
    altitude_km: float  # of the lower edge until it leaves
    thickness_km: float
    density: float
    arrival: float = np.inf  # hour at which the lower edge passes 120 km
    speed: float = 0.0  # m/s there, positive downwards
    scale_km: float = np.inf
    stop_km: float = INSIDE_KM  # the lower edge comes down to here
    thinning: float = 0.0  # share of its thickness that it loses on its way down
    edge_km: float = 1.5
    edge_s: float = 60.0
    ripple_km: float = 0.0  # of the lower edge, up and down
    ripple_minutes: float = 20.0

    def lower(self, hour: np.ndarray) -> np.ndarray:
        """Altitude of the lower edge (km)."""
        if not self.speed:
            return np.full(np.shape(hour), self.altitude_km)
        before = (self.arrival - np.asarray(hour)) * 3.6 * self.speed  # km
        if np.isfinite(self.scale_km):
            before = self.scale_km * np.expm1(np.clip(before / self.scale_km, -10, 6))
        low, high = sorted((self.stop_km, self.altitude_km))
        ripple = self.ripple_km * np.sin(2 * np.pi * (np.asarray(hour) - self.arrival) * 60 / self.ripple_minutes)
        return np.clip(LAYER_TOP_KM + before + ripple, low, high)

    def upper(self, hour: np.ndarray) -> np.ndarray:
        """Altitude of the upper edge (km)."""
        low = self.lower(hour)
        down = np.clip((self.altitude_km - low) / max(self.altitude_km - LAYER_TOP_KM, 1.0), 0, 1)
        return low + self.thickness_km * (1 - self.thinning * down)

    def __call__(self, time: np.ndarray, altitude: np.ndarray) -> np.ndarray:
        """Density (cm-3)."""
        hour = time / 3600
        inside = soft((altitude - self.lower(hour)) / self.edge_km) * soft(
            (self.upper(hour) - altitude) / self.edge_km
        )
        seen = soft((time - 3600 * self.start) / self.edge_s) * soft((3600 * self.end - time) / self.edge_s)
        return self.density * inside * seen


def soft(x: np.ndarray) -> np.ndarray:
    """A step from 0 to 1 that passes a half at 0."""
    return 0.5 * (1 + np.tanh(x))


def stripes_in(slab: Slab, rng: np.random.Generator, density: float, slowness: float, minutes: float) -> tuple:
    """Filaments across a slab, some `minutes` apart, of a mean peak density."""
    out, hour = [], slab.start + rng.uniform(0.2, 1.0) * minutes / 60
    while hour < slab.end:
        # A stripe ends where its own line leaves the slab.
        z = np.arange(108.0, 295.0, 0.5)
        middle = float(0.5 * (slab.lower(hour) + slab.upper(hour)))
        t = hour + slowness * (z - middle) / 3600
        inside = z[(z > slab.lower(t)) & (z < slab.upper(t)) & (t > slab.start) & (t < slab.end)]
        if inside.size > 8:
            out.append(
                Stripe(
                    hour + slowness * (0.5 * (inside[0] + inside[-1]) - middle) / 3600,
                    float(inside[0]),
                    float(inside[-1]),
                    slowness * (1 + 0.02 * rng.standard_normal()),
                    float(density * np.exp(0.4 * rng.standard_normal())),
                    float(rng.uniform(20, 60)),
                    flare=float(rng.uniform(1.0, 3.0)),
                )
            )
        hour += rng.uniform(0.5, 1.5) * minutes / 60
    return tuple(out)


def filled(slab: Slab, rng: np.random.Generator, share: float) -> tuple[Slab, tuple[Stripe, ...]]:
    """A slab of the same mean density with a share of it in stripes."""
    if share <= 0:
        return slab, ()
    minutes, slowness = rng.uniform(3, 8), float(rng.uniform(0.8, 3.0) * rng.choice([-1, -1, 1]))
    # A filament of 40 s full width has a mean of 1.06 x 40 s x peak over its spacing.
    peak = share * slab.density * 60 * minutes / (1.06 * 40)
    return replace(slab, density=(1 - share) * slab.density), stripes_in(slab, rng, peak, slowness, minutes)


def descending_slab(rng: np.random.Generator) -> Slab:
    """A cloud that comes down at 2 to 20 m/s and reaches 120 km between 14.5 and 18.5 UT."""
    speed = float(np.exp(rng.uniform(np.log(2.0), np.log(20.0))))
    scale = float(rng.choice([np.inf, np.inf, 80.0, 40.0]))
    arrival = float(rng.uniform(14.5, 18.5))
    from_km = float(rng.uniform(150.0, 200.0))
    height = from_km - LAYER_TOP_KM
    fall = scale * np.log1p(height / scale) if np.isfinite(scale) else height
    start = max(arrival - fall / (3.6 * speed) - rng.uniform(0.1, 1.0), 12.1)
    thickness = float(rng.uniform(12.0, 50.0))
    end = min(arrival + rng.uniform(0.4, 1.0) * thickness / (3.6 * speed) + 0.2, 19.9)
    return Slab(
        float(start), float(end), from_km, thickness, float(np.exp(rng.uniform(np.log(2.0), np.log(20.0)))), arrival,
        speed, scale, thinning=float(rng.uniform(0, 0.6)), edge_km=float(rng.uniform(0.7, 3.0)),
        edge_s=float(rng.uniform(30, 200)),
    )  # fmt: skip


def onset(slab: Slab) -> float:
    """Hour at which the lower edge first passes the top of the main layer."""
    hours = np.linspace(slab.arrival - 0.5, slab.arrival + 0.5, 3601)
    return float(hours[np.argmax(slab.lower(hours) <= LAYER_TOP_KM)])


def shown(slab: Slab) -> bool:
    """Whether the night shows the merge: the lower edge is seen to come down by 20 km at least."""
    first = max(slab.start, 12.2)
    return float(slab.lower(np.array(first))) > LAYER_TOP_KM + 20.0 and slab.arrival < min(slab.end, 19.8)


def merge_scene(rng: np.random.Generator) -> tuple[Scene, Slab]:
    """A descending cloud, in half of the nights a second one above it or direct stripes before it, and gaps."""
    slab = descending_slab(rng)
    while not shown(slab):
        slab = descending_slab(rng)
    smooth, stripes = filled(slab, rng, float(rng.choice([0.0, 0.4, 0.8])))
    layers, extra = [smooth], ()
    other = rng.random()
    if other < 0.3:
        high = float(rng.uniform(215.0, 240.0))
        second, more = filled(Slab(13.0, 18.0, high, 40.0, slab.density), rng, float(rng.choice([0.0, 0.5])))
        layers.append(second)
        extra = more
    elif other < 0.5:
        extra = direct_stripes(rng, float(rng.uniform(12.5, 18.5)))
    gaps: tuple = ()
    if rng.random() < 0.4:
        middle = float(rng.uniform(slab.start, slab.arrival - 0.15))
        gaps = ((middle, middle + float(rng.uniform(0.05, 0.4))),)
        if gaps[0][1] > slab.arrival - 0.1:
            gaps = ()
    after = Cloud(slab.arrival, 22.0, INSIDE_KM, 1.5, 10 * slab.density)
    scene = drawing.night_of(
        rng, layers=tuple(layers), stripes=stripes + extra, gaps=gaps, clouds=(after,) if rng.random() < 0.5 else ()
    )
    return scene, slab


def hidden_scene(rng: np.random.Generator) -> tuple[Scene, Slab]:
    """A slow merge of which direct stripes before it leave only the last 8 to 14 km of the descent."""
    slab = replace(descending_slab(rng), speed=float(rng.uniform(2.0, 6.0)), arrival=float(rng.uniform(16.5, 18.5)))
    left = float(rng.uniform(8.0, 14.0)) / (3.6 * slab.speed)
    slab = replace(slab, start=slab.arrival - left - 2.0, end=19.9, scale_km=np.inf)
    smooth, stripes = filled(slab, rng, float(rng.choice([0.0, 0.4, 0.8])))
    hours = np.arange(slab.start, slab.arrival - left - 0.3, 0.6)
    tall = sum((direct_stripes(rng, float(hour)) for hour in hours), ())
    return drawing.night_of(rng, layers=(smooth,), stripes=stripes + tall), slab


def direct_stripes(rng: np.random.Generator, hour: float) -> tuple[Stripe, ...]:
    """Tall stripes that reach the main layer, one after the other."""
    slowness = float(rng.uniform(0.8, 3.0) * rng.choice([-1, 1]))
    density = float(np.exp(rng.uniform(np.log(5.0), np.log(40.0))))
    return tuple(
        Stripe(
            hour + 0.05 * i + float(rng.uniform(0, 0.04)), 108.0, float(rng.uniform(200, 260)), slowness, density,
            float(rng.uniform(15, 45)), flare=float(rng.uniform(1, 4)),
        )
        for i in range(int(rng.integers(2, 12)))
    )  # fmt: skip


def still_slab(rng: np.random.Generator, kind: str) -> Slab:
    """A cloud that reaches no layer: it stays, rises, or comes down part of the way."""
    start, hours = float(rng.uniform(12.3, 15.5)), float(rng.uniform(1.0, 4.5))
    density, thickness = float(np.exp(rng.uniform(np.log(2), np.log(20)))), float(rng.uniform(12, 60))
    slab = Slab(start, start + hours, float(rng.uniform(150, 230)), thickness, density)
    if kind == "low":
        return replace(slab, altitude_km=float(rng.uniform(122, 140)))
    if kind == "rising":
        # Past 120 km upwards before it is seen.
        return replace(slab, stop_km=220.0, altitude_km=125.0, speed=-float(rng.uniform(3, 15)), arrival=start - 0.3)
    if kind == "halfway":
        return replace(slab, stop_km=float(rng.uniform(142, 160)), altitude_km=220.0,
                       speed=float(rng.uniform(4, 15)), arrival=start + hours)  # fmt: skip
    return slab


STILL = ("static", "low", "rising", "halfway", "direct", "busy")


def still_scene(rng: np.random.Generator, kind: str) -> Scene:
    """A night in which no cloud merges."""
    if kind == "busy":
        return drawing.busy_scene(rng)
    if kind == "direct":
        return drawing.night_of(rng, stripes=sum((direct_stripes(rng, h) for h in (13.0, 15.0, 17.5)), ()))
    smooth, stripes = filled(still_slab(rng, kind), rng, float(rng.choice([0.0, 0.4, 0.8])))
    extra = direct_stripes(rng, float(rng.uniform(13, 18))) if rng.random() < 0.3 else ()
    return drawing.night_of(rng, layers=(smooth,), stripes=stripes + extra)


def surroundings(rng: np.random.Generator, around: tuple[float, float]) -> dict:
    """What else a night may hold: tides of the layer, stripes that reach it, packs and clouds above, a gap.

    Half of the nights with stripes that reach the layer have them between the two hours of `around`.
    """
    stripes: list[Stripe] = []
    for _ in range(int(rng.choice([0, 0, 1, 2, 4]))):
        hours = around if rng.random() < 0.5 else (12.5, 19.0)
        stripes += direct_stripes(rng, float(rng.uniform(*hours)))
    if rng.random() < 0.3:
        stripes += drawing.pack(rng, (2.0, 40.0), int(rng.integers(1, 6)), float(rng.uniform(12.8, 18.8)))
    layers: tuple = ()
    if rng.random() < 0.25:
        second, more = filled(Slab(13.0, 18.0, float(rng.uniform(215, 240)), 40.0, 8.0), rng, 0.5)
        layers, stripes = (second,), stripes + list(more)
    gap = float(rng.uniform(12.5, 19.0))
    gaps = ((gap, gap + float(rng.uniform(0.05, 0.4))),) if rng.random() < 0.3 else ()
    layer = {"main_layer_km": float(rng.uniform(92, 103)), "main_layer_width_km": float(rng.uniform(3.5, 7)),
             "main_layer_tide_km": float(rng.uniform(0, 3))}  # fmt: skip
    return {"stripes": tuple(stripes), "layers": layers, "gaps": gaps, **layer}


def tidal_slab(rng: np.random.Generator) -> Slab:
    """A cloud that a tide brings down to the layer at 4 to 30 m/s: half of them from 130 to 150 km, thin or thick."""
    speed = float(np.exp(rng.uniform(np.log(4.0), np.log(30.0))))
    from_km = float(rng.uniform(130.0, 150.0) if rng.random() < 0.5 else rng.uniform(150.0, 230.0))
    scale = float(rng.choice([np.inf, np.inf, 80.0, 40.0]))
    height = from_km - LAYER_TOP_KM
    fall = (scale * np.log1p(height / scale) if np.isfinite(scale) else height) / (3.6 * speed)
    arrival = float(rng.uniform(13.0 + min(fall, 3.0), 19.0))
    thickness = float(np.exp(rng.uniform(np.log(5.0), np.log(50.0))))
    end = min(arrival + float(rng.uniform(0.4, 1.0)) * thickness / (3.6 * speed) + 0.15, 19.9)
    density = float(np.exp(rng.uniform(np.log(1.5), np.log(40.0))))
    return Slab(
        max(arrival - fall - float(rng.uniform(0, 1.0)), 12.05), end, from_km, thickness,
        density, arrival, speed, scale, float(rng.uniform(100.0, 118.0)),
        float(rng.uniform(0, 0.6)), float(rng.uniform(0.7, 3.0)), float(rng.uniform(30, 200)),
        float(rng.choice([0.0, rng.uniform(0.5, 2.0)])), float(rng.uniform(10.0, 40.0)),
    )  # fmt: skip


def tidal_scene(rng: np.random.Generator) -> tuple[Scene, Slab]:
    """A cloud that merges, among all that a night may hold."""
    slab = tidal_slab(rng)
    return _among(rng, slab, (slab.arrival - 1.0, slab.arrival + 0.3)), slab


def _among(rng: np.random.Generator, slab: Slab, around: tuple[float, float]) -> Scene:
    content = surroundings(rng, around)
    smooth, stripes = filled(slab, rng, float(rng.choice([0.0, 0.4, 0.8])))
    # Data are not missing while it arrives.
    gaps = tuple(g for g in content["gaps"] if g[1] < slab.arrival - 0.1 or g[0] > slab.arrival + 0.1)
    content |= {"stripes": content["stripes"] + stripes, "layers": (*content["layers"], smooth), "gaps": gaps}
    return drawing.night_of(rng, **content)


NO_MERGE = ("quiet", "sporadic", "still", "stops", "leaves", "passes", "stripes")


def no_merge_scene(rng: np.random.Generator, kind: str) -> Scene:
    """A night without a merge: nothing, or a cloud that stays above, stops short or leaves, among the same things."""
    if kind == "quiet":
        return drawing.night_of(rng, **surroundings(rng, (13.0, 18.0)) | {"stripes": (), "layers": ()})
    if kind == "sporadic":
        thin = Cloud(float(rng.uniform(12, 16)), float(rng.uniform(16, 20)), float(rng.uniform(112, 128)),
                     float(rng.uniform(0.5, 2.5)), float(np.exp(rng.uniform(np.log(5), np.log(300)))),
                     float(rng.uniform(-1, 4)))  # fmt: skip
        return drawing.night_of(rng, **surroundings(rng, (13.0, 18.0)), clouds=(thin,))
    if kind == "stripes":
        return drawing.night_of(rng, **surroundings(rng, (13.0, 18.0)))
    slab = tidal_slab(rng)
    if kind == "still":
        slab = replace(slab, speed=0.0, altitude_km=float(rng.uniform(125.0, 230.0)))
    elif kind == "stops":
        stop = float(rng.uniform(128.0, 165.0))
        slab = replace(slab, stop_km=stop, altitude_km=max(slab.altitude_km, stop + float(rng.uniform(0, 40))))
    elif kind == "leaves":
        # The wind takes it away while its lower edge is between 126 and 150 km.
        hours = np.linspace(slab.start, slab.arrival, 2000)
        gone = float(hours[np.argmin(np.abs(slab.lower(hours) - rng.uniform(126.0, 150.0)))])
        slab = replace(slab, end=gone, start=min(slab.start, gone - 0.3), edge_s=float(rng.uniform(30, 400)))
    elif kind == "passes":
        # In the beam for a while only, coming down all the time but never near the layer.
        slab = replace(slab, altitude_km=float(rng.uniform(180.0, 250.0)), stop_km=float(rng.uniform(150.0, 170.0)))
    return _among(rng, slab, (slab.arrival - 1.0, slab.arrival + 0.3))
