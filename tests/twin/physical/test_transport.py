"""Drift, spread and passage of chains of puffs against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from metalclouds.twin.physical import atmosphere, drift, field, geometry, puffs, truth
from metalclouds.twin.physical.puffs import Chain, packed
from metalclouds.twin.physical.scene import Scene
from metalclouds.twin.physical.sources import sheets, trails

NIGHT = "2021-05-10"
DIP, DECLINATION = np.radians(59.5), np.radians(-7.0)


@pytest.fixture(scope="module")
def air():
    return atmosphere.atmosphere(NIGHT, 1e5)


def even(velocity_km_s, along=0.0, across=0.0):
    """A drift that is the same at all times and altitudes."""
    velocity = np.broadcast_to(velocity_km_s, (205, 331, 3)).copy()
    flat = np.ones(331)
    return drift.IonDrift(-3 * 3600.0, 70.0, velocity, along * flat, across * flat)


def scene_of(flow, air, seed=1):
    return Scene(NIGHT, 7200.0, 36000.0, air, drift.steady_winds(0, 0), flow, np.random.default_rng(seed))


def straight(zenith, azimuth, place, radius=0.8, birth=10000.0, step=1.0):
    altitude = np.arange(120.0, 280.0, step)
    axis = geometry.direction(zenith, azimuth)
    position = ((altitude - 200) / axis[2])[:, None] * axis + np.array([*place, 200.0])
    covariance = np.tile(packed(0.5 * radius**2 * np.eye(3)), (altitude.size, 1))
    return Chain("trail", birth, position, covariance, np.full(altitude.size, 30.0 * step / axis[2]), zenith, azimuth)


def crest(chain, flow, last=20000.0, least=0.3):
    seen = puffs.passage(puffs.history(chain, flow, last), field.SOURCE_ALTITUDE_KM, 0.0, last)
    lit = np.nonzero(seen.density.max(axis=0) > least * seen.density.max())[0]
    times, widths = zip(*(truth.crest_of(seen.time_s, seen.density[:, j]) for j in lit), strict=True)
    return field.SOURCE_ALTITUDE_KM[lit], np.array(times), np.array(widths), seen.density[:, lit]


@pytest.mark.parametrize(("zenith", "azimuth", "angle"), [(6, 40, 0), (30, 200, 3), (45, 90, 177), (3, 0, 60)])
def test_slowness_of_a_filament(zenith, azimuth, angle):
    """p = -tan b cos D / v, v the drift and D its angle to the azimuth of the upper end (horizontal drift)."""
    speed = 0.06
    flow = even(speed * geometry.horizontal(azimuth + angle))
    altitude, time, _, _ = crest(
        straight(zenith, azimuth, -speed * 2000 * geometry.horizontal(azimuth + angle)[:2]), flow
    )
    expected = -np.tan(np.radians(zenith)) * np.cos(np.radians(angle)) / speed
    assert np.ptp(altitude) > 2
    assert np.polyfit(altitude, time, 1)[0] == pytest.approx(expected, rel=0.02, abs=0.02)
    assert np.interp(200, altitude, time) == pytest.approx(12000, abs=15)


def test_slowness_with_vertical_drift():
    """With a vertical drift w the drift counts as V - w tan b a (a the azimuth of the upper end)."""
    zenith, azimuth, speed, sinking = 35.0, 70.0, 0.05, -0.02
    away = geometry.horizontal(azimuth)
    flow = even(speed * away + np.array([0, 0, sinking]))
    altitude, time, _, _ = crest(straight(zenith, azimuth, -60.0 * away[:2]), flow)
    effective = speed - sinking * np.tan(np.radians(zenith))
    expected = -np.tan(np.radians(zenith)) / effective
    assert np.polyfit(altitude, time, 1)[0] == pytest.approx(expected, rel=0.01)


def test_width_of_a_filament_across_the_drift():
    """exp(-r^2/W^2) carried past at v: full width at half maximum 2 sqrt(ln 2) W / v."""
    flow = even(np.array([0.06, 0.0, 0.0]))
    _, _, width, _ = crest(straight(0.0, 0.0, (-120.0, 0.0), radius=2.0), flow)
    assert np.median(width) == pytest.approx(2 * np.sqrt(np.log(2)) * 2.0 / 0.06, rel=0.01)


@pytest.mark.parametrize("minutes", [10, 60])
def test_spread_across_by_diffusion(minutes):
    """W^2 = W0^2 + 4 D t."""
    diffusion = 1e-3  # 1000 m2/s
    flow = even(np.array([0.06, 0.0, 0.0]), diffusion, diffusion)
    chain = straight(0.0, 0.0, (-0.06 * 60 * minutes, 0.0), radius=0.5, birth=10000.0)
    _, time, width, _ = crest(chain, flow)
    expected = np.sqrt(0.5**2 + 4 * diffusion * 60 * minutes)
    assert np.median(time) == pytest.approx(10000 + 60 * minutes, rel=2e-3)
    assert np.median(width) == pytest.approx(2 * np.sqrt(np.log(2)) * expected / 0.06, rel=0.03)


def test_spread_along_the_field_keeps_the_width_across_it():
    """Diffusion along B alone: the variance along B grows by 2 D t, that across it does not."""
    chain = straight(0.0, 0.0, (0.0, 0.0), radius=1.0)
    past = puffs.history(chain, even(np.zeros(3), along=0.1), chain.birth_s + 600)
    xx, xy, xz, yy, yz, zz = past.covariance[-1, 50]
    spread = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    line = np.array([np.cos(DIP) * np.sin(DECLINATION), np.cos(DIP) * np.cos(DECLINATION), -np.sin(DIP)])
    steps = len(past.position) - 1
    assert line @ spread @ line == pytest.approx(0.5 + 2 * 0.1 * puffs.PUFF_STEP_S * steps)
    across = np.array([np.cos(DECLINATION), -np.sin(DECLINATION), 0.0])
    assert across @ spread @ across == pytest.approx(0.5)


@pytest.mark.parametrize(("zenith", "angle"), [(0.0, 0.0), (40.0, 90.0)])
def test_ions_are_conserved(zenith, angle):
    """Ions per length of the trail = time integral of n x speed across, over the whole breadth: here from the side.

    A trail that drifts across its own axis passes with int n dt = q / (sqrt(pi) W v) at the impact distance 0.
    """
    speed, radius = 0.06, 1.5
    flow = even(speed * geometry.horizontal(angle))
    chain = straight(zenith, 0.0, -150 * geometry.horizontal(angle)[:2], radius=radius)
    seen = puffs.passage(puffs.history(chain, flow, 20000.0), field.SOURCE_ALTITUDE_KM, 0.0, 20000.0)
    j = int(np.searchsorted(field.SOURCE_ALTITUDE_KM, 200.0))
    integral = seen.density[:, j].sum() * (seen.time_s[1] - seen.time_s[0])
    assert integral == pytest.approx(30.0 / (np.sqrt(np.pi) * radius * speed), rel=0.01)


def test_ions_are_conserved_through_shear_and_diffusion(air):
    """The field integrated over all space, by a beam at many places, holds the ions of the chain."""
    winds = drift.Winds(**{**drift.draw_winds(np.random.default_rng(3)).__dict__, "tide_m_s": 70.0})
    flow = drift.drift_of(winds, air)
    chain = straight(10.0, 50.0, (0.0, 0.0), radius=8.0)
    chain = replace(chain, ions=1e4 * chain.ions)  # so that no puff is left out as too thin
    past = puffs.history(chain, flow, chain.birth_s + 25000)  # so that none is left out as too far
    end, cell = np.array([past.birth_s + 1800]), 8.0
    altitude = np.arange(20.0, 380.0, 2.0)
    total = 0.0
    for x in np.arange(-220, 220, cell):
        for y in np.arange(-220, 220, cell):
            beam = np.zeros((1, altitude.size), dtype=np.float32)
            moved = past.position - np.array([x, y, 0.0])
            puffs._add(beam, end, altitude, past.birth_s, (moved, past.covariance, past.ions, past.last))
            total += float(beam.sum()) * 2.0 * cell**2
    assert total == pytest.approx(chain.ions.sum(), rel=0.01)


@pytest.mark.parametrize(("alpha", "velocity"), [(10, (60, 0, 0)), (-35, (40, -20, 15)), (50, (-30, 10, -25))])
def test_slowness_of_a_field_aligned_sheet(air, alpha, velocity, monkeypatch):
    """p = -cot I tan alpha / [V_e - (V_n + V_z cot I) tan alpha], magnetic axes, from n . (z k - V t) = 0.

    An even density along B: where it changes, the crest of a sheet of some thickness leans a little.
    """
    monkeypatch.setattr(sheets, "PATCHINESS", (0.0, 0.0))
    east = np.array([np.cos(DECLINATION), -np.sin(DECLINATION), 0.0])
    north = np.array([np.sin(DECLINATION), np.cos(DECLINATION), 0.0])
    v = 1e-3 * (velocity[0] * east + velocity[1] * north + velocity[2] * np.array([0, 0, 1.0]))
    flow = even(v)
    chain = sheets.sheet_chain(scene_of(flow, air), 15000.0, (130.0, 260.0), alpha, 2.0, 10.0)
    altitude, time, _, _ = crest(chain, flow, 40000.0, least=0.97)
    tangent, cotangent = np.tan(np.radians(alpha)), 1 / np.tan(DIP)
    expected = -cotangent * tangent / (velocity[0] - (velocity[1] + velocity[2] * cotangent) * tangent) * 1e3
    assert np.ptp(altitude) > 30
    assert np.polyfit(altitude, time, 1)[0] == pytest.approx(expected, rel=0.02)


def test_number_for_a_sheet():
    # alpha = 10 deg at 60 m/s eastward: -1.73 s/km.
    assert -np.tan(np.radians(10)) / np.tan(DIP) / 0.06 == pytest.approx(-1.73, abs=0.005)


def test_old_trail_is_a_sheet_of_its_axis_and_the_field(air):
    """After diffusion along B the crest lies in the plane of axis and B: p = N_z / (N . V), N = axis x B."""
    v = np.array([0.05, 0.01, 0.0])
    flow = even(v, along=0.2)
    chain = straight(25.0, 80.0, -0.05 * 4000 * np.array([1.0, 0.2]), radius=0.6)
    altitude, time, _, _ = crest(chain, flow, 30000.0)
    normal = np.cross(geometry.direction(25.0, 80.0), geometry.FIELD)
    assert np.polyfit(altitude, time, 1)[0] == pytest.approx(normal[2] / (normal @ v), rel=0.02)


def test_ion_drift_in_the_limits():
    """Free of collisions E x B across and the wind along B; stuck in the air the wind."""
    wind, electric = np.array([30.0, -20.0, 0.0]), 25.0 * geometry.MAGNETIC_EAST
    free = drift.ion_drift(wind, electric, np.array(1e6))
    along = (wind @ geometry.FIELD) * geometry.FIELD
    assert free == pytest.approx(electric + along, abs=1e-3)
    assert drift.ion_drift(wind, electric, np.array(1e-6)) == pytest.approx(wind, abs=1e-3)


def test_ion_drift_solves_the_equation_of_motion():
    """k (E/B + v x b) = v - U for any k: the balance of Lorentz force and friction."""
    wind = np.array([30.0, -20.0, 5.0])
    electric = 25.0 * geometry.MAGNETIC_EAST - 8.0 * geometry.UPWARD_ACROSS
    force = -np.cross(electric, geometry.FIELD)  # E / B = -V x b
    for k in (0.3, 1.0, 20.0):
        v = drift.ion_drift(wind, electric, np.array(k))
        assert v - wind == pytest.approx(k * (force + np.cross(v, geometry.FIELD)), abs=1e-9)


def test_northward_wind_moves_ions_along_the_field():
    # 0.26 U northward and -0.44 U upward (dip 59.5 deg).
    v = drift.ion_drift(100.0 * geometry.MAGNETIC_NORTH, np.zeros(3), np.array(1e4))
    assert v @ geometry.MAGNETIC_NORTH == pytest.approx(26, abs=0.5)
    assert v[2] == pytest.approx(-44, abs=0.5)


def test_numbers_of_the_air(air):
    """Ca+ is magnetised above 122 km, 440 at 250 km; 0.27 collisions per s and a free path of 1.6-2.3 km there."""
    assert air.at("magnetisation", 122.0) == pytest.approx(1, abs=0.15)
    assert air.at("magnetisation", 250.0) == pytest.approx(440, rel=0.15)
    assert air.at("collisions_s", 250.0) == pytest.approx(0.27, rel=0.15)
    assert 1.6 < air.at("mean_free_path_km", 250.0) < 2.3
    assert 6 < air.at("mean_free_path_km", 300.0) < 9


def test_initial_radius_grows_with_the_free_path(air):
    radius = trails.initial_radius_km(air, np.array([120.0, 250.0, 280.0]), 40.0, 2.0)
    assert (np.diff(radius) > 0).all()
    assert 3 < radius[1] < 5  # two free paths


def test_radiant_on_the_sky_by_an_independent_ephemeris():
    """Vega (279.23, 38.78) by astropy, without refraction; precession since 2000 is 0.3 deg."""
    from astropy.coordinates import AltAz, EarthLocation, SkyCoord
    from astropy.time import Time
    from astropy.utils import iers

    iers.conf.auto_download = False
    when = "2021-06-03T14:15:00"
    site = EarthLocation(lon=116.0, lat=40.4, height=500)
    place = SkyCoord(279.23, 38.78, unit="deg").transform_to(AltAz(obstime=Time(when), location=site))
    zenith, azimuth = geometry.on_the_sky(279.23, 38.78, np.datetime64(when))
    assert zenith == pytest.approx(90 - place.alt.deg, abs=0.4)
    assert azimuth == pytest.approx(place.az.deg, abs=0.6)
