"""Scenes of known truth: nights of photon counts made from the lidar equation and nothing of the detector.

A stripe is a filament: at each altitude a Gaussian in time, peak density n(z), full width at half maximum
w(z), centre t0 + p (z - z0) + q (z - z0)^2. Its light is averaged over each profile's accumulation time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from scipy.special import ndtr

FWHM = 2.3548200450309493
STATION_KM = 0.5
# 20 cm-3 at 250 km gives a single bin a signal-to-noise ratio of 1.5 on 2 background counts
# (s / sqrt(s + 2) = 1.5, s = 3.526).
CALIBRATION = 20.0 / ((250.0 - STATION_KM) ** 2 * 3.526)


@dataclass(frozen=True)
class Stripe:
    """One filament; times in hours UT of the night, the reference is its middle altitude."""

    hour: float
    bottom_km: float
    top_km: float
    slowness: float
    density: float
    width_s: float = 20.0
    curvature: float = 0.0
    widening: float = 0.0
    flare: float = 1.0

    def flare_at(self, altitude: np.ndarray) -> np.ndarray:
        """Factor of width and density: 1 above 130 km, growing smoothly to `flare` at 110 km."""
        return 1 + (self.flare - 1) * np.clip((130.0 - altitude) / 20.0, 0, 1)

    def centre_s(self, altitude: np.ndarray) -> np.ndarray:
        """Time of maximum at an altitude, s after 00 UT."""
        u = altitude - 0.5 * (self.bottom_km + self.top_km)
        # A flare is not even about its line: it lags by a fifth of what it widens.
        lag = 0.2 * self.width_s * (self.flare_at(altitude) - 1)
        return self.hour * 3600 + self.slowness * u + self.curvature * u**2 + lag

    def width_at(self, altitude: np.ndarray) -> np.ndarray:
        """Full width at half maximum (s) at an altitude; `widening` is the relative growth per 100 km down."""
        u = altitude - 0.5 * (self.bottom_km + self.top_km)
        return self.width_s * np.exp(-self.widening * u / 100.0) * self.flare_at(altitude)


@dataclass(frozen=True)
class Cloud:
    """A smooth layer: Gaussian in altitude, flat in time with soft ends, drifting at `descent` km per hour."""

    start: float
    end: float
    altitude_km: float
    thickness_km: float
    density: float
    descent: float = 0.0


@dataclass(frozen=True)
class Scene:
    """What a night holds."""

    seed: int = 1
    start: float = 12.0
    end: float = 20.0
    step_s: float = 33.3
    background: float = 2.0
    background_wave: float = 0.15
    top_km: float = 300.0
    stripes: tuple[Stripe, ...] = ()
    clouds: tuple[Cloud, ...] = ()
    bursts: tuple[tuple[int, float], ...] = ()
    misfires: tuple[int, ...] = ()
    gaps: tuple[tuple[float, float], ...] = ()
    main_layer: float = 100.0
    main_layer_km: float = 94.0
    main_layer_width_km: float = 4.0
    main_layer_tide_km: float = 0.0
    steps: tuple[tuple[float, float, float], ...] = ()
    # Density (cm-3) of anything else from time (s after 00 UT) and altitude (km), as two broadcastable arrays.
    layers: tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], ...] = ()
    night: str = "2021-05-10"
    transmission: float = 0.1
    offset: float = 0.0
    extra: dict = field(default_factory=dict)


def altitudes(scene: Scene) -> np.ndarray:
    """Bin centres, 96 m apart."""
    return 70.0 + 0.096 * np.arange(round((scene.top_km - 70.0) / 0.096)) + 0.048 + scene.offset


def times(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Middles of the profiles, s after 00 UT, with jitter of the axis and the gaps left out."""
    out = np.arange(scene.start * 3600, scene.end * 3600, scene.step_s)
    out = out + rng.uniform(-0.3, 0.3, out.size)
    for first, last in scene.gaps:
        out = out[(out < first * 3600) | (out > last * 3600)]
    return out


def add_stripe(density: np.ndarray, time: np.ndarray, altitude: np.ndarray, step: float, stripe: Stripe) -> None:
    """Add a filament's density, averaged over the accumulation, in place."""
    rows = np.flatnonzero((altitude >= stripe.bottom_km) & (altitude <= stripe.top_km))
    if not rows.size:
        return
    z = altitude[rows]
    centre, sigma = stripe.centre_s(z), stripe.width_at(z) / FWHM
    reach = 6 * sigma.max() + step
    near = np.flatnonzero((time > centre.min() - reach) & (time < centre.max() + reach))
    if not near.size:
        return
    edge = time[near][:, None] - centre[None, :]
    share = ndtr((edge + step / 2) / sigma) - ndtr((edge - step / 2) / sigma)
    peak = stripe.density * stripe.flare_at(z)
    density[np.ix_(near, rows)] += peak * share * sigma * np.sqrt(2 * np.pi) / step


