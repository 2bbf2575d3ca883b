"""Simulated ionograms: echo amplitude of the ordinary and the extraordinary wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metalclouds.twin.ionosonde_settings import SimulatedIonosondeSettings

# Bands in which broadcasters gather (MHz; ITU Radio Regulations, Article 5, rounded), and the share of lines in them.
BROADCAST_BANDS = ((1.0, 1.6), (3.9, 4.0), (5.9, 6.2), (7.2, 7.45), (9.4, 9.9), (11.6, 12.1), (13.55, 13.85))
BROADCAST_SHARE = 0.75
# Decibels that a gaussian pulse has lost one standard deviation from its middle.
DECIBEL_PER_SIGMA2 = 10 * np.log10(np.e) / 2
# Echoes are drawn to this many standard deviations of the pulse, and only below this share of a critical frequency,
# since the delay is infinite there.
PULSE_REACH = 3.5
CRITICAL_SHARE = 0.9995


@dataclass(frozen=True)
class EsLayer:
    """A sporadic-E layer: critical and blanketing frequency (MHz), virtual height (km)."""

    critical: float
    blanketing: float
    height: float


@dataclass(frozen=True)
class FLayer:
    """A parabolic F layer: critical frequency (MHz), bottom and half thickness (km), spread or not."""

    critical: float
    bottom: float
    half_thickness: float
    spread: bool


def frequencies(settings: SimulatedIonosondeSettings) -> np.ndarray:
    """Sounding frequencies (MHz).

    Returns
    -------
    ndarray
        MHz, dims (frequency,).
    """
    count = round((settings.last_mhz - settings.first_mhz) / settings.step_mhz) + 1
    return np.round(settings.first_mhz + settings.step_mhz * np.arange(count), 6)


def heights(settings: SimulatedIonosondeSettings) -> np.ndarray:
    """Virtual heights (km).

    Returns
    -------
    ndarray
        km, dims (virtual_height,).
    """
    count = round((settings.top_km - settings.bottom_km) / settings.height_step_km) + 1
    return np.round(settings.bottom_km + settings.height_step_km * np.arange(count), 6)


def virtual_height(frequency: np.ndarray, critical: float, bottom: float, half_thickness: float) -> np.ndarray:
    """Virtual height (km) of a parabolic layer without magnetic field.

    h' = h0 + (ym / 2) x ln((1 + x) / (1 - x)), x = f / fc (Davies 1990, Ionospheric Radio, eq. 4.28).
    NaN at and above the critical frequency.

    Parameters
    ----------
    frequency
        MHz, of any dims.
    critical
        MHz.
    bottom, half_thickness
        km.

    Returns
    -------
    ndarray
        km, dims of `frequency`.
    """
    x = np.asarray(frequency, dtype=float) / critical
    x = np.where((x > 0) & (x < CRITICAL_SHARE), x, np.nan)
    return bottom + half_thickness / 2 * x * np.log((1 + x) / (1 - x))


def ordinary_equivalent(frequency: np.ndarray, gyrofrequency: float) -> np.ndarray:
    """Frequency (MHz) of the ordinary wave that is reflected where the extraordinary wave of `frequency` is.

    Appleton-Hartree at reflection: fo^2 = fx (fx - fH); NaN below the gyrofrequency.

    Parameters
    ----------
    frequency
        MHz, of any dims.
    gyrofrequency
        MHz.

    Returns
    -------
    ndarray
        MHz, dims of `frequency`.
    """
    product = np.asarray(frequency, dtype=float) * (np.asarray(frequency, dtype=float) - gyrofrequency)
    return np.sqrt(np.where(product > 0, product, np.nan))


class Screen:
    """An ionogram of one polarisation under construction, dB, dims (frequency, virtual height)."""

    def __init__(self, settings: SimulatedIonosondeSettings, rng: np.random.Generator) -> None:
        self.settings, self.rng = settings, rng
        self.heights = heights(settings)
        self.amplitude = np.zeros((len(frequencies(settings)), len(self.heights)), dtype=np.float32)

    def trace(self, height: np.ndarray, amplitude: np.ndarray) -> None:
        """Add an echo at each frequency: virtual height (km, NaN for none) and amplitude (dB), with fading.

        Parameters
        ----------
        height
            km, dims (frequency,), NaN for no echo.
        amplitude
            dB, dims (frequency,).
        """
        settings = self.settings
        reach = int(PULSE_REACH * settings.pulse_km / settings.height_step_km) + 1
        rows = np.flatnonzero(np.isfinite(height) & (amplitude > 0))
        strength = amplitude[rows] + settings.fading_db * self.rng.standard_normal(len(rows))
        middle = np.round((height[rows] - settings.bottom_km) / settings.height_step_km).astype(int)
        cells = middle[:, None] + np.arange(-reach, reach + 1)
        inside = (cells >= 0) & (cells < len(self.heights))
        cells = np.clip(cells, 0, len(self.heights) - 1)
        distance = (self.heights[cells] - height[rows][:, None]) / settings.pulse_km
        values = strength[:, None] - DECIBEL_PER_SIGMA2 * distance**2
        np.maximum.at(self.amplitude, (rows[:, None], cells), np.where(inside, values, 0.0).astype(np.float32))

    def speckle(self) -> None:
        """Noise that passed the sounder's threshold, more of it at low frequencies."""
        cells = self.amplitude.size
        share = self.settings.speckle_share
        count = self.rng.poisson(share * cells)
        row = np.minimum(self.rng.exponential(0.45, count), 1.0) * (self.amplitude.shape[0] - 1)
        column = self.rng.integers(0, self.amplitude.shape[1], count)
        values = 1.0 + self.rng.exponential(1.4, count)
        np.maximum.at(self.amplitude, (row.astype(int), column), values.astype(np.float32))

    def line(self, row: int, level: float) -> None:
        """A transmitter: noise at all heights of one frequency, about `level` dB."""
        values = level + 2.5 * self.rng.standard_normal(self.amplitude.shape[1])
        values[self.rng.random(len(values)) < 0.35] = 0.0
        self.amplitude[row] = np.maximum(self.amplitude[row], values)

    def finished(self) -> np.ndarray:
        """Whole decibels, uint8; 0 where there is no echo.

        Returns
        -------
        ndarray
            dims (frequency, virtual_height).
        """
        return np.clip(np.rint(self.amplitude), 0, 255).astype(np.uint8)


