"""Read sporadic E off an ionogram: foEs, h'Es, fbEs, blanketing, double Es and spread F.

The rules follow the URSI handbook of ionogram interpretation (Piggott & Rawer 1972, UAG-23, chapter 4): foEs
is the top frequency of the mainly continuous Es trace of the ordinary wave, h'Es the lowest virtual height of
that trace, fbEs the lowest frequency at which a layer above is seen through it.

An echo's height is where it is strongest, interpolated between the range gates: a pulse that is compressed by
correlation has its delay there. (The handbook's leading edge applies to plain pulses, whose delay is counted from
their start.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter, uniform_filter1d
from scipy.signal import find_peaks

from metalclouds.derive.es_settings import EsSettings

Array = NDArray[np.floating]
# Amplitudes are whole decibels.
ROUNDING_DB = 1.0


@dataclass(frozen=True)
class Trace:
    """Echoes of one layer: the strongest height at each sounded frequency, MHz and km."""

    frequency: Array
    height: Array

    @property
    def top(self) -> float:
        """Highest frequency, MHz."""
        return float(self.frequency[-1])

    def lowest_height(self, support_mhz: float) -> float:
        """Lowest virtual height, km, of the running median over a stretch, so that no stray echo decides it."""
        reach = support_mhz / 2 + 1e-9
        near = np.abs(self.frequency[:, None] - self.frequency) <= reach
        # at its ends a trace has half a stretch only, where two echoes could decide
        whole = near.sum(axis=1) > near.sum(axis=1).max() / 2
        return float(min(np.median(self.height[one]) for one in near[whole]))


@dataclass(frozen=True)
class ScaledIonogram:
    """What an ionogram shows.

    Frequencies in MHz, heights in km; NaN where there is nothing to read. `status` is present, absent (no Es,
    but the sounder heard something) or not_observed (no echo of any layer). `blanketing` is true where Es is
    strong and no trace above is seen; `foF2` is the top of the F trace; `spread_f` is None without an F trace.
    """

    status: str
    foEs: float
    hEs: float
    fbEs: float
    blanketing: bool
    double_es: bool
    upper_hEs: float
    spread_f: bool | None
    f_trace_km: float
    foF2: float


def scale_ionogram(amplitude: Array, frequency: Array, height: Array, settings: EsSettings) -> ScaledIonogram:
    """Scale one ionogram.

    Parameters
    ----------
    amplitude
        echo amplitude, dims (frequency, height), dB above the noise, 0 where there is no echo.
    frequency, height
        sounding frequencies (MHz) and virtual heights (km), both increasing.
    settings
        thresholds; `polarisation_separated` says whether the amplitude holds the ordinary wave only.
    """
    excess, deviation = over_noise(amplitude)
    traces = e_region_traces(excess, deviation, frequency, height, settings)
    seen = f_region_echoes(excess, deviation, frequency, height, traces, settings)
    columns = longest_run(
        frequency, np.asarray(seen.any(axis=1)), settings.trace_gap_mhz, settings.f_trace_minimum_mhz
    )
    thickness = f_trace_thickness(seen, columns, height)
    top = _top(traces[0], excess, frequency, height, settings) if traces else np.nan
    return _assemble(traces, top, frequency[columns], thickness, settings)


def _assemble(
    traces: list[Trace], top: float, f_trace: Array, thickness: float, settings: EsSettings
) -> ScaledIonogram:
    """Put the readings of the traces together."""
    has_f = f_trace.size > 0
    heights = [trace.lowest_height(settings.trace_support_mhz) for trace in traces]
    double = len(traces) > 1
    return ScaledIonogram(
        status="present" if traces else "absent" if has_f else "not_observed",
        foEs=top,
        hEs=heights[0] if traces else np.nan,
        fbEs=float(f_trace[0]) if has_f and traces else np.nan,
        blanketing=bool(traces) and not has_f and top >= settings.blanketing_minimum_mhz,
        double_es=double,
        upper_hEs=max(heights) if double else np.nan,
        spread_f=bool(thickness > settings.spread_f_km) if has_f else None,
        f_trace_km=thickness,
        foF2=float(f_trace[-1]) if has_f else np.nan,
    )


def over_noise(amplitude: Array) -> tuple[Array, Array]:
    """Amplitude over the noise of its frequency, and that noise's standard deviation, dB.

    Noise is the median over heights, its standard deviation 1.4826 times the median absolute deviation: a
    transmitter raises and scatters all heights of a frequency, a layer only a few.
    """
    values = np.asarray(amplitude, dtype=float)
    excess = values - np.median(values, axis=1, keepdims=True)
    return excess, 1.4826 * np.median(np.abs(excess), axis=1)


def echo_limit(excess: Array, deviation: Array, threshold: float, settings: EsSettings) -> Array:
    """What an echo must exceed at each frequency, dB; infinite where echoes crowd the heights (interference)."""
    crowded = np.mean(excess > threshold, axis=1) > settings.crowded_share
    return np.where(crowded, np.inf, np.maximum(threshold, settings.echo_sigma * deviation))


def _top(trace: Trace, excess: Array, frequency: Array, height: Array, settings: EsSettings) -> float:
    """foEs of a trace: its top or, where both waves are in the ionogram, where the ordinary one ends in it."""
    if settings.polarisation_separated:
        return trace.top
    # frequencies at which the trace fades belong to it too: without them the weaker wave looks stronger than it is
    rows = np.flatnonzero((frequency >= trace.frequency[0] - 1e-6) & (frequency <= trace.top + 1e-6))
    level = np.interp(frequency[rows], trace.frequency, trace.height)
    bins = np.abs(height[None, :] - level[:, None]).argmin(axis=1)
    smooth = uniform_filter1d(excess, 3, axis=1, mode="nearest")
    return end_of_ordinary(frequency[rows], smooth[rows, bins], settings)


def end_of_ordinary(frequency: Array, amplitude: Array, settings: EsSettings) -> float:
    """Frequency above which a trace holds the extraordinary wave only, MHz; its top where there is no such place.

    Two equal waves leave 3 dB less where one of them ends, more where the other was weaker. Amplitude is fitted by
    a straight line that ends in a step down to a level, within a gyrofrequency of where the ordinary wave would end
    if the whole extraordinary one was seen; the step counts if it is large and four times its standard error.
    """
    lowest = ordinary_top(float(frequency[-1]), settings)
    near = frequency > lowest - settings.gyrofrequency_mhz
    x, y = frequency[near], amplitude[near]
    places = [f for f in x[2:-3] if f >= lowest - settings.trace_support_mhz / 2]
    steps = [_step(x, y, float(place)) for place in places]
    found = [(misfit, place) for place, (step, error, misfit) in zip(places, steps, strict=True)
             if step >= max(settings.wave_step_db, 4 * error)]  # fmt: skip
    return float(min(found)[1]) if found else float(frequency[-1])


def _step(x: Array, y: Array, place: float) -> tuple[float, float, float]:
    """Step down where a straight line ends at a place, its standard error, and the sum of squared residuals."""
    design = np.stack([np.ones_like(x), np.minimum(x, place) - place, -(x > place).astype(float)], axis=1)
    inverse = np.linalg.pinv(design.T @ design)
    solution = inverse @ design.T @ y
    misfit = float(np.sum((y - design @ solution) ** 2))
    variance = max(misfit / max(x.size - 3, 1), ROUNDING_DB**2 / 12)
    return float(solution[2]), float(np.sqrt(variance * inverse[2, 2])), misfit


def ordinary_top(top: float, settings: EsSettings) -> float:
    """Top frequency (MHz) of the ordinary wave where the trace ends with the extraordinary one.

    Where both waves are seen whole the top is fxEs, and fo^2 = fx (fx - fH) with the electron gyrofrequency
    fH (reflection conditions X = 1 and X = 1 - Y; Piggott & Rawer 1972, section 1.05).
    """
    if settings.polarisation_separated or top <= settings.gyrofrequency_mhz:
        return top
    return float(np.sqrt(top * (top - settings.gyrofrequency_mhz)))


# ---- traces of the E region ------------------------------------------------------------------------------


def e_region_traces(
    excess: Array, deviation: Array, frequency: Array, height: Array, settings: EsSettings
) -> list[Trace]:
    """Traces between the E-region heights: the one with the highest top first, then others well apart."""
    smooth = uniform_filter1d(excess, 3, axis=1, mode="nearest")
    limit = echo_limit(excess, deviation, settings.echo_threshold_db, settings)
    # what is far weaker than the strongest echo of its frequency may be a side lobe of it
    strong = _peaks(
        smooth, np.maximum(limit, smooth.max(axis=1) - settings.side_lobe_db), frequency, height, settings
    )
    weak = _peaks(
        smooth, echo_limit(excess, deviation, settings.trace_threshold_db, settings), frequency, height, settings
    )
    # a trace may always step by one bin of height, however coarse the bins are
    reach = max(settings.trace_height_km, 1.5 * float(np.median(np.diff(height))))
    step = float(np.median(np.diff(frequency)))
    traces = []
    for found in _linked(strong, reach, settings.trace_gap_mhz):
        if _trimmed(found, frequency, settings).frequency.size * step >= settings.trace_minimum_mhz:
            whole = _completed(found, weak, reach, settings.trace_gap_mhz)
            traces.append(_trimmed(whole, frequency, settings))
    return _well_apart(sorted(traces, key=lambda trace: -trace.top), settings)


def _peaks(
    smooth: Array, least: Array, frequency: Array, height: Array, settings: EsSettings
) -> list[tuple[float, Array]]:
    """Heights of the E-region echoes at each frequency: local maxima in height of the smoothed amplitude."""
    inside = (height >= settings.e_region_bottom_km) & (height <= settings.e_region_top_km)
    padded = np.pad(smooth, ((0, 0), (1, 1)), constant_values=-np.inf)
    step = float(np.median(np.diff(height)))
    found = []
    for column, value in enumerate(frequency):
        index = find_peaks(padded[column], height=least[column])[0] - 1
        index = index[inside[index]]
        found.append((float(value), height[index] + step * _vertex(padded[column], index + 1)))
    return found


def _vertex(values: Array, index: NDArray[np.intp]) -> Array:
    """Where between the bins a maximum lies, by a parabola through three of them: -1/2 to 1/2 of a bin."""
    before, at, after = (np.maximum(values[index + shift], 0.0) for shift in (-1, 0, 1))
    curvature = before - 2 * at + after
    return np.where(curvature < 0, 0.5 * (before - after) / np.minimum(curvature, -1e-12), 0.0)


def _linked(peaks: list[tuple[float, Array]], reach: float, gap: float) -> list[Trace]:
    """Link echoes of neighbouring frequencies (at most `gap` MHz) at nearly the same height (`reach` km)."""
    open_traces: list[list[tuple[float, float]]] = []
    closed: list[list[tuple[float, float]]] = []
    for frequency, heights in peaks:
        for trace in list(open_traces):
            if frequency - trace[-1][0] > gap:
                open_traces.remove(trace)
                closed.append(trace)
        _extend(open_traces, frequency, heights, reach)
    return [Trace(*np.array(trace).T) for trace in closed + open_traces]


def _extend(traces: list[list[tuple[float, float]]], frequency: float, heights: Array, reach: float) -> None:
    """Give each echo to the nearest trace within reach, the longest trace choosing first; begin new ones."""
    left = list(heights)
    for trace in sorted(traces, key=len, reverse=True):
        level = np.median([height for _, height in trace[-5:]])
        near = [height for height in left if abs(height - level) <= reach]
        if near:
            chosen = min(near, key=lambda height: abs(height - level))
            trace.append((frequency, float(chosen)))
            left.remove(chosen)
    traces.extend([(frequency, float(height))] for height in left)


def _completed(trace: Trace, weak: list[tuple[float, Array]], reach: float, gap: float) -> Trace:
    """Add weak echoes at the height of a trace, from its lowest frequency up: where it is, is known.

    So a trace is followed into fades and to its end, where it weakens, and past the foot of a strong F trace.
    """
    points = dict(zip(trace.frequency.tolist(), trace.height.tolist(), strict=True))
    done: list[tuple[float, float]] = []
    for frequency, heights in weak:
        if frequency < trace.frequency[0]:
            continue
        if frequency in points:
            done.append((frequency, points[frequency]))
            continue
        if frequency - done[-1][0] > gap:
            break
        away = np.abs(heights - np.median([height for _, height in done[-5:]]))
        if away.size and away.min() <= reach:
            done.append((frequency, float(heights[away.argmin()])))
    return Trace(*np.array(done).T)


def _trimmed(trace: Trace, sounded: Array, settings: EsSettings) -> Trace:
    """Cut stray echoes off the upper end: at least half of the last frequencies of a trace echo."""
    keep = trace.frequency.size
    while keep > 1:
        top = trace.frequency[keep - 1]
        low = top - settings.trace_support_mhz
        offered = np.count_nonzero((sounded > low) & (sounded <= top))
        if 2 * np.count_nonzero(trace.frequency[:keep] > low) >= offered:
            break
        keep -= 1
    return Trace(trace.frequency[:keep], trace.height[:keep])


def _well_apart(traces: list[Trace], settings: EsSettings) -> list[Trace]:
    """Keep the first trace, and of the others those separated in height from all that are kept."""
    kept: list[Trace] = []
    for trace in traces:
        level = float(np.median(trace.height))
        if all(abs(level - float(np.median(k.height))) >= settings.double_separation_km for k in kept):
            kept.append(trace)
    return kept


# ---- the F region ----------------------------------------------------------------------------------------


def f_region_echoes(
    excess: Array, deviation: Array, frequency: Array, height: Array, traces: list[Trace], settings: EsSettings
) -> NDArray[np.bool_]:
    """Cells with an echo of the F region, dims (frequency, height): no specks, no second hops of Es.

    Parameters
    ----------
    excess, deviation
        amplitude over the noise and its spread at each frequency, dB, dims (frequency, height) and (frequency,).
    frequency, height
        MHz and virtual km, dims (frequency,) and (height,).
    traces
        those of Es, whose second hops are left out.

    Returns
    -------
    ndarray
        bool, dims (frequency, height).
    """
    echo = excess > echo_limit(excess, deviation, settings.f_threshold_db, settings)[:, None]
    crowd = uniform_filter(echo.astype(float), size=3, mode="constant") * 9
    echo &= crowd >= settings.speckle_cells
    echo &= (height >= settings.f_region_bottom_km) & (height <= settings.f_region_top_km)
    hops = np.zeros_like(echo)
    for trace in traces:
        hops |= _hops(trace, frequency, height, settings)
    return echo & ~hops


def _hops(trace: Trace, frequency: Array, height: Array, settings: EsSettings) -> NDArray[np.bool_]:
    """Cells where echoes that went up and down several times to the Es layer lie."""
    level = float(np.median(trace.height))
    number = np.maximum(np.rint(height / level), 2.0)
    near = np.abs(height - number * level) <= settings.hop_tolerance_km * number
    below = frequency <= trace.top + settings.trace_gap_mhz
    return below[:, None] & near[None, :]


def longest_run(frequency: Array, seen: NDArray[np.bool_], gap: float, minimum: float) -> NDArray[np.intp]:
    """Indices of the longest run of frequencies, gaps up to `gap` MHz bridged; none below `minimum` MHz.

    Parameters
    ----------
    frequency
        MHz, dims (frequency,).
    seen
        bool, dims (frequency,).

    Returns
    -------
    ndarray
        indices of frequencies, dims (run,).
    """
    index = np.flatnonzero(seen)
    if index.size == 0:
        return index
    breaks = np.flatnonzero(np.diff(frequency[index]) > gap) + 1
    runs = np.split(index, breaks)
    best = max(runs, key=len)
    step = float(np.median(np.diff(frequency)))
    return best if best.size * step >= minimum else best[:0]


def f_trace_thickness(seen: NDArray[np.bool_], columns: NDArray[np.intp], height: Array) -> float:
    """Median thickness of the F trace over the lower half of its frequencies, below the cusp, km.

    From the lowest to the highest echo of a frequency, the second hop (beyond 1.9 times the lowest) left out.

    Parameters
    ----------
    seen
        cells with an echo, dims (frequency, height).
    columns
        indices of the frequencies of the trace.
    height
        virtual km, dims (height,).
    """
    lower = columns[: max(columns.size // 2, 1)]
    lower = lower[seen[lower].any(axis=1)]
    if lower.size == 0:
        return float("nan")
    bottom = height[seen[lower].argmax(axis=1)]
    first_hop = seen[lower] & (height[None, :] < 1.9 * np.median(bottom))
    extents = [np.ptp(height[column]) for column in first_hop if column.any()]
    return float(np.median(extents) + np.median(np.diff(height)))
