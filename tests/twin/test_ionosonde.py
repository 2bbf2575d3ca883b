"""Simulated Digisonde: virtual heights against closed forms, table and ionograms against the scenario."""

from __future__ import annotations

import io
import json
import zipfile

import netCDF4
import numpy as np
import pandas as pd
import pytest

from metalclouds.twin import ionogram, ionosonde
from metalclouds.twin.ionogram import EsLayer, FLayer
from metalclouds.twin.ionosonde_settings import SimulatedIonosondeSettings
from metalclouds.twin.randomness import generator
from metalclouds.twin.scenario import campaign
from metalclouds.twin.settings import TruthChanges, TwinSettings

CLEAN = SimulatedIonosondeSettings(
    missing_share=0, scaling_slip=0, fading_db=0, speckle_share=0, interference_lines=0, patchy_share=0
)
NO_LINES = (np.empty(0, dtype=int), np.empty(0))
F_LAYER = FLayer(critical=6.0, bottom=250.0, half_thickness=80.0, spread=False)


@pytest.fixture(scope="module")
def settings():
    return TwinSettings(nights="cases", ionosonde=CLEAN)


@pytest.fixture(scope="module")
def nights(settings):
    return {night.listed_as: night for night in campaign(settings)}


def parsed(text):
    table = pd.read_csv(io.StringIO(text), comment="#", na_values=[9999.0])
    return table.rename(columns=lambda name: name.split("(")[0])


def echoes(image, frequency, low, high):
    """Whether there is an echo at a frequency between two heights."""
    f, h = ionogram.frequencies(CLEAN), ionogram.heights(CLEAN)
    rows = image[np.argmin(abs(f - frequency))]
    return bool((rows[(h >= low) & (h <= high)] > 8).any())


def test_axes_are_those_of_the_paper():
    f, h = ionogram.frequencies(CLEAN), ionogram.heights(CLEAN)
    assert (f[0], f[-1], len(f)) == (1.0, 14.0, 261)
    assert (h[0], h[-1], len(h)) == (80.0, 1360.0, 513)


def test_virtual_height_of_a_parabola():
    """h' - h0 is 0.549306 ym/2 at f = fc/2 (atanh 0.5 = 0.549306), and the layer's bottom at f -> 0."""
    height = ionogram.virtual_height(np.array([1e-6, 3.0, 6.0, 7.0]), 6.0, 250.0, 80.0)
    assert height[0] == pytest.approx(250.0, abs=0.001)
    assert height[1] == pytest.approx(250.0 + 80.0 / 2 * 0.5 * 2 * 0.549306, abs=0.01)
    assert np.isnan(height[2:]).all()


def test_extraordinary_wave_is_reflected_half_a_gyrofrequency_higher():
    """fx - fo -> fH / 2 for fo much above fH; exactly fx (fx - fH) = fo^2."""
    assert ionogram.ordinary_equivalent(np.array([10.725]), 1.45)[0] == pytest.approx(9.974, abs=0.001)
    assert np.isnan(ionogram.ordinary_equivalent(np.array([1.2]), 1.45)[0])


def test_es_trace_ends_at_its_critical_frequency_and_f_shows_above_blanketing():
    es = [EsLayer(critical=4.0, blanketing=2.5, height=105.0)]
    ordinary, extraordinary = ionogram.draw(CLEAN, es, F_LAYER, NO_LINES, generator(1, "test"))
    assert (ordinary.dtype, ordinary.shape) == (np.uint8, (261, 513))
    assert echoes(ordinary, 4.0, 100, 110)
    assert not echoes(ordinary, 4.05, 95, 115)
    assert echoes(ordinary, 2.0, 205, 215)  # second hop
    assert not echoes(ordinary, 2.45, 240, 300)
    assert echoes(ordinary, 2.55, 240, 300)
    assert not echoes(ordinary, 6.05, 240, 1000)
    assert echoes(extraordinary, 6.5, 240, 1000)
    assert echoes(extraordinary, 4.7, 100, 110)
    assert not echoes(extraordinary, 4.95, 95, 115)


def test_blanketing_layer_hides_f_and_an_upper_layer_shows_above_the_lower():
    hidden, _ = ionogram.draw(CLEAN, [EsLayer(7.0, 6.9, 105.0)], F_LAYER, NO_LINES, generator(1, "test"))
    assert not any(echoes(hidden, f, 240, 300) for f in np.arange(1.2, 6.0, 0.2))
    double = [EsLayer(4.0, 3.0, 100.0), EsLayer(5.0, 3.5, 115.0)]
    image, _ = ionogram.draw(CLEAN, double, F_LAYER, NO_LINES, generator(1, "test"))
    assert echoes(image, 3.5, 98, 102)
    assert echoes(image, 3.5, 113, 117)
    assert not echoes(image, 2.5, 113, 117)


