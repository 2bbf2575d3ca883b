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
    x_drop: float | None = None,
    gyrofrequency: float = 1.45,
    flutter: float = 0.0,
    f_more: float = 0.0,
) -> np.ndarray:
    """An ionogram, dims (FREQUENCY, HEIGHT), dB.

    es: (foEs, height, lowest frequency) each; f_layer: (lowest frequency, foF2, height, thickness). With `x_drop`
    the extraordinary wave is in the picture too, this much weaker (dB), and reaches to the fx of Es. `flutter` is
    the scatter of Es from frequency to frequency, `f_more` the strength that the F trace has more than else (dB).
    """
    rng = np.random.default_rng(seed)
    power = rng.exponential(noise, (FREQUENCY.size, HEIGHT.size))
    lines = rng.random(FREQUENCY.size) < line_share
    power[lines] += 12.0  # steady transmitters, and as many that flicker
    flicker = np.roll(lines, 7)
    power[flicker] += rng.uniform(0.0, 25.0, (flicker.sum(), HEIGHT.size)) * (line_share > 0.03)
    for column, frequency in enumerate(FREQUENCY):
        for top, level, lowest in es:
            ordinary = 22.0 * (1.0 - 0.4 * frequency / top) if frequency <= top + 1e-6 else -np.inf
            strength = ordinary
            # X = 1 - Y at the reflection of the extraordinary wave: fx (fx - fH) = fo^2.
            if x_drop is not None and frequency * (frequency - gyrofrequency) <= top**2:
                other = 22.0 * (1.0 - 0.4 * min(frequency / top, 1.0)) - x_drop
                strength = 10.0 * np.log10(10.0 ** (ordinary / 10.0) + 10.0 ** (other / 10.0))
            if flutter:
                strength += rng.normal(0.0, flutter)
            if lowest <= frequency and strength > 0 and rng.random() > fading:
                for hop in (1, 2) if hops else (1,):
                    where = hop * (level + rng.normal(0.0, 0.6))
                    power[column] += strength / hop * np.exp(-(((HEIGHT - where) / 4.0) ** 2))
        if f_layer and f_layer[0] <= frequency < f_layer[1] and rng.random() > fading:
            lowest, critical, level, thickness = f_layer
            where = level - 35.0 * np.log(1.0 - frequency / critical)
            spread = np.abs(HEIGHT - where) <= thickness / 2
            power[column, spread] += rng.uniform(8.0, 20.0, spread.sum()) + f_more
    return np.where(power > 3, np.rint(power), 0).astype("uint8")
