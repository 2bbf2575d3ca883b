"""Random scenes for the statistical checks: packs of stripes, clouds, quiet nights."""

from __future__ import annotations

import numpy as np

from tests.detect.scenes import Cloud, Scene, Stripe


def night_of(rng: np.random.Generator, **content) -> Scene:
    """A winter night of 8 h with the background of the sky drawn between 1 and 4 counts a bin."""
    return Scene(
        seed=int(rng.integers(2**31)),
        night="2021-01-10",
        background=float(np.exp(rng.uniform(np.log(1.0), np.log(4.0)))),
        background_wave=float(rng.uniform(0.05, 0.4)),
        transmission=float(rng.uniform(0.0, 0.25)),
        main_layer=float(np.exp(rng.uniform(np.log(20.0), np.log(300.0)))),
        **content,
    )


def slowness(rng: np.random.Generator) -> float:
    """dt/dz of a trail of 0.2 to 49 deg, most of them steep, at 40 to 100 m/s, of either sign (s/km)."""
    angle = (
        np.radians(np.exp(rng.uniform(np.log(0.2), np.log(49.0))))
        if rng.random() < 0.5
        else np.radians(rng.uniform(2.0, 12.0))
    )
    speed = rng.uniform(40.0, 100.0)
    return float(np.clip(1000.0 * np.tan(angle) / speed, 0, 55) * rng.choice([-1, 1]))


def pack(rng: np.random.Generator, density: tuple[float, float], number: int, hour: float, bend: float = 0.0):
    """Nearly parallel stripes, one to five minutes apart."""
    common, width = slowness(rng), rng.uniform(8.0, 40.0)
    out, time = [], hour
    for _ in range(number):
        bottom = rng.uniform(110.0, 190.0)
        top = min(bottom + rng.uniform(40.0, 140.0), 290.0)
        out.append(
            Stripe(
                time,
                bottom,
                top,
                common * (1 + 0.02 * rng.standard_normal()) + 0.03 * rng.standard_normal(),
                float(np.exp(rng.uniform(*np.log(density)))),
                width * float(np.exp(0.2 * rng.standard_normal())),
                curvature=bend * float(rng.choice([-1, 1])),
                widening=float(rng.uniform(0.0, 0.4)),
            )
        )
        time += float(rng.uniform(1.5, 6.0)) / 60.0
    return out


def busy_scene(rng: np.random.Generator, density: tuple[float, float] = (2.0, 40.0), bend: float = 0.0) -> Scene:
    """A night with 9 to 16 stripes in packs."""
    total, stripes = int(rng.integers(9, 17)), []
    while len(stripes) < total:
        number = min(int(rng.integers(1, 6)), total - len(stripes))
        stripes += pack(rng, density, number, float(rng.uniform(12.8, 19.0)), bend)
    return night_of(rng, stripes=tuple(stripes))


def crossing_scene(rng: np.random.Generator) -> Scene:
    """Pairs of stripes that cross at their middles with slopes of opposite sign."""
    stripes = []
    for hour in np.arange(13.0, 19.0, 1.2):
        density = float(np.exp(rng.uniform(*np.log((5.0, 20.0)))))
        p, middle = rng.uniform(1.5, 6.0), rng.uniform(170, 220)
        for sign in (-1, 1):
            stripes.append(Stripe(float(hour), middle - 50, middle + 50, float(sign * p), density, 20.0))
    return night_of(rng, stripes=tuple(stripes))


def pair_scene(rng: np.random.Generator, density: float, speed: float = 60.0) -> Scene:
    """The paper's two marked stripes: 5.82 and 5.32 deg, 110 to 260 km, half an hour apart."""
    stripes = []
    for hour, angle in ((14.5, 5.82), (15.0, 5.32)):
        p = -1000.0 * float(np.tan(np.radians(angle))) / speed
        stripes.append(Stripe(hour + float(rng.uniform(0, 0.1)), 110.0, 260.0, p, density, 20.0))
    return night_of(rng, stripes=tuple(stripes))


def quiet_scene(rng: np.random.Generator) -> Scene:
    """A night with the main layer, sporadic layers below 140 km, bursts, gaps; nothing above 150 km."""
    clouds = [
        Cloud(
            float(rng.uniform(12, 16)),
            float(rng.uniform(16, 20)),
            float(rng.uniform(100, 128)),
            float(rng.uniform(0.8, 3.0)),
            float(np.exp(rng.uniform(np.log(5), np.log(500)))),
            float(rng.uniform(-1, 4)),
        )
        for _ in range(int(rng.integers(0, 4)))
    ]
    start = float(rng.uniform(13, 19))
    return night_of(
        rng,
        clouds=tuple(clouds),
        bursts=tuple((int(rng.integers(20, 800)), float(rng.uniform(0.5, 20))) for _ in range(rng.integers(0, 4))),
        gaps=((start, start + float(rng.uniform(0.05, 0.8))),) if rng.random() < 0.5 else (),
        misfires=tuple(int(i) for i in rng.integers(20, 700, int(rng.integers(0, 3)))),
    )


def cloud_scene(rng: np.random.Generator, density: float) -> Scene:
    """A night with one cloud above 150 km of a given peak density."""
    start = float(rng.uniform(12.5, 17.5))
    cloud = Cloud(
        start,
        start + float(rng.uniform(0.7, 2.0)),
        float(rng.uniform(175, 270)),
        float(rng.uniform(6, 20)),
        density,
        float(rng.uniform(-10, 20)),
    )
    return night_of(rng, clouds=(cloud,))