def test_spread_f_thickens_the_trace():
    thickness = []
    for spread in (False, True):
        layer = FLayer(6.0, 250.0, 80.0, spread)
        image, _ = ionogram.draw(CLEAN, [], layer, NO_LINES, generator(1, "test"))
        flat = image[20:60, (ionogram.heights(CLEAN) > 200) & (ionogram.heights(CLEAN) < 450)]
        thickness.append((flat > 8).sum(axis=1).mean())
    assert thickness[1] > 2 * thickness[0]


def test_peak_frequency_of_a_known_slab():
    """10 TECU over 300 km is 3.33e11 m-3, i.e. sqrt(3.33e5 / 1.24e4) = 5.185 MHz."""
    assert ionosonde.peak_frequency(np.array([10.0]), 300.0)[0] == pytest.approx(5.185, abs=0.002)


def test_table_follows_the_episodes_of_the_scenario(settings, nights):
    night = nights["2021-05-10"]
    table = parsed(ionosonde.table_text(settings, [night]))
    assert len(table) == 53
    assert set(zip(table["year"], table["doy"], strict=True)) == {(2021, 130)}
    for _, row in table.iterrows():
        moment = np.datetime64(night.night, "s") + np.timedelta64(round(3600 * row["ut"]), "s")
        on = [one.foEs_MHz for one in night.es if one.start <= moment < one.end]
        if on:
            assert row["foEs"] == pytest.approx(max(on), abs=0.05)
        else:
            assert np.isnan(row["foEs"])
            assert row["foF2"] > 2.0


def test_blanketing_leaves_no_f_values_and_failed_soundings_leave_none(settings, nights):
    night = nights["2021-06-03"]
    table = parsed(ionosonde.table_text(settings, [night]))
    blanketed = table[(table["ut"] - 14.5).abs() < 0.01].iloc[0]
    assert blanketed["foEs"] > 7
    assert blanketed[["foF2", "h'F2"]].isna().all()
    broken = settings.model_copy(update={"ionosonde": SimulatedIonosondeSettings(missing_share=1.0)})
    assert parsed(ionosonde.table_text(broken, [night])).iloc[:, 3:].isna().all(axis=None)


def test_scaled_values_slip_by_at_most_one_step(nights):
    noisy = TwinSettings(ionosonde=SimulatedIonosondeSettings(scaling_slip=0.3, missing_share=0))
    truth, read = ionosonde.soundings(noisy, nights["2021-06-04"]), ionosonde.scaled(noisy, nights["2021-06-04"])
    error = (read[:, 0] - truth.fo_es)[np.isfinite(truth.fo_es)]
    assert abs(error).max() == pytest.approx(0.05)
    assert 0.05 < (abs(error) > 0.01).mean() < 0.7


def test_ionogram_files_hold_the_soundings_of_the_case_nights(tmp_path, nights):
    noisy = TwinSettings(nights="cases")
    ionosonde.write(noisy, list(nights.values()), tmp_path)
    listing = json.loads((tmp_path / "ionosonde.json").read_text())
    names = [entry["key"] for entry in listing["files"]]
    assert names == sorted(path.name for path in tmp_path.iterdir() if path.name != "ionosonde.json")
    assert sum("ionograms" in name for name in names) == 5
    with zipfile.ZipFile(tmp_path / "Digisonde_ionograms_2021-06-04.zip") as archive:
        content = archive.read(archive.namelist()[0])
    with netCDF4.Dataset("any", memory=content) as file:
        assert file["powerOMode"].shape == file["powerXMode"].shape == (29, 261, 513)
        assert file["powerOMode"].dtype == np.uint8
        times = np.array(file["time"][:]).astype("datetime64[s]")
    assert (times[0], times[-1]) == (np.datetime64("2021-06-04T13:00"), np.datetime64("2021-06-04T20:00"))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.zip")) < 15e6


def test_a_truth_without_response_changes_the_table():
    with_response, without = (
        ionosonde.table_text(one, [n for n in campaign(one) if n.listed_as == "2021-05-10"])
        for one in (
            TwinSettings(nights="cases", ionosonde=CLEAN),
            TwinSettings(nights="cases", ionosonde=CLEAN, changes=TruthChanges(es_response=False)),
        )
    )
    first, second = (parsed(text).set_index("ut")["foEs"] for text in (with_response, without))
    assert first[[14.5, 15.0]].notna().all()
    assert not first.equals(second)
