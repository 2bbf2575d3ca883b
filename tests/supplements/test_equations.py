"""Each equation of the supplements by another way: a sum for a closed form, vectors, a table, another library."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import AltAz, EarthLocation, GeocentricTrueEcliptic, SkyCoord, get_sun
from astropy.time import Time
from astropy.utils import iers

from metalclouds.physics import escape, ions, meteoroid, sky
from metalclouds.physics.air import air_at
from metalclouds.supplements import content, review, season, showers, speed, supply, widening
from metalclouds.supplements.settings import SupplySettings
from metalclouds.supplements.stripes import FWHM_IN_RADII

SITE = EarthLocation(lat=40.4 * u.deg, lon=116.0 * u.deg, height=500 * u.m)


def test_ions_in_a_metre_are_the_sum_over_the_plane():
    """Point 1: n exp(-r^2 / W^2) summed over cells of 20 m."""
    axis = np.arange(-5000.0, 5000.1, 20.0)
    density = 20.0 * 1e6 * np.exp(-(axis[:, None] ** 2 + axis**2) / 1000.0**2)
    assert meteoroid.ions_per_metre(20.0, 1.0) == pytest.approx(density.sum() * 20.0**2, rel=1e-6)


def test_bodies_that_come_are_those_of_the_satellites_abstract():
    """Point 1: 5 kt a year and 10 Mt in 1000 years (Brown et al. 2002), with 3000 kg m-3 and 20.3 km/s."""

    def kilotons(size):
        return 0.5 * 3000.0 * np.pi / 6.0 * size**3 * 20300.0**2 / 4.184e12

    sizes = np.logspace(0.0, 2.5, 2000)
    a_year = meteoroid.a_year(sizes)
    assert kilotons(np.interp(0.0, -np.log(a_year), sizes)) == pytest.approx(5.0, rel=0.2)
    assert 1.0 / np.interp(1e4, kilotons(sizes), a_year) == pytest.approx(1000.0, rel=0.1)


def test_the_area_that_comes_gives_as_many_trails_as_were_seen():
    """Point 1: the flux of its size, times the area that drifts over the beam in a life, is the rate asked for."""
    settings = SupplySettings(life_hours=2.0, slant_deg=45.0)
    area = supply.area_that_comes(3.0, 50.0, settings)
    size = np.sqrt(4.0 * area / np.pi)
    # 50 m/s for 2 h are 360 km; 180 km of height, 120 to 300 km, at 45 degrees reach 180 km.
    trails = 3600.0 * meteoroid.flux_m2_s(size) * 360e3 * 180e3
    assert trails == pytest.approx(3.0, rel=0.01)


def trail_over_the_beam(zenith: float, turned: float) -> tuple[float, float]:
    """Width at half of exp(-r^2/W^2) over that of a vertical trail, and p v, of a trail that drifts east.

    Its axis leans from the vertical by `zenith`, at the angle `turned` from the drift (degrees).
    """
    z, d = np.radians([zenith, turned])
    axis = np.array([np.sin(z) * np.cos(d), np.sin(z) * np.sin(d), np.cos(z)])
    # A point of the beam, seen from the trail, moves against the drift; its distance from the axis is perpendicular.
    along = np.linspace(-10.0, 10.0, 20001)
    points = np.stack([along, 0.0 * along, 0.0 * along], axis=1)
    away = np.linalg.norm(np.cross(points, axis), axis=1)
    inside = along[np.exp(-(away**2)) >= 0.5]
    vertical = along[np.exp(-(along**2)) >= 0.5]
    return np.ptp(inside) / np.ptp(vertical), -np.tan(z) * np.cos(d)


@pytest.mark.parametrize(("zenith", "turned"), [(0.0, 0.0), (45.0, 0.0), (49.0, 180.0), (45.0, 60.0), (30.0, 90.0)])
def test_a_slanted_trail_looks_wider_by_no_more_than_is_taken_off(zenith, turned):
    """Point 1: in favour of trails the width is less by sqrt(1 + (p v)^2), exact for a trail along the drift."""
    wider, tangent = trail_over_the_beam(zenith, turned)
    stripes = pd.DataFrame({
        "night": ["2021-06-03"] * 2, "altitude_km": 200.0, "radius_km": [1.0, wider], "tangent": [0.0, tangent],
        "peak_density_cm3": 20.0, "width_s": 40.0, "width_sigma_s": 0.0,
    })  # fmt: skip
    vertical, slanted = supply.areas(stripes, SupplySettings())["area_least_m2"]
    assert slanted <= 1.002 * vertical
    if turned in (0.0, 180.0):
        assert slanted == pytest.approx(vertical, rel=2e-3)


def test_half_of_the_stripes_may_have_larger_bodies_than_the_median_one():
    """Point 1: of bodies drawn from the flux, as many as stripes, the median is what is called available."""
    settings, random = SupplySettings(), np.random.default_rng(12)
    least = np.sqrt(4.0 / np.pi * supply.area_that_comes(1000.0 / 500.0, 60.0, settings))
    sizes = np.logspace(np.log10(least), 1.0, 4000)
    share = meteoroid.flux_m2_s(sizes) / meteoroid.flux_m2_s(least)
    drawn = np.interp(-random.random(1000), -share, sizes)
    stripes = pd.DataFrame({"area_m2": np.ones(1000), "area_least_m2": 1.0, "speed_m_s": 60.0})
    available = supply.supply(stripes, 500.0, settings, 0.95)[2].value
    assert np.pi / 4.0 * np.median(drawn) ** 2 == pytest.approx(available, rel=0.1)


def test_a_width_of_unknown_error_is_not_taken_for_exact():
    stripes = pd.DataFrame({
        "night": ["2021-06-03"], "altitude_km": 200.0, "radius_km": 1.0, "tangent": 0.0, "peak_density_cm3": 20.0,
        "width_s": 40.0, "width_sigma_s": np.nan,
    })  # fmt: skip
    area = supply.areas(stripes, SupplySettings()).iloc[0]
    assert area["area_m2"] > 0.0
    assert np.isnan(area["area_least_m2"])
    profiles = pd.DataFrame({"night": "2021-06-03", "id": "1", "altitude_km": np.arange(140.0, 240.0, 10.0),
                             "width_s": 30.0, "width_sigma_s": np.nan})  # fmt: skip
    assert widening.slopes(profiles).empty


def test_a_tall_stripe_tells_how_far_its_trail_can_lean():
    """Point 2: of trails within a full width of the beam over 100 km, none leans farther than is allowed."""
    random, height, width = np.random.default_rng(3), 100.0, 6.0
    bent = random.uniform(-1.0, 1.0, (200_000, 2))
    start = random.uniform(-width, width, 200_000)
    # Drift is eastward: a trail leans by bent[:, 0] along it and by bent[:, 1] across it, km for each km of height.
    seen = (np.abs(start) <= width) & (np.abs(start + bent[:, 1] * height) <= width)
    stripes = pd.DataFrame({
        "tangent": [0.3], "tangent_sigma": 0.0, "radius_km": width / FWHM_IN_RADII, "top_km": 260.0,
        "bottom_km": 160.0, "time_utc": pd.to_datetime(["2021-05-10T14:30"]),
    })  # fmt: skip
    own = seen & (np.abs(bent[:, 0] - 0.3) < 0.01)
    farthest = np.degrees(np.arctan(np.hypot(*bent[own].T).max()))
    found = speed.limits(stripes, 49.0, 80.0)["speed_limit_km_s"].iloc[0]
    assert found == pytest.approx(
        float(speed.fastest_trail_km_s(np.datetime64("2021-05-10T14:30"), farthest)), rel=0.01
    )


def test_widening_of_a_fresh_trail_is_the_fall_of_the_air():
    """Point 3: where free path is 1 / (n sigma), its growth is the fall of NRLMSISE-00's density."""
    number = air_at([150.0, 250.0], "2021-06-03T16:00").number_m3
    air = pd.DataFrame({"altitude_km": [150.0, 250.0],
                        "free_path_long_km": ions.mean_free_path_km(number, 3.9e-19)})  # fmt: skip
    assert widening.expected(air) == pytest.approx(np.log(number[0] / number[1]))


