"""Instrument, waves, truth and files of a physical night against closed forms, definitions and known skies."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat
from tests.ingest.papers import read_any

from metalclouds.errors import ConfigError
from metalclouds.twin import command
from metalclouds.twin.density import Axes
from metalclouds.twin.physical import atmosphere, dates, drift, field, files, geometry, instrument, night, truth
from metalclouds.twin.physical.puffs import Chain, packed
from metalclouds.twin.physical.sources import fronts, shower, sporadic
from metalclouds.twin.settings import TwinSettings
from metalclouds.twin.sky import wind

NIGHT = "2021-05-10"
COLUMNS = ["what", "snr", "p", "crlb", "width", "isolation", "bottom", "top", "z_mid", "t_mid", "peak", "bend", "age"]
COLUMNS += ["zenith", "azimuth"]


@pytest.fixture(scope="module")
def settings():
    return TwinSettings(seed=3)


@pytest.fixture(scope="module")
def air():
    return atmosphere.atmosphere(NIGHT, 1e5)


# Instrument


def test_lidar_equation_by_hand(settings):
    # 30 mJ x 499.5 shots of 5.05e-19 J; 1e6 m-3 x 5.28e-17 m2 sr-1 x 96 m x 1.13 m2 / (249.5 km)^2.
    photons = 0.030 * 499.5 / (6.626e-34 * 2.998e8 / 393.366e-9)
    expected = photons * 1e6 * 5.28e-17 * 96 * 1.13 / 249.5e3**2
    found = instrument.photons_per_density(np.array([250.0]), np.array([5.28e-17]), settings.lidar)
    assert found[0] == pytest.approx(expected, rel=1e-3)


def test_response_is_that_of_the_other_simulation(settings, air):
    # 20 cm-3 at 250 km: SNR 1.5 in a bin over a background of 2.
    section = air.at("scattering_m2_sr", np.array([250.0]))
    signal = (
        20
        * instrument.EFFICIENCY
        * 0.75
        * instrument.photons_per_density(np.array([250.0]), section, settings.lidar)[0]
    )
    assert signal / np.sqrt(signal + 2) == pytest.approx(1.5, rel=0.15)


def test_retrieval_by_rayleigh_scattering_gives_the_density_back(settings):
    """n = (z^2/z_R^2) (sigma_Ray/sigma_eff) N(z)/N(z_R) n_air(z_R), the published form of the retrieval."""
    rayleigh = instrument.photons_per_density(np.array([30.0]), np.array([2.0172e-31]), settings.lidar)[0] * 3.8e17
    signal = 17.0 * instrument.photons_per_density(np.array([210.0]), np.array([6e-17]), settings.lidar)[0]
    square = (209.5 / 29.5) ** 2
    assert square * (2.0172e-31 / 6e-17) * signal / rayleigh * 3.8e17 == pytest.approx(17.0)


@pytest.mark.parametrize(("altitude", "low_by"), [(120, 1.26), (150, 1.7), (250, 1.9)])
def test_one_cross_section_makes_the_density_low(air, altitude, low_by):
    assert 1.09e-16 / air.at("scattering_m2_sr", altitude) == pytest.approx(low_by, rel=0.06)


def test_counts_are_poisson_and_the_retrieval_gives_the_density(settings, air):
    lidar = settings.lidar
    axes = Axes(np.datetime64(f"{NIGHT}T10:00", "s"), 40.0 * np.arange(400), 33.3, np.array([]))
    flat = np.ones(400)
    state = instrument.InstrumentState(axes, 2.0 * flat, 0.8 * flat, flat, 0.1)
    bins = instrument.bins_km(lidar)
    density = np.where(bins < 150, 50.0, 0.0) * np.ones((400, 1))
    rng = np.random.default_rng(1)
    counts = instrument.observe(density, bins, state, air, lidar, rng)
    expected = 2 + 50 * 0.08 * instrument.photons_per_density(bins, air.at("scattering_m2_sr", bins), lidar)
    some = np.searchsorted(bins, 120.0)
    assert counts[:, some].mean() == pytest.approx(expected[some], abs=4 * np.sqrt(expected[some] / 400))
    assert counts[:, -300:].var() / counts[:, -300:].mean() == pytest.approx(1, abs=0.02)
    seen = instrument.retrieve(counts, bins, state, lidar, instrument.UPPER_WINDOW_KM, rng)
    assert seen.altitude_km[-1] < 300 < bins[-1]
    low = np.searchsorted(bins, (84.0, 90.0))
    signal = seen.counts[:, slice(*low)] - seen.background_counts[:, None]
    found = seen.calibration[:, None] * (bins[slice(*low)] - 0.5) ** 2 * signal
    # The one cross-section is that of 200 K; at 190 K it is 2.5 % larger.
    assert found.mean() == pytest.approx(50.0, rel=0.05)
    assert found.mean(axis=1).std() / found.mean() == pytest.approx(0.03, rel=0.25)


def test_cloud_in_the_window_is_subtracted_from_its_own_profile(settings, air):
    lidar = settings.lidar
    axes = Axes(np.datetime64(f"{NIGHT}T10:00", "s"), 40.0 * np.arange(60), 33.3, np.array([]))
    flat = np.ones(60)
    state = instrument.InstrumentState(axes, 2.0 * flat, flat, flat, 0.1)
    bins = instrument.bins_km(lidar)
    density = np.zeros((60, bins.size))
    density[20:40, bins > 260] = 30.0
    counts = instrument.observe(density, bins, state, air, lidar, np.random.default_rng(2))
    for window, dark in ((instrument.RECORD_TOP_WINDOWS_KM[0], True), (instrument.UPPER_WINDOW_KM, True)):
        seen = instrument.retrieve(counts, bins, state, lidar, window, np.random.default_rng(3))
        below = (seen.altitude_km > 180) & (seen.altitude_km < 240)
        signal = (seen.counts - seen.background_counts[:, None])[20:40][:, below].mean()
        assert (signal < -1) == dark


def test_failed_shots_and_weak_ones(settings):
    energy = instrument._energy(200_000, np.random.default_rng(1))
    assert (energy == 0).mean() == pytest.approx(instrument.ZERO_SHARE, rel=0.2)
    assert ((energy > 0) & (energy < 0.75)).mean() == pytest.approx(instrument.WEAK_SHARE, rel=0.2)
    assert energy[energy > 0.75].std() == pytest.approx(instrument.ENERGY_SCATTER, rel=0.05)


# Waves


def test_transport_keeps_ions_and_speed():
    n = np.exp(-0.5 * ((fronts.GRID_KM - 200) / 8) ** 2)
    before, moved = n.sum(), n.copy()
    for _ in range(600):
        fronts._advect(moved, np.full(n.size, -0.03), fronts.INNER_S / fronts.CELL_KM)
    assert moved.sum() == pytest.approx(before, rel=1e-9)
    # 1500 s at -30 m/s: 45 km down.
    assert (fronts.GRID_KM * moved).sum() / moved.sum() == pytest.approx(155, abs=0.1)


def test_diffusion_of_a_layer():
    """Variance grows by 2 D t."""
    n = np.exp(-0.5 * ((fronts.GRID_KM - 230) / 5) ** 2)
    for _ in range(60):
        fronts._diffuse(n, np.full(n.size, 0.1), fronts.OUTER_S / fronts.CELL_KM**2)
    variance = (n * (fronts.GRID_KM - 230) ** 2).sum() / n.sum()
    assert variance == pytest.approx(25 + 2 * 0.1 * 600, rel=0.01)


def test_convergence_against_diffusion():
    """w = -a (z - z0) with diffusion D: a Gaussian of variance D / a."""
    rate, diffusion = 1e-3, 0.04
    n = np.exp(-0.5 * ((fronts.GRID_KM - 220) / 20) ** 2)
    nothing = np.zeros(n.size)
    for _ in range(600):
        n = fronts.transported(n, -rate * (fronts.GRID_KM - 220), np.full(n.size, diffusion), nothing, 1e12)
    variance = (n * (fronts.GRID_KM - 220) ** 2).sum() / n.sum()
    assert variance == pytest.approx(diffusion / rate, rel=0.05)


def test_fronts_descend_with_the_phase(settings, monkeypatch):
    """dz/dt of a crest is -wavelength / period."""
    period, wavelength = 1800.0, 60.0
    train = fronts.Train(period, wavelength, 0.012, 190.0, 500.0, 20000.0, 16000.0, 0.2, 200.0, 60.0, 5.0, 5000.0)
    monkeypatch.setattr(fronts, "draw_train", lambda scene: train)
    monkeypatch.setattr(fronts, "TRAINS", (1, 1))
    winds = drift.steady_winds(0.0, 0.0)
    monkeypatch.setattr(night, "draw_winds", lambda rng: winds)
    found = [one for one in truth.ridges(night.simulate("fronts", NIGHT, settings), settings) if one.snr > 30]
    assert len(found) >= 5
    assert np.median([one.p for one in found]) == pytest.approx(-period / wavelength, rel=0.1)
    assert np.median(np.diff([one.t_mid for one in found])) == pytest.approx(period, rel=0.15)


# Truth


def known_sky(monkeypatch, settings, passes):
    """A night with straight trails of W = 1.5 km at 10 deg zenith angle, carried eastwards at 60 m/s."""
    altitude = np.arange(140.0, 260.0, 1.0)
    axis = geometry.direction(10.0, 90.0)
    covariance = np.tile(packed(0.5 * 1.5**2 * np.eye(3)), (altitude.size, 1))
    flow = np.broadcast_to([0.06, 0.0, 0.0], (205, 331, 3)).copy()
    still = np.zeros(331)
    monkeypatch.setattr(night, "drift_of", lambda winds, air: drift.IonDrift(-10800.0, 70.0, flow, still, still))

    def chains(scene):
        found = []
        for at in passes:
            middle = np.array([-0.06 * 1200, 0.0, 200.0])
            position = ((altitude - 200) / axis[2])[:, None] * axis + middle
            found.append(Chain("trail", at - 1200.0, position, covariance, np.full(120, 70.0), 10.0, 90.0))
        return found

    monkeypatch.setattr(shower, "chains", chains)
    return night.simulate("shower", NIGHT, settings)


def test_ridge_of_a_known_trail(settings, monkeypatch):
    (ridge,) = truth.ridges(known_sky(monkeypatch, settings, [16000.0]), settings)
    slowness = -np.tan(np.radians(10)) / 0.06
    assert ridge.p == pytest.approx(slowness, rel=0.01)
    assert ridge.t_mid == pytest.approx(16000 + slowness * (ridge.z_mid - 200), abs=5)
    # Full width across a trail that leans along the drift: W / cos b.
    assert ridge.width == pytest.approx(2 * np.sqrt(np.log(2)) * 1.5 / np.cos(np.radians(10)) / 0.06, rel=0.03)
    assert ridge.bottom == pytest.approx(140, abs=4)
    assert ridge.top == pytest.approx(259, abs=8)
    assert abs(ridge.bend) < 1e-3
    assert ridge.isolation == np.inf
    assert ridge.age == pytest.approx(ridge.t_mid - (16000 - 1200), abs=1)
    # q / (pi W^2) cos b per puff of 1 km / cos b.
    assert ridge.peak == pytest.approx(70 * np.cos(np.radians(10)) / (np.pi * 1.5**2), rel=0.03)


def test_two_trails_apart_and_together(settings, monkeypatch):
    apart = truth.ridges(known_sky(monkeypatch, settings, [16000.0, 16200.0]), settings)
    assert [one.isolation for one in apart] == pytest.approx(2 * [200 / apart[0].width], rel=0.05)
    together = truth.ridges(known_sky(monkeypatch, settings, [16000.0, 16010.0]), settings)
    assert len(together) == 1


def test_cloud_of_a_known_sky():
    km = field.SOURCE_ALTITUDE_KM
    time = 33.3 * np.arange(900)
    inside = ((time > 9000) & (time < 18000))[:, None] & ((km > 150) & (km < 220))[None, :]
    sky = SimpleNamespace(density=np.where(inside, 4.0, 0.01), axes=SimpleNamespace(middle_s=time))
    (cloud,) = truth.clouds(sky)
    assert (cloud.bottom, cloud.top) == pytest.approx((150, 220), abs=2)
    assert (cloud.start_s, cloud.end_s) == pytest.approx((9000, 18000), abs=300)
    assert cloud.lower_km == pytest.approx(150, abs=2)
    assert not cloud.reaches_layer.any()


def test_bound_of_the_slowness():
    """Equal weight w at each km of height: variance 1 / (w sum z^2), about the middle."""
    slope, noise = np.full((50, 41), 0.2), np.full((50, 41), 4.0)
    offset = np.arange(-20.0, 21.0)
    weight = 50 * 0.2**2 / 4.0
    assert truth.slowness_bound(slope, noise, offset) == pytest.approx((weight * (offset**2).sum()) ** -0.5)


def test_crest_and_width_of_a_gaussian():
    time = np.arange(0.0, 600.0, 16.0)
    crest, width = truth.crest_of(time, np.exp(-0.5 * ((time - 251.0) / 20) ** 2))
    assert crest == pytest.approx(251, abs=0.01)
    assert width == pytest.approx(2 * np.sqrt(2 * np.log(2)) * 20, rel=1e-3)


def test_mean_over_an_accumulation():
    """Of a straight rise: its value in the middle."""
    time = np.arange(0.0, 1000.0, 7.0)
    seen = field.Passage(time, np.tile((0.1 * time)[:, None], (1, 3)).astype(np.float32))
    start = np.array([101.3, 140.0, 500.0])
    rows, mean = field.accumulated(seen, start, 33.3)
    assert rows == slice(0, 3)
    assert mean[:, 1] == pytest.approx(0.1 * (start + 33.3 / 2), rel=1e-4)


# Campaign


def test_winds_of_the_interferometer_are_those_that_carry_the_ions(settings):
    scene_winds = drift.draw_winds(np.random.default_rng(5))
    scene_winds = drift.Winds(**{**scene_winds.__dict__, "waves": ()})
    sky = SimpleNamespace(night=NIGHT, winds=drift.emission_winds(scene_winds))
    hours = np.arange(11.0, 22.0)
    times = np.datetime64(NIGHT, "s") + (3600 * hours).astype("timedelta64[s]")
    for altitude in (87.0, 97.0, 250.0):
        carried = drift.neutral_wind(scene_winds, hours, np.array([altitude]))[:, 0]
        east, north, _ = wind(sky, times, altitude)
        assert carried[:, 0] == pytest.approx(east, abs=1.0)
        assert carried[:, 1] == pytest.approx(north, abs=1.0)


def test_radiant_moves_with_the_sky(settings, monkeypatch):
    """The angle of the radiant to the pole stays; its hour angle grows by 15.041 deg an hour."""
    monkeypatch.setattr(shower, "SCATTER_DEG", (0.0, 0.0))
    monkeypatch.setattr(shower, "STEEPEST_DEG", -1.0)
    monkeypatch.setattr(shower, "FLATTEST_DEG", 181.0)
    monkeypatch.setattr(shower, "births", lambda scene, rate, body, activity: [body(t) for t in (9000.0, 16200.0)])
    bodies = shower.chains(night.simulate("quiet", NIGHT, settings).scene)
    pole, east = geometry.direction(90 - 40.4, 0.0), geometry.horizontal(90.0)
    south = np.cross(east, pole)
    places = [geometry.direction(one.zenith_deg, one.azimuth_deg) for one in bodies]
    assert places[0] @ pole == pytest.approx(places[1] @ pole, abs=1e-6)
    hours = [np.degrees(np.arctan2(-place @ east, place @ south)) for place in places]
    assert (hours[1] - hours[0]) % 360 == pytest.approx(2 * 15.041, abs=0.01)


def test_apex_has_set_in_the_evening():
    """The apex lies 90 deg west of the sun: below the horizon at the beginning of the night, high at its end."""
    evening, morning = np.datetime64(f"{NIGHT}T12:30:00"), np.datetime64(f"{NIGHT}T20:30:00")
    heights = []
    for time in (evening, morning):
        place = geometry.equatorial_deg(geometry.solar_longitude_deg(time) + 270.0, 0.0)
        heights.append(90 - geometry.on_the_sky(*place, time)[0])
    assert heights[0] < -20 < 20 < heights[1]
    assert sum(share for *_, share in sporadic.SOURCES) == pytest.approx(1)


@pytest.fixture(scope="module")
def campaign(settings, tmp_path_factory):
    folders = {}
    for form in ("counts", "density"):
        out, known = tmp_path_factory.mktemp(form), tmp_path_factory.mktemp(f"{form}_truth")
        files.write("sheets", form, settings, [NIGHT, "2021-12-10"], (out, known))
        folders[form] = out, known
    return folders


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_same_bytes_again(campaign, settings, tmp_path):
    files.write("sheets", "density", settings, ["2021-12-10", NIGHT], (tmp_path / "r", tmp_path / "t"))
    assert digests(tmp_path / "r") == digests(campaign["density"][0])
    assert digests(tmp_path / "t") == digests(campaign["density"][1])


def test_other_seed_other_sky(settings):
    first, other = (night.simulate("sheets", NIGHT, settings.model_copy(update={"seed": s})) for s in (3, 4))
    assert first.scene.winds != other.scene.winds


def test_both_forms_show_the_same_sky(campaign):
    tables = [pd.read_csv(campaign[form][1] / "ridges.csv") for form in ("counts", "density")]
    assert tables[0].equals(tables[1])


def test_columns_of_the_truth(campaign):
    ridges = pd.read_csv(campaign["counts"][1] / "ridges.csv")
    assert [name for name in ridges if name not in ("night", "id")] == COLUMNS
    assert (ridges.what == "sheet").all()
    assert (ridges.top > ridges.bottom).all()
    assert (ridges.snr >= truth.LEAST_SNR).all()
    schema = json.loads((campaign["counts"][1] / "schema.json").read_text())
    for name, columns in schema.items():
        assert set(pd.read_csv(campaign["counts"][1] / f"{name}.csv", nrows=0)) == set(columns)


def test_record_says_that_it_is_synthetic_and_what_is_absent(campaign):
    for name in ("lidar", "fpi", "tec", "ionosonde"):
        listing = json.loads((campaign["counts"][0] / f"{name}.json").read_text())
        assert listing["synthetic"] is True
        assert bool(listing["files"]) == (name in ("lidar", "fpi"))


@pytest.mark.parametrize(("form", "quantity"), [("counts", "photon_counts"), ("density", "number_density")])
def test_ingest_reads_the_record(campaign, form, quantity):
    found = [one for path in sorted(campaign[form][0].glob("Ca_ion*.zip")) for one in read_any(path)]
    assert [one.attrs["night"] for one in found] == [NIGHT, "2021-12-10"]
    assert {one.attrs["quantity"] for one in found} == {quantity}
    winds = [one for path in sorted(campaign[form][0].glob("FPI*.zip")) for one in read_any(path)]
    assert len(winds) == 2


def test_negative_densities(campaign, settings):
    for path in campaign["density"][0].glob("Ca_ion*.zip"):
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            values = loadmat(io.BytesIO(archive.read(name)))["Ca_density"]
        date = f"{name[7:11]}-{name[11:13]}-{name[13:15]}"
        rule = files.negatives(settings, date)
        assert (values < 0).any() == (rule == "kept")
        assert np.isnan(values).any() == (rule == "lost_nan")


def test_command(tmp_path, capsys):
    import argparse

    parser = argparse.ArgumentParser()
    command.add_command(parser.add_subparsers())
    folders = ["--out", str(tmp_path / "r"), "--truth", str(tmp_path / "t")]
    options = parser.parse_args(["twin", "--explanation", "quiet", "--seed", "2", "--nights", "1", *folders])
    assert options.run(options) == 0
    nights = pd.read_csv(tmp_path / "t" / "nights.csv")
    assert nights.family.tolist() == ["build"]
    assert nights.ridges.tolist() == [0]
    assert "1 nights of quiet" in capsys.readouterr().out


def test_impossible_requests(settings, tmp_path):
    with pytest.raises(ConfigError, match="more nights than days"):
        dates.dates_of(settings.model_copy(update={"nights": 5000}))
    options = SimpleNamespace(
        out=tmp_path / "r", truth=tmp_path / "t", explanation=None, form="density", nights="1", seed=1, config=None
    )
    with pytest.raises(ConfigError, match="belongs to an explanation"):
        command._run(options)


def test_dates(settings):
    assert dates.dates_of(settings.model_copy(update={"nights": "cases"}))[-1] == "2022-01-16"
    some = dates.dates_of(settings.model_copy(update={"nights": 12}))
    assert len(set(some)) == 12
    assert some == sorted(some)
    assert some[0] >= "2020-06-01"
    assert some[-1] <= "2022-10-31"
