"""The same sky shifted, cut or written in another way gives the same answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from metalclouds import io
from metalclouds.detect import batch
from metalclouds.detect.night import detect_night
from metalclouds.detect.settings import DetectSettings
from tests.detect import scenes, scoring
from tests.detect.scenes import Scene, Stripe

SETTINGS = DetectSettings()
SCENE = Scene(
    seed=31, night="2021-01-10", start=13.0, end=17.0,
    stripes=(Stripe(14.0, 125.0, 240.0, -1.7, 20.0), Stripe(15.0, 140.0, 250.0, 3.0, 10.0)),
)  # fmt: skip
LOST = ["kept", "lost_nan", "lost_zero"]


@pytest.fixture(scope="module")
def night() -> xr.Dataset:
    return scenes.make_night(SCENE)


@pytest.fixture(scope="module")
def reference(night):
    return detect_night(night, SETTINGS)


def test_shift_in_time(night, reference):
    shift = np.timedelta64(40 * 60, "s")
    moved = detect_night(night.assign_coords(time=night["time"] + shift), SETTINGS)
    for end in ("time_bottom", "time_top"):
        step = (moved.stripes[end] - reference.stripes[end]).dt.total_seconds()
        assert step.to_numpy() == pytest.approx(2400.0, abs=1.0)
    same = ["slowness_s_per_km", "width_s", "peak_density_cm3", "bottom_km"]
    assert np.allclose(moved.stripes[same], reference.stripes[same], rtol=1e-6)


def test_shift_in_altitude(reference):
    # 14.4 km are 150 bins and ten rows; the same light would be fainter, so the density grows as range squared.
    up = tuple(
        replace(s, bottom_km=s.bottom_km + 14.4, top_km=s.top_km + 14.4, density=s.density * 1.15)
        for s in SCENE.stripes
    )
    moved = detect_night(scenes.make_night(replace(SCENE, stripes=up)), SETTINGS)
    assert len(moved.stripes) == len(reference.stripes)
    assert (moved.stripes["bottom_km"] - reference.stripes["bottom_km"]).to_numpy() == pytest.approx(14.4, abs=3.0)
    sigma = reference.stripes["slowness_sigma_s_per_km"].to_numpy()
    difference = (moved.stripes["slowness_s_per_km"] - reference.stripes["slowness_s_per_km"]).to_numpy()
    assert (np.abs(difference) < 5 * sigma).all()


def test_order_of_dimensions(night, reference):
    turned = detect_night(night.transpose("altitude", "time"), SETTINGS)
    pd.testing.assert_frame_equal(turned.stripes, reference.stripes)


def test_the_input_is_left_alone(night):
    before = night.copy(deep=True)
    detect_night(night, SETTINGS)
    xr.testing.assert_identical(night, before)


def test_twice_gives_the_same(night, reference):
    again = detect_night(night, SETTINGS)
    pd.testing.assert_frame_equal(again.stripes, reference.stripes)
    xr.testing.assert_identical(again.dataset, reference.dataset)


@pytest.mark.parametrize("negatives", LOST)
@pytest.mark.parametrize("error", [False, True])
def test_density_finds_the_same_stripes(night, negatives, error):
    found = detect_night(scenes.as_density(night, negatives, error), SETTINGS)
    score, false = scoring.score_night(SCENE, found.stripes)
    assert score["found"].all()
    assert false == 0
    assert (score["error"].abs() < 5 * score["bound"]).all()


@pytest.mark.parametrize("negatives", LOST)
def test_a_quiet_density_holds_nothing(negatives):
    quiet = scenes.make_night(Scene(seed=32, night="2021-01-10"))
    found = detect_night(scenes.as_density(quiet, negatives), SETTINGS)
    assert len(found.stripes) == 0
    assert not found.night["above_150"].iloc[0]


def test_missing_bins_and_profiles_create_nothing():
    density = scenes.as_density(scenes.make_night(Scene(seed=33, night="2021-01-10")))
    values = density["ca_ion_number_density"].values
    values[100:120] = np.nan
    values[:, 1500:1520] = np.nan
    values[300:330, 800:1200] = np.nan
    found = detect_night(density, SETTINGS)
    assert len(found.stripes) == len(found.events) == 0
    assert not found.night["above_150"].iloc[0]
    assert (found.dataset["mic_mask"].values[100:120] == 3).all()


def written(folder, scene: Scene) -> None:
    night = scenes.make_night(scene)
    night.attrs.update(io.provenance(title="t", source="s", synthetic=True, inputs={}))
    io.write_netcdf(folder / f"{scene.night}.nc", night)


def test_order_of_nights_and_number_of_workers(tmp_path):
    from metalclouds import parallel

    nights = [replace(SCENE, night=f"2021-01-{day}", seed=day, start=13.0, end=15.0) for day in (10, 11)]
    for scene in nights:
        written(tmp_path, scene)
    files = [tmp_path / f"{scene.night}.nc" for scene in nights]
    batch.run_batch(files, tmp_path / "one/batches/b.json", tmp_path / "one/b", SETTINGS)
    with parallel.client("threads", workers=2) as client:
        batch.run_batch(files[::-1], tmp_path / "two/batches/b.json", tmp_path / "two/b", SETTINGS, client)
    names = ["b/2021-01-10.nc", "b/2021-01-11.nc", *(f"batches/b.{t}.csv" for t in batch.TABLES)]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