@pytest.mark.parametrize(("when", "within"), [("2021-05-10T14:30", 20.0), ("2022-01-16T15:43", 49.0)])
def test_the_fastest_trail_by_all_radiants_of_the_sky(when, within):
    """Point 2: of all radiants whose trails, lifted by the Earth, lie near enough to the zenith, the fastest."""
    time = np.datetime64(when)
    ascension, declination = np.meshgrid(np.arange(0.0, 360.0, 0.5), np.arange(-60.0, 90.0, 0.5))
    zenith, _ = sky.horizontal(ascension, declination, time)
    up = zenith < 80.0
    apex = sky.equatorial_deg(sky.apex_longitude_deg(time) + sky.precession_deg(time), 0.0)
    bound = meteoroid.parabolic_speed_km_s(float(sky.distance_au(time)))
    elongation = sky.elongation_deg((ascension[up], declination[up]), apex)
    geocentric = meteoroid.geocentric_speed_km_s(elongation, sky.earth_speed_km_s(time), bound)
    trail = zenith[up] - sky.zenith_attraction_deg(zenith[up], geocentric)
    fastest = np.hypot(geocentric[trail <= within], 11.2).max()
    assert speed.fastest_trail_km_s(time, within) == pytest.approx(fastest, abs=0.2)


@pytest.mark.parametrize(
    ("zenith", "azimuth", "drift"), [(30.0, 40.0, 250.0), (55.0, 190.0, 170.0), (10.0, 300.0, 45.0)]
)
def test_slowness_of_a_trail_by_a_line_that_moves(zenith, azimuth, drift):
    """Point 5: when a line towards its radiant, carried by the wind, is over the lidar at two altitudes."""
    z, a, d = np.radians([zenith, azimuth, drift])
    line = np.array([np.sin(z) * np.sin(a), np.sin(z) * np.cos(a), np.cos(z)])
    wind = 0.06 * np.array([np.sin(d), np.cos(d)])
    times = []
    for altitude in (180.0, 220.0):
        start = line[:2] * altitude / line[2]
        # Nearest to the beam, as its stripe is brightest there.
        times.append(-(start @ wind) / (wind @ wind))
    expected = -np.tan(z) * np.cos(a - d) / 0.06
    assert (times[1] - times[0]) / 40.0 == pytest.approx(expected)