def es_amplitude(
    settings: SimulatedIonosondeSettings, layer: EsLayer, frequency: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Amplitude (dB) of the first echo of a sporadic-E layer at equivalent ordinary frequencies.

    Full below the blanketing frequency, falling towards the critical frequency, patchy in between; the last two
    frequencies always echo, so that the critical frequency is the end of the trace. 0 where there is none.

    Parameters
    ----------
    frequency
        MHz, dims (frequency,).

    Returns
    -------
    ndarray
        dB, dims (frequency,).
    """
    step = settings.step_mhz
    echo = (frequency >= settings.foes_limit_mhz) & (frequency <= layer.critical + 1e-6)
    span = max(layer.critical - layer.blanketing, step)
    above = np.clip((frequency - layer.blanketing) / span, 0.0, 1.0)
    patchy = (above > 0) & (rng.random(len(frequency)) < settings.patchy_share)
    last = frequency > layer.critical - 1.6 * step
    amplitude = settings.es_amplitude_db - settings.es_fall_db * above
    return np.where(echo & (~patchy | last), amplitude, 0.0)


def _draw_es(screen: Screen, layers: Sequence[EsLayer], frequency: np.ndarray, loss: float) -> None:
    """Sporadic-E layers with their hops; an upper layer shows above the blanketing frequency of those below."""
    covered = 0.0
    settings = screen.settings
    for layer in sorted(layers, key=lambda one: one.height):
        amplitude = es_amplitude(settings, layer, frequency, screen.rng) - loss
        amplitude = np.where(frequency > covered, amplitude, 0.0)
        opaque = np.where(frequency <= layer.blanketing, 0.0, 8.0)
        for hop in range(1, 5):
            weaker = amplitude - (hop - 1) * (settings.hop_loss_db + opaque)
            height = np.where(weaker > 4.0, hop * layer.height, np.nan)
            screen.trace(height, weaker)
        covered = max(covered, layer.blanketing)


def _draw_f(screen: Screen, layer: FLayer, covered: float, frequency: np.ndarray, loss: float) -> None:
    """The F trace above the blanketing frequency, with a second hop; many scattered traces under spread F."""
    settings, rng = screen.settings, screen.rng
    count = settings.spread_traces if layer.spread else 1
    for number in range(count):
        offset = abs(rng.normal(0, settings.spread_f_km)) if number else 0.0
        critical = layer.critical * (1 + (rng.normal(0, 0.025) if number else 0.0))
        height = virtual_height(frequency, critical, layer.bottom + offset, layer.half_thickness)
        height = np.where((frequency > covered) & (frequency >= settings.foes_limit_mhz), height, np.nan)
        if number:
            height[rng.random(len(height)) < 0.6] = np.nan
        amplitude = settings.f_amplitude_db - loss - 0.03 * (height - layer.bottom) - (6.0 if number else 0.0)
        screen.trace(height, np.nan_to_num(amplitude))
        second = np.nan_to_num(amplitude) - settings.hop_loss_db - 4.0
        screen.trace(np.where(second > 4.0, 2 * height, np.nan), second)


def lines(settings: SimulatedIonosondeSettings, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Frequency index and level (dB) of a night's transmitters, most of them in the broadcast bands.

    Returns
    -------
    tuple
        index and level, dims (line,) each.
    """
    count = settings.interference_lines
    band = np.array(BROADCAST_BANDS)[rng.integers(0, len(BROADCAST_BANDS), count)]
    anywhere = rng.uniform(settings.first_mhz, settings.last_mhz, count)
    value = np.where(rng.random(count) < BROADCAST_SHARE, rng.uniform(band[:, 0], band[:, 1]), anywhere)
    rows = np.rint((value - settings.first_mhz) / settings.step_mhz).astype(int)
    return np.clip(rows, 0, len(frequencies(settings)) - 1), rng.uniform(4.0, 12.0, count)


def draw(
    settings: SimulatedIonosondeSettings,
    es: Sequence[EsLayer],
    f_layer: FLayer,
    transmitters: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """One sounding.

    Parameters
    ----------
    es
        sporadic-E layers, none for an empty sequence.
    transmitters
        frequency index and level (dB) of the lines of interference.

    Returns
    -------
    ordinary, extraordinary
        uint8, dB, dims (frequency, virtual height).
    """
    covered = max((layer.blanketing for layer in es), default=0.0)
    frequency = frequencies(settings)
    images = []
    for loss, equivalent in ((0.0, frequency), (5.0, ordinary_equivalent(frequency, settings.gyrofrequency_mhz))):
        screen = Screen(settings, rng)
        _draw_es(screen, es, equivalent, loss)
        _draw_f(screen, f_layer, covered, equivalent, loss)
        screen.speckle()
        for row, level in zip(*transmitters, strict=True):
            if rng.random() < 0.8:
                screen.line(int(row), float(level))
        images.append(screen.finished())
    return images[0], images[1]
