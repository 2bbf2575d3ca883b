"""The ionogram scaler against drawn ionograms of known truth and against a real one that was read by eye."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from metalclouds.derive.es_cases import es_cases
from metalclouds.derive.es_settings import EsSettings
from metalclouds.derive.ionogram import ScaledIonogram, ordinary_top, scale_ionogram
from metalclouds.ingest.files import read_any
from tests.derive.ionogram_scenes import FREQUENCY, HEIGHT, draw

DATA = Path(__file__).parents[1] / "data" / "ionosonde"
READING = json.loads((DATA / "kirtland_reading.json").read_text())
STEP_MHZ = 0.05


@pytest.mark.parametrize("top", [1.6, 2.4, 3.45, 5.0, 7.25, 9.9])
@pytest.mark.parametrize("level", [97.0, 110.0, 123.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_foEs_within_one_step_and_height_within_one_bin(top: float, level: float, seed: int) -> None:
    scaled = scale_ionogram(
        draw([(top, level, 1.0)], (max(1.2, top - 1.0), 5.5, 240.0, 25.0), seed, fading=0.0),
        FREQUENCY,
        HEIGHT,
        EsSettings(),
    )
    assert scaled.status == "present"
    assert scaled.foEs == pytest.approx(top, abs=STEP_MHZ * 1.01)
    assert scaled.hEs == pytest.approx(level, abs=2.5)


def test_foEs_with_fading_is_rarely_more_than_two_steps_off() -> None:
    errors = []
    for seed in range(60):
        top = 2.0 + 0.05 * seed
        image = draw([(top, 108.0, 1.0)], (1.8, 6.0, 230.0, 25.0), 100 + seed, fading=0.2)
        errors.append(scale_ionogram(image, FREQUENCY, HEIGHT, EsSettings()).foEs - top)
    errors = np.array(errors)
    # each of the last two frequencies fades with probability 0.2, so 4 % are more than two steps low
    assert np.mean(np.abs(errors) < 1.01 * STEP_MHZ) > 0.85
    assert np.abs(np.median(errors)) < STEP_MHZ / 2


def test_no_es_is_absent_and_nothing_at_all_is_not_observed() -> None:
    for seed in range(20):
        scaled = scale_ionogram(draw([], (1.3, 5.0, 250.0, 25.0), seed), FREQUENCY, HEIGHT, EsSettings())
        assert scaled.status == "absent"
        assert np.isnan(scaled.foEs)
        assert not scaled.blanketing
    assert scale_ionogram(draw([], None, 3), FREQUENCY, HEIGHT, EsSettings()).status == "not_observed"


@pytest.mark.parametrize("level", [100.0, 110.0, 120.0])
def test_blanketing_is_seen_in_spite_of_second_hops(level: float) -> None:
    for seed in range(6):
        scaled = scale_ionogram(draw([(7.0, level, 1.0)], None, seed), FREQUENCY, HEIGHT, EsSettings())
        assert scaled.blanketing
        assert np.isnan(scaled.fbEs)


@pytest.mark.parametrize("lowest", [1.5, 2.5, 3.5])
def test_fbEs_is_the_lowest_frequency_of_the_f_trace(lowest: float) -> None:
    for seed in range(4):
        image = draw([(4.5, 105.0, 1.0)], (lowest, 6.5, 260.0, 25.0), seed, fading=0.0)
        scaled = scale_ionogram(image, FREQUENCY, HEIGHT, EsSettings())
        assert not scaled.blanketing
        assert scaled.fbEs == pytest.approx(lowest, abs=2 * STEP_MHZ)


@pytest.mark.parametrize("separation", [10.0, 14.0, 25.0])
def test_double_es_gives_the_upper_height(separation: float) -> None:
    for seed in range(5):
        image = draw([(5.0, 97.0, 1.0), (4.0, 97.0 + separation, 1.0)], (2.0, 6.0, 250.0, 25.0), seed)
        scaled = scale_ionogram(image, FREQUENCY, HEIGHT, EsSettings())
        assert scaled.double_es
        assert scaled.upper_hEs == pytest.approx(97.0 + separation, abs=2.6)


def test_single_es_is_not_double() -> None:
    found = [
        scale_ionogram(
            draw([(4.0 + 0.1 * seed, 105.0, 1.0)], (2.0, 6.0, 250.0, 25.0), seed), FREQUENCY, HEIGHT, EsSettings()
        ).double_es
        for seed in range(30)
    ]
    assert sum(found) <= 1


@pytest.mark.parametrize(
    ("thickness", "spread"), [(15.0, False), (20.0, False), (60.0, True), (100.0, True), (160.0, True)]
)
def test_spread_f_by_the_thickness_of_the_trace(thickness: float, spread: bool) -> None:
    scaled = scale_ionogram(draw([], (1.3, 5.0, 260.0, thickness), 7), FREQUENCY, HEIGHT, EsSettings())
    assert scaled.spread_f is spread
    assert scaled.f_trace_km == pytest.approx(thickness, abs=10.0)


def test_extraordinary_top_is_brought_down_to_the_ordinary() -> None:
    # fo = 5 MHz, fH = 1.4 MHz: fx solves fx^2 - fH fx - fo^2 = 0, so fx = 5.749 MHz (closed form by hand)
    settings = EsSettings(polarisation_separated=False, gyrofrequency_mhz=1.4)
    assert ordinary_top(5.748762, settings) == pytest.approx(5.0, abs=1e-4)


def kirtland() -> xr.Dataset:
    """The real ionogram as the pipeline ingests it."""
    return read_any(DATA / READING["file"])[0]


def reading(reader: str, name: str) -> tuple[float, float]:
    """Value and uncertainty of a reading by eye, readers A and B."""
    entry = (READING if reader == "A" else READING["reader_B"])[name]
    return entry["value"], entry["uncertainty"]


@pytest.mark.parametrize("reader", ["A", "B"])
def test_kirtland_from_file_to_table_agrees_with_the_readings_by_eye(reader: str) -> None:
    row = es_cases([kirtland()], EsSettings()).iloc[0]
    for name, bin_width in (("foEs_MHz", 0.0), ("hEs_km", 2.5)):
        value, uncertainty = reading(reader, name)
        assert row[name] == pytest.approx(value, abs=uncertainty + bin_width), name
    assert row["es_status"] == "present"
    assert not row["blanketing"]
    assert not row["double_es"]
    assert row["spread_f"] == "no"


def test_kirtland_foot_of_the_f_trace() -> None:
    night = kirtland()
    image = night["echo_amplitude"].isel(ionogram_time=0).transpose("frequency", "virtual_height").values
    scaled = scale_ionogram(image, night["frequency"].values, night["virtual_height"].values, EsSettings())
    value, uncertainty = reading("A", "fbEs_MHz")
    assert scaled.fbEs == pytest.approx(value, abs=uncertainty)


def test_kirtland_with_a_wrong_zero_of_height_gives_no_es_out_of_side_lobes() -> None:
    night = kirtland()
    image = night["echo_amplitude"].isel(ionogram_time=0).transpose("frequency", "virtual_height").values
    scaled = scale_ionogram(image, night["frequency"].values, night["virtual_height"].values + 39.0, EsSettings())
    assert scaled.status == "absent"


@pytest.mark.parametrize("level", [0.5, 1.2, 2.0])
@pytest.mark.parametrize("lines", [0.05, 0.25])
def test_interference_and_noise_make_no_es_and_hide_none(level: float, lines: float) -> None:
    errors = []
    for seed in range(10):
        f_layer = (1.5, 6.0, 240.0, 25.0)
        assert np.isnan(scaled_noisy([], f_layer, seed, level, lines).foEs)
        es = scaled_noisy([(4.0, 106.0, 1.0)], f_layer, seed, level, lines)
        assert not es.double_es
        errors.append(es.foEs - 4.0)
    # a line on the top frequency hides it: with a quarter of the frequencies lost, four in a row are rare
    assert np.abs(errors).max() < 4.01 * STEP_MHZ
    assert np.abs(np.median(errors)) < 1.01 * STEP_MHZ


def scaled_noisy(es: list, f_layer: tuple, seed: int, level: float, lines: float) -> ScaledIonogram:
    image = draw(es, f_layer, seed, fading=0.0, noise=level, line_share=lines)
    return scale_ionogram(image, FREQUENCY, HEIGHT, EsSettings())