@pytest.mark.parametrize(
    ("mass", "neutral", "expected"),
    [(16.0, "N2", 6.82), (16.0, "O2", 6.64), (14.0, "N2", 7.47), (30.0, "N2", 4.34), (30.0, "O2", 4.27),
     (30.0, "O", 2.44), (32.0, "N2", 4.13), (32.0, "O", 2.31)],
)  # fmt: skip
def test_collisions_with_air_are_those_of_the_table(mass, neutral, expected):
    """Point 8: coefficients of Schunk and Nagy 2009, table 4.4, for ions that it lists (1e-10 cm3 s-1)."""
    one = {name: np.array(1e6 if name == neutral else 0.0) for name in ions.NEUTRALS}
    assert ions.neutral_collisions_s(one, mass) == pytest.approx(expected * 1e-10, rel=0.025)


@pytest.mark.parametrize(("mass", "expected"), [(1.0, 1.23), (4.0, 0.57), (16.0, 0.22)])
def test_collisions_with_oxygen_ions_are_those_of_the_table(mass, expected):
    """Point 8: B of H+, He+ and O+ with O+ (ibid., table 4.3)."""
    assert ions.coulomb_collisions_s(1.0, 1.0, mass) == pytest.approx(expected, rel=0.025)


def test_an_ion_circles_in_its_period():
    """Point 3: 70 km/s turned by v x B in 20000 small steps comes back after 2 pi / Omega, on a circle of 0.6 km."""
    charge_over_mass, field, steps = 1.602176634e-19 / (40.078 * 1.66053907e-27), 4.83e-5, 20_000
    step = 2.0 * np.pi / ions.gyrofrequency_s() / steps
    velocity, place = 70e3 + 0j, []
    for _ in range(steps):
        half = 0.5j * charge_over_mass * field * step
        velocity *= (1.0 + half) / (1.0 - half)
        place.append(velocity)
    way = np.cumsum(place) * step
    assert velocity.real == pytest.approx(70e3, rel=1e-6)
    assert np.ptp(way.imag) / 2.0 == pytest.approx(602.0, rel=0.005)


def test_diffusion_is_that_of_a_walk():
    """Point 8: ions that start anew with a thermal speed after free times of mean 1 / nu spread by 2 D t."""
    random, rate, steps = np.random.default_rng(2), 0.67, 400
    thermal = np.sqrt(1.380649e-23 * 900.0 / (40.078 * 1.66053907e-27))
    free = random.exponential(1.0 / rate, (4000, steps))
    way = (free * thermal * random.standard_normal((4000, steps))).sum(axis=1)
    spread = way.var() / (2.0 * steps / rate)
    assert spread == pytest.approx(float(ions.diffusion_along_m2_s(900.0, rate)), rel=0.08)


def test_metal_in_electrons_and_in_days():
    """Point 9: 20 cm-3 over 100 km are 2e-4 TECU of Ca+, 0.01 with all metals, 0.1 with calcium held back tenfold."""
    nights = pd.DataFrame({"night": ["2021-06-03"], "cloud_bottom_km": [150.0], "cloud_top_km": [250.0]})
    stripes = pd.DataFrame({"night": ["2021-06-03"], "peak_density_cm3": [20.0]})
    metal = content.columns(nights, stripes)
    assert metal["metal_tecu"].iloc[0] == pytest.approx(2e-4 * 52.0 * 10.0, rel=1e-6)
    # 1.04e15 ions of 35 u a square metre, over 5.1e14 m2: 31 t of metal, 77 t of meteorites; a tenth if calcium
    # is not held back.
    days = content.influx(metal)[0]
    assert (days.low, days.high) == pytest.approx((7.7 / 300.0, 77.0 / 5.0), rel=0.01)


