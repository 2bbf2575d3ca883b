"""Drawn ionograms of known truth, for tests."""

from __future__ import annotations

import numpy as np

FREQUENCY = np.round(np.arange(1.0, 14.0, 0.05), 2)
HEIGHT = np.arange(80.0, 1360.1, 2.5)


def draw(
    es: list[tuple[float, float, float]],
    f_layer: tuple[float, float, float, float] | None,
    seed: int,
    *,
    hops: bool = True,
    fading: float = 0.1,
    noise: float = 1.2,
    line_share: float = 0.03,
) -> np.ndarray:
    """An ionogram, dims (FREQUENCY, HEIGHT), dB.

    es: (foEs, height, lowest frequency) each; f_layer: (lowest frequency, foF2, height, thickness).
    """
    rng = np.random.default_rng(seed)
    power = rng.exponential(noise, (FREQUENCY.size, HEIGHT.size))
    lines = rng.random(FREQUENCY.size) < line_share
    power[lines] += 12.0  # steady transmitters, and as many that flicker
    flicker = np.roll(lines, 7)
    power[flicker] += rng.uniform(0.0, 25.0, (flicker.sum(), HEIGHT.size)) * (line_share > 0.03)
    for column, frequency in enumerate(FREQUENCY):
        for top, level, lowest in es:
            if lowest <= frequency <= top + 1e-6 and rng.random() > fading:
                strength = 22.0 * (1.0 - 0.4 * frequency / top)
                for hop in (1, 2) if hops else (1,):
                    where = hop * (level + rng.normal(0.0, 0.6))
                    power[column] += strength / hop * np.exp(-(((HEIGHT - where) / 4.0) ** 2))
        if f_layer and f_layer[0] <= frequency < f_layer[1] and rng.random() > fading:
            lowest, critical, level, thickness = f_layer
            where = level - 35.0 * np.log(1.0 - frequency / critical)
            spread = np.abs(HEIGHT - where) <= thickness / 2
            power[column, spread] += rng.uniform(8.0, 20.0, spread.sum())
    return np.where(power > 3, np.rint(power), 0).astype("uint8")