def add_cloud(density: np.ndarray, time: np.ndarray, altitude: np.ndarray, cloud: Cloud) -> None:
    """Add a smooth layer in place."""
    hour = time / 3600
    envelope = 1 / (1 + np.exp(-(hour - cloud.start) / 0.05)) / (1 + np.exp((hour - cloud.end) / 0.05))
    middle = cloud.altitude_km - cloud.descent * (hour - cloud.start)
    shape = np.exp(-0.5 * ((altitude[None, :] - middle[:, None]) / cloud.thickness_km) ** 2)
    density += cloud.density * envelope[:, None] * shape


def true_density(scene: Scene, time: np.ndarray, altitude: np.ndarray) -> np.ndarray:
    """Density of the whole scene, cm-3, dims (time, altitude)."""
    centre = scene.main_layer_km + scene.main_layer_tide_km * np.sin(2 * np.pi * time / (6 * 3600.0))
    density = scene.main_layer * np.exp(
        -0.5 * ((altitude[None, :] - centre[:, None]) / scene.main_layer_width_km) ** 2
    )
    for cloud in scene.clouds:
        add_cloud(density, time, altitude, cloud)
    for layer in scene.layers:
        density += layer(time[:, None], altitude[None, :])
    for stripe in scene.stripes:
        add_stripe(density, time, altitude, scene.step_s, stripe)
    return density


def background_rate(scene: Scene, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Background counts in a bin, slow waves of the sky over the night."""
    phase = rng.uniform(0, 2 * np.pi, 3)
    hour = time / 3600
    wave = sum(np.sin(2 * np.pi * hour / period + phase[i]) for i, period in enumerate((7.0, 2.3, 0.8)))
    return scene.background * np.exp(scene.background_wave * wave / 3)


def make_night(scene: Scene) -> xr.Dataset:
    """A night of counts as the ingest writes it."""
    rng = np.random.default_rng(scene.seed)
    time, altitude = times(scene, rng), altitudes(scene)
    density = true_density(scene, time, altitude)
    rate = background_rate(scene, time, rng)
    for index, level in ((i, x) for i, x in scene.bursts if i < time.size):
        rate[index] += level
    for first, last, factor in scene.steps:
        rate[(time > first * 3600) & (time < last * 3600)] *= factor
    efficiency = np.exp(scene.transmission * np.sin(2 * np.pi * time / 5400 + rng.uniform(0, 6)))
    calibration = CALIBRATION / efficiency
    signal = density / (calibration[:, None] * (altitude[None, :] - STATION_KM) ** 2)
    mean = signal + rate[:, None]
    for index in scene.misfires:
        mean[index] = 0.1 * rate[index]
    counts = rng.poisson(mean).astype("uint16")
    above = rng.poisson(rate * 208) / 208.0
    return as_dataset(scene, time, altitude, counts, above, np.sqrt(above / 208.0), calibration)


def as_dataset(scene, time, altitude, counts, above, above_error, calibration) -> xr.Dataset:
    """The contract's dataset."""
    origin = np.datetime64(scene.night, "ns")
    return xr.Dataset(
        {
            "photon_counts": (("time", "altitude"), counts),
            "background_counts": ("time", above.astype("float32")),
            "background_counts_error": ("time", above_error.astype("float32")),
            "calibration_factor": ("time", calibration.astype("float32")),
            "integration_time": ("time", np.full(time.size, scene.step_s, "float32")),
        },
        coords={"time": origin + (time * 1e9).astype("timedelta64[ns]"), "altitude": altitude},
        attrs={
            "night": scene.night,
            "quantity": "photon_counts",
            "negatives": "kept",
            "species": "Ca+",
            "station_latitude": 40.4,
            "station_longitude": 116.0,
            "station_altitude_km": STATION_KM,
            "decisions": "{}",
        },
    )


def as_density(night: xr.Dataset, negatives: str = "kept", error: bool = False) -> xr.Dataset:
    """The same night as number density, with the negative half kept, lost as NaN or lost as 0."""
    reach = (night["altitude"] - night.attrs["station_altitude_km"]) ** 2
    density = night["calibration_factor"] * reach * (night["photon_counts"] - night["background_counts"])
    density = density.transpose("time", "altitude").astype("float32")
    spread = night["calibration_factor"] * reach * np.sqrt(night["photon_counts"].clip(min=1))
    if negatives != "kept":
        density = density.where(density >= 0, np.nan if negatives == "lost_nan" else 0.0)
    out = xr.Dataset({"ca_ion_number_density": density, "integration_time": night["integration_time"]})
    if error:
        out["ca_ion_number_density_error"] = spread.transpose("time", "altitude").astype("float32")
    out.attrs = {**night.attrs, "quantity": "number_density", "negatives": negatives}
    return out