def test_composition_of_meteorites():
    """Point 9: atoms per 1e6 Si of CI chondrites (Lodders 2003) and atomic masses give what is set down."""
    atoms = np.array([5.7e4, 1.03e6, 8.3e4, 1e6, 6.0e4, 8.5e5, 4.8e4])
    masses = np.array([22.99, 24.305, 26.98, 28.085, 40.078, 55.845, 58.69])
    assert atoms.sum() / 6.0e4 == pytest.approx(content.METALS_OVER_CALCIUM, rel=0.01)
    assert (atoms @ masses) / atoms.sum() == pytest.approx(content.METAL_MASS_U, rel=0.01)


def test_calcium_among_the_atoms_of_meteorites():
    """Point 1: weight per cent of CI chondrites (Lodders 2003) over atomic masses; usual is the share without H."""
    percent = {"H": 2.02, "C": 3.52, "N": 0.294, "O": 46.5, "Na": 0.501, "Mg": 9.61, "Al": 0.849, "Si": 10.68,
               "S": 5.41, "Ca": 0.922, "Fe": 18.43, "Ni": 1.07}  # fmt: skip
    mass = {"H": 1.008, "C": 12.011, "N": 14.007, "O": 15.999, "Na": 22.99, "Mg": 24.305, "Al": 26.98, "Si": 28.085,
            "S": 32.06, "Ca": 40.078, "Fe": 55.845, "Ni": 58.69}  # fmt: skip
    atoms = {name: share / mass[name] for name, share in percent.items()}
    least, usual, most = SupplySettings().calcium_share
    assert atoms["Ca"] / sum(atoms.values()) == pytest.approx(0.0035, rel=0.02)
    assert atoms["Ca"] / (sum(atoms.values()) - atoms["H"]) == pytest.approx(usual, rel=0.02)
    assert least < usual < most


@pytest.mark.parametrize("when", ["2021-01-15T12:00", "2021-05-10T14:30", "2021-08-20T19:00"])
def test_flux_of_sporadic_meteors_by_astropy_and_by_drawn_radiants(when, monkeypatch):
    """Point 10: where sources stand by astropy; the mean over a wide source by a hundred thousand draws."""
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("iers_degraded_accuracy", "warn"):
        time = Time(when)
        sun = get_sun(time).transform_to(GeocentricTrueEcliptic(equinox=time)).lon.deg
        cosines = []
        for away, latitude, _ in showers.SPORADIC.values():
            place = SkyCoord((sun + away) * u.deg, latitude * u.deg, frame=GeocentricTrueEcliptic(equinox=time))
            cosines.append(np.sin(place.transform_to(AltAz(obstime=time, location=SITE)).alt.rad))
    random = np.random.default_rng(3)
    drawn = np.maximum(np.array(cosines)[:, None] + season.WIDTH * random.standard_normal((5, 100_000)), 0.0)
    assert season.flux(np.datetime64(when)) == pytest.approx(season.BACKGROUND + drawn.mean(axis=1).sum(), rel=0.02)


def test_lifetimes_and_flows_beside_them():
    """Point 11: NO+ at 900 K lives 43 s among 1e5 electrons; Ca+ needs 0.04 m/s from 120 km up, and falls by 14."""
    assert ions.lifetime_s(escape.recombination_cm3_s("NO+", 900.0), 1e5) == pytest.approx(43.3, abs=0.1)
    calcium = ions.lifetime_s(escape.recombination_cm3_s("Ca+", 900.0), 1e5)
    assert escape.flow_needed_m_s(120.0, 500.0, calcium) == pytest.approx(380e3 / (118.0 * 86400.0), rel=0.01)
    air = pd.DataFrame({"altitude_km": [250.0], "temperature_K": [900.0], "fall_m_s": [9.22 / 0.67]})
    row = review.lifetimes(air).set_index("ion").loc["Ca+"]
    assert (row["lifetime_days"], row["fall_m_s"]) == pytest.approx((118.0, 13.8), rel=0.01)


def test_aberration_by_the_turning_earth():
    """Point 5: 0.354 km/s eastwards at 40.4 N against 30 km/s from the zenith: 0.63 degrees to the east."""
    zenith, azimuth = sky.apparent(0.0, 0.0, np.sqrt(30.0**2 - 11.2**2))
    assert (zenith, azimuth) == pytest.approx((np.degrees(np.arctan(0.3542 / 30.0)), 90.0), abs=0.01)
